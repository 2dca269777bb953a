"""Section 5: the loss without negatives, L = - sum_i u(x_i)^T u(x_i^+)."""

from sympy import (
    And,
    Equivalent,
    Ge,
    Gt,
    Implies,
    Lt,
    Symbol,
    Trace,
    ZeroMatrix,
    eye,
)

from symssl import (
    inner,
    sq,
    total,
)
from symssl.claims import Chapter, Step
from symssl.language import (
    At,
    Eigenvalue,
    Eigenvector,
    Exists,
    ForAll,
    Gradient,
    Let,
    Rate,
    Vocabulary,
)
from symssl.statements import (
    derive,
    negative_somewhere,
)

from .model import (
    m,
    n,
    z,
)
from .vocabulary import (
    ALIGNED,
    ALIGNED_LOSS,
    KERNEL_ALIGNED,
    LINEAR_ALIGNED,
    NAMES,
    VOCABULARY,
    WITH_PAIRS,
    C,
    Ct,
    Outputs,
    Psi,
    Psip,
    Theta,
    Theta_0,
    ThetaPsi,
    ThetaPsi_0,
    X,
    Xp,
    aligned,
    chained,
    collapse,
    collapses,
    d,
    different,
    e_l,
    equal,
    i,
    j,
    psi,
    pull,
    theta,
    u,
    x,
    xprime,
)


def evolution(weights, dynamics, point, anchors, positives):
    """The velocity of an output, for inputs or for their features."""
    return equal(
        Rate(inner(e_l, weights * point), dynamics),
        total(
            inner(point, anchors[i]) * inner(e_l, weights * positives[i])
            + inner(point, positives[i]) * inner(e_l, weights * anchors[i]),
            i,
        ),
    )


L = Symbol("L", real=True)
LOSS = Vocabulary(NAMES, Let(L, ALIGNED_LOSS, "the non-contrastive loss"))
loss = aligned(Theta, X, Xp)
WITH_NEGATIVE = Vocabulary(
    NAMES,
    Let(Ct, -total(X[i] * Xp[i].T, i), "the matrix of the positive pairs, with the sign of the loss"),
    Let(C, (Ct + Ct.T) / 2, "its symmetric part"),
)


# --- the loss and its gradient -----------------------------------------------------------

chapter = Chapter("esser2023")

chapter.claim(
    "eq12",
    "definition",
    LOSS.sentence(equal(L, total(-u(X[i], Outputs[j]) * u(Xp[i], Outputs[j]), i, j))),
    cite="Eq. (12)",
)


@chapter.claim(
    "sec5.grad",
    "in-text",
    VOCABULARY.sentence(
        And(
            equal(
                Gradient(ALIGNED_LOSS, theta),
                -total(
                    u(X[i], Outputs[j]) * Gradient(u(Xp[i], Outputs[j]), theta)
                    + u(Xp[i], Outputs[j]) * Gradient(u(X[i], Outputs[j]), theta),
                    i,
                    j,
                ),
            ),
            chained(ALIGNED),
            equal(
                Rate(u(x, e_l), ALIGNED),
                total(
                    pull(X[i], Outputs[j]) * u(Xp[i], Outputs[j]) + pull(Xp[i], Outputs[j]) * u(X[i], Outputs[j]), i, j
                ),
            ),
            evolution(Theta, LINEAR_ALIGNED, x, X, Xp),
        )
    ),
    cite="Sec. 5 text",
)
def gradient():
    yield Step("the gradient of the loss, through every output", derive(Gradient(ALIGNED_LOSS, theta)))
    yield Step("the velocity of an output, by the chain rule", derive(Rate(u(x, e_l), ALIGNED)))
    yield Step("the velocity of an output of the linear model", derive(Rate(inner(e_l, Theta * x), LINEAR_ALIGNED)))


@chapter.claim(
    "sec5.grad.linear",
    "consequence",
    VOCABULARY.sentence(
        And(evolution(Theta, LINEAR_ALIGNED, x, X, Xp), evolution(ThetaPsi, KERNEL_ALIGNED, psi, Psi, Psip))
    ),
    cite="not in the paper",
    source="new",
)
def linear_outputs():
    for weights, point, dynamics in ((Theta, x, LINEAR_ALIGNED), (ThetaPsi, psi, KERNEL_ALIGNED)):
        yield Step("the gradient flow of the weights", derive(Rate(weights, dynamics)))
        yield Step("the velocity of the l-th output", derive(Rate(inner(e_l, weights * point), dynamics)))


contrast = Chapter("esser2023")

contrast.claim(
    "sec5.C",
    "in-text",
    WITH_PAIRS.sentence(equal(loss, Trace(Theta * Ct * Theta.T))),
    cite="Sec. 5 text",
    note="the sign",
)

contrast.claim(
    "sec5.C.fixed",
    "consequence",
    WITH_NEGATIVE.sentence(And(equal(loss, Trace(Theta * Ct * Theta.T)), equal(loss, Trace(Theta * C * Theta.T)))),
    cite="not in the paper",
    corrects="sec5.C",
)


# --- collapse ----------------------------------------------------------------------------

BOTH = [[1, 0], [0, 1]]  # two pairs that do not differ, along two directions
TWO_PAIRS = {n: 2, d: 2, m: 2, z: 2, "x": BOTH, "x^+": BOTH, "psi": BOTH, "psi^+": BOTH}

collapsing = Chapter("esser2023")


@collapsing.claim(
    "sec5.collapse",
    "in-text",
    VOCABULARY.sentence(
        And(
            evolution(Theta, LINEAR_ALIGNED, x, X, Xp),
            evolution(ThetaPsi, KERNEL_ALIGNED, psi, Psi, Psip),
            collapses(Theta, LINEAR_ALIGNED, Theta_0),
            collapses(ThetaPsi, KERNEL_ALIGNED, ThetaPsi_0),
        )
    ),
    cite="Sec. 5 text",
    witness=TWO_PAIRS | {e_l: [[1], [0]], Theta: eye(2), ThetaPsi: eye(2), x: [[1], [0]], psi: [[1], [0]]},
    note="two directions with one eigenvalue grow alike, and the outputs keep both",
)
def evolution_of_outputs():
    for weights, point, dynamics in ((Theta, x, LINEAR_ALIGNED), (ThetaPsi, psi, KERNEL_ALIGNED)):
        yield Step("the velocity of the l-th output", derive(Rate(inner(e_l, weights * point), dynamics)))


SIMPLE = WITH_PAIRS.sentence(
    collapse(Theta, LINEAR_ALIGNED, Theta_0),
    given=(
        Ge(d, 2),
        Lt(Eigenvalue(C, d - 1), Eigenvalue(C, d)),
        different(sq(Theta_0 * Eigenvector(C, d)), 0),
    ),
)


@collapsing.claim(
    "sec5.collapse.simple",
    "consequence",
    SIMPLE,
    cite="not in the paper",
    corrects="sec5.collapse",
    note="a simple largest eigenvalue of C, and a start with a component along it",
)
def simple_collapse():
    yield Step("the flow is linear, Theta' = 2 Theta C", derive(Rate(Theta, LINEAR_ALIGNED)))


# --- the trivial solution ----------------------------------------------------------------

trivial = Chapter("esser2023")
constant = ForAll((x, xprime), equal(Theta * x, Theta * xprime))
below_zero = Exists(Theta_0, Lt(At(loss, {Theta: Theta_0}), At(loss, {Theta: ZeroMatrix(z, d)})))

trivial.claim(
    "sec5.trivial",
    "in-text",
    VOCABULARY.sentence(And(Implies(constant, equal(Theta, ZeroMatrix(z, d))), below_zero)),
    cite="Sec. 5 text",
    witness={n: 1, d: 1, z: 1, "x": [[1]], "x^+": [[-1]], Theta: [[0]]},
    note="zero is the only constant map; but it is optimal for a positive pair x+ = -x, which additive noise allows. "
    "Left open: that the loss can have a constant minimiser for arbitrary functions, since of which is not said",
)

ALIGNED_PAIRS = WITH_PAIRS.sentence(Equivalent(below_zero, Gt(Eigenvalue(C, d), 0)))


@trivial.claim(
    "sec5.trivial.fixed",
    "consequence",
    ALIGNED_PAIRS,
    cite="not in the paper",
    corrects="sec5.trivial",
    note="zero is not optimal exactly where C has a positive eigenvalue: so, where the pairs are aligned in the sum",
)
def trivial_fixed():
    yield Step(
        "the loss is a quadratic form, negative where its least eigenvalue is",
        negative_somewhere(below_zero, exactly_where=ALIGNED_PAIRS.expand(Gt(Eigenvalue(C, d), 0))),
    )


CLAIMS = (*chapter.claims, *collapsing.claims, *contrast.claims, *trivial.claims)
