"""Terms of sentences: shapes, assumptions, what is bound, how they are written; bad input."""

import pytest
from sympy import (
    Contains,
    Eq,
    FiniteSet,
    Gt,
    Identity,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    oo,
    sqrt,
    symbols,
)

from symssl import InputError, Orthonormal, Symmetric, latex, samples, sq, total
from symssl.language import (
    Along,
    At,
    Count,
    Eigenvalue,
    FirstTime,
    Gradient,
    GradientDescent,
    GradientFlow,
    Growth,
    Limit,
    Next,
    Optimum,
    Order,
    Probability,
    Rate,
    Stability,
    VectorField,
    Zeros,
)
from symssl.language.dynamics import Held
from symssl.language.terms import as_condition, as_hypothesis, as_point, as_term

x, y, x_0 = symbols("x y x_0", real=True)
t, a = symbols("t a", positive=True)
n, m = symbols("n m", integer=True, positive=True)
W, V, W_0, A = MatrixSymbol("W", n, m), MatrixSymbol("V", n, m), MatrixSymbol("W_0", n, m), MatrixSymbol("A", n, n)
FLOW, STEP = GradientFlow(sq(W), W), GradientDescent(sq(W), W, step=a)
FIELD, PAIR = VectorField({x: a * x}), VectorField({x: y, y: -x})
OF_MATRICES = [
    Rate(W, FLOW), Next(W, STEP), Gradient(sq(W), W), At(W, {a: 1}), Along(W, FLOW, t, {W: W_0}), Limit(W / a, a, oo),
]  # fmt: skip
OF_SCALARS = [
    Rate(sq(W), FLOW), Next(sq(W), STEP), Gradient(x**2, x), At(x, {x: 1}), Along(x, FIELD, t, {x: 1}),
    Limit(x / a, a, oo), FirstTime(Gt(x, 1), FIELD, {x: x_0}), Count(Zeros(x**2 - 1, x)), Eigenvalue(A),
    Optimum(x**2, x), Probability(Gt(x, 0)), Order(x**2, x, 0),
]  # fmt: skip


def test_matrices_stay_matrices():
    for term in OF_MATRICES:
        assert term.shape == (n, m) and (term + V).shape == (n, m) and (term.T * V).shape == (m, m)
    for term in OF_SCALARS:
        assert not getattr(term, "is_Matrix", False) and (2 * term + 1).is_Add


def test_nothing_is_evaluated():
    """SymPy finds no value, no sign and no equality where the term may be infinite or is not known."""
    time = FirstTime(Gt(x, 1), FIELD, {x: x_0})
    for term in (time, Limit(x / a, a, oo), Order(x**2, x, 0), At(time, {x_0: 1}), Optimum(x, x, kind="sup")):
        assert isinstance(Eq(term, oo), Eq) and term.is_finite is None
    assert time.is_extended_nonnegative and At(x, {x: 1}).is_extended_real and Along(x, FIELD, t, {x: 1}).is_real
    equilibria = Zeros(FIELD)
    assert isinstance(Contains(x, equilibria), Contains) and isinstance(Eq(equilibria, FiniteSet(0)), Eq)
    assert isinstance(Contains(a, Growth(FIELD, {x: 0})), Contains)
    assert isinstance(Eq(Rate(W, FLOW), -2 * W), Eq) and isinstance(Eq(Gradient(sq(W), W), ZeroMatrix(n, m)), Eq)


def test_parts_by_name():
    gradient, zeros = Gradient(sq(W), W), Zeros([x - y, Eq(x, 1)], (x, y), Gt(y, 0))
    assert (gradient.by, gradient.term) == (W, sq(W))
    assert (tuple(zeros.system), zeros.unknowns, zeros.domain) == ((x - y, Eq(x, 1)), (x, y), (Gt(y, 0),))
    assert Zeros(PAIR).unknowns == PAIR.states == (x, y)
    assert repr(Gradient(sq(W), W)) == "Gradient(sq(W), W)" and repr(Limit(a, a, oo, "-")) == "Limit(a, a, oo, -)"


BAD = {
    "rate of descent": (lambda: Rate(W, STEP), "use Next"),
    "step of a flow": (lambda: Next(W, FLOW), "GradientDescent"),
    "no dynamics": (lambda: Rate(W, W), "the dynamics of Rate"),
    "text": (lambda: Rate("W", FLOW), "must be"),
    "gradient of a matrix": (lambda: Gradient(W, W), "must be a scalar"),
    "gradient by a term": (lambda: Gradient(sq(W), W.T), "taken by a symbol"),
    "shape of a value": (lambda: At(sq(W), {W: W.T}), "has not the shape"),
    "number for a matrix": (lambda: At(sq(W), {W: 0}), "has not the shape"),
    "value of a term": (lambda: At(sq(W), {x + 1: 0}), "no symbol"),
    "another symbol of that name": (lambda: At(Symbol("x"), {x: 0}), "same assumptions"),
    "start that lacks a state": (lambda: Along(x, PAIR, t, {x: 1}), "no value to the state y"),
    "start with more than states": (lambda: Along(x, FIELD, t, {x: 1, a: 2}), "a, which is no state"),
    "negative time": (lambda: Along(x, FIELD, -t, {x: 1}), "negative"),
    "matrix for a time": (lambda: Along(x, FIELD, W, {x: 1}), "must be a scalar"),
    "side": (lambda: Limit(a, a, 0, "left"), "side of Limit"),
    "limit by a term": (lambda: Limit(a, 2 * a, 0), "variable of Limit"),
    "limit to a matrix": (lambda: Limit(a, a, W), "must be a scalar"),
    "evaluated": (lambda: FirstTime(Gt(a, 0), FIELD, {x: 1}), "evaluated the statement to True"),
    "unknown of another name": (lambda: Zeros(Symbol("x") - 1, x), "same assumptions"),
    "no unknown": (lambda: Zeros(x - 1, ()), "one at least"),
    "twice an unknown": (lambda: Zeros(x - 1, (x, x)), "every symbol once"),
    "count of a number": (lambda: Count(x), "Zeros"),
    "kind of stability": (lambda: Stability(FIELD, {x: 0}, "stabel"), "stable"),
    "stability elsewhere": (lambda: Stability(FIELD, {x: 0, y: 0}, "stable"), "y, which is no state"),
    "eigenvalue of a number": (lambda: Eigenvalue(x), "of a matrix"),
    "eigenvalue of no square": (lambda: Eigenvalue(W), "n x m, not square"),
    "kind of eigenvalue": (lambda: Eigenvalue(A, 1, "trace"), "kind of Eigenvalue"),
    "minimum of a matrix": (lambda: Optimum(W, W), "of a scalar"),
    "minimum over a term": (lambda: Optimum(x**2, 2 * x), "symbols"),
    "minimum over a sample": (lambda: Optimum(sq(samples("z", n, m)[1]), samples("z", n, m)[1]), "law or an index"),
    "kind of optimum": (lambda: Optimum(x**2, x, kind="minimum"), "min"),
    "event": (lambda: Probability(x), "Probability"),
    "order of a matrix": (lambda: Order(W, a, 0), "of a scalar"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name):
    make, words = BAD[name]
    with pytest.raises(InputError, match=words):
        make()


LATEX = {
    r"\dot{W}": Rate(W, FLOW),
    r"\frac{d}{dt} \left(W^{\top} W\right)": Rate(W.T * W, FLOW),
    r"\dot{W}^{\top}": Rate(W, FLOW).T,
    r"\frac{d}{dt} x^{2}": Rate(x**2, FIELD),
    r"y \frac{d}{dt} x^{2}": y * Rate(x**2, FIELD),
    r"\left(\frac{d}{dt} x^{2}\right)^{2}": Rate(x**2, FIELD) ** 2,
    r"W^{\mathrm{next}}": Next(W, STEP),
    r"\left(W^{\top} W\right)^{\mathrm{next}}": Next(W.T * W, STEP),
    r"\nabla_{W} \left\lVert W\right\rVert^{2}": Gradient(sq(W), W),
    r"\nabla_{x} \left(2 x\right)": Gradient(2 * x, x),
    r"\left. x \right|_{x = a}": At(x, {x: a}),
    r"\left. x \right|_{x \to 2 x}": At(x, {x: 2 * x}),
    r"\left. x + y \right|_{\left(x, y\right) \to \left(y, x\right)}": At(x + y, {x: y, y: x}),
    r"\left. \left\lVert W\right\rVert^{2} \right|_{W = 0}": At(sq(W), {W: ZeroMatrix(n, m)}),
    r"W(t;\, W(0) = W_{0})^{\top}": Along(W, FLOW, t, {W: W_0}).T,
    r"x(t)": Along(x, FIELD, t, {x: x}),
    r"\left(x(t) + y(t)\right)^{2}": Along(x + y, PAIR, t, {x: x, y: y}) ** 2,
    r"a \left(x(t) + y(t)\right)": a * Along(x + y, PAIR, t, {x: x, y: y}),
    r"\lim_{a \to \infty} \frac{1}{a}": Limit(1 / a, a, oo),
    r"\lim_{a \to 0^{-}} \left(a + 1\right)": Limit(a + 1, a, 0, "-"),
    r"\left(\lim_{a \to 0} a^{2}\right)^{2}": Limit(a**2, a, 0) ** 2,
    r"\left(\lim_{a \to 0} a W\right) W^{\top}": Limit(a * W, a, 0) * W.T,
    r"\inf\left\{t \geq 0 : x(t) > 1\right\}": FirstTime(Gt(x, 1), FIELD, {x: x}),
    r"\inf\left\{\tau \geq 0 : x(\tau) > t\right\}": FirstTime(Gt(x, t), FIELD, {x: x}),
    r"\left\{x \in \mathbb{R} : x^{2} = 0\right\}": Zeros(x**2, x),
    r"\left\{(x, y) : x, y \in \mathbb{R},\; x = y,\; x > 0\right\}": Zeros(Eq(x, y), (x, y), Gt(x, 0)),
    r"\left\{W \in \mathbb{R}^{n \times m} : A W = 0\right\}": Zeros(A * W, W),
    r"\lim_{t \to \infty} \left(x(t) + y(t)\right)": Limit(Along(x + y, PAIR, t, {x: x, y: y}), t, oo),
    r"\#\left\{x \in \mathbb{R} : \dot{x} = 0\right\}": Count(Zeros(FIELD)),
    r"x = \sqrt{2} \text{ is unstable}": Stability(FIELD, {x: sqrt(2)}, "unstable"),
    r"\left(x, y\right) = \left(0, 0\right) \text{ is a saddle}": Stability(PAIR, {x: 0, y: 0}, "saddle"),
    r"x = 0 \text{ is not stable}": ~Stability(FIELD, {x: 0}, "stable"),
    r"\operatorname{spec} \left. \frac{\partial \dot{x}}{\partial x} \right|_{x = 0}": Growth(FIELD, {x: 0}),
    r"\lambda_{\max}\left(A\right)": Eigenvalue(A, -1),
    r"\lambda_{2}\left(A\right)": Eigenvalue(A, 2),
    r"\sigma_{1}\left(W\right)": Eigenvalue(W, 1, "singular"),
    r"\operatorname{rank}\left(W\right)": Eigenvalue(W, kind="rank"),
    r"\sup_{a > 0} x(a)": Optimum(Along(x, FIELD, a, {x: x}), a, kind="sup"),
    r"\mathbb{P}\left[x > 0\right]": Probability(Gt(x, 0)),
    r"\operatorname{ord}_{a \to 0} a^{2}": Order(a**2, a, 0),
}


@pytest.mark.parametrize("text", LATEX)
def test_latex(text):
    assert latex(LATEX[text]) == text


def test_orders_are_equations_of_papers():
    small, large = Order(a**2 + a**3, a, 0), Order(x / (1 + x), x, oo)
    assert latex(Eq(small, 2)) == r"a^{3} + a^{2} = \Theta\left(a^{2}\right) \text{ as } a \to 0"
    assert latex(Eq(small, 1)).endswith(r"\Theta\left(a\right) \text{ as } a \to 0")
    assert latex(Eq(large, 0)) == r"\frac{x}{x + 1} = \Theta\left(1\right) \text{ as } x \to \infty"
    root = Order(sqrt(x**2 - 2 * x + 1), x, 1)
    assert r"\Theta\left(\left|x - 1\right|^{\frac{1}{2}}\right)" in latex(Eq(root, Rational(1, 2)))
    assert latex(Gt(small, 1)).startswith(r"\operatorname{ord}_{a \to 0}")


def test_conditions_stand_below_an_optimum():
    text = latex(Optimum(sq(W - V), W, [Orthonormal(W), Gt(sq(W), a)], "max"))
    assert text.startswith(r"\max_{\substack{W \in \mathbb{R}^{n \times m} \\ W^{\top} W = \mathbb{I} \\ ")
    assert latex(Optimum(x * y, (x, a))).startswith(r"\min_{\substack{x \in \mathbb{R} \\ a > 0}}")


def test_notation_of_a_paper_reaches_every_part():
    names = {"W": r"\mathbf{W}", "x": r"\xi", "t": "s"}
    assert latex(Rate(W, FLOW), names=names) == r"\dot{\mathbf{W}}"
    assert latex(Along(x**2, FIELD, t, {x: x_0}), names=names) == r"\xi(s;\, \xi(0) = x_{0})^{2}"
    assert latex(At(x, {x: t}), names=names) == r"\left. \xi \right|_{\xi = s}"
    inner = Along(At(x * y, {x: y}), PAIR, t, {x: 1, y: 2})  # the x that has a value does not move
    assert latex(inner, names=names) == r"\left. \xi y(s;\, y(0) = 2) \right|_{\xi = y(s;\, y(0) = 2)}"


def test_hypotheses_and_points():
    assert isinstance(as_hypothesis(Symmetric(A), "it"), Held) and as_hypothesis(Gt(x, 0), "it") == Gt(x, 0)
    assert dict(as_point({W: Identity(n) * W}, "it")) == {W: W}
    assert as_term(2, "it") == 2
    with pytest.raises(InputError, match="evaluate=False"):
        as_condition(True, "it")
    with pytest.raises(InputError, match="comparison"):
        as_condition(x, "it")


def test_an_open_term_that_is_not_last_is_in_brackets():
    Z, i = samples("z", m, n), Symbol("i")
    term = Limit(a * total(sq(W * Z[i]), i), a, 0)
    assert latex(x * term) == r"x \lim_{a \to 0} a \sum_{i=1}^{n} \left\lVert W z_{i}\right\rVert^{2}"
    assert latex(term * Order(x, x, 0)).count(r"\left(") == 1
    assert latex(Trace(A) * term * W).startswith(r"\left(")


def test_a_symbol_is_a_term_and_no_statement():
    assert latex(Zeros(x, x)) == r"\left\{x \in \mathbb{R} : x = 0\right\}"
