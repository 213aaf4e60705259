"""Kinds of training: what each builds from a composed config, and what it makes of the result."""

from neuralpde.tasks.base import Task
from neuralpde.tasks.constrained_training import ConstrainedTraining
from neuralpde.tasks.forecasting import Forecasting
from neuralpde.tasks.physics_informed_training import PhysicsInformedTraining
from neuralpde.tasks.physics_summary import PhysicsSummary, summary_table, write_summary

__all__ = ["ConstrainedTraining", "Forecasting", "PhysicsInformedTraining", "PhysicsSummary", "Task", "summary_table", "write_summary"]
