"""Section 2: regression and the contrastive loss for linear and kernel models; collapse."""

from sympy import And, Eq, Ge, Identity, Implies, Le, Lt, MatrixSymbol, Ne, Symbol, exp, oo, sqrt

from symssl import E, cosine, gaussians, inner, norm, sq, total
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    Eigenvector,
    Exists,
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

from ..vocabulary import (
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
    d,
    e_j,
    e_l,
    h,
    i,
    j,
    n,
    psi,
    psiprime,
    r,
    t,
    theta,
    u,
    x,
    xprime,
    z,
)


def equal(left, right):
    return Eq(left, right, evaluate=False)


def different(left, right):
    return Ne(left, right, evaluate=False)


def pull(point, output):
    """The inner product of the gradients of the l-th output at x and of another output at a point."""
    return inner(Gradient(u(x, e_l), theta), Gradient(u(point, output), theta))


def chained(dynamics):
    """The velocity of an output is the inner product of its gradient and the velocity of the parameters."""
    return equal(Rate(u(x, e_l), dynamics), inner(Gradient(u(x, e_l), theta), Rate(theta, dynamics)))


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


def collapse(weights, dynamics, start, outputs=None):
    """The outputs become one-dimensional: the largest singular value is all that remains, relative to the rest."""
    outputs = weights if outputs is None else outputs
    share = Eigenvalue(outputs, 1, "singular") / norm(outputs)
    return equal(Limit(Along(share, dynamics, t, {weights: start}), t, oo), 1)


def collapses(weights, dynamics, start, outputs=None):
    """The same from almost every start."""
    return ForAll(start, collapse(weights, dynamics, start, outputs), almost=True)


def decoupled(dynamics, weights=Theta, change=Delta, point=x):
    """The velocity of an output, and the same after a change of the other outputs, at every input, by any amount."""
    velocity = Rate(inner(e_l, weights * point), dynamics)
    return velocity, At(velocity, {weights: weights + (Identity(z) - e_l * e_l.T) * change})


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

SENTENCES = {
    "esser2023.eq1": LOSS.sentence(
        equal(L, total(u(X[i], Outputs[j]) * (u(Xm[i], Outputs[j]) - u(Xp[i], Outputs[j])), i, j))
    ),
    "esser2023.eq2": VOCABULARY.sentence(
        And(
            chained(REGRESSION),
            equal(
                Rate(u(x, e_l), REGRESSION),
                -total(pull(X[i], Outputs[j]) * (u(X[i], Outputs[j]) - inner(Y[i], Outputs[j])), i, j),
            ),
        )
    ),
    "esser2023.lem1.linear": VOCABULARY.sentence(And(lemma1(Theta, x, xprime), lemma1(ThetaPsi, psi, psiprime))),
    "esser2023.lem1.proof": HIDDEN.sentence(
        And(
            equal(Limit(E(hidden_pull(w_l, w_j) ** 2), h, oo), 0),
            equal(Limit(E(hidden_pull(w_l, w_l) ** 2), h, oo), 0),
        )
    ),
    "esser2023.lem1.proof.kernel": HIDDEN.sentence(
        And(
            equal(E(linear_pull(w_l, w_l)), inner(x, xprime)),
            equal(E(linear_pull(w_l, w_j)), 0),
            equal(E(linear_pull(w_l, w_j) ** 2), inner(x, xprime) ** 2 / h),
            equal(Limit(E((linear_pull(w_l, w_l) - inner(x, xprime)) ** 2), h, oo), 0),
        )
    ),
    "esser2023.lem1.ntk": VOCABULARY.sentence(
        External(
            "Jacot et al. 2018 and Liu et al. 2020",
            "For networks of infinite width Lemma 1 holds with the neural tangent kernel, at the start and throughout.",
        )
    ),
    "esser2023.rem1": VOCABULARY.sentence(
        And(
            independent(Theta, Delta, LINEAR_REGRESSION, x, X),
            independent(ThetaPsi, DeltaPsi, KERNEL_REGRESSION, psi, Psi),
        )
    ),
    "esser2023.gradL": VOCABULARY.sentence(
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
    "esser2023.eq3": VOCABULARY.sentence(
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
    "esser2023.prop1.ode": VOCABULARY.sentence(
        And(evolution(Theta, LINEAR, x, X, Xp, Xm), evolution(ThetaPsi, KERNEL, psi, Psi, Psip, Psim))
    ),
    "esser2023.prop1.collapse": VOCABULARY.sentence(
        And(collapses(Theta, LINEAR, Theta_0), collapses(ThetaPsi, KERNEL, ThetaPsi_0))
    ),
    "esser2023.prop1.collapse.simple": WITH_DATA.sentence(
        collapse(Theta, LINEAR, Theta_0),
        given=(
            Ge(d, 2),
            Lt(Eigenvalue(C, 1), Eigenvalue(C, 2)),
            different(sq(Theta_0 * Eigenvector(C, 1)), 0),
        ),
    ),
    "esser2023.prop1.collapse.rank": VOCABULARY.sentence(
        equal(
            Along(Eigenvalue(Theta, kind="rank"), LINEAR, t, {Theta: Theta_0}),
            Eigenvalue(Theta_0, kind="rank"),
        )
    ),
    "esser2023.prop1.wide": VOCABULARY.sentence(
        External(
            "the constancy of the neural tangent kernel, cited for supervised losses",
            "Proposition 1, and collapse, hold for wide networks with the neural tangent kernel.",
        )
    ),
    "esser2023.rem2.infonce": VOCABULARY.sentence(
        And(
            equal(infonce_changed, infonce_velocity),
            Implies(apart_from_zero, equal(cosine_changed, cosine_velocity)),
            collapses(Theta, INFONCE, Theta_0),
            collapses(Theta, COSINE, Theta_0),
        )
    ),
    "esser2023.rem2.infonce.shared": VOCABULARY.sentence(
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
    "esser2023.rem2.cosine": VOCABULARY.sentence(
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
    "esser2023.rem2.spectral": VOCABULARY.sentence(
        And(
            equal(
                spectral_velocity,
                total(
                    2 * inner(x, X[i]) * inner(e_l, Theta * Xp[i])
                    + 2 * inner(x, Xp[i]) * inner(e_l, Theta * X[i])
                    - 2
                    * UNLIKE
                    * (inner(x, X[i]) * inner(e_l, Theta * Xm[i]) + inner(x, Xm[i]) * inner(e_l, Theta * X[i])),
                    i,
                ),
            ),
            Exists((x, Theta, Delta), different(spectral_changed, spectral_velocity)),
        ),
        given=(Ge(z, 2), different(total(sq(X[i]) * sq(Xm[i]), i), 0)),
    ),
    "esser2023.rem3": ALIGNED_OUTPUTS.sentence(
        And(
            equal(At(inner(a_l - a_j, A * Rate(Theta, PROJECTED) * x), {Theta: Theta_e}), 0),
            collapses(Theta, PROJECTED, Theta_0, A * Theta),
        ),
        given=(Ge(r, 2), equal(inner(a_l, a_j), 0), different(sq(g), 0)),
    ),
    "esser2023.rem3.general": VOCABULARY.sentence(
        equal(Rate(A * Theta, PROJECTED), -A * A.T * A * Theta * (contrast + contrast.T))
    ),
}
