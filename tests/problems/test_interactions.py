import pytest
import torch
from largest_tensor import LargestTensor

from neuralpde.problems import ThreeBody, TwoBody

KINDS = pytest.mark.parametrize("kind", [TwoBody, ThreeBody])


@KINDS
@pytest.mark.parametrize("tile", [2**16, 5, 2])
def test_closed_forms_agree_with_differentiation(kind, tile, generator, monkeypatch):
    monkeypatch.setattr("neuralpde.problems.interactions.TILE", tile)  # 5: one point at a time; 2: several tiles per point
    q = kind(5, seed=1).double()
    x = torch.randn(7, 5, generator=generator, dtype=torch.float64)
    gradient = torch.func.vmap(torch.func.grad(lambda z: q(z[None])[0]))(x)
    hessian = torch.func.vmap(torch.func.hessian(lambda z: q(z[None])[0]))(x)
    value, radial, laplacian = q.expansion(x)
    torch.testing.assert_close(value, q.values(x) @ q.coefficients, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(q(x), value, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(radial, (x * gradient).sum(-1), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(laplacian, hessian.diagonal(dim1=1, dim2=2).sum(-1), rtol=1e-12, atol=1e-12)


@KINDS
def test_memory_does_not_grow_with_points_and_dimensions(kind):
    q, x = kind(3 * 2**16), torch.zeros(4, 3 * 2**16)
    with LargestTensor() as largest:
        q.expansion(x), q(x)
    assert largest.numel <= 2**16 + 2


def test_two_body_value_by_hand():
    x = torch.tensor([[0.2, -0.3, 0.5]], dtype=torch.float64)
    a = [0.2 + torch.cos(x[0, 1]) - 0.3 * torch.cos(x[0, 0]), -0.3 + torch.cos(x[0, 2]) + 0.5 * torch.cos(x[0, 1])]
    expected = 2.0 * torch.sin(a[0]) - 1.0 * torch.sin(a[1])
    assert TwoBody(3, coefficients=torch.tensor([2.0, -1.0], dtype=torch.float64))(x).item() == pytest.approx(expected.item(), rel=1e-14)


@KINDS
def test_coefficients_are_those_of_the_seed_and_are_stored(kind):
    q = kind(6, seed=3)
    assert torch.equal(q.coefficients, kind(6, seed=3).coefficients) and not torch.equal(q.coefficients, kind(6, seed=4).coefficients)
    other = kind(6, seed=9)
    other.load_state_dict(q.state_dict())
    assert torch.equal(other.coefficients, q.coefficients)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="ThreeBody: needs at least 3 dimensions, got 2"):
        ThreeBody(2)
    with pytest.raises(ValueError, match="6 dimensions need 5 coefficients"):
        TwoBody(6, coefficients=torch.ones(6))
