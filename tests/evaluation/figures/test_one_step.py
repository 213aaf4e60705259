from dataclasses import replace

from synthetic_result import result

from neuralpde.evaluation.figures import one_step_error
from neuralpde.evaluation.result import OneStepSpectra
from neuralpde.grids import Grid

FOUND = result(Grid((16,)))
REFINED = OneStepSpectra([0.0, 8.0, 4.0], ([0.0, 7.0, 3.0], [0.0, 7.9, 3.9]), ([0.0, 1.0, 1.0], [0.0, 0.1, 0.1]))


def having(spectra, *rivals):
    """The result with these spectra of the network and of others."""
    others = tuple(replace(FOUND.network, name=f"rival {k}", one_step=other) for k, other in enumerate(rivals))
    return replace(FOUND, methods=(replace(FOUND.network, one_step=spectra), *others, *FOUND.methods[1:]))


def test_one_line_for_each_pass():
    left, right = one_step_error(having(REFINED)).axes
    for axes, expected in ((left, REFINED.passes), (right, REFINED.errors)):
        drawn = {line.get_label(): list(line.get_ydata()) for line in axes.lines}
        assert drawn == {"reference": [8.0, 4.0], "initial prediction": expected[0][1:], "refinement 1": expected[1][1:]}
        assert list(axes.lines[0].get_xdata()) == [1, 2]
        assert axes.get_yscale() == "log"


def test_other_models_have_one_line():
    single = OneStepSpectra(REFINED.reference, REFINED.passes[:1], REFINED.errors[:1])
    assert [line.get_label() for line in one_step_error(having(single)).axes[0].lines] == ["reference", "prediction"]


def test_of_rivals_the_last_pass_is_drawn():
    left, right = one_step_error(having(REFINED, REFINED)).axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in right.lines}
    assert drawn["rival 0"] == [0.1, 0.1]
    assert len(left.lines) == 4


def test_nothing_without_spectra():
    assert one_step_error(FOUND) is None
