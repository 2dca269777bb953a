"""The names of the paper: what every symbol stands for, the dynamics that its sentences speak about.

Samples and their augmentations are families x_i and x'_i.  Where a gradient is taken in embeddings these are the
columns of matrices, z_i = Z e_i.
"""

from sympy import Eq, Identity, MatrixSymbol, Symbol, log, symbols

from symssl import Diagonal, Orthonormal, Symmetric, potential, samples, total
from symssl.language import At, Gradient, GradientFlow, Let, Named, Object, VectorField, Vocabulary, unit

from .._models import infonce, kernel, partition
from .model import ROOM, ROOMP, W_1, W_2, N, W, alpha, alpha_self, d, embeddings, i, j, k, n, outer, x, xp


def equal(left, right):
    return Eq(left, right, evaluate=False)


# --- embeddings --------------------------------------------------------------------------

z, zp = samples("z", n, N), samples("z'", n, N)
Z, Zp = MatrixSymbol("Z", n, N), MatrixSymbol("Z'", n, N)
g, gp = MatrixSymbol("g", n, N), MatrixSymbol("g'", n, N)
a, b, c, f = (MatrixSymbol(name, n, 1) for name in "abcf")
v = MatrixSymbol("v", d, 1)
sample = Symbol("i", integer=True, positive=True)


def family(*kinds):
    """Vectors by their index."""
    return tuple(lambda index, vectors=vectors: vectors[index] for vectors in kinds)


def columns(*matrices):
    """The columns of matrices by their index."""
    return tuple(lambda index, matrix=matrix: matrix * unit(index, N) for matrix in matrices)


def loss(z, zp):
    """Eq. (2); the sum over j != i is the sum over all j less the term j = i, which is 1."""
    return -total(log(kernel(z(i), zp(i)) / partition(z, zp, i, j)), i)


def others(term, z, zp):
    """The sum over j != i of alpha_ij or alpha_ji times a term: that over all j less the term j = i."""
    weighted = term(alpha(z, zp, i, j, k), alpha(z, zp, j, i, k), j)
    return total(weighted, j) - term(1 / partition(z, zp, i, k), 1 / partition(z, zp, i, k), i)


def augmented(matrix, z, zp):
    """The sum over i of 1 - alpha_ii times a matrix."""
    return total((1 - alpha_self(z, zp, i, k)) * matrix, i)


def gradients(z, zp):
    """Eq. (4), for sample i."""
    return (
        others(lambda to, back, m: to * (z(m) - zp(i)) + back * (z(m) - z(i)), z, zp),
        others(lambda to, back, m: to * (zp(i) - z(i)), z, zp),
    )


def gathered(z, zp):
    """The sums over j != i in Eq. (6), for sample i."""
    return others(lambda to, back, m: to * (xp[i] - x[m]) + back * (x[i] - x[m]), z, zp)


def covariances(z, zp, shift=lambda index: xp[index] - x[index]):
    """Sigma_0 and Sigma_1 of Lemma 2, with what the augmentation adds to a sample."""
    return total(alpha(z, zp, i, j, k) * outer(x[i] - x[j]), i, j), augmented(outer(shift(i)), z, zp)


# --- the dynamics ------------------------------------------------------------------------

LINEAR = GradientFlow(infonce(*embeddings(W), i, j), W)
ANY_LOSS = potential("L", Z, Zp)
HERE = {Z: W * ROOM, Zp: W * ROOMP}
ANY = GradientFlow(ANY_LOSS.xreplace(HERE), W)

# --- what they stand for -----------------------------------------------------------------

SIZES = Vocabulary(
    Object(N, "the number of samples"),
    Object(n, "the number of outputs"),
    Object(d, "the dimension of the inputs"),
    Object(sample, "the number of a sample", sample <= N),
)
EMBEDDINGS = Vocabulary(
    Object(z, "the embeddings of the samples"),
    Object(zp, "the embeddings of the augmented samples"),
)
DATA = Vocabulary(
    Object(x, "the samples"),
    Object(xp, "the augmented samples"),
    Object(Z, "the embeddings of the samples, as columns"),
    Object(Zp, "the embeddings of the augmented samples, as columns"),
    Object(ANY_LOSS, "a loss that is not specified: any smooth function of all embeddings"),
    Object(a, "a unit vector", Orthonormal(a)),
    Object(b, "a unit vector", Orthonormal(b)),
    Object(c, "a vector"),
    Object(f, "a vector"),
    Object(v, "a vector"),
)
MODELS = Vocabulary(Object(W, "the weights of one linear layer, z = W x"))
FLOWS = Vocabulary(Named(LINEAR, "the gradient flow of (2) for z = W x, the logarithm of the quotient split"))
NAMES = Vocabulary(SIZES, EMBEDDINGS, DATA, MODELS, FLOWS)
COLUMNS = Vocabulary(
    NAMES,
    Let(ROOM, total(x[i] * unit(i, N).T, i), "the samples, as columns"),
    Let(ROOMP, total(xp[i] * unit(i, N).T, i), "the augmented samples, as columns"),
)
SLOPES = Vocabulary(
    COLUMNS,
    Let(g, At(Gradient(ANY_LOSS, Z), HERE), "the gradients on the embeddings, as columns"),
    Let(gp, At(Gradient(ANY_LOSS, Zp), HERE), "the gradients on the embeddings of the augmented samples"),
)


# --- two layers --------------------------------------------------------------------------

DEEP_Z, DEEP_ZP = MatrixSymbol("Z", d, N), MatrixSymbol("Z'", d, N)
deep_g, deep_gp = MatrixSymbol("g", d, N), MatrixSymbol("g'", d, N)
DEEP_LOSS = potential("L", DEEP_Z, DEEP_ZP)
DEEP_HERE = {DEEP_Z: W_2 * W_1 * ROOM, DEEP_ZP: W_2 * W_1 * ROOMP}
DEEP = GradientFlow(DEEP_LOSS.xreplace(DEEP_HERE), (W_1, W_2))

X, K, G, A = (MatrixSymbol(name, d, d) for name in "XKGA")
U_1, V_1, U_2, V_2 = (MatrixSymbol(name, d, d) for name in ("U_1", "V_1", "U_2", "V_2"))
S_1, S_2 = MatrixSymbol("S_1", d, d), MatrixSymbol("S_2", d, d)
Q, Q_1, Q_2 = (MatrixSymbol(name, d, d) for name in ("Q", "Q_1", "Q_2"))
e, u_1, v_1, u_2, v_2 = (MatrixSymbol(name, d, 1) for name in ("e", "u_1", "v_1", "u_2", "v_2"))
sigma_1, sigma_2, xi = symbols("sigma_1 sigma_2 xi", positive=True)
first, second = MatrixSymbol("P_1", d, d), MatrixSymbol("P_2", d, d)

DRIVEN = VectorField({W_1: W_2.T * W_2 * W_1 * X, W_2: W_2 * W_1 * X * W_1.T})  # (8), (9) with (10)
SLOPED = VectorField({W_1: -W_2.T * G, W_2: -G * W_1.T})  # (8), (9) with any G
PAIRED = VectorField({sigma_1: sigma_1 * sigma_2**2 * xi, sigma_2: sigma_2 * sigma_1**2 * xi})  # (11)

LAYERS = Vocabulary(
    SIZES,
    Object(x, "the samples"),
    Object(xp, "the augmented samples"),
    Object(DEEP_Z, "the embeddings of the samples, as columns"),
    Object(DEEP_ZP, "the embeddings of the augmented samples, as columns"),
    Object(DEEP_LOSS, "a loss that is not specified: any smooth function of all embeddings"),
    Object(W_1, "the first layer"),
    Object(W_2, "the second layer, z = W_2 W_1 x"),
    Object(X, "the matrix X of Lemma 2", Symmetric(X)),
    Object(G, "the matrix G of Lemma 1"),
    Object(K, "a matrix"),
    Object(U_1, "left singular vectors of W_1, as columns", Orthonormal(U_1)),
    Object(V_1, "right singular vectors of W_1, as columns", Orthonormal(V_1)),
    Object(U_2, "left singular vectors of W_2, as columns", Orthonormal(U_2)),
    Object(V_2, "right singular vectors of W_2, as columns", Orthonormal(V_2)),
    Object(S_1, "the singular values of W_1, on the diagonal", Diagonal(S_1)),
    Object(S_2, "the singular values of W_2, on the diagonal", Diagonal(S_2)),
    Object(Q, "an orthogonal matrix", Orthonormal(Q)),
    Object(Q_1, "a matrix: the rest of W_1"),
    Object(Q_2, "a matrix: the rest of W_2"),
    Object(e, "a unit vector: the number of the pair", Orthonormal(e)),
    Object(u_1, "a left singular vector of W_1", Orthonormal(u_1)),
    Object(v_1, "a right singular vector of W_1", Orthonormal(v_1)),
    Object(u_2, "a left singular vector of W_2", Orthonormal(u_2)),
    Object(v_2, "a right singular vector of W_2", Orthonormal(v_2)),
    Object(sigma_1, "a singular value of W_1"),
    Object(sigma_2, "a singular value of W_2"),
    Object(xi, "the form v_1^T X v_1"),
    Object(v, "a vector"),
    Named(DEEP, "the gradient flow of a loss that is not specified, for z = W_2 W_1 x"),
    Named(DRIVEN, "the flow (8), (9) with G = -W_2 W_1 X"),
    Named(SLOPED, "the flow (8), (9)"),
    Named(PAIRED, "the equations (11)"),
)
DEEP_SLOPES = Vocabulary(
    LAYERS,
    Let(ROOM, total(x[i] * unit(i, N).T, i), "the samples, as columns"),
    Let(ROOMP, total(xp[i] * unit(i, N).T, i), "the augmented samples, as columns"),
    Let(deep_g, At(Gradient(DEEP_LOSS, DEEP_Z), DEEP_HERE), "the gradients on the embeddings, as columns"),
    Let(deep_gp, At(Gradient(DEEP_LOSS, DEEP_ZP), DEEP_HERE), "the gradients on the augmented ones"),
)


def with_triple(value, left, right, rest):
    """A matrix of which these are a singular value and its vectors; nothing else is known of it."""
    return value * left * right.T + (Identity(d) - left * left.T) * rest * (Identity(d) - right * right.T)


def with_pairs(left, right):
    """The names where P_1 has the singular triple (sigma_1, left, v_1), and P_2 the triple (sigma_2, u_2, right)."""
    return Vocabulary(
        LAYERS,
        Let(first, with_triple(sigma_1, left, v_1, Q_1), "the first layer, with its singular triple and any rest"),
        Let(second, with_triple(sigma_2, u_2, right, Q_2), "the second layer, with its singular triple and any rest"),
    )


def here(term):
    """A term at the layers P_1 and P_2."""
    return At(term, {W_1: first, W_2: second})
