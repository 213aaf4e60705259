import torch
from constrained_waves import constraint, domain, random_basis, solved

from neuralpde.constraints import FixedWeights, Partition, WeightSolver
from neuralpde.equations import Burgers

WHERE = domain(num_frames=7)
BASIS, INITIAL = random_basis(WHERE, num_basis=4), random_basis(WHERE, num_basis=1, seed=5)[:, 0, 0]


def test_gradient_of_the_cost_vanishes_and_statistics_say_so():
    layer = constraint(ridge=0.1)
    equation, cut = Burgers(0.2), Partition.uniform(WHERE.shape, (1, 2))
    system, arrays = layer.system(layer.tabulate(BASIS, None, equation, WHERE), INITIAL, cut, torch.Generator().manual_seed(0))
    w, statistics = WeightSolver(tolerance=1e-12, max_steps=100)(system, torch.zeros(6, 4, dtype=torch.float64), arrays)
    assert statistics.converged.all() and (statistics.steps > 0).all()
    gradient = system.gradient(w, *arrays).norm(dim=1)
    torch.testing.assert_close(statistics.gradient_norm, gradient, rtol=1e-3, atol=1e-12)
    assert gradient.max() < 1e-9
    torch.testing.assert_close(statistics.cost, 0.5 * system.rows(w, *arrays).square().sum(1))
    nearby = system.rows(w + 1e-3, *arrays).square().sum(1)
    assert (0.5 * nearby > statistics.cost).all()


def test_limit_of_iterations_is_reported():
    found = solved(BASIS, INITIAL, WHERE, solver=WeightSolver(tolerance=1e-14, max_steps=2))
    assert not found.statistics.converged.any() and (found.statistics.steps == 2).all()


def test_gauss_newton_is_an_approximation():
    def gradient(choice):
        leaf = BASIS.clone().requires_grad_()
        found = solved(leaf, INITIAL, WHERE, ridge=0.1, solver=WeightSolver(tolerance=1e-12, gauss_newton=choice))
        return torch.autograd.grad(found.frames.square().sum(), leaf)[0]

    full, short = gradient(False), gradient(True)
    assert 1e-6 < float((full - short).norm() / full.norm()) < 0.9


def test_fixed_weights_stay():
    start = torch.randn(3, 4)
    w, statistics = FixedWeights()(None, start, [])
    assert w is start and statistics is None
