import pytest
import torch

from neuralpde.collocation import Sobol, Uniform, effective_sample_size
from neuralpde.problems import Ball, Box

BOX = Box([0.0, -1.0], [1.0, 1.0])


def test_uniform_points_are_those_of_the_domain():
    a, b = (Uniform().points(BOX, 10, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(a, b) and torch.equal(a, BOX.sample(10, torch.Generator().manual_seed(1)))
    assert (Uniform().log_density(a, BOX) == 0).all()


def test_sobol_points_integrate_better_than_independent_ones():
    """∫ x² y² over the box is 1/9 of its volume; both are unbiased, Sobol points spread much less."""
    errors = {}
    for sampler in (Uniform(), Sobol()):
        means = torch.stack([sampler.points(BOX, 256, torch.Generator().manual_seed(s)).square().prod(-1).mean() for s in range(100)])
        errors[type(sampler)] = means.std()
        assert (means.mean() - 1 / 9).abs() < 4 * means.std() / 10
    assert errors[Sobol] < 0.1 * errors[Uniform]


def test_sobol_refuses_a_ball(generator):
    with pytest.raises(TypeError, match="Sobol: needs a domain of type Box, got Ball"):
        Sobol().points(Ball(2), 4, generator)


def test_effective_sample_size():
    assert effective_sample_size(torch.full((8,), 0.3)).item() == pytest.approx(8)
    assert effective_sample_size(torch.tensor([1.0, 0.0, 0.0])).item() == 1
    assert effective_sample_size(torch.tensor([2.0, 1.0, 1.0])).item() == pytest.approx(16 / 6)
