import h5py
import pytest

from neuralpde.data.foreign import recognise


@pytest.mark.parametrize(
    ("members", "family"),
    [
        (["t0_fields/u", "dimensions/x"], "The Well"),
        (["sims/sim0"], "PBDL"),
        (["density", "pressure", "Vx"], "PDEBench compressible flow"),
        (["nu", "tensor"], "PDEBench Darcy"),
        (["tensor", "x-coordinate"], "PDEBench one-dimensional"),
        (["train/pde_250-100"], "MP-PDE, LPSDA or PDE-Refiner"),
        (["valid/u", "valid/vx", "valid/vy"], "PDEArena Navier-Stokes"),
        (["0000/data", "0000/grid/x"], "PDEBench grouped"),
        (["00000/position"], "LagrangeBench"),
        (["velocity"], "Poseidon"),
        (["anything"], None),
        (["12345678/data"], None),
    ],
)
def test_families(tmp_path, members, family):
    with h5py.File(tmp_path / "file.h5", "w") as file:
        for member in members:
            file[member] = [0.0]
        assert recognise(file) == family
