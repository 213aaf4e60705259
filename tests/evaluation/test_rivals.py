import pytest
import torch
from viscous_waves import data

from neuralpde.data import from_recipe
from neuralpde.evaluation import Evaluation, EvaluationSet, Task
from neuralpde.evaluation.rivals import rival_tasks
from neuralpde.pretrained import Card, DataSource, Training, load_pretrained, save_pretrained

RECIPE = {
    "_target_": "neuralpde.models.NeuralStepper",
    "backbone": {
        "_target_": "neuralpde.models.FNO", "in_channels": 1, "out_channels": 1, "ndim": 1, "num_coefficients": 0, "num_layers": 1, "width": 4, "num_modes": 2
    },
    "channels": 1, "history": 1, "horizon": 1, "dt": 0.02, "time_scale": 1.0,
}  # fmt: skip


def saved(folder, name, *, coefficients=0, fields=None, **changes):
    """A network of random weights as a checkpoint."""
    recipe = {**RECIPE, "coefficient_scale": [0.03] * coefficients, **changes}
    recipe["backbone"] = {**RECIPE["backbone"], "num_coefficients": coefficients}
    torch.manual_seed(coefficients)
    config = {"model": recipe, "data": {"conditioned_on": ["viscosity"][:coefficients], "fields": fields}}
    save_pretrained(folder / name, from_recipe(recipe), config=config, card=Card(name, "Random.", DataSource("waves"), Training(0, 0.0, "abacus", "none")))
    return str(folder / name)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waves")
    data(folder).generate("test", workers=1)
    return folder


def test_rivals_score_as_they_do_on_their_own(root):
    """The main model is told nothing, one rival the viscosity; names are those of the cards, with a number where they clash."""
    main, told = saved(root, "main"), saved(root, "told", coefficients=1)
    quick = Evaluation(classical=None, repeats=1, rivals=(told, main))
    result = quick(load_pretrained(main).model, data(root, conditioned_on=()), name="main")
    networks = result.of_kind("network")
    assert [m.name for m in networks] == ["main", "told", "main (3)"]
    assert networks[2].error == networks[0].error
    alone = Evaluation(classical=None, repeats=1)(load_pretrained(told).model, data(root), name="told")
    # A model of one frame of history starts at the same frame, so the numbers agree.
    assert networks[1].error == pytest.approx(alone.network.error, rel=1e-6)
    assert networks[1].timing is not None and networks[1].one_step is not None
    assert len(result.verdict) and result.network.name == "main"


@pytest.mark.parametrize(("changes", "arrived"), [({"dt": 0.5}, r"got dt=0\.5"), ({"fields": ["v"]}, r"1 frames and \['v'\]")])
def test_networks_that_cannot_be_compared_are_refused(root, changes, arrived):
    waves = EvaluationSet.from_datamodule(data(root))
    task = Task.build(load_pretrained(saved(root, "plain")).model, waves, start=None, num_frames=2, batch_size=5)
    with pytest.raises(ValueError, match=rf"rival .*other needs dt=0\.02, at most 2 frames .*{arrived}.*evaluate it on its own"):
        list(rival_tasks([saved(root, "other", **changes)], task, coefficients={}))
