"""Section 3.1: nonlinear networks with random orthonormal weights are almost linear."""

from sympy import Abs, And, Gt, Lambda, Le, MatrixSymbol, Max, Ne, Symbol, exp, log, oo, sqrt, symbols, tanh

from symssl import E, Grassmann, Orthonormal, inner, norm, sq, total
from symssl.language import (
    Along,
    Apply,
    At,
    Entry,
    Exists,
    ForAll,
    GradientFlow,
    Let,
    Limit,
    Named,
    Object,
    Probability,
    Rate,
    Vocabulary,
    frame,
    function,
)

from ..vocabulary import DATA, SIZES, W1, W2, X, Xm, Xp, c, d, equal, h, i, t, x, z

phi = function("phi")
v = Symbol("v", real=True)
K, C_0, L, epsilon = symbols("K C_0 L epsilon", positive=True)
k, j = symbols("k j", integer=True)
First, Second = frame("W_1^0", h, d), frame("W_2^0", h, z)
Q, Square = frame("Q", h, d), frame("Q_h", h, h)
RELU, TANH = Lambda(v, Max(v, 0)), Lambda(v, tanh(v))
SIGMOID = Lambda(v, 1 / (1 + exp(-v)))

WIDE = Vocabulary(
    SIZES,
    DATA,
    Object(phi, "the activation, applied to every entry"),
    Object(v, "a number"),
    Object(c, "a bound on the second derivative of the activation"),
    Object(W1, "the first layer"),
    Object(W2, "the second layer"),
    Object(First, "the first layer at the start: random, orthonormal columns, uniformly distributed"),
    Object(Second, "the second layer at the start: random, orthonormal columns, uniformly distributed"),
    Object(Q, "a random matrix with orthonormal columns, uniformly distributed"),
    Object(Square, "a random orthogonal matrix, uniformly distributed"),
    Object(t, "time"),
    Object(epsilon, "a distance"),
    Object(k, "the number of a row"),
    Object(j, "the number of a column"),
)
bounded = ForAll(v, Le(Abs(phi(v, 2)), c))
activation = (equal(phi(0), 0), equal(phi(0, 1), 1))


def network(activated, first=W1, second=W2, point=x):
    """u(x) = W_2^T phi(W_1 x)."""
    return second.T * activated(first * point)


def linear(first=W1, second=W2, point=x):
    return second.T * first * point


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
u_linear, u_phi = MatrixSymbol("u_I", z, 1), MatrixSymbol("u_phi", z, 1)
MACHINES = Vocabulary(
    WIDE,
    Let(u_linear, linear(), "the output of the linear network"),
    Let(u_phi, network(phi), "the output of the nonlinear one"),
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
    "esser2023.eq6": MACHINES.sentence(
        And(equal(u_linear, W2.T * W1 * x), equal(u_phi, W2.T * phi(W1 * x))), given=(Orthonormal(W1), Orthonormal(W2))
    ),
    "esser2023.eq13": WIDE.sentence(Le(Abs(phi(v) - v), c * v**2 / 2), given=(*activation, bounded)),
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
