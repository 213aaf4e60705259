import io
from dataclasses import replace

from rich.console import Console
from synthetic_result import result

from neuralpde.evaluation import Curve, terminal_report
from neuralpde.evaluation.table import COLUMNS, cells, conditions, number, row
from neuralpde.grids import Grid

GRID = Grid((16,), upper=16.0)


def test_rows_hold_the_numbers():
    rows = cells(result(GRID))
    assert all(len(row) == len(COLUMNS) for row in rows)
    network = dict(zip(COLUMNS, rows[0], strict=True))
    assert network["accumulated error"].startswith("0.3733 ± ")
    assert network["median [quartiles]"].startswith("0.32 [")
    assert network["corr. time 0.8"] == "≥ 2"
    assert network["averaged corr. time 0.8"] == "≥ 2"
    assert network["s / trajectory"] == "0.01"
    assert dict(zip(COLUMNS, rows[-1], strict=True))["s / trajectory"] == "free"


def test_missing_trajectories_are_counted_beside_the_mean_of_the_others():
    found = result(GRID)
    error = replace(found.methods[1].scores["accumulated_error"], mean=None, std=None, finite_mean=0.5, finite_std=0.25, num_finite=2)
    broken = replace(found.methods[1], scores={**found.methods[1].scores, "accumulated_error": error}, num_diverged=1, timing=None)
    cell = dict(zip(COLUMNS, row(broken), strict=True))
    assert cell["accumulated error"] == "0.5 ± 0.25 (2 of 3)"
    assert cell["s / trajectory"] == "n/a"


def test_flows_show_the_times_of_the_vorticity():
    network = result(GRID).network
    scores = {**network.scores, "vorticity_correlation_time_0.8": replace(network.scores["correlation_time_0.8"], median=1.25, num_censored=0)}
    curves = {**network.curves, "vorticity_correlation": Curve([1.0, 0.5], [], [], [])}
    flow = replace(network, scores=scores, curves=curves, set_scores={**network.set_scores, "averaged_vorticity_correlation_time_0.8": 0.75})
    cell = dict(zip(COLUMNS, row(flow), strict=True))
    assert (cell["corr. time 0.8"], cell["averaged corr. time 0.8"]) == ("1.25", "0.75")


def test_terminal_shows_verdict_methods_and_definitions():
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(terminal_report(result(GRID)))
    text = console.export_text()
    for expected in ("Measured in this run", "toy network", "persistence", "accumulated_error: sum over predicted frames", "0.3733", "a note", "abacus"):
        assert expected in text


def test_a_narrow_terminal_breaks_no_word():
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(terminal_report(result(GRID)))
    text = console.export_text()
    for expected in ("accumulated error", "0.3733 ± 0.", "classical coarse", "persistence", "trajectory"):
        assert expected in text


def test_conditions_name_frames_and_machine():
    assert conditions(result(GRID)).startswith("3 trajectories, frames 2 to 9 predicted from 1 given ones")
    assert "on abacus with 1 thread," in conditions(result(GRID))


def test_missing_numbers_are_said():
    assert number(None) == "n/a"
    assert number(0.000123456) == "0.0001235"
