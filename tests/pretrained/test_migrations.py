from __future__ import annotations

import pytest

from neuralpde.pretrained import CheckpointError
from neuralpde.pretrained.migrations import FORMAT, MIGRATIONS, VERSION, check_version, migrate


def add_colour(config):
    return {**config, "colour": "red"}


def rename_colour(config):
    return {"color": config["colour"], "version": config["version"]}


def test_every_step_from_the_stored_version_on_is_taken():
    assert migrate({"version": 1}, (add_colour, rename_colour)) == {"color": "red", "version": 3}
    assert migrate({"version": 2, "colour": "blue"}, (add_colour, rename_colour)) == {"color": "blue", "version": 3}


def test_the_newest_version_stays_as_it_is():
    config = {"version": 3, "color": "red"}
    assert migrate(config, (add_colour, rename_colour)) == config


def test_written_version_counts_the_migrations():
    assert len(MIGRATIONS) + 1 == VERSION


def test_newer_version_says_what_to_do():
    with pytest.raises(CheckpointError, match=r"^a/config.json: this neuralpde reads versions up to 1, got 7, written by neuralpde 8.1; update neuralpde"):
        check_version({"format": FORMAT, "version": 7, "neuralpde_version": "8.1"}, "a/config.json")
