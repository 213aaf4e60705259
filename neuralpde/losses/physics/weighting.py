"""How the terms of a loss are weighted against each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override

__all__ = ["Fixed", "GradientNorm", "NeuralTangentTrace", "Residuals", "Weighting", "tangent_trace"]

Residuals = Callable[[], Mapping[str, Tensor]]
"""Evaluates what is squared in each term, by name, ``(points, …)``, on the tape."""


class Weighting(nn.Module, ABC):
    """Weights of the terms by name; all are detached.

    A weighting is a module, so its running averages are stored in checkpoints.

    Attributes:
        every: steps between two calls of :meth:`update`; 0 for never.
    """

    every: int = 0

    @abstractmethod
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> None:
        """Adapt the weights.

        Args:
            losses: each term, a scalar on the tape.
            parameters: of the network.
            residuals: evaluates what the terms are made of, for weights that need more than the gradient of each term.
            step: number of the present step.
        """

    @abstractmethod
    def weights(self) -> dict[str, Tensor | float]:
        """The present weights by name; a missing name means 1."""

    def total(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Σ λᵢ Lᵢ.

        Raises:
            ValueError: a weight for a term that the loss does not have.
        """
        weights = self.weights()
        self._refuse_unknown(weights, losses)
        return torch.stack([weights.get(name, 1.0) * loss for name, loss in losses.items()]).sum()

    def _refuse_unknown(self, names: Iterable[str], losses: Mapping[str, Tensor]) -> None:
        unknown = [name for name in names if name not in losses]
        if unknown:
            raise ValueError(f"{type(self).__name__}: weights need names of terms of the loss, {list(losses)}, got {unknown}; rename them or leave them out.")


class Fixed(Weighting):
    """Constant weights.

    Args:
        weights: by name of the term (``residual`` and the names of the conditions); a missing one is 1.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        super().__init__()
        self._weights = dict(weights or {})

    @override
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> None:
        """Nothing to adapt."""

    @override
    def weights(self) -> dict[str, Tensor | float]:
        return dict(self._weights)


class Balanced(Weighting):
    """Weights that make a measure of every term equal:  λ̂ᵢ = Σⱼ mⱼ / mᵢ,  λ ← a λ + (1 − a) λ̂.

    Args:
        terms: names of the terms.
        every: steps between two updates.
        momentum: a, in [0, 1).

    Raises:
        ValueError: at the first update, a name that is no term of the loss.
    """

    running: Tensor

    def __init__(self, terms: Sequence[str], *, every: int = 1000, momentum: float = 0.9) -> None:
        super().__init__()
        self.terms, self.every, self.momentum = tuple(terms), every, momentum
        self.register_buffer("running", torch.ones(len(self.terms)))

    @abstractmethod
    def measures(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> list[Tensor]:
        """mᵢ ≥ 0 of every term in ``self.terms``; arguments as for :meth:`update`."""

    @override
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> None:
        if step % self.every:
            return
        self._refuse_unknown(self.terms, losses)
        measures = torch.stack(self.measures(losses, parameters, residuals=residuals, step=step)).to(self.running)
        fresh = measures.sum() / measures.clamp(min=torch.finfo(measures.dtype).tiny)
        self.running.mul_(self.momentum).add_(fresh, alpha=1 - self.momentum)

    @override
    def weights(self) -> dict[str, Tensor | float]:
        return dict(zip(self.terms, self.running.unbind(), strict=True))


class GradientNorm(Balanced):
    r"""Equal norms of the gradients:  λ̂ᵢ = Σⱼ ‖∇Lⱼ‖ / ‖∇Lᵢ‖.

    Reference: Wang, Sankaran, Wang & Perdikaris, An expert's guide to training physics-informed neural networks, 2023, equations 2.12 to 2.15.
    """

    @override
    def measures(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> list[Tensor]:
        return [_norm(losses[name], parameters) for name in self.terms]


class NeuralTangentTrace(Balanced):
    r"""Equal mean rates of convergence:  λ̂ᵢ = Σⱼ Tⱼ / Tᵢ  with  Tᵢ = Tr Kᵢ / nᵢ,  Kᵢ = Jᵢ Jᵢᵀ  the neural tangent kernel of term i.

    Jᵢ is the Jacobian of the term's n residuals with respect to the parameters, so Tᵢ is the mean squared norm of the gradient of one residual. The trace
    is estimated (Hutchinson), see :func:`tangent_trace`; the averages over updates reduce what is left of the noise.

    Args:
        terms: names of the terms.
        every: steps between two updates.
        momentum: a, in [0, 1).
        probes: random vectors per estimate, a backward pass each.

    Limits: weights of points and of causal slices are not part of the kernel. Estimated operators have the kernel of one draw.

    Reference: Wang, Yu & Perdikaris, When and why PINNs fail to train: a neural tangent kernel perspective, 2022; with means of the diagonal in place of
    traces, as here, in Wang, Sankaran, Wang & Perdikaris, An expert's guide to training physics-informed neural networks, 2023, equations 5.7 to 5.9.
    """

    def __init__(self, terms: Sequence[str], *, every: int = 1000, momentum: float = 0.9, probes: int = 8) -> None:
        super().__init__(terms, every=every, momentum=momentum)
        self.probes = probes

    @override
    def measures(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], *, residuals: Residuals, step: int) -> list[Tensor]:
        found, generator = residuals(), torch.Generator().manual_seed(step)
        return [tangent_trace(found[name], parameters, generator, self.probes) / len(found[name]) for name in self.terms]


def tangent_trace(residual: Tensor, parameters: Sequence[nn.Parameter], generator: torch.Generator, probes: int) -> Tensor:
    """Unbiased estimate of Tr J Jᵀ = E ‖Jᵀv‖² with J = ∂residual/∂parameters and random signs v, a scalar.

    Args:
        residual: on the tape, any shape.
        parameters: θ.
        generator: on the CPU; draws v.
        probes: number of v, a backward pass each.

    Limits: the standard deviation of one probe is up to √2 times the trace, which it reaches when one direction carries all of the kernel.
    """
    signs = [torch.randint(2, residual.shape, generator=generator).to(residual) * 2 - 1 for _ in range(probes)]
    return torch.stack([_norm((sign * residual).sum(), parameters).square() for sign in signs]).mean()


def _norm(scalar: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
    """‖∇‖ over all parameters."""
    found = torch.autograd.grad(scalar, parameters, retain_graph=True, allow_unused=True)
    return nn.utils.get_total_norm([gradient for gradient in found if gradient is not None])
