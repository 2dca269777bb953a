"""Section 3.1: nonlinear networks with random orthonormal weights are almost linear."""

from sympy import Abs, And, Gt, Le, Ne, log, oo, sqrt

from symssl import E, Grassmann, Orthonormal, inner, norm, sq, total
from symssl.language import (
    Along,
    Apply,
    At,
    Entry,
    Exists,
    ForAll,
    GradientFlow,
    Limit,
    Named,
    Probability,
    Rate,
    Vocabulary,
)

from ..vocabulary import W1, W2, X, Xm, Xp, c, d, equal, h, i, t, x, z
from ..vocabulary_wide import (
    C_0,
    RELU,
    SIGMOID,
    TANH,
    WIDE,
    First,
    K,
    L,
    Q,
    Second,
    Square,
    activation,
    bounded,
    epsilon,
    j,
    k,
    linear,
    network,
    phi,
    v,
)


def applied(function):
    return lambda term: Apply(function, term)


def trained(outputs):
    """Gradient descent on the contrastive loss in layers that keep orthonormal columns, W' = -(I - W W^T) grad L."""
    loss = total(inner(outputs(X[i]), outputs(Xm[i]) - outputs(Xp[i])), i)
    return constrained(loss)


def squared(outputs):
    """The same with the loss Tr(u^T u) that is printed in Conjecture 1."""
    return constrained(total(sq(outputs(X[i])), i))


def constrained(loss):
    return GradientFlow(
        loss, (W1, W2), geometry={W1: Grassmann(), W2: Grassmann()}, where=(Orthonormal(W1), Orthonormal(W2))
    )


def of_network(activated, objective=trained):
    """The flow of a network with an activation."""
    return objective(lambda point: network(activated, point=point))


def of_linear(objective=trained):
    """The flow of the linear network."""
    return objective(lambda point: linear(point=point))


def apart(activated, objective=trained):
    """The outputs of the nonlinear network less those of the linear one, after training from one start."""
    start = {W1: First, W2: Second}
    return Along(network(activated), of_network(activated, objective), t, start) - Along(
        linear(), of_linear(objective), t, start
    )


def vanishes(difference):
    """In probability, as the width grows."""
    return equal(Limit(Probability(Gt(norm(difference), epsilon)), h, oo), 0)


def surely(event):
    """With a probability that tends to one as the width grows."""
    return equal(Limit(Probability(event), h, oo), 1)


def at_start(activated):
    """The difference of the two networks at the start."""
    return network(activated, First, Second) - linear(First, Second)


def parting(activated):
    """The velocity of the difference at the start."""
    difference = Rate(network(activated), of_network(activated)) - Rate(linear(), of_linear())
    return At(difference, {W1: First, W2: Second})


TRAINING = Vocabulary(
    WIDE,
    Named(of_linear(), "the flow of the contrastive loss of the linear network"),
    Named(of_network(phi), "the flow of the contrastive loss of the nonlinear network"),
    Named(of_linear(squared), "the flow of the squared outputs of the linear network"),
    Named(of_network(phi, squared), "the flow of the squared outputs of the nonlinear network"),
    *(
        Named(of_network(applied(activation)), f"the flow of the contrastive loss of the network with {name}")
        for name, activation in (("tanh", TANH), ("ReLU", RELU), ("the sigmoid", SIGMOID))
    ),
)
row = total(Entry(First, k, j) * Entry(x, j), (j, d))
row_square = total(Entry(First, k, j) ** 2, (j, d))
rows = (Le(1, k), Le(k, h))
drift = total(Xm[i] - Xp[i], i)
bound = K * c * sq(x) * d * sqrt(log(h) ** 4 / h)


def large(matrix, columns):
    """Some entry is as large as L log(h)/sqrt(h)."""
    numbers = (*rows, Le(1, j), Le(j, columns))
    return Probability(Exists((k, j), Le(L * log(h) / sqrt(h), Abs(Entry(matrix, k, j))), given=numbers))


SENTENCES = {
    "esser2023.thm1": WIDE.sentence(
        Exists(
            K,
            ForAll((phi, c, d, z, x), surely(Le(norm(at_start(phi)), bound)), given=(*activation, bounded)),
            witness={K: 1},
        )
    ),
    "esser2023.thm1.rate": WIDE.sentence(
        Le(E(sq(at_start(phi))), 3 * c**2 * sq(x) ** 2 / (4 * (h + 2))),
        given=(*activation, bounded, Le(d, h), Le(z, h)),
    ),
    "esser2023.eq14": WIDE.sentence(
        Exists(
            C_0,
            ForAll(
                (d, x),
                surely(
                    ForAll(
                        k,
                        And(Le(row**2, row_square * sq(x)), Le(row_square * sq(x), C_0 * sq(x) * d * log(h) ** 2 / h)),
                        given=rows,
                    )
                ),
            ),
            witness={C_0: 4},
        )
    ),
    "esser2023.fn2": WIDE.sentence(
        Exists(
            K,
            ForAll(
                phi,
                Exists(c, ForAll((d, z, x), surely(Le(norm(at_start(phi)), bound)))),
                given=(*activation, equal(Limit(phi(v, 2), v, 0), phi(0, 2))),
            ),
            witness={K: 1},
        )
    ),
    "esser2023.lem2": WIDE.sentence(
        Exists(
            L,
            And(ForAll(d, equal(Limit(large(Q, d), h, oo), 0)), equal(Limit(large(Square, h), h, oo), 0)),
            witness={L: 4},
        )
    ),
    "esser2023.conj1": TRAINING.sentence(
        And(vanishes(apart(phi)), vanishes(apart(phi, squared))),
        given=activation,
    ),
    "esser2023.fig2.relu": TRAINING.sentence(
        And(
            vanishes(apart(applied(TANH))),
            vanishes(apart(applied(RELU))),
            equal(Limit(E(sq(at_start(applied(TANH)))) / E(sq(at_start(applied(RELU)))), h, oo), 0),
        ),
        given=Ne(sq(x), 0, evaluate=False),
    ),
    "esser2023.fig2.sigmoid": TRAINING.sentence(
        equal(Limit(E(sq(parting(applied(SIGMOID)))), h, oo), oo),
        given=Ne(sq(drift), 0, evaluate=False),
    ),
    "esser2023.fig2.sigmoid.rate": TRAINING.sentence(
        And(
            equal(Limit(E(sq(at_start(applied(SIGMOID)))), h, oo), z / 4),
            equal(Limit(E(sq(parting(applied(SIGMOID)))) / h, h, oo), z * sq(drift) / 256),
        )
    ),
}

OPEN = {
    "esser2023.fig2.relu": "that ReLU is slower while training; the ratio is that at the start",
    "esser2023.fig2.sigmoid": "that the difference grows with the width after a longer time, too",
}
