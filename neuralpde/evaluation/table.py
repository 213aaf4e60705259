"""The scores as text: cells shared by terminal and page, and the terminal report itself."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from neuralpde.evaluation.result import Method, Result
from neuralpde.evaluation.summary import Summary

__all__ = ["COLUMNS", "TERMINAL_COLUMNS", "cells", "conditions", "number", "row", "terminal_report"]

COLUMNS = (
    "method",
    "points",
    "accumulated error",
    "median [quartiles]",
    "nRMSE",
    "relative L2",
    "VRMSE",
    "correlation",
    "corr. time 0.8",
    "averaged corr. time 0.8",
    "survival time",
    "s / trajectory",
    "s / single",
)

TERMINAL_COLUMNS = ("method", "points", "accumulated error", "nRMSE", "averaged corr. time 0.8", "s / trajectory")
"""What fits into a terminal of 80 columns; the page shows all."""


def number(value: float | None) -> str:
    """Four significant digits, or ``n/a`` for what is not finite."""
    return "n/a" if value is None else f"{value:.4g}"


def cells(result: Result) -> list[list[str]]:
    """One row of text per method, in the order of ``COLUMNS``."""
    return [row(method) for method in result.methods]


def row(method: Method) -> list[str]:
    """The method's cells: means over trajectories, ± the standard deviation, medians for times until failure."""
    error = method.scores["accumulated_error"]
    timing = method.timing
    return [
        method.name,
        "×".join(map(str, method.shape)),
        _mean(error, spread=True),
        f"{number(error.median)} [{number(error.lower_quartile)}, {number(error.upper_quartile)}]",
        *(_mean(method.scores[name]) if name in method.scores else "n/a" for name in ("nrmse", "relative_l2", "vrmse", "pearson")),
        _until(method, "vorticity_correlation_time_0.8" if "vorticity_correlation_time_0.8" in method.scores else "correlation_time_0.8"),
        _averaged(method),
        _until(method, "survival_time"),
        _seconds(method, None if timing is None else timing.seconds_per_trajectory),
        _seconds(method, None if timing is None else timing.single_seconds),
    ]


def _mean(score: Summary, *, spread: bool = False) -> str:
    """The mean; where trajectories are missing, that of the others with their number."""
    if not score.num_finite:
        return "n/a"
    complete = score.mean is not None
    mean, std = (score.mean, score.std) if complete else (score.finite_mean, score.finite_std)
    text = f"{number(mean)} ± {number(std)}" if spread else number(mean)
    return text if complete else f"{text} ({score.num_finite} of {score.count})"


def _averaged(method: Method) -> str:
    """The high-correlation time of the averaged correlation, of the vorticity where there is one; a bound if no frame falls below."""
    turbulent = "vorticity_correlation" in method.curves
    name, curve = ("averaged_vorticity_correlation_time_0.8", "vorticity_correlation") if turbulent else ("averaged_correlation_time_0.8", "pearson")
    survived = all(value is not None and value >= 0.8 for value in method.curves[curve].mean)
    return ("≥ " if survived else "") + number(method.set_scores[name])


def _seconds(method: Method, seconds: float | None) -> str:
    """Wall time; baselines take none, and a run that diverged everywhere has none."""
    if seconds is not None:
        return f"{seconds:.3g}"
    return "n/a" if method.num_diverged else "free"


def _until(method: Method, name: str) -> str:
    if name not in method.scores:
        return "n/a"
    score = method.scores[name]
    # More than half of the trajectories outlived the rollout: the median is only a lower bound.
    return ("≥ " if 2 * score.num_censored >= score.count else "") + number(score.median)


def conditions(result: Result) -> str:
    """What was predicted and on what it ran, in one line."""
    s, e = result.settings, result.environment
    return (
        f"{s['num_trajectories']} trajectories, frames {s['first_predicted_frame']} to {s['first_predicted_frame'] + s['num_frames'] - 1} predicted from "
        f"{s['given_frames']} given ones (dt = {s['dt']:.4g}); batches of {s['batch_size']} on {e['device']} with {e['threads']} "
        f"thread{'s' if e['threads'] != 1 else ''}, load average {number(e['load_average'])}"
    )


def terminal_report(result: Result) -> RenderableType:
    """Verdict, table and definitions for a terminal; the caller prints it."""
    table = Table(
        title=f"{result.model} on {result.data}", caption=conditions(result), header_style="bold", box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False
    )
    shown = [COLUMNS.index(name) for name in TERMINAL_COLUMNS]
    longest_word = max(len(word) for method in result.methods for word in method.name.split())
    table.add_column("method", overflow="fold", min_width=min(longest_word, 24))
    for name in TERMINAL_COLUMNS[1:]:
        table.add_column(name, justify="right", overflow="fold", no_wrap=name == "accumulated error")
    for method, texts in zip(result.methods, cells(result), strict=True):
        style = "bold blue" if method.is_network else ""
        table.add_row(*(Text(texts[k]) for k in shown), style=style, end_section=_last_of_kind(result, method))
    used = ("accumulated_error", "nrmse", "averaged_correlation_time_0.8", "averaged_vorticity_correlation_time_0.8")
    definitions = Text("\n".join(f"{name}: {result.definitions[name]}" for name in used if name in result.definitions), style="dim")
    averaging = Text("Scores are means over trajectories (k of n: over those that stayed finite); ≥: the rollout ended first.", style="dim")
    notes = [Text(note, style="yellow") for note in result.notes]
    return Group(Panel(Text(result.verdict, style="bold"), title="network or classical solver?"), table, *notes, definitions, averaging)


def _last_of_kind(result: Result, method: Method) -> bool:
    return method is result.of_kind(method.kind)[-1]
