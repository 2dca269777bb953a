"""The names of the paper: what every symbol stands for, and the dynamics that its sentences speak about.

Aligned weights are W = U S V^T, where the columns of V are d orthonormal eigenvectors of Gamma = V D V^T + P M P, with
the projector P on what is orthogonal to them; so is every symmetric matrix.  The rows of V^T are Gamma^(<=d) where the
eigenvectors are the top ones, which no sentence needs that does not say so.
"""

from sympy import Eq, Gt, Identity, Le, MatrixSymbol, Ne, sqrt, symbols

from symssl import Diagonal, Orthonormal, Symmetric, samples, sq, total
from symssl.language import Entry, ForAll, GradientFlow, Let, Named, Object, VectorField, Vocabulary, unit

# --- symbols -----------------------------------------------------------------------------

n, d, m = symbols("n d m", integer=True, positive=True)
i, j, k = symbols("i j k", integer=True)
x, xp = samples("x", m, n), samples("x'", m, n)
W, Gamma, C = MatrixSymbol("W", d, m), MatrixSymbol("Gamma", m, m), MatrixSymbol("C", d, d)
W_0, S_0 = MatrixSymbol("W_0", d, m), MatrixSymbol("S_0", d, d)
U, V, M = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("M", m, m)
S, D = MatrixSymbol("S", d, d), MatrixSymbol("D", d, d)
L = symbols("L", real=True)
t = symbols("t", nonnegative=True)
f, point = MatrixSymbol("f", d, 1), MatrixSymbol("xbar", m, 1)
rest = Identity(m) - V * V.T
e_j, e_k = unit(j, d), unit(k, d)


def same(left, right):
    return Eq(left, right, evaluate=False)


def different(left, right):
    return Ne(left, right, evaluate=False)


gamma_j, s_j = Entry(D, j, j), Entry(S, j, j)  # entries on the diagonals


def diagonal(entry):
    """The diagonal matrix with these entries."""
    return total(entry * e_j * e_j.T, (j, d))


def positive(matrix):
    """That the entries on the diagonal of a matrix are positive."""
    return ForAll(k, Gt(Entry(matrix, k, k), 0), given=(Le(1, k), Le(k, d)))


# --- the loss, of the pairs and in terms of Gamma ----------------------------------------

CORRELATION = total(W * x[i] * (W * xp[i]).T + W * xp[i] * (W * x[i]).T, i) / (2 * n)
FEATURES = total(x[i] * xp[i].T + xp[i] * x[i].T, i) / (2 * n)
PAIRS = GradientFlow(sq(CORRELATION - Identity(d)), W)
LOSS = sq(W * Gamma * W.T - Identity(d))
FLOW = GradientFlow(LOSS, W)
ALIGNED = {W: U * S * V.T}
s, s_0 = symbols("s s_0", positive=True)
gamma = symbols("gamma", real=True)
MODE = VectorField({s: 4 * (1 - gamma * s**2) * gamma * s})  # Eq. (12)


# --- what they stand for -----------------------------------------------------------------

NAMES = Vocabulary(
    Object(n, "the number of pairs"),
    Object(d, "the dimension of the embeddings"),
    Object(m, "the dimension of the inputs"),
    Object(j, "a number of a mode"),
    Object(k, "another number of a mode"),
    Object(x, "the first views"),
    Object(xp, "the second views"),
    Object(W, "the weights of the linear embedding f(x) = W x"),
    Object(W_0, "the weights at time 0"),
    Object(U, "an orthogonal matrix", Orthonormal(U)),
    Object(V, "d orthonormal eigenvectors of Gamma, as columns", Orthonormal(V)),
    Object(D, "their eigenvalues, on the diagonal", Diagonal(D)),
    Object(S, "the singular values of W, on the diagonal", Diagonal(S)),
    Object(S_0, "the singular values of W at time 0, on the diagonal", Diagonal(S_0)),
    Object(M, "what Gamma is on the other eigenvectors", Symmetric(M)),
    Object(t, "time"),
    Object(point, "an input"),
    Named(PAIRS, "the gradient flow of the loss of the pairs"),
    Named(FLOW, "the gradient flow of the loss"),
)


def vocabulary(*entries):
    """The names of the paper with these added; a name that is given here stands for what is said here."""
    new = {entry.name for entry in entries}
    return Vocabulary(*(entry for entry in NAMES.entries if entry.name not in new), *entries)


SYMMETRIC = Object(Gamma, "the feature cross-correlation matrix, symmetric", Symmetric(Gamma))
VOCABULARY = vocabulary(SYMMETRIC)
WITH_PAIRS = vocabulary(
    Let(Gamma, FEATURES, "the feature cross-correlation matrix"),
    Let(C, CORRELATION, "the cross-correlation matrix of the embeddings"),
    Let(L, sq(C - Identity(d)), "the loss"),
)
FRAMES = (
    Let(Gamma, V * D * V.T + rest * M * rest, "the feature cross-correlation matrix"),
    Let(C, W * Gamma * W.T, "the cross-correlation matrix of the embeddings"),
    Let(L, sq(C - Identity(d)), "the loss"),
)
IN_FRAMES = vocabulary(*FRAMES)
AT_TOP = vocabulary(*FRAMES, Let(D, S**-2, "the eigenvalues of Gamma on V, so that s_j = gamma_j^(-1/2)"))
ONE_MODE = vocabulary(
    Object(gamma, "an eigenvalue of Gamma"),
    Object(s, "the singular value of its mode"),
    Object(s_0, "this singular value at time 0"),
    Named(MODE, "the equation (12) of one singular value"),
)

# --- one mode, eigenvalue positive (Appendices F and G) -----------------------------------

rate, eta, epsilon = symbols("gamma eta epsilon", positive=True)
r, sbar, c_bar, w = symbols("s sbar cbar w", real=True)  # r: a singular value of either sign
target = symbols("cbar_target", real=True)
sbar_0 = symbols("sbar_0", positive=True)
VALLEY = (1 - sbar**2) ** 2  # L_j as a function of sbar
ONE_MODE_FLOW = GradientFlow((1 - rate * r**2) ** 2, r)
POSITIVE_MODE = GradientFlow((1 - rate * s**2) ** 2, s)
SUPERVISED = GradientFlow((sqrt(rate) * w - target) ** 2, w)
SUPERVISED_ONE = GradientFlow((sqrt(rate) * w - 1) ** 2, w)
SCALARS = vocabulary(
    Object(rate, "an eigenvalue of Gamma, positive"),
    Object(r, "the singular value of its mode, of either sign"),
    Object(sbar, "the singular value times the root of gamma"),
    Object(sbar_0, "this at time 0"),
    Object(w, "the weight of an eigenvector of the Gram matrix, gamma^(1/2) its feature"),
    Object(c_bar, "the coefficient of an eigenvector of the Gram matrix"),
    Object(target, "the target of this coefficient"),
    Object(eta, "the learning rate"),
    Object(epsilon, "a small slope"),
    Named(ONE_MODE_FLOW, "the gradient flow of the loss of one mode"),
    Named(SUPERVISED, "the gradient flow of the squared loss of one mode of a linear model"),
    Named(SUPERVISED_ONE, "the same with target 1"),
)
POSITIVE = vocabulary(
    *(entry for entry in SCALARS.entries if entry.name != "s"),
    Object(s, "the singular value of its mode, positive"),
    Named(POSITIVE_MODE, "the gradient flow of the loss of one mode, started at a positive singular value"),
)
