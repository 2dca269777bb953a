"""Compiling expressions and flows: what is taken, and what is refused at once."""

import numpy as np
import pytest
import sympy as sp
from codegen_helpers import COSINE, a, b, c, p, rho, s2, x, y, z

from symssl.codegen.compile import compile_flow, compile_function
from symssl.errors import InputError
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
