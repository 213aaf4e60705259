"""Points from a normalising flow that follows the residual."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.collocation.sampler import Residual, Sampler
from neuralpde.models.flow import BoxFlow
from neuralpde.problems import Box, Domain

__all__ = ["Adversarial", "FlowSampler", "ResidualFlow"]


class FlowSampler(Sampler):
    r"""A flow p on a box, trained in turns with the network on its present residual r.

    Integrals over the box are taken by importance sampling with points of the even mixture q of p and the uniform law, so that a peak is kept once one of
    its points has been seen; r² is divided by its mean over the box.

    Args:
        flow: the density on the unit box, stretched to the domain.
        every: steps between two trainings of the flow.
        flow_steps: steps of each training.
        num_points: points of each of them.
        lr: of the flow's optimiser, Adam, which starts anew at every training.
        smoothness: β ≥ 0, weight of the penalty on steep densities.
        uniform_share: s, part of the points handed out that stay uniform, in [0, 1].
        corrected: weight every point by the uniform density over that of the mixture, so that the loss keeps the mean it has with uniform points and only
            its variance changes. Without it the network minimises the residual where the flow puts its points.

    Raises:
        TypeError: the domain is no box.
        ValueError: ``corrected`` without uniform points, whose weights would have no bound; a flow with another number of coordinates than the problem.
    """

    def __init__(
        self,
        flow: BoxFlow,
        *,
        every: int = 500,
        flow_steps: int = 200,
        num_points: int = 2000,
        lr: float = 3e-3,
        smoothness: float = 1e-4,
        uniform_share: float = 0.3,
        corrected: bool = False,
    ) -> None:
        super().__init__()
        if corrected and uniform_share <= 0:
            raise ValueError(f"{type(self).__name__}: corrected needs uniform_share > 0, got {uniform_share}; raise it, weights are at most its inverse.")
        self.flow, self.every, self.flow_steps, self.num_points = flow, every, flow_steps, num_points
        self.lr, self.smoothness, self.uniform_share, self.corrected = lr, smoothness, uniform_share, corrected

    @abstractmethod
    def loss(self, log_density: Tensor, slope: Tensor, target: Tensor, proposal: Tensor) -> Tensor:
        """What the flow minimises.

        Args:
            log_density: log p at points of q, ``(points,)``.
            slope: |∇ log p|² there.
            target: r² over its mean.
            proposal: q.
        """

    @override
    def points(self, domain: Domain, num_points: int, generator: torch.Generator) -> Tensor:
        box = as_box(domain)
        uniform = round(self.uniform_share * num_points)
        return torch.cat([box.sample(uniform, generator).to(self._device), self._draw(box, num_points - uniform, generator)])

    @override
    def weights(self, x: Tensor, domain: Domain) -> Tensor | None:
        """1/(s + (1 − s) p |Ω|) if ``corrected``, at most 1/s."""
        if not self.corrected:
            return None
        with torch.no_grad():
            relative = self.flow.log_prob(_to_unit(as_box(domain), x)).exp()
        return 1.0 / (self.uniform_share + (1.0 - self.uniform_share) * relative)

    @override
    def log_density(self, x: Tensor, domain: Domain) -> Tensor:
        """Of the flow alone, on the domain."""
        box = as_box(domain)
        return self.flow.log_prob(_to_unit(box, x)) - math.log(box.volume)

    @override
    def adapt(self, residual: Residual, domain: Domain, generator: torch.Generator) -> None:
        box, half = as_box(domain), self.num_points // 2
        x = torch.cat([box.sample(half, generator).to(self._device), self._draw(box, half, generator)])
        unit = _to_unit(box, x)
        square = residual(x).square()  # outside of no_grad: nested reverse mode needs its tape
        with torch.no_grad():
            proposal = 0.5 + 0.5 * self.flow.log_prob(unit).exp()
            target = square / (square / proposal).mean().clamp(min=torch.finfo(square.dtype).tiny)
        optimizer = torch.optim.Adam(self.flow.parameters(), lr=self.lr)
        for _ in range(self.flow_steps):
            with torch.enable_grad():
                leaf = unit.requires_grad_()
                log_density = self.flow.log_prob(leaf)
                (gradient,) = torch.autograd.grad(log_density.sum(), leaf, create_graph=True)
                loss = self.loss(log_density, gradient.square().sum(-1), target, proposal)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @torch.no_grad()
    def _draw(self, box: Box, num_points: int, generator: torch.Generator) -> Tensor:
        if self.flow.ndim != box.ndim:
            raise ValueError(
                f"{type(self).__name__}: needs a flow of {box.ndim} coordinates, one per axis of the box, got {self.flow.ndim}; set the flow's ndim."
            )
        uniform = torch.rand(num_points, box.ndim, generator=generator).to(self._device)
        return box.from_unit(self.flow(uniform))

    @property
    def _device(self) -> torch.device:
        return self.flow.shifts.device


class Adversarial(FlowSampler):
    r"""The flow plays against the network:  max_p ∫ r² p dx − β ∫ |∇p|² dx.

    Without the penalty the best answer would be a Dirac mass at the largest residual. In equilibrium the residual is flat, which is what makes a Monte
    Carlo estimate of the loss reliable.

    Reference: Tang, Zhai, Wan & Yang, Adversarial adaptive sampling: unify PINN and optimal transport for the approximation of PDEs, 2024.
    """

    @override
    def loss(self, log_density: Tensor, slope: Tensor, target: Tensor, proposal: Tensor) -> Tensor:
        """Minus the gain."""
        density = log_density.exp()
        return ((self.smoothness * density.square() * slope - target * density) / proposal).mean()


class ResidualFlow(FlowSampler):
    r"""The flow imitates the residual, p ∝ r², by cross entropy:  min_p −∫ r² log p dx + β ∫ |∇ log p|² p dx.

    Steadier than :class:`Adversarial`, since the logarithm punishes a flow that has lost a peak.

    Reference: Tang, Wan & Yang, DAS-PINNs: a deep adaptive sampling method for solving high-dimensional partial differential equations, 2023.
    """

    @override
    def loss(self, log_density: Tensor, slope: Tensor, target: Tensor, proposal: Tensor) -> Tensor:
        """Cross entropy and penalty."""
        return ((self.smoothness * log_density.exp() * slope - target * log_density) / proposal).mean()


def as_box(domain: Domain) -> Box:
    """The domain, if it is a box."""
    if not isinstance(domain, Box):
        raise TypeError(f"FlowSampler: needs a domain of type Box, got {type(domain).__name__}; use ResidualAdaptive.")
    return domain


def _to_unit(box: Box, x: Tensor) -> Tensor:
    """Points of the open unit cube: on its faces, where a flow that has been pushed far sends its points, log p has no derivative."""
    lower, upper = (torch.tensor(corner, dtype=x.dtype, device=x.device) for corner in (box.lower, box.upper))
    return ((x - lower) / (upper - lower)).clamp(1e-5, 1 - 1e-5)
