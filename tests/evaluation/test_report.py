import json
import re
from dataclasses import replace

from synthetic_result import result

from neuralpde.evaluation import write_report
from neuralpde.grids import Grid

GRIDS = Grid((16,), upper=16.0), Grid((17,), periodic=False, nodes="chebyshev")


def test_report_is_complete_and_a_second_one_replaces_it(tmp_path):
    for grid in GRIDS:
        # Without examples the second report is quick.
        found = result(grid) if grid.periodic[0] else replace(result(grid), examples=())
        files = write_report(found, tmp_path / "report")
        assert json.loads(files.metrics.read_text()) == found.to_dict()
        page = files.page.read_text()
        assert not re.search(r"https?://", page)
        assert page.count("data:image/png;base64,") == len(files.figures)
        assert ("spectra" in files.figures) is ("hovmoller" in files.figures) is grid.periodic[0]
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in files.figures.values())
    assert not list(tmp_path.rglob("*.partial"))
