"""Names of networks whose width grows: the activation, random layers."""

from sympy import Abs, Lambda, Le, MatrixSymbol, Max, Symbol, exp, symbols, tanh

from symssl.language import ForAll, Let, Object, Vocabulary, frame, function

from .vocabulary import DATA, SIZES, W1, W2, c, d, equal, h, t, x, z

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


u_linear, u_phi = MatrixSymbol("u_I", z, 1), MatrixSymbol("u_phi", z, 1)
MACHINES = Vocabulary(
    WIDE,
    Let(u_linear, linear(), "the output of the linear network"),
    Let(u_phi, network(phi), "the output of the nonlinear one"),
)
