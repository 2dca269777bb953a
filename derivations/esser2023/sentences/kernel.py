"""Section 2: regression and the contrastive loss for linear and kernel models; collapse."""

from sympy import And, Ge, Lt, oo, sqrt

from symssl import E, inner, sq
from symssl.language import (
    Along,
    Eigenvalue,
    Eigenvector,
    Gradient,
    Limit,
)

from ..kernel import HIDDEN, Hidden, phi, w_j, w_l
from ..vocabulary import (
    KERNEL,
    LINEAR,
    VOCABULARY,
    WITH_DATA,
    C,
    Theta,
    Theta_0,
    ThetaPsi,
    ThetaPsi_0,
    collapse,
    collapses,
    d,
    different,
    equal,
    h,
    t,
    x,
    xprime,
)


# App. A.1: two layers, u_j = w_j^T phi(W_1 x)/sqrt(h), in the scaling of the neural tangent kernel
def hidden_pull(output, other):
    """The inner product of the gradients in the first layer of two outputs, at x and at x'."""
    first, second = (inner(w, phi(Hidden * point)) / sqrt(h) for w, point in ((output, x), (other, xprime)))
    return inner(Gradient(first, Hidden), Gradient(second, Hidden))


SENTENCES = {
    "esser2023.lem1.proof": HIDDEN.sentence(
        And(
            equal(Limit(E(hidden_pull(w_l, w_j) ** 2), h, oo), 0),
            equal(Limit(E(hidden_pull(w_l, w_l) ** 2), h, oo), 0),
        )
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
}
