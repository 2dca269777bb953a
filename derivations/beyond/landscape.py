"""The landscape of |W Gamma W^T - I|^2: all critical points, their values and their Hessians.

Gamma (m x m) is any symmetric matrix, with n_+ positive and n_- negative
eigenvalues; W is d x m, wide or tall.  At a critical point C = W Gamma W^T is an
orthogonal projector, of rank k say, and the loss is d - k.  A spectral point of
rank k is W = U S V^T, where V holds k eigenvectors with positive eigenvalues
and S^2 their reciprocals; every critical point has the same second variation in other
coordinates.
"""

from functools import lru_cache

from sympy import (
    And,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Identity,
    Implies,
    Le,
    Lt,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    expand,
    factor,
    sqrt,
    symbols,
)

from symssl import Normalised, Orthonormal, Symmetric, hessian, hessian_modes, inner, second_variation, sq
from symssl.claims import Chapter, Claim, Step, identity, implied
from symssl.language import (
    At,
    Diagonal,
    Gradient,
    GradientDescent,
    Named,
    Next,
    Object,
    Order,
    Rate,
    VectorField,
    Vocabulary,
    unit,
)
from symssl.statements import derive, proved
from symssl.words import read, rewriting, write

from ..simon2023.model import LOSS, Gamma, W, d, m

# --- critical points in frames ------------------------------------------------------------

# k modes learnt, n_p positive eigenvalues in all, n_m negative ones; the rest of Gamma is zero
k, n_p, n_m, r, a, b = symbols("k n_p n_m r a b", integer=True, positive=True)
s, gamma, pi, eta, gamma_1 = symbols("s gamma pi eta gamma_1", positive=True)
nu = symbols("nu", negative=True)
gamma_j, gamma_k, pi_k = symbols("gamma_j gamma_k pi_k", positive=True)
nu_k = symbols("nu_k", negative=True)
lag, delay = symbols("lag delay", nonnegative=True)  # gamma_1 - gamma_j and gamma_1 - gamma_k
e = symbols("e", real=True)

# every critical point: W = U A K^T + Z (I - K K^T), Gamma = K Theta K^T, A Theta A^T = I
U, K, Theta = MatrixSymbol("U", d, k), MatrixSymbol("K", m, r), MatrixSymbol("Theta", r, r)
A, Z, X = MatrixSymbol("A", k, r), MatrixSymbol("Z", d, m), MatrixSymbol("X", d, m)
ZERO_LOSS = (Normalised(W.T, Gamma),)  # W Gamma W^T = I
Q = MatrixSymbol("Q", d, r)


@lru_cache(maxsize=64)
def aligned(model, rank):
    """Loss, gradient and Hessian at W = U S V^T with `rank` modes."""
    left = [MatrixSymbol("U", d, rank)] + [MatrixSymbol("U_c", d, d - rank)] * (rank != d)
    V, P, N, O = (
        MatrixSymbol(name, m, width)
        for name, width in (("V", rank), ("P", n_p - rank), ("N", n_m), ("O", m - n_p - n_m))
    )
    right = [V] + [P] * (rank != n_p) + [N, O]
    values = {W: [(left[0], s, V)], Gamma: [(V, gamma, V), *[(P, pi, P)] * (rank != n_p), (N, nu, N)]}
    return hessian_modes(model.loss, W, values, left=tuple(left), right=tuple(right))


@lru_cache(maxsize=64)
def spectral(model, rank):
    """The spectral critical points of that rank: S^2 holds the reciprocal eigenvalues."""
    return aligned(model, rank).subs({s: 1 / sqrt(gamma)})


# --- steps -------------------------------------------------------------------------------


def to_spectral(model, rank):
    found = aligned(model, rank)
    yield Step("W = U S V^T, Gamma diagonal in V and its complement", kind="assumption")
    yield Step("the gradient there, mode by mode", Tuple(*(entry for *_, entry in found.slope)))
    yield Step("it vanishes at S^2 = Gamma^-1", Tuple(*(entry for *_, entry in spectral(model, rank).slope)))
    yield Step(
        "the Hessian there, block by block",
        Tuple(*(Tuple(*b.key, b.direct, b.exchange) for b in spectral(model, rank).blocks)),
    )


def zero_loss_steps(model):
    yield Step("the Hessian applied to X", hessian(model.loss, {W: X})[W])


def sharpest_steps(model):
    """8 gamma_1 C - 8 W Gamma^2 W^T as a quadratic form in W, where Gamma has no negative eigenvalue."""
    yield from zero_loss_steps(model)
    image = hessian(model.loss, {W: X})[W].subs(X, W * Gamma) * W.T
    image = write(rewriting(ZERO_LOSS, read(image)).reduce(read(image)))
    yield Step("the Hessian applied to W Gamma, times W^T, at zero loss: 8 B", image)
    excess = Trace(8 * gamma_1 * W * Gamma * W.T - image) / 2
    yield Step("8 (gamma_1 C - B), a form in W with the matrix", hessian(excess, {W: X})[W])
    U_, V_, P_ = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("P", m, m - d)
    found = hessian_modes(
        excess, W, {W: [(U_, s, V_)], Gamma: [(V_, gamma, V_), (P_, pi, P_)]}, left=(U_,), right=(V_, P_)
    )
    yield Step(
        "its k-th diagonal entry in the eigenvectors of Gamma, gamma_1 = gamma_k + lag",
        expand(found.block(U_, V_).direct.subs(gamma_1, gamma_k + lag)),
    )


def index_steps(model):
    yield from to_spectral(model, k)
    found = spectral(model, k)
    yield Step("the loss and the Morse index", Tuple(found.value, factor(found.inertia()[0])))


def spurious_steps(model):
    yield from index_steps(model)
    found = spectral(model, k)
    yield Step("the index where d = k + b and n_+ = k + a", factor(found.inertia()[0].subs({d: k + b, n_p: k + a})))


# --- the sentences -----------------------------------------------------------------------

chapter, further = Chapter("beyond"), Chapter("beyond")
gamma_j, gamma_k, eta = symbols("gamma_j gamma_k eta", positive=True)
nu = symbols("nu", negative=True)
e, s_real = symbols("e s", real=True)
i, j = symbols("i j", integer=True)
B = W * Gamma * Gamma * W.T
C = W * Gamma * W.T

# a spectral point of full rank and one of rank k; R holds the square roots of the eigenvalues that are learnt
FULL_U, FULL_V, FULL_R = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("R", d, d)
FULL_A, Y = MatrixSymbol("A", d, d), MatrixSymbol("Y", d, m)
PART_V, PART_R, PART_A = MatrixSymbol("V", m, k), MatrixSymbol("R", k, k), MatrixSymbol("A", k, k)
L, M = MatrixSymbol("L", d, k), MatrixSymbol("M", m, m)
MIXED = MatrixSymbol("N", k, m)
DESCENT = GradientDescent(LOSS.loss, W, step=eta, where=LOSS.where)
w_1, w_2 = symbols("w_1 w_2", real=True)
SMALL_LOSS = (w_1**2 - w_2**2 - 1) ** 2
EXAMPLE = {w_1: Rational(5, 4), w_2: Rational(3, 4)}
AT_EDGE = GradientDescent((gamma * s_real**2 - 1) ** 2, s_real, step=1 / (4 * gamma))


def equal(left, right):
    return Eq(left, right, evaluate=False)


def hessian_of(direction, loss=LOSS.loss, weights=W):
    """The Hessian applied to a direction: how the gradient changes along it."""
    return Rate(Gradient(loss, weights), VectorField({weights: direction}))


def spectral_point(left, right, roots):
    """W = U R^(-1) V^T where Gamma is V R^2 V^T and M on the rest."""
    rest = Identity(m) - right * right.T
    return {W: left * roots.I * right.T, Gamma: right * roots * roots * right.T + rest * M * rest}


def words(*entries):
    return Vocabulary(
        Object(d, "the dimension of the embedding"),
        Object(m, "the dimension of the inputs"),
        Object(W, "the weights"),
        Object(X, "a direction"),
        Object(M, "what Gamma does on the rest", Symmetric(M)),
        Object(Y, "any matrix"),
        Object(eta, "the learning rate"),
        Object(gamma_1, "the largest eigenvalue of Gamma"),
        Object(gamma_j, "an eigenvalue of Gamma that is learnt"),
        Object(gamma_k, "another one"),
        Object(nu, "the least eigenvalue of Gamma, negative"),
        Named(DESCENT, "gradient descent on the loss"),
        *entries,
    )


SYMMETRIC = Object(Gamma, "the cross-correlation matrix, symmetric", Symmetric(Gamma))
NAMES = words(SYMMETRIC)
FULL = words(
    SYMMETRIC,
    Object(FULL_U, "an orthogonal matrix", Orthonormal(FULL_U)),
    Object(FULL_V, "d eigenvectors of Gamma, as columns", Orthonormal(FULL_V)),
    Object(FULL_R, "the square roots of their eigenvalues", Diagonal(FULL_R)),
    Object(FULL_A, "any matrix"),
    Object(i, "the number of a mode"),
    Object(j, "the number of another one"),
)
PART = words(
    SYMMETRIC,
    Object(k, "the number of modes that are learnt"),
    Object(U, "orthonormal columns", Orthonormal(U)),
    Object(PART_V, "so many eigenvectors of Gamma, as columns", Orthonormal(PART_V)),
    Object(PART_R, "the square roots of their eigenvalues", Diagonal(PART_R)),
    Object(PART_A, "any matrix"),
    Object(MIXED, "any matrix"),
    Object(L, "any matrix"),
)

# --- Hessians at spectral points ---------------------------------------------------------

MINIMUM = spectral_point(FULL_U, FULL_V, FULL_R)
EVEN, ODD = FULL_A + FULL_A.T, FULL_A - FULL_A.T
SQUARES = FULL_R * FULL_R
REST = Identity(m) - FULL_V * FULL_V.T
e_i, e_j = unit(i, d), unit(j, d)


def at_minimum(direction):
    return At(hessian_of(direction), MINIMUM)


@chapter.claim(
    "hessian",
    "result",
    FULL.sentence(
        And(
            equal(At(LOSS.loss, MINIMUM), 0),
            equal(
                at_minimum(FULL_U * EVEN * FULL_R * FULL_V.T),
                4 * FULL_U * (EVEN * SQUARES + SQUARES * EVEN) * FULL_R * FULL_V.T,
            ),
            equal(
                inner(e_i, (EVEN * SQUARES + SQUARES * EVEN) * e_j),
                (inner(e_i, FULL_R * e_i) ** 2 + inner(e_j, FULL_R * e_j) ** 2) * inner(e_i, EVEN * e_j),
            ),
            equal(at_minimum(FULL_U * ODD * FULL_R.I * FULL_V.T), ZeroMatrix(d, m)),
            equal(at_minimum(Y * REST), ZeroMatrix(d, m)),
        ),
        (Ge(m, d), Le(1, i), Le(i, d), Le(1, j), Le(j, d)),
    ),
    source="new",
    note="spectral minimum, R^2 the eigenvalues that are learnt: with T symmetric the Hessian multiplies the entry "
    "(i, j) of T by 4 (gamma_i + gamma_j), so that these are its eigenvalues, once for i <= j; it is zero in the other "
    "directions, d(d - 1)/2 of antisymmetric T and d(m - d) of admixtures of other eigenvectors",
)
def hessian_claim():
    yield Step("the gradient of the loss", derive(Gradient(LOSS.loss, W)))
    yield Step("the Hessian applied to a direction", derive(hessian_of(X)))


SADDLE = spectral_point(U, PART_V, PART_R)
PART_EVEN, PART_ODD = PART_A + PART_A.T, PART_A - PART_A.T
OFF, ASIDE = Identity(d) - U * U.T, Identity(m) - PART_V * PART_V.T


def at_saddle(direction):
    return At(hessian_of(direction), SADDLE)


@chapter.claim(
    "hessian.saddle",
    "result",
    PART.sentence(
        And(
            equal(At(Gradient(LOSS.loss, W), SADDLE), ZeroMatrix(d, m)),
            equal(
                at_saddle(U * PART_EVEN * PART_R * PART_V.T),
                4 * U * (PART_EVEN * PART_R * PART_R + PART_R * PART_R * PART_EVEN) * PART_R * PART_V.T,
            ),
            equal(at_saddle(U * PART_ODD * PART_R.I * PART_V.T), ZeroMatrix(d, m)),
            equal(at_saddle(U * MIXED * ASIDE), ZeroMatrix(d, m)),
            equal(at_saddle(OFF * L * PART_V.T), ZeroMatrix(d, m)),
            equal(at_saddle(OFF * Y * ASIDE), -4 * OFF * Y * ASIDE * M * ASIDE),
        ),
        (Ge(m, k), Ge(d, k)),
    ),
    source="new",
    note="spectral point of rank k, any choice of modes: every direction is a sum of these; as in beyond.hessian on "
    "the modes that are learnt, and -4 times each eigenvalue that is not, d - k times",
)
def hessian_saddle():
    yield Step("the gradient of the loss", derive(Gradient(LOSS.loss, W)))
    yield Step("the Hessian applied to a direction", derive(hessian_of(X)))


BELOW = (Le(gamma_j, gamma_1), Le(gamma_k, gamma_1))
MOST = Le(4 * (gamma_j + gamma_k), 8 * gamma_1)

chapter.claim(
    "hessian.largest",
    "result",
    NAMES.sentence(MOST, BELOW),
    source="new",
    note="of the eigenvalues at the top spectral minimum 8 gamma_1 is the largest",
)


def multiplier(eigenvalue):
    """What a step of descent multiplies a small deviation by, in an eigendirection of the Hessian."""
    return 1 - eta * eigenvalue


def shrinks(eigenvalue):
    return And(Gt(multiplier(eigenvalue), -1), Lt(multiplier(eigenvalue), 1))


SLOW = Lt(eta, 1 / (4 * gamma_1))
LINEARISED = equal(Rate(Next(W, DESCENT), VectorField({W: X})), X - eta * hessian_of(X))


def descent_steps():
    yield Step("one step of descent, near a point", derive(Rate(Next(W, DESCENT), VectorField({W: X}))))
    yield Step("no eigenvalue exceeds the largest", proved(Le(4 * eta * (gamma_j + gamma_k), 8 * eta * gamma_1), BELOW))
    yield Step("the largest, at a slow rate", proved(Lt(8 * eta * gamma_1, 2), (SLOW,)))


@chapter.claim(
    "hessian.rate",
    "result",
    NAMES.sentence(
        And(
            LINEARISED,
            Equivalent(Gt(multiplier(8 * gamma_1), -1), SLOW),
            Implies(SLOW, shrinks(4 * (gamma_j + gamma_k))),
        ),
        BELOW,
    ),
    source="new",
    note="by beyond.hessian: gradient descent is linearly stable, transversally to the minima, at the top spectral "
    "minimum if and only if eta < 1/(4 gamma_1)",
)
def hessian_rate():
    yield from descent_steps()


BOTH = And(SLOW, Lt(eta, -1 / (2 * nu)))


@chapter.claim(
    "hessian.rate.rank",
    "result",
    NAMES.sentence(
        And(
            LINEARISED,
            Equivalent(And(Gt(multiplier(8 * gamma_1), -1), Gt(multiplier(-4 * nu), -1)), BOTH),
            Implies(SLOW, shrinks(4 * (gamma_j + gamma_k))),
        ),
        BELOW,
    ),
    source="new",
    note="by beyond.hessian.saddle, at a minimum of rank n_+ < d: a negative eigenvalue nu of Gamma limits the "
    "rate too, eta < min(1/(4 gamma_1), 1/(2 |nu|))",
)
def hessian_rate_rank():
    yield from descent_steps()


TWICE = At(Next(Next(sqrt(gamma) * s_real - 1, AT_EDGE), AT_EDGE), {s_real: (1 + e) / sqrt(gamma)})
EDGE = Vocabulary(
    Object(gamma, "the eigenvalue of one aligned mode"),
    Object(s_real, "its singular value"),
    Object(e, "the deviation of gamma^(1/2) s from one"),
    Named(AT_EDGE, "gradient descent on one aligned mode, at eta = 1/(4 gamma)"),
)


@chapter.claim(
    "hessian.edge",
    "result",
    EDGE.sentence(equal(Order(TWICE - (e - 16 * e**3), e, 0), 4)),
    source="new",
    note="two steps at the limit of the rate: an aligned mode still converges, as t^(-1/2)",
)
def hessian_edge():
    yield Step("the deviation after two steps", derive(TWICE))


# --- zero loss ---------------------------------------------------------------------------

ZERO = FULL_A + FULL_A.T


@chapter.claim(
    "hessian.any",
    "result",
    FULL.sentence(
        And(
            equal(hessian_of(ZERO * W * Gamma), 4 * (ZERO * B + B * ZERO) * W * Gamma),
            equal(inner(X, hessian_of(X)), 2 * sq(X * Gamma * W.T + W * Gamma * X.T)),
        ),
        ZERO_LOSS,
    ),
    source="new",
    note="at every W of zero loss the non-zero eigenvalues are 4 (b_i + b_j), i <= j, b the eigenvalues of "
    "B = W Gamma^2 W^T",
)
def hessian_any():
    yield Step("the Hessian applied to a direction", derive(hessian_of(X)))


TO_1, TO_2 = symbols("v_1 v_2", real=True)
FIXED = VectorField({w_1: TO_1, w_2: TO_2})  # along a direction
POINT = Vocabulary(
    Object(w_1, "the first weight of one output, two inputs, Gamma = diag(1, -1)"),
    Object(w_2, "the second weight"),
    Object(TO_1, "a direction"),
    Object(TO_2, "a direction"),
)


def sharp_image(weight):
    """An entry of the Hessian applied to W Gamma, which does not move with the weights."""
    return At(At(Rate(Gradient(SMALL_LOSS, weight), FIXED), {TO_1: w_1, TO_2: -w_2}), EXAMPLE)


@further.claim(
    "hessian.indefinite",
    "result",
    POINT.sentence(
        And(
            equal(At(SMALL_LOSS, EXAMPLE), 0),
            equal(sharp_image(w_1), 17 * At(w_1, EXAMPLE)),
            equal(sharp_image(w_2), -17 * At(w_2, EXAMPLE)),
        )
    ),
    source="new",
    note="Gamma = diag(1, -1), W = (5/4, 3/4): zero loss, W Gamma is an eigenvector of the Hessian with eigenvalue 17, "
    "and 17 > 8 gamma_1 = 8",
)
def hessian_indefinite():
    yield Step("the Hessian applied to W Gamma, first entry", derive(sharp_image(w_1)))
    yield Step("the second entry", derive(sharp_image(w_2)))


# --- all critical points -----------------------------------------------------------------


@further.claim(
    "landscape",
    "result",
    NAMES.sentence(
        And(
            equal(Gradient(LOSS.loss, W) * W.T, 4 * (C * C - C)),
            equal(LOSS.loss - inner(Gradient(LOSS.loss, W), W) / 4, d - Trace(C)),
        )
    ),
    source="new",
    note="where the gradient vanishes C is an orthogonal projector and L = d - rank C",
)
def landscape():
    yield Step("the gradient of the loss", derive(Gradient(LOSS.loss, W)))


LEARNT = U * A * K.T  # W on the range of Gamma, at a critical point
FORM = K * Theta * K.T  # Gamma there
CRITICAL_POINT = {W: LEARNT + Y * (Identity(m) - K * K.T), Gamma: FORM}
GENERAL = words(
    SYMMETRIC,
    Object(k, "the rank of C"),
    Object(r, "the rank of Gamma"),
    Object(U, "the range of C, as orthonormal columns", Orthonormal(U)),
    Object(K, "the range of Gamma, as orthonormal columns", Orthonormal(K)),
    Object(Theta, "Gamma in this range", Symmetric(Theta)),
    Object(A, "the weights in these ranges, A Theta A^T = I"),
)


@further.claim(
    "landscape.form",
    "result",
    GENERAL.sentence(
        And(
            equal(At(Gradient(LOSS.loss, W), CRITICAL_POINT), ZeroMatrix(d, m)),
            equal(
                inner(X, At(hessian_of(X), CRITICAL_POINT)),
                2 * sq(U * U.T * X * FORM * LEARNT.T + LEARNT * FORM * X.T * U * U.T)
                - 4 * Trace((Identity(d) - U * U.T) * X * (FORM - FORM * LEARNT.T * LEARNT * FORM) * X.T),
            ),
        ),
        (Normalised(A.T, Theta), Ge(d, k), Ge(m, r), Ge(r, k)),
    ),
    source="new",
    note="every critical point, Gamma definite or not: where the gradient times W^T vanishes C is a projector U U^T, "
    "and (I - C) W Gamma = 0; Gamma - Gamma W^T W Gamma has n_+ - k positive eigenvalues by Sylvester's law, so that "
    "the index is (d - k)(n_+ - k)",
)
def landscape_form():
    yield Step("the gradient of the loss", derive(Gradient(LOSS.loss, W)))
    yield Step("the Hessian applied to a direction", derive(hessian_of(X)))


ACROSS = Identity(d) - Q * Q.T
bounds = Chapter("beyond")
BOUNDED = words(
    SYMMETRIC,
    Object(r, "d - n_+, the number of directions on which C is not positive"),
    Object(Q, "these directions, as orthonormal columns", Orthonormal(Q)),
)

bounds.claim(
    "landscape.bound",
    "result",
    BOUNDED.sentence(
        equal(
            LOSS.loss,
            r
            + sq(Q.T * C * Q)
            - 2 * Trace(Q.T * C * Q)
            + 2 * sq(Q.T * (C - Identity(d)) * ACROSS)
            + sq(ACROSS * (C - Identity(d)) * ACROSS),
        ),
        Ge(d, r),
    ),
    source="new",
    note="Q spans r = d - n_+ directions on which C is not positive (W maps them where Gamma is not), so that L >= r",
)


# --- the statements ----------------------------------------------------------------------


def _landscape(label, printed, steps, decide, *, given=(), **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, given=given, model=LOSS, source="new", **more)


CLAIMS = (
    *chapter.claims,
    _landscape(
        "hessian.sharpest",
        Ge(8 * gamma_k * lag, 0, evaluate=False),
        sharpest_steps,
        implied(),
        note="where Gamma has no negative eigenvalue, B <= gamma_1 I at zero loss: no global minimum is sharper "
        "than the top spectral one",
        statement_latex=r"\Gamma \succeq 0,\ W\Gamma W^{\top} = I \implies W\Gamma^{2}W^{\top} \preceq \gamma_1 I",
    ),
    *further.claims,
    _landscape(
        "landscape.index",
        Tuple(d - k, (d - k) * (n_p - k)),
        index_steps,
        identity(),
        note="the loss and the Morse index of the saddle with k modes",
        statement_latex=r"L = d - k, \qquad \operatorname{ind} = (d - k)(n_{+} - k)",
    ),
    _landscape(
        "landscape.nospurious",
        Gt(a * b, 0, evaluate=False),
        spurious_steps,
        implied(),
        note="any Gamma, any shape: rank k < min(d, n_+), so that b = d - k and a = n_+ - k are positive, is a strict "
        "saddle; at k = min(d, n_+) the loss is least",
        statement_latex=r"k < \min(d, n_{+}) \implies \operatorname{ind} > 0",
    ),
    *bounds.claims,
)

NOTATION = {"n_p": "n_{+}", "n_m": "n_{-}"}


def equations():
    """The Hessian at a spectral saddle and the normal form of the second variation, for LaTeX."""
    return {
        "hessian-spectrum": Tuple(*(Tuple(q.value, q.count) for q in spectral(LOSS, k).spectrum())),
        "second-variation": second_variation(LOSS.loss, {W: X}),
    }
