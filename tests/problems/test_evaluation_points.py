import pytest
import torch
from largest_tensor import LargestTensor

from neuralpde.equations import SineGordon
from neuralpde.problems import EllipticBall, EvaluationPoints, TwoBody


@pytest.fixture
def problem():
    return EllipticBall(SineGordon(), TwoBody(50))


def test_points_that_fit_into_one_block_are_those_of_the_problem(problem):
    (block,) = EvaluationPoints(problem, 20, 5)
    assert torch.equal(block, problem.evaluation_points(20, 5))


def test_blocks_are_different_points_and_the_same_at_every_iteration(problem):
    points = EvaluationPoints(problem, 20, 5, block=7 * 50 + 49)
    first, second = list(points), list(points)
    assert len(points) == 3 and [len(block) for block in first] == [7, 7, 6]
    assert torch.equal(first[0], problem.evaluation_points(7, 5))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert len(torch.cat(first).unique(dim=0)) == 20
    other = list(EvaluationPoints(problem, 20, 6, block=7 * 50))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_block_has_one_point_at_least(problem):
    assert [len(block) for block in EvaluationPoints(problem, 3, 0, block=1)] == [1, 1, 1]


def test_blocks_are_on_the_device_asked_for(problem):
    for block in (10 * 50, 100 * 50):
        assert all(part.device.type == "meta" for part in EvaluationPoints(problem, 20, 5, block=block).to("meta"))


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_scores_of_blocks_are_those_of_all_points(problem, rows):
    problem = problem.double()
    blocks = [part.double() for part in EvaluationPoints(problem, 100, 5, block=rows * 50)]
    network = lambda x: 3.0 * (1 - x.square().sum(-1, keepdim=True)) * x.sum(-1, keepdim=True).cos()  # noqa: E731
    whole, parts = problem.scores(network, torch.cat(blocks)), problem.scores(network, iter(blocks))
    assert 0.05 < whole["trivial"] < 1 < whole["skill"]
    torch.testing.assert_close(parts, whole, rtol=1e-12, atol=0)


def test_memory_of_a_scoring_does_not_grow_with_the_number_of_points(problem):
    # The sum of a block's scores is made of numbers per point, so 50 coordinates of 1,000 points would be 50,000 numbers.
    points = EvaluationPoints(problem, 1000, 5, block=40 * 50)
    with LargestTensor() as largest, torch.no_grad():
        problem.scores(lambda x: x[:, :1], points)
    assert largest.numel == 40 * 50


def test_no_points_are_refused(problem):
    with pytest.raises(ValueError, match="EvaluationPoints: needs at least one point, got num_points=0"):
        EvaluationPoints(problem, 0, 5)
