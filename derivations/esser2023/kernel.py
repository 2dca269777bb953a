"""Section 2: regression and the contrastive loss for linear and kernel models; collapse."""

from sympy import (
    Dict,
    Eq,
    Integer,
    Matrix,
    MatrixSymbol,
    Symbol,
    Tuple,
    exp,
    eye,
    factor,
    limit,
    log,
    oo,
    sqrt,
    symbols,
    zeros,
)

from symssl import E, Orthonormal, cosine, expect, gaussians, gradient_flow, inner, sq, total
from symssl.claims import Model, Step, cited, identity, refuted_at, stipulated

from .model import (
    CONTRASTIVE,
    LABELS,
    LINEAR,
    LINEAR_REGRESSION,
    REGRESSION,
    Any,
    Loss,
    Psi,
    Psim,
    Psip,
    Theta,
    ThetaPsi,
    X,
    Xm,
    Xp,
    Y,
    at,
    cited_steps,
    contrastive,
    d,
    definition_steps,
    e,
    esser,
    flow,
    h,
    i,
    m,
    new,
    psi,
    slope,
    t,
    u,
    x,
    z,
)

xp, xm = MatrixSymbol("x'", d, 1), MatrixSymbol("x-", d, 1)
psip = MatrixSymbol("psi'", m, 1)
frame = MatrixSymbol("E", z, 2)  # two unit vectors of outputs, orthonormal
FIRST, SECOND = Matrix([1, 0]), Matrix([0, 1])
overlap, share, alone, beside = symbols("overlap share alone beside", real=True)
w, v = gaussians("w v", h)
Hidden = MatrixSymbol("W_1", h, d)
A, r = MatrixSymbol("A", Symbol("r", integer=True, positive=True), z), Symbol("r", integer=True, positive=True)
rate_1, rate_2 = symbols("rate_1 rate_2", real=True)
lambda_1 = Symbol("lambda_1", real=True)
gap_ = Symbol("g", positive=True)  # between the eigenvalues of C
START = Matrix(2, 2, symbols("a b c_0 f", positive=True))

# small data for the counterexamples
E1, E2, E3 = (eye(3)[:, k] for k in range(3))
SMALL = MatrixSymbol("Theta", 2, 3)
FLAT = Model(
    "contrastive loss, one triple in R^3: x = x- = e_3, x+ = 0",
    inner(SMALL * E3, SMALL * E3 - SMALL * zeros(3, 1)),
    (SMALL,),
)
PLANE = MatrixSymbol("Theta", 2, 2)
SIMPLE = Model(
    "contrastive loss with C = diag(lambda_1, lambda_1 + g)",
    lambda_1 * sq(PLANE * FIRST) + (lambda_1 + gap_) * sq(PLANE * SECOND),
    (PLANE,),
)
LINE = MatrixSymbol("Theta", 2, 1)
ONE, MINUS = Matrix([1]), Matrix([-1])
INFONCE_LINE = Model(
    "InfoNCE, one negative, x = x+ = 1, x- = -1",
    log(exp(inner(LINE * ONE, LINE * ONE)) + exp(inner(LINE * ONE, LINE * MINUS))) - inner(LINE * ONE, LINE * ONE),
    (LINE,),
)
INFONCE = Model(
    "InfoNCE, one negative, linear model",
    log(exp(inner(Theta * x, Theta * xp)) + exp(inner(Theta * x, Theta * xm))) - inner(Theta * x, Theta * xp),
    (Theta,),
)
COSINE = Model("cosine loss, one pair, linear model", -cosine(SMALL * (E1 + E2), SMALL * E1), (SMALL,))
SPECTRAL = Model(
    "spectral contrastive loss, linear model",
    total(inner(Theta * X[i], Theta * Xm[i]) ** 2 - 2 * inner(Theta * X[i], Theta * Xp[i]), i),
    (Theta,),
)
PROJECTED = Model(
    "contrastive loss behind a fixed projector",
    total(inner(A * Theta * X[i], A * Theta * (Xm[i] - Xp[i])), i),
    (Theta,),
)
WIDE = MatrixSymbol("Theta", 4, 1)
PROJECTOR = Matrix([[1, 0, 0, 0], [0, 2, 0, 0]])
PROJECTED_LINE = Model(
    "contrastive loss behind diag(1, 2), x = x+ = 1, x- = 0",
    inner(PROJECTOR * WIDE * ONE, PROJECTOR * WIDE * (zeros(1, 1) - ONE)),
    (WIDE,),
)


# --- steps -------------------------------------------------------------------------------


def gradient_steps(model):
    """The gradient of the loss, by the chain rule through every output."""
    yield Step("gradient of the loss", -flow(model).rhs[Any])


def output_steps(model):
    yield Step("gradient flow of the parameters", flow(model).rhs)
    yield Step("velocity of the first output at x, by the chain rule", flow(model).lie(u(1, "x")))


def linear_output_steps(model):
    yield Step("gradient flow of the parameters", flow(model).rhs)
    yield Step("velocity of the l-th output at x", flow(model).lie(inner(e, Theta * x)))


def kernel_output_steps(model):
    """The kernel machine is the linear model in the features psi."""
    yield from linear_output_steps(model)
    loss = model.loss.xreplace({Theta: ThetaPsi, X[i]: Psi[i], Xp[i]: Psip[i], Xm[i]: Psim[i]})
    machine = gradient_flow(loss, ThetaPsi)
    yield Step("the same in the features of a kernel, k(x, x') = <psi, psi'>", machine.rhs)
    yield Step(
        "velocities of the l-th output, linear model and kernel machine",
        Tuple(flow(model).lie(inner(e, Theta * x)), machine.lie(inner(e, ThetaPsi * psi))),
    )


def output_slope(weights, output, point):
    """Gradient of the output <output, weights point>."""
    return -gradient_flow(inner(output, weights * point), weights).rhs[weights]


def lemma1_steps(model):
    first, second = frame * FIRST, frame * SECOND
    rows = [
        (output_slope(weights, first, a), output_slope(weights, first, b), output_slope(weights, second, b))
        for weights, a, b in ((Theta, x, xp), (ThetaPsi, psi, psip))
    ]
    yield Step(
        "gradients of the outputs l and j at two points, linear model and kernel machine",
        Tuple(*(Tuple(*row) for row in rows)),
    )
    yield Step(
        "their inner products, l = j and l != j",
        Tuple(*(product for a, b, c in rows for product in (inner(a, b), inner(a, c)))),
    )


def hidden_moments():
    """Inner products of gradients in W_1 of u_j = w_j^T W_1 x/sqrt(h), Gaussian w_j."""
    one, same, other = (output_slope(Hidden, a / sqrt(h), b) for a, b in ((w, x), (w, xp), (v, xp)))
    return (expect(E(inner(one, same))), expect(E(inner(one, other))), expect(E(inner(one, other) ** 2)))


def hidden_steps(model):
    yield Step(
        "two linear layers in the scaling of the neural tangent kernel: mean and second moment",
        Tuple(*hidden_moments()),
    )
    same = limit(at(hidden_moments()[0], {x: FIRST, xp: FIRST}), h, oo)
    yield Step("l = j, at x = x' of length one, as h grows", Dict({overlap: same}))


def hidden_kernel_steps(model):
    yield Step("l = j: mean; l != j: mean and mean square", Tuple(*hidden_moments()))


def generator(model):
    """The matrix A of a linear flow Theta' = Theta A, from the velocity at unit rows."""
    (weights,) = model.weights
    rows, size = weights.shape
    basis = [Matrix(rows, size, lambda a, b, k=k: int(a == 0 and b == k)) for k in range(size)]
    return Matrix.vstack(*(at(flow(model).rhs[weights], {weights: unit})[0, :] for unit in basis))


def second_share(model, start):
    """det(U U^T)/tr(U U^T)^2 along the flow of two outputs: zero exactly where they are dependent.

    A scalar factor cancels, so the flow is taken relative to its first mode."""
    A = generator(model)
    now = start * ((A - A[0, 0] * eye(A.shape[0])) * t).exp()
    gram = now * now.T
    return factor(gram.det()) / gram.trace() ** 2


def collapse_steps(model):
    yield Step("the flow is linear: Theta' = Theta A", generator(model))
    start = Matrix([[1, 0, 1], [0, 1, 1]])
    found = second_share(model, start)
    yield Step("Theta(t) for rows (1, 0, 1), (0, 1, 1): share of the second dimension", found)
    yield Step("its limit; Theta itself converges", Dict({share: limit(found, t, oo)}))


def simple_collapse_steps(model):
    yield Step("the flow is linear: Theta' = Theta A", generator(model))
    found = second_share(model, START)
    yield Step("share of the second dimension, any positive start", found)
    yield Step("its limit", limit(found, t, oo))


def rank_steps(model):
    """Theta(t) = Theta(0) exp(A t) with an invertible exponential: the rank never changes."""
    yield Step("the flow is linear: Theta' = Theta A", generator(model))
    yield Step("determinant of exp(A t)", (generator(model) * t).exp().det())


def infonce_steps(model):
    velocity = flow(model).rhs[LINE]
    yield Step("gradient flow", velocity)
    yield Step(
        "velocity of the first output, the second at 0 and at 1",
        Dict({alone: at(velocity, {LINE: Matrix([1, 0])})[0], beside: at(velocity, {LINE: Matrix([1, 1])})[0]}),
    )


def cosine_steps(model):
    velocity = flow(model).rhs[SMALL]
    yield Step("gradient flow", velocity)
    alone_, beside_ = (at(velocity, {SMALL: Matrix([[1, 0, 0], [0, second, 0]])})[0, 1] for second in (1, 2))
    yield Step(
        "velocity of the first output at e_2, with the second output at e_2 equal to 1 and to 2", Tuple(alone_, beside_)
    )


def weight_steps(model):
    yield Step("gradient flow", flow(model).rhs[Theta])


def projector_steps(model):
    velocity = flow(model).rhs[WIDE]
    start = PROJECTOR.pinv() * Matrix([1, 1])
    rates = PROJECTOR * at(velocity, {WIDE: start})
    yield Step("gradient flow", velocity)
    yield Step("velocities of the outputs where both are one", Dict({rate_1: rates[0], rate_2: rates[1]}))


def projected_steps(model):
    yield Step("gradient flow", flow(model).rhs[Theta])
    yield Step("velocity of the map A Theta", flow(model).lie(A * Theta))


# --- the statements ----------------------------------------------------------------------

KS = (1, 2)
eq2 = -sum(inner(slope(1, "x"), slope(j, f"x_{k}")) * (u(j, f"x_{k}") - LABELS[k, j]) for k in KS for j in KS)
gradient = -sum(
    (
        u(j, f"x_{k}") * slope(j, f"x+_{k}")
        + u(j, f"x+_{k}") * slope(j, f"x_{k}")
        - u(j, f"x_{k}") * slope(j, f"x-_{k}")
        - u(j, f"x-_{k}") * slope(j, f"x_{k}")
        for k in KS
        for j in KS
    ),
    0 * slope(1, "x"),
)
eq3 = sum(
    inner(slope(1, "x"), slope(j, f"x_{k}")) * u(j, f"x+_{k}")
    + inner(slope(1, "x"), slope(j, f"x+_{k}")) * u(j, f"x_{k}")
    - inner(slope(1, "x"), slope(j, f"x_{k}")) * u(j, f"x-_{k}")
    - inner(slope(1, "x"), slope(j, f"x-_{k}")) * u(j, f"x_{k}")
    for k in KS
    for j in KS
)
remark1 = -total(inner(x, X[i]) * (inner(e, Theta * X[i]) - inner(e, Y[i])), i)


def printed_outputs(Theta, x, X, Xp, Xm):
    """Prop. 1 with the inner products of the linear model, or of the features of a kernel."""
    return total(
        inner(x, X[i]) * (inner(e, Theta * Xp[i]) - inner(e, Theta * Xm[i]))
        + (inner(x, Xp[i]) - inner(x, Xm[i])) * inner(e, Theta * X[i]),
        i,
    )


spectral = total(
    2 * inner(x, X[i]) * inner(e, Theta * Xp[i])
    + 2 * inner(x, Xp[i]) * inner(e, Theta * X[i])
    - 2
    * inner(Theta * X[i], Theta * Xm[i])
    * (inner(x, X[i]) * inner(e, Theta * Xm[i]) + inner(x, Xm[i]) * inner(e, Theta * X[i])),
    i,
)
odds = exp(inner(Theta * x, Theta * xm)) / (exp(inner(Theta * x, Theta * xm)) + exp(inner(Theta * x, Theta * xp)))
shared = odds * Theta * (x * (xp - xm).T + (xp - xm) * x.T)
Ct = total(X[i] * (Xm[i] - Xp[i]).T, i)
TWO = "two samples and two outputs; samples and outputs enter as a sum of equal terms"

CLAIMS = (
    esser(
        "eq1",
        "definition",
        Eq(Loss, contrastive(Theta, X, Xp, Xm)),
        definition_steps,
        stipulated(),
        "Eq. (1)",
        note="for the linear model; for any differentiable u in the claims on Eq. (3)",
    ),
    esser(
        "eq2",
        "equation",
        eq2,
        output_steps,
        identity(),
        "Eq. (2)",
        model=REGRESSION,
        note=TWO,
        statement_latex=r"\dot u_l(x) = -\sum_{i}\sum_{j} \langle\nabla u_l(x), \nabla u_j(x_i)\rangle (u_j(x_i) - "
        r"y_{i,j})",
        sizes="two samples and two outputs: both enter as sums of equal terms",
    ),
    esser(
        "lem1.linear",
        "lemma",
        Tuple(inner(x, xp), 0, inner(psi, psip), 0),
        lemma1_steps,
        identity(),
        "Lemma 1",
        given=(Orthonormal(frame),),
        note="l = j and l != j, linear model and kernel machine; no width enters",
        statement_latex=r"\langle\nabla_\Theta u_l(x), \nabla_\Theta u_j(x')\rangle = \delta_{lj}\,x^{\top}x', "
        r"\text{ or } \delta_{lj}\,k(x, x')",
    ),
    esser(
        "lem1.proof",
        "proof",
        Eq(overlap, 0),
        hidden_steps,
        refuted_at(),
        "App. A.1",
        note="the proof treats another model than the lemma, which holds (lem1.linear), and its hidden layer does "
        "move: "
        "for l = j the inner product tends to x^T x', not to zero",
        statement_latex=r"\langle\nabla_{W_1} u_l(x), \nabla_{W_1} u_j(x')\rangle \to 0 \text{ for all } l, j \quad "
        r"(h \to \infty)",
    ),
    new(
        "lem1.proof.kernel",
        Tuple(inner(x, xp), 0, inner(x, xp) ** 2 / h),
        hidden_kernel_steps,
        identity(),
        corrects="lem1.proof",
        note="u_j = w_j^T W_1 x/sqrt(h): what vanishes, in mean square, is l != j",
        statement_latex=r"E\langle\nabla_{W_1} u_l, \nabla_{W_1} u_l'\rangle = x^{\top}x', \quad "
        r"E\langle\nabla_{W_1} u_l, \nabla_{W_1} u_j'\rangle = 0, \quad "
        r"E\langle\nabla_{W_1} u_l, \nabla_{W_1} u_j'\rangle^{2} = (x^{\top}x')^{2}/h",
    ),
    esser(
        "lem1.ntk",
        "remark",
        Eq(Symbol("k", real=True), Symbol("NTK", real=True)),
        cited_steps,
        cited("Jacot et al. 2018 and Liu et al. 2020, cited by the paper"),
        "below Lemma 1",
        statement_latex=r"\text{Lemma 1 holds with the neural tangent kernel at and after initialisation}",
    ),
    esser("rem1", "remark", remark1, linear_output_steps, identity(), "Remark 1", model=LINEAR_REGRESSION),
    esser(
        "gradL",
        "in-text",
        gradient,
        gradient_steps,
        identity(),
        "Sec. 2.2 text",
        model=CONTRASTIVE,
        note=TWO,
        statement_latex=r"\nabla\mathcal L = -\sum_{i}\sum_{j} \bigl[u_j(x_i)\nabla u_j(x_i^{+}) + "
        r"u_j(x_i^{+})\nabla u_j(x_i)"
        r" - u_j(x_i)\nabla u_j(x_i^{-}) - u_j(x_i^{-})\nabla u_j(x_i)\bigr]",
        sizes="two samples and two outputs: both enter as sums of equal terms",
    ),
    esser(
        "eq3",
        "equation",
        eq3,
        output_steps,
        identity(),
        "Eq. (3)",
        model=CONTRASTIVE,
        note=TWO,
        statement_latex=r"\dot u_l(x) = \sum_{i}\sum_{j} \langle\nabla u_l(x), \nabla u_j(x_i)\rangle (u_j(x_i^{+}) "
        r"- u_j(x_i^{-}))"
        r" + \langle\nabla u_l(x), \nabla u_j(x_i^{+}) - \nabla u_j(x_i^{-})\rangle u_j(x_i)",
        sizes="two samples and two outputs: both enter as sums of equal terms",
    ),
    esser(
        "prop1.ode",
        "proposition",
        Tuple(printed_outputs(Theta, x, X, Xp, Xm), printed_outputs(ThetaPsi, psi, Psi, Psip, Psim)),
        kernel_output_steps,
        identity(),
        "Prop. 1",
        model=LINEAR,
    ),
    esser(
        "prop1.collapse",
        "proposition",
        Eq(share, 0),
        collapse_steps,
        refuted_at(),
        "Prop. 1",
        model=FLAT,
        note="C = diag(0, 0, 1): Theta converges, to a matrix of rank two; equal dynamics from different starts",
        statement_latex=r"\lim_{t\to\infty} \det(U U^{\top})/\operatorname{tr}(U U^{\top})^{2} = 0, \quad U = "
        r"\Theta(t)",
    ),
    new(
        "prop1.collapse.simple",
        Integer(0),
        simple_collapse_steps,
        identity(),
        corrects="prop1.collapse",
        model=SIMPLE,
        note="a simple lowest eigenvalue of C and a start with a component along it: two outputs, two inputs; then "
        "the normalised output becomes one-dimensional",
        statement_latex=r"\lambda_1 < \lambda_2 \implies \lim_{t\to\infty} \det(U U^{\top})/\operatorname{tr}(U "
        r"U^{\top})^{2} = 0",
        sizes="two outputs and two inputs: further ones decay alike",
    ),
    new(
        "prop1.collapse.rank",
        exp(-2 * t * (2 * lambda_1 + gap_)),
        rank_steps,
        identity(),
        model=SIMPLE,
        note="never zero: the rank of Theta(t) is that of Theta(0) at every finite time",
        statement_latex=r"\Theta(t) = \Theta(0)e^{-2Ct}, \quad \det e^{-2Ct} = e^{-2t\operatorname{tr}C} > 0",
    ),
    esser(
        "prop1.wide",
        "remark",
        Eq(Symbol("k", real=True), Symbol("NTK", real=True)),
        cited_steps,
        cited("the constancy of the neural tangent kernel, cited by the paper for supervised losses"),
        "below Prop. 1",
        statement_latex=r"\text{Prop. 1 holds for wide networks}",
    ),
    esser(
        "rem2.infonce",
        "remark",
        Eq(alone, beside),
        infonce_steps,
        refuted_at(),
        "Remark 2",
        model=INFONCE_LINE,
        note="the softmax weight is a function of all outputs: the velocity of the first depends on the second",
        statement_latex=r"\text{InfoNCE: } \dot u_1 \text{ does not depend on } u_2",
    ),
    new(
        "rem2.infonce.shared",
        shared,
        weight_steps,
        identity(),
        corrects="rem2.infonce",
        model=INFONCE,
        note="the outputs obey one linear equation with a common weight, through which they are coupled",
        statement_latex=r"\dot\Theta = \omega\,\Theta\bigl(x(x^{+} - x^{-})^{\top} + (x^{+} - x^{-})x^{\top}\bigr), "
        r"\quad "
        r"\omega = e^{u^{\top}u^{-}}/(e^{u^{\top}u^{-}} + e^{u^{\top}u^{+}})",
    ),
    new(
        "rem2.cosine",
        Tuple(sqrt(2) / 4, 4 * sqrt(5) / 25),
        cosine_steps,
        identity(),
        model=COSINE,
        note="nor does the cosine loss decouple: the velocity of the first output at two values of the second",
        statement_latex=r"x = e_1 + e_2, \; x^{+} = e_1: \quad \dot\Theta_{12} = \tfrac{\sqrt 2}{4} \text{ at } u(x) "
        r"= (1, 1), \quad "
        r"\dot\Theta_{12} = \tfrac{4\sqrt 5}{25} \text{ at } u(x) = (1, 2)",
    ),
    esser(
        "rem2.spectral",
        "remark",
        spectral,
        linear_output_steps,
        identity(),
        "Remark 2",
        model=SPECTRAL,
        note="the factor u(x_i)^T u(x_i^-) is a sum over all outputs",
        statement_latex=r"\dot u_l(x) = \sum_i 2 x^{\top}x_i u_l(x_i^{+}) + 2 x^{\top}x_i^{+} u_l(x_i) - "
        r"2\,u(x_i)^{\top}u(x_i^{-})"
        r"\bigl(x^{\top}x_i u_l(x_i^{-}) + x^{\top}x_i^{-} u_l(x_i)\bigr)",
    ),
    esser(
        "rem3",
        "remark",
        Eq(rate_1, rate_2),
        projector_steps,
        refuted_at(),
        "Remark 3",
        model=PROJECTED_LINE,
        note="A = diag(1, 2) with zero columns: where both outputs are one, the second moves four times as fast",
        statement_latex=r"u_1 = u_2 \implies \dot u_1 = \dot u_2 \text{ for } u = A\Theta x",
    ),
    new(
        "rem3.general",
        -A * A.T * A * Theta * (Ct + Ct.T),
        projected_steps,
        identity(),
        corrects="rem3",
        model=PROJECTED,
        note="identical dynamics exactly where A A^T is a multiple of I",
        statement_latex=r"\tfrac{d}{dt}(A\Theta) = -2 A A^{\top}(A\Theta) C",
    ),
)
