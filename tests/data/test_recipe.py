import dataclasses
import functools
import json

import pytest
import torch
from tiny_scenarios import TRUSTED, Decay, decay

from neuralpde.data import SameAs, Scenario, from_recipe, to_recipe
from neuralpde.data.recipe import target_path
from neuralpde.equations import Combined
from neuralpde.grids import Grid
from neuralpde.initial import Uniform


def test_a_scenario_survives_json():
    scenario = decay(explode_above=2.0)
    tree = json.loads(json.dumps(to_recipe(scenario)))
    rebuilt = from_recipe(tree, trusted=TRUSTED)
    assert isinstance(rebuilt, Scenario)
    assert to_recipe(rebuilt) == to_recipe(scenario)
    assert torch.equal(rebuilt.solve(rebuilt.draw(3, [5, 1])), scenario.solve(scenario.draw(3, [5, 1])))


def test_paths_are_those_of_the_public_package():
    assert target_path(Combined) == "neuralpde.equations.Combined"
    assert target_path(Scenario) == "neuralpde.data.Scenario"
    assert target_path(Grid) == "neuralpde.grids.Grid"


def test_kinds():
    assert to_recipe(Uniform(0.0, 2.0)) == {"_target_": "neuralpde.initial.Uniform", "low": 0.0, "high": 2.0}
    assert to_recipe(functools.partial(Decay, explode_above=1.0)) == {"_target_": "tiny_scenarios.Decay", "_partial_": True, "explode_above": 1.0}
    assert to_recipe(Combined) == {"_target_": "neuralpde.equations.Combined", "_partial_": True}
    assert from_recipe(to_recipe(Combined)) is Combined
    assert from_recipe({"a": [1, 2.5, None, "x"]}) == {"a": (1, 2.5, None, "x")}
    assert from_recipe(to_recipe(SameAs("forcing"))) == SameAs("forcing")


def test_a_closure_is_refused():
    with pytest.raises(TypeError, match=r"to_recipe: expected dataclasses.*got <function.*turn it into a frozen dataclass"):
        to_recipe({"initial": lambda generator: 0.0})


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "subprocess.Popen",
        "neuralpde.data.blocks.os.system",  # through a module that imports it
        "neuralpde.data.blocks.Path",  # a foreign class in one of our modules
        "neuralpde.data.generation.generate",  # a function
        "neuralpde.grids.Missing",
        "neuralpde.nowhere.Grid",
        "neuralpdeevil.Grid",
    ],
)
def test_only_trusted_classes_are_built(target):
    with pytest.raises(ValueError, match=r"from_recipe: expected a class of neuralpde\., got "):
        from_recipe({"solver": {"_target_": target}})


def test_a_field_that_was_added_later_changes_no_old_recipe():
    scenario = decay()
    assert "solved_on" not in to_recipe(scenario)
    assert to_recipe(dataclasses.replace(scenario, solved_on=(40,)))["solved_on"] == [40]
