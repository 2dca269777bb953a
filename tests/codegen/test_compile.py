"""Compiling expressions and flows: what is taken, and what is refused at once."""

import pickle

import numpy as np
import pytest
import sympy as sp
from codegen_helpers import COSINE, a, b, c, p, rho, s2, x, y, z
from hypothesis import given, strategies as st

from symssl import gradient_flow, sq
from symssl.codegen.compile import compile_flow, compile_function
from symssl.errors import InputError, SymsslError
from symssl.scalar.flow import Flow


def test_jacobian_by_complex_step():
    flow = Flow({p: COSINE, a: a * b - sp.exp(-p), b: p / (a + b)}, (c, s2, rho))
    compiled = compile_flow(flow)
    at = np.array([0.7, 1.2, 0.9, 0.5, 0.25, 0.1])
    numeric = np.array([compiled.rhs(*(at + 1e-30j * np.eye(6)[j])).imag / 1e-30 for j in range(3)]).T
    assert compiled.jacobian(*at) == pytest.approx(numeric, rel=1e-13)


def test_symbols_equal_by_name_only_are_refused():
    positive = sp.Symbol("x", positive=True)
    with pytest.raises(InputError, match="assumptions"):
        compile_function(positive + 1, [x])
    with pytest.raises(InputError, match="assumptions"):
        compile_function(x + positive, [x, positive])


@pytest.mark.parametrize(
    "expr",
    [
        sp.Function("f")(x),
        sp.Derivative(sp.Function("f")(x), x),
        sp.Integral(sp.exp(x * y), (y, 0, 1)),
        sp.Symbol("A", commutative=False) * x,
        sp.zoo,
        sp.nan,
        x * sp.nan,
        sp.Integer(10) ** 400,
        sp.Piecewise((x, sp.Contains(x, sp.Interval(0, 1))), (0, True)),
        sp.MatrixSymbol("M", 2, 2)[0, 0],
        x > 0,
        "x + 1",
        None,
        [],
        [[x, y], [x]],
        sp.Matrix(0, 0, []),
        x + sp.Symbol("undeclared"),
    ],
    ids=str,
)
def test_what_cannot_be_compiled_is_refused_at_once(expr):
    for backend in ("numpy", "mpmath"):
        with pytest.raises(InputError):
            compile_function(expr, [x, y], backend=backend)


@pytest.mark.parametrize("flow", [3, None, "x", x**2, {x: -x}], ids=str)
def test_only_a_flow_is_compiled_as_a_flow(flow):
    with pytest.raises(InputError, match="flow must be a Flow"):
        compile_flow(flow)


@pytest.mark.parametrize("options", [{"backend": "torch"}, {"block": 0}, {"block": 1.5}, {"reject_nan": [z]}], ids=str)
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        compile_function(x, [x], **options)


@pytest.mark.parametrize("args", [["x"], [x, x], [x, 1], [x + y]], ids=str)
def test_bad_argument_lists_are_refused(args):
    with pytest.raises(InputError):
        compile_function(sp.Integer(1), args)


def test_nan_propagates_in_states_and_is_refused_in_parameters():
    f = compile_flow(Flow({x: a * x}, (a,)))
    assert np.isnan(f.rhs(np.array([np.nan, 1.0]), 2.0)).tolist() == [[True, False]]
    for value in (np.nan, np.array([1.0, np.nan])):
        with pytest.raises(InputError, match="a is NaN"):
            f.rhs(1.0, value)


# -- malformed arguments, and what a person sees ------------------------------------------------

wrong = st.sampled_from(
    [
        *(
            3,
            -1.5,
            True,
            None,
            "x",
            b"x",
            {1, 2},
            (),
            [1, "a"],
            [1, [2]],
            {},
            {x: 1},
            1j,
            x,
            x**2,
            x > 0,
            object(),
            Flow,
        ),
        *(np.ones(3), np.ones((2, 2)), np.array("a"), sp.Matrix([x, 2]), Flow({x: a * x}, (a,)), lambda *_: None),
        gradient_flow(sq(sp.MatrixSymbol("W", 2, 2)), [sp.MatrixSymbol("W", 2, 2)]),
    ]
)


def refusal(function, *args, **arguments):
    """What a call refuses with, in words; None where it succeeds.  Any other error is a failure."""
    try:
        function(*args, **arguments)
    except SymsslError as error:
        return str(error)
    return None


@given(st.sampled_from(["exprs", "args", "backend", "cse", "block", "reject_nan"]), wrong)
def test_malformed_arguments_are_refused(name, value):
    right = {"exprs": [x, x**2], "args": (x,), "backend": "numpy"}
    assert refusal(compile_function, **(right | {name: value})) != ""


@given(wrong, wrong)
def test_malformed_flows_and_values_are_refused(value, other):
    assert refusal(compile_flow, value) != "" != refusal(compile_flow, Flow({x: -x}), backend=value)
    for backend in ("numpy", "mpmath", "ball"):
        assert refusal(compile_function(x + y, (x, y), backend=backend), value, other) != ""


@pytest.mark.parametrize("flow", [Flow({x: a * x}, (a,)), Flow({q: -q for q in sp.symbols("q_1:30")})])
def test_compiled_code_shows_itself(flow):
    compiled = compile_flow(flow)
    for one in (compiled, compiled.rhs, compiled.jacobian, compile_function(x**2 + 1, x)):
        lines = repr(one).split("\n")
        assert len(lines) <= 12 and max(map(len, lines)) <= 120 and lines[0].startswith(type(one).__name__)
        assert one._repr_html_().startswith("<table>")
    assert pickle.loads(pickle.dumps(compiled)).source == compiled.source
