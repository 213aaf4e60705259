import functools

import pytest
import torch
from viscous_waves import NUM_FRAMES, data

from neuralpde.data import DataFileError, Scenario, TrajectoryDataModule, View
from neuralpde.equations import KuramotoSivashinsky, VelocityNavierStokes
from neuralpde.evaluation import EvaluationSet
from neuralpde.grids import Grid, PointSet
from neuralpde.initial import RandomSineSeries, RandomVelocity, Uniform
from neuralpde.solvers import ExponentialRungeKutta


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waves")
    data(folder).generate("test", workers=1)
    return folder


def test_missing_split_is_generated_alone(tmp_path):
    module = data(tmp_path)
    module.sizes["train"] = 100_000
    found = EvaluationSet.from_datamodule(module)
    assert found.frames.shape == (5, NUM_FRAMES, 1, 64)
    assert [path.name for path in module.folder.glob("*.h5")] == ["test.h5"]


def test_set_is_what_the_data_module_serves(root):
    module = data(root, resolution=32)
    found = EvaluationSet.from_datamodule(module, num_trajectories=3)
    file = module.file("test")
    assert (found.name, found.fields, found.coefficient_names) == ("waves/test", ("u",), ("viscosity",))
    assert found.domain.shape == (32,)
    assert found.dt == 0.02
    torch.testing.assert_close(found.frames, file.read(range(3))[..., ::2])
    torch.testing.assert_close(found.coefficients, file.column("viscosity")[:3, None].float())
    torch.testing.assert_close(found.times, 0.02 * torch.arange(NUM_FRAMES, dtype=torch.float64))


def test_dropped_nodes_give_a_point_set(root):
    found = EvaluationSet.from_datamodule(data(root, keep_points=0.5))
    assert isinstance(found.domain, PointSet)
    assert found.frames.shape == (5, NUM_FRAMES, 1, 32)


def test_coefficients_by_another_name_or_as_constants(root):
    file = data(root).file("test")
    view = View(conditioned_on=("alpha", "beta", "viscosity"))
    found = EvaluationSet.from_file(file, view, coefficients={"alpha": 0.5, "beta": "viscosity"})
    viscosity = file.column("viscosity").float()
    torch.testing.assert_close(found.coefficients, torch.stack([torch.full((5,), 0.5), viscosity, viscosity], dim=1))


def test_missing_coefficient_is_named(root):
    with pytest.raises(DataFileError, match=r"expected the coefficient 'gamma', found the coefficients \['initial"):
        EvaluationSet.from_file(data(root).file("test"), View(conditioned_on=("gamma",)))


def test_equations_without_clock_or_velocity_say_so(root):
    found = EvaluationSet.from_datamodule(data(root))
    assert found.steps is None
    assert found.velocity is None


def test_steps_are_those_of_the_clock_of_the_equation(tmp_path):
    recipe = Scenario(
        KuramotoSivashinsky,
        Grid((32,), 0.0, 22.0),
        functools.partial(ExponentialRungeKutta, substeps=2),
        RandomSineSeries(num_terms=2, amplitude=0.5, frequency=0.0, wavenumbers=(1, 2), length=22.0),
        dt=0.2,
        num_frames=3,
        coefficients={"pace": Uniform(0.9, 1.1)},
    )
    module = TrajectoryDataModule(recipe, name="ks", root=tmp_path, sizes={"test": 4})
    module.generate("test", workers=1)
    found = EvaluationSet.from_file(module.file("test"), indices=torch.tensor([2, 0]))
    torch.testing.assert_close(found.steps, 0.2 * module.file("test").column("pace")[[2, 0]])
    assert found.steps[0] != found.steps[1]


def test_velocity_channels_are_those_of_the_equation(tmp_path):
    recipe = Scenario(
        VelocityNavierStokes,
        Grid((8, 8)),
        functools.partial(ExponentialRungeKutta, substeps=1),
        RandomVelocity(max_speed=1.0, lengths=(1.0, 1.0), max_mode=2),
        dt=0.1,
        num_frames=2,
        coefficients={"viscosity": 0.1},
    )
    module = TrajectoryDataModule(recipe, name="flow", root=tmp_path, sizes={"test": 1})
    module.generate("test", workers=1)
    file = module.file("test")
    assert EvaluationSet.from_file(file).velocity == (0, 1)
    assert EvaluationSet.from_file(file, View(fields=("vy", "vx"))).velocity == (1, 0)
    assert EvaluationSet.from_file(file, View(fields=("vx",))).velocity is None
