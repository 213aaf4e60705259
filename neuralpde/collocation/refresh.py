"""When training points are drawn anew."""

from __future__ import annotations

__all__ = ["Refresh"]


class Refresh:
    """Number of the draw whose points serve a step: a new one every so many steps, none after a last one.

    Args:
        every: steps that share their points.
        until: from this step on the points stay as they are, as methods with a memory of curvature need; None for never.

    Raises:
        ValueError: ``every`` below 1.
    """

    def __init__(self, every: int = 1, until: int | None = None) -> None:
        if every < 1:
            raise ValueError(f"Refresh: every needs to be at least 1 step, got {every}; 1 draws new points at every step.")
        self.every, self.until = every, until

    def draw(self, step: int) -> int:
        """Number of the draw for ``step``."""
        return (step if self.until is None else min(step, self.until)) // self.every
