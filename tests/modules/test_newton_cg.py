import itertools

import torch
from torch import nn

from neuralpde.modules import NewtonCG
from neuralpde.modules.newton_cg import conjugate_gradients, nystrom


def spd(n, condition, generator):
    rotation = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))[0]
    return rotation @ torch.diag(torch.logspace(0, -torch.log10(torch.tensor(condition)).item(), n, dtype=torch.float64)) @ rotation.T


def test_conjugate_gradients_solve_and_stop_at_negative_curvature(generator):
    matrix, b = spd(12, 1e4, generator), torch.randn(12, generator=generator, dtype=torch.float64)
    x = conjugate_gradients(lambda v: matrix @ v, b, precondition=lambda v: v, max_iterations=200, tolerance=1e-12)
    torch.testing.assert_close(matrix @ x, b, rtol=1e-9, atol=1e-9)
    assert torch.equal(conjugate_gradients(lambda v: -v, b, precondition=lambda v: v, max_iterations=5, tolerance=0.0), b)


def test_nystrom_is_exact_for_low_rank(generator):
    factor = torch.randn(20, 4, generator=generator, dtype=torch.float64)
    matrix = factor @ factor.T
    basis, values = nystrom(lambda v: matrix @ v, matrix[0], rank=6, seed=0)
    torch.testing.assert_close(basis @ torch.diag(values) @ basis.T, matrix, rtol=1e-5, atol=1e-5)


def test_preconditioner_saves_iterations(generator):
    factor = torch.randn(40, 5, generator=generator, dtype=torch.float64)
    matrix, b = 1e4 * factor @ factor.T + torch.eye(40, dtype=torch.float64), torch.randn(40, generator=generator, dtype=torch.float64)
    optimizer = NewtonCG([nn.Parameter(torch.zeros(1))])
    optimizer._sketch = nystrom(lambda v: matrix @ v, b, rank=8, seed=0)
    few = {"max_iterations": 3, "tolerance": 0.0}
    plain = conjugate_gradients(lambda v: matrix @ v, b, precondition=lambda v: v, **few)
    ours = conjugate_gradients(lambda v: matrix @ v, b, precondition=optimizer._preconditioner(1.0), **few)
    assert (matrix @ ours - b).norm() < 1e-2 * b.norm() < (matrix @ plain - b).norm()


def test_one_step_solves_a_quadratic(generator):
    matrix, b = spd(10, 1e3, generator), torch.randn(10, generator=generator, dtype=torch.float64)
    parts = [nn.Parameter(torch.zeros(2, 2, dtype=torch.float64)), nn.Parameter(torch.zeros(6, dtype=torch.float64))]

    def closure():
        x = torch.cat([part.reshape(-1) for part in parts])
        return 0.5 * x @ matrix @ x - b @ x

    for rank in (0, 5):
        for part in parts:
            part.data.zero_()
        before = NewtonCG(parts, damping=1e-12, rank=rank, max_iterations=100, tolerance=1e-13).step(closure)
        assert before == 0
        solution = torch.cat([part.detach().reshape(-1) for part in parts])
        torch.testing.assert_close(matrix @ solution, b, rtol=1e-7, atol=1e-7)


def test_rosenbrock_valley():
    """Gradient descent needs thousands of steps here; curvature is negative at the start."""
    x = nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
    optimizer = NewtonCG([x], damping=1e-8, rank=0)
    losses = [optimizer.step(lambda: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2).item() for _ in range(60)]
    assert all(after <= before for before, after in itertools.pairwise(losses))
    torch.testing.assert_close(x.detach(), torch.ones(2, dtype=torch.float64), rtol=1e-6, atol=1e-6)


def test_a_step_that_cannot_fall_is_not_made():
    x = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    values = iter([x.square().sum(), *[torch.tensor(1e9)] * 20])
    NewtonCG([x], rank=0).step(lambda: next(values))
    assert x.item() == 2.0
