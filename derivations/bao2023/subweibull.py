"""Appendix A.1: sub-Weibull variables, their norm, sums of them, and matrices with such entries."""

from sympy import (
    Dict,
    Eq,
    Gt,
    Integer,
    Le,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    diff,
    exp,
    integrate,
    limit,
    log,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, expect, norm
from symssl.claims import Step, identity, implied, refuted_at, stipulated

from .concentration import b, chernoff_deviation, u, v
from .model import bao

a, s, K = symbols("alpha s K", positive=True)  # the exponent; a value of |X|^alpha; a bound on the norm
k, m, n, w = symbols("k m n w", positive=True)
euclidean, largest_weight = symbols("a_2 a_oo", positive=True)
theta, excess = symbols("theta excess", positive=True)
eta, moment = symbols("eta moment", positive=True)
sum_of_norms, norm_of_sum, growth = symbols("sum_of_norms norm_of_sum growth", real=True)
HALF = {a: Rational(1, 2)}


# --- examples --------------------------------------------------------------------------------


def stretched_moment(level):
    """E exp(level v) for v = |X|^alpha exponential, that is P(|X| > x) = exp(-x^alpha)."""
    slack = symbols("slack", positive=True)
    return integrate(exp(-slack * s), (s, 0, oo)).subs(slack, 1 - level)


def stretched_norm():
    """The psi_alpha norm of that X: the eta at which level = eta^-alpha makes the moment 2."""
    (level,) = solve(stretched_moment(w) - 2, w)
    return level ** (-1 / a)


def indicator_norm(chance):
    """psi_alpha norm of the indicator of an event: 1 + chance (exp(eta^-alpha) - 1) = 2."""
    (level,) = solve(1 + chance * (w - 1) - 2, w)
    return log(level) ** (-1 / a)


def tail_moment(level):
    """E exp(level v) where P(v > s) <= 2 exp(-s): 1 + integral of level exp(level s) P(v > s)."""
    slack = symbols("slack", positive=True)
    return 1 + 2 * level * integrate(exp(-slack * s), (s, 0, oo)).subs(slack, 1 - level)


def geometric(first):
    """The sum of w^k from k = first on, 0 < w < 1."""
    total = symbols("total", positive=True)
    (found,) = solve(w**first + w * total - total, total)
    return found


def power(size):
    """The power of n with which a quantity grows."""
    return limit(log(size) / log(n), n, oo)


# --- steps -----------------------------------------------------------------------------------


def norm_steps(model):
    found = stretched_norm()
    yield Step("P(|X| > x) = exp(-x^alpha): the norm", found)
    yield Step(
        "at alpha = 1, and E exp(|X|/eta) there",
        Dict({eta: found.subs(a, 1), moment: stretched_moment(1 / found.subs(a, 1))}),
    )


def triangle_steps(model):
    half, whole = indicator_norm(Rational(1, 2)), indicator_norm(Integer(1))
    yield Step(
        "norm of the indicator of an event of chance 1/2, and of 1, its sum with that of the opposite event",
        Tuple(half, whole),
    )
    yield Step("alpha = 1/2", Dict({sum_of_norms: (2 * half).subs(HALF), norm_of_sum: whole.subs(HALF)}))


def convexity_steps(model):
    """Jensen's inequality for exp(x^alpha), alpha = 1 + excess, makes the norm convex."""
    x = symbols("x", positive=True)
    along = Flow({x: 1}, (excess,))
    convex = exp(x ** (1 + excess))
    yield Step(
        "second derivative of exp(x^alpha) over exp(x^alpha) x^(alpha - 2), with s = x^alpha",
        simplify(along.lie(along.lie(convex)) / convex / x ** (excess - 1)).subs(x ** (1 + excess), s),
    )


def equivalence_steps(model):
    """From tail to MGF, from MGF to tail and to moments, from moments to MGF, for v = |X|^alpha."""
    (level,) = solve(tail_moment(w) - 2, w)
    yield Step("tail 2 exp(-v/K_1^alpha): E exp(w v/K_1^alpha) is at most", tail_moment(w))
    markov = stretched_moment(w).subs(w, Rational(1, 2)) * exp(-s)
    yield Step("MGF at most 2 at K_3: by Markov's inequality P(v > s K_3^alpha) is at most", markov)
    (peak,) = solve(diff(k * log(s) - s, s), s)
    yield Step("E v^k is at most 2 K_3^(alpha k) times the largest s^k exp(-s), at s =", peak)
    series = geometric(0)
    yield Step(
        "moments E v^k <= (alpha K_2^alpha k)^k and k! >= (k/e)^k: the MGF is at most a geometric series", series
    )
    yield Step(
        "(K_3/K_1)^alpha; the constant of the tail; the peak and the second derivative there; the ratio at which "
        "the series is 2",
        Tuple(1 / level, markov * exp(s), peak, diff(k * log(s) - s, s, 2).subs(s, peak), *solve(series - 2, w)),
    )


def constant_steps(model):
    found = stretched_norm()
    yield Step("P(|X| > x) = exp(-x^alpha), so that K_1 = 1: K_3", found)
    yield Step(
        "alpha = 1/n: logarithm of K_3/K_1, over n, as n grows",
        Dict({growth: limit(log(found.subs(a, 1 / n)) / n, n, oo)}),
    )


def constant_fixed_steps(model):
    (level,) = solve(tail_moment(w) - 2, w)
    yield Step("K_3/K_1 that makes the MGF at most 2, from the tail", level ** (-1 / a))


def product_steps(model):
    """Young's inequality v_1^theta v_2^(1 - theta) <= theta v_1 + (1 - theta) v_2, theta = alpha/alpha_1, w = v_1/v_2;
    then Hoelder's inequality bounds E exp by 2^theta 2^(1 - theta)."""
    slack = theta * w + 1 - theta - w**theta
    along = Flow({w: 1}, (theta,))
    slope = along.lie(slack)
    yield Step("slope of the slack at v_2 = 1", slope)
    yield Step(
        "value and slope of the slack at w = 1, and its second derivative",
        Tuple(slack.subs(w, 1), slope.subs(w, 1), simplify(along.lie(slope))),
    )


def sum_tail_steps(model):
    """n symmetric variables with P(X > x) = exp(-x^alpha)/2, alpha = 3/2, a = (1, ..., 1), all of them above x = n."""
    level = symbols("level", positive=True)
    chance = integrate(exp(-s) / 2, (s, level, oo))  # of s = X^alpha above its level
    budget = (log(2) - n * log(chance).expand(force=True)).subs(level, n**a).subs(a, Rational(3, 2))
    yield Step("log(1/delta) where delta is half the chance that all of them exceed n", budget)
    bound = (power(sqrt(n) * sqrt(budget)), power(budget) / a.subs(a, Rational(3, 2)))
    yield Step("powers of n of the two terms of the bound", Tuple(*bound))
    yield Step("power of n of the sum, n times n, less that of the bound", Dict({growth: power(n**2) - max(bound)}))


def bernstein_steps(model):
    """alpha = 1: E|X|^k <= k! K^k, so that log E exp(l (X - E X)) <= sum of (2 K l)^k from k = 2, with w = 2 K l."""
    series = geometric(2)
    yield Step("bound on the logarithm of the MGF", series)
    yield Step(
        "this bound, and the deviation at which Chernoff's bound is exp(-u), with v = 4 K^2 |a|_2^2, b = 2 K |a|_oo",
        Tuple(series, chernoff_deviation(u, v, b).subs({v: 4 * K**2 * euclidean**2, b: 2 * K * largest_weight})),
    )


def frobenius_steps(model):
    """E A_ij^2 = K^2 E v^(2/alpha) for v = (|A_ij|/K)^alpha with E exp(v) <= 2."""
    (peak,) = solve(diff(k * log(s) - s, s), s)
    largest = (s**k * exp(-s)).subs(s, peak)
    yield Step("largest value of s^k exp(-s)", largest)
    entry = 2 * K**2 * largest.subs(k, 2 / a)
    yield Step("bound on E A_ij^2", entry)
    yield Step("bound on E|A|^2 for m x n entries", m * n * entry)


def equal_entries_steps(model):
    """All entries equal to one standard normal number g: A = g a b^T with a, b vectors of ones."""
    p, q = symbols("p q", integer=True, positive=True)
    left, right = MatrixSymbol("a", p, 1), MatrixSymbol("b", q, 1)
    J = left * right.T
    squares = expect(Trace(J * J.T)), expect(Trace(J * J.T * J * J.T)) / expect(Trace(J * J.T))
    yield Step("squared Frobenius norm of a b^T, and its only squared singular value", Tuple(*squares))
    square = squares[1].xreplace({norm(left): sqrt(n), norm(right): sqrt(n)})
    yield Step(
        "n x n: power of n of |A|_2, less that of sqrt(n) + sqrt(n)",
        Dict({growth: power(square) / 2 - power(sqrt(n) + sqrt(n))}),
    )


def rank_one_steps(model):
    p, q = symbols("p q", integer=True, positive=True)
    J = MatrixSymbol("a", p, 1) * MatrixSymbol("b", q, 1).T
    yield Step(
        "squared Frobenius norm, and squared spectral norm, of a b^T",
        Tuple(expect(Trace(J * J.T)), expect(Trace(J * J.T * J * J.T)) / expect(Trace(J * J.T))),
    )


# --- the statements as printed ----------------------------------------------------------------

left, right = (
    MatrixSymbol(name, symbols(size, integer=True, positive=True), 1) for name, size in (("a", "p"), ("b", "q"))
)

CLAIMS = (
    bao(
        "def1",
        "definition",
        Eq(moment, 2),
        norm_steps,
        stipulated(),
        "Definition 1",
        model=None,
        note="the exponential variable has norm 2 at alpha = 1",
        statement_latex=r"\lVert X\rVert_{\psi_\alpha} = \inf\{\eta > 0 : E e^{(|X|/\eta)^{\alpha}} \le 2\}",
    ),
    bao(
        "def1.triangle",
        "definition",
        Le(norm_of_sum, sum_of_norms),
        triangle_steps,
        refuted_at(at=HALF),
        "Definition 1",
        model=None,
        note="no norm for alpha < 1: indicators of two opposite events of chance 1/2, alpha = 1/2",
        statement_latex=r"\lVert X + Y\rVert_{\psi_\alpha} \le \lVert X\rVert_{\psi_\alpha} + \lVert "
        r"Y\rVert_{\psi_\alpha}"
        r" \text{ for every } \alpha > 0",
    ),
    bao(
        "def1.triangle.fixed",
        "consequence",
        Gt(s * (1 + excess) ** 2 + excess * (1 + excess), 0, evaluate=False),
        convexity_steps,
        implied(),
        "Definition 1",
        model=None,
        source="new",
        corrects="bao2023.def1.triangle",
        note="a norm for alpha = 1 + excess: exp(x^alpha) is convex, and Jensen's inequality applies; s = x^alpha",
        statement_latex=r"\alpha \ge 1: \quad \tfrac{d^{2}}{dx^{2}} e^{x^{\alpha}} > 0",
    ),
    bao(
        "prop3",
        "proposition",
        Tuple(3, 2, k, -1 / k, Rational(1, 2)),
        equivalence_steps,
        identity(),
        "Prop. 3",
        model=None,
        note="K_3 = 3^(1/alpha) K_1 from the tail, K_1 = K_3 and K_2 from the MGF, K_3^alpha = 2 e alpha K_2^alpha "
        "from the "
        "moments: the constants depend on alpha",
        statement_latex=r"P(|X| \ge x) \le 2e^{-(x/K_1)^{\alpha}} \iff \lVert X\rVert_{L^p} \le K_2 p^{1/\alpha} \iff "
        r"E e^{(|X|/K_3)^{\alpha}} \le 2",
    ),
    bao(
        "prop3.constant",
        "proposition",
        Le(growth, 0),
        constant_steps,
        refuted_at(),
        "Prop. 3",
        model=None,
        note="the factor 2^(1/alpha) between tail and MGF is no absolute constant: it is unbounded as alpha -> 0",
        statement_latex=r"K_1, K_2, K_3 \text{ differ by at most an absolute constant factor}: \quad "
        r"\alpha\log(K_3/K_1) \to 0 \text{ as } \alpha \to 0",
    ),
    bao(
        "prop3.constant.fixed",
        "consequence",
        3 ** (1 / a),
        constant_fixed_steps,
        identity(),
        "Prop. 3",
        model=None,
        source="new",
        corrects="bao2023.prop3.constant",
        note="a factor that depends on alpha suffices",
        statement_latex=r"K_3 = 3^{1/\alpha} K_1",
    ),
    bao(
        "prop4",
        "proposition",
        Tuple(0, 0, theta * (1 - theta) * w ** (theta - 2)),
        product_steps,
        identity(),
        "Prop. 4",
        model=None,
        note="Young's inequality by convexity: value and slope vanish at w = 1, the second derivative is positive for "
        "0 < theta < 1; sums: |X + Y| <= 2 max(|X|, |Y|) and Cauchy-Schwarz",
        statement_latex=r"\lVert XY\rVert_{\psi_\alpha} \le \lVert X\rVert_{\psi_{\alpha_1}}\lVert "
        r"Y\rVert_{\psi_{\alpha_2}}, "
        r"\quad \frac{1}{\alpha} = \frac{1}{\alpha_1} + \frac{1}{\alpha_2}",
    ),
    bao(
        "prop5",
        "proposition",
        Le(growth, 0),
        sum_tail_steps,
        refuted_at(at={a: Rational(3, 2)}),
        "Prop. 5",
        model=None,
        note="with |a|_oo in the second term it fails for 1 < alpha < 2: the chance that all n variables exceed n; for "
        "alpha <= 1, the case that the paper uses, it is a theorem",
        statement_latex=r"\lvert\sum a_i(X_i - EX_i)\rvert \le C_\alpha K(\lVert "
        r"a\rVert_2\sqrt{\log\frac{1}{\delta}} + "
        r"\lVert a\rVert_{\infty}(\log\frac{1}{\delta})^{1/\alpha}) \text{ for every } \alpha > 0",
    ),
    bao(
        "prop5.bernstein",
        "consequence",
        Tuple(w**2 / (1 - w), 4 * K * euclidean * sqrt(u) + 2 * K * largest_weight * u),
        bernstein_steps,
        identity(),
        "Prop. 5",
        model=None,
        source="new",
        corrects="bao2023.prop5",
        note="alpha = 1, with an explicit constant",
        statement_latex=r"\alpha = 1: \quad P(\sum a_i(X_i - EX_i) > 4K\lVert a\rVert_2\sqrt{u} + "
        r"2K\lVert a\rVert_{\infty} u) \le e^{-u}",
    ),
    bao(
        "lem5",
        "lemma",
        2 * m * n * K**2 * (2 / a) ** (2 / a) * exp(-2 / a),
        frobenius_steps,
        identity(),
        "Lemma 5",
        model=None,
        note="bound on E|A|^2, hence O_P(K sqrt(m n)) by Markov's inequality; no independence is needed",
        statement_latex=r"\lVert A_{ij}\rVert_{\psi_\alpha} \le K \implies \lVert A\rVert = O_P(K\sqrt{mn})",
    ),
    bao(
        "lem6",
        "lemma",
        Le(growth, 0),
        equal_entries_steps,
        refuted_at(),
        "Lemma 6",
        model=None,
        note="no independence is assumed: where all entries are one Gaussian number, |A|_2 = |g| n",
        statement_latex=r"\lVert A_{ij}\rVert_{\psi_\alpha} \le K \implies \lVert A\rVert_2 = O_P(K(\sqrt{m} + "
        r"\sqrt{n}))",
    ),
    bao(
        "lem6.fixed",
        "consequence",
        Tuple(norm(left) ** 2 * norm(right) ** 2, norm(left) ** 2 * norm(right) ** 2),
        rank_one_steps,
        identity(),
        "Lemma 6",
        model=None,
        source="new",
        corrects="bao2023.lem6",
        note="without independence only |A|_2 <= |A| = O_P(K sqrt(m n)) is left, with equality for rank one; "
        "independent "
        "Gaussian entries: bao2023.lem7",
        statement_latex=r"\lVert ab^{\top}\rVert_2 = \lVert ab^{\top}\rVert: \quad \lVert A\rVert_2 \le \lVert "
        r"A\rVert = O_P(K\sqrt{mn})",
    ),
)
