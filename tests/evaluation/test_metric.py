import pytest
import torch
from synthetic_result import comparison

from neuralpde.evaluation.metric import Comparison, Metric, Scores
from neuralpde.grids import Grid, PointSet
from neuralpde.metrics import CrossingTime

GRID = Grid((8,))


def test_frames_are_averaged():
    score = Metric("m", "d", lambda c: torch.tensor([[1.0, 3.0], [2.0, torch.nan]]))(comparison(GRID, 0.1))
    assert score.values[0].item() == 2.0
    assert score.undefined.tolist() == [False, True]


def test_crossing_times_keep_their_censoring():
    crossing = CrossingTime(torch.tensor([1.0]), torch.tensor([True]), torch.tensor([False]))
    score = Metric("m", "d", lambda c: crossing)(comparison(GRID, 0.1))
    assert score.values.item() == 1.0
    assert score.censored.item()


def test_batches_are_joined():
    part = Scores(torch.ones(2), torch.zeros(2, dtype=torch.bool), torch.ones(2, dtype=torch.bool))
    joined = Scores.cat([part, part])
    assert joined.values.shape == (4,)
    assert joined.undefined.all()


@pytest.mark.parametrize(
    ("domain", "weighted", "spectral"),
    [
        (GRID, False, True),
        (Grid((8,), periodic=False), True, False),
        (Grid((8,), periodic=False, nodes="chebyshev"), True, False),
        (PointSet(torch.rand(8, 1)), False, False),
    ],
)
def test_domain_decides_weights_and_spectra(domain, weighted, spectral):
    u = torch.zeros(1, 1, 1, 8)
    pair = Comparison(u, u, u, 0.1, domain)
    assert (pair.weights is not None) is weighted
    assert pair.spectral is spectral


@pytest.mark.parametrize(
    ("domain", "velocity", "turbulent"), [(Grid((8, 8)), (0, 1), True), (Grid((8, 8)), None, False), (Grid((8, 8), periodic=(True, False)), (0, 1), False)]
)
def test_vorticity_exists_for_periodic_plane_velocities_only(domain, velocity, turbulent):
    u = torch.zeros(1, 1, 2, 8, 8)
    pair = Comparison(u, u, u, 0.1, domain, velocity=velocity)
    assert pair.turbulent is turbulent
    assert Metric("m", "d", lambda c: u, turbulent=True).applies(pair) is turbulent
    if velocity is None:
        with pytest.raises(ValueError, match="vorticity needs two velocity channels"):
            assert pair.vorticities
