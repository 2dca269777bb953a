"""Compiled code against mpmath evaluations of the expressions themselves."""

import operator
import pickle
import re
import warnings
from functools import reduce

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from symssl.codegen.compile import compile_flow, compile_function
from symssl.codegen.tape import RECIPROCALS, UFUNCS, Tape
from symssl.errors import InputError
from symssl.scalar.flow import Flow

x, y, z = ARGS = sp.symbols("x y z")
p, a, b, c, s2, rho = SIX = sp.symbols("p a b c s2 rho")
COSINE = (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p


def exact(expr, point, digits=40):
    """The value by mpmath, computed node by node on the tree as it stands."""
    values = {symbol: mpmath.mpf(value) for symbol, value in point.items()}
    operations = {
        sp.Add: lambda *t: mpmath.fsum(t),
        sp.Mul: lambda *t: mpmath.fprod(t),
        sp.Pow: mpmath.power,
        sp.exp: mpmath.exp,
        sp.sin: mpmath.sin,
        sp.tanh: mpmath.tanh,
        sp.Max: max,
        sp.Min: min,
        sp.Abs: abs,
    }

    def visit(e):
        if e in values:
            return values[e]
        if e.is_Rational:
            return mpmath.mpf(e.p) / e.q
        return operations[e.func](*map(visit, e.args))

    with mpmath.workdps(digits):
        return visit(expr)


leaves = (
    st.sampled_from(ARGS)
    | st.integers(-3, 3).map(sp.Integer)
    | st.fractions(-2, 2, max_denominator=6).map(lambda q: sp.Rational(q.numerator, q.denominator))
)


def made(children, build):
    def make(args):
        try:
            return build(*args)
        except ZeroDivisionError:  # SymPy on unevaluated sums of numbers that vanish
            reject()

    return children.map(make)


def build(children):
    one, two = st.tuples(children), st.tuples(children, children)
    return st.one_of(
        made(two, sp.Add),
        made(two, lambda d, e: sp.Add(d, e, evaluate=False)),
        made(two, sp.Mul),
        made(two, lambda d, e: sp.Mul(d, e, evaluate=False)),
        made(st.tuples(children, st.integers(2, 7)), sp.Pow),
        made(two, sp.Max),
        made(one, lambda e: 1 / (e**2 + 1)),
        made(one, lambda e: sp.sqrt(e**2 + 1) ** -3),
        made(one, sp.sin),
        made(one, sp.tanh),
        made(one, lambda e: sp.exp(-(e**2))),
    )


expressions = st.recursive(leaves, build, max_leaves=12)
numbers = st.floats(-2, 2).map(lambda v: round(v, 3))


def condition_number(expr, point):
    """Sum of the sizes of all terms: what rounding errors are relative to."""

    def visit(e):
        if e in point:
            return abs(point[e])
        if e.is_Rational:
            return abs(float(e))
        parts = [visit(arg) for arg in e.args]
        if isinstance(e, sp.Add):
            return sum(parts)
        if isinstance(e, sp.Mul):
            return reduce(operator.mul, parts, 1.0)
        if isinstance(e, sp.Pow) and e.exp.is_positive:
            return max(parts[0], 1e-300) ** float(e.exp)
        if isinstance(e, (sp.Max, sp.Min)):
            return max(parts)
        return 1 + sum(parts)  # bounded functions with derivative at most 1, and 1/(1 + e^2)

    return visit(expr)


# -- values -------------------------------------------------------------------------------


@given(expressions, st.tuples(numbers, numbers, numbers), st.booleans())
def test_arrays_agree_with_the_tree_at_forty_digits(expr, values, cse):
    point = dict(zip(ARGS, values))
    f = compile_function(expr, ARGS, cse=cse, block=3)
    true = exact(expr, point)
    at_a_point = f(*values)
    in_blocks = f(*(np.full(7, v) for v in values))
    assert isinstance(at_a_point, float) and in_blocks.shape == (7,)
    bound = 200 * 2.0**-53 * (condition_number(expr, point) + abs(true))
    for value in (at_a_point, *in_blocks):
        assert abs(value - true) <= bound


@given(expressions, st.tuples(numbers, numbers, numbers))
@settings(max_examples=30)
def test_mpmath_keeps_fifty_digits(expr, values):
    point = dict(zip(ARGS, values))
    with mpmath.workdps(50):
        got = compile_function(expr, ARGS, backend="mpmath")(*values)
        true = exact(expr, point, 80)
        assert abs(got - true) <= mpmath.mpf(10) ** -46 * (condition_number(expr, point) + abs(true))


def test_mpmath_loses_nothing_in_its_constants():
    third = sp.Mul(sp.Integer(1), sp.Pow(sp.Integer(3), -1, evaluate=False), evaluate=False)
    tenth = sp.Float("0.1", 60)
    with mpmath.workdps(50):
        for expr, true in (
            (x + sp.Rational(1, 3), mpmath.mpf(1) / 3),
            (x + third, mpmath.mpf(1) / 3),
            (x + tenth, mpmath.mpf(1) / 10),
            (x + sp.pi, +mpmath.pi),
            (x + 0.1, mpmath.mpf(0.1)),
        ):
            assert abs(compile_function(expr, [x], backend="mpmath")(0) - true) < 1e-49
        one_third = compile_function(x, [x], backend="mpmath")(sp.Rational(1, 3))
        assert abs(one_third - mpmath.mpf(1) / 3) < 1e-49
        assert compile_function(sp.Piecewise((x, x < 0)), [x], backend="mpmath")(1) != 0  # NaN


@pytest.mark.parametrize("function", [*UFUNCS, *RECIPROCALS], ids=lambda f: f.__name__)
def test_every_function_agrees_with_sympy(function):
    at = {sp.acosh: sp.Rational(7, 3)}.get(function, sp.Rational(1, 3))
    second = {sp.atan2: (y,), sp.Mod: (y,), sp.Heaviside: (sp.Rational(1, 2),)}.get(function, ())
    expr = function(x, *second)
    true = sp.N(expr.subs({x: at, y: sp.Rational(2, 7)}), 50)
    f = compile_function(expr, [x, y])
    value, array = f(float(at), 2 / 7), f(np.full(3, float(at)), 2 / 7)
    assert abs(value - true) <= 2e-15 * abs(true)
    assert np.all(abs(array - value) <= 2e-15 * abs(value))
    with mpmath.workdps(50):
        precise = compile_function(expr, [x, y], backend="mpmath")(at, sp.Rational(2, 7))
        assert abs(precise - true._to_mpmath(200)) <= mpmath.mpf(10) ** -47 * max(1, abs(precise))


def test_lambert_w_branches_and_domain():
    lower = compile_function(sp.LambertW(x, -1), [x])
    assert lower(-0.2) == pytest.approx(float(mpmath.lambertw(-0.2, -1).real), rel=1e-14)
    assert np.isnan(lower(np.array([-1.0, -0.2]))).tolist() == [True, False]


def test_the_sixth_order_field_against_its_plain_line():
    rng = np.random.default_rng(3)
    p, a, b, c, s2, rho = values = rng.uniform(0.5, 1.5, (6, 20_001))
    plain = (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p
    size = (p**2 / (a * b) + c * p**3 / b**2 + 2 * p**6 / (a * b**3)) / (1 + s2) + rho * p
    assert np.all(abs(compile_function(COSINE, SIX)(*values) - plain) <= 1e-15 * 20 * size)


@pytest.mark.parametrize("degree", [33, 200, 1000])
def test_long_polynomials(degree):
    n = sp.Symbol("n")
    expr = sp.Add(*((k + 1) * x**k for k in range(degree + 1)), x**n)
    at = np.array([-0.9, 0.3, 0.99])
    true = (1 - (degree + 2) * at ** (degree + 1) + (degree + 1) * at ** (degree + 2)) / (1 - at) ** 2 + at**2
    assert compile_function(expr, [x, n])(at, 2.0) == pytest.approx(true, rel=1e-12)


def test_jacobian_by_complex_step():
    flow = Flow({p: COSINE, a: a * b - sp.exp(-p), b: p / (a + b)}, (c, s2, rho))
    compiled = compile_flow(flow)
    at = np.array([0.7, 1.2, 0.9, 0.5, 0.25, 0.1])
    numeric = np.array([compiled.rhs(*(at + 1e-30j * np.eye(6)[j])).imag / 1e-30 for j in range(3)]).T
    assert compiled.jacobian(*at) == pytest.approx(numeric, rel=1e-13)


# -- the traps of lambdify ------------------------------------------------------------------


def test_constants_broadcast():
    f = compile_function([sp.Integer(3), x, sp.pi], [x, y])
    out = f(np.ones((4, 1)), np.ones(5))
    assert out.shape == (3, 4, 5) and (out[0] == 3).all() and (out[2] == np.pi).all()
    assert compile_function(sp.Integer(0), [x])(np.ones(3)).tolist() == [0, 0, 0]
    assert compile_function(sp.Rational(1, 4), [])() == 0.25


def test_piecewise_touches_no_other_branch():
    expr = sp.Piecewise((sp.log(x), x > 0), (1 / x, x < 0), (5, True)) + sp.Piecewise(
        (sp.Piecewise((sp.sqrt(x - 1), x > 1), (sp.exp(1000 * x), x < 0), (0, True)), x > 0), (x**2, True)
    )
    at = np.array([-2.0, 0.0, 0.5, 4.0])
    expected = [-0.5 + 4, 5, np.log(0.5), np.log(4) + np.sqrt(3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f = compile_function(expr, [x])
        assert f(at) == pytest.approx(expected, rel=1e-15)
        assert [f(v) for v in at] == pytest.approx(expected, rel=1e-15)


def test_conditions_touch_no_other_branch():
    expr = sp.Piecewise((0, x <= 0), (1, sp.log(x) > 0), (2, True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compile_function(expr, [x])(np.array([-1.0, 0.0, 0.5, 2.0])).tolist() == [0, 0, 2, 1]


def test_equal_branches_of_different_functions_stay_apart():
    exprs = [sp.Piecewise((x, x > 0), (k, True)) for k in (1, 2)]
    assert compile_function(exprs, [x])(np.array([-1.0, 3.0])).tolist() == [[1, 3], [2, 3]]
    assert compile_function(exprs[0] * exprs[1], [x])(np.array([-1.0, 3.0])).tolist() == [2, 9]


@given(st.lists(numbers, min_size=1, max_size=9), numbers)
def test_piecewise_takes_the_first_condition_that_holds(values, level):
    expr = sp.Piecewise((x * y, sp.And(x > 0, sp.Not(sp.Eq(x, y)))), (x + y, sp.Or(x < y, x < -1)), (y / 3, x < 1))

    def plainly(x, y):
        if x > 0 and x != y:
            return x * y
        if x < y or x < -1:
            return x + y
        return y / 3 if x < 1 else np.nan

    f = compile_function([expr, expr * x], [x, y], block=4)
    got = f(np.array(values), level)
    true = np.array([plainly(v, level) for v in values])
    np.testing.assert_allclose(got, [true, true * values], rtol=1e-15, atol=1e-300)


def test_a_condition_on_parameters_alone_broadcasts():
    f = compile_function(sp.Piecewise((x, a > 0), (2, True)), [x, a])
    assert f(np.arange(3.0), 1.0).tolist() == [0, 1, 2]
    assert f(np.arange(3.0), -1.0).tolist() == [2, 2, 2]
    assert f(1.5, np.array([1.0, -1.0])).tolist() == [1.5, 2]
    inside = compile_function(sp.Piecewise((a, a > 0), (x, True)) * x + 1, [x, a])
    assert inside(np.arange(3.0), 2.0).tolist() == [1, 3, 5]
    assert inside(np.arange(3.0), -1.0).tolist() == [1, 2, 5]


def test_symbols_equal_by_name_only_are_refused():
    positive = sp.Symbol("x", positive=True)
    with pytest.raises(InputError, match="assumptions"):
        compile_function(positive + 1, [x])
    with pytest.raises(InputError, match="assumptions"):
        compile_function(x + positive, [x, positive])


@given(expressions)
@settings(max_examples=20)
def test_pickles_and_carries_its_source(expr):
    for backend in ("numpy", "mpmath"):
        f = compile_function(expr, ARGS, backend=backend)
        data = pickle.dumps(f)
        copy = pickle.loads(data)
        assert copy(0.3, 0.5, 0.7) == f(0.3, 0.5, 0.7) and copy.source == f.source
        assert b"def " not in data  # code is generated anew, never carried


def test_cse_evaluates_nothing():
    big = sp.Float(1e16)
    lost = sp.Add(sp.Add(x, big, evaluate=False), -big, evaluate=False)  # as written: rounds x away
    for cse in (True, False):
        assert compile_function(lost, [x], cse=cse)(0.3) == 0.0
        kept = compile_function([sp.UnevaluatedExpr(x * y - x * z), x * y], [x, y, z], cse=cse)
        assert kept(1 / 3, 3.0, 2.9)[0] == 1 / 3 * 3.0 - 1 / 3 * 2.9
    shared = compile_function([sp.sin(x) ** 2, sp.sin(x) + 1], [x])
    assert shared.source.count("sin(") == 1
    assert compile_function([sp.sin(x) ** 2, sp.sin(x) + 1], [x], cse=False).source.count("sin(") == 2


def test_cancellation_free_forms():
    small = 1e-12
    assert compile_function(sp.exp(x) - 1, [x])(small) == np.expm1(small)
    assert compile_function(3 - 3 * sp.exp(-x), [x])(small) == -3 * np.expm1(-small)
    assert compile_function(sp.log(1 + x), [x])(small) == np.log1p(small)


def test_common_factors_neither_overflow_nor_leave_a_root():
    f = compile_function([x + 1 / x, sp.sqrt(x * y + x * z)], [x, y, z])
    assert f(1e200, 1.0, 1.0)[0] == 1e200 and f(1e-200, 1.0, 1.0)[0] == 1e200
    assert f(-1.0, -2.0, -2.0)[1] == 2


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
    with pytest.raises(InputError, match="takes a Flow"):
        compile_flow(flow)


# -- arguments --------------------------------------------------------------------------------


@given(
    st.sampled_from([(), (1,), (4,), (1, 4), (3, 1), (2, 3, 4)]),
    st.sampled_from([(), (1,), (4,), (3, 4), (3, 1)]),
    st.integers(1, 30),
)
def test_broadcasts_as_numpy_does(first, second, block):
    u = np.arange(1.0, 1 + np.prod(first, dtype=int)).reshape(first)
    v = np.arange(2.0, 2 + np.prod(second, dtype=int)).reshape(second)
    got = compile_function([[x / y, 1], [x * y, y]], [x, y], block=block)(u, v)
    true = np.broadcast_arrays(u / v, 1.0, u * v, v)
    assert got.shape == (2, 2, *true[0].shape)
    assert np.array_equal(got.reshape(4, *true[0].shape), true)


@pytest.mark.parametrize("options", [{"backend": "torch"}, {"block": 0}, {"block": 1.5}, {"reject_nan": [z]}], ids=str)
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        compile_function(x, [x], **options)


@pytest.mark.parametrize("args", [["x"], [x, x], [x, 1], [x + y]], ids=str)
def test_bad_argument_lists_are_refused(args):
    with pytest.raises(InputError):
        compile_function(sp.Integer(1), args)


def test_views_integers_and_names():
    f = compile_function(x / y, [x, y])
    grid = np.arange(1, 13).reshape(3, 4)
    assert np.array_equal(f(grid.T, 2), grid.T / 2)
    assert np.array_equal(f(grid[:, ::2], 2), grid[:, ::2] / 2)
    assert f(1, 2) == 0.5 and type(f(1, 2)) is float
    assert f(1, y=2) == f(y=2, x=1) == 0.5
    assert isinstance(f(np.float32(1), 3), float) and f(np.float32(1), 3) == 1 / 3


@pytest.mark.parametrize(
    "arguments",
    [
        ([], 1.0),
        (np.empty((0, 3)), 1.0),
        ("1", 1.0),
        (None, 1.0),
        (np.ones(2), np.ones(3)),
        (mpmath.mpf(1), 1.0),
        (np.longdouble(1), 1.0),
        (1.0,),
        (1.0, 2.0, 3.0),
        ([1, "a"], 1.0),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), 1.0),
    ],
    ids=str,
)
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(InputError):
        compile_function(x / y, [x, y])(*arguments)


def test_nan_propagates_in_states_and_is_refused_in_parameters():
    f = compile_flow(Flow({x: a * x}, (a,)))
    assert np.isnan(f.rhs(np.array([np.nan, 1.0]), 2.0)).tolist() == [[True, False]]
    for value in (np.nan, np.array([1.0, np.nan])):
        with pytest.raises(InputError, match="a is NaN"):
            f.rhs(1.0, value)


def test_complex_numbers_only_where_they_have_a_meaning():
    assert compile_function(x**2, [x])(1j) == -1
    with pytest.raises(InputError, match="real"):
        compile_function(sp.Max(x, 0), [x])(1j)


def test_awkward_names():
    names = ["lambda", "w", "t0", "multiply", "__import__('os')", "N_\\Phi", "π", "_1", "x y"]
    symbols = [sp.Symbol(name) for name in names]
    f = compile_function(sp.Add(*(n * s for n, s in enumerate(symbols, 1))), symbols)
    true = sum(n * (n + 1) for n in range(9))
    assert f(*range(9)) == true and f(*(np.full(2, n) for n in range(9))).tolist() == [true, true]
    precise = compile_function(
        sp.gamma(sp.Symbol("gamma")) + sp.Symbol("mpf") / 3, sp.symbols("gamma mpf"), backend="mpmath"
    )
    assert precise(4, 3) == 7
    assert re.fullmatch(r"[\w\s(),.:=\[\]*+-]*", f.source)


def test_steps_are_shared_and_horner():
    tape = Tape(SIX)
    tape.record(COSINE)
    operations = [step.ufunc for step in tape.steps]
    assert "power" not in operations and operations.count("divide") <= 4 and len(operations) <= 17


@given(expressions, st.integers(1, 5))
@settings(max_examples=30)
def test_blocks_never_change_a_value(expr, block):
    values = np.random.default_rng(0).uniform(-2, 2, (3, 11))
    assert np.array_equal(
        compile_function(expr, ARGS, block=block)(*values), compile_function(expr, ARGS)(*values), equal_nan=True
    )


def test_input_arrays_are_not_written_to():
    values = np.random.default_rng(0).uniform(-2, 2, (3, 11))
    before = values.copy()
    compile_function([x * y * z + x, x, -y], ARGS)(*values)
    assert np.array_equal(values, before)


# --- numba: one compiled loop -------------------------------------------------------------

NUMBA = compile_function([COSINE, sp.exp(-p) * a + sp.tanh(b)], SIX, backend="numba")
NUMPY = compile_function([COSINE, sp.exp(-p) * a + sp.tanh(b)], SIX)


@given(st.lists(st.tuples(*[st.floats(0.25, 4)] * 6), min_size=1, max_size=20))
def test_numba_agrees_with_numpy(rows):
    columns = np.array(rows).T
    np.testing.assert_allclose(NUMBA(*columns), NUMPY(*columns), rtol=1e-13, atol=1e-13 * np.abs(columns).max() ** 7)


def test_numba_pickles_and_broadcasts():
    again = pickle.loads(pickle.dumps(NUMBA))
    grid = np.linspace(0.5, 1.5, 7)
    assert np.array_equal(
        again(grid, 1.0, 1.0, 0.5, 0.25, grid[:, None]), NUMBA(grid, 1.0, 1.0, 0.5, 0.25, grid[:, None])
    )
    assert NUMBA(grid, 1, 1, 0.5, 0.25, grid[:, None]).shape == (2, 7, 7)


def test_numba_refuses_what_is_piecewise():
    with pytest.raises(InputError, match="Piecewise"):
        compile_function(sp.Piecewise((x, x > 0), (0, True)), [x], backend="numba")


# --- balls: enclosures --------------------------------------------------------------------


@given(
    st.tuples(
        st.floats(-3, 3), st.floats(0.25, 4), st.floats(0.25, 4), st.floats(-1, 1), st.floats(0, 2), st.floats(0, 1)
    )
)
def test_balls_contain_the_values(point):
    from flint import arb

    exprs = [COSINE, sp.exp(-p) * a + sp.tanh(b), sp.sin(p) / b]
    found = compile_function(exprs, SIX, backend="ball")(*point)
    for expr, ball in zip(exprs, found):
        with mpmath.workdps(50):
            value = mpmath.nstr(exact(expr, dict(zip(SIX, point)), 50), 50)
        assert ball.overlaps(arb(value)) and float(ball.rad()) <= 1e-9 * (1 + abs(float(ball.mid())))


@given(st.floats(0.5, 2), st.floats(0, 0.25), st.floats(-1, 1))
def test_a_ball_covers_its_whole_box(middle, radius, part):
    from flint import arb

    f = compile_function(x**3 - 2 * x + sp.exp(x), [x], backend="ball")
    inside = middle + part * radius * (1 - 1e-9)
    value = exact(x**3 - 2 * x + sp.exp(x), {x: inside}, 50)
    with mpmath.workdps(50):
        assert f(arb(middle, radius)).overlaps(arb(mpmath.nstr(value, 50)))
