"""What `symssl show` says about each line, and that it does not say too much."""

import sympy as sp

from symssl import Symmetric, gradient_flow, matrix_equal, sq
from symssl.claims import Claim, Model, Step, check
from symssl.claims.deciders import cited, enclosed, equivalent, gap, identity, implied, refuted_at, stipulated, valid
from symssl.claims.lines import assumptions, comparison, explained

x, y = sp.symbols("x y", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
W, A = sp.MatrixSymbol("W", n, n), sp.MatrixSymbol("A", n, n)
MODEL = Model("square", sq(W - A), (W,))


def marks(*steps, **claim):
    made = Claim("a", "equation", claim.pop("printed", x), lambda m: steps, identity(), **claim)
    return [(line.mark, line.how) for line in explained(made, steps)]


def test_kinds_say_what_they_rest_on():
    found = marks(
        Step("suppose", x, kind="assumption"),
        Step("drop", x, kind="approximation", order="1/N"),
        Step("known", x, kind="cited", cite="a book"),
        Step("only words"),
        Step("compute", x + 1),
    )
    assert [mark for mark, _ in found] == ["assumed", "approximated", "cited", "words", "computed"]
    assert "1/N" in found[1][1]
    assert "a book" in found[2][1]
    assert "rests on it" in found[0][1]


def test_repeated_lines_are_proved():
    found = marks(
        Step("start", (x + y) ** 2),
        Step("expand", x**2 + 2 * x * y + y**2, same=True),
        Step("wrongly", x**2 + y**2, same=True),
        Step("other form", sp.Tuple(x), same=True),
    )
    assert found[1] == ("proved", "equals line 1: proved by algebra over a field")
    assert found[2][0] == "words"
    assert "does NOT" in found[2][1]
    assert "does NOT" in found[3][1]


def test_repeated_matrix_lines_say_for_which_sizes():
    found = marks(
        Step("start", W * (A + W)), Step("expand", W * A + W * W, same=True), Step("again", W * A + W * W, same=True)
    )
    assert found[1][1] == "equals line 1: proved by words, for all sizes"
    assert found[2][1] == "equals line 2: the same expression"


def test_hypotheses_are_used_in_repeated_lines():
    steps = Step("start", W.T * A), Step("symmetric", W * A, same=True)
    assert marks(*steps)[1][0] == "words"
    assert marks(*steps, given=(Symmetric(W),))[1][0] == "proved"


def test_proofs_show_their_rechecks():
    mark, how = marks(Step("equal", matrix_equal((W * A).T, A.T * W.T)))[0]
    assert mark == "proved"
    assert "words, for all sizes" in how
    assert "rechecked at exact matrices (" in how
    assert "proved to differ" in marks(Step("equal", matrix_equal(W * A, A * W)))[0][1]


def test_the_gradient_line_is_rechecked_and_no_other():
    exact = MODEL.flow()
    found = marks(
        Step("flow", exact),
        Step("mapping", dict(exact.rhs)),
        Step("right-hand side", exact.rhs[W]),
        Step("another flow", gradient_flow(2 * sq(W - A), W)),
        printed=W,
        model=MODEL,
    )
    assert [mark for mark, _ in found] == ["rechecked", "rechecked", "computed", "computed"]
    assert "difference quotients" in found[0][1]
    assert "sizes n=" in found[0][1]


def test_a_flow_with_an_extra_term_is_not_called_rechecked():
    copy = sp.MatrixSymbol("C", n, n)
    model = Model("copy", sq(W - copy), (W,), options={"extra": {copy: W - copy}})
    assert marks(Step("flow", model.flow()), printed=W, model=model)[0][0] == "computed"


def test_assumptions_are_named():
    z = sp.Symbol("z", real=True)
    claim = Claim(
        "a",
        "lemma",
        sp.Gt(x + z * n, 0, evaluate=False),
        lambda m: (),
        valid(),
        given=(sp.Symbol("w") > x,),
        model=None,
    )
    assert {str(s): words for s, words in assumptions(claim).items()} == {
        "n": "positive integer",
        "x": "positive",
        "z": "real",
    }


def said(printed, decide, result=None, given=()):
    claim = Claim("a", "equation", printed, lambda m: (Step("derive", result),), decide, given=given)
    return comparison(claim, check(claim))


def test_comparisons_say_how_they_were_made():
    assert said(x**2 - y**2, identity(), (x - y) * (x + y)) == (
        "statement and derived result are equal: proved by algebra over a field, looked at again at exact points"
    )
    assert "same expression, in 2 parts" in said(sp.Tuple(x, y), identity(), sp.Tuple(x, y))
    assert "two sides of the statement" in said(sp.Eq((x + 1) ** 2, x**2 + 2 * x + 1, evaluate=False), valid())
    assert "x*(x + 1) is positive" in said(sp.Gt(x**2 + x, 0, evaluate=False), implied(), x * (x + 1))
    assert "fails at the witness" in said(x > 1, refuted_at({x: sp.Rational(1, 2)}))
    assert "fails at the witness" in said(x, gap(identity(), ""), x + 1)
    assert "rigorous bounds" in said(x > sp.Rational(1, 8), enclosed(), sp.Dict({x: (sp.Rational(1, 4), 1)}))
    assert "stipulated" in said(sp.Eq(x, y + 1), stipulated())
    assert "-3/4 is negative" in said(x > 4, equivalent(), sp.Lt(3, 3 * x / 4)) or "is positive" in said(
        x > 4, equivalent(), 3 * x / 4 > 3
    )
    assert said(x, cited("a book"), x) == ""
