"""Section 4.1: layers with orthonormal columns; the flow of the outputs q, Theorems 2 and 3, Conjecture 2.

q = [u(v_1), ..., u(v_d)]^T for the eigenvectors v_j of C = V Lambda V^T; the flow of a layer is
the projected one that is printed, W' = -(I - W W^T) grad L.
"""

from functools import lru_cache

from sympy import (
    And,
    Contains,
    Equivalent,
    FiniteSet,
    Ge,
    Gt,
    Identity,
    Implies,
    Inverse,
    Le,
    Lt,
    MatMul,
    Matrix,
    MatrixSymbol,
    Ne,
    Or,
    Trace,
    ZeroMatrix,
    diag,
    eye,
    factor,
    oo,
    symbols,
)

from symssl import (
    Diagonal,
    E,
    Flow,
    Grassmann,
    Orthonormal,
    Symmetric,
    inner,
    norm,
    potential,
    sq,
    total,
)
from symssl.claims import Chapter, Model, Step
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    ForAll,
    GradientFlow,
    Growth,
    Limit,
    Object,
    Optimum,
    Rate,
    Stability,
    VectorField,
    unit,
)
from symssl.matrix import MatrixFlow
from symssl.statements import (
    ball_kept,
    derive,
    falls_in_ball,
    generic,
    reduced,
    span_found,
)

from .model import (
    W1,
    W2,
    C,
    Lambda,
    M,
    V,
    at,
    d,
    h,
    n,
    output_flow,
    q,
    t,
    z,
)
from .vocabulary import (
    BRACKET,
    K2,
    K3,
    NETWORK,
    OUTPUTS,
    W1_0,
    Wl,
    q_0,
)
from .vocabulary_dynamics import (
    ACROSS,
    DATA,
    DEFECT,
    EQUATION,
    FORM,
    FRAMES,
    K2_0,
    LAYERS,
    LEFT,
    LINE,
    MOMENTS,
    ONE_NETWORK,
    ONE_OUTPUT,
    OUTER,
    PAIR,
    PRODUCT,
    PROJECTED,
    Q1,
    Q2,
    S_0,
    SPECTRAL,
    VECTOR,
    WIDE,
    B,
    Cbar,
    P,
    Phi,
    Sigma,
    Wl_0,
    e_1,
    epsilon,
    j,
    k,
    lambda_1,
    last,
    last_0,
    orthonormal,
    outputs,
    product,
    same,
    spectral,
    value,
    vector,
    vector_0,
    vocabulary,
    x,
    xm,
)

# --- the layers --------------------------------------------------------------------------

chapter = Chapter("esser2023")
LOSS = Trace(NETWORK[2] * C * NETWORK[2].T)
QUARTER = Matrix([[0, -1], [1, 0]])
ANY_LOSS = GradientFlow(potential("f", K2), K2, geometry={K2: Grassmann()})
UNSPECIFIED = vocabulary(Object(potential("f", K2), "any loss of the layer"))


def theorem_2(layers):
    """Eq. (8) for so many layers."""
    return same(Rate(outputs(layers), PROJECTED[layers]), At(MatMul(-2, BRACKET), {q: outputs(layers)}))


def deepened(layers, *weights):
    """The derivation for so many layers, where C = V Lambda V^T."""
    flow = PROJECTED[layers].xreplace({C: V * Lambda * V.T})
    yield Step(
        "the outputs move as every layer does: by minus the part of its gradient that is orthogonal to its columns",
        derive(Rate(outputs(layers), flow), orthonormal(*weights)),
    )


# the least loss of three layers stands for that of every number of layers
DEEP_LOSS = Trace(NETWORK[3] * C * NETWORK[3].T)

chapter.claim(
    "def1",
    "definition",
    LAYERS.sentence(same(value, Optimum(DEEP_LOSS, (Wl, K2, W1), orthonormal(Wl, K2, W1))), WIDE),
    cite="Def. 1",
    note="orthonormal columns need h >= d and h >= z",
)

chapter.claim(
    "grassmann",
    "proof",
    LAYERS.sentence(
        And(same(At(LOSS, {W1: W1 * Q1}), LOSS), same(At(LOSS, {W2: W2 * Q2}), LOSS)),
        (*orthonormal(W1, W2), *WIDE),
    ),
    cite="Sec. 4, App. A.5",
    witness={W1: eye(2), W2: Matrix([1, 0]), Q1: QUARTER, Q2: eye(1), C: diag(-1, 1)},
    note="the loss is no function of the subspace spanned by W_1, and a square layer has one subspace only: there the "
    "printed flow stands still",
)

chapter.claim(
    "grassmann.last",
    "consequence",
    LAYERS.sentence(same(At(LOSS, {W2: W2 * Q2}), LOSS), (*orthonormal(W1, W2), *WIDE)),
    cite="not in the paper",
    corrects="grassmann",
    note="in the last layer the loss does depend on the subspace alone",
)

MISSING = PRODUCT.sentence(
    And(
        same(Rate(W1, FRAMES) - Rate(W1, PROJECTED[2]), -2 * W1 * (M.T * M * C - C * M.T * M)),
        same(Rate(W2, FRAMES), Rate(W2, PROJECTED[2])),
    ),
    (*orthonormal(W1, W2), *WIDE),
)


@chapter.claim(
    "grassmann.missing",
    "consequence",
    MISSING,
    cite="not in the paper",
    source="new",
    note="the gradient flow under W_1^T W_1 = I turns W_1 within its span; the printed one does not",
)
def grassmann_missing():
    yield Step("gradient flow on frames with the canonical metric: first layer", derive(Rate(W1, FRAMES)))
    yield Step("gradient flow on frames with the canonical metric: second layer", derive(Rate(W2, FRAMES)))
    yield Step("projected flow: first layer", derive(Rate(W1, PROJECTED[2])))
    yield Step("projected flow: second layer", derive(Rate(W2, PROJECTED[2])))


@chapter.claim(
    "thm2",
    "theorem",
    SPECTRAL.sentence(
        And(theorem_2(2), theorem_2(3), theorem_2(4)),
        (*orthonormal(W1, W2, K2, K3, Wl), *WIDE),
    ),
    cite="Theorem 2, Eq. (8)",
    note="decided for two, three and four layers, and for the projected flow that is printed; left open: more layers. "
    "Every square layer in the middle stands still (thm2.frozen)",
)
def thm2():
    yield from deepened(2, W1, W2)
    yield from deepened(3, W1, K2, Wl)
    yield from deepened(4, W1, K2, K3, Wl)


@chapter.claim(
    "thm2.two",
    "consequence",
    SPECTRAL.sentence(theorem_2(2), (*orthonormal(W1, W2), *WIDE)),
    cite="not in the paper",
    source="new",
    note="two layers",
)
def thm2_two():
    yield from deepened(2, W1, W2)


@chapter.claim(
    "thm2.four",
    "consequence",
    SPECTRAL.sentence(theorem_2(4), (*orthonormal(W1, K2, K3, Wl), *WIDE)),
    cite="not in the paper",
    source="new",
    note="four layers; every further square layer stands still, so that their product is one orthogonal matrix",
)
def thm2_four():
    yield from deepened(4, W1, K2, K3, Wl)


@chapter.claim(
    "thm2.frozen",
    "consequence",
    UNSPECIFIED.sentence(same(Rate(K2, ANY_LOSS), ZeroMatrix(h, h)), Orthonormal(K2)),
    cite="not in the paper",
    source="new",
    note="for any loss: the layers in the middle are not trained at all",
)
def thm2_frozen():
    yield Step(
        "minus the part of the gradient that is orthogonal to the columns: nothing is, where there are h of them",
        derive(Rate(K2, ANY_LOSS)),
    )


STARTS = {Wl: Wl_0, K2: K2_0, W1: W1_0}


def stays(layer):
    """A layer of three keeps orthonormal columns."""
    return same(Along(layer.T * layer, PROJECTED[3], t, STARTS), Identity(layer.shape[1]))


@chapter.claim(
    "thm2.constraint",
    "proof",
    LAYERS.sentence(And(*map(stays, (W1, K2, Wl))), (*orthonormal(*STARTS.values()), *WIDE)),
    cite="App. A.5",
    note="three layers, the first and the last tall, the second square",
)
def thm2_constraint():
    for layer in (W1, K2, Wl):
        yield Step(
            f"the velocities are tangent to the orthonormal layers, so that {layer.name} stays one",
            derive(Along(layer.T * layer, PROJECTED[3], t, STARTS), orthonormal(*STARTS.values())),
        )


# --- Eq. (8) -----------------------------------------------------------------------------

LARGEST = Along(spectral(q), OUTPUTS, t, {q: q_0})


@chapter.claim(
    "thm2.ball",
    "in-text",
    EQUATION.sentence(
        And(
            Implies(Le(spectral(q_0), 1), Le(LARGEST, 1)),
            Implies(Lt(spectral(q_0), 1), Lt(LARGEST, 1)),
        )
    ),
    cite="App. A.6",
    note="I - q^T q moves by a congruence (thm2.ball.congruence), which keeps it positive semidefinite, or definite",
)
def thm2_ball():
    for inside in (False, True):
        yield Step(
            "derivative of I - q^T q: a congruence with the generator 4 q^T Lambda q",
            ball_kept(LARGEST, 4 * FORM, (Diagonal(Lambda),), inside=inside),
        )


CONGRUENCE = VectorField({Phi: 4 * B * Phi})


@chapter.claim(
    "thm2.ball.congruence",
    "consequence",
    EQUATION.sentence(
        And(
            same(Rate(DEFECT, OUTPUTS), 4 * (DEFECT * FORM + FORM * DEFECT)),
            same(Rate(Phi * S_0 * Phi.T, CONGRUENCE), 4 * (B * Phi * S_0 * Phi.T + Phi * S_0 * Phi.T * B)),
        )
    ),
    cite="not in the paper",
    source="new",
    note="I - q^T q moves as Phi S_0 Phi^T does where B = q^T Lambda q, so that it stays positive semidefinite",
)
def thm2_ball_congruence():
    yield Step("derivative of I - q^T q", derive(Rate(DEFECT, OUTPUTS)))
    yield Step("derivative of Phi S_0 Phi^T, where Phi' = 4 B Phi", derive(Rate(Phi * S_0 * Phi.T, CONGRUENCE)))


WIDTH = PRODUCT.sentence(
    same(Rate(M, PROJECTED[2]), -4 * M * C + 2 * M * C * M.T * M + 2 * M * M.T * M * C),
    (*orthonormal(W1, W2), *WIDE),
)


@chapter.claim(
    "width",
    "abstract",
    WIDTH,
    cite="Abstract",
    note="the width does not occur; h >= d and h >= z are needed for the constraints to hold",
)
def width():
    yield Step("the product of the layers moves as they do", derive(WIDTH.expand(Rate(M, PROJECTED[2]))))


RICCATI = EQUATION.sentence(
    same(
        Rate(P, OUTPUTS),
        MatMul(-2, 2 * (Lambda * P + P * Lambda) - Lambda * P * P - P * P * Lambda - 2 * P * Lambda * P),
    )
)


@chapter.claim(
    "riccati",
    "in-text",
    RICCATI,
    cite="Sec. 4.1 text",
    note="closed and quadratic in P = q q^T; besides P Lambda P, as in a Riccati equation, it has Lambda P^2 and "
    "P^2 Lambda",
)
def riccati():
    yield Step("derivative of q q^T", derive(RICCATI.expand(Rate(P, OUTPUTS))))


# --- one output --------------------------------------------------------------------------


@chapter.claim(
    "eq9",
    "equation",
    VECTOR.sentence(same(Rate(vector, ONE_OUTPUT) / 2, MatMul(-1, LEFT, Lambda, vector) - ACROSS)),
    cite="Theorem 3, Eq. (9)",
)
def eq9():
    yield Step("Eq. (8) for z = 1", derive(Rate(vector, ONE_OUTPUT)))


@chapter.claim(
    "thm3.norm",
    "proof",
    VECTOR.sentence(
        And(
            same(Rate(sq(vector), ONE_OUTPUT), 2 * inner(vector, Rate(vector, ONE_OUTPUT))),
            same(Rate(sq(vector), ONE_OUTPUT), product(4, product(-1, LEFT, LINE) - inner(vector, ACROSS))),
            same(Rate(sq(vector), ONE_OUTPUT), product(-8, LEFT, LINE)),
        )
    ),
    cite="App. A.6",
)
def thm3_norm():
    yield Step("Eq. (8) for z = 1", derive(Rate(vector, ONE_OUTPUT)))
    yield Step("derivative of |q|^2", derive(Rate(sq(vector), ONE_OUTPUT)))


# v_1 is the first unit vector in these coordinates; an eigenvector has no sign
FIRST, START_FIRST = inner(e_1, vector), inner(e_1, vector_0)
ONE_START = {W1: W1_0, last: last_0}
ONE_ALONG = Along(V.T * W1.T * last, ONE_NETWORK, t, ONE_START)  # the outputs of two layers
BEGIN = V.T * W1_0.T * last_0
END = Limit(Along(vector, ONE_OUTPUT, t, {vector: vector_0}), t, oo)  # of Eq. (8) for z = 1
FIRST_IS_LEAST = same(inner(e_1, Lambda * e_1), lambda_1)
SIMPLE = same(Eigenvalue(Lambda - lambda_1 * Identity(d), kind="rank"), d - 1)
NEGATIVE = Lt(lambda_1, 0)
IN_BALL = Le(sq(vector_0), 1)
e_k = unit(k, d)
lambda_k = inner(e_k, Lambda * e_k)
RATIO = inner(e_k, vector) / FIRST
ENDS_AT_FIRST = Or(same(Limit(ONE_ALONG, t, oo), e_1), same(Limit(ONE_ALONG, t, oo), -e_1))
ENDS_AT_ZERO = same(Limit(ONE_ALONG, t, oo), ZeroMatrix(d, 1))


def from_almost_every_start(said):
    """For almost all orthonormal layers at time 0."""
    return ForAll((W1_0, last_0), said, orthonormal(W1_0, last_0), almost=True)


def from_layers(sentence, condition, *under):
    """Two layers with one output move as Eq. (8) for z = 1 says, from a start that is not exceptional."""
    layers, spectrum = orthonormal(W1_0, last_0), (Orthonormal(V), Diagonal(Lambda))
    yield Step(
        "the outputs of the layers obey Eq. (8)",
        reduced(sentence.expand(ONE_ALONG), ONE_OUTPUT, (*layers, *spectrum)),
    )
    yield Step(
        "almost every start is none of the exceptional ones",
        generic(condition, (W1_0, last_0), layers, (Orthonormal(V), *under)),
    )


@chapter.claim(
    "thm3.q1",
    "proof",
    VECTOR.sentence(
        And(
            same(Rate(FIRST, ONE_OUTPUT), inner(e_1, Rate(vector, ONE_OUTPUT))),
            same(
                Rate(FIRST, ONE_OUTPUT),
                product(2, product(-1, LEFT, inner(e_1, Lambda * vector)) - inner(e_1, ACROSS)),
            ),
            same(Rate(FIRST, ONE_OUTPUT), product(2, product(LEFT, -lambda_1) + LINE - lambda_1, FIRST)),
        ),
        FIRST_IS_LEAST,
    ),
    cite="App. A.6",
)
def thm3_q1():
    yield Step("derivative of the first coordinate", derive(Rate(FIRST, ONE_OUTPUT)))


chapter.claim(
    "thm3.case1",
    "theorem",
    VECTOR.sentence(from_almost_every_start(ENDS_AT_ZERO), (h >= d, Gt(Eigenvalue(Lambda, 1), 0))),
    cite="Theorem 3",
    witness={d: 2, h: 2, V: eye(2), Lambda: eye(2), W1_0: eye(2), last_0: Matrix([1, 0])},
    note="h = d is not excluded: then W_1 is orthogonal and |q| = 1 for ever, from every start",
)

CASE1 = VECTOR.sentence(from_almost_every_start(ENDS_AT_ZERO), (h > d, Gt(Eigenvalue(Lambda, 1), 0)))


@chapter.claim(
    "thm3.case1.fixed",
    "consequence",
    CASE1,
    cite="not in the paper",
    corrects="thm3.case1",
    note="|q(0)| < 1, which is true of almost every start where h > d",
)
def thm3_case1_fixed():
    yield from from_layers(CASE1, Lt(sq(BEGIN), 1, evaluate=False), h > d)


@chapter.claim(
    "thm3.case1.limit",
    "consequence",
    VECTOR.sentence(
        And(
            same(END, ZeroMatrix(d, 1)),
            Implies(
                And(Gt(sq(vector), 0), Lt(sq(vector), 1)),
                Lt(Rate(sq(vector), ONE_OUTPUT), 0),
            ),
        ),
        (Gt(Eigenvalue(Lambda, 1), 0), Lt(sq(vector_0), 1)),
    ),
    cite="not in the paper",
    source="new",
    note="from every start inside the ball, and the length falls on the way",
)
def thm3_case1_limit():
    yield Step("derivative of |q|^2", derive(Rate(sq(vector), ONE_OUTPUT)))


chapter.claim(
    "thm3.case2",
    "theorem",
    VECTOR.sentence(from_almost_every_start(ENDS_AT_FIRST), (h >= d, FIRST_IS_LEAST, NEGATIVE)),
    cite="Theorem 3",
    witness={d: 2, h: 2, V: eye(2), Lambda: -eye(2), W1_0: eye(2), last_0: Matrix([3, 4]) / 5},
    note="a repeated lowest eigenvalue has no v_1: every start keeps its direction",
)


@chapter.claim(
    "thm3.case2.sign",
    "consequence",
    VECTOR.sentence(
        same(END, -e_1),
        (FIRST_IS_LEAST, NEGATIVE, SIMPLE, IN_BALL, Lt(START_FIRST, 0)),
    ),
    cite="not in the paper",
    source="new",
    note="also -v_1 is a limit",
)
def thm3_case2_sign():
    yield Step("the first coordinate keeps its sign", derive(Rate(FIRST, ONE_OUTPUT)))


@chapter.claim(
    "thm3.case2.fixed",
    "consequence",
    VECTOR.sentence(
        And(
            Implies(Gt(START_FIRST, 0), same(END, e_1)),
            Implies(Lt(START_FIRST, 0), same(END, -e_1)),
        ),
        (FIRST_IS_LEAST, NEGATIVE, SIMPLE, IN_BALL),
    ),
    cite="not in the paper",
    corrects="thm3.case2",
    note="lambda_1 simple and negative: the limit is v_1 or -v_1 with the sign of q_1(0), which keeps its sign; the "
    "other coordinates die out relative to it (thm3.case2.attraction)",
)
def thm3_case2_fixed():
    yield Step("the first coordinate keeps its sign", derive(Rate(FIRST, ONE_OUTPUT)))


@chapter.claim(
    "thm3.case2.attraction",
    "consequence",
    VECTOR.sentence(
        And(
            same(Rate(RATIO, ONE_OUTPUT), -2 * (2 - sq(vector)) * (lambda_k - lambda_1) * RATIO),
            Implies(Le(sq(vector), 1), Le(Rate(RATIO**2, ONE_OUTPUT), -4 * (lambda_k - lambda_1) * RATIO**2)),
        ),
        (FIRST_IS_LEAST, Le(k, d), Ne(FIRST, 0)),
    ),
    cite="not in the paper",
    source="new",
    note="each other coordinate dies out relative to the first, at least at the rate 2 (lambda_k - lambda_1)",
)
def thm3_case2_attraction():
    yield Step("derivative of q_k/q_1", derive(Rate(RATIO, ONE_OUTPUT)))
    yield Step("derivative of its square", derive(Rate(RATIO**2, ONE_OUTPUT)))


chapter.claim(
    "thm3.missing",
    "theorem",
    DATA.sentence(Or(Gt(Eigenvalue(C, 1), 0), Lt(Eigenvalue(C, 1), 0))),
    cite="Theorem 3",
    note="a lowest eigenvalue zero is neither case; q then ends at a point of the kernel that depends on the start",
)

AT_REST = MatrixSymbol("p", d, 1)

chapter.claim(
    "thm3.missing.fixed",
    "consequence",
    VECTOR.sentence(
        And(
            same(Lambda * END, ZeroMatrix(d, 1)),
            ForAll(
                AT_REST,
                same(At(Rate(vector, ONE_OUTPUT), {vector: AT_REST}), ZeroMatrix(d, 1)),
                same(Lambda * AT_REST, ZeroMatrix(d, 1)),
            ),
        ),
        (same(Eigenvalue(Lambda, 1), 0), Lt(sq(vector_0), 1)),
    ),
    cite="not in the paper",
    corrects="thm3.missing",
    note="third case, lowest eigenvalue zero: q ends in the kernel of C, of which every vector is an equilibrium",
)

# what is seen in the figure, whose data are not degenerate: a simple least eigenvalue, almost every start
FIGURE3 = VECTOR.sentence(from_almost_every_start(ENDS_AT_FIRST), (h >= d, FIRST_IS_LEAST, NEGATIVE, SIMPLE))


@chapter.claim(
    "fig3",
    "figure",
    FIGURE3,
    cite="Figure 3 (right)",
    note="for a simple lowest eigenvalue, and but for the starts of esser2023.fig3.exception",
)
def fig3():
    yield from from_layers(FIGURE3, Ne(inner(e_1, BEGIN), 0, evaluate=False))


chapter.claim(
    "fig3.exception",
    "consequence",
    VECTOR.sentence(
        same(inner(e_1, END), 0),
        (FIRST_IS_LEAST, NEGATIVE, SIMPLE, IN_BALL, same(START_FIRST, 0)),
    ),
    cite="not in the paper",
    source="new",
    note="the starts that are left out keep to the other eigenvectors",
)


def rests(point, kind):
    return Stability(ONE_OUTPUT, {vector: point}, kind)


def rates(point):
    return Growth(ONE_OUTPUT, {vector: point})


chapter.claim(
    "fig3.fixed",
    "consequence",
    VECTOR.sentence(
        And(
            rests(e_1, "stable"),
            rests(-e_1, "stable"),
            rests(0 * e_1, "unstable"),
            Contains(8 * lambda_1, rates(e_1)),
            Contains(-4 * lambda_1, rates(0 * e_1)),
            ForAll(
                k,
                And(
                    rests(e_k, "unstable"),
                    rests(-e_k, "unstable"),
                    Contains(2 * (lambda_1 - lambda_k), rates(e_1)),
                    Contains(2 * (lambda_k - lambda_1), rates(e_k)),
                ),
                (Ge(k, 2), Le(k, d)),
            ),
        ),
        (FIRST_IS_LEAST, NEGATIVE, SIMPLE),
    ),
    cite="not in the paper",
    source="new",
    note="of the points that the figure shows only v_1 and -v_1 attract, and how fast deviations grow or die out",
)

# --- data in expectation -----------------------------------------------------------------

chapter.claim(
    "EC",
    "in-text",
    MOMENTS.sentence(
        And(
            same(n * E(PAIR), n * (E(x) * E(x).T - E(x * (x + epsilon).T))),
            same(n * E(PAIR), -n * E(x * x.T)),
        )
    ),
    cite="Sec. 4.1 text",
    note="E[x] E[x]^T vanishes for centred data only: E[C] is minus n times the covariance",
)


@chapter.claim(
    "EC.fixed",
    "consequence",
    MOMENTS.sentence(And(same(n * E(PAIR), n * (E(x) * E(x).T - E(x * x.T))), same(n * E(PAIR), -n * Sigma))),
    cite="not in the paper",
    corrects="EC",
)
def ec_fixed():
    yield Step("expectation of a pair", derive(E(PAIR)))
    yield Step("second moment of an anchor", derive(E(x * x.T)))


chapter.claim(
    "ECneg",
    "in-text",
    MOMENTS.sentence(Lt(Eigenvalue(Cbar, -1), 0)),
    cite="Sec. 4.1 text",
    note="semidefinite only: zero along a direction in which the data do not vary",
)

chapter.claim(
    "ECneg.fixed",
    "consequence",
    MOMENTS.sentence(
        And(
            Le(Eigenvalue(Cbar, -1), 0),
            Equivalent(Lt(Eigenvalue(Cbar, -1), 0), Gt(Eigenvalue(Sigma, 1), 0)),
        )
    ),
    cite="not in the paper",
    corrects="ECneg",
    note="negative semidefinite; definite where the covariance is",
)


# --- symbols -----------------------------------------------------------------------------

coordinates = symbols("q_1:4", real=True)
gap_1 = symbols("g_1", positive=True)
lam, s, s_0 = symbols("lambda s s_0", positive=True)
b = symbols("b", positive=True)  # q^T Lambda q where it is positive
norm_end, turning, first_end, second_end, kept = symbols("norm_end turning first_end second_end projection", real=True)
v = MatrixSymbol("v", d, 1)
F, T = MatrixSymbol("Q", d, k), MatrixSymbol("V_k", d, k)

# Sec. 4.1, data in expectation: x- an independent sample, x+ = x + epsilon
Theta = MatrixSymbol("Theta", d, d)
EXPECTED = Model(
    "expected contrastive loss, linear model", n * E(inner(Theta * x, Theta * xm - Theta * (x + epsilon))), (Theta,)
)


# --- Conjecture 2 ------------------------------------------------------------------------

l1, l2, l3 = lambdas = symbols("lambda_1:4", real=True)
THREE_TWO = OUTPUTS.subs({d: 3, z: 2}).xreplace({Lambda.subs(d, 3): diag(*lambdas).as_immutable()})
(state,) = THREE_TWO.states
CORNER = Matrix([[1, 0], [0, 1], [0, 0]])
NUMBERS = vocabulary(
    Object(state, "two outputs at three eigenvectors of C"),
    *(Object(number, f"eigenvalue {place} of C") for place, number in enumerate(lambdas, 1)),
)


SPAN = q * Inverse(q.T * q) * q.T  # the projector on the columns of q
TARGET = total(unit(j, d) * unit(j, d).T, (j, z))  # on v_1, ..., v_z
SPAN_END = Limit(Along(SPAN, OUTPUTS, t, {q: q_0}), t, oo)
LEAST = (  # the first z eigenvalues are the z least, and negative
    Le(z, d),
    same(total(inner(unit(j, d), Lambda * unit(j, d)), (j, z)), total(Eigenvalue(Lambda, j), (j, z))),
    Lt(Eigenvalue(Lambda, z), 0),
)

chapter.claim(
    "conj2",
    "conjecture",
    EQUATION.sentence(ForAll(q_0, same(SPAN_END, TARGET), Le(spectral(q_0), 1), almost=True), LEAST),
    cite="Conjecture 2",
    witness={d: 2, z: 1, Lambda: -eye(2), q_0: Matrix([1, 1]) / 2},
    note="with lambda_z = lambda_(z+1) the span is not even named: here it does not move at all",
)


@chapter.claim(
    "conj2.rates",
    "consequence",
    NUMBERS.sentence(
        same(
            Growth(THREE_TWO, {state: CORNER}),
            FiniteSet(0, 8 * l1, 8 * l2, 4 * l1 + 4 * l2, 2 * l1 - 2 * l3, 2 * l2 - 2 * l3),
        )
    ),
    cite="not in the paper",
    corrects="conj2",
    note="d = 3, z = 2: where lambda_1, lambda_2 < 0 and lambda_1, lambda_2 < lambda_3 the span of v_1, v_2 attracts "
    "all starts near it; the rate zero is the rotation of the outputs",
)
def conj2_rates():
    yield Step("linearise Eq. (8) at q = [e_1, e_2], entry by entry", derive(Growth(THREE_TWO, {state: CORNER})))


DESCENT = Rate(Trace(FORM), OUTPUTS)


@chapter.claim(
    "conj2.descent",
    "consequence",
    EQUATION.sentence(
        And(
            same(
                DESCENT,
                -4 * Trace(q.T * Lambda * Lambda * q * DEFECT)
                - 4 * Trace(q.T * Lambda * (Identity(d) - OUTER) * Lambda * q),
            ),
            Implies(Le(spectral(q), 1), Le(DESCENT, 0)),
            Implies(
                Le(spectral(q), 1),
                Equivalent(same(DESCENT, 0), same(Rate(q, OUTPUTS), ZeroMatrix(d, z))),
            ),
        )
    ),
    cite="not in the paper",
    source="new",
    note="neither trace is negative in the ball, which is not left (thm2.ball): the loss falls until q rests",
)
def conj2_descent():
    falls, rests_with = falls_in_ball(DESCENT, Lambda, (Diagonal(Lambda),))
    yield Step("both traces are of products of positive semidefinite matrices", falls)
    yield Step("they vanish where their factors do, and so does the velocity", rests_with)


FINDS_EACH = ForAll(k, same(Limit(Along(norm(SPAN * e_k), OUTPUTS, t, {q: q_0}), t, oo), 1), Le(k, z))
INDEPENDENT = (Le(z, d), same(Eigenvalue(q_0, kind="rank"), z), Le(spectral(q_0), 1))


@chapter.claim(
    "conj2.suff",
    "in-text",
    EQUATION.sentence(Implies(FINDS_EACH, same(SPAN_END, TARGET)), INDEPENDENT),
    cite="below Conjecture 2",
    note="the distance of two projectors of one rank is told by how much of each v_k one of them keeps",
)
def conj2_suff():
    yield Step(
        "the distance of the two projectors is a sum over the eigenvectors",
        span_found(same(SPAN_END, TARGET), FINDS_EACH, INDEPENDENT),
    )


# --- stages ------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def vector_flow(model):
    """Eq. (8) for z = 1."""
    return MatrixFlow({vector: output_flow(model, NETWORK[2]).rhs[q].subs(z, 1)}, (Symmetric(Lambda),))


@lru_cache(maxsize=64)
def coordinate_flow(model, size):
    """The same in coordinates."""
    here = {vector: Matrix(coordinates[:size]), Lambda: diag(*lambdas[:size])}
    velocity = at(vector_flow(model).rhs[vector], here)
    return Flow(dict(zip(coordinates, map(factor, velocity))), lambdas[:size])


def square(size):
    return sum(p**2 for p in coordinates[:size])


def solved(scalar_flow, state, start):
    """The closed form of a scalar flow from a start."""
    found = scalar_flow.closed_form(state, time=t)
    return found.solution.subs(dict(found.initial)[state], start)


# --- steps -------------------------------------------------------------------------------


# --- the statements ----------------------------------------------------------------------


q1, q2, q3 = coordinates
qq, form = q1**2 + q2**2 + q3**2, sum(a * p**2 for a, p in zip(lambdas, coordinates))

CLAIMS = chapter.claims
