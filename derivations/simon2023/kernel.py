"""Section 5: the solution in terms of the kernel.

The data are the rows of B = [X; X'], so that the kernel of the combined data set is
K = B B^T.  With orthonormal columns in P and Q and H symmetric and invertible,

    B = P H Q^T,   K = P H^2 P^T,   K^+ = P H^-2 P^T,   (K^+)^(1/2) = P H^-1 P^T,

is any matrix of rank r (a polar decomposition), and every power of K is a word: what follows
holds for every number of pairs, of features, and every rank.
"""

from sympy import Dict, Eq, Ge, Identity, Lt, Matrix, MatrixSymbol, Trace, Tuple, ZeroMatrix, sqrt, symbols

from symssl import Diagonal, Orthonormal, Symmetric, inner, matrix_equal, normal_form, sq
from symssl.claims import Claim, Step, identity, implied, refuted_at, stipulated

from .minima import excess, least_norm_steps, mu
from .model import LOSS, Gamma, W, d, definition_steps, m, n

r = symbols("r", integer=True, positive=True)
X, Xp = MatrixSymbol("X", n, m), MatrixSymbol("X'", n, m)
P, Q, H = MatrixSymbol("P", 2 * n, r), MatrixSymbol("Q", m, r), MatrixSymbol("H", r, r)
J = MatrixSymbol("J", 2 * n, 2 * n)  # exchanges the two halves of the data
D = MatrixSymbol("D", r, r)
U, S, T = MatrixSymbol("U", d, d), MatrixSymbol("S", d, d), MatrixSymbol("T", r, d)
A, W_0 = MatrixSymbol("A", d, 2 * n), MatrixSymbol("W_0", d, m)
feature = MatrixSymbol("phi", m, 1)
FRAME = (Orthonormal(P), Orthonormal(Q), Symmetric(H))
SWAP = (Symmetric(J), Orthonormal(J))
# the columns of Q and P are the eigenvectors g and b, those of T pick d of them
EIGEN = (*FRAME, Diagonal(D), Orthonormal(T), Orthonormal(U), Diagonal(S))

B = P * H * Q.T
K = B * B.T
ROOT = P * H * P.T  # K^(1/2)
INVERSE_ROOT = P * H**-1 * P.T  # (K^+)^(1/2), which the paper writes K^(-1/2)
Z = B * Gamma * B.T
g, b = Q * T, P * T  # [g_1 ... g_d] and [b_1 ... b_d]

# quantities that a statement compares and a derivation evaluates
cosine2 = symbols("cosine2", real=True)
x_1 = symbols("x_1", positive=True)


def reduced(word, where=FRAME):
    return normal_form(word, where=where)


def correlation(first, second, pairs=n):
    """Gamma of the two views."""
    return (first.T * second + second.T * first) / (2 * pairs)


def blocks(middle, first=X, second=Xp):
    """The four blocks of [first; second] middle [first; second]^T."""
    return Tuple(*(reduced(a * middle * c.T) for a in (first, second) for c in (first, second)))


def transposed(found):
    a, b_, c, d_ = found
    return (a.T, c.T, b_.T, d_.T)


def block_product(first, second):
    """The product of two 2 x 2 arrays of blocks, each given by rows."""
    return tuple(
        reduced(first[2 * i] * second[j] + first[2 * i + 1] * second[2 + j], PAIR_FRAME) for i in (0, 1) for j in (0, 1)
    )


# --- the matrices K, Z and K_Gamma (Section 5.1) -----------------------------------------


def z_steps(model):
    yield Step("Gamma of the two views", reduced(correlation(X, Xp)))
    yield Step("blocks of B Gamma B^T", blocks(correlation(X, Xp)))


def pseudo_inverse_steps(model):
    """Which power of K^+ takes the part of K^(-1/2): R K R must be the projector on the range of K."""
    pinv = reduced(INVERSE_ROOT * INVERSE_ROOT)
    yield Step(
        "K^+: what is left of the four Moore-Penrose conditions",
        Tuple(
            *(
                reduced(e)
                for e in (K * pinv * K - K, pinv * K * pinv - pinv, K * pinv - (K * pinv).T, pinv * K - (pinv * K).T)
            )
        ),
    )
    roots = tuple(reduced(R) for R in (INVERSE_ROOT, ROOT))
    yield Step("(K^+)^(1/2) and (K^+)^(-1/2), inverses as pseudo-inverses", Tuple(*roots))
    yield Step("R K R for each of them", Tuple(*(reduced(R * K * R) for R in roots)))
    yield Step(
        "the one with R K R = P P^T, the projector on the range",
        next(R for R in roots if matrix_equal(R * K * R, P * P.T, where=FRAME)),
    )


def whitening_steps(model):
    yield Step("(K^+)^(1/2) K (K^+)^(1/2)", reduced(INVERSE_ROOT * K * INVERSE_ROOT))


def swapped_steps(model):
    """B^T J B = X^T X' + X'^T X, where J exchanges the two halves of the rows of B."""
    gamma_ = reduced(B.T * J * B / (2 * n), (*FRAME, *SWAP))
    yield Step("Gamma = B^T J B/(2n), where J exchanges the halves of the data", gamma_)
    yield Step("Z = B Gamma B^T = K J K/(2n)", reduced(B * gamma_ * B.T, (*FRAME, *SWAP)))
    yield Step(
        "K_Gamma = K^(-1/2) Z K^(-1/2), and Gamma",
        Tuple(reduced(INVERSE_ROOT * B * gamma_ * B.T * INVERSE_ROOT, (*FRAME, *SWAP)), gamma_),
    )


# --- Proposition 5.1 ---------------------------------------------------------------------


def eigen_steps(model):
    yield Step(
        "let the columns of Q be the eigenvectors of Gamma in the row space of B, which Gamma maps into itself: "
        "Gamma = Q D Q^T"
    )
    yield Step(
        "K_Gamma = K^(-1/2) B Gamma B^T K^(-1/2): its eigenvectors are the columns of P",
        reduced((INVERSE_ROOT * Z * INVERSE_ROOT).subs(Gamma, Q * D * Q.T), EIGEN),
    )


def embedding_steps(model):
    yield from eigen_steps(model)
    yield Step("Definition 4.2: W = U S [g_1 ... g_d]^T", reduced(U * S * g.T, EIGEN))
    yield Step("f = W phi", reduced(U * S * g.T * feature, EIGEN))


def proposition_b_steps(model):
    *_, last = embedding_steps(model)
    yield from eigen_steps(model)
    yield Step(
        "K_Gamma, and f = W phi with W = U S [g_1 ... g_d]^T",
        Tuple(reduced((INVERSE_ROOT * Z * INVERSE_ROOT).subs(Gamma, Q * D * Q.T), EIGEN), last.result),
    )


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

P_1, P_2 = MatrixSymbol("P_1", n, r), MatrixSymbol("P_2", n, r)
Q_1, Q_2 = MatrixSymbol("Q_1", m, r), MatrixSymbol("Q_2", m, r)
H_1, H_2 = MatrixSymbol("H_1", r, r), MatrixSymbol("H_2", r, r)
PAIR_FRAME = (*map(Orthonormal, (P_1, P_2, Q_1, Q_2)), Symmetric(H_1), Symmetric(H_2))
X_1, X_2 = P_1 * H_1 * Q_1.T, P_2 * H_2 * Q_2.T  # one view each
K_1, K_2 = X_1 * X_1.T, X_2 * X_2.T


def kernel_gamma(kernel, inverse_root):
    """K_Gamma by blocks, from the kernel and its inverse root by blocks."""
    xx, xy, yx, yy = kernel
    z = Tuple(*(reduced(e, PAIR_FRAME) / (2 * n) for e in block_product((xy, xx, yy, yx), kernel)))
    return Tuple(*block_product(block_product(inverse_root, z), inverse_root))


def same_view_steps(model):
    """X = X' = P_1 H_1 Q_1^T: every block of K is the kernel of one view."""
    kernel = (K_1, K_1, K_1, K_1)
    half = reduced(P_1 * H_1**-1 * P_1.T, PAIR_FRAME)
    root = tuple(half / sqrt(8) for _ in kernel)
    projector = block_product(block_product(root, kernel), root)
    yield Step(
        "X = X': a block of R K R K, and of K, for R the four blocks K_XX^(-1/2)/8^(1/2)",
        Tuple(block_product(projector, kernel)[0], reduced(kernel[0], PAIR_FRAME)),
    )
    yield Step("K_Gamma by blocks", kernel_gamma(kernel, root))


def multimodal_steps(model):
    zero = ZeroMatrix(n, n)
    kernel = (K_1, zero, zero, K_2)
    root = (P_1 * H_1**-1 * P_1.T, zero, zero, P_2 * H_2**-1 * P_2.T)
    yield Step("K_XX' = 0: the kernel by blocks", Tuple(*(reduced(k, PAIR_FRAME) for k in kernel)))
    yield Step("K_Gamma by blocks", kernel_gamma(kernel, root))


def loss_at(model, weights, gamma_):
    """The loss at explicit matrices."""
    sizes = {d: weights.shape[0], m: weights.shape[1]}
    at = {symbol.subs(sizes): value.as_immutable() for symbol, value in ((W, weights), (Gamma, gamma_))}
    return normal_form(model.loss.subs(sizes).subs(at))


def modality_steps(model):
    *_, last = multimodal_steps(model)
    yield from multimodal_steps(model)
    gamma_ = correlation(*ORTHOGONAL, 1)
    eigenvalues = gamma_.eigenvals()
    yield Step("eigenvalues of Gamma for one pair of orthogonal unit vectors", Tuple(*sorted(eigenvalues)))
    value, _, (vector,) = max(gamma_.eigenvects())
    weights = (vector.normalized() / sqrt(value)).T
    yield Step(
        "K_Gamma by blocks; for that pair the loss at W = 0 and at the top spectral W, d = 1",
        Tuple(*last.result, *(loss_at(model, w, gamma_) for w in (0 * weights, weights))),
    )


def spectrum_steps(model):
    *_, last = multimodal_steps(model)
    yield from multimodal_steps(model)
    xx, xy, yx, yy = last.result
    yield Step(
        "trace of K_Gamma and of its square",
        Tuple(reduced(Trace(xx) + Trace(yy), PAIR_FRAME), reduced(2 * Trace(xy * yx), PAIR_FRAME)),
    )


ORTHOGONAL = Matrix([[1, 0]]), Matrix([[0, 1]])  # one pair
PAIR = Matrix([[7, 1]]), Matrix([[1, 1]])  # one pair; the rows of B = K^(1/2), which is symmetric


def pca_steps(model):
    x, xp = PAIR
    root = x.col_join(xp)
    gamma_ = correlation(x, xp, 1)
    yield Step("one pair x = (7, 1), x' = (1, 1): B is symmetric and positive definite, so B = K^(1/2)")
    k_gamma = root.inv() * root * gamma_ * root.T * root.inv()
    value, _, (vector,) = max(k_gamma.eigenvects())
    yield Step(
        "K_Gamma, its top eigenvalue and eigenvector", Tuple(k_gamma.as_immutable(), value, vector.as_immutable())
    )
    f = root * vector
    yield Step("f on the data is in the direction K^(1/2) b", f.as_immutable())
    yield Step(
        "squared cosine between f on the data and b",
        Dict({cosine2: f.dot(vector) ** 2 / (f.dot(f) * vector.dot(vector))}),
    )


def generalised_steps(model):
    yield from eigen_steps(model)
    yield Step(
        "Z a for the coefficients a = K^(-1/2) b of f(x) = S a^T k(x)",
        reduced(Z.subs(Gamma, Q * D * Q.T) * INVERSE_ROOT * P, EIGEN),
    )


def rotation_steps(model):
    """Rotated features have the same kernel, and another Gamma."""
    rotation = MatrixSymbol("O", m, m)
    where = Orthonormal(rotation)
    turned, turned_p = X * rotation.T, Xp * rotation.T
    yield Step(
        "every block of the kernel, and Gamma, for the features O x",
        Tuple(
            *(reduced(a * c.T, where) for a in (turned, turned_p) for c in (turned, turned_p)),
            reduced(correlation(turned, turned_p), where),
        ),
    )


def negative_steps(model):
    """One pair x' = -x of numbers."""
    x = Matrix([[x_1]])
    kernel = x.col_join(-x) * x.col_join(-x).T
    (value,) = (e for e in kernel.eigenvals() if e != 0)
    root = kernel / sqrt(value)
    yield Step(
        "K has rank one: its eigenvalue that is not zero, its root, and root^2 - K",
        Tuple(value, root.as_immutable(), (root**2 - kernel).as_immutable()),
    )
    exchange = Matrix([[0, 1], [1, 0]])
    k_gamma = root * exchange * root / 2
    yield Step("K_Gamma = K^(1/2) J K^(1/2)/(2n), n = 1", k_gamma.as_immutable())
    (eigenvalue,) = (e for e in k_gamma.eigenvals() if e != 0)
    yield Step("its eigenvalue that is not zero", eigenvalue)


def embedding_kernel_steps(model):
    other = MatrixSymbol("phi'", m, 1)
    f, fp = U * S * g.T * feature, U * S * g.T * other
    yield Step("f(x)^T f(x')", reduced(inner(f, fp), EIGEN))


# --- the statements as printed -----------------------------------------------------------

KXX, KXXp, KXpX, KXpXp = X * X.T, X * Xp.T, Xp * X.T, Xp * Xp.T
HALF_Z = (KXXp * KXX, KXXp * KXXp, KXpXp * KXX, KXpXp * KXXp)
other_feature = MatrixSymbol("phi'", m, 1)
O = MatrixSymbol("O", m, m)
core = H * P.T * J * P * H / (2 * n)


def claim(label, kind, printed, steps, decide, cite, **more):
    """A claim of this paper, from no loss unless one is named."""
    return Claim(f"simon2023.{label}", kind, printed, steps, decide, cite=cite, **more)


CLAIMS = (
    claim(
        "eq22",
        "definition",
        Tuple(
            *(
                Eq(MatrixSymbol(f"K_{a}{c}", n, n), e)
                for (a, c), e in zip((("X", "X"), ("X", "X'"), ("X'", "X"), ("X'", "X'")), (KXX, KXXp, KXpX, KXpXp))
            )
        ),
        definition_steps,
        stipulated(),
        "Eq. (22)",
        statement_latex=r"\tilde K = \begin{bmatrix} K_{XX} & K_{XX'} \\ K_{X'X} & K_{X'X'}\end{bmatrix}",
    ),
    claim(
        "eq23",
        "equation",
        Tuple(*((z + zt) / (2 * n) for z, zt in zip(HALF_Z, transposed(HALF_Z)))),
        z_steps,
        identity(),
        "Eq. (23)",
        note="[transpose] is that of the whole first term, its factor included; the blocks are those of B Gamma B^T",
        statement_latex=r"B\Gamma B^{\top} = \tfrac{1}{2n}\begin{bmatrix} K_{XX'}K_{XX} & K_{XX'}^2 \\ "
        r"K_{X'X'}K_{XX} & K_{X'X'}K_{XX'}\end{bmatrix} + [\text{transpose}]",
    ),
    claim(
        "kgamma.pinv",
        "definition",
        P * H * P.T,
        pseudo_inverse_steps,
        identity(),
        "below Eq. (23)",
        given=FRAME,
        note="a negative power of the pseudo-inverse is a positive power of K: (K^+)^(1/2) is meant",
        statement_latex=r"\tilde K^{-1/2} \text{ is } (\tilde K^{+})^{-1/2} = P H P^{\top}, \quad \tilde K = P H^{2} "
        r"P^{\top}",
    ),
    claim(
        "kgamma.pinv.fixed",
        "consequence",
        P * P.T,
        whitening_steps,
        identity(),
        "below Eq. (23)",
        given=FRAME,
        source="new",
        corrects="simon2023.kgamma.pinv",
        note="(K^+)^(1/2) takes the part of K^(-1/2): the product is the projector on the range of K",
        statement_latex=r"(\tilde K^{+})^{1/2}\,\tilde K\,(\tilde K^{+})^{1/2} = P P^{\top}",
    ),
    claim(
        "fn10",
        "footnote",
        Tuple(KXX, KXXp, KXpX, KXpXp, O * correlation(X, Xp) * O.T),
        rotation_steps,
        identity(),
        "Footnote 10",
        given=(Orthonormal(O),),
        note="features O x have the kernel of the features x, but O Gamma O^T: no function of the kernel gives Gamma",
        statement_latex=r"x \mapsto O x: \quad \tilde K \mapsto \tilde K, \quad \Gamma \mapsto O\,\Gamma\,O^{\top}",
    ),
    claim(
        "fn11",
        "footnote",
        Lt(-(x_1**2), 0, evaluate=False),
        negative_steps,
        implied(),
        "Footnote 11",
        note="one pair of numbers x' = -x",
        statement_latex=r"x' = -x \in \mathbb{R}: \quad K_\Gamma \text{ has the eigenvalue } -x^{2} < 0",
    ),
    claim(
        "prop5.1a",
        "proposition",
        Tuple(P * core * P.T, Q * core * Q.T),
        swapped_steps,
        identity(),
        "Prop. 5.1(a)",
        given=(*FRAME, *SWAP),
        note="one matrix in two orthonormal frames: same eigenvalues and multiplicities, apart from zeros",
        statement_latex=r"K_\Gamma = P M P^{\top},\ \Gamma = Q M Q^{\top},\ P^{\top}P = Q^{\top}Q = I,\ "
        r"M = \tfrac{1}{2n} H P^{\top} J P H",
    ),
    claim(
        "prop5.1b",
        "proposition",
        Tuple(P * D * P.T, U * S * b.T * INVERSE_ROOT * (B * feature)),
        proposition_b_steps,
        identity(),
        "Prop. 5.1(b)",
        given=EIGEN,
        note="for every x, in the span of the data or not: the g_j with gamma_j != 0 lie in it",
        statement_latex=r"K_\Gamma b_j = \gamma_j b_j, \quad f(x) = U \tilde S [b_1 \dots b_d]^{\top} \tilde "
        r"K^{-1/2} B\,\phi(x)",
    ),
    claim(
        "eq24",
        "equation",
        U * S * b.T * INVERSE_ROOT * (B * feature),
        embedding_steps,
        identity(),
        "Eq. (24)",
        given=EIGEN,
        note="[K_xX K_xX']^T = B phi(x)",
        statement_latex=r"f(x) = U \tilde S [b_1 \dots b_d]^{\top} \tilde K^{-1/2} [K_{xX}\ K_{xX'}]^{\top}",
    ),
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
        "xeqx",
        "in-text",
        Tuple(*(X_1 * X_1.T for _ in range(4))),
        same_view_steps,
        identity(),
        "Sec. 5.2",
        given=PAIR_FRAME,
        note="K_Gamma = K/(2n): proportional, so that the eigenvectors agree and the eigenvalues do not",
        statement_latex=r"X = X' \implies K_\Gamma = \tilde K",
    ),
    claim(
        "xeqx.fixed",
        "consequence",
        Tuple(*(X_1 * X_1.T / (2 * n) for _ in range(4))),
        same_view_steps,
        identity(),
        "Sec. 5.2",
        given=PAIR_FRAME,
        source="new",
        corrects="simon2023.xeqx",
        statement_latex=r"X = X' \implies K_\Gamma = \tilde K/(2n)",
    ),
    claim(
        "kernelpca",
        "in-text",
        Eq(cosine2, 1),
        pca_steps,
        refuted_at(),
        "Sec. 5.2",
        note="one pair x = (7, 1), x' = (1, 1), d = 1: on the data f is in the direction K^(1/2) b, not b",
        statement_latex=r"f \text{ on the data spans the top eigenvectors } b_j \text{ of } K_\Gamma: \quad "
        r"\cos^{2}\angle(f(\mathcal X), b_1) = 1",
    ),
    claim(
        "kernelpca.generalised",
        "consequence",
        K * INVERSE_ROOT * P * D,
        generalised_steps,
        identity(),
        "Sec. 5.2",
        given=EIGEN,
        source="new",
        corrects="simon2023.kernelpca",
        note="the coefficients a = K^(-1/2) b solve a generalised eigenproblem, as in canonical correlation with "
        "kernels",
        statement_latex=r"f(x) = U \tilde S [a_1 \dots a_d]^{\top} k(x), \quad Z a_j = \gamma_j \tilde K a_j",
    ),
    claim(
        "multimodal",
        "in-text",
        Tuple(
            ZeroMatrix(n, n),
            P_1 * H_1 * P_1.T * P_2 * H_2 * P_2.T / (2 * n),
            P_2 * H_2 * P_2.T * P_1 * H_1 * P_1.T / (2 * n),
            ZeroMatrix(n, n),
            1,
            0,
        ),
        modality_steps,
        identity(),
        "Sec. 5.2",
        model=LOSS,
        given=PAIR_FRAME,
        note="valid: nothing was assumed of K_XX'; vacuous only where K_XX K_X'X' = 0; one pair of orthogonal unit "
        "vectors learns L = 0",
        statement_latex=r"K_{XX'} = 0 \implies K_\Gamma = \tfrac{1}{2n}\begin{bmatrix} 0 & K_{XX}^{1/2} "
        r"K_{X'X'}^{1/2} \\ "
        r"K_{X'X'}^{1/2} K_{XX}^{1/2} & 0\end{bmatrix}, \text{ and the loss can fall from } d \text{ to } 0",
    ),
    claim(
        "multimodal.spectrum",
        "consequence",
        Tuple(0, Trace(X_1 * X_1.T * X_2 * X_2.T) / (2 * n**2)),
        spectrum_steps,
        identity(),
        "Sec. 5.2",
        given=PAIR_FRAME,
        source="new",
        note="eigenvalues in pairs of opposite sign, not all of them zero unless K_XX K_X'X' = 0",
        statement_latex=r"K_{XX'} = 0 \implies \operatorname{tr} K_\Gamma = 0,\ "
        r"\operatorname{tr} K_\Gamma^{2} = \tfrac{1}{2n^{2}} \operatorname{tr} K_{XX} K_{X'X'}",
    ),
    claim(
        "kemb",
        "in-text",
        inner(feature, g * S * S * g.T * other_feature),
        embedding_kernel_steps,
        identity(),
        "Sec. 5.2",
        given=EIGEN,
        note="U does not occur",
        statement_latex=r"f(x)^{\top} f(x') = \phi(x)^{\top} [g_1 \dots g_d]\, \tilde S^{2} [g_1 \dots g_d]^{\top} "
        r"\phi(x')",
    ),
)
