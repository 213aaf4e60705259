"""Fourier derivatives of lazy fields: the fewest possible transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.fourier import Fourier
from neuralpde.derivatives.lazy_field import LazyField
from neuralpde.derivatives.wavenumbers import powers
from neuralpde.grids import Grid

__all__ = ["LazyFourier"]


class LazyFourier(Fourier):
    """:class:`Fourier` whose fields are lazy; the provider of exponential solvers.

    Every conversion between values and coefficients is dealiased, in both directions, so a product never sees a discarded mode and never
    returns one. Coefficients hold only the kept wavenumbers of the last axis, and hold them first, ``(..., *k)`` with k in the order
    (last, first, second, …): then all other transforms run along contiguous memory. The vorticity equation costs 4 transforms instead of
    12, Burgers 2 instead of 3.

    Enter with ``d.field(spectrum=u_hat)`` and leave with ``d.transform(equation.nonlinear(u, d))``. Lift coefficients once: a lifted
    space-dependent coefficient remembers its transform.

    Args:
        grid: periodic in every axis.
        dealias: see :class:`Fourier`.
        t: time.
        device: where to compute.
        dtype: precision of coordinates, multipliers and lifted coefficients, hence of all fields that meet them.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        dealias: float = 1.0,
        t: float | Tensor = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        super().__init__(grid, dealias=dealias, t=t, device=device, dtype=dtype)
        self._dtype = dtype
        self._columns = grid.shape[-1] // 2 + 1 if self._mask is None else int(self._mask.reshape(-1, grid.shape[-1] // 2 + 1).amax(dim=0).sum())
        self._mask = None if self._mask is None else self.multiplier(self._mask)
        self._squared, self._inverse, self._inverse_div_grad = (self.multiplier(m) for m in (self._squared, self._inverse, self._inverse_div_grad))
        # Caches, not state, in lists so that copies at other times share them.
        self._plane: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        self._matrix: list[list[Tensor]] = []

    def arranged(self, coefficients: Tensor) -> Tensor:
        """Coefficients or a multiplier in the layout of ``rfftn``, rearranged to that of this provider."""
        return coefficients[..., : self._columns].movedim(-1, -self.ndim).contiguous()

    def multiplier(self, values: Tensor) -> Tensor:
        """:meth:`arranged`, in the precision of this provider."""
        return self.arranged(values).to(self._dtype.to_complex() if values.is_complex() else self._dtype)

    def power(self, axis: int, order: int) -> Tensor:
        """(ik)^order along one axis; broadcasts against coefficients."""
        if (axis, order) not in self._powers:
            self._powers[axis, order] = self.multiplier(powers(self.grid, axis, order, self._device))
        return self._powers[axis, order]

    def spectrum(self, u: Tensor) -> Tensor:
        """Fourier coefficients without dealiasing but for the last axis, ``(..., *space)`` → ``(..., *k)``."""
        u_hat = torch.fft.rfft(u)[..., : self._columns]
        return torch.fft.fftn(u_hat.movedim(-1, -self.ndim), dim=self._axes[1:]) if self.ndim > 1 else u_hat

    def values(self, u_hat: Tensor) -> Tensor:
        """Inverse of :meth:`spectrum`."""
        rows = torch.fft.ifftn(u_hat, dim=self._axes[1:]).movedim(-self.ndim, -1) if self.ndim > 1 else u_hat
        return torch.fft.irfft(rows, n=self.grid.shape[-1])

    def field(self, *, values: Tensor | None = None, spectrum: Tensor | None = None) -> LazyField:
        """A field from its values ``(batch, channel, *space)`` or from its Fourier coefficients in the layout of ``rfftn``."""
        return LazyField(self, values=values, spectrum=None if spectrum is None else self._masked(self.arranged(spectrum)))

    def resolved(self, u_hat: Tensor) -> LazyField:
        """A field from dealiased coefficients in the layout of this provider, as :meth:`forward` and :meth:`transform` return them."""
        return LazyField(self, spectrum=u_hat)

    def transform(self, field: Field) -> Tensor | float:
        """Dealiased Fourier coefficients of a field, of point values or of a number; a plain zero stays one."""
        if isinstance(field, (int, float)):
            if field == 0:
                return 0.0
            field = torch.full(self.grid.shape, float(field), dtype=self.x[0].dtype, device=self.x[0].device)[None, None]
        return self._as_field(field).spectrum

    def forward(self, values: Tensor) -> Tensor:
        """Dealiased Fourier coefficients of values."""
        return self._masked(self.spectrum(values.expand(*values.shape[: -self.ndim], *self.grid.shape)))

    def backward(self, u_hat: Tensor) -> Tensor:
        """Values of the field with the dealiased coefficients ``u_hat``."""
        return self.values(u_hat)

    def _masked(self, u_hat: Tensor) -> Tensor:
        return u_hat if self._mask is None else u_hat * self._mask.to(u_hat.real.dtype)

    def _as_field(self, u: Field) -> LazyField:
        return u if isinstance(u, LazyField) else self.field(values=u)

    def _multiplied(self, u: Field, multiplier: Tensor) -> Field:
        u_hat = self._as_field(u).spectrum
        return self.resolved(u_hat * multiplier.to(u_hat.dtype if multiplier.is_complex() else u_hat.real.dtype))

    def biot_savart(self, vorticity: Field) -> tuple[Field, Field]:
        """Velocity of a plane flow, one multiplication per component."""
        vx, vy, *_ = self._plane_flow()
        return self._multiplied(vorticity, vx), self._multiplied(vorticity, vy)

    def advect_vorticity(self, velocity: tuple[Field, Field], vorticity: Field) -> Field:
        """∇·(v ω) as the curl of ∇·(v ⊗ v), that is (∂ₓ² − ∂_y²)(v_x v_y) + ∂ₓ∂_y (v_y² − v_x²): 4 transforms with those of v, not 5.

        Without aliasing (``dealias`` at most 2/3) both forms agree to round-off.

        Reference: Basdevant, *Technical improvements for direct numerical simulation of homogeneous three-dimensional turbulence*,
        J. Comput. Phys. 50 (1983).
        """
        del vorticity  # it is the curl of the velocity
        vx, vy = (self._as_field(component).values for component in velocity)
        *_, shear, strain = self._plane_flow()
        return self.resolved(torch.addcmul(self.spectrum(vx * vy) * shear, self.spectrum(torch.addcmul(vy * vy, vx, vx, value=-1)), strain))

    def _plane_flow(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Multipliers: vorticity → v_x, v_y; and of v_x v_y and v_y² − v_x² in the transport of vorticity, dealiased."""
        if not self._plane:
            ikx, iky = self.power(0, 1), self.power(1, 1)
            pair = (ikx * ikx - iky * iky, ikx * iky)
            self._plane.append((-iky * self._inverse, ikx * self._inverse, self._masked(pair[0]), self._masked(pair[1])))
        return self._plane[0]

    def project(self, v: Sequence[Field]) -> tuple[Field, ...]:
        """The part of v without divergence, by the matrix δᵢⱼ − kᵢkⱼ/|k|² on the coefficients."""
        spectra = [self._as_field(component).spectrum for component in v]
        rows = self._projection()
        return tuple(self.resolved(_contracted(row, spectra)) for row in rows)

    def _projection(self) -> list[list[Tensor]]:
        """The projection matrix, one multiplier per entry."""
        if not self._matrix:
            ik = [self.power(axis, 1) for axis in range(self.ndim)]
            self._matrix += [[float(i == j) - ik[i] * ik[j] * self._inverse_div_grad for j in range(self.ndim)] for i in range(self.ndim)]
        return self._matrix

    def filter(self, u: Field) -> Field:
        """The field itself: its conversions are dealiased already."""
        return u

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ without a transform, if the coefficients are known."""
        return self._multiplied(u, self.power(axis, order)) if isinstance(u, (LazyField, Tensor)) else 0.0

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        """v·∇u."""
        return Derivatives.advect(self, velocity, u)

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∇·flux(u)."""
        return Derivatives.convect(self, flux, u, speed)

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u), see :meth:`Fourier.diffuse`; a variable ``a`` is evaluated on plain values."""
        if not isinstance(diffusivity, LazyField):
            return diffusivity * self.laplacian(u)
        plain = Fourier(self.grid, dealias=self.dealias, t=self.t, device=self.x[0].device, dtype=self.x[0].dtype)
        return self.field(values=plain.diffuse(diffusivity.values, self._as_field(u).values))

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space, a plain tensor with axes of length one."""
        return super().mean(self._as_field(u).values, axis)

    def split(self, u: Field) -> tuple[Field, ...]:
        """The channels of ``u``; what is known of ``u`` is known of its channels."""
        u = self._as_field(u)
        if u.is_spectral:
            return tuple(self.resolved(u_hat) for u_hat in super().split(u.spectrum))
        return tuple(self.field(values=values) for values in super().split(u.values))

    def join(self, *fields: Field) -> Field:
        """Inverse of :meth:`split`; plain tensors are joined as values."""
        if all(isinstance(field, Tensor) for field in fields):
            return super().join(*fields)
        return self.resolved(super().join(*(self._as_field(field).spectrum for field in fields)))

    def lift(self, coefficient: Any) -> Any:
        """As everywhere; a coefficient that varies in space becomes a lazy field."""
        lifted = super().lift(coefficient)
        if isinstance(lifted, Tensor) and lifted.is_floating_point():
            lifted = lifted.to(self._dtype)
        return self.field(values=lifted) if isinstance(lifted, Tensor) and lifted.shape[-self.ndim :] == self.grid.shape else lifted


def _contracted(row: list[Tensor], spectra: list[Tensor]) -> Tensor:
    """Σⱼ rowⱼ spectrumⱼ."""
    total = row[0] * spectra[0]
    for multiplier, spectrum in zip(row[1:], spectra[1:], strict=True):
        total = torch.addcmul(total, multiplier, spectrum)
    return total
