"""Graphs of meshes, exchanged with PyTorch Geometric: triangulations, given edges, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from neuralpde.graphs import Graph, connect
from neuralpde.grids import Grid, PointSet

if TYPE_CHECKING:  # importing PyTorch Geometric takes seconds, which only those who use it should wait for
    from torch_geometric.data import Data

__all__ = ["Delaunay", "MeshEdges", "to_data"]


@dataclass(frozen=True)
class Delaunay:
    """Every node listens to its neighbours in the Delaunay triangulation of points in the plane, both ways.

    Unlike nearest neighbours the graph is symmetric and connected, whatever the density of the points.

    Raises:
        ValueError: a domain that is not two-dimensional, or that is periodic.
    """

    def __call__(self, domain: Grid | PointSet) -> Graph:
        """The graph of a domain."""
        from torch_geometric import transforms
        from torch_geometric.data import Data

        if domain.ndim != 2 or any(domain.periodic):
            raise ValueError(
                f"Delaunay: expected bounded points in the plane, got {domain.ndim}-D with periodic={domain.periodic}; use NearestNeighbours or Radius."
            )
        triangulate = transforms.Compose([transforms.Delaunay(), transforms.FaceToEdge()])
        return MeshEdges(triangulate(Data(pos=domain.points(device="cpu"))))(domain)


@dataclass(frozen=True)
class MeshEdges:
    """The edges of a mesh made elsewhere.

    Args:
        data: a ``torch_geometric.data.Data`` with ``edge_index`` (source row, target row) and as many nodes as the domain, in the same order.

    Raises:
        ValueError: no edges, or another number of nodes than the domain's.
    """

    data: Any

    def __call__(self, domain: Grid | PointSet) -> Graph:
        """The graph of a domain with the nodes of the mesh."""
        edges = self.data.edge_index
        if edges is None:
            raise ValueError("MeshEdges: expected data with edge_index, got none; apply torch_geometric.transforms.FaceToEdge to a mesh of faces.")
        if self.data.num_nodes != domain.num_points:
            raise ValueError(f"MeshEdges: expected a mesh of {domain.num_points} nodes, got {self.data.num_nodes}; give the mesh of these points.")
        return connect(domain, edges[0], edges[1])


def to_data(graph: Graph) -> Data:
    """``graph`` for PyTorch Geometric: ``pos`` and ``edge_attr`` (displacements) in units of the longest side, ``edge_index`` as (source, target)."""
    from torch_geometric.data import Data

    return Data(pos=graph.position, edge_index=torch.stack([graph.source, graph.target]), edge_attr=graph.displacement)
