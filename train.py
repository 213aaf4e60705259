"""Train a neural solver: ``python train.py`` with overrides as in ``conf/train.yaml``."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import instantiate
from lightning.pytorch import seed_everything
from omegaconf import DictConfig
from rich.console import Console

from neuralpde.entry import entry_point
from neuralpde.modules import quiet_lightning, refuse_sweep_of_ddp
from neuralpde.runs import checkpoint_to_resume
from neuralpde.tasks import Task


@entry_point("conf", "train")
def main(config: DictConfig) -> None:
    """Task, fit, scores."""
    job = HydraConfig.get()
    folder = Path(job.runtime.output_dir)
    quiet_lightning()
    refuse_sweep_of_ddp(config.trainer.strategy, sweep=job.mode is RunMode.MULTIRUN)
    seed_everything(config.seed, verbose=False)

    task: Task = instantiate(config.task)(config)
    callbacks = instantiate(config.callbacks, _convert_="all")
    logger = instantiate(config.get("logger"), _convert_="all") or False
    trainer = instantiate(config.trainer, _partial_=True, _convert_="all")(callbacks=list(callbacks.values()), logger=logger)
    task.check(trainer)
    trainer.fit(task.module, task.data, ckpt_path=checkpoint_to_resume(folder, config.ckpt_path))

    if trainer.is_global_zero:
        shown = task.finish(trainer, folder, " ".join(["python train.py", *job.overrides.task]))
        if shown is not None:
            Console().print(shown)
        Console().print(f"run folder: {folder}", soft_wrap=True)


if __name__ == "__main__":
    main()
