from neuralpde.derivatives import Fourier
from neuralpde.equations import Combined
from neuralpde.grids import Grid
from neuralpde.solvers.lifted import LiftedInTime


def test_the_forcing_is_evaluated_once_per_instant():
    calls = []

    def forcing(d):
        calls.append(d.t)
        return 2.0 * d.t

    lifted = LiftedInTime(Combined(1.0, forcing=forcing), Fourier(Grid(8)))
    for t in (0.0, 0.5, 0.5, 1.0, 1.0):
        equation, d = lifted.at(t)
        assert (equation.forcing, d.t) == (2.0 * t, t)
    assert calls == [0.0, 0.5, 1.0]


def test_old_instants_are_forgotten():
    lifted = LiftedInTime(Combined(1.0), Fourier(Grid(8)))
    for step in range(100):
        lifted.at(0.1 * step)
    assert len(lifted._known) == LiftedInTime._CAPACITY


def test_a_steady_forcing_is_evaluated_once():
    calls = []

    class Still:
        steady = True

        def __call__(self, d):
            calls.append(d.t)
            return 2.0

    lifted = LiftedInTime(Combined(1.0, forcing=Still()), Fourier(Grid(8)))
    assert [lifted.at(t)[1].t for t in (0.0, 0.5, 1.0)] == [0.0, 0.5, 1.0]
    assert lifted.at(1.0)[0].forcing == 2.0 and calls == [0.0]
