"""Combinations that are refused."""

import pytest
from torch import nn

from neuralpde.models import FNO
from neuralpde.modules import refuse_half_precision_fft, refuse_sweep_of_ddp


def test_half_precision_fft_on_a_cpu():
    model = nn.Sequential(FNO(1, 1, ndim=1, num_coefficients=0, num_modes=2, width=4))
    with pytest.raises(ValueError, match=r"needs float32 or float64 on a CPU, got 'bf16-mixed'; set trainer.precision=32-true"):
        refuse_half_precision_fft(model, precision="bf16-mixed", accelerator="cpu")
    refuse_half_precision_fft(model, precision="32-true", accelerator="cpu")
    refuse_half_precision_fft(model, precision="bf16-mixed", accelerator="cuda")
    refuse_half_precision_fft(nn.Linear(1, 1), precision="bf16-mixed", accelerator="cpu")


@pytest.mark.parametrize(("strategy", "sweep", "refused"), [("ddp", True, True), ("ddp", False, False), ("ddp_spawn", True, False), ("auto", True, False)])
def test_sweep_of_ddp(strategy, sweep, refused):
    if not refused:
        refuse_sweep_of_ddp(strategy, sweep=sweep)
        return
    with pytest.raises(ValueError, match="got 'ddp'; use ddp_spawn"):
        refuse_sweep_of_ddp(strategy, sweep=sweep)
