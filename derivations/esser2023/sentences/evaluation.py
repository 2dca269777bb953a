"""Section 4.2: new points, the two discretisations, and what the figures show about the model."""

from sympy import Ge, Le, Lt, Or, Symbol, log, oo

from symssl import norm
from symssl.language import (
    Along,
    Eigenvalue,
    Eigenvector,
    Limit,
    Object,
    Vocabulary,
)

from ..vocabulary import (
    OUTPUTS,
    VOCABULARY,
    Lambda,
    d,
    equal,
    q,
    q_0,
    t,
    z,
)

k = Symbol("k", integer=True)
NUMBERS = Vocabulary(VOCABULARY, Object(k, "the number of an eigenvalue"))


def projection(vector):
    """How much of a vector lies in the span of the columns of q."""
    return norm(q * (q.T * q).inverse() * q.T * vector)


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
}

OPEN = {
    "esser2023.fig6": "that all depths end at the embedding of Theorem 3, which follows where Theorem 3 holds: outputs "
    "of every depth obey one equation",
    "esser2023.eq10vs11": "that the final losses coincide, which follows where the final outputs do",
}
