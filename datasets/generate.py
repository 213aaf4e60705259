"""Make data sets, and look into them.

python datasets/generate.py data=e1                 all splits of conf/data/e1.yaml; continues where an earlier run stopped
python datasets/generate.py data=e1 shard=3/16      one part, for array jobs; whoever finishes last merges the parts
python datasets/generate.py inspect FILE ...        what files hold and whether they are sound (exit code 1 if not)
"""

from __future__ import annotations

import sys

from hydra.utils import instantiate
from omegaconf import DictConfig
from rich.console import Console

from neuralpde.data import Shard, TrajectoryDataModule, inspect_file
from neuralpde.entry import entry_point


@entry_point("../conf", "generate")
def main(config: DictConfig) -> None:
    """Generate the splits of one data config."""
    data: TrajectoryDataModule = instantiate(config.data)
    shard = Shard.parse(str(config.shard)) if config.shard else None
    for split in config.splits or data.sizes:
        path = data.generate(split, shard=shard, workers=config.workers)
        Console().print(f"[green]done[/green] {path}", highlight=False, soft_wrap=True)


def inspect(paths: list[str]) -> int:
    """Print what files hold; returns the exit code."""
    if not paths:
        Console(stderr=True).print("Error: inspect: expected the path of at least one file, got none; name a file.", highlight=False)
        return 2
    inspections = [inspect_file(path) for path in paths]
    for inspection in inspections:
        Console().print(inspection.table())
    return 0 if all(inspection.sound for inspection in inspections) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["inspect"]:
        sys.exit(inspect(sys.argv[2:]))
    main()
