from __future__ import annotations

import io
import json
import pickle

import pytest
import safetensors.torch
import torch

from neuralpde.grids import Grid
from neuralpde.pretrained import CheckpointError, checkpoint, migrations, read_pretrained, restore, save_pretrained
from neuralpde.rollout import rollout


def forecast(model):
    window = torch.randn(3, 25, 1, 20, generator=torch.Generator().manual_seed(5))
    return rollout(model.bind(Grid((20,), 0.0, 16.0), torch.tensor([[1.0, 0.1]] * 3)), window, 50, 2.4)


def rewrite(folder, change):
    """Change the configuration and give it a matching checksum, as a careful forger or an older version would."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    config["sha256"]["config"] = checkpoint._digest(config)
    path.write_text(json.dumps(config))


def rewrite_weights(folder, change):
    """Change the weights and their checksum."""
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    change(weights)
    data = safetensors.torch.save(weights)
    (folder / "model.safetensors").write_bytes(data)
    rewrite(folder, lambda config: config["sha256"].update(weights=checkpoint.sha256(data)))


class TestRoundTrip:
    def test_predictions_are_bitwise_equal(self, folder, model):
        loaded = read_pretrained(folder).model
        assert not loaded.training
        assert torch.equal(forecast(loaded), forecast(model))

    def test_scales_come_from_the_configuration(self, folder):
        loaded = read_pretrained(folder).model
        assert loaded.coefficient_scale.tolist() == pytest.approx([3.0, 0.4])
        assert (loaded.dt, loaded.time_scale, loaded.graph.reach) == (0.1, 4.0, 2)

    def test_config_and_card_come_back(self, folder, config, card):
        loaded = read_pretrained(folder)
        assert loaded.config["model"] == config["model"] and loaded.config["data"] == config["data"]
        assert (loaded.config["format"], loaded.config["version"]) == ("neuralpde.checkpoint", migrations.VERSION)
        assert loaded.card == card

    def test_folder_holds_three_files(self, folder):
        assert sorted(entry.name for entry in folder.iterdir()) == ["card.json", "config.json", "model.safetensors"]
        assert [entry.name for entry in folder.parent.iterdir()] == ["small"]

    def test_random_state_is_left_alone(self, folder):
        before = torch.get_rng_state()
        read_pretrained(folder)
        assert torch.equal(torch.get_rng_state(), before)

    def test_layout_of_the_json_does_not_matter(self, folder):
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(dict(reversed(config.items()))))
        read_pretrained(folder)


class TestSaving:
    def test_refuses_a_config_of_another_network(self, tmp_path, model, config, card):
        config["model"]["backbone"]["hidden"] = 64
        with pytest.raises(CheckpointError, match=r"config\['model'\]: the model needs .* as float32 \(64, 29\), got float32 \(32, 29\); use"):
            save_pretrained(tmp_path / "a", model, config=config, card=card)

    @pytest.mark.parametrize(("name", "value"), [("dt", 0.2), ("time_scale", 1.0), ("coefficient_scale", [3.0, 0.5])])
    def test_refuses_a_config_with_other_scales(self, tmp_path, model, config, card, name, value):
        config["model"][name] = value
        with pytest.raises(CheckpointError, match=rf"save_pretrained: the model has {name}=.*, got .* in config\['model'\]; give the config"):
            save_pretrained(tmp_path / "a", model, config=config, card=card)
        assert not (tmp_path / "a").exists()

    def test_refuses_objects_in_the_config(self, tmp_path, model, config, card):
        config["data"]["grid"] = Grid((4,))
        with pytest.raises(CheckpointError, match=r"config needs plain JSON types, got an entry that is none \(.*Grid.*\); resolve"):
            save_pretrained(tmp_path / "a", model, config=config, card=card)

    def test_refuses_other_precision_than_it_would_load(self, tmp_path, model, config, card):
        with pytest.raises(CheckpointError, match=r"as float32 .*, got float64"):
            save_pretrained(tmp_path / "a", model.double(), config=config, card=card)

    def test_replaces_an_older_checkpoint(self, folder, model, config, card):
        with torch.no_grad():
            next(model.parameters()).add_(1.0)
        save_pretrained(folder, model, config=config, card=card)
        assert torch.equal(forecast(read_pretrained(folder).model), forecast(model))


class TestRefusals:
    def refuses(self, folder, text):
        with pytest.raises(CheckpointError, match=text) as error:
            read_pretrained(folder)
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "last.ckpt", "model.PKL"])
    def test_pickle_in_the_folder(self, folder, name):
        (folder / name).write_bytes(pickle.dumps({}))
        self.refuses(folder, f"got the pickle '{name}', which is never unpickled; remove it")

    def test_lightning_checkpoint_instead_of_a_folder(self, tmp_path):
        (tmp_path / "last.ckpt").write_bytes(b"x")
        self.refuses(tmp_path / "last.ckpt", "expected model.safetensors, config.json, card.json, got the pickle 'last.ckpt'")

    def test_zip_pickle_in_disguise(self, folder, model):
        torch.save(model.state_dict(), folder / "model.safetensors")
        self.refuses(folder, "model.safetensors: expected safetensors, got a pickle, which is not read because unpickling can run code; save it")

    def test_bare_pickle_in_disguise_is_never_run(self, folder, tmp_path):
        class Bomb:
            def __reduce__(self):
                return (tmp_path / "exploded").touch, ()

        stream = io.BytesIO()
        pickle.dump(Bomb(), stream, protocol=4)
        (folder / "model.safetensors").write_bytes(stream.getvalue())
        rewrite(folder, lambda config: config["sha256"].update(weights=checkpoint.sha256(stream.getvalue())))
        self.refuses(folder, "expected safetensors, got a pickle")
        assert not (tmp_path / "exploded").exists()

    def test_something_else_in_disguise(self, folder):
        (folder / "model.safetensors").write_bytes(b"<html>not found</html>")
        self.refuses(folder, "expected safetensors, got something else")

    @pytest.mark.parametrize("place", [-1, 9, 2000])
    def test_changed_byte_in_the_weights(self, folder, place):
        data = bytearray((folder / "model.safetensors").read_bytes())
        data[place] ^= 1
        (folder / "model.safetensors").write_bytes(data)
        self.refuses(folder, r"model.safetensors: expected the SHA-256 \w{12}… of config.json, got \w{12}…, so bytes have changed; fetch")

    def test_truncated_weights(self, folder):
        data = (folder / "model.safetensors").read_bytes()
        (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
        self.refuses(folder, "so bytes have changed")

    def test_malformed_weights_with_a_matching_checksum(self, folder):
        data = (folder / "model.safetensors").read_bytes()[:-4]
        (folder / "model.safetensors").write_bytes(data)
        rewrite(folder, lambda config: config["sha256"].update(weights=checkpoint.sha256(data)))
        self.refuses(folder, r"model.safetensors: expected safetensors, got a malformed file \(.*\); save it again")

    def test_changed_number_in_the_config(self, folder):
        path = folder / "config.json"
        path.write_text(path.read_text().replace('"dt": 0.1', '"dt": 0.7'))
        self.refuses(folder, "config.json: expected the content that its own checksum belongs to, got another, so it was changed; fetch")

    def test_config_without_checksums(self, folder):
        path = folder / "config.json"
        path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "sha256"}))
        self.refuses(folder, "expected the content that its own checksum belongs to")

    def test_missing_key(self, folder):
        rewrite_weights(folder, lambda weights: weights.pop("backbone.encoder.0.bias"))
        self.refuses(folder, "the model needs the weight 'backbone.encoder.0.bias', got a file without it; use")

    def test_unexpected_key(self, folder):
        rewrite_weights(folder, lambda weights: weights.update(extra=torch.ones(2)))
        self.refuses(folder, "the model has no weight 'extra', got one in the file; use")

    def test_other_shape(self, folder):
        rewrite_weights(folder, lambda weights: weights.update({"backbone.encoder.0.bias": torch.ones(1)}))
        self.refuses(folder, r"the model needs 'backbone.encoder.0.bias' as float32 \(32,\), got float32 \(1,\); use")

    def test_other_precision(self, folder):
        rewrite_weights(folder, lambda weights: weights.update({"backbone.encoder.0.bias": torch.ones(32).double()}))
        self.refuses(folder, r"as float32 \(32,\), got float64 \(32,\)")

    def test_newer_version(self, folder):
        rewrite(folder, lambda config: config.update(version=migrations.VERSION + 1, neuralpde_version="9.0"))
        self.refuses(
            folder, rf"this neuralpde reads versions up to {migrations.VERSION}, got {migrations.VERSION + 1}, written by neuralpde 9.0; update neuralpde"
        )

    @pytest.mark.parametrize("version", [None, 0, "1", True])
    def test_senseless_version(self, folder, version):
        rewrite(folder, lambda config: config.update(version=version))
        self.refuses(folder, f"expected a version from 1 to {migrations.VERSION}, got {version!r}; fetch")

    def test_other_format(self, folder):
        rewrite(folder, lambda config: config.update(format="somebody.else"))
        self.refuses(folder, "expected format 'neuralpde.checkpoint', got 'somebody.else'; name a folder")

    @pytest.mark.parametrize("text", ["", "{", "[1]", "\xff", "[" * 100000])
    def test_config_that_is_no_json_object(self, folder, text):
        (folder / "config.json").write_bytes(text.encode("latin1"))
        self.refuses(folder, "expected JSON, got .*; fetch|expected format 'neuralpde.checkpoint', got None")

    @pytest.mark.parametrize("place", [("model",), ("model", "graph"), ("model", "backbone")])
    def test_foreign_target(self, folder, place):
        def change(config):
            for key in place:
                config = config[key]
            config["_target_"] = "os.system"

        rewrite(folder, change)
        self.refuses(folder, r"config.json: expected a _target_ inside 'neuralpde.', got 'os.system', which is not called; use a checkpoint")

    def test_foreign_object_behind_a_module_of_ours(self, folder):
        rewrite(folder, lambda config: config["model"].update(graph={"_target_": "neuralpde.pretrained.atomic_folder.os.mkdir", "path": "x"}))
        self.refuses(folder, "expected a model that this neuralpde can build, got .*neuralpde.pretrained.atomic_folder.os.mkdir.*; update")

    def test_foreign_target_deep_in_a_list(self):
        with pytest.raises(CheckpointError, match=r"inside 'neuralpde.', got 'builtins.exec'"):
            restore({"model": {"_target_": "neuralpde.models.NeuralStepper", "backbone": [[{"_target_": "builtins.exec"}]]}})

    def test_argument_of_another_version(self, folder):
        rewrite(folder, lambda config: config["model"]["backbone"].update(attention=True))
        self.refuses(folder, "expected a model that this neuralpde can build, got .*attention.*; update neuralpde or train again")

    @pytest.mark.parametrize("tree", [None, {}, {"_target_": "neuralpde.models.Increments"}])
    def test_no_stepper(self, tree):
        with pytest.raises(CheckpointError, match=r"config.json: expected a NeuralStepper under 'model', got"):
            restore({"model": tree})

    @pytest.mark.parametrize("name", ["model.safetensors", "config.json", "card.json"])
    def test_missing_file(self, folder, name):
        (folder / name).unlink()
        self.refuses(folder, "expected a folder with model.safetensors, config.json, card.json, got .*; name a folder")

    def test_no_folder(self, tmp_path):
        self.refuses(tmp_path / "nowhere", "expected a folder with .*, got nothing; name a folder")

    def test_damaged_card(self, folder):
        (folder / "card.json").write_text("{}")
        self.refuses(folder, "card.json: expected a card of neuralpde, got no entry 'name'; fetch")

    def test_nothing_is_loaded_into_the_model_before_all_checks(self, folder, monkeypatch):
        used = []
        monkeypatch.setattr(checkpoint.NeuralStepper, "load_state_dict", lambda self, weights: used.append(weights))
        (folder / "card.json").write_text("{}")
        self.refuses(folder, "expected a card")
        assert not used


def test_older_version_is_migrated(folder, monkeypatch):
    """A synthetic next version, in which ``dt`` was called ``time_step`` before."""
    newest = migrations.VERSION + 1

    def rename(config):
        model = dict(config["model"])
        model["dt"] = model.pop("time_step")
        return {**config, "model": model}

    rewrite(folder, lambda config: config["model"].update(time_step=config["model"].pop("dt")))
    monkeypatch.setattr(migrations, "VERSION", newest)
    monkeypatch.setattr(checkpoint, "migrate", lambda config: migrations.migrate(config, (*migrations.MIGRATIONS, rename)))
    loaded = read_pretrained(folder)
    assert loaded.model.dt == 0.1 and loaded.config["version"] == newest
