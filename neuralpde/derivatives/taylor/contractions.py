"""Products that sum over axes: matrix products, einsum, bilinear forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.taylor.arithmetic import add, multiply
from neuralpde.derivatives.taylor.linear_maps import linear, total
from neuralpde.derivatives.taylor.series import Series, align, common
from neuralpde.derivatives.taylor.shapes import squeeze, unsqueeze

__all__ = ["RULES", "matmul"]


def matmul(a: Any, b: Any) -> Series:
    """Matrix product of series and constants; vectors as in torch."""
    if isinstance(a, Series) and isinstance(b, Tensor) and b.ndim == 2:
        return linear(a, b.T)
    if a.ndim == 1:
        return squeeze(matmul(_with_axis(a, 0), b), -1 if b.ndim == 1 else -2)
    if b.ndim == 1:
        return squeeze(matmul(a, _with_axis(b, 1)), -1)
    ndim = max(a.ndim, b.ndim)
    if not isinstance(b, Series):
        full = a.full(-1)
        return a.like([None if c is None else torch.matmul(c, b) for c in align(full.coefficients, ndim)])
    if not isinstance(a, Series):
        full = b.full(-2)
        return b.like([None if c is None else torch.matmul(a, c) for c in align(full.coefficients, ndim)])
    a, b = common(a.full(-1), b.full(-2))
    left, right, t = align(a.coefficients, ndim), align(b.coefficients, ndim), a.truncation
    return a.like([t.convolve(k, left, right, lambda p, q, i, j: torch.matmul(p, q)) for k in range(len(t))])


def _with_axis(x: Any, dim: int) -> Any:
    return unsqueeze(x, dim) if isinstance(x, Series) else torch.unsqueeze(x, dim)


def einsum(equation: str, *operands: Any) -> Series:
    """Einstein sum of any number of series and constants."""
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(operands[0])
    inputs, output = _subscripts(equation)
    lead = next(letter for letter in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyx" if letter not in equation)
    while len(operands) > 2:
        # From the left, keeping all letters that are still needed.
        kept = "".join(dict.fromkeys(c for c in inputs[0] + inputs[1] if c.isalpha() and c in "".join(inputs[2:]) + output))
        dots = "..." if "..." in inputs[0] + inputs[1] else ""
        first = _einsum_of_two([inputs[0], inputs[1]], dots + kept, lead, operands[:2])
        inputs, operands = [dots + kept, *inputs[2:]], (first, *operands[2:])
    return _einsum_of_two(inputs, output, lead, operands)


def _subscripts(equation: str) -> tuple[list[str], str]:
    left, arrow, output = equation.replace(" ", "").partition("->")
    if not arrow:
        letters = [c for c in left if c.isalpha()]
        output = ("..." if "..." in left else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    return left.split(","), output


def _einsum_of_two(inputs: Sequence[str], output: str, lead: str, operands: Sequence[Any]) -> Any:
    if not any(isinstance(operand, Series) for operand in operands):
        return torch.einsum(",".join(inputs) + "->" + output, *operands)
    full = [operand.full() if isinstance(operand, Series) else operand for operand in operands]

    def contract(tensors: Sequence[Any], led: Sequence[bool]) -> Tensor:
        names = [lead + name if has else name for name, has in zip(inputs, led, strict=True)]
        return torch.einsum(",".join(names) + "->" + (lead if any(led) else "") + output, *tensors)

    if len(full) == 1:
        return full[0].map(lambda c: contract([c], [True]), value=lambda c: contract([c], [False]))
    a, b = full
    if not isinstance(b, Series):
        return a.map(lambda c: contract([c, b], [True, False]), value=lambda c: contract([c, b], [False, False]))
    if not isinstance(a, Series):
        return b.map(lambda c: contract([a, c], [False, True]), value=lambda c: contract([a, c], [False, False]))
    a, b = common(a, b)
    t = a.truncation

    def multiply_places(p: Tensor, q: Tensor, i: int, j: int) -> Tensor:
        return contract([p, q], [i > 0, j > 0])

    return a.like([t.convolve(k, a.coefficients, b.coefficients, multiply_places) for k in range(len(t))])


def inner(a: Any, b: Any, *, dim: int = -1) -> Series:
    """Σ a b over one axis."""
    return total(multiply(a, b), dim)


def tensordot(a: Any, b: Any, dims: Any = 2, out: None = None) -> Series:
    """Sum over the last axes of one and the first of the other."""
    del out
    if not isinstance(dims, int):
        raise TypeError(f"Jet: tensordot needs a number of axes, got dims={dims!r}; write it as an einsum.")
    letters = "abcdefghijklmnopqrstuvw"
    first, second = letters[: a.ndim], letters[a.ndim - dims : a.ndim - dims + b.ndim]
    return einsum(f"{first},{second}->{first[: a.ndim - dims]}{second[dims:]}", a, b)


def bilinear(a: Any, b: Any, weight: Tensor, bias: Tensor | None = None) -> Series:
    """A bilinear layer."""
    product = einsum("...i,oij,...j->...o", a, weight, b)
    return product if bias is None else add(product, bias)


def addmm(bias: Any, a: Any, b: Any, *, beta: float = 1, alpha: float = 1) -> Series:
    """Beta bias + alpha a b."""
    product = matmul(a, b) if isinstance(a, Series) or isinstance(b, Series) else torch.matmul(a, b)
    return add(multiply(bias, beta) if isinstance(bias, Series) else bias * beta, product, alpha=alpha)


RULES: dict[Callable, Callable[..., Any]] = {
    torch.matmul: matmul,
    torch.Tensor.matmul: matmul,
    torch.mm: matmul,
    torch.bmm: matmul,
    torch.mv: matmul,
    torch.dot: matmul,
    torch.einsum: einsum,
    torch.linalg.vecdot: inner,
    torch.tensordot: tensordot,
    torch.nn.functional.bilinear: bilinear,
    torch.addmm: addmm,
    torch.addmv: addmm,
    torch.baddbmm: addmm,
}
