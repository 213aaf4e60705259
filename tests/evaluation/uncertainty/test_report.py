import io
import json
import re

from rich.console import Console
from synthetic_uncertainty import source, study

from neuralpde.evaluation.uncertainty.report import COLUMNS, cells, terminal_uncertainty, write_uncertainty


def test_a_row_holds_the_numbers():
    row = dict(zip(COLUMNS, cells(source()), strict=True))
    assert (row["samples"], row["r squared"], row["slope"], row["mean gap"]) == ("8", "0.81", "0.875", "0.3")
    assert (row["used"], row["r squared of all"]) == ("3 of 4", "0.9")
    assert (row["averaged time"], row["of the mean"]) == ("1", "1.25")
    assert (row["spread / error low"], row["mid"], row["high"]) == ("1.4", "n/a", "0.7")
    empty = dict(zip(COLUMNS, cells(source(fit=None, fit_all=None, calibration=None)), strict=True))
    assert empty["slope"] == empty["r squared of all"] == empty["high"] == "n/a"


def test_files_are_complete_and_need_nothing_else(tmp_path):
    found = study(source(), source("noise", calibration=None, fit=None))
    files = write_uncertainty(found, tmp_path)
    content = json.loads(files.metrics.read_text())
    assert content == found.to_dict()
    assert (content["format"], content["sources"][0]["fit"]["slope"], content["sources"][1]["fit"]) == ("neuralpde.uncertainty", 0.875, None)
    page = files.page.read_text()
    assert not re.search(r"https?://|<script|<link", page)
    for text in ("<td>0.81</td>", "how samples of noise differ", "ensemble was left out", "what it is", "abacus"):
        assert text in page
    assert page.count("data:image/png;base64,") == len(files.figures) == 3


def test_terminal_shows_scores_notes_and_definitions():
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(terminal_uncertainty(study()))
    text = console.export_text()
    for expected in ("Uncertainty of toy on toy data", "0.81", "3 of 4", "left out", "r squared: what it is", "seeds: how samples of seeds differ"):
        assert expected in text
