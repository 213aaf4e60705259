"""The report of an evaluation as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from neuralpde.evaluation.html import document, figure, pairs, paragraph, section, table
from neuralpde.evaluation.result import Method, Result
from neuralpde.evaluation.table import COLUMNS, cells, conditions, number

__all__ = ["html_page"]

HOW_TO_READ = (
    "Mean over trajectories ± standard deviation (k of n: over those that stayed finite); times until failure are medians over trajectories (≥: the rollout "
    "ended before half of them failed), the averaged time is that of the mean correlation."
)


def html_page(result: Result, figures: Mapping[str, tuple[bytes, str]]) -> str:
    """The page.

    Args:
        result: what to report.
        figures: by title, a PNG and its caption.
    """
    title = f"{result.model} on {result.data}"
    body = [
        f"<h1>{escape(title)}</h1>",
        paragraph(conditions(result)),
        paragraph(result.verdict, css_class="verdict"),
        *map(paragraph, result.notes),
        section("Scores", _scores(result) + paragraph(HOW_TO_READ)),
        *(figure(name, image, caption) for name, (image, caption) in figures.items()),
        section("All metrics of the network", _all_metrics(result)),
        section("Definitions", paragraph("p is the prediction, q the reference, S the number of nodes.") + pairs(result.definitions)),
        section("Settings and environment", pairs({**result.settings, **result.environment})),
    ]
    return document(title, body)


def _scores(result: Result) -> str:
    return table(COLUMNS, [(method.kind, texts) for method, texts in zip(result.methods, cells(result), strict=True)])


def _all_metrics(result: Result) -> str:
    header = ("metric", "mean", "std", "median", "lower quartile", "upper quartile", "min", "max", "censored", "undefined", "finite")
    return table(header, [("", texts) for texts in _metric_rows(result.network)])


def _metric_rows(method: Method) -> list[list[str]]:
    rows = []
    for name, s in method.scores.items():
        numbers = (s.mean, s.std, s.median, s.lower_quartile, s.upper_quartile, s.minimum, s.maximum)
        rows.append([name, *map(number, numbers), str(s.num_censored), str(s.num_undefined), f"{s.num_finite} of {s.count}"])
    return rows + [[name, number(value), *[""] * 9] for name, value in method.set_scores.items()]
