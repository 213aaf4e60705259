import io
import json

from rich.console import Console

from neuralpde.tasks import PhysicsSummary, summary_table, write_summary

SCORES = {"relative_l2": 0.01, "trivial": 0.2, "skill": 0.05}
SUMMARY = PhysicsSummary("run", {**SCORES, "skill": 0.06}, SCORES, 10, 1.5, "python train.py", {"device": "cpu"})


def test_file_holds_what_it_was_given(tmp_path):
    write_summary(SUMMARY, tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text()) == {
        "name": "run",
        "final": {**SCORES, "skill": 0.06},
        "best": SCORES,
        "steps": 10,
        "seconds": 1.5,
        "command": "python train.py",
        "environment": {"device": "cpu"},
    }
    assert list(tmp_path.iterdir()) == [tmp_path / "summary.json"]


def test_table_shows_last_and_best():
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(summary_table(SUMMARY))
    text = console.export_text()
    assert "run: 10 steps, 2 s" in text and "0.06" in text and "0.05" in text
