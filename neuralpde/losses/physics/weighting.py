"""How the terms of a loss are weighted against each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override

__all__ = ["Fixed", "GradientNorm", "NeuralTangentTrace", "Weighting"]


class Weighting(nn.Module, ABC):
    """Weights of the terms by name; all are detached.

    A weighting is a module, so its running averages are stored in checkpoints.
    """

    @abstractmethod
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], step: int) -> None:
        """Adapt the weights.

        Args:
            losses: each term, a scalar on the tape.
            parameters: of the network.
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
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], step: int) -> None:
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

    def measure(self, loss: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
        """mᵢ ≥ 0 of one term."""
        raise NotImplementedError

    @override
    def update(self, losses: Mapping[str, Tensor], parameters: Sequence[nn.Parameter], step: int) -> None:
        if step % self.every:
            return
        self._refuse_unknown(self.terms, losses)
        measures = torch.stack([self.measure(losses[name], parameters) for name in self.terms]).to(self.running)
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
    def measure(self, loss: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
        return nn.utils.get_total_norm(_gradient(loss, parameters))


class NeuralTangentTrace(Balanced):
    r"""Equal rates of convergence:  λ̂ᵢ = Σⱼ Tⱼ / Tᵢ  with  Tᵢ = ‖∇ √Lᵢ‖², the trace that matters of the neural tangent kernel of term i.

    √Lᵢ is the norm of the term's residual vector over the root of its length, and ‖∇√L‖² = r̂ᵀK r̂/n with r̂ the unit residual: the Rayleigh quotient of the
    kernel K in the direction that is being reduced. It is a gradient norm divided by 4L, needs one backward pass, and bounds Tr K/n from below.

    Reference: after Wang, Yu & Perdikaris, When and why PINNs fail to train: a neural tangent kernel perspective, 2022, where the trace itself is used.
    """

    @override
    def measure(self, loss: Tensor, parameters: Sequence[nn.Parameter]) -> Tensor:
        norm = nn.utils.get_total_norm(_gradient(loss, parameters))
        return norm.square() / (4 * loss.detach().abs().clamp(min=torch.finfo(loss.dtype).tiny))


def _gradient(loss: Tensor, parameters: Sequence[nn.Parameter]) -> list[Tensor]:
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return [gradient for gradient in found if gradient is not None]
