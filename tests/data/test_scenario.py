import dataclasses

import pytest
import torch
from tiny_scenarios import Decay, Drift, decay, drift

from neuralpde.data import SameAs, Scenario
from neuralpde.equations import Combined
from neuralpde.grids import Grid
from neuralpde.initial import Uniform
from neuralpde.resampling import spectral_filter


def test_a_trajectory_depends_on_its_index_alone():
    scenario = decay()
    alone, among = scenario.draw(0, [7]), scenario.draw(0, [2, 7, 5])
    for name, column in alone.columns().items():
        assert torch.equal(column[0], among.columns()[name][1])
    assert not torch.equal(alone.coefficients["beta"], scenario.draw(0, [7], "test").coefficients["beta"])
    assert not torch.equal(alone.coefficients["beta"], scenario.draw(1, [7]).coefficients["beta"])


def test_another_coefficient_leaves_the_draws_of_the_others():
    scenario = decay()
    more = dataclasses.replace(scenario, coefficients={"alpha": Uniform(0.0, 3.0), **{k: v for k, v in scenario.coefficients.items() if k != "alpha"}})
    assert torch.equal(scenario.draw(0, [4]).coefficients["beta"], more.draw(0, [4]).coefficients["beta"])


def test_columns_flatten_structure_and_repeat_constants():
    columns = decay().draw(0, range(3)).columns()
    assert set(columns) == {"alpha", "beta", "gamma", *(f"forcing.{part}" for part in ("amplitudes", "frequencies", "wavenumbers", "phases", "length"))}
    assert columns["forcing.amplitudes"].shape == (3, 5)
    assert torch.equal(columns["alpha"], torch.full((3,), 0.5, dtype=torch.float64))


def test_boundary_flags_and_initial_states_are_columns():
    draw = drift().draw(0, range(3))
    columns = draw.columns()
    assert set(columns) == {"speed", "bc_left", "bc_right", "initial.centre", "initial.speed"}
    assert torch.equal(columns["bc_right"], draw.boundary["right"])
    stepper, _ = drift().build(draw)
    assert isinstance(stepper, Drift) and stepper.right is draw.boundary["right"] and stepper.left == 0.0


def test_initial_state_is_the_forcing_at_the_first_time():
    scenario = decay()
    draw = scenario.draw(0, [0, 1])
    _, state = scenario.build(draw)
    series, x = draw.coefficients["forcing"], scenario.grid.coordinates()
    expected = sum(
        series.amplitudes[:, j, None] * torch.sin(2 * torch.pi * series.wavenumbers[:, j, None] * x / 16 + series.phases[:, j, None]) for j in range(5)
    )
    torch.testing.assert_close(state[:, 0], expected, rtol=1e-14, atol=1e-14)


def test_solve_is_the_rollout_from_the_initial_state():
    scenario = decay()
    draw = scenario.draw(0, [0, 1, 2])
    frames = scenario.solve(draw)
    assert frames.shape == (3, 12, 1, 20) and frames.dtype == torch.float64
    decayed = torch.exp(-draw.coefficients["beta"][:, None] * scenario.times)
    torch.testing.assert_close(frames, frames[:, :1] * decayed[:, :, None, None], rtol=1e-13, atol=0.0)


def test_time_runs_through_the_burn_in():
    draw = drift().draw(0, [0])
    # From t0 − 3 dt: the state gains −1.5 − 1 − 0.5 in the burn-in, then 0, 0.5, 1, ... = t at the start of each step.
    frames = drift(burn_in=3).solve(draw)
    start = drift().solve(draw)[:, 0]
    torch.testing.assert_close(frames[:, 0], start - 3.0)
    torch.testing.assert_close(frames[:, 3] - frames[:, 0], torch.full_like(start, 0.0 + 0.5 + 1.0))
    late = drift(t0=10.0).solve(draw)
    torch.testing.assert_close(late[:, 1] - late[:, 0], torch.full_like(start, 10.0))
    assert drift(t0=10.0).times[0] == 10.0


def test_another_grid_and_step():
    scenario = decay()
    draw = scenario.draw(0, [0])
    coarse, state = scenario.build(draw, grid=scenario.grid.resized(10), dt=0.2)
    assert coarse.dt == 0.2 and state.shape == (1, 1, 10)
    torch.testing.assert_close(state, scenario.build(draw)[1][..., ::2], rtol=1e-14, atol=1e-14)


def test_moving_a_draw():
    draw = decay().draw(0, [0, 1]).to("meta")
    assert draw.coefficients["beta"].is_meta and draw.coefficients["forcing"].amplitudes.is_meta and draw.initial.phases.is_meta
    assert draw.coefficients["alpha"] == 0.5


def test_bad_scenarios():
    with pytest.raises(ValueError, match="initial is SameAs\\('forcing'\\), got the coefficients"):
        Scenario(Combined, Grid((8,)), Decay, SameAs("forcing"), dt=0.1, num_frames=5)
    with pytest.raises(ValueError, match="num_frames ≥ 2"):
        Scenario(Combined, Grid((8,)), Decay, Uniform(0, 1), dt=0.1, num_frames=1)
    with pytest.raises(TypeError, match="_partial_: true"):
        _ = Scenario(Combined(), Grid((8,)), Decay, Uniform(0, 1), dt=0.1, num_frames=5).fields


def test_solved_on_a_fine_grid_and_stored_on_a_coarse_one():
    coarse = decay()
    fine = dataclasses.replace(coarse, solved_on=[40])
    draw = coarse.draw(0, [0, 1])
    assert fine.solved_on == (40,) and fine.fine_grid == coarse.grid.resized(40)
    frames = fine.solve(draw)
    assert frames.shape == (2, 12, 1, 20)
    torch.testing.assert_close(frames, spectral_filter(fine.solve(draw, fine.fine_grid), fine.fine_grid, fine.grid))
    # The two sine modes of the initial state are resolved by both, and each node decays alone.
    torch.testing.assert_close(frames, coarse.solve(draw), rtol=0, atol=1e-13)
    assert fine.build(draw)[1].shape == (2, 1, 20), "a solver of the stored fields works on the stored grid"
