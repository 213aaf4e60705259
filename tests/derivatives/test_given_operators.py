import pytest
import torch

from neuralpde.derivatives import GivenOperators
from neuralpde.equations import Heat


@pytest.fixture
def given():
    field = torch.linspace(0.0, 1.0, 5).reshape(1, 1, 5)
    return GivenOperators(field, laplacian=torch.full((2, 1, 5), 3.0), rate=torch.ones(1, 1, 5))


def test_answers_are_what_was_given(given):
    residual = Heat(0.5).residual(given.field, given)
    torch.testing.assert_close(residual, torch.full((2, 1, 5), -0.5))
    torch.testing.assert_close(given.diffuse(torch.tensor([[[2.0]]]), given.field), torch.full((2, 1, 5), 6.0))
    fourth = torch.arange(5.0).reshape(1, 1, 5)
    d = GivenOperators(given.field, biharmonic=fourth)
    assert d.biharmonic(d.field) is fourth


def test_what_was_not_given_is_refused(given):
    with pytest.raises(TypeError, match=r"GivenOperators: knows whole operators only, got a request for ∂\^2 along axis 1"):
        given.dx(given.field, 1, 2)
    with pytest.raises(TypeError, match="GivenOperators: needs the biharmonic of the solution, got another field or operator"):
        given.biharmonic(given.field)
    for derivative in (given.laplacian, given.dt):
        with pytest.raises(TypeError, match="of the solution, got another field or operator than what was differentiated"):
            derivative(given.field.square())
    with pytest.raises(TypeError, match=r"GivenOperators: a diffusivity needs to be constant in space, got shape \(1, 1, 5\)"):
        given.diffuse(torch.ones(1, 1, 5), given.field)
