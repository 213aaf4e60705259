from functools import partial

import torch

from neuralpde.derivatives import Directions, SparseDirections
from neuralpde.derivatives.directions import unit_directions
from neuralpde.equations import KortewegDeVries, SineGordon
from neuralpde.losses import ByReverseMode, GradientEnhanced, IndependentDraws, LaplacianBy, MeanSquare
from neuralpde.models import MLP, constrain
from neuralpde.problems import EllipticBall, InitialBoundaryProblem, TwoBody


class OneDirection:
    """The sparse law with one direction per draw, told which."""

    def __init__(self, axis):
        self.axis = axis

    def laplacian(self, x):
        return Directions(unit_directions(x, torch.tensor([self.axis])), x.new_full((1, 1), x.shape[-1]), 2)


def drawing(*axes):
    """A law that draws the given directions one after the other."""
    waiting = iter(axes)
    return lambda generator: OneDirection(next(waiting))


def test_one_draw_is_biased_by_the_variance_and_two_draws_are_not(generator):
    """E r̂² = r² + Var r̂, and E r̂₁r̂₂ = r², for values and for gradients: the expectations are sums over all draws, so the equalities are exact."""
    problem = EllipticBall(SineGordon(), TwoBody(6, seed=1)).double()
    network = constrain(problem, MLP(6, width=8, hidden_layers=1)).double()
    bias, axes = network.network.layers[0].bias, range(6)
    x = problem.domain.sample(4, generator, torch.float64)
    exact = MeanSquare(ByReverseMode())(problem, network, x, generator)

    single = torch.stack([LaplacianBy(drawing(a)).residual(problem, network, x, generator) for a in axes])
    one = torch.stack([MeanSquare(LaplacianBy(drawing(a)))(problem, network, x, generator) for a in axes]).mean()
    variance = single.var(0, correction=0).mean()
    torch.testing.assert_close(one, exact + variance)
    assert variance > 0.01 * exact

    two = torch.stack([IndependentDraws(LaplacianBy(drawing(a, b)))(problem, network, x, generator) for a in axes for b in axes]).mean()
    torch.testing.assert_close(two, exact)
    slopes = [torch.autograd.grad(value, bias, retain_graph=True)[0] for value in (one, two, exact)]
    torch.testing.assert_close(slopes[1], slopes[2])  # the gradient of r², not half of it
    assert (slopes[0] - slopes[2]).abs().max() > 1e-3 * slopes[2].abs().max()


def test_bias_is_measured_with_random_draws(generator):
    """The same with the law that is trained with: 200 draws of 2 of 6 directions, on a residual that is mostly variance."""
    problem = EllipticBall(SineGordon(), TwoBody(6, seed=1)).double()
    problem.source = lambda x: 8.0  # close to the mean of what the network below gives, so that the bias is seen
    law = LaplacianBy(partial(SparseDirections, count=2))

    def u(x):
        return x[:, :1] * x[:, :1] * 3 + x[:, 1:2] * x[:, 1:2] + 0.0 * x[:, 2:3]

    x = problem.domain.sample(4, generator, torch.float64)
    exact = MeanSquare(ByReverseMode())(problem, u, x, generator)
    one, two = (torch.stack([loss(problem, u, x, generator) for _ in range(200)]) for loss in (MeanSquare(law), IndependentDraws(law)))
    error_one, error_two = (draws.std() / 200**0.5 for draws in (one, two))
    # Sampling without replacement: d²/V (1 − V/d) S² with S² the sample variance of the second derivatives 6, 2, 0, 0, 0, 0.
    variance = 36 / 2 * (1 - 2 / 6) * torch.tensor([6.0, 2, 0, 0, 0, 0], dtype=torch.float64).var()
    assert (one.mean() - exact - variance).abs() < 4 * error_one and one.mean() - exact > 5 * error_one
    assert (two.mean() - exact).abs() < 4 * error_two


def test_gradient_enhanced_loss_adds_the_gradient_of_the_residual_source_included(generator):
    problem = EllipticBall(SineGordon(), TwoBody(3, seed=1)).double()
    network = constrain(problem, MLP(3, width=8)).double()
    x = problem.domain.sample(5, generator, torch.float64)
    h, slopes = 1e-5, []
    for axis in range(3):
        step = h * torch.eye(3, dtype=torch.float64)[axis]
        ahead, behind = (ByReverseMode().residual(problem, network, x + s * step, generator) for s in (1, -1))
        slopes.append((ahead - behind) / (2 * h))
    expected = ByReverseMode().residual(problem, network, x, generator).square().mean() + 0.3 * torch.stack(slopes).square().sum(0).mean()
    torch.testing.assert_close(GradientEnhanced(0.3)(problem, network, x, generator), expected, rtol=1e-6, atol=0)


def test_gradient_enhanced_loss_with_time(generator):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0])
    network = constrain(problem, MLP(2, width=6)).double()
    x = problem.domain.sample(4, generator, torch.float64)
    plain, enhanced = (loss(problem, network, x, generator) for loss in (MeanSquare(ByReverseMode()), GradientEnhanced(0.0)))
    torch.testing.assert_close(plain, enhanced)
    assert GradientEnhanced(1.0)(problem, network, x, generator) > enhanced
