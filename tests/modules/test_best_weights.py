"""Which weights a run ends with."""

import torch
from lightning.pytorch import Callback
from lightning.pytorch.callbacks import ModelCheckpoint
from tiny_forecast import TravellingSines, tiny_module, tiny_trainer

from neuralpde.modules import ROLLOUT_METRIC, checkpoint_file, load_best


class _Spoil(Callback):
    """Ruins the weights in the last epoch, after which the validation is bad."""

    @torch.no_grad()
    def on_train_epoch_start(self, trainer, pl_module):
        if trainer.current_epoch == 2:
            for parameter in pl_module.parameters():
                parameter += 10.0


def test_best_weights_come_back(tmp_path):
    newest = ModelCheckpoint(tmp_path, filename="last", save_on_train_epoch_end=True)
    checkpoint = ModelCheckpoint(tmp_path, filename="best", monitor=ROLLOUT_METRIC, save_on_train_epoch_end=True)
    trainer = tiny_trainer(tmp_path, max_epochs=3, callbacks=[_Spoil(), newest, checkpoint], enable_checkpointing=True)
    module, data = tiny_module(), TravellingSines()
    trainer.fit(module, data)
    load_best(module, trainer)
    score = tiny_trainer(tmp_path).validate(module, data, verbose=False)[0][ROLLOUT_METRIC]
    assert abs(score - checkpoint.best_model_score.item()) < 1e-6 * score
    assert [checkpoint_file(trainer, best=best) for best in (True, False)] == [str(tmp_path / name) for name in ("best.ckpt", "last.ckpt")]
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 9


def test_without_checkpoints_the_weights_stay(tmp_path):
    trainer, module = tiny_trainer(tmp_path, max_epochs=1), tiny_module()
    trainer.fit(module, TravellingSines())
    before = [parameter.clone() for parameter in module.parameters()]
    load_best(module, trainer)
    assert all(torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))
