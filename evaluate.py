"""Score a trained network: ``python evaluate.py checkpoint=<card, folder or hub id>`` with overrides as in ``conf/evaluate.yaml``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from neuralpde.data import TrajectoryDataModule, from_recipe
from neuralpde.entry import entry_point
from neuralpde.pretrained import load_pretrained


def evaluation_data(own: Mapping[str, Any], config: DictConfig) -> TrajectoryDataModule:
    """The data to score on, seen with the fields and coefficients that the network was trained with.

    Args:
        own: the data recipe in the checkpoint; used unless ``config`` names other data. It comes out of a file, so only classes of this
            package are built from it.
        config: ``data`` of the command line: complete, or single settings to change.
    """
    seen = {key: own[key] for key in ("fields", "conditioned_on") if key in own}
    if "_target_" in config:
        return instantiate(config, **seen, _convert_="all")
    changes = {str(key): OmegaConf.to_container(value) if OmegaConf.is_config(value) else value for key, value in config.items() if value is not None}
    return from_recipe(_without_convert({**own, **changes}))


def _without_convert(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: _without_convert(value) for key, value in tree.items() if key != "_convert_"}
    return [_without_convert(value) for value in tree] if isinstance(tree, list) else tree


@entry_point("conf", "evaluate")
def main(config: DictConfig) -> None:
    """Network, data, scores, report."""
    folder = Path(config.out or HydraConfig.get().runtime.output_dir)
    model, checkpoint, card = load_pretrained(config.checkpoint)
    data = evaluation_data(checkpoint.get("data", {}), config.data)
    study = instantiate(config.evaluation, _convert_="all")
    result = study(model.to(config.device), data, config.split, name=card.name)
    page, text = study.report(result, folder)
    console = Console()
    console.print(text)
    console.print(f"report: {page}", soft_wrap=True)


if __name__ == "__main__":
    main()
