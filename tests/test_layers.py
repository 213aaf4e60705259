"""The layers of docs/architecture.md: imports go downwards only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIDEWAYS = {
    "modules": {"evaluation", "pretrained"},
    "evaluation": {"pretrained"},
    "solvers": {"equations", "initial"},
    "losses": {"models"},
    "constraints": {"models"},
}
"""What a part may use of its own row. The parts of the lowest row may use each other, but not in a circle."""


def documented_layers(page: str) -> list[list[str]]:
    """Rows of the first code block of the page, top first, as names of parts without slash or suffix."""
    block = page.split("```")[1].strip("\n").splitlines()
    return [[name.strip().removesuffix("/").removesuffix(".py") for name in re.split(r"\s{2,}", row)[0].split(" · ")] for row in block]


def part_of(path: Path, root: Path) -> str:
    """Part of the project that a file belongs to: the package or module below ``neuralpde``, or the program."""
    relative = path.relative_to(root).with_suffix("")
    return relative.parts[1] if relative.parts[0] == "neuralpde" else relative.as_posix()


def annotations_only(tree: ast.AST) -> set[ast.AST]:
    """Nodes below ``if TYPE_CHECKING:``, which no program ever runs."""
    guarded = [node for node in ast.walk(tree) if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"]
    return {below for node in guarded for statement in node.body for below in ast.walk(statement)}


def imported_modules(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module, or name within one, that a file imports; inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = annotations_only(tree)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(root).parts[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [package, node.module]))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def package_imports(root: Path) -> Iterator[tuple[Path, int, str, str]]:
    """(file, line, importing part, imported part) of all imports inside the project."""
    programs = [root / "train.py", root / "evaluate.py", root / "datasets" / "generate.py"]
    files = [path for path in [*programs, *sorted((root / "neuralpde").rglob("*.py"))] if path.exists()]
    for path in files:
        if path == root / "neuralpde" / "__init__.py":
            continue
        for line, name in imported_modules(path, root):
            parts = name.split(".")
            if parts[0] == "neuralpde" and parts[1:] not in ([], ["__version__"]):
                yield path, line, part_of(path, root), parts[1]


def violations(root: Path, layers: list[list[str]]) -> list[str]:
    """One sentence for each import that does not go downwards."""
    row_of = {name: row for row, names in enumerate(layers) for name in names}
    lowest = len(layers) - 1
    found = []
    for path, line, user, used in package_imports(root):
        place = f"{path.relative_to(root).as_posix()}:{line}"
        unknown = [name for name in (user, used) if name not in row_of]
        if unknown:
            found.append(f"{place}: {unknown[0]!r} stands in no row of docs/architecture.md; add it there.")
        elif user == used or row_of[user] < row_of[used] or (row_of[user] == row_of[used] == lowest):
            continue
        elif used not in SIDEWAYS.get(user, ()):
            direction = "sideways" if row_of[user] == row_of[used] else "upwards"
            found.append(f"{place}: {user} imports {used}, {direction}; imports go downwards only.")
    return list(dict.fromkeys(found))


def circle(root: Path) -> list[str]:
    """Parts that import each other in a circle, empty if there is none."""
    uses: dict[str, set[str]] = {}
    for _, _, user, used in package_imports(root):
        uses.setdefault(user, set()).add(used)
    path: list[str] = []
    done: set[str] = set()

    def visit(part: str) -> list[str]:
        if part in path:
            return [*path[path.index(part) :], part]
        if part in done:
            return []
        path.append(part)
        found = next((c for used in sorted(uses.get(part, set()) - {part}) if (c := visit(used))), [])
        path.pop()
        done.add(part)
        return found

    return next((c for part in sorted(uses) if (c := visit(part))), [])


LAYERS = documented_layers((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))


def test_layers_are_read_from_the_page():
    assert "train" in LAYERS[0] and "grids" in LAYERS[-1]
    assert next(row for row in LAYERS if "models" in row) == ["models", "losses", "constraints"]


def test_imports_go_downwards_only():
    assert violations(ROOT, LAYERS) == []


def test_no_circle():
    assert circle(ROOT) == []


def test_every_package_stands_in_a_row():
    packages = {path.parent.name for path in (ROOT / "neuralpde").glob("*/__init__.py")}
    assert packages <= {name for row in LAYERS for name in row}


FAKE_LAYERS = [["train"], ["modules"], ["models", "losses"], ["grids", "rollout"]]


@pytest.fixture
def tree(tmp_path):
    """Writes a small project: path → source."""

    def write(files: dict[str, str]) -> Path:
        for name, source in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return tmp_path

    return write


def test_sound_tree_passes(tree):
    root = tree(
        {
            "train.py": "from neuralpde.modules import Forecast",
            "neuralpde/__init__.py": "from neuralpde.modules import Forecast",
            "neuralpde/modules/forecast.py": "import torch\nfrom neuralpde.models.fno import FNO\nfrom neuralpde import __version__, grids",
            "neuralpde/models/fno.py": "from typing import TYPE_CHECKING\nfrom . import layers\nif TYPE_CHECKING:\n    from neuralpde.modules import Forecast",
            "neuralpde/rollout.py": "from neuralpde.grids import Grid",
        }
    )
    assert violations(root, FAKE_LAYERS) == []


@pytest.mark.parametrize(
    ("name", "source", "sentence"),
    [
        ("neuralpde/grids.py", "x = 1\nfrom neuralpde.models import FNO", "neuralpde/grids.py:2: grids imports models, upwards; imports go downwards only."),
        ("neuralpde/models/fno.py", "import neuralpde.losses.norms", "neuralpde/models/fno.py:1: models imports losses, sideways; imports go downwards only."),
        ("neuralpde/models/a/b.py", "from ...modules import x", "neuralpde/models/a/b.py:1: models imports modules, upwards; imports go downwards only."),
        (
            "neuralpde/models/fno.py",
            "def f():\n    from neuralpde import modules",
            "neuralpde/models/fno.py:2: models imports modules, upwards; imports go downwards only.",
        ),
        ("neuralpde/models/fno.py", "import train", None),
        ("neuralpde/misc.py", "import neuralpde.grids", "neuralpde/misc.py:1: 'misc' stands in no row of docs/architecture.md; add it there."),
    ],
)
def test_bad_import_is_named(tree, name, source, sentence):
    assert violations(tree({name: source}), FAKE_LAYERS) == ([sentence] if sentence else [])


def test_circle_is_named(tree):
    root = tree({"neuralpde/grids.py": "import neuralpde.rollout", "neuralpde/rollout.py": "from neuralpde.grids import Grid"})
    assert circle(root) == ["grids", "rollout", "grids"]
