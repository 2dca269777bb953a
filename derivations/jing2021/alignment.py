"""Section 5.3, App. B.5: do the singular vectors of adjacent layers align?"""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    Gt,
    Identity,
    ImmutableMatrix,
    Lt,
    Matrix,
    MatrixSymbol,
    Ne,
    Poly,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    diag,
    exp,
    eye,
    factor,
    integrate,
    limit,
    log,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, Orthonormal, potential, sq
from symssl.claims import Chapter, Step, identity, refuted_at
from symssl.language import Along, At, Gradient, GradientFlow, Let, Limit, Named, Object, Rate, VectorField, Vocabulary
from symssl.statements import derive, rewritten

from .model import CROSS, PRODUCT, W_1, W_2, claim, consequence, correction, d, named, on_multiples, t
from .two_layer import balanced, flow
from .vocabulary import LAYERS, S_1, S_2, U_1, U_2, V_1, V_2, A, G, K, X, equal, xi

s, p_0 = symbols("s p_0", positive=True)
y, a, b, chi = symbols("y a b chi", positive=True)  # y = exp(-p^2/8) where W_2 W_1 = p I, and X = chi I
misaligned, first_gap, second_gap, product, reciprocal, difference, entry, defect, start, room, apart, grows = symbols(
    "misaligned first_gap second_gap product reciprocal difference entry defect start room apart grows", real=True
)
# W_1 W_1^T - W_2^T W_2, the inverse of W_1 W_1^T at the start, and the value of exp(-2 tau) at the end
UNBALANCED = (diag(1, -1), Matrix([[1, Rational(1, 2)], [Rational(1, 2), 1]]), Rational(3, 4))
FLIPPED = (diag(-1, 1), diag(2, 1))  # U_1 = V_1, and S_1 = S_2, where U_2 = V_2 = I
# samples at the ends of a cross, augmented to so many times themselves; W_1 and W_2 at the start
STRETCH, CROSSED = Rational(5, 2), (diag(1, Rational(1, 2)), diag(Rational(1, 2), 1))
SIZES = {W_1: 2, W_2: 1}  # one-dimensional weights


# --- general laws ------------------------------------------------------------------------


# --- X = x(t) I: a matrix equation that can be solved --------------------------------------


@lru_cache(maxsize=8)
def unbalanced():
    """P = W_1 W_1^T and Q = W_2^T W_2 as functions of tau = int x dt."""
    imbalance, inverse, _ = UNBALANCED
    names = Matrix(2, 2, symbols("r_1:3(1:3)", real=True))
    field = imbalance * names + names * imbalance - 2 * eye(2)
    solved = names.as_mutable()
    for k, name in enumerate(names):
        law = Flow({name: field[k]}).closed_form(name, time=t) if field[k] != 0 else None
        solved[k] = inverse[k] if law is None else law.solution.subs(dict(law.initial)[name], inverse[k])
    P = solved.inv().applyfunc(simplify)
    return P, P - imbalance


def riccati_steps(model):
    isotropic = MatrixFlow({A: named(f, -W_2 * W_1) for A, f in flow(PRODUCT).rhs.items()})
    yield Step("X = x(t) I, d tau = x dt: derivative of P = W_1 W_1^T in tau", isotropic.lie(W_1 * W_1.T))
    P, Q_ = unbalanced()
    yield Step(
        "with Q = W_2^T W_2 = P - C the inverse of P obeys R' = C R + R C - 2 I; C = diag(1, -1), "
        "R(0) = ((1, 1/2), (1/2, 1)): P(tau)",
        P,
    )
    yield Step("P' - Q P - P Q", (P.diff(t) - Q_ * P - P * Q_).applyfunc(simplify))


def finish(matrix):
    """at exp(-2 tau) = 3/4"""
    _, _, end = UNBALANCED
    return matrix.subs(t, -log(end) / 2).applyfunc(simplify)


def spread_of(matrix):
    """Square of the difference of the two eigenvalues."""
    return matrix.trace() ** 2 - 4 * matrix.det()


def stopped_steps(model):
    yield from riccati_steps(model)
    end = -log(UNBALANCED[-1]) / 2
    yield Step(
        "X(t) = exp(-t) tau_1 I is positive definite at all times; tau(oo)", integrate(exp(-t) * end, (t, 0, oo))
    )
    P, Q_ = map(finish, unbalanced())
    yield Step("P(oo) and Q(oo) at exp(-2 tau_1) = 3/4", Tuple(P.as_immutable(), Q_.as_immutable()))
    yield Step(
        "an entry of P Q - Q P, which is zero where U_1 and V_2 agree up to signs and order; squared gaps of the "
        "eigenvalues of P and Q; det P det Q",
        Dict(
            {
                misaligned: (P * Q_ - Q_ * P)[0, 1],
                first_gap: spread_of(P),
                second_gap: spread_of(Q_),
                product: P.det() * Q_.det(),
            }
        ),
    )


def third_mode_steps(model):
    """One balanced mode more, which takes all the growth."""
    yield from stopped_steps(model)
    end = -log(UNBALANCED[-1]) / 2
    solution, initial = balanced(PRODUCT)
    mode = solution.subs({initial: 1 / (2 * end), xi: 1})
    P, Q_ = map(finish, unbalanced())
    yield Step(
        "a third mode with C = 0 and sigma^2 = 1/(2 tau_1) at the start: 1/sigma^2 at tau_1, where the norms have "
        "grown without bound, and the entry of P Q - Q P of the other two",
        Dict({reciprocal: simplify((1 / mode).subs(t, end)), misaligned: (P * Q_ - Q_ * P)[0, 1]}),
    )


def blow_up_steps(model):
    """One mode, sigma_1 = sigma_2, X = xi: the square of both."""
    solution, initial = balanced(PRODUCT)
    solution = solution.subs(initial, p_0)
    yield Step("d = 1, X = xi, w_1^2 = w_2^2: the square in closed form", solution)
    (hit,) = solve(1 / solution, t)
    yield Step("the time at which 1/p vanishes", hit)
    yield Step("1/p there", Dict({reciprocal: simplify((1 / solution).subs(t, hit))}))


def sign_steps(model, factors):
    left, values = factors
    weight = left * values * left.T
    yield Step("W_1 = U_1 S V_1^T with U_1 = V_1 = diag(-1, 1), S = diag(2, 1)", weight)
    yield Step(
        "W_2 = S = W_1, decomposed with U_2 = V_2 = I: first entry of V_2^T U_1, and |W_1 - W_2|^2",
        Dict({entry: (eye(2) * left)[0, 0], defect: (weight - values).norm() ** 2}),
    )


def signed_steps(model, factors):
    yield from sign_steps(model, factors)
    left, _ = factors
    alignment = eye(2) * left
    yield Step(
        "absolute values of the entries (1, 1) and (1, 2) of V_2^T U_1",
        Tuple(abs(alignment[0, 0]), abs(alignment[0, 1])),
    )


def kept_steps(model, weights):
    """One-dimensional weights: the difference of the squares stays what it was."""
    abstract = MatrixFlow({A: named(f, G) for A, f in flow(PRODUCT).rhs.items()})
    yield Step("derivative of W_1 W_1^T - W_2^T W_2", abstract.lie(W_1 * W_1.T - W_2.T * W_2))
    yield Step(
        "so it is at all times what it was: for w_1 = 2 and w_2 = 1",
        Dict({difference: weights[W_1] ** 2 - weights[W_2] ** 2}),
    )


def relative_steps(model):
    abstract = MatrixFlow({A: named(f, G) for A, f in flow(PRODUCT).rhs.items()})
    size, c = symbols("size", positive=True), symbols("c", real=True)
    yield Step(
        "derivative of W_1 W_1^T - W_2^T W_2, and limit of an entry c over a growing |W_1|^2",
        Tuple(abstract.lie(W_1 * W_1.T - W_2.T * W_2), limit(c / size, size, oo)),
    )


# --- an exact flow of InfoNCE: W_1 = diag(a, b), W_2 = diag(b, a), W_2 W_1 = p I -----------


@lru_cache(maxsize=8)
def stretched():
    """X at W_2 W_1 = p I as a function of y, and the root of it in 0 < y < 1."""
    p, found = on_multiples(CROSS, [STRETCH * point for point in CROSS])
    found = found.subs(p, sqrt(-8 * log(y))).applyfunc(lambda e: factor(simplify(e)))
    numerator = Poly(found[0, 0].as_numer_denom()[0], y)
    (root,) = (r for r in numerator.real_roots() if 0 < r < 1)
    return found.as_immutable(), root


def swapped_velocities(model):
    """Velocities of diag(a, b) and diag(b, a) where X = chi I."""
    at = {X: ImmutableMatrix(chi * eye(2)), W_1: ImmutableMatrix(diag(a, b)), W_2: ImmutableMatrix(diag(b, a))}
    return tuple(named(model.flow().rhs[layer], -W_2 * W_1 * X).xreplace(at).doit() for layer in (W_1, W_2))


def swapped_rates(model):
    """Velocities of a^2 - b^2 and of p = a b."""
    first, _ = swapped_velocities(model)
    return 2 * a * first[0, 0] - 2 * b * first[1, 1], (b * first[0, 0] + a * first[1, 1]).factor()


def ranked(square):
    """Eigenvectors of a symmetric matrix as columns, the largest eigenvalue first."""
    found = sorted(square.eigenvects(), key=lambda e: e[0], reverse=True)
    return Matrix.hstack(*(v / v.norm() for _, _, vectors in found for v in vectors))


def swapped_steps(model):
    found, root = stretched()
    yield Step(
        "samples at the ends of a cross, augmented to 5/2 of themselves: X at W_2 W_1 = p I, y = exp(-p^2/8)", found
    )
    yield Step("its only zero in 0 < y < 1", root)
    first, second = swapped_velocities(model)
    yield Step("with X = chi I the velocities of W_1 = diag(a, b) and of W_2 = diag(b, a)", Tuple(first, second))
    yield Step(
        "those of W_2 less those of W_1 in the other order, of a^2 - b^2, and of p = a b",
        Tuple(second[0, 0] - first[1, 1], second[1, 1] - first[0, 0], *swapped_rates(model)),
    )


def swapped_end(setting):
    """X and p^2 at the start, p^2 where X vanishes, and a^2 - b^2."""
    found, root = stretched()
    left, right = setting
    height = ((right * left)[0, 0]) ** 2
    return (found[0, 0].subs(y, exp(-height / 8)), height, simplify(-8 * log(root)), left[0, 0] ** 2 - left[1, 1] ** 2)


def swapped_start(model, setting):
    """Velocity of p at the start."""
    first, *_ = swapped_end(setting)
    left, _ = setting
    return swapped_rates(model)[1].subs({a: left[0, 0], b: left[1, 1], chi: first})


def overlaps(setting):
    """|A| for the ranked singular vectors; where a > b they are the same at all times."""
    left, right = setting
    return (ranked(right.T * right).T * ranked(left * left.T)).applyfunc(abs).as_immutable()


def crossed_steps(model, setting):
    yield from swapped_steps(model)
    yield Step(
        "|A| for a = 1, b = 1/2: as long as a > b the first right singular vector of W_2 is the second unit vector, "
        "and the "
        "first left one of W_1 the first",
        overlaps(setting),
    )
    first, height, end, apart_ = swapped_end(setting)
    yield Step(
        "X at the start; velocity of p there; how far p^2 can grow before X vanishes; a^2 - b^2; first entry of |A|",
        Dict(
            {
                start: first,
                grows: swapped_start(model, setting),
                room: end - height,
                apart: apart_,
                entry: overlaps(setting)[0, 0],
            }
        ),
    )


def stopping_steps(model, setting):
    yield from swapped_steps(model)
    first, height, end, apart_ = swapped_end(setting)
    yield Step(
        "(a^2 + b^2)^2 = (a^2 - b^2)^2 + 4 p^2, and p^2 grows to the zero of X: 1/|W_1|^2 for t -> oo",
        Dict(
            {
                start: first,
                grows: swapped_start(model, setting),
                room: end - height,
                reciprocal: 1 / sqrt(apart_**2 + 4 * end),
            }
        ),
    )


def permuted_steps(model, setting):
    yield from swapped_steps(model)
    _, _, end, apart_ = swapped_end(setting)
    yield Step(
        "|A|, a^2 - b^2 and its velocity, that of p, and p^2 where X vanishes",
        Tuple(overlaps(setting), apart_, *swapped_rates(model), end),
    )


# --- laws of two layers ------------------------------------------------------------------

laws = Chapter("jing2021")
WEIGHT = MatrixSymbol("M", d, d)
ANY_PRODUCT = potential("L", WEIGHT)
FLOW = GradientFlow(ANY_PRODUCT.xreplace({WEIGHT: W_2 * W_1}), (W_1, W_2))
SQUARES = W_1 * W_1.T, W_2.T * W_2
imbalance, rotated_left, rotated_right, R = (MatrixSymbol(name, d, d) for name in ("C", "U'", "V'", "R"))


def declared(*entries):
    """The names of two layers with these, which stand for what is said here."""
    new = {entry.name for entry in entries}
    return Vocabulary(*(entry for entry in LAYERS.entries if entry.name not in new), *entries)


DECOMPOSED = declared(
    Let(W_1, U_1 * S_1 * V_1.T, "the first layer"),
    Let(W_2, U_2 * S_2 * V_2.T, "the second layer"),
    Let(imbalance, SQUARES[0] - SQUARES[1], "the conserved difference"),
    Let(A, V_2.T * U_1, "the alignment matrix"),
)
GAPS = DECOMPOSED.sentence(equal(A * S_1 * S_1 - S_2 * S_2 * A, V_2.T * imbalance * U_1))
GAP_NOTE = (
    "entry (k, l) says that A_kl times the gap of the squared singular values l of W_1 and k of W_2 is "
    "v_2^k C u_1^l, and C is constant"
)

laws.claim(
    "thm2.gap",
    "result",
    GAPS,
    cite="not in the paper",
    corrects="thm2",
    note=f"{GAP_NOTE}: |A| -> I exactly as far as these gaps outgrow C",
)

GROWTH = -W_1 * G.T * W_2 - W_2.T * G * W_1.T
CONSERVED = declared(
    Object(WEIGHT, "the product of the layers"),
    Object(ANY_PRODUCT, "a loss of the product that is not specified"),
    Let(G, At(Gradient(ANY_PRODUCT, WEIGHT), {WEIGHT: W_2 * W_1}), "the gradient of the loss in the product"),
    Named(FLOW, "the gradient flow of a loss of W_2 W_1 that is not specified"),
)


@laws.claim(
    "thm2.cons",
    "proof",
    CONSERVED.sentence(
        And(
            *(equal(Rate(square, FLOW), GROWTH) for square in SQUARES),
            equal(Rate(SQUARES[0] - SQUARES[1], FLOW), ZeroMatrix(d, d)),
        )
    ),
    cite="App. B.5",
)
def conserved():
    for square in (*SQUARES, SQUARES[0] - SQUARES[1]):
        yield Step("derivative along the flow", derive(Rate(square, FLOW)))


epsilon = symbols("epsilon", positive=True)
POSITIVE = epsilon * Identity(d) + K.T * K
GROWING = VectorField(
    {W_1: W_2.T * W_2 * W_1 * POSITIVE, W_2: W_2 * W_1 * POSITIVE * W_1.T},
)
DRIFT = Rate(sq(W_1), GROWING)


@laws.claim(
    "thm2.tr",
    "proof",
    declared(
        Object(epsilon, "a positive number, by which X exceeds a positive semidefinite matrix"),
        Let(X, POSITIVE, "a positive definite matrix"),
        Named(GROWING, "the flow (8), (9) with G = -W_2 W_1 X"),
    ).sentence(
        And(equal(DRIFT, 2 * Trace(W_2 * W_1 * X * W_1.T * W_2.T)), Gt(DRIFT, 0, evaluate=False)),
        given=Gt(sq(W_2 * W_1), 0, evaluate=False),
    ),
    cite="App. B.5",
    note="every positive definite X is of this form; W_2 W_1 is not zero where its norm is positive",
)
def growing():
    yield Step(
        "derivative of |W_1|^2: a sum of squares",
        rewritten(derive(DRIFT), 2 * epsilon * sq(W_2 * W_1) + 2 * sq(K * W_1.T * W_2.T)),
    )


laws.claim(
    "thm2.remark",
    "remark",
    declared(
        Object(s, "the singular value, which all are equal to"),
        Object(R, "an orthogonal matrix", Orthonormal(R)),
        Let(rotated_left, U_1 * (U_1.T * V_2 * R), "other left singular vectors"),
        Let(rotated_right, V_1 * (U_1.T * V_2 * R), "the right ones that belong to them"),
    ).sentence(
        And(
            equal(s * U_1 * V_1.T, s * rotated_left * rotated_right.T),
            equal(rotated_left.T * rotated_left, Identity(d)),
            equal(rotated_right.T * rotated_right, Identity(d)),
            equal(V_2.T * rotated_left, R),
        )
    ),
    cite="App. B.5, Remark",
    note="W_1 = s U_1 V_1^T has another decomposition for every orthogonal R, in which A is R: no alignment can be "
    "read off",
)

laws.claim(
    "fig4.gap",
    "result",
    GAPS,
    cite="not in the paper",
    corrects="fig4",
    note=f"{GAP_NOTE}: |A| is near I where the weights start balanced, C = 0, or where the gaps have outgrown C",
)

# --- how long the flow lasts -------------------------------------------------------------

lifetimes = Chapter("jing2021")
square = symbols("p", positive=True)
ONE_MODE = VectorField({square: 2 * xi * square**2})
SOLUTION = p_0 / (1 - 2 * p_0 * xi * t)
END = 1 / (2 * p_0 * xi)
LIFETIME = Vocabulary(
    Object(square, "the square of a singular value that both layers share"),
    Object(p_0, "this square at time 0"),
    Object(xi, "X = xi I, fixed"),
    Object(t, "time"),
    Named(ONE_MODE, "the equations (11) for the square of a balanced pair, sigma_1 = sigma_2"),
).sentence(
    And(equal(Along(square, ONE_MODE, t, {square: p_0}), SOLUTION), equal(Limit(SOLUTION, t, END, "-"), oo)),
    given=Lt(t, END),
)


def solution_steps():
    yield Step(
        "the square, as long as it lasts", derive(Along(square, ONE_MODE, t, {square: p_0}), LIFETIME.hypotheses)
    )


for label, note in (
    ("thm2.inf.bounded", "where X is bounded below the norm grows without bound, and in finite time"),
    ("thm2.forall.lifetime", "the flow ends at t = 1/(2 xi p_0): there is no 'all t'"),
):
    corrected, _, _ = label.rpartition(".")
    lifetimes.claim(label, "result", LIFETIME, cite="not in the paper", corrects=corrected, note=note)(solution_steps)


# --- statements --------------------------------------------------------------------------

DISTINCT = (Ne(first_gap, 0), Ne(second_gap, 0), Ne(product, 0))

OLD = (
    claim(
        "thm2",
        "theorem",
        Eq(misaligned, 0),
        stopped_steps,
        refuted_at(),
        "Theorem 2",
        given=DISTINCT,
        statement_latex=r"W_2(t)W_1(t) \ne 0,\ X(t) \succ 0,\ \text{distinct } \sigma(W_1(\infty)), \sigma(W_2(\infty))"
        r"\implies A = V_2^\top U_1 \to I",
        note="X(t) may vanish so fast that the weights converge; C = W_1 W_1^T - W_2^T W_2 then keeps the frames apart",
    ),
    consequence(
        "thm2.infonce",
        "consequence",
        Tuple(ImmutableMatrix([[0, 1], [1, 0]]), Rational(3, 4), 0, a * b * (a**2 + b**2) * chi, log(Rational(7, 2))),
        partial(permuted_steps, setting=CROSSED),
        identity(),
        "Theorem 2",
        model=PRODUCT,
        statement_latex=r"\text{under InfoNCE}: \quad |A| = \begin{pmatrix}0&1\\1&0\end{pmatrix}, \quad a^2 - b^2 = "
        r"\tfrac34"
        r" \text{ at all times}, \quad \dot p = p(a^2 + b^2)\chi, \quad p^2 = a^2b^2 \to \log\tfrac72, \quad X = "
        r"\chi I",
        note="here X is that of the loss itself: positive definite at all times, distinct singular values (a, b) in "
        "the limit, and "
        "the ranking that the theorem needs fails",
    ),
    consequence(
        "thm2.third",
        "consequence",
        Dict({reciprocal: 0, misaligned: -4}),
        third_mode_steps,
        identity(),
        "Theorem 2",
        statement_latex=r"\lVert W_1\rVert \to \infty,\ X(t) \succ 0, \quad (PQ - QP)_{12} = -4, \quad P = "
        r"W_1W_1^\top, Q = W_2^\top W_2",
        note="a prescribed X(t): where one mode takes all the growth, the other two stay misaligned",
    ),
    claim(
        "thm2.sign",
        "in-text",
        Eq(entry, 1),
        partial(sign_steps, factors=FLIPPED),
        refuted_at(),
        "Theorem 2",
        given=(Eq(defect, 0),),
        statement_latex=r"W_1W_1^\top = W_2^\top W_2 \implies A = V_2^\top U_1 = I",
        note="signs of singular vectors are free, and smooth frames keep them: at best A tends to a diagonal matrix "
        "of signs",
    ),
    correction(
        "thm2.sign",
        Tuple(1, 0),
        partial(signed_steps, factors=FLIPPED),
        identity(),
        suffix="absolute",
        statement_latex=r"|A_{kk}| = 1, \quad A_{kl} = 0 \quad (k \ne l)",
        note="at the same point",
    ),
    claim(
        "thm2.inf",
        "proof",
        Eq(reciprocal, 0),
        partial(stopping_steps, setting=CROSSED),
        refuted_at(),
        "App. B.5",
        model=PRODUCT,
        given=(Gt(start, 0), Gt(grows, 0), Gt(room, 0)),
        statement_latex=r"X(t) \succ 0,\ W_2(t)W_1(t) \ne 0 \text{ for all } t \implies 1/\lVert W_1\rVert^2 \to 0",
        note="a flow of InfoNCE: p grows with X > 0 at all times to the finite value at which X vanishes, so that "
        "|W_1|^2 grows to a finite limit",
    ),
    claim(
        "thm2.lim",
        "proof",
        Eq(difference, 0),
        partial(kept_steps, weights=SIZES),
        refuted_at(),
        "App. B.5",
        statement_latex=r"\lim_{t\to\infty} (W_1W_1^\top - W_2^\top W_2) = 0",
        note="the difference is constant, as the proof shows a few lines before, and need not be zero at the start",
    ),
    correction(
        "thm2.lim",
        Tuple(ZeroMatrix(d, d), 0),
        relative_steps,
        identity(),
        suffix="relative",
        statement_latex=r"\lVert W_1\rVert \to \infty \implies (W_1W_1^\top - W_2^\top W_2)/\lVert W_1\rVert^2 \to 0",
    ),
    claim(
        "thm2.forall",
        "hypothesis",
        Gt(reciprocal, 0),
        blow_up_steps,
        refuted_at(),
        "Theorem 2",
        statement_latex=r"X \text{ bounded below by } \xi I \implies \lVert W\rVert < \infty \text{ for all } t",
        note="d = 1, w_1 = w_2: the flow ends at t = 1/(2 xi w(0)^2); there is no 'all t', nor a W(oo); InfoNCE "
        "itself is >= 0, so that "
        "its flow keeps |W(t) - W(0)|^2 <= t L(0) and cannot end: there this X falls below every bound",
    ),
    claim(
        "fig4",
        "figure",
        Eq(entry, 1),
        partial(crossed_steps, setting=CROSSED),
        refuted_at(),
        "Fig. 4",
        model=PRODUCT,
        given=(Gt(start, 0), Gt(grows, 0), Gt(room, 0), Ne(apart, 0)),
        statement_latex=r"\text{under InfoNCE, } X(t) \succ 0 \text{ for all } t,\ \text{ranked singular vectors}: "
        r"\quad |A| \to I",
        note="an exact flow of the loss in which |A| is a permutation at all times; with small random starts the "
        "leading pairs "
        "align, as the picture of one run shows and the tests repeat",
    ),
)

CLAIMS = (*laws.claims, *OLD, *lifetimes.claims)
