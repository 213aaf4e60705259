import functools

import pytest
import torch

from neuralpde.constraints import EquationFamily
from neuralpde.equations import DiffusionSorption

FAMILY = EquationFamily(functools.partial(DiffusionSorption, porosity=0.5), ("diffusivity", "density"), (1e-3, 3000.0))


def test_columns_become_coefficients_by_name():
    equation = FAMILY(torch.tensor([[5e-4, 2880.0], [2e-3, 1000.0]]))
    assert equation.diffusivity.tolist() == pytest.approx([5e-4, 2e-3]) and equation.diffusivity.dtype == torch.float64
    assert equation.density.tolist() == [2880.0, 1000.0] and equation.porosity == 0.5


def test_no_coefficients_at_all():
    assert EquationFamily(DiffusionSorption)(torch.zeros(3, 0)).coefficients() == DiffusionSorption().coefficients()


def test_another_number_of_coefficients_is_refused():
    with pytest.raises(ValueError, match=r"expected the coefficients \['diffusivity', 'density'\], got 1 columns; name them in the data config"):
        FAMILY(torch.ones(2, 1))


@pytest.mark.parametrize("scales", [(1.0,), (1.0, 0.0)])
def test_every_name_needs_a_positive_scale(scales):
    with pytest.raises(ValueError, match=r"\['diffusivity', 'density'\] need a positive scale each, got"):
        EquationFamily(DiffusionSorption, ("diffusivity", "density"), scales)
