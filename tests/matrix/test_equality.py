"""Equality: no wrong answer, in either direction, and refusals where neither is proved."""

import pickle
from contextlib import suppress

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from numerics import Point, orthonormal, word_product, words
from sympy import (
    Abs,
    Dummy,
    Identity,
    ImmutableMatrix,
    MatAdd,
    MatMul,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
    symbols,
)

from symssl import (
    Commutes,
    Diagonal,
    E,
    InputError,
    Orthonormal,
    Proof,
    Refusal,
    Symmetric,
    Undecided,
    cosine,
    gaussians,
    inner,
    matrix_equal,
    norm,
    potential,
    samples,
    sg,
    sq,
    total,
)
from symssl.language import unit
from symssl.matrix.equality import Disagreement

n, k, d, N = symbols("n k d N", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
U, V = MatrixSymbol("U", n, k), MatrixSymbol("V", n, n)
W = MatrixSymbol("W", k, n)
A2, B2 = MatrixSymbol("A", 2, 2), MatrixSymbol("B", 2, 2)
s, t = symbols("s t", positive=True)
c, e = symbols("c e", real=True)
neg = Symbol("neg", negative=True)
i, j = symbols("i j")
x, xp = gaussians("x x'", d, cov=[[1 + s, 1], [1, 1 + s]])
P, Q = MatrixSymbol("P", d, d), MatrixSymbol("Q", d, d)
X = samples("x", d, N)
TRUE = [
    (Trace(A * B), Trace(B.T * A.T), ()),
    (inner(A, B * C), Trace(C * A.T * B), ()),
    (Trace(A * B * C), Trace(C * A * B), ()),
    (sq(A - B), sq(A) - 2 * inner(A, B) + sq(B), ()),
    (norm(A) ** 2, Trace(A.T * A), ()),
    (cosine(A, A), 1, ()),
    (cosine(2 * A, B), cosine(A, B), ()),
    (norm(s * A), s * norm(A), ()),
    (norm(neg * A), -neg * norm(A), ()),
    (norm(c * A), Abs(c) * norm(A), ()),
    ((A + B) * (A - B), A * A - A * B + B * A - B * B, ()),
    (Trace(Identity(n)), n, ()),
    (A * A.I, Identity(n), ()),
    ((A * B).I, B.I * A.I, ()),
    (Trace(A * B * A.I), Trace(B), ()),
    (A.T.I, A.I.T, ()),
    (log(s * t), log(s) + log(t), ()),
    (exp(s) * exp(-s), 1, ()),
    (1 / (1 + s) + s / (1 + s), 1, ()),
    (sqrt(sq(A)) * sqrt(sq(A)), sq(A), ()),
    (Abs(Trace(A)) ** 2, Trace(A) ** 2, ()),
    (Trace(A * B * A), Trace(B * A * A), (Commutes(A, B),)),
    (A * B * A * B, A * A * B * B, (Commutes(A, B),)),
    (A.T, A, (Symmetric(A),)),
    (Trace(A * B * C), Trace(A * C * B), tuple(map(Symmetric, (A, B, C)))),
    (U.T * U * U.T, U.T, (Orthonormal(U),)),
    (norm(U) ** 2, k, (Orthonormal(U),)),
    (V * V.T, Identity(n), (Orthonormal(V),)),
    (sq(V * A), sq(A), (Orthonormal(V),)),
    (W * W.T, Identity(k), (Orthonormal(W.T),)),
    (A * B, B * A, (Diagonal(A), Diagonal(B))),
    (A * A, Identity(n), (Diagonal(A), Orthonormal(A))),
    (norm(A - A), 0, ()),
    (V * V, Identity(n), (Orthonormal(V), Symmetric(V))),
    (A.T * B.T * A.T, B.T * A.T * A.T, (Commutes(A, B),)),
    (U.T * U, Identity(k), (Orthonormal(U),)),
    (E(inner(x, P * xp), given=x), inner(x, P * x) / (1 + s), ()),
    (E(xp * xp.T, given=x), x * x.T / (1 + s) ** 2 + (1 + s - 1 / (1 + s)) * Identity(d), ()),
    (W.T * W * A, A * W.T * W, (Commutes(W.T * W, A),)),
    (A.I * B, B * A.I, (Diagonal(A), Diagonal(B))),
    (E(inner(x, P * xp)), Trace(P), ()),
    (E(norm(x) - norm(x)), 0, ()),
    (E(E(norm(x))), E(norm(x)), ()),
    (E(2 * cosine(x, P * xp)), 2 * E(cosine(x, P * xp)), ()),
    (E(sq(x)) ** 2, E(sq(x) * d * (1 + s)), ()),
    (total(inner(X[i], P * X[i]), i), total(inner(X[j], P.T * X[j]), j), ()),
    (total(1, (i, N)), N, ()),
    (total(X[i], i).T * total(X[j], j), MatMul(*[total(inner(X[i], X[j]), i, j), Identity(1)]), ()),
    (potential("f", A * B), potential("f", A * B.T.T), ()),
    (sg(A) * B, A * B, ()),
    (MatMul(ImmutableMatrix([[0, 1], [1, 0]]), ImmutableMatrix([[0, 1], [1, 0]]), A2), A2, ()),
    (A2[0, 0] + A2[1, 1], Trace(A2), ()),
    (A2 * A2 - Trace(A2) * A2 + (A2[0, 0] * A2[1, 1] - A2[0, 1] * A2[1, 0]) * Identity(2), ZeroMatrix(2, 2), ()),
    (A2 * B2, B2 * A2, (Diagonal(A2), Diagonal(B2))),
    (log(6), log(2) + log(3), ()),
    (2**c * 2**-c, 1, ()),
]
FALSE = [
    (A * B, B * A, ()),
    (Trace(A * B * C), Trace(A * C * B), ()),
    (A, A.T, ()),
    (norm(c * A), c * norm(A), ()),
    (sqrt(c**2), c, ()),
    (Abs(c), c, ()),
    (norm(A + B), norm(A) + norm(B), ()),
    (U * U.T, Identity(n), (Orthonormal(U),)),
    (A * B * C, C * B * A, (Commutes(A, B),)),
    (A * B, B * A, (Symmetric(A), Symmetric(B))),
    (A * B, B * A, (Diagonal(A),)),
    (E(sq(x)), d, ()),
    (E(sq(xp), given=x), d * (1 + s), ()),
    (E(xp, given=x), x, ()),
    (E(inner(x, xp)), d + s, ()),
    (E(inner(x, P * xp)), Trace(P) ** 2, ()),
    (total(sq(X[i]), i) ** 2, total(sq(X[i]) ** 2, i), ()),
    (X[1], X[2], ()),
    (total(1, (i, N)), N + 1, ()),
    (potential("f", A), potential("g", A), ()),
    (potential("f", A * B), potential("f", B * A), ()),
    (MatrixSymbol("A^T", n, n), A.T, ()),
    (Trace(A2), Symbol("A_0_0", real=True) + Symbol("A_1_1", real=True), ()),
    (exp(s) * exp(t), exp(s * t), ()),
    (log(s + t), log(s) + log(t), ()),
    (A.I, A, ()),
    (cosine(-2 * A, B), cosine(A, B), ()),
    (MatMul(ImmutableMatrix([[1, 2], [3, 4]]), A2), MatMul(A2, ImmutableMatrix([[1, 2], [3, 4]])), ()),
    (Dummy("a", real=True), Dummy("a", real=True), ()),
    (pi * s, 3 * s, ()),
    (W.T * W, Identity(n), (Orthonormal(W.T),)),
    (A.I * A.T, Identity(n), ()),
    (Trace(A) * Identity(n), A, (Diagonal(A),)),
]
OPEN = [  # true, or not to be refuted; the engine may not answer False
    (E(norm(x)), E(cosine(x, xp)), ()),
    (E(norm(x)), E(norm(xp)), ()),
    (E(exp(inner(x, xp))), E(exp(sq(x) / 2)), ()),
    (sin(c) ** 2 + cos(c) ** 2, 1, ()),
    (sqrt(5 + 2 * sqrt(6)) * s, (sqrt(2) + sqrt(3)) * s, ()),
    (log(exp(s) + 1) - s, log(1 + exp(-s)), ()),
]


def known(rows):
    return pytest.mark.parametrize("a, b, where", rows, ids=[f"{r[0]} ? {r[1]}"[:60] for r in rows])


@known(TRUE)
def test_true(a, b, where):
    proof = matrix_equal(a, b, where=where)
    assert proof and proof.rechecked and proof.certificate
    assert matrix_equal(b, a, where=where)


@known(FALSE)
def test_false(a, b, where):
    proof = matrix_equal(a, b, where=where)
    assert not proof and proof.residual != 0 and proof.rechecked
    assert "not zero at" in proof.certificate


@known(OPEN)
def test_never_falsely_refuted(a, b, where):
    try:
        assert matrix_equal(a, b, where=where)
    except Undecided as refusal:
        if not refusal.reason:
            pytest.fail("a refusal without a reason")


RELATIONS = {
    "free": (lambda: (), lambda g: {A: g.normal(size=(3, 3)), B: g.normal(size=(3, 3))}),
    "symmetric": (
        lambda: (Symmetric(A), Symmetric(B)),
        lambda g: {X: M + M.T for X, M in zip((A, B), g.normal(size=(2, 3, 3)))},
    ),
    "orthonormal": (lambda: (Orthonormal(A),), lambda g: {A: orthonormal(3, 3, g), B: g.normal(size=(3, 3))}),
    "commuting": (lambda: (Symmetric(A), Symmetric(B), Commutes(A, B)), lambda g: dict(zip((A, B), _commuting(g)))),
    "diagonal": (
        lambda: (Diagonal(A), Diagonal(B)),
        lambda g: {A: np.diag(g.normal(size=3)), B: np.diag(g.normal(size=3))},
    ),
}


def _commuting(rng):
    F = orthonormal(3, 3, rng)
    return [F @ np.diag(rng.normal(size=3)) @ F.T for _ in range(2)]


@pytest.mark.parametrize("kind", RELATIONS)
@settings(max_examples=40)
@given(data=st.data())
def test_random_words_modulo_relations(kind, data):
    relations, build = RELATIONS[kind]
    one, two = (word_product(data.draw(words((A, B), n, n, 4))) for _ in range(2))
    wrap = data.draw(st.sampled_from([lambda w: w, Trace, norm]))
    one, two = wrap(one), wrap(two)
    differ = False
    for seed in range(3):
        point = Point({n: 3, **build(np.random.default_rng(seed))})
        differ |= not np.allclose(point(one), point(two), atol=1e-9)
    assert bool(matrix_equal(one, two, where=relations())) == (not differ)


@settings(max_examples=60)
@given(st.data())
def test_rearranged_sums_and_products(data):
    """Expanding, transposing twice, rotating and relabelling never change the answer."""
    first = word_product(data.draw(words((A, B, W), n, n, 3)))
    second = word_product(data.draw(words((A, B, W), n, n, 3)))
    q = data.draw(st.sampled_from([Rational(2, 3), s, Trace(A), norm(W)]))
    left = Trace(MatMul(MatAdd(first, second), MatAdd(first.T, -second.T))) * q
    right = q * (sq(first) - sq(second) + inner(second.T, first.T) - inner(first, second))
    assert matrix_equal(left, right)
    assert not matrix_equal(left, right + q)


@pytest.mark.parametrize(
    "case",
    [
        lambda: matrix_equal(A, W),
        lambda: matrix_equal(A, Trace(A)),
        lambda: matrix_equal("A", A),
        lambda: matrix_equal(None, A),
        lambda: matrix_equal(A, A2),
        lambda: matrix_equal(0.5 * A, A),
        lambda: matrix_equal(A, B, where=("A",)),
        lambda: matrix_equal(A, B, where=3),
        lambda: matrix_equal(A, B, where=(Symmetric(A2),)),
        lambda: matrix_equal(A, B, where=(Symmetric(A2), Symmetric(MatrixSymbol("A", 3, 3)))),
        lambda: matrix_equal(sp.nan, 1),
        lambda: matrix_equal(A, B, where=(Symmetric(),)),
        lambda: matrix_equal(s * A, Symbol("s") * A),
    ],
)
def test_bad_input(case):
    with pytest.raises(InputError):
        case()


def test_refusals_carry_a_reason():
    for a, b in ((sp.Determinant(A), 1), ((A + B).I, A), (sp.KroneckerProduct(A, B), sp.KroneckerProduct(B, A))):
        with pytest.raises(Refusal) as caught:
            matrix_equal(a, b)
        assert caught.value.reason


def test_the_recheck_is_independent(monkeypatch):
    """A wrong normal form is caught: a disagreement is a crash, not a verdict."""
    from symssl.matrix import equality

    monkeypatch.setattr(equality, "vanishes", lambda p: True)
    with pytest.raises(Disagreement):
        matrix_equal(A * B, B * A)


def test_proofs_pickle():
    for proof in (matrix_equal(Trace(A * B), Trace(B * A)), matrix_equal(A, A.T), matrix_equal(E(sq(x)), d * (1 + s))):
        again = pickle.loads(pickle.dumps(proof))
        assert isinstance(again, Proof) and again == proof and bool(again) == bool(proof)


def test_unit_vectors_are_not_taken_for_any_vectors():
    n = symbols("n", integer=True, positive=True)
    for other, right, wrong in ((2, 0, 1), (1, 1, 0)):
        product = inner(unit(1, n), unit(other, n))
        with suppress(Undecided):
            assert matrix_equal(product, right)
        assert not matrix_equal(product, wrong)
    assert matrix_equal(inner(unit(1, n), unit(2, n)), inner(unit(2, n), unit(1, n)))


def test_what_cancels_inside_a_sum_over_unit_vectors():
    """Weights that add to one at each place; the sum on the right is a matrix by itself once it is carried out."""
    n, i = symbols("n i", integer=True, positive=True)
    Z = MatrixSymbol("Z", 3, n)
    at = unit(i, n)
    one, other = exp(sq(Z * at)), exp(-norm(Z * at))
    weights = total(one / (one + other) * Z * at * at.T, (i, n)) + total(other / (one + other) * Z * at * at.T, (i, n))
    assert matrix_equal(weights, total(Z * at * at.T, (i, n)))
