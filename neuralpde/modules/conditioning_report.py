"""A training's condition, logged as it goes and drawn at its end."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import cast

from lightning.pytorch import Callback, LightningModule, Trainer
from matplotlib.figure import Figure

from neuralpde.evaluation.figures.canvas import canvas, png, tidy
from neuralpde.losses.physics.conditioning import Spectrum, loss_jacobian
from neuralpde.losses.physics.differentiation import Differentiation
from neuralpde.modules.physics_informed import PhysicsInformed

__all__ = ["ConditioningReport", "spectrum_figure"]


class ConditioningReport(Callback):
    """Logs λ₁/λ_k of the linearised loss for several k, as it is and rescaled, and draws the spectra at the start and at the end into ``conditioning.png``.

    Rescaled means parameters θ = P θ̂ with the diagonal P that makes all of them matter alike: what is gained by scaling single parameters alone. For the
    effect of boundary conditions that are built in, run twice, with ``problem.constrained`` true and false.

    Args:
        folder: where the figure goes.
        differentiation: how the residual is differentiated for the report; exact.
        leading: the k; logged as ``condition/<k>`` and ``condition_rescaled/<k>``.
        num_points: see :func:`~neuralpde.losses.physics.conditioning.loss_jacobian`.
        every: epochs between two reports.

    Limits: works on a copy in float64, with one backward pass per point; for small networks and few coordinates.
    """

    def __init__(
        self, folder: str, differentiation: Differentiation, *, leading: tuple[int, ...] = (10, 30, 100), num_points: int = 128, every: int = 1
    ) -> None:
        self.folder, self.differentiation = Path(folder), differentiation
        self.leading, self.num_points, self.every = tuple(leading), num_points, every
        self.spectra: dict[str, Spectrum] = {}
        self._latest: dict[str, Spectrum] = {}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Spectrum of the weights that the training starts from."""
        self.spectra |= self._labelled(trainer, *self._measure(pl_module))

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Log the condition numbers."""
        if (trainer.current_epoch + 1) % self.every:
            return
        plain, rescaled = self._measure(pl_module)
        pl_module.log_dict({f"condition/{k}": plain.condition(k) for k in self.leading})
        pl_module.log_dict({f"condition_rescaled/{k}": rescaled.condition(k) for k in self.leading})
        self._latest = self._labelled(trainer, plain, rescaled)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the figure."""
        self.spectra |= self._latest
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "conditioning.png").write_bytes(png(spectrum_figure(self.spectra)))

    def _measure(self, pl_module: LightningModule) -> tuple[Spectrum, Spectrum]:
        module = cast("PhysicsInformed", pl_module)
        problem, network = copy.deepcopy(module.problem).double(), copy.deepcopy(module.network).double()
        rows = loss_jacobian(problem, network, self.differentiation, num_points=self.num_points)
        return Spectrum.of(rows), Spectrum.of_rescaled(rows)

    def _labelled(self, trainer: Trainer, plain: Spectrum, rescaled: Spectrum) -> dict[str, Spectrum]:
        return {f"step {trainer.global_step}": plain, f"step {trainer.global_step}, rescaled": rescaled}


def spectrum_figure(spectra: dict[str, Spectrum]) -> Figure:
    """λ_k/λ₁ against k, logarithmic, one line per spectrum.

    Args:
        spectra: by label.
    """
    with canvas(6.4, 4.3) as figure:
        axes = figure.subplots()
        for label, spectrum in spectra.items():
            values = spectrum.eigenvalues / spectrum.eigenvalues[0]
            axes.semilogy(range(1, len(values) + 1), values.clamp(min=1e-18).tolist(), label=label)
        axes.legend()
        tidy(axes, title="Linearised loss: gradient descent needs λ₁/λₖ steps for direction k", xlabel="k", ylabel="λₖ / λ₁")
        return figure
