"""Every file under conf/ composes, and what it names can be built and fits together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from neuralpde.data import DataSpec, TrajectoryDataModule, from_recipe, generate, to_recipe
from neuralpde.grids import Grid
from neuralpde.models import NeuralStepper
from neuralpde.modules import stepper_recipe

CONF = Path(__file__).parent.parent / "conf"
PROGRAMS = {"train", "evaluate", "generate"}
TESTED = {"callbacks", "data", "denoising", "evaluation", "experiment", "graph", "logger"} | {
    *("loss", "model", "objective", "optimizer", "schedule", "stepper", "trainer"),
}
PHYSICS = {"network", "points", "problem", "residual", "task", "weighting"}
"""Groups of physics-informed training, see ``test_conf_physics.py``; its experiments lie in ``pinn`` and ``stde``."""
CONSTRAINED = {"blocks", "first_weights", "operator", "rows", "weights"}
"""Groups of constrained operators, see ``test_conf_constrained.py``; their experiments lie in ``hard_constraints``."""
Compose = Callable[..., DictConfig]


def names(group: str) -> list[str]:
    """Files of a group, as Hydra names them."""
    return sorted(path.relative_to(CONF / group).with_suffix("").as_posix() for path in (CONF / group).rglob("*.yaml"))


@pytest.fixture
def composed(tmp_path) -> Iterator[Compose]:
    """``composed(program, *overrides)`` as in a run whose folder is a temporary one."""

    def build(program: str, *overrides: str) -> DictConfig:
        config = compose(program, [*overrides, f"hydra.runtime.output_dir={tmp_path}"], return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        return OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])

    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield build
    HydraConfig.instance().cfg = None
    GlobalHydra.instance().clear()


def spec_of(data: TrajectoryDataModule) -> DataSpec:
    """What the data module would say of its files, which are not there."""
    scenario = data.scenario
    grid = scenario.grid.resized(data.view.resolution or scenario.grid.shape)
    fields, coefficients = data.view.fields or scenario.fields, data.view.conditioned_on
    ones, span = (1.0,) * len(fields), scenario.dt * (scenario.num_frames - 1)
    num_frames = -(-scenario.num_frames // data.stride)
    return DataSpec(fields, grid, scenario.dt * data.stride, span, num_frames, coefficients, (1.0,) * len(coefficients), ones, ones)


def build_model(config: DictConfig, spec: DataSpec) -> NeuralStepper:
    """The network with weights that were never filled, since drawing millions of them takes longer than all else."""
    plain = OmegaConf.to_container(config, resolve=True)
    with torch.device("meta"):
        model = instantiate(stepper_recipe(plain["stepper"], plain["model"], spec), _convert_="all")
    return model.to_empty(device="cpu")


@torch.no_grad()
def forecast_shape(model: NeuralStepper, spec: DataSpec) -> tuple[int, ...]:
    """Shape of a prediction for one trajectory."""
    conditions = model.conditions(torch.zeros(1), torch.ones(1, spec.num_coefficients), spec.domain, model.build_graph(spec.domain))
    return tuple(model(torch.zeros(1, model.history, model.channels, *spec.domain.shape), conditions).shape)


def test_every_group_is_tested():
    assert {path.name for path in CONF.iterdir() if path.is_dir()} == TESTED | PHYSICS | CONSTRAINED
    assert {path.stem for path in CONF.glob("*.yaml")} == PROGRAMS


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_program(composed, program):
    config = composed(program)
    OmegaConf.to_container(config, resolve=True)
    with pytest.raises(Exception, match="no_such_option"):
        composed(program, "no_such_option=1")


@pytest.mark.parametrize("name", [name for name in names("data") if name != "file"])
def test_data(composed, name):
    data = instantiate(composed("generate", f"data={name}").data, _convert_="all")
    scenario = data.scenario
    assert data.name == name, "the folder of a data set has the name of its file, so that two never share one"
    assert set(data.sizes) == {"train", "valid", "test"}
    draw = scenario.draw(0, [0, 1], "train")
    assert set(data.view.conditioned_on) <= draw.columns().keys()
    stepper, state = scenario.build(draw)
    after = stepper(state, scenario.t0 - scenario.burn_in * scenario.dt)
    assert state.shape == after.shape == (2, len(scenario.fields), *scenario.grid.shape)
    assert after.isfinite().all() and not torch.equal(after, state)
    recipe = to_recipe(scenario)
    assert to_recipe(from_recipe(json.loads(json.dumps(recipe)))) == recipe


def test_data_from_a_file(composed, tmp_path):
    scenario = instantiate(composed("generate", "data=heat").data, _convert_="all").scenario
    for split in ("train", "test"):
        generate(scenario, tmp_path / f"{split}.h5", size=2, split=split, seed=0, workers=0)
    overrides = [f"data.path={tmp_path / 'test.h5'}", f"data.train={tmp_path / 'train.h5'}"]
    data = instantiate(composed("generate", "data=file", *overrides).data, _convert_="all")
    assert data.file("test").num_trajectories == 2


@pytest.mark.parametrize("name", names("model"))
@pytest.mark.parametrize("stepper", [name for name in names("stepper") if name != "hybrid"])
def test_model(composed, name, stepper):
    spec = DataSpec(("u",), Grid((100,), 0.0, 16.0), 0.1, 4.0, 250, ("alpha", "beta"), (1.0, 1.0), (0.0,), (1.0,))
    config = composed("train", f"model={name}", f"stepper={stepper}")
    if stepper == "refiner" and "level" not in config.model:
        with pytest.raises(InstantiationException, match="expected a backbone that is conditioned on the level"):
            build_model(config, spec)
        return
    model = build_model(config, spec)
    assert forecast_shape(model, spec) == (1, model.horizon, 1, 100)
    assert sum(parameter.numel() for parameter in model.parameters()) > 1000


@pytest.mark.parametrize("name", names("model"))
def test_model_on_several_fields_between_walls(composed, name):
    spec = DataSpec(("u", "v"), Grid((64,), -8.0, 8.0, periodic=False, nodes="chebyshev"), 0.1, 4.0, 250, (), (), (0.0, 0.0), (1.0, 1.0))
    model = build_model(composed("train", f"model={name}", "stepper=single_step"), spec)
    assert forecast_shape(model, spec) == (1, 1, 2, 64)


@pytest.mark.parametrize("name", names("graph"))
def test_graph(composed, name):
    config = composed("train", f"graph@stepper.graph={name}")
    domain = Grid((10, 10), 0.0, 4.0, periodic=name != "delaunay")
    assert instantiate(config.stepper.graph)(domain).num_edges > 0


@pytest.mark.parametrize("name", names("denoising"))
def test_denoising(composed, name):
    denoising = instantiate(composed("train", "stepper=refiner", f"denoising@stepper.denoising={name}").stepper.denoising)
    sample = denoising.sample(lambda noisy, number: torch.zeros_like(noisy), lambda: torch.ones(2, 3), torch.zeros(2, 3))
    assert sample.shape == (2, 3) and sample.isfinite().all()


@pytest.mark.parametrize("name", names("objective"))
def test_objective(composed, name):
    objective = instantiate(composed("train", f"objective={name}").objective)
    assert objective.frames(25) >= 25


@pytest.mark.parametrize("name", names("loss"))
def test_loss(composed, name):
    loss = instantiate(composed("train", f"loss@objective.loss={name}").objective).loss
    pred = torch.zeros(2, 5, 1, 8, requires_grad=True)
    value = loss(pred, torch.ones(2, 5, 1, 8))
    value.mean().backward()
    assert value.min() > 0 and (pred.grad < 0).all()


STAGED = {"adam_lbfgs", "soap_newton"}
"""Optimisers that follow one another, each with a schedule of its own."""


@pytest.mark.parametrize("name", sorted(STAGED))
def test_staged_optimizer(composed, name):
    config = composed("train", "experiment=stde/sine_gordon_100", f"optimizer={name}", "~schedule")
    layer = torch.nn.Linear(3, 1)
    optimizer = instantiate(config.optimizer, _convert_="all")(layer.parameters())
    optimizer.count = sum(optimizer.lengths[:-1])  # at the last stage, which solves least squares at once
    x = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))

    def closure():
        optimizer.zero_grad()
        loss = (layer(x) - x.sum(1, keepdim=True)).square().mean()
        if not optimizer.needs_graph:
            loss.backward()
        return loss

    for _ in range(5):
        optimizer.step(closure)
    assert closure() < 1e-6


@pytest.mark.parametrize("name", [name for name in names("optimizer") if name not in STAGED])
@pytest.mark.parametrize("schedule", names("schedule"))
def test_optimizer_and_schedule(composed, name, schedule):
    config = composed("train", f"optimizer={name}", f"schedule={schedule}")
    layer = torch.nn.Linear(3, 3)
    optimizer = instantiate(config.optimizer, _convert_="all")(layer.parameters())
    rates = instantiate(config.schedule, _convert_="all")(optimizer, total_steps=10)
    layer(torch.ones(1, 3)).sum().backward()
    for _ in range(10):
        optimizer.step()
        rates.step()
    assert 0 <= rates.get_last_lr()[0] <= optimizer.defaults["lr"]


@pytest.mark.parametrize("name", names("callbacks"))
def test_callbacks(composed, name):
    from lightning.pytorch import Callback

    named = ["callbacks.frozen.checkpoint=some_card"] if name == "frozen" else []
    built = instantiate(composed("train", f"callbacks={name}", *named).callbacks, _convert_="all")
    assert built and all(isinstance(callback, Callback) for callback in built.values())


@pytest.mark.parametrize("name", names("logger"))
def test_logger(composed, name):
    from lightning.pytorch.loggers import Logger

    config = composed("train", f"logger={name}").get("logger")
    assert isinstance(instantiate(config, _convert_="all"), Logger) if config else name == "none"


@pytest.mark.parametrize("name", names("trainer"))
def test_trainer(composed, name):
    from lightning.pytorch import Trainer

    config = composed("train", f"trainer={name}").trainer
    assert isinstance(instantiate(config, accelerator="cpu", logger=False, callbacks=[], _convert_="all"), Trainer)


@pytest.mark.parametrize("name", names("evaluation"))
def test_evaluation(composed, name):
    from neuralpde.evaluation import Evaluation, Uncertainty

    assert isinstance(instantiate(composed("evaluate", f"evaluation={name}", "checkpoint=x").evaluation, _convert_="all"), (Evaluation, Uncertainty))


@pytest.mark.parametrize("name", [name for name in names("experiment") if not name.startswith(("hard_constraints/", "pinn/", "stde/"))])
def test_experiment(composed, name):
    config = composed("train", f"experiment={name}")
    OmegaConf.to_container(config, resolve=True)
    data = instantiate(config.data, _convert_="all")
    spec = spec_of(data)
    model = build_model(config, spec)
    assert forecast_shape(model, spec) == (1, model.horizon, spec.channels, *spec.domain.shape)
    assert model.history + instantiate(config.objective).frames(model.horizon) <= spec.num_frames


def test_experiments_have_folders_of_their_own():
    chosen = [OmegaConf.load(CONF / "experiment" / f"{name}.yaml").name for name in names("experiment")]
    assert sorted(set(chosen)) == sorted(chosen)


def test_published_rows_have_a_small_variant():
    rows = [name for name in names("experiment") if "/" in name]
    assert [name for name in rows if not name.endswith("_small") and f"{name}_small" not in rows] == []


@pytest.mark.parametrize("name", [name for name in names("experiment") if "/" in name])
def test_experiment_states_what_to_expect(name):
    head = [line for line in (CONF / "experiment" / f"{name}.yaml").read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert any("Expected:" in line or "No number is published" in line for line in head)
