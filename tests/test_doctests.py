"""Every example in a docstring of symssl, of the derivations and of the figures runs."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import symssl
import symssl.derivations
import symssl.figures

FOLDERS = {
    "symssl": Path(symssl.__file__).parent,
    "symssl.derivations": Path(symssl.derivations.__file__).parent,
    "symssl.figures": Path(symssl.figures.__file__).parent,
}


def modules():
    """Every module below the three folders, installed or in a source tree."""
    found = set()
    for package, folder in FOLDERS.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            found.add(".".join([package, *(part for part in parts if part != "__init__")]))
    return sorted(found)


@pytest.mark.parametrize("name", modules())
def test_examples(name):
    failed, _ = doctest.testmod(import_module(name))
    assert failed == 0


@pytest.mark.parametrize("name", [name for name in dir(symssl) if not name.startswith("_")])
def test_public_names_are_there_and_documented(name):
    assert (getattr(symssl, name).__doc__ or "").strip()


def test_a_module_never_hides_a_public_name():
    """`from symssl import latex` is the function whatever was imported before."""
    for name in modules():
        import_module(name)
    assert [name for name in symssl.__all__ if type(getattr(symssl, name)).__name__ == "module"] == []
