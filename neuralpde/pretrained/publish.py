"""From the checkpoint of a run to a card of the package.

To share one elsewhere, upload the resulting folder with the hub's own command line, ``hf upload ORGANISATION/NAME FOLDER``; there is no upload here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from neuralpde.pretrained.card import Card, Check
from neuralpde.pretrained.checkpoint import read_pretrained, save_pretrained
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.pretrained.load import CARDS
from neuralpde.pretrained.reproduce import first_trajectories_error, rebuild_scenario

__all__ = ["publish"]


def publish(
    folder: str | Path,
    name: str,
    *,
    resolution: Sequence[int] | None = None,
    summary: str = "",
    paper: str = "",
    num_trajectories: int = 8,
    num_frames: int | None = None,
    cards: Path = CARDS,
) -> Card:
    """Put a run's checkpoint among the cards, with a recorded check and commands that refer to its new name.

    Args:
        folder: checkpoint of a run that was evaluated.
        name: of the card.
        resolution: points per axis of the check; those of the training by default.
        summary: one sentence; that of the run if empty.
        paper: authors, title, year of the method; that of the run if empty.
        num_trajectories: trajectories of the check.
        num_frames: predicted frames of the check, few for chaos; None for all.
        cards: folder of all cards.

    Returns:
        The new card.

    Raises:
        CheckpointError: the checkpoint is refused, or its run was not evaluated.
    """
    model, config, card = read_pretrained(folder)
    if not card.scores:
        raise CheckpointError(f"publish: the card in {folder} needs a score, got none; train with evaluate=true.")
    data = config.get("data", {})
    grid = rebuild_scenario(card.trained_on).grid
    shape = grid.resized(resolution or data.get("resolution") or grid.shape).shape
    value = first_trajectories_error(model, data, card.trained_on, num_trajectories=num_trajectories, resolution=shape, num_frames=num_frames)
    command = f"python evaluate.py checkpoint={name}"
    card = dataclasses.replace(
        card,
        name=name,
        summary=summary or card.summary,
        paper=paper or card.paper,
        scores=tuple(dataclasses.replace(score, command=command) for score in card.scores),
        check=Check(value, num_trajectories, shape, num_frames=num_frames),
    )
    save_pretrained(cards / card.name, model, config=config, card=card)
    return card
