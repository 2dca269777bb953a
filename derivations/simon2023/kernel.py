"""Section 5: the solution in terms of the kernel."""

from sympy import And, Identity, ImmutableMatrix, Lt, MatrixSymbol, Symbol, Trace, ZeroMatrix, sqrt

from symssl import Orthonormal, Symmetric, inner
from symssl.claims import Chapter
from symssl.language import Eigenvalue, Let, Object

from .vocabulary import Gamma, S, U, d, m, n, same
from .vocabulary_kernel import (
    DATA,
    EXCHANGED,
    IN_EIGENVECTORS,
    IN_VIEWS,
    VIEWS,
    B,
    E,
    H,
    J,
    K,
    K_Gamma,
    O,
    P,
    Q,
    R,
    T,
    X,
    Xp,
    Z,
    b,
    g,
    phi,
    phi_p,
    r,
    words,
)

# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

KXX, KXXp, KXpX, KXpXp = X * X.T, X * Xp.T, Xp * X.T, Xp * Xp.T
FIRST = ((KXXp * KXX, KXXp * KXXp), (KXpXp * KXX, KXpXp * KXXp))  # of (23)


def blocks(value):
    """The four blocks of B Gamma B^T; `value` gives 2 n times each by its place."""
    views = X, Xp
    return And(
        *(same(views[p] * Gamma * views[q].T, value(p, q) / (2 * n)) for p in (0, 1) for q in (0, 1)),
    )


chapter.claim(
    "eq22",
    "definition",
    words(
        VIEWS,
        (
            Object(B, "the features of the combined data set, the rows of X above those of X'"),
            Object(K, "the kernel of the combined data set"),
        ),
    ).sentence(same(K, B * B.T)),
    cite="Eq. (22)",
    note="its blocks are the kernels of and between the two data sets",
)

chapter.claim(
    "eq23",
    "equation",
    IN_VIEWS.sentence(blocks(lambda p, q: FIRST[p][q] + FIRST[q][p].T)),
    cite="Eq. (23)",
    note="[transpose] is that of the whole first term, its factor included; the blocks are those of B Gamma B^T",
)

PROJECTOR = P * P.T

chapter.claim(
    "kgamma.pinv",
    "in-text",
    words(DATA, (Let(R, P * H * P.T, "the power -1/2 of the pseudo-inverse of K"),)).sentence(
        same(R * K * R, PROJECTOR)
    ),
    cite="below Eq. (23)",
    note="what stands for K^(-1/2) must turn K into the projector on its range; a negative power of the pseudo-inverse "
    "is a positive power of K: (K^+)^(1/2) is meant",
)

chapter.claim(
    "kgamma.pinv.fixed",
    "consequence",
    words(DATA).sentence(same(R * K * R, PROJECTOR)),
    cite="below Eq. (23)",
    corrects="kgamma.pinv",
)

turned, turned_p = X * O.T, Xp * O.T

chapter.claim(
    "fn10",
    "footnote",
    IN_VIEWS.sentence(
        And(
            same(turned * turned.T, KXX),
            same(turned * turned_p.T, KXXp),
            same(turned_p * turned_p.T, KXpXp),
            same((turned.T * turned_p + turned_p.T * turned) / (2 * n), O * Gamma * O.T),
        )
    ),
    cite="Footnote 10",
    note="features O x have the kernel of the features x, but O Gamma O^T: no function of the kernel gives Gamma",
)

core = H * P.T * J * P * H / (2 * n)

chapter.claim(
    "prop5.1a",
    "proposition",
    EXCHANGED.sentence(And(same(K_Gamma, P * core * P.T), same(Gamma, Q * core * Q.T))),
    cite="Prop. 5.1(a)",
    note="one matrix in two orthonormal frames: same eigenvalues and multiplicities, apart from zeros",
)

SPECTRAL = U * S * g.T * phi  # f = W phi for W = U S [g_1 ... g_d]^T
DUAL = U * S * b.T * R * (B * phi)

chapter.claim(
    "prop5.1b",
    "proposition",
    IN_EIGENVECTORS.sentence(And(same(K_Gamma * P, P * E), same(SPECTRAL, DUAL))),
    cite="Prop. 5.1(b)",
    note="for every x, in the span of the data or not: the g_j with gamma_j != 0 lie in it; [K_xX K_xX']^T = B phi(x)",
)

chapter.claim(
    "eq24",
    "equation",
    IN_EIGENVECTORS.sentence(same(SPECTRAL, DUAL)),
    cite="Eq. (24)",
    note="[K_xX K_xX']^T = B phi(x)",
)

P_1, X_1, R_1 = MatrixSymbol("P_1", n, r), MatrixSymbol("X", n, m), MatrixSymbol("R_1", n, n)
ONE_VIEW = words(
    DATA,
    (
        Object(P_1, "an orthonormal basis of the range of X X^T, as columns", Orthonormal(P_1)),
        Let(X_1, P_1 * H * Q.T, "the features of both views, one a row"),
        Let(Gamma, X_1.T * X_1 / n, "the feature cross-correlation matrix"),
        Let(R_1, P_1 * H**-1 * P_1.T / sqrt(8), "each of the four blocks of K^(-1/2)"),
    ),
)
WHITENED = same(4 * R_1 * X_1 * X_1.T * R_1, P_1 * P_1.T / 2)  # a block of K^(-1/2) K K^(-1/2)
BLOCK = 4 * R_1 * X_1 * Gamma * X_1.T * R_1  # a block of K_Gamma

chapter.claim(
    "xeqx",
    "in-text",
    ONE_VIEW.sentence(And(WHITENED, same(BLOCK, X_1 * X_1.T))),
    cite="Sec. 5.2",
    note="block by block; K_Gamma = K/(2n): proportional, so that the eigenvectors agree and the eigenvalues do not",
)

chapter.claim(
    "xeqx.fixed",
    "consequence",
    ONE_VIEW.sentence(And(WHITENED, same(BLOCK, X_1 * X_1.T / (2 * n)))),
    cite="Sec. 5.2",
    corrects="xeqx",
)

chapter.claim(
    "kernelpca",
    "in-text",
    IN_EIGENVECTORS.sentence(
        same(U * S * b.T * R * K * (Identity(2 * n) - b * b.T), ZeroMatrix(d, 2 * n)), Orthonormal(T)
    ),
    cite="Sec. 5.2",
    note="kernel PCA with K_Gamma embeds the data in the span of its top eigenvectors; f on the data lies in the span "
    "of their images under K^(1/2)",
)

chapter.claim(
    "kernelpca.generalised",
    "consequence",
    IN_EIGENVECTORS.sentence(same(Z * R * P, K * R * P * E)),
    cite="Sec. 5.2",
    corrects="kernelpca",
    note="the coefficients a = K^(-1/2) b of f(x) = U S [a_1 ... a_d]^T k(x) solve a generalised eigenproblem, as in "
    "canonical correlation with kernels",
)

chapter.claim(
    "kemb",
    "in-text",
    IN_EIGENVECTORS.sentence(same(inner(SPECTRAL, U * S * g.T * phi_p), inner(phi, g * S**2 * g.T * phi_p))),
    cite="Sec. 5.2",
    note="U does not occur",
)

x = Symbol("x", positive=True)
PAIR = MatrixSymbol("B", 2, 1)
K_2, R_2, G_2 = (MatrixSymbol(name, 2, 2) for name in ("K", "R", "K_Gamma"))
OPPOSITE = words(
    (
        Object(x, "a number: the pair is x and x' = -x, so that Gamma = -x^2"),
        Let(PAIR, ImmutableMatrix([x, -x]), "the pair"),
        Let(K_2, PAIR * PAIR.T, "the kernel of the pair"),
        Let(R_2, K_2 / sqrt(8) / x**3, "K^(-1/2), the root of the pseudo-inverse of K"),
        Let(G_2, -(x**2) * R_2 * K_2 * R_2, "the contrastive kernel"),
    )
)

chapter.claim(
    "fn11",
    "footnote",
    OPPOSITE.sentence(And(same(R_2 * K_2 * R_2, K_2 / (2 * x**2)), Lt(Eigenvalue(G_2, 1), 0))),
    cite="Footnote 11",
    note="K_Gamma can have negative eigenvalues: so it does for one pair of opposite numbers",
)

H_1, H_2 = MatrixSymbol("H_1", r, r), MatrixSymbol("H_2", r, r)
P_2, Z_11, Z_12 = MatrixSymbol("P_2", n, r), MatrixSymbol("Z_11", n, n), MatrixSymbol("Z_12", n, n)
K_1, K_22 = MatrixSymbol("K_1", n, n), MatrixSymbol("K_2", n, n)
ACROSS = words(
    DATA,
    (
        Object(P_1, "an orthonormal basis of the range of K_XX, as columns", Orthonormal(P_1)),
        Object(P_2, "an orthonormal basis of the range of K_X'X', as columns", Orthonormal(P_2)),
        Object(H_1, "a symmetric matrix, invertible", Symmetric(H_1)),
        Object(H_2, "a symmetric matrix, invertible", Symmetric(H_2)),
        Let(K_1, P_1 * H_1**2 * P_1.T, "the kernel K_XX of the first views"),
        Let(K_22, P_2 * H_2**2 * P_2.T, "the kernel K_X'X' of the second views"),
        Let(Z_11, ZeroMatrix(n, n), "the first block of (23) where K_XX' = 0"),
        Let(Z_12, K_1 * K_22 / (2 * n), "the second block of (23) where K_XX' = 0"),
    ),
)
INVERSE_1, INVERSE_2 = P_1 * H_1**-1 * P_1.T, P_2 * H_2**-1 * P_2.T  # the blocks of K^(-1/2)
MIXED = INVERSE_1 * Z_12 * INVERSE_2  # the second block of K_Gamma

chapter.claim(
    "multimodal",
    "in-text",
    ACROSS.sentence(
        And(
            same(INVERSE_1 * Z_11 * INVERSE_1, ZeroMatrix(n, n)),
            same(MIXED, P_1 * H_1 * P_1.T * P_2 * H_2 * P_2.T / (2 * n)),
            same(2 * Trace(MIXED * MIXED.T), Trace(K_1 * K_22) / (2 * n**2)),
        )
    ),
    cite="Sec. 5.2",
    note="valid: nothing was assumed of K_XX'; the sum of the squared eigenvalues of K_Gamma vanishes only where "
    "K_XX K_X'X' = 0",
)

chapter.claim(
    "multimodal.spectrum",
    "consequence",
    ACROSS.sentence(
        And(
            same(Trace(INVERSE_1 * Z_11 * INVERSE_1), 0),
            same(2 * Trace(MIXED * MIXED.T), Trace(K_1 * K_22) / (2 * n**2)),
        )
    ),
    cite="Sec. 5.2",
    source="new",
    note="both blocks on the diagonal vanish: eigenvalues in pairs of opposite sign, not all of them zero unless "
    "K_XX K_X'X' = 0",
)

CLAIMS = chapter.claims
