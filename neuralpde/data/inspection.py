"""What a file holds and whether it is sound."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import torch
from rich.table import Table

from neuralpde.data.schema import DataFileError
from neuralpde.data.trajectory_file import TrajectoryFile

__all__ = ["Inspection", "inspect_file"]


@dataclass
class Inspection:
    """Findings about one file.

    Args:
        path: the file.
        facts: what it holds, name → text.
        problems: what is wrong with it, one sentence each.
    """

    path: Path
    facts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def table(self) -> Table:
        """The findings for a terminal."""
        table = Table("", "", title=str(self.path), show_header=False, title_justify="left")
        table.columns[1].overflow = "fold"
        for name, text in self.facts.items():
            table.add_row(name, text)
        for problem in self.problems:
            table.add_row("[red]problem[/red]", problem)
        table.add_row("sound", "[green]yes[/green]" if self.sound else "[red]no[/red]")
        return table


def inspect_file(path: str | Path) -> Inspection:
    """Read the whole file and report; never raises for what may be wrong with it."""
    inspection = Inspection(Path(path))
    try:
        file = TrajectoryFile(path)
        _describe(file, inspection)
        _check_numbers(file, inspection)
        _check_recipe(file, inspection)
        inspection.facts["fingerprint"] = file.fingerprint()
        file.close()
    except DataFileError as error:
        inspection.problems.append(str(error))
    except OSError as error:
        inspection.problems.append(f"{path}: expected readable data, found damage ({' '.join(str(error).split())}); delete it and generate it again.")
    return inspection


def _describe(file: TrajectoryFile, inspection: Inspection) -> None:
    header, grid = file.header, file.grid
    sides = dataclasses.asdict(grid)
    ends = ", ".join(f"[{a:g}, {b:g}{')' if p else ']'}" for a, b, p in zip(sides["lower"], sides["upper"], sides["periodic"], strict=True))
    solver = header.recipe.get("solver", {})
    options = ", ".join(f"{name}={value}" for name, value in solver.items() if not name.startswith("_"))
    inspection.facts |= {
        "equation": header.equation,
        "split": f"{header.split}, seed {header.seed}, from index {header.first}",
        "trajectories": str(header.num_trajectories),
        "frames": f"{header.num_frames}, dt {header.dt:g}, t from {header.t0:g} to {header.t0 + header.dt * (header.num_frames - 1):g}",
        "grid": f"{' × '.join(map(str, grid.shape))} {'/'.join(sorted(set(grid.nodes)))} nodes on {ends}",
        "solver": f"{solver.get('_target_', 'unknown')}({options})",
        "made by": header.code,
    }


def _check_numbers(file: TrajectoryFile, inspection: Inspection) -> None:
    valid = file.valid()
    invalid = sorted(set(range(file.num_trajectories)) - set(valid.tolist()))
    inspection.facts["valid"] = f"{len(valid)} of {file.num_trajectories}" + (f", diverged: {', '.join(map(str, invalid[:20]))}" if invalid else "")
    if len(valid) == 0:
        inspection.problems.append(f"{file.path}: expected at least one valid trajectory, found none; take a smaller solver step and generate it again.")
        return
    for name in file.fields:
        low, high, broken = _range(file, name, valid)
        inspection.facts[f"field {name}"] = f"{low:.6g} to {high:.6g}"
        if broken:
            inspection.problems.append(f"{file.path}: expected finite values of {name}, found {broken} trajectories with others; generate it again.")
        elif low == high:
            inspection.problems.append(f"{file.path}: expected {name} to vary, found {low:g} everywhere; generate it again.")
    for name in file.coefficient_names:
        values = file.column(name)
        each = f", each of shape {tuple(values.shape[1:])}" if values.ndim > 1 else ""
        inspection.facts[f"coefficient {name}"] = f"{values.min().item():.6g} to {values.max().item():.6g}{each}"
        if not bool(values.isfinite().all()):
            inspection.problems.append(f"{file.path}: expected finite coefficients {name}, found others; generate it again.")


def _range(file: TrajectoryFile, name: str, valid: torch.Tensor) -> tuple[float, float, int]:
    """Smallest and largest value of a field, and the number of trajectories that are not finite."""
    low, high, broken = float("inf"), float("-inf"), 0
    for rows in valid.split(64):
        values = file.read(rows, fields=[name]).flatten(1)
        finite = values.isfinite()
        broken += int((~finite.all(dim=1)).sum())
        low = min(low, values.where(finite, torch.inf).min().item())
        high = max(high, values.where(finite, -torch.inf).max().item())
    return low, high, broken


def _check_recipe(file: TrajectoryFile, inspection: Inspection) -> None:
    """A file whose stored coefficients are not those of its recipe was edited or made by another version."""
    drawn = file.draw([0]).columns()
    for name in file.coefficient_names:
        if name not in drawn or not torch.allclose(drawn[name][0], file.column(name)[0].to(drawn[name].dtype), rtol=1e-12, atol=0.0):
            inspection.problems.append(f"{file.path}: expected the coefficient {name} of its recipe and seed, found another value; generate it again.")
