"""Every network that comes with the package loads, and reproduces the number on its card."""

from __future__ import annotations

import functools
import re

import pytest

from neuralpde.pretrained import Pretrained, available, load_pretrained, reproduce
from neuralpde.pretrained.load import CARDS

MESSAGE_PASSING = {"mp_pde_e1", "mp_pde_e2", "mp_pde_e3", "mp_pde_we1", "mp_pde_we2", "mp_pde_we3"}

MEGABYTES = 60
"""Room for all weights together; larger ones belong on the hub."""


@functools.cache
def loaded(name: str) -> Pretrained:
    return load_pretrained(name)


def test_every_message_passing_row_has_a_card():
    assert set(available()) >= MESSAGE_PASSING


@pytest.mark.parametrize("name", available())
def test_reproduces_its_number(name):
    check = loaded(name).card.check
    assert reproduce(loaded(name)) == pytest.approx(check.value, rel=check.tolerance)


@pytest.mark.parametrize("name", available())
def test_says_where_it_comes_from_and_what_it_scores(name):
    card = loaded(name).card
    assert card.name == name
    assert card.summary and card.paper and card.licence
    assert set(card.trained_on.fingerprints) == {"train", "valid", "test"}
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in card.trained_on.fingerprints.values())
    assert card.training.steps > 0 and card.training.seconds > 0 and card.training.hardware and card.training.command.startswith("python train.py")
    assert card.scores and all(score.definition and score.data and score.command.startswith(f"python evaluate.py checkpoint={name}") for score in card.scores)


@pytest.mark.parametrize("name", available())
def test_the_network_is_that_of_its_data(name):
    model, config, card = loaded(name)
    assert config["data"]["name"] == card.trained_on.name
    assert model.dt == pytest.approx(card.trained_on.scenario["dt"])
    assert model.coefficient_scale.numel() == len(config["data"]["conditioned_on"])


def test_all_weights_together_stay_small():
    assert sum(path.stat().st_size for path in CARDS.rglob("*.safetensors")) <= MEGABYTES * 1e6
