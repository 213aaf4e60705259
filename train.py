"""Train a neural solver: ``python train.py`` with overrides as in ``conf/train.yaml``."""

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import instantiate
from lightning.pytorch import seed_everything
from omegaconf import DictConfig
from rich.console import Console

from neuralpde.entry import entry_point, plain_config
from neuralpde.evaluation import terminal_report, write_report
from neuralpde.modules import Forecast, effort, load_best, quiet_lightning, refuse_half_precision_fft, refuse_sweep_of_ddp, run_card, run_recipe, stepper_recipe
from neuralpde.pretrained import save_pretrained
from neuralpde.runs import checkpoint_to_resume


@entry_point("conf", "train")
def main(config: DictConfig) -> None:
    """Data, model, fit, scores."""
    job = HydraConfig.get()
    folder = Path(job.runtime.output_dir)
    plain = plain_config(config)
    quiet_lightning()
    refuse_sweep_of_ddp(config.trainer.strategy, sweep=job.mode is RunMode.MULTIRUN)
    seed_everything(config.seed, verbose=False)

    objective = instantiate(config.objective)
    data = instantiate(config.data, history=config.stepper.history, future=objective.frames(config.stepper.horizon), _convert_="all")
    data.prepare_data()
    data.setup()

    recipe = stepper_recipe(plain["stepper"], plain["model"], data.spec)
    model = instantiate(recipe, _convert_="all")
    optimizer, schedule = (instantiate(config.get(part), _convert_="all") for part in ("optimizer", "schedule"))
    module = Forecast(model, objective, domain=data.spec.domain, optimizer=optimizer, schedule=schedule, seed=config.seed, recipe=run_recipe(plain, recipe))

    callbacks = instantiate(config.callbacks, _convert_="all")
    logger = instantiate(config.get("logger"), _convert_="all") or False
    trainer = instantiate(config.trainer, _partial_=True, _convert_="all")(callbacks=list(callbacks.values()), logger=logger)
    refuse_half_precision_fft(model, precision=config.trainer.precision, accelerator=trainer.strategy.root_device.type)
    trainer.fit(module, data, ckpt_path=checkpoint_to_resume(folder, config.ckpt_path))

    if trainer.is_global_zero:
        load_best(module, trainer)
        result = instantiate(config.evaluation, _convert_="all")(model, data, "test", name=config.name) if config.evaluate else None
        training = effort(trainer, " ".join(["python train.py", *job.overrides.task]))
        card = run_card(config.name, model, data, training=training, result=result, command=f"python evaluate.py checkpoint={folder / 'pretrained'}")
        save_pretrained(folder / "pretrained", model, config={"model": recipe, "data": plain["data"]}, card=card)
        if result is not None:
            write_report(result, folder)
            Console().print(terminal_report(result))
        Console().print(f"run folder: {folder}", soft_wrap=True)


if __name__ == "__main__":
    main()
