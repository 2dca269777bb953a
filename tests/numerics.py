"""Values of matrix expressions by NumPy, straight from the SymPy tree, and strategies that draw expressions.

Nothing here uses the word algebra: an expectation is a Gauss-Hermite product
rule (exact for polynomials of degree 9 in each normal), a gradient a complex
step, a relation an explicit construction.
"""

from functools import cache, reduce
from itertools import product

import numpy as np
import sympy as sp
from hypothesis import strategies as st
from sympy.matrices.expressions.matexpr import MatrixElement

from symssl import cosine, inner, norm, sg, sq
from symssl.language.operators import (
    Expectation,
    MatrixExpectation,
    MatrixStopGradient,
    MatrixTotal,
    StopGradient,
    Total,
)
from symssl.language.random_vectors import GaussianVector
from symssl.language.sample_vectors import Sample

STEP = 1e-30
FUNCTIONS = {
    sp.exp: np.exp,
    sp.log: np.log,
    sp.tanh: np.tanh,
    sp.cos: np.cos,
    sp.sin: np.sin,
    sp.cosh: np.cosh,
    sp.Abs: lambda z: z * np.sign(np.real(z)),
}


class Point:
    """Values of sizes (int), scalars and matrices; `frozen` is what `sg` sees."""

    def __init__(self, values, frozen=None, nodes=5):
        self.values, self.nodes = dict(values), nodes
        self.frozen = self if frozen is None else frozen
        self.smallest = np.inf  # least length that was divided by or differentiated

    def moved(self, changes):
        frozen = None if self.frozen is self else self.frozen.moved(changes)
        return Point({**self.values, **changes}, frozen, self.nodes)

    def size(self, n):
        n = sp.sympify(n)
        return int(n.subs({s: self.values[s] for s in n.free_symbols}))

    def __call__(self, e):
        e = sp.sympify(e)
        if e in self.values:
            return self.values[e]
        for kinds, rule in RULES:
            if isinstance(e, kinds):
                return rule(self, e)
        raise TypeError(f"no value of {type(e).__name__} {e}")

    def length(self, e):
        a = self(e)
        square = dot(a, a)
        self.smallest = min(self.smallest, np.min(np.abs(square)))
        return np.sqrt(square)


def dot(a, b):
    return np.sum(np.asarray(a) * b, axis=(-2, -1))


def scaled(c, M):
    return np.asarray(c)[..., None, None] * M


def times(a, b):
    """Product of scalars (a, is matrix?) in the order of the factors."""
    (x, x_matrix), (y, y_matrix) = a, b
    if x_matrix and y_matrix:
        return x @ y, True
    if x_matrix:
        return scaled(y, x), True
    return (scaled(x, y), True) if y_matrix else (x * y, False)


def _product(point, e):
    return reduce(times, [(point(a), is_matrix(a)) for a in e.args])[0]


def is_matrix(e):
    return isinstance(e, (sp.MatrixExpr, sp.MatrixBase))


def _sample(point, e):
    index = point.values.get(e.index, e.index)
    return point.values[e.name, int(index)]


def _total(point, e):
    body, i, n = e.args
    return sum(point.moved({i: k})(body) for k in range(1, point.size(n) + 1))


def _expectation(point, e):
    """Integrate over all Gaussian vectors of the body that are not given."""
    body, given = e.args[0], list(e.given)
    laws = {}
    for v in sorted(body.atoms(GaussianVector) - set(given), key=str):
        laws.setdefault(v.joint, []).append(v)
    if not laws:
        return point(body)
    moved = {}
    pieces = [
        (joint, vectors, joint_law(point, joint, vectors, [g for g in given if g.joint == joint]))
        for joint, vectors in laws.items()
    ]
    total = sum(L.shape[-1] for _, _, (_, L) in pieces)
    z, w = np.polynomial.hermite_e.hermegauss(point.nodes)
    grid = np.array(list(product(z, repeat=total))).reshape(-1, total)
    weight = np.array([np.prod(ws) for ws in product(w / np.sqrt(2 * np.pi), repeat=total)])
    at, rank = 0, max([0] + [np.ndim(v) - 2 for v in point.values.values() if np.ndim(v) > 2])
    for _, vectors, (mean, L) in pieces:
        draw = grid[:, at : at + L.shape[-1]].reshape(len(grid), *[1] * rank, L.shape[-1], 1)
        at += L.shape[-1]
        x = mean + L @ draw
        row = 0
        for v in vectors:
            n = point.size(v.shape[0])
            moved[v] = x[..., row : row + n, :]
            row += n
    value = point.moved(moved)(body)
    extra = 2 if is_matrix(e) else 0
    value = (
        np.broadcast_to(value, (len(grid), *np.shape(value)[1:]))
        if np.ndim(value) > extra + rank
        else np.broadcast_to(value, (len(grid), *np.shape(value)))
    )
    return np.tensordot(weight, value, axes=1)


def joint_law(point, joint, vectors, given):
    """Mean and a square root of the covariance, conditional on the vectors given."""

    def block(a, b):
        c = joint.covariance(a.name, b.name)
        n = point.size(a.shape[0])
        return point(c) if is_matrix(c) else float(point(c)) * np.eye(n)

    def mean(a):
        m = joint.means[joint.names.index(a.name)]
        return point(m) if m != 0 else np.zeros((point.size(a.shape[0]), 1))

    def table(rows, cols):
        return np.block([[block(a, b) for b in cols] for a in rows])

    S, m = table(vectors, vectors), np.vstack([mean(a) for a in vectors])
    if given:
        gain = table(vectors, given) @ np.linalg.inv(table(given, given))
        gap = np.concatenate([point.values[g] - mean(g) for g in given], axis=-2)
        S, m = S - gain @ table(given, vectors), m + gain @ gap
    w, Q = np.linalg.eigh((S + S.T) / 2)
    assert w.min() > -1e-9
    return m, Q * np.sqrt(np.maximum(w, 0))


def _cosine(point, e):
    a, b = e.args
    with np.errstate(invalid="ignore", divide="ignore"):
        return dot(point(a), point(b)) / point.length(a) / point.length(b)


def _power(point, e):
    base, k = point(e.base), point(e.exp)
    return base**k


RULES = (
    ((sp.Rational, sp.NumberSymbol), lambda p, e: float(e)),
    (Sample, _sample),
    (sp.Identity, lambda p, e: np.eye(p.size(e.shape[0]))),
    (sp.ZeroMatrix, lambda p, e: np.zeros([p.size(n) for n in e.shape])),
    (sp.MatrixBase, lambda p, e: np.array(e.tolist(), dtype=float)),
    (sp.MatAdd, lambda p, e: sum(p(a) for a in e.args)),
    (sp.MatMul, _product),
    (sp.MatPow, lambda p, e: np.linalg.matrix_power(p(e.base), int(e.exp))),
    (sp.Inverse, lambda p, e: np.linalg.inv(p(e.args[0]))),
    (sp.Transpose, lambda p, e: np.swapaxes(p(e.args[0]), -1, -2)),
    (sp.Trace, lambda p, e: np.trace(p(e.args[0]), axis1=-2, axis2=-1)),
    (MatrixElement, lambda p, e: p(e.args[0])[..., int(e.args[1]), int(e.args[2])]),
    (sp.Add, lambda p, e: sum(p(a) for a in e.args)),
    (sp.Mul, _product),
    (tuple(FUNCTIONS), lambda p, e: FUNCTIONS[e.func](p(e.args[0]))),
    (sp.Pow, _power),
    (inner, lambda p, e: dot(p(e.args[0]), p(e.args[1]))),
    (sq, lambda p, e: dot(p(e.args[0]), p(e.args[0]))),
    (norm, lambda p, e: p.length(e.args[0])),
    (cosine, _cosine),
    ((StopGradient, MatrixStopGradient), lambda p, e: p.frozen(e.args[0])),
    ((Expectation, MatrixExpectation), _expectation),
    ((Total, MatrixTotal), _total),
)


def complex_step(loss, W, point):
    """The gradient of a scalar loss in W, what stands inside `sg` held fixed."""
    M = point.values[W]
    out = np.zeros(M.shape)
    for ij in np.ndindex(M.shape):
        Z = M.astype(complex)
        Z[ij] += 1j * STEP
        out[ij] = (
            np.imag(Point({**point.values, W: Z}, Point(point.values, nodes=point.nodes), point.nodes)(loss)) / STEP
        )
    return out


def along(expr, flow, point):
    """Time derivative of an expression along a flow of matrices, by a complex step."""
    velocity = {W: point(f) for W, f in flow.rhs.items()}
    moved = {W: point.values[W] + 1j * STEP * v for W, v in velocity.items()}
    return np.imag(Point({**point.values, **moved}, nodes=point.nodes)(expr)) / STEP


def integrate(flow, point, times, weights=None):
    """Values of the weights of a matrix flow at some times, by SciPy."""
    from scipy.integrate import solve_ivp

    weights = list(flow.rhs)
    shapes = [point.values[W].shape for W in weights]
    cuts = np.cumsum([int(np.prod(s)) for s in shapes])[:-1]

    def unpack(y):
        return {W: part.reshape(s) for W, part, s in zip(weights, np.split(y, cuts), shapes)}

    def f(t, y):
        at = point.moved(unpack(y))
        return np.concatenate([np.ravel(at(flow.rhs[W])) for W in weights])

    start = np.concatenate([point.values[W].ravel() for W in weights])
    run = solve_ivp(f, (0, max(times)), start, t_eval=times, rtol=1e-11, atol=1e-12, method="DOP853")
    assert run.success
    return [unpack(y) for y in run.y.T]


# --- data ---------------------------------------------------------------------------------

KINDS = ("generic", "degenerate", "commuting", "low rank", "sparse")


def matrix(kind, n, m, rng):
    """An n x m matrix, generic or structured."""
    M = rng.uniform(-1, 1, (n, m))
    if kind == "degenerate":  # equal singular values
        U, _, V = np.linalg.svd(M)
        return U[:, : min(n, m)] @ V[: min(n, m)]
    if kind == "commuting":
        return np.diag(rng.uniform(-1, 1, max(n, m)))[:n, :m]
    if kind == "low rank":
        return M[:, :1] @ rng.uniform(0.5, 1, (1, m))
    if kind == "sparse":
        return M * (rng.random((n, m)) < 0.7)
    return M


def orthonormal(n, k, rng):
    return np.linalg.qr(rng.normal(size=(n, n)))[0][:, :k]


# --- strategies ---------------------------------------------------------------------------


def words(letters, left, right, longest=4):
    """Products of the letters (and their transposes) from size `left` to size `right`, as tuples."""
    moves = [*letters, *(a.T for a in letters)]

    @cache
    def paths(start, length):
        if not length:
            return [()] if start == right else []
        return [(a, *rest) for a in moves if a.shape[0] == start for rest in paths(a.shape[1], length - 1)]

    found = [w for k in range(1, longest + 1) for w in paths(left, k)]
    return st.sampled_from(found) if found else st.nothing()


def word_product(factors):
    return sp.MatMul(*factors) if len(factors) > 1 else factors[0]


@st.composite
def scalars(draw, letters, sizes, stops=True, longest=3):
    """An elementary scalar of the letters: trace, inner product, norm, cosine."""
    left, right = draw(st.sampled_from([(a, b) for a in sizes for b in sizes]))

    def word(l=left, r=right):
        w = word_product(draw(words(letters, l, r, longest)))
        return sg(w) if stops and draw(st.integers(0, 4)) == 0 else w

    kind = draw(st.sampled_from(["trace", "inner", "sq", "norm", "cosine"]))
    if kind == "trace":
        return sp.Trace(word(left, left))
    if kind in ("sq", "norm"):
        return {"sq": sq, "norm": norm}[kind](word())
    return {"inner": inner, "cosine": cosine}[kind](word(), word())


SHAPES = (
    lambda a: a,
    lambda a: a**2,
    sp.tanh,
    lambda a: sp.exp(-a / 4),
    lambda a: sp.log(2 + a**2),
    lambda a: sp.sqrt(1 + a**2),
    lambda a: 1 / (2 + a**2),
    lambda a: (1 + a**2) ** sp.Rational(-3, 2),
    lambda a: 1 / (1 + sp.exp(-a)),
)


@st.composite
def losses(draw, letters, sizes, stops=True, terms=2):
    """A scalar made of sums and products of functions of elementary scalars."""
    out = sp.Integer(0)
    for _ in range(draw(st.integers(1, terms))):
        part = sp.Rational(draw(st.integers(-3, 3)) or 1, draw(st.integers(1, 3)))
        for _ in range(draw(st.integers(1, 2))):
            part *= draw(st.sampled_from(SHAPES))(draw(scalars(letters, sizes, stops)))
        out += part
    return sg(out) * out if stops and draw(st.integers(0, 9)) == 0 else out


def same_run(one, other):
    assert one.step == other.step and one.status == other.status and one.random == other.random
    assert np.array_equal(one.steps, other.steps) and list(one.values) == list(other.values)
    for table in ("weights", "velocity", "values"):
        a, b = getattr(one, table), getattr(other, table)
        assert set(a) == set(b) and all(a[k].tobytes() == b[k].tobytes() for k in a)
