"""Where training data come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuralpde.data import TrajectoryFile

__all__ = ["DataSource"]


@dataclass(frozen=True)
class DataSource:
    """The data that a network was trained on.

    Args:
        name: of the data recipe, as in ``data=<name>``.
        fingerprints: SHA-256 of the content of each split's file.
        code: versions that generated the files.
        seed: seed of the data set.
        scenario: plain ``_target_`` tree of the :class:`~neuralpde.data.Scenario`; empty for files that were not generated here.
    """

    name: str
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    seed: int = 0
    scenario: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, files: Mapping[str, TrajectoryFile]) -> DataSource:
        """The source of some files.

        Args:
            name: of the data recipe.
            files: the file of each split, ``train`` among them; each is read once in full for its fingerprint. The scenario is that of ``test``,
                since checks are made on it.
        """
        header = files.get("test", files["train"]).header
        fingerprints = {split: file.fingerprint() for split, file in files.items()}
        return cls(name, fingerprints, header.code, header.seed, header.recipe)
