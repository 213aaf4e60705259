"""Weights as safetensors: bytes in and out, checked before use."""

from __future__ import annotations

import hashlib

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from neuralpde.pretrained.errors import CheckpointError

__all__ = ["check_weights", "decode_weights", "encode_weights", "sha256"]


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def encode_weights(model: nn.Module) -> bytes:
    """Content of ``model.safetensors``: every entry of the state dict, in its own precision."""
    return safetensors.torch.save({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()})


def decode_weights(data: bytes, digest: str, source: str) -> dict[str, Tensor]:
    """Tensors of a safetensors file, which is never unpickled.

    Args:
        data: content of the file.
        digest: SHA-256 that it must have.
        source: name of the file for error messages.

    Raises:
        CheckpointError: a pickle in disguise, other bytes than were saved, or a malformed file.
    """
    # A safetensors file is eight bytes of header length and then JSON; torch.save writes a zip or a bare pickle.
    if data[8:9] != b"{":
        found = "a pickle" if data[:2] == b"PK" or data[:1] == b"\x80" else "something else"
        raise CheckpointError(f"{source}: expected safetensors, got {found}, which is not read because unpickling can run code; save it with save_pretrained.")
    if sha256(data) != digest:
        raise CheckpointError(
            f"{source}: expected the SHA-256 {digest[:12]}… of config.json, got {sha256(data)[:12]}…, so bytes have changed; fetch the file again."
        )
    try:
        return safetensors.torch.load(data)
    except SafetensorError as error:
        raise CheckpointError(f"{source}: expected safetensors, got a malformed file ({error}); save it again with save_pretrained.") from error


def check_weights(model: nn.Module, weights: dict[str, Tensor], source: str) -> None:
    """Refuse weights that are not exactly those of ``model``: names, shapes and precisions.

    Raises:
        CheckpointError: the first difference.
    """
    expected = model.state_dict()
    for name in sorted(expected.keys() - weights.keys()):
        raise CheckpointError(f"{source}: the model needs the weight {name!r}, got a file without it; use the config.json and model.safetensors of one save.")
    for name in sorted(weights.keys() - expected.keys()):
        raise CheckpointError(f"{source}: the model has no weight {name!r}, got one in the file; use the config.json and model.safetensors of one save.")
    for name, value in expected.items():
        ours, theirs = _describe(value), _describe(weights[name])
        if ours != theirs:
            raise CheckpointError(f"{source}: the model needs {name!r} as {ours}, got {theirs}; use the config.json and model.safetensors of one save.")


def _describe(value: Tensor) -> str:
    return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
