"""Checkpoints on the Hugging Face hub: downloading only; to publish one, upload its folder with the hub's own command line."""

from __future__ import annotations

from pathlib import Path

from neuralpde.pretrained.checkpoint import FILES
from neuralpde.pretrained.errors import CheckpointError

__all__ = ["download"]


def download(repository: str, revision: str | None = None) -> Path:
    """Local folder with the three checkpoint files of a hub repository; nothing else is fetched. Files in the hub's cache are used again.

    Args:
        repository: ``organisation/name``.
        revision: branch, tag or commit; None means the newest.

    Raises:
        CheckpointError: no network, no such repository or revision, or no access.
    """
    # Imported here: the package works without a network, and this import takes a while.
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=list(FILES)))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"hf://{repository}: expected to fetch revision {revision or 'main'!r}, got {type(error).__name__} ({reason}); "
            "check the name and the connection, or name a local folder."
        ) from error
