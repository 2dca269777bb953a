"""Sections 3 and 4, App. B.1-B.3: one linear layer, and collapse by strong augmentation."""

from functools import lru_cache

from sympy import (
    And,
    Determinant,
    Dict,
    Eq,
    Equivalent,
    Ge,
    Gt,
    Identity,
    Lt,
    Matrix,
    MatrixSymbol,
    Poly,
    Symbol,
    Trace,
    Tuple,
    cancel,
    diag,
    diff,
    exp,
    eye,
    log,
    oo,
    sqrt,
    symbols,
)

from symssl import Diagonal, MatrixFlow, Orthonormal, Symmetric, expect, inner, mean, samples, sq, total
from symssl.claims import Chapter, Step, identity, refuted_at
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    Gradient,
    Let,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
    unit,
)
from symssl.statements import derive, rewritten

from .._models import infonce
from .model import (
    HALF,
    LINE,
    N,
    W,
    alpha,
    claim,
    correction,
    d,
    embeddings,
    i,
    j,
    k,
    kernel,
    n,
    outer,
    partition,
    t,
    u,
    written_out,
    x,
    xp,
)
from .vocabulary import (
    ANY,
    ANY_LOSS,
    EMBEDDINGS,
    HERE,
    LINEAR,
    NAMES,
    SIZES,
    SLOPES,
    Z,
    Zp,
    a,
    augmented,
    b,
    c,
    columns,
    covariances,
    equal,
    f,
    family,
    g,
    gathered,
    gp,
    gradients,
    loss,
    others,
    sample,
    v,
    z,
    zp,
)

X, K = MatrixSymbol("X", d, d), MatrixSymbol("K", d, d)
Y, Cov = MatrixSymbol("Y", d, d), MatrixSymbol("Sigma", d, d)
U, Lam, D, R = (MatrixSymbol(name, d, d) for name in ("U", "Lambda", "D", "R"))
W_0 = MatrixSymbol("W_0", n, d)
w, lam, sigma = symbols("w lambda sigma", positive=True)
p = symbols("p", positive=True)
lowest, final, drift = symbols("lowest final drift", real=True)
ON_LINE = {u: HALF}  # the start of the trajectories on the line: exp(-w^2/2) = 1/2
# squared distances in a row of three weights, that of the pair itself first, with their velocities
ROW_MOTION = tuple(zip(symbols("s_1:4", real=True), symbols("v_1:4", real=True)))


# --- derivations -------------------------------------------------------------------------


# two samples on a line


@lru_cache(maxsize=8)
def on_line(factor=1):
    """X of a network z = w x on the line, as a function of u = exp(-w^2/2)."""
    points, partners = LINE
    loss = written_out([w * p for p in points], [w * factor * p for p in partners])
    return cancel((-diff(loss, w) / w).subs(w, sqrt(-2 * log(u))).expand())


def line_steps(model):
    yield Step("samples 0 and 3, augmented to 4 and 3: X = -L'(w)/w, u = exp(-w^2/2)", on_line())


def moving_steps(model):
    yield from line_steps(model)
    # du/dt = -u w dw/dt = -u w^2 X
    yield Step(
        "X, and dX/dt divided by w^2, at u = 1/2",
        Dict({lowest: on_line().subs(ON_LINE), drift: (-u * on_line() * diff(on_line(), u)).subs(ON_LINE)}),
    )


def trapped_steps(model):
    """The weight falls to the zero of X, not to zero."""
    yield from line_steps(model)
    numerator = Poly(on_line().as_numer_denom()[0], u)
    yield Step("its numerator", numerator.as_expr())
    inside = [r for r in numerator.real_roots() if 0 < r < 1]
    yield Step("roots in (0, 1)", Tuple(*inside))
    (root,) = inside
    points = [p[0] for p in LINE[0]]
    centre = sum(points) / len(points)
    variance = sum((p - centre) ** 2 for p in points) / len(points)
    yield Step(
        "X at the start u = 1/2; the weight decreases to the only zero; the covariance w^2 Var(x) there",
        Dict({lowest: on_line().subs(ON_LINE), final: -2 * log(root) * variance}),
    )


def still_steps(model):
    """What a fixed X means for W: tr(X S') and tr(X' S') for S = W^T W."""
    moving = MatrixFlow({W: W * X}, (Symmetric(X),))
    pairing = expect(Trace(X * moving.lie(W.T * W)))
    yield Step("along W' = W X the product of X and the derivative of S = W^T W", pairing)
    squares, speeds = zip(*ROW_MOTION)
    whole = sum(exp(-s / 2) for s in squares)
    weights = [exp(-s / 2) / whole for s in squares]
    drifts = [sum(weight.diff(s) * speed for s, speed in ROW_MOTION) for weight in weights]
    own = speeds[0]
    product = sum(weight * speed for weight, speed in zip(weights[1:], speeds[1:])) - (1 - weights[0]) * own
    yield Step(
        "one row of X = sum alpha_ij (x_i - x_j)(x_i - x_j)^T - sum (1 - alpha_ii)(x'_i - x_i)(x'_i - x_i)^T, times S'",
        product,
    )
    change = sum(drift * speed for drift, speed in zip(drifts[1:], speeds[1:])) + drifts[0] * own
    yield Step(
        "the same for the row of X', with the derivatives of the weights; the first is that of the pair itself",
        Tuple(pairing, product, change),
    )


# --- the loss, its gradient flow, and X --------------------------------------------------

softmax = Chapter("jing2021")
LINEAR_EMBEDDINGS = embeddings(W)
SIGMA_0, SIGMA_1 = covariances(*LINEAR_EMBEDDINGS)
X_PRINTED = -total(gathered(*LINEAR_EMBEDDINGS) * x[i].T, i) - augmented((xp[i] - x[i]) * x[i].T, *LINEAR_EMBEDDINGS)
X_EXPANDED = total(gathered(*LINEAR_EMBEDDINGS) * x[i].T, i) - augmented((xp[i] - x[i]) * xp[i].T, *LINEAR_EMBEDDINGS)
LINEAR_GRADIENTS = gradients(*LINEAR_EMBEDDINGS)
G = total(LINEAR_GRADIENTS[0] * x[i].T + LINEAR_GRADIENTS[1] * xp[i].T, i)
ANY_G = total(g * unit(i, N) * x[i].T + gp * unit(i, N) * xp[i].T, i)
loss_value, covariance = Symbol("L", real=True), MatrixSymbol("C", n, n)
DISTANCE, PARTITION = symbols("s Z", positive=True)


def infonce_flow():
    yield Step("gradient flow of the InfoNCE loss", derive(Rate(W, LINEAR)))


def any_flow():
    yield Step("the chain rule: the gradient of any loss of the embeddings W x_i and W x'_i", derive(Rate(W, ANY)))


softmax.claim(
    "eq1",
    "definition",
    Vocabulary(NAMES, Object(covariance, "the covariance of the embeddings")).sentence(
        equal(covariance, mean(outer(z[i] - mean(z[j], j)), i))
    ),
    cite="Eq. (1)",
)

softmax.claim(
    "eq2",
    "definition",
    Vocabulary(SIZES, EMBEDDINGS, Object(loss_value, "the loss")).sentence(equal(loss_value, loss(*family(z, zp)))),
    cite="Eq. (2)",
    note="the sum over j != i is the sum over all j less the term j = i, which is 1",
)

softmax.claim(
    "eq2.split",
    "consequence",
    Vocabulary(
        Object(DISTANCE, "the squared distance of a pair"), Object(PARTITION, "Z_i, the sum of its similarities")
    ).sentence(equal(log(exp(-DISTANCE / 2) / PARTITION), -DISTANCE / 2 - log(PARTITION))),
    cite="Eq. (2)",
    source="new",
    note="one term of the loss: the form in which the flows take it",
)

softmax.claim(
    "eq2.norm",
    "in-text",
    NAMES.sentence(equal(-sq(a - b) / 2, inner(a, b) - 1)),
    cite="Sec. 4.1",
    note="one constant for every pair, positive or negative: it cancels in the quotient",
)


@softmax.claim("lemma1", "lemma", SLOPES.sentence(equal(Rate(W, ANY), -ANY_G)), cite="Lemma 1")
def lemma1():
    yield from any_flow()


@softmax.claim(
    "eq3",
    "equation",
    NAMES.sentence(equal(Rate(W, LINEAR), -G)),
    cite="Eq. (3)",
    note="with the gradients of Eq. (4) written out",
)
def eq3():
    yield from infonce_flow()


softmax.claim(
    "B1",
    "proof",
    SLOPES.sentence(
        And(
            equal(
                Gradient(ANY_LOSS.xreplace(HERE), W).T,
                total(x[i] * (g * unit(i, N)).T + xp[i] * (gp * unit(i, N)).T, i),
            ),
            equal(Gradient(inner(c, W * x[sample]), W), c * x[sample].T),
            equal(Rate(W, ANY), -ANY_G),
        )
    ),
    cite="App. B.1",
    note="dL/dW in numerator layout is the transpose of the gradient; dz_i/dW = x_i is read as the gradient of c^T z_i",
)

softmax.claim(
    "eq4",
    "equation",
    NAMES.sentence(
        And(
            *(
                equal(Gradient(infonce(*columns(Z, Zp), i, j), matrix), total(slope * unit(i, N).T, i))
                for matrix, slope in zip((Z, Zp), gradients(*columns(Z, Zp)))
            )
        )
    ),
    cite="Eq. (4)",
    note="the gradient in the matrix of all embeddings z_i = Z e_i, whose columns are the gradients of (4)",
)


def row_sum(own):
    """The sum of a row of alpha, with what stands for alpha_ii."""
    pair = partition(*family(z, zp), sample, k)
    return total(kernel(z[sample], z[j]) / pair, j) - 1 / pair + own


OWN = kernel(z[sample], zp[sample])

softmax.claim(
    "alpha",
    "in-text",
    NAMES.sentence(equal(row_sum(OWN), 1)),
    cite="Sec. 4.2 text",
    note="the printed alpha_ii lacks the factor 1/Z_i, without which the rows do not sum to one",
)

softmax.claim(
    "alpha.fixed",
    "result",
    NAMES.sentence(equal(row_sum(OWN / partition(*family(z, zp), sample, k)), 1)),
    cite="not in the paper",
    corrects="alpha",
    note="with the factor 1/Z_i",
)

softmax.claim(
    "eq5",
    "equation",
    NAMES.sentence(equal(G, -W * X_EXPANDED)),
    cite="Eq. (5)",
    note="G with the gradients of (4), X as in the first line of App. B.2; as Eq. (6) prints it, X has another sign "
    "and another last factor",
)


@softmax.claim(
    "eq6",
    "equation",
    NAMES.sentence(equal(Rate(W, LINEAR), W * X_PRINTED)),
    cite="Eq. (6)",
    note="the first sum has the wrong sign, and the last factor should be x'_i: App. B.2 has both right",
)
def eq6():
    yield from infonce_flow()


@softmax.claim(
    "eq6.fixed",
    "result",
    NAMES.sentence(equal(Rate(W, LINEAR), W * X_EXPANDED)),
    cite="App. B.2, first line",
    corrects="eq6",
)
def eq6_fixed():
    yield from infonce_flow()


softmax.claim(
    "lemma2",
    "lemma",
    NAMES.sentence(equal(X_PRINTED, SIGMA_0 - SIGMA_1)),
    cite="Lemma 2",
    note="as (6) is printed X is not even symmetric; with the X of App. B.2 the lemma holds",
)

softmax.claim(
    "lemma2.fixed",
    "result",
    NAMES.sentence(equal(X_EXPANDED, SIGMA_0 - SIGMA_1)),
    cite="not in the paper",
    corrects="lemma2",
    note="with the X of App. B.2",
)


@softmax.claim("eq7", "equation", NAMES.sentence(equal(Rate(W, LINEAR), W * (SIGMA_0 - SIGMA_1))), cite="Eq. (7)")
def eq7():
    yield from infonce_flow()


def regrouped(z, zp):
    """The second line of App. B.2."""

    def pairs(term):
        return total(others(term, z, zp), i)

    return (
        pairs(lambda to, back, m: to * xp[i] * x[i].T)
        - pairs(lambda to, back, m: to * x[m] * x[i].T)
        + pairs(lambda to, back, m: back * outer(x[i] - x[m]))
        + pairs(lambda to, back, m: back * (x[i] - x[m]) * x[m].T)
        - augmented(outer(xp[i] - x[i]), z, zp)
        - augmented((xp[i] - x[i]) * x[i].T, z, zp)
    )


softmax.claim(
    "B2",
    "proof",
    NAMES.sentence(
        And(
            equal(X_EXPANDED, regrouped(*LINEAR_EMBEDDINGS)),
            equal(regrouped(*LINEAR_EMBEDDINGS), SIGMA_0 - SIGMA_1),
            equal(row_sum(0), 1 - OWN / partition(*family(z, zp), sample, k)),
        )
    ),
    cite="App. B.2",
    note="the first line is not Eq. (6), to which it refers, but it is right",
)

# --- the amplitude of the augmentation ---------------------------------------------------

epsilon, turn = samples("epsilon", d, N), MatrixSymbol("Q", d, d)


def drive(shift):
    """X where the samples are augmented by shifts."""
    data, moved = covariances(embeddings(W)[0], lambda a: W * (x[a] + shift(a)), shift)
    return data - moved


X_turned = MatrixSymbol("X'", d, d)

softmax.claim(
    "lemma2.cons",
    "in-text",
    Vocabulary(
        NAMES,
        Object(epsilon, "the augmentations, x'_i = x_i + epsilon_i"),
        Object(turn, "an orthogonal matrix", Orthonormal(turn)),
        Let(X, drive(lambda a: epsilon[a]), "X of Lemma 2"),
        Let(X_turned, drive(lambda a: turn * epsilon[a]), "X for augmentations of the same amplitude, turned by Q"),
    ).sentence(Equivalent(Gt(Eigenvalue(X, 1), 0, evaluate=False), Gt(Eigenvalue(X_turned, 1), 0, evaluate=False))),
    cite="Sec. 4.2, below Lemma 2",
    witness={
        W: [[0, 0]],
        x: [[3, -3, 0, 0], [0, 0, 1, -1]],
        epsilon: [[0, 0, 0, 0], [4, 0, 0, 0]],
        turn: [[0, 1], [-1, 0]],
    },
    note="samples (3, 0), (-3, 0), (0, 1), (0, -1), the first moved by 4 along one axis or along the other: the "
    "direction decides, and with it the weights alpha",
)

DRIVEN = Vocabulary(NAMES, Let(X, SIGMA_0 - SIGMA_1, "X of Lemma 2"))

softmax.claim(
    "lemma2.cons.form",
    "result",
    DRIVEN.sentence(
        equal(
            inner(v, X * v),
            total(alpha(*LINEAR_EMBEDDINGS, i, j, k) * inner(v, x[i] - x[j]) ** 2, i, j)
            - augmented(inner(v, xp[i] - x[i]) ** 2, *LINEAR_EMBEDDINGS),
        )
    ),
    cite="not in the paper",
    corrects="lemma2.cons",
)


@softmax.claim(
    "eq23",
    "equation",
    DRIVEN.sentence(equal(Rate(W, LINEAR), W * X)),
    cite="Eq. (23)",
    note="with the X of Lemma 2; as Eq. (6) prints X it would fail",
)
def eq23():
    yield from infonce_flow()


# --- fixed X -----------------------------------------------------------------------------

fixed_drive = Chapter("jing2021")
GROWTH = VectorField({D: Lam * D})
GROWN = W_0 * U * D * U.T
EXPONENTIAL = Vocabulary(
    NAMES,
    Object(W_0, "the weights at time 0"),
    Object(U, "the eigenvectors of X, as columns", Orthonormal(U)),
    Object(Lam, "the eigenvalues of X, on the diagonal", Diagonal(Lam)),
    Object(D, "exp(Lambda t): the solution of D' = Lambda D from D(0) = I, a diagonal matrix", Diagonal(D)),
    Let(X, U * Lam * U.T, "the fixed matrix X"),
)


@fixed_drive.claim(
    "thm1.sol",
    "in-text",
    EXPONENTIAL.sentence(And(equal(Rate(GROWN, GROWTH), GROWN * X), equal(At(GROWN, {D: Identity(d)}), W_0))),
    cite="App. B.3",
    note="W(t) = W(0) U exp(Lambda t) U^T solves W' = W X and begins at W(0)",
)
def thm1_sol():
    yield Step("velocity of W(0) U D U^T where D' = Lambda D", derive(Rate(GROWN, GROWTH)))


fixed_drive.claim(
    "cor1.C",
    "in-text",
    Vocabulary(
        NAMES, Let(covariance, mean(outer(W * x[i] - mean(W * x[j], j)), i), "the covariance of the embeddings W x_i")
    ).sentence(equal(covariance, mean(W * outer(x[i] - mean(x[j], j)) * W.T, i))),
    cite="below Corollary 1",
)

DEFINITE = VectorField({W: W * K.T * K})
SPREADING = inner(f, Rate(W * W.T, DEFINITE) * f)


@fixed_drive.claim(
    "sec5.single",
    "in-text",
    Vocabulary(NAMES, Object(K, "a square root of X = K^T K")).sentence(
        And(equal(SPREADING, 2 * sq(K * W.T * f)), Ge(SPREADING, 0, evaluate=False))
    ),
    cite="Sec. 5.1",
    note="in absolute terms: W W^T grows, and with it every eigenvalue (Courant-Fischer), whatever the shape, the "
    "multiplicities and the changes of X",
)
def single():
    yield Step("along W' = W X the derivative of W W^T, for X = K^T K", derive(Rate(W * W.T, DEFINITE)))
    yield Step("its form is a square", rewritten(derive(SPREADING), 2 * sq(K * W.T * f)))


# --- a fixed X with negative eigenvalues -------------------------------------------------

collapse = Chapter("jing2021")
FIXED = VectorField({W: W * X})
direction = MatrixSymbol("e", d, 1)
OFF = Identity(d) - direction * direction.T
STRONG = Vocabulary(
    NAMES,
    Object(W_0, "the weights at time 0"),
    Object(X, "the fixed matrix X", Symmetric(X)),
    Object(direction, "a unit vector", Orthonormal(direction)),
    Object(lam, "minus an eigenvalue of X"),
    Object(Y, "a symmetric matrix: the rest of X", Symmetric(Y)),
    Object(t, "time"),
    Named(FIXED, "the flow W' = W X with X held fixed"),
)
ALONG_EIGENVECTOR = Vocabulary(
    *(entry for entry in STRONG.entries if entry.name != "X"),
    Let(
        X, -lam * direction * direction.T + OFF * Y * OFF, "the fixed matrix X: any symmetric one with X e = -lambda e"
    ),
)


def end(term, weights=W, start=W_0):
    """The limit of a term on the trajectory with fixed X."""
    return Limit(Along(term, VectorField({weights: weights * X}), t, {weights: start}), t, oo)


DECAY = exp(-2 * lam * t) * sq(W_0 * direction)
LENGTH = Along(sq(W * direction), FIXED, t, {W: W_0})
DECAYS = equal(LENGTH, DECAY), equal(Limit(DECAY, t, oo), 0)
ONE_DIRECTION = ALONG_EIGENVECTOR.sentence(And(*DECAYS))


def decay_steps():
    yield Step(
        "the velocity of |W e|^2 is -2 lambda times itself",
        derive(ONE_DIRECTION.expand(LENGTH), ONE_DIRECTION.hypotheses),
    )


collapse.claim(
    "thm1",
    "theorem",
    STRONG.sentence(equal(end(Eigenvalue(W, -1, "singular")), 0), given=Lt(Eigenvalue(X, 1), 0, evaluate=False)),
    cite="Theorem 1",
    witness={n: 1, d: 2, W_0: Matrix([[1, 1]]), X: diag(0, -1)},
    note="the theorem prints no shape, and the verdict rests on that: a W with fewer rows than columns need not lose a "
    "singular value, as the lost direction may be one it did not use; for n >= d the theorem holds",
)

TALL = Vocabulary(
    ALONG_EIGENVECTOR,
    Object(sigma, "the least singular value of W"),
    Object(R, "a matrix: W^T W exceeds sigma^2 I by R^T R, as it does where W has no fewer rows than columns"),
)

collapse.claim(
    "thm1.tall",
    "result",
    TALL.sentence(
        And(
            *DECAYS,
            equal(inner(direction, (sigma**2 * Identity(d) + R.T * R) * direction), sigma**2 + sq(R * direction)),
        )
    ),
    cite="not in the paper",
    corrects="thm1",
    note="for n >= d: sigma^2 = |W e|^2 - |R e|^2 is at most |W(t) e|^2, which vanishes",
)(decay_steps)

SQUARE_WEIGHTS, SQUARE_START = MatrixSymbol("W", d, d), MatrixSymbol("W_0", d, d)

collapse.claim(
    "thm1.inf",
    "proof",
    Vocabulary(
        Object(d, "the number of inputs and outputs"),
        Object(SQUARE_WEIGHTS, "the weights"),
        Object(SQUARE_START, "the weights at time 0"),
        Object(X, "the fixed matrix X", Symmetric(X)),
    ).sentence(
        equal(end(Determinant(SQUARE_WEIGHTS), SQUARE_WEIGHTS, SQUARE_START), 0),
        given=Lt(Eigenvalue(X, 1), 0, evaluate=False),
    ),
    cite="App. B.3",
    witness={d: 2, SQUARE_START: eye(2), X: diag(1, -1)},
    argument=True,
    note="exp(Xt) is invertible at all times; where X also has a positive eigenvalue there is no W(oo), here "
    "det W(t) = 1: what vanishes is |W(t) e|",
)

collapse.claim(
    "thm1.inf.direction",
    "result",
    ONE_DIRECTION,
    cite="not in the paper",
    corrects="thm1.inf",
    note="where X e = -lambda e",
)(decay_steps)

collapse.claim(
    "intro.mech1",
    "in-text",
    STRONG.sentence(equal(end(sq(W * v)), 0), given=Lt(inner(v, X * v), 0, evaluate=False)),
    cite="Sec. 1",
    witness={n: 2, d: 2, W_0: eye(2), X: Matrix([[-1, 1], [1, -1]]), v: Matrix([1, 0])},
    note="v^T Sigma_1 v > v^T Sigma_0 v is v^T X v < 0; even for a fixed X only eigenvectors of X collapse",
)

collapse.claim(
    "intro.mech1.eigenvector",
    "result",
    ONE_DIRECTION,
    cite="not in the paper",
    corrects="intro.mech1",
    note="where X e = -lambda e",
)(decay_steps)


PAIR = MatrixSymbol("F", d, 2)
leading, trailing, lower, excess = MatrixSymbol("a", d, 1), MatrixSymbol("b", d, 1), *symbols("q g", positive=True)
NEITHER = Identity(d) - leading * leading.T - trailing * trailing.T
SPLIT = Vocabulary(
    *(entry for entry in NAMES.entries if entry.name not in ("a", "b")),
    Object(W_0, "the weights at time 0"),
    Object(lower, "an eigenvalue of X"),
    Object(excess, "what a larger eigenvalue exceeds it by"),
    Object(PAIR, "two orthonormal columns", Orthonormal(PAIR)),
    Object(Y, "a symmetric matrix: the rest of X", Symmetric(Y)),
    Object(t, "time"),
    Let(leading, PAIR * Matrix([1, 0]), "the eigenvector of the larger eigenvalue"),
    Let(trailing, PAIR * Matrix([0, 1]), "the eigenvector of the smaller one"),
    Let(
        X,
        (lower + excess) * leading * leading.T + lower * trailing * trailing.T + NEITHER * Y * NEITHER,
        "the fixed matrix X, any with these eigenvalues",
    ),
    Named(FIXED, "the flow W' = W X with X held fixed"),
)


def at_start(vector):
    """|W(0) e|^2."""
    return inner(vector, W_0.T * W_0 * vector)


def lengths(vector, rate):
    """|W e|^2 along an eigenvector, and what it is."""
    return Along(inner(vector, W.T * W * vector), FIXED, t, {W: W_0}), exp(2 * rate * t) * at_start(vector)


MORE, LESS = lengths(leading, lower + excess), lengths(trailing, lower)
RELATIVE = SPLIT.sentence(
    And(
        equal(*MORE),
        equal(*LESS),
        equal(Limit(LESS[1] / MORE[1], t, oo), 0),
    ),
    given=Gt(at_start(leading), 0, evaluate=False),
)


@fixed_drive.claim(
    "sec5.single.relative",
    "consequence",
    RELATIVE,
    cite="Sec. 5.1",
    source="new",
    note="relative to the direction in which the weights of one layer grow most, the others vanish as well",
)
def relative_steps():
    for length, _ in (MORE, LESS):
        yield Step("the velocity is a multiple of it", derive(RELATIVE.expand(length), RELATIVE.hypotheses))


# --- Corollary 1 -------------------------------------------------------------------------

corollary = Chapter("jing2021")
SQUARE_FIXED = VectorField({SQUARE_WEIGHTS: SQUARE_WEIGHTS * X})
square_covariance = MatrixSymbol("C", d, d)
ACROSS = SQUARE_WEIGHTS.T.I * direction
LENGTH_ACROSS = Along(sq(ACROSS), SQUARE_FIXED, t, {SQUARE_WEIGHTS: SQUARE_START})
GROWN_ACROSS = exp(2 * lam * t) * sq(SQUARE_START.T.I * direction)
COLLAPSING = Vocabulary(
    *(entry for entry in ALONG_EIGENVECTOR.entries if entry.name not in ("W", "W_0")),
    Object(SQUARE_WEIGHTS, "the weights, an invertible matrix"),
    Object(SQUARE_START, "the weights at time 0"),
    Object(Cov, "the covariance of the inputs", Symmetric(Cov)),
    Let(square_covariance, SQUARE_WEIGHTS * Cov * SQUARE_WEIGHTS.T, "the covariance of the embeddings"),
    Named(SQUARE_FIXED, "the flow W' = W X with X held fixed, as many outputs as inputs"),
).sentence(
    And(
        equal(inner(ACROSS, square_covariance * ACROSS), inner(direction, Cov * direction)),
        equal(LENGTH_ACROSS, GROWN_ACROSS),
        equal(Limit(inner(direction, Cov * direction) / GROWN_ACROSS, t, oo), 0),
    ),
    given=Gt(sq(SQUARE_START.T.I * direction), 0, evaluate=False),
)


@corollary.claim(
    "cor1.fixed",
    "result",
    COLLAPSING,
    cite="not in the paper",
    corrects="cor1",
    note="for fixed X with X e = -lambda e and an invertible W: the least eigenvalue of C is at most y^T C y / |y|^2 "
    "with y = W^{-T} e, which vanishes",
)
def covariance_steps():
    yield Step(
        "the velocity of |y|^2 is 2 lambda times itself",
        derive(COLLAPSING.expand(LENGTH_ACROSS), COLLAPSING.hypotheses),
    )


# --- statements --------------------------------------------------------------------------


ROW_WEIGHTS = [exp(-s / 2) / sum(exp(-r / 2) for r, _ in ROW_MOTION) for s, _ in ROW_MOTION]
ROW = (
    sum(weight * (speed - ROW_MOTION[0][1]) for weight, (_, speed) in zip(ROW_WEIGHTS, ROW_MOTION)),
    sum(
        ROW_WEIGHTS[r] * ROW_WEIGHTS[c] * (ROW_MOTION[r][1] - ROW_MOTION[c][1]) ** 2 for r in range(3) for c in range(r)
    ),
)


OLD = (
    claim(
        "thm1.fixed",
        "hypothesis",
        Eq(drift, 0),
        moving_steps,
        refuted_at(),
        "Theorem 1",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \dot X = 0 \text{ along the flow of (2), with the } X "
        r"\text{ of (6)}",
        note="the theorem supposes it of the X of Eq. (6), and Corollary 1 and Sec. 5.1 rest on it; but X depends on "
        "W through the "
        "softmax weights, and is fixed only where W X = 0",
    ),
    correction(
        "thm1.fixed",
        Tuple(2 * sq(W * X), ROW[0], -ROW[1] / 2),
        still_steps,
        identity(),
        suffix="rest",
        given=(Symmetric(X),),
        sizes="one row of three weights; the identities are those of a mean and a variance, of any number of terms",
        statement_latex=r"\operatorname{tr}(X\dot S) = 2\lVert WX\rVert^2 = \sum_i\sum_j\alpha_{ij}(\dot s_{ij} - "
        r"\dot s_{ii}),\ "
        r"\operatorname{tr}(\dot X\dot S) = -\tfrac12\sum_i\sum_{j<k}\alpha_{ij}\alpha_{ik}(\dot s_{ij} - \dot "
        r"s_{ik})^2, \quad S = W^\top W",
        note="s_ij = |z_i - z_j|^2, and s_ii = |z_i - z'_i|^2, are linear in S: if X is fixed then all s_ij of a row "
        "move alike, "
        "and W X = 0",
    ),
    claim(
        "cor1",
        "corollary",
        Eq(final, 0),
        trapped_steps,
        refuted_at(),
        "Corollary 1",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \lim_{t\to\infty}\lambda_{\min}(C(t)) = 0",
        note="X < 0 at all times, yet X(t) -> 0 and the weight tends to a positive limit: the flow of Eq. (2) does "
        "not keep X fixed",
    ),
)

CLAIMS = (*softmax.claims, *collapse.claims, *OLD, *corollary.claims, *fixed_drive.claims)
