import torch
from constrained_waves import domain, random_basis, solved

from neuralpde.constraints import Constant, OneExpert

WHERE = domain()


def test_a_number_is_a_constant():
    like = torch.zeros(2, 3, 5, dtype=torch.float64)
    assert torch.equal(Constant(0.5)(like, lambda: like), like + 0.5)
    basis, initial = random_basis(WHERE), random_basis(WHERE, num_basis=1, seed=5)[:, 0, 0]
    assert torch.equal(solved(basis, initial, WHERE, start=0.3).weights, solved(basis, initial, WHERE, start=Constant(0.3)).weights)


def test_experts_begin_where_one_constraint_ends():
    """Fewer steps to the same weights; a single expert has nothing left to do."""
    basis, initial = random_basis(WHERE), random_basis(WHERE, num_basis=1, seed=5)[:, 0, 0]
    cold, warm = (solved(basis, initial, WHERE, ridge=0.1, count=None, counts=(1, 4), start=start) for start in (0.0, OneExpert(0.0)))
    torch.testing.assert_close(warm.weights, cold.weights, rtol=1e-6, atol=1e-7)
    assert warm.statistics.steps.double().mean() < cold.statistics.steps.double().mean()
    assert solved(basis, initial, WHERE, ridge=0.1, count=None, start=OneExpert(0.0)).statistics.steps.max() <= 2
