"""Values keep declarations, conditions and relations; special ones come where they may."""

from random import Random

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st

from symssl import (
    Commutes,
    Diagonal,
    Normalised,
    Orthonormal,
    Symmetric,
    gaussians,
    norm,
    potential,
    samples,
    sq,
    total,
)
from symssl.language import Entry, unit
from symssl.statements.meaning.algebra import array_of, identity, product
from symssl.statements.meaning.sampling import (
    STYLES,
    Family,
    ProperLaw,
    allowed,
    kept_values,
    layout_of,
    names_of,
    propose,
)
from symssl.statements.meaning.scene import Scene, Special

n, k = sp.symbols("n k", integer=True, positive=True)
A, B, D = (sp.MatrixSymbol(name, n, n) for name in "ABD")
U, v = sp.MatrixSymbol("U", n, k), sp.MatrixSymbol("v", n, 1)
a, b, c = sp.symbols("a b c", positive=True)
x = sp.Symbol("x", real=True)

WORDS = ["positive", "negative", "nonnegative", "nonpositive", "integer", "even", "odd", "nonzero", "zero"]


@given(
    st.dictionaries(st.sampled_from(WORDS), st.just(True), max_size=2),
    st.fractions(min_value=-3, max_value=3, max_denominator=2),
)
def test_a_value_is_allowed_where_sympy_finds_no_contradiction(assumptions, value):
    try:
        symbol = sp.Symbol("s", real=True, **assumptions)
    except Exception:  # noqa: BLE001 - assumptions that contradict each other
        return
    number = sp.Rational(value.numerator, value.denominator)
    kept = all(getattr(number, f"is_{word}") for word in assumptions)
    assert allowed(symbol, fmpq(value.numerator, value.denominator)) is kept


def test_infinities_are_allowed_to_extended_numbers_alone():
    assert allowed(sp.Symbol("t", extended_real=True), sp.oo)
    assert not allowed(x, sp.oo)


def found(symbols, conditions, style="generic", seed=0, **more):
    return propose(symbols, conditions, Scene({}, random=Random(seed)), style, **more)


CONDITIONS = [
    ((n, A), [Symmetric(A)]),
    ((n, A), [Diagonal(A)]),
    ((n, k, U), [Orthonormal(U)]),
    ((n, k, U), [Orthonormal(U.T)]),
    ((n, A, B), [Commutes(A, B)]),
    ((n, A, B), [Commutes(A, B), Symmetric(A), Symmetric(B)]),
    ((n, k, A, U), [Commutes(U * U.T, A)]),
    ((n, k, A, U), [Normalised(U, A)]),
    ((n, k, A, U), [Normalised(U.T, sp.MatrixSymbol("K", k, k))]),
    ((n, A, c), [sp.Eq(sp.Trace(A), c)]),
    ((n, A, v, x), [sp.Eq(A * v, x * v, evaluate=False), Symmetric(A), sp.Eq(sq(v), 1)]),
    ((n, v), [sp.Eq(norm(v), 1)]),
    ((n, A, B, D), [sp.Eq(A * B, D, evaluate=False), Symmetric(D)]),
    ((a, b, c), [a > b, b > c, c < sp.Rational(1, 1000)]),
    ((a, b, x), [sp.Eq(a * x, b), x > 3]),
    ((a, x), [x**2 < a, x > a / 2]),
    ((n, k), [n < k, sp.Ne(k, 4)]),
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("symbols, conditions", CONDITIONS, ids=lambda part: str(part)[-60:])
def test_conditions_are_kept_in_every_style(symbols, conditions, style):
    symbols = [*symbols, *(s for name, s in names_of(conditions).items() if name not in {t.name for t in symbols})]
    values = found(symbols, conditions, style)
    assert values is not None
    assert set(values) == set(symbols)
    assert all(Scene(values).judged(condition).held for condition in conditions)
    assert all(allowed(symbol, values[symbol]) for symbol in symbols)


def test_equations_without_rational_solution_are_solved_by_enclosures():
    square, root = sp.Eq(x**2, 2), sp.Eq(a, sp.sqrt(3))
    values = found((a, x), [square, root])
    assert abs(abs(float(values[x])) - 2**0.5) < 1e-15
    assert values[Special.SOLVED] == {square, root}


def test_contradictions_are_not_met():
    assert found((a, b), [a > 2 * b, b > 2 * a], rounds=5) is None
    assert found((n, A), [sp.Eq(sp.Trace(A), 1), sp.Eq(sp.Trace(A), 2)], rounds=5) is None
    assert found((n, k, U), [n > 500, k < n], rounds=5) is None


def test_styles_are_what_they_say():
    free = (n, k, U, A, B, a, x)
    assert {found(free, (), "sizes one", seed)[n] for seed in range(3)} == {1}
    sizes = [found(free, (), "generic, sizes distinct", seed) for seed in range(5)]
    assert all(values[n] != values[k] for values in sizes)
    assert all(values[n] == values[k] for values in (found(free, (), "sizes equal", seed) for seed in range(5)))
    assert found(free, (), "scalars zero")[x] == 0
    ones = found(free, (), "scalars one, matrices the identity")
    assert (ones[a], ones[x]) == (1, 1)
    assert np.array_equal(ones[A], identity(int(ones[n])))
    same = found(free, (), "scalars equal")
    assert same[a] == same[x]
    same = found(free, (), "matrices equal")
    assert np.array_equal(same[A], same[B])
    assert any(not found((n, A), (), "a matrix zero", seed)[A].any() for seed in range(5))
    lean = [found((n, A), (), "rank deficient", seed)[A] for seed in range(5)]
    assert all(Scene({n: fmpq(len(M)), A: M}).value(sp.Determinant(A)) == 0 for M in lean)
    assert found(free, (), "negative")[x] <= 0
    extreme = [abs(found((x,), (), "small and large", seed)[x]) for seed in range(9)]
    assert min(extreme) < fmpq(1, 100)
    assert max(extreme) >= 1000


def test_generic_symbols_take_no_special_value():
    for style in STYLES:
        values = found((n, k, A, U, x), (), style, generic=(x, U))
        assert values[x] not in (0, 1, -1)
        assert values[U].any()
        assert len(set(values[U].flat)) == values[U].size


def test_the_same_seed_gives_the_same_values():
    for seed in range(3):
        first, second = (found((n, A, x), [Symmetric(A)], "generic", seed) for _ in range(2))
        assert first[x] == second[x]
        assert np.array_equal(first[A], second[A])


def test_families_potentials_and_indices():
    X, i, f = samples("u", n, k), sp.Symbol("i"), potential("f", A)
    names = names_of([sq(X[i]) + f + B[i, 0], X])
    assert names["u"] == Family("u", n, k)
    layout = layout_of([sq(X[i])])
    assert layout.indices == {i: (1, k)}
    assert layout.sizes == {n, k}
    assert layout_of([B[i, 0]]).indices == {i: (0, n)}
    assert layout_of([Entry(B, i, 1)]).indices == {i: (1, n)}
    assert layout_of([total(i, (i, k)), sp.Identity(n)]).sizes == {n, k}
    assert "e" not in names_of([unit(i, n)])
    for seed in range(20):
        values = found((n, k, names["u"], i, f), (), "generic", seed, layout=layout)
        assert 1 <= values[i] <= values[k]
        assert values["u"].shape == (int(values[n]), int(values[k]))
        assert isinstance(values["f"], int)


def test_laws_are_proper():
    S = sp.MatrixSymbol("S", n, n)
    z, w = gaussians("z w", n, cov=[[S, a * S], [a * S, S]])
    law = ProperLaw(z)
    good, bad = array_of([[2, 1], [1, 2]]), array_of([[1, 2], [2, 1]])
    base = {n: fmpq(2), a: fmpq(1, 2)}
    assert Scene({**base, S: good}).truth(law) is True
    assert Scene({**base, S: bad}).truth(law) is False
    assert Scene({**base, S: array_of([[1, 1], [0, 1]])}).truth(law) is False
    assert Scene({**base, S: array_of([[0, 1], [1, 0]])}).truth(law) is False
    assert Scene({**base, S: array_of([[0, 0], [0, 1]])}).truth(law) is True
    assert Scene({**base, S: good, a: fmpq(3, 2)}).truth(law) is False  # the correlation exceeds one
    assert Scene({**base, S: good, a: fmpq(1)}).truth(law) is True
    values = found((n, S, a), [law])
    assert Scene(values).truth(law)


def test_bound_symbols_are_tried_within_their_hypotheses():
    tried = list(kept_values((x,), (x > a,), Scene({a: fmpq(7)}), 9))
    assert len(tried) == 9
    assert all(values[x] > 7 for values in tried)
    assert len({str(values[x]) for values in tried}) > 4
    frames = list(kept_values((sp.MatrixSymbol("Q", 3, 2),), (Orthonormal(sp.MatrixSymbol("Q", 3, 2)),), Scene({}), 4))
    assert all(np.array_equal(product(Q.T, Q), identity(2)) for values in frames for Q in values.values())
