"""Section 5: the loss without negatives, L = - sum_i u(x_i)^T u(x_i^+)."""

from sympy import Dict, Eq, Identity, Integer, Lt, Matrix, MatrixSymbol, Trace, Tuple, limit, oo, symbols

from symssl import contraction_minimum, expect, inner, total
from symssl.claims import Model, Step, identity, refuted_at, stipulated

from .kernel import FIRST, PLANE, SECOND, generator, second_share, share, simple_collapse_steps
from .model import (
    ALIGNED,
    LINEAR_ALIGNED,
    Any,
    Loss,
    Theta,
    X,
    Xp,
    at,
    d,
    definition_steps,
    e,
    esser,
    flow,
    i,
    new,
    slope,
    t,
    u,
    x,
)

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


# --- steps -------------------------------------------------------------------------------


def gradient_steps(model):
    """Any differentiable u, and the linear model."""
    linear = LINEAR_ALIGNED
    yield Step("gradient of the loss", -flow(model).rhs[Any])
    yield Step("velocity of the first output at x", flow(model).lie(u(1, "x")))
    yield Step(
        "gradient, velocity of an output, and velocity of an output of the linear model",
        Tuple(-flow(model).rhs[Any], flow(model).lie(u(1, "x")), flow(linear).lie(inner(e, Theta * x))),
    )


def velocity_steps(model):
    yield Step("gradient flow of the parameters", flow(model).rhs)
    yield Step("velocity of the l-th output at x", flow(model).lie(inner(e, Theta * x)))


def collapse_steps(model):
    yield Step("the flow is linear: Theta' = Theta A", generator(model))
    found = second_share(model, Matrix([[1, 0], [1, 1]]))
    yield Step("Theta(t) for rows (1, 0), (1, 1): share of the second dimension", found)
    yield Step("its limit", Dict({share: limit(found, t, oo)}))


def loss_steps(model):
    yield Step("the loss", model.loss)


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


# --- the statements ----------------------------------------------------------------------

KS = (1, 2)
gradient = -sum(
    (u(j, f"x_{k}") * slope(j, f"x+_{k}") + u(j, f"x+_{k}") * slope(j, f"x_{k}") for k in KS for j in KS),
    0 * slope(1, "x"),
)
velocity = sum(
    inner(slope(1, "x"), slope(j, f"x_{k}")) * u(j, f"x+_{k}")
    + inner(slope(1, "x"), slope(j, f"x+_{k}")) * u(j, f"x_{k}")
    for k in KS
    for j in KS
)
linear_velocity = total(inner(x, X[i]) * inner(e, Theta * Xp[i]) + inner(x, Xp[i]) * inner(e, Theta * X[i]), i)

CLAIMS = (
    esser(
        "eq12",
        "definition",
        Eq(Loss, -total(inner(Theta * X[i], Theta * Xp[i]), i)),
        definition_steps,
        stipulated(),
        "Eq. (12)",
        note="for the linear model",
    ),
    esser(
        "sec5.grad",
        "in-text",
        Tuple(gradient, velocity, linear_velocity),
        gradient_steps,
        identity(),
        "Sec. 5 text",
        model=ALIGNED,
        note="two samples and two outputs for the general model; any number for the linear one",
        statement_latex=r"\nabla\mathcal L = -\sum_{i,j} \bigl[u_j(x_i)\nabla u_j(x_i^{+}) + u_j(x_i^{+})\nabla "
        r"u_j(x_i)\bigr], \quad "
        r"\dot u_l(x) = \sum_i x^{\top}x_i\,u_l(x_i^{+}) + x^{\top}x_i^{+}\,u_l(x_i)",
        sizes="two samples and two outputs: both enter as sums of equal terms",
    ),
    new(
        "sec5.grad.linear",
        linear_velocity,
        velocity_steps,
        identity(),
        model=LINEAR_ALIGNED,
        statement_latex=r"\dot u_l(x) = \sum_i x^{\top}x_i\,u_l(x_i^{+}) + x^{\top}x_i^{+}\,u_l(x_i)",
    ),
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
    esser(
        "sec5.C",
        "in-text",
        Trace(Theta * total(X[i] * Xp[i].T, i) * Theta.T),
        loss_steps,
        identity(),
        "Sec. 5 text",
        model=LINEAR_ALIGNED,
        note="the sign",
        statement_latex=r"\mathcal L = \operatorname{Tr}(\Theta\tilde C\Theta^{\top}), \quad \tilde C = \sum_i "
        r"x_i(x_i^{+})^{\top}",
    ),
    new(
        "sec5.C.fixed",
        -Trace(Theta * total(X[i] * Xp[i].T, i) * Theta.T),
        loss_steps,
        identity(),
        corrects="sec5.C",
        model=LINEAR_ALIGNED,
        statement_latex=r"\tilde C = -\sum_i x_i(x_i^{+})^{\top}",
    ),
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
        model=LINEAR_ALIGNED,
        note="zero is not optimal where the pairs are aligned in the sum, sum_i x_i^T x_i^+ > 0",
        statement_latex=r"\mathcal L(I) = -\textstyle\sum_i x_i^{\top}x_i^{+} < 0 = \mathcal L(0)",
    ),
)
