"""What all results of the room share: a short repr, LaTeX that compiles, values that pickle, named mistakes."""

import pickle
import re
import shutil
import subprocess
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import MODES, RATIO, SCALAR, SIXTH, a, b, c, d, k, m, p, rho, x, y
from wrong_objects import OBJECTS, survives, wrong

from symssl import Flow, InputError, count_equilibria, fold_set, latex
from symssl.scalar import Case, Field
from symssl.scalar.closed_form import closed_form
from symssl.scalar.counting import count_at_numbers
from symssl.scalar.equilibria import equilibria, stability
from symssl.scalar.escape_time import escape_time
from symssl.scalar.invariants import invariants
from symssl.scalar.scaling import nondimensionalize
from symssl.typeset.formulas import Formula

BY_NAME = {problem.name: problem.flow for problem in SCALAR}
LORENZ = Flow(
    {x: a * (y - x), y: x * (b - sp.Symbol("z", real=True)) - y, sp.Symbol("z", real=True): x * y - c}, (a, b, c)
)
w = sp.Symbol("w", positive=True)
MANY = sp.symbols("n_1:16", real=True)

FLOWS = {
    **BY_NAME,
    "modes": MODES,
    "ratio": RATIO,
    "sixth order": SIXTH,
    "predator and prey": Flow({x: a * x - b * x * y, y: -c * y + d * x * y}, (a, b, c, d)),
    "fifteen states": Flow({q: sum(MANY) - k * q**3 for q in MANY}, (k,)),
}


def _examples():
    """Pairs of a name and what makes the object; what is refused for a flow is no example."""
    for name, flow in FLOWS.items():
        yield f"flow: {name}", lambda flow=flow: flow
    for name in (*BY_NAME, "sixth order"):
        yield f"count: {name}", lambda name=name: count_equilibria(FLOWS[name])
        yield f"folds: {name}", lambda name=name: fold_set(FLOWS[name])
        yield f"equilibria: {name}", lambda name=name: FLOWS[name].equilibria()
    yield "count: every point", lambda: count_equilibria(Flow({x: m * x}, (m,)))
    yield "count: order not decided", lambda: Case(m > 0, (2, 1), 0, (1,), None)
    yield "case", lambda: count_equilibria(BY_NAME["imperfect pitchfork"]).cases[1]
    yield "certificate", lambda: count_equilibria(BY_NAME["imperfect pitchfork"]).certificate[0]
    yield "equilibrium", lambda: BY_NAME["cubic with decay"].equilibria().explicit[1]
    yield "no equilibrium", lambda: Flow({x: 1 + x**2}).equilibria()
    yield "equilibria of a system", lambda: Flow({x: y - x, y: m - x**2}, (m,)).equilibria()
    yield "predator and prey", FLOWS["predator and prey"].equilibria
    yield "no fold", lambda: fold_set(Flow({x: m - x}, (m,)))
    yield "scaling: logistic", lambda: Flow({w: a * w * (1 - w / b) - c}, (a, b, c)).nondimensionalize()
    yield "scaling: sixth order", SIXTH.nondimensionalize
    yield "scaling: predator and prey", FLOWS["predator and prey"].nondimensionalize
    yield "invariants: modes", MODES.invariants
    yield "invariants: predator and prey", lambda: FLOWS["predator and prey"].invariants(1)
    yield "invariants: none", lambda: Flow({x: y, y: x + x**2 - x * y + 1}).invariants()
    yield "curve", lambda: MODES.invariants()[0]
    for rhs in (
        -a * x,
        m * x + a,
        a * x * (1 - x / b),
        m * x - x**2,
        1 + x**2,
        m + k * x - x**2,
        x**2 * (1 - a * x),
        x**2 - x**3 / 2 - 2 * x**6 - x / 4,
        sp.Integer(0),
    ):
        yield f"closed form: {rhs}", lambda rhs=rhs: Flow({x: rhs}, tuple(rhs.free_symbols - {x})).closed_form()
    yield "closed form: power", lambda: Flow({w: a * w ** sp.Rational(2, 3) - b * w}, (a, b)).closed_form()
    yield "closed form: implicit", BY_NAME["cubic with decay"].closed_form
    yield "closed form: pair", lambda: Flow({x: y, y: -x - 2 * y + 1}).closed_form("x")
    yield "closed form: pair with a sign", lambda: Flow({x: m * x + y, y: x + k * y}, (m, k)).closed_form("x")
    yield "closed form: another start", lambda: Flow({p: -rho * p}, (rho,)).closed_form(initial=1 + rho)
    yield "mapping", lambda: Field({x: -y, y: x})


EXAMPLES = dict(_examples())
FORMULAS = [name for name in EXAMPLES if name not in ("certificate", "mapping")]


@cache
def example(name):
    return EXAMPLES[name]()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_repr_fits_a_terminal_and_names_the_class(name):
    text = repr(example(name))
    assert len(text.splitlines()) <= 12 and all(len(line) <= 120 for line in text.splitlines())
    assert type(example(name)).__name__ in text or isinstance(example(name), Field)


@pytest.mark.parametrize("name", EXAMPLES)
def test_results_are_values(name):
    result = example(name)
    again = pickle.loads(pickle.dumps(result))
    assert again == result and hash(again) == hash(result)


def closes(text):
    """Braces, environments and left-right pairs close in order."""
    opened = []
    for token in re.findall(r"\\(?:begin|end)\{\w+\}|\\(?:left|right)(?![a-z])|\\[{}]|[{}]", text):
        if token in ("{", "\\left") or token.startswith("\\begin"):
            opened.append(token)
        elif token == "}":
            assert opened.pop() == "{", text
        elif token == "\\right":
            assert opened.pop() == "\\left", text
        elif token.startswith("\\end"):
            assert opened.pop() == token.replace("end", "begin"), text
    return not opened


def test_every_result_is_a_formula_but_proofs_and_mappings():
    others = {name: example(name) for name in EXAMPLES if not isinstance(example(name), Formula)}
    assert {type(e).__name__ for e in others.values()} == {"Certificate", "Field"}
    assert FORMULAS == [name for name in EXAMPLES if name not in others]


@pytest.mark.parametrize("name", FORMULAS)
def test_latex_closes_what_it_opens(name):
    result = example(name)
    text = latex(result)
    assert text == result.latex() and closes(text) and text in result._repr_latex_()
    assert r"\mathtt" not in text and r"\_" not in text  # nothing is printed as typewriter text


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex; the structure is checked without it")
def test_a_page_of_everything_compiles(tmp_path):
    shown = "\n".join(rf"\[{latex(example(name))}\]" for name in FORMULAS)
    page = r"\documentclass{article}\usepackage{amsmath,amssymb}\usepackage[margin=2cm]{geometry}\begin{document}"
    (tmp_path / "page.tex").write_text(f"{page}\n{shown}\n\\end{{document}}")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "page"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert not [w for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout) if float(w) > 15]


@pytest.mark.parametrize(
    "name, parts",
    [
        ("count: pitchfork", [r"x_{1} < x_{2} = 0 < x_{3}", r"\text{stable, unstable, stable}", r"\text{if } m > 0"]),
        ("count: sixth order", ["D_{2} < 0", "D_{1} = ", "D_{2} &= ", r"\#\{p\colon"]),
        ("count: every point", [r"\infty & \text{every point}"]),
        ("count: order not decided", ["2, 1 below 0; 1 above 0"]),
        ("folds: imperfect pitchfork", [r"h &= - 2 x^{3}", r"x &\in \mathbb{R}", "27 h^{2} - 4 k^{3} &= 0", "cusp"]),
        ("folds: transcritical", [r"\text{no fold}"]),
        ("equilibria: cubic with decay", [r"p = 0 & \text{stable}", r"\text{half-stable}", r"\text{if }"]),
        ("equilibria: imperfect pitchfork", [r"\text{the roots of }"]),
        ("scaling: logistic", [r"\frac{\mathrm{d}y}{\mathrm{d}\tau} &=", r"\mu &= \frac{c}{a b}", r"w &= b y"]),
        ("invariants: modes", [r"\left[- p^{2} + s\right] &= - 2 \rho \left[- p^{2} + s\right]"]),
        ("invariants: predator and prey", [r"e^{b y + d x}\right] &= 0"]),
        ("closed form: m*x - x**2", [r"\text{if } m > 0,\ \text{as long as }"]),
        ("closed form: implicit", [r"t &= "]),
        ("closed form: -2*x**6 - x**3/2 + x**2 - x/4", [r"\sum_{8 r^{5} + 2 r^{2} - 4 r + 1 = 0}"]),
        ("closed form: another start", ["p(0) &= "]),
    ],
)
def test_what_is_printed(name, parts):
    text = latex(example(name))
    for part in parts:
        assert part in text


# --- objects of the wrong kind --------------------------------------------------------------

CUBIC = BY_NAME["pitchfork"]
PLANAR = Flow({x: y - k * x, y: x * y - 2}, (k,))
COUNT = count_equilibria(CUBIC)
METHODS = (
    "lie",
    "fix",
    "restrict",
    "retime",
    "invariants",
    "nondimensionalize",
    "closed_form",
    "stability",
    "fold_set",
    "to_function",
    "state",
    "parameter",
)
CALLS = {
    "Flow": Flow,
    "Flow: right-hand side": lambda thing: Flow({x: thing}),
    "Flow: parameters": lambda thing: Flow({x: k}, thing),
    "Field": Field,
    "at": COUNT.at,
    "at: a value": lambda thing: COUNT.at({"m": thing}),
    **{f"{name} of {len(flow.states)}": getattr(flow, name) for flow in (CUBIC, PLANAR) for name in METHODS},
    "fix: a value": lambda thing: CUBIC.fix({m: thing}),
    "restrict: an expression": lambda thing: PLANAR.restrict({x: thing}),
    "stability: a value": lambda thing: PLANAR.stability({x: thing, y: 2}),
    "fold_set: parameters": lambda thing: CUBIC.fold_set(None, thing),
    "escape_time": lambda thing: CUBIC.escape_time(thing, initial=2),
    "escape_time: initial": lambda thing: CUBIC.escape_time(initial=thing),
    "closed_form: time": lambda thing: CUBIC.closed_form(time=thing),
    "closed_form: initial": lambda thing: CUBIC.closed_form(initial=thing),
    "nondimensionalize: states": lambda thing: CUBIC.nondimensionalize(states=thing),
    "nondimensionalize: a state": lambda thing: CUBIC.nondimensionalize(states={x: thing}),
    "nondimensionalize: names": lambda thing: CUBIC.nondimensionalize(names=thing),
    "nondimensionalize: a name": lambda thing: CUBIC.nondimensionalize(names=[thing]),
    "nondimensionalize: a term": lambda thing: CUBIC.nondimensionalize([(x, thing)]),
    "to_function: values": lambda thing: CUBIC.to_function()(0, [1], thing),
    "to_function: y": lambda thing: CUBIC.to_function({m: 1})(0, thing),
    **{f.__name__: f for f in (count_equilibria, fold_set, closed_form, equilibria, invariants, nondimensionalize)},
    "stability: flow": lambda thing: stability(thing, 0),
    "escape_time: flow": lambda thing: escape_time(thing, initial=1),
    "count_at_numbers": lambda thing: count_at_numbers(thing, x),
    "count_at_numbers: state": lambda thing: count_at_numbers(CUBIC.fix({m: 1}), thing),
    "count_equilibria: state": lambda thing: count_equilibria(CUBIC, thing),
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=25)
@given(thing=wrong)
def test_wrong_objects_are_named(name, thing):
    assert survives(CALLS[name], thing) is None


@given(st.sampled_from(sorted(CALLS)), st.sampled_from(OBJECTS))
@settings(max_examples=200)
def test_wrong_objects_are_named_anywhere(name, thing):
    assert survives(CALLS[name], thing) is None


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: count_equilibria({x: x}), r"flow must be a Flow, not \{x: x\} \(a dict\)"),
        (lambda: fold_set("x"), "flow must be a Flow, not the string 'x'"),
        (lambda: CUBIC.fix({"m"}), "values must be a mapping"),
        (lambda: CUBIC.fix("m=1"), "values must be a mapping .*, not the string 'm=1'"),
        (lambda: CUBIC.fold_set(None, [m, m]), "two different parameters"),
        (lambda: CUBIC.invariants(2.0), "degree must be a whole number"),
        (lambda: PLANAR.stability(3), "point must be a mapping"),
        (lambda: CUBIC.parameter(sp.Symbol("m")), "other assumptions"),
        (lambda: CUBIC.lie(sp.MatrixSymbol("W", 2, 2)), r"must be an expression, not W \(a MatrixSymbol\)"),
        (lambda: CUBIC.to_function({m: 1})(0, 3), "y must be an array of 1 numbers"),
        (lambda: CUBIC.restrict({}), "empty mapping"),
        (lambda: Flow({x: m * x}, {m}), "parameters must be a sequence"),
        (lambda: Field(3), "items must be a mapping"),
    ],
)
def test_messages_name_the_argument(call, message):
    with pytest.raises(InputError, match=message):
        call()
