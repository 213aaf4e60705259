"""The one error of checkpoints."""

__all__ = ["CheckpointError"]


class CheckpointError(ValueError):
    """A checkpoint that is refused. Its message is one sentence: which file, what was expected, what was found and what to do."""
