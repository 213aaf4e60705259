import os
import socket

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from constrained_waves import domain, random_basis, solved

from neuralpde.constraints import ExpertParallel, WeightSolver

SOLVER = WeightSolver(tolerance=1e-12, max_steps=100)


def loss_and_gradient(solver):
    """Loss of a small mixture and its gradient by what stands for the parameters of a network."""
    where = domain(num_frames=7)
    parameters = torch.linspace(0.5, 1.5, 4, dtype=torch.float64).requires_grad_()
    basis = random_basis(where, num_basis=4) * torch.tanh(parameters).view(-1, 1, 1, 1)
    initial = random_basis(where, num_basis=1, seed=5)[:, 0, 0]
    found = solved(basis, initial, where, counts=(1, 2), ridge=0.1, solver=solver)
    loss = found.residual.square().sum() + found.frames.square().sum()
    loss.backward()
    return loss.detach(), parameters.grad, found.statistics.steps


def one_process(rank, world, port, folder):
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=world)
    torch.save(loss_and_gradient(ExpertParallel(SOLVER)), f"{folder}/{rank}.pt")
    dist.destroy_process_group()


def test_two_processes_give_the_loss_and_gradient_of_one(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(one_process, (2, port, str(tmp_path)), nprocs=2)
    loss, gradient, steps = loss_and_gradient(SOLVER)
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt")
        torch.testing.assert_close(found[0], loss, rtol=1e-10, atol=0)
        torch.testing.assert_close(found[1], gradient, rtol=1e-10, atol=1e-10 * float(gradient.abs().max()))
        assert torch.equal(found[2], steps), "every process knows the statistics of all experts"


def test_it_needs_a_process_group():
    with pytest.raises(RuntimeError, match="needs a process group, got none"):
        loss_and_gradient(ExpertParallel(SOLVER))
