"""The moving average of the weights."""

import copy

import pytest
import torch
from lightning.pytorch import Callback
from tiny_forecast import TravellingSines, tiny_module, tiny_trainer

from neuralpde.modules import ExponentialMovingAverage


class _Record(Callback):
    """Weights after every step, and those that the validation saw."""

    def __init__(self):
        self.steps, self.validated = [], []

    def on_train_batch_end(self, trainer, pl_module, *_):
        self.steps.append(_copy(pl_module))

    def on_validation_batch_start(self, trainer, pl_module, *_):
        self.validated.append(_copy(pl_module))


def _copy(module):
    return {name: weight.detach().clone() for name, weight in module.named_parameters()}


def _average(weights, steps, decay):
    mean = dict(weights)
    for index, raw in enumerate(steps, start=1):
        d = min(decay, (1 + index) / (10 + index))
        mean = {name: d * mean[name] + (1 - d) * raw[name] for name in mean}
    return mean


def test_average_by_hand_validated_and_swapped_back(tmp_path):
    record, ema, module = _Record(), ExponentialMovingAverage(0.5), tiny_module()
    start = _copy(module)
    tiny_trainer(tmp_path, max_epochs=2, callbacks=[ema, record]).fit(module, TravellingSines())
    expected = _average(start, record.steps[:3], 0.5)
    for name, weight in record.validated[0].items():
        torch.testing.assert_close(weight, expected[name], rtol=1e-5, atol=1e-7)
        assert not torch.equal(weight, record.steps[2][name])
        torch.testing.assert_close(module.get_parameter(name), record.steps[-1][name], rtol=0, atol=0)


def test_checkpoint_holds_averages_and_raw_weights(tmp_path):
    record, ema, module = _Record(), ExponentialMovingAverage(0.9), tiny_module()
    start = _copy(module)
    trainer = tiny_trainer(tmp_path, max_epochs=1, callbacks=[ema, record])
    trainer.fit(module, TravellingSines())
    trainer.save_checkpoint(tmp_path / "x.ckpt")
    state = torch.load(tmp_path / "x.ckpt", weights_only=True)
    expected = _average(start, record.steps, 0.9)
    for name, raw in record.steps[-1].items():
        torch.testing.assert_close(state["state_dict"][name], expected[name], rtol=1e-5, atol=1e-7)
        assert torch.equal(state["raw_weights"][name], raw)


def test_checkpoint_without_averages_starts_from_its_weights(tmp_path):
    module = tiny_module()
    trainer = tiny_trainer(tmp_path, max_epochs=1)
    trainer.fit(module, TravellingSines())
    trainer.save_checkpoint(tmp_path / "x.ckpt")
    trained, ema, resumed = _copy(module), ExponentialMovingAverage(0.9), tiny_module()
    tiny_trainer(tmp_path, max_epochs=1, callbacks=[ema]).fit(resumed, TravellingSines(), ckpt_path=tmp_path / "x.ckpt")
    for name, weight in _copy(resumed).items():
        assert torch.equal(weight, trained[name])


def test_zero_decay_follows_the_weights(tmp_path):
    record, module = _Record(), tiny_module()
    tiny_trainer(tmp_path, max_epochs=1, callbacks=[ExponentialMovingAverage(0.0), record]).fit(module, TravellingSines())
    assert all(torch.equal(record.validated[0][name], raw) for name, raw in record.steps[-1].items())


def test_decay_is_checked():
    with pytest.raises(ValueError, match=r"decay needs to be in \[0, 1\), got 1.0"):
        ExponentialMovingAverage(1.0)


def test_callback_is_copyable_before_a_fit():
    assert copy.deepcopy(ExponentialMovingAverage(0.9)).decay == 0.9
