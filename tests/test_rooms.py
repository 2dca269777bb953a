"""The architecture, read off the source: layers, gates, banned names, and nothing typed in that is derived."""

import ast
import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symssl"
LAYERS = (
    {"errors", "files", "reals"},
    {
        "calculus",
        "chaos",
        "directional",
        "entries",
        "equality",
        "evaluation",
        "functions",
        "gate",
        "geometry",
        "gradient",
        "gram",
        "instances",
        "laws",
        "matrices",
        "moments",
        "nodes",
        "normalform",
        "polynomials",
        "quadratic",
        "reading",
        "reduction",
        "relations",
        "secondvariation",
        "singular",
        "spectral",
        "terms",
        "transformations",
        "vectors",
        "words",
        "writing",
    },
    {
        "algebraic",
        "closedform",
        "counting",
        "equilibria",
        "escape",
        "flow",
        "folds",
        "frozen",
        "invariants",
        "inversion",
        "radicals",
        "realalgebra",
        "scaling",
    },
    {"codegen", "coupled", "horner", "kernels", "tape"},
    {"bifurcation", "kernelspectrum", "kernelssl", "networkkernels", "simulate", "trajectory"},
    {"claims"},
    {"documents", "draw", "linebreaks", "pretty", "typeset"},
    {"catalogue", "cli", "regimecli", "report", "simulatecli"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
REACHABLE = 4  # the highest layer a verb (a method) may reach up to: numerics
SOURCES = sorted(PACKAGE.rglob("*.py"))
KNOWN_NAMES = {"bao", "tian", "jing", "simon", "esser", "simsiam", "byol"}


def module_of(path):
    """First component below `symssl`, `None` for the package's own `__init__`."""
    part = path.relative_to(PACKAGE).with_suffix("").parts[0]
    return None if part == "__init__" else part


def imports(tree, path):
    """(module of symssl, inside a method?) for every import of the package itself."""
    depth = len(path.relative_to(PACKAGE).parts)

    def visit(node, in_class, in_method):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ImportFrom):
                yield from targets(child, in_method)
            elif isinstance(child, ast.Import):
                for alias in child.names:
                    if alias.name.startswith("symssl."):
                        yield alias.name.split(".")[1], in_method
            is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            yield from visit(
                child,
                isinstance(child, ast.ClassDef) or (in_class and not is_function),
                in_method or (is_function and in_class),
            )

    def targets(node, in_method):
        if node.level == depth:
            names = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
        elif node.level == 0 and (node.module or "").split(".")[0] == "symssl":
            names = node.module.split(".")[1:2] or [alias.name for alias in node.names]
        else:
            return
        for name in names:
            yield name, in_method

    yield from visit(tree, False, False)


def upward(tree, path):
    """Imports that break the layering, as text."""
    own = LEVEL[module_of(path)]
    for name, in_method in imports(tree, path):
        level = LEVEL.get(name)
        if level is None or (level > own and not (in_method and level <= REACHABLE)):
            yield f"{path.name} imports {name}"


def test_every_module_has_a_layer():
    missing = {module_of(path) for path in SOURCES} - set(LEVEL) - {None}
    assert not missing, f"place these modules in a layer: {missing}"


@pytest.mark.parametrize("path", [p for p in SOURCES if module_of(p)], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    assert list(upward(ast.parse(path.read_text()), path)) == []


@pytest.mark.parametrize(
    "source, found",
    [
        ("from .claims import check", ["flow.py imports claims"]),
        ("def f():\n    from .codegen import x", ["flow.py imports codegen"]),
        ("class A:\n    def f(self):\n        from .codegen import x", []),
        ("class A:\n    def f(self):\n        from .cli import x", ["flow.py imports cli"]),
        ("import symssl.present.terminal", ["flow.py imports report"]),
        ("from .nodes import inner", []),
    ],
)
def test_the_layering_rule_itself(source, found):
    assert list(upward(ast.parse(source), PACKAGE / "flow.py")) == found


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
    assert {p.name for p in SOURCES if "matplotlib" in imported_packages(p)} == {"draw.py"}


def test_lambdify_is_called_by_codegen_only():
    assert {p.name for p in SOURCES if "lambdify" in called_names(p)} == {"codegen.py"}


def test_only_cli_and_report_print():
    assert {p.name for p in SOURCES if "print" in called_names(p)} <= {"cli.py", "report.py"}


@pytest.mark.parametrize(
    "path",
    [*SOURCES, *sorted((ROOT / "derivations").rglob("*.py")), *sorted((ROOT / "figures").glob("*.py"))],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_text_is_never_evaluated(path):
    tree = ast.parse(path.read_text())
    bare = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not bare & {"eval", "exec"}
    assert not set(called_names(path)) & {"parse_expr", "parse_latex", "sympify", "S"} - allowed_sympify(tree)


def allowed_sympify(tree):
    """`sympify` is harmless where it is strict: then it refuses text."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) == "sympify"
    ]
    strict = all(
        any(k.arg == "strict" and getattr(k.value, "value", False) is True for k in node.keywords) for node in calls
    )
    return {"sympify"} if strict else set()


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


def test_derivations_import_only_sympy_and_symssl():
    standard = {"collections", "dataclasses", "fractions", "functools", "itertools", "math", "typing"}
    for path in (ROOT / "derivations").rglob("*.py"):
        numbers = {"numpy"} if path.name == "training.py" else set()  # experiments, which derive nothing
        assert set(imported_packages(path)) <= {"sympy", "symssl", "__future__"} | standard | numbers, path.name


# --- nothing is typed in that a step claims to derive -------------------------------------

GIVEN, WRITTEN, DERIVED = "given", "written", "derived"


class Reader:
    """Classify expressions of a derivation module: given symbol, written formula, or derived.

    A formula is *written* when all its leaves are symbols and numbers of the
    module; it is *derived* as soon as the model, a parameter or the result of an engine
    call enters.
    """

    MAKERS = {
        "symbols",
        "Symbol",
        "MatrixSymbol",
        "Dummy",
        "Function",
        "Wild",
        "IndexedBase",
        "Idx",
        "gaussians",
        "samples",
        "Identity",
        "ZeroMatrix",
    }
    # what these find out is not written down, even about a matrix or polynomial chosen as a counterexample
    COMPUTING = {
        "charpoly",
        "count_roots",
        "degree",
        "det",
        "discriminant",
        "eigenvals",
        "eigenvects",
        "integrate",
        "limit",
        "nullspace",
        "resultant",
        "roots",
        "solve",
    }

    def __init__(self, tree):
        self.functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
        self.sympy = {"sp", "sympy"}
        self.constructors = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "sympy":
                self.constructors |= {alias.asname or alias.name for alias in node.names}
        self.names, self.active = {}, set()
        for node in tree.body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            self.names[name.id] = self.kind(node.value, {})

    def kind(self, node, local):
        if isinstance(node, ast.Name):
            return local.get(node.id, self.names.get(node.id, DERIVED if node.id in self.functions else GIVEN))
        if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp)):
            return self.joined(list(ast.iter_child_nodes(node)), local, alone=WRITTEN)
        if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Starred, ast.Subscript, ast.IfExp)):
            kinds = [self.kind(child, local) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
            return (
                WRITTEN
                if WRITTEN in kinds and not isinstance(node, ast.Subscript)
                else DERIVED
                if DERIVED in kinds
                else GIVEN
            )
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            local = dict(local)
            for generator in node.generators:
                source = self.kind(generator.iter, local)
                for name in ast.walk(generator.target):
                    if isinstance(name, ast.Name):
                        local[name.id] = source
            parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            kinds = {self.kind(part, local) for part in parts}
            return WRITTEN if WRITTEN in kinds else DERIVED if DERIVED in kinds else GIVEN
        if isinstance(node, ast.Attribute):
            return self.kind(node.value, local)
        if isinstance(node, ast.Call):
            return self.called(node, local)
        return GIVEN

    def joined(self, nodes, local, alone):
        kinds = [self.kind(node, local) for node in nodes if isinstance(node, ast.expr)]
        return DERIVED if DERIVED in kinds else alone

    def called(self, node, local):
        arguments = [*node.args, *(k.value for k in node.keywords)]
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in self.MAKERS:
            return self.joined(arguments, local, alone=GIVEN)
        if name in self.functions and isinstance(function, ast.Name):
            return self.returned(name, arguments, local)
        if name in self.COMPUTING:
            return DERIVED
        if isinstance(function, ast.Call):  # what a call returned is called
            return self.joined([function, *arguments], local, alone=WRITTEN)
        of_sympy = (
            name in self.constructors
            if isinstance(function, ast.Name)
            else (isinstance(function.value, ast.Name) and function.value.id in self.sympy)
        )
        if of_sympy or isinstance(function, ast.Attribute):
            nodes = arguments if of_sympy else [function.value, *arguments]
            return self.joined(nodes, local, alone=WRITTEN)
        return DERIVED  # a call of the engine

    def returned(self, name, arguments, local):
        if name in self.active:
            return DERIVED
        function = self.functions[name]
        parameters = {a.arg: k for a, k in zip(function.args.args, [self.kind(x, local) for x in arguments])}
        self.active.add(name)
        kinds = {kind for _, kind in self.results(function, parameters, ast.Return)}
        self.active.discard(name)
        return WRITTEN if WRITTEN in kinds else DERIVED if DERIVED in kinds else GIVEN

    def results(self, function, parameters, wanted):
        """(node, kind) of what a function returns, or of the results of its steps."""
        local = dict(parameters)
        for node in ordered(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            local[name.id] = self.kind(node.value, local)
            elif isinstance(node, ast.For):
                for name in ast.walk(node.target):
                    if isinstance(name, ast.Name):
                        local[name.id] = self.kind(node.iter, local)
            elif wanted is ast.Return and isinstance(node, ast.Return) and node.value is not None:
                yield node, self.kind(node.value, local)
            elif wanted is ast.Call and isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Step":
                result = (
                    node.args[1]
                    if len(node.args) > 1
                    else next((k.value for k in node.keywords if k.arg == "result"), None)
                )
                nature = next(
                    (k.value.value for k in node.keywords if k.arg == "kind" and isinstance(k.value, ast.Constant)),
                    "exact",
                )
                if result is not None and nature not in ("assumption", "cited"):
                    yield node, self.kind(result, local)


def ordered(function):
    """Nodes of a function in the order of the source, nested functions included."""
    return sorted(
        (n for n in ast.walk(function) if hasattr(n, "lineno") and n is not function),
        key=lambda n: (n.lineno, n.col_offset),
    )


def claim_makers(tree):
    """Functions that make a claim, `Claim` itself among them, with the position of `printed`."""
    makers = {"Claim": 2}
    for function in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
        arguments = [a.arg for a in function.args.args]
        if "printed" in arguments and any(
            getattr(n.func, "id", "") == "Claim" for n in ast.walk(function) if isinstance(n, ast.Call)
        ):
            makers[function.name] = arguments.index("printed")
    return makers


def printed_arguments(tree):
    makers = claim_makers(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in makers:
            position = makers[node.func.id]
            if len(node.args) > position:
                yield node.args[position]
            yield from (k.value for k in node.keywords if k.arg == "printed")


def statements(argument):
    """Names that stand for a printed statement, or for one of its parts in a container."""
    if isinstance(argument, ast.Name):
        yield argument.id
    elif isinstance(argument, (ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.Starred)) or (
        isinstance(argument, ast.Call)
        and getattr(argument.func, "id", "")
        in ("Tuple", "Dict", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And", "Or", "FiniteSet")
    ):
        for child in ast.iter_child_nodes(argument):
            yield from statements(child)


def with_siblings(source, siblings):
    """The body of a module after the bodies of the modules of its package that it imports."""
    bodies, seen = [], set()

    def visit(tree):
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                for name in [node.module] if node.module else [alias.name for alias in node.names]:
                    if name in siblings and name not in seen:
                        seen.add(name)
                        visit(ast.parse(siblings[name]))
        bodies.extend(tree.body)

    visit(ast.parse(source))
    return ast.Module(bodies, [])


def typed_in(source, siblings=()):
    """What a derivation module writes down though its steps claim to derive it."""
    own = {n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}
    tree = with_siblings(source, dict(siblings))
    reader = Reader(tree)
    symbols = {name for name, kind in reader.names.items() if kind == GIVEN}
    printed = {
        name for argument in printed_arguments(tree) for name in statements(argument) if name in reader.names
    } - symbols
    found = []
    for function in (reader.functions[name] for name in sorted(own)):
        makes_steps = any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Step" for n in ast.walk(function))
        if not makes_steps:
            continue
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        used = {n.id for n in names} - {n.id for n in names if isinstance(n.ctx, ast.Store)}
        found += [f"{function.name} uses the printed statement {name}" for name in sorted(used & printed)]
        parameters = {a.arg: DERIVED for a in function.args.args}
        found += [
            f"{function.name}:{node.lineno} writes its result down"
            for node, kind in reader.results(function, parameters, ast.Call)
            if kind != DERIVED and not is_none(node)
        ]
    return found


def is_none(call):
    return len(call.args) > 1 and isinstance(call.args[1], ast.Constant) and call.args[1].value is None


HEAD = """
import sympy as sp
from sympy import Eq
from symssl import Claim, Step, gradient_flow
x, y = sp.symbols("x y")
PRINTED = x**2 - y
LOSS = x**4
"""


@pytest.mark.parametrize(
    "body, count",
    [
        ("yield Step('a', x**2 - y)", 1),
        ("yield Step('a', sp.expand((x - 1)**2))", 1),
        ("yield Step('a', Eq(x, y**2))", 1),
        ("yield Step('a', 3)", 1),
        ("yield Step('a', result=sp.Integer(3))", 1),
        ("z = x - y\n    yield Step('a', z)", 1),
        ("yield Step('a', helper())", 1),
        ("yield Step('a', PRINTED)", 2),
        ("yield Step('a', model.loss.diff(x))", 0),
        ("yield Step('a', gradient_flow(LOSS, x))", 0),
        ("flow = model.flow()\n    yield Step('a', flow.rhs)", 0),
        ("flow = model.flow()\n    yield Step('a', flow.subs(x, y**2) - x*y)", 0),
        ("yield Step('a', through(model))", 0),
        ("yield Step('a', sp.symbols(list(model.labels)))", 0),
        ("yield Step('a', sp.symbols('u v'))", 1),
        ("yield Step('a', sp.Tuple(*sp.Matrix([[1, x], [0, 1]]).eigenvals()))", 0),
        ("yield Step('a', x - y, kind='assumption')", 0),
        ("yield Step('only words')", 0),
        ("yield Step('a', {x: model.loss, y: x*y})", 1),
    ],
)
def test_the_rule_against_typing_results_in(body, count):
    source = (
        HEAD + "def helper():\n    return x - y\ndef through(m):\n    return -m.loss.diff(x)\n"
        f"def steps(model):\n    {body}\nCLAIM = Claim('a', 'lemma', PRINTED, steps, None)\n"
    )
    assert len(typed_in(source)) == count, typed_in(source)


def test_the_rule_sees_through_helpers_and_siblings():
    head = HEAD + "def claim(label, printed, steps):\n    return Claim(label, 'lemma', printed, steps, None)\n"
    use = "def steps(model):\n    yield Step('a', model.diff(PRINTED))\nCLAIM = claim('a', PRINTED, steps)\n"
    assert len(typed_in(head + use)) == 1
    sibling = {"shared": "from sympy import symbols\nx, y = symbols('x y')\ndef formula():\n    return x**2 - y\n"}
    there = "from symssl import Step\nfrom .shared import formula\ndef steps(model):\n    yield Step('a', formula())\n"
    assert len(typed_in(there, sibling)) == 1
    assert typed_in(there) == []  # a call of what is not seen counts as one of the engine


@pytest.mark.parametrize(
    "path",
    sorted({*(ROOT / "derivations").rglob("*.py"), *(ROOT / "tests" / "toy" / "derivations").rglob("*.py")}),
    ids=lambda p: f"{p.parent.name}.{p.stem}",
)
def test_derivations_type_no_result_in(path):
    assert typed_in(path.read_text(), {p.stem: p.read_text() for p in path.parent.glob("*.py")}) == []


def test_every_package_is_installed():
    """A paper that has become a package is named in setup.cfg; one that is a file needs no such line."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split())
    roots = {"symssl": PACKAGE, "symssl.derivations": ROOT / "derivations", "symssl.figures": ROOT / "figures"}
    there = set()
    for name, folder in roots.items():
        there |= {".".join([name, *init.parent.relative_to(folder).parts]) for init in folder.rglob("__init__.py")}
    assert named == there
