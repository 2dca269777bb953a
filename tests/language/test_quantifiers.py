"""Quantifiers and statements in words: what they bind, witnesses, how they are written; bad input."""

import pickle

import pytest
from sympy import (
    And,
    Eq,
    Ge,
    Gt,
    Identity,
    Lt,
    MatrixSymbol,
    Ne,
    Not,
    Or,
    Rational,
    Symbol,
    Trace,
    latex as sympy_latex,
    symbols,
)

from symssl import InputError, Orthonormal, Symmetric, gaussians, latex, samples, sq
from symssl.language import Exists, External, ForAll
from symssl.language.quantifiers import Quantifier

x, y, z = symbols("x y z", real=True)
p, q = symbols("p q", positive=True)
k, n = symbols("k n", integer=True, positive=True)
W, A = MatrixSymbol("W", n, 2), MatrixSymbol("A", n, n)


def test_parts():
    claim = ForAll((x, W), Gt(x**2 + sq(W), p), [Ne(x, 0), Orthonormal(W)], almost=True)
    assert isinstance(claim, Quantifier) and claim.bound == (x, W) and claim.almost
    assert claim.given == (Ne(x, 0), Orthonormal(W)) and claim.body == Gt(x**2 + sq(W), p)
    assert claim.free_symbols == {p}
    some = Exists(x, Eq(x**2, p), witness={x: p}, unique=True)
    assert some.witness == {x: p} and some.unique and some.free_symbols == {p}
    assert not ForAll(x, Gt(x, p)).almost and Exists(x, Gt(x, p)).witness == {}
    assert ForAll(x, Gt(x, p)) != Exists(x, Gt(x, p)) != Exists(x, Gt(x, p), unique=True)


def test_connectives_keep_quantifiers():
    one, other = ForAll(x, Gt(x**2, p)), Exists(x, Lt(x, p))
    assert Not(one).args == (one,) and And(one, other).args and Or(one, Not(other)).has(Exists)
    assert pickle.loads(pickle.dumps(And(one, Not(other)))) == And(one, Not(other))


def test_a_relation_stays_as_it_is_written():
    claim = ForAll(p, Ge(p, 0, evaluate=False))
    for again in (pickle.loads(pickle.dumps(claim)), claim.xreplace({x: y}), claim.subs(q, 1)):
        assert again == claim and again.body == Ge(p, 0, evaluate=False)
    put = ForAll(x, Eq(x + p, x + 1, evaluate=False)).subs(p, 1)
    assert put.body == Eq(x + 1, x + 1, evaluate=False)


BAD = {
    "body": (lambda: ForAll(x, x), "the body of ForAll"),
    "evaluated": (lambda: ForAll(p, p > 0), "the body of ForAll: SymPy has evaluated the statement to True"),
    "hypothesis": (lambda: ForAll(x, Gt(x, p), [p > 0]), "the hypotheses of ForAll: SymPy has evaluated"),
    "no symbol": (lambda: ForAll((), Gt(x, 0)), "one at least"),
    "twice": (lambda: ForAll((x, x), Gt(x, 0)), "every symbol once"),
    "over a term": (lambda: Exists(x + 1, Gt(x, 0)), "over symbols|symbols of Exists"),
    "over text": (lambda: ForAll("x", Gt(x, 0)), "symbols of ForAll|over symbols"),
    "over a sample": (lambda: ForAll(samples("v", 2, 3)[1], Gt(sq(samples("v", 2, 3)[1]), 0)), "law or an index"),
    "over a random vector": (lambda: ForAll(gaussians("g", 2), Gt(sq(gaussians("g", 2)[0]), 0)), "law or an index"),
    "another symbol": (lambda: ForAll(Symbol("x"), Gt(x, 0)), "same assumptions"),
    "another symbol in the hypotheses": (lambda: ForAll(x, Gt(x, p), [Gt(Symbol("x"), 1)]), "same assumptions"),
    "witness of another": (lambda: Exists(x, Gt(x, p), witness={y: 1}), "y, which is not quantified"),
    "witness of another sign": (lambda: Exists(p, Gt(p, 1), witness={p: -2}), "p = -2, but p is positive"),
    "witness that is no integer": (lambda: Exists(k, Gt(k, x), witness={k: Rational(1, 2)}), "k is integer"),
    "witness of another shape": (lambda: Exists(A, Gt(sq(A), 1), witness={A: Identity(2)}), "has not the shape"),
    "witness against the hypotheses": (
        lambda: Exists(x, Gt(x**2, p), [Gt(x, 1)], witness={x: 0}),
        "does not keep the condition x > 1",
    ),
    "source": (lambda: External(3, "text"), "source of External"),
    "words": (lambda: External("Sec. 1", x), "text of External"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    make, words = BAD[name]
    with pytest.raises(InputError, match=words):
        make()


LATEX = {
    r"\text{for all } x \in \mathbb{R}\colon x^{2} > p": ForAll(x, Gt(x**2, p)),
    r"\text{for almost all } p, q > 0 \text{ and } x \in \mathbb{R} \text{ with } x \neq 0\colon p + q > x": ForAll(
        (p, q, x), Gt(p + q, x), Ne(x, 0), almost=True
    ),
    r"\text{for all } k \in \{1, 2, \dots\}\colon k > x": ForAll(k, Gt(k, x)),
    r"\text{for all } W \in \mathbb{R}^{n \times 2} \text{ with } W^{\top} W = \mathbb{I}\colon "
    r"\left\lVert W\right\rVert^{2} > p": ForAll(W, Gt(sq(W), p), Orthonormal(W)),
    r"\text{there is } x \in \mathbb{R},\; \text{namely } x = p + 1, \text{ such that } x > p": Exists(
        x, Gt(x, p), witness={x: p + 1}
    ),
    r"\text{there are } x, y \in \mathbb{R} \text{ such that } x > y": Exists((x, y), Gt(x, y)),
    r"\text{there is exactly one } p > 0 \text{ with } p < x \text{ such that } p^{2} = x": Exists(
        p, Eq(p**2, x), Lt(p, x), unique=True
    ),
    r"\left(\text{for all } x \in \mathbb{R}\colon x > p\right) \text{ or } p > 3": Or(ForAll(x, Gt(x, p)), Gt(p, 3)),
    r"\neg \left(\text{for all } x \in \mathbb{R}\colon x > p\right)": Not(ForAll(x, Gt(x, p))),
}


@pytest.mark.parametrize("text", LATEX)
def test_latex(text):
    assert latex(LATEX[text]) == text
    assert sympy_latex(LATEX[text]).count(r"\text{") >= 1


def test_relations_among_the_hypotheses():
    claim = Exists(A, Eq(Trace(A), 1), [Symmetric(A), Gt(Trace(A), p)])
    assert r"\text{ with } A = A^{\top} \text{ and } \operatorname{tr}" in latex(claim)
    assert claim.subs(n, 2).given[0] == Symmetric(MatrixSymbol("A", 2, 2))


def test_words_are_text():
    outside = External("Sec. 6", "50% of A_1 & more")
    assert (outside.source, outside.text) == ("Sec. 6", "50% of A_1 & more")
    assert latex(outside) == r"\text{50\% of A\_1 \& more}"
    assert outside.func(*outside.args) == outside == pickle.loads(pickle.dumps(outside))
