"""Accumulated error of a card on equations, resolutions and point sets that it was not trained on, as a Markdown table.

python benchmarks/held_out.py mp_pde_e3 --data e3,e3_burgers,e3_viscous_burgers,e3_heat,e3_kdv --resolutions 40,50,100,200
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from neuralpde import load_pretrained
from neuralpde.data import TrajectoryDataModule
from neuralpde.evaluation import ClassicalRun, Coarser, Evaluation, Result

CONF = Path(__file__).parent.parent / "conf"


class SameGrid(Coarser):
    """The classical solver on the grid of the network only."""

    def runs(self, data) -> tuple[ClassicalRun, ...]:
        return tuple(run for run in super().runs(data) if run.shape == self.resolutions[0] and run.substeps is None)


def data_module(name: str, resolution: int, keep_points: float | None, conditioned_on: list[str]) -> TrajectoryDataModule:
    with initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
        config = compose("generate", [f"data={name}"])
    return instantiate(config.data, resolution=[resolution], keep_points=keep_points, conditioned_on=conditioned_on, _convert_="all")


def rows(card: str, data: list[str], resolutions: list[int], num_trajectories: int) -> Iterator[tuple[str, str, Result]]:
    model, config, _ = load_pretrained(card)
    for name in data:
        for resolution, keep in [*((n, None) for n in resolutions), (100, 0.9)]:
            module = data_module(name, resolution, keep, config["data"]["conditioned_on"])
            evaluation = Evaluation(num_trajectories=num_trajectories, repeats=1, classical=SameGrid(resolutions=((resolution,),), repeats=1))
            points = f"{resolution}" if keep is None else f"{resolution}, 10 % removed"
            yield name, points, evaluation(model, module, "test", name=card)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card", help="name of a shipped card or folder of a checkpoint")
    parser.add_argument("--data", default="e3,e3_burgers,e3_viscous_burgers,e3_heat,e3_kdv", help="data configs, separated by commas")
    parser.add_argument("--resolutions", default="40,50,100,200", help="points, separated by commas")
    parser.add_argument("--num-trajectories", type=int, default=128)
    options = parser.parse_args()
    print("| data | points | network | classical, same nodes | persistence | mean | zero |\n|---|---|---|---|---|---|---|")
    for name, points, result in rows(options.card, options.data.split(","), [int(n) for n in options.resolutions.split(",")], options.num_trajectories):
        errors = {method.name: method.error for method in result.methods}
        classical = ", ".join(f"{m.error:.3g}" for m in result.of_kind("classical")) or "n/a"
        baselines = " | ".join(f"{errors[key]:.3g}" for key in ("persistence", "spatial mean", "zero"))
        print(f"| {name} | {points} | {errors[options.card]:.3g} | {classical} | {baselines} |", flush=True)


if __name__ == "__main__":
    main()
