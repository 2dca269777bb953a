"""A vocabulary and sentences in it that hold nodes of every kind; true or not, they are well formed."""

from sympy import (
    And,
    Contains,
    Eq,
    Equivalent,
    FiniteSet,
    Ge,
    Gt,
    HadamardProduct,
    Identity,
    Implies,
    Interval,
    Lambda,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Not,
    Or,
    Rational,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
    log,
    oo,
    sqrt,
    symbols,
    tanh,
)

from symssl import (
    Diagonal,
    E,
    Grassmann,
    Orthonormal,
    Stiefel,
    Symmetric,
    cosine,
    gaussians,
    inner,
    norm,
    potential,
    samples,
    sg,
    sq,
    total,
)
from symssl.language import (
    Along,
    Apply,
    At,
    Count,
    Eigenvalue,
    Eigenvector,
    Entry,
    Exists,
    External,
    FirstTime,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Growth,
    Let,
    Limit,
    Named,
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
    frame,
    function,
    gaussian_matrix,
    unit,
)

h, d, N = symbols("h d N", integer=True, positive=True)
i = Symbol("i", integer=True)
W, V, W0 = MatrixSymbol("W", h, d), MatrixSymbol("V", d, h), MatrixSymbol("W_0", h, d)
C, D, A, P = MatrixSymbol("C", d, d), MatrixSymbol("D", d, d), MatrixSymbol("A", d, d), MatrixSymbol("P", d, d)
B, G = MatrixSymbol("B", h, d), MatrixSymbol("G", h, d)
Z = samples("z", d, N)
x, y, x0, y0, p = symbols("x y x_0 y_0 p", real=True)
a, b, c, t, T, eta, rho, sigma2 = symbols("alpha beta c t T eta rho sigma2", positive=True)
k = Symbol("k", integer=True, positive=True)
phi = function("phi")
Q, R = frame("Q", h, d), gaussian_matrix("R", h, d)
L, grad = symbols("L grad", real=True)
u, v = gaussians("u u'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])
f = potential("f", W)

LOSS = total(sq(W * Z[i] - W * C * Z[i]), i) / (2 * N)
LINEAR = GradientFlow(LOSS, W, decay=rho)
NAMED = GradientFlow(sq(W * C - G) / 2, W)
LETTER = GradientFlow(L, (W, V), rates={W: eta}, extra={V: V})
STIEFEL = GradientFlow(-Trace(W * C * W.T) / 2, W, geometry={W: Stiefel("euclidean", rows=True)}, where=Symmetric(C))
CANONICAL = GradientFlow(-Trace(W * C * W.T) / 2, W, geometry={W: Stiefel("canonical", rows=True)})
GRASSMANN = GradientFlow(-Trace(V.T * C * V), V, geometry={V: Grassmann()}, where=(Symmetric(C), Orthonormal(V)))
SYMMETRIC = GradientFlow(sq(A - C), A, geometry={A: Symmetric()})
STOPPED = GradientFlow(-E(cosine(W * u, sg(W * v))), W)
DESCENT = GradientDescent(sq(W * C - G) / 2, W, step=eta)
DECAYING = GradientDescent(f, W, step=eta, decay=rho)
CUBIC = VectorField({x: a * x - x**3})
PAIR = VectorField({x: y, y: -c * x - y})

VOCABULARY = Vocabulary(
    Object(h, "the number of outputs"),
    Object(d, "the dimension of the inputs"),
    Object(N, "the number of samples"),
    Object(W, "the weights"),
    Object(V, "the second layer"),
    Object(W0, "the weights at time 0"),
    Object(C, "the covariance", Symmetric(C)),
    Object(A, "a matrix that moves"),
    Object(P, "a diagonal matrix", Diagonal(P)),
    Object(G, "the target"),
    Object(Z, "the samples"),
    Object(u, "the first view"),
    Object(v, "the second view"),
    Object(x, "the state"),
    Object(y, "the velocity"),
    Object(x0, "the state at time 0"),
    Object(y0, "the velocity at time 0"),
    Object(p, "a number"),
    Object(a, "the gain"),
    Object(b, "a bound", Gt(b, 2)),
    Object(c, "the stiffness"),
    Object(t, "time"),
    Object(T, "the end of training"),
    Object(eta, "the step size"),
    Object(rho, "the weight decay"),
    Object(sigma2, "the variance of the noise"),
    Object(k, "the number of an eigenvalue"),
    Object(grad, "the slope of the logarithm of the error"),
    Object(f, "any loss"),
    Object(phi, "the activation"),
    Object(Q, "the first layer at random"),
    Object(R, "the second layer at random"),
    Let(D, (C + C.T) / 2, "the symmetric part"),
    Let(B, W * D, "the filtered weights"),
    Let(L, inner(W * C, V.T) + sq(W), "the loss of both layers"),
    Named(NAMED, "the gradient flow of the regression"),
)


def not_evaluated(left, right):
    return Eq(left, right, evaluate=False)


at = {"x": {x: x0}, "pair": {x: x0, y: y0}, "W": {W: W0}}
CLAIMS = {
    "rate of a weight": Eq(Rate(W, LINEAR), -W * total(Z[i] * Z[i].T, i) / N - rho * W),
    "rate of a norm": Eq(Rate(sq(W), LINEAR), -2 * rho * sq(W)),
    "rate of a product": Eq(Rate(W.T * W, NAMED), ZeroMatrix(d, d)),
    "named dynamics": Eq(Rate(W, NAMED), (G - W * C) * C),
    "rates, extra terms, a lettered loss": Eq(Rate(V, LETTER), V - C * W.T),
    "Stiefel": Eq(Rate(W, STIEFEL), W * C - W * C * W.T * W),
    "canonical": Eq(Rate(W, CANONICAL), W * C),
    "Grassmann": Eq(Rate(V, GRASSMANN), 2 * (Identity(d) - V * V.T) * C * V),
    "symmetric": Eq(Rate(A, SYMMETRIC), 2 * C - 2 * A),
    "stopped": Eq(Rate(norm(W), STOPPED), 0, evaluate=False),
    "two dynamics": Implies(Eq(Rate(W, NAMED), ZeroMatrix(h, d)), Eq(Rate(W, LINEAR), -rho * W)),
    "a step": Eq(Next(W, DESCENT), W - eta * (W * C - G) * C),
    "a step with decay": Eq(Next(W, DECAYING), (1 - eta * rho) * W - eta * Gradient(f, W)),
    "a norm after a step": Le(Next(sq(W), DESCENT), sq(W)),
    "gradient": Eq(Gradient(sq(W * C - G) / 2, W), (W * C - G) * C),
    "gradient of a product": Eq(Gradient(sq(W) ** 2, W), 4 * sq(W) * W),
    "at a point": Eq(At(sq(W * C - G), {W: ZeroMatrix(h, d)}), sq(G)),
    "at a point of two": Eq(At(x**2 + y, {x: a, y: p}), a**2 + p),
    "trajectory": Eq(Along(x, CUBIC, t, at["x"]), x0 * exp(a * t) / sqrt(1 + x0**2 * (exp(2 * a * t) - 1) / a)),
    "trajectory of a term": Le(Along(x**2 + y**2, PAIR, t, at["pair"]), x0**2 + y0**2),
    "trajectory of matrices": Eq(Along(W.T * W, NAMED, t, at["W"]), W0.T * W0 * exp(-2 * t)),
    "power of a trajectory": Eq(Along(x, CUBIC, t, at["x"]) ** 2, Along(x**2, CUBIC, t, at["x"])),
    "two starts": Lt(Along(x, CUBIC, t, at["x"]), Along(x, CUBIC, t, {x: x0 + 1})),
    "limit of a trajectory": ForAll(
        x0, Contains(Limit(Along(x, CUBIC, t, at["x"]), t, oo), FiniteSet(sqrt(a), -sqrt(a))), almost=True
    ),
    "limit from a side": Eq(Limit(log(1 + c) / c, c, 0, "+"), 1),
    "limit of a sum": Eq(Limit(c + 1 / c, c, oo) * p, oo),
    "limit of a matrix": Eq(Limit(W * c / (1 + c), c, oo), W),
    "first time": Eq(FirstTime(Eq(x, 2 * b), CUBIC, at["x"]), oo),
    "first time of two": Le(FirstTime(And(Gt(x, y), Ge(y, 1)), PAIR, at["pair"]), T),
    "equilibria": Eq(Zeros(CUBIC), FiniteSet(0, sqrt(a), -sqrt(a))),
    "equilibria of two": Eq(Count(Zeros(PAIR)), 1),
    "zeros in a domain": Eq(Zeros([x**2 + y**2 - 1, Eq(x, y)], (x, y), [Gt(x, 0)]), FiniteSet((sqrt(2) / 2,) * 2)),
    "zeros of matrices": Contains(ZeroMatrix(h, d), Zeros(W * C, W)),
    "count": Contains(Count(Zeros(x**4 - b * x**2 + 1, x)), FiniteSet(2, 3, 4)),
    "stable": Stability(CUBIC, {x: sqrt(a)}, "stable"),
    "not stable": Not(Stability(CUBIC, {x: 0}, "stable")),
    "half-stable": And(Stability(CUBIC, {x: 0}, "half-stable"), Stability(CUBIC, {x: 1}, "nonhyperbolic")),
    "saddle": Stability(PAIR, {x: 0, y: 0}, "saddle"),
    "growth": Contains(a, Growth(CUBIC, {x: 0})),
    "growth of two": Eq(Growth(PAIR, {x: 0, y: 0}), FiniteSet(-1, -c)),
    "least eigenvalue": Gt(Eigenvalue(C, 1), -Eigenvalue(C, -1)),
    "eigenvalue": Eq(Eigenvalue(C, k) ** 2, Eigenvalue(C**2, k)),
    "singular value": Le(Eigenvalue(W, 1, "singular"), norm(W)),
    "rank": Eq(Eigenvalue(W * C, kind="rank"), Eigenvalue(W, kind="rank")),
    "minimum": Eq(Optimum(sq(W - W0), W, Orthonormal(W.T)), 0),
    "maximum of two": Eq(Optimum(x * y, (x, y), [Le(x**2 + y**2, 1)], "max"), Rational(1, 2)),
    "supremum": Eq(p * Optimum(Along(x, CUBIC, c, at["x"]), c, kind="sup") + 1, 1),
    "probability": Ge(Probability(Gt(inner(u, v), 0)), 1 - 1 / b),
    "expectation": Eq(E(inner(u, v)), d),
    "given": Eq(E(cosine(u, v), given=u), 0),
    "order": Eq(Order(1 - sqrt(1 - c), c, 0), 1),
    "order at infinity": Eq(Order(T**2 / (1 + T), T, oo), 1),
    "an order is bounded": Le(Order(p * c + c**2, c, 0), 2),
    "for all": ForAll((W, V), Ge(sq(W) + sq(V.T), 2 * inner(W, V.T)), [Ne(W, ZeroMatrix(h, d))]),
    "for all of several kinds": ForAll((c, t, x, k), Ge(c * t * k + x**2, 0, evaluate=False)),
    "exists": Exists(x, And(Gt(x**3, b), Lt(x, 2 * b)), witness={x: b}),
    "exists one": Exists((A, C), Eq(A * C, Identity(d)), [Symmetric(A), Eq(Trace(A), p)], unique=True),
    "quantifiers": ForAll(c, Exists(T, ForAll(t, Lt(exp(-t), c), Gt(t, T)))),
    "connectives": Or(And(Gt(x, 0), Lt(y, 0)), Not(Equivalent(Gt(x, y), Gt(p, 0)))),
    "implication": Implies(And(Gt(x, 0), Gt(y, 0)), Gt(x * y, 0)),
    "equivalence": Equivalent(Gt(x, b), Gt(x**3, b**3)),
    "inside a connective": Or(ForAll(c, Gt(c, x)), Exists(c, Lt(c, x))),
    "abbreviation": Eq(Trace(B.T * B), sq(W * D)),
    "interval": Contains(x / (1 + x**2), Interval(-Rational(1, 2), Rational(1, 2))),
    "powers of norms": Eq(sq(W) ** 2, norm(W) ** 4),
    "unit matrices": Eq(Trace(Identity(d)), d),
    "difference to a unit matrix": Le(sq(W * W.T - Identity(h)), 1),
    "zero matrix": Ge(norm(ZeroMatrix(h, d)), 0, evaluate=False),
    "sum in a product": Eq(total(Z[i] * Z[i].T, i) * C, C * total(Z[i] * Z[i].T, i)),
    "sum times a number": Eq(total(sq(Z[i]), i) * (1 + total(sq(W * Z[i]), i)), p),
    "Hadamard": Eq(HadamardProduct(W, W), HadamardProduct(W, G)),
    "a word for a name": Lt(grad, 0),
    "a conserved quantity": Eq(Along(W * W.T - V.T * V, LETTER, t, {W: W0, V: V}), W0 * W0.T - V.T * V),
    "a function": ForAll(phi, Le(phi(x, 2), b), [Eq(phi(0), 0), Gt(phi(p, 1), 0)]),
    "a function of a matrix": Eq(phi(W * C), Apply(Lambda(x, tanh(x)), W * C)),
    "an entry": Le(Entry(W, 1, k) ** 2, sq(W)),
    "an eigenvector": Eq(C * Eigenvector(C, k), Eigenvalue(C, k) * Eigenvector(C, k)),
    "random matrices": Eq(E(sq(Q.T * R)), h * d),
    "unit vectors": Eq(total(inner(unit(i, d), C * unit(i, d)), (i, d)), Trace(C)),
    "outside": External("Sec. 6", "The accuracy of a deep network is 50% & more."),
}
GIVEN = {
    "trajectory": [Ne(x0, 0)],
    "trajectory of matrices": [Orthonormal(W0.T), Eq(G, ZeroMatrix(h, d))],
    "eigenvalue": [Le(k, d)],
    "implication": [Gt(x + y, 1)],
    "conserved": [],
}
ALMOST = {"first time": x0, "trajectory of matrices": W0}


def sentence(name):
    return VOCABULARY.sentence(CLAIMS[name], GIVEN.get(name, ()), almost=ALMOST.get(name, ()))
