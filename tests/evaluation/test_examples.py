import math
from dataclasses import replace

import pytest
import torch
from noisy_forecasts import Shifting, waves
from synthetic_result import method

from neuralpde.evaluation import Task
from neuralpde.evaluation.examples import examples
from neuralpde.grids import Grid

RATES = torch.tensor([0.1, 0.2, 0.4, 0.8, 0.0])


def scored(errors):
    return replace(method("net", "network", Grid((16,)), 0.1, 0.1), per_trajectory={"accumulated_error": errors})


def test_best_median_and_worst_are_predicted_again():
    task = Task.build(Shifting(0.05), waves(RATES, truth=RATES, num_frames=6, steps=torch.arange(1.0, 6.0)), start=1, num_frames=3, batch_size=2)
    found = examples(task, scored([5.0, 1.0, None, 2.0, 3.0]))
    assert [(e.label, e.index, e.error, e.step) for e in found] == [("best", 1, 1.0, 2.0), ("median", 4, 3.0, 5.0), ("worst", 2, None, 3.0)]
    x = 2 * math.pi * torch.arange(16) / 16
    for example in found:
        rate = RATES[example.index]
        torch.testing.assert_close(example.ref[:, 0], torch.stack([torch.cos(x + k * rate) for k in (1, 2, 3)]), atol=1e-5, rtol=0)
        torch.testing.assert_close(example.pred[:, 0], torch.stack([torch.cos(x + k * (rate + 0.05)) for k in (1, 2, 3)]), atol=1e-5, rtol=0)


def test_without_steps_of_their_own_there_are_none():
    task = Task.build(Shifting(), waves(RATES, num_frames=6), start=1, num_frames=3, batch_size=2)
    assert [e.step for e in examples(task, scored([0.0, 1.0, 2.0, 3.0, math.pi]))] == [None] * 3
    assert examples(task, scored([1.0, 1.0, 1.0, 1.0, 0.5]))[0].error == pytest.approx(0.5)
