"""Section 3: the trace form of the loss, and its minima under norm and orthogonality constraints."""

from sympy import And, Equivalent, Gt, Le, Lt, sign

from symssl import Orthonormal, inner, norm, sq, total
from symssl.language import At, Eigenvalue, Eigenvector, Exists, ForAll, Optimum, unit

from ..model import W1, W2, C, h, i, x, z
from ..vocabulary import TRACE_LOSS, c_1, c_2
from ..vocabulary_dynamics import SYMMETRIC, j, mu, same, spectral, v, vm, vp

__all__ = ["SENTENCES"]

NETWORK = W2.T * W1
LOSS = TRACE_LOSS
LAYERS = (W1, W2)


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

SENTENCES = {
    # for every strength there are bounds with the same minimisers
    "esser2023.regconstr": SYMMETRIC.sentence(
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
    "esser2023.prop2": SYMMETRIC.sentence(
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
    # Problems 2, 3 and 4 have one objective on sets that contain each other (4 in 2 in 3), and a minimiser of 2 has a
    # quotient no greater than its loss: common optimisers exist exactly where the minima agree.
    # k eigenvalues, or more, are not positive
    # some minimiser has W_1^T W_2 W_2^T W_1 = v_1 v_1^T + ... + v_z v_z^T exactly where the minimum is this sum
}
