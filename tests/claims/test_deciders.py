"""Deciders: what each makes of statement and derived result, and what it refuses."""

import operator
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from symssl.claims import (
    Claim,
    SignCondition,
    Step,
    check,
)
from symssl.claims.deciders import (
    cited,
    enclosed,
    equivalent,
    gap,
    identity,
    implied,
    order_of_error,
    refuted_at,
    same_value,
    stipulated,
    valid,
)
from symssl.errors import InputError
from symssl.language.relations import Commutes, Symmetric

x, y, z = sp.symbols("x y z", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


def outcome(*args, **options):
    found = check(claim(*args, **options))
    return found.verdict, found.evidence


_LEAVES = st.one_of(
    st.sampled_from([(x, lambda v: v[0]), (y, lambda v: v[1]), (z, lambda v: v[2])]),
    st.integers(-3, 3).map(lambda k: (sp.Integer(k), lambda v, k=k: Fraction(k))),
)


def _grow(children):
    def binary(name):
        op = {"+": operator.add, "-": operator.sub, "*": operator.mul}[name]
        return st.tuples(children, children).map(
            lambda ab: (op(ab[0][0], ab[1][0]), lambda v: op(ab[0][1](v), ab[1][1](v)))
        )

    power = st.tuples(children, st.integers(2, 3)).map(lambda ak: (ak[0][0] ** ak[1], lambda v: ak[0][1](v) ** ak[1]))
    quotient = st.tuples(children, children).map(
        lambda ab: (ab[0][0] / (1 + ab[1][0] ** 2), lambda v: ab[0][1](v) / (1 + ab[1][1](v) ** 2))
    )
    return st.one_of(binary("+"), binary("-"), binary("*"), power, quotient)


EXPRESSIONS = st.recursive(_LEAVES, _grow, max_leaves=8)
GRID = [(Fraction(a, 3), Fraction(b, 5), Fraction(c, 7)) for a in (1, 4, 11) for b in (2, 9, 13) for c in (3, 8, 20)]


@pytest.mark.parametrize(
    "printed, derived, decide, message",
    [
        (x, sp.Symbol("x"), identity(), "two different symbols"),
        (sp.true, x, implied(), "evaluate=False"),
        (sp.Gt(x, y), sp.Gt(x, y), implied(), "difference"),
        (2, [(1, 1), (10, 2)], order_of_error(), "three decades"),
        (2, [(10**k, 0) for k in range(5)], order_of_error(), "rounding"),
        (x > 1, None, refuted_at({x: 0.5}), "exact"),
        (x > y, None, refuted_at({x: 1}), "no value to y"),
        (x > 1, {x: (2, 1)}, enclosed(), "empty"),
    ],
)
def test_malformed_decisions(printed, derived, decide, message):
    with pytest.raises(InputError, match=message):
        check(claim(printed, derived, decide))


HALF = sp.Rational(1, 2)
CAYLEY = sp.MatrixSymbol("C", 2, 2)


@pytest.mark.parametrize(
    "printed, derived, decide, options, expected",
    [
        ((x + 1) ** 2, x**2 + 2 * x + 1, identity(), {}, ("holds", "symbolic")),
        ((x + 1) ** 2, x**2 - 2 * x + 1, identity(), {}, ("corrected", "symbolic")),
        ({x: x * y, y: 2}, {x: y * x, y: 3}, identity(), {}, ("corrected", "symbolic")),
        ((x, y), (x, y, z), identity(), {}, ("corrected", "symbolic")),
        (x, y, identity(), {"given": (sp.Eq(x, y),)}, ("holds", "symbolic")),
        (x, x, identity(), {"given": (x < y, y < x)}, ("open", "none")),
        (sp.erf(x) + sp.erf(-x), 0, identity(), {}, ("holds", "symbolic")),
        (3, 3, same_value(), {}, ("holds", "symbolic")),
        (3, 4, same_value(), {}, ("corrected", "symbolic")),
        ({2, 4}, sp.FiniteSet(4, 2), same_value(), {}, ("holds", "symbolic")),
        (sp.Ge(x**2 + 1, 2 * x), None, valid(), {}, ("holds", "symbolic")),
        (sp.Gt(x**2 + 1, 2 * x), None, valid(), {}, ("refuted", "symbolic")),
        (sp.Eq((x + y) ** 2, x**2 + y**2), None, valid(), {}, ("refuted", "symbolic")),
        (sp.Gt(x**2 + x, 0, evaluate=False), x * (1 + x), implied(), {}, ("holds", "symbolic")),
        (sp.Gt(x**2 + x, 0, evaluate=False), x, implied(), {}, ("open", "none")),
        (x > HALF / 2, 4 * x > 1, equivalent(), {}, ("holds", "symbolic")),
        (x > HALF / 2, x < HALF / 2, equivalent(), {}, ("corrected", "symbolic")),
        (x > HALF, x > HALF / 2, equivalent(), {}, ("corrected", "symbolic")),
        (x >= HALF, x > HALF, equivalent(), {}, ("corrected", "symbolic")),
        (sp.And(x > 1, y < 1), sp.And(2 * y < 2, x > 1), equivalent(), {}, ("holds", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 2}), {}, ("refuted", "symbolic")),
        (x**2 < 3, None, refuted_at({x: sp.sqrt(5)}), {}, ("refuted", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 1}), {}, ("open", "none")),
        (x**2 < 3, None, refuted_at({x: -2}), {}, ("open", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 2}), {"given": (x < 1,)}, ("open", "symbolic")),
        (x**2 < 3, {x: (1, HALF * 3)}, enclosed(), {}, ("holds", "certified")),
        (x**2 < 3, {x: (2, 3)}, enclosed(), {}, ("refuted", "certified")),
        (x**2 < 3, {x: (1, 2)}, enclosed(), {}, ("open", "none")),
        (2, [(HALF**k, 3 * HALF ** (2 * k)) for k in range(0, 14, 2)], order_of_error(), {}, ("open", "numerical")),
        (sp.Eq(x, y + 1), None, stipulated(), {}, ("stipulated", "symbolic")),
        (sp.Eq(x, y + 1), {x: 2, y: 2}, stipulated(), {}, ("open", "symbolic")),
        (sp.Eq(x, y + 1), {x: 3, y: 2}, stipulated(), {}, ("stipulated", "symbolic")),
        (sp.Eq(A, A.T), None, stipulated(Symmetric(A)), {}, ("stipulated", "symbolic")),
        (sp.Eq(A, A.T), None, stipulated(), {}, ("open", "symbolic")),
        (x, y, cited("a book"), {}, ("open", "none")),
        (0, x, gap(identity(), "x = 0"), {}, ("gap", "symbolic")),
        (x, x, gap(identity(), ""), {}, ("holds", "symbolic")),
        (A * B, B * A, identity(), {}, ("corrected", "symbolic")),
        (A * B, B * A, identity(), {"given": (Commutes(A, B),)}, ("holds", "symbolic")),
        (sp.Trace(A * B), sp.Trace(B * A), identity(), {}, ("holds", "symbolic")),
        (
            CAYLEY**2
            - sp.Trace(CAYLEY) * CAYLEY
            + (sp.Trace(CAYLEY) ** 2 - sp.Trace(CAYLEY * CAYLEY)) / 2 * sp.Identity(2),
            sp.ZeroMatrix(2, 2),
            identity(),
            {},
            ("open", "instance"),
        ),
        (
            CAYLEY**2
            - sp.Trace(CAYLEY) * CAYLEY
            + (sp.Trace(CAYLEY) ** 2 - sp.Trace(CAYLEY * CAYLEY)) / 2 * sp.Identity(2),
            sp.ZeroMatrix(2, 2),
            identity("a statement about 2 x 2 matrices"),
            {},
            ("holds", "instance"),
        ),
    ],
)
def test_verdicts(printed, derived, decide, options, expected):
    assert outcome(printed, derived, decide, **options) == expected


def test_a_correction_carries_a_witness_that_is_right():
    found = check(claim(x**2 + y, x**2 - y, identity()))
    assert found.correction == x**2 - y
    a, b = (found.proof.point[s] for s in (x, y))
    assert found.witness.startswith(f"x = {a}, y = {b}")
    assert a**2 + b != a**2 - b


@pytest.mark.parametrize("order", [(), (0, 0), (1, 0)])
def test_conditions_are_matched_one_to_one(order):
    """Parts left out or used twice prove nothing: x > 1 and y > 1 against x > 1 and z > 1."""
    forged = SignCondition(sp.And(x > 1, y > 1), sp.And(x > 1, z > 1), "conditions", order)
    found = check(claim(forged.printed, forged.derived, lambda p, d, g: forged))
    assert found.verdict == "open"


@given(EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=25)
def test_holds_and_corrected_exclude_each_other(left, right):
    found = check(claim(left[0], right[0], identity()))
    agree = all(left[1](v) == right[1](v) for v in GRID)
    assert found.verdict == ("holds" if agree else "corrected")


def test_a_statement_that_has_been_evaluated_is_refused():
    with pytest.raises(InputError, match="evaluate=False"):
        Claim("a.b", "equation", sp.Eq(sp.Integer(1), 1), lambda model: [], lambda *a: None)


size = sp.Symbol("size", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", size, size), sp.MatrixSymbol("B", size, size)
SHIFT, UNIT = sp.Matrix([[0, 1], [0, 0]]), sp.eye(2)


@pytest.mark.parametrize(
    "printed, point, given_, verdict",
    [
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: SHIFT.T}, (), "refuted"),
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: UNIT}, (), "open"),
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: SHIFT.T}, (Symmetric(A),), "open"),
        (sp.Gt(sp.Trace(A * A), 0, evaluate=False), {A: SHIFT}, (), "refuted"),
        (sp.Gt(sp.Trace(A * A), 0, evaluate=False), {A: UNIT}, (), "open"),
        (sp.Gt(sp.Trace(A * B), 0, evaluate=False), {A: -UNIT, B: UNIT}, (sp.Gt(sp.Trace(B), 1),), "refuted"),
        (sp.Gt(sp.Trace(A * B), 0, evaluate=False), {A: UNIT, B: -UNIT}, (sp.Gt(sp.Trace(B), 1),), "open"),
    ],
)
def test_explicit_matrices_as_witness(printed, point, given_, verdict):
    claim = Claim(
        "demo.matrices",
        "theorem",
        printed,
        lambda model: iter([Step("nothing to derive")]),
        refuted_at(point),
        given=given_,
    )
    assert check(claim).verdict == verdict


@pytest.mark.parametrize(
    "point, culprit",
    [
        ({A: SHIFT}, "B"),
        ({A: SHIFT, B: sp.eye(3)}, "3 x 3"),
        ({A: SHIFT, B: sp.sqrt(2) * UNIT}, "rational"),
        ({A: SHIFT, B: 1}, "explicit matrix"),
    ],
)
def test_bad_matrix_witness(point, culprit):
    claim = Claim(
        "demo.matrices",
        "theorem",
        sp.Eq(A * B, B * A, evaluate=False),
        lambda model: iter([Step("nothing")]),
        refuted_at(point),
    )
    with pytest.raises(InputError, match=culprit):
        check(claim)


def test_identity_without_a_derived_result_is_refused():
    claim = Claim("demo.none", "equation", x, lambda model: iter([Step("only words")]), identity())
    with pytest.raises(InputError, match="last step has none"):
        check(claim)
