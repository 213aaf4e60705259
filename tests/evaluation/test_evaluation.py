import json

import h5py
import pytest
import torch
from viscous_waves import NUM_FRAMES, data, scenario

from neuralpde.data import FileDataModule, View
from neuralpde.equations import Burgers
from neuralpde.evaluation import Coarser, Evaluation, EvaluationSet
from neuralpde.grids import Grid
from neuralpde.metrics import accumulated_error
from neuralpde.rollout import Stepper, WindowStepper
from neuralpde.solvers import ExponentialRungeKutta

HISTORY = 2


class Solver:
    """The data's own solver in the clothes of a network: it knows the present and the viscosity it is told."""

    history, dt = HISTORY, 0.02

    def bind(self, domain, coefficients):
        return ExponentialRungeKutta(Burgers(coefficients[:, 0].double()), domain, self.dt, substeps=4)


class Lazy:
    """A network that learnt nothing; takes two frames, gives three."""

    history, dt = HISTORY, 0.02

    def bind(self, domain, coefficients):
        return Repeat(domain, self.dt)


class Repeat(WindowStepper):
    history, horizon = HISTORY, 3

    def __init__(self, grid, dt):
        self.grid, self.dt = grid, dt

    def advance(self, window, t=0.0):
        assert window.shape[1] == self.history
        return window[:, -1:].expand(-1, self.horizon, *window.shape[2:])


class Spoilt(Stepper):
    """Right at first, not a number later, for the second trajectory of the set."""

    history, dt = 1, 0.02

    def bind(self, domain, coefficients):
        self.grid = domain
        return self

    def __init__(self):
        self.times = []

    def __call__(self, u, t=0.0):
        self.times.append(t)
        return torch.where((torch.arange(len(u)) == 1).view(-1, 1, 1) & torch.tensor(t > 0.1), torch.nan, u)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waves")
    data(folder).generate("test", workers=1)
    return folder


def quick(**options):
    return Evaluation(**{"classical": None, "repeats": 1, **options})


def test_exact_model_beats_everything(root):
    result = quick(classical=Coarser(resolutions=(64, 16), repeats=1), batch_size=2)(Solver(), data(root), name="solver")
    assert result.network.error < 1e-9
    assert [m.kind for m in result.methods] == ["network", *["classical"] * 3, *["baseline"] * 3]
    assert all(m.error > 1e6 * result.network.error for m in result.of_kind("baseline"))
    by_name = {m.name: m for m in result.methods}
    assert by_name["classical 16"].error > 100 * by_name["classical 64"].error
    assert result.network.timing.batch_size == 2
    assert all(m.timing is not None for m in result.of_kind("classical"))
    assert "Measured in this run, at equal error" in result.verdict
    assert result.notes == ()


def test_lazy_model_scores_as_persistence_in_any_batch_size(root):
    result = quick(batch_size=3)(Lazy(), data(root))
    persistence = next(m for m in result.methods if m.name == "persistence")
    assert result.network.per_trajectory["accumulated_error"] == pytest.approx(persistence.per_trajectory["accumulated_error"])
    frames = EvaluationSet.from_datamodule(data(root)).frames.double()
    expected = accumulated_error(frames[:, 3:4].expand(-1, NUM_FRAMES - 4, -1, -1), frames[:, 4:])
    assert result.network.per_trajectory["accumulated_error"] == pytest.approx(expected.tolist())
    assert result.verdict.startswith("The network does not beat persistence")


def test_start_defaults_to_twice_the_history_and_can_be_set(root):
    by_default = quick()(Lazy(), data(root))
    assert (by_default.settings["first_predicted_frame"], by_default.settings["num_frames"]) == (2 * HISTORY, NUM_FRAMES - 2 * HISTORY)
    chosen = quick(start=6, num_frames=3)(Lazy(), data(root))
    assert chosen.times == pytest.approx([0.12, 0.14, 0.16])
    assert len(chosen.network.curves["pearson"].mean) == 3


def test_zero_and_mean_have_their_known_errors(root):
    result = quick()(Lazy(), data(root))
    frames = EvaluationSet.from_datamodule(data(root)).frames.double()[:, 4:]
    zero = next(m for m in result.methods if m.name == "zero")
    assert zero.error == pytest.approx(frames.square().mean(dim=-1).sum(dim=1).mean().item())
    assert zero.scores["nrmse"].mean == pytest.approx(1.0)
    assert zero.scores["pearson"].num_undefined == 5


def test_examples_are_best_median_and_worst(root):
    result = quick(batch_size=2)(Lazy(), data(root))
    errors = sorted(result.network.per_trajectory["accumulated_error"])
    assert [e.label for e in result.examples] == ["best", "median", "worst"]
    assert [e.error for e in result.examples] == pytest.approx([errors[0], errors[2], errors[4]])
    for example in result.examples:
        found = accumulated_error(example.pred[None].double(), example.ref[None].double()).item()
        assert found == pytest.approx(example.error, rel=1e-5)


def test_diverging_model_is_reported_and_not_averaged_away(root):
    result = quick()(Spoilt(), data(root))
    assert result.network.scores["accumulated_error"].mean is None
    assert result.network.scores["accumulated_error"].num_undefined == 1
    assert result.network.per_trajectory["accumulated_error"][1] is None
    assert "not finite" in result.verdict
    assert result.examples[-1].index == 1
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["methods"][0]["scores"]["accumulated_error"]["mean"] is None


def test_file_and_explicit_set_score_the_same(root):
    module = data(root)
    told = EvaluationSet.from_file(module.file("test"), View(conditioned_on=("viscosity",)))
    assert quick()(Solver(), told).network.error == quick()(Solver(), module).network.error
    assert quick()(Lazy(), module.file("test")).network.error == quick()(Lazy(), module).network.error


def test_clock_starts_at_the_last_given_frame(root):
    clock = Spoilt()
    quick(start=6, num_frames=2)(clock, data(root))
    assert clock.times[:2] == pytest.approx([5 * 0.02, 6 * 0.02])


def test_few_trajectories(root):
    assert quick(num_trajectories=2)(Lazy(), data(root)).network.scores["nrmse"].count == 2


def test_dropped_nodes(root):
    result = quick(classical=Coarser(resolutions=(32,), repeats=1))(Lazy(), data(root, keep_points=0.75))
    assert result.network.shape == (48,)
    assert result.network.spectrum is None
    assert {m.shape for m in result.of_kind("classical")} == {(32,)}


def test_runs_that_the_scheme_refuses_are_noted(root, monkeypatch):
    def refuse(*args, **kwargs):
        raise ValueError("the Courant number is too large.")

    monkeypatch.setattr(Coarser, "compare", refuse)
    result = quick(classical=Coarser(resolutions=(16,)))(Lazy(), data(root))
    assert result.of_kind("classical") == ()
    assert result.notes[0] == "classical 16 was left out: the Courant number is too large."
    assert "The classical solver reaches" not in result.verdict


def test_runs_that_blow_up_are_noted(root, monkeypatch):
    """The error is the one that a real solver raises on a state that has left the numbers."""

    def blow_up(*args, **kwargs):
        return ExponentialRungeKutta(Burgers(0.1), Grid((16,)), 0.1)(torch.full((1, 1, 16), torch.inf, dtype=torch.float64))

    monkeypatch.setattr(Coarser, "compare", blow_up)
    result = quick(classical=Coarser(resolutions=(16,)))(Lazy(), data(root))
    assert result.of_kind("classical") == ()
    assert result.notes[0].startswith("classical 16 was left out: ExponentialRungeKutta: the state at t = 0.1 needs to be finite")


def test_a_run_that_blows_up_on_some_trajectories_keeps_the_others(root, monkeypatch):
    """The solver of trajectory 1 fails from the third predicted frame on."""
    compare = Coarser.compare

    def partly(self, *args, **options):
        pair = compare(self, *args, **options)
        pair.pred[1, 3:] = torch.nan
        return pair

    monkeypatch.setattr(Coarser, "compare", partly)
    result = quick(classical=Coarser(resolutions=(32,), repeats=1))(Lazy(), data(root))
    run = result.of_kind("classical")[0]
    score = run.scores["accumulated_error"]
    assert (run.num_diverged, score.num_finite, score.mean) == (1, 4, None)
    others = [e for k, e in enumerate(run.per_trajectory["accumulated_error"]) if k != 1]
    assert score.finite_mean == pytest.approx(sum(others) / 4)
    assert run.per_trajectory["accumulated_error"][1] is None
    assert run.timing.batch_size == 4
    assert result.notes[0] == (
        f"classical 32 diverged, or was refused by its scheme, on 1 of 5 trajectories; the mean accumulated error of the other 4 is {score.finite_mean:.3g}."
    )


def test_definitions_are_those_of_the_scores_and_curves(root):
    result = quick()(Lazy(), data(root))
    assert set(result.definitions) == {*result.network.scores, *result.network.set_scores, *(f"curve {key}" for key in result.network.curves)}
    assert not any("vorticity" in key for key in result.definitions)


def test_one_step_spectra_come_with_the_result(root):
    result = quick(num_frames=1)(Lazy(), data(root))
    error = EvaluationSet.from_datamodule(data(root)).frames.double()[:, 4] - EvaluationSet.from_datamodule(data(root)).frames.double()[:, 3]
    assert result.network.one_step.errors[0] == pytest.approx(torch.fft.rfft(error).abs().mean(dim=(0, 1)).tolist(), abs=1e-9)


def test_file_without_a_recipe_is_scored_without_the_classical_solver(root, tmp_path):
    path = tmp_path / "foreign.h5"
    path.write_bytes(data(root).path("test").read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["recipe"] = "{}"
    result = quick(classical=Coarser())(Lazy(), FileDataModule(path))
    assert result.of_kind("classical") == ()
    assert "The classical solver was skipped" in result.notes[0]


@pytest.mark.parametrize(("start", "num_frames"), [(1, None), (NUM_FRAMES, None), (4, NUM_FRAMES)])
def test_frames_that_do_not_exist_are_refused(root, start, num_frames):
    with pytest.raises(ValueError, match=rf"got {NUM_FRAMES} in waves/test; change start or num_frames"):
        quick(start=start, num_frames=num_frames)(Lazy(), data(root))


def test_another_time_step_is_refused(tmp_path):
    module = data(tmp_path, recipe=scenario(dt=0.03))
    with pytest.raises(ValueError, match=r"the model steps by dt=0\.02, got data with dt=0\.03"):
        quick()(Lazy(), module)
