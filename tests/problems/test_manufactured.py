import pytest
import torch

from neuralpde.equations import Helmholtz, KortewegDeVries, Poisson
from neuralpde.losses import ByReverseMode, LaplacianBy
from neuralpde.problems import BoxProblem, Peaks, SineProduct

SOLUTIONS = [SineProduct([[1, 2], [4, 3]], [1.0, 0.3]), Peaks([[0.3, 0.4], [0.7, 0.2]], sharpness=20.0)]


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("equation", [Poisson(), Helmholtz(wavenumber=3.0)], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("differentiation", [ByReverseMode(), LaplacianBy()], ids=lambda d: type(d).__name__)
def test_residual_of_the_solution_is_zero(solution, equation, differentiation, generator):
    problem = BoxProblem(equation, solution, lower=[0.0, 0.0], upper=[1.0, 1.0], constrained=False)
    x = problem.domain.sample(10, generator, torch.float64)

    def u(x):
        return sum_of_terms(solution, x)

    assert differentiation.residual(problem, u, x, generator).abs().max() < 1e-9
    assert all(c.misfit(u, c.sample(5, generator, torch.float64)).abs().max() < 1e-12 for c in problem.conditions)


def sum_of_terms(solution, x):
    """The same function in operations that jets know too."""
    total = 0.0
    if isinstance(solution, SineProduct):
        for row, amplitude in zip(solution.modes.tolist(), solution.amplitudes.tolist(), strict=True):
            total = total + amplitude * torch.sin(row[0] * x[:, :1]) * torch.sin(row[1] * x[:, 1:])
        return total
    for centre in solution.centres.tolist():
        total = total + torch.exp(-solution.sharpness * ((x[:, :1] - centre[0]) ** 2 + (x[:, 1:] - centre[1]) ** 2))
    return total


def test_an_equation_with_other_derivatives_is_refused():
    problem = BoxProblem(KortewegDeVries(), SOLUTIONS[0], lower=[0.0, 0.0], upper=[1.0, 1.0])
    with pytest.raises(TypeError, match="BoxProblem: needs an equation of value and Laplacian"):
        problem.source(torch.zeros(1, 2))


def test_an_ansatz_that_cannot_hold_the_solution_is_refused():
    with pytest.raises(ValueError, match=r"BoxProblem: constrained needs a solution that is zero on the faces, got values up to 0\.\d+; set constrained=False"):
        BoxProblem(Poisson(), SineProduct([[1.5, 1.0]], [0.5]), lower=[0.0, 0.0], upper=[1.0, 1.0])
