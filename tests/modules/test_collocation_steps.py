import torch

from neuralpde.equations import Poisson
from neuralpde.modules import CollocationSteps
from neuralpde.problems import EllipticBall, TwoBody


def test_an_epoch_is_a_number_of_steps_and_one_scoring():
    problem = EllipticBall(Poisson(), TwoBody(3))
    data = CollocationSteps(problem, steps_per_epoch=4, num_evaluation_points=7, seed=5)
    assert list(data.train_dataloader()) == [0, 1, 2, 3]
    loader = data.val_dataloader()
    (batch,) = list(loader)
    assert len(loader) == 1 and torch.equal(batch, problem.evaluation_points(7, 5))
