"""The trajectories a model is scored on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.data import TrajectoryDataModule, TrajectoryFile, View
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
    """

    name: str
    file: TrajectoryFile
    indices: Tensor
    frames: Tensor
    coefficients: Tensor
    coefficient_names: tuple[str, ...]
    domain: Grid | PointSet
    fields: tuple[str, ...]

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
        return cls(
            name=name or file.path.stem,
            file=file,
            indices=indices,
            frames=view.frames(file, indices),
            coefficients=_told(file, view.conditioned_on, coefficients or {})[indices],
            coefficient_names=view.conditioned_on,
            domain=view.domain(file),
            fields=file.checked_fields(view.fields),
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
