from __future__ import annotations

import torch

from neuralpde.models.layers import ConditionedBlock


def test_a_new_block_is_its_shortcut() -> None:
    x, emb = torch.randn(2, 4, 10), torch.randn(2, 6)
    same = ConditionedBlock(4, 4, embedding=6, ndim=1, periodic=True)
    assert torch.equal(same(x, emb), x)
    wider = ConditionedBlock(4, 8, embedding=6, ndim=1, periodic=True)
    torch.testing.assert_close(wider(x, emb), torch.einsum("oi,bix->box", wider.shortcut.conv.weight[..., 0], x) + wider.shortcut.conv.bias[:, None])


def test_the_embedding_enters_between_the_convolutions() -> None:
    torch.manual_seed(0)
    block = ConditionedBlock(4, 4, embedding=6, ndim=2, periodic=True)
    torch.nn.init.normal_(block.conv_out.conv.weight)
    x, emb = torch.randn(2, 4, 5, 6), torch.randn(2, 6)
    h = block.conv_in(torch.nn.functional.gelu(block.norm_in(x))) + (emb @ block.condition.weight.t() + block.condition.bias)[:, :, None, None]
    expected = x + block.conv_out(torch.nn.functional.gelu(block.norm_out(h)))
    torch.testing.assert_close(block(x, emb), expected)


def test_norms_average_over_channels_and_space() -> None:
    block = ConditionedBlock(4, 4, embedding=0, ndim=1, periodic=True)
    out = block.norm_in(3 + 2 * torch.randn(2, 4, 100))
    torch.testing.assert_close(out.mean((1, 2)), torch.zeros(2), rtol=0, atol=1e-5)
    assert block.condition is None
