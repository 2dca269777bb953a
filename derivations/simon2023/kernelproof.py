"""Appendix B.2: the proof of Proposition 5.1, line by line."""

from sympy import Dict, Eq, Matrix, MatrixSymbol, Ne, Tuple, symbols

from symssl import Diagonal, Orthonormal, normal_form, sq
from symssl.claims import Step, identity, stipulated

from .kernel import (
    EIGEN,
    FRAME,
    INVERSE_ROOT,
    B,
    D,
    K,
    P,
    Q,
    S,
    T,
    U,
    X,
    Xp,
    b,
    claim,
    correlation,
    feature,
    g,
    r,
    reduced,
    z_steps,
)
from .model import d, m, n

c = MatrixSymbol("c", r, 1)  # coordinates of a vector in the range
g_1, gamma_1 = MatrixSymbol("g_1", 2, 1), symbols("gamma_1", real=True)
Gamma_1 = MatrixSymbol("Gamma_1", 2, 2)
S_t, R = MatrixSymbol("S_t", d, d), MatrixSymbol("R", d, d)
W_i = MatrixSymbol("W_i", d, m)  # W(0)


def shape_steps(model):
    """X^T X' = sum_i x_i x_i'^T over the n pairs: one row a pair."""
    gamma_ = normal_form(correlation(X, Xp))
    yield Step("Gamma, a sum over the n pairs", gamma_)
    yield Step("rows and columns of X", Tuple(*min(gamma_.atoms(MatrixSymbol), key=str).shape))


def range_steps(model):
    vector = INVERSE_ROOT * B * Q * c
    yield Step("a vector over the data set: b = K^(-1/2) B g with g in the row space", reduced(vector))
    projector = reduced(K * INVERSE_ROOT * INVERSE_ROOT)
    yield Step("K K^+, the projector on the range of K; I - K K^+ is that on the cokernel", projector)
    yield Step(
        "the part of b in the cokernel, and the part in the range",
        Tuple(reduced(vector - projector * vector), reduced(projector * vector)),
    )


def eigenpair_steps(model):
    """One pair x = x' = (3, 4)."""
    x = Matrix([[3, 4]])
    gamma_ = correlation(x, x, 1)
    value, _, (vector,) = max(gamma_.eigenvects())
    unit = vector.normalized()
    yield Step(
        "Gamma = gamma g g^T for the pair x = x' = (3, 4), and its eigenpair",
        Dict({Gamma_1: (value * unit * unit.T).as_immutable(), gamma_1: value, g_1: unit.as_immutable()}),
    )


def dual_steps(model):
    yield Step("b = K^(-1/2) B g for g = Q c in the row space", reduced(INVERSE_ROOT * B * Q * c))
    dual = INVERSE_ROOT * B * (Q * c)
    yield Step(
        "b; B^T K^(-1/2) b; |g|^2 - |b|^2; and from b = P c in the range to g and back",
        Tuple(
            reduced(dual),
            reduced(B.T * INVERSE_ROOT * dual),
            reduced(sq(Q * c) - sq(dual)),
            reduced(INVERSE_ROOT * B * (B.T * INVERSE_ROOT * (P * c))),
        ),
    )


def substituted_steps(model):
    """All eigenpairs at once: the columns of Q are the g, those of P the b."""
    yield Step("let Gamma = Q D Q^T on the row space of B (Eq. (32) for all pairs at once)")
    duals = B.T * INVERSE_ROOT * P
    yield Step("g = B^T K^(-1/2) b, Eq. (33)", reduced(duals, EIGEN))
    yield Step("Gamma applied to it", reduced(Q * D * Q.T * duals, EIGEN))


def multiplied_steps(model):
    yield from substituted_steps(model)
    yield Step("K^(-1/2) B times that", reduced(INVERSE_ROOT * B * (Q * D * Q.T * (B.T * INVERSE_ROOT * P)), EIGEN))


def projected_steps(model):
    yield Step(
        "K^(-1/2) B B^T K^(-1/2) on b = P c in the range of K", reduced(INVERSE_ROOT * B * B.T * INVERSE_ROOT * (P * c))
    )


def spectral_steps(model):
    yield Step(
        "Definition 4.2: W = U S Gamma^(<=d), the rows of Gamma^(<=d) being the g_j", reduced(U * S * (Q * T).T, EIGEN)
    )
    yield Step("f(x) = W x", reduced(U * S * (Q * T).T * feature, EIGEN))


def dual_embedding_steps(model):
    yield from spectral_steps(model)
    yield Step(
        "g_j = B^T K^(-1/2) b_j, Eq. (33)",
        reduced(U * S * (B.T * INVERSE_ROOT * (P * T)).T * feature, EIGEN),
        same=True,
    )


def trajectory_steps(model):
    """Proposition 4.1 from the aligned start of Result 4.6."""
    yield Step("Proposition 4.1: W(t) = U S(t) [g_1 ... g_d]^T", reduced(U * S_t * g.T, EIGEN))
    along = reduced(U * S_t * g.T * feature, EIGEN)
    yield Step(
        "f(x, t), with the g_j and with the b_j",
        Tuple(along, reduced(U * S_t * (B.T * INVERSE_ROOT * b).T * feature, EIGEN)),
    )


def aligned_start_steps(model):
    """A(M) = U diag(R) for M = U R with R upper triangular."""
    start = W_i * g
    yield Step("the matrix to be aligned: W(0) times the columns g_j, d x d", normal_form(start))
    yield Step("its QR factorisation U R; R with the entries off the diagonal set to zero is S(0)")
    yield Step("A(W(0) [g_1 ... g_d])", normal_form((U * R).subs(R, S)))


def outputs_steps(model):
    yield Step("the columns f(x_i), then f(x_i'): W(0) B^T", reduced(W_i * B.T))
    yield Step("times K^(-1/2) [b_1 ... b_d]", reduced(W_i * B.T * INVERSE_ROOT * b, EIGEN))


# --- the statements as printed -----------------------------------------------------------

XXt, XXpt, XpXt, XpXpt = X * X.T, X * Xp.T, Xp * X.T, Xp * Xp.T
SECOND = (XXt * XpXt, XXt * XpXpt, XpXt * XpXt, XpXt * XpXpt)
PRINTED_Z = (XXpt * XXt, XXpt * XXpt, XpXt * XXt, XpXpt * XXpt)
RIGHT_Z = (XXpt * XXt, XXpt * XXpt, XpXpt * XXt, XpXpt * XXpt)


ZERO = 0 * c
CLAIMS = (
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
        "coker",
        "in-text",
        Tuple(P * c, ZERO),
        range_steps,
        identity(),
        "App. B.2",
        given=FRAME,
        note="the cokernel is what the range leaves; b = K^(-1/2) B g lies in the range (coimage)",
        statement_latex=r"b \in \operatorname{coker} \tilde K: \quad (I - \tilde K\tilde K^{+})\,b = b",
    ),
    claim(
        "coker.fixed",
        "consequence",
        Tuple(0 * P * c, P * c),
        range_steps,
        identity(),
        "App. B.2",
        given=FRAME,
        source="new",
        corrects="simon2023.coker",
        statement_latex=r"b \in \operatorname{range} \tilde K: \quad \tilde K\tilde K^{+}\,b = b",
    ),
    claim(
        "eq32",
        "equation",
        Tuple(Eq(Gamma_1 * g_1, gamma_1 * g_1), Eq(g_1[0, 0] ** 2 + g_1[1, 0] ** 2, 1), Ne(gamma_1, 0)),
        eigenpair_steps,
        stipulated(),
        "Eq. (32)",
        statement_latex=r"\Gamma g = \gamma g, \quad \gamma \ne 0, \quad \lVert g\rVert = 1",
    ),
    claim(
        "eq33",
        "equation",
        Tuple(P * c, Q * c, 0, P * c),
        dual_steps,
        identity(),
        "Eq. (33)",
        given=FRAME,
        note="for g in the row space of B and b in the range of K, which gamma != 0 ensures",
        statement_latex=r"g = Qc \iff b = Pc: \quad \tilde K^{-1/2} B g = b, \quad B^{\top}\tilde K^{-1/2} b = g, "
        r"\quad \lVert g\rVert = \lVert b\rVert",
    ),
    claim(
        "eq34",
        "equation",
        B.T * INVERSE_ROOT * P * D,
        substituted_steps,
        identity(),
        "Eq. (34)",
        given=EIGEN,
        statement_latex=r"\Gamma B^{\top}\tilde K^{-1/2} b = \gamma B^{\top}\tilde K^{-1/2} b",
    ),
    claim(
        "eq35",
        "equation",
        INVERSE_ROOT * B * B.T * INVERSE_ROOT * P * D,
        multiplied_steps,
        identity(),
        "Eq. (35)",
        given=EIGEN,
        statement_latex=r"\tilde K^{-1/2} B\Gamma B^{\top}\tilde K^{-1/2} b = \gamma \tilde K^{-1/2} B "
        r"B^{\top}\tilde K^{-1/2} b",
    ),
    claim(
        "eq36",
        "equation",
        P * c,
        projected_steps,
        identity(),
        "Eq. (36)",
        given=FRAME,
        note="b = P c in the range of K",
        statement_latex=r"b \in \operatorname{range}\tilde K \implies \tilde K^{-1/2} B B^{\top}\tilde K^{-1/2} b = b",
    ),
    claim(
        "eq37",
        "equation",
        Tuple(*((e + f) / (2 * n) for e, f in zip(PRINTED_Z, SECOND))),
        z_steps,
        identity(),
        "Eq. (37)",
        note="lower left block of the first matrix: X' X^T X X^T for X' X'^T X X^T, which Eq. (23) has right",
        statement_latex=r"Z = \tfrac{1}{2n}\begin{bmatrix} XX'^{\top}XX^{\top} & XX'^{\top}XX'^{\top} \\ "
        r"X'X^{\top}XX^{\top} & X'X'^{\top}XX'^{\top}\end{bmatrix} + \tfrac{1}{2n}\begin{bmatrix} "
        r"XX^{\top}X'X^{\top} & XX^{\top}X'X'^{\top} \\ X'X^{\top}X'X^{\top} & X'X^{\top}X'X'^{\top}\end{bmatrix}",
    ),
    claim(
        "eq37.fixed",
        "consequence",
        Tuple(*((e + f) / (2 * n) for e, f in zip(RIGHT_Z, SECOND))),
        z_steps,
        identity(),
        "Eq. (37)",
        source="new",
        corrects="simon2023.eq37",
        statement_latex=r"\text{the lower left block of the first matrix is } X'X'^{\top}XX^{\top}",
    ),
    claim(
        "eq38",
        "equation",
        U * S * g.T * feature,
        spectral_steps,
        identity(),
        "Eq. (38)",
        given=EIGEN,
        statement_latex=r"f(x) = U \tilde S [g_1 \dots g_d]^{\top} x",
    ),
    claim(
        "eq39",
        "equation",
        U * S * b.T * INVERSE_ROOT * B * feature,
        dual_embedding_steps,
        identity(),
        "Eq. (39)",
        given=EIGEN,
        statement_latex=r"f(x) = U \tilde S [b_1 \dots b_d]^{\top} \tilde K^{-1/2} B x",
    ),
    claim(
        "eq40",
        "equation",
        Tuple(U * S_t * g.T * feature, U * S_t * b.T * INVERSE_ROOT * (B * feature)),
        trajectory_steps,
        identity(),
        "Eq. (40)",
        given=EIGEN,
        note="the two forms agree for every S(t), and are exact from an aligned start; from a small generic start the "
        "error is that of Result 4.6",
        statement_latex=r"f(x, t) = U S(t) [g_1 \dots g_d]^{\top} x = "
        r"U S(t) [b_1 \dots b_d]^{\top} \tilde K^{-1/2} [K_{xX}\ K_{xX'}]^{\top}",
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
    claim(
        "eq42",
        "equation",
        W_i * g,
        outputs_steps,
        identity(),
        "Eq. (42)",
        given=EIGEN,
        note="f at t = 0, its values as columns: the matrix aligned is that of Eq. (41)",
        statement_latex=r"[f(x_1) \dots f(x_n), f(x_1') \dots f(x_n')]\, \tilde K^{-1/2} [b_1 \dots b_d] = "
        r"W(0)\,[g_1 \dots g_d]",
    ),
)
