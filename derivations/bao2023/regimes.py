"""Section 5.2: the number of equilibria and the three regimes of Eq. (7)."""

from sympy import (
    LC,
    Dict,
    FiniteSet,
    Gt,
    Integer,
    Rational,
    Symbol,
    Tuple,
    exp,
    factor,
    limit,
    oo,
    sign,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, count_equilibria, norm
from symssl.claims import Step, gap, identity, refuted_at, same_value

from .derivation import (
    count,
    equal_modes,
    flow,
    growth_rate,
    merged_flow,
    pattern,
    scalar_flow,
    scaling,
    to_groups,
    to_modes,
    to_scalar,
)
from .model import N_Phi, N_Psi, Phi, bao, end, h, half_stable, kappa, mu, p, q_, rho, sigma2, stable, t, unstable, y

START = {Symbol("start", real=True): Rational(-1, 10), kappa: 0}
reached = symbols("reached", real=True)


def count_steps(model):
    yield from to_groups(model)
    yield Step("sign condition", Tuple(*(q.condition for q in count(model).cases)))
    yield Step(
        "velocity at 0, and numbers of equilibria",
        Tuple(scaling(model).flow.states[y].subs(y, 0), FiniteSet(*(q.number for q in count(model).cases))),
    )


def collapse_steps(model):
    yield from to_groups(model)
    few = next(q for q in count(model).cases if q.number == 2)
    yield Step("two equilibria where", few.condition)
    size = symbols("size", positive=True)  # N_Phi and N_Psi grow together
    groups = {
        g: e.subs({N_Phi: size**2 * N_Phi, N_Psi: size**2 * N_Psi}, simultaneous=True)
        for g, e in scaling(model).groups.items()
    }
    leading = LC(few.condition.lhs.subs(groups), size)
    yield Step("the polynomial in the groups, for large norms: its leading coefficient", factor(leading))
    yield Step("its sign, and the pattern there", Tuple(sign(leading), pattern(few)))


def start_steps(model):
    yield from to_groups(model)
    start = scaling(model).groups[mu].subs({N_Phi: sqrt(h), N_Psi: sqrt(h)})
    yield Step("mu at N_Phi = N_Psi = sqrt(h), over h^(3/4), as h grows", limit(start / sqrt(sqrt(h)) ** 3, h, oo))


def acute_steps(model):
    yield from to_groups(model)
    far = limit(scaling(model).flow.states[y].subs({kappa: 0, mu: Rational(1, 10)}), y, -oo)
    yield Step(
        "stability from left to right where there are four equilibria, and the sign of the velocity far to the left",
        Tuple(pattern(next(q for q in count(model).cases if q.number == 4)), sign(far)),
    )


def stable_steps(model):
    yield from to_groups(model)
    merged = merged_flow(model)
    yield Step("the flow at mu = 0", merged)
    (start,) = (v for q, v in START.items() if q != kappa)
    at = merged.fix({kappa: START[kappa]})
    velocity = at.states[y].subs(y, start)
    ahead = min((q for q in at.equilibria().points if (q - start) * velocity > 0), key=lambda q: abs(q - start))
    yield Step("kappa = 0, start at -1/10: the equilibrium that stops the trajectory", Dict({end: ahead}))


def merged_steps(model):
    yield from to_groups(model)
    merged = merged_flow(model)
    yield Step("the flow at mu = 0", merged)
    (case,) = count_equilibria(merged, y).cases
    yield Step("stability from left to right, for every kappa", pattern(case))


def approach_steps(model):
    """The smaller positive root lies below 2 q, q = rho (1 + sigma^2) N_Phi N_Psi, for small norms."""
    yield from to_scalar(model)
    eps = symbols("epsilon", positive=True)
    f = scalar_flow(model)
    q = rho * (1 + sigma2) * N_Phi * N_Psi
    drift = (f.states[p] / p / rho).subs(p, 2 * q)
    yield Step("drift at twice q, relative to rho p", factor(drift))
    shrunk = drift.subs({N_Phi: eps * N_Phi, N_Psi: eps * N_Psi}, simultaneous=True)
    yield Step(
        "limits of the bound 2 q and of the drift there as both norms shrink",
        Tuple(
            limit((2 * q).subs({N_Phi: eps * N_Phi, N_Psi: eps * N_Psi}, simultaneous=True), eps, 0),
            simplify(limit(shrunk, eps, 0)),
        ),
    )


def vanish_steps(model):
    """All modes equal and positive: the closed system in one variable, r = p^2."""
    yield from to_modes(model)
    falling = equal_modes(model, 1)
    r_ = symbols("r", positive=True)
    squared = Flow({r_: simplify((2 * q_ * falling.states[q_]).subs(q_, sqrt(r_)))}, falling.parameters)
    yield Step("n equal positive modes: the flow of r = p^2", squared)
    solution = squared.closed_form(r_, time=t)
    yield Step("in closed form", solution.solution)
    (hit,) = solve(solution.solution, t)
    yield Step("r vanishes at the finite time", hit)
    yield Step("r there", Dict({reached: simplify(solution.solution.subs(t, hit))}))


def positive_norm_steps(model):
    """The exact norm law: N_Phi never vanishes."""
    size = symbols("size", positive=True)
    rate = growth_rate(flow(model), norm(Phi))
    yield Step("logarithmic derivative of |Phi| in the exact flow", rate)
    law = Flow({size: rate * size}, (rho,)).closed_form(size, time=t)
    yield Step("solve it", law.solution.subs(dict(law.initial)[size], N_Phi))


def frozen_norm_steps(model):
    yield Step("derivative of N_Phi = |Phi| in the exact flow", flow(model).lie(norm(Phi)))


CLAIMS = (
    bao(
        "count24",
        "in-text",
        Tuple(0, FiniteSet(2, 3, 4)),
        count_steps,
        same_value(),
        "Sec. 5.2",
        note="0 is an equilibrium; three on the fold only",
        statement_latex=r"\text{numbers of equilibria of (7)} = \{2, 3, 4\}",
    ),
    bao(
        "collapse",
        "regime",
        Tuple(1, Tuple(unstable, stable)),
        collapse_steps,
        same_value(),
        "Sec. 5.2, Collapse",
        note="N_Phi and N_Psi growing together",
        statement_latex=r"\text{large norms: two equilibria, unstable and stable}",
    ),
    bao(
        "collapse.start",
        "consequence",
        rho * (1 + sigma2),
        start_steps,
        identity(),
        "Sec. 5.2, Collapse",
        source="new",
        note="with the norms of Lemma 8 the dynamics starts in Collapse whatever rho, once h is large",
        statement_latex=r"N_{\Phi} = N_{\Psi} = \sqrt{h}: \quad \mu/h^{3/4} \to \rho(1 + \sigma^{2})",
    ),
    bao(
        "acute",
        "regime",
        Tuple(Tuple(unstable, stable, unstable, stable), -1),
        acute_steps,
        same_value(),
        "Sec. 5.2, Acute",
        note="in one dimension this pattern settles where every start ends; below the first equilibrium it diverges",
        statement_latex=r"\text{four equilibria: unstable, stable, unstable, stable; } \dot p < 0 \text{ as } p \to "
        r"-\infty",
    ),
    bao(
        "stable",
        "regime",
        Gt(end, 0),
        stable_steps,
        refuted_at(at=START),
        "Sec. 5.2, Stable",
        note="0 is half-stable there: what starts between the negative root and 0 ends at 0",
        statement_latex=r"p_0 \in (p^{(-)}, 0) \implies \lim_{t\to\infty} p(t) > 0 \quad (\mu = 0)",
    ),
    bao(
        "stable.fixed",
        "consequence",
        Tuple(unstable, half_stable, stable),
        merged_steps,
        same_value(),
        "Sec. 5.2, Stable",
        source="new",
        corrects="bao2023.stable",
        note="0 is reached from below and left above: p converges to p^(+) for starts above 0, and to 0 from (p^(-), "
        "0]",
        statement_latex=r"\mu = 0: \quad p^{(-)} \text{ unstable}, 0 \text{ half-stable}, p^{(+)} \text{ stable}",
    ),
    bao(
        "stable.approach",
        "in-text",
        Tuple(0, 1),
        approach_steps,
        same_value(),
        "Sec. 5.2, Stable",
        note="the smaller positive root lies below a bound that vanishes with the norms",
        statement_latex=r"p_{\blacktriangle} \to 0 \text{ as the norms vanish}",
    ),
    bao(
        "rem3",
        "remark",
        Gt(reached, 0),
        vanish_steps,
        refuted_at(),
        "Remark 3",
        note="closed system, equal modes: the norms vanish at a finite time, by the p^6 term alone",
        statement_latex=r"N_{\Phi}(t)\,N_{\Psi}(t) > 0 \text{ for all } t \text{ in the closed system (5)}",
    ),
    bao(
        "rem3.exact",
        "consequence",
        N_Phi * exp(-rho * t),
        positive_norm_steps,
        identity(),
        "Remark 3",
        source="new",
        corrects="bao2023.rem3",
        note="exact flow: |Phi(t)| > 0 for all t",
        statement_latex=r"N_{\Phi}(t) = N_{\Phi}(0)\,e^{-\rho t}",
    ),
    bao(
        "freeze.fixed",
        "consequence",
        N_Phi * exp(-rho * t),
        positive_norm_steps,
        identity(),
        "Sec. 5.2",
        source="new",
        corrects="bao2023.freeze",
        note="the norms that Eq. (7) holds constant decay at the rate of the decay itself",
        statement_latex=r"N_{\Phi}(t) = N_{\Phi}(0)\,e^{-\rho t}",
    ),
    bao(
        "freeze",
        "implicit",
        Integer(0),
        frozen_norm_steps,
        gap(identity(), "N_Phi(t) = exp(-rho t) N_Phi(0): the groups mu and kappa drift"),
        "Sec. 5.2",
        note="the derivative of N_Phi, printed as if it were zero",
        statement_latex=r"\dot N_{\Phi} = 0",
    ),
)
