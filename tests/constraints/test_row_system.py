import pytest
import torch
from constrained_waves import constraint, domain, random_basis

from neuralpde.constraints import Partition
from neuralpde.equations import Burgers

WHERE = domain(num_frames=7)


@pytest.fixture
def system():
    basis, initial = random_basis(WHERE, num_basis=4), random_basis(WHERE, num_basis=1, seed=5)[:, 0, 0]
    layer = constraint(count=20, ridge=0.1)
    tabulated = layer.tabulate(basis, basis[:, 0], Burgers(torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)), WHERE)
    return layer.system(tabulated, initial, Partition.uniform(WHERE.shape, (1, 2)), torch.Generator().manual_seed(0))


W = torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def dense_jacobian(rows, arrays, w=W):
    return torch.stack([torch.func.jacrev(lambda v, b=b: rows.rows(w.index_copy(0, torch.tensor([b]), v[None]), *arrays)[b])(w[b]) for b in range(len(w))])


def test_jacobian_and_gradient_are_those_of_the_rows(system):
    rows, arrays = system
    expected = dense_jacobian(rows, arrays)
    torch.testing.assert_close(rows.jacobian(W, *arrays), expected, rtol=1e-12, atol=1e-12)
    gradient = torch.einsum("brn,br->bn", expected, rows.rows(W, *arrays))
    torch.testing.assert_close(rows.gradient(W, *arrays), gradient, rtol=1e-12, atol=1e-12)


def test_linearised_gradient_has_the_gauss_newton_matrix(system):
    rows, arrays = system
    linearised = rows.linearised_gradient(W)
    torch.testing.assert_close(linearised(W, *arrays), rows.gradient(W, *arrays), rtol=1e-12, atol=1e-12)
    j = rows.jacobian(W, *arrays)
    matrix = torch.stack([linearised(W + e, *arrays) - linearised(W, *arrays) for e in torch.eye(4, dtype=torch.float64)], dim=2)
    torch.testing.assert_close(matrix, j.mT @ j, rtol=1e-9, atol=1e-9)

    def by_tables(function):
        leaves = [array.clone().requires_grad_() for array in arrays]
        return torch.autograd.grad((function(W, *leaves) * W).sum(), leaves)

    for found, expected in zip(by_tables(linearised), by_tables(rows.gradient), strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_parts_are_the_rows_of_some_problems(system):
    rows, arrays = system
    which = slice(2, 5)
    part = rows.part(which).rows(W[which], *(array[which] for array in arrays))
    assert torch.equal(part, rows.rows(W, *arrays)[which])
