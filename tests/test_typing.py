"""Editors and type checkers know every public name: tests/typed, checked by `mypy --strict` in CI, uses them all."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
PACKAGE = ROOT.parent / "symssl"
TYPED = {path.stem: path for path in sorted((ROOT / "typed").glob("*.py"))}
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.pyi"))


def public(folder):
    tree = ast.parse((folder / "__init__.pyi").read_text())
    return {
        alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) and node.module for alias in node.names
    }


def used(path):
    """Names imported and then used."""
    tree = ast.parse(path.read_text())
    imported = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "symssl"
        for alias in node.names
    }
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return {original for local, original in imported.items() if local in mentioned}


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_used_in_typed_code(room):
    assert public(PACKAGE / room) - set().union(*map(used, TYPED.values())) == set()


def test_every_public_name_is_used_in_typed_code():
    assert public(PACKAGE) - set().union(*map(used, TYPED.values())) == set()


@pytest.mark.parametrize("stub", sorted(PACKAGE.rglob("__init__.pyi")), ids=lambda path: path.parent.name)
def test_a_table_of_contents_only_names(stub):
    """Types are written where a name is defined, so a stub can never disagree with them."""
    for node in ast.parse(stub.read_text()).body:
        assert isinstance(node, (ast.ImportFrom, ast.AnnAssign)), ast.unparse(node)
