"""The training module: what it logs, how it validates, that it resumes exactly."""

import pytest
import torch
from lightning.pytorch import Callback
from tiny_forecast import GRID, TravellingSines, tiny_module, tiny_stepper, tiny_trainer

from neuralpde.losses import MeanSquared, OneStep, Refinement, SummedRoot
from neuralpde.metrics import accumulated_error, correlation_time, pearson
from neuralpde.models import DilatedResNet, RefinedStepper, Refining
from neuralpde.modules import ExponentialMovingAverage, Forecast, MetricsFile
from neuralpde.rollout import rollout


class _Interrupt(Callback):
    """Raises after a step, as if the process had died; saves after every epoch."""

    def __init__(self, step, path):
        self.step, self.path = step, path

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == self.step:
            raise RuntimeError("killed")

    def on_train_epoch_end(self, trainer, *_):
        trainer.save_checkpoint(self.path)


def _weights(module):
    return torch.cat([p.detach().flatten() for p in module.parameters()])


@pytest.mark.parametrize(("accumulate", "death", "steps"), [(1, 8, 12), (3, 3, 4)])
def test_resumed_training_ends_with_the_same_weights_and_log(tmp_path, accumulate, death, steps):
    straight, killed, resumed = (tmp_path / name for name in ("straight", "killed", "killed"))
    module = tiny_module()
    tiny_trainer(straight, callbacks=[ExponentialMovingAverage(0.9)], logger=MetricsFile(str(straight)), accumulate_grad_batches=accumulate).fit(
        module, TravellingSines()
    )

    with pytest.raises(RuntimeError, match="killed"):
        callbacks = [ExponentialMovingAverage(0.9), _Interrupt(death, tmp_path / "x.ckpt")]
        tiny_trainer(killed, callbacks=callbacks, logger=MetricsFile(str(killed)), accumulate_grad_batches=accumulate).fit(tiny_module(), TravellingSines())

    torch.manual_seed(999)  # whatever happened in between
    again = tiny_module()
    trainer = tiny_trainer(resumed, callbacks=[ExponentialMovingAverage(0.9)], logger=MetricsFile(str(resumed)), accumulate_grad_batches=accumulate)
    trainer.fit(again, TravellingSines(), ckpt_path=tmp_path / "x.ckpt")
    assert trainer.global_step == steps
    assert torch.equal(_weights(module), _weights(again))
    assert (straight / "metrics.csv").read_text() == (resumed / "metrics.csv").read_text()


def _refiner_module() -> Forecast:
    """Denoising training: levels and noise are drawn in every step."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        backbone = DilatedResNet(3, 1, ndim=1, num_coefficients=0, hidden_channels=4, num_blocks=1, dilations=(1, 2), level=True)
    stepper = RefinedStepper(backbone, denoising=Refining(2, 1e-4), channels=1, history=2, horizon=1, dt=0.1, time_scale=1.0)
    return Forecast(stepper, Refinement(MeanSquared()), domain=GRID, optimizer=torch.optim.Adam)


def test_denoising_training_resumes_with_the_same_noise(tmp_path):
    straight, again = _refiner_module(), _refiner_module()
    tiny_trainer(tmp_path, max_epochs=2).fit(straight, TravellingSines())
    with pytest.raises(RuntimeError, match="killed"):
        tiny_trainer(tmp_path, max_epochs=2, callbacks=[_Interrupt(5, tmp_path / "x.ckpt")]).fit(_refiner_module(), TravellingSines())
    torch.manual_seed(999)
    tiny_trainer(tmp_path, max_epochs=2).fit(again, TravellingSines(), ckpt_path=tmp_path / "x.ckpt")
    assert torch.equal(_weights(straight), _weights(again))


def test_another_seed_gives_other_weights(tmp_path):
    modules = [tiny_module(seed=seed) for seed in (0, 0, 1)]
    for module in modules:
        tiny_trainer(tmp_path, max_epochs=1).fit(module, TravellingSines())
    assert torch.equal(_weights(modules[0]), _weights(modules[1])) and not torch.equal(_weights(modules[0]), _weights(modules[2]))


def test_validation_is_the_rollout_from_twice_the_history(tmp_path):
    module = tiny_module()
    trainer = tiny_trainer(tmp_path)
    metrics = trainer.validate(module, TravellingSines(), verbose=False)[0]
    errors, times = [], []
    for batch in TravellingSines().val_dataloader():
        pred = rollout(module.stepper.bind(GRID, batch.coefficients), batch.frames[:, :4], 4, float(batch.times[3]))
        errors.append(accumulated_error(pred, batch.frames[:, 4:]))
        times.append(correlation_time(pearson(pred, batch.frames[:, 4:]), threshold=0.8, dt=0.1).time)
    assert metrics["val/accumulated_error"] == pytest.approx(torch.cat(errors).mean().item(), rel=1e-6)
    assert metrics["val/correlation_time"] == pytest.approx(torch.cat(times).mean().item(), rel=1e-6)


def test_logs_loss_rate_and_gradient_norm(tmp_path):
    tiny_trainer(tmp_path, max_epochs=1, logger=MetricsFile(str(tmp_path))).fit(tiny_module(), TravellingSines())
    columns = (tmp_path / "metrics.csv").read_text().splitlines()[0].split(",")
    assert {"step", "epoch", "train/loss", "train/lr", "train/grad_norm", "val/accumulated_error"} <= set(columns)


def test_short_trajectories_are_refused(tmp_path):
    module = tiny_module()
    module.stepper.history = 4
    with pytest.raises(ValueError, match=r"Forecast: a rollout needs more than 8 frames \(twice the history\), got 8; lower the history"):
        tiny_trainer(tmp_path).validate(module, TravellingSines(), verbose=False)


def test_checkpoint_of_another_recipe_is_refused(tmp_path):
    trainer = tiny_trainer(tmp_path, max_epochs=1)
    trainer.fit(tiny_module(recipe={"model": {"hidden": 64}, "seed": 0}), TravellingSines())
    trainer.save_checkpoint(tmp_path / "x.ckpt")
    with pytest.raises(ValueError, match=r"ckpt_path: the run asks for model\.hidden=128, the checkpoint was trained with 64; give the same options"):
        tiny_trainer(tmp_path).fit(tiny_module(recipe={"model": {"hidden": 128}, "seed": 0}), TravellingSines(), ckpt_path=tmp_path / "x.ckpt")


def test_training_reduces_the_rollout_error(tmp_path):
    module, data = tiny_module(lr=5e-2), TravellingSines()
    before = tiny_trainer(tmp_path).validate(module, data, verbose=False)[0]["val/accumulated_error"]
    tiny_trainer(tmp_path, max_epochs=8).fit(module, data)
    after = tiny_trainer(tmp_path).validate(module, data, verbose=False)[0]["val/accumulated_error"]
    assert after < before / 2


def test_without_a_schedule_the_rate_is_constant(tmp_path):
    module = Forecast(tiny_stepper(), OneStep(SummedRoot()), domain=GRID, optimizer=lambda p: torch.optim.SGD(p, lr=0.125))
    trainer = tiny_trainer(tmp_path, max_epochs=1, logger=MetricsFile(str(tmp_path)))
    trainer.fit(module, TravellingSines())
    assert trainer.optimizers[0].param_groups[0]["lr"] == 0.125
