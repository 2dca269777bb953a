"""Gradient flows against complex steps on losses drawn at random."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numerics import KINDS, Point, along, complex_step, integrate, losses, matrix, orthonormal
from sympy import Identity, MatrixSymbol, Rational, Trace, exp, log, oo, symbols, tanh

from symssl import (
    Commutes,
    Diagonal,
    E,
    Grassmann,
    InputError,
    MatrixFlow,
    Orthonormal,
    Refusal,
    Stiefel,
    Symmetric,
    cosine,
    expect,
    gaussians,
    gradient_flow,
    inner,
    matrix_equal,
    mean,
    norm,
    potential,
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


# --- the gradient -------------------------------------------------------------------------


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


# --- derivatives along a flow, relations, geometries --------------------------------------


@settings(max_examples=40)
@given(losses((W, V), (k, m, n), stops=False, terms=1), points(W, V, C, scalars=(rho,)))
def test_lie_derivative(quantity, point):
    flow = gradient_flow(sq(W * V - C.T) / 2 + potential_free(W), (W, V), weight_decay=rho)
    at = point(quantity)
    assume(np.isfinite(at) and abs(at) < 1e6 and point.smallest > 1e-4)
    close(point(flow.lie(quantity)), along(quantity, flow, point))


def potential_free(w):
    return sq(w * w.T) / 4


def test_lie_derivative_of_matrices():
    rng = np.random.default_rng(4)
    flow = gradient_flow(sq(W * V - C.T) / 2, (W, V))
    point = Point(
        {k: 2, m: 3, n: 2, W: rng.normal(size=(2, 2)), V: rng.normal(size=(2, 3)), C: rng.normal(size=(3, 2))}
    )
    for q in (W * V, W.T * W - V * V.T, norm(W) * W):
        close(point(flow.lie(q)), along(q, flow, point))
    flow = gradient_flow(sq(A * A - A.T) / 2, A)
    point = Point({n: 3, A: rng.normal(size=(3, 3)) + 2 * np.eye(3)})
    for q in (A.I, A.I.T * A, Trace(A.I * A.T), A * A.T.I):
        close(point(flow.lie(q)), along(q, flow, point))


S, B = MatrixSymbol("S", n, n), MatrixSymbol("B", n, n)


def diagonal(rng):
    return np.diag(rng.uniform(-1, 1, 3))


def symmetric(rng):
    M = rng.normal(size=(3, 3))
    return M + M.T


IMPOSED = [  # loss, relations, matrices that satisfy them, which are preserved
    (sq(A - B) / 2, (Symmetric(A), Symmetric(B)), lambda g: {A: symmetric(g), B: symmetric(g)}, (True, True)),
    (sq(A - B) / 2, (Symmetric(A),), lambda g: {A: symmetric(g), B: g.normal(size=(3, 3))}, (False,)),
    (sq(A - B) / 2, (Diagonal(A), Symmetric(B)), lambda g: {A: diagonal(g), B: symmetric(g)}, (False, True)),
    (sq(A - B) / 2, (Diagonal(A), Diagonal(B)), lambda g: {A: diagonal(g), B: diagonal(g)}, (True, True)),
    (
        sq(A * A.T - B) / 2,
        (Commutes(A, B), Symmetric(A), Symmetric(B)),
        lambda g: dict(zip((A, B), commuting(g))),
        (True, True, True),
    ),
    (sq(A - B) / 2, (Orthonormal(A),), lambda g: {A: orthonormal(3, 3, g), B: g.normal(size=(3, 3))}, (False,)),
]


def commuting(rng):
    U = orthonormal(3, 3, rng)
    return [U @ np.diag(rng.normal(size=3)) @ U.T for _ in range(2)]


@pytest.mark.parametrize("loss, relations, build, kept", IMPOSED)
def test_impose_proves_or_leaves_the_true_residual(loss, relations, build, kept):
    rng = np.random.default_rng(6)
    flow = gradient_flow(loss, A)
    imposed = flow.impose(*relations)
    assert tuple(r not in imposed.residuals for r in relations) == kept
    for _ in range(3):
        point = Point({n: 3, rho: 0.5, **build(rng)})
        close(point(imposed.rhs[A]), point(flow.rhs[A]))
        for relation in relations:
            probes = {p.A: diagonal(rng) for p in relation.probes}
            at = point.moved(probes)
            moved = [along(q, flow, at) for q in relation.defect()]
            left = imposed.residuals.get(relation, ())
            if left:
                nonzero = [x for x in moved if np.abs(x).max() > 1e-9]
                for x, residual in zip(nonzero, left, strict=True):
                    close(at(residual), x)
            else:
                assert all(np.abs(x).max() < 1e-9 for x in moved)


@pytest.mark.parametrize(
    "geometry, rows",
    [
        (Stiefel(), False),
        (Stiefel("euclidean"), False),
        (Grassmann(), False),
        (Stiefel(rows=True), True),
        (Stiefel("euclidean", rows=True), True),
        (Grassmann(rows=True), True),
    ],
)
def test_geometries_keep_orthonormal_frames(geometry, rows):
    rng = np.random.default_rng(7)
    Q, D = MatrixSymbol("Q", 4, 2), MatrixSymbol("D", 4, 4)
    Q = MatrixSymbol("Q", 2, 4) if rows else Q
    tall = Q.T if rows else Q
    loss = -inner(tall, D * tall) / 2 + sq(tall.T * D * tall) / 4 + inner(MatrixSymbol("G", 4, 2), tall)
    flow = gradient_flow(loss, Q, geometry={Q: geometry})
    imposed = flow.impose(Orthonormal(tall))
    assert not imposed.residuals
    plain = gradient_flow(loss, Q).impose(Orthonormal(tall))
    assert plain.residuals
    start = orthonormal(4, 2, rng)
    point = Point(
        {Q: start.T if rows else start, D: rng.normal(size=(4, 4)), MatrixSymbol("G", 4, 2): rng.normal(size=(4, 2))}
    )
    end = integrate(flow, point, [0.5, 1.0])[-1][Q]
    end = end.T if rows else end
    close(end.T @ end, np.eye(2), 1e-8)
    # steepest in its metric on the tangent space: the loss falls by <G, grad> = |grad|^2
    G, v = complex_step(loss, Q, point), -point(flow.rhs[Q])
    X = point(Q)
    if rows:
        G, v, X = G.T, v.T, X.T
    metric = np.sum(v * v) - (np.sum((X.T @ v) ** 2) / 2 if geometry.__dict__.get("metric") == "canonical" else 0)
    close(np.sum(G * v), metric, 1e-8)
    tangent = X.T @ v
    close(tangent, -tangent.T if isinstance(geometry, Stiefel) else 0 * tangent, 1e-8)
    if isinstance(geometry, Stiefel):
        assert np.abs(tangent).max() > 0.01  # tangent, but not horizontal


def test_symmetric_geometry():
    rng = np.random.default_rng(8)
    loss = sq(A - B) / 2
    for geometry in (Symmetric(), Symmetric(A)):
        flow = gradient_flow(loss, A, geometry={A: geometry})
        assert not flow.impose(Symmetric(A)).residuals
        point = Point({n: 3, A: symmetric(rng), B: rng.normal(size=(3, 3))})
        G = complex_step(loss, A, point)
        close(point(flow.rhs[A]), -(G + G.T) / 2)


# --- bad input, results -------------------------------------------------------------------

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


def test_the_law_of_a_vector_may_not_move():
    with pytest.raises(Refusal, match="law of x depends on S"):
        gradient_flow(E(sq(x0)), S)
    flow = gradient_flow(expect(E(inner(x0, B * x0))), S)
    assert matrix_equal(flow.rhs[S], -B.T)
    with pytest.raises(Refusal, match="depends on S"):
        flow.lie(E(sq(x0)))


def test_potentials_are_opaque():
    flow = gradient_flow(potential("f", A * B), A)
    with pytest.raises(Refusal):
        flow.substitute({B: S})
    with pytest.raises(Refusal):
        flow.lie(flow.rhs[A])


def test_potential_flow_holds_for_any_loss_of_that_form():
    flow = gradient_flow(potential("f", W * V), (W, V), weight_decay=rho)
    assert matrix_equal(flow.lie(W.T * W - V * V.T), -2 * rho * (W.T * W - V * V.T))


def test_flows_pickle_and_hash():
    flow = gradient_flow(sq(A - B) / 2, A, weight_decay=rho).impose(Symmetric(A))
    again = pickle.loads(pickle.dumps(flow))
    assert again == flow and hash(again) == hash(flow) and isinstance(again, MatrixFlow)
    assert again.lie(sq(A)) == flow.lie(sq(A)) and again.residuals == flow.residuals
    assert r"\dot{A}" in flow.latex()


def test_a_potential_moves_by_the_chain_rule():
    """d/dt u(x) = <grad u(x), W'>, for any other potential v of the same weight."""
    x, y = MatrixSymbol("x", 3, 1), MatrixSymbol("y", 3, 1)
    flow = gradient_flow(potential("v", A, y), A)
    found = flow.lie(potential("u", A, x) ** 2)
    slope = {name: -gradient_flow(potential(name, A, at), A).rhs[A] for name, at in (("u", x), ("v", y))}
    assert matrix_equal(found, -2 * potential("u", A, x) * inner(slope["u"], slope["v"]))
    assert flow.lie(potential("u", B, x)) == 0
