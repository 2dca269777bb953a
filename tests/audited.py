"""Sentences with every kind of node once, for tests of the audit."""

from sympy import (
    And,
    Contains,
    Eq,
    Equivalent,
    FiniteSet,
    Ge,
    Gt,
    Implies,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Not,
    Or,
    Rational,
    Symbol,
    diag,
    exp,
    oo,
    symbols,
)

from symssl import E, Symmetric, gaussians, inner, samples, sg, sq, total
from symssl.language import (
    Along,
    At,
    Count,
    Eigenvalue,
    Exists,
    FirstTime,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Growth,
    Let,
    Limit,
    Next,
    Object,
    Optimum,
    Order,
    Probability,
    Rate,
    Stability,
    VectorField,
    Vocabulary,
    Zeros,
)
from symssl.language.relations import Orthonormal

d, z, n = symbols("d z n", integer=True, positive=True)
i = Symbol("i", integer=True)
A, B = samples("a", d, n), samples("b", d, n)
W, C = MatrixSymbol("W", z, d), MatrixSymbol("C", d, d)
S, M = MatrixSymbol("S", d, d), MatrixSymbol("M", d, d)
F = MatrixSymbol("F", 3, 2)
x, y = symbols("x y", real=True)
k, m, t, eta, x0 = symbols("k m t eta x_0", positive=True)
(g,) = gaussians("g", d)
WORDS = Vocabulary(
    *(Object(s, "a size") for s in (d, z, n)),
    Object(A, "anchors"),
    Object(B, "partners"),
    Object(W, "weights"),
    Object(S, "a matrix", Symmetric(S)),
    Object(M, "a matrix"),
    Let(C, (total(A[i] * B[i].T, i) + total(B[i] * A[i].T, i)) / 2),
    *(Object(s, "a number") for s in (x, y, k, m, t, eta)),
    Object(x0, "a start", x0 < 1),
    Object(g, "noise"),
)
LOSS = GradientFlow(total(inner(W * A[i], W * B[i]), i), W)
GROWTH = VectorField({x: k * x * (1 - x)})


def equal(a, b):
    return Eq(a, b, evaluate=False)


def said(claim, **more):
    return WORDS.sentence(claim, **more)


EXAMPLES = {
    "rate": said(equal(Rate(W, LOSS), -2 * W * C)),
    "relation": said(equal(Rate(W, GradientFlow(inner(W, W * S) / 2, W)), -W * S)),
    "product": said(equal((S * M).T, M.T * S)),
    "frozen": said(equal(Rate(W, GradientFlow(sq(W - sg(W * S)) / 2, W, decay=k)), -W + W * S - k * W)),
    "descent": said(equal(Next(W, GradientDescent(sq(W) / 2, W, step=eta)), (1 - eta) * W)),
    "gradient": said(equal(Gradient(sq(W * S), W), 2 * W * S * S)),
    "at": said(equal(At(Rate(x**2, GROWTH), {x: y}), 2 * k * y**2 * (1 - y))),
    "trajectory": said(equal(Along(x, VectorField({x: -x}), t, {x: x0}), x0 * exp(-t))),
    "limit": said(equal(Limit(Along(x, GROWTH, t, {x: x0}), t, oo), 1)),
    "side": said(equal(Limit((1 + x) / (2 + x), x, 0, "+"), Rational(1, 2))),
    "time": said(Gt(FirstTime(equal(x, 2), VectorField({x: x}), {x: x0}), 0, evaluate=False)),
    "zeros": said(equal(Zeros(x**2 - k**2, x, x > 0), FiniteSet(k))),
    "count": said(Contains(Count(Zeros(VectorField({x: k * x - x**3}))), FiniteSet(3, 4))),
    "stability": said(And(Stability(GROWTH, {x: 1}, "stable"), Not(Stability(GROWTH, {x: 0}, "stable")))),
    "growth": said(equal(Growth(GROWTH, {x: 1}), FiniteSet(-k))),
    "eigenvalue": said(equal(Eigenvalue(diag(3, -k, 1), 1), -k)),
    "optimum": said(equal(Optimum(inner(F, diag(-2, 5, 1) * F), F, Orthonormal(F)), -1)),
    "moment": said(equal(E(inner(g, S * g) * inner(g, g)), (d + 2) * E(inner(g, S * g)))),
    "probability": said(Ge(Probability(Gt(inner(g, g), k, evaluate=False)), 0, evaluate=False)),
    "order": said(equal(Order(k / (t + 1), t, oo), -1)),
    "bound": said(Lt(x0 * exp(-k * t), x0, evaluate=False)),
    "case": said(Implies(Gt(x, k), Gt(x + k, 0, evaluate=False))),
    "alternative": said(Or(Gt(x, -k), Lt(x, 0), evaluate=False)),
    "equivalence": said(Equivalent(Gt(k * x, 0, evaluate=False), Gt(x, 0))),
    "quantifiers": said(ForAll(m, Exists(y, Gt(y, m * k, evaluate=False), witness={y: m * k + 1}))),
    "hypothesis": said(Gt(x * y, 1, evaluate=False), given=(x > 1, y > 1)),
    "almost": said(Ne(x * y, 0, evaluate=False), given=(Ne(x, 0), Ne(y, 0)), almost=(x,)),
    "weak": said(Le(k, k + m, evaluate=False)),
}
