"""A small network with its configuration and card, and a checkpoint of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from neuralpde.models import NeuralStepper
from neuralpde.pretrained import Card, DataSource, Score, Training, restore, save_pretrained


@pytest.fixture
def config() -> dict[str, Any]:
    """A message passing stepper on one field with two coefficients."""
    return {
        "model": {
            "_target_": "neuralpde.models.NeuralStepper",
            "backbone": {
                "_target_": "neuralpde.models.MessagePassing",
                "in_channels": 25,
                "out_channels": 25,
                "ndim": 1,
                "num_coefficients": 2,
                "hidden": 32,
                "num_layers": 1,
            },
            "channels": 1,
            "history": 25,
            "horizon": 25,
            "dt": 0.1,
            "time_scale": 4.0,
            "coefficient_scale": [3.0, 0.4],
            "output": {"_target_": "neuralpde.models.Increments"},
            "graph": {"_target_": "neuralpde.graphs.PeriodicNeighbours", "reach": 2},
        },
        "data": {"name": "pulse", "fields": ["u"], "conditioned_on": ["alpha", "beta"], "resolution": [20]},
    }


@pytest.fixture
def model(config: dict[str, Any]) -> NeuralStepper:
    """The network with random weights of its own, not those that a restored one starts from."""
    model = restore(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) / 5)
    return model


@pytest.fixture
def card() -> Card:
    """A complete card."""
    return Card(
        name="small",
        summary="A small network.",
        trained_on=DataSource("pulse", {"train": "ab" * 32}, "neuralpde 0.1", 3),
        training=Training(steps=7, seconds=90.0, hardware="2 cores", command="python train.py"),
        scores=(Score("accumulated error", 1.5, "mean of a sum", "python evaluate.py checkpoint=small", spread=0.2, data="128 trajectories"),),
        paper="Somebody, Something, 2022",
    )


@pytest.fixture
def folder(tmp_path: Path, model: NeuralStepper, config: dict[str, Any], card: Card) -> Path:
    """A sound checkpoint."""
    save_pretrained(tmp_path / "small", model, config=config, card=card)
    return tmp_path / "small"
