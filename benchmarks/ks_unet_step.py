"""Training step of the 1-D modern U-Net on Kuramoto–Sivashinsky frames: core-seconds in float32.

    python benchmarks/ks_unet_step.py [threads] [batch] [repeats]

A step is a forward pass, a backward pass and an Adam update at the published size: 53.9 million parameters, two frames of 256 points in, batch 128.
The peer is the same network with the same weights whose convolutions wrap by PyTorch's own ``padding_mode="circular"`` and whose up-sampling pads
with zeros, as in the released code of PDE-Refiner. Core-seconds are processor time of all threads, so that a machine that is busy otherwise distorts
them least; the two take turns.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

import torch
from torch import Tensor, nn

from neuralpde.grids import Grid
from neuralpde.models import Conditions, UNet
from neuralpde.models.layers import Convolution

POINTS, PUBLISHED_BATCH = 256, 128


class CircularConvolution(nn.Module):
    """A :class:`Convolution` of the package by PyTorch's circular padding mode."""

    def __init__(self, ours: Convolution) -> None:
        super().__init__()
        conv = ours.conv
        kernel, mode = conv.kernel_size[0], "circular" if conv.kernel_size[0] > 1 else "zeros"
        self.conv = nn.Conv1d(conv.in_channels, conv.out_channels, kernel, stride=conv.stride, padding=kernel // 2, padding_mode=mode)
        self.conv.load_state_dict(conv.state_dict())

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def with_circular_padding(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        if isinstance(child, Convolution):
            setattr(module, name, CircularConvolution(child))
        else:
            with_circular_padding(child)
    return module


def build(periodic_upsampling: bool) -> UNet:
    torch.manual_seed(0)
    return UNet(2, 1, ndim=1, num_coefficients=2, level=True, periodic_upsampling=periodic_upsampling)


class Step:
    """One training step on fixed random frames."""

    def __init__(self, model: nn.Module, batch: int) -> None:
        self.model, self.optimizer = model, torch.optim.Adam(model.parameters(), lr=1e-4)
        generator = torch.Generator().manual_seed(1)
        self.frames, self.label = torch.randn(batch, 2, POINTS, generator=generator), torch.randn(batch, 1, POINTS, generator=generator)
        level = torch.rand(batch, generator=generator)
        self.conditions = Conditions(torch.zeros(batch), torch.rand(batch, 2, generator=generator), Grid((POINTS,), 0.0, 64.0), level=1000 * level)

    def __call__(self) -> tuple[float, float, float]:
        """Core-seconds, seconds, loss."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.optimizer.zero_grad()
        loss = (self.model(self.frames, self.conditions) - self.label).square().mean()
        loss.backward()
        self.optimizer.step()
        return time.process_time() - cpu, time.perf_counter() - wall, loss.item()


def main(threads: int, batch: int, repeats: int) -> None:
    torch.set_num_threads(threads)
    steps = {"neuralpde": Step(build(True), batch), "circular padding mode": Step(with_circular_padding(build(False)), batch)}
    for step in steps.values():
        step()
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in steps}
    for _ in range(repeats):
        for name, step in steps.items():
            times[name].append(step())
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg())
    print(f"batch {batch} × {POINTS} points, float32, {threads} thread(s), torch {torch.__version__}; load average {load}")
    scale = PUBLISHED_BATCH / batch
    for name, runs in times.items():
        core, wall = (statistics.median(run[i] for run in runs) for i in (0, 1))
        print(
            f"{name}: {core:.2f} core-seconds, {wall:.2f} s (median of {repeats}), {scale * core:.1f} core-seconds at batch {PUBLISHED_BATCH}; losses "
            + ", ".join(f"{run[2]:.4f}" for run in runs)
        )
    ratios = [theirs[0] / ours[0] for ours, theirs in zip(*times.values(), strict=True)]
    print(f"ratio of core-seconds: median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [1, PUBLISHED_BATCH, 3][len(given) :]))
