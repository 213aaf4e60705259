from __future__ import annotations

import dataclasses
from functools import partial

import pytest
import torch

from neuralpde.data import Scenario, to_recipe
from neuralpde.equations import Heat
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, Uniform
from neuralpde.models import NeuralStepper
from neuralpde.pretrained import CheckpointError, DataSource, Pretrained, reproduce
from neuralpde.pretrained.card import Check
from neuralpde.pretrained.reproduce import first_trajectories_error, rebuild_scenario
from neuralpde.solvers import ExponentialRungeKutta


@pytest.fixture
def scenario():
    return Scenario(
        Heat,
        Grid((32,), 0.0, 16.0),
        partial(ExponentialRungeKutta, substeps=1),
        RandomSineSeries(frequency=0.0),
        dt=0.1,
        num_frames=7,
        coefficients={"diffusivity": Uniform(0.1, 0.4)},
    )


@pytest.fixture
def source(scenario):
    return DataSource("heat", seed=4, scenario=to_recipe(scenario))


class Frozen(torch.nn.Module):
    """Predicts no change; remembers what it was told."""

    needs_graph = False
    told = None

    def forward(self, frames, conditions):
        self.told = conditions
        return torch.zeros_like(frames)


@pytest.fixture
def persistence():
    return NeuralStepper(Frozen(), channels=1, history=2, horizon=2, dt=0.1, time_scale=0.6, coefficient_scale=(0.4,))


DATA = {"fields": ["u"], "conditioned_on": ["diffusivity"]}


def test_persistence_scores_the_change_of_the_solution(scenario, source, persistence):
    frames = scenario.solve(scenario.draw(4, range(3), "test"))[:, :, :, ::2]
    expected = (frames[:, 4:] - frames[:, 3:4]).square().mean(dim=(2, 3)).sum(1).mean()
    assert first_trajectories_error(persistence, DATA, source, num_trajectories=3, resolution=(16,)) == pytest.approx(float(expected), rel=1e-5)


def test_the_network_is_told_coefficients_and_time(scenario, source, persistence):
    first_trajectories_error(persistence, DATA, source, num_trajectories=3, resolution=(16,))
    told, diffusivity = persistence.backbone.told, scenario.draw(4, range(3), "test").coefficients["diffusivity"]
    assert told.coefficients[:, 0].tolist() == pytest.approx((diffusivity / 0.4).tolist(), rel=1e-6)
    assert told.time.tolist() == pytest.approx([1.0] * 3)  # the last rollout step predicts frames 6 and 7 from frame 5, dt and scale 0.1 and 0.6
    assert told.domain.shape == (16,)


def test_reproduce_reads_the_card(source, persistence, card):
    card = dataclasses.replace(card, trained_on=source, check=Check(0.0, 2, (32,)))
    value = reproduce(Pretrained(persistence, {"data": DATA}, card))
    assert value == first_trajectories_error(persistence, DATA, source, num_trajectories=2, resolution=(32,))
    assert value > 1e-5


def test_short_check_ends_after_its_frames(scenario, source, persistence, card):
    frames = scenario.solve(scenario.draw(4, range(2), "test"))[:, :, :, ::2]
    expected = (frames[:, 4:6] - frames[:, 3:4]).square().mean(dim=(2, 3)).sum(1).mean()
    card = dataclasses.replace(card, trained_on=source, check=Check(0.0, 2, (16,), num_frames=2))
    assert reproduce(Pretrained(persistence, {"data": DATA}, card)) == pytest.approx(float(expected), rel=1e-5)


def test_card_without_check(persistence, card):
    with pytest.raises(CheckpointError, match="reproduce: the card 'small' needs a recorded check, got none; publish it"):
        reproduce(Pretrained(persistence, {}, card))


@pytest.mark.parametrize(
    ("scenario", "text"),
    [
        ({}, "heat: expected a scenario in the card, got none; such data"),
        ({"_target_": "os.mkdir", "path": "x"}, "heat: expected a scenario .*'os.mkdir'.*; update"),
    ],
)
def test_no_scenario_in_the_card(scenario, text):
    with pytest.raises(CheckpointError, match=text):
        rebuild_scenario(DataSource("heat", scenario=scenario))
