import pytest
import torch
from noisy_forecasts import DT, Drifting, Shifting, waves

from neuralpde.evaluation import Task, first_predictions, one_step_spectra
from neuralpde.grids import Grid
from neuralpde.models import FNO, Difference, RefinedStepper, Refining

RATES = torch.tensor([0.1, 0.2, 0.4])


def task(model, **options):
    return Task.build(model, waves(RATES), start=1, num_frames=None, batch_size=2, **options)


def test_amplitudes_of_every_pass():
    """A unit cosine on 16 points has the amplitude 8 in shell 1; pass p is off by a factor of 1 + 10⁻ᵖ."""
    found = one_step_spectra(task(Drifting()))
    assert found.reference[1] == pytest.approx(8.0)
    assert [amplitude[1] for amplitude in found.passes] == pytest.approx([8.8, 8.08, 8.008])
    assert [amplitude[1] for amplitude in found.errors] == pytest.approx([0.8, 0.08, 0.008], rel=1e-3)
    assert [amplitude[3] for amplitude in found.errors] == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)


def test_other_models_have_one_pass():
    """Turned by an angle a, the error of a unit cosine is 2 sin(a/2)."""
    found = one_step_spectra(task(Shifting()))
    assert len(found.passes) == len(found.errors) == 1
    assert found.errors[0][1] == pytest.approx((16 * torch.sin(RATES / 2)).mean().item(), rel=1e-4)


def test_passes_of_the_refined_stepper_end_in_its_step():
    torch.manual_seed(0)
    backbone = FNO(in_channels=2, out_channels=1, ndim=1, num_coefficients=1, width=8, num_layers=1, num_modes=4, level=True)
    model = RefinedStepper(
        backbone, denoising=Refining(2), channels=1, history=1, horizon=1, dt=DT, time_scale=1.0, coefficient_scale=(1.0,), output=Difference(0.3)
    )
    found = task(model.eval())
    passes = first_predictions(found, slice(0, 3))
    assert len(passes) == 3
    window, conditions = found.given(slice(0, 3)), model.conditions(torch.zeros(3), found.coefficients(slice(0, 3)), found.data.domain)
    with torch.no_grad():
        torch.testing.assert_close(passes[-1], model(window, conditions, torch.Generator().manual_seed(0)))


def test_nothing_on_bounded_grids():
    bounded = waves(RATES)
    object.__setattr__(bounded, "domain", Grid((16,), periodic=False))
    assert one_step_spectra(Task.build(Shifting(), bounded, start=1, num_frames=None, batch_size=2)) is None
