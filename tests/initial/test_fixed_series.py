import math

import pytest
import torch

from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid
from neuralpde.initial import FixedSeries, FourierSeries


def test_the_forcing_of_the_navier_stokes_sets():
    k = 2 * math.pi
    law = FixedSeries((0.1,), (0.1,), ((k, k),))
    d = Fourier(Grid((8, 8)))
    expected = 0.1 * (torch.sin(k * (d.x[0] + d.x[1])) + torch.cos(k * (d.x[0] + d.x[1])))
    drawn = law(torch.Generator())
    assert isinstance(drawn, FourierSeries) and drawn.steady
    torch.testing.assert_close(d.lift(drawn), expected, rtol=0, atol=1e-15)


def test_lists_of_different_lengths():
    with pytest.raises(ValueError, match=r"FixedSeries: needs as many cosines as sines and wavevectors, got \(1, 2, 1\); complete the lists"):
        FixedSeries((1.0,), (0.0, 0.0), ((1.0,),))
