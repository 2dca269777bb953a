"""Section 5: the loss without negatives, L = - sum_i u(x_i)^T u(x_i^+)."""

from sympy import And, Dict, Eq, Identity, Integer, Lt, Matrix, MatrixSymbol, Symbol, Trace, limit, oo, symbols

from symssl import contraction_minimum, expect, inner, total
from symssl.claims import Chapter, Model, Step, identity, refuted_at
from symssl.language import Gradient, Let, Rate, Vocabulary
from symssl.statements import derive

from .kernel import FIRST, PLANE, SECOND, generator, second_share, share, simple_collapse_steps
from .model import LINEAR_ALIGNED as ALIGNED_MODEL, at, esser, flow, new
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
    ThetaPsi,
    X,
    Xp,
    aligned,
    chained,
    d,
    e_l,
    equal,
    i,
    j,
    psi,
    pull,
    t,
    theta,
    u,
    x,
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


# --- collapse and the trivial solution ----------------------------------------------------

BOTH = Model(
    "non-contrastive loss, two pairs x = x+ = e_1, e_2",
    -inner(PLANE * FIRST, PLANE * FIRST) - inner(PLANE * SECOND, PLANE * SECOND),
    (PLANE,),
)
a_1, a_2 = symbols("alpha_1 delta_12", positive=True)
APART = Model(
    "non-contrastive loss with sum x_i x_i^+T = diag(alpha_1 + delta_12, alpha_1)",
    -(a_1 + a_2) * inner(PLANE * FIRST, PLANE * FIRST) - a_1 * inner(PLANE * SECOND, PLANE * SECOND),
    (PLANE,),
)
LINE = MatrixSymbol("Theta", 1, 1)
ONE = Matrix([1])
OPPOSITE = Model("non-contrastive loss, one pair x = 1, x+ = -1", -inner(LINE * ONE, LINE * (-ONE)), (LINE,))
SQUARE = MatrixSymbol("Theta", d, d)
least, zero_value = symbols("minimum value_at_zero", real=True)


def collapse_steps(model):
    yield Step("the flow is linear: Theta' = Theta A", generator(model))
    found = second_share(model, Matrix([[1, 0], [1, 1]]))
    yield Step("Theta(t) for rows (1, 0), (1, 1): share of the second dimension", found)
    yield Step("its limit", Dict({share: limit(found, t, oo)}))


def trivial_steps(model):
    curvature = -flow(model).rhs[LINE]
    matrix = at(curvature, {LINE: ONE}) / 2
    best = contraction_minimum(matrix, 1)
    yield Step("the matrix of the quadratic form", matrix)
    yield Step(
        "minimum over |Theta| <= 1, and the value at zero",
        Dict({least: best.value, zero_value: at(model.loss, {LINE: 0 * ONE})}),
    )


def identity_steps(model):
    """A map with a negative loss: Theta = I."""
    yield Step(
        "loss at Theta = I, as many outputs as inputs",
        expect(model.loss.xreplace({Theta: SQUARE}).xreplace({SQUARE: Identity(d)})),
    )


COLLAPSE = (
    esser(
        "sec5.collapse",
        "in-text",
        Eq(share, 0),
        collapse_steps,
        refuted_at(),
        "Sec. 5 text",
        model=BOTH,
        note="two directions with one eigenvalue grow alike: the outputs stay two-dimensional",
        statement_latex=r"\lim_{t\to\infty} \det(UU^{\top})/\operatorname{tr}(UU^{\top})^{2} = 0, \quad U = \Theta(t)",
    ),
    new(
        "sec5.collapse.simple",
        Integer(0),
        simple_collapse_steps,
        identity(),
        corrects="sec5.collapse",
        model=APART,
        note="a simple largest eigenvalue of the sum of x_i x_i^+T and a start with a component along it",
        statement_latex=r"\alpha_1 > \alpha_2 \implies \lim_{t\to\infty} "
        r"\det(UU^{\top})/\operatorname{tr}(UU^{\top})^{2} = 0",
        sizes="two outputs and two inputs: further ones fall behind alike",
    ),
)
TRIVIAL = (
    esser(
        "sec5.trivial",
        "in-text",
        Lt(least, zero_value),
        trivial_steps,
        refuted_at(),
        "Sec. 5 text",
        model=OPPOSITE,
        note="a positive pair x+ = -x, which additive noise allows: the loss is Theta^2, and zero is optimal",
        statement_latex=r"\min_{\lVert\Theta\rVert \le 1} \mathcal L(\Theta) < \mathcal L(0)",
    ),
    new(
        "sec5.trivial.fixed",
        -total(inner(X[i], Xp[i]), i),
        identity_steps,
        identity(),
        corrects="sec5.trivial",
        model=ALIGNED_MODEL,
        note="zero is not optimal where the pairs are aligned in the sum, sum_i x_i^T x_i^+ > 0",
        statement_latex=r"\mathcal L(I) = -\textstyle\sum_i x_i^{\top}x_i^{+} < 0 = \mathcal L(0)",
    ),
)

CLAIMS = (*chapter.claims, *COLLAPSE, *contrast.claims, *TRIVIAL)
