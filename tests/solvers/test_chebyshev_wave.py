import pytest
import torch
from gradients import gradient_gap

from neuralpde.equations import Wave
from neuralpde.grids import Grid
from neuralpde.initial import TravellingPulse
from neuralpde.rollout import rollout
from neuralpde.solvers import ChebyshevWave

DT = 100.0 / 249
LEFT = torch.tensor([0.0, 0.0, 1.0, 1.0])
RIGHT = torch.tensor([0.0, 1.0, 0.0, 1.0])
CENTRE = torch.tensor([-3.0, 1.0, 2.0, 3.9], dtype=torch.float64)


def _grid(n):
    return Grid(n, -8.0, 8.0, False, "chebyshev")


@pytest.fixture(scope="module")
def trajectory():
    solver = ChebyshevWave(Wave(2.0), _grid(200), DT, left=LEFT, right=RIGHT)
    start = solver.derivatives.lift(TravellingPulse(CENTRE, torch.full((4,), 2.0, dtype=torch.float64)))
    return solver, rollout(solver, start[:, None], 249)


@pytest.mark.parametrize("row", range(4), ids=["DD", "DN", "ND", "NN"])
def test_method_of_images_at_time_100(trajectory, row):
    solver, frames = trajectory
    u, v = Wave(2.0).exact(
        100.0, solver.grid.coordinates(), profile=lambda z: torch.exp(-((z - CENTRE[row]) ** 2)), left=float(LEFT[row]), right=float(RIGHT[row])
    )
    assert float((frames[row, -1, 0] - u).abs().max()) < 1e-5
    assert float((frames[row, -1, 1] - v).abs().max()) < 1e-5


def test_ends_are_pinned_in_every_frame(trajectory):
    solver, frames = trajectory
    for row in range(4):
        for end, flag in ((0, LEFT[row]), (-1, RIGHT[row])):
            if flag == 0:
                assert float(frames[row, :, :, end].abs().max()) == 0
            else:
                slope = solver.derivatives.dx(frames[row])[..., end]
                assert float(slope.abs().max()) < 1e-8


def test_energy_does_not_drift(trajectory):
    solver, frames = trajectory
    d, wave = solver.derivatives, Wave(2.0)
    energy = torch.stack([wave.conserved(frames[:, k], d)["energy"].flatten() for k in (0, 124, 248)])
    assert float((energy / energy[0] - 1).abs().max()) < 1e-7


def test_coarse_grids_stay_bounded():
    solver = ChebyshevWave(Wave(2.0), _grid(20), DT, left=LEFT, right=RIGHT)
    start = solver.derivatives.lift(TravellingPulse(CENTRE, torch.full((4,), 2.0, dtype=torch.float64)))
    assert float(rollout(solver, start[:, None], 249)[:, :, 0].abs().max()) < 4.0


def test_batch_equals_single_trajectories_with_mixed_speeds_and_ends():
    speed = torch.tensor([0.5, 1.0, 2.0, 3.0], dtype=torch.float64)
    solver = ChebyshevWave(Wave(speed), _grid(64), 1.3, left=LEFT, right=RIGHT)
    start = solver.derivatives.lift(TravellingPulse(CENTRE, speed))
    together = solver(start)
    for i in range(4):
        single = ChebyshevWave(Wave(float(speed[i])), _grid(64), 1.3, left=float(LEFT[i]), right=float(RIGHT[i]))
        assert torch.allclose(single(start[i : i + 1]), together[i : i + 1], atol=1e-10)


def test_gradients_to_state_and_speed():
    grid = _grid(24)
    u = torch.randn(4, 2, 24, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert gradient_gap(ChebyshevWave(Wave(2.0), grid, 0.3, left=LEFT, right=RIGHT), u) < 1e-6
    speed = torch.tensor([0.5, 1.0, 2.0, 3.0], dtype=torch.float64)
    smooth = ChebyshevWave(Wave(speed), grid, 0.3).derivatives.lift(TravellingPulse(CENTRE, speed))
    assert gradient_gap(lambda c: ChebyshevWave(Wave(c), grid, 0.3, left=LEFT, right=RIGHT)(smooth), speed) < 1e-6


def test_refuses_other_grids_flags_and_speeds():
    with pytest.raises(ValueError, match="Chebyshev: needs one axis of Chebyshev nodes"):
        ChebyshevWave(Wave(1.0), Grid(16, periodic=False), 0.1)
    with pytest.raises(ValueError, match=r"ChebyshevWave: left needs flags 0 \(Dirichlet\) or 1 \(Neumann\), got \[0.5\]"):
        ChebyshevWave(Wave(1.0), _grid(16), 0.1, left=0.5)
    with pytest.raises(ValueError, match="speed needs to be a number or"):
        ChebyshevWave(Wave(lambda d: d.x[0]), _grid(16), 0.1)
