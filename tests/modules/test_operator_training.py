import functools

import pytest
import torch

from neuralpde.constraints import ConstrainedOperator, EquationFamily, FixedWeights, HardConstraint, InitialRows, ResidualRows, TimeAxis
from neuralpde.data import Trajectories
from neuralpde.derivatives import FiniteDifference
from neuralpde.equations import Heat
from neuralpde.grids import Grid
from neuralpde.losses import TrajectoryLoss
from neuralpde.models import FNO
from neuralpde.modules import OperatorTraining

GRID = Grid((9,), periodic=False)


@pytest.fixture
def module():
    torch.manual_seed(0)
    backbone = FNO(3, 1, ndim=2, num_coefficients=0, num_modes=2, width=4, num_layers=1, projection=4, coordinates=False)
    families = {"residual": ResidualRows(), "initial": InitialRows()}
    constraint = HardConstraint(families, functools.partial(FiniteDifference, order=2), solver=FixedWeights(), start=1.0)
    model = ConstrainedOperator(backbone, constraint=constraint, equations=EquationFamily(Heat), time=TimeAxis(4, 0.1, 0.4), num_basis=1, channels=1)
    return OperatorTraining(model, TrajectoryLoss(), domain=GRID, optimizer=torch.optim.Adam)


def test_validation_scores_whole_trajectories(module, monkeypatch):
    logged = {}
    monkeypatch.setattr(module, "log", lambda name, value, **_: logged.setdefault(name, float(value.detach())))
    monkeypatch.setattr(type(module), "current_epoch", 0)
    frames = torch.rand(3, 7, 1, 9, generator=torch.Generator().manual_seed(1))
    times = 0.1 * torch.arange(7, dtype=torch.float64)
    error = module.validation_step(Trajectories(frames, times, torch.zeros(3, 0), torch.arange(3)), 0)
    where = module.stepper.domain(GRID)
    solution = module.stepper(frames[:, 0], torch.zeros(3, 0), where)
    expected = torch.linalg.vector_norm((solution.frames - frames[:, :5])[:, 1:], dim=(1, 2, 3)) / torch.linalg.vector_norm(frames[:, 1:5], dim=(1, 2, 3))
    torch.testing.assert_close(error, expected)
    assert logged["val/relative_l2"] == pytest.approx(float(expected.mean().detach()))
    penalties = module.stepper.penalties(solution, frames[:, 0], torch.zeros(3, 0), where)
    assert logged["val/loss"] == pytest.approx(float(penalties.sum(0).mean().detach()), rel=1e-5)
