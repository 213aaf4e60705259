"""Lightning's habitual remarks, silenced where a program is run."""

from __future__ import annotations

import logging
import warnings

__all__ = ["quiet_lightning"]

REMARKS = (
    ".*LeafSpec.*",  # between two of its dependencies
    ".*exists and is not empty.*",  # a resumed run goes on in its own folder
    ".*does not have many workers.*",  # the data lie in memory
    ".*is smaller than the logging interval.*",  # short epochs
)


def quiet_lightning() -> None:
    """Drop remarks that stand in every run and that no user can act on; warnings and errors of any other kind stay.

    Limits: changes filters and log levels of the whole process, so it belongs into programs, not into libraries.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for remark in REMARKS:
        warnings.filterwarnings("ignore", message=remark)
