"""Which remarks are silenced."""

import logging
import warnings

import pytest

from neuralpde.modules import quiet_lightning


@pytest.fixture(autouse=True)
def _restore():
    levels = {name: logging.getLogger(name).level for name in ("lightning.pytorch", "lightning.fabric")}
    with warnings.catch_warnings():
        yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_habitual_remarks_go_and_other_warnings_stay():
    warnings.simplefilter("error")
    quiet_lightning()
    warnings.warn("Checkpoint directory /x exists and is not empty.", stacklevel=1)
    with pytest.raises(UserWarning, match="something new"):
        warnings.warn("something new", stacklevel=1)
    assert not logging.getLogger("lightning.pytorch.utilities.rank_zero").isEnabledFor(logging.INFO)
    assert logging.getLogger("lightning.pytorch").isEnabledFor(logging.WARNING)
