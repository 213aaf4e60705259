"""A diverging training stops, and nothing is spoilt."""

import pytest
import torch
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ModelCheckpoint
from tiny_forecast import TravellingSines, tiny_module, tiny_trainer

from neuralpde.modules import NanGuard


class _Poison(Callback):
    """Spoils the batch, or a gradient, of one step."""

    def __init__(self, step, *, gradient=False):
        self.step, self.gradient = step, gradient

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.step and not self.gradient:
            batch.frames[0, 0, 0, 0] = float("nan")

    def on_after_backward(self, trainer, pl_module):
        if trainer.global_step == self.step and self.gradient:
            next(pl_module.parameters()).grad[0] = float("inf")


@pytest.mark.parametrize(("gradient", "text"), [(False, "loss nan"), (True, "gradient norm inf")])
def test_names_the_step_and_the_last_good_checkpoint(tmp_path, gradient, text):
    checkpoint = ModelCheckpoint(tmp_path, filename="last", save_on_train_epoch_end=True, enable_version_counter=False)
    trainer = tiny_trainer(tmp_path, callbacks=[NanGuard(), _Poison(4, gradient=gradient), checkpoint], enable_checkpointing=True)
    module = tiny_module()
    message = rf"NanGuard: expected a finite loss and gradient, got .*{text}.* at step 4, learning rate .*continue from .*last.ckpt\."
    with pytest.raises(FloatingPointError, match=message):
        trainer.fit(module, TravellingSines())
    assert all(torch.isfinite(p).all() for p in module.parameters())
    state = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert state["global_step"] == 3 and all(torch.isfinite(w).all() for w in state["state_dict"].values())


def test_says_that_there_is_no_checkpoint_yet(tmp_path):
    trainer = tiny_trainer(tmp_path, callbacks=[NanGuard(), _Poison(0)])
    with pytest.raises(FloatingPointError, match=r"at step 0, .*continue from the start, since no checkpoint was written yet"):
        trainer.fit(tiny_module(), TravellingSines())


def test_lets_a_healthy_training_pass(tmp_path):
    trainer = tiny_trainer(tmp_path, max_epochs=1, callbacks=[NanGuard()])
    trainer.fit(tiny_module(), TravellingSines())
    assert trainer.global_step == 3
