import re

from neuralpde.evaluation.html import document, figure, pairs, paragraph, section, table


def test_pieces_escape_what_they_are_given():
    piece = section("<a>", paragraph("<b>")) + table(["<c>"], [("network", ["<d>"])]) + pairs({"<e>": ["<f>", 1]}) + figure("<g>", b"", "<h>")
    assert not re.search(r"<(?:a|b|c|d|e|f|g|h)>", piece)
    for letter in "abcdefgh":
        assert f"&lt;{letter}&gt;" in piece


def test_a_page_is_complete_and_needs_nothing_else():
    page = document("<title>", [figure("A figure", b"\x89PNG", "its caption"), table(["name"], [("network", ["1"])])])
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</body></html>\n")
    assert "<title>&lt;title&gt;</title>" in page
    assert 'src="data:image/png;base64,iVBORw=="' in page
    assert '<tr class="network"><td>1</td></tr>' in page
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)


def test_values_are_written_as_text():
    assert "<td>torch 2, numpy 1</td>" in pairs({"versions": {"torch": 2, "numpy": 1}})
    assert "<td>u, v</td>" in pairs({"fields": ["u", "v"]})
