import math

import pytest
import torch

from neuralpde.equations import BackwardHeat, BackwardSineGordon
from neuralpde.losses import ByReverseMode
from neuralpde.problems import ArctanOfMaximum, BrownianCone, InverseQuadratic, TerminalValueProblem


@pytest.mark.parametrize("function", [InverseQuadratic(3.0), ArctanOfMaximum()], ids=lambda f: type(f).__name__)
def test_terminal_gradient_agrees_with_differentiation(function, generator):
    x = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    gradient = torch.func.vmap(torch.func.grad(lambda z: function.value(z[None])[0]))(x)
    torch.testing.assert_close(function.gradient(x), gradient)


def test_maximum_is_taken_over_each_point_alone():
    x = torch.tensor([[0.0, 1.0], [5.0, -1.0]])
    torch.testing.assert_close(ArctanOfMaximum().value(x), torch.atan(torch.tensor([1.0, 5.0])))


def test_points_follow_brownian_motion(generator):
    x = BrownianCone(4, 0.3).sample(40_000, generator, torch.float64)
    times, space = x[:, -1], x[:, :-1]
    assert times.min() >= 0 and times.max() < 0.3 and abs(times.mean() - 0.15) < 0.002
    assert ((space.square() / (2 * times[:, None])).mean() - 1).abs() < 0.02
    late = BrownianCone(4, 0.3).sample_boundary(40_000, generator, torch.float64)
    assert (late[:, -1] == 0.3).all() and abs(late[:, :-1].var() - 0.6) < 0.01


def test_sign_of_the_residual_by_a_solution_without_space(generator):
    """u(t) with uₜ = −(1 − u²)/(1 + u²): du (1 + u²)/(1 − u²) = −dt, so −u + log((1 + u)/(1 − u)) = c − t, checked by its inverse."""
    problem = TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=2, reference=0.5)

    def u(x):  # implicit function, by Newton's iteration on the tape
        t, v = x[:, 2:], torch.full_like(x[:, 2:], 0.4)
        for _ in range(12):
            v = v - (-v + torch.log((1 + v) / (1 - v)) - 0.6 + t) * (1 - v * v) / (1 + v * v)
        return v

    x = problem.domain.sample(9, generator, torch.float64)
    assert ByReverseMode().residual(problem, u, x, generator).abs().max() < 1e-10


def test_scaled_sine_gordon_is_the_equation_of_the_scaled_unknown():
    u = torch.tensor(0.7)
    assert BackwardSineGordon(scale=100.0).reaction(100 * u).item() == pytest.approx(100 * math.sin(0.7), rel=1e-6)


def test_misfit_holds_value_and_gradient(generator):
    problem = TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=3, reference=0.5, gradient_weight=0.25)
    (condition,) = problem.conditions
    x = condition.sample(5, generator, torch.float64)
    exact = condition.misfit(lambda x: condition.function.value(x[:, :-1])[:, None], x)
    assert exact.shape == (5, 4) and exact.abs().max() < 1e-14
    tilted = condition.misfit(lambda x: condition.function.value(x[:, :-1])[:, None] + x[:, 1:2], x)
    torch.testing.assert_close(tilted[:, 0], x[:, 1])
    torch.testing.assert_close(tilted[:, 1:], torch.tensor([[0.0, 0.5, 0.0]], dtype=torch.float64).expand(5, 3))


def test_only_the_origin_is_scored():
    problem = TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=3, reference=0.4)
    points = problem.evaluation_points(20, 0)
    scores = problem.scores(lambda x: torch.full((len(x), 1), 0.41), points)
    assert points.shape == (1, 4) and scores["relative_l2"].item() == pytest.approx(0.025, rel=1e-5)
    assert scores["trivial"].item() == pytest.approx(0.25, rel=1e-5)  # g(0) = 0.5
    assert problem.exact(points + 1).isnan().all()


def test_reference_of_the_dimension():
    known = {2: 0.5, 3: 0.4}
    problem = TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=3, reference=known)
    assert problem.exact(torch.zeros(1, 4)).item() == pytest.approx(0.4)
    with pytest.raises(ValueError, match=r"got ndim=4 and references for \[2, 3\]; choose one of these"):
        TerminalValueProblem(BackwardHeat(), InverseQuadratic(), ndim=4, reference=known)
