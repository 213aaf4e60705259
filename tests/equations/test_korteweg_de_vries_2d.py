import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import KortewegDeVries2d


def residual(u_of, generator):
    points = (torch.rand(30, 2, generator=generator, dtype=torch.float64) - 0.5) * 8
    d = ReverseMode.at_points(points, torch.rand(30, generator=generator, dtype=torch.float64))
    return KortewegDeVries2d().residual(u_of(d), d).abs().max().item()


def test_two_steps_are_a_solution(generator):
    equation = KortewegDeVries2d()
    assert residual(lambda d: equation.exact(d.t, *d.x), generator) < 1e-11
    assert residual(lambda d: equation.exact(d.t, *d.x, wavenumbers=(0.8, 1.3), across=(1.0, -0.6)), generator) < 1e-11


def test_every_term_counts(generator):
    exact = KortewegDeVries2d().exact
    for wrong in (lambda d: exact(0.9 * d.t, *d.x), lambda d: exact(d.t, d.x[0], 1.1 * d.x[1]), lambda d: 1.1 * exact(d.t, *d.x)):
        assert residual(wrong, generator) > 1e-3
