import numpy as np
import pytest

from neuralpde.evaluation.figures.colours import limits


def test_reference_sets_the_scale_and_the_error_has_its_own():
    assert limits(np.array([1.0, -3.0]), np.array([1.5, -9.0])) == (3.0, 6.0)


@pytest.mark.parametrize(
    ("ref", "pred", "expected"), [([0.0, 0.0], [0.0, 0.0], (1.0, 1.0)), ([2.0, 1.0], [np.nan, 1.5], (2.0, 0.5)), ([2.0], [np.inf], (2.0, 2.0))]
)
def test_degenerate_fields_keep_a_scale(ref, pred, expected):
    assert limits(np.array(ref), np.array(pred)) == expected
