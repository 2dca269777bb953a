"""Section 4.2: new points, the two discretisations, and what the figures show about the model."""

from sympy import And, Ge, Le, Lt, MatrixSymbol, Or, Symbol, log, oo

from symssl import Diagonal, Grassmann, Orthonormal, Stiefel, norm
from symssl.language import (
    Along,
    Eigenvalue,
    Eigenvector,
    External,
    Gradient,
    GradientFlow,
    Let,
    Limit,
    Named,
    Next,
    Object,
    Rate,
    Vocabulary,
)

from ..vocabulary import (
    BRACKET,
    DATA,
    DEEP2,
    DEEP3,
    DEEP4,
    DESCENT,
    HALF,
    K2,
    K3,
    MODELS,
    NETWORK,
    OUTPUTS,
    SIZES,
    TRACE_LOSS,
    VOCABULARY,
    W1,
    W1_0,
    W2,
    W2_0,
    C,
    Lambda,
    M,
    V,
    Wl,
    d,
    eta,
    q,
    q_0,
    t,
    xhat,
    z,
)
from .kernel import equal

k = Symbol("k", integer=True)
alpha = MatrixSymbol("alpha", d, 1)
NUMBERS = Vocabulary(VOCABULARY, Object(k, "the number of an eigenvalue"))
LINEAR_MAP = Vocabulary(
    SIZES,
    DATA,
    MODELS,
    Object(V, "the eigenvectors of C, as columns", Orthonormal(V)),
    Let(q, (M * V).T, "the outputs at the eigenvectors, one a row"),
    Let(alpha, V.T * xhat, "the coordinates of the new input"),
)


def projection(vector):
    """How much of a vector lies in the span of the columns of q."""
    return norm(q * (q.T * q).inverse() * q.T * vector)


def frames(geometry):
    """The flow of the loss with two layers that keep orthonormal columns, C = V Lambda V^T."""
    return GradientFlow(
        TRACE_LOSS, (W2, W1), geometry={W1: geometry, W2: geometry}, where=(Orthonormal(W1), Orthonormal(W2))
    )


DIAGONALISED = Vocabulary(
    SIZES,
    MODELS,
    Object(Lambda, "the eigenvalues of C, on the diagonal", Diagonal(Lambda)),
    Object(V, "the eigenvectors of C, as columns", Orthonormal(V)),
    Object(q, "the outputs at the eigenvectors of C, one a row"),
    Object(t, "time, the number of steps times the step size, which tends to zero"),
    Let(C, V * Lambda * V.T, "the contrast matrix"),
    Named(OUTPUTS, "the equation (8)"),
    Named(HALF, "the equation that (11) discretises"),
    Named(frames(Stiefel("euclidean")), "descent (10) with small steps, put right in sign, projected back after each"),
    Named(frames(Grassmann()), "the projected flow of the paper"),
)
start = {W1: W1_0, W2: W2_0}
outputs = V.T * W1.T * W2
outputs_0 = V.T * W1_0.T * W2_0
projected = Along(outputs, frames(Stiefel("euclidean")), t, start)  # (10): projected back after every small step
reduced = Along(q, HALF, t, {q: outputs_0})  # (11)


def closed(network):
    """The velocity of a network in the network alone."""
    return -4 * network * C + 2 * network * C * network.T * network + 2 * network * network.T * network * C


SENTENCES = {
    "esser2023.fig4": NUMBERS.sentence(
        equal(Limit(Along(projection(Eigenvector(Lambda, k)), OUTPUTS, t, {q: q_0}), t, oo), 1),
        given=(
            Ge(k, 1),
            Le(k, z),
            Le(z, d),
            Lt(Eigenvalue(Lambda, z), 0),
            Or(equal(z, d), Lt(Eigenvalue(Lambda, z), Eigenvalue(Lambda, z + 1))),
            Le(Eigenvalue(q_0, 1, "singular"), 1),
        ),
        almost=(q_0,),
    ),
    "esser2023.fig4.rate": VOCABULARY.sentence(
        equal(
            Limit(log(Along(1 - projection(Eigenvector(Lambda, z)), OUTPUTS, t, {q: q_0})) / t, t, oo),
            -4 * (Eigenvalue(Lambda, z + 1) - Eigenvalue(Lambda, z)),
        ),
        given=(
            Lt(z, d),
            Lt(Eigenvalue(Lambda, z), 0),
            Lt(Eigenvalue(Lambda, z), Eigenvalue(Lambda, z + 1)),
            Le(Eigenvalue(q_0, 1, "singular"), 1),
        ),
        almost=(q_0,),
    ),
    "esser2023.newpoint": LINEAR_MAP.sentence(
        And(equal(xhat, V * alpha), equal(M * xhat, q.T * alpha), equal(q.T * alpha, q.T * V.T * xhat))
    ),
    "esser2023.eq10": VOCABULARY.sentence(
        And(*(equal(Next(W, DESCENT), W + eta * Gradient(TRACE_LOSS, W)) for W in (W1, W2)))
    ),
    "esser2023.eq10.fixed": VOCABULARY.sentence(
        And(*(equal(Next(W, DESCENT), W - eta * Gradient(TRACE_LOSS, W)) for W in (W1, W2)))
    ),
    "esser2023.eq11": VOCABULARY.sentence(equal(q + eta * Rate(q, OUTPUTS), q - eta * BRACKET)),
    "esser2023.eq11.fixed": VOCABULARY.sentence(equal(q + eta * Rate(q, OUTPUTS), q - 2 * eta * BRACKET)),
    "esser2023.eq10vs11": DIAGONALISED.sentence(
        And(equal(projected, reduced), equal(Limit(projected, t, oo), Limit(reduced, t, oo))),
        given=(Orthonormal(W1_0), Orthonormal(W2_0)),
    ),
    "esser2023.eq10vs11.end": DIAGONALISED.sentence(
        And(
            equal(Along(outputs, frames(Grassmann()), t, start), Along(q, OUTPUTS, t, {q: outputs_0})),
            equal(Along(q, OUTPUTS, t, {q: outputs_0}), Along(q, HALF, 2 * t, {q: outputs_0})),
        ),
        given=(Orthonormal(W1_0), Orthonormal(W2_0)),
    ),
    "esser2023.eq10vs11.projected": DIAGONALISED.sentence(
        equal(
            Rate(outputs, frames(Stiefel("euclidean"))),
            -4 * Lambda * outputs + 3 * outputs * outputs.T * Lambda * outputs + Lambda * outputs * outputs.T * outputs,
        ),
        given=(Orthonormal(W1), Orthonormal(W2)),
    ),
    "esser2023.fig5": VOCABULARY.sentence(
        External(
            "Figure 5",
            "A step of (11) takes less time than one of (10), and the accuracies of a linear classifier coincide.",
        )
    ),
    "esser2023.fig6": VOCABULARY.sentence(
        And(
            *(
                equal(Rate(NETWORK[depth], dynamics), closed(NETWORK[depth]))
                for depth, dynamics in ((2, DEEP2), (3, DEEP3), (4, DEEP4))
            )
        ),
        given=tuple(map(Orthonormal, (W1, W2, K2, K3, Wl))),
    ),
}

OPEN = {
    "esser2023.fig6": "that all depths end at the embedding of Theorem 3, which follows where Theorem 3 holds: outputs "
    "of every depth obey one equation",
    "esser2023.eq10vs11": "that the final losses coincide, which follows where the final outputs do",
}
