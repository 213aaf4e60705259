"""The loop that vmap makes of a solver that knows no batches."""

from __future__ import annotations

import pytest
import torch

from neuralpde.implicit.attach import Found, Looped


def test_nested_loops_keep_the_order_of_the_axes():
    looped = Looped(lambda a, b: ([a - b], [a + b])).batched((0, None), 2).batched((1, 0), 3)
    a, b = torch.arange(6.0).reshape(2, 3), torch.tensor([10.0, 20.0, 30.0])
    (difference,), (total,) = looped(a, b)
    torch.testing.assert_close(difference, a.T - b[:, None])
    torch.testing.assert_close(total, a.T + b[:, None])


def test_form_before_the_solve_is_an_error():
    with pytest.raises(RuntimeError, match="Found: the solve needs to run before its solution has a form"):
        Found().form()
