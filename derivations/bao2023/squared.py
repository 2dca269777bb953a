"""Section 5.3: the dynamics of the squared loss, compared."""

from functools import partial

from sympy import And, Gt, Implies, Lt, oo

from symssl.claims import Chapter, Step
from symssl.language import (
    At,
    External,
    Gradient,
    Named,
    Object,
    Order,
    Rate,
    Stability,
    VectorField,
    Vocabulary,
)
from symssl.statements import derive

from .model import F, N_Phi, N_Psi, N_x, Phi, V, W, mu, p, rho, sigma2, y
from .vocabulary import (
    COSINE_FLOW,
    IN_FRAMES,
    SCALARS,
    SQUARED,
    SQUARED_FLOW,
    WIDE,
    P,
    S,
    U,
    a,
    different,
    equal,
    gain,
    in_frames,
    number,
    q,
    rho_1,
    velocity,
)

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

of_p = S - (1 + sigma2) * P * S - rho * P
of_s = 2 * P * S - 2 * (1 + sigma2) * P * P * S - 2 * rho * S
PARABOLA = {W: U * P * U.T, Phi: U * P * V.T}  # S = P^2


@reconstructed(
    "eq8",
    "equation",
    IN_FRAMES.sentence(
        And(
            equal(U.T * in_frames(W, SQUARED) * U, of_p),
            equal(U.T * in_frames(F, SQUARED) * U, of_s),
            equal(U.T * At(Rate(W, SQUARED), PARABOLA) * U, P * P - (1 + sigma2) * P * P * P - rho * P),
        ),
        given=WIDE,
    ),
    cite="Eq. (8)",
    note="all modes at once: those of p_j and s_j, and, where s_j = p_j^2, that of p_j alone, which is (8)",
)
def eq8():
    yield Step("the velocity of the predictor", derive(Rate(W, SQUARED)))
    yield Step("the velocity of Phi Phi^T", derive(Rate(F, SQUARED)))


# --- collapse and bifurcation ------------------------------------------------------------

HIGHEST = gain / 4


@reconstructed(
    "L2.thr",
    "in-text",
    SCALARS.sentence(
        And(
            Implies(Gt(rho, HIGHEST), equal(number(SQUARED_FLOW, q > 0), 0)),
            Implies(Lt(rho, HIGHEST), equal(number(SQUARED_FLOW, q > 0, kind="stable"), 1)),
            Stability(SQUARED_FLOW, {p: 0}, "stable"),
        )
    ),
    cite="Sec. 5.3",
    note="at equality the double root attracts from above",
)
def threshold():
    yield Step("positive equilibria above the threshold", derive(number(SQUARED_FLOW, q > 0), [Gt(rho, HIGHEST)]))
    yield Step("stable ones below it", derive(number(SQUARED_FLOW, q > 0, kind="stable"), [Lt(rho, HIGHEST)]))


reconstructed(
    "L2.nobif",
    "in-text",
    SCALARS.sentence(equal(number(SQUARED_FLOW), number(SQUARED_FLOW.xreplace({rho: rho_1})))),
    cite="Sec. 5.3",
    note="no two equilibria of (8) meet as the decay varies",
)

FOLD = {p: gain / 2, rho: HIGHEST}
slope = Gradient(velocity(SQUARED_FLOW), p)


@chapter.claim(
    "L2.nobif.fixed",
    "consequence",
    SCALARS.sentence(
        And(
            equal(At(velocity(SQUARED_FLOW), FOLD), 0),
            equal(At(slope, FOLD), 0),
            different(At(Gradient(slope, p), FOLD), 0),
            different(At(Gradient(velocity(SQUARED_FLOW), rho), FOLD), 0),
        )
    ),
    cite="Sec. 5.3",
    corrects="L2.nobif",
    note="a nondegenerate fold in the decay; what (8) lacks is the dependence on the three norms, which drift in time",
)
def fold():
    yield Step("the velocity at the fold", derive(At(velocity(SQUARED_FLOW), FOLD)))
    yield Step("its slope there", derive(At(slope, FOLD)))
    yield Step("its second derivative", derive(At(Gradient(slope, p), FOLD)))
    yield Step("how the velocity there changes with the decay", derive(At(Gradient(velocity(SQUARED_FLOW), rho), FOLD)))


# --- what the cosine loss has besides ----------------------------------------------------


QUOTIENT = At(velocity(COSINE_FLOW), {p: a * p}) / velocity(SQUARED_FLOW)


@reconstructed(
    "noreduce",
    "in-text",
    SCALARS.sentence(equal(Order(QUOTIENT, p, oo), 3)),
    cite="Sec. 5.3",
    note="in no unit of the eigenvalue is (7) a multiple of (8), the norms held constant: the quotient grows like p^3",
)
def noreduce():
    yield Step(
        "the quotient of the velocities",
        derive(Order(At(velocity(COSINE_FLOW), {p: a * p}) / velocity(SQUARED_FLOW), p, oo)),
    )


CUBIC = VectorField({p: gain * (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2) - rho * p})
BARE = y**2 - y**3 - mu * y
TRUNCATED = Vocabulary(
    SCALARS,
    Object(y, "the eigenvalue in another unit"),
    Object(mu, "the decay in another unit"),
    Named(CUBIC, "the equation (7) without its term of degree six"),
)
UNIT = N_Psi / (N_Phi * N_x)  # of the eigenvalue
SPEED = gain * UNIT / (N_Phi * N_Psi)


@chapter.claim(
    "noreduce.truncated",
    "consequence",
    TRUNCATED.sentence(
        And(
            equal(At(velocity(CUBIC), {p: UNIT * y, rho: SPEED * mu}), UNIT * SPEED * BARE),
            equal(At(velocity(SQUARED_FLOW), {p: gain * y, rho: gain * mu}), gain**2 * BARE),
        ),
        given=Gt(N_x, 0),
    ),
    cite="Sec. 5.3",
    source="new",
    note="without its p^6 term, and for N_x > 0, (7) is (8) in other units of the eigenvalue, the decay and time",
)
def truncated():
    yield Step("of the cosine loss", derive(At(velocity(CUBIC), {p: UNIT * y, rho: SPEED * mu})))
    yield Step("of the squared loss", derive(At(velocity(SQUARED_FLOW), {p: gain * y, rho: gain * mu})))


reconstructed(
    "L2exp",
    "in-text",
    SCALARS.sentence(
        External(
            "training runs of deep networks",
            "BYOL and SimSiam collapse immediately with the squared loss.",
        )
    ),
    cite="Sec. 3",
    note="the linear model does not collapse for a decay below the threshold of L2.thr",
)

CLAIMS = chapter.claims
