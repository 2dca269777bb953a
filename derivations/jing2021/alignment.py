"""Section 5.3, App. B.5: do the singular vectors of adjacent layers align?"""

from functools import lru_cache, partial

from sympy import (
    Dict,
    Eq,
    Gt,
    ImmutableMatrix,
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

from symssl import Diagonal, Flow, MatrixFlow, Orthonormal, Symmetric, expect, sq
from symssl.claims import Step, identity, refuted_at

from .model import CROSS, PRODUCT, W_1, W_2, G, claim, consequence, correction, d, named, on_multiples, t
from .two_layer import U_1, U_2, V_1, V_2, K, X, balanced, flow, xi

S_1, S_2, Q = (MatrixSymbol(name, d, d) for name in ("S_1", "S_2", "Q"))
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


def law_steps(model):
    abstract = MatrixFlow({A: named(f, G) for A, f in flow(model).rhs.items()})
    yield Step("the flow of any loss of W_2 W_1, with gradient G", abstract.rhs)
    squares = W_1 * W_1.T, W_2.T * W_2
    yield Step(
        "derivatives of W_1 W_1^T, W_2^T W_2, and of their difference",
        Tuple(*map(abstract.lie, squares), abstract.lie(squares[0] - squares[1])),
    )


def definite(model):
    """The flow with G = -W_2 W_1 X and a positive definite X = K^T K."""
    return MatrixFlow({A: named(f, -W_2 * W_1 * K.T * K) for A, f in flow(model).rhs.items()})


def trace_steps(model):
    yield Step("the flow with G = -W_2 W_1 X", {A: named(f, -W_2 * W_1 * X) for A, f in flow(model).rhs.items()})
    loose = MatrixFlow({A: named(f, -W_2 * W_1 * X) for A, f in flow(model).rhs.items()}, (Symmetric(X),))
    yield Step(
        "derivative of |W_1|^2 for a symmetric X, and for X = K^T K",
        Tuple(loose.lie(sq(W_1)), definite(model).lie(sq(W_1))),
    )


def gap_law_steps(model):
    yield Step(
        "V_2^T (W_1 W_1^T - W_2^T W_2) U_1 from the decompositions",
        expect(V_2.T * (U_1 * S_1 * V_1.T * V_1 * S_1.T * U_1.T - V_2 * S_2.T * U_2.T * U_2 * S_2 * V_2.T) * U_1),
    )


def rotation_steps(model):
    """Singular vectors of a multiple of an orthonormal matrix."""
    yield Step(
        "(U_1 Q)(s I)(V_1 Q)^T, and V_2^T (U_1 Q)", Tuple(expect(s * U_1 * Q * (V_1 * Q).T), expect(V_2.T * (U_1 * Q)))
    )


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


def finite_time_steps(model):
    yield from blow_up_steps(model)
    solution, initial = balanced(PRODUCT)
    solution = solution.subs(initial, p_0)
    yield Step("p as a function of time, and the time at which 1/p vanishes", Tuple(solution, *solve(1 / solution, t)))


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


# --- statements --------------------------------------------------------------------------

FRAMES = (Orthonormal(U_1), Orthonormal(U_2), Orthonormal(V_1), Orthonormal(V_2), Diagonal(S_1), Diagonal(S_2))
DISTINCT = (Ne(first_gap, 0), Ne(second_gap, 0), Ne(product, 0))
growth = -W_2.T * G * W_1.T - W_1 * G.T * W_2
law_tex = (
    r"\tfrac{d}{dt}(W_1W_1^\top) = \tfrac{d}{dt}(W_2^\top W_2) = -W_1G^\top W_2 - W_2^\top GW_1^\top, \quad"
    r"\tfrac{d}{dt}(W_1W_1^\top - W_2^\top W_2) = 0"
)

CLAIMS = (
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
    correction(
        "thm2",
        V_2.T * U_1 * S_1 * S_1 - S_2 * S_2 * V_2.T * U_1,
        gap_law_steps,
        identity(),
        suffix="gap",
        given=FRAMES,
        statement_latex=r"AS_1^2 - S_2^2A = V_2^\top CU_1, \quad A_{kl} = \frac{\mathbf{v}_2^{k\top}C\mathbf{u}_1^l}"
        r"{(\sigma_1^l)^2 - (\sigma_2^k)^2}",
        note="C is constant, so |A| -> I exactly as far as the gaps between squared singular values outgrow it",
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
        "thm2.cons",
        "proof",
        Tuple(growth, growth, ZeroMatrix(d, d)),
        law_steps,
        identity(),
        "App. B.5",
        model=PRODUCT,
        statement_latex=law_tex,
    ),
    claim(
        "thm2.tr",
        "proof",
        Tuple(2 * Trace(W_2 * W_1 * X * W_1.T * W_2.T), 2 * sq(K * W_1.T * W_2.T)),
        trace_steps,
        identity(),
        "App. B.5",
        model=PRODUCT,
        given=(Symmetric(X),),
        statement_latex=r"\tfrac{d}{dt}\lVert W_1\rVert^2 = 2\operatorname{tr}(W_2W_1XW_1^\top W_2^\top) = 2\lVert "
        r"KW_1^\top W_2^\top"
        r"\rVert^2 > 0, \quad X = K^\top K",
        note="K is invertible, so this vanishes only with W_2 W_1",
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
    correction(
        "thm2.inf",
        Tuple(p_0 / (1 - 2 * p_0 * xi * t), 1 / (2 * p_0 * xi)),
        finite_time_steps,
        identity(),
        suffix="bounded",
        statement_latex=r"X = \xi > 0 \text{ fixed}: \quad w^2(t) = \frac{p_0}{1 - 2p_0\xi t}",
        note="where X is bounded below the norm grows without bound, and in finite time",
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
    correction(
        "thm2.forall",
        Tuple(p_0 / (1 - 2 * p_0 * xi * t), 1 / (2 * p_0 * xi)),
        finite_time_steps,
        identity(),
        suffix="lifetime",
        statement_latex=r"w^2(t) = \frac{p_0}{1 - 2p_0\xi t}, \quad t < \frac{1}{2p_0\xi}",
    ),
    claim(
        "thm2.remark",
        "remark",
        Tuple(s * U_1 * V_1.T, V_2.T * U_1 * Q),
        rotation_steps,
        identity(),
        "App. B.5, Remark",
        given=(Orthonormal(Q),),
        statement_latex=r"W_1 = s\,U_1V_1^\top = (U_1Q)(sI)(V_1Q)^\top, \quad A \mapsto AQ \text{ for every "
        r"orthogonal } Q",
        note="with repeated singular values A can be any orthogonal block, so no alignment can be read off",
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
    correction(
        "fig4",
        V_2.T * U_1 * S_1 * S_1 - S_2 * S_2 * V_2.T * U_1,
        gap_law_steps,
        identity(),
        suffix="gap",
        given=FRAMES,
        statement_latex=r"A_{kl} = \frac{\mathbf{v}_2^{k\top}C\mathbf{u}_1^l}{(\sigma_1^l)^2 - (\sigma_2^k)^2}",
        note="|A| is near I where the weights start balanced, C = 0, or where the gaps have outgrown C",
    ),
)
