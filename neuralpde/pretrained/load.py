"""A trained network by name, folder or hub id."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from neuralpde.pretrained.checkpoint import CONFIG, Pretrained, read_pretrained
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.pretrained.hub import download

__all__ = ["CARDS", "available", "load_pretrained"]

CARDS = Path(__file__).parent / "cards"
"""Folder of the checkpoints that come with the package."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_HUB_PREFIX = "hf://"


def available() -> list[str]:
    """Names of the checkpoints that come with the package, sorted."""
    # Hidden folders are leftovers of a killed writer.
    return sorted(path.parent.name for path in CARDS.glob(f"*/{CONFIG}") if not path.parent.name.startswith("."))


def load_pretrained(source: str | Path, *, revision: str | None = None) -> Pretrained:
    """A trained network with its configuration and card.

    ``source`` is read as the first of these that fits:

    1. ``hf://organisation/name``: a hub repository;
    2. a name of :func:`available`: a checkpoint that comes with the package (write ``./name`` for a folder of that name);
    3. an existing path: a folder that :func:`save_pretrained` wrote;
    4. ``organisation/name``, one slash and no such folder: a hub repository.

    The network is only used for what the hub is asked for; nothing is unpickled in any case.

    Args:
        source: see above; a ``Path`` is always a folder.
        revision: branch, tag or commit of a hub repository.

    Returns:
        ``(model, config, card)``; the model is in evaluation mode on the CPU.

    Raises:
        CheckpointError: nothing of that name, or a checkpoint that is refused.

    Example:
        >>> model, config, card = load_pretrained("mp_pde_e1")
        >>> stepper = model.bind(grid, coefficients)
        >>> trajectory = rollout(stepper, first_frames, 200)
    """
    text = str(source)
    repository = _hub_repository(source)
    if revision is not None and repository is None:
        raise CheckpointError(
            f"load_pretrained: revision belongs to a hub repository, got {revision!r} for {text!r}; leave it out or write hf://organisation/name."
        )
    if repository is not None:
        return read_pretrained(download(repository, revision))
    if isinstance(source, str) and source in available():
        return read_pretrained(CARDS / source)
    if not Path(source).exists():
        raise CheckpointError(_unknown(text))
    return read_pretrained(source)


def _hub_repository(source: str | Path) -> str | None:
    if isinstance(source, Path):
        return None
    if source.startswith(_HUB_PREFIX):
        return source.removeprefix(_HUB_PREFIX)
    return source if _HUB_ID.fullmatch(source) and not Path(source).exists() else None


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, available(), n=1, cutoff=0.5)
    advice = f"did you mean {close[0]!r}?" if close else "choose one of these, a folder, or hf://organisation/name."
    return f"load_pretrained: expected one of {available()}, a folder or a hub id, got {name!r}, which is none; {advice}"
