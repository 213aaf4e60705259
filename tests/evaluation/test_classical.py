import functools

import pytest
import torch
from viscous_waves import NUM_FRAMES, data, forced_scenario, scenario

from neuralpde.evaluation import ClassicalRun, Coarser, EvaluationSet, ExactInitial
from neuralpde.evaluation.classical import coarser_shapes
from neuralpde.grids import Grid
from neuralpde.metrics import accumulated_error
from neuralpde.rollout import Stepper

FIRST, ALL = 4, slice(0, 5)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waves")
    data(folder).generate("test", workers=1)
    return folder


def errors(coarser, waves, shapes, **options):
    compare = functools.partial(coarser.compare, waves, part=ALL, first=FIRST, num_frames=NUM_FRAMES - FIRST)
    pairs = [compare(ClassicalRun(shape, **options)) for shape in shapes]
    return [accumulated_error(pair.pred, pair.ref).mean().item() for pair in pairs]


def test_error_falls_with_resolution(root):
    fine, half, coarse = errors(Coarser(), EvaluationSet.from_datamodule(data(root)), [(64,), (32,), (16,)])
    # The reference is stored in single precision, so that the rerun on its own grid is exact up to that.
    assert fine < 1e-12
    assert 100 * half < coarse
    assert 100 * fine < half


def test_fewer_substeps_cost_accuracy(root):
    waves = EvaluationSet.from_datamodule(data(root))
    assert errors(Coarser(), waves, [(64,)], substeps=1)[0] > 2 * errors(Coarser(), waves, [(64,)])[0]


def test_every_trajectory_keeps_its_own_coefficient(root):
    waves = EvaluationSet.from_datamodule(data(root))
    pair = Coarser().compare(waves, ClassicalRun((64,)), part=slice(3, 5), first=FIRST, num_frames=4)
    torch.testing.assert_close(pair.ref, waves.frames[3:5, FIRST : FIRST + 4].double(), atol=0, rtol=0)
    torch.testing.assert_close(pair.start, waves.frames[3:5, FIRST - 1 : FIRST].double(), atol=0, rtol=0)
    assert accumulated_error(pair.pred, pair.ref).max() < 1e-12


def test_clock_of_the_forcing_starts_at_the_given_frame(tmp_path):
    waves = EvaluationSet.from_datamodule(data(tmp_path, recipe=forced_scenario(), conditioned_on=()))
    assert errors(Coarser(), waves, [(64,)])[0] < 1e-12


def test_exact_start_reproduces_the_stored_run(root):
    waves = EvaluationSet.from_datamodule(data(root))
    fine, coarse = errors(Coarser(start=ExactInitial()), waves, [(64,), (16,)])
    assert fine < 1e-13
    assert coarse > 1e5 * fine


def test_exact_start_refuses_a_burn_in(tmp_path):
    waves = EvaluationSet.from_datamodule(data(tmp_path, recipe=scenario(burn_in=2)))
    with pytest.raises(ValueError, match="got a burn-in of 2 frames"):
        errors(Coarser(start=ExactInitial()), waves, [(64,)])
    assert errors(Coarser(), waves, [(64,)])[0] < 1e-12


@pytest.mark.parametrize(("resolution", "shape", "nodes"), [(32, (64,), 32), (32, (32,), 32), (32, (16,), 16), (None, (16,), 16)])
def test_runs_are_compared_on_matching_nodes(root, resolution, shape, nodes):
    waves = EvaluationSet.from_datamodule(data(root, resolution=resolution))
    pair = Coarser().compare(waves, ClassicalRun(shape), part=ALL, first=FIRST, num_frames=2)
    stored = waves.file.read(range(5), FIRST, FIRST + 2).double()
    torch.testing.assert_close(pair.ref, stored[..., :: 64 // nodes], atol=0, rtol=0)
    assert pair.pred.shape == pair.ref.shape
    assert pair.domain.shape == (nodes,)


def test_point_sets_are_compared_on_the_grid_of_the_run(root):
    waves = EvaluationSet.from_datamodule(data(root, keep_points=0.5))
    assert Coarser().compare(waves, ClassicalRun((64,)), part=ALL, first=FIRST, num_frames=2).domain.shape == (64,)


def test_sweep_halves_the_grid_and_scales_the_substeps(root):
    waves = EvaluationSet.from_datamodule(data(root, resolution=8))
    expected = [((64,), None), ((32,), None), ((32,), 2), ((16,), None), ((16,), 1), ((8,), None), ((8,), 1)]
    assert [(run.shape, run.substeps) for run in Coarser().runs(waves)] == expected
    assert [run.name for run in Coarser(resolutions=(32,)).runs(waves)] == ["classical 32", "classical 32, 2 substeps"]


def test_timing_covers_batch_and_single_trajectory(root):
    waves = EvaluationSet.from_datamodule(data(root))
    found = Coarser(repeats=1).timing(waves, ClassicalRun((16,)), rows=torch.arange(5), first=FIRST, num_frames=3)
    assert (found.num_frames, found.batch_size) == (3, 5)
    assert found.batch_seconds > 0
    assert found.single_seconds > 0
    assert Coarser(repeats=1, start=ExactInitial()).timing(waves, ClassicalRun((16,)), rows=torch.arange(5), first=FIRST, num_frames=3).num_frames == FIRST + 2


@pytest.mark.parametrize(
    ("grid", "shapes"),
    [
        (Grid((200,)), [(200,), (100,), (50,), (25,)]),
        (Grid((65,), periodic=False), [(65,), (33,), (17,)]),
        (Grid((100,), periodic=False, nodes="chebyshev"), [(100,), (50,), (25,)]),
        (Grid((64, 32)), [(64, 32), (32, 16)]),
    ],
)
def test_coarser_shapes_have_matching_nodes(grid, shapes):
    assert list(coarser_shapes(grid)) == shapes


class Fragile(Stepper):
    """The data's solver, which cannot go on once a trajectory is larger than a bound; names no trajectory, as real solvers do."""

    def __init__(self, solver, bound, error):
        self.solver, self.bound, self.error = solver, bound, error
        self.grid, self.dt = solver.grid, solver.dt

    def __call__(self, u, t=0.0):
        if u.abs().max() > self.bound:
            raise self.error
        return self.solver(u, t)


@pytest.mark.parametrize("error", [FloatingPointError("not finite"), ValueError("the Courant number is too large")])
def test_a_failure_costs_its_own_trajectory_only(root, monkeypatch, error):
    waves = EvaluationSet.from_datamodule(data(root))
    prepare, sizes = Coarser._prepare, waves.frames[:, FIRST - 1].abs().flatten(1).amax(dim=1)
    bound = sizes.sort().values[-2].item() * 1.000001  # the largest fails at once, unless it is one of the others

    def fragile(self, *args):
        stepper, window, frame = prepare(self, *args)
        return Fragile(stepper, bound, error), window, frame

    whole = Coarser().compare(waves, ClassicalRun((64,)), part=ALL, first=FIRST, num_frames=4)
    monkeypatch.setattr(Coarser, "_prepare", fragile)
    pair = Coarser().compare(waves, ClassicalRun((64,)), part=ALL, first=FIRST, num_frames=4)
    failed = int(sizes.argmax())
    assert pair.pred[failed].isnan().all()
    others = [i for i in range(5) if i != failed]
    torch.testing.assert_close(pair.pred[others], whole.pred[others], atol=1e-12, rtol=0)


def test_a_grid_that_is_refused_altogether_is_an_error(root, monkeypatch):
    def refuse(*args, **kwargs):
        raise ValueError("needs a finer grid")

    monkeypatch.setattr(Coarser, "_prepare", refuse)
    with pytest.raises(ValueError, match="needs a finer grid"):
        errors(Coarser(), EvaluationSet.from_datamodule(data(root)), [(16,)])
