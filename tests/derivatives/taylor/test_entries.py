import pytest
import torch
from taylor_oracle import assert_jets_are_right, points

from neuralpde.derivatives import jet


def bent(x):
    """Something with all orders, so that a map that mixes up coefficients is seen."""
    return torch.sin(x)


PICKED = torch.tensor([[2, 0], [1, 1]])
CASES = {
    "slices": lambda x: bent(x)[:, 1:] * bent(x)[..., :2] + bent(x)[1, -1],
    "index tensors": lambda x: bent(x)[:, [2, 0, 0]] + bent(x)[torch.tensor([1, 0])] + bent(x).index_select(1, torch.tensor([0, 0, 1])),
    "mask": lambda x: bent(x)[:, torch.tensor([True, False, True])],
    "none and ellipsis": lambda x: bent(x)[None, ..., 0, None],
    "narrow": lambda x: torch.narrow(bent(x), 1, 1, 2),
    "flip and roll": lambda x: bent(x).flip(1) * torch.roll(bent(x), 1, 1),
    "repeat": lambda x: torch.repeat_interleave(bent(x), 2, 1),
    "gather": lambda x: bent(x).gather(1, PICKED) + torch.gather(bent(x)[:, 0], 0, torch.tensor([1, 0]))[:, None],
    "take_along_dim": lambda x: torch.take_along_dim(bent(x), PICKED[:1], 1) + torch.take_along_dim(bent(x), PICKED).reshape(2, 2),
    "index_select": lambda x: torch.index_select(bent(x), -1, PICKED[0]),
    "diagonal": lambda x: torch.diagonal(bent(x)) + bent(x).diagonal(1, 1, 0) + torch.einsum("ij->i", bent(x)),
    "diagonal of last axes": lambda x: torch.diagonal(bent(x)[None].expand(2, 2, 3), dim1=-2, dim2=-1),
    "triangles": lambda x: bent(x).tril() + 2 * torch.triu(bent(x), 1),
    "windows": lambda x: bent(x).unfold(1, 2, 1) * bent(x).unfold(-1, 2, 1),
    "flip axes": lambda x: torch.flip(bent(x), (0, 1)) + bent(x).flip(0),
    "roll all": lambda x: torch.roll(bent(x), 2) + bent(x).roll((1, -1), (0, 1)),
    "side by side": lambda x: bent(x).repeat(2, 1) + torch.tile(bent(x), (2, 1, 1)).sum(0).repeat((2, 1)),
    "repeat in new axes": lambda x: bent(x).repeat(4, 1, 2) + torch.tile(bent(x), (2,)),
    "repeat each": lambda x: bent(x).repeat_interleave(torch.tensor([1, 0, 2]), 1) + torch.repeat_interleave(bent(x), 2)[:3],
    "clone": lambda x: bent(x).clone() * torch.clone(x),
}


@pytest.mark.parametrize("name", CASES)
def test_entries(name):
    assert_jets_are_right(CASES[name], points(2, 3), order=6)


def test_detached_values_are_constants():
    x, v = points(3), points(3, seed=1)
    value, first, second = jet(lambda y: y.detach() * torch.sin(y), x, [v, None])
    torch.testing.assert_close(value, x * torch.sin(x))
    torch.testing.assert_close(first, x * torch.cos(x) * v)
    torch.testing.assert_close(second, -x * torch.sin(x) * v * v)
    x.requires_grad_()
    (slope,) = torch.autograd.grad(jet(torch.detach, x, [v])[0].sum() + x.sum(), x)
    torch.testing.assert_close(slope, torch.ones(3, dtype=torch.float64))
