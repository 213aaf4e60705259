"""Decorators that give any solver its implicit derivative."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from neuralpde.implicit.attach import Found, Looped, attach
from neuralpde.implicit.calls import Call
from neuralpde.implicit.closures import refuse_captured, refuse_hidden_dependence
from neuralpde.implicit.linear import Dependent, JacobianOf, LinearSolver
from neuralpde.implicit.optimality.fixed_point import fixed_point_residual
from neuralpde.implicit.reports import OnFailure, report_failure
from neuralpde.implicit.root import RootRule, default_linear_solver
from neuralpde.implicit.vectors import Layout

__all__ = ["custom_fixed_point", "custom_root"]

Solver = Callable[..., Any]


def custom_root(
    F: Callable[..., Any],
    *,
    solve: LinearSolver | None = None,
    has_aux: bool = False,
    batch_dims: int = 0,
    tolerance: float | None = None,
    on_failure: OnFailure = "warn",
    preconditioner: Callable[..., Callable[[Any], Any]] | None = None,
) -> Callable[[Solver], Solver]:
    r"""Decorator for ``solver(init, *args, **kwargs)``, whose result is a root of F(x, \*args, \*\*kwargs).

    The solver may be anything, an external program included: it is run once and never differentiated. The result has derivatives of every order with respect
    to all floating-point tensors in ``args`` and ``kwargs``, in reverse and forward mode, by autograd and by ``torch.func``; those with respect to ``init``
    are zero. Arguments may be nested, need not be tensors, and stand in any order; F and the solver share them by position and by keyword, and by name where
    both name the same arguments in different order.

    Args:
        F: optimality function; returns what has the structure of the solution. Everything that derivatives are wanted for is an argument.
        solve: linear solver of the derivative; :func:`~neuralpde.implicit.default_linear_solver` if None.
        has_aux: the solver returns ``(x, aux)``; ``aux`` is passed on without derivatives.
        batch_dims: leading axes of the solution over which F does not couple; each sample then has a linear system of its own. 0, one system, is always right.
        tolerance: largest accepted ‖F(x, θ)‖ of a sample; None accepts every solution. The error of the derivative is proportional to that of the solution.
        on_failure: what happens above ``tolerance``.
        preconditioner: P(x, \*args, \*\*kwargs) returns a linear map v ↦ Pv of things like the solution that approximates (∂F/∂x)⁻¹. It saves steps of a
            Krylov solver in both modes and in all orders and changes no derivative; its transposed is made by reverse mode. It is built once for each solve.

    Raises:
        TypeError: if F or the preconditioner closes over tensors that need derivatives.

    Limits: under ``torch.vmap`` the solver runs once for each sample; prefer ``batch_dims``, or the solvers of this package, which batch themselves.

    Example:
        >>> @custom_root(lambda x, theta: x**3 + theta * x - 1)
        ... def solver(init, theta):
        ...     x = init
        ...     for _ in range(50):
        ...         x = x - (x**3 + theta * x - 1) / (3 * x**2 + theta)
        ...     return x
        >>> one, two = torch.tensor(1.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64)
        >>> round(float(torch.func.grad(solver, argnums=1)(one, two)), 8)
        -0.17327023

    Reference: Blondel et al., "Efficient and Modular Implicit Differentiation", 2022.
    """
    who = "custom_root"

    def decorate(solver: Solver) -> Solver:
        optimality, inverse = _in_order_of(F, solver), None if preconditioner is None else _in_order_of(preconditioner, solver)

        @functools.wraps(solver)
        def wrapped(init: Any, *args: Any, **kwargs: Any) -> Any:
            for function in filter(None, (F, preconditioner)):
                refuse_captured(function, who=who)
            call, start, found = Call.of(args, kwargs), Call.of((init,), {}), Found()
            flat = call.function(optimality, found.form, who=who)
            approximate = None if inverse is None else Dependent(call.product(inverse, found.form))
            rule = RootRule(flat, JacobianOf(flat), solve or default_linear_solver(), approximate)
            forward = _plain(solver, start, call, found, has_aux, batch_dims)
            judged = _judged(forward, flat, len(start.places), found, tolerance, on_failure)
            leaves, others = attach(Looped(judged), rule, start.tensors, call.tensors, found)
            value = flat(found.form().pack_leaves([leaf.detach() for leaf in leaves]), *(tensor.detach() for tensor in call.tensors))
            refuse_hidden_dependence(value, who=who)
            solution = pytree.tree_unflatten(leaves, found.form().structure)
            return (solution, found.other(others)) if has_aux else solution

        return wrapped

    return decorate


def custom_fixed_point(
    T: Callable[..., Any],
    *,
    solve: LinearSolver | None = None,
    has_aux: bool = False,
    batch_dims: int = 0,
    tolerance: float | None = None,
    on_failure: OnFailure = "warn",
    preconditioner: Callable[..., Callable[[Any], Any]] | None = None,
) -> Callable[[Solver], Solver]:
    r"""Decorator for a solver whose result is a fixed point, x = T(x, \*args, \*\*kwargs): the root of T(x, …) − x.

    Args:
        T: map with the structure of x.
        solve: as in :func:`custom_root`, like all that follow.
        has_aux: the solver returns ``(x, aux)``.
        batch_dims: leading axes over which T does not couple.
        tolerance: largest accepted ‖T(x) − x‖ of a sample.
        on_failure: what happens above ``tolerance``.
        preconditioner: of ∂T/∂x − I.

    Limits: I − ∂T/∂x must not be singular; for a contraction it never is.

    Example:
        >>> @custom_fixed_point(lambda x, a: torch.cos(a * x))
        ... def solver(init, a):
        ...     for _ in range(100):
        ...         init = torch.cos(a * init)
        ...     return init
        >>> one = torch.tensor(1.0, dtype=torch.float64)
        >>> round(float(torch.func.grad(solver, argnums=1)(one, one)), 8)
        -0.29747434
    """
    residual = fixed_point_residual(T)
    return custom_root(
        residual,
        solve=solve,
        has_aux=has_aux,
        batch_dims=batch_dims,
        tolerance=tolerance,
        on_failure=on_failure,
        preconditioner=preconditioner,
    )


def _in_order_of(F: Callable[..., Any], solver: Solver) -> Callable[..., Any]:
    """F as a function of the solver's arguments, matched by name where both have the same names in another order; otherwise F itself."""
    try:
        wanted, given = list(inspect.signature(F).parameters.values())[1:], list(inspect.signature(solver).parameters.values())[1:]
    except ValueError:  # compiled functions tell no signature
        return F
    names = [parameter.name for parameter in given]
    plain = all(parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for parameter in (*wanted, *given))
    if not plain or {parameter.name for parameter in wanted} != set(names) or [parameter.name for parameter in wanted] == names:
        return F
    return lambda x, *args, **kwargs: F(x, **dict(zip(names, args, strict=False)), **kwargs)


def _plain(solver: Solver, start: Call, call: Call, found: Found, has_aux: bool, batch_dims: int) -> Callable[..., tuple[list[Tensor], list[Tensor]]]:
    """The solver on a flat list of tensors; notes the form of its results in ``found``."""

    def run(*tensors: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        num = len(start.places)
        (init,), _ = start.fill(tensors[:num])
        args, kwargs = call.fill(tensors[num:])
        result = solver(init, *args, **kwargs)
        solution, aux = result if has_aux else (result, None)
        found.layout = Layout.of(solution, batch_dims=batch_dims, who="custom_root")
        other = Call.of((aux,), {})
        found.other = lambda others: other.fill(others)[0][0]
        return pytree.tree_leaves(solution), other.tensors

    return run


def _judged(
    run: Callable[..., tuple[list[Tensor], list[Tensor]]],
    flat: Callable[..., Tensor],
    num_init: int,
    found: Found,
    tolerance: float | None,
    on_failure: OnFailure,
) -> Callable[..., tuple[list[Tensor], list[Tensor]]]:
    """The run with a verdict on ‖F(x, θ)‖."""
    if tolerance is None:
        return run

    def judged(*tensors: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        leaves, others = run(*tensors)
        norm = torch.linalg.vector_norm(flat(found.form().pack_leaves(leaves), *tensors[num_init:]).detach(), dim=-1)
        advice = "run the solver for longer, or raise tolerance; the derivative is off by about cond(A) times this"
        report_failure("custom_root", norm <= tolerance, norm, tolerance, advice, on_failure)
        return leaves, others

    return judged
