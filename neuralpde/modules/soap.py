"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

__all__ = ["SOAP"]


class SOAP(Optimizer):
    r"""Adam on rotated gradients  QₗᵀGQᵣ, with Qₗ and Qᵣ the eigenvectors of running averages of GGᵀ and GᵀG.

    Curvature that couples the entries of a weight matrix, which residuals of differential equations have in plenty, becomes nearly diagonal in that basis.
    The basis is refreshed every few steps by one power iteration and a QR decomposition. Momentum is kept unrotated, the second moment in the basis.

    Args:
        params: parameters. A kernel of a convolution is a matrix of (outputs, inputs times taps). A side of a matrix longer than ``max_size`` is not
            rotated; vectors and scalars are updated as by Adam.
        lr: learning rate.
        betas: decay of momentum and of second moments.
        basis_decay: decay of the averages of GGᵀ and GᵀG.
        refresh: steps between two refreshments of the basis.
        max_size: longest side that is rotated; the work of a refreshment grows with its cube.
        eps: added to the root of the second moment.

    Limits: the first step only fills the averages and moves nothing. About three times the memory of Adam for square matrices.

    Reference: Vyas et al., SOAP: improving and stabilizing Shampoo using Adam, 2024; for physics-informed training: Wang, Bhartari, Li & Perdikaris,
    Gradient alignment in physics-informed neural networks: a second-order optimization perspective, 2025.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 3e-3,
        *,
        betas: tuple[float, float] = (0.95, 0.95),
        basis_decay: float = 0.95,
        refresh: int = 10,
        max_size: int = 1024,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "basis_decay": basis_decay, "refresh": refresh, "max_size": max_size, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """One update of all parameters."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)
        return loss

    def _update(self, parameter: Tensor, group: dict[str, Any]) -> None:
        state, gradient = self.state[parameter], parameter.grad
        assert gradient is not None
        gradient = gradient.flatten(1) if gradient.ndim > 2 else gradient
        if not state:
            _start(state, gradient, group["max_size"])
            return
        state["step"] += 1
        beta1, beta2 = group["betas"]
        state["momentum"].lerp_(gradient, 1 - beta1)
        rotated = _rotate(gradient, state)
        state["second"].mul_(beta2).addcmul_(rotated, rotated, value=1 - beta2)
        correction1, correction2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        direction = _rotate(state["momentum"], state) / ((state["second"] / correction2).sqrt() + group["eps"])
        parameter.sub_(_rotate_back(direction, state).view_as(parameter), alpha=group["lr"] / correction1)
        _average(state, gradient, group["basis_decay"])
        if state["step"] % group["refresh"] == 0:
            _refresh(state)


def _start(state: dict[str, Any], gradient: Tensor, max_size: int) -> None:
    """Zero moments, and for matrices the averages and bases of the sides that are short enough."""
    state["step"], state["momentum"], state["second"] = 0, torch.zeros_like(gradient), torch.zeros_like(gradient)
    if gradient.ndim != 2:
        return
    for side, size, square in (("left", gradient.shape[0], gradient @ gradient.T), ("right", gradient.shape[1], None)):
        if 1 < size <= max_size:
            state[side] = gradient.T @ gradient if square is None else square
            # In single precision the eigenvectors of a nearly singular average can come out as NaN.
            state[f"{side}_basis"] = torch.linalg.eigh(state[side].double())[1].flip(-1).to(gradient)


def _average(state: dict[str, Any], gradient: Tensor, decay: float) -> None:
    if "left" in state:
        state["left"].lerp_(gradient @ gradient.T, 1 - decay)
    if "right" in state:
        state["right"].lerp_(gradient.T @ gradient, 1 - decay)


def _rotate(matrix: Tensor, state: dict[str, Any]) -> Tensor:
    matrix = state["left_basis"].T @ matrix if "left" in state else matrix
    return matrix @ state["right_basis"] if "right" in state else matrix


def _rotate_back(matrix: Tensor, state: dict[str, Any]) -> Tensor:
    matrix = state["left_basis"] @ matrix if "left" in state else matrix
    return matrix @ state["right_basis"].T if "right" in state else matrix


def _refresh(state: dict[str, Any]) -> None:
    """One step of orthogonal iteration; columns are sorted by eigenvalue, and the second moments move with them."""
    for side, axis in (("left", 0), ("right", 1)):
        if side not in state:
            continue
        average, basis = state[side], state[f"{side}_basis"]
        order = torch.einsum("ij,ik,kj->j", basis, average, basis).argsort(descending=True)
        state["second"] = state["second"].index_select(axis, order)
        state[f"{side}_basis"] = torch.linalg.qr(average @ basis[:, order])[0]
