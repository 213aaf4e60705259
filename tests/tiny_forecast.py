"""A training that takes milliseconds: a two-layer network with dropout on travelling sines."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from lightning.pytorch import LightningDataModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from neuralpde.grids import Grid
from neuralpde.losses import Pushforward, SummedRoot
from neuralpde.models import Backbone, Difference, NeuralStepper
from neuralpde.modules import AtomicCheckpointIO, Forecast, warmup_cosine

__all__ = ["GRID", "Trajectories", "TravellingSines", "Window", "tiny_module", "tiny_stepper", "tiny_trainer"]

GRID = Grid((16,), 0.0, 1.0)


class Window(NamedTuple):
    """Frames, time of the last history frame, coefficients."""

    frames: Tensor
    time: Tensor
    coefficients: Tensor


class Trajectories(NamedTuple):
    """Frames, times, coefficients, indices."""

    frames: Tensor
    times: Tensor
    coefficients: Tensor
    indices: Tensor


class _TinyBackbone(Backbone):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(in_channels, 8, 3, padding=1, padding_mode="circular"), nn.Dropout(0.2), nn.GELU(), nn.Conv1d(8, out_channels, 1))

    def forward(self, frames, conditions):
        return self.net(frames)


class _Sines(Dataset):
    """Window i of an epoch, a function of (epoch, i) alone."""

    def __init__(self, num_frames: int, length: int) -> None:
        self.num_frames, self.length, self.epoch = num_frames, length, 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        start = 0.1 * index + 0.37 * self.epoch
        times = start + 0.1 * torch.arange(self.num_frames)
        return torch.sin(2 * math.pi * (GRID.coordinates(0).float() - times.view(-1, 1, 1))), times


class TravellingSines(LightningDataModule):
    """Windows of 2 + 2 frames in batches of 4, and two trajectories of 8 frames to validate on."""

    def train_dataloader(self) -> DataLoader:
        data = _Sines(4, 12)
        data.epoch = self.trainer.current_epoch

        def collate(items):
            return Window(torch.stack([f for f, _ in items]), torch.stack([t[1] for _, t in items]), torch.zeros(len(items), 0))

        return DataLoader(data, batch_size=4, collate_fn=collate)

    def val_dataloader(self) -> DataLoader:
        def collate(items):
            return Trajectories(torch.stack([f for f, _ in items]), items[0][1], torch.zeros(len(items), 0), torch.arange(len(items)))

        return DataLoader(_Sines(8, 2), batch_size=1, collate_fn=collate)


def tiny_stepper() -> NeuralStepper:
    """A stepper of history 2 and horizon 1 with seeded weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return NeuralStepper(_TinyBackbone(2, 1), channels=1, history=2, horizon=1, dt=0.1, time_scale=1.0, output=Difference())


def tiny_module(*, seed: int = 0, lr: float = 1e-2, **options) -> Forecast:
    """Its training module: pushforward, AdamW, cosine."""
    return Forecast(
        tiny_stepper(),
        Pushforward(SummedRoot(), 1),
        domain=GRID,
        optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=lr),
        schedule=warmup_cosine,
        seed=seed,
        **options,
    )


def tiny_trainer(folder, *, max_epochs: int = 4, callbacks=(), logger=False, **options) -> Trainer:
    """A silent trainer on the CPU."""
    return Trainer(
        accelerator="cpu",
        max_epochs=max_epochs,
        callbacks=list(callbacks),
        logger=logger,
        default_root_dir=folder,
        plugins=[AtomicCheckpointIO()],
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        enable_progress_bar=False,
        enable_model_summary=False,
        log_every_n_steps=1,
        **{"enable_checkpointing": False, **options},
    )
