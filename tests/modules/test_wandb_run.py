"""Weights & Biases without an account."""

from neuralpde.modules import WandbRun


def test_offline_run_is_closed_so_that_the_next_is_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_SILENT", "true")
    identities = []
    for job in range(2):
        logger = WandbRun(str(tmp_path), name=f"job {job}")
        logger.log_metrics({"loss": 1.0}, step=0)
        assert logger.experiment.settings.mode == "offline"
        identities.append(logger.experiment.id)
        logger.finalize("success")
    assert identities[0] != identities[1]
    assert len(list((tmp_path / "wandb").glob("offline-run-*"))) == 2
