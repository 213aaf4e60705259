from __future__ import annotations

import dataclasses
from functools import partial

import pytest

from neuralpde.data import Scenario, to_recipe
from neuralpde.equations import Combined
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries, Uniform
from neuralpde.pretrained import CheckpointError, DataSource, read_pretrained, reproduce, save_pretrained
from neuralpde.pretrained.publish import publish
from neuralpde.solvers import ExponentialRungeKutta


@pytest.fixture
def run(tmp_path, model, config, card):
    """Checkpoint of a run on 55 frames of a small problem."""
    scenario = Scenario(
        partial(Combined, forcing=0.0),
        Grid((40,), 0.0, 16.0),
        partial(ExponentialRungeKutta, substeps=1),
        RandomSineSeries(frequency=0.0),
        dt=0.02,
        num_frames=55,
        coefficients={"alpha": Uniform(0.1, 0.2), "beta": 0.3, "gamma": 0.0},
    )
    card = dataclasses.replace(card, trained_on=DataSource("pulse", seed=3, scenario=to_recipe(scenario)))
    save_pretrained(tmp_path / "run", model, config=config, card=card)
    return tmp_path / "run"


def test_published_card_reproduces_its_check(run, tmp_path):
    card = publish(run, "pulse_v1", paper="Somebody, 2022", num_trajectories=2, cards=tmp_path / "cards")
    loaded = read_pretrained(tmp_path / "cards" / "pulse_v1")
    assert loaded.card == card
    assert card.check.resolution == (20,)
    assert reproduce(loaded) == pytest.approx(card.check.value, rel=card.check.tolerance)


def test_commands_refer_to_the_new_name_and_the_rest_is_kept(run, tmp_path, card):
    new = publish(run, "pulse_v1", summary="Better.", num_trajectories=1, cards=tmp_path / "cards")
    assert (new.name, new.summary, new.paper, new.training) == ("pulse_v1", "Better.", card.paper, card.training)
    assert new.scores == (dataclasses.replace(card.scores[0], command="python evaluate.py checkpoint=pulse_v1"),)


def test_resolution_of_the_check_can_be_chosen(run, tmp_path):
    assert publish(run, "pulse_v1", resolution=(40,), num_trajectories=1, cards=tmp_path / "cards").check.resolution == (40,)


def test_a_run_without_scores_is_refused(run, tmp_path, model, config, card):
    save_pretrained(run, model, config=config, card=dataclasses.replace(card, scores=()))
    with pytest.raises(CheckpointError, match=r"publish: the card in .* needs a score, got none; train with evaluate=true"):
        publish(run, "pulse_v1", cards=tmp_path / "cards")
