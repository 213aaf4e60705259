import pytest
import torch
from lightning.pytorch import Trainer
from small_physics import small_module

from neuralpde.equations import Poisson
from neuralpde.modules import CollocationSteps
from neuralpde.problems import EllipticBall, EvaluationPoints, TwoBody


def test_an_epoch_is_a_number_of_steps_and_one_scoring():
    problem = EllipticBall(Poisson(), TwoBody(3))
    data = CollocationSteps(problem, steps_per_epoch=4, num_evaluation_points=7, seed=5)
    assert list(data.train_dataloader()) == [0, 1, 2, 3]
    loader = data.val_dataloader()
    (batch,) = list(loader)
    (points,) = batch
    assert len(loader) == 1 and torch.equal(points, problem.evaluation_points(7, 5))


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
def test_a_scoring_in_blocks_is_logged_once_for_all_of_them(monkeypatch):
    monkeypatch.setattr(EvaluationPoints.__init__, "__kwdefaults__", {"block": 2 * 30})
    module = small_module()
    data = CollocationSteps(module.problem, steps_per_epoch=1, num_evaluation_points=100)
    assert len(data.points) == 4
    trainer = Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
    (logged,) = trainer.validate(module, data, verbose=False)
    with torch.no_grad():
        scores = module.problem.scores(module.network, torch.cat(list(data.points)))
    assert logged == {f"val/{name}": pytest.approx(value.item(), rel=1e-5) for name, value in scores.items()}
