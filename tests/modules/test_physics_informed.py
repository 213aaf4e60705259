from functools import partial

import pytest
import torch
from lightning.pytorch import Trainer
from small_physics import small_module
from torch import nn

from neuralpde.collocation import Refresh, ResidualAdaptive, ResidualFlow, Uniform, effective_sample_size
from neuralpde.derivatives import SparseDirections
from neuralpde.equations import KortewegDeVries, SineGordon
from neuralpde.losses import ByReverseMode, Causal, GradientNorm, LaplacianBy, MeanSquare, PhysicsLoss
from neuralpde.models import MLP, BoxFlow, constrain
from neuralpde.modules import SOAP, AtomicCheckpointIO, CollocationSteps, NewtonCG, PhysicsInformed, Stage, Stages, TrainingPoints, linear_decay
from neuralpde.problems import EllipticBall, InitialBoundaryProblem, TwoBody


def build(problem, *, law=None, width=16, points=None, optimizer=None, seed=0, recipe=None, residual=None, weighting=None, schedule=linear_decay):
    torch.manual_seed(seed)
    network = constrain(problem, MLP(problem.num_coordinates, width=width))
    loss = PhysicsLoss(residual or MeanSquare(LaplacianBy(law)), weighting=weighting, condition_points=16)
    optimizer = optimizer or partial(torch.optim.Adam, lr=3e-3)
    return PhysicsInformed(problem, network, loss, points=points or TrainingPoints(32), optimizer=optimizer, schedule=schedule, seed=seed, recipe=recipe)


def fit(module, *, epochs=1, steps=10, folder=None, ckpt_path=None, precision=None):
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        precision=precision,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        num_sanity_val_steps=0,
        plugins=[AtomicCheckpointIO()],
    )
    trainer.fit(module, CollocationSteps(module.problem, steps_per_epoch=steps, num_evaluation_points=200), ckpt_path=ckpt_path)
    if folder is not None:
        trainer.save_checkpoint(folder)
    return trainer


def test_twenty_dimensions_are_solved_better_than_by_a_constant():
    """Two-body sine-Gordon, 16 of 20 directions: skill below one half within 300 steps."""
    module = build(EllipticBall(SineGordon(), TwoBody(20)), law=partial(SparseDirections, count=16), width=64)
    trainer = fit(module, steps=300)
    scores = {name: value.item() for name, value in trainer.callback_metrics.items()}
    assert scores["val/skill"] < 0.5 and scores["val/skill"] == pytest.approx(scores["val/relative_l2"] / scores["val/trivial"])


def test_points_and_directions_are_functions_of_seed_and_step():
    problem = EllipticBall(SineGordon(), TwoBody(6))
    a, b = (build(problem, law=partial(SparseDirections, count=2)) for _ in range(2))
    assert torch.equal(a.terms(3)["residual"], b.terms(3)["residual"]) and torch.equal(a.draw(3), b.draw(3))
    assert not torch.equal(a.draw(3), a.draw(4))
    held = build(problem, points=TrainingPoints(8, refresh=Refresh(until=5)))
    assert torch.equal(held.draw(5), held.draw(9)) and not torch.equal(held.draw(4), held.draw(5))


def test_resumed_training_ends_with_the_same_weights(tmp_path):
    problem = EllipticBall(SineGordon(), TwoBody(5))

    def fresh():
        points = TrainingPoints(16, sampler=ResidualAdaptive(5, num_candidates=50, every=4))
        stages = partial(Stages, stages=[Stage(partial(SOAP, lr=1e-3), steps=13, schedule=linear_decay), Stage(partial(torch.optim.Adam, lr=1e-4), steps=7)])
        return build(problem, law=partial(SparseDirections, count=2), points=points, optimizer=stages, schedule=None)

    straight, first = fresh(), fresh()
    fit(straight, epochs=2)
    fit(first, epochs=1, folder=tmp_path / "a.ckpt")
    second = fresh()
    fit(second, epochs=2, ckpt_path=tmp_path / "a.ckpt")
    for a, b in zip(straight.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_coefficients_of_the_solution_come_with_the_checkpoint(tmp_path):
    first = build(EllipticBall(SineGordon(), TwoBody(5, seed=1)), recipe={"problem": 1})
    fit(first, folder=tmp_path / "a.ckpt", steps=1)
    other = build(EllipticBall(SineGordon(), TwoBody(5, seed=2)))
    other.load_state_dict(AtomicCheckpointIO().load_checkpoint(tmp_path / "a.ckpt")["state_dict"])
    assert torch.equal(other.problem.interaction.coefficients, first.problem.interaction.coefficients)
    with pytest.raises(ValueError, match="the run asks for problem=2, the checkpoint was trained with 1"):
        fit(build(first.problem, recipe={"problem": 2}), ckpt_path=tmp_path / "a.ckpt")


def test_adam_then_lbfgs_then_newton_on_a_soliton():
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0], end=0.5, normal_weight=0.1)
    stages = [
        Stage(partial(torch.optim.Adam, lr=3e-3), steps=20),
        Stage(partial(torch.optim.LBFGS, max_iter=10, line_search_fn="strong_wolfe"), steps=2),
        Stage(partial(NewtonCG, rank=0, max_iterations=20), steps=2),
    ]
    weighting = GradientNorm(["residual", "walls"], every=10)
    module = build(
        problem,
        residual=MeanSquare(ByReverseMode()),
        points=TrainingPoints(32, refresh=Refresh(until=20)),
        optimizer=partial(Stages, stages=stages),
        weighting=weighting,
        schedule=None,
    )
    before = weighting.total(module.terms(20)).item()
    fit(module, steps=24)
    assert weighting.total(module.terms(20)).item() < 0.5 * before and (weighting.running != 1).all()
    assert module.global_step == 24
    assert isinstance(module.network.network, nn.Module)


class Doubled(Uniform):
    """Uniform points that count twice."""

    def weights(self, x, domain):
        return torch.full((len(x),), 2.0)


def test_weights_of_the_sampler_reach_the_loss():
    module = small_module()
    plain = module.terms(0)["residual"]
    module.points.sampler = Doubled()
    torch.testing.assert_close(module.terms(0)["residual"], 2 * plain)


def test_stages_keep_their_own_schedules():
    """A schedule of the run would fall to zero over the whole of it."""
    stages = partial(Stages, stages=[Stage(partial(torch.optim.Adam, lr=2e-3), steps=4)])
    module = build(EllipticBall(SineGordon(), TwoBody(3)), optimizer=stages, schedule=linear_decay)
    trainer = fit(module, steps=4)
    assert trainer.callback_metrics["train/lr"].item() == pytest.approx(2e-3) and module.lr_schedulers() is None


def evolution(**kwargs):
    problem = InitialBoundaryProblem(KortewegDeVries(), lower=[-3.0], upper=[3.0], end=0.5)
    residual = Causal(ByReverseMode(), slices=4, tolerances=[1e-9, 1.0])
    return build(problem, width=6, residual=residual, **kwargs)


def test_the_causal_tolerance_goes_on_and_is_resumed(tmp_path):
    module = evolution()
    trainer = fit(module, steps=1, folder=tmp_path / "a.ckpt")
    assert trainer.callback_metrics["train/causal_tolerance"].item() == pytest.approx(1e-9)  # the one of the step that was made
    assert trainer.callback_metrics["train/causal_smallest_weight"].item() > 0.99 and module.loss.residual.tolerance == 1.0
    resumed = evolution()
    trainer = fit(resumed, steps=1, epochs=2, ckpt_path=tmp_path / "a.ckpt")
    assert trainer.callback_metrics["train/causal_tolerance"].item() == 1.0


def test_the_effective_sample_size_of_weighted_points_is_logged():
    torch.manual_seed(0)
    sampler = ResidualFlow(BoxFlow(2, couplings=4, width=8), every=2, flow_steps=40, num_points=64, lr=1e-1, uniform_share=0.5, corrected=True)
    module = evolution(points=TrainingPoints(32, sampler=sampler))
    trainer = fit(module, steps=2)
    x = module.draw(1)
    expected = effective_sample_size(sampler.weights(x, module.problem.domain))
    logged = trainer.callback_metrics["train/effective_sample_size"]
    torch.testing.assert_close(logged, expected)
    assert 1 < logged < 31
    assert "train/effective_sample_size" not in fit(evolution(), steps=1).callback_metrics


def test_double_precision():
    module = build(EllipticBall(SineGordon(), TwoBody(3)))
    fit(module, steps=2, precision="64-true")
    assert module.draw(0).dtype == torch.float64 and module.terms(0)["residual"].dtype == torch.float64
