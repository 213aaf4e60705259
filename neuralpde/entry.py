"""The frame of a command line program: composed by Hydra, failing with one sentence."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
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
                sys.stderr.write(sentence(error, config) + "\n")
                raise SystemExit(1) from None

        OmegaConf.register_new_resolver("run_folder", run_folder, use_cache=True, replace=True)
        return hydra.main(version_base="1.3", config_path=config_path, config_name=config_name)(guarded)

    return decorate


def sentence(error: BaseException, config: DictConfig | None = None) -> str:
    """What ``error`` says, on one line; an error inside an object that a config builds speaks for itself.

    Args:
        error: what was raised.
        config: the composed config, to say where the user may change what failed.
    """
    cause = error
    while isinstance(cause, InstantiationException) and cause.__cause__ is not None:
        cause = cause.__cause__
    text = " ".join(str(cause).split()) or type(cause).__name__
    if not isinstance(cause, EXPECTED):  # a constructor that failed in a way it does not explain
        text = f"{type(cause).__name__}: {text} (debug=true shows where)"
    place = _user_key(error, config)
    return f"Error: {text}" if cause is error or not place else f"Error in config '{place}': {text}"


def plain_config(config: DictConfig) -> dict[str, Any]:
    """``config`` in dicts, lists and plain values, every interpolation resolved."""
    return cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))


def _user_key(error: BaseException, config: DictConfig | None) -> str:
    """Where the object that failed stands in ``config``.

    Hydra names its key in what was instantiated. Where that was put together from parts of the config (``model`` becomes ``backbone`` of the
    stepper), the part that has the same target is meant; Hydra's key stays if there is none, or several.
    """
    key = _after(str(error), "full_key: ").strip()
    if config is None or not key or OmegaConf.select(config, key, default=None) is not None:
        return key
    target = _after(str(error), "target '").split("'")[0]
    found = [place for place, named in _targets(OmegaConf.to_container(config)) if named.rsplit(".", 1)[-1] == target.rsplit(".", 1)[-1]]
    return found[0] if len(found) == 1 else key


def _after(text: str, mark: str) -> str:
    """What follows the last ``mark``, nothing if it is not there."""
    return text.rsplit(mark, 1)[1] if mark in text else ""


def _targets(tree: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Key and ``_target_`` of every object in a config."""
    if isinstance(tree, dict):
        if isinstance(tree.get("_target_"), str):
            yield place, tree["_target_"]
        for key, entry in tree.items():
            yield from _targets(entry, f"{place}.{key}" if place else str(key))


def _wants_traceback(config: DictConfig) -> bool:
    return bool(OmegaConf.select(config, "debug", default=False)) or bool(os.environ.get("HYDRA_FULL_ERROR"))
