from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from neuralpde.graphs import PeriodicNeighbours
from neuralpde.grids import Grid
from neuralpde.models import Backbone, Conditions, Difference, Direct, Increments, MessagePassing, NeuralStepper
from neuralpde.rollout import rollout

GRID = Grid((8,))


class Affine(Backbone):
    """Output l is a_l · (last frame) + b_l: rollouts have closed forms."""

    def __init__(self, factors: list[float], offsets: list[float], channels: int = 1) -> None:
        super().__init__()
        self.channels = channels
        self.factors = nn.Parameter(torch.tensor(factors))
        self.offsets = torch.tensor(offsets)
        self.seen: list[Conditions] = []

    def forward(self, frames: Tensor, conditions: Conditions) -> Tensor:
        self.seen.append(conditions)
        last = frames[:, -self.channels :].unsqueeze(1)
        shape = (1, -1, *(1,) * (last.ndim - 2))
        return (self.factors.view(shape) * last + self.offsets.view(shape)).flatten(1, 2)


def stepper(backbone: Backbone, output, *, horizon: int, history: int = 2, dt: float = 0.1, channels: int = 1, scale: tuple[float, ...] = ()) -> NeuralStepper:
    return NeuralStepper(backbone, channels=channels, history=history, horizon=horizon, dt=dt, time_scale=4.0, coefficient_scale=scale, output=output)


def conditions_for(model: NeuralStepper, batch: int = 3) -> Conditions:
    return model.conditions(torch.zeros(batch), torch.zeros(batch, 0), GRID)


def test_direct_returns_the_output_itself() -> None:
    model = stepper(Affine([2.0, 3.0], [0.0, 1.0]), Direct(), horizon=2)
    window = torch.randn(3, 2, 1, 8)
    expected = torch.stack([2 * window[:, -1], 3 * window[:, -1] + 1], dim=1)
    torch.testing.assert_close(model(window, conditions_for(model)), expected)


def test_difference_adds_the_scaled_output_to_the_last_frame() -> None:
    model = stepper(Affine([0.0], [1.5]), Difference(scale=0.2), horizon=1)
    window = torch.randn(3, 2, 1, 8)
    torch.testing.assert_close(model(window, conditions_for(model)), window[:, -1:] + 0.3)


def test_increments_are_rates_and_reproduce_a_linear_function_of_time() -> None:
    rate = 0.7
    model = stepper(Affine([0.0] * 4, [rate] * 4), Increments(), horizon=4)
    start = torch.randn(3, 1, 1, 8)
    time = 0.1 * torch.arange(-1, 11).view(1, -1, 1, 1)
    exact = start + rate * time
    prediction = rollout(model.bind(GRID, torch.zeros(3, 0)), exact[:, :2], 10)
    torch.testing.assert_close(prediction, exact[:, 2:])


def test_increments_may_be_scaled() -> None:
    model = stepper(Affine([0.0, 0.0], [0.35, 0.35]), Increments(scale=2.0), horizon=2)
    window = torch.randn(3, 2, 1, 8)
    expected = torch.cat([window[:, -1:] + 0.07, window[:, -1:] + 0.14], dim=1)
    torch.testing.assert_close(model(window, conditions_for(model)), expected)


def test_rollout_of_exponential_growth() -> None:
    """Frames (1 + a)u and (1 + a)²u from increments over one and two steps."""
    a, dt = 0.05, 0.1
    model = stepper(Affine([a / dt, ((1 + a) ** 2 - 1) / (2 * dt)], [0.0, 0.0]), Increments(), horizon=2, dt=dt, history=1)
    start = torch.rand(3, 1, 1, 8)
    powers = (1 + a) ** torch.arange(1, 8).view(1, -1, 1, 1)
    torch.testing.assert_close(rollout(model.bind(GRID, torch.zeros(3, 0)), start, 7), start * powers)


def test_the_network_is_told_the_scaled_time_of_the_first_predicted_frame_and_scaled_coefficients() -> None:
    backbone = Affine([0.0], [0.0])
    model = stepper(backbone, Direct(), horizon=1, scale=(2.0, 0.5))
    bound = model.bind(GRID, torch.tensor([[1.0, 1.0], [4.0, 0.25]]))
    rollout(bound, torch.zeros(2, 2, 1, 8), 3, t=1.0)
    torch.testing.assert_close(torch.stack([c.time[0] for c in backbone.seen]), torch.tensor([1.1, 1.2, 1.3]) / 4.0)
    torch.testing.assert_close(backbone.seen[0].coefficients, torch.tensor([[0.5, 2.0], [2.0, 0.5]]))


def test_channels_are_flattened_time_slowest() -> None:
    model = stepper(Affine([1.0, 1.0], [0.0, 10.0], channels=2), Direct(), horizon=2, channels=2)
    window = torch.randn(3, 2, 2, 8)
    output = model(window, conditions_for(model))
    torch.testing.assert_close(output, torch.stack([window[:, -1], window[:, -1] + 10], dim=1))


def test_a_bound_stepper_evaluates_without_gradients_and_builds_the_graph_once() -> None:
    calls = []

    def builder(domain: Grid):
        calls.append(domain)
        return PeriodicNeighbours(2)(domain)

    backbone = MessagePassing(2, 4, ndim=1, num_coefficients=0, hidden=16, num_layers=1)
    model = NeuralStepper(backbone, channels=1, history=2, horizon=4, dt=0.1, time_scale=1.0, output=Increments(), graph=builder).train()
    prediction = rollout(model.bind(GRID, torch.zeros(3, 0)), torch.randn(3, 2, 1, 8), 9)
    assert prediction.shape == (3, 9, 1, 8)
    assert not prediction.requires_grad
    assert not model.training
    assert calls == [GRID]


def test_the_state_holds_weights_only() -> None:
    assert list(stepper(Affine([1.0], [0.0]), Direct(), horizon=1, scale=(2.0,)).state_dict()) == ["backbone.factors"]


def test_errors() -> None:
    with pytest.raises(ValueError, match="MessagePassing needs a graph builder, got none; give graph=PeriodicNeighbours"):
        NeuralStepper(MessagePassing(1, 1, ndim=1, num_coefficients=0, hidden=16), channels=1, history=1, horizon=1, dt=0.1, time_scale=1.0)
    model = stepper(Affine([1.0], [0.0]), Direct(), horizon=1)
    with pytest.raises(ValueError, match="expected 2 frames of 1 channels, got 2 frames of 3"):
        model(torch.zeros(1, 2, 3, 8), conditions_for(model, 1))
    with pytest.raises(ValueError, match="trained with 0 coefficients, got 2; name the same ones"):
        model.conditions(torch.zeros(1), torch.zeros(1, 2), GRID)


@pytest.mark.parametrize("output", [Direct(), Difference(0.3), Increments(2.0)])
def test_encoding_gives_the_output_that_gives_the_frames(output) -> None:
    last, frames = torch.randn(3, 1, 2, 8), torch.randn(3, 4, 2, 8)
    torch.testing.assert_close(output(last, output.encode(last, frames, 0.1), 0.1), frames)
