"""What every backbone must do, whatever it is made of."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from neuralpde.graphs import PeriodicNeighbours
from neuralpde.grids import Grid
from neuralpde.models import Backbone, Conditions

SHAPES = {1: (24,), 2: (16, 20), 3: (8, 10, 12)}


def parameter_count(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def conditions_on(grid: Grid, *, batch: int, num_coefficients: int = 0, dtype: torch.dtype = torch.float32, seed: int = 0) -> Conditions:
    generator = torch.Generator().manual_seed(seed)
    time = torch.rand(batch, generator=generator, dtype=dtype)
    coefficients = torch.rand(batch, num_coefficients, generator=generator, dtype=dtype)
    return Conditions(time, coefficients, grid, PeriodicNeighbours(2)(grid), level=torch.arange(batch))


def random_frames(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def roll(u: Tensor, shifts: tuple[int, ...]) -> Tensor:
    return u.roll(shifts, dims=tuple(range(u.ndim - len(shifts), u.ndim)))


def awaken(model: Backbone) -> Backbone:
    """Move every weight off its initial value: some start at zero and would hide what stands before them."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return model


class ModelHarness:
    """Inherit, implement ``build`` and state the dimensions in the fixture ``ndim``."""

    @pytest.fixture(params=[1, 2])
    def ndim(self, request: pytest.FixtureRequest) -> int:
        return request.param

    def build(self, in_channels: int, out_channels: int, ndim: int, num_coefficients: int) -> Backbone:
        raise NotImplementedError

    def make(self, ndim: int, dtype: torch.dtype = torch.float32, batch: int = 2) -> tuple[Backbone, Tensor, Conditions]:
        torch.manual_seed(0)
        grid = Grid(SHAPES[ndim], 0.0, 2.0)
        return (
            self.build(3, 4, ndim, 2).to(dtype),
            random_frames(batch, 3, *grid.shape, dtype=dtype),
            conditions_on(grid, batch=batch, num_coefficients=2, dtype=dtype),
        )

    def test_output_has_the_requested_channels_and_the_shape_of_the_grid(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        assert model(frames, conditions).shape == (2, 4, *SHAPES[ndim])

    def test_gradients_reach_every_parameter(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        awaken(model)(frames, conditions).square().sum().backward()
        dead = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
        assert not dead

    def test_evaluation_is_deterministic(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        awaken(model).eval()
        assert torch.equal(model(frames, conditions), model(frames, conditions))

    def test_samples_do_not_see_each_other(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        awaken(model)
        alone = Conditions(conditions.time[1:], conditions.coefficients[1:], conditions.domain, conditions.graph, conditions.level[1:])
        torch.testing.assert_close(model(frames[1:], alone), model(frames, conditions)[1:], rtol=1e-4, atol=1e-5)

    def test_coefficients_matter(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        awaken(model)
        other = Conditions(conditions.time, conditions.coefficients + 1, conditions.domain, conditions.graph, conditions.level)
        assert (model(frames, other) - model(frames, conditions)).abs().max() > 1e-4

    def test_one_batch_is_overfitted(self) -> None:
        model, frames, conditions = self.make(1)
        target = random_frames(2, 4, *SHAPES[1], seed=3)
        optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(150):
            loss = (model(frames, conditions) - target).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if loss < 0.05 * target.square().mean():
                return
        pytest.fail(f"after 150 steps the loss is still {loss.item():.3g}")

    def test_double_precision_agrees_with_single(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        single = awaken(model)(frames, conditions)
        double_conditions = Conditions(conditions.time.double(), conditions.coefficients.double(), conditions.domain, conditions.graph, conditions.level)
        double = model.double()(frames.double(), double_conditions)
        assert double.dtype == torch.float64
        torch.testing.assert_close(double.float(), single, rtol=1e-3, atol=1e-4)

    def test_runs_under_bfloat16_autocast(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        exact = awaken(model)(frames, conditions)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = model(frames, conditions)
            rough.float().square().sum().backward()
        error = (rough.float() - exact).norm() / exact.norm()
        assert 1e-6 < error < 0.1
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())

    def test_weights_reload_bitwise(self, ndim: int) -> None:
        model, frames, conditions = self.make(ndim)
        awaken(model)
        copy = self.build(3, 4, ndim, 2)
        copy.load_state_dict(model.state_dict())
        assert torch.equal(copy(frames, conditions), model(frames, conditions))

    def test_another_dimension_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"supports .* space dimensions, got 4; choose another model"):
            self.build(1, 1, 4, 0)
