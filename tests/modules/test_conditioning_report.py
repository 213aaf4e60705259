import pytest
from lightning.pytorch import Trainer
from small_physics import small_module

from neuralpde.losses import ByReverseMode
from neuralpde.losses.physics import Spectrum, loss_jacobian
from neuralpde.modules import CollocationSteps, ConditioningReport


def test_numbers_are_logged_and_the_figure_is_drawn(tmp_path):
    module = small_module()
    report = ConditioningReport(str(tmp_path), ByReverseMode(), leading=(5, 10), num_points=24)
    trainer = Trainer(
        accelerator="cpu", max_epochs=1, logger=False, enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, callbacks=[report]
    )
    trainer.fit(module, CollocationSteps(module.problem, steps_per_epoch=3, num_evaluation_points=10))
    rows = loss_jacobian(module.problem.double(), module.network.double(), ByReverseMode(), num_points=24)
    assert trainer.callback_metrics["condition/10"].item() == pytest.approx(Spectrum.of(rows).condition(10), rel=1e-4)
    assert trainer.callback_metrics["condition_rescaled/10"].item() == pytest.approx(Spectrum.of_rescaled(rows).condition(10), rel=1e-4)
    assert (tmp_path / "conditioning.png").read_bytes()[:4] == b"\x89PNG"
    assert list(report.spectra) == ["step 0", "step 0, rescaled", "step 3", "step 3, rescaled"]
