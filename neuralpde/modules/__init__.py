"""Lightning wiring: the training module, its callbacks, logger and checkpoint files. No mathematics lives here."""

from neuralpde.modules.best_weights import checkpoint_file, load_best
from neuralpde.modules.checkpoint_io import AtomicCheckpointIO
from neuralpde.modules.collocation_steps import CollocationSteps
from neuralpde.modules.conditioning_report import ConditioningReport, spectrum_figure
from neuralpde.modules.ema import ExponentialMovingAverage
from neuralpde.modules.forecast import ROLLOUT_METRIC, Forecast
from neuralpde.modules.frozen_part import FrozenPart
from neuralpde.modules.metrics_file import MetricsFile
from neuralpde.modules.muon import MuonAdamW
from neuralpde.modules.nan_guard import NanGuard
from neuralpde.modules.newton_cg import NewtonCG
from neuralpde.modules.operator_recipe import operator_recipe
from neuralpde.modules.operator_training import OperatorTraining
from neuralpde.modules.physics_informed import PhysicsInformed, TrainingPoints
from neuralpde.modules.preflight import refuse_half_precision_fft, refuse_sweep_of_ddp
from neuralpde.modules.quiet import quiet_lightning
from neuralpde.modules.recipe import check_recipe, run_recipe, stepper_recipe
from neuralpde.modules.run_card import effort, run_card
from neuralpde.modules.schedules import linear_decay, milestones, warmup_cosine
from neuralpde.modules.soap import SOAP
from neuralpde.modules.stages import Stage, Stages
from neuralpde.modules.throughput import Throughput
from neuralpde.modules.wandb_run import WandbRun

__all__ = [
    "ROLLOUT_METRIC",
    "SOAP",
    "AtomicCheckpointIO",
    "CollocationSteps",
    "ConditioningReport",
    "ExponentialMovingAverage",
    "Forecast",
    "FrozenPart",
    "MetricsFile",
    "MuonAdamW",
    "NanGuard",
    "NewtonCG",
    "OperatorTraining",
    "PhysicsInformed",
    "Stage",
    "Stages",
    "Throughput",
    "TrainingPoints",
    "WandbRun",
    "check_recipe",
    "checkpoint_file",
    "effort",
    "linear_decay",
    "load_best",
    "milestones",
    "operator_recipe",
    "quiet_lightning",
    "refuse_half_precision_fft",
    "refuse_sweep_of_ddp",
    "run_card",
    "run_recipe",
    "spectrum_figure",
    "stepper_recipe",
    "warmup_cosine",
]
