"""Gradient flows against complex steps on losses drawn at random."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings, strategies as st
from numerics import KINDS, Point, complex_step, losses, matrix
from sympy import Identity, MatrixSymbol, Rational, Trace, exp, log, oo, symbols, tanh

from symssl import (
    E,
    Grassmann,
    InputError,
    MatrixFlow,
    Stiefel,
    Symmetric,
    cosine,
    gaussians,
    gradient_flow,
    inner,
    matrix_equal,
    mean,
    norm,
    samples,
    sg,
    sq,
    total,
)

k, m, n, d, N = symbols("k m n d N", integer=True, positive=True)
rho, r, beta, tau = symbols("rho r beta tau", positive=True)
W, V, C = MatrixSymbol("W", k, n), MatrixSymbol("V", n, m), MatrixSymbol("C", m, k)
A = MatrixSymbol("A", n, n)
i, j = symbols("i j")


@st.composite
def points(draw, *matrices, sizes=(k, m, n), largest=3, scalars=()):
    """Sizes, scalars, and matrices of one structure or another; sizes of one included."""
    at = {s: draw(st.integers(1, largest)) for s in sizes}
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    for M in matrices:
        at[M] = matrix(
            draw(st.sampled_from(KINDS)), *(int(sp.sympify(s).subs({n: at[n] for n in sizes})) for s in M.shape), rng
        )
    at |= {s: rng.uniform(0.3, 1.5) for s in scalars}
    return Point(at)


def close(a, b, tol=1e-9):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    assert np.allclose(a, b, rtol=tol, atol=tol * (1 + np.abs(b).max(initial=0))), (a, b)


def agrees(loss, weights, point, **options):
    flow = gradient_flow(loss, weights, **options)
    for w in weights:
        close(point(flow.rhs[w]), -complex_step(loss, w, point))


@settings(max_examples=120)
@given(losses((W, V, C, A), (k, m, n)), points(W, V, C, A))
def test_gradient_of_random_losses_of_four_matrices(loss, point):
    used = [w for w in (W, V, C, A) if w in loss.free_symbols]
    at = point(loss)
    assume(used and np.isfinite(at) and abs(at) < 1e6 and point.smallest > 1e-4)
    agrees(loss, used, point)


@settings(max_examples=30)
@given(points(W, V, C, scalars=(rho, r)), st.booleans())
def test_rates_and_weight_decay(point, with_rate):
    loss = sq(W * V - C.T) / 2
    flow = gradient_flow(loss, (W, V), weight_decay={W: rho}, rates={W: r}, decay_with_rate=with_rate)
    R, D = point(r), point(rho)
    close(point(flow.rhs[W]), -R * complex_step(loss, W, point) - (R if with_rate else 1) * D * point(W))
    close(point(flow.rhs[V]), -complex_step(loss, V, point))
    assert "not" in flow.convention or with_rate


@settings(max_examples=20)
@given(points(A, MatrixSymbol("B", n, n), sizes=(n,)))
def test_tied_weights(point):
    B = MatrixSymbol("B", n, n)
    agrees(sq(A.T * A - B) / 2 + inner(A * B * A.T, A) + Trace(A * A * A), (A,), point)
    angle = sq(A * B - sg(A * B).T) + cosine(A * B, sg(A.T * A + Identity(n)))
    assume(np.isfinite(point(angle)) and point.smallest > 1e-4)  # a cosine with zero has no gradient
    agrees(angle, (A, B), point)


@settings(max_examples=20)
@given(points(W, MatrixSymbol("Wa", k, n), V, scalars=(beta,)))
def test_averaged_copy_moves_by_its_extra_term_alone(point):
    Wa = MatrixSymbol("Wa", k, n)
    loss = sq(W * V - sg(Wa * V)) / 2
    flow = gradient_flow(loss, (W,), extra={Wa: beta * (W - Wa)}, weight_decay=rho)
    close(point(flow.rhs[Wa]), point(beta) * (point(W) - point(Wa)))
    close(point.moved({rho: 0.0})(flow.rhs[W]), -complex_step(loss, W, point))


@settings(max_examples=20)
@given(st.data())
def test_deep_linear_chains(data):
    shapes = symbols("n0:5", integer=True, positive=True)
    chain = [MatrixSymbol(f"W{l}", shapes[l + 1], shapes[l]) for l in range(4)]
    X = MatrixSymbol("X", shapes[0], n)
    Y = MatrixSymbol("Y", shapes[4], n)
    point = data.draw(points(*chain, X, Y, sizes=(*shapes, n)))
    W1, W2, W3, W4 = chain
    agrees(sq(W4 * W3 * W2 * W1 * X - Y) / 2, chain, point)
    agrees(log(1 + norm(W3 * W2 * W1 * X) ** 2) * Trace(W1 * W1.T), chain[:3], point)


def info_nce(B, X, Z):
    return -mean(log(exp(inner(X[i], B * Z[i]) / tau) / total(exp(inner(X[i], B * Z[j]) / tau), j)), i)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_info_nce_symbolic_and_concrete(size):
    rng = np.random.default_rng(size)
    B = MatrixSymbol("B", d, d)
    values = {(name, l): rng.normal(size=(3, 1)) for name in "xz" for l in range(1, size + 1)}
    point = Point({d: 3, N: size, tau: 0.7, B: rng.normal(size=(3, 3)), **values})
    expected = -complex_step(info_nce(B, samples("x", d, N), samples("z", d, N)), B, point)
    for number in (N, sp.Integer(size)):
        loss = info_nce(B, samples("x", d, number), samples("z", d, number))
        close(point(gradient_flow(loss, B).rhs[B]), expected)


def test_normalised_temperature_loss_with_two_weights():
    """Both views through a linear encoder and a linear head; cosine logits; symbolic N."""
    rng = np.random.default_rng(3)
    F, H = MatrixSymbol("F", n, d), MatrixSymbol("H", m, n)
    X, Z = samples("x", d, N), samples("z", d, N)

    def logit(a, b):
        return cosine(H * F * X[a], H * F * Z[b]) / tau

    loss = -mean(logit(i, i) - log(total(exp(logit(i, j)), j)), i)
    values = {(name, l): rng.normal(size=(3, 1)) for name in "xz" for l in range(1, 4)}
    point = Point({d: 3, n: 2, m: 2, N: 3, tau: 0.5, F: rng.normal(size=(2, 3)), H: rng.normal(size=(2, 2)), **values})
    agrees(loss, (F, H), point)


def test_repeated_samples_and_a_sample_of_length_one():
    rng = np.random.default_rng(0)
    B = MatrixSymbol("B", 1, 1)
    X = samples("x", 1, 3)
    point = Point({B: rng.normal(size=(1, 1)), **{("x", l): np.ones((1, 1)) for l in (1, 2, 3)}})
    agrees(mean(sq(B * X[i] - sg(B * X[j])), i, j) + log(total(exp(inner(X[i], B * X[1])), i)), (B,), point)


@pytest.mark.parametrize("given_x", [False, True])
def test_gradient_commutes_with_expectation(given_x):
    """The quadrature rule is a law of its own, so the exchange holds to machine precision."""
    rng = np.random.default_rng(5)
    B, P = MatrixSymbol("B", m, d), MatrixSymbol("P", m, m)
    x, xp = gaussians("x x'", d, cov=[[2, 1], [1, 2]])
    loss = E(cosine(P * B * x, sg(B * xp)), given=x if given_x else ()) - E(norm(B * x) * tanh(inner(B * x, B * xp)))
    point = Point(
        {d: 2, m: 2, B: rng.normal(size=(2, 2)), P: rng.normal(size=(2, 2)), x: rng.normal(size=(2, 1))}, nodes=4
    )
    agrees(loss, (B, P), point)


def test_concrete_shapes_rows_columns_and_entries():
    rng = np.random.default_rng(1)
    a, b, s = MatrixSymbol("a", 1, 3), MatrixSymbol("b", 3, 1), MatrixSymbol("s", 1, 1)
    M = sp.ImmutableMatrix([[1, 2, 0], [0, -1, 3], [Rational(1, 2), 0, 1]])
    point = Point({a: rng.normal(size=(1, 3)), b: rng.normal(size=(3, 1)), s: rng.normal(size=(1, 1))})
    agrees(Trace(a * b) ** 2 * norm(a * M) + sq(b * s * a), (a, b, s), point)
    agrees(Trace(s) ** 3 + inner(s, s) * Trace(a * M * b) + exp(Trace(s * a * b)), (a, b, s), point)
    agrees(a[0, 1] * b[2, 0] ** 2 + s[0, 0], (a, b, s), point)
    assert gradient_flow(Trace(s) ** 3 / 3, s).rhs[s] == -(Trace(s) ** 2) * Identity(1)


def test_inverse_letters():
    rng = np.random.default_rng(2)
    B = MatrixSymbol("B", 3, 3)
    point = Point({n: 3, A: rng.normal(size=(3, 3)) + 3 * np.eye(3)})
    agrees(Trace(A.I * A.T) + sq(A.I * A.I.T) + inner(A, A.I), (A,), point)
    agrees(Trace((B * B).I * B.T), (B,), Point({B: rng.normal(size=(3, 3)) + 3 * np.eye(3)}))


KNOWN_GRADIENTS = [  # from the matrix calculus literature, worked out by hand
    (Trace(W * A * W.T), W, -W * A - W * A.T),
    (Trace(A * A), A, -2 * A.T),
    (Trace(A) ** 2, A, -2 * Trace(A) * Identity(n)),
    (norm(A), A, -A / norm(A)),
    (log(sq(A)), A, -2 * A / sq(A)),
    (Trace(A.I), A, (A.I * A.I).T),
    (sq(A * A.T - Identity(n)), A, 4 * A - 4 * A * A.T * A),
    (Trace(A * A * A), A, -3 * (A * A).T),
    (inner(A, A.T), A, -2 * A.T),
]


@pytest.mark.parametrize("loss, weight, velocity", KNOWN_GRADIENTS)
def test_known_gradients(loss, weight, velocity):
    assert matrix_equal(gradient_flow(loss, weight).rhs[weight], velocity)


def test_whitening_loss_is_fast():
    from time import perf_counter

    G = MatrixSymbol("G", n, n)
    gradient_flow(sq(W * G * W.T - Identity(k)), W)
    start = perf_counter()
    for _ in range(5):
        gradient_flow(sq(W * G * W.T - Identity(k)), W)
    assert perf_counter() - start < 5 * 0.5  # a guard against a blow-up, not a benchmark


S, B = MatrixSymbol("S", n, n), MatrixSymbol("B", n, n)
A2, A3 = MatrixSymbol("A", 2, 2), MatrixSymbol("A", 3, 3)
(x0,) = gaussians("x", n, cov=[[S]])
BAD = [
    lambda: gradient_flow(None, A),
    lambda: gradient_flow("A", A),
    lambda: gradient_flow(sq(A), None),
    lambda: gradient_flow(sq(A), "A"),
    lambda: gradient_flow(sq(A), ()),
    lambda: gradient_flow(sq(A), (A, A)),
    lambda: gradient_flow(sq(A), B),
    lambda: gradient_flow(A * A, A),
    lambda: gradient_flow(0.5 * sq(A), A),
    lambda: gradient_flow(sq(A) ** 0.5, A),
    lambda: gradient_flow(sp.nan, A),
    lambda: gradient_flow(oo * sq(A), A),
    lambda: gradient_flow(sq(A) * sp.I, A),
    lambda: gradient_flow(sq(A), A, weight_decay=-1),
    lambda: gradient_flow(sq(A), A, weight_decay=-rho),
    lambda: gradient_flow(sq(A), A, weight_decay=sp.nan),
    lambda: gradient_flow(sq(A), A, weight_decay=oo),
    lambda: gradient_flow(sq(A), A, weight_decay=0.1),
    lambda: gradient_flow(sq(A), A, weight_decay=B),
    lambda: gradient_flow(sq(A), A, weight_decay="rho"),
    lambda: gradient_flow(sq(A), A, weight_decay={B: 1}),
    lambda: gradient_flow(sq(A), A, rates={B: 2}),
    lambda: gradient_flow(sq(A), A, rates={A: -2}),
    lambda: gradient_flow(sq(A), A, rates=2),
    lambda: gradient_flow(sq(A), A, geometry={B: Symmetric()}),
    lambda: gradient_flow(sq(A), A, geometry={A: Symmetric(B)}),
    lambda: gradient_flow(sq(A), A, geometry={A: "flat"}),
    lambda: gradient_flow(sq(W), W, geometry={W: Symmetric()}),
    lambda: gradient_flow(sq(A), A, geometry={A: Grassmann()}, weight_decay=rho),
    lambda: gradient_flow(
        sq(MatrixSymbol("Q", 2, 3)), MatrixSymbol("Q", 2, 3), geometry={MatrixSymbol("Q", 2, 3): Stiefel()}
    ),
    lambda: Stiefel("flat"),
    lambda: gradient_flow(sq(A), A, extra={A: W}),
    lambda: gradient_flow(sq(A), A, extra={"A": A}),
    lambda: gradient_flow(sq(A), A, where=("symmetric",)),
    lambda: gradient_flow(sq(A2) + sq(A3), A2),
    lambda: gradient_flow(sq(A) * sp.Symbol("rho"), A, extra={A: rho * A}),
    lambda: gradient_flow(sq(A), A).substitute({A: B}),
    lambda: gradient_flow(sq(A - B), A).substitute({B: W}),
    lambda: gradient_flow(E(sq(x0)), x0),
    lambda: MatrixFlow({A: W}),
    lambda: MatrixFlow({A: sq(A)}),
    lambda: MatrixFlow({}),
    lambda: MatrixFlow({"A": A}),
    lambda: MatrixFlow(3),
    lambda: gradient_flow(sq(A), A).map(3),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_bad_input_is_named(case):
    with pytest.raises(InputError) as caught:
        BAD[case]()
    assert len(str(caught.value)) > 10
