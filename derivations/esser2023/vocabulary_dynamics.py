"""Further names: orthogonal factors, the case of one output, data in expectation, several samples of an anchor."""

from sympy import Eq, Identity, MatrixSymbol, Mul, Symbol, Trace, symbols

from symssl import (
    Diagonal,
    E,
    Grassmann,
    Orthonormal,
    Stiefel,
    Symmetric,
    gaussians,
    inner,
    potential,
    samples,
    sq,
    total,
)
from symssl.language import Eigenvalue, GradientFlow, Let, Object, Vocabulary, unit

from .._models import chain
from .model import W1, W2, C, Lambda, M, V, X, Xm, Xp, d, h, i, n, q, z
from .vocabulary import K2, K3, NETWORK, OUTPUTS, VOCABULARY, Wl


def vocabulary(*entries):
    """The names of the paper with these added; a name that is given here stands for what is said here."""
    new = {entry.name for entry in entries}
    return Vocabulary(*(entry for entry in VOCABULARY.entries if entry.name not in new), *entries)


def same(left, right):
    return Eq(left, right, evaluate=False)


def product(*factors):
    """The product as it is written, not multiplied out."""
    return Mul(*factors, evaluate=False)


def spectral(matrix):
    """The spectral norm."""
    return Eigenvalue(matrix, 1, kind="singular")


def orthonormal(*layers):
    return tuple(map(Orthonormal, layers))


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

CONTRASTED = vocabulary(*NAMES, *CONTRAST)  # C made of the samples
SYMMETRIC = vocabulary(*NAMES)  # any symmetric C
MANY = vocabulary(*SEVERAL)

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
K2_0, Wl_0 = MatrixSymbol("K_2^0", h, h), MatrixSymbol("W_l^0", h, z)
DATA = vocabulary(*CONTRAST)
LAYERS = vocabulary(
    *NAMES, Object(K2_0, "the second of three layers at time 0"), Object(Wl_0, "the last of three layers at time 0")
)
PRODUCT = vocabulary(*NAMES, Let(M, NETWORK[2], "the network"))
SPECTRAL = vocabulary(*NAMES, *SPECTRUM)


def outputs(layers):
    """q = V^T W_1^T ... W_l."""
    return V.T * NETWORK[layers].T


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
VECTOR = vocabulary(*NAMES, *ONE)
LINE = inner(vector, Lambda * vector)
LEFT = 1 - sq(vector)
ACROSS = (Identity(d) - vector * vector.T) * Lambda * vector

# --- Eq. (8) -----------------------------------------------------------------------------

P = MatrixSymbol("P", d, d)
Phi, S_0, B = MatrixSymbol("Phi", z, z), MatrixSymbol("S_0", z, z), MatrixSymbol("B", z, z)
FORM = q.T * Lambda * q
DEFECT = Identity(z) - q.T * q
OUTER = q * q.T
EQUATION = vocabulary(
    *NAMES,
    *LOWEST,
    Let(P, OUTER, "the outer product of the outputs"),
    Object(Phi, "a state"),
    Object(S_0, "a matrix"),
    Object(B, "a symmetric matrix", Symmetric(B)),
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
PAIR = x * (xm - (x + epsilon)).T
MOMENTS = vocabulary(*EXPECTED, Let(Cbar, n * E((PAIR + PAIR.T) / 2), "the expectation of C"))
