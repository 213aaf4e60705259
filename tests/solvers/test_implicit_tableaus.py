import pytest
import torch

from neuralpde.solvers import ESDIRK32, IMPLICIT_EULER, ImplicitTableau


@pytest.mark.parametrize("tableau", [IMPLICIT_EULER, ESDIRK32])
def test_order_conditions(tableau):
    num = len(tableau.nodes)
    a = torch.zeros(num, num, dtype=torch.float64)
    for i, row in enumerate(tableau.stages):
        a[i, : i + 1] = torch.tensor(row, dtype=torch.float64)
    b, c = a[-1], torch.tensor(tableau.nodes, dtype=torch.float64)
    torch.testing.assert_close(a.sum(1), c, rtol=0, atol=1e-12)
    found = [b.sum(), b @ c, b @ c**2, b @ a @ c][: {1: 1, 3: 4}[tableau.order]]
    expected = torch.tensor([1.0, 1 / 2, 1 / 3, 1 / 6], dtype=torch.float64)[: len(found)]
    torch.testing.assert_close(torch.stack(found), expected, rtol=0, atol=1e-12)
    if tableau.error_weights:
        embedded = b - torch.tensor(tableau.error_weights, dtype=torch.float64)
        torch.testing.assert_close(torch.stack([embedded.sum(), embedded @ c]), expected[:2], rtol=0, atol=1e-12)
        assert abs(float(embedded @ c**2) - 1 / 3) > 1e-3, "an embedded method of the same order estimates nothing"


def test_stiff_decay_is_complete():
    """L-stability: the amplification of the last stage vanishes for infinitely fast decay."""
    for tableau in (IMPLICIT_EULER, ESDIRK32):
        z, stages = -1e9, []
        for row in tableau.stages:
            known = 1.0 + sum(weight * z * stage for weight, stage in zip(row[:-1], stages, strict=True))
            stages.append(known / (1 - row[-1] * z))
        assert abs(stages[-1]) < 1e-8


def test_wrong_rows_are_refused():
    with pytest.raises(ValueError, match=r"2 nodes need rows of 1\.\.2 entries"):
        ImplicitTableau(1, (0.0, 1.0), ((0.0,), (1.0,)))
