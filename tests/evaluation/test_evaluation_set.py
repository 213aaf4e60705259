import pytest
import torch
from viscous_waves import NUM_FRAMES, data

from neuralpde.data import DataFileError, View
from neuralpde.evaluation import EvaluationSet
from neuralpde.grids import PointSet


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
