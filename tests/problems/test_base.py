import pytest
import torch

from neuralpde.equations import Poisson
from neuralpde.losses import ByReverseMode
from neuralpde.problems import BoundaryValue, Box, Problem


class Parabola(Problem):
    """Δu = 2 in the unit square, u = x²."""

    def __init__(self):
        super().__init__()
        self.equation, self.domain = Poisson(), Box([0.0, 0.0], [1.0, 1.0])
        self.conditions = (BoundaryValue(self.domain, self.exact),)

    def source(self, x):
        return torch.full((len(x),), 2.0, dtype=x.dtype)

    def exact(self, x):
        return x[:, 0] ** 2


def test_source_makes_the_residual_of_the_solution_vanish(generator):
    problem = Parabola()
    x = problem.domain.sample(5, generator, torch.float64)
    assert ByReverseMode().residual(problem, lambda x: x[:, :1] ** 2, x, generator).abs().max() < 1e-14
    torch.testing.assert_close(ByReverseMode().residual(problem, lambda x: 2 * x[:, :1] ** 2, x, generator), torch.full((5,), -2.0, dtype=torch.float64))
    (condition,) = problem.conditions
    x = condition.sample(5, generator, torch.float64)
    torch.testing.assert_close(condition.misfit(lambda x: x[:, :1] ** 2 + 1, x), torch.ones(5, dtype=torch.float64))


def test_by_default_the_trivial_answer_is_the_mean():
    problem = Parabola()
    x = problem.evaluation_points(500, 0)
    exact = problem.exact(x)
    scores = problem.scores(lambda x: 1.1 * x[:, :1] ** 2, x)
    assert scores["relative_l2"].item() == pytest.approx(0.1, rel=1e-4)
    assert scores["trivial"].item() == pytest.approx(((exact - exact.mean()).norm() / exact.norm()).item(), rel=1e-5)
    assert problem.num_coordinates == 2 and problem.envelope is None and problem.lifting is None
