"""Second variations against differences, spectra in frames against the eigenvalues of the whole Hessian."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numerics import orthonormal
from sympy import Identity, Matrix, MatrixSymbol, sqrt, symbols

from symssl import (
    InputError,
    ModeSum,
    Refusal,
    hessian_modes,
    norm,
    sq,
)

d, m, k, r, a, b, c = symbols("d m k r a b c", integer=True, positive=True)
seeds = st.integers(0, 10**6)


def difference(f, x, v, step=1e-4):
    """Second derivative of f along v, by five points."""
    up, down = [f(x + n * step * v) for n in (1, 2)], [f(x - n * step * v) for n in (1, 2)]
    return (-up[1] + 16 * up[0] - 30 * f(x) + 16 * down[0] - down[1]) / (12 * step**2)


s, t, g = symbols("s t g", positive=True)
p, q, e = symbols("p q e", real=True)
WW, GG = MatrixSymbol("W", k + r, k + a + b), MatrixSymbol("G", k + a + b, k + a + b)
U, N = MatrixSymbol("U", k + r, k), MatrixSymbol("N", k + r, r)
R, P, Q = (MatrixSymbol(name, k + a + b, n) for name, n in (("R", k), ("P", a), ("Q", b)))
EMBEDDING = sq(WW * GG * WW.T - Identity(k + r)) + 2 * e * sq(WW)
EMBEDDED = hessian_modes(EMBEDDING, WW, {WW: [(U, s, R)], GG: [(R, g, R), (P, p, P)]}, left=(U, N), right=(R, P, Q))
SQ, B = MatrixSymbol("S", k + r, k + r), MatrixSymbol("B", k + r, k + r)
SQUARED = hessian_modes(
    sq(SQ * SQ - B), SQ, {SQ: [(U, p, U), (N, q, N)], B: [(U, s, U), (N, t, N)]}, left=(U, N), right=(U, N)
)


def numbers(found, sizes, values):
    """All eigenvalues of a HessianModes, index by index."""
    out = []
    for eigenvalue in found.spectrum():
        left, right = eigenvalue.block
        rows, columns = (int(x.shape[1].subs(sizes)) for x in (left, right))
        pairs = {
            "j": [(j, j) for j in range(rows)],
            "j < k": [(i, j) for j in range(rows) for i in range(j)],
            "j, k": list(product(range(rows), range(columns))),
        }[eigenvalue.each]
        assert len(pairs) == eigenvalue.count.subs(sizes)
        for i, j in pairs:
            at = {
                f: (values[f.name[0]] if len(f.name) == 1 else values[f.name[0]][i if f.name.endswith("_j") else j])
                for f in eigenvalue.value.free_symbols
            }
            out.append(float(eigenvalue.value.subs(at)))
    return np.sort(out)


def whole_hessian(f, x, step=1e-3):
    units = np.eye(x.size).reshape(x.size, *x.shape)

    def form(v):
        return difference(f, x, v, step)

    return np.array([[(form(u + v) - form(u - v)) / 4 for u in units] for v in units])


@given(seed=seeds, sizes=st.tuples(*[st.integers(1, 2)] * 4))
@settings(max_examples=12)
def test_spectrum_of_an_embedding(seed, sizes):
    rng = np.random.default_rng(seed)
    n = dict(zip((k, r, a, b), sizes))
    left, right = orthonormal(n[k] + n[r], n[k] + n[r], rng), orthonormal(n[k] + n[a] + n[b], n[k] + n[a] + n[b], rng)
    values = {"s": rng.uniform(0.3, 1.5, n[k]), "g": rng.uniform(0.3, 1.5, n[k]), "p": rng.normal(size=n[a]), "e": 0.3}
    w = left[:, : n[k]] @ np.diag(values["s"]) @ right[:, : n[k]].T
    gamma = right @ np.diag([*values["g"], *values["p"], *[0] * n[b]]) @ right.T

    def loss(x):
        return np.sum((x @ gamma @ x.T - np.eye(len(x))) ** 2) + 0.6 * np.sum(x**2)

    wanted = np.linalg.eigvalsh(whole_hessian(loss, w))
    np.testing.assert_allclose(numbers(EMBEDDED, n, values), wanted, atol=1e-6)
    at_point = EMBEDDED.value.xreplace(
        {
            node: sum(node.args[0].subs({s: x, g: y}) for x, y in zip(values["s"], values["g"]))
            for node in EMBEDDED.value.atoms(ModeSum)
        }
    )
    assert np.isclose(float(at_point.subs({**n, e: 0.3})), loss(w))


@given(seed=seeds, sizes=st.tuples(st.integers(1, 2), st.integers(1, 3)))
@settings(max_examples=12)
def test_spectrum_with_exchanging_blocks(seed, sizes):
    rng = np.random.default_rng(seed)
    n = dict(zip((k, r), sizes))
    frame = orthonormal(sum(sizes), sum(sizes), rng)
    values = {
        "p": rng.normal(size=n[k]),
        "q": rng.normal(size=n[r]),
        "s": rng.uniform(0.3, 1.5, n[k]),
        "t": rng.uniform(0.3, 1.5, n[r]),
    }
    w = frame @ np.diag([*values["p"], *values["q"]]) @ frame.T
    target = frame @ np.diag([*values["s"], *values["t"]]) @ frame.T
    wanted = np.linalg.eigvalsh(whole_hessian(lambda x: np.sum((x @ x - target) ** 2), w))
    np.testing.assert_allclose(numbers(SQUARED, n, values), wanted, atol=1e-6)


def test_a_family_of_critical_points():
    family = EMBEDDED.subs({s: sqrt(g - e) / g})
    assert [entry for *_, entry in family.slope] == [0]
    assert family.block(N, P).direct.equals(4 * e - 4 * symbols("p_k", real=True))
    plain = family.subs({e: 0})
    assert plain.value == r
    assert plain.subs({p: symbols("pi", positive=True)}).inertia()[0] == a * r
    with pytest.raises(Refusal, match="sign"):
        family.inertia()
    with pytest.raises(InputError, match="the value of p must be a scalar"):
        family.subs({p: Matrix([[1, 2], [3, 4]])})


def test_counts_add_up_to_the_number_of_entries():
    total = sum(e.count for e in EMBEDDED.spectrum())
    assert (total - (k + r) * (k + a + b)).expand() == 0


def test_the_slope_is_the_gradient():
    ((left, right, entry),) = EMBEDDED.slope
    s_j, g_j = symbols("s_j g_j", positive=True)
    assert (left, right) == (U, R)
    assert (entry - 4 * s_j * (g_j * (g_j * s_j**2 - 1) + e)).expand() == 0


def test_trace_terms_couple_the_diagonal():
    found = hessian_modes(norm(SQ) ** 4, SQ, {SQ: [(U, s, U)]}, left=(U, N), right=(U, N))
    assert found.block(U, U).coupling and not found.block(U, N).coupling
    with pytest.raises(Refusal, match="coupled"):
        found.spectrum()


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (dict(left=(U,), right=(R, P, Q)), "do not span"),
        (dict(left=(U, N), right=(R, P, N)), "no frame of a space"),
    ],
)
def test_frames_that_do_not_fit(arguments, reason):
    with pytest.raises(InputError, match=reason):
        hessian_modes(EMBEDDING, WW, {WW: [(U, s, R)], GG: [(R, g, R)]}, **arguments)


@pytest.mark.parametrize(
    "values, reason",
    [
        ({GG: [(R, g, R)]}, "give the value of the weight"),
        ({WW: [(U, s, P)], GG: [(R, g, R)]}, "no frames of"),
        ({WW: [(U, 1, R)], GG: [(R, g, R)]}, "must be a list of"),
        ({WW: [(U, g, R)], GG: [(R, g, R), (P, g, P)]}, "different widths"),
    ],
)
def test_values_that_do_not_fit(values, reason):
    with pytest.raises(InputError, match=reason):
        hessian_modes(EMBEDDING, WW, values, left=(U, N), right=(R, P, Q))


def test_a_matrix_without_value_is_refused():
    with pytest.raises(Refusal):
        hessian_modes(EMBEDDING, WW, {WW: [(U, s, R)]}, left=(U, N), right=(R, P, Q))
