import torch
from constrained_waves import domain, random_basis, solved

from neuralpde.constraints import EqualResiduals, EqualSizes, Partition

WHERE = domain()


def test_equal_sizes_never_ask_for_a_residual():
    def refused():
        raise AssertionError("no solve is needed")

    assert EqualSizes()(WHERE, (1, 4), overlap=1, residual=refused).edges == Partition.uniform(WHERE.shape, (1, 4)).edges


def test_blocks_are_narrow_where_the_residual_is_large():
    """A residual that is three in the last quarter and one elsewhere: without a floor, half of it lies in the last quarter."""
    residual = torch.ones(2, 1, *WHERE.shape)
    residual[..., 12:] = -3.0
    assert EqualResiduals(floor=0.0)(WHERE, (1, 2), overlap=0, residual=lambda: residual).edges == ((0, 13), (0, 12, 16))
    assert EqualResiduals(floor=1.0)(WHERE, (1, 2), overlap=0, residual=lambda: residual).edges == ((0, 13), (0, 10, 16))
    residual[..., :-1] = 0.0
    assert EqualResiduals(floor=0.0)(WHERE, (1, 2), overlap=0, residual=lambda: residual).edges == ((0, 13), (0, 12, 16)), "never narrower than four points"


def test_the_layer_cuts_by_what_one_expert_leaves():
    basis, initial = random_basis(WHERE), random_basis(WHERE, num_basis=1, seed=5)[:, 0, 0]
    left = solved(basis, initial, WHERE, count=None).residual
    density = left.square().mean((0, 1)).sqrt()
    expected = Partition.balanced(density + 0.5 * density.mean(), (1, 3), narrowest=4)
    found = solved(basis, initial, WHERE, count=None, counts=(1, 3), blocks=EqualResiduals(0.5))
    assert found.partition.edges == expected.edges != Partition.uniform(WHERE.shape, (1, 3)).edges
    assert found.statistics.steps.shape == (9,)
