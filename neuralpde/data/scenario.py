"""What a data set is drawn from: an equation, random coefficients and initial states, and a solver."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import torch
from torch import Tensor

from neuralpde.data.recipe import LATER
from neuralpde.data.streams import Split, stream
from neuralpde.equations.base import Equation
from neuralpde.grids import Grid
from neuralpde.initial import Law, stack_draws
from neuralpde.resampling import spectral_filter
from neuralpde.rollout import Stepper

__all__ = ["Draw", "Law", "SameAs", "Scenario"]


@dataclass(frozen=True)
class SameAs:
    """The initial state is a coefficient at the initial time, in the same draw.

    Args:
        name: the coefficient, for example ``forcing``.
    """

    name: str


@dataclass(frozen=True, eq=False)
class Draw:
    """The random choices of a batch of trajectories.

    Args:
        indices: numbers of the trajectories.
        coefficients: equation coefficients; constants stay numbers, random ones are ``(batch,)`` or dataclasses of ``(batch, ...)``.
        initial: initial state, as the provider of a solver lifts it.
        boundary: flags per side, 0 Dirichlet and 1 Neumann.
    """

    indices: tuple[int, ...]
    coefficients: dict[str, Any]
    initial: Any
    boundary: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Tensor]:
        """Every choice as a tensor ``(batch, ...)``: structured ones as ``name.part``, flags as ``bc_side``, initial states as ``initial.part``."""
        named = {**self.coefficients, **{f"bc_{side}": flag for side, flag in self.boundary.items()}}
        if all(self.initial is not value for value in self.coefficients.values()):
            named["initial"] = self.initial
        columns: dict[str, Tensor] = {}
        for name, value in named.items():
            columns.update(_columns(name, value, len(self.indices)))
        return columns

    def to(self, device: torch.device | str) -> Draw:
        """The same choices on another device."""
        return Draw(self.indices, *(_moved(part, device) for part in (self.coefficients, self.initial, self.boundary)))


def _columns(name: str, value: Any, batch: int) -> dict[str, Tensor]:
    if dataclasses.is_dataclass(value):
        parts = [_columns(f"{name}.{part.name}", getattr(value, part.name), batch) for part in dataclasses.fields(value)]
        return {key: column for part in parts for key, column in part.items()}
    if isinstance(value, Tensor) and value.ndim > 0:
        return {name: value}
    if isinstance(value, Tensor | float | int):
        return {name: torch.full((batch,), float(value), dtype=torch.float64)}
    return {}


def _moved(value: Any, device: torch.device | str) -> Any:
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {name: _moved(entry, device) for name, entry in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{part.name: _moved(getattr(value, part.name), device) for part in dataclasses.fields(value) if part.init})
    return value


@dataclass(frozen=True, eq=False)
class Scenario:
    """A family of initial value problems and how to solve them.

    Frames are ``dt`` apart, the first one at ``t0``. With a burn-in the initial state is that of ``t0 − burn_in · dt``. Trajectories may be
    solved on a finer grid than the one they are stored on; what is stored is then the filtered field, whose equation is no longer closed.

    Args:
        equation: an equation class, or a partial of one with its fixed options.
        grid: where it is stored, and solved unless ``solved_on`` says otherwise.
        solver: a partial of a classical solver, called as ``solver(equation, grid, dt, **sides)``; returns a stepper whose attribute
            ``derivatives`` is the provider of its states.
        initial: law of the initial state, or :class:`SameAs` a coefficient.
        dt: time between frames.
        num_frames: frames per trajectory, the initial state included.
        coefficients: a law or a constant per argument of the equation.
        boundary: a law or a constant per side, 0 Dirichlet and 1 Neumann; None if the solver takes none.
        burn_in: frames to drop before the first one.
        t0: time of the first frame.
        block_size: trajectories solved in one batch. Part of the recipe, because the last bits of a result may depend on the shape of the batch.
        solved_on: points per axis of a finer, periodic grid to solve on; states are filtered spectrally for storage.
    """

    equation: Callable[..., Equation]
    grid: Grid
    solver: Callable[..., Any]
    initial: Law | SameAs
    _: KW_ONLY
    dt: float
    num_frames: int
    coefficients: Mapping[str, Law | float] = field(default_factory=dict)
    boundary: Mapping[str, Law | float] | None = None
    burn_in: int = 0
    t0: float = 0.0
    block_size: int = 64
    solved_on: Sequence[int] | None = field(default=None, metadata=LATER)

    def __post_init__(self) -> None:
        object.__setattr__(self, "solved_on", None if self.solved_on is None else tuple(int(n) for n in self.solved_on))
        if self.num_frames < 2 or not self.dt > 0 or self.burn_in < 0 or self.block_size < 1:
            raise ValueError(
                f"Scenario: expected num_frames ≥ 2, dt > 0, burn_in ≥ 0 and block_size ≥ 1, got {self.num_frames}, {self.dt}, {self.burn_in} and "
                f"{self.block_size}; correct the data config."
            )
        if isinstance(self.initial, SameAs) and self.initial.name not in self.coefficients:
            raise ValueError(f"Scenario: initial is SameAs({self.initial.name!r}), got the coefficients {list(self.coefficients)}; name one of them.")

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the channels of a state."""
        return self.equation_class.fields

    @property
    def equation_class(self) -> type[Equation]:
        """The equation's class, without its coefficients."""
        target = self.equation.func if isinstance(self.equation, functools.partial) else self.equation
        if not (isinstance(target, type) and issubclass(target, Equation)):
            raise TypeError(f"Scenario: equation needs to be an Equation class or a partial of one, got {target!r}; set `_partial_: true` in its config.")
        return target

    @property
    def times(self) -> Tensor:
        """Time of every frame, ``(num_frames,)`` float64."""
        return self.t0 + self.dt * torch.arange(self.num_frames, dtype=torch.float64)

    def draw(self, seed: int, indices: Sequence[int], split: Split = "train") -> Draw:
        """Random choices of some trajectories; those of trajectory i depend on ``(seed, split, i)`` alone."""
        numbers = tuple(int(index) for index in indices)

        def values(prefix: str, laws: Mapping[str, Law | float]) -> dict[str, Any]:
            return {name: self._values(law, seed, split, numbers, prefix + name) for name, law in laws.items()}

        coefficients = values("", self.coefficients)
        return Draw(numbers, coefficients, self._initial(coefficients, seed, split, numbers), values("bc_", self.boundary or {}))

    def _initial(self, coefficients: dict[str, Any], seed: int, split: Split, indices: tuple[int, ...]) -> Any:
        if isinstance(self.initial, SameAs):
            return coefficients[self.initial.name]
        return self._values(self.initial, seed, split, indices, "initial")

    @staticmethod
    def _values(law: Law | float, seed: int, split: Split, indices: tuple[int, ...], name: str) -> Any:
        if not callable(law):
            return float(law)
        return stack_draws([law(stream(seed, split, index, name)) for index in indices])

    def build(self, draw: Draw, grid: Grid | None = None, dt: float | None = None) -> tuple[Stepper, Tensor]:
        """A solver for the drawn problems and their initial states.

        Args:
            draw: what :meth:`draw` returned.
            grid: another grid, for a coarser or finer reference.
            dt: another time between frames.

        Returns:
            The stepper, and the state at ``t0 − burn_in · dt``, shape ``(batch, channel, *space)``.
        """
        stepper = self.solver(self.equation(**draw.coefficients), grid or self.grid, dt or self.dt, **draw.boundary)
        return stepper, stepper.derivatives.at(self.t0 - self.burn_in * self.dt).lift(draw.initial)

    @property
    def fine_grid(self) -> Grid:
        """Where the trajectories are solved."""
        return self.grid if self.solved_on is None else self.grid.resized(self.solved_on)

    def solve(self, draw: Draw, grid: Grid | None = None) -> Tensor:
        """All frames of the drawn trajectories, ``(batch, num_frames, channel, *space)`` in float64.

        Args:
            draw: what :meth:`draw` returned.
            grid: solve and return on this grid instead of :attr:`fine_grid` and ``grid``.
        """
        source, target = (self.fine_grid, self.grid) if grid is None else (grid, grid)
        stepper, state = self.build(draw, source)
        start = self.t0 - self.burn_in * self.dt
        for frame in range(self.burn_in):
            state = stepper(state, start + frame * self.dt)
        # Frame by frame, since a whole trajectory on the fine grid may not fit into memory.
        frames = [_stored(state, source, target)]
        for frame in range(self.num_frames - 1):
            state = stepper(state, self.t0 + frame * self.dt)
            frames.append(_stored(state, source, target))
        return torch.stack(frames, dim=1)


def _stored(state: Tensor, source: Grid, target: Grid) -> Tensor:
    return state if source == target else spectral_filter(state, source, target)
