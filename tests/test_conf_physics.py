"""Configurations of physics-informed training: every file composes, and its residual can be evaluated."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from test_conf import Compose, composed, names  # noqa: F401 — a fixture

from neuralpde.modules import Stages
from neuralpde.tasks import Forecasting, PhysicsInformedTraining


def build(config):
    """Problem, network and loss at one step, in small."""
    task = PhysicsInformedTraining(config)
    with torch.no_grad():
        for parameter in task.module.network.parameters():
            parameter.mul_(0.9)
    return task


def shrink(config):
    """The same choices with few points; the number of coordinates stays."""
    config.steps.num_evaluation_points = 4
    config.condition_points = 4
    config.points.num_points = 4
    OmegaConf.set_struct(config, False)
    config.network.width = 8
    return config


@pytest.mark.parametrize("name", [name for name in names("experiment") if name.startswith(("pinn/", "stde/"))])
def test_experiment(composed: Compose, name):  # noqa: F811
    task = build(shrink(composed("train", f"experiment={name}")))
    terms = task.module.terms(0)
    total = task.module.loss.weighting.total(terms)
    total.backward()
    assert total.isfinite() and all(p.grad is not None for p in task.module.network.parameters())
    scores = task.module.problem.scores(task.module.network, task.data.points)
    assert all(value.isfinite() for value in scores.values())


@pytest.mark.parametrize("name", names("problem"))
def test_problem(composed: Compose, name):  # noqa: F811
    config = composed("train", "~experiment", "task=physics_informed", f"problem={name}")
    problem = instantiate(config.problem, _convert_="all")
    generator = torch.Generator().manual_seed(0)
    x = problem.domain.sample(3, generator)
    assert x.shape == (3, problem.domain.ndim)
    assert all(condition.sample(3, generator).shape == x.shape for condition in problem.conditions)


@pytest.mark.parametrize("name", names("residual"))
def test_residual(composed: Compose, name):  # noqa: F811
    problem = {"biharmonic": "biharmonic_annulus", "causal": "travelling_sine"}.get(name, "sine_gordon")
    config = composed("train", "~experiment", "task=physics_informed", "name=tiny", f"problem={problem}", f"residual={name}")
    task = build(shrink(config)) if problem != "sine_gordon" else build(shrink_dimension(config))
    assert task.module.terms(0)["residual"].isfinite()


def shrink_dimension(config):
    """Twenty dimensions, for exact Laplacians by reverse mode."""
    config.problem.interaction.ndim = 20
    return shrink(config)


@pytest.mark.parametrize("name", names("points"))
def test_points(composed: Compose, name):  # noqa: F811
    config = composed("train", "experiment=pinn/helmholtz", f"points={name}")
    task = build(shrink(config))
    assert task.module.draw(0).shape == (4, 2)


@pytest.mark.parametrize("name", names("weighting"))
def test_weighting(composed: Compose, name):  # noqa: F811
    config = composed("train", "experiment=pinn/helmholtz", f"weighting={name}", "problem.constrained=false")
    task = build(shrink(config))
    terms = task.module.terms(0)
    residuals = partial(task.module.residuals, 0)
    task.module.loss.weighting.update(terms, list(task.module.network.parameters()), residuals=residuals, step=0)
    assert set(terms) == {"residual", "boundary"} and task.module.loss.weighting.total(terms) > 0


@pytest.mark.parametrize("name", ["adam_lbfgs", "soap_newton"])
def test_second_order_finish(composed: Compose, name):  # noqa: F811
    """The commands of the documentation: points stay from the second stage on, and the schedule of the experiment is left out."""
    config = composed("train", "experiment=pinn/helmholtz", f"optimizer={name}", "optimizer.stages.0.steps=3", "points.refresh.until=3")
    module = build(shrink(config)).module
    assert torch.equal(module.draw(3), module.draw(9)) and not torch.equal(module.draw(2), module.draw(3))
    optimizer = module.configure_optimizers()
    assert isinstance(optimizer, Stages) and optimizer.lengths[0] == 3


@pytest.mark.parametrize("name", names("network"))
def test_network(composed: Compose, name):  # noqa: F811
    task = build(shrink(composed("train", "experiment=stde/sine_gordon_100", f"network={name}")))
    assert task.module.network(torch.zeros(2, 100)).shape == (2, 1)


def test_task(composed: Compose):  # noqa: F811
    kinds = {name: instantiate(composed("train", f"task={name}").task).func for name in names("task")}
    assert kinds["forecasting"] is Forecasting and kinds["physics_informed"] is PhysicsInformedTraining
