import torch

from neuralpde.models import ConservingDifference, Difference


def test_mean_of_the_last_frame_is_kept_and_nothing_else_changes():
    last, output = torch.randn(3, 1, 2, 8, 6), torch.randn(3, 4, 2, 8, 6)
    frames, plain = ConservingDifference(0.3)(last, output, 0.1), Difference(0.3)(last, output, 0.1)
    torch.testing.assert_close(frames.mean((3, 4)), last.mean((3, 4)).expand(3, 4, 2))
    shift = plain - frames
    torch.testing.assert_close(shift, shift[..., :1, :1].expand_as(shift))
    assert (plain.mean((3, 4)) - last.mean((3, 4))).abs().max() > 1e-3


def test_a_target_that_conserves_is_reached():
    last = torch.randn(2, 1, 1, 8)
    change = torch.randn(2, 1, 1, 8)
    frames = last + change - change.mean(-1, keepdim=True)
    form = ConservingDifference(0.3)
    torch.testing.assert_close(form(last, form.encode(last, frames, 1.0), 1.0), frames)
