import pytest

from neuralpde.data.progress import progress_bar


def test_counts_blocks_on_stderr(capsys):
    with progress_bar("e1/train", 5, completed=2) as advance:
        for _ in range(3):
            advance()
    captured = capsys.readouterr()
    assert captured.out == "" and "e1/train" in captured.err and "5/5" in captured.err


def test_an_error_passes_through():
    with pytest.raises(KeyError), progress_bar("x", 1):
        raise KeyError
