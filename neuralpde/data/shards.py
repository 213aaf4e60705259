"""Parts of a data set that several machines generate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Shard"]


@dataclass(frozen=True)
class Shard:
    """Part ``number`` of ``total``, counted from 1: a run of consecutive blocks, as long as the others' within one block.

    Raises:
        ValueError: the number does not lie in 1..total.
    """

    number: int = 1
    total: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.total:
            raise ValueError(f"Shard: expected 1 ≤ number ≤ total, got {self.number}/{self.total}; count the shards from 1.")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that ``'3/16'`` names."""
        match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
        if match is None:
            raise ValueError(f"Shard: expected number/total such as 3/16, got {text!r}; write shard=3/16.")
        return cls(int(match[1]), int(match[2]))

    def blocks(self, num_blocks: int) -> range:
        """Numbers of this shard's blocks.

        Raises:
            ValueError: more shards than blocks.
        """
        if self.total > num_blocks:
            raise ValueError(f"Shard: {self.total} shards need at least as many blocks, got {num_blocks}; use fewer shards or a smaller block_size.")
        return range((self.number - 1) * num_blocks // self.total, self.number * num_blocks // self.total)

    def path(self, path: Path) -> Path:
        """File of this shard of the data set ``path``; the data set itself if there is only one."""
        return path if self.total == 1 else path.with_name(f"{path.stem}.shard-{self.number:02d}-of-{self.total:02d}{path.suffix}")

    @staticmethod
    def complete(path: Path) -> list[Path]:
        """The shard files of ``path`` in order, if all of them are there; otherwise an empty list."""
        for first in sorted(path.parent.glob(f"{path.stem}.shard-*1-of-*{path.suffix}")):
            match = re.fullmatch(r".*\.shard-0*1-of-(\d+)", first.stem)
            total = int(match[1]) if match else 0
            files = [Shard(number, total).path(path) for number in range(1, total + 1)]
            if files and all(file.is_file() for file in files):
                return files
        return []
