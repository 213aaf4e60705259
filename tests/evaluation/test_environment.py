import json

import torch

from neuralpde.evaluation import environment
from neuralpde.evaluation.environment import processor_name


def test_names_hardware_threads_load_and_versions():
    found = environment(torch.device("cpu"))
    assert found["threads"] == torch.get_num_threads()
    assert found["load_average"] >= 0
    assert found["versions"]["torch"] is not None
    assert found["device"] == processor_name() != ""
    json.dumps(found)
