"""What refinement gains over one-step training, from the folders of finished runs: correlation times, errors of one step by mode, ratio against steps.

python train.py -m experiment=pde_refiner/ks_mse_small,pde_refiner/ks_refiner_small seed=0,1,2
python benchmarks/refinement_duel.py RUN ... --figure docs/figures/refinement_ratio.png

Runs that differ in the seed alone share a row. The ratio is that of the means over seeds of `ks_refiner_small` and `ks_mse_small` at equal steps and data.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import yaml
from rich.console import Console
from rich.table import Table

MODES = (4, 10, 16, 24, 32)
PEERS = ("pde_refiner_ks_refiner_small", "pde_refiner_ks_mse_small")


Row = tuple[str, int, int, int]


@dataclass(frozen=True)
class Run:
    """What a run folder says of itself."""

    name: str
    width: int
    steps: int
    trajectories: int
    seed: int
    seconds: float
    times: tuple[float, float]
    errors: list[list[float]]

    @classmethod
    def read(cls, folder: Path) -> Run:
        """A folder that ``train.py`` has finished."""
        config = yaml.safe_load((folder / ".hydra" / "config.yaml").read_text())
        training = json.loads((folder / "pretrained" / "card.json").read_text())["training"]
        method = json.loads((folder / "metrics.json").read_text())["methods"][0]
        times = tuple(method["set_scores"][f"averaged_correlation_time_{c}"] for c in (0.8, 0.9))
        trajectories = config["data"]["max_train"] or config["data"]["sizes"]["train"]
        return cls(
            config["name"],
            config["model"].get("hidden_channels", config["model"].get("width")),
            training["steps"],
            trajectories,
            config["seed"],
            training["seconds"],
            times,
            method["one_step"]["errors"],
        )

    @property
    def row(self) -> Row:
        """What runs of several seeds have in common."""
        return self.name, self.width, self.steps, self.trajectories


def spread(values: list[float]) -> str:
    """Mean ± standard deviation over seeds."""
    return f"{statistics.mean(values):.1f}" + (f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else "")


def table(rows: dict[Row, list[Run]]) -> Table:
    """A line per kind of run, errors of its first seed after each pass."""
    result = Table(title="correlation above a threshold in seconds; amplitude of the error of one step by mode")
    for column in ("run", "width", "steps", "trajectories", "seeds", "0.8", "0.9", "minutes", "pass", *map(str, MODES)):
        result.add_column(column, justify="left" if column == "run" else "right")
    for (name, width, steps, trajectories), runs in rows.items():
        scores = [spread([run.times[i] for run in runs]) for i in range(2)]
        lead = [
            name.removeprefix("pde_refiner_"),
            str(width),
            str(steps),
            str(trajectories),
            str(len(runs)),
            *scores,
            spread([run.seconds / 60 for run in runs]),
        ]
        for number, errors in enumerate(runs[0].errors):
            result.add_row(*(lead if number == 0 else [""] * len(lead)), str(number), *(f"{errors[mode]:.2g}" for mode in MODES))
    return result


def ratios(rows: dict[Row, list[Run]]) -> list[tuple[Row, float]]:
    """Correlation time of the refiner over that of its peer, wherever both were trained."""
    mean = {row: statistics.mean(run.times[0] for run in runs) for row, runs in rows.items()}
    peers = {row: (PEERS[1], *row[1:]) for row in mean if row[0] == PEERS[0]}
    return [(row, mean[row] / mean[peer]) for row, peer in peers.items() if peer in mean]


def draw(points: list[tuple[Row, float]], path: Path) -> None:
    """Ratio against steps, a line per width, with the data of most points."""
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    full = max(row[3] for row, _ in points)
    for width in sorted({row[1] for row, _ in points}):
        curve = sorted((row[2], ratio) for row, ratio in points if row[1] == width and row[3] == full)
        axes.semilogx(*zip(*curve, strict=True), "o-", label=f"{width} channels")
    axes.axhline(1, color="grey", linewidth=1)
    axes.legend()
    axes.set(xlabel="training steps of batch 64", ylabel="correlation time, refiner / one-step")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Read, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--figure", type=Path)
    args = parser.parse_args()
    runs = sorted((Run.read(folder) for folder in args.runs), key=lambda run: (*run.row, run.seed))
    rows = {row: list(group) for row, group in itertools.groupby(runs, key=lambda run: run.row)}
    Console(width=160).print(table(rows))
    points = ratios(rows)
    for (_, width, steps, trajectories), ratio in points:
        Console().print(f"{width} channels, {steps} steps, {trajectories} trajectories: ratio {ratio:.3f}", highlight=False)
    if args.figure and points:
        draw(points, args.figure)


if __name__ == "__main__":
    main()
