import copy
import math

import pytest
import torch
from torch import nn

from neuralpde.modules import SOAP


def quadratic(condition, seed=0):
    """‖A W B − C‖² with A and B rotated and ill conditioned: axes of the entries are not axes of curvature."""
    generator = torch.Generator().manual_seed(seed)

    def side(n):
        rotation = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64))[0]
        return rotation @ torch.diag(torch.logspace(0, math.log10(condition) / 2, n, dtype=torch.float64)) @ rotation.T

    left, right, target = side(6), side(5), torch.randn(6, 5, generator=generator, dtype=torch.float64)
    return lambda w: (left @ w @ right - target).square().sum()


def minimise(make, loss, steps):
    weight = nn.Parameter(torch.zeros(6, 5, dtype=torch.float64))
    optimizer = make([weight])
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 1 - s / steps)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(weight).backward()
        optimizer.step()
        decay.step()
    return loss(weight).item()


def test_ill_conditioned_quadratic_is_solved_much_further_than_by_adam():
    loss = quadratic(100.0)
    start = loss(torch.zeros(6, 5, dtype=torch.float64)).item()
    ours = minimise(lambda p: SOAP(p, lr=0.05, refresh=2), loss, 400)
    adam = minimise(lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.95, 0.95)), loss, 400)
    assert ours < 1e-4 * start and ours < 0.2 * adam


def test_without_rotation_it_is_adam_one_step_late():
    loss, steps = quadratic(10.0), 5
    weights = [nn.Parameter(torch.ones(6, 5, dtype=torch.float64)) for _ in range(2)]
    ours, adam = SOAP([weights[0]], lr=0.1, max_size=1), torch.optim.Adam([weights[1]], lr=0.1, betas=(0.95, 0.95))
    ours.zero_grad()
    loss(weights[0]).backward()
    ours.step()
    assert torch.equal(*weights)  # the first step only fills the averages
    for _ in range(steps):
        for weight, optimizer in zip(weights, (ours, adam), strict=True):
            optimizer.zero_grad()
            loss(weight).backward()
            optimizer.step()
    torch.testing.assert_close(*weights, rtol=1e-6, atol=1e-8)


def test_basis_becomes_that_of_the_curvature():
    loss = quadratic(100.0)
    weight = nn.Parameter(torch.zeros(6, 5, dtype=torch.float64))
    optimizer = SOAP([weight], lr=0.0, refresh=1)
    for _ in range(60):
        optimizer.zero_grad()
        loss(weight).backward()
        optimizer.step()
    state = optimizer.state[weight]
    rotated = state["right_basis"].T @ state["right"] @ state["right_basis"]
    values = rotated.diagonal()
    assert (rotated - torch.diag(values)).abs().max() < 1e-3 * values.max() and (values[:-1] >= values[1:] - 1e-9).all()


def test_state_is_restored():
    loss = quadratic(10.0)
    weight = nn.Parameter(torch.zeros(6, 5, dtype=torch.float64))
    optimizer = SOAP([weight], lr=0.05, refresh=2)

    def step(weight, optimizer):
        optimizer.zero_grad()
        loss(weight).backward()
        optimizer.step()

    for _ in range(5):
        step(weight, optimizer)
    copied = nn.Parameter(weight.detach().clone())
    other = SOAP([copied], lr=0.05, refresh=2)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for _ in range(5):
        step(weight, optimizer)
        step(copied, other)
    assert torch.equal(weight, copied)


def test_vectors_and_closures():
    weight = nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = SOAP([weight], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        return loss

    losses = [optimizer.step(closure).item() for _ in range(40)]
    assert losses[0] == pytest.approx(13.0) and losses[-1] < 1.0


def test_kernel_of_a_convolution_moves_as_its_matrix_of_outputs_by_inputs_and_taps():
    loss = quadratic(100.0)
    matrix = nn.Parameter(torch.zeros(6, 5, dtype=torch.float64))
    kernel = nn.Parameter(torch.zeros(6, 1, 5, dtype=torch.float64))
    for weight in (matrix, kernel):
        optimizer = SOAP([weight], lr=0.05, refresh=2)
        for _ in range(20):
            optimizer.zero_grad()
            loss(weight.view(6, 5)).backward()
            optimizer.step()
    torch.testing.assert_close(kernel.view(6, 5), matrix, rtol=0, atol=0)
