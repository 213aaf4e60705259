import torch

from neuralpde.initial import RandomPulse, TravellingPulse


def test_on_changes_precision_and_keeps_the_rest():
    pulse = RandomPulse()(torch.Generator().manual_seed(0))
    single = pulse.on(dtype=torch.float32)
    assert isinstance(single, TravellingPulse) and single.centre.dtype == torch.float32
    torch.testing.assert_close(single.centre.double(), pulse.centre, rtol=1e-6, atol=0)
    assert pulse.on("meta").speed.device.type == "meta"


def test_parameters_by_name():
    assert list(RandomPulse()(torch.Generator().manual_seed(0)).parameters()) == ["centre", "speed"]
