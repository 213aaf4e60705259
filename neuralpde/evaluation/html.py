"""Pieces of a page that needs nothing else: style and figures inside, no script, no network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["document", "figure", "pairs", "paragraph", "section", "table"]

STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --page: #ffffff; --card: #f6f8fa; --line: #d1d9e0; --accent: #1457b8; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1; --page: #0d1117; --card: #161b22; --line: #30363d; --accent: #79b0ff; } }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p.soft, figcaption, caption { color: var(--soft); font-size: .875rem; text-align: left; }
.verdict { border-left: 4px solid var(--accent); background: var(--card); padding: .9rem 1.1rem; border-radius: 4px; font-size: 1.08rem; margin: 1.2rem 0; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .38rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid var(--line); }
tr.network { font-weight: 650; color: var(--accent); } tr.baseline { color: var(--soft); }
table.text td { white-space: normal; text-align: left; } table.text td:first-child { white-space: nowrap; font-family: ui-monospace, monospace; }
figure { margin: 1rem 0 1.6rem; } img { max-width: 100%; height: auto; background: #ffffff; border: 1px solid var(--line); border-radius: 6px; }
details { margin-top: .8rem; } summary { cursor: pointer; color: var(--accent); }
"""


def document(title: str, body: Sequence[str]) -> str:
    """The whole page; ``title`` is plain text, ``body`` is made of the pieces below."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"


def section(title: str, content: str) -> str:
    """A heading and what stands below it."""
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def paragraph(text: str, *, css_class: str = "soft") -> str:
    """Plain text of one of the classes of the style: ``soft`` or ``verdict``."""
    return f'<p class="{css_class}">{escape(text)}</p>'


def figure(title: str, image: bytes, caption: str) -> str:
    """A section with a PNG inside the page."""
    data = base64.b64encode(image).decode("ascii")
    return section(title, f'<figure><img alt="{escape(title)}" src="data:image/png;base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>')


def table(header: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """A table of cells as text; every row comes with its class."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in texts) + "</tr>" for kind, texts in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def pairs(values: Mapping[str, Any]) -> str:
    """A table of two columns, names and values."""
    rows = "".join(f"<tr><td>{escape(str(key))}</td><td>{escape(_text(value))}</td></tr>" for key, value in values.items())
    return f'<div class="scroll"><table class="text"><tbody>{rows}</tbody></table></div>'


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
