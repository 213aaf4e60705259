import pytest
import torch
from largest_tensor import LargestTensor

from neuralpde.equations import AllenCahn, Poisson, SineGordon
from neuralpde.losses import ByReverseMode
from neuralpde.problems import EllipticBall, ThreeBody, TwoBody


def exact_network(problem):
    return lambda x: ((1 - x.square().sum(-1)) * problem.interaction(x)).unsqueeze(1)


@pytest.mark.parametrize("equation", [Poisson, AllenCahn, SineGordon])
@pytest.mark.parametrize("interaction", [TwoBody, ThreeBody])
def test_residual_of_the_solution_is_zero_and_the_source_is_not(equation, interaction, generator):
    problem = EllipticBall(equation(), interaction(5, seed=3)).double()
    x = problem.domain.sample(20, generator, torch.float64)
    residual = ByReverseMode().residual(problem, exact_network(problem), x, generator)
    assert residual.abs().max() < 1e-12 and problem.source(x).abs().mean() > 0.1


def test_source_and_solution_need_little_memory_whatever_the_number_of_points(monkeypatch):
    monkeypatch.setattr("neuralpde.problems.elliptic.BLOCK", 4000)
    monkeypatch.setattr("neuralpde.problems.interactions.TILE", 4000)
    problem, x = EllipticBall(SineGordon(), TwoBody(1000)), torch.zeros(500, 1000)
    with LargestTensor() as largest:
        problem.source(x), problem.exact(x), problem.baseline(x)
    assert largest.numel == 4000


def test_blocks_do_not_change_the_result(generator, monkeypatch):
    problem = EllipticBall(SineGordon(), TwoBody(5)).double()
    x = problem.domain.sample(23, generator, torch.float64)
    whole = problem.source(x), problem.exact(x)
    monkeypatch.setattr("neuralpde.problems.elliptic.BLOCK", 10)
    monkeypatch.setattr("neuralpde.problems.interactions.TILE", 10)
    torch.testing.assert_close((problem.source(x), problem.exact(x)), whole, rtol=1e-14, atol=1e-14)


def test_trivial_answer_is_the_best_constant(generator):
    problem = EllipticBall(Poisson(), TwoBody(50)).double()
    x = problem.domain.sample(500, generator, torch.float64)
    height, exact = 1 - x.square().sum(-1), problem.exact(x)
    error = (problem.trivial(x) - exact).norm()
    constant = (problem.trivial(x) / height)[0]
    assert all((c * height - exact).norm() > error for c in (0.99 * constant, 1.01 * constant))


def test_scores_are_relative_to_the_trivial_answer(generator):
    problem = EllipticBall(Poisson(), TwoBody(50)).double()
    x = problem.evaluation_points(200, 0).double()
    assert problem.scores(exact_network(problem), x)["skill"] < 1e-14
    scores = problem.scores(lambda x: problem.trivial(x)[:, None], x)
    assert scores["skill"].item() == pytest.approx(1.0) and scores["relative_l2"] == scores["trivial"]
    assert problem.scores(lambda x: 0 * x[:, :1], x)["relative_l2"] == 1


def test_boundary_values_are_a_condition_unless_they_are_built_in(generator):
    soft = EllipticBall(Poisson(), TwoBody(4), constrained=False)
    (condition,) = soft.conditions
    x = condition.sample(10, generator)
    assert (x.norm(dim=1) - 1).abs().max() < 1e-6 and torch.equal(condition.misfit(lambda x: x[:, :1], x), x[:, 0])
    assert EllipticBall(Poisson(), TwoBody(4)).conditions == () and soft.envelope is None


def test_evaluation_points_are_those_of_the_seed():
    problem = EllipticBall(Poisson(), TwoBody(4))
    assert torch.equal(problem.evaluation_points(5, 1), problem.evaluation_points(5, 1))
    assert not torch.equal(problem.evaluation_points(5, 1), problem.evaluation_points(5, 2))
