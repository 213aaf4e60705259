"""The CSV log, across columns, crashes and resumes."""

import csv

from neuralpde.modules import MetricsFile


def _rows(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_same_step_shares_a_row_and_columns_may_come_late(tmp_path):
    log = MetricsFile(str(tmp_path), flush_every=1)
    log.log_metrics({"a": 1.0}, 0)
    log.log_metrics({"a": 2.0}, 5)
    log.save()  # the trainer saves at will
    log.log_metrics({"b": 0.1}, 5)
    log.log_metrics({"a": 3.0}, 6)
    log.finalize("success")
    assert _rows(tmp_path) == [{"step": "0", "a": "1.0", "b": ""}, {"step": "5", "a": "2.0", "b": "0.1"}, {"step": "6", "a": "3.0", "b": ""}]


def test_resumed_run_replaces_the_steps_it_repeats(tmp_path):
    first = MetricsFile(str(tmp_path), flush_every=1)
    for step in range(5):
        first.log_metrics({"a": step}, step)
    first.finalize("killed")
    second = MetricsFile(str(tmp_path), flush_every=1)
    for step in (3, 4, 5):
        second.log_metrics({"a": 10 + step}, step)
    second.finalize("success")
    assert [(row["step"], row["a"]) for row in _rows(tmp_path)] == [("0", "0.0"), ("1", "1.0"), ("2", "2.0"), ("3", "13.0"), ("4", "14.0"), ("5", "15.0")]


def test_line_cut_by_a_kill_is_dropped(tmp_path):
    (tmp_path / "metrics.csv").write_text("step,a,b\r\n0,1.0,2.0\r\n1,3")
    log = MetricsFile(str(tmp_path))
    log.log_metrics({"a": 5.0}, 1)
    log.finalize("success")
    assert [row["a"] for row in _rows(tmp_path)] == ["1.0", "5.0"]
