from __future__ import annotations

import huggingface_hub
import pytest

from neuralpde.pretrained import CheckpointError
from neuralpde.pretrained.hub import download


def test_asks_for_the_three_files_only(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda repository, **options: asked.update(options, repository=repository) or str(tmp_path))
    assert download("somebody/solver", "v2") == tmp_path
    assert asked == {"repository": "somebody/solver", "revision": "v2", "allow_patterns": ["model.safetensors", "config.json", "card.json"]}


def test_no_connection_is_one_sentence(monkeypatch):
    def offline(repository, **options):
        raise ConnectionError("Max retries\n exceeded")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(
        CheckpointError,
        match=r"^hf://somebody/solver: expected to fetch revision 'main', got ConnectionError \(Max retries exceeded\); check the name and the connection",
    ):
        download("somebody/solver")


def test_the_hub_client_itself_offline(monkeypatch, tmp_path):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match=r"^hf://somebody/solver: expected to fetch revision 'main', got "):
        download("somebody/solver")
