"""Who wins, said honestly: network against classical solver at equal error and at equal time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from neuralpde.evaluation.criterion import AccumulatedError, Criterion
from neuralpde.evaluation.result import Method

__all__ = ["verdict"]


def _seconds(method: Method) -> float:
    return math.inf if method.timing is None else method.timing.seconds_per_trajectory


def _times(larger: float, smaller: float) -> str:
    """How many times larger, in at most two digits that mean something."""
    if smaller <= 0 or math.isinf(larger):
        return "infinitely many times"
    ratio = larger / smaller
    return f"{ratio:.2g} times" if ratio < 99.5 else f"{ratio:,.0f} times"


def _equal_error(network: Method, classical: Sequence[Method], by: Criterion) -> str:
    accurate = [m for m in classical if by.loss(m) <= by.loss(network)]
    if not accurate:
        return "at equal error the network wins: no classical run of this sweep is as accurate"
    cheapest = min(accurate, key=_seconds)
    if _seconds(cheapest) < _seconds(network):
        return f"at equal error the classical solver wins: {cheapest.name} is at least as accurate and {_times(_seconds(network), _seconds(cheapest))} faster"
    slower = _times(_seconds(cheapest), _seconds(network))
    if len(accurate) == len(classical):
        return f"at equal error the sweep does not decide: every classical run is more accurate, and the cheapest ({cheapest.name}) {slower} slower"
    return f"at equal error the network wins: it is {slower} faster than the cheapest classical run that is as accurate ({cheapest.name})"


def _equal_time(network: Method, classical: Sequence[Method], by: Criterion) -> str:
    quick = [m for m in classical if _seconds(m) <= _seconds(network)]
    best = min(quick, key=by.loss) if quick else min(classical, key=_seconds)
    if by.loss(best) >= by.loss(network):
        whom = f"the best classical run that is as fast ({best.name})" if quick else f"even the fastest classical run ({best.name})"
        return f"at equal time the network wins: its {by.short} is {_times(by.loss(best), by.loss(network))} {by.better} than that of {whom}"
    gain = f"{_times(by.loss(network), by.loss(best))} {by.better}"
    if quick:
        return f"at equal time the classical solver wins: the {by.short} of {best.name} is {gain}"
    slower = _times(_seconds(best), _seconds(network))
    return f"at equal time the sweep does not decide: no classical run is as fast, the fastest ({best.name}) takes {slower} longer with a {gain} {by.short}"


def verdict(network: Method, classical: Sequence[Method], baselines: Sequence[Method] = (), *, by: Criterion | None = None) -> str:
    """Who wins by a criterion against wall time per trajectory, both measured in this run.

    No interpolation between runs: only what was run counts, so a finer sweep can only help the classical solver, and where no run is
    cheap or accurate enough to compare, the sentence says that the sweep does not decide.

    Args:
        network: scores and timing of the network.
        classical: runs of the classical solver; those that diverged on a trajectory have infinite error and lose.
        baselines: trivial forecasts; a network that does not beat them all has won nothing, and the verdict says only that.
        by: what decides; the accumulated error by default.
    """
    by = by or AccumulatedError()
    if not math.isfinite(network.error):
        return f"The network's rollout is not finite on {network.num_diverged} of {_count(network)} trajectories; whatever stays finite wins."
    beaten_by = [m for m in baselines if by.loss(m) <= by.loss(network)]
    if beaten_by:
        return _worse_than_trivial(network, classical, beaten_by, by)
    margin = _margin(network, baselines, by)
    if not classical:
        return f"{margin}No classical solver was run, so this evaluation does not say whether the network is worth its cost."
    return f"{margin}Measured in this run, {_equal_error(network, classical, by)}; {_equal_time(network, classical, by)}.{_diverged(classical)}"


def _count(method: Method) -> int:
    return method.scores["accumulated_error"].count


def _diverged(classical: Sequence[Method]) -> str:
    """Which runs lost by diverging on some trajectories, since one of many decides."""
    partly = [f"{m.name} on {m.num_diverged} of {_count(m)}" for m in classical if 0 < m.num_diverged < _count(m)]
    return f" Runs that diverged count as lost: {', '.join(partly)} trajectories." if partly else ""


def _worse_than_trivial(network: Method, classical: Sequence[Method], beaten_by: Sequence[Method], by: Criterion) -> str:
    trivial = min(beaten_by, key=by.loss)
    text = (
        f"The network does not beat {_listed([m.name for m in beaten_by])} and is of no use yet: its {by.full} is {by.value(network):.3g}, "
        f"while {trivial.name}, which costs nothing, has {by.value(trivial):.3g}."
    )
    best = min(classical, key=by.loss, default=trivial)
    return f"{text} The classical solver reaches {by.value(best):.3g} ({best.name})." if by.loss(best) < by.loss(trivial) else text


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _margin(network: Method, baselines: Sequence[Method], by: Criterion) -> str:
    if not baselines:
        return ""
    trivial = min(baselines, key=by.loss)
    gain = _times(by.loss(trivial), by.loss(network))
    return f"The network's {by.full}, {by.value(network):.3g}, is {gain} {by.better} than that of the best trivial forecast ({trivial.name}). "
