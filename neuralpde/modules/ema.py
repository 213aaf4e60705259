"""Exponential moving average of the weights."""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

__all__ = ["ExponentialMovingAverage"]


class ExponentialMovingAverage(Callback):
    r"""Average of the weights over the last steps,  w̄ ← d w̄ + (1 − d) w  after every optimiser step, d = min(decay, (1 + s)/(10 + s)).

    The validation runs on the averages. A checkpoint holds the averages as its ``state_dict``, so whoever reads it gets the weights that
    were scored, and the raw weights beside them, so that a resumed training goes on exactly. After the fit the module keeps the raw weights.

    Args:
        decay: d, in [0, 1). It averages over about 1/(1 − d) steps; the rule in s lets the average follow quickly at the start.

    Raises:
        ValueError: a decay outside [0, 1).

    Limits: buffers such as the statistics of a batch norm are not averaged. Sharded strategies are not supported.
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"ExponentialMovingAverage: decay needs to be in [0, 1), got {decay}; 0.999 is a good start.")
        self.decay = decay
        self._average: dict[str, Tensor] | None = None
        self._updates = 0

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start from the weights, unless a checkpoint brought averages."""
        weights = _weights(pl_module)
        source = self._average or weights
        self._average = {name: source[name].to(weight.device, copy=True) for name, weight in weights.items()}

    @torch.no_grad()
    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Move the averages if the optimiser made a step."""
        if trainer.global_step <= self._updates:
            return
        self._updates = trainer.global_step
        decay = min(self.decay, (1 + self._updates) / (10 + self._updates))
        get_ema_multi_avg_fn(decay)(list(self._averages().values()), list(_weights(pl_module).values()), self._updates)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Put the averages into the model."""
        self._swap(pl_module)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Put the raw weights back."""
        self._swap(pl_module)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """The averages become the ``state_dict``; the raw weights go beside it."""
        if self._average is None:
            return
        state = checkpoint["state_dict"]
        checkpoint["raw_weights"] = {name: state[name] for name in self._average}
        checkpoint["state_dict"] = {**state, **self._average}

    @torch.no_grad()
    def on_load_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Undo :meth:`on_save_checkpoint`: the model, which holds the averages by now, gets its raw weights back."""
        raw = checkpoint.get("raw_weights")
        if raw is None:  # trained without averages: start averaging from its weights
            return
        self._average = {name: checkpoint["state_dict"][name].clone() for name in raw}
        for name, weight in _weights(pl_module).items():
            weight.copy_(raw[name])

    def state_dict(self) -> dict[str, Any]:
        """Steps averaged so far."""
        return {"updates": self._updates}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """See :meth:`state_dict`."""
        self._updates = state_dict["updates"]

    @torch.no_grad()
    def _swap(self, pl_module: LightningModule) -> None:
        if self._average is None:
            return
        for name, weight in _weights(pl_module).items():
            held = weight.clone()
            weight.copy_(self._average[name])
            self._average[name].copy_(held)

    def _averages(self) -> dict[str, Tensor]:
        if self._average is None:
            raise RuntimeError("ExponentialMovingAverage: expected a fit in progress, got none; add it to the trainer's callbacks.")
        return self._average


def _weights(module: LightningModule) -> dict[str, Tensor]:
    """Trainable parameters by name, without gradient tracking."""
    return {name: parameter.data for name, parameter in module.named_parameters() if parameter.requires_grad}
