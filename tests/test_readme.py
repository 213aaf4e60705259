"""The programs that the README shows do run."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

BLOCKS = re.findall(r"```python\n(.*?)```", (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_name_is_imported_from_where_it_lives(block):
    found = [(node.module, alias.name) for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert found and all(hasattr(import_module(module), name) for module, name in found if module)


def test_the_solver_example_runs():
    (block,) = (block for block in BLOCKS if "ExponentialRungeKutta" in block)
    names: dict = {}
    exec(block.replace("num_frames=1000", "num_frames=3"), names)
    assert names["trajectory"].shape == (1, 3, 1, 256) and names["trajectory"].isfinite().all()


PAGES = [Path(__file__).parent.parent / name for name in ("README.md", "datasets/README.md", "docs/architecture.md", "docs/mp_pde.md", "docs/results.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
