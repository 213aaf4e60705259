import torch

from neuralpde.derivatives import FiniteDifference
from neuralpde.equations import Wave
from neuralpde.grids import Grid
from neuralpde.initial import RandomPulse, stack_draws


def test_pulse_is_the_initial_state_of_the_exact_left_moving_wave():
    generator = torch.Generator().manual_seed(0)
    pulses = stack_draws([RandomPulse(speed=1.5)(generator) for _ in range(4)])
    d = FiniteDifference(Grid((60,), -8.0, 8.0, periodic=False, nodes="chebyshev"))
    u = d.lift(pulses)
    assert u.shape == (4, 2, 60)
    for i in range(4):
        exact = Wave(1.5).exact(0.0, d.x[0][0, 0], profile=lambda z, s=pulses.centre[i]: torch.exp(-((z - s) ** 2)))
        torch.testing.assert_close(u[i], torch.stack(exact), rtol=0, atol=1e-6)  # the images' tails are exp(-16)


def test_centres_fill_their_interval():
    generator = torch.Generator().manual_seed(0)
    pulses = stack_draws([RandomPulse()(generator) for _ in range(500)])
    assert -4 <= pulses.centre.min() < -3.9 and 3.9 < pulses.centre.max() < 4
    assert torch.equal(pulses.speed, torch.full((500,), 2.0, dtype=torch.float64))
