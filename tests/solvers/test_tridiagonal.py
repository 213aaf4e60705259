import pytest
import torch

from neuralpde.solvers.tridiagonal import solve_tridiagonal


@pytest.mark.parametrize("n", [1, 2, 3, 8, 37])
def test_agrees_with_a_dense_solve(n):
    generator = torch.Generator().manual_seed(n)
    lower, upper, b = torch.randn(3, 4, n, generator=generator, dtype=torch.float64)
    diagonal = 3.0 + lower.abs() + upper.abs()
    matrix = torch.diag_embed(diagonal) + torch.diag_embed(lower[:, 1:], -1) + torch.diag_embed(upper[:, :-1], 1)
    expected = torch.linalg.solve(matrix, b.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(solve_tridiagonal(lower, diagonal, upper, b), expected, rtol=1e-13, atol=1e-13)


def test_gradient():
    parts = [torch.randn(2, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(k)).requires_grad_() for k in range(4)]
    assert torch.autograd.gradcheck(lambda a, b, c, d: solve_tridiagonal(a, 4.0 + b.abs(), c, d), parts)
