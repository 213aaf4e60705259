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
    many = operator.repeated(1).repeated(0)
    torch.testing.assert_close(many.dense(v.expand(5, 7, 3, 4).movedim(1, 2)), matrix)
    vectors = torch.randn(5, 3, 7, 4, dtype=DOUBLE, generator=generator)
    torch.testing.assert_close(many(vectors), torch.einsum("bij,kblj->kbli", matrix, vectors))
    torch.testing.assert_close(many.by_columns(vectors, lambda columns: matrix @ columns), many(vectors))
    torch.testing.assert_close(many.transposed.by_columns(vectors, lambda columns: matrix.mT @ columns), many.transposed(vectors))
    known = MatrixOf(lambda x, matrix: matrix).at(v, matrix)
    assert known.dense(v) is matrix and torch.equal(known.transposed.dense(v), matrix.mT)
