"""Several checkpoints as one ensemble."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import torch

from neuralpde.models import Averaged
from neuralpde.pretrained.card import Card
from neuralpde.pretrained.checkpoint import restore, save_pretrained
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.pretrained.load import load_pretrained

__all__ = ["make_ensemble"]


def make_ensemble(folder: str | Path, members: Sequence[str | Path]) -> Card:
    """Write a checkpoint whose network is the mean of several ones, trained with equal configs and different seeds.

    It is loaded and scored like any other, ``python evaluate.py checkpoint=FOLDER``.

    Args:
        folder: where to write.
        members: cards, folders or hub ids, at least two.

    Returns:
        The card: that of the first member without its scores, its effort added up.

    Raises:
        CheckpointError: fewer than two members, or members whose networks differ in more than their weights.
    """
    if len(members) < 2:
        raise CheckpointError(f"make_ensemble: an ensemble needs at least two members, got {len(members)}; train with several seeds.")
    models, configs, cards = zip(*(load_pretrained(member) for member in members), strict=True)
    for member, config in zip(members, configs, strict=True):
        if config["model"] != configs[0]["model"]:
            raise CheckpointError(f"make_ensemble: {member} needs the network of {members[0]}, got another config; train all members with one experiment.")
    recipe = configs[0]["model"]
    averaged = {"_target_": "neuralpde.models.Averaged", "members": [recipe["backbone"]] * len(members)}
    config = {**configs[0], "model": {**recipe, "backbone": averaged}}
    model = restore(config)
    if not isinstance(model.backbone, Averaged):
        raise TypeError(f"make_ensemble: expected an Averaged backbone, got {type(model.backbone).__name__}; report this.")
    with torch.no_grad():
        for place, member in zip(model.backbone.members, models, strict=True):
            place.load_state_dict(member.backbone.state_dict())
    card = _card(Path(folder).name, cards)
    save_pretrained(folder, model, config=config, card=card)
    return card


def _card(name: str, cards: Sequence[Card]) -> Card:
    training = dataclasses.replace(cards[0].training, steps=sum(card.training.steps for card in cards), seconds=sum(card.training.seconds for card in cards))
    summary = f"Mean of {len(cards)} networks: {cards[0].summary}"
    return dataclasses.replace(cards[0], name=name, summary=summary, training=training, scores=(), check=None)
