"""The nodes: what they hold, how they print, and what they refuse at construction."""

import pickle

import pytest
from sympy import (
    ImmutableMatrix,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    exp,
    latex,
    oo,
    sqrt,
    symbols,
)

from symssl import E, InputError, cosine, gaussians, inner, mean, norm, potential, samples, sg, sq, total
from symssl.language import Potential

n, k, d, N = symbols("n k d N", integer=True, positive=True)
i, j = symbols("i j")
s2 = Symbol("sigma2", positive=True)
A, W, S = MatrixSymbol("A", n, n), MatrixSymbol("W", k, n), MatrixSymbol("S", d, d)
x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])
X = samples("x", d, N)


def test_scalars_compose_as_scalars_do():
    e = 1 / inner(A, A.T) + sqrt(norm(A)) * exp(-cosine(A, A.T)) - sq(A) / 2
    assert e.is_commutative and inner(A, A).is_real and norm(A).is_nonnegative and (sq(A) + 1).is_positive
    assert not e.has(Trace)


def test_expressions_print_as_on_paper():
    assert latex(inner(A, A.T)) == r"\left\langle A, A^{T}\right\rangle"
    assert r"\operatorname{sg}" in latex(sg(A * A)) and r"\mathbb{E}" in latex(E(norm(x)))
    assert latex(norm(A) ** 2) == r"\left\lVert A\right\rVert^{2}"
    assert r"\middle|\, x" in latex(E(norm(xp), given=x)) and r"\sum_{i=1}^{N}" in latex(total(sq(X[i]), i))
    for e in (
        inner(A, A),
        norm(A),
        sq(A),
        cosine(A, A),
        sg(norm(A)),
        E(norm(x)),
        potential("f", A),
        total(sq(X[i]), i),
    ):
        assert latex(e**2) and latex(1 / e) and str(e)


@pytest.mark.parametrize(
    "e",
    [
        inner(A, A.T),
        norm(W),
        sq(W),
        cosine(A, A),
        sg(A),
        sg(norm(A)),
        E(norm(x)),
        E(x * xp.T, given=x),
        potential("f", A, W),
        total(sq(X[i]), i),
        total(X[i] * X[i].T, i),
        x,
        X[i],
        X[3],
    ],
    ids=str,
)
def test_nodes_pickle_and_rebuild(e):
    assert pickle.loads(pickle.dumps(e)) == e
    assert e.func(*e.args) == e and hash(e.func(*e.args)) == hash(e)


def test_differentiating_a_node_directly_is_refused():
    a = Symbol("a")
    assert norm(A).diff(a) == 0
    with pytest.raises(InputError, match="gradient_flow"):
        norm(a * A).diff(a)


def test_explicit_matrices_are_taken_as_they_are():
    M = Matrix([[1, 2], [3, 4]])
    assert sq(M) == sq(ImmutableMatrix(M)) and inner(M, M).args[0].is_Matrix


mu3 = MatrixSymbol("mu", 3, 1)


@pytest.mark.parametrize(
    "case",
    [
        lambda: inner(A, W),
        lambda: cosine(A, W),
        lambda: inner(A, 3),
        lambda: norm("A"),
        lambda: sq(None),
        lambda: norm(Symbol("a")),
        lambda: potential("f"),
        lambda: potential("f", 2),
        lambda: sg("A"),
        lambda: sg(None),
        lambda: E("x"),
        lambda: E(norm(x), given=A),
        lambda: E(norm(x), given="x"),
        lambda: E(norm(x), given=3),
        lambda: gaussians("", 2),
        lambda: gaussians("x x", 2),
        lambda: gaussians("x", 0),
        lambda: gaussians("x", -1),
        lambda: gaussians("x", Rational(1, 2)),
        lambda: gaussians("x", 2.0),
        lambda: gaussians("x", "d"),
        lambda: gaussians("x", 2, cov=[[-1]]),
        lambda: gaussians("x", 2, cov=[[-s2]]),
        lambda: gaussians("x y", 2, cov=[[1, 0], [1, 1]]),
        lambda: gaussians("x y", 2, cov=[[1, 2], [2, 1]]),
        lambda: gaussians("x", 2, cov=[[1, 0]]),
        lambda: gaussians("x", 2, cov=[[0.5]]),
        lambda: gaussians("x", 2, cov=[[mu3]]),
        lambda: gaussians("x", 2, mean=[mu3]),
        lambda: gaussians("x", 2, mean=[1]),
        lambda: gaussians("x", 2, cov=[[oo]]),
        lambda: gaussians("x", d, cov=[[inner(x, x)]]),
        lambda: gaussians("x", 2, mean=[0, 0]),
        lambda: gaussians("x", 2, cov=3),
        lambda: samples("x", 2, 0),
        lambda: samples("x", 2, -1),
        lambda: samples("x", 2, 1.5),
        lambda: samples("x", 0, 2),
        lambda: samples("x", 2, "N"),
        lambda: X[0],
        lambda: X[-1],
        lambda: X[Rational(1, 2)],
        lambda: X["i"],
        lambda: X[i + 1],
        lambda: samples("x", 2, 3)[4],
        lambda: total(sq(X[i])),
        lambda: total(sq(X[i]), j),
        lambda: total(sq(X[i]), (i, 0)),
        lambda: total(sq(X[i]), 3),
        lambda: total(sq(X[i]), (i, 2.5)),
        lambda: total(sq(samples("x", 2, 3)[i]), (i, 4)),
        lambda: total(sq(X[i]) + sq(samples("y", 2, 3)[i]), i),
        lambda: mean(sq(X[i])),
        lambda: total(sq(X[i]), i, i),
        lambda: mean(sq(X[i]), i, i),
        lambda: total(sq(X[i]), i, (i, 5)),
        lambda: gaussians(3, d),
        lambda: gaussians(None, d),
        lambda: total("x", i),
        lambda: total(sq(X[i]), "i"),
    ],
)
def test_malformed_nodes(case):
    with pytest.raises(InputError) as caught:
        case()
    assert len(str(caught.value)) > 10


@pytest.mark.parametrize("name", ["", 3, object(), iter([1]), None, A])
def test_a_potential_has_a_text_for_its_name(name):
    for make in (potential, Potential):
        with pytest.raises(InputError, match="name must be a text"):
            make(name, A)
