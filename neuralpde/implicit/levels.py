"""The levels of differentiation that are active: everything this package needs of PyTorch beyond its public names.

Two things are not to be had publicly: to look below the wrappers of ``torch.func`` at a tensor's outer levels (``requires_grad`` answers for the innermost
one only), and to let outer levels of forward mode act inside the ``jvp`` rule of an ``autograd.Function``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.autograd import forward_ad

try:
    from torch._C._functorch import get_unwrapped, is_batchedtensor, is_functorch_wrapped_tensor
    from torch.autograd.forward_ad import _set_fwd_grad_enabled
except ImportError as error:
    raise ImportError(
        f"neuralpde.implicit: needs functions that PyTorch does not promise to keep, got a torch {torch.__version__} without one of them ({error}); "
        "install a torch version that this neuralpde was tested with."
    ) from error

__all__ = ["carries_derivatives", "differentiated", "nested_forward_mode", "primals"]


def carries_derivatives(tensor: Tensor) -> bool:
    """Whether a tensor of this type can carry derivatives."""
    return tensor.is_floating_point() or tensor.is_complex()


def differentiated(tensor: Tensor) -> bool:
    """Whether some active transformation, autograd or ``torch.func``, follows this tensor; at any level of nesting."""
    levels = [tensor]
    while is_functorch_wrapped_tensor(levels[-1]):
        levels.append(get_unwrapped(levels[-1]))
    if any(level.requires_grad for level in levels):
        return True
    # A tangent cannot be asked for below a batch axis of vmap; there, only reverse mode is seen.
    batched = [i for i, level in enumerate(levels) if is_batchedtensor(level)]
    return any(forward_ad.unpack_dual(level).tangent is not None for level in levels[batched[-1] + 1 if batched else 0 :])


@contextmanager
def nested_forward_mode() -> Iterator[None]:
    """Keep outer levels of forward mode alive inside a ``jvp`` rule.

    PyTorch switches forward mode off while it runs such a rule, so that forward over forward silently returns zero. Together with :func:`primals`, which
    strips the tangents of the level being differentiated, switching it on again makes every nesting exact.
    """
    with _set_fwd_grad_enabled(True):
        yield


def primals(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The tensors without tangents of the innermost level; those of outer levels stay."""
    return [forward_ad.unpack_dual(tensor).primal if carries_derivatives(tensor) else tensor for tensor in tensors]
