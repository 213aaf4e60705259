"""Scores of constrained operators beyond the report of a run: later times, block borders, a constraint at inference only.

python benchmarks/constrained_scores.py RUN/pretrained                         relative L2 over the test set, and the residual near and far from block borders
python benchmarks/constrained_scores.py RUN/pretrained --overlap 0 4           a row for the network with sharp blocks, one with overlapping windows
python benchmarks/constrained_scores.py RUN/pretrained --overlap 0 4 --figure docs/figures/block_borders.png     maps of their residuals over time and x
python benchmarks/constrained_scores.py RUN/pretrained --counts 1 4            the same network with another partition
python benchmarks/constrained_scores.py RUN/pretrained --until 40 --name diffusion_sorption_small --frames 51     error after frame 40 of an operator that was
    trained up to there with data.scenario.num_frames=41 data.name=diffusion_sorption_until_400_small
"""

from __future__ import annotations

import argparse
import dataclasses
import time

import matplotlib.pyplot as plt
import torch
from hydra.utils import instantiate
from matplotlib.colors import LogNorm
from rich.console import Console
from rich.table import Table

from neuralpde.constraints import ConstrainedOperator, Partition
from neuralpde.data import TrajectoryDataModule
from neuralpde.derivatives import Trajectory
from neuralpde.pretrained import load_pretrained


def test_data(config: dict, limit: int, *, name: str | None, frames: int | None) -> TrajectoryDataModule:
    """The data module of a checkpoint's config."""
    scenario = {**config["data"]["scenario"], **({} if frames is None else {"num_frames": frames})}
    return instantiate({**config["data"], "scenario": scenario, **({} if name is None else {"name": name})}, batch_size=limit, _convert_="all")


@torch.no_grad()
def scores(model: ConstrainedOperator, data: TrajectoryDataModule, *, num_trajectories: int, until: int | None) -> tuple[dict[str, float], torch.Tensor]:
    """Relative L2 in percent, its spread over trajectories, seconds per trajectory, residuals of the assembled field; and their rms at every point."""
    batch = next(iter(data.test_dataloader()))
    frames, grid = batch.frames[:num_trajectories], data.spec.domain
    domain = model.domain(grid, num_frames=frames.shape[1])
    generator, start = torch.Generator().manual_seed(0), time.perf_counter()
    parts = zip(frames.split(8), batch.coefficients[:num_trajectories].split(8), strict=True)
    solutions = [model(u[:, 0], c, domain, generator=generator) for u, c in parts]
    found = torch.cat([solution.frames for solution in solutions])
    seconds = (time.perf_counter() - start) / len(frames)
    first = 0 if until is None else until + 1
    error = (found - frames)[:, first:].flatten(1).norm(dim=1) / frames[:, first:].flatten(1).norm(dim=1)
    residual = assembled_residual(model, found, batch.coefficients[:num_trajectories], domain)
    near = torch.cat([border_mask(solution.partition, domain).expand(len(solution.frames), *domain.shape) for solution in solutions])
    row = {
        "relative L2 %": 100 * float(error.mean()),
        "± %": 100 * float(error.std()),
        "seconds": seconds,
        "rms residual": float(residual.square().mean().sqrt()),
    }
    if near.any():
        row |= {"at borders": _rms(residual, near), "elsewhere": _rms(residual, ~near)}
    return row, residual.square().mean((0, 1)).sqrt()


def draw(maps: dict[str, torch.Tensor], path: str) -> None:
    """Residuals of a problem in one space dimension over time and x, one panel each and one logarithmic scale."""
    figure, axes = plt.subplots(1, len(maps), figsize=(5 * len(maps), 3.2), sharey=True, layout="constrained", squeeze=False)
    everything = torch.cat([values.flatten() for values in maps.values()])
    scale = LogNorm(vmin=float(everything.quantile(0.02)), vmax=float(everything.quantile(0.998)))
    for axis, (title, values) in zip(axes[0], maps.items(), strict=True):
        image = axis.imshow(values.T, origin="lower", aspect="auto", norm=scale, cmap="magma")
        axis.set(title=title, xlabel="frame")
    axes[0, 0].set_ylabel("node")
    figure.colorbar(image, ax=axes, label="rms residual over trajectories")
    figure.savefig(path, dpi=120)


def assembled_residual(model: ConstrainedOperator, frames: torch.Tensor, coefficients: torch.Tensor, domain) -> torch.Tensor:
    """Residual by finite differences of the assembled field, jumps between blocks included, ``(batch, channel, time, *space)``."""
    d = Trajectory(model.constraint.space(domain.grid), domain.times, order=2)
    return model.equations(coefficients).residual(frames.double(), d).movedim(2, 1)


def border_mask(partition: Partition, domain) -> torch.Tensor:
    """Points within one node of an inner block border."""
    mask = torch.zeros(domain.shape, dtype=torch.bool)
    for axis, marks in enumerate(partition.edges):
        for mark in marks[1:-1]:
            mask.narrow(axis, mark - 1, 2).fill_(True)
    return mask


def _rms(residual: torch.Tensor, where: torch.Tensor) -> float:
    """Root mean square of ``(batch, channel, *domain)`` where ``(batch, *domain)`` is true."""
    return float(residual.movedim(1, -1)[where].square().mean().sqrt())


def main() -> None:
    """Print one row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--overlap", type=int, nargs="+", default=[None], help="points by which windows reach into each other; as trained if left out")
    parser.add_argument("--counts", type=int, nargs="+")
    parser.add_argument("--until", type=int)
    parser.add_argument("--name", help="folder of other data of the same scenario")
    parser.add_argument("--frames", type=int, help="frames of those data")
    parser.add_argument("--trajectories", type=int, default=128)
    parser.add_argument("--figure", help="file for maps of the residual, one space dimension only")
    options = parser.parse_args()
    model, config, _ = load_pretrained(options.checkpoint)
    if not isinstance(model, ConstrainedOperator):
        raise TypeError(f"constrained_scores: expected a ConstrainedOperator, got {type(model).__name__}; use a run of experiment=hard_constraints/...")
    data = test_data(config, options.trajectories, name=options.name, frames=options.frames)
    trained, rows, maps = model.constraint, {}, {}
    for overlap in options.overlap:
        changes = {name: value for name, value in (("overlap", overlap), ("counts", options.counts)) if value is not None}
        model.constraint = dataclasses.replace(trained, **changes)
        title = f"overlap {model.constraint.overlap}"
        rows[title], maps[title] = scores(model, data, num_trajectories=options.trajectories, until=options.until)
    table = Table("", *next(iter(rows.values())), title=options.checkpoint)
    for title, row in rows.items():
        table.add_row(title, *(f"{value:.4g}" for value in row.values()))
    Console(width=140).print(table)
    if options.figure:
        draw(maps, options.figure)


if __name__ == "__main__":
    main()
