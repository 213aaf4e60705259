"""Steps and samples per second, with a clock that we wind."""

import pytest
from tiny_forecast import TravellingSines, tiny_module, tiny_trainer

from neuralpde.modules import MetricsFile, Throughput


def test_rates_leave_the_validation_out(tmp_path):
    now = iter(range(10**6))  # every look at the clock is a second later
    trainer = tiny_trainer(tmp_path, max_epochs=2, callbacks=[Throughput(window=2, clock=lambda: float(next(now)))], logger=MetricsFile(str(tmp_path)))
    trainer.fit(tiny_module(), TravellingSines())
    rows = (tmp_path / "metrics.csv").read_text().splitlines()
    columns = rows[0].split(",")
    steps = [row.split(",")[columns.index("train/steps_per_second")] for row in rows[1:]]
    samples = [row.split(",")[columns.index("train/samples_per_second")] for row in rows[1:]]
    assert {float(s) for s in steps if s} == {1.0} and {float(s) for s in samples if s} == {4.0}


def test_window_is_checked():
    with pytest.raises(ValueError, match="Throughput: window needs at least 1 step, got 0"):
        Throughput(0)
