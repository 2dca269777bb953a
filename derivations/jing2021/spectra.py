"""Appendix A: singular values and singular vectors of a path of matrices, and the alignment matrix."""

from functools import lru_cache, partial

from sympy import Dict, Eq, ImmutableMatrix, Matrix, MatrixSymbol, Tuple, cancel, diag, eye, symbols

from symssl import Diagonal, MatrixFlow, Orthonormal, expect, singular_flow
from symssl.claims import Step, identity, refuted_at, stipulated

from .model import PRODUCT, W_1, W_2, G, claim, consequence, correction, d, m, n, named

SIZE = 3
s = symbols("s_1:4", positive=True)
p, q = symbols("p_1:4", positive=True), symbols("q_1:4", positive=True)  # singular values of W_1 and W_2
S, S_1, S_2 = diag(*s), diag(*p), diag(*q)
core = Matrix(SIZE, SIZE, symbols("c_1:4(1:4)", real=True))  # U^T W' V
A = Matrix(SIZE, SIZE, symbols("a_1:4(1:4)", real=True))
M = Matrix(SIZE, SIZE, symbols("m_1:4(1:4)", real=True))  # U_2^T G V_1
OFF = Matrix(SIZE, SIZE, lambda k, l: int(k != l))
turn, counter = (Matrix(SIZE, SIZE, symbols(f"{name}_1:4(1:4)", real=True)) for name in ("k", "o"))
SKEW = tuple(a - a.T for a in (turn, counter))
SPEED = symbols("ds_1:4", real=True)
velocity, formula, defect = symbols("velocity formula defect", real=True)
DEGENERATE = (eye(2), Matrix([[0, 1], [1, 0]]), eye(2))  # W, W', and U = V
# any shape: a singular pair u, v of W, the frames turning with skew B - B^T
W, WDOT, R = MatrixSymbol("W", n, m), MatrixSymbol("Wdot", n, m), MatrixSymbol("R", n, m)
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", m, 1)
B, E = MatrixSymbol("B", n, n), MatrixSymbol("E", m, m)
sigma, t = symbols("sigma t", positive=True)
U, V = MatrixSymbol("U", d, d), MatrixSymbol("V", d, d)
WD, SD, KD, OD = (MatrixSymbol(name, d, d) for name in ("Wdot", "S", "K", "Omega"))
U_1, V_1, U_2, V_2 = (MatrixSymbol(name, d, d) for name in ("U_1", "V_1", "U_2", "V_2"))
D_1, D_2, F = MatrixSymbol("S_1", d, d), MatrixSymbol("S_2", d, d), MatrixSymbol("F", d, d)


# --- derivations -------------------------------------------------------------------------


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def value_steps(model):
    """sigma = u^T W v with unit vectors u, v that turn; W = sigma u v^T + what neither sees."""
    from sympy import Identity

    rest = (Identity(n) - u * u.T) * R * (Identity(m) - v * v.T)
    moving = MatrixFlow({u: (B - B.T) * u, v: (E - E.T) * v, W: WDOT})
    rate = moving.lie(u.T * W * v)
    yield Step("derivative of u^T W v; the unit vectors turn: u' = (B - B^T) u, v' = (E - E^T) v", rate)
    yield Step("at W = sigma u v^T + a part orthogonal to both", rate.xreplace({W: sigma * u * v.T + rest}))


def degenerate_steps(model, setting):
    start, step, frame = setting
    path = start + t * step
    yield Step("W(t) = I + t ((0, 1), (1, 0)), W(0) = U S V^T with U = S = V = I", path)
    values = [value.diff(t).subs(t, 0) for value in path.eigenvals()]
    yield Step(
        "velocities of the singular values 1 + t and 1 - t, and u^T W' v",
        Dict(
            {
                velocity: max(values),
                formula: (frame.T * step * frame)[0, 0],
                defect: sum(abs(e) for e in path.subs(t, 0) - frame * frame.T),
            }
        ),
    )


@lru_cache(maxsize=8)
def factors(values=s):
    """The decomposition of a path with simple singular values."""
    return singular_flow(core, values)


def path_steps(model):
    yield Step(
        "W = U S V^T: solve U^T W' V = K S + S' - S Omega for K = U^T U' and Omega = V^T V'",
        Tuple(factors().left, factors().right),
    )


def left_steps(model):
    yield from path_steps(model)
    yield Step("U^T U'", factors().left)


def right_steps(model):
    yield from path_steps(model)
    yield Step("V^T V'", factors().right)


def quotient(values):
    """The factor H that makes K = H o (core S + S core^T)."""
    frame = diag(*values)
    seen = core * frame + frame * core.T
    left = singular_flow(core, values).left
    return ImmutableMatrix(SIZE, SIZE, [cancel(a / b) for a, b in zip(left, seen)])


def factor_steps(model):
    yield Step("entries of U^T U' over those of U^T W' V S + S V^T W'^T U", quotient(s))


def layer_steps(model):
    yield Step("the same for the singular values of W_1 and of W_2", Tuple(quotient(p), quotient(q)))


def off_steps(model):
    """The off-diagonal part of the velocity of U S V^T."""
    K, Omega = SKEW
    seen = K * S + diag(*SPEED) - S * Omega
    yield Step("U^T W' V for W = U S V^T with skew K, Omega", seen)
    yield Step("its off-diagonal part", seen.multiply_elementwise(OFF))


def transpose_steps(model):
    left, right = expect((U.T * WD * V).T), expect(((KD - KD.T) * SD + SD * (OD.T - OD)).T)
    yield Step("the transpose of both sides of (16), with K = U^T U' and Omega = V^T V' skew", Tuple(left, right))


@lru_cache(maxsize=64)
def in_frames(model, alignment):
    """U_1^T W_1' V_1 and U_2^T W_2' V_2 for three modes, at U_2 = V_2 = V_1 = I, U_1 = A, G = M: every
    orthogonal frame is brought there by rotating inputs, outputs and hidden layer."""
    at = {W_1: ImmutableMatrix(alignment * S_1), W_2: ImmutableMatrix(S_2), G: ImmutableMatrix(M)}
    first, second = (named(model.flow().rhs[layer], G).xreplace(at).doit() for layer in (W_1, W_2))
    return (alignment.T * Matrix(first)).as_immutable(), Matrix(second).as_immutable()


def alignment_steps(model):
    first, second = in_frames(model, A.as_immutable())
    yield Step("U_1^T W_1' V_1 and U_2^T W_2' V_2 with A = V_2^T U_1, M = U_2^T G V_1", Tuple(first, second))
    left, right = singular_flow(first, p).left, singular_flow(second, q).right
    yield Step("A' = V_2^T U_1' + V_2'^T U_1 = A K_1 - Omega_2 A", (A * left - right * A).as_immutable())


def rate_steps(model):
    first, second = in_frames(model, A.as_immutable())
    yield Step(
        "diagonals of U_1^T W_1' V_1 and U_2^T W_2' V_2 with A = V_2^T U_1, M = U_2^T G V_1",
        Tuple(Tuple(*first.diagonal()), Tuple(*second.diagonal())),
    )


def first_rate_steps(model):
    yield from rate_steps(model)
    yield Step("the first layer", Tuple(*in_frames(model, A.as_immutable())[0].diagonal()))


def second_rate_steps(model):
    yield from rate_steps(model)
    yield Step("the second layer", Tuple(*in_frames(model, A.as_immutable())[1].diagonal()))


def word_steps(model):
    """The arguments of the Hadamard products in the proof of Lemma 6, and A' for frames turned by skew matrices."""
    turning = MatrixFlow({U_1: U_1 * (KD - KD.T), V_2: V_2 * (OD - OD.T)})
    velocity_of_a = turning.lie(V_2.T * U_1)
    yield Step(
        "U_1' = U_1 (K - K^T) and V_2' = V_2 (O - O^T), as for a skew H times a symmetric matrix: A'", velocity_of_a
    )
    found = {layer: named(model.flow().rhs[layer], G) for layer in (W_1, W_2)}
    seen = (U_1.T * found[W_1] * V_1 * D_1, V_2.T * found[W_2].T * U_2 * D_2)
    yield Step("insert Eqs. (8) and (9)", Tuple(*(a + a.T for a in seen)))
    frames = {W_1: U_1 * D_1 * V_1.T, W_2: U_2 * D_2 * V_2.T}
    yield Step(
        "insert the decompositions", Tuple(velocity_of_a, *(a.xreplace(frames) + a.xreplace(frames).T for a in seen))
    )


def transposed_steps(model):
    """The last sign of the proof: a skew H_2 times a symmetric matrix, transposed."""
    skew, _ = SKEW
    symmetric = core + core.T
    product = skew.multiply_elementwise(symmetric)
    yield Step("H o Y for a skew H and a symmetric Y", product.as_immutable())
    yield Step("its transpose", product.T.as_immutable())


# --- statements --------------------------------------------------------------------------


def hadamard(values, sign=1):
    """H of Eq. (15), with the printed sign or the other one."""
    return Matrix(SIZE, SIZE, lambda k, l: 0 if k == l else sign / (values[k] ** 2 - values[l] ** 2)).as_immutable()


def turned(sign=1):
    """U^T U' of (13) and V^T V' of (14)."""
    H = hadamard(s, sign)
    return (
        H.multiply_elementwise(core * S + S * core.T).as_immutable(),
        H.multiply_elementwise(core.T * S + S * core).as_immutable(),
    )


def aligned(sign=1):
    """A' of (18) with F of (20)."""
    F_ = S_2 * M * S_1
    first = hadamard(p, sign).multiply_elementwise(A.T * F_ + F_.T * A)
    second = hadamard(q, sign).multiply_elementwise(A * F_.T + F_ * A.T)
    return (-A * first + second * A).as_immutable()


eq21 = Tuple(*(-sum(A[r, c] * q[r] * M[r, c] for r in range(SIZE)) for c in range(SIZE)))
eq22 = Tuple(*(-sum(A[c, r] * p[r] * M[r, r] for r in range(SIZE)) for c in range(SIZE)))
eq22_right = Tuple(*(-sum(A[c, r] * p[r] * M[c, r] for r in range(SIZE)) for c in range(SIZE)))
A_ = V_2.T * U_1
F_ = D_2 * U_2.T * G * V_1 * D_1
PAIRS = (
    "one pair of indices at a time: entries (k, l) and (l, k) are two equations for two unknowns; three modes "
    "show them all"
)
H_tex = r"H^{kl} = 1/(\sigma_k^2 - \sigma_l^2)"
H_right = r"H^{kl} = 1/(\sigma_l^2 - \sigma_k^2)"
U_tex = r"\dot U = U\bigl(H\odot(U^\top\dot WVS + SV^\top\dot W^\top U)\bigr)"
V_tex = r"\dot V = V\bigl(H\odot(V^\top\dot W^\top US + SU^\top\dot WV)\bigr)"
A_tex = r"\dot A = -A\bigl(H_1\odot(A^\top F + F^\top A)\bigr) + \bigl(H_2\odot(AF^\top + FA^\top)\bigr)A"
L_tex = r"H_l^{kk'} = 1/((\sigma_l^k)^2 - (\sigma_l^{k'})^2)"
L_right = r"H_l^{kk'} = 1/((\sigma_l^{k'})^2 - (\sigma_l^k)^2)"
SIGN = "the sign of H is the other one: U^T U' S^2 - S^2 U^T U' has the entries (s_l^2 - s_k^2) (U^T U')_kl"

VALUES = (
    claim(
        "lemma4",
        "lemma",
        Eq(velocity, formula),
        partial(degenerate_steps, setting=DEGENERATE),
        refuted_at(),
        "Lemma 4",
        given=(Eq(defect, 0),),
        statement_latex=r"W = USV^\top \implies \dot\sigma^k = \mathbf{u}^{k\top}\dot W\mathbf{v}^k",
        note="at a repeated singular value the decomposition is free, and the formula holds for some choices only; "
        "judged as printed, for any decomposition. Eq. (12), read along frames that can be differentiated, holds",
    ),
    claim(
        "eq12",
        "equation",
        u.T * WDOT * v,
        value_steps,
        identity(),
        "Eq. (12)",
        given=(Orthonormal(u), Orthonormal(v)),
        statement_latex=r"\dot\sigma^k = \mathbf{u}^{k\top}\dot W\mathbf{v}^k",
        note="any shape, along a singular pair that moves smoothly, as it does where the singular value is simple",
    ),
    correction(
        "lemma4",
        u.T * WDOT * v,
        value_steps,
        identity(),
        suffix="simple",
        given=(Orthonormal(u), Orthonormal(v)),
        statement_latex=r"\sigma^k \text{ simple} \implies \dot\sigma^k = \mathbf{u}^{k\top}\dot W\mathbf{v}^k",
    ),
)

VECTORS = (
    claim(
        "lemma5",
        "lemma",
        Tuple(*turned()),
        path_steps,
        identity(PAIRS),
        "Lemma 5",
        sizes=PAIRS,
        statement_latex=rf"{U_tex}, \quad {V_tex}, \quad {H_tex}",
        note=SIGN + "; square W, simple singular values",
    ),
    correction(
        "lemma5",
        Tuple(*turned(-1)),
        path_steps,
        identity(PAIRS),
        sizes=PAIRS,
        statement_latex=rf"{U_tex}, \quad {V_tex}, \quad {H_right}",
        note="square W, simple singular values",
    ),
    claim(
        "eq13",
        "equation",
        turned()[0],
        left_steps,
        identity(PAIRS),
        "Eq. (13)",
        sizes=PAIRS,
        statement_latex=rf"{U_tex}, \quad {H_tex}",
        note=SIGN,
    ),
    correction(
        "eq13", turned(-1)[0], left_steps, identity(PAIRS), sizes=PAIRS, statement_latex=rf"{U_tex}, \quad {H_right}"
    ),
    claim(
        "eq14",
        "equation",
        turned()[1],
        right_steps,
        identity(PAIRS),
        "Eq. (14)",
        sizes=PAIRS,
        statement_latex=rf"{V_tex}, \quad {H_tex}",
        note=SIGN,
    ),
    correction(
        "eq14", turned(-1)[1], right_steps, identity(PAIRS), sizes=PAIRS, statement_latex=rf"{V_tex}, \quad {H_right}"
    ),
    claim(
        "eq15",
        "equation",
        hadamard(s),
        factor_steps,
        identity(PAIRS),
        "Eq. (15)",
        sizes=PAIRS,
        statement_latex=H_tex,
        note=SIGN,
    ),
    correction("eq15", hadamard(s, -1), factor_steps, identity(PAIRS), sizes=PAIRS, statement_latex=H_right),
    claim(
        "eq16",
        "proof",
        (SKEW[0] * S + S * SKEW[1].T).as_immutable(),
        off_steps,
        identity(PAIRS),
        "Eq. (16)",
        sizes=PAIRS,
        statement_latex=r"\bar I\odot U^\top\dot WV = U^\top\dot US + S\dot V^\top V",
    ),
    claim(
        "eq17",
        "proof",
        Tuple(V.T * WD * U, -SD * (KD - KD.T) - (OD.T - OD) * SD),
        transpose_steps,
        identity(),
        "Eq. (17)",
        given=(Diagonal(SD),),
        statement_latex=r"\bar I\odot V^\top\dot WU = -SU^\top\dot U - \dot V^\top VS",
        note="the transpose of U^T W' V is V^T W'^T U; the line after (17) has the same slip",
    ),
    correction(
        "eq17",
        Tuple(V.T * WD.T * U, -SD * (KD - KD.T) - (OD.T - OD) * SD),
        transpose_steps,
        identity(),
        given=(Diagonal(SD),),
        statement_latex=r"\bar I\odot V^\top\dot W^\top U = -SU^\top\dot U - \dot V^\top VS",
    ),
)

ALIGNMENT = (
    claim(
        "lemma6",
        "lemma",
        aligned(),
        alignment_steps,
        identity(PAIRS),
        "Lemma 6",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=rf"{A_tex}, \quad {L_tex}, \quad F = S_2U_2^\top GV_1S_1",
        note=SIGN,
    ),
    correction(
        "lemma6",
        aligned(-1),
        alignment_steps,
        identity(PAIRS),
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=rf"{A_tex}, \quad {L_right}, \quad F = S_2U_2^\top GV_1S_1",
    ),
    claim(
        "eq18",
        "equation",
        aligned(),
        alignment_steps,
        identity(PAIRS),
        "Eq. (18)",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=rf"{A_tex}, \quad {L_tex}",
        note=SIGN,
    ),
    correction(
        "eq18",
        aligned(-1),
        alignment_steps,
        identity(PAIRS),
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=rf"{A_tex}, \quad {L_right}",
    ),
    claim(
        "eq19",
        "equation",
        Tuple(hadamard(p), hadamard(q)),
        layer_steps,
        identity(PAIRS),
        "Eq. (19)",
        sizes=PAIRS,
        statement_latex=L_tex + r", \quad l = 1, 2",
        note=SIGN,
    ),
    correction(
        "eq19",
        Tuple(hadamard(p, -1), hadamard(q, -1)),
        layer_steps,
        identity(PAIRS),
        sizes=PAIRS,
        statement_latex=L_right + r", \quad l = 1, 2",
    ),
    claim("eq20", "definition", Eq(F, F_), definition_steps, stipulated(Diagonal(D_1), Diagonal(D_2)), "Eq. (20)"),
    claim(
        "lemma6.proof",
        "proof",
        Tuple(A_ * (KD - KD.T) + (OD - OD.T).T * A_, -(A_.T * F_ + F_.T * A_), -(A_ * F_.T + F_ * A_.T)),
        word_steps,
        identity(),
        "App. A, proof of Lemma 6",
        model=PRODUCT,
        given=(Diagonal(D_1), Diagonal(D_2)),
        statement_latex=r"\dot A = AK_1 + K_2^\top A,\ K_l = H_l\odot(\dots), \quad"
        r" U_1^\top\dot W_1V_1S_1 + S_1V_1^\top\dot W_1^\top U_1 = -(A^\top F + F^\top A), \quad"
        r"V_2^\top\dot W_2^\top U_2S_2 + S_2U_2^\top\dot W_2V_2 = -(AF^\top + FA^\top)",
        note="the lines follow from the first one, whatever the skew H_1 and H_2; that their sign is the wrong one "
        "is counted at Lemma 5",
    ),
    consequence(
        "lemma6.proof.sign",
        "consequence",
        -SKEW[0].multiply_elementwise(core + core.T).as_immutable(),
        transposed_steps,
        identity("the product is entrywise, and every pair of indices is alike"),
        "App. A, proof of Lemma 6",
        sizes=PAIRS,
        statement_latex=r"H^\top = -H,\ Y^\top = Y \implies (H\odot Y)^\top = -H\odot Y",
        note="so the transpose in the second line of the proof takes the sign of W_2' = -G W_1^T away",
    ),
)

RATES = (
    claim(
        "lemma7",
        "lemma",
        Tuple(eq21, eq22),
        rate_steps,
        identity(PAIRS),
        "Lemma 7",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"(21) \text{ and } (22)",
        note="(21) holds, (22) does not",
    ),
    correction(
        "lemma7",
        Tuple(eq21, eq22_right),
        rate_steps,
        identity(PAIRS),
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"(21), \text{ and } (22) \text{ with } \mathbf{u}_2^k \text{ for } \mathbf{u}_2^{k'}",
    ),
    claim(
        "eq21",
        "equation",
        eq21,
        first_rate_steps,
        identity(PAIRS),
        "Eq. (21)",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"\dot\sigma_1^k = -\sum_{k'}"
        r"(\mathbf{v}_2^{k'\top}\mathbf{u}_1^k)\sigma_2^{k'}(\mathbf{u}_2^{k'\top}G\mathbf{v}_1^k)",
    ),
    claim(
        "eq22",
        "equation",
        eq22,
        second_rate_steps,
        identity(PAIRS),
        "Eq. (22)",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"\dot\sigma_2^k = -\sum_{k'}"
        r"(\mathbf{u}_1^{k'\top}\mathbf{v}_2^k)\sigma_1^{k'}(\mathbf{u}_2^{k'\top}G\mathbf{v}_1^{k'})",
        note="the factor u_2^{k'} should be u_2^k",
    ),
    correction(
        "eq22",
        eq22_right,
        second_rate_steps,
        identity(PAIRS),
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"\dot\sigma_2^k = -\sum_{k'}"
        r"(\mathbf{u}_1^{k'\top}\mathbf{v}_2^k)\sigma_1^{k'}(\mathbf{u}_2^{k\top}G\mathbf{v}_1^{k'})",
    ),
)

CLAIMS = VALUES + VECTORS + ALIGNMENT + RATES
