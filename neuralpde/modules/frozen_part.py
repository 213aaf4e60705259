"""Trained weights for a part of the network that is not trained."""

from __future__ import annotations

from pathlib import Path

from lightning.pytorch import Callback, LightningModule, Trainer

from neuralpde.models import NeuralStepper
from neuralpde.pretrained import load_pretrained
from neuralpde.pretrained.weights import check_weights

__all__ = ["FrozenPart"]


class FrozenPart(Callback):
    """Before the fit, a part of the network gets the weights of a checkpoint and is excluded from training.

    Args:
        part: dotted name of the part inside the stepper, such as ``guess.stepper``; it must be a stepper itself.
        checkpoint: card, folder or hub id.

    Raises:
        CheckpointError: the checkpoint does not fit the part.
    """

    def __init__(self, part: str, checkpoint: str | Path) -> None:
        self.part, self.checkpoint = part, checkpoint

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Load the weights."""
        del trainer, stage
        part = pl_module.get_submodule(f"stepper.{self.part}")
        if not isinstance(part, NeuralStepper):
            raise TypeError(f"FrozenPart: expected a stepper at {self.part!r}, got {type(part).__name__}; name a part such as guess.stepper.")
        weights = load_pretrained(self.checkpoint).model.state_dict()
        check_weights(part, weights, f"FrozenPart({self.part!r}, {str(self.checkpoint)!r})")
        part.load_state_dict(weights)
        part.requires_grad_(False)
