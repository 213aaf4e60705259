import pytest
import torch
from taylor_oracle import assert_jets_are_right, points


def bent(x):
    """Something with all orders, so that a map that mixes up coefficients is seen."""
    return torch.sin(x)


CASES = {
    "reshape": lambda x: bent(x).reshape(3, 2) @ bent(x).view(2, -1),
    "flatten": lambda x: bent(x).flatten() * torch.flatten(x),
    "unflatten": lambda x: torch.unflatten(bent(x), 1, (3, 1)),
    "expand": lambda x: bent(x)[:, None].expand(2, 4, 3) * bent(x).expand(4, 2, 3)[:2, :1],
    "squeeze": lambda x: bent(x).unsqueeze(0).unsqueeze(-1).squeeze(-1).squeeze(),
    "transpose": lambda x: bent(x).transpose(0, 1) + bent(x).permute(1, 0) + torch.movedim(bent(x), 0, 1) + bent(x).T,
    "split": lambda x: torch.split(bent(x), [1, 2], dim=1)[1] * bent(x).split(1, 1)[0],
    "chunk and unbind": lambda x: bent(x).chunk(2, 1)[0][:, 0] * bent(x).unbind(1)[2],
    "cat": lambda x: torch.cat([bent(x), torch.ones(2, 1, dtype=x.dtype), x * x], dim=1),
    "stack": lambda x: torch.stack([bent(x), torch.ones(2, 3, dtype=x.dtype), x], dim=1),
    "broadcast": lambda x: torch.cat(list(torch.broadcast_tensors(bent(x)[:, :1], torch.ones(2, 3, dtype=x.dtype))), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_shape(name):
    assert_jets_are_right(CASES[name], points(2, 3), order=6)
