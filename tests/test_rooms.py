"""The architecture, read off the source: rooms in their order, no circles, and what only one place may do."""

import ast
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symssl"
SOURCES = sorted(PACKAGE.rglob("*.py"))
# A room imports itself and the rooms before it.
ORDER = (
    "errors",
    "support",
    "exact",
    "typeset",
    "language",
    "words",
    "scalar",
    "matrix",
    "codegen",
    "modes",
    "trajectory",
    "bifurcation",
    "simulate",
    "kernels",
    "statements",
    "claims",
    "draw",
    "present",
    "cli",
)
ROOMS = [name for name in ORDER if (PACKAGE / name).is_dir()]
# Methods that lead from a flow to what is made of it: the only imports that point up.
UPWARD = {("scalar.flow", "codegen.compile"), ("matrix.flow", "modes.spectral")}
KNOWN_NAMES = {"bao", "tian", "jing", "simon", "esser", "simsiam", "byol"}


def module_of(path):
    """`matrix.flow` for `symssl/matrix/flow.py`; `matrix` for the room itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in SOURCES}


def arrows(source, module, is_room=False):
    """(imported module, at module level?) for each import of the package itself in a source."""
    package = module.split(".") if is_room else module.split(".")[:-1]

    def targets(node):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("symssl.") for alias in node.names if alias.name.startswith("symssl."))
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - (node.level - 1)]
                base = [*base, *(node.module or "").split(".")] if node.module else base
            elif (node.module or "").split(".")[0] == "symssl":
                base = node.module.split(".")[1:]
            else:
                return
            for alias in node.names:
                inner = ".".join([*base, alias.name])
                yield inner if inner in MODULES else ".".join(base)

    def visit(node, at_module_level):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue  # only named in annotations, never imported
            for target in targets(child):
                yield target, at_module_level
            nested = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from visit(child, at_module_level and not nested)

    yield from visit(ast.parse(source), True)


def room(module):
    return module.split(".")[0]


def upward(source, module):
    """Imports of a module that point to a later room."""
    return {
        (module, target)
        for target, _ in arrows(source, module)
        if ORDER.index(room(target)) > ORDER.index(room(module))
    }


def inner_modules():
    return {name: path for name, path in MODULES.items() if name not in ("", "__main__")}


def test_every_module_lies_in_a_room():
    assert {room(name) for name in inner_modules()} == set(ORDER)
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 8


def test_imports_point_downwards():
    found = set().union(
        *(upward(path.read_text(), name) for name, path in inner_modules().items() if name not in ROOMS)
    )
    assert found == UPWARD
    assert len(UPWARD) <= 3
    for module, target in UPWARD:  # none at module level
        assert (target, True) not in set(arrows(MODULES[module].read_text(), module))


def circles(graph):
    """Sets of modules that import each other, directly or not: the strongly connected components of more than one."""
    names = sorted(graph)
    matrix = np.array([[other in graph[name] for other in names] for name in names])
    count, label = connected_components(matrix, directed=True, connection="strong")
    return [group for k in range(count) if len(group := {n for n, c in zip(names, label) if c == k}) > 1]


def test_no_circles():
    """None at module level between files, none at all between rooms but by the imports that may point up."""
    sources = {name: path.read_text() for name, path in inner_modules().items()}
    files = {
        name: {target for target, top in arrows(source, name, name in ROOMS) if top} for name, source in sources.items()
    }
    assert circles(files) == []
    between = {name: set() for name in ORDER}
    for name, source in sources.items():
        between[room(name)] |= {
            room(target)
            for target, _ in arrows(source, name, name in ROOMS)
            if (name, target) not in UPWARD and room(target) != room(name)
        }
    assert circles(between) == []


@pytest.mark.parametrize(
    "source, module, wanted",
    [
        ("from ..claims.checking import check", "scalar.flow", {("scalar.flow", "claims.checking")}),
        ("def f():\n    from ..codegen.compile import x", "scalar.flow", {("scalar.flow", "codegen.compile")}),
        ("import symssl.present.terminal", "scalar.flow", {("scalar.flow", "present.terminal")}),
        ("if TYPE_CHECKING:\n    from ..modes.flow import ModeFlow", "matrix.flow", set()),
        ("from ..language.scalars import inner\nfrom .folds import FoldSet", "scalar.flow", set()),
        ("from .. import draw", "present.bundle", set()),
        ("from ... import draw", "claims.ledger.lock", {("claims.ledger.lock", "draw")}),
    ],
)
def test_the_rule_itself(source, module, wanted):
    assert upward(source, module) == wanted


def test_the_circles_themselves():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == [{"b", "c"}]


# --- tables of contents -------------------------------------------------------------------


def contents(name):
    """The names that a room's table of contents exports, with the module each comes from."""
    tree = ast.parse((PACKAGE / name / "__init__.pyi").read_text())
    return {
        alias.asname: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_says_what_it_knows_and_has_what_it_lists(name):
    module = import_module(f"symssl.{name}")
    assert len(module.__doc__.strip().splitlines()) >= 3
    if name == "cli":  # a program, not a library
        return
    listed = contents(name)
    assert sorted(listed) == sorted(module.__all__)
    for public, home in listed.items():
        inner = import_module(f"symssl.{name}.{home}")
        assert getattr(module, public) is getattr(inner, public)
        assert public in inner.__all__, f"{public} is not in __all__ of {inner.__name__}"
    hidden = set(listed) & {path.stem for path in (PACKAGE / name).iterdir()}
    assert all(listed[public] == public for public in hidden), "a name hides the module of another"


def test_the_table_of_contents_lists_every_public_name():
    import symssl

    words = set(re.findall(r"\w+", symssl.__doc__))
    assert not set(contents(".")) - words
    assert set(contents(".")) - set(symssl.__all__) <= {"KernelSSL"}


# --- who may do what ----------------------------------------------------------------------


def imported_packages(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def called_names(path):
    """Names called or referred to as functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_matplotlib_is_imported_by_draw_only():
    assert {module_of(p) for p in SOURCES if "matplotlib" in imported_packages(p)} == {"draw"}


def test_lambdify_is_called_by_codegen_only():
    assert {room(module_of(p)) for p in SOURCES if "lambdify" in called_names(p)} == {"codegen"}


def test_only_what_people_read_prints():
    assert {room(module_of(p)) for p in SOURCES if "print" in called_names(p)} <= {"cli", "present"}


@pytest.mark.parametrize(
    "path",
    [*SOURCES, *sorted((ROOT / "derivations").rglob("*.py")), *sorted((ROOT / "figures").glob("*.py"))],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_text_is_never_evaluated(path):
    tree = ast.parse(path.read_text())
    bare = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not bare & {"eval", "exec"}
    banned = EVALUATING if path != PACKAGE / "exact" / "gate.py" else EVALUATING - {"sympify"}
    assert not {name for name, _ in mentions(tree)} & banned


# Each of these parses text, in a container at least; `exact/gate.py` alone may ask SymPy to convert.
EVALUATING = {
    "sympify", "_sympify", "S", "kernS", "parse_expr", "parse_latex", "parse_mathematica", "parse_maxima",
    "stringify_expr",
    "eval_expr", "lambdastr", "sympify_old", "nsimplify_string", "auto_symbol", "evalf_string", "literal_eval",
    "__import__",
}  # fmt: skip
# SymPy makes these out of what it is given, converting each part: never straight from a parameter of a public function.
CONVERTING = {
    "Add", "Dict", "Eq", "FiniteSet", "Float", "Ge", "Gt", "Integer", "Interval", "Le", "Lt", "Matrix",
    "ImmutableMatrix", "Mul",
    "Ne", "Piecewise", "Poly", "Pow", "Rational", "Sum", "Symbol", "Tuple", "diff", "expand", "factor", "simplify",
    "solve",
    "subs", "together", "cancel", "N",
}  # fmt: skip


def mentions(tree):
    """(name, node) of everything that is called, imported or taken as an attribute of SymPy."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", "") or getattr(node.func, "attr", ""), node
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sympy":
            yield from ((alias.name, node) for alias in node.names if alias.name != "S")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("sp", "sympy"):
            yield from ((node.attr, node) for _ in range(node.attr != "S"))


def converted(function):
    """Parameters of a function that reach a converting call of SymPy before anything has looked at them."""
    names = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)} - {
        "self",
        "cls",
    }
    names |= {a.arg for a in (function.args.vararg, function.args.kwarg) if a}
    seen = set()
    for node in sorted(ast.walk(function), key=lambda n: (getattr(n, "lineno", 0), getattr(n, "col_offset", 0))):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        straight = {
            getattr(getattr(a, "value", a), "id", "") for a in node.args if isinstance(a, (ast.Name, ast.Starred))
        }
        if called in CONVERTING:
            yield from ((called, name) for name in straight & names - seen)
        seen |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}  # somebody has looked at it


# What is handed on as it stands: (function, what it is handed to, parameter), and why that runs no text.
HANDED_ON = {
    ("Problem.solve", "solve", "right"),  # NumPy's
    ("explicit_branches", "Rational", "low"),  # the caller has made doubles of both
    ("explicit_branches", "Rational", "high"),
    ("sum_of", "Poly", "shape"),  # of our own polynomials
    ("zero", "Poly", "shape"),
}


def test_public_functions_hand_nothing_unseen_to_sympy():
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        public = set(exported(tree))
        for node in tree.body:
            inner = node.body if isinstance(node, ast.ClassDef) else [node]
            for function in inner:
                if isinstance(function, ast.FunctionDef) and node.name in public and function.name[0] != "_":
                    name = function.name if function is node else f"{node.name}.{function.name}"
                    found |= {(name, *pair) for pair in converted(function)}
    assert found == HANDED_ON


def exported(tree):
    """The names in `__all__`, where they are written out."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            yield from (c.value for c in ast.walk(node.value) if isinstance(c, ast.Constant))


@pytest.mark.parametrize(
    "source, found",
    [
        ("def f(x):\n    return Tuple(x)", {("Tuple", "x")}),
        ("def f(*x):\n    return sp.Matrix(*x)", {("Matrix", "x")}),
        ("def f(x, y):\n    return x.subs(y, 1)", {("subs", "y")}),
        ("def f(x):\n    check(x)\n    return Tuple(x)", set()),
    ],
)
def test_the_search_for_what_is_handed_on(source, found):
    assert set(converted(ast.parse(source).body[0])) == found


def test_no_source_knows_a_paper():
    papers = {p.stem for p in (ROOT / "derivations").iterdir() if re.search(r"\d{4}\w?$", p.stem)}
    names = papers | {re.sub(r"\d+\w?$", "", name) for name in papers} | KNOWN_NAMES
    pattern = re.compile(r"(?<![a-z])(" + "|".join(map(re.escape, sorted(names))) + r")(?![a-z])", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


PAPER_SOURCES = [*sorted((ROOT / "derivations").rglob("*.py")), *sorted((ROOT / "figures").rglob("*.py"))]


@pytest.mark.parametrize("path", PAPER_SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_papers_import_public_rooms_only(path):
    """`symssl`, and rooms by name: no inner module, no other package that computes."""
    folder = path.relative_to(ROOT).parts[0]
    libraries = {"numpy", "matplotlib", "sklearn"} if folder == "figures" or path.name == "training.py" else set()
    standard = {
        "collections",
        "dataclasses",
        "fractions",
        "functools",
        "itertools",
        "math",
        "time",
        "typing",
        "__future__",
    }
    assert set(imported_packages(path)) <= {"sympy", "symssl"} | standard | libraries
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module.split(".")[0] == "symssl":
            where = node.module.split(".")[1:]
            papers = where[:1] in (["derivations"], ["figures"], ["errors"])
            assert papers or len(where) <= 1, f"{node.module} is not a room"
            if where and not papers:
                assert {alias.name for alias in node.names} <= set(contents(where[0])), node.module


# --- tests --------------------------------------------------------------------------------

# modules whose tests lie in a file of another name
COVERED_BY = {  # the rules are tried on sentences with known answers
    f"statements.rules.{name}": "statements/test_entailment.py"
    for name in ("derivation", "velocities", "solutions", "equilibria", "spectra", "optima", "moments")
}


def test_every_module_has_a_test_file():
    for name, path in inner_modules().items():
        if path.name == "__init__.py":
            continue
        own = "/".join([*name.split(".")[:-1], f"test_{name.split('.')[-1]}.py"])
        assert (ROOT / "tests" / COVERED_BY.get(name, own)).is_file(), f"{name}: no tests/{COVERED_BY.get(name, own)}"
    assert not set(COVERED_BY) - set(MODULES)
