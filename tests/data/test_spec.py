from neuralpde.data import DataSpec
from neuralpde.grids import Grid


def test_counts():
    spec = DataSpec(("u", "v"), Grid((8,)), 0.1, 1.0, 11, ("a", "b", "c"), (1.0, 2.0, 3.0), (0.0, 0.0), (1.0, 1.0))
    assert (spec.channels, spec.num_coefficients) == (2, 3)
