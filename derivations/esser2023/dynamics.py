"""Section 4.1: layers with orthonormal columns; the flow of the outputs q, Theorems 2 and 3, Conjecture 2.

q = [u(v_1), ..., u(v_d)]^T for the eigenvectors v_j of C = V Lambda V^T; the flow of a layer is
the projected one that is printed, W' = -(I - W W^T) grad L.
"""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    FiniteSet,
    Identity,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Or,
    Rational,
    Symbol,
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

from symssl import (
    E,
    Flow,
    Grassmann,
    Orthonormal,
    Stiefel,
    Symmetric,
    expect,
    gaussians,
    gradient_flow,
    inner,
    norm,
    potential,
    sq,
)
from symssl.claims import Model, Step, identity, implied, refuted_at, same_value, stipulated
from symssl.matrix import MatrixFlow

from .model import (
    DEEP2,
    DEEP3,
    DEEP4,
    K2,
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
    product_flow,
    q,
    t,
    z,
)

# --- symbols -----------------------------------------------------------------------------

vector = MatrixSymbol("q", d, 1)  # z = 1
lambdas, coordinates = symbols("lambda_1:4", real=True), symbols("q_1:4", real=True)
l1, l2, _ = lambdas
gap_1, gap_2 = symbols("g_1 g_2", positive=True)
lam, s, s_0 = symbols("lambda s s_0", positive=True)
b = symbols("b", positive=True)  # q^T Lambda q where it is positive
y = symbols("y", real=True)
ratio, near = symbols("ratio near", positive=True)
point, rotated = symbols("loss_at_W loss_at_WQ", real=True)
norm_end, turning, first_end, second_end, kept = symbols("norm_end turning first_end second_end projection", real=True)
form_value = Symbol("form", real=True)
Q = MatrixSymbol("Q", z, z)
Phi, S_0, B = MatrixSymbol("Phi", z, z), MatrixSymbol("S_0", z, z), MatrixSymbol("B", z, z)
R, v = MatrixSymbol("R", d, d), MatrixSymbol("v", d, 1)
k = symbols("k", integer=True, positive=True)
F, T = MatrixSymbol("Q", d, k), MatrixSymbol("V_k", d, k)

# Sec. 4.1, data in expectation: x- an independent sample, x+ = x + epsilon
mu, Sigma = MatrixSymbol("mu", d, 1), MatrixSymbol("Sigma", d, d)
sigma = Symbol("sigma", positive=True)
x, xm, epsilon = gaussians("x x- epsilon", d, mean=[mu, mu, 0 * mu], cov=[[Sigma, 0, 0], [0, Sigma, 0], [0, 0, sigma]])
Theta = MatrixSymbol("Theta", d, d)
EXPECTED = Model(
    "expected contrastive loss, linear model", n * E(inner(Theta * x, Theta * xm - Theta * (x + epsilon))), (Theta,)
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


def last_form(model, rotation):
    """The loss at d = h = 2, z = 1, W_2 = e_1, C = diag(-1, 1) and W_1 = rotation."""
    return at(model.loss, {W1: rotation, W2: Matrix([1, 0]), C: diag(-1, 1)})


def expected_form(model):
    """E[C], read off the flow Theta' = -2 Theta E[C] at Theta = I."""
    return expect(flow(model).expect().rhs[Theta].xreplace({Theta: Identity(d)})).doit() * Rational(-1, 2)


# --- steps -------------------------------------------------------------------------------


def grassmann_steps(model):
    quarter = Matrix([[0, -1], [1, 0]])
    yield Step(
        "loss at W_1 = I and at W_1 = I Q, a rotation by a right angle: one subspace, C = diag(-1, 1), W_2 = e_1",
        Dict({point: last_form(model, eye(2)), rotated: last_form(model, quarter)}),
    )


def last_layer_steps(model):
    yield Step("loss at W_2 Q", model.loss.xreplace({W2: W2 * Q}))


def missing_steps(model):
    """The gradient flow on frames (Stiefel) less the projected flow."""
    frames = gradient_flow(
        model.loss, model.weights, geometry={W: Stiefel() for W in model.weights}, where=model.where
    ).impose(Orthonormal(W1), Orthonormal(W2))
    yield Step("gradient flow on frames with the canonical metric", frames.rhs)
    yield Step(
        "what the projected flow leaves out, in W_1 and in W_2",
        Tuple(*(expect(frames.rhs[W] - flow(model).rhs[W]) for W in (W1, W2))),
    )


def frozen_steps(model):
    free = gradient_flow(potential("f", K2), K2, geometry={K2: Grassmann()})
    yield Step("projected flow of an unspecified loss", free.rhs)
    yield Step("velocity of a square orthogonal layer", free.impose(Orthonormal(K2)).rhs[K2])


def outputs(layers):
    """q = V^T W_1^T ... W_l as a word."""
    return V.T * NETWORK[layers].T


def depth_steps(model, layers):
    yield Step("projected flows, constraints imposed", flow(model).rhs)
    yield Step("velocity of the network", flow(model).lie(NETWORK[layers]))
    yield Step("velocity of q, with C = V Lambda V^T", flow(model).lie(outputs(layers)).xreplace({C: V * Lambda * V.T}))


def kept_steps(model):
    """For any loss: the derivative of W^T W at W^T W = I, for a tall and for a square layer."""
    free = {W: gradient_flow(potential("f", W), W, geometry={W: Grassmann()}).impose(Orthonormal(W)) for W in (W1, K2)}
    yield Step("projected flow of an unspecified loss", Tuple(*(g.rhs[W] for W, g in free.items())))
    yield Step("derivative of W^T W on the constraint", Tuple(*(g.lie(W.T * W) for W, g in free.items())))


def ball_steps(model):
    found = output_flow(model, NETWORK[2])
    yield Step("flow of q", found.rhs)
    yield Step("derivative of I - q^T q", found.lie(Identity(z) - q.T * q))


def congruence_steps(model):
    moved = MatrixFlow({Phi: 4 * B * Phi}, (Symmetric(B),))
    yield Step("derivative of Phi S_0 Phi^T, where Phi' = 4 B Phi", moved.lie(Phi * S_0 * Phi.T))


def width_steps(model):
    yield Step("projected flows, constraints imposed", flow(model).rhs)
    yield Step("velocity of M = W_2^T W_1, in M alone", product_flow(model, NETWORK[2]).rhs[M])


def riccati_steps(model):
    found = output_flow(model, NETWORK[2])
    yield Step("flow of q", found.rhs)
    yield Step("derivative of q q^T", found.lie(q * q.T))


def vector_steps(model):
    yield Step("Eq. (8) for z = 1", vector_flow(model).rhs)
    yield Step("half of it", expect(vector_flow(model).rhs[vector] / 2))


def norm_steps(model):
    yield Step("Eq. (8) for z = 1", vector_flow(model).rhs)
    yield Step("derivative of |q|^2", vector_flow(model).lie(sq(vector)))


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


def kernel_steps(model):
    """C of one triple x = x- = e_2, x+ = 0 in the plane."""
    anchor = Matrix([0, 1])
    zero, one = sorted((anchor * (anchor - 0 * anchor).T).eigenvals())
    yield Step("the eigenvalues of C for one triple", Dict({l1: zero, l2: one}))


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


def expected_steps(model):
    yield Step("flow of the expected loss", flow(model).expect().rhs)
    yield Step("E[C], read off at Theta = I", expected_form(model))


def definite_steps(model):
    found = at(expected_form(model), {Sigma: diag(1, 0), mu: Matrix([0, 0])}).subs(n, 1)
    yield Step("E[C] for one sample with covariance diag(1, 0) and mean zero", found)
    yield Step("v^T E[C] v at v = e_2", Dict({form_value: found[1, 1]}))


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


def local_steps(model):
    """Linearise at q = [e_1, e_2], d = 3, z = 2."""
    entries = symbols("q_1:4(1:3)", real=True)
    velocity = at(output_flow(model, NETWORK[2]).rhs[q], {q: Matrix(3, 2, entries), Lambda: diag(*lambdas)})
    target = dict(zip(entries, (1, 0, 0, 1, 0, 0)))
    yield Step("velocity at the target", velocity.subs(target))
    yield Step(
        "growth rates there", FiniteSet(*map(factor, Matrix(velocity[:]).jacobian(entries).subs(target).eigenvals()))
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


def eq8(q):
    """Eq. (8) as printed."""
    return -2 * (2 * Lambda * q - Lambda * q * q.T * q - q * q.T * Lambda * q)


def orthonormal(model):
    """All layers and V orthonormal, Lambda symmetric."""
    return (*map(Orthonormal, model.weights), Orthonormal(V), Symmetric(Lambda))


q1, q2, q3 = coordinates
qq, form = q1**2 + q2**2 + q3**2, sum(a * p**2 for a, p in zip(lambdas, coordinates))
G = M.T * M * C - C * M.T * M
S, Bq = Identity(z) - q.T * q, q.T * Lambda * q
PRODUCT = W2.T * W1
PROJECTED = "for the projected flow that is printed; h >= d and h >= z"

CLAIMS = (
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
        "grassmann",
        "proof",
        Eq(rotated, point),
        grassmann_steps,
        refuted_at(),
        "Sec. 4, App. A.5",
        model=DEEP2,
        note="the loss is no function of the subspace spanned by W_1, and a square layer has one subspace only: "
        "there the "
        "printed flow stands still",
        statement_latex=r"\mathcal L(W_1Q, W_2) = \mathcal L(W_1, W_2) \text{ for } Q^{\top}Q = I_d",
    ),
    new(
        "grassmann.last",
        Trace(W2.T * W1 * C * W1.T * W2),
        last_layer_steps,
        identity(),
        corrects="grassmann",
        model=DEEP2,
        given=(Orthonormal(Q), Symmetric(C)),
        note="in the last layer the loss does depend on the subspace alone",
        statement_latex=r"\mathcal L(W_1, W_2Q) = \mathcal L(W_1, W_2), \quad Q^{\top}Q = I_z",
    ),
    new(
        "grassmann.missing",
        Tuple(-2 * W1 * G.xreplace({M: PRODUCT}), ZeroMatrix(h, z)),
        missing_steps,
        identity(),
        model=DEEP2,
        given=(Orthonormal(W1), Orthonormal(W2), Symmetric(C)),
        note="the gradient flow under W_1^T W_1 = I turns W_1 within its span; the printed one does not",
        statement_latex=r"\dot W_1^{\mathrm{St}} - \dot W_1 = -2W_1(M^{\top}MC - CM^{\top}M), \quad \dot "
        r"W_2^{\mathrm{St}} - \dot W_2 = 0",
    ),
    esser(
        "thm2",
        "theorem",
        eq8(outputs(3)),
        partial(depth_steps, layers=3),
        identity(),
        "Theorem 2, Eq. (8)",
        model=DEEP3,
        given=orthonormal(DEEP3),
        note=f"three layers; {PROJECTED}",
        statement_latex=r"\dot q = -2\bigl[2\Lambda q - \Lambda qq^{\top}q - qq^{\top}\Lambda q\bigr]",
        sizes="three layers: a further square layer stands still, claim thm2.four",
    ),
    new(
        "thm2.two",
        eq8(outputs(2)),
        partial(depth_steps, layers=2),
        identity(),
        model=DEEP2,
        given=orthonormal(DEEP2),
        note="two layers",
        statement_latex=r"l = 2: \quad \dot q = -2\bigl[2\Lambda q - \Lambda qq^{\top}q - qq^{\top}\Lambda q\bigr]",
        sizes="two layers, as stated",
    ),
    new(
        "thm2.four",
        eq8(outputs(4)),
        partial(depth_steps, layers=4),
        identity(),
        model=DEEP4,
        given=orthonormal(DEEP4),
        note="four layers; every further square layer stands still, so that their product is one orthogonal matrix",
        statement_latex=r"l = 4: \quad \dot q = -2\bigl[2\Lambda q - \Lambda qq^{\top}q - qq^{\top}\Lambda q\bigr]",
        sizes="four layers, as stated",
    ),
    new(
        "thm2.frozen",
        ZeroMatrix(h, h),
        frozen_steps,
        identity(),
        note="for any loss: the layers in the middle are not trained at all",
        statement_latex=r"W_2 \in \mathbb R^{h \times h}, \; W_2^{\top}W_2 = I \implies \dot W_2 = 0",
    ),
    esser(
        "thm2.constraint",
        "proof",
        Tuple(ZeroMatrix(d, d), ZeroMatrix(h, h)),
        kept_steps,
        identity(),
        "App. A.5",
        note="for any loss, tall and square layers",
        statement_latex=r"\tfrac{d}{dt} W_i^{\top}W_i = 0 \text{ where } W_i^{\top}W_i = I",
    ),
    esser(
        "thm2.ball",
        "in-text",
        4 * (S * Bq + Bq * S),
        ball_steps,
        identity(),
        "App. A.6",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        note="a congruence Phi S_0 Phi^T (esser2023.thm2.ball.congruence), so I - q^T q stays positive semidefinite",
        statement_latex=r"\tfrac{d}{dt}(I - q^{\top}q) = 4(I - q^{\top}q)B + 4B(I - q^{\top}q), \quad B = "
        r"q^{\top}\Lambda q",
    ),
    new(
        "thm2.ball.congruence",
        4 * (B * Phi * S_0 * Phi.T + Phi * S_0 * Phi.T * B),
        congruence_steps,
        identity(),
        given=(Symmetric(B),),
        statement_latex=r"\dot\Phi = 4B\Phi \implies \tfrac{d}{dt}\Phi S_0\Phi^{\top} = 4B\Phi S_0\Phi^{\top} + "
        r"4\Phi S_0\Phi^{\top}B",
    ),
    esser(
        "width",
        "abstract",
        -4 * M * C + 2 * M * C * M.T * M + 2 * M * M.T * M * C,
        width_steps,
        identity(),
        "Abstract",
        model=DEEP2,
        given=(Symmetric(C),),
        note="the width does not occur; h >= d and h >= z are needed for the constraints to hold",
        statement_latex=r"\dot M = -4MC + 2MCM^{\top}M + 2MM^{\top}MC, \quad M = W_2^{\top}W_1",
    ),
    esser(
        "riccati",
        "in-text",
        -2
        * (
            2 * (Lambda * q * q.T + q * q.T * Lambda)
            - Lambda * q * q.T * q * q.T
            - q * q.T * q * q.T * Lambda
            - 2 * q * q.T * Lambda * q * q.T
        ),
        riccati_steps,
        identity(),
        "Sec. 4.1 text",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        note="closed and quadratic in P = q q^T; besides P Lambda P, as in a Riccati equation, it has Lambda P^2 and "
        "P^2 Lambda",
        statement_latex=r"\dot P = -2\bigl[2(\Lambda P + P\Lambda) - \Lambda P^{2} - P^{2}\Lambda - 2P\Lambda "
        r"P\bigr], \quad P = qq^{\top}",
    ),
    esser(
        "eq9",
        "equation",
        -(1 - sq(vector)) * Lambda * vector - (Identity(d) - vector * vector.T) * Lambda * vector,
        vector_steps,
        identity(),
        "Theorem 3, Eq. (9)",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        statement_latex=r"\dot q/2 = -(1 - q^{\top}q)\Lambda q - (I - qq^{\top})\Lambda q",
    ),
    esser(
        "thm3.norm",
        "proof",
        -8 * (1 - sq(vector)) * inner(vector, Lambda * vector),
        norm_steps,
        identity(),
        "App. A.6",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        statement_latex=r"\tfrac{d}{dt}q^{\top}q = -8(1 - q^{\top}q)q^{\top}\Lambda q",
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
    esser(
        "thm3.missing",
        "theorem",
        Or(And(l1 > 0, l2 > 0), l1 < 0, l2 < 0),
        kernel_steps,
        refuted_at(),
        "Theorem 3",
        note="a lowest eigenvalue zero is neither case; q then ends at a point of the kernel that depends on the start",
        statement_latex=r"\text{all } \lambda_j > 0, \text{ or some } \lambda_j < 0",
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
    esser(
        "EC",
        "in-text",
        -n * (Sigma + mu * mu.T),
        expected_steps,
        identity(),
        "Sec. 4.1 text",
        model=EXPECTED,
        given=(Symmetric(Sigma),),
        note="E[x] E[x]^T vanishes for centred data only: E[C] is minus n times the covariance",
        statement_latex=r"E[\tilde C] = -n\,E[xx^{\top}]",
    ),
    new(
        "EC.fixed",
        -n * Sigma,
        expected_steps,
        identity(),
        corrects="EC",
        model=EXPECTED,
        given=(Symmetric(Sigma),),
        statement_latex=r"E[\tilde C] = -n\operatorname{Cov}(x)",
    ),
    esser(
        "ECneg",
        "in-text",
        Lt(form_value, 0),
        definite_steps,
        refuted_at(),
        "Sec. 4.1 text",
        model=EXPECTED,
        note="semidefinite only: zero along a direction in which the data do not vary",
        statement_latex=r"v^{\top}E[C]v < 0 \text{ for } v \ne 0",
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
        -4 * Trace(q.T * Lambda * Lambda * q * S) - 4 * Trace(q.T * Lambda * (Identity(d) - q * q.T) * Lambda * q),
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
    new(
        "conj2.local",
        FiniteSet(0, *map(factor, (8 * l1, 8 * l2, 4 * l1 + 4 * l2, 2 * l1 - 2 * lambdas[2], 2 * l2 - 2 * lambdas[2]))),
        local_steps,
        same_value(),
        corrects="conj2",
        model=DEEP2,
        note="d = 3, z = 2: where lambda_1, lambda_2 < 0 and lambda_1, lambda_2 < lambda_3 the span of v_1, v_2 "
        "attracts all "
        "starts near it; the rate zero is the rotation of the outputs",
        statement_latex=r"\text{growth rates at } q = [e_1, e_2]: \; 0, 8\lambda_1, 8\lambda_2, 4(\lambda_1 + "
        r"\lambda_2), "
        r"-2(\lambda_3 - \lambda_1), -2(\lambda_3 - \lambda_2)",
        sizes="d = 3, z = 2, as stated",
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
