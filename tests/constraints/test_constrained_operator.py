import functools

import pytest
import torch

from neuralpde.boundaries import Dirichlet, Robin
from neuralpde.constraints import (
    Backward,
    BoundaryRows,
    ConstrainedOperator,
    EquationFamily,
    ExactInitial,
    FixedWeights,
    HardConstraint,
    InitialRows,
    ResidualRows,
    TimeAxis,
    WeightSolver,
)
from neuralpde.derivatives import FiniteDifference
from neuralpde.equations import DiffusionSorption
from neuralpde.graphs import NearestNeighbours
from neuralpde.grids import Grid
from neuralpde.models import FNO, DeepONet, MessagePassing, UNet
from neuralpde.rollout import rollout

GRID = Grid((17,), periodic=False)


def operator(make=None, *, num_basis=4, frames=9, solver=None, ansatz=None, graph=None, names=(), **options):
    families = {
        "residual": ResidualRows(100.0, count=50),
        "initial": InitialRows(10.0),
        "left": BoundaryRows(condition=Dirichlet(1.0)),
        "right": BoundaryRows(condition=Robin(5e-4), side="upper"),
    }
    space = functools.partial(FiniteDifference, order=2)
    constraint = HardConstraint(families, space, solver=solver or WeightSolver(1e-4, 8), start=0.3, ridge=1e-2, time=Backward(), **options)
    build = make or functools.partial(FNO, num_modes=3, width=8, num_layers=2, projection=8, coordinates=False)
    torch.manual_seed(0)
    backbone = build(3, num_basis, ndim=2, num_coefficients=len(names))
    equations = EquationFamily(DiffusionSorption, names, (1e-3,) * len(names))
    axis = TimeAxis(frames - 1, dt=10.0, scale=80.0)
    return ConstrainedOperator(backbone, constraint=constraint, equations=equations, time=axis, num_basis=num_basis, channels=1, ansatz=ansatz, graph=graph)


def initial(batch=2):
    return torch.linspace(0.05, 0.2, batch).view(-1, 1, 1).expand(-1, 1, 17)


def solution(model, coefficients=None, **options):
    where = model.domain(GRID)
    told = torch.zeros(2, 0) if coefficients is None else coefficients
    return model(initial(), told, where, generator=torch.Generator().manual_seed(0), graph=model.build_graph(GRID), **options)


@pytest.mark.parametrize(
    ("make", "graph"),
    [
        (functools.partial(FNO, num_modes=3, width=8, num_layers=2, projection=8, coordinates=False), None),
        (functools.partial(UNet, hidden_channels=8, ch_mults=(1, 2), periodic=False), None),
        (functools.partial(DeepONet, width=16, num_layers=2, num_features=8, sensors=5), None),
        (functools.partial(MessagePassing, hidden=16, num_layers=1, fields=1), NearestNeighbours(4)),
    ],
    ids=["FNO", "UNet", "DeepONet", "MessagePassing"],
)
def test_any_backbone_is_trained_through_the_solve(make, graph):
    model = operator(make, graph=graph)
    found = solution(model)
    assert found.frames.shape == (2, 9, 1, 17) and found.frames.dtype == torch.float32
    (found.frames - 0.5).square().sum().backward()
    gradients = [p.grad for p in model.parameters()]
    assert all(g is not None and g.isfinite().all() for g in gradients) and any(g.abs().max() > 0 for g in gradients)


def test_equation_and_network_are_told_the_coefficients():
    model = operator(names=("diffusivity",))
    found = solution(model, torch.tensor([[5e-4], [2e-3]]))
    assert not torch.allclose(found.frames[0], solution(model, torch.tensor([[2e-3], [2e-3]])).frames[0])
    assert model.equations(torch.tensor([[5e-4], [2e-3]])).diffusivity.tolist() == pytest.approx([5e-4, 2e-3])


def test_bound_operator_is_a_stepper():
    model = operator()
    bound = model.bind(GRID, torch.zeros(2, 0))
    frames = rollout(bound, initial().unsqueeze(1), 8)
    torch.testing.assert_close(frames, solution(model).frames[:, 1:].detach())
    assert torch.equal(frames, rollout(bound, initial().unsqueeze(1), 8)), "the same points every time"


def test_later_times_extend_the_same_coordinates():
    """Frames of a longer domain are those of the shorter one, before the solve."""
    model = operator(functools.partial(_Pointwise))
    short, _ = model.basis(initial(), torch.zeros(2, 0), model.domain(GRID))
    long, _ = model.basis(initial(), torch.zeros(2, 0), model.domain(GRID, num_frames=14))
    torch.testing.assert_close(long[:, :, :9], short)


class _Pointwise(FNO):
    def __init__(self, in_channels, out_channels, *, ndim, num_coefficients):
        super().__init__(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, num_modes=3, width=8, num_layers=1, projection=8)

    def forward(self, frames, conditions):
        return self.projection(torch.nn.functional.gelu(self.lifting(torch.cat([frames, frames[:, :2]], dim=1))))


def test_exact_initial_state():
    model = operator(ansatz=ExactInitial(80.0))
    torch.testing.assert_close(solution(model).frames[:, 0], initial())


def test_soft_baseline_returns_the_network():
    model = operator(num_basis=1, solver=FixedWeights())
    basis, _ = model.basis(initial(), torch.zeros(2, 0), model.domain(GRID))
    torch.testing.assert_close(solution(model).frames, 0.3 * basis[:, 0])


def test_a_graph_network_needs_a_graph():
    with pytest.raises(ValueError, match="MessagePassing needs a graph builder"):
        operator(functools.partial(MessagePassing, hidden=8, num_layers=1, fields=1))
