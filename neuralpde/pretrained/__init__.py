"""Trained networks on disk: safe checkpoints, the cards that describe them, and loading by name."""

from neuralpde.pretrained.card import Card, Check, Score, Training
from neuralpde.pretrained.checkpoint import Pretrained, read_pretrained, restore, save_pretrained
from neuralpde.pretrained.data_source import DataSource
from neuralpde.pretrained.ensemble import make_ensemble
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.pretrained.load import available, load_pretrained
from neuralpde.pretrained.publish import publish
from neuralpde.pretrained.reproduce import reproduce

__all__ = [
    "Card",
    "Check",
    "CheckpointError",
    "DataSource",
    "Pretrained",
    "Score",
    "Training",
    "available",
    "load_pretrained",
    "make_ensemble",
    "publish",
    "read_pretrained",
    "reproduce",
    "restore",
    "save_pretrained",
]
