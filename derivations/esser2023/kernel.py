"""Section 2: regression and the contrastive loss for linear and kernel models; collapse."""

from sympy import (
    And,
    Ge,
    Identity,
    Implies,
    Lambda,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Symbol,
    exp,
    oo,
    sqrt,
)

from symssl import E, cosine, gaussians, inner, norm, sq, total
from symssl.claims import Chapter, Step
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    Eigenvector,
    External,
    ForAll,
    Gradient,
    Let,
    Limit,
    Object,
    Rate,
    Vocabulary,
    function,
    gaussian_matrix,
)
from symssl.statements import derive

from .model import (
    m,
)
from .vocabulary import (
    ALIKE,
    CONTRASTIVE,
    CONTRASTIVE_LOSS,
    COSINE,
    INFONCE,
    KERNEL,
    KERNEL_REGRESSION,
    LINEAR,
    LINEAR_REGRESSION,
    NAMES,
    PROJECTED,
    REGRESSION,
    SPECTRAL_LOSS,
    UNLIKE,
    VOCABULARY,
    WITH_DATA,
    A,
    C,
    Delta,
    DeltaPsi,
    Outputs,
    Psi,
    Psim,
    Psip,
    Theta,
    Theta_0,
    ThetaPsi,
    ThetaPsi_0,
    X,
    Xm,
    Xp,
    Y,
    a_j,
    a_l,
    chained,
    collapse,
    collapses,
    d,
    decoupled,
    different,
    e_j,
    e_l,
    equal,
    h,
    i,
    j,
    n,
    psi,
    psiprime,
    pull,
    r,
    t,
    theta,
    u,
    x,
    xprime,
    z,
)

# --- what the sentences speak of ---------------------------------------------------------


def slope(weights, output, point):
    """The gradient of an output of a linear model."""
    return Gradient(inner(output, weights * point), weights)


def lemma1(weights, point, other):
    """Lemma 1 for inputs or for their features."""
    return And(
        equal(inner(slope(weights, e_l, point), slope(weights, e_l, other)), inner(point, other)),
        Implies(
            equal(inner(e_l, e_j), 0),
            equal(inner(slope(weights, e_l, point), slope(weights, e_j, other)), 0),
        ),
    )


def independent(weights, change, dynamics, point, anchors):
    """Remark 1 for inputs or for their features: its formula, and that the other outputs have no part in it."""
    errors = inner(e_l, weights * anchors[i]) - inner(e_l, Y[i])
    kernel = inner(slope(weights, e_l, point), slope(weights, e_l, anchors[i]))
    velocity, changed = decoupled(dynamics, weights, change, point)
    return And(equal(velocity, -total(kernel * errors, i)), equal(changed, velocity))


def evolution(weights, dynamics, point, anchors, positives, negatives):
    """The formula of Prop. 1."""
    return equal(
        Rate(inner(e_l, weights * point), dynamics),
        total(
            inner(point, anchors[i]) * (inner(e_l, weights * positives[i]) - inner(e_l, weights * negatives[i]))
            + (inner(point, positives[i]) - inner(point, negatives[i])) * inner(e_l, weights * anchors[i]),
            i,
        ),
    )


# App. A.1: two layers, u_j = w_j^T phi(W_1 x)/sqrt(h), in the scaling of the neural tangent kernel
phi = function("phi")
w_l, w_j = gaussians("w_l w_j", h)
Hidden = gaussian_matrix("W_1", h, d)
HIDDEN = Vocabulary(
    Object(h, "the width of the hidden layer"),
    Object(d, "the dimension of the inputs"),
    Object(x, "an input"),
    Object(xprime, "another input"),
    Object(phi, "the activation"),
    Object(Hidden, "the first layer at the start, with independent standard normal entries"),
    Object(w_l, "the weights of the l-th output at the start, standard normal"),
    Object(w_j, "the weights of the j-th output at the start, standard normal"),
)


def hidden_pull(output, other):
    """The inner product of the gradients in the first layer of two outputs, at x and at x'."""
    first, second = (inner(w, phi(Hidden * point)) / sqrt(h) for w, point in ((output, x), (other, xprime)))
    return inner(Gradient(first, Hidden), Gradient(second, Hidden))


def linear_pull(output, other):
    first, second = (inner(w, Hidden * point) / sqrt(h) for w, point in ((output, x), (other, xprime)))
    return inner(Gradient(first, Hidden), Gradient(second, Hidden))


# the remarks
L = Symbol("L", real=True)
LOSS = Vocabulary(NAMES, Let(L, CONTRASTIVE_LOSS, "the contrastive loss"))
g, Theta_e = MatrixSymbol("g", z, 1), MatrixSymbol("Theta_eq", z, d)
ALIGNED_OUTPUTS = Vocabulary(
    NAMES,
    Let(g, A.T * (a_l - a_j)),
    Let(Theta_e, Theta_0 - g * g.T * Theta_0 / sq(g), "weights for which the l-th and the j-th output coincide"),
)
contrast = total(X[i] * (Xm[i] - Xp[i]).T, i)
odds = exp(UNLIKE) / (exp(UNLIKE) + exp(ALIKE))
likeness = cosine(Theta * X[i], Theta * Xp[i])
lengths = norm(Theta * X[i]) * norm(Theta * Xp[i])
apart_from_zero = ForAll(
    i, different(norm(Theta * X[i]) * norm(Theta * Xp[i]), 0), given=(Le(1, i), Le(i, n))
)  # where the cosine has a gradient
infonce_velocity, infonce_changed = decoupled(INFONCE)
cosine_velocity, cosine_changed = decoupled(COSINE)
spectral_velocity, spectral_changed = decoupled(SPECTRAL_LOSS)
changed = Theta + (Identity(z) - e_l * e_l.T) * Delta  # the weights after a change of the other outputs
through_negatives = inner(x, X[i]) * inner(e_l, Theta * Xm[i]) + inner(x, Xm[i]) * inner(e_l, Theta * X[i])
ONE_TRIPLE = {n: 1, d: 1, z: 2, "x": [[1]], "x^+": [[1]], x: [[1]]}
INFONCE_WITNESS = {**ONE_TRIPLE, "x^-": [[-1]], e_l: [[1], [0]], Theta: [[1], [0]], Delta: [[0], [1]]}
PROJECTOR_WITNESS = ONE_TRIPLE | {"x^-": [[0]], r: 2, A: [[1, 0], [0, 2]], Theta_0: [[2], [1]]}
PROJECTOR_WITNESS |= {a_l: [[1], [0]], a_j: [[0], [1]]}


# --- losses, their gradients, and Lemma 1 ------------------------------------------------

chapter = Chapter("esser2023")


chapter.claim(
    "eq1",
    "definition",
    LOSS.sentence(equal(L, total(u(X[i], Outputs[j]) * (u(Xm[i], Outputs[j]) - u(Xp[i], Outputs[j])), i, j))),
    cite="Eq. (1)",
)


@chapter.claim(
    "eq2",
    "equation",
    VOCABULARY.sentence(
        And(
            chained(REGRESSION),
            equal(
                Rate(u(x, e_l), REGRESSION),
                -total(pull(X[i], Outputs[j]) * (u(X[i], Outputs[j]) - inner(Y[i], Outputs[j])), i, j),
            ),
        )
    ),
    cite="Eq. (2)",
)
def eq2():
    yield Step("the gradient flow of the parameters", derive(Rate(theta, REGRESSION)))
    yield Step("the velocity of an output, by the chain rule", derive(Rate(u(x, e_l), REGRESSION)))


@chapter.claim(
    "lem1.linear",
    "lemma",
    VOCABULARY.sentence(And(lemma1(Theta, x, xprime), lemma1(ThetaPsi, psi, psiprime))),
    cite="Lemma 1",
    note="no width enters",
)
def lemma1_linear():
    for weights, point, other in ((Theta, x, xprime), (ThetaPsi, psi, psiprime)):
        yield Step("the gradient of the l-th output at a point", derive(slope(weights, e_l, point)))
        yield Step("the gradient of the l-th output at another point", derive(slope(weights, e_l, other)))
        yield Step("the gradient of the j-th output there", derive(slope(weights, e_j, other)))


number = Symbol("v", real=True)
LINEAR_LAYER = {phi: Lambda(number, number), h: 1, d: 1, **dict.fromkeys((x, xprime, Hidden, w_l, w_j), Matrix([1]))}

chapter.claim(
    "lem1.proof",
    "proof",
    HIDDEN.sentence(
        And(
            equal(Limit(E(hidden_pull(w_l, w_j) ** 2), h, oo), 0),
            equal(Limit(E(hidden_pull(w_l, w_l) ** 2), h, oo), 0),
        )
    ),
    cite="App. A.1",
    witness=LINEAR_LAYER,
    note="the proof treats another model than the lemma, which holds (lem1.linear), and its hidden layer does move: "
    "for one output and the identity as activation the inner product tends to x^T x', not to zero",
)


@chapter.claim(
    "lem1.proof.kernel",
    "consequence",
    HIDDEN.sentence(
        And(
            equal(E(linear_pull(w_l, w_l)), inner(x, xprime)),
            equal(E(linear_pull(w_l, w_j)), 0),
            equal(E(linear_pull(w_l, w_j) ** 2), inner(x, xprime) ** 2 / h),
            equal(Limit(E((linear_pull(w_l, w_l) - inner(x, xprime)) ** 2), h, oo), 0),
        )
    ),
    cite="not in the paper",
    corrects="lem1.proof",
    note="the proof treats another model than the lemma: what vanishes there is l != j, in mean square",
)
def hidden_layer():
    yield Step("the mean for one output", derive(E(linear_pull(w_l, w_l))))
    yield Step("the mean for two outputs", derive(E(linear_pull(w_l, w_j))))
    yield Step("the mean square for two outputs", derive(E(linear_pull(w_l, w_j) ** 2)))
    yield Step("the variance for one output", derive(E((linear_pull(w_l, w_l) - inner(x, xprime)) ** 2)))


chapter.claim(
    "lem1.ntk",
    "remark",
    VOCABULARY.sentence(
        External(
            "Jacot et al. 2018 and Liu et al. 2020",
            "For networks of infinite width Lemma 1 holds with the neural tangent kernel, at the start and throughout.",
        )
    ),
    cite="below Lemma 1",
)


@chapter.claim(
    "rem1",
    "remark",
    VOCABULARY.sentence(
        And(
            independent(Theta, Delta, LINEAR_REGRESSION, x, X),
            independent(ThetaPsi, DeltaPsi, KERNEL_REGRESSION, psi, Psi),
        )
    ),
    cite="Remark 1",
)
def remark1():
    for weights, point, dynamics in ((Theta, x, LINEAR_REGRESSION), (ThetaPsi, psi, KERNEL_REGRESSION)):
        yield Step("the gradient flow of the weights", derive(Rate(weights, dynamics)))
        yield Step("the velocity of the l-th output", derive(Rate(inner(e_l, weights * point), dynamics)))


@chapter.claim(
    "gradL",
    "in-text",
    VOCABULARY.sentence(
        equal(
            Gradient(CONTRASTIVE_LOSS, theta),
            -total(
                u(X[i], Outputs[j]) * Gradient(u(Xp[i], Outputs[j]), theta)
                + u(Xp[i], Outputs[j]) * Gradient(u(X[i], Outputs[j]), theta)
                - u(X[i], Outputs[j]) * Gradient(u(Xm[i], Outputs[j]), theta)
                - u(Xm[i], Outputs[j]) * Gradient(u(X[i], Outputs[j]), theta),
                i,
                j,
            ),
        )
    ),
    cite="Sec. 2.2 text",
)
def gradient():
    yield Step("the gradient of the loss, through every output", derive(Gradient(CONTRASTIVE_LOSS, theta)))


@chapter.claim(
    "eq3",
    "equation",
    VOCABULARY.sentence(
        And(
            chained(CONTRASTIVE),
            equal(
                Rate(u(x, e_l), CONTRASTIVE),
                total(
                    pull(X[i], Outputs[j]) * u(Xp[i], Outputs[j])
                    + pull(Xp[i], Outputs[j]) * u(X[i], Outputs[j])
                    - pull(X[i], Outputs[j]) * u(Xm[i], Outputs[j])
                    - pull(Xm[i], Outputs[j]) * u(X[i], Outputs[j]),
                    i,
                    j,
                ),
            ),
        )
    ),
    cite="Eq. (3)",
)
def eq3():
    yield Step("the gradient flow of the parameters", derive(Rate(theta, CONTRASTIVE)))
    yield Step("the velocity of an output, by the chain rule", derive(Rate(u(x, e_l), CONTRASTIVE)))


@chapter.claim(
    "prop1.ode",
    "proposition",
    VOCABULARY.sentence(And(evolution(Theta, LINEAR, x, X, Xp, Xm), evolution(ThetaPsi, KERNEL, psi, Psi, Psip, Psim))),
    cite="Prop. 1",
)
def proposition1():
    for weights, point, dynamics in ((Theta, x, LINEAR), (ThetaPsi, psi, KERNEL)):
        yield Step("the gradient flow of the weights", derive(Rate(weights, dynamics)))
        yield Step("the velocity of the l-th output", derive(Rate(inner(e_l, weights * point), dynamics)))


# --- collapse ----------------------------------------------------------------------------

ONE_PAIR = {n: 1, d: 2, m: 2, z: 2}
NO_CONTRAST = ONE_PAIR | {name: [[1], [0]] for name in ("x", "x^+", "x^-", "psi", "psi^+", "psi^-")}

remarks = Chapter("esser2023")

remarks.claim(
    "prop1.collapse",
    "proposition",
    VOCABULARY.sentence(And(collapses(Theta, LINEAR, Theta_0), collapses(ThetaPsi, KERNEL, ThetaPsi_0))),
    cite="Prop. 1",
    witness=NO_CONTRAST,
    note="where C has no simple lowest eigenvalue, as here where C = 0, the outputs keep more dimensions; equal "
    "dynamics from different starts are no equal outputs",
)

SIMPLE = WITH_DATA.sentence(
    collapse(Theta, LINEAR, Theta_0),
    given=(
        Ge(d, 2),
        Lt(Eigenvalue(C, 1), Eigenvalue(C, 2)),
        different(sq(Theta_0 * Eigenvector(C, 1)), 0),
    ),
)


@remarks.claim(
    "prop1.collapse.simple",
    "consequence",
    SIMPLE,
    cite="not in the paper",
    corrects="prop1.collapse",
    note="a simple lowest eigenvalue of C, and a start with a component along it",
)
def simple_collapse():
    yield Step("the flow is linear, Theta' = -2 Theta C", derive(Rate(Theta, LINEAR)))


@remarks.claim(
    "prop1.collapse.rank",
    "consequence",
    VOCABULARY.sentence(
        equal(
            Along(Eigenvalue(Theta, kind="rank"), LINEAR, t, {Theta: Theta_0}),
            Eigenvalue(Theta_0, kind="rank"),
        )
    ),
    cite="not in the paper",
    source="new",
    note="at every finite time the outputs have the dimension that they had at the start",
)
def kept_rank():
    yield Step("the flow is linear, Theta' = -2 Theta C", derive(Rate(Theta, LINEAR)))


# --- the remarks below Proposition 1 -----------------------------------------------------

remarks.claim(
    "prop1.wide",
    "remark",
    VOCABULARY.sentence(
        External(
            "the constancy of the neural tangent kernel, cited for supervised losses",
            "Proposition 1, and collapse, hold for wide networks with the neural tangent kernel.",
        )
    ),
    cite="below Prop. 1",
)


@remarks.claim(
    "rem2.infonce",
    "remark",
    VOCABULARY.sentence(
        And(
            equal(infonce_changed, infonce_velocity),
            Implies(apart_from_zero, equal(cosine_changed, cosine_velocity)),
            collapses(Theta, INFONCE, Theta_0),
            collapses(Theta, COSINE, Theta_0),
        )
    ),
    cite="Remark 2",
    witness=INFONCE_WITNESS,
    note="the softmax weight is a function of all outputs",
)
def infonce():
    yield Step("the velocity of an output", derive(infonce_velocity))
    yield Step("the same after a change of the others", derive(infonce_changed))


@remarks.claim(
    "rem2.infonce.shared",
    "consequence",
    VOCABULARY.sentence(
        equal(
            Rate(Theta, INFONCE),
            total(
                exp(UNLIKE)
                / (exp(UNLIKE) + exp(ALIKE))
                * Theta
                * (X[i] * (Xp[i] - Xm[i]).T + (Xp[i] - Xm[i]) * X[i].T),
                i,
            ),
        )
    ),
    cite="not in the paper",
    corrects="rem2.infonce",
    note="the outputs obey one linear equation with a common weight, which couples them",
)
def shared_weight():
    yield Step("the gradient flow", derive(Rate(Theta, INFONCE)))


@remarks.claim(
    "rem2.cosine",
    "consequence",
    VOCABULARY.sentence(
        equal(
            Rate(Theta, COSINE),
            total(
                Theta * (X[i] * Xp[i].T + Xp[i] * X[i].T) / lengths
                - likeness * Theta * (X[i] * X[i].T / sq(Theta * X[i]) + Xp[i] * Xp[i].T / sq(Theta * Xp[i])),
                i,
            ),
        ),
        given=apart_from_zero,
    ),
    cite="not in the paper",
    source="new",
    note="nor do the outputs decouple here: both factors contain all of them",
)
def cosine_flow():
    yield Step("the gradient flow", derive(Rate(Theta, COSINE)))


@remarks.claim(
    "rem2.spectral",
    "remark",
    VOCABULARY.sentence(
        And(
            equal(
                spectral_velocity,
                total(
                    2 * inner(x, X[i]) * inner(e_l, Theta * Xp[i])
                    + 2 * inner(x, Xp[i]) * inner(e_l, Theta * X[i])
                    - 2 * UNLIKE * through_negatives,
                    i,
                ),
            ),
            equal(
                spectral_changed - spectral_velocity,
                -2 * total((inner(changed * X[i], changed * Xm[i]) - UNLIKE) * through_negatives, i),
            ),
        )
    ),
    cite="Remark 2",
    note="the factor u(x_i)^T u(x_i^-) is a sum over all outputs: a change of the others changes the velocity",
)
def spectral():
    yield Step("the velocity of an output", derive(spectral_velocity))
    yield Step("the same after a change of the others", derive(spectral_changed))


@remarks.claim(
    "rem3",
    "remark",
    ALIGNED_OUTPUTS.sentence(
        And(
            equal(At(inner(a_l - a_j, A * Rate(Theta, PROJECTED) * x), {Theta: Theta_e}), 0),
            collapses(Theta, PROJECTED, Theta_0, A * Theta),
        ),
        given=(Ge(r, 2), equal(inner(a_l, a_j), 0), different(sq(g), 0)),
    ),
    cite="Remark 3",
    witness=PROJECTOR_WITNESS,
    note="A = diag(1, 2): where both outputs are equal, the second moves four times as fast",
)
def projector():
    yield Step("the gradient flow", derive(Rate(Theta, PROJECTED)))


@remarks.claim(
    "rem3.general",
    "consequence",
    VOCABULARY.sentence(equal(Rate(A * Theta, PROJECTED), -A * A.T * A * Theta * (contrast + contrast.T))),
    cite="not in the paper",
    corrects="rem3",
    note="identical dynamics exactly where A A^T is a multiple of I",
)
def projected():
    yield Step("the velocity of the map A Theta", derive(Rate(A * Theta, PROJECTED)))


CLAIMS = (*chapter.claims, *remarks.claims)
