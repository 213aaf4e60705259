"""The examples of the docstrings."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
import torch

import neuralpde.implicit

MODULES = [module.name for module in pkgutil.walk_packages(neuralpde.implicit.__path__, "neuralpde.implicit.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name), extraglobs={"torch": torch}).failed == 0


def test_there_are_examples():
    found = [test for name in MODULES for test in doctest.DocTestFinder().find(importlib.import_module(name)) if test.examples]
    assert len(found) >= 6
