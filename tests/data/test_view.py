import pytest
import torch
from tiny_scenarios import decay

from neuralpde.data import DataFileError, TrajectoryFile, View, generate
from neuralpde.grids import Grid, PointSet


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return TrajectoryFile(generate(decay(), tmp_path_factory.mktemp("view") / "train.h5", size=4, workers=0))


def test_everything_by_default(file):
    view = View()
    assert view.domain(file) == file.grid
    assert torch.equal(view.frames(file, [1, 3]), file.read([1, 3]))
    assert view.coefficients(file).shape == (4, 0)


def test_resolution_and_coefficients(file):
    view = View(resolution=(10,), conditioned_on=("beta", "alpha"))
    assert view.domain(file) == Grid((10,), 0.0, 16.0)
    assert torch.equal(view.frames(file, [2], 3, 5), file.read([2], 3, 5)[..., ::2])
    assert torch.equal(view.coefficients(file), file.coefficients(["beta", "alpha"]))


def test_dropped_points(file):
    view = View(resolution=(10,), keep_points=0.7, seed=1)
    domain = view.domain(file)
    assert isinstance(domain, PointSet) and domain.num_points == 7 and domain.periodic == (True,) and domain.upper == (16.0,)
    nodes = (domain.coordinates[:, 0] / 1.6).round().long()
    assert (nodes.diff() > 0).all()
    assert torch.equal(view.frames(file, [0, 2]), file.read([0, 2])[..., ::2][..., nodes])
    other = View(resolution=(10,), keep_points=0.7, seed=2).domain(file)
    assert not torch.equal(domain.coordinates, other.coordinates)


@pytest.mark.parametrize("resolution", [(40,), (10, 10)])
def test_wrong_resolution(file, resolution):
    with pytest.raises(DataFileError, match=r"expected at least the resolution .*, found \(20,\); lower `resolution`"):
        View(resolution=resolution).domain(file)


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_bad_share(share):
    with pytest.raises(ValueError, match="expected keep_points in"):
        View(keep_points=share)
