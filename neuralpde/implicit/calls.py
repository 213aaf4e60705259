"""Arguments of a call as a flat list of tensors, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils import _pytree as pytree

from neuralpde.implicit.vectors import Layout

__all__ = ["Call"]


@dataclass(frozen=True)
class Call:
    """Positional and keyword arguments, nested at will, with the places of the tensors among them.

    Args:
        leaves: everything the arguments contain, in order; what is not a tensor stays as it is.
        structure: how they nest.
        places: positions of the tensors.
        plain: whether the arguments are tensors, one after the other, and nothing else.
    """

    leaves: tuple[Any, ...]
    structure: pytree.TreeSpec
    places: tuple[int, ...]
    plain: bool = False

    @classmethod
    def of(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        """Take a call apart."""
        leaves, structure = pytree.tree_flatten((args, kwargs))
        places = tuple(i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor))
        return cls(tuple(leaves), structure, places, not kwargs and all(isinstance(arg, Tensor) for arg in args))

    @property
    def tensors(self) -> list[Tensor]:
        """The tensors, in order."""
        return [self.leaves[place] for place in self.places]

    def fill(self, tensors: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with other tensors in the same places."""
        if self.plain:  # the usual case, and hot inside iterations
            return tuple(tensors), {}
        filled = list(self.leaves)
        for place, tensor in zip(self.places, tensors, strict=True):
            filled[place] = tensor
        return pytree.tree_unflatten(filled, self.structure)

    def blank(self, tensors: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with None in place of everything that is not a tensor; the form of cotangents."""
        filled: list[Any] = [None] * len(self.leaves)
        for place, tensor in zip(self.places, tensors, strict=True):
            filled[place] = tensor
        return pytree.tree_unflatten(filled, self.structure)

    def function(self, of: Callable[..., Any], layout: Callable[[], Layout], *, who: str) -> Callable[..., Tensor]:
        r"""``of(x, *args, **kwargs)`` as a pure function of vectors: (x ``(*batch, n)``, \*tensors) → ``(*batch, n)``.

        Args:
            of: the function; returns what has the structure of x.
            layout: the form of x, asked for at each call because a solution tells it only after the solve.
            who: first word of an error.
        """

        def flat(x: Tensor, *tensors: Tensor) -> Tensor:
            args, kwargs = self.fill(tensors)
            form = layout()
            value = of(form.unpack(x), *args, **kwargs)
            if not form.matches(value):
                found = ", ".join(str(tuple(leaf.shape)) for leaf in pytree.tree_leaves(value) if isinstance(leaf, Tensor))
                raise ValueError(f"{who}: the optimality function needs the structure of the solution ({form}), got ({found}); return one value per unknown.")
            return form.pack(value)

        return flat

    def product(self, of: Callable[..., Any], layout: Callable[[], Layout]) -> Callable[..., Callable[[Tensor], Tensor]]:
        r"""``of(x, *args, **kwargs)``, which returns a linear map of things like x, as a pure function of vectors: (x, \*tensors) → (v ↦ map v)."""

        def flat(x: Tensor, *tensors: Tensor) -> Callable[[Tensor], Tensor]:
            args, kwargs = self.fill(tensors)
            form = layout()
            apply = of(form.unpack(x), *args, **kwargs)
            return lambda v: form.pack(apply(form.unpack(v)))

        return flat
