"""Explicit matrices that keep relations, what fails there, and samples at their values."""

from sympy import And, Eq, ImmutableMatrix, Le, MatrixSymbol, Ne, Or, eye, oo, symbols

from symssl import Orthonormal, inner, norm, samples, total
from symssl.language import Along, Eigenvalue, ForAll, GradientFlow, Limit, Object, Vocabulary, unit
from symssl.statements import entails
from symssl.statements.explicit import explicit_points, fails_at, with_samples

U, A, v = MatrixSymbol("U", 3, 2), MatrixSymbol("A", 2, 2), MatrixSymbol("v", 2, 1)


def test_points_keep_what_they_are_to_keep():
    points = list(explicit_points((U, v), (Orthonormal(U), Le(Eigenvalue(v, 1, "singular"), 1))))
    assert len(points) > 2
    for point in points:
        assert point[U].T * point[U] == eye(2)
        assert (point[v].T * point[v])[0] < 1
    n = symbols("n", integer=True, positive=True)
    assert not list(explicit_points((MatrixSymbol("B", n, 2),), ()))
    assert not list(explicit_points((A,), (Ne(norm(A), 0),)))
    assert not list(explicit_points((A,), (Le(1, norm(A), evaluate=False),)))


def test_what_fails_at_a_point():
    at = {A: ImmutableMatrix([[1, 2], [0, 1]])}
    size = Eq(Eigenvalue(A, 1, "singular"), norm(A), evaluate=False)
    assert fails_at(size, at) and not fails_at(size, {A: ImmutableMatrix([[1, 0], [0, 0]])})
    assert fails_at(And(size, Le(norm(A), 9), evaluate=False), at)
    assert not fails_at(Or(size, Le(norm(A), 9), evaluate=False), at)
    assert not fails_at(Eq(A * unit(1, 2), unit(1, 2), evaluate=False), at)
    assert fails_at(Eq(A * unit(2, 2), unit(2, 2), evaluate=False), at)
    assert not fails_at(Ne(norm(A), 1), at)


def test_samples_at_their_values():
    d, n, i = symbols("d n i", integer=True, positive=True)
    X, W = samples("x", d, n), MatrixSymbol("W", 1, d)
    data = {"x": ImmutableMatrix([[1, 3], [2, 4]])}
    found = with_samples(total(inner(W * X[i], W * X[i]), i), {d: 2, n: 2}, {})
    assert found == total(inner(W * X[i], W * X[i]), i)
    values = {d: ImmutableMatrix([2])[0], n: ImmutableMatrix([2])[0]}
    found = with_samples(total(X[i] * X[i].T, i), values, data).doit()
    assert found == data["x"] * data["x"].T


def test_almost_all_is_denied_by_an_open_set_only():
    """All starts stay where the velocity vanishes, so that the direction stays too."""
    t = symbols("t", positive=True)
    d, n, i = symbols("d n i", integer=True, positive=True)
    X, V, V_0 = samples("x", d, n), MatrixSymbol("V", 2, d), MatrixSymbol("V_0", 2, d)
    flow = GradientFlow(total(inner(V * X[i], V * X[i]), i), V)
    share = Eigenvalue(V, 1, "singular") / norm(V)
    words = Vocabulary(
        Object(d, "a size"),
        Object(n, "how many"),
        Object(X, "data"),
        Object(V, "weights"),
        Object(t, "time"),
        Object(V_0, "weights at the start"),
    )
    claimed = words.sentence(
        And(
            ForAll(V_0, Eq(Limit(Along(share, flow, t, {V: V_0}), t, oo), 1, evaluate=False), almost=True),
            Le(0, norm(V), evaluate=False),
        )
    )
    assert entails(claimed, at={d: 2, n: 1, "x": [[0], [0]]}).held is False
    assert entails(claimed, at={d: 2, n: 1, "x": [[1], [0]]}).held is not False
