"""The names of Section 5: data in features, the kernel, and eigenvectors of both Gamma and K_Gamma.

The features of the combined data set are the rows of B = P H Q^T with orthonormal columns in P and Q and H symmetric
and invertible, which is any matrix of rank r (a polar decomposition), so that K = P H^2 P^T, and the pseudo-inverse
root of K is P H^-1 P^T.
"""

from sympy import MatrixSymbol, symbols

from symssl import Diagonal, Orthonormal, Symmetric
from symssl.language import Let, Object

from .vocabulary import Gamma, S, U, W, d, m, n, vocabulary

r = symbols("r", integer=True, positive=True)
X, Xp = MatrixSymbol("X", n, m), MatrixSymbol("X'", n, m)
P, Q, H = MatrixSymbol("P", 2 * n, r), MatrixSymbol("Q", m, r), MatrixSymbol("H", r, r)
J = MatrixSymbol("J", 2 * n, 2 * n)
E, T = MatrixSymbol("D", r, r), MatrixSymbol("T", r, d)
B, K, R = MatrixSymbol("B", 2 * n, m), MatrixSymbol("K", 2 * n, 2 * n), MatrixSymbol("R", 2 * n, 2 * n)
Z, K_Gamma = MatrixSymbol("Z", 2 * n, 2 * n), MatrixSymbol("K_Gamma", 2 * n, 2 * n)
b, g = MatrixSymbol("b", 2 * n, d), MatrixSymbol("g", m, d)
phi, phi_p = MatrixSymbol("phi", m, 1), MatrixSymbol("phi'", m, 1)
c = MatrixSymbol("c", r, 1)
O = MatrixSymbol("O", m, m)

VIEWS = (
    Object(X, "the features of the first views, one a row"),
    Object(Xp, "the features of the second views, one a row"),
)
DATA = (
    Object(r, "the rank of the features of the combined data set"),
    Object(P, "an orthonormal basis of the range of K, as columns", Orthonormal(P)),
    Object(Q, "an orthonormal basis of the span of the features, as columns", Orthonormal(Q)),
    Object(H, "a symmetric matrix, invertible", Symmetric(H)),
    Let(B, P * H * Q.T, "the features of the combined data set, one a row"),
    Let(K, B * B.T, "the kernel of the combined data set"),
    Let(R, P * H**-1 * P.T, "K^(-1/2), the root of the pseudo-inverse of K"),
    Object(J, "the matrix that exchanges the two halves of the data", (Symmetric(J), Orthonormal(J))),
    Object(phi, "the features of an input"),
    Object(phi_p, "the features of another input"),
    Object(c, "coordinates of a vector"),
)
KERNEL = (
    Let(Z, B * Gamma * B.T, "the matrix of (23)"),
    Let(K_Gamma, R * Z * R, "the contrastive kernel"),
)
EIGEN = (
    Object(Q, "the eigenvectors of Gamma in the span of the features, as columns", Orthonormal(Q)),
    Object(E, "their eigenvalues, on the diagonal", Diagonal(E)),
    Let(Gamma, Q * E * Q.T, "the feature cross-correlation matrix"),
    Object(T, "a matrix that picks d of r vectors"),
    Let(g, Q * T, "the eigenvectors of Gamma that are picked"),
    Let(b, P * T, "the eigenvectors of K_Gamma that are picked"),
    Object(S, "singular values, on the diagonal", Diagonal(S)),
    Object(U, "an orthogonal matrix", Orthonormal(U)),
    Object(W, "the weights at time 0"),
)


def words(*groups):
    """A vocabulary in which later declarations of a name count."""
    table = {}
    for entry in (entry for group in groups for entry in group):
        table[entry.name] = entry
    return vocabulary(*table.values())


IN_VIEWS = words(
    VIEWS,
    (
        Let(Gamma, (X.T * Xp + Xp.T * X) / (2 * n), "the feature cross-correlation matrix"),
        Object(O, "an orthogonal matrix", Orthonormal(O)),
    ),
)
EXCHANGED = words(
    DATA, KERNEL, (Let(Gamma, B.T * J * B / (2 * n), "the feature cross-correlation matrix, (X^T X' + X'^T X)/(2n)"),)
)
SAME_VIEWS = words(
    DATA,
    KERNEL,
    (Let(Gamma, B.T * B / (2 * n), "the feature cross-correlation matrix where X = X': (X^T X + X'^T X')/(2n)"),),
)
IN_EIGENVECTORS = words(DATA, KERNEL, EIGEN)
