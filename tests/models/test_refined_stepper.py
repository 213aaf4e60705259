"""Denoising steppers in rollouts."""

import pytest
import torch
from torch import nn

from neuralpde.grids import Grid
from neuralpde.models import Backbone, Conditions, Difference, DilatedResNet, NeuralStepper, RefinedStepper, Refining, UNet
from neuralpde.rollout import rollout

GRID = Grid((8,))


class Recording(Backbone):
    """Returns ``factor`` times its last frame and keeps what it saw."""

    def __init__(self, *, factor=1.0, level=True):
        super().__init__()
        self.level, self.factor, self.seen = level, nn.Parameter(torch.tensor(factor)), []

    def forward(self, frames, conditions):
        self.seen.append((frames, conditions))
        return self.factor * frames[:, -1:]


def refined(backbone=None, denoising=None, **options):
    settings = {"channels": 1, "history": 1, "horizon": 1, "dt": 0.8, "time_scale": 8.0, "output": Difference(0.5), **options}
    return RefinedStepper(backbone or Recording(), denoising=denoising or Refining(3, 1e-4), **settings)


def test_passes_see_history_then_noisy_target_and_their_level():
    backbone = Recording()
    model = refined(backbone, history=2)
    window = torch.randn(3, 2, 1, 8)
    model(window, model.conditions(torch.zeros(3), torch.zeros(3, 0), GRID), torch.Generator().manual_seed(0))
    assert len(backbone.seen) == model.denoising.num_passes == 4
    for (frames, conditions), level in zip(backbone.seen, model.denoising.levels, strict=True):
        assert torch.equal(frames[:, :2], window[:, :, 0]) and frames.shape == (3, 3, 8)
        torch.testing.assert_close(conditions.level, torch.full((3,), level))
    assert backbone.seen[0][0][:, 2].abs().max() == 0, "the first pass of the paper's form sees zeros"


def test_one_pass_is_the_scaled_difference():
    """f(0) = 0 without refinements: persistence; a constant c gives u + 0.5 c."""

    class Constant(Recording):
        def forward(self, frames, conditions):
            return torch.full_like(frames[:, -1:], 3.0)

    model = refined(Constant(), Refining(0))
    window = torch.randn(2, 1, 1, 8)
    torch.testing.assert_close(model.bind(GRID, torch.zeros(2, 0)).advance(window), window + 1.5)


def test_seeds_repeat_rollouts_and_tell_them_apart():
    model = refined()
    start = torch.randn(2, 1, 1, 8)
    first, again, other = (rollout(model.bind(GRID, torch.zeros(2, 0), seed), start, 5) for seed in (1, 1, 2))
    assert torch.equal(first, again) and (first - other).abs().min() > 0
    bound = model.bind(GRID, torch.zeros(2, 0), 1)
    assert torch.equal(rollout(bound, start, 5), first) and torch.equal(rollout(bound, start, 5), first), "a bound stepper has no memory of its own"
    steps = first.diff(dim=1)
    assert (steps[:, 1] - steps[:, 0]).abs().min() > 0, "noise is new in every step"


def test_rollout_leaves_the_global_generator_alone():
    model = refined()
    torch.manual_seed(3)
    expected = torch.rand(())
    torch.manual_seed(3)
    rollout(model.bind(GRID, torch.zeros(1, 0)), torch.zeros(1, 1, 1, 8), 2)
    assert torch.rand(()) == expected


def test_mean_of_samples_has_less_noise():
    torch.manual_seed(0)
    start = torch.zeros(64, 1, 1, 8)
    spread = [rollout(refined(Recording(factor=0.0), Refining(1, 1e-2), num_samples=n).bind(GRID, torch.zeros(64, 0)), start, 1).std() for n in (1, 16)]
    assert spread[0].item() == pytest.approx(0.05, rel=0.1) and spread[1].item() == pytest.approx(0.0125, rel=0.15)


def test_coefficients_are_embedded_once_per_step():
    torch.manual_seed(0)
    backbone = UNet(2, 1, ndim=1, num_coefficients=2, hidden_channels=8, level=True)
    calls = []
    for embedding in backbone.embeddings:
        embedding.register_forward_hook(lambda *_: calls.append(1))
    model = refined(backbone, Refining(3, 1e-4), coefficient_scale=(1.0, 1.0))
    model.bind(Grid((16,)), torch.ones(2, 2)).advance(torch.randn(2, 1, 1, 16))
    assert len(calls) == 4 + 2, "the level in each of four passes, two coefficients once"


def test_gradients_do_not_share_what_is_remembered():
    backbone = UNet(2, 1, ndim=1, num_coefficients=1, hidden_channels=8, level=True)
    conditions = Conditions(torch.zeros(2), torch.ones(2, 1), Grid((16,)), level=torch.zeros(2))
    for _ in range(2):
        backbone(torch.randn(2, 2, 16), conditions).sum().backward()
    assert conditions.memo == {}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_refused_with_the_reason(dtype):
    model = refined()
    conditions = model.conditions(torch.zeros(2), torch.zeros(2, 0), GRID)
    with pytest.raises(ValueError, match="noise of the last refinements is below the spacing of half precision, got torch"):
        model(torch.zeros(2, 1, 1, 8, dtype=dtype), conditions)
    with torch.autocast("cpu", dtype=torch.bfloat16), pytest.raises(ValueError, match=r"got torch\.bfloat16; set trainer\.precision=32-true"):
        model(torch.zeros(2, 1, 1, 8), conditions)


def test_backbone_without_level_is_refused():
    with pytest.raises(ValueError, match="expected a backbone that is conditioned on the level, got DilatedResNet without it"):
        refined(DilatedResNet(2, 1, ndim=1, num_coefficients=0))


def test_frames_that_enter_the_backbone():
    assert RefinedStepper.frames_seen(2, 3) == 5 and NeuralStepper.frames_seen(2, 3) == 2


def test_an_example_is_the_given_frames_and_what_makes_the_wanted_ones_of_them():
    model, frames = refined(), torch.randn(3, 3, 1, 16)
    known, target = model.example(frames)
    torch.testing.assert_close(known, frames[:, : model.history])
    torch.testing.assert_close(model.output(known[:, -1:], target, model.dt), frames[:, model.history : model.history + model.horizon])
