"""Recognises the HDF5 layouts of other projects by their content, so that a refusal can name them."""

from __future__ import annotations

import re
from collections.abc import Callable

import h5py

__all__ = ["recognise"]

Rule = Callable[[h5py.File], bool]


def _holds(*names: str) -> Rule:
    return lambda file: all(name in file for name in names)


def _split_holds(prefix: str) -> Rule:
    def rule(file: h5py.File) -> bool:
        groups = [file[split] for split in ("train", "valid", "test") if split in file]
        return any(isinstance(group, h5py.Group) and any(str(name).startswith(prefix) for name in group) for group in groups)

    return rule


def _numbered(digits: int, member: str) -> Rule:
    def rule(file: h5py.File) -> bool:
        groups = [file[str(name)] for name in file if re.fullmatch(rf"\d{{{digits}}}", str(name))]
        return any(isinstance(group, h5py.Group) and member in group for group in groups)

    return rule


_FAMILIES: tuple[tuple[str, Rule], ...] = (
    ("The Well", _holds("t0_fields")),
    ("PBDL", _holds("sims")),
    ("PDEBench compressible flow", _holds("density")),
    ("PDEBench Darcy", _holds("nu", "tensor")),
    ("PDEBench one-dimensional", _holds("tensor")),
    ("MP-PDE, LPSDA or PDE-Refiner", _split_holds("pde_")),
    ("PDEArena Navier-Stokes", _split_holds("vx")),
    ("PDEBench grouped", _numbered(4, "data")),
    ("LagrangeBench", _numbered(5, "position")),
    ("Poseidon", _holds("velocity")),
)


def recognise(file: h5py.File) -> str | None:
    """Family of a foreign file, or None; the first rule that fits decides."""
    return next((family for family, rule in _FAMILIES if rule(file)), None)
