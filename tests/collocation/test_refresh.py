import pytest

from neuralpde.collocation import Refresh


def test_draws_change_every_so_often_and_are_held_at_the_end():
    assert [Refresh().draw(s) for s in range(3)] == [0, 1, 2]
    assert [Refresh(every=2).draw(s) for s in range(5)] == [0, 0, 1, 1, 2]
    assert [Refresh(until=2).draw(s) for s in range(5)] == [0, 1, 2, 2, 2]
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        Refresh(every=0)
