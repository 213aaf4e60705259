import re
from dataclasses import replace

from synthetic_result import result

from neuralpde.evaluation.page import html_page
from neuralpde.evaluation.table import cells
from neuralpde.grids import Grid

GRID = Grid((16,), upper=16.0)


def test_page_holds_every_cell_and_definition():
    found = result(GRID)
    page = html_page(found, {})
    for row in cells(found):
        for cell in row:
            assert f"<td>{cell}</td>" in page
    for definition in ("sum over predicted frames of the mean over nodes", "Pearson correlation over space"):
        assert definition in page
    assert found.verdict in page


def test_page_needs_nothing_else():
    page = html_page(result(GRID), {"A figure": (b"\x89PNG", "its caption")})
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
    assert 'src="data:image/png;base64,iVBORw=="' in page
    assert "its caption" in page
    assert "prefers-color-scheme: dark" in page


def test_names_are_escaped():
    assert "<b>" not in html_page(replace(result(GRID), model="<b>bold</b>"), {})
