from __future__ import annotations

import io
import shutil
import subprocess
import sys

import pytest
from rich.console import Console

from neuralpde.pretrained import load
from neuralpde.pretrained.__main__ import main


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120)


def test_list_shows_names_and_scores(console, folder, tmp_path, monkeypatch):
    shutil.copytree(folder, tmp_path / "cards" / "mp_pde_e1")
    monkeypatch.setattr(load, "CARDS", tmp_path / "cards")
    assert main([], console) == 0
    assert "mp_pde_e1" in console.file.getvalue() and "accumulated error 1.5" in console.file.getvalue()


def test_show_prints_the_card(console, folder):
    assert main(["show", str(folder)], console) == 0
    assert console.file.getvalue().startswith("# small")


def test_publish_needs_a_scored_run(console, folder, capsys):
    (folder / "card.json").unlink()
    assert main(["publish", str(folder), "new"], console) == 1
    assert capsys.readouterr().err.startswith(f"Error: {folder}: expected a folder with")


def test_as_a_program_an_unknown_name_ends_in_one_sentence():
    result = subprocess.run([sys.executable, "-m", "neuralpde.pretrained", "show", "nowhere"], capture_output=True, text=True, timeout=120)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: load_pretrained: expected one of") and len(result.stderr.splitlines()) == 1
