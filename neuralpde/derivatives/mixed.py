"""Mixed derivatives of any order: by polarisation along straight lines, or read from one clean jet."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor import MultiIndex, collapsed, jet

__all__ = ["clean_divisor", "clean_slots", "partial", "partials_from_one_jet", "polarisation"]

Function = Callable[[Any], Any]

_HIGHEST_ORDER = 40
"""Of the clean jets that are searched for; 40! has 48 digits."""


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

    From  x^α = 1/(2ᵏ k!) Σ_j (−1)^{|j|} C(α, j) ((α − 2j)·x)ᵏ; entries along even orders are halved, and parallel lines merged. So one line is left for a pure
    derivative, and the least possible number Π (αᵢ + 1)/2 if one αᵢ is 1; for two variables α₁ + α₂ is the least and is reached up to order six.

    Args:
        orders: α, all positive.

    Returns:
        The directions, one entry per order, and their weights.

    Reference: for the least numbers, Boij, Carlini & Geramita, Monomials as sums of powers: the real binary case (2011); Carlini, Catalisano & Geramita, The
    solution to the Waring problem for monomials and the sum of coprime monomials (2012).
    """
    k = sum(orders)
    steps = [1 if order % 2 else 2 for order in orders]
    rescaled = math.prod(step**order for step, order in zip(steps, orders, strict=True))
    found: dict[tuple[float, ...], float] = {}
    for j in itertools.product(*(range(order + 1) for order in orders)):
        direction = [(order - 2 * i) // step for order, i, step in zip(orders, j, steps, strict=True)]
        leading = next((entry for entry in direction if entry), 0)
        if leading:
            length = math.copysign(math.gcd(*direction), leading)
            line = tuple(entry / length + 0.0 for entry in direction)  # no negative zeros
            weight = math.prod((-1) ** i * math.comb(order, i) for order, i in zip(orders, j, strict=True)) * rescaled
            found[line] = found.get(line, 0.0) + weight * length**k / (2**k * math.factorial(k))
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

    An index q is clean if it is the only solution of Σ pₜ slotₜ = Σ qₜ slotₜ in natural numbers p. Slots are chosen one coordinate after the other, and
    a choice is left as soon as the coordinates so far spoil an index or the rest cannot stay below the order.

    Raises:
        ValueError: no jet up to order 40 does it.
    """
    used = [axis for axis in range(len(indices[0])) if any(index[axis] for index in indices)]
    reduced = [tuple(index[axis] for axis in used) for index in indices]
    for order in range(1, _HIGHEST_ORDER + 1):
        slots = _completed((), [1] + [0] * order, reduced)
        if slots is not None:
            placed = dict(zip(used, slots, strict=True))
            return tuple(placed.get(axis, 0) for axis in range(len(indices[0])))
    raise ValueError(f"clean_slots: needs a jet of order {_HIGHEST_ORDER} or less, got {list(indices)} which takes more; split the list or use partial.")


def _completed(slots: tuple[int, ...], ways: list[int], indices: Sequence[MultiIndex]) -> tuple[int, ...] | None:
    """The first clean slots that begin with the given ones. ``ways``: in how many ways multiples of these add up to each number, to the order of the jet."""
    place = len(slots)
    if place == len(indices[0]):
        return slots
    # The coordinates to come take one or more each.
    room = [len(ways) - 1 - sum(index[place + 1 :]) for index in indices]
    for slot in range(1, len(ways)):
        extended = (*slots, slot)
        totals = [sum(q * s for q, s in zip(index, extended, strict=False)) for index in indices]
        if any(total > most for total, most in zip(totals, room, strict=True)):
            return None
        more = list(ways)
        for amount in range(slot, len(more)):
            more[amount] += more[amount - slot]
        # A second way to the same sum remains one, whatever comes later.
        if all(more[total] == 1 for total in totals):
            found = _completed(extended, more, indices)
            if found is not None:
                return found
    return None
