"""Section 3.1: nonlinear networks with random orthonormal weights are almost linear.

A row of a uniformly random frame W_1 applied to x is one coordinate of a uniformly random
point of the sphere of radius |x| in R^h: r = |x| g_1/|g| with Gaussian g.  Direction and
length of g are independent, so that E r^k = |x|^k E g_1^k/E |g|^k for even k.
"""

from functools import lru_cache

from sympy import (
    Abs,
    And,
    Integer,
    Le,
    MatrixSymbol,
    Tuple,
    exp,
    expand_func,
    factor,
    gammasimp,
    integrate,
    limit,
    log,
    oo,
    pi,
    simplify,
    sqrt,
    symbols,
    tanh,
)

from symssl import E, Flow, Orthonormal, expect, gaussians, inner, norm, sq
from symssl.claims import Chapter, Step, identity
from symssl.statements import taylor_bound

from .model import W1, W2, c, esser, h, new, t
from .vocabulary import equal, x
from .vocabulary_wide import (
    MACHINES,
    WIDE,
    activation,
    bounded,
    phi,
    u_linear,
    u_phi,
    v as number,
)

size, gap_, width, outputs = symbols("X D h z", positive=True)  # |x|, |x- - x+|, the width as a real variable
dim, const, speed, bound, level = symbols("d K kappa R M", positive=True)
delta, v, r, s, half = symbols("delta v r s k", positive=True)
cap = symbols("C", positive=True)  # the constant of Eq. (14)
a = MatrixSymbol("a", h, 1)
(g,) = gaussians("g", h)


# --- stages ------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def moment(k):
    """E of (<a, g>/|g|)^k for a unit vector a: a coordinate of a random point of the unit sphere."""
    above, below = expect(E(inner(a, g) ** k)), expect(E(sq(g) ** (k // 2)))
    return factor(above.subs(norm(a), 1) / below.subs(h, width))


def curvature(value):
    """The largest phi(v) - v for phi(0) = 0, phi'(0) = 1, phi'' <= c: integrate twice."""
    return integrate(integrate(c, (s, 0, r)), (r, 0, value))


@lru_cache(maxsize=8)
def mass():
    """Integral of (1 - q^2)^(k-1) over [-1, 1], by r = q^2."""
    return simplify(gammasimp(integrate((1 - r) ** (half - 1) / sqrt(r), (r, 0, 1))))


def normaliser(size):
    """N_h = 1/mass, for the density N_h (1 - q^2)^((h-3)/2) of a coordinate of a random point of the sphere."""
    return 1 / mass().subs(half, (size - 1) / 2)


@lru_cache(maxsize=8)
def normaliser_square():
    """N_h^2 is at most N_h N_{h+1}, since the normaliser grows with h (Gamma is log-convex)."""
    return factor(expand_func(simplify(normaliser(width) * normaliser(width + 1))))


def tail_square(square):
    """Square of a bound on P(q^2 >= square), by 1 - s <= exp(-s)."""
    return 4 * normaliser_square() * exp(-(width - 3) * square)


# --- steps -------------------------------------------------------------------------------


def moment_steps(model):
    yield Step("second, fourth and sixth moment of a coordinate", Tuple(*map(moment, (2, 4, 6))))


def remainder_square():
    """E |phi(W_1 x) - W_1 x|^2 is at most this: h coordinates, each off by c r^2/2."""
    return simplify(width * moment(4) * size**4 * curvature(v) ** 2 / v**4)


def theorem1_steps(model):
    yield from moment_steps(model)
    yield Step("|phi(v) - v| is at most", curvature(v))
    yield Step("mean square of |phi(W_1 x) - W_1 x|, at most; W_2^T does not increase it", remainder_square())
    largest = const * c * size**2 * dim * sqrt(log(width) ** 4 / width)
    yield Step("Markov: probability that the printed bound is passed, at most", remainder_square() / largest**2)
    yield Step("its limit", limit(remainder_square() / largest**2, width, oo))


def rate_steps(model):
    yield from moment_steps(model)
    yield Step("mean square of the difference, at most", remainder_square())


def tail_steps(square):
    yield Step(
        "density of a coordinate of a random point of the sphere: N (1 - q^2)^((h-3)/2)",
        kind="cited",
        cite="the law of one coordinate on the sphere",
    )
    yield Step("the normaliser", normaliser(width))
    yield Step("it grows with h (Gamma is log-convex), so N_h^2 is at most N_h N_{h+1}", normaliser_square())
    yield Step(
        "with 1 - s <= exp(-s): square of the probability that a coordinate passes the bound, at most",
        tail_square(square),
    )


def row_steps(model):
    square = cap * dim * log(width) ** 2 / width
    yield from tail_steps(square)
    yield Step("limit of the union bound over h rows, squared", limit(width**2 * tail_square(square), width, oo))


def entry_steps(model):
    square = (cap * log(width) / sqrt(width)) ** 2
    yield from tail_steps(square)
    yield Step("limit of the union bound over h^2 entries, squared", limit(width**4 * tail_square(square), width, oo))


def local_steps(model):
    yield from moment_steps(model)
    passed = simplify(width * moment(4) * size**4 / delta**4)
    yield Step("Markov: probability that some preactivation passes delta, at most", passed)
    yield Step("its limit: in the end phi'' is needed on [-delta, delta] alone", limit(passed, width, oo))


def start_size():
    """E |W_2^T phi(W_1 x)|^2 with |phi(v)| <= M |v|: z rows of W_2^T, each of mean square 1/h."""
    return outputs * moment(2) * (level * size) ** 2


def evolution_steps(model):
    yield Step(
        "orthonormal weights keep |phi(W_1 x)| <= M |x|, M the largest |phi'| on [-|x|, |x|]; so the largest output "
        "grows at a rate kappa that the data give, not h",
        kind="assumption",
    )
    yield Step("mean square of the outputs at the start, at most", start_size())
    law = Flow({bound: speed * bound}, (speed,)).closed_form(bound, time=t)
    grown = law.solution.subs(dict(law.initial)[bound], sqrt(start_size()))
    yield Step("size of the outputs of either network at time t, at most (Gronwall)", grown)
    yield Step("its limit: both outputs vanish, and so does their difference", limit(grown, width, oo))


def gaussian_half(k):
    """E min(g, 0)^k of a standard Gaussian."""
    return integrate(v**k * exp(-(v**2) / 2) / sqrt(2 * pi), (v, 0, oo))


def relu_square():
    """E |W_2^T (relu(r) - r)|^2: half of the square of r is negative."""
    return simplify(outputs * moment(2) * gaussian_half(2) * width * moment(2) * size**2)


def tanh_square():
    """E |W_2^T (tanh(r) - r)|^2 is at most this: |tanh(v) - v| <= |v|^3/3."""
    cubic = tanh(v).series(v, 0, 4).removeO().coeff(v, 3)
    return simplify(outputs * moment(2) * width * cubic**2 * moment(6) * size**6)


def relu_steps(model):
    yield from moment_steps(model)
    yield Step(
        "mean squares of the difference at the start: ReLU, and a bound for tanh", Tuple(relu_square(), tanh_square())
    )
    yield Step(
        "limit for ReLU; limit of tanh relative to ReLU",
        Tuple(limit(relu_square(), width, oo), limit(tanh_square() / relu_square(), width, oo)),
    )


def logistic_value(order):
    """Derivatives of the sigmoid at zero."""
    return limit((1 / (1 + exp(-v))).diff(v, order), v, 0)


def sigmoid_steps(model):
    """phi(v) = phi(0) + odd(v): the constant part meets W_2 with h coordinates."""
    constant = outputs * moment(2) * width * logistic_value(0) ** 2
    yield from moment_steps(model)
    yield Step("mean square of W_2^T phi(0) 1, which no width removes", constant)
    kernel, driven = width * logistic_value(0) ** 2, outputs * moment(2) * logistic_value(1) ** 2 * gap_**2
    yield Step(
        "one sample: u moves by - <phi(W_1 x), phi(W_1 x)> (u(x-) - u(x+)) to leading order in h; the inner product, "
        "and the mean square of the difference that drives u",
        Tuple(kernel, driven),
    )
    yield Step(
        "limits: mean square at the start; square of the speed, divided by h",
        Tuple(limit(constant, width, oo), limit(kernel**2 * driven / width, width, oo)),
    )


# --- the statements ----------------------------------------------------------------------

chapter = Chapter("esser2023")
chapter.claim(
    "eq6",
    "definition",
    MACHINES.sentence(
        And(equal(u_linear, W2.T * W1 * x), equal(u_phi, W2.T * phi(W1 * x))), given=(Orthonormal(W1), Orthonormal(W2))
    ),
    cite="Eq. (6)",
    note="orthonormal columns need h >= d and h >= z",
)

TAYLOR = (*activation, bounded)


@chapter.claim(
    "eq13",
    "equation",
    WIDE.sentence(Le(Abs(phi(number) - number), c * number**2 / 2), given=TAYLOR),
    cite="Eq. (13)",
)
def eq13():
    yield Step("Taylor's theorem with the remainder", taylor_bound(phi, number, 2, TAYLOR))


CLAIMS = (
    esser(
        "thm1",
        "theorem",
        Integer(0),
        theorem1_steps,
        identity(),
        "Theorem 1",
        note="read with high probability as h grows, as its proof does: for a given draw, or at h = 1 where the "
        "bound is "
        "zero, it fails",
        statement_latex=r"\lim_{h\to\infty} P\bigl(\lVert u^{\phi}_{(0)} - u^{\mathbb I}_{(0)}\rVert > "
        r"Kc\lVert x\rVert^{2} d\sqrt{\log^{4}h/h}\bigr) = 0",
    ),
    new(
        "thm1.rate",
        3 * c**2 * size**4 / (4 * (width + 2)),
        rate_steps,
        identity(),
        note="without logarithms and without the dimension",
        statement_latex=r"E\lVert u^{\phi}_{(0)} - u^{\mathbb I}_{(0)}\rVert^{2} \le \frac{3c^{2}\lVert "
        r"x\rVert^{4}}{4(h + 2)}",
    ),
    *chapter.claims,
    esser(
        "eq14",
        "equation",
        Integer(0),
        row_steps,
        identity(),
        "Eq. (14)",
        statement_latex=r"\lim_{h\to\infty} P\bigl(\exists i: |\mathrm{row}_i(W_1)x|^{2} > C\lVert x\rVert^{2} "
        r"d\log^{2}h/h\bigr) = 0",
    ),
    esser(
        "fn2",
        "footnote",
        Integer(0),
        local_steps,
        identity(),
        "Footnote 2",
        note="then c bounds phi'' near zero, and h has to be large enough",
        statement_latex=r"\lim_{h\to\infty} P\bigl(\max_i |\mathrm{row}_i(W_1)x| > \delta\bigr) = 0",
    ),
    esser(
        "lem2",
        "lemma",
        Integer(0),
        entry_steps,
        identity(),
        "Lemma 2",
        note="d <= h columns are part of h columns",
        statement_latex=r"\lim_{h\to\infty} P\bigl(\max_{ij} |Q_{ij}| \ge L\log h/\sqrt h\bigr) = 0",
    ),
    esser(
        "conj1",
        "conjecture",
        Integer(0),
        evolution_steps,
        identity(),
        "Conjecture 1",
        note="for fixed data and time and phi with a bounded derivative on [-|x|, |x|], as in Theorem 1: it is true, "
        "since "
        "both outputs are of the order h^(-1/2)",
        statement_latex=r"\lim_{h\to\infty} \lVert u^{\phi}_{(t)} - u^{\mathbb I}_{(t)}\rVert = 0",
    ),
    esser(
        "fig2.relu",
        "figure",
        Tuple(0, 0),
        relu_steps,
        identity(),
        "Figure 2, ReLU",
        note="at the start",
        statement_latex=r"\lim_{h\to\infty} E\lVert u^{\mathrm{relu}}_{(0)} - u^{\mathbb I}_{(0)}\rVert^{2} = 0, \quad "
        r"\lim_{h\to\infty} \frac{E\lVert u^{\tanh}_{(0)} - u^{\mathbb I}_{(0)}\rVert^{2}}"
        r"{E\lVert u^{\mathrm{relu}}_{(0)} - u^{\mathbb I}_{(0)}\rVert^{2}} = 0",
    ),
    esser(
        "fig2.sigmoid",
        "figure",
        Tuple(outputs / 4, outputs * gap_**2 / 256),
        sigmoid_steps,
        identity(),
        "Figure 2, sigmoid",
        note="the difference does not vanish at the start, and the outputs then move apart at a speed that grows like "
        "the square root of h",
        statement_latex=r"\lim_{h\to\infty} E\lVert u^{\phi}_{(0)} - u^{\mathbb I}_{(0)}\rVert^{2} = z/4, \quad "
        r"\lim_{h\to\infty} E\lVert\dot u^{\phi}_{(0)}\rVert^{2}/h = z\lVert x^{-} - x^{+}\rVert^{2}/256",
    ),
)
