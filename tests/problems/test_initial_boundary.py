import pytest
import torch

from neuralpde.equations import Burgers, KadomtsevPetviashvili, KortewegDeVries, KortewegDeVries2d
from neuralpde.losses import ByReverseMode, ByTaylorMode
from neuralpde.models import MLP, constrain
from neuralpde.problems import InitialBoundaryProblem

CASES = [
    (KadomtsevPetviashvili(), (-4.0, -3.0), (4.0, 3.0)),
    (KortewegDeVries2d(), (-4.0, -3.0), (4.0, 3.0)),
    (KortewegDeVries(), (-6.0,), (6.0,)),
    (Burgers(0.2), (0.0,), (3.0,)),
]
BY_CASE = pytest.mark.parametrize(("equation", "lower", "upper"), CASES, ids=lambda v: type(v).__name__ if hasattr(v, "residual") else "")


@BY_CASE
@pytest.mark.parametrize("differentiation", [ByReverseMode(), ByTaylorMode()], ids=lambda d: type(d).__name__)
def test_solitons_solve_their_equations(equation, lower, upper, differentiation, generator):
    problem = InitialBoundaryProblem(equation, lower=lower, upper=upper)
    x = problem.domain.sample(12, generator, torch.float64)

    def u(x):
        return equation.exact(x[..., -1:], *(x[..., i : i + 1] for i in range(len(lower))))

    assert differentiation.residual(problem, u, x, generator).abs().max() < 1e-10
    wrong = differentiation.residual(problem, lambda x: 1.1 * u(x), x, generator)
    assert wrong.abs().max() > 1e-3
    assert all(condition.misfit(u, condition.sample(10, generator, torch.float64)).abs().max() < 1e-12 for condition in problem.conditions)


@BY_CASE
def test_ansatz_starts_from_the_initial_values(equation, lower, upper, generator):
    problem = InitialBoundaryProblem(equation, lower=lower, upper=upper)
    network = constrain(problem, MLP(len(lower) + 1, width=8)).double()
    x = problem.domain.sample(10, generator, torch.float64)
    x[:, -1] = 0
    torch.testing.assert_close(network(x).squeeze(1), problem.exact(x))
    a, b = (d.residual(problem, network, x + 0.1, generator) for d in (ByReverseMode(), ByTaylorMode()))
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


def test_soft_problem_has_initial_values_and_walls_with_normal_derivatives(generator):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-2.0], upper=[2.0], constrained=False, normal_weight=4.0)
    start, walls = problem.conditions
    assert (start.sample(5, generator)[:, -1] == 0).all()
    x = walls.sample(20, generator, torch.float64)
    assert (x[:, 0].abs() == 2).all() and 0.2 < x[:, 1].mean() < 0.8
    misfit = walls.misfit(lambda x: problem.exact(x)[:, None] + x[:, :1] * 3, x)
    torch.testing.assert_close(misfit[:, 1], torch.full((20,), 6.0, dtype=torch.float64))
