import math

import pytest
import torch

from neuralpde.problems import Annulus, Ball, Box


@pytest.mark.parametrize("ndim", [2, 3, 50])
def test_uniform_in_a_ball_means_that_r_to_the_d_is_uniform(ndim, generator):
    radius = Ball(ndim, 2.0).sample(20_000, generator, torch.float64).norm(dim=1)
    share = (radius / 2.0) ** ndim
    assert abs(share.mean() - 0.5) < 4 * math.sqrt(1 / 12 / 20_000)
    assert abs(share.var() - 1 / 12) < 0.003


def test_radial_power_one_gives_a_uniform_radius(generator):
    radius = Ball(50, radial_power=1.0).sample(20_000, generator, torch.float64).norm(dim=1)
    assert abs(radius.mean() - 0.5) < 4 * math.sqrt(1 / 12 / 20_000) and abs(radius.var() - 1 / 12) < 0.003


def test_directions_in_a_ball_are_isotropic(generator):
    x = Ball(3).sample(40_000, generator, torch.float64)
    covariance = x.T @ x / len(x)  # E x xᵀ = R² / (d + 2) I
    assert (covariance - torch.eye(3, dtype=torch.float64) / 5).abs().max() < 0.005


def test_annulus_is_uniform_in_volume(generator):
    x = Annulus(3, 1.0, 2.0).sample(20_000, generator, torch.float64)
    share = (x.norm(dim=1) ** 3 - 1) / 7
    assert abs(share.mean() - 0.5) < 4 * math.sqrt(1 / 12 / 20_000) and abs(share.var() - 1 / 12) < 0.003


@pytest.mark.parametrize("domain", [Ball(3, 2.0), Annulus(3), Box((0.0, -1.0), (1.0, 3.0))], ids=lambda d: type(d).__name__)
def test_points_lie_where_they_should(domain, generator):
    assert domain.contains(domain.sample(500, generator)).all()
    assert domain.contains(domain.sample_boundary(500, generator)).all()
    outside = torch.tensor(domain.bounds[1]) * 1.5
    assert not domain.contains(outside[None]).any()


def test_faces_of_a_box_are_hit_in_proportion_to_their_area(generator):
    x = Box((0.0, 0.0), (1.0, 4.0)).sample_boundary(20_000, generator, torch.float64)
    on_long = ((x[:, 0] == 0) | (x[:, 0] == 1)).double().mean()  # two faces of length 4, two of length 1
    assert abs(on_long - 0.8) < 4 * math.sqrt(0.16 / 20_000)


def test_spheres_of_an_annulus_and_of_a_ball(generator):
    radius = Annulus(4).sample_boundary(2000, generator, torch.float64).norm(dim=1)
    assert torch.minimum((radius - 1).abs(), (radius - 2).abs()).max() < 1e-12 and abs((radius > 1.5).double().mean() - 0.5) < 0.05
    assert (Ball(4, 3.0).sample_boundary(10, generator, torch.float64).norm(dim=1) - 3).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("build", "sentence"), [(lambda: Ball(0), "Ball: needs"), (lambda: Annulus(2, 2.0, 1.0), "Annulus: needs"), (lambda: Box([1.0], [0.0]), "Box: needs")]
)
def test_impossible_domains_are_refused(build, sentence):
    with pytest.raises(ValueError, match=sentence):
        build()
