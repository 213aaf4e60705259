import torch

from neuralpde.equations import Poisson
from neuralpde.losses import ByReverseMode, MeanSquare, PhysicsLoss
from neuralpde.problems import EllipticBall, TwoBody


def test_terms_are_residual_and_conditions(generator):
    problem = EllipticBall(Poisson(), TwoBody(3), constrained=False).double()
    loss = PhysicsLoss(MeanSquare(ByReverseMode()), condition_points=50)
    x = problem.domain.sample(5, generator, torch.float64)
    terms = loss.terms(problem, lambda x: (x * x).sum(-1, keepdim=True), x, generator)
    torch.testing.assert_close(terms["residual"], (6 - problem.source(x)).square().mean())
    torch.testing.assert_close(terms["boundary"], torch.ones((), dtype=torch.float64))
    assert loss.weighting.total(terms).item() == sum(terms.values()).item()


def test_weights_belong_to_the_points_inside(generator):
    problem = EllipticBall(Poisson(), TwoBody(3), constrained=False).double()
    x, weights = problem.domain.sample(5, generator, torch.float64), torch.tensor([0.0, 2.0, 1.0, 1.0, 0.5], dtype=torch.float64)
    terms = PhysicsLoss(MeanSquare(ByReverseMode())).terms(problem, lambda x: (x * x).sum(-1, keepdim=True), x, generator, weights)
    torch.testing.assert_close(terms["residual"], (weights * (6 - problem.source(x)).square()).mean())
    torch.testing.assert_close(terms["boundary"], torch.ones((), dtype=torch.float64))
