"""The boundary of the basin of collapse as a power series, and the system in which the norms move too.

Both are about the cosine loss of :mod:`.cosine`.  With the norms held constant the mode that
starts below the smaller positive equilibrium collapses; with the norms as functions of the
eigenvalues there is no positive equilibrium at all.
"""

from functools import lru_cache, partial
from math import factorial

from sympy import (
    And,
    Dict,
    Eq,
    Ge,
    Gt,
    Integer,
    Lt,
    MatrixSymbol,
    Ne,
    Rational,
    Tuple,
    cancel,
    degree,
    expand,
    fraction,
    log,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import ModeSum, inner, total
from symssl.claims import Chapter, Claim, Step, enclosed, identity, implied
from symssl.exact import inverse_branch
from symssl.language import (
    At,
    FirstTime,
    Gradient,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
    unit,
)
from symssl.modes import ModeFlow
from symssl.statements import derive, proved, rewritten

from ..bao2023 import COSINE, N_Phi, kappa, mu, p, parabola, rho, scaling, sigma2, to_groups, to_modes, y

# --- the boundary of the basin -----------------------------------------------------------

ORDER = 12
strength = symbols("kappa_plus", nonnegative=True)  # kappa, where it is not negative
radius, fold, first, second = symbols("radius fold first second", positive=True)
TANGENT, NEGATIVE = {strength: Rational(3, 8)}, {strength: Rational(9, 2)}


@lru_cache(maxsize=64)
def level(model):
    """g with g(y) = mu at the equilibria other than zero."""
    return expand(cancel(scaling(model).flow.states[y] / y) + mu)


def branch(model):
    """The smaller positive equilibrium: the root that vanishes with mu."""
    return inverse_branch(level(model), y, mu)


def positive_branch(model):
    return inverse_branch(level(model).subs(kappa, strength), y, mu)


def to_level(model):
    yield from to_groups(model)
    yield Step("equilibria other than zero solve g(y) = mu with", level(model))


def series_steps(model):
    yield from to_level(model)
    yield Step("coefficients of mu, mu^2, ... (Lagrange)", Tuple(*branch(model).coefficients(ORDER)))


def radius_steps(model):
    """The coefficients are not negative for kappa >= 0: the nearest singularity is on the positive axis."""
    yield from to_level(model)
    critical, value = positive_branch(model).singularity
    yield Step("critical equation, and the value there", Tuple(critical, value))
    (bend,) = solve(critical, strength)
    yield Step("kappa and the radius by the double root y", Tuple(bend, cancel(value.subs(strength, bend))))


def radius_at_steps(model):
    yield from to_level(model)
    yield Step("at kappa = 3/8", Tuple(*positive_branch(model).radius(TANGENT)))


def radius_zero_steps(model):
    yield from to_level(model)
    critical, value = (f.subs(strength, 0) for f in positive_branch(model).singularity)
    (point,) = (root for root in solve(critical, y) if root.is_positive)
    yield Step("at kappa = 0", value.subs(y, point))


def symmetry_steps(model):
    yield from to_level(model)
    g = level(model)
    yield Step("g with y and kappa reversed, added to g", expand(g.subs({y: -y, kappa: -kappa}, simultaneous=True) + g))


def nearest_steps(model):
    yield from to_level(model)
    moduli = positive_branch(model).branch_points(TANGENT)
    yield Step("moduli of the zeros of the discriminant at kappa = 3/8", Tuple(*(Tuple(*m) for m in moduli)))
    yield Step("the two nearest", Dict({first: Tuple(*moduli[0]), second: Tuple(*moduli[1])}))


def negative_steps(model):
    """kappa = -9/2: the series has the radius of kappa = 9/2; the fold is elsewhere."""
    yield from symmetry_steps(model)
    curve = scaling(model).flow.fold_set().parametrised
    (at,) = (root for root in solve(curve[kappa] + NEGATIVE[strength], y) if root.is_rational and root.is_positive)
    there = curve[mu].subs(y, at)
    yield Step("the fold at kappa = -9/2", there)
    yield Step(
        "bounds of the radius and of the fold",
        Dict({radius: Tuple(*positive_branch(model).radius(NEGATIVE, digits=3)), fold: Tuple(there, there)}),
    )


# --- the norms move too ------------------------------------------------------------------

S_1, S_2, S_4, S_7, S_12 = symbols("S_1 S_2 S_4 S_7 S_12", positive=True)
SUMS = {ModeSum(p**k): symbols(f"S_{k}", positive=True) for k in (2, 3, 4, 6, 7, 8)}
n, u, u_0, s, positive = symbols("n u u_0 s q", positive=True)
time = symbols("t", positive=True)
slack = symbols("e_1:5", nonnegative=True)


def to_closed_modes(model):
    yield from to_modes(model)
    yield Step("one mode on s = p^2, the norms as sums over modes", parabola(model).states[p])
    yield Step("the norms", Dict(dict(parabola(model).couplings)))


def in_sums(modes, quantity):
    """The rate of a quantity by power sums S_k of the eigenvalues, all of them positive."""
    return modes.unfold(modes.lie(quantity)).xreplace(SUMS)


@lru_cache(maxsize=64)
def cubic(model):
    """The closed system without the term of degree six."""
    full = parabola(model)
    kept = sum(q for q in expand(full.states[p]).args if degree(q, p) < 6)
    return ModeFlow({p: kept}, full.couplings, full.parameters, full.modes)


def length_steps(model):
    yield from to_closed_modes(model)
    yield Step("rate of N_Phi^2 by power sums", in_sums(parabola(model), N_Phi**2))


@lru_cache(maxsize=64)
def drag(model):
    """What the term of degree six takes from N_Phi^2, in units of 4/(1 + sigma^2)."""
    rate = in_sums(parabola(model), N_Phi**2) - in_sums(cubic(model), N_Phi**2)
    return simplify(-rate * (1 + sigma2) / 4)


def drag_steps(model, most):
    """Both sides of the bound are squared and brought to one side."""
    yield from length_steps(model)
    yield Step("the loss of N_Phi^2, in units of 4/(1 + sigma^2)", drag(model))
    above, below = (expand(part**2) for part in fraction(drag(model)))
    yield Step(
        "Cauchy-Schwarz, written with nonnegative slacks",
        kind="cited",
        cite="S_4^2 <= S_1 S_7, S_1^2 <= n S_2, S_2^2 <= n S_4; S_7^2 <= S_2 S_12, S_12 <= S_4^3",
    )
    yield Step("difference of the squares", below - above if most else n**2 * above - below)


# --- the sentences -----------------------------------------------------------------------

root = symbols("y", positive=True)
LEVEL = y - kappa * y**2 - 2 * y**5  # g, with g(y) = mu at the equilibria other than zero
IS_ROOT = Eq(root, mu + strength * root**2 + 2 * root**5, evaluate=False)
boundary, closed = Chapter("beyond"), Chapter("beyond")


def same(left, right):
    return Eq(left, right, evaluate=False)


EITHER = Vocabulary(Object(y, "a state of the scalar flow without dimensions"), Object(kappa, "the parameter kappa"))
BASIN = Vocabulary(
    Object(root, "an equilibrium of the scalar flow without dimensions, positive"),
    Object(strength, "the parameter kappa, not negative"),
    Object(mu, "the parameter mu"),
)


boundary.claim(
    "basin.symmetry",
    "result",
    EITHER.sentence(same(At(LEVEL, {y: -y, kappa: -kappa}), -LEVEL)),
    source="new",
    note="g(y) = y - kappa y^2 - 2 y^5 is mu at the equilibria other than zero: the coefficient of mu^m takes the "
    "factor (-1)^(m - 1), and the radius depends on |kappa| alone",
)


@boundary.claim(
    "basin.bound",
    "result",
    BASIN.sentence(And(Gt(root, mu), Gt(root, mu + strength * mu**2)), IS_ROOT),
    source="new",
    note="every positive equilibrium, so the smallest one too; every partial sum of the series is a lower bound, all "
    "its terms being positive",
)
def basin_bound():
    yield Step("a positive equilibrium exceeds mu", proved(Gt(root, mu), (IS_ROOT,)))


# n modes p_j with their norms: N_Phi^2 = S_2, N_Psi^2 = S_4, N_x = S_3/(N_Phi N_Psi) for the power sums S_k
i, j = symbols("i j", integer=True)
count, N_Psi = symbols("n", integer=True, positive=True), symbols("N_Psi", positive=True)
N_x = symbols("N_x", real=True)
P = MatrixSymbol("P", count, 1)
squared, part = symbols("u", real=True), symbols("s", positive=True)
LINEAR_PART = (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2) / (1 + sigma2) - rho * p
CUBIC = VectorField({p: LINEAR_PART})
FULL = VectorField({p: LINEAR_PART - 2 * p**6 / (N_Phi * N_Psi**3 * (1 + sigma2))})


def power_sum(k):
    return total(inner(unit(i, count), P) ** k, (i, count))


T_2, T_3, T_4, T_7 = map(power_sum, (2, 3, 4, 7))
NORMS = {p: inner(unit(j, count), P), N_Phi: sqrt(T_2), N_Psi: sqrt(T_4), N_x: T_3 / (sqrt(T_2) * sqrt(T_4))}


def length_rate(dynamics):
    """The rate of S_2, the norms being those of the modes."""
    return total(At(Rate(p**2, dynamics), NORMS), (j, count))


EXTINCTION = VectorField({squared: -2 * rho * squared - 4 * part / (1 + sigma2)})
EQUAL = EXTINCTION.xreplace({part: 1 / count})
ALIKE = VectorField(
    {
        p: FULL.rhs[p].xreplace(
            {
                N_Phi: sqrt(count * p**2),
                N_Psi: sqrt(count * p**4),
                N_x: count * p**3 / (sqrt(count * p**2) * sqrt(count * p**4)),
            }
        )
    }
)
MODES = Vocabulary(
    Object(count, "the number of modes"),
    Object(P, "the modes, the eigenvalues p_j"),
    Object(p, "one mode"),
    Object(N_Phi, "the norm of Phi"),
    Object(N_Psi, "the norm of W Phi"),
    Object(N_x, "the cosine of both"),
    Object(rho, "the weight decay"),
    Object(sigma2, "the variance of the augmentation"),
    Object(j, "the number of a mode"),
    Object(i, "the number of a mode"),
    Object(squared, "the squared norm S_2 of Phi"),
    Object(u_0, "this at time 0"),
    Object(part, "the drag S_7/(S_2^(1/2) S_4^(3/2)), held constant"),
    Object(positive, "the value that all modes share"),
    Named(FULL, "the equation of one mode on the parabola s = p^2"),
    Named(CUBIC, "the same without the term of degree six"),
    Named(EXTINCTION, "the equation of the squared norm, the drag held constant"),
    Named(EQUAL, "the same where the drag is 1/n"),
    Named(ALIKE, "the equation of n equal modes"),
)
SUMS_POSITIVE = (Gt(T_2, 0), Gt(T_4, 0))
DRAG = T_7 / (sqrt(T_2) * sqrt(T_4) ** 3)
LAW = -2 * rho * T_2 - 4 * DRAG / (1 + sigma2)


@closed.claim(
    "closure",
    "result",
    MODES.sentence(And(same(length_rate(FULL), LAW), Lt(length_rate(FULL), 0)), (*SUMS_POSITIVE, Gt(T_7, 0))),
    corrects="closure.negative",
    note="S_7 is positive where all modes are: they have no equilibrium, with or without decay, the norm of Phi falls "
    "until it is zero",
)
def closure():
    yield Step("the rate of the square of one mode", derive(Rate(p**2, FULL)))
    found = rewritten(derive(length_rate(FULL)), LAW, (*SUMS_POSITIVE, Gt(T_7, 0)))
    yield Step("the rate of S_2, by the power sums", found)


@closed.claim(
    "closure.cubic",
    "result",
    MODES.sentence(same(length_rate(CUBIC), -2 * rho * T_2), SUMS_POSITIVE),
    source="new",
    note="it is the term of degree six that does it: without it N_Phi obeys the exact law exp(-rho t)",
)
def closure_cubic():
    yield Step("the rate of S_2, mode by mode", derive(length_rate(CUBIC)))


VANISHED = FirstTime(same(squared, 0), EXTINCTION, {squared: u_0})
GROWTH = 1 + rho * (1 + sigma2) * u_0 / (2 * part)
TIME = log(GROWTH) / (2 * rho)


@closed.claim(
    "closure.time",
    "result",
    MODES.sentence(same(VANISHED, TIME)),
    source="new",
    note="T(s), if the drag were the constant s",
)
def closure_time():
    yield Step("when the squared norm is zero", derive(VANISHED))


@closed.claim(
    "closure.faster",
    "result",
    MODES.sentence(Lt(Gradient(TIME, part), 0)),
    source="new",
    note="T(s) falls with s: n positive modes reach zero at a time between T(1) and T(1/n)",
)
def closure_faster():
    yield Step("derivative of the time in the drag", derive(Gradient(TIME, part)))


@closed.claim(
    "closure.no_decay",
    "result",
    MODES.sentence(same(Limit(TIME, rho, 0, "+"), (1 + sigma2) * u_0 / (4 * part))),
    source="new",
)
def closure_no_decay():
    yield Step("limit without decay", derive(Limit(TIME, rho, 0, "+")))


EQUAL_GROWTH = 1 + count * rho * (1 + sigma2) * u_0 / 2
VANISHED_EQUAL = FirstTime(same(squared, 0), EQUAL, {squared: u_0})


@closed.claim(
    "closure.equal",
    "result",
    MODES.sentence(
        And(
            same(count * positive**7 / (sqrt(count * positive**2) * sqrt(count * positive**4) ** 3), 1 / count),
            same(VANISHED_EQUAL, log(EQUAL_GROWTH) / (2 * rho)),
        )
    ),
    source="new",
    note="n equal modes have the drag 1/n at all times: they reach zero at T(1/n) exactly",
)
def closure_equal():
    yield Step("when the squared norm is zero", derive(VANISHED_EQUAL))


closed.claim(
    "closure.negative",
    "result",
    MODES.sentence(Ne(Rate(p, ALIKE), 0), Ne(p, 0)),
    source="new",
    witness={count: 1, p: -1, rho: 2, sigma2: 0},
    note="no non-zero equilibrium for real modes? one negative mode rests where p^2 = 2/(rho (1 + sigma^2))",
)


# --- the statements ----------------------------------------------------------------------

e_1, e_2, e_3, e_4 = slack


def _beyond(label, printed, steps, decide, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=COSINE, source="new", **more)


def coefficient(m):
    """Of mu^m: the sum over k of 2^k kappa^(m - 1 - 4k) (2m - 2 - 3k)!/(m! k! (m - 1 - 4k)!)."""
    return sum(
        2**k
        * Rational(factorial(2 * m - 2 - 3 * k), factorial(m) * factorial(k) * factorial(m - 1 - 4 * k))
        * kappa ** (m - 1 - 4 * k)
        for k in range((m - 1) // 4 + 1)
    )


CLAIMS = (
    _beyond(
        "basin",
        Tuple(*(coefficient(m) for m in range(1, ORDER + 1))),
        series_steps,
        identity(),
        statement_latex=r"y_-(\mu) = \sum_m\mu^m\sum_k\frac{2^k(2m - 2 - 3k)!}{m!\,k!\,(m - 1 - 4k)!}\kappa^{m - 1 - "
        r"4k}",
        note="coefficients of mu to mu^12, every kappa; a positive mode below y_- collapses; p_- = sqrt(N_Psi) y_-",
    ),
    _beyond(
        "basin.radius",
        Tuple((1 - 10 * y**4) / (2 * y), y / 2 + 3 * y**5),
        radius_steps,
        identity(),
        statement_latex=r"R = \tfrac y2 + 3y^5,\quad \kappa = \frac{1 - 10y^4}{2y} \ge 0",
        note="for kappa >= 0 the radius of convergence is the fold itself: the series holds up to where the basin ends",
    ),
    _beyond(
        "basin.radius.at",
        Tuple(Rational(11, 32), Rational(11, 32)),
        radius_at_steps,
        identity(),
        note="kappa = 3/8: both bounds of the radius",
    ),
    _beyond(
        "basin.radius.zero",
        Rational(4, 5) / Integer(10) ** Rational(1, 4),
        radius_zero_steps,
        identity(),
        note="kappa = 0, where all four branch points are equally far",
    ),
    _beyond(
        "basin.nearest",
        Lt(first, second),
        nearest_steps,
        enclosed(),
        note="kappa = 3/8: no other zero of the discriminant is as near as the fold",
    ),
    *boundary.claims[:1],
    _beyond(
        "basin.negative",
        Lt(radius, fold),
        negative_steps,
        enclosed(),
        note="kappa = -9/2: for negative kappa the series stops converging before the fold, at a branch point mu < 0",
    ),
    *boundary.claims[1:],
    *closed.claims[:2],
    _beyond(
        "closure.least",
        Ge(n**2 * S_7**2 - S_2 * S_4**3, 0, evaluate=False),
        partial(drag_steps, most=False),
        implied(),
        given=(Eq(n * S_4, S_2**2 * (1 + e_3)), Eq(n * S_2, S_1**2 * (1 + e_2)), Eq(S_1 * S_7, S_4**2 * (1 + e_1))),
        statement_latex=r"\frac{S_7}{S_2^{1/2}S_4^{3/2}} \ge \frac1n",
        note="n modes; equality for equal modes",
    ),
    _beyond(
        "closure.most",
        Ge(S_2 * S_4**3 - S_7**2, 0, evaluate=False),
        partial(drag_steps, most=True),
        implied(),
        given=(Eq(S_12 * (1 + e_4), S_4**3), Eq(S_2 * S_12, S_7**2 * (1 + e_1))),
        statement_latex=r"\frac{S_7}{S_2^{1/2}S_4^{3/2}} \le 1",
        note="equality for one mode",
    ),
    *closed.claims[2:],
)
NOTATION = {"kappa_plus": r"\kappa"}


def equations():
    """The boundary of the basin and the closed system, for LaTeX."""
    return {"basin-series": branch(COSINE).series(5), "closed-modes": parabola(COSINE)}
