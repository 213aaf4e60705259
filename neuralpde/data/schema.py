"""Layout of a trajectory file: what stands in its root attributes and how they are checked.

```
/fields/<name>        (N, T, *space)  float32, chunks of some frames of one trajectory
/coefficients/<name>  (N, ...)        float64
/coordinates/time     (T,)            float64;  /coordinates/x, y, z  (n,) float64 nodes
/valid                (N,)            bool: the trajectory is complete and finite
```
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import torch

from neuralpde import __version__
from neuralpde.data.foreign import recognise
from neuralpde.data.recipe import target_path, to_recipe
from neuralpde.data.scenario import Scenario
from neuralpde.grids import Grid

__all__ = ["AXES", "FORMAT", "VERSION", "DataFileError", "Header", "open_file"]

FORMAT = "neuralpde.trajectories"
VERSION = 1
AXES = ("x", "y", "z")


class DataFileError(ValueError):
    """A file that cannot serve as data.

    Args:
        path: the file.
        expected: what was needed.
        found: what is there.
        advice: what to do.
    """

    def __init__(self, path: str | Path, expected: str, found: str, advice: str) -> None:
        super().__init__(f"{path}: expected {expected}, found {found.rstrip('.')}; {advice}.")
        self.path, self.expected, self.found, self.advice = Path(path), expected, found, advice

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.expected, self.found, self.advice)


@dataclass(frozen=True, eq=False)
class Header:
    """Everything about a file except its numbers.

    Args:
        recipe: the scenario as a plain tree, see :mod:`neuralpde.data.recipe`.
        equation: path of the equation's class.
        fields: names of the fields, in channel order.
        grid: nodes.
        dt: time between frames.
        t0: time of the first frame.
        num_frames: frames per trajectory.
        seed: seed of the draws.
        split: train, valid or test.
        num_trajectories: N.
        first: index of the first trajectory; not zero in shards.
        code: versions of this package and of torch that made it.
    """

    recipe: dict[str, Any]
    equation: str
    fields: tuple[str, ...]
    grid: Grid
    dt: float
    t0: float
    num_frames: int
    seed: int
    split: str
    num_trajectories: int
    first: int = 0
    code: str = ""

    @classmethod
    def of(cls, scenario: Scenario, *, seed: int, split: str, num_trajectories: int, first: int = 0) -> Header:
        """Header of a file of ``scenario``."""
        return cls(
            recipe=to_recipe(scenario),
            equation=target_path(scenario.equation_class),
            fields=tuple(scenario.fields),
            grid=scenario.grid,
            dt=scenario.dt,
            t0=scenario.t0,
            num_frames=scenario.num_frames,
            seed=seed,
            split=split,
            num_trajectories=num_trajectories,
            first=first,
            code=_code_version(),
        )

    def shape(self) -> tuple[int, ...]:
        """Shape of a field's data set, (N, T, *space)."""
        return (self.num_trajectories, self.num_frames, *self.grid.shape)

    def origin(self) -> dict[str, Any]:
        """What determines the content: two files with equal origins hold equal trajectories at equal indices."""
        return {"recipe": self.recipe, "seed": self.seed, "split": self.split}

    def write(self, file: h5py.File) -> None:
        """Write the attributes and coordinates."""
        attributes = {
            "format": FORMAT,
            "version": VERSION,
            "recipe": json.dumps(self.recipe, sort_keys=True),
            "equation": self.equation,
            "fields": json.dumps(self.fields),
            "grid": json.dumps(dataclasses.asdict(self.grid)),
            "boundary_conditions": json.dumps(_boundary_conditions(self.grid)),
            "solver": json.dumps(self.recipe["solver"], sort_keys=True),
            "dt": self.dt,
            "t0": self.t0,
            "num_frames": self.num_frames,
            "seed": self.seed,
            "split": self.split,
            "num_trajectories": self.num_trajectories,
            "first": self.first,
            "code": self.code,
        }
        for name, value in attributes.items():
            file.attrs[name] = value
        time = self.t0 + self.dt * torch.arange(self.num_frames, dtype=torch.float64)
        file.create_dataset("coordinates/time", data=time.numpy())
        for axis, name in enumerate(AXES[: self.grid.ndim]):
            file.create_dataset(f"coordinates/{name}", data=self.grid.coordinates(axis).numpy())

    @classmethod
    def read(cls, file: h5py.File) -> Header:
        """Read and check the attributes and the shapes.

        Raises:
            DataFileError: a foreign file, another version, or a layout that contradicts its own attributes.
        """
        path, a = file.filename, dict[str, Any](file.attrs)
        _check_format(file)
        missing = [field.name for field in dataclasses.fields(cls) if field.name not in a]
        if missing:
            raise DataFileError(path, "the root attributes of a trajectory file", f"none named {', '.join(missing)}", "generate the file again")
        try:
            header = cls(
                recipe=json.loads(a["recipe"]),
                equation=a["equation"],
                fields=tuple(json.loads(a["fields"])),
                grid=Grid(**json.loads(a["grid"])),
                dt=float(a["dt"]),
                t0=float(a["t0"]),
                num_frames=int(a["num_frames"]),
                seed=int(a["seed"]),
                split=a["split"],
                num_trajectories=int(a["num_trajectories"]),
                first=int(a["first"]),
                code=a["code"],
            )
        except (ValueError, TypeError) as error:
            raise DataFileError(path, "the root attributes of a trajectory file", f"a wrong one ({error})", "generate the file again") from None
        header._check_layout(file)
        return header

    def _check_layout(self, file: h5py.File) -> None:
        expected = {f"fields/{name}": self.shape() for name in self.fields}
        expected |= {"valid": (self.num_trajectories,), "coordinates/time": (self.num_frames,)}
        for name, shape in expected.items():
            dataset = file.get(name)
            found = dataset.shape if isinstance(dataset, h5py.Dataset) else None
            if found != shape:
                raise DataFileError(
                    file.filename, f"/{name} of shape {shape}", "no such data set" if found is None else f"shape {found}", "generate the file again"
                )


def _code_version() -> str:
    return f"neuralpde {__version__}, torch {torch.__version__}"


def _boundary_conditions(grid: Grid) -> dict[str, list[str]]:
    """Kind per side, in the words of The Well; whether a wall is Dirichlet or Neumann is told by the coefficients ``bc_<side>``."""
    periodic = dataclasses.asdict(grid)["periodic"]
    return {name: ["periodic" if closed else "wall"] * 2 for name, closed in zip(AXES, periodic, strict=False)}


def _check_format(file: h5py.File) -> None:
    found = file.attrs.get("format")
    if found != FORMAT:
        family = recognise(file)
        what = f"a {family} file" if family else f"format {found!r} and the members {sorted(file)[:6]}"
        raise DataFileError(file.filename, f"format {FORMAT!r}", what, "convert it, or make a file with datasets/generate.py")
    version = file.attrs.get("version")
    if version != VERSION:
        advice = "update neuralpde" if version is not None and version > VERSION else "generate the file again"
        raise DataFileError(file.filename, f"version {VERSION}", f"version {version}", advice)


def open_file(path: Path) -> h5py.File:
    """Open for reading.

    Raises:
        DataFileError: the file does not exist, is truncated, or is no HDF5 file.
    """
    if not path.is_file():
        raise DataFileError(path, "a trajectory file", "no such file", "make it with datasets/generate.py or correct the path")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        cause = "a truncated file" if "truncated" in str(error) else "no readable HDF5 file"
        raise DataFileError(path, "a complete HDF5 file", f"{cause} of {path.stat().st_size} bytes", "delete it and generate it again") from None
