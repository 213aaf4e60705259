import pytest
import torch
from taylor_oracle import points
from torch import nn

from neuralpde.derivatives import (
    EveryDirection,
    GaussianDirections,
    RademacherDirections,
    SparseDirections,
    biharmonic,
    contract,
    diffusion,
    gradient,
    laplacian,
    pure_derivatives,
    second_order,
)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 2)).double()


def generator():
    return torch.Generator().manual_seed(0)


def hessian(network, x):
    return torch.func.vmap(torch.func.jacrev(torch.func.jacrev(network)))(x)


def test_exact_operators_of_a_network(network):
    x, matrix, sigma = points(5, 4), points(4, 4, seed=1), points(4, 3, seed=2)
    h = hessian(network, x)
    value, lap = laplacian(network, x)
    torch.testing.assert_close(value, network(x))
    torch.testing.assert_close(lap, h.diagonal(dim1=-2, dim2=-1).sum(-1))
    torch.testing.assert_close(gradient(network, x)[1], torch.func.vmap(torch.func.jacrev(network))(x))
    torch.testing.assert_close(second_order(network, x, matrix)[1], torch.einsum("ij,pcij->pc", matrix, h))
    torch.testing.assert_close(diffusion(network, x, sigma)[1], 0.5 * torch.einsum("ik,jk,pcij->pc", sigma, sigma, h))
    per_point = points(5, 4, 3, seed=3)
    torch.testing.assert_close(diffusion(network, x, per_point)[1], 0.5 * torch.einsum("pik,pjk,pcij->pc", per_point, per_point, h))
    torch.testing.assert_close(pure_derivatives(network, x, 1)[1], gradient(network, x)[1].sum(-1))


@pytest.mark.parametrize("law", [SparseDirections, RademacherDirections, GaussianDirections])
def test_indefinite_matrices_and_diffusions_are_estimated_without_bias(network, law):
    x, matrix, sigma = points(2, 4), points(4, 4, seed=1), points(4, 3, seed=2)
    assert torch.linalg.eigvalsh(matrix + matrix.T).min() < 0 < torch.linalg.eigvalsh(matrix + matrix.T).max()
    sampler = law(3, generator(), draws=400)
    h = hessian(network, x)
    estimates = {
        "second order": (second_order_draws(network, x, matrix, sampler), torch.einsum("ij,pcij->pc", matrix, h)),
        "diffusion": (contract(network, x, sampler.quadratic(x, sigma * 0.5**0.5, torch.ones(3)))[1], 0.5 * torch.einsum("ik,jk,pcij->pc", sigma, sigma, h)),
    }
    for draws, truth in estimates.values():
        error = (draws.mean(0) - truth).abs()
        assert (error <= 4 * draws.std(0) / 20 + 1e-10).all()


def second_order_draws(network, x, matrix, sampler):
    values, vectors = torch.linalg.eigh(0.5 * (matrix + matrix.T))
    return contract(network, x, sampler.quadratic(x, vectors * values.abs().sqrt(), torch.sign(values)))[1]


def test_laws_and_drawn_directions_are_accepted_alike(network):
    x = points(3, 4)
    drawn = SparseDirections(2, generator()).laplacian(x)
    torch.testing.assert_close(laplacian(network, x, drawn)[1], laplacian(network, x, SparseDirections(2, generator()))[1])
    torch.testing.assert_close(biharmonic(network, x, EveryDirection().biharmonic(x))[1], biharmonic(network, x)[1])


def test_biharmonic_is_the_laplacian_of_the_laplacian(network):
    x = points(3, 4)
    twice = laplacian(lambda y: y, x)[1]
    assert torch.count_nonzero(twice) == 0
    nested = laplacian(lambda p: torch.tanh(p @ points(4, 2, seed=5)), x)[1]
    outer = points(4, 2, seed=5)
    t = torch.tanh(x @ outer)
    square = outer.square().sum(0)
    torch.testing.assert_close(nested, -2 * t * (1 - t * t) * square)
    torch.testing.assert_close(biharmonic(lambda p: torch.tanh(p @ outer), x)[1], 8 * t * (1 - t * t) * (2 - 3 * t * t) * square**2)


def test_shared_directions_equal_one_row_per_point(network):
    x, rows = points(5, 4), points(3, 1, 4, seed=1)
    from neuralpde.derivatives import Directions

    weights = torch.ones(1, 3, dtype=torch.float64)
    shared = contract(network, x, Directions(rows, weights, 2))[1]
    torch.testing.assert_close(shared, contract(network, x, Directions(rows.expand(3, 5, 4).contiguous(), weights, 2))[1])


def test_gradient_of_the_loss_is_that_of_nested_differentiation(network):
    """With a hard boundary factor, and the same directions on both sides."""
    x = 0.4 * points(5, 4)
    drawn = SparseDirections(2, generator()).laplacian(x)

    def ansatz(y):
        return (1 - (y * y).sum(-1, keepdim=True)) * network(y)

    value, lap = laplacian(ansatz, x, drawn)
    gradients = torch.autograd.grad((lap + torch.sin(value)).square().mean(), list(network.parameters()))
    picked = hessian(lambda p: ansatz(p[None])[0], x).diagonal(dim1=-2, dim2=-1)[..., drawn.tangents.indices]
    loss = (2 * picked.sum(-1) + torch.sin(ansatz(x))).square().mean()
    for gradient_, reference in zip(gradients, torch.autograd.grad(loss, list(network.parameters())), strict=True):
        torch.testing.assert_close(gradient_, reference, rtol=1e-8, atol=1e-10)


def test_ansatz_by_hand():
    """Δ[(1 − |x|²) n] = (1 − |x|²) Δn − 4 x·∇n − 2 d n."""
    torch.manual_seed(0)
    n = nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 1)).double()
    x = 0.4 * points(5, 4)
    value, lap = laplacian(n, x)
    slope = (gradient(n, x)[1][:, 0] * x).sum(-1, keepdim=True)
    by_hand = (1 - x.square().sum(-1, keepdim=True)) * lap - 4 * slope - 8 * value
    torch.testing.assert_close(laplacian(lambda y: (1 - (y * y).sum(-1, keepdim=True)) * n(y), x)[1], by_hand)


@pytest.mark.parametrize("body", ["two", "three"])
def test_manufactured_solution(body):
    """Laplacian of the two- and three-body functions in five dimensions, against reverse mode."""
    c = points(4, seed=8)

    def u(x):
        a, b = x[:, :-1], x[:, 1:]
        series = torch.sin(a + torch.cos(b) + b * torch.cos(a)) @ c if body == "two" else torch.exp(a[:, :-1] * b[:, :-1] * x[:, 2:]) @ c[:3]
        return ((1 - (x * x).sum(-1)) * series)[:, None]

    x = 0.5 * points(3, 5)
    reference = hessian(lambda p: u(p[None])[0], x).diagonal(dim1=-2, dim2=-1).sum(-1)
    torch.testing.assert_close(laplacian(u, x)[1], reference, rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiles_with_directions_as_an_argument(network):
    x = points(3, 4)
    drawn = SparseDirections(2, generator()).laplacian(x)
    compiled = torch.compile(lambda y, v, w: _loss(network, y, v, w), fullgraph=True, backend="aot_eager")
    value = compiled(x, drawn.tangents.dense(), drawn.weights.matrix(x))
    value.backward()
    torch.testing.assert_close(value, laplacian(network, x, drawn)[1].square().sum())
    assert network[0].weight.grad.abs().sum() > 0


def _loss(network, x, tangents, weights):
    from neuralpde.derivatives import collapsed

    return collapsed(network, x, tangents, order=2, weights=weights)[1].square().sum()


def test_mistakes_of_size_are_named(network):
    x, law = points(3, 4), SparseDirections(2, generator())
    with pytest.raises(ValueError, match="Jet: a linear layer needs 4 inputs, got 6; give points with as many coordinates"):
        laplacian(network, points(3, 6), law)
    with pytest.raises(ValueError, match=r"second_order: needs a matrix with one row and column per coordinate, 4, got \(5, 5\)"):
        second_order(network, x, points(5, 5))
    with pytest.raises(ValueError, match=r"diffusion: sigma needs one row per coordinate, \(4, columns\), got \(2, 4\); transpose"):
        diffusion(network, x, points(2, 4))
