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
    torch.testing.assert_close(Causal(ByReverseMode(), slices=2, tolerance=0.0)(problem, network, x, generator), sum(halves) / 2)
    weighted = Causal(ByReverseMode(), slices=2, tolerance=3.0)(problem, network, x, generator)
    torch.testing.assert_close(weighted, (halves[0] + torch.exp(-3 * halves[0]) * halves[1]) / 2)


def test_problems_without_time_are_refused(generator):
    with pytest.raises(ValueError, match="Causal: needs a problem with time, got EllipticBall"):
        Causal(ByReverseMode())(EllipticBall(Poisson(), TwoBody(3)), MLP(3), torch.zeros(1, 3), generator)
