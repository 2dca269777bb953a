"""Section 3: the trace form of the loss, and its minima under norm and orthogonality constraints."""

from sympy import And, Eq, Equivalent, Ge, Gt, Identity, Implies, Le, Lt, Min, Trace, oo, sign

from symssl import Orthonormal, inner, norm, sq, total
from symssl.language import At, Eigenvalue, Eigenvector, Exists, External, ForAll, Optimum, unit

from ..model import W1, W2, C, Theta, X, Xm, Xp, d, h, i, x, z
from ..vocabulary import TRACE_LOSS, TWO_LAYER_LOSS, c_1, c_2, contrastive
from ..vocabulary_dynamics import (
    CONTRAST,
    NAMES,
    Q2,
    SEVERAL,
    WIDE,
    Ct,
    activated,
    hidden,
    j,
    k,
    mu,
    p_count,
    q_count,
    s,
    several,
    v,
    vm,
    vocabulary,
    vp,
)

__all__ = ["SENTENCES"]

DATA = vocabulary(*NAMES, *CONTRAST)  # C made of the samples
TRACE = vocabulary(*NAMES)  # any symmetric C
MANY = vocabulary(*SEVERAL)

NETWORK = W2.T * W1
LOSS = TRACE_LOSS
LAYERS = (W1, W2)


def same(left, right):
    return Eq(left, right, evaluate=False)


def spectral(matrix):
    """The spectral norm."""
    return Eigenvalue(matrix, 1, kind="singular")


# --- the optimisation problems -----------------------------------------------------------

PENALISED = LOSS + mu * (sq(W1) + sq(W2))
BALLS = (Le(norm(W1), c_1), Le(norm(W2), c_2))
ORTHOGONAL = (Orthonormal(W1), Orthonormal(W2))
QUOTIENT = LOSS / (spectral(W1) ** 2 * spectral(W2) ** 2)
PROBLEM_1 = Optimum(QUOTIENT, LAYERS, (Gt(norm(W1), 0), Gt(norm(W2), 0)))
PROBLEM_2 = Optimum(LOSS, LAYERS, (Le(spectral(W1), 1), Le(spectral(W2), 1)))
PROBLEM_3 = Optimum(LOSS, LAYERS, Le(spectral(NETWORK), 1))
PROBLEM_4 = Optimum(LOSS, LAYERS, ORTHOGONAL)
NEGATIVE = Lt(Eigenvalue(C, 1), 0)
LOWEST = total(Eigenvalue(C, j), (j, z))  # the sum of the z lowest eigenvalues

# one column each, along the eigenvector of the least eigenvalue where that is negative; else the second layer vanishes
ONE_COLUMN = {
    W1: c_1 * unit(1, h) * Eigenvector(C, 1).T,
    W2: c_2 * (1 - sign(Eigenvalue(C, 1))) / 2 * unit(1, h) * unit(1, z).T,
}

# the same loss with the layers scaled
NORMALISED = At(LOSS, {W1: W1 / spectral(W1), W2: W2 / spectral(W2)})
PAIRED = total(inner(W2.T * v[i], W2.T * (vm[i] - vp[i])), i)  # Eq. (1) in terms of the hidden features

# several samples: as printed with one of each, and with samples of their own for every anchor
PRINTED = total(X[i] * Xm[1].T - X[i] * Xp[1].T, i)
OWN = total(X[i] * several("x^-", q_count).T, i, (j, q_count)) - total(
    X[i] * several("x^+", p_count).T, i, (j, p_count)
)
OWN_LOSS = total(inner(Theta * X[i], Theta * several("x^-", q_count)), i, (j, q_count)) - total(
    inner(Theta * X[i], Theta * several("x^+", p_count)), i, (j, p_count)
)

SENTENCES = {
    "esser2023.sec3.model": TRACE.sentence(same(hidden[0], W2.T * activated(W1 * x))),
    "esser2023.eq4": DATA.sentence(
        And(
            same(TWO_LAYER_LOSS, total(Trace(W2.T * W1 * X[i] * (Xm[i] - Xp[i]).T * W1.T * W2), i)),
            same(TWO_LAYER_LOSS, Trace(W2.T * W1 * Ct * W1.T * W2)),
            same(TWO_LAYER_LOSS, Trace(W2.T * W1 * C * W1.T * W2)),
        )
    ),
    "esser2023.eq5": DATA.sentence(And(same(C, C.T), same(contrastive(Theta, X, Xp, Xm), Trace(Theta * C * Theta.T)))),
    # one positive and one negative sample, where Eq. (1) is the loss
    "esser2023.eq5.multi": TRACE.sentence(
        same(contrastive(Theta, X, Xp, Xm), Trace(Theta * PRINTED * Theta.T)),
    ),
    "esser2023.eq5.multi.fixed": MANY.sentence(same(OWN_LOSS, Trace(Theta * OWN * Theta.T))),
    # for every strength there are bounds with the same minimisers
    "esser2023.regconstr": TRACE.sentence(
        ForAll(
            mu,
            Exists(
                (c_1, c_2),
                ForAll(
                    LAYERS,
                    Equivalent(
                        same(PENALISED, Optimum(PENALISED, LAYERS, kind="inf")),
                        And(*BALLS, same(LOSS, Optimum(LOSS, LAYERS, BALLS))),
                    ),
                ),
            ),
        )
    ),
    "esser2023.regconstr.unbounded": TRACE.sentence(
        same(Optimum(PENALISED, LAYERS, kind="inf"), -oo),
        NEGATIVE,
    ),
    "esser2023.prop2": TRACE.sentence(
        Exists(
            LAYERS,
            And(
                same(LOSS, Optimum(LOSS, LAYERS, BALLS)),
                ForAll(x, same(NETWORK * x, unit(1, z) * unit(1, z).T * NETWORK * x)),
            ),
            BALLS,
            witness=ONE_COLUMN,
        )
    ),
    # for a given first layer, the heart of the proof
    "esser2023.prop2.layer": TRACE.sentence(
        same(Optimum(LOSS, W2, Le(norm(W2), c_2)), c_2**2 * Min(0, Eigenvalue(W1 * C * W1.T, 1)))
    ),
    "esser2023.prop2.nonnegative": TRACE.sentence(
        And(same(Optimum(LOSS, W2, Le(norm(W2), c_2)), 0), same(At(LOSS, {W2: 0 * W2}), 0)),
        Ge(Eigenvalue(W1 * C * W1.T, 1), 0),
    ),
    "esser2023.prop2.intuition": TRACE.sentence(same(norm(W2), total(norm(W2 * unit(j, z)), j))),
    "esser2023.prop2.intuition.fixed": TRACE.sentence(same(sq(W2), total(sq(W2 * unit(j, z)), j))),
    # Problems 2, 3 and 4 have one objective on sets that contain each other (4 in 2 in 3), and a minimiser of 2 has a
    # quotient no greater than its loss: common optimisers exist exactly where the minima agree.
    "esser2023.prop3.12": TRACE.sentence(same(PROBLEM_1, PROBLEM_2), NEGATIVE),
    "esser2023.prop3.12.boundary": TRACE.sentence(
        And(
            same(NORMALISED, LOSS / (spectral(W1) ** 2 * spectral(W2) ** 2)),
            Implies(Lt(spectral(W1) * spectral(W2), 1), Lt(NORMALISED, LOSS)),
        ),
        (Lt(LOSS, 0), Le(spectral(W1), 1), Le(spectral(W2), 1)),
    ),
    "esser2023.prop3.23": TRACE.sentence(same(PROBLEM_2, PROBLEM_3), NEGATIVE),
    "esser2023.prop3.34": TRACE.sentence(same(PROBLEM_3, PROBLEM_4), (NEGATIVE, *WIDE)),
    # k eigenvalues, or more, are not positive
    "esser2023.prop3.34.fixed": TRACE.sentence(
        same(PROBLEM_3, PROBLEM_4),
        (NEGATIVE, Le(k, d), Le(k, z), Le(Eigenvalue(C, k), 0), Ge(h, d + z - k), *WIDE),
    ),
    # some minimiser has W_1^T W_2 W_2^T W_1 = v_1 v_1^T + ... + v_z v_z^T exactly where the minimum is this sum
    "esser2023.prop3.extract": TRACE.sentence(same(PROBLEM_4, LOWEST), (Le(z, d), *WIDE)),
    "esser2023.prop3.extract.fixed": TRACE.sentence(
        same(PROBLEM_4, LOWEST), (Le(z, d), Le(Eigenvalue(C, z), 0), *WIDE)
    ),
    "esser2023.prop3.extract.rotation": TRACE.sentence(
        And(same(At(LOSS, {W2: W2 * Q2}), LOSS), same((W2 * Q2).T * W2 * Q2, Identity(z))), ORTHOGONAL
    ),
    "esser2023.prop3.avoid": TRACE.sentence(
        ForAll(
            LAYERS,
            Implies(same(LOSS, PROBLEM_4), Ge(Eigenvalue(NETWORK, kind="rank"), 2)),
            ORTHOGONAL,
        ),
        (Ge(d, 2), Ge(z, 2), Lt(Eigenvalue(C, 2), 0), *WIDE),
    ),
    "esser2023.ex1": TRACE.sentence(
        External(
            "Example 1, Figure 1",
            "On half moons, with tanh and the loss (1), training without constraint does not converge and its "
            "embedding collapses to a line; with orthogonal layers it does not.",
        )
    ),
    "esser2023.ex1.unbounded": TRACE.sentence(
        And(
            same(At(PAIRED, {W2: s * W2}), s**2 * PAIRED),
            Implies(Lt(PAIRED, 0), same(Optimum(PAIRED, W2, kind="inf"), -oo)),
        )
    ),
}
