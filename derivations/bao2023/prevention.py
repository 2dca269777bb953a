"""Section 5.2: whether normalisation prevents the collapse."""

from functools import lru_cache, partial

from sympy import (
    And,
    Contains,
    Dict,
    FiniteSet,
    Gt,
    Identity,
    Implies,
    Lt,
    MatrixSymbol,
    degree,
    exp,
    limit,
    oo,
    sqrt,
    symbols,
)

from symssl import Diagonal, Flow, ModeSum, norm, sq
from symssl.claims import Chapter, Step, refuted_at
from symssl.language import Along, At, Exists, Let, Limit, Object, Rate, Stability, VectorField, Vocabulary
from symssl.statements import derive

from .derivation import parabola, to_modes
from .model import (
    N_Phi,
    N_Psi,
    N_x,
    W,
    at_unit_decay,
    bao,
    d,
    decay_rate,
    h,
    kappa,
    limit_W,
    mu,
    p,
    rho,
    sigma2,
    t,
)
from .vocabulary import (
    ALL_MODES,
    COSINE_FLOW,
    EXACT,
    MODES,
    SCALARS,
    START,
    VOCABULARY,
    W_0,
    D,
    P,
    Phi_0,
    c,
    equal,
    gain,
    number,
    q,
    velocity,
)

# --- what the sentences speak of ---------------------------------------------------------

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

WEIGHT = Along(sq(W), EXACT, t, START)
IDENTITIES = {h: 2, d: 2, W_0: [[1, 0], [0, 1]], Phi_0: [[1, 0], [0, 1]], rho: 1, sigma2: 0}
FOLD = (
    12500 * mu**4 * N_Psi**4
    + 108 * kappa**5 * mu
    + (3200 * kappa * mu - 4500 * kappa**2 * mu**2 - 512) * N_Psi**2
    - 27 * kappa**4
)
GROUPED = Vocabulary(
    SCALARS,
    Let(mu, rho * (1 + sigma2) * N_Phi, "the decay in units of the norm of Phi"),
    Let(kappa, N_x * N_Phi, "the cosine in these units"),
)
Q = MatrixSymbol("Q", h, h)
POSITIVE = {P: Q * Q, D: Q * Q}  # every p_j is positive, and s_j = p_j^2
ROOTS = Vocabulary(ALL_MODES, Object(Q, "the roots of the eigenvalues p_1, ..., p_h, on the diagonal", Diagonal(Q)))
EQUAL = VectorField({c: 2 * gain / (h**2 * c) - rho * c})
ALIKE = Vocabulary(ALL_MODES, Object(c, "the size of h equal negative eigenvalues"))
NEGATIVE = {P: -c * Identity(h), D: c * Identity(h)}

# --- the exact flow ----------------------------------------------------------------------


@reconstructed(
    "prevent",
    "headline",
    VOCABULARY.sentence(Gt(Limit(WEIGHT, t, oo), 0)),
    cite="Sec. 5.2",
    witness=IDENTITIES,
    note="that some eigenvalue of W stays away from zero, whatever the decay: in the exact flow all of them vanish",
)
def prevent():
    yield Step("the norm of the predictor decays at the rate of the decay", derive(WEIGHT))


@chapter.claim(
    "prevent.fixed",
    "consequence",
    VOCABULARY.sentence(And(equal(WEIGHT, exp(-2 * rho * t) * sq(W_0)), equal(Limit(WEIGHT, t, oo), 0))),
    cite="Sec. 5.2",
    corrects="prevent",
    note="every decay, however small, makes all eigenvalues of W vanish",
)
def prevent_fixed():
    yield Step("the norm of the predictor decays at the rate of the decay", derive(WEIGHT))


@reconstructed(
    "explode",
    "in-text",
    VOCABULARY.sentence(Exists((W_0, Phi_0), equal(Limit(Along(norm(W), EXACT, t, START), t, oo), oo))),
    cite="Sec. 5.2, Acute",
    witness={h: 2, d: 2, rho: 1, sigma2: 0},
    note="that some eigenvalue can go to minus infinity, and the norm of W with it; only with frozen norms does the "
    "equation of one mode diverge (explode.frozen)",
)
def explode():
    yield Step("the norm of the predictor decays at the rate of the decay", derive(Along(norm(W), EXACT, t, START)))


# --- the norms held constant -------------------------------------------------------------

reconstructed(
    "prevent.frozen",
    "headline",
    SCALARS.sentence(Gt(number(COSINE_FLOW, q > 0), 0)),
    cite="Sec. 5.2",
    note="that (7) has a positive equilibrium whatever the decay: above the fold it has none",
)


@chapter.claim(
    "prevent.frozen.fixed",
    "consequence",
    GROUPED.sentence(
        And(
            Implies(Lt(FOLD, 0), equal(number(COSINE_FLOW, q > 0), 2)),
            Implies(Gt(FOLD, 0), equal(number(COSINE_FLOW, q > 0), 0)),
            Contains(number(COSINE_FLOW, q > 0), FiniteSet(0, 1, 2)),
        )
    ),
    cite="Sec. 5.2",
    corrects="prevent.frozen",
    note="two positive equilibria below the fold, none above it",
)
def frozen():
    yield Step("the velocity whose zeros are counted", derive(velocity(COSINE_FLOW)))


@reconstructed(
    "explode.frozen",
    "in-text",
    SCALARS.sentence(
        And(
            equal(Limit(velocity(COSINE_FLOW) / p**6, p, -oo), -2 * gain / (N_Phi * N_Psi**3)),
            Lt(-2 * gain / (N_Phi * N_Psi**3), 0),
        )
    ),
    cite="Sec. 5.2, Acute",
    note="far to the left the velocity is negative and grows like p^6: what starts there goes to minus infinity",
)
def explode_frozen():
    yield Step("the velocity far to the left", derive(Limit(velocity(COSINE_FLOW) / p**6, p, -oo)))


# --- all modes together ------------------------------------------------------------------


@chapter.claim(
    "collapse.closed",
    "consequence",
    ROOTS.sentence(
        equal(
            At(Rate(sq(P), MODES), POSITIVE),
            -2 * rho * sq(Q * Q) - 4 * gain * sq(Q**7) / (norm(Q * Q) * norm(Q**4) ** 3),
        ),
        given=Gt(norm(Q), 0),
    ),
    cite="not in the paper",
    corrects="prevent.closed",
    note="all p_j > 0: both terms are negative, so the sum of p_j^2 decreases for every decay; there is no such "
    "equilibrium",
)
def collapse_closed():
    yield Step("derivative of the sum of p_j^2 along (5)", derive(Rate(sq(P), MODES), MODES.where))


@chapter.claim(
    "explode.closed",
    "consequence",
    ALIKE.sentence(
        And(
            equal(At(Rate(P, MODES), NEGATIVE), -EQUAL.rhs[c] * Identity(h)),
            Stability(EQUAL, {c: sqrt(2 * gain / rho) / h}, "stable"),
        )
    ),
    cite="not in the paper",
    corrects="explode",
    note="h equal negative modes p = -c on the parabola neither diverge nor collapse",
)
def explode_closed():
    yield Step("the velocity of equal negative modes", derive(At(Rate(P, MODES), NEGATIVE), MODES.where))


# --- transcribed -------------------------------------------------------------------------

S_2, S_4, S_7 = symbols("S_2 S_4 S_7", positive=True)


@lru_cache(maxsize=256)
def total_rate(model):
    """Derivative of the sum of p_j^2 in the closed system on the parabola; S_k is the sum of
    p_j^k, positive where all p_j are."""
    closed = parabola(model)
    rate = closed.unfold(closed.lie(ModeSum(p**2)))
    return rate.xreplace({q: symbols(f"S_{degree(q.args[0], p)}", positive=True) for q in rate.atoms(ModeSum)})


def closed_collapse_steps(model):
    yield from to_modes(model)
    yield Step("restrict to the invariant parabola s = p^2", parabola(model))
    yield Step("derivative of the sum of p_j^2, all p_j > 0", total_rate(model))


def closed_limit_steps(model):
    """A bound on the sum of p_j^2: drop the feedback, which is negative."""
    yield from closed_collapse_steps(model)
    rate = total_rate(model)
    decay = rate.subs(S_7, 0) / S_2
    yield Step(
        "the rest is negative, so the sum decays at least at the rate",
        decay,
        kind="exact" if (rate - decay * S_2).is_negative else "assumption",
    )
    size = symbols("size", nonnegative=True)
    bound = Flow({size: decay * size}, (rho,)).closed_form(size, time=t)
    yield Step("limit of the bound, and the rate", Dict({limit_W: limit(bound.solution, t, oo), decay_rate: decay}))


CLAIMS = (
    *chapter.claims,
    bao(
        "prevent.closed",
        "headline",
        Gt(limit_W, 0),
        closed_limit_steps,
        refuted_at(at_unit_decay),
        "Sec. 5.2",
        note="closed system, all p_j > 0: the sum of p_j^2 is at most exp(-2 rho t) times what it was",
        statement_latex=r"p_j(0) > 0 \implies \lim_{t\to\infty} \textstyle\sum_j p_j(t)^{2} > 0 \text{ in the closed "
        r"system (5)}",
    ),
)
