"""Operators and their matrices."""

from __future__ import annotations

import torch

from neuralpde.implicit.linear import Linear, MatrixOf, Operator

DOUBLE = torch.float64


def times(v, matrix):
    return (matrix @ v.unsqueeze(-1)).squeeze(-1)


def test_dense_of_a_batch(generator):
    matrix, v = torch.randn(3, 4, 4, dtype=DOUBLE, generator=generator), torch.zeros(3, 4, dtype=DOUBLE)
    operator = Linear(times).at(matrix)
    torch.testing.assert_close(operator.dense(v), matrix)
    torch.testing.assert_close(operator.transposed.dense(v), matrix.mT)
    ridged = Operator(operator.apply, operator.apply_transposed, ridge=2.0)
    torch.testing.assert_close(ridged.dense(v), matrix + 2 * torch.eye(4, dtype=DOUBLE))
    known = MatrixOf(lambda x, matrix: matrix).at(v, matrix)
    assert known.dense(v) is matrix and torch.equal(known.transposed.dense(v), matrix.mT)
