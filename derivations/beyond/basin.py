"""The boundary of the basin of collapse as a power series, and the system in which the norms move too.

Both are about the cosine loss of :mod:`.cosine`.  With the norms held constant the mode that
starts below the smaller positive equilibrium collapses; with the norms as functions of the
eigenvalues there is no positive equilibrium at all.
"""

from functools import lru_cache, partial
from math import factorial

from sympy import (
    Dict,
    Eq,
    Ge,
    Integer,
    Lt,
    Ne,
    Rational,
    Tuple,
    cancel,
    degree,
    diff,
    exp,
    expand,
    factor,
    fraction,
    limit,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, ModeSum
from symssl.claims import Claim, Step, enclosed, identity, implied, refuted_at
from symssl.exact import inverse_branch
from symssl.modes import ModeFlow

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


def bound_steps(model):
    """Two terms of the series are below the root: g there is below mu."""
    yield from to_level(model)
    two = positive_branch(model).series(2)
    yield Step("two terms of the series", two)
    yield Step("g there, less mu", expand(level(model).subs(kappa, strength).subs(y, two) - mu))


# --- the norms move too ------------------------------------------------------------------

S_1, S_2, S_4, S_7, S_12 = symbols("S_1 S_2 S_4 S_7 S_12", positive=True)
SUMS = {ModeSum(p**k): symbols(f"S_{k}", positive=True) for k in (2, 3, 4, 6, 7, 8)}
n, u, u_0, s, positive = symbols("n u u_0 s q", positive=True)
time = symbols("t", positive=True)
slack = symbols("e_1:5", nonnegative=True)
velocity = symbols("velocity", real=True)
ONE_MODE = {n: 1, p: -1, rho: 2, sigma2: 0}


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


@lru_cache(maxsize=64)
def equal(model):
    """n equal modes: the flow of p."""
    full = parabola(model)
    return full.unfold(full.states[p]).replace(ModeSum, lambda g: n * g)


def length_steps(model):
    yield from to_closed_modes(model)
    yield Step("rate of N_Phi^2 by power sums", in_sums(parabola(model), N_Phi**2))


def cubic_steps(model):
    yield from to_closed_modes(model)
    yield Step("without the term of degree six", cubic(model).states[p])
    yield Step("rate of N_Phi^2", in_sums(cubic(model), N_Phi**2))


def negative_mode_steps(model):
    yield from to_closed_modes(model)
    yield Step("n equal modes", equal(model))
    yield Step("one mode p = -1 at rho = 2, sigma^2 = 0", Dict({velocity: equal(model).subs(ONE_MODE)}))


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


@lru_cache(maxsize=64)
def extinction(model):
    """The time in which u = N_Phi^2 reaches zero if the drag is a constant s."""
    rate = in_sums(cubic(model), N_Phi**2).subs(S_2, u) - 4 * s / (1 + sigma2)
    moving = Flow({u: rate}, (rho, s, sigma2)).closed_form(u, time=time, initial=u_0).solution
    (end,) = solve(moving, time)
    return moving, simplify(end)


def extinction_steps(model):
    yield from length_steps(model)
    yield Step("u = N_Phi^2 with a constant drag s", extinction(model)[0])
    end = extinction(model)[1]
    yield Step("it is zero at the time T", end)
    yield Step("exp(2 rho T)", simplify(exp(2 * rho * end)))


def faster_steps(model):
    yield from extinction_steps(model)
    yield Step("derivative of the time in the drag", factor(diff(extinction(model)[1], s)))


def no_decay_steps(model):
    yield from extinction_steps(model)
    yield Step("limit without decay", limit(extinction(model)[1], rho, 0))


def equal_steps(model):
    yield from to_closed_modes(model)
    yield Step("n equal modes", simplify(equal(model)))
    rate = Flow({positive: equal(model).subs(p, positive)}, (n, rho, sigma2)).lie(n * positive**2)
    square = Flow({u: simplify(expand(rate)).subs(positive**2, u / n)}, (n, rho, sigma2))
    yield Step("flow of u = N_Phi^2", square)
    (end,) = solve(square.closed_form(u, time=time, initial=u_0).solution, time)
    yield Step("it is zero at the time T", end)
    yield Step("exp(2 rho T)", simplify(exp(2 * rho * end)))


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


two_terms = mu + strength * mu**2
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
    _beyond(
        "basin.symmetry",
        Integer(0),
        symmetry_steps,
        identity(),
        statement_latex=r"g(-y; -\kappa) = -g(y; \kappa)",
        note="so the coefficient of mu^m takes the factor (-1)^(m - 1), and the radius depends on |kappa| alone",
    ),
    _beyond(
        "basin.negative",
        Lt(radius, fold),
        negative_steps,
        enclosed(),
        note="kappa = -9/2: for negative kappa the series stops converging before the fold, at a branch point mu < 0",
    ),
    _beyond(
        "basin.bound",
        Lt(two_terms - strength * two_terms**2 - 2 * two_terms**5 - mu, 0, evaluate=False),
        bound_steps,
        implied(),
        statement_latex=r"y_- > \mu + \kappa\mu^2,\quad \kappa \ge 0",
        note="g is below mu at two terms of the series; every partial sum is a lower bound, all its terms being "
        "positive",
    ),
    _beyond(
        "closure",
        Lt(-2 * rho * S_2 - 4 * S_7 / ((1 + sigma2) * sqrt(S_2) * S_4 ** Rational(3, 2)), 0, evaluate=False),
        length_steps,
        implied(),
        corrects="beyond.closure.negative",
        statement_latex=r"\frac{d}{dt}N_\Phi^2 = -2\rho S_2 - \frac{4S_7}{(1 + \sigma^2)S_2^{1/2}S_4^{3/2}} < 0,\quad"
        r" S_k = \sum_jp_j^k",
        note="positive modes have no equilibrium, with or without decay: the norm falls until it is zero",
    ),
    _beyond(
        "closure.cubic",
        -2 * rho * S_2,
        cubic_steps,
        identity(),
        note="it is the term of degree six that does it: without it N_Phi obeys the exact law exp(-rho t)",
    ),
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
    _beyond(
        "closure.time",
        1 + rho * (1 + sigma2) * u_0 / (2 * s),
        extinction_steps,
        identity(),
        statement_latex=r"T(s) = \frac{1}{2\rho}\log\Bigl(1 + \frac{\rho(1 + \sigma^2)N_\Phi(0)^2}{2s}\Bigr)",
        note="exp(2 rho T), if the drag S_7/(S_2^(1/2) S_4^(3/2)) were the constant s",
    ),
    _beyond(
        "closure.faster",
        Lt(-(1 + sigma2) * u_0 / (2 * s * (2 * s + rho * (1 + sigma2) * u_0)), 0, evaluate=False),
        faster_steps,
        implied(),
        statement_latex=r"T'(s) < 0",
        note="so n positive modes reach zero at a time between T(1) and T(1/n)",
    ),
    _beyond(
        "closure.no_decay",
        (1 + sigma2) * u_0 / (4 * s),
        no_decay_steps,
        identity(),
        statement_latex=r"\lim_{\rho\to0}T(s) = \frac{(1 + \sigma^2)N_\Phi(0)^2}{4s}",
    ),
    _beyond(
        "closure.equal",
        1 + n * rho * (1 + sigma2) * u_0 / 2,
        equal_steps,
        identity(),
        statement_latex=r"T = \frac{1}{2\rho}\log\Bigl(1 + \frac{n\rho(1 + \sigma^2)N_\Phi(0)^2}{2}\Bigr)",
        note="n equal modes reach zero at T(1/n) exactly",
    ),
    _beyond(
        "closure.negative",
        Ne(velocity, 0),
        negative_mode_steps,
        refuted_at(at=ONE_MODE),
        note="no non-zero equilibrium for real modes? one negative mode rests where p^2 = 2/(rho (1 + sigma^2))",
    ),
)
NOTATION = {"kappa_plus": r"\kappa"}


def equations():
    """The boundary of the basin and the closed system, for LaTeX."""
    return {"basin-series": branch(COSINE).series(5), "closed-modes": parabola(COSINE)}
