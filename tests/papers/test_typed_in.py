"""A result that a step claims to derive is not written down in it: read off the source of the derivations."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
