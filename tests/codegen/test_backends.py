"""Compiled code on every backend against mpmath evaluations of the expressions themselves."""

import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from codegen_helpers import ARGS, COSINE, SIX, a, b, condition_number, exact, expressions, numbers, p, x, y, z
from hypothesis import given, settings, strategies as st

from symssl.codegen.compile import compile_function
from symssl.codegen.tape import RECIPROCALS, UFUNCS
from symssl.errors import InputError

NUMBA = compile_function([COSINE, sp.exp(-p) * a + sp.tanh(b)], SIX, backend="numba")


NUMPY = compile_function([COSINE, sp.exp(-p) * a + sp.tanh(b)], SIX)


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


def test_constants_broadcast():
    f = compile_function([sp.Integer(3), x, sp.pi], [x, y])
    out = f(np.ones((4, 1)), np.ones(5))
    assert out.shape == (3, 4, 5) and (out[0] == 3).all() and (out[2] == np.pi).all()
    assert compile_function(sp.Integer(0), [x])(np.ones(3)).tolist() == [0, 0, 0]
    assert compile_function(sp.Rational(1, 4), [])() == 0.25


@given(expressions)
@settings(max_examples=20)
def test_pickles_and_carries_its_source(expr):
    for backend in ("numpy", "mpmath"):
        f = compile_function(expr, ARGS, backend=backend)
        data = pickle.dumps(f)
        copy = pickle.loads(data)
        assert copy(0.3, 0.5, 0.7) == f(0.3, 0.5, 0.7) and copy.source == f.source
        assert b"def " not in data  # code is generated anew, never carried


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


def test_complex_numbers_only_where_they_have_a_meaning():
    assert compile_function(x**2, [x])(1j) == -1
    with pytest.raises(InputError, match="real"):
        compile_function(sp.Max(x, 0), [x])(1j)


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


@pytest.mark.parametrize(
    "three", [3, 3.0, np.int64(3), np.uint8(3), np.float64(3), Fraction(3), sp.Integer(3), sp.Rational(3)], ids=repr
)
def test_every_kind_of_exact_number_is_a_ball(three):
    (square,) = compile_function([x**2], [x], backend="ball")(three)
    assert square == 9
