"""Several networks as one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.models.conditions import Backbone, Conditions

__all__ = ["Averaged"]


class Averaged(Backbone):
    """An ensemble: the mean of the outputs of several networks, trained each on its own.

    Inside a :class:`~neuralpde.models.NeuralStepper` whose output is affine in the network's this is the mean of the predicted frames in every step.

    Args:
        members: networks of the same input and output channels.

    Shape: as the members.

    Raises:
        ValueError: no members, or members that differ in what they need.
    """

    def __init__(self, members: Sequence[Backbone]) -> None:
        super().__init__()
        needs = {(member.needs_graph, member.level, member.dimensions) for member in members}
        if len(needs) != 1:
            raise ValueError(f"Averaged: expected networks of one kind, got {len(members)} of {len(needs)} kinds; build each with the same config.")
        self.members = nn.ModuleList(members)
        self.needs_graph, self.level, self.dimensions = needs.pop()  # pyright: ignore[reportAttributeAccessIssue]

    @override
    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        return torch.stack([member(frames, conditions) for member in self.members]).mean(0)
