"""Section 5.2: the number of equilibria and the three regimes of Eq. (7)."""

from functools import partial

from sympy import (
    And,
    Contains,
    Dict,
    FiniteSet,
    Gt,
    Rational,
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

from symssl import Flow, norm
from symssl.claims import Chapter, Step, refuted_at, same_value
from symssl.language import Along, At, Exists, Limit, Stability
from symssl.statements import derive

from .derivation import count, equal_modes, pattern, scalar_flow, scaling, to_groups, to_modes, to_scalar
from .model import N_Phi, N_Psi, N_x, Phi, bao, d, h, kappa, mu, p, q_, rho, sigma2, stable, t, unstable, y
from .vocabulary import (
    COSINE_FLOW,
    EXACT,
    SCALARS,
    START,
    VOCABULARY,
    W_0,
    WITHOUT_DECAY,
    Phi_0,
    c,
    different,
    equal,
    number,
    p_0,
    q,
    velocity,
)

# --- what the sentences speak of ---------------------------------------------------------

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

PARAMETERS = (N_Phi, N_Psi, N_x, sigma2, rho)
FEW = {N_Phi: 1, N_Psi: 1, N_x: 0, sigma2: 0, rho: 1}
MANY = FEW | {rho: Rational(1, 10)}
SCALED = COSINE_FLOW.xreplace({N_Phi: c * N_Phi, N_Psi: c * N_Psi})
AT_START = COSINE_FLOW.xreplace({N_Phi: sqrt(h), N_Psi: sqrt(h)})

# --- equilibria --------------------------------------------------------------------------


@reconstructed(
    "count24",
    "in-text",
    SCALARS.sentence(
        And(
            equal(At(velocity(COSINE_FLOW), {p: 0}), 0),
            Contains(number(COSINE_FLOW), FiniteSet(2, 3, 4)),
            Exists(PARAMETERS, equal(number(COSINE_FLOW), 2), witness=FEW),
            Exists(PARAMETERS, equal(number(COSINE_FLOW), 4), witness=MANY),
        )
    ),
    cite="Sec. 5.2",
    note="three on the fold only",
)
def count24():
    yield Step("zero is an equilibrium", derive(At(velocity(COSINE_FLOW), {p: 0})))


@reconstructed(
    "collapse",
    "regime",
    SCALARS.sentence(
        And(
            equal(Limit(number(SCALED), c, oo), 2),
            equal(number(COSINE_FLOW, q < 0, kind="unstable"), 1),
            Stability(COSINE_FLOW, {p: 0}, "stable"),
        )
    ),
    cite="Sec. 5.2, Collapse",
    note="the norms of Phi and W Phi growing together; the cosine between them is at most one",
)
def collapse():
    yield Step("how many equilibria there are for large norms", derive(Limit(number(SCALED), c, oo)))
    yield Step("the one below zero, whatever the norms", derive(number(COSINE_FLOW, q < 0, kind="unstable")))


@chapter.claim(
    "collapse.start",
    "consequence",
    SCALARS.sentence(equal(Limit(number(AT_START, q > 0), h, oo), 0)),
    cite="Sec. 5.2, Collapse",
    source="new",
    note="with the norms sqrt(h) of Lemma 8 the dynamics starts in Collapse whatever the decay, once h is large",
)
def collapse_start():
    yield Step("how many positive equilibria there are for a large h", derive(Limit(number(AT_START, q > 0), h, oo)))


TO_THE_LEFT = {N_Phi: 1, N_Psi: 1, N_x: 0, sigma2: 0, p_0: -Rational(1, 10)}

reconstructed(
    "stable",
    "regime",
    SCALARS.sentence(
        Gt(Limit(Along(p, WITHOUT_DECAY, t, {p: p_0}), t, oo), 0),
        given=(different(p_0, 0), equal(number(WITHOUT_DECAY, q < 0, q >= p_0), 0)),
    ),
    cite="Sec. 5.2, Stable",
    witness=TO_THE_LEFT,
    note="0 is half-stable there: what starts between the negative equilibrium and 0 ends at 0",
)


@chapter.claim(
    "stable.fixed",
    "consequence",
    SCALARS.sentence(
        And(
            equal(number(WITHOUT_DECAY), 3),
            equal(number(WITHOUT_DECAY, q < 0, kind="unstable"), 1),
            Stability(WITHOUT_DECAY, {p: 0}, "half-stable"),
            equal(number(WITHOUT_DECAY, q > 0, kind="stable"), 1),
        )
    ),
    cite="Sec. 5.2, Stable",
    corrects="stable",
    note="0 is reached from below and left above: p converges to p^(+) for starts above 0, and to 0 from (p^(-), 0]",
)
def stable_fixed():
    yield Step("how many equilibria there are", derive(number(WITHOUT_DECAY)))
    yield Step("those below zero", derive(number(WITHOUT_DECAY, q < 0, kind="unstable")))
    yield Step("those above zero", derive(number(WITHOUT_DECAY, q > 0, kind="stable")))


# --- the norms that are held constant ----------------------------------------------------

SIZE = Along(norm(Phi), EXACT, t, START)
AT_ONE = {h: 2, d: 2, W_0: [[1, 0], [0, 1]], Phi_0: [[1, 0], [0, 1]], rho: 1, sigma2: 0, t: 1}


@chapter.claim(
    "rem3.exact",
    "consequence",
    VOCABULARY.sentence(equal(SIZE, exp(-rho * t) * norm(Phi_0))),
    cite="Remark 3",
    corrects="rem3",
    note="in the exact flow the norm of Phi never vanishes, unless it does at the start",
)
def rem3_exact():
    yield Step("the norm decays at the rate of the decay", derive(SIZE))


@reconstructed(
    "freeze",
    "implicit",
    VOCABULARY.sentence(equal(SIZE, norm(Phi_0))),
    cite="Sec. 5.2",
    witness=AT_ONE,
    argument=True,
    note="(7) is analysed as if its norms did not move",
)
def freeze():
    yield Step("the norm decays at the rate of the decay", derive(SIZE))


@chapter.claim(
    "freeze.fixed",
    "consequence",
    VOCABULARY.sentence(equal(SIZE, exp(-rho * t) * norm(Phi_0))),
    cite="Sec. 5.2",
    corrects="freeze",
    note="the norms that (7) holds constant decay at the rate of the decay itself, and its regimes drift",
)
def freeze_fixed():
    yield Step("the norm decays at the rate of the decay", derive(SIZE))


# --- transcribed -------------------------------------------------------------------------

reached = symbols("reached", real=True)


def acute_steps(model):
    yield from to_groups(model)
    far = limit(scaling(model).flow.states[y].subs({kappa: 0, mu: Rational(1, 10)}), y, -oo)
    yield Step(
        "stability from left to right where there are four equilibria, and the sign of the velocity far to the left",
        Tuple(pattern(next(q for q in count(model).cases if q.number == 4)), sign(far)),
    )


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


CLAIMS = (
    *chapter.claims,
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
)
