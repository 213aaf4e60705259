"""Maps as functions of their parameters."""

from __future__ import annotations

import torch

from neuralpde.implicit.linear import JacobianOf, Transposed

DOUBLE = torch.float64


def test_jacobian_and_its_batches(generator):
    def F(x, a):
        return torch.sin(x) * a.sum() + x.sum(-1, keepdim=True) ** 2

    x, a = torch.randn(3, dtype=DOUBLE, generator=generator), torch.randn(2, dtype=DOUBLE, generator=generator)
    exact = torch.func.jacrev(F)(x, a)
    for linearisation in (JacobianOf(F), Transposed(Transposed(JacobianOf(F)))):
        torch.testing.assert_close(linearisation.at(x, a).dense(x), exact)
    (xs, many), dims = JacobianOf(F).aligned((x, a.repeat(4, 1)), (None, 0), 4)
    torch.testing.assert_close(JacobianOf(F).batched(dims).at(xs, many).dense(xs), exact.expand(4, 3, 3))
