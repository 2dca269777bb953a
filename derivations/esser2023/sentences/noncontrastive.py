"""Section 5: the loss without negatives, L = - sum_i u(x_i)^T u(x_i^+)."""

from sympy import And, Equivalent, Ge, Gt, Implies, Lt, Symbol, Trace, ZeroMatrix

from symssl import inner, sq, total
from symssl.language import At, Eigenvalue, Eigenvector, Exists, ForAll, Gradient, Let, Rate, Vocabulary

from ..vocabulary import (
    ALIGNED,
    ALIGNED_LOSS,
    KERNEL_ALIGNED,
    LINEAR_ALIGNED,
    NAMES,
    VOCABULARY,
    WITH_PAIRS,
    C,
    Ct,
    Outputs,
    Psi,
    Psip,
    Theta,
    Theta_0,
    ThetaPsi,
    ThetaPsi_0,
    X,
    Xp,
    aligned,
    d,
    e_l,
    i,
    j,
    psi,
    theta,
    u,
    x,
    xprime,
    z,
)
from .kernel import chained, collapse, collapses, different, equal, pull


def evolution(weights, dynamics, point, anchors, positives):
    """The velocity of an output, for inputs or for their features."""
    return equal(
        Rate(inner(e_l, weights * point), dynamics),
        total(
            inner(point, anchors[i]) * inner(e_l, weights * positives[i])
            + inner(point, positives[i]) * inner(e_l, weights * anchors[i]),
            i,
        ),
    )


L = Symbol("L", real=True)
LOSS = Vocabulary(NAMES, Let(L, ALIGNED_LOSS, "the non-contrastive loss"))
loss = aligned(Theta, X, Xp)
WITH_NEGATIVE = Vocabulary(
    NAMES,
    Let(Ct, -total(X[i] * Xp[i].T, i), "the matrix of the positive pairs, with the sign of the loss"),
    Let(C, (Ct + Ct.T) / 2, "its symmetric part"),
)
constant = ForAll((x, xprime), equal(Theta * x, Theta * xprime))

SENTENCES = {
    "esser2023.eq12": LOSS.sentence(equal(L, total(-u(X[i], Outputs[j]) * u(Xp[i], Outputs[j]), i, j))),
    "esser2023.sec5.grad": VOCABULARY.sentence(
        And(
            equal(
                Gradient(ALIGNED_LOSS, theta),
                -total(
                    u(X[i], Outputs[j]) * Gradient(u(Xp[i], Outputs[j]), theta)
                    + u(Xp[i], Outputs[j]) * Gradient(u(X[i], Outputs[j]), theta),
                    i,
                    j,
                ),
            ),
            chained(ALIGNED),
            equal(
                Rate(u(x, e_l), ALIGNED),
                total(
                    pull(X[i], Outputs[j]) * u(Xp[i], Outputs[j]) + pull(Xp[i], Outputs[j]) * u(X[i], Outputs[j]), i, j
                ),
            ),
            evolution(Theta, LINEAR_ALIGNED, x, X, Xp),
        )
    ),
    "esser2023.sec5.grad.linear": VOCABULARY.sentence(
        And(evolution(Theta, LINEAR_ALIGNED, x, X, Xp), evolution(ThetaPsi, KERNEL_ALIGNED, psi, Psi, Psip))
    ),
    "esser2023.sec5.collapse": VOCABULARY.sentence(
        And(
            evolution(Theta, LINEAR_ALIGNED, x, X, Xp),
            evolution(ThetaPsi, KERNEL_ALIGNED, psi, Psi, Psip),
            collapses(Theta, LINEAR_ALIGNED, Theta_0),
            collapses(ThetaPsi, KERNEL_ALIGNED, ThetaPsi_0),
        )
    ),
    "esser2023.sec5.collapse.simple": WITH_PAIRS.sentence(
        collapse(Theta, LINEAR_ALIGNED, Theta_0),
        given=(
            Ge(d, 2),
            Lt(Eigenvalue(C, d - 1), Eigenvalue(C, d)),
            different(sq(Theta_0 * Eigenvector(C, d)), 0),
        ),
    ),
    "esser2023.sec5.C": WITH_PAIRS.sentence(equal(loss, Trace(Theta * Ct * Theta.T))),
    "esser2023.sec5.C.fixed": WITH_NEGATIVE.sentence(
        And(equal(loss, Trace(Theta * Ct * Theta.T)), equal(loss, Trace(Theta * C * Theta.T)))
    ),
    "esser2023.sec5.trivial": VOCABULARY.sentence(
        And(
            Implies(constant, equal(Theta, ZeroMatrix(z, d))),
            Exists(Theta_0, Lt(At(loss, {Theta: Theta_0}), At(loss, {Theta: ZeroMatrix(z, d)}))),
        ),
        given=(Gt(total(inner(X[i], Xp[i]), i), 0),),
    ),
    "esser2023.sec5.trivial.fixed": WITH_PAIRS.sentence(
        Equivalent(
            Exists(Theta_0, Lt(At(loss, {Theta: Theta_0}), At(loss, {Theta: ZeroMatrix(z, d)}))),
            Gt(Eigenvalue(C, d), 0),
        )
    ),
}

OPEN = {
    "esser2023.sec5.trivial": "that for arbitrary functions the loss can have a constant minimiser: of which functions "
    "is not said, and without a bound on them it has no minimiser",
    "esser2023.sec5.C": "that Theorems 2 and 3 extend: they hold for every symmetric C, so for the one of sec5.C.fixed",
}
