"""Random directions: the sparse and the dense stochastic Taylor estimators."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from neuralpde.derivatives.directions import DirectionLaw, Directions, columns_as_directions, unit_directions
from neuralpde.derivatives.sparse_operator import SparseOperator
from neuralpde.derivatives.taylor import EqualWeights

__all__ = ["GaussianDirections", "RademacherDirections", "SparseDirections", "distinct_integers"]


class _RandomDirections(DirectionLaw):
    def __init__(self, count: int, generator: torch.Generator, *, draws: int = 1) -> None:
        if count < 1 or draws < 1:
            raise ValueError(f"{type(self).__name__}: needs at least one direction and one draw, got count={count}, draws={draws}; raise them.")
        self.count, self.generator, self.draws = count, generator, draws

    def _weights(self, factor: float) -> EqualWeights:
        """Each draw averages its own directions."""
        return EqualWeights(self.draws, self.draws * self.count, factor / self.count)


class SparseDirections(_RandomDirections):
    r"""Distinct coordinates drawn uniformly:  Δf ≈ d/V Σ_{j ∈ J} ∂²f/∂xⱼ².

    Exact for V = d, and whenever the diagonal of the Hessian is constant. The variance is d²/V (1 − V/d) times the sample variance of that diagonal.

    Args:
        count: V, directions per draw.
        generator: source of randomness; every evaluation draws anew.
        draws: independent estimates made together; the unbiased square needs two.

    Raises:
        ValueError: more directions than coordinates.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), equations 16 to 19; Hu et al., stochastic dimension gradient
    descent (2024).
    """

    def laplacian(self, x: Tensor) -> Directions:
        """Second derivatives along the drawn coordinates."""
        return self.pure(x, 2)

    def pure(self, x: Tensor, order: int) -> Directions:
        """Derivatives along the drawn coordinates."""
        ndim = x.shape[-1]
        return Directions(unit_directions(x, self._draw(ndim, x)), self._weights(ndim), order)

    def biharmonic(self, x: Tensor) -> Directions:
        r"""Pairs (i, j) drawn uniformly;  ∂ᵢᵢⱼⱼ = [F₄(eᵢ + eⱼ) + F₄(eᵢ − eⱼ) − 2 F₄(eᵢ) − 2 F₄(eⱼ)] / 12, four directions for each pair."""
        ndim = x.shape[-1]
        pairs = torch.randint(ndim, (2, self.draws * self.count), generator=self.generator, device=self.generator.device).to(x.device)
        first, second = torch.nn.functional.one_hot(pairs, ndim).to(x)
        rows = torch.stack([first + second, first - second, first, second], dim=1).flatten(0, 1)
        weights = torch.kron(self._weights(ndim**2 / 12).matrix(x), x.new_tensor([[1.0, 1.0, -2.0, -2.0]]))
        return Directions(rows.reshape(-1, *(1,) * (x.ndim - 1), ndim), weights, 4)

    def quadratic(self, x: Tensor, factor: Tensor, signs: Tensor) -> Directions:
        """Columns of the factor, drawn without replacement."""
        picked = self._draw(factor.shape[-1], x)
        return Directions(
            columns_as_directions(x, factor.index_select(-1, picked.to(factor.device))), self._weights(factor.shape[-1]).matrix(x) * signs.to(x)[picked], 2
        )

    def terms(self, x: Tensor, operator: SparseOperator) -> tuple[Directions, ...]:
        """Terms drawn with replacement, with probability in proportion to their coefficients: :meth:`SparseOperator.random_terms`."""
        return operator.random_terms(x, self.count, self.generator, draws=self.draws)

    def _draw(self, total: int, x: Tensor) -> Tensor:
        if self.count > total:
            raise ValueError(f"SparseDirections: needs no more directions than there are coordinates or columns, {total}, got count={self.count}; lower it.")
        return torch.cat([distinct_integers(self.count, total, self.generator) for _ in range(self.draws)]).to(x.device)


class _DenseDirections(_RandomDirections):
    @abstractmethod
    def _entries(self, rows: int, columns: int) -> Tensor:
        """Random vectors with identity covariance, ``(rows, columns)``."""

    def laplacian(self, x: Tensor) -> Directions:
        """Vectors with identity covariance."""
        rows = self._entries(self.draws * self.count, x.shape[-1]).to(x)
        return Directions(rows.reshape(-1, *(1,) * (x.ndim - 1), x.shape[-1]), self._weights(1.0), 2)

    def pure(self, x: Tensor, order: int) -> Directions:
        """The Laplacian for order 2; no vectors with the right moments exist for a higher one."""
        if order != 2:
            raise ValueError(
                f"{type(self).__name__}: the sum of pure derivatives has a dense estimator for order 2 only, got order={order}; use SparseDirections."
            )
        return self.laplacian(x)

    def quadratic(self, x: Tensor, factor: Tensor, signs: Tensor) -> Directions:
        """Random combinations of the columns, those of positive and of negative sign apart."""
        columns = columns_as_directions(x, factor)
        tangents, weights = [], []
        for sign in (1.0, -1.0):
            chosen = columns[(signs.to(x.device) * sign) > 0]
            if len(chosen):
                mixture = self._entries(self.draws * self.count, len(chosen)).to(x)
                tangents.append(torch.tensordot(mixture, chosen, dims=1))
                weights.append(self._weights(sign).matrix(x))
        return Directions(torch.cat(tangents), torch.cat(weights, dim=1), 2)

    def terms(self, x: Tensor, operator: SparseOperator) -> tuple[Directions, ...]:
        """Refused: vectors with a given moment of higher order need not exist."""
        raise ValueError(
            f"{type(self).__name__}: an operator given term by term has a sparse estimator only, got {len(operator.terms)} terms; "
            "use SparseDirections, or second_order for a matrix of second derivatives."
        )


class RademacherDirections(_DenseDirections):
    r"""Entries ±1 with equal probability:  Δf ≈ mean of D²f[v, v].

    Exact if the Hessian is diagonal; the variance is 2/V Σ_{i≠j} H_ij², the smallest of all laws with independent entries. Second order only: the
    fourth moment of an entry is 1, not 3, so that a biharmonic would come out wrong.

    Args:
        count: V, directions per draw.
        generator: source of randomness; every evaluation draws anew.
        draws: independent estimates made together; the unbiased square needs two.

    Reference: Hutchinson (1990); Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), equation 22.
    """

    def _entries(self, rows: int, columns: int) -> Tensor:
        return torch.randint(2, (rows, columns), generator=self.generator, device=self.generator.device, dtype=torch.int8) * 2 - 1

    def biharmonic(self, x: Tensor) -> Directions:
        """Refused: E D⁴f[v⁴] is 3 Δ²f − 2 Σ ∂ᵢᵢᵢᵢf for these vectors."""
        raise ValueError("RademacherDirections: a biharmonic needs directions with Gaussian fourth moments, got entries ±1; use GaussianDirections.")


class GaussianDirections(_DenseDirections):
    r"""Standard normal directions:  Δf ≈ mean of D²f[v, v],  Δ²f ≈ ⅓ mean of D⁴f[v, v, v, v].

    The variance for the Laplacian is 2/V ‖H‖²_F.

    Args:
        count: V, directions per draw.
        generator: source of randomness; every evaluation draws anew.
        draws: independent estimates made together; the unbiased square needs two.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), equation 87.
    """

    def _entries(self, rows: int, columns: int) -> Tensor:
        return torch.randn(rows, columns, generator=self.generator, device=self.generator.device, dtype=torch.float32)

    def biharmonic(self, x: Tensor) -> Directions:
        """The fourth moment of a Gaussian is the symmetrised identity, three times."""
        second = self.laplacian(x)
        return Directions(second.tangents, self._weights(1 / 3), 4)


def distinct_integers(count: int, total: int, generator: torch.Generator) -> Tensor:
    """``count`` distinct integers below ``total``, uniformly, by Floyd's algorithm: the work does not grow with ``total``."""
    ends = torch.arange(total - count, total)
    uniform = torch.rand(count, generator=generator, device=generator.device, dtype=torch.float64).cpu()
    chosen: dict[int, None] = {}
    for candidate, end in zip((uniform * (ends + 1)).long().tolist(), ends.tolist(), strict=True):
        chosen[end if candidate in chosen else candidate] = None
    return torch.tensor(list(chosen))
