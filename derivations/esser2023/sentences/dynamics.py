"""Section 4.1: layers with orthonormal columns; the flow of the outputs q, Theorems 2 and 3, Conjecture 2."""

from sympy import (
    Identity,
    Implies,
    Inverse,
    Le,
    Lt,
    MatrixSymbol,
    Symbol,
    Trace,
    oo,
)

from symssl import inner, norm, sq, total
from symssl.language import (
    Along,
    Eigenvalue,
    Exists,
    ForAll,
    Growth,
    Limit,
    Rate,
    Stability,
    unit,
)

from ..model import W1, C, Lambda, V, d, q, t, z
from ..vocabulary import NETWORK, OUTPUTS, W1_0, q_0
from ..vocabulary_dynamics import (
    EQUATION,
    FORM,
    ONE_NETWORK,
    ONE_OUTPUT,
    e_1,
    j,
    k,
    lambda_1,
    last,
    last_0,
    orthonormal,
    same,
    vector,
    vector_0,
)

__all__ = ["SENTENCES"]


# --- layers ------------------------------------------------------------------------------

DEEP_LOSS = Trace(NETWORK[3] * C * NETWORK[3].T)

# --- Eq. (8) -----------------------------------------------------------------------------

DESCENT = Rate(Trace(FORM), OUTPUTS)

# --- one output --------------------------------------------------------------------------

AT_REST = MatrixSymbol("p", d, 1)
FIRST, START_FIRST = inner(e_1, vector), inner(e_1, vector_0)
ONE_START = {W1: W1_0, last: last_0}
ONE_END = Limit(Along(V.T * W1.T * last, ONE_NETWORK, t, ONE_START), t, oo)  # of the outputs of two layers
END = Limit(Along(vector, ONE_OUTPUT, t, {vector: vector_0}), t, oo)  # of Eq. (8) for z = 1
FIRST_IS_LEAST = same(inner(e_1, Lambda * e_1), lambda_1)
SIMPLE = same(Eigenvalue(Lambda - lambda_1 * Identity(d), kind="rank"), d - 1)
NEGATIVE = Lt(lambda_1, 0)
IN_BALL = Le(sq(vector_0), 1)
e_k = unit(k, d)
lambda_k = inner(e_k, Lambda * e_k)
RATIO = inner(e_k, vector) / FIRST


def from_almost_every_start(said):
    """For almost all orthonormal layers at time 0."""
    return ForAll((W1_0, last_0), said, orthonormal(W1_0, last_0), almost=True)


def rests(point, kind):
    return Stability(ONE_OUTPUT, {vector: point}, kind)


def rates(point):
    return Growth(ONE_OUTPUT, {vector: point})


# --- data in expectation -----------------------------------------------------------------


# --- Conjecture 2 ------------------------------------------------------------------------

SPAN = q * Inverse(q.T * q) * q.T  # the projector on the columns of q
TARGET = total(unit(j, d) * unit(j, d).T, (j, z))  # on v_1, ..., v_z
SPAN_END = Limit(Along(SPAN, OUTPUTS, t, {q: q_0}), t, oo)
LEAST = (  # the first z eigenvalues are the z least, and negative
    Le(z, d),
    same(total(inner(unit(j, d), Lambda * unit(j, d)), (j, z)), total(Eigenvalue(Lambda, j), (j, z))),
    Lt(Eigenvalue(Lambda, z), 0),
)
GAP = Implies(Lt(z, d), Lt(Eigenvalue(Lambda, z), Eigenvalue(Lambda, z + 1)))
near = Symbol("epsilon", positive=True)
SENTENCES = {
    # the least loss of three layers stands for that of every number of layers
    # v_1 is the first unit vector in these coordinates; an eigenvector has no sign
    # what is seen in the figure, whose data are not degenerate: a simple least eigenvalue, almost every start
    # the limits from the starts that are left out: they keep to the other eigenvectors
    "esser2023.conj2.local": EQUATION.sentence(
        Exists(
            near,
            ForAll(
                q_0,
                same(SPAN_END, TARGET),
                Lt(norm(q_0 * q_0.T - TARGET), near),
            ),
        ),
        (*LEAST, GAP),
    ),
}
