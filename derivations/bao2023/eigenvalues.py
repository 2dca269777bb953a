"""Section 5.1, 5.2: eigenvalues, the invariant parabola, Eq. (7)."""

from functools import partial

from sympy import And, Trace, exp, oo

from symssl.claims import Chapter, Step
from symssl.language import Along, At, Limit, Order, Rate
from symssl.statements import derive

from .model import F, N_Phi, N_Psi, N_x, W, d, h, p, rho, s, sigma2, t
from .vocabulary import (
    ALL_MODES,
    CLOSED,
    COSINE_FLOW,
    D_0,
    EXACT,
    IN_FRAMES,
    MODE,
    MODES,
    P_0,
    SCALARS,
    SQUARED_FLOW,
    START,
    VOCABULARY,
    W_0,
    WIDE,
    D,
    P,
    Phi_0,
    S,
    U,
    equal,
    in_frames,
    modes,
    velocity,
)

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

of_p, of_s = modes(P, S, N_Phi, N_Psi, N_x)


@reconstructed(
    "eq5",
    "equation",
    IN_FRAMES.sentence(
        And(
            equal(U.T * in_frames(W, CLOSED) * U, of_p),
            equal(U.T * in_frames(F, CLOSED) * U, of_s),
        ),
        given=WIDE,
    ),
    cite="Eq. (5)",
    note="all modes at once: row j is the equation of p_j, of s_j",
)
def eq5():
    yield Step("the velocity of the predictor", derive(Rate(W, CLOSED)))
    yield Step("the velocity of Phi Phi^T", derive(Rate(F, CLOSED)))


# --- the invariant parabola --------------------------------------------------------------

DEFECT = D * D - P * P
BEGIN = {P: P_0, D: D_0}


@reconstructed(
    "eq6",
    "equation",
    ALL_MODES.sentence(equal(Along(DEFECT, MODES, t, BEGIN), exp(-2 * rho * t) * (D_0 * D_0 - P_0 * P_0))),
    cite="Eq. (6)",
    note="of every mode, in row j: s_j(t) = p_j(t)^2 + c_j exp(-2 rho t) with c_j = s_j(0) - p_j(0)^2",
)
def eq6():
    yield Step("derivative of s - p^2 along (5)", derive(Rate(DEFECT, MODES), MODES.where))
    yield Step("so it falls like exp(-2 rho t)", derive(Along(DEFECT, MODES, t, BEGIN), MODES.where))


@chapter.claim(
    "eq6.darboux",
    "consequence",
    SCALARS.sentence(equal(Rate(s - p**2, MODE), -2 * rho * (s - p**2))),
    cite="behind Eq. (6)",
    source="new",
    note="the parabola s = p^2 is invariant, whatever the norms",
)
def darboux():
    yield Step("derivative of s - p^2 along the equation of a mode", derive(Rate(s - p**2, MODE)))


gap, share = F - W.T * W, Trace(F - W.T * W) / Trace(F)
APART = {h: 2, d: 2, W_0: [[1, 0], [0, 1]], Phi_0: [[2, 0], [0, 2]], rho: 1, sigma2: 0}


@reconstructed(
    "eq6.forget",
    "in-text",
    VOCABULARY.sentence(equal(Limit(Along(share, EXACT, t, START), t, oo), 0)),
    cite="below Eq. (6)",
    witness=APART,
    note="the defect vanishes, but at the rate of the weights themselves: relative to them the start is not forgotten",
)
def forget():
    yield Step(
        "the defect, relative to the weights, does not move in the exact flow", derive(Along(share, EXACT, t, START))
    )


@chapter.claim(
    "eq6.forget.fixed",
    "consequence",
    VOCABULARY.sentence(
        And(
            equal(Rate(gap, EXACT), -2 * rho * gap),
            equal(Rate(share, EXACT), 0),
        )
    ),
    cite="below Eq. (6)",
    corrects="eq6.forget",
    note="the distance to the parabola relative to the weights is constant in time",
)
def forget_fixed():
    yield Step("the defect as a matrix", derive(Rate(gap, EXACT)))
    yield Step("its trace, relative to the squared norm of the encoder", derive(Rate(share, EXACT)))


# --- Eq. (7) -----------------------------------------------------------------------------


@reconstructed(
    "eq7",
    "equation",
    SCALARS.sentence(
        And(
            equal(At(Rate(s - p**2, MODE), {s: p**2}), 0),
            equal(At(Rate(p, MODE), {s: p**2}), COSINE_FLOW.rhs[p]),
        )
    ),
    cite="Eq. (7)",
)
def eq7():
    yield Step("the parabola is invariant", derive(Rate(s - p**2, MODE)))
    yield Step("the equation of p there", derive(At(Rate(p, MODE), {s: p**2})))


@reconstructed(
    "sixth",
    "abstract",
    SCALARS.sentence(
        And(
            equal(Order(velocity(COSINE_FLOW), p, oo), 6),
            equal(Order(velocity(SQUARED_FLOW), p, oo), 3),
        )
    ),
    cite="Abstract",
    note="the degree of the right-hand sides of (7) and of (8), which are polynomials",
)
def sixth():
    yield Step("of the cosine loss", derive(Order(velocity(COSINE_FLOW), p, oo)))
    yield Step("of the squared loss", derive(Order(velocity(SQUARED_FLOW), p, oo)))


CLAIMS = chapter.claims
