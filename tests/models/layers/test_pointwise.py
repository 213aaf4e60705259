from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from neuralpde.models.layers import pointwise_linear


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [1, 15, 16, 33])
@pytest.mark.parametrize("with_bias", [True, False])
def test_equals_linear_in_value_and_gradients(dtype: torch.dtype, batch: int, with_bias: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(10, batch, 12), (20, 12), (20,)][: 3 if with_bias else 2]
    leaves = [torch.randn(s, generator=generator, dtype=dtype, requires_grad=True) for s in shapes]
    weights = torch.randn(10, batch, 20, generator=generator, dtype=dtype)
    results = [f(*leaves) for f in (pointwise_linear, F.linear)]
    torch.testing.assert_close(*results, rtol=1e-5, atol=1e-5)
    for a, b in zip(*(torch.autograd.grad((r * weights).sum(), leaves) for r in results), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_strided_input() -> None:
    x = torch.randn(16, 10, 12, generator=torch.Generator().manual_seed(0)).transpose(0, 1)
    weight = torch.randn(5, 12, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(pointwise_linear(x, weight), F.linear(x, weight), rtol=1e-5, atol=1e-5)
