import pytest
import torch

from neuralpde.grids import Grid, PointSet
from neuralpde.models import Conditions, DeepONet


def network(**options):
    torch.manual_seed(0)
    return DeepONet(2, 3, ndim=2, num_coefficients=1, width=16, num_layers=2, num_features=8, sensors=4, **options)


def conditions(grid, batch=2):
    return Conditions(torch.zeros(batch), torch.linspace(0, 1, batch).unsqueeze(1), grid)


def smooth(grid):
    x, y = grid.mesh(dtype=torch.float32)
    return torch.stack([torch.stack([1 + x, x * y]), torch.stack([y, 1 - x])])


def test_output_is_bilinear_in_branch_and_trunk():
    net, grid = network(), Grid((7, 9), 0.0, (1.0, 2.0), periodic=False)
    out = net(smooth(grid), conditions(grid))
    points = grid.points(dtype=torch.float32) / torch.tensor([1.0, 2.0])
    seen = torch.nn.functional.interpolate(smooth(grid), size=(4, 4), mode="bilinear", align_corners=True)
    factors = net.branch(torch.cat([seen.flatten(1), conditions(grid).coefficients], dim=1)).view(2, 3, 8)
    expected = torch.einsum("bcp,np->bcn", factors, net.trunk(points)).view(2, 3, 7, 9)
    torch.testing.assert_close(out, expected)


def test_finer_grids_see_the_same_function():
    """Bilinear fields are read exactly by the sensors at any resolution."""
    net, coarse, fine = network(), Grid((7, 7), periodic=False), Grid((13, 13), periodic=False)
    torch.testing.assert_close(net(smooth(fine), conditions(fine))[..., ::2, ::2], net(smooth(coarse), conditions(coarse)), rtol=1e-5, atol=1e-5)


def test_without_branch_the_input_does_not_matter():
    net, grid = network(branch=False), Grid((7, 9), periodic=False)
    out = net(smooth(grid), conditions(grid))
    assert torch.equal(out[0], out[1]) and torch.equal(out, net(0 * smooth(grid), conditions(grid)))
    out.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in net.parameters())


def test_level_enters_like_a_coefficient():
    net, grid = network(level=True), Grid((7, 9), periodic=False)
    first, second = (net(smooth(grid), conditions(grid).at_level(torch.full((2,), level))) for level in (0.0, 500.0))
    assert not torch.allclose(first, second)
    with pytest.raises(ValueError, match="needs a branch to be told"):
        network(level=True, branch=False)


def test_points_are_refused():
    with pytest.raises(ValueError, match="expected a Grid, got a PointSet"):
        network()(torch.zeros(2, 2, 5), conditions(PointSet(torch.rand(5, 2))))


def test_harmonics_make_the_output_periodic():
    """The trunk sees the bounded axis itself and cosines and sines of the other: its values and slopes agree at both ends."""
    net, grid = network(branch=False, harmonics=3, periodic=(False, True)), Grid((5, 8), (0.0, 1.0), (1.0, 3.0), periodic=(False, True))
    assert net.trunk[0].in_features == 1 + 2 * 3
    around = Grid((5, 9), (0.0, 1.0), (1.0, 3.0), periodic=False)  # the same nodes, and the right end with them
    values = net(torch.zeros(2, 2, 5, 9), conditions(around))
    torch.testing.assert_close(values[..., 0], values[..., -1], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(values[..., :-1], net(torch.zeros(2, 2, 5, 8), conditions(grid)), rtol=1e-5, atol=1e-6)
    assert not torch.allclose(values[:, :, 0], values[:, :, -1], atol=1e-3), "time does not wrap"
    assert network(harmonics=3).trunk[0].in_features == 2, "nothing wraps unless it is said to"
