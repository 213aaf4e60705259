"""Lightning wiring: the training module, its callbacks, logger and checkpoint files. No mathematics lives here."""

from neuralpde.modules.best_weights import checkpoint_file, load_best
from neuralpde.modules.checkpoint_io import AtomicCheckpointIO
from neuralpde.modules.ema import ExponentialMovingAverage
from neuralpde.modules.forecast import ROLLOUT_METRIC, Forecast
from neuralpde.modules.metrics_file import MetricsFile
from neuralpde.modules.muon import MuonAdamW
from neuralpde.modules.nan_guard import NanGuard
from neuralpde.modules.preflight import refuse_half_precision_fft, refuse_sweep_of_ddp
from neuralpde.modules.quiet import quiet_lightning
from neuralpde.modules.recipe import run_recipe, stepper_recipe
from neuralpde.modules.run_card import effort, run_card
from neuralpde.modules.schedules import milestones, warmup_cosine
from neuralpde.modules.throughput import Throughput
from neuralpde.modules.wandb_run import WandbRun

__all__ = [
    "ROLLOUT_METRIC",
    "AtomicCheckpointIO",
    "ExponentialMovingAverage",
    "Forecast",
    "MetricsFile",
    "MuonAdamW",
    "NanGuard",
    "Throughput",
    "WandbRun",
    "checkpoint_file",
    "effort",
    "load_best",
    "milestones",
    "quiet_lightning",
    "refuse_half_precision_fft",
    "refuse_sweep_of_ddp",
    "run_card",
    "run_recipe",
    "stepper_recipe",
    "warmup_cosine",
]
