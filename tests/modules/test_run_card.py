"""Cards of fresh networks."""

import types

import pytest
from lightning.pytorch.callbacks import Timer
from tiny_forecast import TravellingSines, tiny_module, tiny_stepper, tiny_trainer

from neuralpde.modules import effort, run_card
from neuralpde.pretrained import Training

TRAINING = Training(3, 1.5, "a machine", "python train.py")


class _File:
    header = types.SimpleNamespace(code="neuralpde 0", seed=7, recipe={"_target_": "neuralpde.data.Scenario"})

    def __init__(self, split):
        self.split = split

    def fingerprint(self):
        return f"hash of {self.split}"


def _data():
    return types.SimpleNamespace(name="sines", file=_File)


def _result(**means):
    scores = {name: types.SimpleNamespace(mean=mean, std=0.5) for name, mean in means.items()}
    network = types.SimpleNamespace(scores=scores, set_scores={"averaged_correlation_time_0.8": 3.0}, shape=(16,))
    means["averaged_correlation_time_0.8"] = 3.0
    return types.SimpleNamespace(network=network, data="sines/test", settings={"num_trajectories": 4}, definitions={name: f"what {name} is" for name in means})


def test_data_effort_and_scores():
    card = run_card("a/b run", tiny_stepper(), _data(), training=TRAINING, result=_result(accumulated_error=2.0, nrmse=None, other=1.0), command="show")
    assert card.name == "a-b-run" and card.training == TRAINING
    assert card.summary == "_TinyBackbone on sines: 2 frames in, 1 out."
    assert card.trained_on.fingerprints == {split: f"hash of {split}" for split in ("train", "valid", "test")} and card.trained_on.seed == 7
    score, of_the_set = card.scores  # what is not finite or not asked for is left out
    assert (score.metric, score.value, score.spread, score.definition, score.command) == ("accumulated_error", 2.0, 0.5, "what accumulated_error is", "show")
    assert score.data == "sines/test, 4 trajectories, 16 points"
    assert (of_the_set.metric, of_the_set.value, of_the_set.spread) == ("averaged_correlation_time_0.8", 3.0, None)


def test_without_evaluation_there_are_no_scores():
    assert run_card("x", tiny_stepper(), _data(), training=TRAINING, result=None, command="").scores == ()


@pytest.mark.parametrize("timed", [True, False])
def test_effort(tmp_path, timed):
    trainer = tiny_trainer(tmp_path, max_epochs=1, callbacks=[Timer(verbose=False)] if timed else [])
    trainer.fit(tiny_module(), TravellingSines())
    training = effort(trainer, "python train.py")
    assert training.steps == 3 and (training.seconds > 0) is timed and training.hardware
