import pytest
import torch

from neuralpde.solvers.exponential_tableaus import ETDRK1, ETDRK2, ETDRK3, ETDRK4
from neuralpde.solvers.phi_functions import phi_functions

ALL = {"etdrk1": ETDRK1, "etdrk2": ETDRK2, "etdrk3": ETDRK3, "etdrk4": ETDRK4}
Z = torch.tensor([0.0, -0.3, 2j, -7.0 + 1j], dtype=torch.complex128)


def _evaluate(entry, z):
    return sum((w * phi_functions(c * z, 3)[k] for w, k, c in entry), torch.zeros_like(z))


@pytest.mark.parametrize("tableau", ALL.values(), ids=ALL)
def test_constant_slopes_are_integrated_exactly(tableau):
    """Rows sum to cφ₁(cz): then u' = Lu + const is exact in every stage."""
    for node, row in zip(tableau.nodes, tableau.stages, strict=True):
        assert torch.allclose(sum((_evaluate(e, Z) for e in row), torch.zeros_like(Z)), node * phi_functions(node * Z, 1)[1])
    assert torch.allclose(sum(_evaluate(e, Z) for e in tableau.weights), phi_functions(Z, 1)[1])


@pytest.mark.parametrize("tableau", [ETDRK2, ETDRK3, ETDRK4], ids=["etdrk2", "etdrk3", "etdrk4"])
def test_slopes_linear_in_time_are_integrated_exactly(tableau):
    total = sum(node * _evaluate(e, Z) for node, e in zip(tableau.nodes, tableau.weights, strict=True))
    assert torch.allclose(total, phi_functions(Z, 2)[2])


def test_without_stiffness_order_four_is_the_classical_method():
    zero = torch.zeros(1, dtype=torch.complex128)
    assert [round(_evaluate(e, zero).real.item(), 14) for e in ETDRK4.weights] == pytest.approx([1 / 6, 1 / 3, 1 / 3, 1 / 6])
    assert _evaluate(ETDRK4.stages[3][0], zero).abs().item() < 1e-14
    assert _evaluate(ETDRK4.stages[3][2], zero).real.item() == pytest.approx(1.0)


def test_the_fourth_stage_is_that_of_cox_and_matthews():
    half = phi_functions(Z / 2, 1)
    assert torch.allclose(_evaluate(ETDRK4.stages[3][0], Z), 0.5 * half[1] * (half[0] - 1))
