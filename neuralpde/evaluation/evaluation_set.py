"""The trajectories a model is scored on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from neuralpde.data import DataFileError, TrajectoryDataModule, TrajectoryFile, View
from neuralpde.equations import Equation
from neuralpde.grids import Grid, PointSet

__all__ = ["EvaluationSet"]


@dataclass(frozen=True, eq=False)
class EvaluationSet:
    """Complete reference trajectories with all that is needed to predict and to recompute them.

    Args:
        name: what reports call it.
        file: where they come from; its recipe rebuilds the classical solver.
        indices: position of every trajectory in the file, ``(batch,)``.
        frames: reference trajectories as the model sees them, ``(batch, T, channel, *space)``.
        coefficients: what the model is told, ``(batch, num)``.
        coefficient_names: what that is.
        domain: nodes of ``frames``.
        fields: names of the channels.
        steps: each trajectory's own time between frames, ``(batch,)``; None if all have that of the file.
        velocity: channels of v_x and v_y in a plane flow, None for anything else.
    """

    name: str
    file: TrajectoryFile
    indices: Tensor
    frames: Tensor
    coefficients: Tensor
    coefficient_names: tuple[str, ...]
    domain: Grid | PointSet
    fields: tuple[str, ...]
    steps: Tensor | None = None
    velocity: tuple[int, int] | None = None

    @property
    def num_trajectories(self) -> int:
        """Number of trajectories."""
        return self.frames.shape[0]

    @property
    def num_frames(self) -> int:
        """Frames of each trajectory, the given ones included."""
        return self.frames.shape[1]

    @property
    def dt(self) -> float:
        """Time between frames."""
        return self.file.dt

    @property
    def times(self) -> Tensor:
        """Time of every frame, ``(T,)`` float64."""
        return self.file.times

    def told(self, names: tuple[str, ...], substitutes: Mapping[str, float | str]) -> EvaluationSet:
        """The same trajectories for a model that is told other coefficients.

        Args:
            names: what the model is told.
            substitutes: see ``coefficients`` of :meth:`from_file`.
        """
        return replace(self, coefficients=_told(self.file, names, substitutes)[self.indices], coefficient_names=names)

    @classmethod
    def from_file(
        cls,
        file: TrajectoryFile,
        view: View | None = None,
        *,
        coefficients: Mapping[str, float | str] | None = None,
        indices: Tensor | None = None,
        num_trajectories: int | None = None,
        name: str | None = None,
    ) -> EvaluationSet:
        """Trajectories of a file.

        Args:
            file: a trajectory file.
            view: fields, nodes and coefficients that the model sees; everything on the file's grid and no coefficients by default.
            coefficients: where the file names a coefficient differently, its name there; where it has none, the constant to tell the model.
            indices: which trajectories; the valid ones by default.
            num_trajectories: how many of them; all by default.
            name: what reports call the set; the file's name by default.

        Raises:
            DataFileError: fields, coefficients or a resolution that the file does not have.
        """
        view = view or View()
        indices = (file.valid() if indices is None else indices)[:num_trajectories]
        fields, steps = file.checked_fields(view.fields), _steps(file)
        return cls(
            name=name or file.path.stem,
            file=file,
            indices=indices,
            frames=view.frames(file, indices),
            coefficients=_told(file, view.conditioned_on, coefficients or {})[indices],
            coefficient_names=view.conditioned_on,
            domain=view.domain(file),
            fields=fields,
            steps=None if steps is None else steps[indices],
            velocity=_velocity(file, fields),
        )

    @classmethod
    def from_datamodule(
        cls,
        datamodule: TrajectoryDataModule,
        split: str = "test",
        *,
        coefficients: Mapping[str, float | str] | None = None,
        num_trajectories: int | None = None,
    ) -> EvaluationSet:
        """The trajectories of a split as the data module serves them; that split alone is generated if it is missing.

        Args:
            datamodule: data module.
            split: ``train``, ``valid`` or ``test``.
            coefficients: see :meth:`from_file`.
            num_trajectories: how many; all by default.
        """
        if not datamodule.path(split).exists():
            datamodule.generate(split)
        return cls.from_file(
            datamodule.file(split),
            datamodule.view,
            coefficients=coefficients,
            indices=datamodule.indices(split),
            num_trajectories=num_trajectories,
            name=f"{datamodule.name}/{split}",
        )


def _told(file: TrajectoryFile, names: tuple[str, ...], substitutes: Mapping[str, float | str]) -> Tensor:
    """Coefficients of every trajectory of the file, ``(N, num)``."""
    sources = [substitutes.get(name, name) for name in names]
    from_file = file.coefficients([source for source in sources if isinstance(source, str)])
    columns = iter(from_file.unbind(dim=1))
    told = [next(columns) if isinstance(source, str) else torch.full((file.num_trajectories,), float(source)) for source in sources]
    return torch.stack(told, dim=1) if told else from_file


def _equation(file: TrajectoryFile) -> type[Equation]:
    """The class of the recipe's equation; one that says nothing for files without a recipe."""
    try:
        return file.scenario().equation_class
    except (DataFileError, TypeError):
        return Equation


def _velocity(file: TrajectoryFile, fields: tuple[str, ...]) -> tuple[int, int] | None:
    """Channels of a plane velocity, if the equation says that it has one and ``fields`` holds both components."""
    named = _equation(file).velocity_fields
    return (fields.index(named[0]), fields.index(named[1])) if len(named) == 2 and set(named) <= set(fields) else None


def _steps(file: TrajectoryFile) -> Tensor | None:
    """Time between frames of every trajectory of the file in its own seconds, if the equation says that it has a clock."""
    clock = _equation(file).clock
    return file.dt * file.column(clock) if clock in file.coefficient_names else None
