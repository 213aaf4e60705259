"""The frame of a command line program: composed by Hydra, failing with one sentence."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, cast

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import InstantiationException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from neuralpde.runs import run_folder

__all__ = ["entry_point", "plain_config", "sentence"]

EXPECTED = (ValueError, OSError, FloatingPointError, ImportError, InstantiationException, OmegaConfBaseException)
"""What a user can cause: wrong values, files and disks, a diverging run, a missing optional package, a wrong configuration."""


def entry_point(config_path: str, config_name: str) -> Callable[[Callable[[DictConfig], Any]], Callable[[], None]]:
    """Decorator of a ``main(config)``: Hydra composes the config, an expected error ends in one sentence and exit code 1.

    The sentence goes to stderr without a traceback; ``debug=true`` (if the config has it) or ``HYDRA_FULL_ERROR=1`` shows the traceback.
    In a sweep the error is left to Hydra, so that the other jobs still run; the exit code is 1 there too. Configs may use
    ``${run_folder:<root>,${ckpt_path}}``, see :func:`neuralpde.runs.run_folder`.

    Args:
        config_path: folder of the configs, relative to the file of the decorated function.
        config_name: the primary config, without suffix.
    """

    def decorate(task: Callable[[DictConfig], Any]) -> Callable[[], None]:
        @functools.wraps(task)
        def guarded(config: DictConfig) -> Any:
            try:
                return task(config)
            except EXPECTED as error:
                if _wants_traceback(config) or HydraConfig.get().mode is RunMode.MULTIRUN:
                    raise
                sys.stderr.write(sentence(error) + "\n")
                raise SystemExit(1) from None

        OmegaConf.register_new_resolver("run_folder", run_folder, use_cache=True, replace=True)
        return hydra.main(version_base="1.3", config_path=config_path, config_name=config_name)(guarded)

    return decorate


def sentence(error: BaseException) -> str:
    """What ``error`` says, on one line; an error inside an object that a config builds speaks for itself."""
    cause = error
    while isinstance(cause, InstantiationException) and cause.__cause__ is not None:
        cause = cause.__cause__
    text = " ".join(str(cause).split()) or type(cause).__name__
    if not isinstance(cause, EXPECTED):  # a constructor that failed in a way it does not explain
        text = f"{type(cause).__name__}: {text} (debug=true shows where)"
    place = _full_key(error)
    return f"Error: {text}" if cause is error or not place else f"Error in config '{place}': {text}"


def plain_config(config: DictConfig) -> dict[str, Any]:
    """``config`` in dicts, lists and plain values, every interpolation resolved."""
    return cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))


def _full_key(error: BaseException) -> str:
    """The config key that Hydra names in the last line of an instantiation error."""
    last = str(error).rsplit("full_key: ", 1)
    return last[1].strip() if len(last) == 2 else ""


def _wants_traceback(config: DictConfig) -> bool:
    return bool(OmegaConf.select(config, "debug", default=False)) or bool(os.environ.get("HYDRA_FULL_ERROR"))
