"""House rules that a linter does not know: silence, declared public names, documented ones, no dumping ground."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "neuralpde").rglob("*.py"))
PROGRAMS = [path for path in (ROOT / "train.py", ROOT / "evaluate.py", ROOT / "datasets" / "generate.py") if path.exists()]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def declared(tree: ast.Module) -> list[str] | None:
    """Names in ``__all__``, None if there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return ast.literal_eval(node.value)
    return None


def undocumented(module: object, names: list[str]) -> Iterator[str]:
    """Public classes and functions without a docstring of their own, and public methods without any."""
    for name in names:
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if not value.__dict__.get("__doc__") and not (inspect.isfunction(value) and value.__doc__):
            yield name
        if inspect.isclass(value) and value.__module__.startswith("neuralpde."):
            yield from (
                f"{name}.{key}"
                for key, member in vars(value).items()
                if not key.startswith("_") and inspect.isfunction(member) and not inspect.getdoc(getattr(value, key))
            )


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_public_names_are_declared_and_documented(path):
    tree = parsed(path)
    names = declared(tree)
    assert ast.get_docstring(tree), f"{named(path)} needs a docstring that says what it holds."
    assert names is not None, f"{named(path)} needs __all__."
    assert names == list(dict.fromkeys(names)), f"{named(path)}: a name stands twice in __all__."
    if path.name == "__main__.py":
        return
    module = importlib.import_module(module_name(path))
    assert [name for name in names if not hasattr(module, name)] == []
    assert list(undocumented(module, names)) == []


def test_silent():
    """No print and no forgotten breakpoint; progress belongs to the trainer, messages to a logger."""
    calls = (
        (path, node) for path in [*SOURCES, *PROGRAMS] for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    assert [f"{named(path)}:{node.lineno}" for path, node in calls if node.func.id in ("print", "breakpoint")] == []


def test_no_global_state_at_import():
    """Seeds, default types and warning filters belong to the program, so no module calls anything for its effect."""
    statements = ((path, node) for path in SOURCES for node in parsed(path).body)
    assert [f"{named(path)}:{node.lineno}" for path, node in statements if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)] == []


def test_no_dumping_ground():
    found = [named(path) for path in SOURCES if {part.removesuffix(".py") for part in path.parts} & {"utils", "helpers", "misc", "common"}]
    assert found == []


def test_programs_are_short():
    assert [named(path) for path in PROGRAMS if len(path.read_text(encoding="utf-8").splitlines()) > 60] == []


def test_no_pickled_or_generated_files_in_the_package():
    suffixes = {path.suffix for path in (ROOT / "neuralpde").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert suffixes <= {".py", ".json", ".safetensors", ".typed", ""}


def test_no_private_paths():
    """Nothing that holds on one machine only."""
    private = re.compile(r"/(?:home|root|Users|work)/")
    files = [*SOURCES, *PROGRAMS, *sorted((ROOT / "conf").rglob("*.yaml")), *sorted((ROOT / "docs").rglob("*.md"))]
    assert [named(path) for path in files if private.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("import neuralpde", ["torch", "lightning", "hydra", "h5py", "matplotlib", "huggingface_hub", "wandb"]),
        ("import neuralpde; neuralpde.load_pretrained", ["lightning", "hydra", "matplotlib", "huggingface_hub", "wandb"]),
    ],
)
def test_import_is_quick_and_light(program, heavy):
    """Heavy libraries come with the part that needs them."""
    check = f"import sys; {program}; assert not (found := [name for name in {heavy} if name in sys.modules]), found"
    subprocess.run([sys.executable, "-c", check], check=True, cwd=ROOT, timeout=100)


def test_the_check_for_docstrings_sees_one_that_is_missing():
    class Documented:
        """Has one."""

        def method(self) -> None: ...

    Documented.__module__ = "neuralpde.fake"

    class Bare(Documented): ...

    module = type("module", (), {"Documented": Documented, "Bare": Bare})
    assert list(undocumented(module, ["Documented", "Bare"])) == ["Documented.method", "Bare"]
