"""Section 5: what is no sentence yet, the minimum of the norm and the alignment of a start.

The data are the rows of B = [X; X'], so that the kernel of the combined data set is
K = B B^T.  With orthonormal columns in P and Q and H symmetric and invertible,

    B = P H Q^T,   K = P H^2 P^T,   K^+ = P H^-2 P^T,   (K^+)^(1/2) = P H^-1 P^T,

is any matrix of rank r (a polar decomposition), and every power of K is a word: what follows
holds for every number of pairs, of features, and every rank.
"""

from sympy import Ge, Identity, MatrixSymbol, Trace, Tuple, symbols

from symssl import Diagonal, Orthonormal, Symmetric, normal_form, sq
from symssl.claims import Step, identity, implied

from .minima import excess, least_norm_steps, mu
from .model import LOSS, Gamma, W, claim, d, m, n

r = symbols("r", integer=True, positive=True)
X, Xp = MatrixSymbol("X", n, m), MatrixSymbol("X'", n, m)
P, Q, H = MatrixSymbol("P", 2 * n, r), MatrixSymbol("Q", m, r), MatrixSymbol("H", r, r)
J = MatrixSymbol("J", 2 * n, 2 * n)  # exchanges the two halves of the data
D = MatrixSymbol("D", r, r)
U, S, T = MatrixSymbol("U", d, d), MatrixSymbol("S", d, d), MatrixSymbol("T", r, d)
A, W_0 = MatrixSymbol("A", d, 2 * n), MatrixSymbol("W_0", d, m)
FRAME = (Orthonormal(P), Orthonormal(Q), Symmetric(H))
SWAP = (Symmetric(J), Orthonormal(J))
# the columns of Q and P are the eigenvectors g and b, those of T pick d of them
EIGEN = (*FRAME, Diagonal(D), Orthonormal(T), Orthonormal(U), Diagonal(S))

B = P * H * Q.T
K = B * B.T
ROOT = P * H * P.T  # K^(1/2)
INVERSE_ROOT = P * H**-1 * P.T  # (K^+)^(1/2), which the paper writes K^(-1/2)
g, b = Q * T, P * T  # [g_1 ... g_d] and [b_1 ... b_d]

# quantities that a statement compares and a derivation evaluates


def reduced(word, where=FRAME):
    return normal_form(word, where=where)


def correlation(first, second, pairs=n):
    """Gamma of the two views."""
    return (first.T * second + second.T * first) / (2 * pairs)


# --- the matrices K, Z and K_Gamma (Section 5.1) -----------------------------------------


# --- Proposition 5.1 ---------------------------------------------------------------------


def norm_steps(model):
    """A W with a part off the row space of B: W = A B + W_0 (I - Q Q^T)."""
    weights, where = A * B + W_0 * (Identity(m) - Q * Q.T), (*FRAME, *SWAP)
    yield Step("the part of W off the row space of the data", reduced(weights * (Identity(m) - Q * Q.T)))
    at = {
        node: sq(reduced(node.args[0].subs({W: weights, Gamma: B.T * J * B / (2 * n)}), where))
        for node in model.loss.atoms(sq)
    }
    yield Step("|f|_K^2 = |W|^2, and the loss at f", Tuple(reduced(sq(weights)), model.loss.xreplace(at)))


def least_rkhs_norm_steps(model):
    yield from norm_steps(model)
    yield Step("so (25) is the problem (15) with W_0 (I - Q Q^T) = 0, and Proposition 4.3 settles it")
    yield from least_norm_steps(model)


# --- Section 5.2 -------------------------------------------------------------------------


R, W_i = MatrixSymbol("R", d, d), MatrixSymbol("W_i", d, m)  # W(0)


def shape_steps(model):
    """X^T X' = sum_i x_i x_i'^T over the n pairs: one row a pair."""
    gamma_ = normal_form(correlation(X, Xp))
    yield Step("Gamma, a sum over the n pairs", gamma_)
    yield Step("rows and columns of X", Tuple(*min(gamma_.atoms(MatrixSymbol), key=str).shape))


def aligned_start_steps(model):
    """A(M) = U diag(R) for M = U R with R upper triangular."""
    start = W_i * g
    yield Step("the matrix to be aligned: W(0) times the columns g_j, d x d", normal_form(start))
    yield Step("its QR factorisation U R; R with the entries off the diagonal set to zero is S(0)")
    yield Step("A(W(0) [g_1 ... g_d])", normal_form((U * R).subs(R, S)))


# --- the statements as printed -----------------------------------------------------------


CLAIMS = (
    claim(
        "prop5.1c",
        "proposition",
        Ge(1 / mu, 1 / (mu + excess), evaluate=False),
        least_rkhs_norm_steps,
        implied(),
        "Prop. 5.1(c)",
        model=LOSS,
        note="every f with L = 0 has |f|_K^2 = sum_j 1/mu_j with mu_j <= gamma_j, the top spectral ones sum_j "
        "1/gamma_j; "
        "gamma_d > 0 and gamma_d > gamma_(d+1), as assumed before Prop. 4.3",
        statement_latex=r"L(f) = 0 \implies \lVert f\rVert_{\mathcal K}^{2} - \sum_{j\le d} \gamma_j^{-1} = "
        r"\sum_{j \le d} (\mu_j^{-1} - \gamma_j^{-1}) \ge 0",
    ),
    claim(
        "eq25",
        "equation",
        Tuple(Trace(A * K * A.T) + sq(W_0 * (Identity(m) - Q * Q.T)), sq(A * K * J * K * A.T / (2 * n) - Identity(d))),
        norm_steps,
        identity(),
        "Eq. (25)",
        model=LOSS,
        given=(*FRAME, *SWAP),
        note="f = A k(x) + (a part off the span): the part off the span leaves the loss alone and costs norm, so (25) "
        "is (15) in terms of the kernel, Z = K J K/(2n)",
        statement_latex=r"\lVert f\rVert_{\mathcal K}^{2} = \operatorname{tr} A\tilde K A^{\top} + \lVert "
        r"W_\perp\rVert^{2}, "
        r"\quad L(f) = \lVert A Z A^{\top} - I\rVert^{2}",
    ),
    claim(
        "X.def",
        "definition",
        Tuple(d, m),
        shape_steps,
        identity(),
        "App. B.2",
        note="[x_1 ... x_d]^T has d rows; there are n pairs, and R^(n x m) is right",
        statement_latex=r"X = [x_1, \dots, x_d]^{\top} \in \mathbb{R}^{n\times m}: \text{ rows and columns}",
    ),
    claim(
        "X.def.fixed",
        "consequence",
        Tuple(n, m),
        shape_steps,
        identity(),
        "App. B.2",
        source="new",
        corrects="simon2023.X.def",
        statement_latex=r"X = [x_1, \dots, x_n]^{\top} \in \mathbb{R}^{n\times m}",
    ),
    claim(
        "eq41",
        "equation",
        (U * S).T,
        aligned_start_steps,
        identity(),
        "Eq. (41)",
        given=(Orthonormal(U), Diagonal(S)),
        note="A(W(0) Gamma^(<=d)T), as in Result 4.6 and on the right of (41): the transpose stands outside, and "
        "A(M)^T = S U^T",
        statement_latex=r"U \tilde S(0) = \mathcal{A}(W(0)\,\Gamma^{(\le d)})^{\top} = (U \tilde S(0))^{\top}",
    ),
    claim(
        "eq41.fixed",
        "consequence",
        U * S,
        aligned_start_steps,
        identity(),
        "Eq. (41)",
        source="new",
        corrects="simon2023.eq41",
        given=(Orthonormal(U), Diagonal(S)),
        statement_latex=r"U \tilde S(0) = \mathcal{A}(W(0)\,\Gamma^{(\le d)\top}) = \mathcal{A}(W(0)\,[g_1, \dots, "
        r"g_d])",
    ),
)
