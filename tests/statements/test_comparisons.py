"""Comparisons follow from hypotheses that are like them: multiples, bounds on exponents, equations, entries."""

import pytest
from hypothesis import given, strategies as st
from sympy import Eq, Ge, Gt, ImmutableMatrix, Lt, MatrixSymbol, Rational, Symbol, exp, log, symbols

from symssl import Diagonal, Refusal, inner
from symssl.language import unit
from symssl.statements import proved

u, c, t = symbols("u c t", positive=True)


@pytest.mark.parametrize(
    "condition, given",
    [
        (Gt(1 - u * (1 - exp(-2 * c * t)) / c, 0), (Gt(u, (u - c) * exp(2 * c * t)),)),  # a multiple of the hypothesis
        (Gt(1 - u * (1 - exp(-2 * c * t)) / c, 0), (Gt(u, c), Lt(t, log(u / (u - c)) / (2 * c)))),
        (Gt(u * exp(-c * t), (u - c) * exp(-c * t)), ()),
        (Gt(exp(-t), c / 2), (Lt(t, log(2 / c)),)),
        (Lt(exp(-t), c / 2), (Gt(t, log(2 / c)),)),
        (Gt(c * (2 * u - 1) * (u + 3), 0), (Gt(u, 1),)),  # factor by factor
        (Gt(u, c + c**2), (Eq(u, c + c**2 + t**4, evaluate=False),)),  # an equation is a margin with either sign
        (Lt(4 * t * (u + c), 2), (Lt(8 * t * c, 2), Lt(4 * t * (u + c), 8 * t * c))),
    ],
)
def test_comparisons_follow_from_hypotheses_that_are_like_them(condition, given):
    assert proved(condition, given)


@pytest.mark.parametrize(
    "condition, given",
    [
        (Gt(1 - u * (1 - exp(-2 * c * t)) / c, 0), (Gt(u, c),)),
        (Gt(exp(-t), c), (Lt(t, log(2 / c)),)),  # half of it
        (Gt(c * (2 * u - 1) * (u - 3), 0), (Gt(u, 1),)),
        (Gt(u, c + c**2), (Eq(u, c + c**2 + t**4 - 1, evaluate=False),)),
        (Gt(u - c, 0), (Ge(u * t, c * t), Lt(u, 5))),  # not strictly
    ],
)
def test_and_not_from_others(condition, given):
    with pytest.raises(Refusal):
        proved(condition, given)


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_a_multiple_of_a_hypothesis_has_its_sign(a, b, factor):
    """Where the conclusion is drawn it is right at numbers that keep the hypothesis."""
    z, w = Symbol("z", real=True), Symbol("w", real=True)
    margin = a * z + b * w + 1
    hypothesis, condition = Gt(margin, 0, evaluate=False), Gt(factor * margin, 0, evaluate=False)
    try:
        proved(condition, (hypothesis,))
    except Refusal:
        return
    points = [{z: p, w: q} for p in (-2, Rational(1, 3), 5) for q in (-4, 0, Rational(3, 2))]
    assert all(condition.subs(at) == True for at in points if hypothesis.subs(at) == True)  # noqa: E712 - SymPy's own


def test_a_diagonal_matrix_beside_a_unit_vector_is_its_entry():
    n, i, j = Symbol("n", integer=True, positive=True), Symbol("i", integer=True), Symbol("j", integer=True)
    D, A, q = MatrixSymbol("D", n, n), MatrixSymbol("A", n, n), MatrixSymbol("q", n, 1)
    e, f = unit(i, n), unit(j, n)
    first, second = inner(e, D * e), inner(f, D * f)
    for left, right in (
        (inner(e, D * q), first * inner(e, q)),
        (inner(D * D * e, q), first**2 * inner(e, q)),
        (inner(e, (A * D + D * A) * f), (first + second) * inner(e, A * f)),
    ):
        equation = Eq(left, right, evaluate=False)
        assert proved(equation, (Diagonal(D),))
        with pytest.raises(Refusal):
            proved(equation)
    with pytest.raises(Refusal):
        proved(Eq(inner(e, D * q), second * inner(e, q), evaluate=False), (Diagonal(D),))


def test_explicit_matrices_are_compared_entry_by_entry():
    left = 2 * ImmutableMatrix([[u, 1]])
    assert proved(Eq(left, ImmutableMatrix([[2 * u, 2]]), evaluate=False))
    with pytest.raises(Refusal):
        proved(Eq(left, ImmutableMatrix([[2 * u, 1]]), evaluate=False))
