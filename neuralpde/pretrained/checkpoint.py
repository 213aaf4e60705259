"""A trained network on disk: ``model.safetensors``, ``config.json`` and ``card.json`` in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch

import neuralpde
from neuralpde.constraints import ConstrainedOperator
from neuralpde.data.recipe import from_recipe
from neuralpde.models import NeuralStepper
from neuralpde.pretrained.atomic_folder import replace_folder
from neuralpde.pretrained.card import Card
from neuralpde.pretrained.errors import CheckpointError
from neuralpde.pretrained.migrations import FORMAT, VERSION, check_version, migrate
from neuralpde.pretrained.weights import check_weights, decode_weights, encode_weights, sha256

__all__ = ["CARD", "CONFIG", "FILES", "WEIGHTS", "Pretrained", "read_pretrained", "restore", "save_pretrained"]

WEIGHTS, CONFIG, CARD = FILES = ("model.safetensors", "config.json", "card.json")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")


class Pretrained(NamedTuple):
    """What a checkpoint holds.

    Attributes:
        model: the network, in evaluation mode on the CPU.
        config: content of ``config.json``.
        card: origin and scores.
    """

    model: NeuralStepper | ConstrainedOperator
    config: dict[str, Any]
    card: Card


def save_pretrained(folder: str | Path, model: NeuralStepper | ConstrainedOperator, *, config: Mapping[str, Any], card: Card) -> None:
    """Write a checkpoint, all of it or nothing; an older checkpoint in ``folder`` is replaced.

    Args:
        folder: where to write.
        model: the network, on any device.
        config: plain types only; ``config["model"]`` is the ``_target_`` tree that rebuilds ``model``, other entries (such as ``data``: name,
            fields, conditioned_on, resolution) are kept. Format, version and checksums are added here.
        card: origin and scores.

    Raises:
        CheckpointError: ``config["model"]`` does not describe ``model``, or holds something that JSON cannot.
        FileExistsError: the folder holds other files.
        OSError: the disk is full or not writable.
    """
    weights = encode_weights(model)
    document = {**config, "format": FORMAT, "version": VERSION, "neuralpde_version": neuralpde.__version__}
    try:
        document = json.loads(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"save_pretrained: config needs plain JSON types, got an entry that is none ({error}); resolve and convert it first.") from error
    _check_same(model, restore(document))
    document["sha256"] = {"weights": sha256(weights), "config": _digest(document)}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    replace_folder(Path(folder), {WEIGHTS: weights, CONFIG: text.encode(), CARD: card.to_json().encode()})


def read_pretrained(folder: str | Path) -> Pretrained:
    """Read a checkpoint; nothing is unpickled, and no weight is used before all of it has been checked.

    Raises:
        CheckpointError: files are missing, changed, of another format or version, or do not fit together.
    """
    folder = Path(folder)
    _check_files(folder)
    config = _read_config(folder / CONFIG)
    weights = decode_weights((folder / WEIGHTS).read_bytes(), config["sha256"]["weights"], str(folder / WEIGHTS))
    card = Card.from_json((folder / CARD).read_bytes().decode(errors="replace"), str(folder / CARD))
    model = restore(config, str(folder / CONFIG))
    check_weights(model, weights, str(folder / WEIGHTS))
    model.load_state_dict(weights)
    return Pretrained(model.eval(), config, card)


def restore(config: Mapping[str, Any], source: str = CONFIG) -> NeuralStepper | ConstrainedOperator:
    """The untrained network that ``config["model"]`` describes; torch's random state is left as it was.

    Args:
        config: content of ``config.json``.
        source: name of the file for error messages.

    Raises:
        CheckpointError: a ``_target_`` outside neuralpde, or a tree that builds neither a :class:`~neuralpde.models.NeuralStepper` nor a
            :class:`~neuralpde.constraints.ConstrainedOperator`.
    """
    tree = config.get("model")
    for target in _targets(tree):
        if not str(target).startswith("neuralpde."):
            raise CheckpointError(f"{source}: expected a _target_ inside 'neuralpde.', got {target!r}, which is not called; use a checkpoint that you trust.")
    try:
        with torch.random.fork_rng(devices=[]):
            model = from_recipe(tree)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{source}: expected a model that this neuralpde can build, got the error '{error}'; update neuralpde or train again.") from error
    if not isinstance(model, NeuralStepper | ConstrainedOperator):
        raise CheckpointError(f"{source}: expected a NeuralStepper under 'model', got {type(model).__name__}; save it with save_pretrained.")
    return model


def _targets(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        yield from (tree[key] for key in ("_target_",) if key in tree)
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        for entry in tree:
            yield from _targets(entry)


def _check_files(folder: Path) -> None:
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else [folder.name] if folder.exists() else []
    pickles = [name for name in names if name.lower().endswith(PICKLES)]
    if pickles:
        raise CheckpointError(
            f"{folder}: expected {', '.join(FILES)}, got the pickle {pickles[0]!r}, which is never unpickled; remove it or name another folder."
        )
    for name in FILES:
        if name not in names:
            raise CheckpointError(f"{folder}: expected a folder with {', '.join(FILES)}, got {names or 'nothing'}; name a folder that save_pretrained wrote.")


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: expected JSON, got {error}; fetch the file again.") from error
    config = config if isinstance(config, dict) else {}
    check_version(config, str(path))
    stored = config.get("sha256")
    if not isinstance(stored, dict) or not isinstance(stored.get("weights"), str) or stored.get("config") != _digest(config):
        raise CheckpointError(f"{path}: expected the content that its own checksum belongs to, got another, so it was changed; fetch the file again.")
    return migrate(config)


def _digest(config: Mapping[str, Any]) -> str:
    """Checksum of a configuration without its checksums; independent of layout and order."""
    content = {key: value for key, value in config.items() if key != "sha256"}
    return sha256(json.dumps(content, sort_keys=True).encode())


def _check_same(model: NeuralStepper | ConstrainedOperator, rebuilt: NeuralStepper | ConstrainedOperator) -> None:
    """Refuse to write what would come back as another network."""
    check_weights(rebuilt, model.state_dict(), "save_pretrained: config['model']")
    ours, theirs = _settings(model), _settings(rebuilt)
    for name, value in ours.items():
        if value != theirs[name]:
            raise CheckpointError(
                f"save_pretrained: the model has {name}={value}, got {theirs[name]} in config['model']; give the config that it was built from."
            )


def _settings(model: NeuralStepper | ConstrainedOperator) -> dict[str, Any]:
    """What determines the predictions besides the weights: the scales, and buffers that the state dict leaves out."""
    scales = {name: getattr(model, name) for name in ("channels", "history", "horizon", "dt", "time_scale")}
    stored = model.state_dict().keys()
    return scales | {name: value.tolist() for name, value in model.named_buffers() if name not in stored}
