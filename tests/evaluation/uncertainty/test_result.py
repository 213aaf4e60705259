import json
import math

from synthetic_uncertainty import source, study

from neuralpde.metrics import LineFit


def test_dictionary_survives_json_with_named_fits():
    content = study(source(fit=LineFit(math.nan, 0.0, 0.5, 0.1, 3))).to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["sources"][0]["fit"] == {"slope": None, "intercept": 0.0, "r_squared": 0.5, "mean_gap": 0.1, "count": 3}
    assert content["sources"][0]["calibration"]["bands"][0] == [1.4, None, 0.7]
    assert content["version"] == 1
