from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_result import result

from neuralpde.evaluation.figures import field_panels, png
from neuralpde.grids import Grid, PointSet


def test_space_time_diagrams_show_reference_prediction_and_error():
    found = result(Grid((16,)))
    figure = field_panels(found)
    assert figure is not None
    meshes = [axes.collections[0] for axes in figure.axes if axes.get_subplotspec() is not None and axes.collections and not axes.get_label()]
    shown = [np.asarray(mesh.get_array()) for mesh in meshes[:3]]
    example = found.examples[0]
    np.testing.assert_allclose(shown[0], example.ref[:, 0].numpy())
    np.testing.assert_allclose(shown[1], example.pred[:, 0].numpy())
    np.testing.assert_allclose(shown[2], (example.pred - example.ref)[:, 0].numpy())
    assert meshes[0].get_clim() == meshes[1].get_clim()
    assert figure.axes[0].get_ylabel().startswith("best: no. 0")


def test_points_are_sorted():
    found = result(Grid((16,)))
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    points = PointSet(Grid((16,)).points()[order])
    examples = tuple(replace(e, ref=e.ref[..., order], pred=e.pred[..., order]) for e in found.examples)
    shuffled, plain = field_panels(replace(found, domain=points, examples=examples)), field_panels(found)
    assert shuffled is not None and plain is not None
    np.testing.assert_array_equal(shuffled.axes[0].collections[0].get_array(), plain.axes[0].collections[0].get_array())


@pytest.mark.parametrize("domain", [Grid((8, 8)), PointSet(Grid((8, 8)).points())])
def test_snapshots_in_two_dimensions(domain):
    found = result(Grid((8, 8)))
    if isinstance(domain, PointSet):
        found = replace(found, domain=domain, examples=tuple(replace(e, ref=e.ref.flatten(2), pred=e.pred.flatten(2)) for e in found.examples))
    figure = field_panels(found)
    assert figure is not None
    assert figure.axes[0].get_ylabel().startswith("t = 0")
    assert png(figure)


def test_nothing_to_draw():
    assert field_panels(replace(result(Grid((16,))), domain=None)) is None
