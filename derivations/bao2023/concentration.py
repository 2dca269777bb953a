"""Lemmas 2, 3, 7, 8, 9, Remarks 1 and 2: norms of Gaussian images, by exact moments and Chebyshev's inequality.

An error with mean zero and variance v is o_P(h) as soon as v = o(h^2).
"""

from functools import partial

from sympy import (
    And,
    Dict,
    Gt,
    Lt,
    MatrixSymbol,
    Rational,
    Tuple,
    diff,
    exp,
    factor,
    integrate,
    limit,
    log,
    oo,
    pi,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import E, Flow, expect, gaussians, inner, norm, sq
from symssl.claims import Chapter, Step, identity, implied, refuted_at
from symssl.language import At, Object, Vocabulary
from symssl.statements import derive

from .derivation import alignment, flow, growth_rate
from .model import PROPORTIONAL, F, Phi, W, alpha, bao, d, h, rho, sigma2, t, x
from .vocabulary import VOCABULARY, equal

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

sigma = sqrt(sigma2)
x_0, epsilon = MatrixSymbol("x_0", d, 1), MatrixSymbol("epsilon", d, 1)
u, v, b = symbols("u v b", positive=True)  # v, b: squared Frobenius norm and twice the spectral norm of A
deviation, horizon = symbols("deviation horizon", real=True)

# --- what the sentences speak of ---------------------------------------------------------

FIXED = Vocabulary(VOCABULARY, Object(x_0, "an input"), Object(epsilon, "the noise that augments it"))
anchor, view = gaussians("x_0 x", d, cov=[[1, 1], [1, 1 + sigma2]])
GIVEN = Vocabulary(
    *(entry for entry in VOCABULARY.entries if entry.name != "x"),
    Object(anchor, "an input, standard normal"),
    Object(view, "a view of it"),
)
left, right = MatrixSymbol("a", h, 1), MatrixSymbol("b", d, 1)
RANK_ONE = Vocabulary(VOCABULARY, Object(left, "a representation"), Object(right, "a direction of the inputs"))
SIZE = E(sq(Phi * x))
SPREAD = E((sq(Phi * x) - (1 + sigma2) * sq(Phi)) ** 2)

reconstructed(
    "eq17",
    "equation",
    FIXED.sentence(
        equal(
            sq(Phi * (x_0 + sigma * epsilon)),
            sq(Phi * x_0)
            + sigma2 * inner(epsilon, Phi.T * Phi * epsilon)
            + 2 * sigma * inner(x_0, Phi.T * Phi * epsilon),
        )
    ),
    cite="Eq. (17)",
)


@chapter.claim(
    "lem3.spread",
    "consequence",
    RANK_ONE.sentence(
        And(
            equal(SIZE, (1 + sigma2) * sq(Phi)),
            equal(SPREAD, 2 * (1 + sigma2) ** 2 * sq(F)),
            equal(At(SPREAD, {Phi: left * right.T}), 2 * At(SIZE, {Phi: left * right.T}) ** 2),
        )
    ),
    cite="not in the paper",
    source="new",
    note="the norm is constant only while many modes share it: with one mode its relative variance is 2",
)
def spread():
    yield Step("the mean of |Phi x|^2", derive(SIZE))
    yield Step("its variance", derive(SPREAD))
    yield Step("its variance at an encoder of rank one", derive(At(SPREAD, {Phi: left * right.T})))


@reconstructed(
    "rem2.every",
    "remark",
    GIVEN.sentence(equal(E(sq(Phi * view), given=anchor), E(sq(Phi * view)))),
    cite="Remark 2",
    note="for a fixed input as in Lemma 2 the norm depends on the input: Lemma 3 is needed, and an input of typical "
    "length",
)
def every():
    yield Step("the mean of |Phi x|^2 over the views of one input", derive(E(sq(Phi * view), given=anchor)))
    yield Step("the mean over all inputs", derive(E(sq(Phi * view))))


@chapter.claim(
    "rem2.every.fixed",
    "consequence",
    GIVEN.sentence(equal(E(sq(Phi * view), given=anchor), sq(Phi * anchor) + sigma2 * sq(Phi))),
    cite="Remark 2",
    corrects="rem2.every",
)
def every_fixed():
    yield Step("the mean of |Phi x|^2 over the views of one input", derive(E(sq(Phi * view), given=anchor)))


# --- transcribed -------------------------------------------------------------------------

# --- moments of the initial matrices --------------------------------------------------------


def gram_moments(rows, columns, variance):
    """E[tr(G^T G)^2] and E[tr((G^T G)^2)] for independent entries, columns f, g of G."""
    f, g = gaussians("f g", rows, cov=[[variance, 0], [0, variance]])
    fourth, square, mixed = (expect(E(q)) for q in (sq(f) ** 2, sq(f), inner(f, g) ** 2))
    pairs = columns * (columns - 1)
    return columns * fourth + pairs * square**2, columns * fourth + pairs * mixed


def product_moment(first):
    """E[tr((Psi^T Psi)^2)] for Psi = W Phi, given the moments of W."""
    f, g = gaussians("f g", h, cov=[[1 / d, 0], [0, 1 / d]])
    given_W = d * expect(E(sq(W * f) ** 2)) + d * (d - 1) * expect(E(inner(W * f, W * g) ** 2))
    total, quartic = first
    return given_W.xreplace({norm(W): total ** Rational(1, 4), norm(W * W.T): sqrt(quartic)})


def initial_moments():
    """E|Phi|^4, E|Phi^T Phi|^2 and E|Psi^T Psi|^2 at the start."""
    return tuple(map(factor, (*gram_moments(h, d, 1 / d), product_moment(gram_moments(h, h, 1 / h)))))


def in_the_limit(quantity, order):
    """Limit of quantity/order in the proportional limit."""
    return limit(simplify((quantity / order).subs(PROPORTIONAL)), h, oo)


# --- Lemmas 2 and 3, Eqs. (17) to (22) --------------------------------------------------------

ORDERS = Step(
    "the norms of Phi^T Phi, Psi^T Psi and of their images of x_0 keep the order that they have at the "
    "start (Lemmas 11, 13, 15 and 16)",
    kind="assumption",
)


def anchored(matrix):
    """Mean and variance over the augmentation of |A x|^2 - |A x_0|^2 - sigma^2 |A|^2, x = x_0 + sigma epsilon."""
    (noise,) = gaussians("epsilon", d, cov=[[1]])
    error = sq(matrix * (x_0 + sigma * noise)) - sq(matrix * x_0) - sigma2 * sq(matrix)
    return expect(E(error)), expect(E(error**2))


def averaged(variance, matrix, quartic):
    """The variance with |A^T A|^2 averaged over the start, and |A^T A x_0|^2 at |x_0|^2 = d (the law of A^T A
    is the same in all directions)."""
    return variance.xreplace({norm(matrix * matrix.T): sqrt(quartic), norm(matrix.T * matrix * x_0): sqrt(quartic)})


def lemma2_steps(model):
    encoder, product = MatrixSymbol("Phi", h, d), MatrixSymbol("Psi", h, d)
    (mean, spread), (mean_, spread_) = anchored(encoder), anchored(product)
    yield Step("mean and variance of the error over the augmentation, for Phi", Tuple(mean, spread))
    yield Step("mean and variance of the error over the augmentation, for Psi", Tuple(mean_, spread_))
    yield ORDERS
    _, quartic, quartic_ = initial_moments()
    variances = averaged(spread, encoder, quartic), averaged(spread_, product, quartic_)
    yield Step("variances averaged over the initial weights, x_0 of squared length d", Tuple(*variances))
    yield Step(
        "means, and limits of the variances over h", Tuple(mean, mean_, *(in_the_limit(q, h) for q in variances))
    )


def lemma3_steps(model):
    (x0,) = gaussians("x_0", d, cov=[[1]])
    (x,) = gaussians("x", d, cov=[[1 + sigma2]])
    product = MatrixSymbol("Psi", h, d)
    errors = [sq(A * x0) - sq(A) for A in (Phi, product)]
    yield Step(
        "means of the errors, and of the squared norms of the representations",
        Tuple(*(expect(E(q)) for q in (*errors, sq(Phi * x), sq(product * x)))),
    )
    spreads = [expect(E(q**2)) for q in errors]
    yield Step("variances of the errors", Tuple(*spreads))
    yield ORDERS
    _, *quartics = initial_moments()
    found = [q.xreplace({norm(A * A.T): sqrt(m)}) for q, A, m in zip(spreads, (Phi, product), quartics)]
    yield Step("averaged over the initial weights", Tuple(*found))
    yield Step(
        "mean squares of the representations; limits of the variances over h",
        Tuple(*(expect(E(sq(A * x))) for A in (Phi, product)), *(in_the_limit(q, h) for q in found)),
    )


def chernoff_deviation(u, v, b):
    """The deviation x at which Chernoff's exponent k x - k^2 v/(1 - b k) is u, with the k that is best there."""
    k, x = sqrt(u) / (sqrt(v) + b * sqrt(u)), symbols("x", positive=True)
    (found,) = solve(k * x - k**2 * v / (1 - b * k) - u, x)
    return simplify(found)


def chernoff_steps(model):
    """log E exp(k (e^2 - 1)) for a standard normal e, with w = 2 k < 1, against w^2/(4 (1 - w))."""
    z, left = symbols("z left", positive=True)
    w = symbols("w", real=True)
    mass = integrate(exp(-left * z**2 / 2) / sqrt(2 * pi), (z, -oo, oo))
    yield Step("E exp(w e^2/2) with left = 1 - w", mass)
    bound = w**2 / (4 * (1 - w))
    slack = bound - (log(mass).expand(force=True).subs(left, 1 - w) - w / 2)
    yield Step("bound minus the logarithm for e^2 - 1", slack)
    yield Step(
        "slack at 0 and its slope; the deviation at which Chernoff's bound is exp(-u)",
        Tuple(slack.subs(w, 0), simplify(diff(slack, w)), chernoff_deviation(u, v, b)),
    )


# --- Remarks 1 and 2 ---------------------------------------------------------------------------


def horizon_steps(model):
    """The error of Lemma 3 at the time t = log h, which is not o(log h)."""
    rate = growth_rate(flow(model), sq(Phi))
    yield Step("logarithmic derivative of |Phi|^2 in the exact flow", rate)
    (x0,) = gaussians("x_0", d, cov=[[1]])
    yield Step("variance of the error of |Phi x_0|^2, at most 2 |Phi|^4", expect(E((sq(Phi * x0) - sq(Phi)) ** 2)))
    start, _ = gram_moments(h, d, 1 / d)
    bound = 2 * start * exp(2 * rate * t)
    yield Step("the bound averaged over the start", bound)
    late = log(h)
    yield Step(
        "at t = log h, rho = 1: limit of the bound over h^2, and of t/log h",
        Dict({deviation: in_the_limit(bound.subs({t: late, rho: 1}), h**2), horizon: limit(late / log(h), h, oo)}),
    )


def relative_horizon_steps(model):
    """The relative error at t = log(h)/(4 rho): the largest mode grows at most linearly on the clock of the decay."""
    exact = flow(model)
    yield Step(
        "beyond decay, a mode s_j of Phi Phi^T moves with 2 H_jj, at most 4 in size: unit vectors",
        expect(exact.rhs[Phi] * Phi.T * W.T - W.T * alignment(model)),
    )
    yield Step("[Phi Phi^T, W] = 0 and W = W^T", kind="assumption")
    rate = growth_rate(exact, sq(Phi))
    top, size = symbols("top size", positive=True)
    largest = Flow({top: 4 + rate * top}, (rho,)).closed_form(top, time=t)
    total = Flow({size: rate * size}, (rho,)).closed_form(size, time=t)
    yield Step("bound on the largest mode; the sum of the modes", Tuple(largest.solution, total.solution))
    relative = 2 * largest.solution / total.solution.subs(dict(total.initial)[size], h)
    late = log(h) / (4 * rho)
    yield Step(
        "relative variance, at most twice their quotient, at t = log(h)/(4 rho): its limit, and that of t/log h",
        Tuple(limit(simplify(relative.subs(t, late)), h, oo), limit(late / log(h), h, oo)),
    )


def constant_norm_steps(model):
    (x,) = gaussians("x", d, cov=[[1 + sigma2]])
    mean = expect(E(sq(Phi * x)))
    yield Step("mean and variance of |Phi x|^2 over the inputs", Tuple(mean, expect(E((sq(Phi * x) - mean) ** 2))))
    total, quartic = gram_moments(h, d, 1 / d)
    yield Step(
        "at the start: limits of the variance over h, and of the variance of |Phi|^2",
        Tuple(in_the_limit(2 * quartic * (1 + sigma2) ** 2, h), in_the_limit(total - h**2, 1)),
    )


# --- Lemmas 7, 8, 9: the start ------------------------------------------------------------------


def spectral_steps(model):
    """|G|_2 <= 2 max |u^T G v| over 1/4-nets u, v of the spheres of R^h and R^d, for standard normal entries."""
    k, level = symbols("k level", positive=True)
    exponent = k**2 / 2 - k * level
    (best,) = solve(diff(exponent, k), k)
    yield Step("Chernoff: logarithm of P(u^T G v > level)", exponent.subs(k, best))
    yield Step(
        "nets with at most 9^h and 9^d points exist, and |G|_2 <= 2 max u^T G v over them",
        kind="cited",
        cite="Vershynin, High-Dimensional Probability, Cor. 4.2.13",
    )
    union = (h + d) * log(9) + exponent.subs(k, best)
    yield Step(
        "logarithm of P(|G|_2 > 6 sqrt(h + d)), by the union bound",
        simplify(union.subs(level, 3 * sqrt(h + d)).expand()),
    )


def size_steps(model):
    (f,) = gaussians("f", h, cov=[[1 / d]])
    (g,) = gaussians("g", h, cov=[[1 / h]])
    encoder, predictor, given_W = d * expect(E(sq(f))), h * expect(E(sq(g))), d * expect(E(sq(W * f)))
    yield Step("mean squares of Phi, W, and of W Phi given W", Tuple(encoder, predictor, given_W))
    yield Step("mean squares of Phi, W, W Phi", Tuple(encoder, predictor, given_W.xreplace({norm(W): sqrt(predictor)})))


def image_steps(model):
    (x0,) = gaussians("x_0", d, cov=[[1]])
    product = MatrixSymbol("Psi", h, d)
    yield Step("mean squares over x_0", Tuple(*(expect(E(sq(A.T * A * x0))) for A in (Phi, product))))
    _, *quartics = initial_moments()
    yield Step("averaged over the start", Tuple(*map(simplify, quartics)))
    yield Step("over d, in the proportional limit", Tuple(*(in_the_limit(q, d) for q in quartics)))


# --- the statements as printed ----------------------------------------------------------------

noise_size = 2 * sigma2**2 + 4 * sigma2
w_, sizes = symbols("w", real=True), (norm(Phi), norm(MatrixSymbol("Psi", h, d)))

CLAIMS = (
    *chapter.claims,
    bao(
        "lem2",
        "lemma",
        Tuple(0, 0, noise_size * (1 + 1 / alpha), noise_size * (2 + 1 / alpha)),
        lemma2_steps,
        identity(),
        "Lemma 2",
        model=None,
        note="means of the errors for Phi and Psi, and limits of their variances over h, |x_0|^2 = d: the errors are "
        "even "
        "O_P(sqrt h)",
        statement_latex=r"\lVert\Phi x\rVert^{2} = \lVert\Phi x_0\rVert^{2} + \sigma^{2}\lVert\Phi\rVert^{2} + "
        r"o_P(h), \quad "
        r"\lVert\Psi x\rVert^{2} = \lVert\Psi x_0\rVert^{2} + \sigma^{2}\lVert\Psi\rVert^{2} + o_P(h)",
    ),
    bao(
        "eq18-22",
        "proof",
        Tuple(0, w_**2 / (4 * (1 - w_) ** 2), 2 * sqrt(u * v) + b * u),
        chernoff_steps,
        identity(),
        "Eqs. (18), (19), (21), (22)",
        model=None,
        note="the slack vanishes at 0 and has the sign of w: log E exp(k(e^2 - 1)) <= k^2/(1 - 2k); Chernoff's bound "
        "is "
        "exp(-u), with explicit constants; the linear term is Gaussian",
        statement_latex=r"P(\varepsilon^{\top}A\varepsilon - \operatorname{tr}A > 2\lVert A\rVert\sqrt{u} + "
        r"2\lVert A\rVert_2 u) \le e^{-u}, \quad A = \Phi^{\top}\Phi,\ \Psi^{\top}\Psi",
    ),
    bao(
        "lem3",
        "lemma",
        Tuple((1 + sigma2) * sizes[0] ** 2, (1 + sigma2) * sizes[1] ** 2, 2 * (1 + 1 / alpha), 2 * (2 + 1 / alpha)),
        lemma3_steps,
        identity(),
        "Lemma 3",
        model=None,
        note="mean squares of the representations; limits of the variances of the errors over h: they are even "
        "O_P(sqrt h)",
        statement_latex=r"\lVert\Phi x_0\rVert^{2} = \lVert\Phi\rVert^{2} + o_P(h), \quad "
        r"\lVert\Psi x_0\rVert^{2} = \lVert\Psi\rVert^{2} + o_P(h), \quad "
        r"E\lVert\Phi x\rVert^{2} = (1 + \sigma^{2})\lVert\Phi\rVert^{2}",
    ),
    bao(
        "rem1",
        "remark",
        Gt(deviation, 0),
        horizon_steps,
        refuted_at(at={rho: 1}),
        "Remark 1",
        given=(Gt(horizon, 0),),
        note="t = o(log h) is not required: by the exact norm law the errors vanish for every t that goes to infinity",
        statement_latex=r"t \ne o(\log h) \implies \lVert\Phi x_0\rVert^{2} - \lVert\Phi\rVert^{2} \ne o_P(h)",
    ),
    bao(
        "rem1.relative",
        "consequence",
        Tuple(0, 1 / (4 * rho)),
        relative_horizon_steps,
        identity(),
        "Remark 1",
        source="new",
        corrects="bao2023.rem1",
        note="also relative to |Phi|^2 the error vanishes at t = log(h)/(4 rho), which is not o(log h)",
        statement_latex=r"t = \tfrac{\log h}{4\rho}: \quad \operatorname{Var}\lVert\Phi "
        r"x_0\rVert^{2}/\lVert\Phi\rVert^{4} \to 0",
    ),
    bao(
        "rem2",
        "remark",
        Tuple(2 * (1 + sigma2) ** 2 * (1 + 1 / alpha), 2 / alpha),
        constant_norm_steps,
        identity(),
        "Remark 2",
        model=None,
        note="inputs drawn from the model, weights as at the start: a mean of order h, a variance of order h, and "
        "|Phi|^2 = h + O_P(1)",
        statement_latex=r"\lVert\Phi x\rVert^{2}/h \to 1 + \sigma^{2} \text{ in probability}",
    ),
    bao(
        "lem7",
        "lemma",
        Lt((h + d) * (2 * log(3) - Rational(9, 2)), 0, evaluate=False),
        spectral_steps,
        implied(),
        "Lemma 7",
        model=None,
        note="logarithm of P(|G|_2 > 6 sqrt(h + d)); for Phi = G/sqrt(d) a bound 6 sqrt(1 + h/d), for W one of 6 "
        "sqrt(2), and "
        "|W Phi|_2 <= |W|_2 |Phi|_2",
        statement_latex=r"\lVert\Phi\rVert_2 = O_P(1), \quad \lVert W\Phi\rVert_2 = O_P(1) \text{ at the start}",
    ),
    bao(
        "lem8",
        "lemma",
        Tuple(h, h, h),
        size_steps,
        identity(),
        "Lemma 8",
        model=None,
        note="mean squares at the start, hence O_P(sqrt h) by Markov's inequality",
        statement_latex=r"\lVert\Phi\rVert, \lVert W\rVert, \lVert\Psi\rVert = O_P(\sqrt{h}): \quad "
        r"E\lVert\Phi\rVert^{2} = E\lVert W\rVert^{2} = E\lVert\Psi\rVert^{2} = h",
    ),
    bao(
        "lem9",
        "lemma",
        Tuple((1 + alpha) / alpha**2, (1 + 2 * alpha) / alpha**2),
        image_steps,
        identity(),
        "Lemma 9",
        model=None,
        note="limits of the mean squares over d, hence O_P(sqrt d) by Markov's inequality",
        statement_latex=r"\lVert\Phi^{\top}\Phi x_0\rVert, \lVert\Psi^{\top}\Psi x_0\rVert = O_P(\sqrt{d})",
    ),
)
