"""Mixed derivatives of any order: by polarisation along straight lines, or read from one clean jet."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor import MultiIndex, collapsed, jet

__all__ = ["clean_divisor", "clean_slots", "partial", "partials_from_one_jet", "polarisation"]

Function = Callable[[Any], Any]


def partial(f: Function, x: Tensor, orders: Mapping[int, int] | Sequence[int]) -> tuple[Tensor, Tensor]:
    r"""Value and one mixed derivative, ∂^α f, by polarisation: a weighted sum of derivatives along straight lines.

    Args:
        f: function or module, point by point.
        x: points.
        orders: α, the order along each coordinate, or a mapping from coordinates to orders: ``(2, 0, 1)`` or ``{0: 2, 2: 1}``.

    Shape: ``(points, ndim)`` → ``(points, channels)`` twice.

    Raises:
        ValueError: no order, a negative one, or a coordinate that ``x`` does not have.

    Limits: about Π (αᵢ + 1)/2 lines, so 2ᵏ⁻¹ for k first derivatives along different coordinates.

    Reference: Griewank, Utke & Walther, Evaluating higher derivative tensors by forward propagation of univariate Taylor series (2000).
    """
    index = _as_mapping(orders)
    if not all(0 <= axis < x.shape[-1] for axis in index):
        raise ValueError(f"partial: needs coordinates from 0 to {x.shape[-1] - 1}, got orders along {sorted(index)}; correct the index.")
    combinations, factors = polarisation(tuple(index.values()))
    tangents = x.new_zeros(len(combinations), x.shape[-1])
    tangents[:, list(index)] = x.new_tensor(combinations)
    rows = tangents.reshape(-1, *(1,) * (x.ndim - 1), x.shape[-1])
    value, derivative = collapsed(f, x, rows, order=sum(index.values()), weights=x.new_tensor([factors]))
    return value, derivative[0]


def _as_mapping(orders: Mapping[int, int] | Sequence[int]) -> dict[int, int]:
    items = orders.items() if isinstance(orders, Mapping) else enumerate(orders)
    index = {axis: order for axis, order in items if order}
    if not index or min(index.values()) < 0:
        raise ValueError(f"partial: needs the order of a derivative along at least one coordinate, all positive, got {orders!r}; use f(x) for the value.")
    return index


def polarisation(orders: Sequence[int]) -> tuple[list[tuple[float, ...]], list[float]]:
    r"""Straight lines that give a mixed derivative:  ∂^α f = Σᵣ w_r Dᵏf[v_r, …, v_r] with k = |α|.

    From  x^α = 1/(2ᵏ k!) Σ_j (−1)^{|j|} C(α, j) ((α − 2j)·x)ᵏ; opposite lines are merged, and lines along even orders halved.

    Args:
        orders: α, all positive.

    Returns:
        The directions, one entry per order, and their weights.
    """
    k = sum(orders)
    halves = [2.0 if order % 2 == 0 else 1.0 for order in orders]
    rescaled = math.prod(half**order for half, order in zip(halves, orders, strict=True))
    found: dict[tuple[float, ...], float] = {}
    for j in itertools.product(*(range(order + 1) for order in orders)):
        direction = tuple((order - 2 * i) / half for order, i, half in zip(orders, j, halves, strict=True))
        weight = math.prod((-1) ** i * math.comb(order, i) for order, i in zip(orders, j, strict=True)) * rescaled / (2**k * math.factorial(k))
        leading = next((entry for entry in direction if entry), 0.0)
        if leading < 0:
            direction, weight = tuple(-entry for entry in direction), weight * (-1) ** k
        if leading:
            direction = tuple(entry + 0.0 for entry in direction)
            found[direction] = found.get(direction, 0.0) + weight
    return list(found), list(found.values())


def partials_from_one_jet(f: Function, x: Tensor, indices: Sequence[MultiIndex]) -> tuple[Tensor, ...]:
    r"""Several mixed derivatives from a single jet, each clean: read from one coefficient to which nothing else contributes.

    The order of the jet is much higher than that of the derivatives (11 for ∂ₓₓₓᵧ), so straight lines (:func:`partial`) are usually cheaper; the
    single jet needs no sum of large terms.

    Args:
        f: function or module, point by point.
        x: points.
        indices: multi-indices over all coordinates.

    Shape: ``(points, ndim)`` → ``(points, channels)`` for each index.

    Raises:
        ValueError: an index without one entry per coordinate, or no jet up to order 40 is clean.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024), section 4; the slots are found by search.
    """
    if not indices or any(len(index) != x.shape[-1] for index in indices):
        raise ValueError(f"partials_from_one_jet: needs indices with one order per coordinate, {x.shape[-1]}, got {list(indices)}; complete them with zeros.")
    slots = clean_slots(indices)
    order = max(_order(index, slots) for index in indices)
    eye = torch.eye(x.shape[-1], dtype=x.dtype, device=x.device)
    series: list[Tensor | None] = [None] * order
    for axis, slot in enumerate(slots):
        if slot:
            series[slot - 1] = eye[axis].expand(x.shape)
    readings = jet(f, x, series)
    return tuple(readings[_order(index, slots)] / clean_divisor(index, slots) for index in indices)


def _order(index: MultiIndex, slots: Sequence[int]) -> int:
    return sum(q * slot for q, slot in zip(index, slots, strict=True))


def clean_divisor(index: MultiIndex, slots: Sequence[int]) -> int:
    """K! / Π q! (slot!)^q: what multiplies the derivative in the K-th time derivative."""
    denominator = math.prod(math.factorial(q) * math.factorial(slot) ** q for q, slot in zip(index, slots, strict=True))
    return math.factorial(_order(index, slots)) // denominator


def clean_slots(indices: Sequence[MultiIndex]) -> tuple[int, ...]:
    """Slots of the coordinate directions in the jet of least order that shows every index cleanly; 0 for a coordinate that does not occur.

    An index q is clean if it is the only solution of Σ pₜ slotₜ = Σ qₜ slotₜ in natural numbers p.

    Raises:
        ValueError: no jet up to order 40 does it.
    """
    used = [axis for axis in range(len(indices[0])) if any(index[axis] for index in indices)]
    reduced = [tuple(index[axis] for axis in used) for index in indices]
    for order in range(1, 41):
        for slots in _candidates(reduced, order):
            if all(_solutions(_order(index, slots), slots) == 1 for index in reduced):
                placed = dict(zip(used, slots, strict=True))
                return tuple(placed.get(axis, 0) for axis in range(len(indices[0])))
    raise ValueError(f"clean_slots: needs a jet of order 40 or less, got {list(indices)} which takes more; split the list or use partial.")


def _candidates(indices: Sequence[MultiIndex], order: int) -> Iterator[tuple[int, ...]]:
    for slots in itertools.permutations(range(1, order + 1), len(indices[0])):
        if max(_order(index, slots) for index in indices) == order:
            yield slots


def _solutions(total: int, slots: Sequence[int]) -> int:
    """In how many ways multiples of the slots add up."""
    ways = [1] + [0] * total
    for slot in slots:
        for amount in range(slot, total + 1):
            ways[amount] += ways[amount - slot]
    return ways[total]
