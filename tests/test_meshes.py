from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.nn import MessagePassing as GeometricMessagePassing

from neuralpde.graphs import NearestNeighbours, PeriodicNeighbours
from neuralpde.grids import Grid, PointSet
from neuralpde.meshes import Delaunay, MeshEdges, to_data
from neuralpde.models.layers import MessageLayer, normalise_nodes

SQUARE_AND_CENTRE = PointSet(torch.tensor([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [1.0, 1.0]], dtype=torch.float64), 0.0, 2.0, False)


def test_the_triangulation_of_a_square_and_its_centre():
    graph = Delaunay()(SQUARE_AND_CENTRE)
    pairs = set(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    sides, spokes = {(0, 1), (1, 2), (2, 3), (0, 3)}, {(0, 4), (1, 4), (2, 4), (3, 4)}
    undirected = sides | spokes
    assert pairs == undirected | {(b, a) for a, b in undirected}
    to_centre = graph.displacement[(graph.source == 0) & (graph.target == 4)]
    torch.testing.assert_close(to_centre, torch.tensor([[0.5, 0.5]], dtype=torch.float64))


def test_a_triangulation_refuses_periodic_points():
    with pytest.raises(ValueError, match="NearestNeighbours"):
        Delaunay()(Grid((4, 4)))


def test_edges_survive_the_way_there_and_back():
    grid = Grid((7,), 0.0, 3.0)
    graph = PeriodicNeighbours(2)(grid)
    again = MeshEdges(to_data(graph))(grid)
    for name in ("position", "source", "target", "displacement"):
        torch.testing.assert_close(getattr(again, name), getattr(graph, name), rtol=0, atol=0)


@pytest.mark.parametrize(("data", "word"), [(Data(num_nodes=5), "FaceToEdge"), (Data(num_nodes=4, edge_index=torch.zeros(2, 1, dtype=torch.long)), "4")])
def test_a_mesh_that_does_not_fit_is_refused(data: Data, word: str):
    with pytest.raises(ValueError, match=word):
        MeshEdges(data)(SQUARE_AND_CENTRE)


class GeometricLayer(GeometricMessagePassing):
    """The message layer written with PyTorch Geometric, edge by edge, on the parameters of ours."""

    def __init__(self, ours: MessageLayer) -> None:
        super().__init__(aggr="mean")
        self.ours = ours

    def forward(self, h: Tensor, u: Tensor, v: Tensor, data: Data) -> Tensor:
        message = self.propagate(data.edge_index, h=h, u=u, v=v, displacement=data.edge_attr)
        update = self.ours.update_out(nn.functional.silu(self.ours.update_in(torch.cat([h, message, v], -1))))
        return normalise_nodes((h + nn.functional.silu(update)).unsqueeze(1)).squeeze(1)

    def message(self, h_i: Tensor, h_j: Tensor, u_i: Tensor, u_j: Tensor, v_i: Tensor, displacement: Tensor) -> Tensor:
        hidden = nn.functional.silu(self.ours.message_in(torch.cat([h_i, h_j, u_i - u_j, displacement, v_i], -1)))
        return nn.functional.silu(self.ours.message_out(hidden))


@pytest.mark.parametrize("builder", [Delaunay(), NearestNeighbours(4)])
def test_the_message_layer_equals_its_torch_geometric_form(builder):
    generator = torch.Generator().manual_seed(0)
    points = PointSet(torch.rand(40, 2, generator=generator, dtype=torch.float64), 0.0, 1.0, False)
    graph = builder(points)
    torch.manual_seed(0)
    layer = MessageLayer(16, 3, 2, 2).double()
    h, u, v = (torch.randn(40, 1, n, generator=generator, dtype=torch.float64) for n in (16, 3, 2))
    ours = layer(h, u, v[0], graph).squeeze(1)
    theirs = GeometricLayer(layer)(h.squeeze(1), u.squeeze(1), v[0].expand(40, 2), to_data(graph))
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
