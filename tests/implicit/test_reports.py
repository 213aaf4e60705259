"""Reports of failed solves."""

from __future__ import annotations

import pytest
import torch

from neuralpde.implicit.reports import ConvergenceError, ConvergenceWarning, report_failure


def test_the_worst_of_the_failed_is_named():
    converged, residual = torch.tensor([True, False, False]), torch.tensor([5.0, 0.5, float("nan")])
    with pytest.warns(ConvergenceWarning, match=r"LU: expected a residual of at most 1\.0e-03, got inf for 2 of 3 systems; do this\."):
        report_failure("LU", converged, residual, 1e-3, "do this", "warn")
    with pytest.raises(ConvergenceError, match=r"got 5\.0e-01 for 1 of 2"):
        report_failure("LU", converged[:2], residual[:2], 1e-3, "do this", "raise")
    report_failure("LU", converged, residual, 1e-3, "do this", "ignore")
    report_failure("LU", torch.tensor([True]), residual, 1e-3, "do this", "raise")
