"""Helpers of the tests of `symssl.codegen`: random expressions and their values by mpmath."""

import operator
from functools import reduce

import mpmath
import sympy as sp
from hypothesis import reject, strategies as st

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
