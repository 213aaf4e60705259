"""Short random sine series in one space dimension: initial state and forcing of the combined equation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.initial.laws import Law
from neuralpde.initial.profiles import Profile

__all__ = ["RandomSineSeries", "SineSeries"]


@dataclass(frozen=True, eq=False)
class SineSeries(Profile):
    r"""Σⱼ Aⱼ sin(ωⱼ t + 2π lⱼ x / L + φⱼ), a coefficient that reads ``d.t`` and the first coordinate of ``d``.

    Args:
        amplitudes: Aⱼ, ``(batch, J)``.
        frequencies: ωⱼ, angular, ``(batch, J)``.
        wavenumbers: lⱼ, whole numbers for a function of period L, ``(batch, J)``.
        phases: φⱼ, ``(batch, J)``.
        length: L, ``(batch,)``.
    """

    amplitudes: Tensor
    frequencies: Tensor
    wavenumbers: Tensor
    phases: Tensor
    length: Tensor

    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``, one channel."""
        angular = 2 * math.pi * self.wavenumbers / self.length.unsqueeze(-1)
        rows = zip(self.amplitudes.unbind(-1), self.frequencies.unbind(-1), angular.unbind(-1), self.phases.unbind(-1), strict=True)
        terms = [d.lift(a) * torch.sin(d.lift(w) * d.t + d.lift(k) * d.x[0] + d.lift(p)) for a, w, k, p in rows]
        return sum(terms[1:], start=terms[0])


@dataclass(frozen=True)
class RandomSineSeries:
    r"""Law of :class:`SineSeries`: A ~ U(−amplitude, amplitude), ω ~ U(−frequency, frequency), φ ~ U(0, 2π), l uniform on ``wavenumbers``.

    The defaults are those of the experiments E1–E3 in Brandstetter, Worrall & Welling, *Message Passing Neural PDE Solvers* (2022),
    section 4.1: J = 5, A in ±0.5, ω in ±0.4 and L = 16, with l in {1, 2} as their data have it (the text says {1, 2, 3}).
    ``frequency=0`` gives an initial state without motion.

    Args:
        num_terms: J, at least 1.
        amplitude: largest |A|.
        frequency: largest |ω|.
        wavenumbers: whole numbers to choose from.
        length: period L, a number or a law.
    """

    num_terms: int = 5
    amplitude: float = 0.5
    frequency: float = 0.4
    wavenumbers: tuple[int, ...] = (1, 2)
    length: float | Law = 16.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "wavenumbers", tuple(int(m) for m in self.wavenumbers))
        if self.num_terms < 1 or not self.wavenumbers:
            raise ValueError(
                f"RandomSineSeries: needs num_terms >= 1 and some wavenumbers, got num_terms={self.num_terms}, wavenumbers={self.wavenumbers}; add terms."
            )

    def __call__(self, generator: torch.Generator) -> SineSeries:
        """One draw, a series with batch 1."""
        uniform = torch.rand(3, 1, self.num_terms, generator=generator, dtype=torch.float64)
        picks = torch.randint(len(self.wavenumbers), (1, self.num_terms), generator=generator)
        length = self.length(generator) if callable(self.length) else self.length
        return SineSeries(
            amplitudes=self.amplitude * (2 * uniform[0] - 1),
            frequencies=self.frequency * (2 * uniform[1] - 1),
            wavenumbers=torch.tensor(self.wavenumbers, dtype=torch.float64)[picks],
            phases=2 * math.pi * uniform[2],
            length=torch.tensor([length], dtype=torch.float64),
        )
