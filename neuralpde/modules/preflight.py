"""Combinations of options that cannot work, refused before anything is computed."""

from __future__ import annotations

from torch import nn

from neuralpde.models.layers.spectral_convolution import SpectralConvolution

__all__ = ["refuse_half_precision_fft", "refuse_sweep_of_ddp"]


def refuse_half_precision_fft(model: nn.Module, *, precision: str | int, accelerator: str) -> None:
    """Raise if a model with Fourier transforms is to be trained on a CPU in less than single precision.

    Args:
        model: the network.
        precision: the trainer's option, such as ``'bf16-mixed'``.
        accelerator: ``'cpu'`` or a kind of accelerator.

    Raises:
        ValueError: on a CPU an FFT takes float32 or float64 only.
    """
    spectral = any(isinstance(module, SpectralConvolution) for module in model.modules())
    if spectral and accelerator == "cpu" and "16" in str(precision):
        raise ValueError(
            f"trainer.precision: a model with Fourier transforms needs float32 or float64 on a CPU, got {precision!r}; set trainer.precision=32-true."
        )


def refuse_sweep_of_ddp(strategy: str, *, sweep: bool) -> None:
    """Raise if every job of a sweep were to start its own processes by running the command again: each of them would start the whole sweep.

    Args:
        strategy: the trainer's option.
        sweep: the command is a sweep (``--multirun``).

    Raises:
        ValueError: ``strategy=ddp`` in a sweep.
    """
    if sweep and str(strategy).startswith(("ddp", "fsdp", "deepspeed")) and not str(strategy).endswith(("_spawn", "_fork", "_notebook")):
        raise ValueError(
            f"trainer.strategy: a sweep needs a strategy that starts no commands of its own, got {strategy!r}; use ddp_spawn, or run the jobs one by one."
        )
