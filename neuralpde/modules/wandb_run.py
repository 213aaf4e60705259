"""Weights & Biases, one run for each fit."""

from __future__ import annotations

from lightning.pytorch.loggers import WandbLogger
from lightning.pytorch.utilities.rank_zero import rank_zero_only

__all__ = ["WandbRun"]


class WandbRun(WandbLogger):
    """A :class:`~lightning.pytorch.loggers.WandbLogger` that closes its run with the fit, so that every job of a sweep gets its own.

    Args:
        save_dir: where wandb writes its files.
        project: project name.
        name: name of the run.
        mode: ``'offline'`` writes files only; ``'online'`` needs an account.

    Limits: needs the package ``wandb``, which is imported when the logger is built. Checkpoints are not uploaded.
    """

    def __init__(self, save_dir: str, *, project: str = "neuralpde", name: str | None = None, mode: str = "offline") -> None:
        super().__init__(save_dir=save_dir, project=project, name=name, mode=mode, log_model=False)

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Close the run."""
        super().finalize(status)
        self.experiment.finish(exit_code=0 if status == "success" else 1)
