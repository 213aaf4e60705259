"""What a data module tells a model about its data."""

from __future__ import annotations

from dataclasses import dataclass

from neuralpde.grids import Grid, PointSet

__all__ = ["DataSpec"]


@dataclass(frozen=True, eq=False)
class DataSpec:
    """Sizes, scales and statistics of the training split; models are built from it, so that no such number stands in a config.

    Args:
        fields: names of the channels, in order.
        domain: nodes of the fields as they are served, after resampling and dropping of points.
        dt: time between two frames.
        time_scale: time of the last frame less time of the first; maps times to [0, 1].
        num_frames: frames per trajectory.
        coefficient_names: what the model is conditioned on.
        coefficient_scale: max |c| per name over the training split, 1 where that is zero.
        mean: mean per channel over trajectories, time and nodes (nodes counted equally).
        std: standard deviation per channel, likewise.
    """

    fields: tuple[str, ...]
    domain: Grid | PointSet
    dt: float
    time_scale: float
    num_frames: int
    coefficient_names: tuple[str, ...]
    coefficient_scale: tuple[float, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.fields)

    @property
    def num_coefficients(self) -> int:
        """Number of conditioning coefficients."""
        return len(self.coefficient_names)
