"""Functions of time and space whose parameters are tensors, one row for each trajectory."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.base import Derivatives, Field

__all__ = ["Profile"]


@dataclass(frozen=True, eq=False)
class Profile(ABC):
    """A coefficient ``c(d)`` that reads ``d.t`` and ``d.x``: an initial state or a forcing.

    A subclass is a frozen dataclass. **Every field is a tensor whose first axis is the batch**, so that a profile can be stored, moved,
    stacked and differentiated; nothing hides in a closure. The same object serves grids, trajectories and networks.

    Attributes:
        steady: whether the values do not depend on ``d.t``, so that a solver evaluates them once.
    """

    steady: ClassVar[bool] = False

    @abstractmethod
    def __call__(self, d: Derivatives) -> Field:
        """Values at the coordinates of ``d``."""

    @classmethod
    def stack(cls, profiles: Sequence[Any]) -> Self:
        """Profiles of this class, concatenated along the batch."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: torch.cat([getattr(profile, name) for profile in profiles]) for name in names})

    def on(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """A copy on another device, in another precision; what is not given stays."""
        return dataclasses.replace(self, **{name: value.to(device=device, dtype=dtype) for name, value in self.parameters().items()})

    def parameters(self) -> dict[str, Tensor]:
        """The parameters by name, each ``(batch, ...)``."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
