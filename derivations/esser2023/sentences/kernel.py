"""Section 2: regression and the contrastive loss for linear and kernel models; collapse."""

from sympy import And, oo, sqrt

from symssl import E, inner
from symssl.language import (
    Gradient,
    Limit,
)

from ..kernel import HIDDEN, Hidden, phi, w_j, w_l
from ..vocabulary import (
    equal,
    h,
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
}
