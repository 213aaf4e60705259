import pytest
import torch

from neuralpde.problems import Annulus, AnnulusEnvelope, Ball, BallEnvelope, Box, BoxEnvelope, ProductEnvelope, TimeEnvelope


@pytest.mark.parametrize(
    ("envelope", "domain"),
    [(BallEnvelope(2.0), Ball(3, 2.0)), (AnnulusEnvelope(1.0, 2.0, 2), Annulus(3)), (BoxEnvelope([0.0, -1.0], [1.0, 3.0]), Box([0.0, -1.0], [1.0, 3.0]))],
    ids=["ball", "annulus", "box"],
)
def test_zero_on_the_boundary_and_positive_inside(envelope, domain, generator):
    assert envelope(domain.sample_boundary(50, generator, torch.float64)).abs().max() < 1e-12
    assert envelope(domain.sample(50, generator, torch.float64)).min() > 0


def test_closed_forms_of_the_ball(generator):
    envelope = BallEnvelope()
    x = torch.randn(4, 5, generator=generator, dtype=torch.float64)
    gradient = torch.func.vmap(torch.func.grad(lambda z: envelope(z).squeeze()))(x)
    laplacian = torch.func.vmap(torch.func.hessian(lambda z: envelope(z).squeeze()))(x).diagonal(dim1=1, dim2=2).sum(-1)
    torch.testing.assert_close(envelope.gradient(x), gradient)
    torch.testing.assert_close(torch.full((4,), envelope.laplacian(x), dtype=torch.float64), laplacian)


def test_without_closed_forms_the_expansion_is_refused():
    with pytest.raises(TypeError, match="AnnulusEnvelope: no gradient in closed form"):
        AnnulusEnvelope().gradient(torch.zeros(1, 2))
    with pytest.raises(TypeError, match="TimeEnvelope: no Laplacian"):
        TimeEnvelope().laplacian(torch.zeros(1, 2))


def test_time_is_the_last_coordinate():
    assert TimeEnvelope()(torch.tensor([[1.0, 2.0, 0.5]])).item() == 0.5


def test_product_vanishes_where_a_factor_does():
    envelope = ProductEnvelope([TimeEnvelope(), BoxEnvelope([-1.0], [1.0])])
    x = torch.tensor([[0.3, 0.0], [1.0, 0.5], [0.5, 0.5]])
    torch.testing.assert_close(envelope(x), torch.tensor([[0.0], [0.0], [0.5 * 0.75]]))
    with pytest.raises(ValueError, match="ProductEnvelope: needs at least one factor"):
        ProductEnvelope([])
