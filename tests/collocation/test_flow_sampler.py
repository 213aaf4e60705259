import math

import pytest
import torch

from neuralpde.collocation import Adversarial, ResidualFlow
from neuralpde.models import BoxFlow
from neuralpde.problems import Ball, Box

BOX = Box([-1.0, -1.0], [1.0, 1.0])


def bump(x):
    """A residual concentrated around (0.5, 0.5), with a width of 0.2."""
    return torch.exp(-((x - 0.5) ** 2).sum(-1) / 0.08)


@pytest.mark.parametrize("kind", [ResidualFlow, Adversarial])
def test_points_gather_where_the_residual_is(kind, generator):
    torch.manual_seed(0)
    sampler = kind(BoxFlow(2, couplings=4, width=16), flow_steps=60, num_points=500, lr=1e-2, uniform_share=0.0)
    assert (sampler.points(BOX, 1000, generator) - 0.5).norm(dim=1).lt(0.4).float().mean() < 0.2
    for _ in range(2):
        sampler.adapt(bump, BOX, generator)
    x = sampler.points(BOX, 1000, generator)
    assert BOX.contains(x).all() and (x - 0.5).norm(dim=1).lt(0.4).float().mean() > 0.5
    axis = (torch.arange(80) + 0.5) / 40 - 1
    density = sampler.log_density(torch.cartesian_prod(axis, axis), BOX).exp()
    assert density.mean().item() * BOX.volume == pytest.approx(1.0, abs=0.02)


def test_the_penalty_keeps_the_adversary_from_a_point_mass():
    torch.manual_seed(0)
    widest = {}
    for smoothness in (0.0, 1e-2):
        sampler = Adversarial(BoxFlow(2, couplings=4, width=16), flow_steps=40, num_points=300, lr=1e-2, smoothness=smoothness)
        for round_ in range(2):
            sampler.adapt(bump, BOX, torch.Generator().manual_seed(round_))
        widest[smoothness] = sampler._draw(BOX, 1000, torch.Generator().manual_seed(9)).std()
    assert widest[1e-2] > widest[0.0]


def test_uniform_share(generator):
    flow = BoxFlow(2)
    flow.shifts.data += 20.0  # everything in one corner
    x = ResidualFlow(flow, uniform_share=0.25).points(BOX, 400, generator)
    assert abs((x > 0.99).all(-1).float().mean() - 0.75) < 0.01
    with pytest.raises(TypeError, match="needs a domain of type Box, got Ball"):
        ResidualFlow(flow).points(Ball(2), 4, generator)


def test_cross_entropy_of_a_perfect_flow():
    sampler = ResidualFlow(BoxFlow(2), smoothness=0.0)
    p = torch.tensor([0.5, 2.0])
    loss = sampler.loss(p.log(), torch.zeros(2), p, torch.ones(2))
    assert loss.item() == pytest.approx(-(0.5 * math.log(0.5) + 2 * math.log(2)) / 2)


@pytest.mark.parametrize("kind", [ResidualFlow, Adversarial])
def test_points_on_a_face_do_not_spoil_the_flow(kind, generator):
    """A flow pushed far to one side, whose points are 1 to the last digit."""
    flow = BoxFlow(2, couplings=4, width=8)
    flow.shifts.data += 20.0
    sampler = kind(flow, flow_steps=3, num_points=40)
    assert (sampler._draw(BOX, 10, generator) == 1).any()
    sampler.adapt(bump, BOX, generator)
    assert all(parameter.isfinite().all() for parameter in flow.parameters())
    assert sampler.log_density(torch.tensor([[1.0, -1.0]]), BOX).isfinite().all()


def test_corrected_points_keep_the_mean_of_uniform_ones_and_reduce_its_variance(generator):
    torch.manual_seed(0)
    sampler = ResidualFlow(BoxFlow(2, couplings=4, width=16), flow_steps=60, num_points=500, lr=1e-2, uniform_share=0.5, corrected=True)
    for _ in range(2):
        sampler.adapt(bump, BOX, generator)
    x = sampler.points(BOX, 20_000, generator)
    weights = sampler.weights(x, BOX)
    assert weights.max() <= 2
    uniform = bump(BOX.sample(200_000, generator)).square()
    terms = weights * bump(x).square()
    assert abs(terms.mean() - uniform.mean()) < 4 * (terms.var() / 20_000 + uniform.var() / 200_000) ** 0.5
    assert terms.var() < 0.2 * uniform.var()
    assert ResidualFlow(BoxFlow(2)).weights(x, BOX) is None
    with pytest.raises(ValueError, match="Adversarial: corrected needs uniform_share > 0"):
        Adversarial(BoxFlow(2), uniform_share=0.0, corrected=True)


def test_another_number_of_coordinates_is_refused(generator):
    with pytest.raises(ValueError, match="ResidualFlow: needs a flow of 2 coordinates, one per axis of the box, got 3; set the flow's ndim"):
        ResidualFlow(BoxFlow(3)).points(BOX, 5, generator)
