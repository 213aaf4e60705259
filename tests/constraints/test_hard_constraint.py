import dataclasses

import pytest
import torch
from constrained_waves import constraint, domain, heat_modes, random_basis, solved

from neuralpde.constraints import FixedWeights, Partition
from neuralpde.derivatives import Fourier, Trajectory
from neuralpde.equations import Burgers, Heat

WHERE = domain()


def initial_state(batch=3):
    return random_basis(WHERE, batch=batch, num_basis=1, seed=5)[:, 0, 0]


def test_solution_in_the_span_is_found():
    """Three heat modes and two foreign fields: the weights are those of the initial state, and the residual vanishes as the frames resolve time."""
    where = domain(num_frames=21, end=0.02)
    modes = heat_modes(where, 0.3)
    foreign = random_basis(where, batch=1, num_basis=2)
    expected = torch.tensor([0.7, -0.4, 0.2], dtype=torch.float64)
    initial = torch.einsum("n,bncx->bcx", expected, modes[:, :, 0])
    found = solved(torch.cat([modes, foreign], dim=1), initial, where, equation=Heat(0.3), ridge=0.0, count=None)
    torch.testing.assert_close(found.weights[0, 0, :3], expected, rtol=1e-6, atol=1e-6)
    assert found.weights[0, 0, 3:].abs().max() < 1e-6
    assert found.statistics.cost.sqrt().max() < 1e-6


@pytest.mark.parametrize("options", [{}, {"counts": (2, 4), "local": False}])
def test_residual_of_a_discrete_solution_in_the_span_vanishes(options):
    """A constant solves the equation and its differences exactly; a ramp in time does not and gets no weight."""
    t = WHERE.times.view(-1, 1, 1)
    ramp = (1.0 + t).expand(-1, 1, 16)
    basis = torch.stack([torch.ones_like(ramp), ramp]).unsqueeze(0).expand(2, -1, -1, -1, -1)
    initial = torch.tensor([0.3, -1.2], dtype=torch.float64).view(2, 1, 1).expand(2, 1, 16)
    found = solved(basis, initial, WHERE, equation=Burgers(0.1), ridge=0.0, **options)
    assert found.residual.abs().max() <= 1e-10
    torch.testing.assert_close(found.frames, initial.unsqueeze(1).expand(-1, 13, -1, -1), rtol=0, atol=1e-10)


def test_linear_equation_gives_the_normal_equations():
    basis, initial, ridge = random_basis(WHERE), initial_state(), 1e-2
    found = solved(basis, initial, WHERE, equation=Heat(0.3), ridge=ridge, count=None)
    d = Trajectory(Fourier(WHERE.grid), WHERE.times, order=4)
    residuals = Heat(0.3).residual(basis.flatten(0, 1), d).unflatten(0, basis.shape[:2])[:, :, 1:].flatten(2)
    first = 5.0 * basis[:, :, 0].flatten(2)
    a = torch.cat([residuals / residuals.shape[2] ** 0.5, first / 16**0.5], dim=2).mT
    b = torch.cat([torch.zeros(3, residuals.shape[2], dtype=torch.float64), 5.0 * initial.flatten(1) / 16**0.5], dim=1)
    normal = a.mT @ a + ridge**2 * torch.eye(5, dtype=torch.float64)
    torch.testing.assert_close(found.weights[:, 0], torch.linalg.solve(normal, (a.mT @ b.unsqueeze(2)).squeeze(2)), rtol=1e-8, atol=1e-8)


def test_one_expert_is_the_single_constraint_bit_for_bit():
    basis, initial = random_basis(WHERE), initial_state()
    single, mixture = solved(basis, initial, WHERE), solved(basis, initial, WHERE, counts=(1, 1), overlap=0)
    assert torch.equal(single.frames, mixture.frames) and torch.equal(single.weights, mixture.weights)


def test_every_expert_solves_its_own_block():
    """A mixture equals single constraints whose points are those of one block, put together."""
    basis, initial = random_basis(WHERE), initial_state()
    mixture = solved(basis, initial, WHERE, counts=(1, 4), count=None)
    cut = Partition.uniform(WHERE.shape, (1, 4))
    mask = cut.windows()[2].bool()

    @dataclasses.dataclass(frozen=True, eq=False)
    class Third(type(constraint().families["residual"])):
        def where(self, domain):
            return super().where(domain) & mask

    alone = dataclasses.replace(constraint(), families={"residual": Third(), "initial": constraint().families["initial"]})
    found = alone(basis, initial, equation=Burgers(torch.linspace(0.1, 0.3, 3, dtype=torch.float64)), domain=WHERE)
    torch.testing.assert_close(found.weights[:, 0], mixture.weights[:, 2], rtol=1e-8, atol=1e-8)
    columns = slice(8, 12)
    torch.testing.assert_close(found.frames[..., columns], mixture.frames[..., columns], rtol=1e-8, atol=1e-8)


def test_residual_is_that_of_the_grid():
    basis, initial = random_basis(WHERE), initial_state()
    found = solved(basis, initial, WHERE)
    nu = torch.linspace(0.1, 0.3, 3, dtype=torch.float64)
    expected = Burgers(nu).residual(found.frames, Trajectory(Fourier(WHERE.grid), WHERE.times, order=4)).movedim(2, 1)
    torch.testing.assert_close(found.residual, expected, rtol=1e-8, atol=1e-8 * float(expected.abs().max()))


@pytest.mark.parametrize("options", [{}, {"counts": (2, 2)}, {"counts": (1, 2), "overlap": 2}], ids=["single", "mixture", "overlap"])
def test_gradient_is_that_of_finite_differences(options):
    basis, initial = random_basis(WHERE), initial_state()
    direction = random_basis(WHERE, seed=9)

    def loss(fields):
        found = solved(fields, initial, WHERE, ridge=0.1, **options)
        return found.frames.square().sum() + found.residual.square().sum()

    leaf = basis.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(leaf), leaf)
    step = 1e-5
    expected = (loss(basis + step * direction) - loss(basis - step * direction)) / (2 * step)
    assert abs(float((gradient * direction).sum() - expected)) < 1e-6 * abs(float(expected))


def test_offset_counts_with_weight_one():
    basis, initial = random_basis(WHERE), initial_state()
    plain = solved(basis, initial, WHERE, ridge=0.0)
    layer, nu = constraint(ridge=0.0), torch.linspace(0.1, 0.3, 3, dtype=torch.float64)
    shifted = layer(basis, initial, equation=Burgers(nu), domain=WHERE, offset=basis[:, 0], generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(shifted.weights[:, 0, 0], plain.weights[:, 0, 0] - 1.0, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(shifted.frames, plain.frames, rtol=1e-6, atol=1e-6)


def test_warm_start_costs_no_steps_and_changes_nothing():
    basis, initial = random_basis(WHERE), initial_state()
    cold = solved(basis, initial, WHERE, ridge=0.1)
    layer, nu = constraint(ridge=0.1), torch.linspace(0.1, 0.3, 3, dtype=torch.float64)
    warm = layer(basis, initial, equation=Burgers(nu), domain=WHERE, generator=torch.Generator().manual_seed(0), start=cold.weights)
    assert warm.statistics.steps.max() <= 2 < cold.statistics.steps.min()
    torch.testing.assert_close(warm.weights, cold.weights, rtol=1e-9, atol=1e-9)


def test_without_a_solve_the_output_is_the_solution():
    basis, initial = random_basis(WHERE, num_basis=1), initial_state()
    found = solved(basis, initial, WHERE, solver=FixedWeights(), start=1.0)
    assert torch.equal(found.frames, basis[:, 0]) and found.statistics is None


def test_penalties_are_the_rows_everywhere():
    basis, initial = random_basis(WHERE), initial_state()
    layer, equation = constraint(count=10), Burgers(torch.linspace(0.1, 0.3, 3, dtype=torch.float64))
    found = solved(basis, initial, WHERE)
    penalties = layer.penalties(found, initial, equation, WHERE)
    torch.testing.assert_close(penalties[0], found.residual[:, :, 1:].flatten(1).square().mean(1).sqrt())
    torch.testing.assert_close(penalties[1], 5.0 * (found.frames[:, 0] - initial).flatten(1).square().mean(1).sqrt())


def test_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"basis needs shape \(batch, basis, 13, 1, 16\), got \(3, 5, 13, 16\)"):
        solved(random_basis(WHERE)[:, :, :, 0], initial_state(), WHERE)
