"""Learning rates at chosen steps."""

import math

import pytest
import torch

from neuralpde.modules import linear_decay, milestones, warmup_cosine


def _rates(schedule, lr: float, num_steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=lr)
    scheduler = schedule(optimizer, total_steps=num_steps)
    rates = []
    for _ in range(num_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return [*rates, optimizer.param_groups[0]["lr"]]


def test_cosine_rises_peaks_and_ends_at_the_final_rate():
    rates = _rates(lambda o, total_steps: warmup_cosine(o, total_steps=total_steps, warmup=0.2, final=1e-3), 1e-3, 100)
    assert rates[0] == pytest.approx(1e-3 / 20)
    assert rates[19] == pytest.approx(1e-3) and rates[20] == pytest.approx(1e-3)
    assert rates[60] == pytest.approx(1e-3 * (1e-3 + (1 - 1e-3) / 2))  # half way down
    assert rates[40] == pytest.approx(1e-3 * (1e-3 + (1 - 1e-3) * (1 + math.cos(math.pi / 4)) / 2))
    assert rates[100] == pytest.approx(1e-6)


def test_milestones_are_those_of_the_published_training():
    rates = _rates(milestones, 1e-4, 20)  # one step for each of 20 epochs
    expected = [1e-4] + [4e-5] * 4 + [1.6e-5] * 5 + [6.4e-6] * 5 + [2.56e-6] * 5
    assert rates[:20] == pytest.approx(expected)


def test_no_milestones_keep_the_rate():
    assert set(_rates(lambda o, total_steps: milestones(o, total_steps=total_steps, fractions=[]), 3.0, 5)) == {3.0}


@pytest.mark.parametrize("make", [lambda o: warmup_cosine(o, total_steps=10, warmup=1.0), lambda o: milestones(o, total_steps=10, fractions=[5])])
def test_fractions_are_checked(make):
    with pytest.raises(ValueError, match=r"need(s)? to be in \[0, 1"):
        make(torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=1.0))


def test_state_holds_numbers_only_and_a_new_length_takes_effect():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=1.0)
    state = warmup_cosine(optimizer, total_steps=10).state_dict()
    assert state["lr_lambdas"] == [None]


def test_linear_decay_rises_and_falls_on_straight_lines():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    schedule = linear_decay(optimizer, total_steps=10, warmup=0.2, final=0.5)
    rates = []
    for _ in range(11):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[:3] == [1.0, 2.0, 2.0] and rates[6] == pytest.approx(1.5) and rates[10] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="linear_decay: warmup needs to be in"):
        linear_decay(optimizer, total_steps=10, warmup=1.0)
