"""Given trigonometric series: forcings that are the same for every trajectory."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from neuralpde.initial.gaussian_field import FourierSeries

__all__ = ["FixedSeries"]


@dataclass(frozen=True)
class FixedSeries:
    r"""Law that always returns the :class:`FourierSeries`  Σₘ aₘ cos(kₘ·x) + bₘ sin(kₘ·x); consumes no randomness.

    Args:
        cosines: aₘ.
        sines: bₘ.
        wavevectors: kₘ, angular, one entry per axis.

    Raises:
        ValueError: the three differ in number.
    """

    cosines: tuple[float, ...]
    sines: tuple[float, ...]
    wavevectors: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        for name in ("cosines", "sines"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        object.__setattr__(self, "wavevectors", tuple(tuple(float(k) for k in vector) for vector in self.wavevectors))
        if not len(self.cosines) == len(self.sines) == len(self.wavevectors) > 0:
            counts = len(self.cosines), len(self.sines), len(self.wavevectors)
            raise ValueError(f"FixedSeries: needs as many cosines as sines and wavevectors, got {counts}; complete the lists.")

    def __call__(self, generator: torch.Generator) -> FourierSeries:
        """The series, with batch 1."""
        del generator
        rows = (torch.tensor([values], dtype=torch.float64) for values in (self.cosines, self.sines, self.wavevectors))
        return FourierSeries(*rows)
