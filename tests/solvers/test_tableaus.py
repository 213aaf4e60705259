import pytest
import torch

from neuralpde.solvers import BOGACKI_SHAMPINE, DORMAND_PRINCE, EULER, HEUN, RK4, SSPRK3, SSPRK3_FORWARD, Tableau

ALL = {"euler": EULER, "heun": HEUN, "ssprk3": SSPRK3, "forward": SSPRK3_FORWARD, "rk4": RK4, "bs32": BOGACKI_SHAMPINE, "dp54": DORMAND_PRINCE}


def _matrix(tableau):
    num = len(tableau.nodes)
    return torch.tensor([[*row, *[0.0] * (num - len(row))] for row in tableau.stages], dtype=torch.float64)


def _elementary_weights(tableau):
    """Elementary weights of the rooted trees up to order 4, as (order, exact value, right-hand side as a vector over stages)."""
    a, c = _matrix(tableau), torch.tensor(tableau.nodes, dtype=torch.float64)
    return [
        (1, 1.0, torch.ones_like(c)),
        (2, 1 / 2, c),
        (3, 1 / 3, c**2),
        (3, 1 / 6, a @ c),
        (4, 1 / 4, c**3),
        (4, 1 / 8, c * (a @ c)),
        (4, 1 / 12, a @ c**2),
        (4, 1 / 24, a @ a @ c),
    ]


@pytest.mark.parametrize("tableau", ALL.values(), ids=ALL)
def test_order_conditions_and_row_sums(tableau):
    assert torch.allclose(_matrix(tableau).sum(dim=1), torch.tensor(tableau.nodes, dtype=torch.float64), atol=1e-14)
    weights = torch.tensor(tableau.weights, dtype=torch.float64)
    for order, value, vector in _elementary_weights(tableau):
        if order <= tableau.order:
            assert float(weights @ vector) == pytest.approx(value, abs=1e-14)


@pytest.mark.parametrize("tableau", [HEUN, BOGACKI_SHAMPINE, DORMAND_PRINCE], ids=["heun", "bs32", "dp54"])
def test_the_embedded_method_is_one_order_lower(tableau):
    error = torch.tensor(tableau.error_weights, dtype=torch.float64)
    conditions = [(order, float(error @ vector)) for order, _, vector in _elementary_weights(tableau)]
    assert all(abs(gap) < 1e-14 for order, gap in conditions if order < tableau.order)
    if tableau.order <= 4:
        assert any(abs(gap) > 1e-3 for order, gap in conditions if order == tableau.order)


def test_capabilities():
    assert [name for name, tableau in ALL.items() if tableau.first_same_as_last] == ["bs32", "dp54"]
    assert [name for name, tableau in ALL.items() if not tableau.moves_forward] == ["ssprk3"]


def test_refuses_ragged_rows():
    with pytest.raises(ValueError, match=r"Tableau: 2 nodes need rows of 0..1 entries"):
        Tableau(2, (0.0, 1.0), ((), (1.0, 1.0)), (0.5, 0.5))
