"""Appendix B.2: the proof of Proposition 5.1, line by line."""

from sympy import And, Identity, MatrixSymbol, Ne, Symbol

from symssl import Orthonormal, Symmetric, norm, total
from symssl.claims import Chapter
from symssl.language import Let, Object

from .kernel import DUAL, FIRST, KXX, SPECTRAL, KXpX, KXpXp, KXXp, blocks
from .vocabulary import Gamma, M, S, U, W, d, e_j, j, m, n, s_j, same, vocabulary
from .vocabulary_kernel import DATA, EIGEN, IN_EIGENVECTORS, IN_VIEWS, KERNEL, B, E, K, P, Q, R, b, c, g, phi, words

chapter = Chapter("simon2023")

IN_DATA = words(DATA)
vector = R * B * (Q * c)  # what is dual to a vector in the span of the features

chapter.claim(
    "coker",
    "in-text",
    IN_DATA.sentence(same((Identity(2 * n) - K * R * R) * vector, vector)),
    cite="App. B.2",
    note="the cokernel is what the range leaves: I - K K^+ projects on it; b = K^(-1/2) B g lies in the range",
)

chapter.claim(
    "coker.fixed",
    "consequence",
    IN_DATA.sentence(same(K * R * R * vector, vector)),
    cite="App. B.2",
    corrects="coker",
)

eigenvalue, eigenvector = Symbol("gamma", real=True), MatrixSymbol("g", m, 1)
across = Identity(m) - eigenvector * eigenvector.T

chapter.claim(
    "eq32",
    "definition",
    vocabulary(
        Object(eigenvector, "an eigenvector of Gamma", Orthonormal(eigenvector)),
        Object(eigenvalue, "its eigenvalue", Ne(eigenvalue, 0)),
        Object(M, "what Gamma is on the other vectors", Symmetric(M)),
        Let(
            Gamma,
            eigenvalue * eigenvector * eigenvector.T + across * M * across,
            "the feature cross-correlation matrix",
        ),
    ).sentence(And(same(Gamma * eigenvector, eigenvalue * eigenvector), same(norm(eigenvector), 1))),
    cite="Eq. (32)",
)

chapter.claim(
    "eq33",
    "equation",
    IN_DATA.sentence(
        And(same(vector, P * c), same(B.T * R * (P * c), Q * c), same(norm(Q * c), norm(P * c))),
    ),
    cite="Eq. (33)",
    note="for g = Q c in the span of the features and b = P c in the range of K, which gamma != 0 ensures",
)

chapter.claim(
    "eq34",
    "equation",
    IN_EIGENVECTORS.sentence(same(Gamma * B.T * R * P, B.T * R * P * E)),
    cite="Eq. (34)",
    note="all eigenpairs at once: the columns of P are the b",
)

chapter.claim(
    "eq35",
    "equation",
    IN_EIGENVECTORS.sentence(same(R * B * Gamma * B.T * R * P, R * B * B.T * R * P * E)),
    cite="Eq. (35)",
    note="all eigenpairs at once: the columns of P are the b",
)

chapter.claim(
    "eq36",
    "equation",
    IN_DATA.sentence(same(R * B * B.T * R * (P * c), P * c)),
    cite="Eq. (36)",
    note="b = P c in the range of K",
)

SECOND = ((KXX * KXpX, KXX * KXpXp), (KXpX * KXpX, KXpX * KXpXp))
PRINTED = (FIRST[0], (KXpX * KXX, KXpXp * KXXp))

chapter.claim(
    "eq37",
    "equation",
    IN_VIEWS.sentence(blocks(lambda p, q: PRINTED[p][q] + SECOND[p][q])),
    cite="Eq. (37)",
    note="lower left block of the first matrix: X' X^T X X^T for X' X'^T X X^T, which Eq. (23) has right",
)

chapter.claim(
    "eq37.fixed",
    "consequence",
    IN_VIEWS.sentence(blocks(lambda p, q: FIRST[p][q] + SECOND[p][q])),
    cite="Eq. (37)",
    corrects="eq37",
)

chapter.claim(
    "eq38",
    "equation",
    words(
        DATA, KERNEL, EIGEN, (Let(W, total(s_j * U * e_j * (g * e_j).T, (j, d)), "the top spectral weights, Def. 4.2"),)
    ).sentence(same(W * phi, SPECTRAL)),
    cite="Eq. (38)",
)

chapter.claim(
    "eq39",
    "equation",
    IN_EIGENVECTORS.sentence(same(SPECTRAL, DUAL)),
    cite="Eq. (39)",
)

chapter.claim(
    "eq40",
    "equation",
    words(DATA, KERNEL, EIGEN, (Object(S, "the singular values at a time, on the diagonal"),)).sentence(
        same(SPECTRAL, DUAL)
    ),
    cite="Eq. (40)",
    note="the two forms agree for every S(t), and are exact from an aligned start (prop4.1); from a small "
    "generic start the error is that of Result 4.6",
)

chapter.claim(
    "eq42",
    "equation",
    words(DATA, KERNEL, EIGEN, (Object(W, "the weights at time 0"),)).sentence(same(W * B.T * R * b, W * g)),
    cite="Eq. (42)",
    note="f at t = 0, its values as columns, is W(0) B^T: the matrix that is aligned is that of Eq. (41)",
)

CLAIMS = chapter.claims
