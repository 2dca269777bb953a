"""Section 4.1: layers with orthonormal columns; the flow of the outputs q, Theorems 2 and 3, Conjecture 2.

q = [u(v_1), ..., u(v_d)]^T for the eigenvectors v_j of C = V Lambda V^T; the flow of a layer is
the projected one that is printed, W' = -(I - W W^T) grad L.
"""

from functools import lru_cache

from sympy import (
    And,
    Dict,
    Eq,
    FiniteSet,
    Gt,
    Identity,
    Integer,
    Lt,
    MatMul,
    Matrix,
    MatrixSymbol,
    Or,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    diag,
    eye,
    factor,
    limit,
    oo,
    sqrt,
    symbols,
)

from symssl import E, Flow, Grassmann, Orthonormal, Symmetric, expect, inner, norm, potential, sq
from symssl.claims import Chapter, Model, Step, identity, implied, refuted_at, stipulated
from symssl.language import Along, At, Eigenvalue, GradientFlow, Growth, Object, Rate, VectorField
from symssl.matrix import MatrixFlow
from symssl.statements import derive

from .model import (
    DEEP2,
    DEEP3,
    NETWORK,
    W1,
    W2,
    C,
    Lambda,
    Loss,
    M,
    V,
    at,
    d,
    definition_steps,
    esser,
    flow,
    h,
    n,
    new,
    output_flow,
    q,
    t,
    z,
)
from .vocabulary import BRACKET, K2, K3, OUTPUTS, W1_0, Wl
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
    ONE_OUTPUT,
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
    R,
    Sigma,
    Wl_0,
    epsilon,
    orthonormal,
    outputs,
    product,
    same,
    vector,
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


chapter.claim(
    "thm3.missing",
    "theorem",
    DATA.sentence(Or(Gt(Eigenvalue(C, 1), 0), Lt(Eigenvalue(C, 1), 0))),
    cite="Theorem 3",
    note="a lowest eigenvalue zero is neither case; q then ends at a point of the kernel that depends on the start",
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


# --- symbols -----------------------------------------------------------------------------

coordinates = symbols("q_1:4", real=True)
gap_1 = symbols("g_1", positive=True)
lam, s, s_0 = symbols("lambda s s_0", positive=True)
b = symbols("b", positive=True)  # q^T Lambda q where it is positive
norm_end, turning, first_end, second_end, kept = symbols("norm_end turning first_end second_end projection", real=True)
v = MatrixSymbol("v", d, 1)
k = symbols("k", integer=True, positive=True)
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


def expected_form(model):
    """E[C], read off the flow Theta' = -2 Theta E[C] at Theta = I."""
    return expect(flow(model).expect().rhs[Theta].xreplace({Theta: Identity(d)})).doit() * Rational(-1, 2)


# --- steps -------------------------------------------------------------------------------


def ball_steps(model):
    found = output_flow(model, NETWORK[2])
    yield Step("flow of q", found.rhs)
    yield Step("derivative of I - q^T q", found.lie(Identity(z) - q.T * q))


def first_steps(model):
    found = coordinate_flow(model, 3)
    yield Step("Eq. (8) for z = 1, three coordinates", found)
    yield Step("velocity of the first", found.states[coordinates[0]])


def square_start_steps(model):
    """h = d: W_1 is square and orthogonal, so |q| = |W_1^T W_2| = 1 at every start."""
    turn = Matrix([[3, -4], [4, 3]]) / 5
    start = at(outputs(2).T, {V: eye(2), W1: turn, W2: Matrix([1, 0])}).T
    here = dict(zip(coordinates, start)) | {l1: 1, l2: 2}
    found = coordinate_flow(model, 2)
    rate = factor(found.lie(square(2)))
    yield Step("derivative of |q|^2", rate)
    yield Step("q at the start, d = h = 2", start)
    yield Step(
        "there |q|^2 does not move, though q does: where |q|^2 ends for eigenvalues 1 and 2, velocity of q_1",
        Dict(
            {
                norm_end: square(2).subs(here) + rate.subs(here),
                turning: found.states[coordinates[0]].subs(here),
                l1: here[l1],
                l2: here[l2],
            }
        ),
    )


def decay_steps(model):
    """All eigenvalues at least lambda > 0: s = |q|^2 falls at least as fast as for Lambda = lambda I."""
    equal = coordinate_flow(model, 2).lie(square(2)).subs({l1: lam, l2: lam})
    rate = factor(cancel(equal.subs(coordinates[0], (s - coordinates[1] ** 2) ** Rational(1, 2))))
    yield Step("derivative of s = |q|^2 where Lambda = lambda I", rate)
    path = solved(Flow({s: rate}, (lam,)), s, s_0 / (1 + s_0))
    yield Step("s(t) from s_0/(1 + s_0) < 1", path)
    yield Step("its limit", limit(path, t, oo))


def shrinking_steps(model):
    rate = vector_flow(model).lie(sq(vector))
    yield Step("derivative of |q|^2", rate)
    yield Step(
        "with s = |q|^2 and b = q^T Lambda q > 0",
        rate.xreplace({inner(vector, Lambda * vector): b}).subs(norm(vector), sqrt(s)),
    )


def orthogonal_start_steps(model, names=(first_end, second_end)):
    """lambda = (-2, -1), start (0, 1/2): the first coordinate stays zero, the second runs to one."""
    found = coordinate_flow(model, 2).fix({l1: -2, l2: -1})
    first = found.states[coordinates[0]].subs(coordinates[0], 0)
    second = Flow({coordinates[1]: found.states[coordinates[1]].subs(coordinates[0], 0)})
    path = solved(second, coordinates[1], Rational(1, 2))
    yield Step("velocity of q_1 where q_1 = 0; flow of q_2 there", Tuple(first, second.states[coordinates[1]]))
    yield Step("q_2(t) from 1/2", path)
    yield Step("where q ends", Dict({names[0]: first, names[1]: limit(path, t, oo)}))


def negative_start_steps(model):
    line = coordinate_flow(model, 1).fix({l1: -1})
    (start,) = (p for p in line.states)
    path = solved(line, start, -Rational(1, 2))
    yield Step("one eigenvalue, lambda_1 = -1: the flow", line)
    yield Step("q(t) from -1/2", path)
    yield Step("its limit", limit(path, t, oo))


def ratio_steps(model):
    """q_j/q_1 and q_1^2 along the flow."""
    found = coordinate_flow(model, 3)
    q1, q2, q3 = coordinates
    rates = [cancel(found.lie(p / q1) / (p / q1)) for p in (q2, q3)]
    yield Step(
        "logarithmic derivatives of q_2/q_1, q_3/q_1 and q_1^2",
        Tuple(*map(factor, (*rates, cancel(found.lie(q1**2) / q1**2)))),
    )


def attraction_steps(model):
    """The sign of one of these, for |q|^2 = s < 1, lambda_2 = lambda_1 + g."""
    found = coordinate_flow(model, 3)
    q1, q2, _ = coordinates
    rate = cancel(found.lie(q2 / q1) / (q2 / q1))
    yield Step("logarithmic derivative of q_2/q_1", factor(rate))
    yield Step(
        "with s = |q|^2 < 1 and lambda_2 = lambda_1 + g",
        factor(rate.subs(q1**2, s - coordinates[1] ** 2 - coordinates[2] ** 2).subs(l2, l1 + gap_1)),
    )


def rest_steps(model):
    found = coordinate_flow(model, 2)
    here = {coordinates[1]: 0, l1: 0}
    velocity = [f.subs(here) for f in found.states.values()]
    growth = [f.diff(p).subs(here) for p, f in found.states.items()]
    yield Step(
        "velocity at (q_1, 0) where lambda_1 = 0, and growth rates there", Tuple(*velocity, *map(factor, growth))
    )


def stability_steps(model):
    """Growth rates at v_1, v_2 and 0 of two modes, lambda_1 = -lambda < lambda_2 = lambda_1 + g."""
    found = coordinate_flow(model, 2)
    q1, q2 = coordinates[:2]
    field = Matrix([found.states[q1], found.states[q2]]).jacobian([q1, q2]).subs({l1: -lam, l2: gap_1 - lam})
    yield Step(
        "growth rates at v_1, at v_2 and at 0",
        Tuple(
            *(Tuple(*(factor(field.subs({q1: a, q2: c})[j, j]) for j in range(2))) for a, c in ((1, 0), (0, 1), (0, 0)))
        ),
    )


def semidefinite_steps(model):
    found = expected_form(model).xreplace({Sigma: R * R.T})
    yield Step("v^T E[C] v with Sigma = R R^T", expect(inner(v, found * v)))


def missed_steps(model):
    """d = 3, z = 2, lambda = (-3, -2, -1), q(0) with a zero first row."""
    velocity = output_flow(model, NETWORK[2]).rhs[q]
    entries = symbols("q_21 q_22 q_31 q_32", real=True)
    rows, spectrum = Matrix(3, 2, (0, 0, *entries)), diag(-3, -2, -1)
    moved = at(velocity, {q: rows, Lambda: spectrum})
    yield Step("velocity of the first row where it is zero", moved[0, :])
    first = rows[0, :] + moved[0, :]
    start = dict(zip(entries, (Rational(1, 2), 0, 0, Rational(1, 2))))
    yield Step(
        "so v_1 stays orthogonal to the columns of q: squared norm of its projection on their span; velocity of q_21 "
        "at the start 1/2, 0, 0, 1/2",
        Dict({kept: (first * (rows.T * rows).inv() * first.T)[0], turning: moved[1, 0].subs(start)}),
    )


def descent_steps(model):
    found = output_flow(model, NETWORK[2])
    yield Step("flow of q", found.rhs)
    yield Step("derivative of the loss Tr(q^T Lambda q)", found.lie(Trace(q.T * Lambda * q)))


def distance_steps(model):
    yield Step(
        "squared distance of the projectors on span(q), with frame Q, and on span(v_1, ..., v_k)",
        expect(sq(F * F.T - T * T.T)),
    )


# --- the statements ----------------------------------------------------------------------


q1, q2, q3 = coordinates
qq, form = q1**2 + q2**2 + q3**2, sum(a * p**2 for a, p in zip(lambdas, coordinates))

CLAIMS = (
    *chapter.claims,
    esser(
        "def1",
        "definition",
        Eq(Loss, Trace(NETWORK[3] * C * NETWORK[3].T)),
        definition_steps,
        stipulated(Symmetric(C), *map(Orthonormal, DEEP3.weights)),
        "Def. 1",
        note="consistent where h >= d and h >= z",
        statement_latex=r"\min \operatorname{Tr}(W_l^{\top}\cdots W_1CW_1^{\top}\cdots W_l), \; W_i^{\top}W_i = I",
    ),
    esser(
        "thm2.ball",
        "in-text",
        4 * (DEFECT * FORM + FORM * DEFECT),
        ball_steps,
        identity(),
        "App. A.6",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        note="a congruence Phi S_0 Phi^T (esser2023.thm2.ball.congruence), so I - q^T q stays positive semidefinite",
        statement_latex=r"\tfrac{d}{dt}(I - q^{\top}q) = 4(I - q^{\top}q)B + 4B(I - q^{\top}q), \quad B = "
        r"q^{\top}\Lambda q",
    ),
    esser(
        "thm3.q1",
        "proof",
        2 * ((1 - qq) * (-lambdas[0]) + (form - lambdas[0])) * q1,
        first_steps,
        identity(),
        "App. A.6",
        model=DEEP2,
        note="three coordinates; the others enter through |q|^2 and q^T Lambda q alone",
        statement_latex=r"\tfrac{d}{dt}e_1^{\top}q = 2\bigl[(1 - q^{\top}q)(-\lambda_1) + (q^{\top}\Lambda q - "
        r"\lambda_1)\bigr]e_1^{\top}q",
        sizes="three coordinates: the others enter through |q|^2 and q^T Lambda q alone",
    ),
    esser(
        "thm3.case1",
        "theorem",
        Eq(norm_end, 0),
        square_start_steps,
        refuted_at(),
        "Theorem 3",
        model=DEEP2,
        given=(l1 > 0, l2 > 0),
        note="h = d is not excluded: then W_1 is orthogonal, |q(0)| = 1 with probability one, and |q(t)| = 1 for ever",
        statement_latex=r"\Lambda \succ 0 \implies \lim_{t\to\infty} \lVert q(t)\rVert^{2} = 0 \text{ with "
        r"probability } 1",
    ),
    new(
        "thm3.case1.fixed",
        Lt(-8 * (1 - s) * b, 0, evaluate=False),
        shrinking_steps,
        implied(),
        corrects="thm3.case1",
        model=DEEP2,
        given=(s < 1,),
        note="|q(0)| < 1, true with probability one for h > d: |q|^2 decreases",
        statement_latex=r"s = \lVert q\rVert^{2} < 1, \; b = q^{\top}\Lambda q > 0 \implies \dot s = -8(1 - s)b < 0",
    ),
    new(
        "thm3.case1.limit",
        Integer(0),
        decay_steps,
        identity(),
        model=DEEP2,
        note="with b >= lambda s for the least eigenvalue lambda, |q|^2 stays below this solution",
        statement_latex=r"\lVert q(0)\rVert < 1, \; \Lambda \succeq \lambda I \succ 0 \implies \lim_{t\to\infty} "
        r"\lVert q(t)\rVert^{2} = 0",
    ),
    esser(
        "thm3.case2",
        "theorem",
        Eq(first_end**2, 1),
        orthogonal_start_steps,
        refuted_at(),
        "Theorem 3",
        model=DEEP2,
        note="a start orthogonal to v_1 ends elsewhere; also -v_1 is a limit, and a repeated lowest eigenvalue has "
        "no v_1",
        statement_latex=r"\lambda_1 < 0 \implies \lim_{t\to\infty} (e_1^{\top}q)^{2} = 1",
    ),
    new(
        "thm3.case2.sign",
        Integer(-1),
        negative_start_steps,
        identity(),
        model=DEEP2,
        note="d = 1, lambda_1 = -1, q(0) = -1/2: the limit is -v_1",
        statement_latex=r"q(0) = -\tfrac12 v_1 \implies \lim_{t\to\infty} q(t) = -v_1",
    ),
    new(
        "thm3.case2.fixed",
        Tuple(-2 * (2 - qq) * (l2 - l1), -2 * (2 - qq) * (lambdas[2] - l1), 4 * (form - l1 - (1 - qq) * l1)),
        ratio_steps,
        identity(),
        corrects="thm3.case2",
        model=DEEP2,
        note="lambda_1 simple and negative, q_1(0) != 0: the other coordinates die out relative to q_1, and q_1^2 "
        "grows to "
        "one; the limit is v_1 or -v_1 with the sign of q_1(0)",
        statement_latex=r"\tfrac{d}{dt}\log\frac{q_j}{q_1} = -2(2 - \lVert q\rVert^{2})(\lambda_j - \lambda_1), \quad "
        r"\tfrac{d}{dt}\log q_1^{2} = 4\bigl[q^{\top}\Lambda q - \lambda_1 - (1 - \lVert q\rVert^{2})\lambda_1\bigr]",
    ),
    new(
        "thm3.case2.attraction",
        Lt(2 * gap_1 * (s - 2), 0, evaluate=False),
        attraction_steps,
        implied(),
        model=DEEP2,
        given=(s < 1,),
        note="at least at the rate 2 (lambda_2 - lambda_1)",
        statement_latex=r"\tfrac{d}{dt}\log(q_2/q_1) = -2(2 - s)(\lambda_2 - \lambda_1) < 0, \quad s = \lVert "
        r"q\rVert^{2} < 1",
    ),
    new(
        "thm3.missing.fixed",
        Tuple(0, 0, 0, -2 * l2 * (2 - q1**2)),
        rest_steps,
        identity(),
        corrects="thm3.missing",
        model=DEEP2,
        note="third case, lowest eigenvalue zero: every vector of the kernel is an equilibrium, attracting from "
        "outside the kernel",
        statement_latex=r"\lambda_1 = 0 \implies \dot q = 0 \text{ at } q = q_1e_1, \text{ with growth rates } 0, "
        r"-2\lambda_2(2 - q_1^{2})",
    ),
    esser(
        "fig3",
        "figure",
        Eq(first_end**2, 1),
        orthogonal_start_steps,
        refuted_at(),
        "Figure 3 (right)",
        model=DEEP2,
        note="not independent of the start: from a start orthogonal to v_1 the limit is a third point",
        statement_latex=r"\lambda_1 < 0 \implies q(t) \to \pm v_1 \text{ from every } q(0)",
    ),
    new(
        "fig3.fixed",
        Tuple(Tuple(-8 * lam, -2 * gap_1), Tuple(2 * gap_1, 8 * (gap_1 - lam)), Tuple(4 * lam, 4 * (lam - gap_1))),
        stability_steps,
        identity(),
        corrects="fig3",
        model=DEEP2,
        note="the stable limits are v_1 and -v_1 alone: growth rates at v_1, v_2 and 0 for lambda_1 = -lambda, "
        "lambda_2 = g - lambda",
        statement_latex=r"\text{growth rates: } (-8\lambda, -2g) \text{ at } \pm v_1, \; (2g, 8(g - \lambda)) \text{ "
        r"at } \pm v_2, \; "
        r"(4\lambda, 4(\lambda - g)) \text{ at } 0",
    ),
    new(
        "ECneg.fixed",
        -n * sq(R.T * v),
        semidefinite_steps,
        identity(),
        corrects="ECneg",
        model=EXPECTED,
        note="negative semidefinite; definite where the covariance is",
        statement_latex=r"v^{\top}E[C]v = -n\lVert R^{\top}v\rVert^{2} \le 0, \quad \operatorname{Cov}(x) = RR^{\top}",
    ),
    esser(
        "conj2",
        "conjecture",
        Eq(kept, 1),
        missed_steps,
        refuted_at(),
        "Conjecture 2",
        model=DEEP2,
        note="d = 3, z = k = 2, eigenvalues -3, -2, -1: a start with columns orthogonal to v_1 never finds v_1; nor "
        "does a "
        "start zero, or of rank below k; with a repeated eigenvalue lambda_k the span is not even named",
        statement_latex=r"\lambda_1 \le \dots \le \lambda_k < 0 \implies \lim_{t\to\infty} \lVert "
        r"P_{\mathrm{span}(q)}v_1\rVert = 1",
    ),
    new(
        "conj2.descent",
        -4 * Trace(q.T * Lambda * Lambda * q * DEFECT) - 4 * Trace(q.T * Lambda * (Identity(d) - q * q.T) * Lambda * q),
        descent_steps,
        identity(),
        model=DEEP2,
        given=(Symmetric(Lambda),),
        note="neither term is positive where |q|_2 <= 1: the loss decreases, and rests only at partial isometries onto "
        "eigenspaces (Lambda invertible)",
        statement_latex=r"\tfrac{d}{dt}\operatorname{Tr}(q^{\top}\Lambda q) = "
        r"-4\operatorname{Tr}\bigl(q^{\top}\Lambda^{2}q(I - q^{\top}q)\bigr)"
        r" - 4\operatorname{Tr}\bigl(q^{\top}\Lambda(I - qq^{\top})\Lambda q\bigr)",
    ),
    esser(
        "conj2.suff",
        "in-text",
        2 * k - 2 * sq(F.T * T),
        distance_steps,
        identity(),
        "below Conjecture 2",
        given=(Orthonormal(F), Orthonormal(T)),
        note="|Q^T V_k|^2 is the sum of |P v_i|^2: where each tends to one, the distance of the two projectors tends "
        "to zero",
        statement_latex=r"\lVert P_{\mathrm{span}(q)} - P_{\mathrm{span}(v_1..v_k)}\rVert_F^{2} = 2k - "
        r"2\textstyle\sum_i \lVert P_{\mathrm{span}(q)}v_i\rVert^{2}",
    ),
)
