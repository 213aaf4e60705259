"""Boundary value problems with known solutions: equation, domain, data and the points at which a network is scored."""

from neuralpde.problems.base import BoundaryValue, Condition, Problem, Solution
from neuralpde.problems.clamped_plate import ClampedAnnulus
from neuralpde.problems.domains import Annulus, Ball, Box, Domain
from neuralpde.problems.elliptic import EllipticBall
from neuralpde.problems.embeddings import Embedding, PeriodicEmbedding
from neuralpde.problems.envelopes import AnnulusEnvelope, BallEnvelope, BoxEnvelope, Envelope, ProductEnvelope, TimeEnvelope
from neuralpde.problems.evaluation_points import EvaluationPoints
from neuralpde.problems.initial_boundary import InitialBoundaryProblem, InitialValue, KnownOnWalls
from neuralpde.problems.interactions import Interaction, ThreeBody, TwoBody
from neuralpde.problems.manufactured import BoxProblem, ExactSolution, Peaks, SineProduct
from neuralpde.problems.parabolic import ArctanOfMaximum, BrownianCone, InverseQuadratic, TerminalFunction, TerminalValue, TerminalValueProblem
from neuralpde.problems.steepening_sine import SteepeningSine
from neuralpde.problems.taylor_green import TaylorGreen
from neuralpde.problems.travelling_sine import TravellingSine

__all__ = [
    "Annulus",
    "AnnulusEnvelope",
    "ArctanOfMaximum",
    "Ball",
    "BallEnvelope",
    "BoundaryValue",
    "Box",
    "BoxEnvelope",
    "BoxProblem",
    "BrownianCone",
    "ClampedAnnulus",
    "Condition",
    "Domain",
    "EllipticBall",
    "Embedding",
    "Envelope",
    "EvaluationPoints",
    "ExactSolution",
    "InitialBoundaryProblem",
    "InitialValue",
    "Interaction",
    "InverseQuadratic",
    "KnownOnWalls",
    "Peaks",
    "PeriodicEmbedding",
    "Problem",
    "ProductEnvelope",
    "SineProduct",
    "Solution",
    "SteepeningSine",
    "TaylorGreen",
    "TerminalFunction",
    "TerminalValue",
    "TerminalValueProblem",
    "ThreeBody",
    "TimeEnvelope",
    "TravellingSine",
    "TwoBody",
]
