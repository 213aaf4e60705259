import torch

from neuralpde.metrics import energy_drift, mass_drift

START = torch.tensor([3.0, -3.0, 3.0, -3.0], dtype=torch.float64).reshape(1, 1, 1, 4)


def test_mass_drift_is_relative_to_the_rms_of_the_start():
    trajectory = torch.cat([START, START + 0.6, START - 0.3], dim=1)
    torch.testing.assert_close(mass_drift(trajectory, START)[0], torch.tensor([0.0, 0.2, 0.1], dtype=torch.float64))


def test_energy_drift_keeps_its_sign():
    trajectory = torch.cat([START, 0.5 * START, 2 * START], dim=1)
    torch.testing.assert_close(energy_drift(trajectory, START)[0], torch.tensor([0.0, -0.75, 3.0], dtype=torch.float64))


def test_weights_make_a_shift_of_a_weighted_mean_zero():
    weights = torch.tensor([1.0, 1.0, 3.0, 3.0], dtype=torch.float64)
    change = torch.tensor([3.0, 3.0, -1.0, -1.0], dtype=torch.float64)
    assert mass_drift(START + change, START, weights=weights).item() == 0.0
    assert mass_drift(START + change, START).item() > 0.1
