"""What README, docs and the heads of the programs' configs show does run: programs are executed, commands composed, links followed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from hydra.utils import instantiate
from test_conf import Compose, composed  # noqa: F401 — a fixture

from neuralpde.data import generate

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "datasets" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = [*PAGES, ROOT / "conf" / "train.yaml", ROOT / "conf" / "generate.yaml", ROOT / "conf" / "evaluate.yaml"]
ASSUMED = {
    "implicit.md": [
        """
import torch
weight, X, y = torch.tensor(0.5, dtype=torch.float64), torch.rand(6, 3, dtype=torch.float64), torch.rand(6, dtype=torch.float64)
""",
        """
from neuralpde.implicit import Anderson
net, bias = torch.nn.Linear(3, 3), torch.zeros(5, 3)
torch.nn.init.orthogonal_(net.weight, gain=0.5)
""",
        """
from neuralpde.implicit import CG
matvec, P, params, b = (lambda x, a: a * x), (lambda x: x / 2), (torch.full((5, 1), 2.0),), torch.ones(5, 3)
""",
        """
from neuralpde.implicit import LevenbergMarquardt
J, C, residual, start, args = None, None, (lambda x, c: x - c), torch.zeros(5, 3), (torch.ones(5, 3),)
""",
    ],
    "physics_informed.md": ["import torch; generator = torch.Generator().manual_seed(0)"],
    "taylor.md": [
        """
import torch
network = torch.nn.Sequential(torch.nn.Linear(20, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
points, v1 = torch.rand(5, 20), torch.ones(5, 20)
""",
        """
from neuralpde.derivatives import contract, estimator_variance, unbiased_square
g, generator = 0.0, torch.Generator().manual_seed(0)
""",
        """
from neuralpde.derivatives import TaylorMode
from neuralpde.equations import Burgers
equation, times, points = Burgers(), torch.rand(5), torch.rand(5, 1)
network = lambda t, x: torch.sin(x - t)
""",
        """
from neuralpde.derivatives import StochasticTaylor
from neuralpde.equations import Heat
network, points = torch.nn.Sequential(torch.nn.Linear(21, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)), torch.rand(5, 20)
""",
    ],
}
"""What the programs of a page take for granted: names that the text around them explains, one entry for each program; the last one may be left out."""
COMMAND = re.compile(r"python (?:datasets/)?(train|evaluate|generate)\.py([^`\n]*)")


def commands() -> list[tuple[str, str]]:
    """Every command that a page shows in full, as (program, overrides)."""
    shown = {match.groups() for path in SOURCES for match in COMMAND.finditer(path.read_text(encoding="utf-8"))}
    return sorted((program, rest.rstrip()) for program, rest in shown if not re.search(r"…|<|\.\.\.|\[shard|inspect", rest))


def overrides(arguments: str) -> list[str]:
    """The first job of a command: no comment, no switches, one value of a sweep."""
    words = [word for word in shlex.split(re.split(r"\s#|\s{2,}", arguments)[0]) if not word.startswith("-")]
    return [re.sub(r"^([\w./@]+=[\w./-]+),.*$", r"\1", word) for word in words]


@pytest.mark.parametrize(("program", "arguments"), commands())
def test_a_command_composes(composed: Compose, program, arguments):  # noqa: F811
    assert composed(program, *overrides(arguments))


def test_a_misspelt_command_would_be_found(composed: Compose):  # noqa: F811
    with pytest.raises(Exception, match="no_such"):
        composed("train", *overrides("experiment=pinn/helmholtz_small no_such=1"))


def run(page: Path) -> None:
    """All programs of a page, one after the other in one namespace, rollouts cut short."""
    names: dict[str, object] = {}
    assumed = ASSUMED.get(page.name, [])
    for index, program in enumerate(programs(page)):
        exec("".join(assumed[index : index + 1]), names)
        exec(re.sub(r"num_frames=\d+", "num_frames=3", program), names)


def programs(page: Path) -> list[str]:
    """The Python blocks of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [page for page in sorted((ROOT / "docs").glob("*.md")) if programs(page)], ids=lambda page: page.name)
def test_the_programs_of_a_page_run(page):
    run(page)


def test_the_programs_that_read_data_run(composed: Compose, tmp_path, monkeypatch):  # noqa: F811
    scenario = instantiate(composed("generate", "data=e1_small").data, _convert_="all").scenario
    generate(scenario, tmp_path / "datasets" / "e1" / "test.h5", size=6, split="test", seed=0, workers=0)
    shutil.copytree(tmp_path / "datasets" / "e1", tmp_path / "datasets" / "e1_small")
    monkeypatch.chdir(tmp_path)
    run(ROOT / "README.md")
    run(ROOT / "datasets" / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
