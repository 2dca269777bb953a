"""The names of the paper: what every symbol stands for, the dynamics that its sentences speak about.

Samples and their augmentations are families x_i and x'_i.  Where a gradient is taken in embeddings these are the
columns of matrices, z_i = Z e_i.
"""

from sympy import Eq, MatrixSymbol, Symbol, log

from symssl import Orthonormal, potential, samples, total
from symssl.language import At, Gradient, GradientFlow, Let, Named, Object, Vocabulary, unit

from .._models import infonce, kernel, partition
from .model import ROOM, ROOMP, N, W, alpha, alpha_self, d, embeddings, i, j, k, n, outer, x, xp


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
