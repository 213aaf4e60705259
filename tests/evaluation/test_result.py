import json
import math
from dataclasses import dataclass, replace

from synthetic_result import DT, result

from neuralpde.evaluation.result import plain
from neuralpde.grids import Grid

GRID = Grid((16,), upper=16.0)


def test_dictionary_survives_json():
    content = result(GRID).to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["format"] == "neuralpde.evaluation"
    assert content["methods"][0]["scores"]["accumulated_error"]["count"] == 3
    assert content["environment"]["load_average"] is None
    assert "examples" not in content


def test_kinds_are_found():
    found = result(GRID)
    assert found.network.name == "toy network"
    assert [m.name for m in found.of_kind("classical")] == ["classical fine", "classical coarse"]


def test_plain_opens_dataclasses_and_hides_what_is_not_finite():
    @dataclass
    class Pair:
        first: float
        second: tuple[float, ...]

    assert plain({"a": Pair(math.nan, (1.0, math.inf))}) == {"a": {"first": None, "second": [1.0, None]}}


def test_the_step_is_that_of_the_times():
    found = result(GRID)
    assert found.step == DT
    assert replace(found, times=[3.0], settings={"dt": 0.5}).step == 0.5
