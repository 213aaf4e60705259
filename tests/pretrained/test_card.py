from __future__ import annotations

import dataclasses
import json

import pytest

from neuralpde.pretrained import Card, Check, CheckpointError, Score


def test_json_round_trip(card):
    for check in (Check(1.25, 8, (100,)), Check(1.25, 8, (100,), num_frames=10)):
        card = dataclasses.replace(card, check=check)
        assert Card.from_json(card.to_json()) == card


def test_json_is_readable(card):
    stored = json.loads(card.to_json())
    assert stored["scores"][0]["command"] == "python evaluate.py checkpoint=small"
    assert stored["trained_on"]["fingerprints"] == {"train": "ab" * 32}


def test_optional_entries_may_be_left_out(card):
    stored = json.loads(card.to_json())
    for name in ("scores", "check", "paper", "licence"):
        del stored[name]
    loaded = Card.from_json(json.dumps(stored))
    assert (loaded.scores, loaded.check, loaded.licence) == ((), None, "MIT")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda c: c.pop("summary"), "got no entry 'summary'"),
        (lambda c: c.update(author="me"), "got the unknown entry 'author'"),
        (lambda c: c["training"].pop("steps"), "got no entry 'steps' in 'training'"),
        (lambda c: c["training"].update(steps=1.5), r"got 1.5 for 'training.steps'"),
        (lambda c: c["training"].update(steps=True), r"got True for 'training.steps'"),
        (lambda c: c["scores"][0].update(value="low"), r"got 'low' for 'scores\[0\].value'"),
        (lambda c: c.update(scores={}), r"got {} for 'scores'"),
        (lambda c: c["trained_on"]["fingerprints"].update(train=3), "got 3 for 'trained_on.fingerprints.train'"),
    ],
)
def test_every_wrong_entry_is_named(card, change, text):
    stored = json.loads(card.to_json())
    change(stored)
    with pytest.raises(CheckpointError, match=f"^a/card.json: expected a card of neuralpde, {text}.*; fetch"):
        Card.from_json(json.dumps(stored), "a/card.json")


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100000])
def test_no_json_object(text):
    with pytest.raises(CheckpointError, match=r"card.json: expected a card of neuralpde, got .*; fetch"):
        Card.from_json(text)


@pytest.mark.parametrize("name", ["", "../e1", "a/b", ".hidden", "a b"])
def test_name_is_a_folder_name(card, name):
    with pytest.raises(ValueError, match=r"Card: name needs letters, digits, '_', '\.' or '-' only, got .*; choose"):
        dataclasses.replace(card, name=name)


def test_diverged_network_gets_no_score():
    with pytest.raises(ValueError, match="Score: nrmse needs a finite value, got nan; a network"):
        Score("nrmse", float("nan"), "mean", "python evaluate.py")


def test_markdown_shows_number_definition_and_command(card):
    page = str(card)
    assert "| accumulated error | 1.5 ± 0.2 | mean of a sum | 128 trajectories | `python evaluate.py checkpoint=small` |" in page
    assert "7 steps in 1.5 minutes on 2 cores" in page
    assert f"- train: `{'ab' * 32}`" in page
    assert page.startswith("# small\n\nA small network.\n\n## Scores")


def test_markdown_without_scores_has_no_empty_section(card):
    assert "## Scores" not in str(dataclasses.replace(card, scores=()))
