"""Appendix A: singular values and singular vectors of a path of matrices, and the alignment matrix."""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    Identity,
    ImmutableMatrix,
    Matrix,
    MatrixSymbol,
    Ne,
    Symbol,
    Tuple,
    diag,
    eye,
    symbols,
)

from symssl import Orthonormal, Symmetric, inner, potential, samples, singular_flow, total
from symssl.claims import Chapter, Step, identity, refuted_at
from symssl.language import At, Let, Named, Object, Rate, VectorField, Vocabulary, unit
from symssl.statements import derive

from . import vocabulary as layers
from .model import PRODUCT, W_1, W_2, G, claim, correction, d, m, n, named
from .vocabulary import equal

SIZE = 3
s = symbols("s_1:4", positive=True)
p, q = symbols("p_1:4", positive=True), symbols("q_1:4", positive=True)  # singular values of W_1 and W_2
S_1, S_2 = diag(*p), diag(*q)
A = Matrix(SIZE, SIZE, symbols("a_1:4(1:4)", real=True))
M = Matrix(SIZE, SIZE, symbols("m_1:4(1:4)", real=True))  # U_2^T G V_1
velocity, formula, defect = symbols("velocity formula defect", real=True)
DEGENERATE = (eye(2), Matrix([[0, 1], [1, 0]]), eye(2))  # W, W', and U = V
# any shape: a singular pair u, v of W, the frames turning with skew B - B^T
W, WDOT, R = MatrixSymbol("W", n, m), MatrixSymbol("Wdot", n, m), MatrixSymbol("R", n, m)
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", m, 1)
B, E = MatrixSymbol("B", n, n), MatrixSymbol("E", m, m)
sigma, t = symbols("sigma t", positive=True)
U, V = MatrixSymbol("U", d, d), MatrixSymbol("V", d, d)
SD, KD, OD, DD = (MatrixSymbol(name, d, d) for name in ("S", "K", "Omega", "D"))
a, b, e, f = (MatrixSymbol(name, d, 1) for name in "abef")
sigma_k, sigma_l = symbols("sigma_k sigma_l", positive=True)


# --- derivations -------------------------------------------------------------------------


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


# --- Lemma 4: a singular value -----------------------------------------------------------

values = Chapter("jing2021")
MOVING = VectorField({u: (B - B.T) * u, v: (E - E.T) * v, W: WDOT})
TRIPLE = MatrixSymbol("P", n, m)
MOVED = Vocabulary(
    Object(n, "the number of rows"),
    Object(m, "the number of columns"),
    Object(W, "a matrix on its path"),
    Object(WDOT, "its velocity"),
    Object(u, "a left singular vector", Orthonormal(u)),
    Object(v, "a right singular vector", Orthonormal(v)),
    Object(sigma, "the singular value"),
    Object(B, "B - B^T turns u"),
    Object(E, "E - E^T turns v"),
    Object(R, "a matrix"),
    Let(
        TRIPLE,
        sigma * u * v.T + (Identity(n) - u * u.T) * R * (Identity(m) - v * v.T),
        "W with this singular triple and any rest",
    ),
)
LEMMA_4 = MOVED.sentence(equal(At(Rate(inner(u, W * v), MOVING), {W: TRIPLE}), inner(u, WDOT * v)))


def value_steps():
    yield Step(
        "derivative of sigma = u^T W v, where the unit vectors turn: u' = (B - B^T) u, v' = (E - E^T) v",
        derive(Rate(inner(u, W * v), MOVING)),
    )


values.claim(
    "eq12",
    "equation",
    LEMMA_4,
    cite="Eq. (12)",
    note="any shape, along a singular pair that moves smoothly, as it does where the singular value is simple",
)(value_steps)

values.claim(
    "lemma4.simple",
    "result",
    LEMMA_4,
    cite="not in the paper",
    corrects="lemma4",
    note="along a singular pair that moves smoothly, as it does where the singular value is simple",
)(value_steps)

# --- Lemma 5: singular vectors -----------------------------------------------------------

vectors = Chapter("jing2021")
PATH = VectorField({U: U * (KD - KD.T), V: V * (OD - OD.T), SD: DD})
WD = Rate(U * SD * V.T, PATH)
CHOICE = MatrixSymbol("F", d, 2)
R_1, R_2 = MatrixSymbol("R_1", d, d), MatrixSymbol("R_2", d, d)
HERE = MatrixSymbol("P", d, d)
delta_k, delta_l = symbols("delta_k delta_l", real=True)


def diagonal(first, second, rest):
    """A matrix that has these eigenvalues at e and f."""
    outside = Identity(d) - e * e.T - f * f.T
    return first * e * e.T + second * f * f.T + outside * rest * outside


DECOMPOSED = Vocabulary(
    Object(d, "the size of W"),
    Object(U, "the left singular vectors, as columns", Orthonormal(U)),
    Object(V, "the right singular vectors, as columns", Orthonormal(V)),
    Object(SD, "the singular values, on the diagonal"),
    Object(KD, "U^T U' is K - K^T"),
    Object(OD, "V^T V' is Omega - Omega^T"),
    Object(CHOICE, "two orthonormal columns: the numbers k and l", Orthonormal(CHOICE)),
    Object(sigma_k, "the singular value of number k"),
    Object(sigma_l, "the singular value of number l"),
    Object(delta_k, "the velocity of the singular value of number k"),
    Object(delta_l, "the velocity of the singular value of number l"),
    Object(R_1, "the other singular values"),
    Object(R_2, "the velocities of the others"),
    Let(e, CHOICE * Matrix([1, 0]), "the unit vector of number k"),
    Let(f, CHOICE * Matrix([0, 1]), "the unit vector of number l"),
    Let(HERE, diagonal(sigma_k, sigma_l, R_1), "the singular values: S where e and f are eigenvectors of it"),
    Let(DD, diagonal(delta_k, delta_l, R_2), "their velocities"),
    Named(PATH, "the path on which both frames turn and the singular values move"),
)
APART = Ne(sigma_k, sigma_l, evaluate=False)


def here(term):
    """A term where the singular values are those of numbers k and l, and any others."""
    return At(term, {SD: HERE})


LEFT, RIGHT = inner(U * e, Rate(U, PATH) * f), inner(V * e, Rate(V, PATH) * f)
LEFT_SEEN = here(sigma_l * inner(U * e, WD * V * f) + sigma_k * inner(V * e, WD.T * U * f))
RIGHT_SEEN = here(sigma_l * inner(V * e, WD.T * U * f) + sigma_k * inner(U * e, WD * V * f))
GAP = sigma_k**2 - sigma_l**2
STILL = {U: equal(inner(U * e, Rate(U, PATH) * e), 0), V: equal(inner(V * e, Rate(V, PATH) * e), 0)}
SIGN = "the sign of H is the other one: U^T U' S^2 - S^2 U^T U' has the entries (s_l^2 - s_k^2) (U^T U')_kl"
ENTRIES = "entry (k, l) of U^T U' or V^T V', and the diagonal; square W, simple singular values"


def printed(frame, sign=1):
    """Entry (k, l) of (13) or (14) with H of (15), or with H of the other sign; the diagonal vanishes."""
    side, seen = {U: (LEFT, LEFT_SEEN), V: (RIGHT, RIGHT_SEEN)}[frame]
    return equal(side, sign * seen / GAP), STILL[frame]


def moving(*terms):
    """The derivation: W moves as its factors do."""

    def steps():
        yield Step("velocity of W = U S V^T", derive(WD))
        for name, term in terms:
            yield Step(f"velocity of {name}", derive(term))

    return steps


# both frames turn at the same rate, the singular values are 2 and 1
TURNING = {
    U: [[1, 0], [0, 1]],
    V: [[1, 0], [0, 1]],
    CHOICE: [[1, 0], [0, 1]],
    SD: [[2, 0], [0, 1]],
    KD: [[0, 1], [0, 0]],
    OD: [[0, 1], [0, 0]],
    R_1: [[0, 0], [0, 0]],
    R_2: [[0, 0], [0, 0]],
    sigma_k: 2,
    sigma_l: 1,
    delta_k: 0,
    delta_l: 0,
}
LEFT_MOVES, RIGHT_MOVES = ("U", Rate(U, PATH)), ("V", Rate(V, PATH))


def pair_of_claims(label, kind, cite, sentence, steps, note):
    """A statement with H as printed, and with the other sign."""
    printed_one = sentence(1)
    named = {entry.symbol for entry in printed_one.objects}
    witness = {symbol: value for symbol, value in TURNING.items() if symbol in named}
    vectors.claim(label, kind, printed_one, cite=cite, witness=witness, note=f"{SIGN}; {note}")(steps)
    vectors.claim(f"{label}.fixed", "result", sentence(-1), cite="not in the paper", corrects=label, note=note)(steps)


def vocabulary_of(*clauses):
    return DECOMPOSED.sentence(And(*clauses), given=APART)


pair_of_claims(
    "lemma5",
    "lemma",
    "Lemma 5",
    lambda sign: vocabulary_of(*printed(U, sign), *printed(V, sign)),
    moving(LEFT_MOVES, RIGHT_MOVES),
    ENTRIES,
)
pair_of_claims(
    "eq13", "equation", "Eq. (13)", lambda sign: vocabulary_of(*printed(U, sign)), moving(LEFT_MOVES), ENTRIES
)
pair_of_claims(
    "eq14", "equation", "Eq. (14)", lambda sign: vocabulary_of(*printed(V, sign)), moving(RIGHT_MOVES), ENTRIES
)
pair_of_claims(
    "eq15",
    "equation",
    "Eq. (15)",
    lambda sign: DECOMPOSED.sentence(equal(sign * GAP * LEFT, LEFT_SEEN), given=APART),
    moving(LEFT_MOVES),
    "what H has to be for (13) to hold: one over the factor of U^T U' here",
)

OFF_DIAGONAL = inner(e, (U.T * Rate(U, PATH) * SD + SD * Rate(V, PATH).T * V) * f)
ON_DIAGONAL = inner(e, (U.T * Rate(U, PATH) * SD + SD * Rate(V, PATH).T * V) * e)
TRANSPOSED = inner(e, (-SD * U.T * Rate(U, PATH) - Rate(V, PATH).T * V * SD) * f)

vectors.claim(
    "eq16",
    "proof",
    DECOMPOSED.sentence(
        And(
            equal(here(inner(U * e, WD * V * f)), here(OFF_DIAGONAL)),
            equal(here(ON_DIAGONAL), 0),
        )
    ),
    cite="Eq. (16)",
    note="entry (k, l) off the diagonal, and that the right side has no diagonal",
)(moving(LEFT_MOVES, RIGHT_MOVES))

vectors.claim(
    "eq17",
    "proof",
    DECOMPOSED.sentence(equal(here(inner(V * e, WD * U * f)), here(TRANSPOSED))),
    cite="Eq. (17)",
    note="entry (k, l) off the diagonal; the transpose of U^T W' V is V^T W'^T U; the line after "
    "(17) has the same slip",
)(moving(LEFT_MOVES, RIGHT_MOVES))

vectors.claim(
    "eq17.fixed",
    "result",
    DECOMPOSED.sentence(equal(here(inner(V * e, WD.T * U * f)), here(TRANSPOSED))),
    cite="not in the paper",
    corrects="eq17",
)(moving(LEFT_MOVES, RIGHT_MOVES))

pair_of_claims(
    "eq19",
    "equation",
    "Eq. (19)",
    lambda sign: DECOMPOSED.sentence(
        And(equal(sign * GAP * LEFT, LEFT_SEEN), equal(sign * GAP * RIGHT, RIGHT_SEEN)), given=APART
    ),
    moving(LEFT_MOVES, RIGHT_MOVES),
    "what H_1 has to be for the left vectors of W_1, and H_2 for the right vectors of W_2",
)

# --- Lemma 6 -----------------------------------------------------------------------------

alignments = Chapter("jing2021")
DRIVE = layers.S_2 * layers.U_2.T * layers.G * layers.V_1 * layers.S_1
FRAMED = {W_1: layers.U_1 * layers.S_1 * layers.V_1.T, W_2: layers.U_2 * layers.S_2 * layers.V_2.T}
TURNED = VectorField({layers.U_1: layers.U_1 * (KD - KD.T), layers.V_2: layers.V_2 * (OD - OD.T)})
FORCE, ALIGNMENT = MatrixSymbol("F", d, d), layers.A
ALIGNING = Vocabulary(
    *(entry for entry in layers.LAYERS.entries if entry.name != "K"),
    Object(KD, "U_1^T U_1' is K - K^T, a skew H_1 times a symmetric matrix"),
    Object(OD, "V_2^T V_2' is Omega - Omega^T, a skew H_2 times a symmetric matrix"),
    Object(FORCE, "the matrix F"),
)
NAMED = Vocabulary(
    *(entry for entry in ALIGNING.entries if entry.name != "F"),
    Let(FORCE, DRIVE, "the matrix F of (20)"),
    Let(ALIGNMENT, layers.V_2.T * layers.U_1, "the alignment matrix"),
    Named(TURNED, "the motion in which both frames turn"),
)


def seen(left, layer, right, values):
    """What stands beside H: a product and its transpose, with the velocity of a layer, in the frames."""
    word = left.T * layer * right * values
    return At(word + word.T, FRAMED)


alignments.claim("eq20", "definition", ALIGNING.sentence(equal(FORCE, DRIVE)), cite="Eq. (20)")

alignments.claim(
    "lemma6.proof",
    "proof",
    NAMED.sentence(
        And(
            equal(
                Rate(layers.V_2.T * layers.U_1, TURNED),
                ALIGNMENT * (KD - KD.T) + (OD - OD.T).T * ALIGNMENT,
            ),
            equal(
                seen(layers.U_1, Rate(W_1, layers.SLOPED), layers.V_1, layers.S_1),
                -(ALIGNMENT.T * FORCE + FORCE.T * ALIGNMENT),
            ),
            equal(
                seen(layers.V_2, Rate(W_2, layers.SLOPED).T, layers.U_2, layers.S_2),
                -(ALIGNMENT * FORCE.T + FORCE * ALIGNMENT.T),
            ),
        )
    ),
    cite="App. A, proof of Lemma 6",
    note="the lines follow from the first one, whatever the skew H_1 and H_2; that their sign is the wrong one is "
    "counted at Lemma 5",
)

skew, even = MatrixSymbol("H", d, d), MatrixSymbol("Y", d, d)
PRODUCT_OF_ENTRIES = Vocabulary(
    Object(d, "the size of the matrices"),
    Object(KD, "a matrix"),
    Object(even, "a symmetric matrix", Symmetric(even)),
    Object(a, "a unit vector: one index", Orthonormal(a)),
    Object(b, "a unit vector: the other index", Orthonormal(b)),
    Let(skew, KD - KD.T, "a skew matrix"),
)

alignments.claim(
    "lemma6.proof.sign",
    "consequence",
    PRODUCT_OF_ENTRIES.sentence(
        equal(inner(b, skew * a) * inner(b, even * a), -inner(a, skew * b) * inner(a, even * b))
    ),
    cite="App. A, proof of Lemma 6",
    source="new",
    note="the entrywise product of a skew and a symmetric matrix is skew, so the transpose in the second line of the "
    "proof takes the sign of W_2' = -G W_1^T away",
)

# --- Lemma 7 -----------------------------------------------------------------------------

rates = Chapter("jing2021")
left_1, right_1, left_2, right_2 = (samples(name, d, d) for name in ("u_1", "v_1", "u_2", "v_2"))
index, number = symbols("k"), Symbol("k", integer=True, positive=True)


def value(layer, place):
    """The singular value of a layer at a place, told by a unit vector."""
    return potential(f"sigma_{layer}", unit(place, d))


def composed(layer, left, right):
    """The sum of a layer's singular triples."""
    return total(value(layer, index) * left[index] * right[index].T, index)


SUMS = {W_1: MatrixSymbol("P_1", d, d), W_2: MatrixSymbol("P_2", d, d)}
TRIPLES = Vocabulary(
    Object(d, "the size of the layers"),
    Object(number, "the number of a singular value", number <= d),
    Object(W_1, "the first layer"),
    Object(W_2, "the second layer"),
    Object(layers.G, "the matrix G of Lemma 1"),
    Object(left_1, "the left singular vectors of W_1"),
    Object(right_1, "the right singular vectors of W_1"),
    Object(left_2, "the left singular vectors of W_2"),
    Object(right_2, "the right singular vectors of W_2"),
    Object(value(1, 1), "the singular values of W_1, each told by a unit vector"),
    Object(value(2, 1), "the singular values of W_2, each told by a unit vector"),
    Let(SUMS[W_1], composed(1, left_1, right_1), "W_1 from its singular values and vectors"),
    Let(SUMS[W_2], composed(2, left_2, right_2), "W_2 from its singular values and vectors"),
    Named(layers.SLOPED, "the flow (8), (9)"),
)
SLOPE_1 = At(inner(left_1[number], Rate(W_1, layers.SLOPED) * right_1[number]), SUMS)
SLOPE_2 = At(inner(left_2[number], Rate(W_2, layers.SLOPED) * right_2[number]), SUMS)


def sum_21():
    return equal(
        SLOPE_1,
        -total(
            inner(right_2[index], left_1[number]) * value(2, index) * inner(left_2[index], layers.G * right_1[number]),
            index,
        ),
    )


def sum_22(same):
    """Eq. (22) with u_2 of the index that is summed over, or of the same number as on the left."""
    return equal(
        SLOPE_2,
        -total(
            inner(left_1[index], right_2[number])
            * value(1, index)
            * inner(left_2[number] if same else left_2[index], layers.G * right_1[index]),
            index,
        ),
    )


def layer_moves(*weights):
    def steps():
        for weight in weights:
            yield Step("the flow of a layer", derive(Rate(weight, layers.SLOPED)))

    return steps


BY_LEMMA_4 = "the velocity of a singular value is u^T W' v, by Lemma 4"
rates.claim(
    "lemma7",
    "lemma",
    TRIPLES.sentence(And(sum_21(), sum_22(same=False))),
    cite="Lemma 7",
    note=f"(21) holds, (22) does not; {BY_LEMMA_4}",
)(layer_moves(W_1, W_2))
rates.claim(
    "lemma7.fixed",
    "result",
    TRIPLES.sentence(And(sum_21(), sum_22(same=True))),
    cite="not in the paper",
    corrects="lemma7",
    note="(21), and (22) with u_2^k for u_2^{k'}",
)(layer_moves(W_1, W_2))
rates.claim("eq21", "equation", TRIPLES.sentence(sum_21()), cite="Eq. (21)", note=BY_LEMMA_4)(layer_moves(W_1))
rates.claim(
    "eq22",
    "equation",
    TRIPLES.sentence(sum_22(same=False)),
    cite="Eq. (22)",
    note=f"the factor u_2^{{k'}} should be u_2^k; {BY_LEMMA_4}",
)(layer_moves(W_2))
rates.claim(
    "eq22.fixed",
    "result",
    TRIPLES.sentence(sum_22(same=True)),
    cite="not in the paper",
    corrects="eq22",
)(layer_moves(W_2))


# --- statements --------------------------------------------------------------------------


def hadamard(values, sign=1):
    """H of Eq. (15), with the printed sign or the other one."""
    return Matrix(SIZE, SIZE, lambda k, l: 0 if k == l else sign / (values[k] ** 2 - values[l] ** 2)).as_immutable()


def aligned(sign=1):
    """A' of (18) with F of (20)."""
    F_ = S_2 * M * S_1
    first = hadamard(p, sign).multiply_elementwise(A.T * F_ + F_.T * A)
    second = hadamard(q, sign).multiply_elementwise(A * F_.T + F_ * A.T)
    return (-A * first + second * A).as_immutable()


PAIRS = (
    "one pair of indices at a time: entries (k, l) and (l, k) are two equations for two unknowns; three modes "
    "show them all"
)

A_tex = r"\dot A = -A\bigl(H_1\odot(A^\top F + F^\top A)\bigr) + \bigl(H_2\odot(AF^\top + FA^\top)\bigr)A"
L_tex = r"H_l^{kk'} = 1/((\sigma_l^k)^2 - (\sigma_l^{k'})^2)"
L_right = r"H_l^{kk'} = 1/((\sigma_l^{k'})^2 - (\sigma_l^k)^2)"


OLD_VALUES = (
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
)

OLD_ALIGNMENT = (
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
)

CLAIMS = (*OLD_VALUES, *values.claims, *vectors.claims, *OLD_ALIGNMENT, *alignments.claims, *rates.claims)
