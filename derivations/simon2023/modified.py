"""Appendix G: preconditioned gradients, sharpened and smoothed losses, and the figures of deep networks."""

from sympy import And, Equivalent, Gt, Identity, Implies, Lt, MatrixSymbol, Rational, Trace, sqrt, symbols

from symssl import Diagonal, Orthonormal, Symmetric, norm, potential, sq
from symssl.claims import Chapter, Step
from symssl.language import (
    At,
    External,
    Gradient,
    GradientDescent,
    GradientFlow,
    Let,
    Limit,
    Named,
    Next,
    Object,
    Rate,
    VectorField,
)
from symssl.statements import derive

from .vocabulary import (
    POSITIVE,
    SUPERVISED_ONE,
    VALLEY,
    C,
    d,
    epsilon,
    eta,
    n,
    positive,
    rate,
    s,
    same,
    sbar,
    vocabulary,
    w,
)

chapter = Chapter("simon2023")

# --- G.1: gradients by the embeddings ------------------------------------------------------

F, F_theta = MatrixSymbol("F", 2 * n, d), MatrixSymbol("F_theta", 2 * n, d)
ANY_LOSS = potential("L", F)
MOVING = VectorField({F: F_theta})
EMBEDDINGS = vocabulary(
    Object(ANY_LOSS, "any loss of the embeddings"),
    Object(F, "the embeddings of a batch, one a row"),
    Object(F_theta, "their derivative by a parameter"),
    Named(MOVING, "embeddings that move with a parameter"),
)


@chapter.claim(
    "G1.chain",
    "in-text",
    EMBEDDINGS.sentence(same(Rate(ANY_LOSS, MOVING), Trace(F_theta.T * Gradient(ANY_LOSS, F)))),
    cite="App. G.1",
    note="for one parameter; any loss of F",
)
def chain_rule():
    yield Step("the derivative of the loss where the embeddings move with F_theta", derive(Rate(ANY_LOSS, MOVING)))


alpha, excess = symbols("alpha Delta", positive=True)
variance = symbols("v", nonnegative=True)
G, V, A, N = (MatrixSymbol(name, *shape) for name, shape in zip("GVAN", ((2 * n, d), (d, d), (d, d), (d, d))))
PRECONDITIONED = vocabulary(
    Object(alpha, "the regularisation, positive"),
    Object(variance, "the variance along a principal direction"),
    Object(excess, "what another direction has more"),
    Object(G, "the gradient by the embeddings"),
    Object(V, "the principal directions of the embeddings, as columns", Orthonormal(V)),
    Object(A, "their variances plus alpha, on the diagonal", Diagonal(A)),
    Let(N, V * A * V.T, "F^T F + alpha I"),
)

chapter.claim(
    "eq52",
    "equation",
    PRECONDITIONED.sentence(
        And(same(G * N**-1 * V, G * V * A**-1), Gt(1 / (variance + alpha), 1 / (variance + excess + alpha))),
        positive(A),
    ),
    cite="Eq. (52)",
    note="along a principal direction of variance v the gradient is multiplied by 1/(v + alpha), which falls with v: "
    "suppressed and boosted relative to each other",
)

chapter.claim(
    "eq52.absolute",
    "consequence",
    PRECONDITIONED.sentence(Equivalent(Gt(1 / (variance + alpha), 1), Lt(variance, 1 - alpha))),
    cite="Eq. (52)",
    source="new",
    note="in absolute size nothing is boosted where alpha >= 1; the learning rate makes up for it",
)

# --- G.2: a kink at zero -------------------------------------------------------------------

sharpened = MatrixSymbol("G", d, d)
ANY_C = vocabulary(
    Object(C, "the cross-correlation matrix", Symmetric(C)),
    Object(sharpened, "g(C), symmetric", Symmetric(sharpened)),
)
LOSS_OF_G = At(sq(C - Identity(d)), {C: sharpened})

chapter.claim(
    "G2.Lsharp",
    "in-text",
    ANY_C.sentence(same(LOSS_OF_G, norm(sharpened - Identity(d)))),
    cite="App. G.2",
    note="the loss (1) of g(C) is meant, and the square is missing: as printed it is no sum of the modewise losses of "
    "Figure 9",
)

chapter.claim(
    "G2.Lsharp.fixed",
    "consequence",
    ANY_C.sentence(same(LOSS_OF_G, sq(sharpened - Identity(d)))),
    cite="App. G.2",
    corrects="G2.Lsharp",
)

q_1, q_2 = symbols("q_1 q_2", real=True)
q = symbols("q", positive=True)
others = symbols("R", nonnegative=True)
SHARP = GradientFlow((1 - sqrt(rate) * s) ** 2, s)
ROOTS = vocabulary(
    *(entry for entry in POSITIVE.entries if entry.name not in ("C", "G")),
    Object(q_1, "the root of an eigenvalue of C"),
    Object(q_2, "the root of another eigenvalue of C"),
    Object(others, "what the other modes add under the root of the norm"),
    Named(SHARP, "the gradient flow of one mode of the squared norm, with the root for g"),
)
TOGETHER = sqrt((1 - q_1) ** 2 + (1 - q_2) ** 2)

chapter.claim(
    "G2.Lsharp.coupled",
    "consequence",
    ROOTS.sentence(
        same(
            Gradient(Gradient(TOGETHER, q_1), q_2),
            -(1 - q_1) * (1 - q_2) / ((1 - q_1) ** 2 + (1 - q_2) ** 2) ** Rational(3, 2),
        ),
        (q_1 < 1, q_2 < 1),
    ),
    cite="App. G.2",
    source="new",
    note="with the norm as printed the modes are coupled: the mixed derivative is not zero",
)

FORCE = Limit(-Gradient(sqrt((1 - q) ** 2 + others), q), q, 0, "+")

chapter.claim(
    "G2.kink",
    "in-text",
    ROOTS.sentence(And(same(FORCE, 1 / sqrt(1 + others)), Gt(FORCE, 0))),
    cite="App. G.2",
    note="norm as printed; R is the sum of (1 - q_k)^2 over the other modes, at most d - 1 while 0 <= q_k <= 1",
)

chapter.claim(
    "G2.kink.squared",
    "consequence",
    ROOTS.sentence(same(Limit(-Gradient((1 - q) ** 2, q), q, 0, "+"), 2)),
    cite="App. G.2",
    source="new",
)

ROOT = sqrt(rate) * s  # the root of the eigenvalue gamma s^2 of C
COEFFICIENT = sqrt(rate) * w


@chapter.claim(
    "G2.fig8D",
    "in-text",
    ROOTS.sentence(
        And(
            same(Rate(ROOT, SHARP), 2 * rate * (1 - ROOT)),
            same(Rate(COEFFICIENT, SUPERVISED_ONE), 2 * rate * (1 - COEFFICIENT)),
        )
    ),
    cite="App. G.2",
    note="norm squared: the root of the eigenvalue obeys the equation of Figure 8D, with no time of escape",
)
def same_equation():
    yield Step("the velocity of the root", derive(Rate(ROOT, SHARP)))
    yield Step("the velocity of the supervised coefficient", derive(Rate(COEFFICIENT, SUPERVISED_ONE)))


@chapter.claim(
    "G2.fig8D.eigenvalue",
    "consequence",
    ROOTS.sentence(same(Rate(rate * s**2, SHARP), 4 * rate * (sqrt(rate * s**2) - rate * s**2))),
    cite="App. G.2",
    source="new",
    note="the eigenvalue itself starts with no velocity, and leaves zero at once all the same",
)
def eigenvalue_velocity():
    yield Step("the velocity of the eigenvalue", derive(Rate(rate * s**2, SHARP)))


# --- G.3: flatter minima -------------------------------------------------------------------

s_1, s_2 = symbols("s_1 s_2", real=True)
TWO_MODES = GradientDescent((1 - s_1**2) ** 2 + (1 - Rational(1, 10**6) * s_2**2) ** 2, (s_1, s_2), step=eta)
MULTIPLIER = At(Gradient(Next(s_1, TWO_MODES), s_1), {s_1: 1})
STEPS = vocabulary(
    *(entry for entry in POSITIVE.entries if entry.name not in ("C", "G")),
    Object(s_1, "the first singular value"),
    Object(s_2, "the second singular value"),
    Named(TWO_MODES, "gradient descent on the loss of two modes"),
)


@chapter.claim(
    "eta14",
    "in-text",
    STEPS.sentence(Equivalent(Gt(MULTIPLIER**2, 1), Gt(eta, Rational(1, 4)))),
    cite="App. G.3",
    note="the slope of a step at the minimum exceeds one in size",
)
def eta14():
    yield Step("the slope of a step at s_1 = 1", derive(MULTIPLIER))


def multiplier(loss):
    """The slope of a step of gradient descent on a loss of sbar at its minimum 1, with gamma = 1."""
    return At(Gradient(Next(sbar, GradientDescent(loss, sbar, step=eta)), sbar), {sbar: 1})


LEFT = multiplier(VALLEY)  # where lambda = sbar^2 < 1
RIGHT = multiplier((1 - (1 + epsilon * (1 - sbar**2))) ** 2)  # where lambda > 1
EDGE = (1 + epsilon**2) / (8 * epsilon**2)


def slopes():
    yield Step("the slope of a step left of the minimum", derive(LEFT))
    yield Step("the slope of a step right of the minimum", derive(RIGHT))


@chapter.claim(
    "gsmooth",
    "in-text",
    STEPS.sentence(
        And(
            same(LEFT, 1 - 8 * eta),
            same(RIGHT, 1 - 8 * eta * epsilon**2),
            Gt(EDGE, Rational(1, 4)),
            Implies(And(Gt(eta, Rational(1, 4)), Lt(eta, EDGE)), And(Lt(LEFT * RIGHT, 1), Lt(RIGHT, 1))),
        ),
        epsilon < 1,
    ),
    cite="App. G.3",
    note="norm squared, gamma = 1, g = min(lambda, 1 + epsilon (1 - lambda)): a step from the left lands on the right; "
    "from there errors shrink, or come back multiplied by the product of both slopes",
)
def gsmooth():
    yield from slopes()


@chapter.claim(
    "gsmooth.flat",
    "consequence",
    STEPS.sentence(And(same(LEFT, 1 - 8 * eta), same(At(RIGHT, {epsilon: 0}), 1))),
    cite="App. G.3",
    source="new",
    note="epsilon = 0 is g = min(lambda, 1): what overshoots stays where it lands, at every learning rate",
)
def gsmooth_flat():
    yield from slopes()


chapter.claim(
    "gsmooth.unsquared",
    "consequence",
    STEPS.sentence(
        And(
            same(Limit(Gradient(1 - sbar**2, sbar), sbar, 1, "-"), -2),
            same(Limit(Gradient(epsilon * (sbar**2 - 1), sbar), sbar, 1, "+"), 2 * epsilon),
        )
    ),
    cite="App. G.3",
    source="new",
    note="norm as printed, one mode: the slopes of |g - 1| do not vanish at the minimum: no rate is stable there",
)


def curvature(loss, at):
    return At(Gradient(Gradient(loss, sbar), sbar), {sbar: at})


chapter.claim(
    "quartic",
    "in-text",
    STEPS.sentence(And(*(same(curvature((1 - sbar**2) ** 4, at), 0) for at in (1, -1)))),
    cite="App. G.3",
)

chapter.claim(
    "fig9",
    "figure",
    STEPS.sentence(
        And(
            same(curvature(VALLEY, 1), 8),
            same(Limit(Gradient((1 - q) ** 2, q), q, 0, "+"), -2),
            same(curvature((epsilon * (1 - sbar**2)) ** 2, 1), 8 * epsilon**2),
            same(curvature((1 - sbar**2) ** 4, 1), 0),
        )
    ),
    cite="Figure 9",
    note="modewise losses with the norm squared: (A) curvature at the minimum, (B) slope at 0+, (C) curvature on the "
    "right, that on the left is of (A), (D) curvature",
)

chapter.claim(
    "fig2-5,7,tab1-2",
    "figure",
    STEPS.sentence(
        External(
            "Figures 2-5, 7, Tables 1, 2",
            "Deep networks trained on images with the losses of Barlow Twins, SimCLR and VICReg learn their embeddings "
            "in steps, more so from small weights, and the subspaces they find are aligned with those of the theory.",
        )
    ),
    cite="Figures 2-5, 7, Tables 1, 2",
)

CLAIMS = chapter.claims
