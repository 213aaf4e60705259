import math

import pytest
import torch

from neuralpde.solvers import BOGACKI_SHAMPINE, DORMAND_PRINCE, HEUN, RK4, StepControl
from neuralpde.solvers.adaptive_march import AdaptiveMarch, attempt

RATES = torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64).view(3, 1, 1)


def _decay(u, t):
    """u' = −r (u − cos t) − sin t, whose solution through cos is cos."""
    t = torch.as_tensor(t, dtype=u.dtype)
    return -RATES[: u.shape[0]] * (u - torch.cos(t)) - torch.sin(t)


def test_one_attempt_is_the_stability_polynomial():
    u = torch.ones(1, 1, 1, dtype=torch.float64)
    new, error, _ = attempt(lambda v, t: -v, RK4, u, 0.0, 0.5, -u)
    assert new.item() == pytest.approx(sum((-0.5) ** k / math.factorial(k) for k in range(5)), abs=1e-15)
    assert error.item() == 0


@pytest.mark.parametrize("tableau", [HEUN, BOGACKI_SHAMPINE, DORMAND_PRINCE], ids=["heun", "bs32", "dp54"])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-7])
def test_error_follows_the_tolerance_and_each_trajectory_its_own_steps(tableau, tolerance):
    march = AdaptiveMarch(_decay, tableau, StepControl(tolerance, tolerance), 2.0)
    u = march.run(torch.ones(3, 1, 1, dtype=torch.float64), 0.0)
    assert float((u - math.cos(2.0)).abs().max()) < 10 * tolerance
    assert march.accepted[2] > march.accepted[0]
    stages = len(tableau.nodes) - tableau.first_same_as_last
    assert march.evaluations >= stages * int(march.accepted.max())


def test_neighbours_do_not_influence_each_other():
    control = StepControl(1e-5, 1e-5)
    together = AdaptiveMarch(_decay, DORMAND_PRINCE, control, 2.0)
    alone = AdaptiveMarch(_decay, DORMAND_PRINCE, control, 2.0)
    u = torch.full((3, 1, 1), 0.3, dtype=torch.float64)
    assert torch.equal(together.run(u, 0.1)[:1], alone.run(u[:1], 0.1))
    assert together.accepted[0] == alone.accepted[0]
    assert together.rejected[0] == alone.rejected[0]


def test_too_many_attempts():
    march = AdaptiveMarch(lambda u, t: -1e6 * u, BOGACKI_SHAMPINE, StepControl(max_steps=50), 1.0)
    with pytest.raises(FloatingPointError, match=r"needs at most 50 attempts, got step sizes down to .*; the problem is stiff"):
        march.run(torch.ones(1, 1, 1, dtype=torch.float64), 0.0)


@pytest.mark.parametrize("rhs", [lambda u, t: u * math.nan, lambda u, t: u**2], ids=["nan", "blow-up"])
def test_states_that_leave_the_finite(rhs):
    with pytest.raises(FloatingPointError, match="a finite state needs finite slopes"):
        AdaptiveMarch(rhs, DORMAND_PRINCE, StepControl(), 2.0).run(torch.ones(1, 1, 1, dtype=torch.float64), 0.0)
