"""Experts spread over processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from neuralpde.constraints.row_system import RowSystem
from neuralpde.constraints.weight_solver import SolveStatistics, WeightSolver

__all__ = ["ExpertParallel"]


class _ToExperts(torch.autograd.Function):
    """The same tensor everywhere; gradients of all processes are summed, since each has only those of its own experts."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:  # type: ignore[override]
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        grad = grad.contiguous().clone()
        dist.all_reduce(grad)
        return grad


class _FromExperts(torch.autograd.Function):
    """Weights of all experts on every process; each keeps the gradient of its own, which is complete since all compute the same loss."""

    @staticmethod
    def forward(ctx: Any, own: Tensor, sizes: Sequence[int]) -> Tensor:  # type: ignore[override]
        ctx.sizes = sizes
        parts = [own.new_empty(size, *own.shape[1:]) for size in sizes]
        # gloo gathers equal shapes only, so every process broadcasts its part.
        for rank, part in enumerate(parts):
            if rank == dist.get_rank():
                part.copy_(own)
            dist.broadcast(part, rank)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return grad.split(list(ctx.sizes))[dist.get_rank()].contiguous(), None


@dataclass(frozen=True)
class ExpertParallel:
    """A solver of weights that gives every process a share of the problems (samples times experts).

    All processes hold the same network and see the same batch; every one solves for its share, and all receive all weights. Loss and parameter
    gradients are then those of one process, on every process: nothing needs to be summed afterwards, and averaging, as data-parallel wrappers
    do, changes nothing.

    Args:
        solver: what every process runs.

    Raises:
        RuntimeError: no process group.

    Limits: the share is of the solves and of their memory; the network itself runs on every process. The same generator must draw the points everywhere.
    """

    solver: WeightSolver = field(default_factory=WeightSolver)

    def __call__(self, system: RowSystem, start: Tensor, tables: Sequence[Tensor]) -> tuple[Tensor, SolveStatistics]:
        """See :class:`~neuralpde.constraints.WeightSolver`."""
        if not dist.is_initialized():
            raise RuntimeError("ExpertParallel: needs a process group, got none; call torch.distributed.init_process_group, or use WeightSolver.")
        world, rank = dist.get_world_size(), dist.get_rank()
        sizes = [len(part) for part in torch.arange(len(start)).tensor_split(world)]
        first = sum(sizes[:rank])
        mine = slice(first, first + sizes[rank])
        shared = [_ToExperts.apply(table) if table.requires_grad else table for table in tables]
        own, statistics = self.solver(system.part(mine), start[mine], [table[mine] for table in shared])
        gathered = [_FromExperts.apply(values, sizes) for values in vars(statistics).values()]
        return _FromExperts.apply(own, sizes), SolveStatistics(*gathered)
