"""Section 5: the loss without negatives, L = - sum_i u(x_i)^T u(x_i^+)."""

from sympy import And, Equivalent, Gt, Implies, Lt, ZeroMatrix

from symssl import inner, total
from symssl.language import At, Eigenvalue, Exists, ForAll

from ..noncontrastive import loss
from ..vocabulary import (
    VOCABULARY,
    WITH_PAIRS,
    C,
    Theta,
    Theta_0,
    X,
    Xp,
    d,
    equal,
    i,
    x,
    xprime,
    z,
)

constant = ForAll((x, xprime), equal(Theta * x, Theta * xprime))

SENTENCES = {
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
