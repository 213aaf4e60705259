import copy
from functools import partial

import pytest
import torch
from torch import nn

from neuralpde.modules import NewtonCG, Stage, Stages, linear_decay


def valley(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def build(x):
    adam = Stage(partial(torch.optim.Adam, lr=0.02), steps=100, schedule=partial(linear_decay, final=0.1))
    lbfgs = Stage(partial(torch.optim.LBFGS, lr=1.0, max_iter=10, line_search_fn="strong_wolfe"), steps=4)
    return Stages([x], [adam, lbfgs, Stage(partial(NewtonCG, damping=1e-10, rank=0), steps=5)])


def step(x, optimizer):
    def closure():
        loss = valley(x)
        if not optimizer.needs_graph:
            optimizer.zero_grad()
            loss.backward()
        return loss

    return optimizer.step(closure).item()


def test_each_stage_continues_where_the_last_one_ended():
    x = nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
    optimizer = build(x)
    losses, active = [], []
    for _ in range(115):
        active.append(optimizer.active)
        losses.append(step(x, optimizer))
    assert active == [0] * 100 + [1] * 4 + [2] * 11  # the last one goes on
    assert losses[99] > 1e-3 > 1e-12 > losses[-1]


def test_learning_rate_that_a_logger_sees_is_that_of_the_active_stage():
    x = nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
    optimizer = build(x)
    rates = []
    for _ in range(101):
        rates.append(optimizer.param_groups[0]["lr"])
        step(x, optimizer)
    assert rates[0] == 0.02 and rates[50] == pytest.approx(0.02 * 0.55) and rates[100] == 1.0


def test_resumed_run_repeats_the_steps():
    x = nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64))
    optimizer = build(x)
    for _ in range(101):
        step(x, optimizer)
    state, copied = copy.deepcopy(optimizer.state_dict()), nn.Parameter(x.detach().clone())
    other = build(copied)
    other.load_state_dict(state)
    for _ in range(4):
        step(x, optimizer)
        step(copied, other)
    assert torch.equal(x, copied)
    with pytest.raises(ValueError, match="at least one stage"):
        Stages([x], [])
