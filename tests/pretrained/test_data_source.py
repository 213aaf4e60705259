from __future__ import annotations

from functools import partial

from neuralpde.data import Scenario, TrajectoryFile, generate, to_recipe
from neuralpde.equations import Heat
from neuralpde.grids import Grid
from neuralpde.initial import RandomSineSeries
from neuralpde.pretrained import DataSource
from neuralpde.pretrained.reproduce import rebuild_scenario
from neuralpde.solvers import ExponentialRungeKutta


def test_source_of_generated_files(tmp_path):
    solver = partial(ExponentialRungeKutta, substeps=1)
    scenario = Scenario(
        Heat, Grid((16,), 0.0, 16.0), solver, RandomSineSeries(frequency=0.0), dt=0.1, num_frames=3, coefficients={"diffusivity": 0.1}, block_size=2
    )
    for split in ("train", "test"):
        generate(scenario, tmp_path / f"{split}.h5", size=2, split=split, seed=5, workers=0)
    files = {split: TrajectoryFile(tmp_path / f"{split}.h5") for split in ("train", "test")}
    source = DataSource.of("heat", files)
    assert source.fingerprints == {split: file.fingerprint() for split, file in files.items()}
    assert source.fingerprints["train"] != source.fingerprints["test"]
    assert (source.name, source.seed, source.code) == ("heat", 5, files["train"].header.code)
    assert to_recipe(rebuild_scenario(source)) == to_recipe(scenario)
