"""The autograd function that puts an implicit derivative on the result of any solve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.implicit.levels import carries_derivatives, nested_forward_mode, primals
from neuralpde.implicit.root import RootRule
from neuralpde.implicit.vectors import Layout

__all__ = ["ForwardSolve", "Found", "Looped", "attach"]


class ForwardSolve(Protocol):
    r"""A solve on tensors, not differentiated: (\*init, \*θ) → (leaves of x*, further tensors)."""

    def __call__(self, *tensors: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Solve one problem, or all of a batch."""
        ...

    def batched(self, in_dims: tuple[int | None, ...], size: int) -> ForwardSolve:
        """The solve for ``size`` problems at once; results get a new first axis."""
        ...


@dataclass(frozen=True)
class Looped:
    """A solve that knows nothing of batches, run once for each problem.

    Args:
        solve: for one problem.
        in_dims: batch axis of each tensor, None where all problems share it.
        size: number of problems.
    """

    solve: Callable[..., tuple[list[Tensor], list[Tensor]]]
    in_dims: tuple[int | None, ...] | None = None
    size: int = 1

    def __call__(self, *tensors: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """All solves, one after the other."""
        if self.in_dims is None:
            return self.solve(*tensors)
        results = []
        for i in range(self.size):
            results.append(self.solve(*(t if dim is None else t.select(dim, i) for t, dim in zip(tensors, self.in_dims, strict=True))))
        solutions, others = zip(*results, strict=True)
        return [torch.stack(leaves) for leaves in zip(*solutions, strict=True)], [torch.stack(leaves) for leaves in zip(*others, strict=True)]

    def batched(self, in_dims: tuple[int | None, ...], size: int) -> Looped:
        """A loop around this solve."""
        return Looped(self, in_dims, size)


@dataclass
class Found:
    """What only the solve tells: the form of its solution, and results that are no tensors."""

    layout: Layout | None = None
    other: Any = None

    def form(self) -> Layout:
        """The layout, once the solve has run."""
        if self.layout is None:
            raise RuntimeError("Found: the solve needs to run before its solution has a form; call it first.")
        return self.layout


@dataclass(frozen=True)
class _Problem:
    solve: ForwardSolve
    rule: RootRule
    num_init: int
    found: Found

    @property
    def num_leaves(self) -> int:
        return len(self.found.form().shapes)

    def batched(self, in_dims: tuple[int | None, ...], size: int) -> Self:
        rule = self.rule.batched(0, in_dims[self.num_init :])
        return replace(self, solve=self.solve.batched(in_dims, size), rule=rule)


class _Root(torch.autograd.Function):
    """(init, θ) → (x*, further tensors), with the implicit rules for x*."""

    @staticmethod
    def forward(problem: _Problem, *tensors: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        # A solver may use autograd inside, so it runs with gradients enabled on cut-off copies.
        with torch.enable_grad(), torch.autocast(tensors[0].device.type if tensors else "cpu", enabled=False):
            solution, other = problem.solve(*(tensor.detach() for tensor in tensors))
        return tuple(tensor.detach().clone() for tensor in (*solution, *other))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        problem, *tensors = inputs
        ctx.problem = problem
        ctx.mark_non_differentiable(*output[problem.num_leaves :])
        # Saved outputs carry their graph, which higher derivatives need; detached copies would make the second derivative silently wrong.
        saved = (*output, *tensors[problem.num_init :])
        ctx.num_outputs = len(output)
        ctx.save_for_backward(*saved)
        ctx.save_for_forward(*saved)
        ctx.init_shapes = [tensor.shape for tensor in tensors[: problem.num_init]]

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Any, ...]:  # type: ignore[override]
        problem: _Problem = ctx.problem
        num = problem.num_leaves
        outputs, theta = ctx.saved_tensors[: ctx.num_outputs], ctx.saved_tensors[ctx.num_outputs :]
        layout = problem.found.form()
        cotangent = layout.pack_leaves([g if g is not None else torch.zeros_like(leaf) for g, leaf in zip(grads[:num], outputs[:num], strict=True)])
        offset = 1 + problem.num_init
        places = [i for i, t in enumerate(theta) if ctx.needs_input_grad[offset + i] and carries_derivatives(t)]
        pulled = problem.rule.pull(cotangent, layout.pack_leaves(list(outputs[:num])), theta, places)
        return (None, *_zeros_for_init(ctx, cotangent), *pulled)

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> tuple[Any, ...]:  # type: ignore[override]
        problem: _Problem = ctx.problem
        num = problem.num_leaves
        with nested_forward_mode():
            saved = primals(ctx.saved_tensors)
            x = problem.found.form().pack_leaves(saved[:num])
            tangent = problem.rule.push(tangents[1 + problem.num_init :], x, saved[ctx.num_outputs :])
            return (*problem.found.form().unpack_leaves(tangent), *[None] * (ctx.num_outputs - num))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], problem: _Problem, *tensors: Tensor) -> tuple[Any, Any]:
        # Every problem gets an initial guess of its own, so that the new axis comes first in all of them.
        num, dims = problem.num_init, in_dims[1:]
        init = [t.expand(info.batch_size, *t.shape).clone() if d is None else t.movedim(d, 0) for t, d in zip(tensors[:num], dims[:num], strict=True)]
        batched = problem.batched((*(0,) * num, *dims[num:]), info.batch_size)
        output = _Root.apply(batched, *init, *tensors[num:])
        return output, (0,) * len(output)


def _zeros_for_init(ctx: Any, like: Tensor) -> list[Tensor | None]:
    """The root does not depend on where the search began: zero, rather than the None that reads as an unused input."""
    return [like.new_zeros(shape) if ctx.needs_input_grad[1 + i] else None for i, shape in enumerate(ctx.init_shapes)]


def attach(solve: ForwardSolve, rule: RootRule, init: list[Tensor], theta: list[Tensor], found: Found) -> tuple[list[Tensor], list[Tensor]]:
    """Run a solve and attach the implicit derivative with respect to ``theta``; derivatives with respect to ``init`` are zero.

    Args:
        solve: the solve; writes the layout of its solution to ``found``.
        rule: derivative rules of the root.
        init: tensors of the initial guess.
        theta: tensors the root depends on.
        found: shared with ``solve`` and ``rule``.

    Returns:
        Leaves of the root, and further tensors of the solve.
    """
    output = _Root.apply(_Problem(solve, rule, len(init), found), *init, *theta)
    num = len(found.form().shapes)
    return list(output[:num]), list(output[num:])
