import pytest
import torch

from neuralpde.collocation import GrowingHorizon, ResidualAdaptive, Sobol
from neuralpde.problems import Ball, Box

BOX = Box([-1.0, 2.0], [1.0, 6.0])


def latest(sampler, generator):
    return sampler.points(BOX, 4000, generator)[:, -1].max().item()


def residual_of_two(x):
    """Root mean square 2."""
    return torch.full((len(x),), 2.0)


@pytest.mark.parametrize("law", [None, Sobol()])
def test_one_window_opens_at_every_look(law, generator):
    sampler = GrowingHorizon(windows=4, every=10, law=law)
    assert latest(sampler, generator) == pytest.approx(3.0, abs=0.01)  # before the first look
    for horizon in (3.0, 4.0, 5.0, 6.0, 6.0):
        sampler.adapt(residual_of_two, BOX, generator)
        assert latest(sampler, generator) == pytest.approx(horizon, abs=0.02)
    x = sampler.points(BOX, 4000, generator)
    assert x[:, 0].min() < -0.99 and x[:, 0].max() > 0.99 and x[:, 1].min() < 2.02


def test_a_window_opens_when_the_ones_before_are_solved(generator):
    sampler = GrowingHorizon(windows=4, tolerance=4.1)
    sampler.adapt(residual_of_two, BOX, generator)
    sampler.adapt(lambda x: 2 * residual_of_two(x), BOX, generator)
    assert latest(sampler, generator) == pytest.approx(3.0, abs=0.01)
    sampler.adapt(lambda x: residual_of_two(x) + 100 * (x[:, 1] > 3), BOX, generator)  # what lies beyond the horizon does not count
    assert latest(sampler, generator) == pytest.approx(4.0, abs=0.01)
    other = GrowingHorizon(windows=4)
    other.load_state_dict(sampler.state_dict())
    assert latest(other, generator) == pytest.approx(4.0, abs=0.01)


def test_what_cannot_grow_is_refused(generator):
    with pytest.raises(ValueError, match="GrowingHorizon: needs a law that does not adapt, got ResidualAdaptive"):
        GrowingHorizon(law=ResidualAdaptive(2))
    with pytest.raises(TypeError, match="GrowingHorizon: needs a domain of type Box, got Ball"):
        GrowingHorizon().points(Ball(2), 4, generator)
