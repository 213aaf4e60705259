from __future__ import annotations

import pytest
import safetensors.torch
import torch
from torch import nn

from neuralpde.pretrained import CheckpointError
from neuralpde.pretrained.weights import check_weights, decode_weights, encode_weights, sha256


def test_round_trip_keeps_every_bit_and_precision():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).double()
    data = encode_weights(model)
    weights = decode_weights(data, sha256(data), "file")
    assert weights.keys() == model.state_dict().keys()
    assert all(torch.equal(weights[name], value) and weights[name].dtype == value.dtype for name, value in model.state_dict().items())


def test_encoding_is_reproducible():
    model = nn.Linear(3, 4)
    assert encode_weights(model) == encode_weights(model)


def test_transposed_weights_are_stored_by_value():
    model = nn.Linear(3, 4)
    model.weight = nn.Parameter(torch.arange(12.0).reshape(3, 4).T)
    assert torch.equal(safetensors.torch.load(encode_weights(model))["weight"], model.weight)


def test_sha256_of_a_known_text():
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_equal_weights_pass():
    check_weights(nn.Linear(3, 4), nn.Linear(3, 4).state_dict(), "file")


def test_other_shape_is_named():
    with pytest.raises(CheckpointError, match=r"^file: the model needs 'bias' as float32 \(4,\), got float32 \(5,\); use"):
        check_weights(nn.Linear(3, 4), {"weight": torch.zeros(4, 3), "bias": torch.zeros(5)}, "file")
