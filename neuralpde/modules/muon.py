"""Muon for the matrices of a network, AdamW for everything else, as one optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

__all__ = ["MuonAdamW"]


class _KernelMuon(Muon):
    """Muon that sees the kernel of a convolution as a matrix, outputs × (inputs · width)."""

    def __init__(self, kernels: list[nn.Parameter], *, lr: float, weight_decay: float, momentum: float) -> None:
        stand_ins = [nn.Parameter(p.detach().flatten(1)) for p in kernels]
        super().__init__(stand_ins, lr=lr, weight_decay=weight_decay, momentum=momentum, adjust_lr_fn="match_rms_adamw")
        self.param_groups[0]["params"] = kernels

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        kernels = self.param_groups[0]["params"]
        shapes = [p.shape for p in kernels]
        self._reshape(kernels, [(shape[0], math.prod(shape[1:])) for shape in shapes])
        super().step()
        self._reshape(kernels, shapes)

    @staticmethod
    def _reshape(kernels: list[nn.Parameter], shapes: Sequence[Sequence[int]]) -> None:
        for p, shape in zip(kernels, shapes, strict=True):
            gradient, p.grad = p.grad, None
            p.data = p.data.reshape(shape)
            p.grad = None if gradient is None else gradient.reshape(shape)


class MuonAdamW(Optimizer):
    r"""Orthogonalised momentum for weight matrices, AdamW for biases and the like.

    Muon replaces the momentum M of a matrix by the nearest matrix with orthonormal rows or columns, M ↦ M (MᵀM)^{-1/2}, approximated by five
    Newton–Schulz steps, and scales it to the size that an AdamW update has, so that learning rates are comparable. On E1 a message-passing network
    trained for 1000 steps had an accumulated error of 24 with it, against 36 with AdamW at 3e-3 (one seed).

    Args:
        params: parameters; those with 2 to ``max_axes`` axes go to Muon.
        lr: learning rate of the matrices.
        adamw_ratio: learning rate of the others, as a fraction of ``lr``.
        weight_decay: decoupled weight decay of both.
        momentum: of Muon.
        betas: of AdamW.
        max_axes: 2 leaves the kernels of convolutions to AdamW; 3 takes those of 1-D convolutions as matrices of outputs × (inputs · width), 4 those
            of 2-D ones too.

    Limits: with ``max_axes=2`` a purely convolutional network is trained by AdamW alone, at ``adamw_ratio * lr``. The
    orthogonalisation costs ten small matrix products per matrix and step. Parameters must not be added later.

    Reference: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; the scale after Liu et al., "Muon is scalable for
    LLM training", 2025, equation 4.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 4e-3,
        *,
        adamw_ratio: float = 0.5,
        weight_decay: float = 1e-2,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.99),
        max_axes: int = 2,
    ) -> None:
        params = list(params)
        matrices, others = [p for p in params if 2 <= p.ndim <= max_axes], [p for p in params if not 2 <= p.ndim <= max_axes]
        self.parts: list[Optimizer] = []
        if matrices:
            self.parts.append(_KernelMuon(matrices, lr=lr, weight_decay=weight_decay, momentum=momentum))
        if others:
            self.parts.append(AdamW(others, lr=adamw_ratio * lr, weight_decay=weight_decay, betas=betas))
        super().__init__([{"params": p["params"]} for part in self.parts for p in part.param_groups], {"lr": lr})
        self._share_groups()

    def _share_groups(self) -> None:
        """Schedules and loggers see, and change, the groups of the parts themselves."""
        self.param_groups = [group for part in self.parts for group in part.param_groups]

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:  # type: ignore[override]
        """One update of all parameters."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self.parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """States of both parts."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what :meth:`state_dict` returned."""
        for part, state in zip(self.parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share_groups()
