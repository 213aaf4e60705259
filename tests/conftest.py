"""What every test shares: seeds, one thread for each worker, no window, no network."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
import torch

os.environ["MPLBACKEND"] = "Agg"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["WANDB_MODE"] = "offline"
os.environ.pop("HYDRA_FULL_ERROR", None)  # programs are tested as users see them


def pytest_configure(config: pytest.Config) -> None:
    # Workers run side by side; more threads than cores make all of them slower, and results depend on the number.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same global random state for every test, whatever ran before."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 — for libraries that use the global state; ours take generators
    torch.manual_seed(0)


@pytest.fixture
def generator() -> torch.Generator:
    """A seeded generator, for functions that draw."""
    return torch.Generator().manual_seed(0)
