"""Random streams: one for every trajectory and every coefficient."""

from __future__ import annotations

import hashlib

import torch

__all__ = ["SPLITS", "Split", "stream"]

Split = str
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
"""Splits in the order that numbers their streams."""

_BITS = 30


def stream(seed: int, split: Split, index: int, name: str) -> torch.Generator:
    """Generator of one coefficient of one trajectory; depends on nothing but the four arguments.

    A coefficient added to a scenario leaves the draws of the others as they are. For one seed and name no two trajectories of any two
    splits share a stream, because position → 32-bit seed is a bijection (the finaliser of MurmurHash3 by Appleby); torch's generator
    uses 32 bits of a seed, so that a plain hash would collide among some ten thousand trajectories.

    Args:
        seed: seed of the data set.
        split: ``train``, ``valid`` or ``test``.
        index: number of the trajectory, below 2³⁰.
        name: what is drawn.

    Raises:
        ValueError: an unknown split or an index out of range.
    """
    if split not in SPLITS:
        raise ValueError(f"stream: expected a split out of {SPLITS}, got {split!r}; name one of them.")
    if not 0 <= index < 2**_BITS:
        raise ValueError(f"stream: expected an index in [0, 2**{_BITS}), got {index}; use several seeds.")
    base = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big")
    position = (SPLITS.index(split) << _BITS) + index
    return torch.Generator().manual_seed(_scramble((base + position) % 2**32))


def _scramble(h: int) -> int:
    """A bijection of 32-bit numbers that spreads neighbours."""
    h = (h ^ (h >> 16)) * 0x85EBCA6B % 2**32
    h = (h ^ (h >> 13)) * 0xC2B2AE35 % 2**32
    return h ^ (h >> 16)
