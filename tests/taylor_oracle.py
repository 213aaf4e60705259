"""What the jets of a function must be, from first and from nested reverse-mode derivatives along a curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from neuralpde.derivatives import collapsed, directional, jet

Series = Sequence["Tensor | None"]


def random_series(x: Tensor, order: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [0.3 * math.factorial(k) * 0.5**k * torch.randn(x.shape, generator=generator, dtype=x.dtype) for k in range(1, order + 1)]


def moved(x: Tensor, series: Series, s: Tensor) -> tuple[Tensor, list[Tensor | None]]:
    """The curve at time s, and its derivatives there."""
    terms = [x, *series]

    def at(first: int) -> Tensor | None:
        later = [v * s ** (k - first) / float(math.factorial(k - first)) for k, v in enumerate(terms) if k >= first and v is not None]
        return sum(later[1:], start=later[0]) if later else None

    start = at(0)
    assert start is not None
    return start, [at(k) for k in range(1, len(terms))]


def projected(values: Tensor) -> Tensor:
    """One number that sees every entry."""
    return (values * torch.cos(torch.arange(values.numel(), dtype=values.dtype)).reshape(values.shape)).sum()


def one_more_derivative(f: Callable, x: Tensor, series: Series) -> list[Tensor]:
    """d/ds F_k along the curve by reverse mode, which has to be F_{k+1}: with F_0 = f this checks every order by induction."""
    s = torch.zeros((), dtype=x.dtype, requires_grad=True)
    start, derivatives = moved(x, series, s)
    rates = []
    for value in jet(f, start, derivatives)[:-1]:
        rate = None
        if value.requires_grad:
            (rate,) = torch.autograd.grad(projected(value), s, retain_graph=True, allow_unused=True)
        rates.append(s.new_zeros(()) if rate is None else rate)
    return rates


def nested(f: Callable, x: Tensor, series: Series) -> list[Tensor]:
    """All derivatives along the curve by nested reverse mode; the work grows exponentially."""
    s = torch.zeros((), dtype=x.dtype, requires_grad=True)
    value = projected(f(moved(x, series, s)[0]))
    found = []
    for _ in series:
        if value.requires_grad:
            (value,) = torch.autograd.grad(value, s, create_graph=True, materialize_grads=True, allow_unused=True)
        else:
            value = s.new_zeros(())
        found.append(value.detach())
    return found


def assert_jets_are_right(f: Callable, x: Tensor, order: int = 9) -> None:
    """Random curve to order nine, curve with empty slots, and collapsed sums of straight lines, below and above the order of composition."""
    series = random_series(x, order)
    _assert_rates(f, x, series)
    _assert_rates(f, x, series[:3])
    _assert_rates(f, x, [series[0], None, series[2], None])
    _assert_rates(f, x, [None, series[1], None, None, series[4], None])
    generator = torch.Generator().manual_seed(1)
    lines = torch.randn(3, *x.shape, generator=generator, dtype=x.dtype)
    weights = torch.randn(2, 3, generator=generator, dtype=x.dtype)
    for top in (1, 2, 4, 5):
        value, sums = collapsed(f, x, lines, order=top, weights=weights)
        torch.testing.assert_close(value, f(x), rtol=1e-12, atol=1e-12)
        single = directional(f, x, lines, order=top)[1]
        scale = single.abs().max().clamp(min=1.0)
        torch.testing.assert_close(sums / scale, torch.tensordot(weights, single, dims=1) / scale, rtol=1e-10, atol=1e-11)
        each = torch.stack([jet(f, x, [line, *[None] * (top - 1)])[-1] for line in lines])
        torch.testing.assert_close(single / scale, each / scale, rtol=1e-10, atol=1e-11)


def _assert_rates(f: Callable, x: Tensor, series: Series) -> None:
    values = [projected(value).detach() for value in jet(f, x, series)]
    torch.testing.assert_close(values[0], projected(f(x)).detach(), rtol=1e-12, atol=1e-12)
    for k, (value, rate) in enumerate(zip(values[1:], one_more_derivative(f, x, series), strict=True), start=1):
        scale = max(1.0, abs(float(rate)))
        assert abs(float(value - rate)) <= 1e-10 * scale, f"order {k}: {float(value)} instead of {float(rate)}"


def points(*shape: int, seed: int = 0, positive: bool = False) -> Tensor:
    values = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return values.abs() + 0.5 if positive else values
