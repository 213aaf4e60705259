import pytest
import torch
from taylor_oracle import assert_jets_are_right, points
from torch import nn

from neuralpde.derivatives import jet

A, B, V = points(3, 4, seed=1), points(2, 3, 3, seed=2), points(3, seed=3)
CASES = {
    "matrix right": lambda x: torch.sin(x) @ A,
    "matrix left": lambda x: A.T @ torch.sin(x).T,
    "batched constant": lambda x: torch.sin(x) @ B,
    "constant batch left": lambda x: B @ torch.sin(x).T,
    "vectors": lambda x: (torch.sin(x) @ V)[:, None] + torch.sin(x[0]) @ B + V @ torch.sin(x[1]),
    "two series": lambda x: torch.sin(x) @ torch.cos(x).T,
    "two series batched": lambda x: torch.bmm(torch.sin(x)[None], x.T[None]),
    "inner product": lambda x: torch.sin(x[0]) @ x[1] + torch.dot(x[0], x[1]),
    "einsum constant": lambda x: torch.einsum("hf,bf...->bh...", A.T, torch.sin(x)),
    "einsum three": lambda x: torch.einsum("bi,bij,bj->b", torch.sin(x), B, x),
    "einsum trace": lambda x: torch.einsum("bi,ci->bc", x, torch.sin(x)) * torch.einsum("bi->", x),
    "einsum implicit": lambda x: torch.einsum("ba,cb", torch.sin(x), x[:, :2]),
    "vecdot": lambda x: torch.linalg.vecdot(x, torch.sin(x)),
    "tensordot": lambda x: torch.tensordot(torch.sin(x), A, dims=1),
    "bilinear": nn.Bilinear(3, 3, 2).double().requires_grad_(False),
    "addmm": lambda x: torch.addmm(points(4), torch.sin(x), A, alpha=0.5),
    "addmm of series": lambda x: torch.addmm(x, torch.sin(x) @ x.T, torch.cos(x), beta=0.3, alpha=2.0),
    "addmv": lambda x: torch.addmv(points(2), torch.sin(x), x[0]) + torch.addmv(x[:, 0], A[:2, :3], x[1], beta=2.0),
    "baddbmm": lambda x: torch.baddbmm(x[None], torch.sin(x)[None] @ A[None], A.T[None], beta=0.5),
}


@pytest.mark.parametrize("name", CASES)
def test_contraction(name):
    function = CASES[name]
    assert_jets_are_right((lambda x: function(torch.sin(x), x)) if isinstance(function, nn.Module) else function, points(2, 3), order=6)


def test_attention_written_with_products_and_softmax():
    torch.manual_seed(0)
    query, key = nn.Linear(3, 3).double(), nn.Linear(3, 3).double()

    def attention(x):
        return torch.softmax(query(x) @ key(x).transpose(-1, -2), dim=-1) @ x

    assert_jets_are_right(attention, points(2, 4, 3), order=5)


def test_other_forms_are_refused():
    with pytest.raises(TypeError, match=r"Jet: tensordot needs a number of axes, got dims=\(\[1\], \[0\]\); write it as an einsum"):
        jet(lambda x: torch.tensordot(x, A, dims=([1], [0])), points(2, 3), [points(2, 3)])
