import copy

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from neuralpde.modules.muon import MuonAdamW


def _net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))


def _train(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> float:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(64, 4, generator=generator)
    y = torch.sin(x[:, :3] + x[:, 1:])
    for _ in range(steps):
        loss = (net(x) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_matrix_update_is_orthogonal_with_the_size_of_an_adam_update():
    weight = nn.Parameter(torch.zeros(6, 6))
    optimizer = MuonAdamW([weight], lr=1e-2, weight_decay=0.0)
    weight.grad = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    optimizer.step()
    singular_values = torch.linalg.svdvals(weight.detach()) / (1e-2 * 0.2 * 6**0.5)
    assert singular_values.min() > 0.5 and singular_values.max() < 1.3


def test_others_take_the_adamw_step():
    bias = nn.Parameter(torch.zeros(5))
    optimizer = MuonAdamW([nn.Parameter(torch.zeros(2, 2)), bias], lr=1e-2, adamw_ratio=0.5, weight_decay=0.0)
    bias.grad = torch.tensor([1.0, -2.0, 3.0, 4.0, -5.0])
    optimizer.step()
    torch.testing.assert_close(bias.detach(), -5e-3 * bias.grad.sign())


def test_it_minimises():
    net = _net()
    before = _train(net, torch.optim.SGD(net.parameters(), lr=0.0), 1)
    assert _train(net, MuonAdamW(net.parameters(), lr=2e-2, weight_decay=0.0), 200) < 0.1 * before


def test_schedule_reaches_both_parts():
    optimizer = MuonAdamW(_net().parameters(), lr=4e-3, adamw_ratio=0.25)
    schedule = LambdaLR(optimizer, lambda step: 1.0 / (1 + step))
    optimizer.step()
    schedule.step()
    assert [group["lr"] for part in optimizer.parts for group in part.param_groups] == pytest.approx([2e-3, 5e-4])


def test_resuming_from_the_state_is_exact():
    net = _net()
    optimizer = MuonAdamW(net.parameters(), lr=1e-2)
    _train(net, optimizer, 5)
    other = copy.deepcopy(net)
    resumed = MuonAdamW(other.parameters(), lr=1.0)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    _train(net, optimizer, 5)
    _train(other, resumed, 5)
    for a, b in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_without_matrices_it_is_adamw():
    bias, twin = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    ours, adamw = MuonAdamW([bias], lr=2e-2, weight_decay=0.1), torch.optim.AdamW([twin], lr=1e-2, weight_decay=0.1, betas=(0.9, 0.99))
    for gradient in (1.0, -3.0, 2.0):
        bias.grad, twin.grad = torch.full((3,), gradient), torch.full((3,), gradient)
        ours.step()
        adamw.step()
    assert torch.equal(bias, twin)


def test_matrices_alone_need_no_adamw():
    weight = nn.Parameter(torch.eye(3))
    weight.grad = torch.eye(3)
    MuonAdamW([weight], lr=1e-2).step()
    assert (weight.diagonal() < 1).all()


def test_kernels_move_as_their_matrices_would():
    kernel = nn.Parameter(torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(0)))
    matrix = nn.Parameter(kernel.detach().flatten(1).clone())
    ours, muon = MuonAdamW([kernel], lr=1e-2, max_axes=3), MuonAdamW([matrix], lr=1e-2)
    for seed in range(3):
        gradient = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(seed))
        kernel.grad, matrix.grad = gradient.clone(), gradient.flatten(1)
        ours.step()
        muon.step()
        assert kernel.shape == kernel.grad.shape == (5, 4, 3)
    torch.testing.assert_close(kernel.flatten(1), matrix, rtol=0, atol=0)


def test_kernels_are_left_to_adamw_by_default():
    kernel, twin = nn.Parameter(torch.ones(2, 2, 3)), nn.Parameter(torch.ones(2, 2, 3))
    ours, adamw = MuonAdamW([kernel], lr=2e-2, weight_decay=0.1), torch.optim.AdamW([twin], lr=1e-2, weight_decay=0.1, betas=(0.9, 0.99))
    kernel.grad = twin.grad = torch.randn(2, 2, 3, generator=torch.Generator().manual_seed(0))
    ours.step()
    adamw.step()
    assert torch.equal(kernel, twin)
