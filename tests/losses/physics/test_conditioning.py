import math

import pytest
import torch
from torch import nn

from neuralpde.equations import Poisson
from neuralpde.losses import ByReverseMode
from neuralpde.losses.physics import Spectrum, best_weight, condition_number, gram, jacobian, loss_jacobian, loss_spectrum, rescaled
from neuralpde.models import MLP, constrain
from neuralpde.problems import EllipticBall, SineProduct, TwoBody
from neuralpde.problems.manufactured import BoxProblem


def fourier_model(n):
    """Jacobians of u″ inside and of u at both ends of [−π, π] in the basis 1, cos kx, sin kx, and the preconditioner 20, 1/k²."""
    k = torch.arange(1, n + 1, dtype=torch.float64)
    x = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000 * 2 * math.pi - math.pi

    def basis(x):
        return torch.cat([torch.ones(len(x), 1, dtype=x.dtype), torch.cos(x[:, None] * k), torch.sin(x[:, None] * k)], dim=1)

    powers = torch.cat([torch.zeros(1, dtype=torch.float64), k, k])
    inside = -basis(x) * powers.square()
    ends = basis(torch.tensor([-math.pi, math.pi], dtype=torch.float64))
    scale = torch.cat([torch.tensor([20.0], dtype=torch.float64), 1 / k**2, 1 / k**2])
    return inside, ends, scale


@pytest.mark.parametrize(("n", "plain"), [(4, 559.0), (8, 8.51e3), (16, 1.34e5)])
def test_condition_of_the_fourier_model_grows_like_n_to_the_fourth_and_a_diagonal_cures_it(n, plain):
    inside, ends, scale = fourier_model(n)
    # The two ends count as one mean with weight λ each: lengths of the interval and of its boundary cancel in the best weight.
    weight = best_weight(lambda w: condition_number(gram(inside, ends, w)))
    assert condition_number(gram(inside, ends, weight)) == pytest.approx(plain, rel=0.02)
    cured = best_weight(lambda w: condition_number(rescaled(gram(inside, ends, w), scale)))
    assert condition_number(rescaled(gram(inside, ends, cured), scale)) == pytest.approx(1.11, abs=0.01)


@pytest.mark.parametrize(("n", "built_in", "cured"), [(4, 2.18e3, 4.0), (8, 3.69e4, 11.4), (16, 6.56e5, 38.1)])
def test_built_in_values_do_not_condition_the_fourier_model_but_a_diagonal_does(n, built_in, cured):
    """(1 − (x/π)²) times the basis, by the product rule: worse than the best penalty, since derivatives of the parabola couple the modes."""
    k = torch.arange(1, n + 1, dtype=torch.float64)
    x = (torch.arange(4000, dtype=torch.float64) + 0.5) / 4000 * 2 * math.pi - math.pi
    one, zero, angle = torch.ones(len(x), 1, dtype=torch.float64), torch.zeros(len(x), 1, dtype=torch.float64), x[:, None] * k
    value = torch.cat([one, torch.cos(angle), torch.sin(angle)], dim=1)
    slope = torch.cat([zero, -k * torch.sin(angle), k * torch.cos(angle)], dim=1)
    second = (1 - (x / math.pi) ** 2)[:, None] * fourier_model(n)[0] - 4 * (x / math.pi**2)[:, None] * slope - 2 / math.pi**2 * value
    assert condition_number(gram(second)) == pytest.approx(built_in, rel=0.01)
    assert condition_number(rescaled(gram(second))) == pytest.approx(cured, rel=0.01)


def test_jacobian_of_a_linear_model_is_its_basis(generator):
    layer = nn.Linear(3, 1, bias=False)
    x = torch.randn(5, 3, generator=generator)
    torch.testing.assert_close(jacobian(layer(x), list(layer.parameters())), x)


def test_default_rescaling_puts_ones_on_the_diagonal():
    matrix = torch.tensor([[4.0, 1.0], [1.0, 100.0]], dtype=torch.float64)
    torch.testing.assert_close(rescaled(matrix), torch.tensor([[1.0, 0.05], [0.05, 1.0]], dtype=torch.float64))
    assert condition_number(rescaled(matrix)) == pytest.approx(1.05 / 0.95)


def test_spectrum_of_a_network_agrees_with_its_gram_matrix(generator):
    problem = EllipticBall(Poisson(), TwoBody(2), constrained=False).double()
    network = MLP(2, width=3, hidden_layers=1).double()
    spectrum = loss_spectrum(problem, network, ByReverseMode(), num_points=40, seed=1)
    seeded = torch.Generator().manual_seed(1)
    x = problem.domain.sample(40, seeded, torch.float64)
    parameters = list(network.parameters())
    blocks = [ByReverseMode().residual(problem, network, x, seeded), network(problem.conditions[0].sample(40, seeded, torch.float64))]
    matrix = gram(*(jacobian(block, parameters) for block in blocks))
    torch.testing.assert_close(spectrum.eigenvalues, torch.linalg.eigvalsh(matrix).flip(0).clamp(min=0), rtol=1e-8, atol=1e-9)
    assert spectrum.condition(1) == 1 and spectrum.condition(1000) == math.inf
    weighted = gram(*(jacobian(block, parameters) for block in blocks), weight=9.0)
    rows = loss_jacobian(problem, network, ByReverseMode(), num_points=40, weight=9.0, seed=1)
    torch.testing.assert_close(rows.T @ rows, weighted, rtol=1e-9, atol=1e-9)
    balanced = torch.linalg.eigvalsh(rescaled(weighted)).flip(0).clamp(min=0)
    torch.testing.assert_close(Spectrum.of_rescaled(rows).eigenvalues, balanced, rtol=1e-8, atol=1e-9)
    assert spectrum.condition(5) == pytest.approx((spectrum.eigenvalues[0] / spectrum.eigenvalues[4]).item())


def test_higher_frequencies_are_worse_conditioned():
    problem = BoxProblem(Poisson(), SineProduct([[1, 1]]), lower=[0.0, 0.0], upper=[1.0, 1.0])
    torch.manual_seed(0)
    network = constrain(problem, MLP(2, width=16)).double()
    spectrum = loss_spectrum(problem, network, ByReverseMode(), num_points=64)
    assert spectrum.condition(30) > 10 * spectrum.condition(10) > 100
