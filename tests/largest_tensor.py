"""How much memory a computation asks for at once."""

from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class LargestTensor(TorchDispatchMode):
    """Numbers in the largest tensor that was allocated inside; views of what was there before do not count."""

    def __init__(self):
        super().__init__()
        self.numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        known = {part.untyped_storage().data_ptr() for part in tree_iter((args, kwargs)) if isinstance(part, torch.Tensor)}
        made = [part for part in tree_iter(result) if isinstance(part, torch.Tensor) and part.untyped_storage().data_ptr() not in known]
        self.numel = max([self.numel, *(part.numel() for part in made)])
        return result
