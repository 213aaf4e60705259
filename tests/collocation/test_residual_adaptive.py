import pytest
import torch

from neuralpde.collocation import ResidualAdaptive, residual_density
from neuralpde.problems import Box

BOX = Box([0.0, 0.0], [1.0, 1.0])


def test_density_by_hand():
    torch.testing.assert_close(residual_density(torch.tensor([1.0, 3.0]), 2.0, 0.5), torch.tensor([0.2 + 0.5, 1.8 + 0.5]))
    assert torch.equal(residual_density(torch.zeros(3), 1.0, 0.0), torch.ones(3))


def test_points_follow_the_residual(generator):
    sampler = ResidualAdaptive(2, num_candidates=20_000, power=1.0, floor=1.0)
    before = sampler.points(BOX, 1000, generator)
    assert abs((before[:, 0] > 0.5).float().mean() - 0.5) < 0.06
    sampler.adapt(lambda x: (x[:, 0] > 0.5).float(), BOX, generator)  # ε/mean ε = 2 on the right, 0 on the left: weights 3 to 1
    after = sampler.points(BOX, 2000, generator)
    assert abs((after[:, 0] > 0.5).float().mean() - 0.75) < 0.04


def test_what_was_learnt_is_stored(generator):
    sampler = ResidualAdaptive(2, num_candidates=50)
    sampler.adapt(lambda x: x[:, 0], BOX, generator)
    other = ResidualAdaptive(2, num_candidates=50)
    other.load_state_dict(sampler.state_dict())
    seeds = [torch.Generator().manual_seed(1) for _ in range(2)]
    assert torch.equal(sampler.points(BOX, 5, seeds[0]), other.points(BOX, 5, seeds[1]))


def test_another_number_of_coordinates_is_refused(generator):
    with pytest.raises(ValueError, match="ResidualAdaptive: needs a domain of 3 coordinates, the time included, got 2; set the sampler's ndim"):
        ResidualAdaptive(3).adapt(lambda x: x[:, 0], BOX, generator)
