import math

import pytest
import torch

from neuralpde.equations import KortewegDeVries, Poisson
from neuralpde.losses import ByReverseMode, Causal, MeanSquare
from neuralpde.losses.physics import causal_weights
from neuralpde.models import MLP
from neuralpde.problems import EllipticBall, InitialBoundaryProblem, TwoBody


def test_weights_by_hand():
    weights = causal_weights(torch.tensor([1.0, 2.0, 4.0]), 0.5)
    torch.testing.assert_close(weights, torch.tensor([1.0, math.exp(-0.5), math.exp(-1.5)]))


def test_without_tolerance_it_is_the_mean_over_slices(generator):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0], end=2.0)
    network = MLP(2, width=6).double()
    x = problem.domain.sample(40, generator, torch.float64)
    early, late = x[:, 1] < 1.0, x[:, 1] >= 1.0
    halves = [MeanSquare(ByReverseMode())(problem, network, x[part], generator) for part in (early, late)]
    torch.testing.assert_close(Causal(ByReverseMode(), slices=2, tolerances=[0.0])(problem, network, x, generator), sum(halves) / 2)
    weighted = Causal(ByReverseMode(), slices=2, tolerances=[3.0])(problem, network, x, generator)
    torch.testing.assert_close(weighted, (halves[0] + torch.exp(-3 * halves[0]) * halves[1]) / 2)


def test_problems_without_time_are_refused(generator):
    with pytest.raises(ValueError, match="Causal: needs a problem with time, got EllipticBall"):
        Causal(ByReverseMode())(EllipticBall(Poisson(), TwoBody(3)), MLP(3), torch.zeros(1, 3), generator)


class Falling(Causal):
    """A residual that is the same everywhere and that the test sets."""

    size = 1.0

    def contributions(self, problem, u, x, generator):
        return torch.full((len(x),), self.size)


def evaluate(loss, size, generator):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0])
    loss.size = size
    return loss(problem, MLP(2, width=4), problem.domain.sample(400, generator), generator)


def test_tolerances_are_used_in_turn(generator):
    """Four slices with loss L each: the smallest weight is exp(−3εL)."""
    loss = Falling(ByReverseMode(), slices=4, tolerances=[0.1, 1.0], threshold=0.9)
    evaluate(loss, 1.0, generator)
    numbers = loss.after_step()
    assert numbers["causal_smallest_weight"].item() == pytest.approx(math.exp(-0.3)) and loss.tolerance == 0.1
    evaluate(loss, 0.3, generator)  # exp(−0.09) = 0.914
    assert loss.tolerance == 0.1  # an evaluation alone changes nothing: a line search makes many
    assert loss.after_step()["causal_tolerance"] == 0.1 and loss.tolerance == 1.0
    late = evaluate(loss, 0.3, generator)
    torch.testing.assert_close(late, 0.3 * torch.exp(-0.3 * torch.arange(4.0)).mean())
    assert loss.after_step()["causal_smallest_weight"].item() == pytest.approx(math.exp(-0.9)) and loss.tolerance == 1.0
    evaluate(loss, 0.0, generator)
    loss.after_step()
    assert loss.tolerance == 1.0  # the last one stays


def test_the_tolerance_in_use_is_stored(generator):
    loss, other = (Falling(ByReverseMode(), slices=4, tolerances=[0.1, 1.0]) for _ in range(2))
    evaluate(loss, 0.0, generator)
    loss.after_step()
    other.load_state_dict(loss.state_dict())
    assert other.tolerance == 1.0 and list(loss.state_dict()) == ["stage"]
    with pytest.raises(ValueError, match="Causal: tolerances needs at least one number, got none"):
        Causal(ByReverseMode(), tolerances=[])
