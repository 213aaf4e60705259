from __future__ import annotations

import pytest
import torch
from model_harness import ModelHarness, awaken, conditions_on, parameter_count, random_frames, roll
from plain_message_passing import plain_forward

from neuralpde.graphs import Graph, NearestNeighbours, PeriodicNeighbours, Radius
from neuralpde.grids import Grid, PointSet
from neuralpde.models import Conditions, MessagePassing


class TestMessagePassing(ModelHarness):
    @pytest.fixture(params=[1, 2, 3])
    def ndim(self, request: pytest.FixtureRequest) -> int:
        return request.param

    def build(self, in_channels: int, out_channels: int, ndim: int, num_coefficients: int) -> MessagePassing:
        return MessagePassing(in_channels, out_channels, ndim=ndim, num_coefficients=num_coefficients, hidden=32, num_layers=2)


@pytest.mark.parametrize(
    ("window", "counts"),
    [(20, (630_225, 631_889, 633_553, 635_217)), (25, (634_745, 636_409, 638_073, 639_737)), (50, (657_081, 658_745, 660_409, 662_073))],
)
def test_published_parameter_counts(window: int, counts: tuple[int, ...]) -> None:
    with torch.device("meta"):
        models = [MessagePassing(window, window, ndim=1, num_coefficients=n) for n in range(4)]
    assert tuple(parameter_count(m) for m in models) == counts


@pytest.mark.parametrize("num_coefficients", [0, 3])
@pytest.mark.parametrize("batch", [3, 16])  # from 16 on the linear maps are evaluated as convolutions
def test_equals_the_plain_per_edge_network(num_coefficients: int, batch: int) -> None:
    torch.manual_seed(0)
    grid = Grid((30,), 0.0, 16.0)
    model = MessagePassing(25, 25, ndim=1, num_coefficients=num_coefficients, num_layers=3)
    frames, conditions = random_frames(batch, 25, 30), conditions_on(grid, batch=batch, num_coefficients=num_coefficients)
    torch.testing.assert_close(model(frames, conditions), plain_forward(model, frames, conditions), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("builder", [PeriodicNeighbours(2), NearestNeighbours(4), Radius(0.23)])
def test_gradients_equal_the_plain_ones_on_any_graph(builder) -> None:
    torch.manual_seed(0)
    grid = Grid((5, 6), periodic=(True, False))
    domain = grid if isinstance(builder, PeriodicNeighbours) else PointSet(torch.rand(30, 2, dtype=torch.float64), 0.0, 1.0, (True, False))
    model = MessagePassing(2, 6, ndim=2, num_coefficients=1, hidden=16, num_layers=2, fields=2).double()
    frames = random_frames(3, 2, *domain.shape, dtype=torch.float64).requires_grad_()
    conditions = Conditions(torch.rand(3).double(), torch.rand(3, 1).double(), domain, builder(domain))
    leaves = [frames, *model.parameters()]
    weights = random_frames(3, 6, *domain.shape, dtype=torch.float64, seed=5)
    outputs = [model(frames, conditions), plain_forward(model, frames, conditions)]
    torch.testing.assert_close(outputs[0], outputs[1], rtol=1e-10, atol=1e-12)
    fast, plain = (torch.autograd.grad((out * weights).sum(), leaves) for out in outputs)
    for a, b in zip(fast, plain, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-11)


def test_renumbering_the_points_renumbers_the_output() -> None:
    torch.manual_seed(0)
    points, order = torch.rand(40, 2, dtype=torch.float64), torch.randperm(40)
    model = awaken(MessagePassing(2, 3, ndim=2, num_coefficients=0, hidden=16, num_layers=2)).double()
    frames = random_frames(2, 2, 40, dtype=torch.float64)

    def predict(coordinates: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        domain = PointSet(coordinates)
        return model(u, Conditions(torch.ones(2).double(), torch.zeros(2, 0).double(), domain, NearestNeighbours(5)(domain)))

    torch.testing.assert_close(predict(points[order], frames[..., order]), predict(points, frames)[..., order], rtol=1e-9, atol=1e-11)


def test_a_translation_is_noticed_through_the_position_alone() -> None:
    torch.manual_seed(0)
    grid = Grid((20,))
    model = awaken(MessagePassing(2, 3, ndim=1, num_coefficients=0, hidden=16, num_layers=2)).double()
    frames, conditions = random_frames(2, 2, 20, dtype=torch.float64), conditions_on(grid, batch=2, dtype=torch.float64)

    def defect() -> float:
        return (model(roll(frames, (7,)), conditions) - roll(model(frames, conditions), (7,))).abs().max().item()

    assert defect() > 1e-4
    with torch.no_grad():
        model.encoder[0].weight[:, 2] = 0.0  # the column of x / L
    assert defect() < 1e-12


def test_fields_of_a_frame_have_their_own_output_convolution() -> None:
    torch.manual_seed(0)
    model = MessagePassing(4, 10, ndim=1, num_coefficients=0, hidden=32, num_layers=1, fields=2)
    frames, conditions = random_frames(2, 4, 20), conditions_on(Grid((20,)), batch=2)
    before = model(frames, conditions).unflatten(1, (5, 2))
    with torch.no_grad():
        model.decoder.conv_out.bias += torch.tensor([0.0, 1.0])
    change = model(frames, conditions).unflatten(1, (5, 2)) - before
    torch.testing.assert_close(change, torch.tensor([0.0, 1.0]).view(1, 1, 2, 1).expand_as(change), rtol=0, atol=1e-5)


def test_errors() -> None:
    model = MessagePassing(2, 3, ndim=1, num_coefficients=0, hidden=16, num_layers=1)
    frames, conditions = random_frames(2, 2, 20), conditions_on(Grid((24,)), batch=2)
    with pytest.raises(ValueError, match=r"needs a graph of 20 nodes, got one of 24 nodes; build it"):
        model(frames, conditions)
    with pytest.raises(ValueError, match=r"needs a graph of 20 nodes, got none; build it"):
        model(frames, Conditions(conditions.time, conditions.coefficients, conditions.domain))
    with pytest.raises(ValueError, match=r"out_channels=5 needs to be a multiple of fields=2"):
        MessagePassing(2, 5, ndim=1, num_coefficients=0, fields=2)


def test_a_lonely_node_receives_nothing() -> None:
    position = torch.tensor([[0.0], [0.1], [0.9]])
    graph = Graph(position, torch.tensor([1, 0]), torch.tensor([0, 1]), torch.tensor([[-0.1], [0.1]]))
    model = MessagePassing(1, 2, ndim=1, num_coefficients=0, hidden=16, num_layers=1)
    conditions = Conditions(torch.zeros(1), torch.zeros(1, 0), PointSet(position.double()), graph)
    torch.testing.assert_close(model(random_frames(1, 1, 3), conditions), plain_forward(model, random_frames(1, 1, 3), conditions))
