import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.models import Averaged, Conditions, Difference, DilatedResNet, NeuralStepper, UNet
from neuralpde.rollout import rollout

GRID = Grid((16,))


def stepper(backbone):
    return NeuralStepper(backbone, channels=1, history=1, horizon=1, dt=1.0, time_scale=1.0, coefficient_scale=(1.0,), output=Difference(0.3))


def nets(number, **options):
    torch.manual_seed(0)
    return [DilatedResNet(1, 1, ndim=1, num_coefficients=1, hidden_channels=4, num_blocks=1, **options) for _ in range(number)]


def test_every_step_is_the_mean_of_the_members_steps():
    members, window, coefficients = nets(3), torch.randn(2, 1, 1, 16), torch.rand(2, 1)
    expected = window
    for _ in range(3):
        expected = torch.stack([stepper(member).bind(GRID, coefficients).advance(expected) for member in members]).mean(0)
    torch.testing.assert_close(rollout(stepper(Averaged(members)).bind(GRID, coefficients), window, 3)[:, -1:], expected)


def test_members_remember_their_own_embeddings():
    torch.manual_seed(0)
    members = [UNet(1, 1, ndim=1, num_coefficients=1, hidden_channels=8) for _ in range(2)]
    for member in members:
        torch.nn.init.normal_(member.projection.conv.weight)
        for parameter in member.parameters():
            parameter.data += 0.1 * torch.randn(parameter.shape)
    frames, conditions = torch.randn(2, 1, 16), Conditions(torch.zeros(2), torch.rand(2, 1), GRID)
    with torch.no_grad():
        together = Averaged(members)(frames, conditions)
        alone = [member(frames, Conditions(torch.zeros(2), conditions.coefficients, GRID)) for member in members]
    torch.testing.assert_close(together, torch.stack(alone).mean(0))


def test_what_members_need_is_needed_by_all():
    assert Averaged(nets(2, level=True)).level and not Averaged(nets(2)).needs_graph
    with pytest.raises(ValueError, match="expected networks of one kind, got 2 of 2 kinds"):
        Averaged([*nets(1), *nets(1, level=True)])
    with pytest.raises(ValueError, match="got 0 of 0 kinds"):
        Averaged([])
