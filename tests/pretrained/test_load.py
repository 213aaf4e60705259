from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

import neuralpde
from neuralpde.pretrained import CheckpointError, available, load, load_pretrained


@pytest.fixture
def shipped(tmp_path, folder, monkeypatch):
    """A package that ships the checkpoints ``mp_pde_e1`` and ``mp_pde_e2``."""
    cards = tmp_path / "cards"
    for name in ("mp_pde_e1", "mp_pde_e2"):
        shutil.copytree(folder, cards / name)
    (cards / "unfinished").mkdir()
    shutil.copytree(folder, cards / ".mp_pde_e3.1a2b.new")
    monkeypatch.setattr(load, "CARDS", cards)
    return cards


@pytest.fixture
def asked(folder, monkeypatch):
    """What the hub was asked for; it always answers with ``folder``."""
    requests = []
    monkeypatch.setattr(load, "download", lambda repository, revision: requests.append((repository, revision)) or folder)
    return requests


def test_folder(folder, model):
    for source in (folder, str(folder), f"{folder}/"):
        assert torch.equal(load_pretrained(source).model.backbone.encoder[0].weight, model.backbone.encoder[0].weight)


def test_relative_folder(folder, monkeypatch):
    monkeypatch.chdir(folder.parent.parent)
    assert load_pretrained(f"{folder.parent.name}/small").card.name == "small"


def test_name_of_a_card(shipped):
    assert available() == ["mp_pde_e1", "mp_pde_e2"]
    assert load_pretrained("mp_pde_e1").card.name == "small"


def test_a_card_precedes_a_folder_of_its_name(shipped, tmp_path, monkeypatch):
    (tmp_path / "mp_pde_e1").mkdir()
    monkeypatch.chdir(tmp_path)
    load_pretrained("mp_pde_e1")
    with pytest.raises(CheckpointError, match="expected a folder with"):
        load_pretrained("./mp_pde_e1")
    with pytest.raises(CheckpointError, match="expected a folder with"):
        load_pretrained(Path("mp_pde_e1"))


@pytest.mark.parametrize(("source", "revision"), [("somebody/solver", None), ("hf://somebody/solver", "v2")])
def test_hub_id(asked, source, revision):
    assert load_pretrained(source, revision=revision).card.name == "small"
    assert asked == [("somebody/solver", revision)]


def test_hub_prefix_precedes_a_folder(asked, tmp_path, folder, monkeypatch):
    shutil.copytree(folder, tmp_path / "somebody" / "solver")
    monkeypatch.chdir(tmp_path)
    load_pretrained("somebody/solver")
    assert asked == []
    load_pretrained("hf://somebody/solver")
    assert asked == [("somebody/solver", None)]


@pytest.mark.parametrize("source", ["./nowhere/else", "/nowhere/else", "a/b/c", "../a", "nowhere", Path("a/b")])
def test_the_network_is_left_alone_otherwise(asked, source):
    with pytest.raises(CheckpointError, match=r"load_pretrained: expected one of .*, a folder or a hub id, got .*, which is none; choose one of these"):
        load_pretrained(source)
    assert asked == []


def test_a_misspelt_name_gets_a_suggestion(shipped):
    with pytest.raises(CheckpointError, match=r"expected one of \['mp_pde_e1', 'mp_pde_e2'\], .*, got 'mppde_e1', which is none; did you mean 'mp_pde_e1'\?"):
        load_pretrained("mppde_e1")


def test_revision_without_a_hub(folder):
    with pytest.raises(CheckpointError, match=r"revision belongs to a hub repository, got 'v2' for .*; leave it out"):
        load_pretrained(folder, revision="v2")


def test_available_from_the_top():
    assert neuralpde.load_pretrained is load_pretrained
    assert "load_pretrained" in dir(neuralpde)
