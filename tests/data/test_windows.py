import torch

from neuralpde.data import Trajectories, Window


def test_fields_in_order():
    window = Window(torch.zeros(1, 3, 1, 4), torch.zeros(1), torch.zeros(1, 0))
    frames, time, coefficients = window
    assert frames is window.frames and time is window.time and coefficients is window.coefficients
    assert Trajectories._fields == ("frames", "times", "coefficients", "indices")
