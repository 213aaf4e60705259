import json
import re

import pytest
from synthetic_result import result

from neuralpde.evaluation import write_report
from neuralpde.grids import Grid


@pytest.mark.parametrize("grid", [Grid((16,), upper=16.0), Grid((16,), periodic=False, nodes="chebyshev"), Grid((8, 8))])
def test_report_files(tmp_path, grid):
    found = result(grid)
    files = write_report(found, tmp_path / "report")
    assert json.loads(files.metrics.read_text()) == found.to_dict()
    page = files.page.read_text()
    assert not re.search(r"https?://", page)
    assert page.count("data:image/png;base64,") == len(files.figures)
    assert ("spectra" in files.figures) is all(grid.periodic)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files.figures.values())
    assert not list((tmp_path / "report").rglob("*.partial"))


def test_a_second_report_replaces_the_first(tmp_path):
    for grid in (Grid((16,)), Grid((32,))):
        files = write_report(result(grid), tmp_path)
    assert json.loads(files.metrics.read_text())["methods"][0]["shape"] == [32]
