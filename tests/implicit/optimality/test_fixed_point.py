"""Fixed points as roots."""

from __future__ import annotations

import torch

from neuralpde.implicit import fixed_point_residual


def test_residual_of_a_fixed_point_keeps_the_tree():
    found = fixed_point_residual(lambda x, a: {"u": a * x["u"]})({"u": torch.tensor(3.0)}, torch.tensor(2.0))
    assert float(found["u"]) == 3.0
