"""A time step as a sequence of denoising passes through one backbone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.graphs import Graph
from neuralpde.grids import Grid, PointSet
from neuralpde.models.conditions import Backbone, Conditions
from neuralpde.models.denoising import Denoise, Denoising
from neuralpde.models.neural_stepper import BoundStepper, NeuralStepper, Output

__all__ = ["RefinedStepper", "SampledStepper"]


class RefinedStepper(NeuralStepper):
    r"""Frames → frames by ``denoising.num_passes`` calls of a backbone that sees the given frames followed by a noisy version of the wanted ones.

    The noise lives in the units of the backbone's output: with :class:`~neuralpde.models.Difference` of scale c, a deviation σ is c σ in the field.
    Everything but the noisy frames and the level is the same in all passes of a step; conditions that depend on coefficients alone are
    embedded once per step, see :meth:`Conditions.remember`.

    Args:
        backbone: a network with ``level`` on, of ``(history + horizon) · channels`` input channels.
        denoising: what the passes do.
        num_samples: samples drawn and averaged in every step.
        channels: see :class:`~neuralpde.models.NeuralStepper`, as the others.
        history: frames read.
        horizon: frames returned.
        dt: time between frames.
        time_scale: time that maps to one.
        coefficient_scale: one scale per coefficient.
        output: form of the output.
        graph: builds the graph of a domain.

    Raises:
        ValueError: the backbone does not listen to the level, or in the call half precision: its spacing between one and two is 8e-3 (bfloat16) or
            1e-3 (float16), above the noise of the last refinements.

    Reference: Lippe et al., "PDE-Refiner: Achieving Accurate Long Rollouts with Neural PDE Solvers", 2023.
    """

    tells_level: ClassVar[bool] = True

    def __init__(
        self,
        backbone: Backbone,
        *,
        denoising: Denoising,
        channels: int,
        history: int,
        horizon: int,
        dt: float,
        time_scale: float,
        coefficient_scale: tuple[float, ...] = (),
        output: Output | None = None,
        graph: Callable[[Grid | PointSet], Graph] | None = None,
        num_samples: int = 1,
    ) -> None:
        super().__init__(
            backbone,
            channels=channels,
            history=history,
            horizon=horizon,
            dt=dt,
            time_scale=time_scale,
            coefficient_scale=coefficient_scale,
            output=output,
            graph=graph,
        )
        if not backbone.level:
            raise ValueError(
                f"RefinedStepper: expected a backbone that is conditioned on the level, got {type(backbone).__name__} without it; set level=True, or use "
                "UNet, FNO or DilatedResNet."
            )
        self.denoising, self.num_samples = denoising, num_samples

    @staticmethod
    @override
    def frames_seen(history: int, horizon: int) -> int:
        return history + horizon

    @override
    def forward(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None = None) -> Tensor:
        """A sample of the next ``horizon`` frames.

        Args:
            window: given frames.
            conditions: circumstances; their level is set here.
            generator: source of the noise, on the CPU; torch's global one by default.

        Shape: ``(batch, history, channel, *space)`` → ``(batch, horizon, channel, *space)``.
        """
        network, noise, like = self._sampling(window, conditions, generator)
        samples = [self.denoising.sample(network, noise, like) for _ in range(self.num_samples)]
        mean = samples[0] if len(samples) == 1 else torch.stack(samples).mean(0)
        return self.output(window[:, -1:], mean, self.dt)

    def passes(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None = None) -> list[Tensor]:
        """The prediction after each pass of one sample, the last of which is the step if ``num_samples`` is one; for a look inside.

        Args:
            window: given frames.
            conditions: circumstances; their level is set here.
            generator: see :meth:`forward`.

        Shape: ``(batch, history, channel, *space)`` → ``denoising.num_passes`` times ``(batch, horizon, channel, *space)``.
        """
        return [self.output(window[:, -1:], estimate, self.dt) for estimate in self.estimates(window, conditions, generator)]

    def estimates(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None = None) -> Iterator[Tensor]:
        """The same in units of the backbone's output, with their derivatives."""
        return self.denoising.estimates(*self._sampling(window, conditions, generator))

    def _sampling(self, window: Tensor, conditions: Conditions, generator: torch.Generator | None) -> tuple[Denoise, Callable[[], Tensor], Tensor]:
        """Network, noise and a tensor of the shape of the wanted frames, as :class:`~neuralpde.models.Denoising` takes them."""
        self._check_window(window)
        like = window[:, -1:].expand(-1, self.horizon, *window.shape[2:])

        def noise() -> Tensor:
            return torch.randn(like.shape, generator=generator, dtype=like.dtype).to(like.device)

        def network(noisy: Tensor, number: int) -> Tensor:
            return self.denoise(window, noisy, torch.full((len(window),), number), conditions)

        return network, noise, like

    def example(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Given frames, and the wanted ones in units of the backbone's output: what a training needs of ``(batch, history + horizon, channel, *space)``."""
        known, future = frames[:, : self.history], frames[:, self.history :][:, : self.horizon]
        return known, self.output.encode(known[:, -1:], future, self.dt)

    def denoise(self, window: Tensor, noisy: Tensor, passes: Tensor, conditions: Conditions) -> Tensor:
        """One pass of the backbone.

        Args:
            window: given frames, ``(batch, history, channel, *space)``.
            noisy: noisy frames in units of the output, ``(batch, horizon, channel, *space)``.
            passes: number of the pass of each sample, ``(batch,)`` integers.
            conditions: circumstances without level.

        Shape: the output has that of ``noisy``.

        Raises:
            ValueError: half precision, see the class.
        """
        _refuse_half_precision(window)
        levels = torch.tensor(self.denoising.levels, dtype=torch.float64)[passes.cpu()]
        frames = torch.cat([window, noisy], dim=1).flatten(1, 2)
        return self.backbone(frames, conditions.at_level(levels.to(window))).unflatten(1, (self.horizon, self.channels))

    @override
    def bind(self, domain: Grid | PointSet, coefficients: Tensor, seed: int = 0) -> SampledStepper:
        """See :meth:`NeuralStepper.bind`; rollouts of another ``seed`` are other samples, those of the same one are equal."""
        return SampledStepper(self, domain, coefficients, seed)


class SampledStepper(BoundStepper):
    """A :class:`RefinedStepper` on one domain whose noise is a function of (seed, time): each call repeats itself, different steps are independent.

    Limits: the noise of a trajectory also depends on its place in the batch and on the shape of the batch.
    """

    def __init__(self, model: RefinedStepper, domain: Grid | PointSet, coefficients: Tensor, seed: int = 0) -> None:
        super().__init__(model, domain, coefficients)
        self.seed = seed

    @torch.no_grad()
    @override
    def advance(self, window: Tensor, t: float = 0.0) -> Tensor:
        self.model.eval()
        step = round(t / self.dt) % 2**32
        generator = torch.Generator().manual_seed(int(np.random.SeedSequence([self.seed, step]).generate_state(1)[0]))
        return self.model(window, self._conditions(window, t), generator)


def _refuse_half_precision(window: Tensor) -> None:
    half = torch.get_autocast_dtype(window.device.type) if torch.is_autocast_enabled(window.device.type) else window.dtype
    if half in (torch.float16, torch.bfloat16):
        raise ValueError(
            f"RefinedStepper: needs float32 or float64, since the noise of the last refinements is below the spacing of half precision, got {half}; "
            "set trainer.precision=32-true."
        )
