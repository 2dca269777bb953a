"""Further names: orthogonal factors, the case of one output, data in expectation, several samples of an anchor."""

from sympy import Eq, MatrixSymbol, Symbol, Trace, symbols

from symssl import Diagonal, Grassmann, Orthonormal, Stiefel, gaussians, inner, potential, samples, total
from symssl.language import Eigenvalue, GradientFlow, Let, Object, Vocabulary, unit

from .._models import chain
from .model import W1, W2, C, Lambda, V, X, Xm, Xp, d, h, i, n, z
from .vocabulary import K2, K3, OUTPUTS, VOCABULARY, Wl


def vocabulary(*entries):
    """The names of the paper with these added; a name that is given here stands for what is said here."""
    new = {entry.name for entry in entries}
    return Vocabulary(*(entry for entry in VOCABULARY.entries if entry.name not in new), *entries)


# --- matrices and numbers ----------------------------------------------------------------

Q1, Q2 = MatrixSymbol("Q_1", d, d), MatrixSymbol("Q_2", z, z)
Ct = MatrixSymbol("Ctilde", d, d)
CONTRAST = (
    Let(Ct, total(X[i] * (Xm[i] - Xp[i]).T, i), "the contrast matrix of the data"),
    Let(C, (Ct + Ct.T) / 2, "its symmetric part"),
)
mu, s = symbols("mu s", positive=True)
k = Symbol("k", integer=True, positive=True)
j, a = Symbol("j", integer=True), Symbol("a", integer=True)
v, vp, vm = (samples(name, h, n) for name in ("v", "v^+", "v^-"))
hidden = (MatrixSymbol("u", z, 1), potential("phi", unit(1, 1)))
value = Symbol("L", real=True)
NAMES = (
    Object(Q1, "an orthogonal matrix", Orthonormal(Q1)),
    Object(Q2, "an orthogonal matrix of outputs", Orthonormal(Q2)),
    Object(mu, "the strength of the regularisation"),
    Object(s, "a positive factor"),
    Object(k, "the number of an eigenvalue, from below"),
    Object(v, "the hidden features of the anchors, for any first layer and activation"),
    Object(vp, "the hidden features of the positive samples"),
    Object(vm, "the hidden features of the negative samples"),
    Object(hidden[0], "the output of the network"),
    Object(hidden[1], "the activation, applied to every coordinate"),
    Object(value, "the least loss"),
)


def activated(vector):
    """The activation applied to every coordinate of a vector of hidden features."""
    return total(potential("phi", unit(a, h).T * vector) * unit(a, h), a)


# --- several positive and negative samples of an anchor ----------------------------------

p_count, q_count = Symbol("p", integer=True, positive=True), Symbol("q", integer=True, positive=True)


def several(name, count):
    """The j-th sample of anchor i; its coordinates are any numbers."""
    return total(potential(name, unit(i, n), unit(j, count), unit(a, d)) * unit(a, d), a)


SEVERAL = (
    Object(p_count, "the number of positive samples of an anchor"),
    Object(q_count, "the number of negative samples of an anchor"),
    Object(
        potential("x^+", unit(1, n), unit(1, p_count), unit(1, d)),
        "of anchor i, positive sample j and coordinate a, each told by a unit vector",
    ),
    Object(
        potential("x^-", unit(1, n), unit(1, q_count), unit(1, d)),
        "of anchor i, negative sample j and coordinate a, each told by a unit vector",
    ),
)

# --- Sec. 4: C = V Lambda V^T ------------------------------------------------------------

SPECTRUM = (
    Let(C, V * Lambda * V.T, "the contrast matrix"),
    Object(Lambda, "the diagonal matrix of the eigenvalues of C", Diagonal(Lambda)),
)


def deep(geometry, *layers):
    """Eq. (7) for the network (W_l, ..., W_1), every layer moving under a geometry."""
    last, *others = layers
    network = chain(*reversed(others), last.T)
    return GradientFlow(Trace(network * C * network.T), layers, geometry=dict.fromkeys(layers, geometry))


PROJECTED = {2: deep(Grassmann(), W2, W1), 3: deep(Grassmann(), Wl, K2, W1), 4: deep(Grassmann(), Wl, K3, K2, W1)}
FRAMES = deep(Stiefel(), W2, W1)
WIDE = (h >= d, h >= z)

# --- one output --------------------------------------------------------------------------

vector, vector_0 = MatrixSymbol("q", d, 1), MatrixSymbol("q_0", d, 1)
last, last_0 = MatrixSymbol("W_2", h, 1), MatrixSymbol("W_2^0", h, 1)
ONE_OUTPUT = OUTPUTS.subs(z, 1)
ONE_NETWORK = deep(Grassmann(), last, W1)
e_1 = unit(1, d)
lambda_1 = Symbol("lambda_1", real=True)
LOWEST = (
    Let(lambda_1, Eigenvalue(Lambda, 1), "the least eigenvalue"),
    Object(Lambda, "the diagonal matrix of the eigenvalues of C", Diagonal(Lambda)),
)
FIRST = inner(e_1, Lambda * e_1)  # the first eigenvalue on the diagonal
ONE = (
    *LOWEST,
    Let(C, V * Lambda * V.T, "the contrast matrix"),
    Object(vector, "the output at the eigenvectors of C, one a row"),
    Object(vector_0, "this output at time 0"),
    Object(last, "the second layer, of one output"),
    Object(last_0, "the second layer at time 0"),
)

# --- data in expectation -----------------------------------------------------------------

mean, noise = MatrixSymbol("m", d, 1), Symbol("sigma", positive=True)
Sigma, R = MatrixSymbol("Sigma", d, d), MatrixSymbol("R", d, d)
x, xm, epsilon = gaussians(
    "x x^- epsilon", d, mean=[mean, mean, 0 * mean], cov=[[Sigma, 0, 0], [0, Sigma, 0], [0, 0, noise]]
)
Cbar = MatrixSymbol("Cbar", d, d)
EXPECTED = (
    Object(mean, "the mean of an anchor"),
    Object(Sigma, "the covariance of an anchor, R R^T", Eq(Sigma, R * R.T, evaluate=False)),
    Object(R, "a square root of the covariance"),
    Object(noise, "the variance of the augmentation"),
    Object(x, "an anchor"),
    Object(xm, "a negative sample: independent, of the same law"),
    Object(epsilon, "the augmentation: a positive sample is x + epsilon"),
)
