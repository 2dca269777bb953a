"""Section 3: the trace form of the loss, and its minima under norm and orthogonality constraints.

With S = M^T M, M = W_2^T W_1, the loss is tr(C S): each constraint is a bound on S.
"""

from functools import partial

from sympy import (
    And,
    Dict,
    Eq,
    Ge,
    Identity,
    ImmutableMatrix,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    Tuple,
    diag,
    expand,
    eye,
    symbols,
    true,
)

from symssl import (
    Diagonal,
    Orthonormal,
    Symmetric,
    contraction_minimum,
    expect,
    frame_minimum,
    inner,
    norm,
    product_minimum,
    sq,
    total,
)
from symssl.claims import Chapter, Model, Step, identity, implied, refuted_at, same_value
from symssl.language import At, External, unit

from .model import W1, W2, C, Theta, X, Xm, Xp, at, d, esser, flow, h, i, new, x, z
from .vocabulary import TRACE_LOSS, TWO_LAYER_LOSS, contrastive
from .vocabulary_dynamics import (
    CONTRASTED,
    MANY,
    Q2,
    SYMMETRIC,
    Ct,
    activated,
    hidden,
    j,
    orthonormal,
    p_count,
    q_count,
    same,
    several,
)

# --- the trace form of the loss ----------------------------------------------------------

chapter = Chapter("esser2023")

chapter.claim(
    "sec3.model",
    "definition",
    SYMMETRIC.sentence(same(hidden[0], W2.T * activated(W1 * x))),
    cite="Sec. 3",
)

chapter.claim(
    "eq4",
    "equation",
    CONTRASTED.sentence(
        And(
            same(TWO_LAYER_LOSS, total(Trace(W2.T * W1 * X[i] * (Xm[i] - Xp[i]).T * W1.T * W2), i)),
            same(TWO_LAYER_LOSS, Trace(W2.T * W1 * Ct * W1.T * W2)),
            same(TWO_LAYER_LOSS, Trace(W2.T * W1 * C * W1.T * W2)),
        )
    ),
    cite="Eq. (4)",
)

chapter.claim(
    "eq5",
    "equation",
    CONTRASTED.sentence(And(same(C, C.T), same(contrastive(Theta, X, Xp, Xm), Trace(Theta * C * Theta.T)))),
    cite="Eq. (5)",
)

# as printed with one positive and one negative sample, where Eq. (1) is the loss
PRINTED = total(X[i] * Xm[1].T - X[i] * Xp[1].T, i)

chapter.claim(
    "eq5.multi",
    "in-text",
    SYMMETRIC.sentence(same(contrastive(Theta, X, Xp, Xm), Trace(Theta * PRINTED * Theta.T))),
    cite="below Eq. (5)",
    note="as printed the positives and negatives carry no index of their anchor: for p = q = 1 every anchor is paired "
    "with the first ones, against Eq. (5)",
)

# with samples of their own for every anchor
OWN = total(X[i] * several("x^-", q_count).T, i, (j, q_count)) - total(
    X[i] * several("x^+", p_count).T, i, (j, p_count)
)
OWN_LOSS = total(inner(Theta * X[i], Theta * several("x^-", q_count)), i, (j, q_count)) - total(
    inner(Theta * X[i], Theta * several("x^+", p_count)), i, (j, p_count)
)

chapter.claim(
    "eq5.multi.fixed",
    "consequence",
    MANY.sentence(same(OWN_LOSS, Trace(Theta * OWN * Theta.T))),
    cite="not in the paper",
    corrects="eq5.multi",
)

# --- minima under constraints ------------------------------------------------------------

chapter.claim(
    "prop2.intuition",
    "in-text",
    SYMMETRIC.sentence(same(norm(W2), total(norm(W2 * unit(j, z)), j))),
    cite="below Prop. 2",
    note="the squares add",
)

chapter.claim(
    "prop3.extract.rotation",
    "consequence",
    SYMMETRIC.sentence(
        And(same(At(TRACE_LOSS, {W2: W2 * Q2}), TRACE_LOSS), same((W2 * Q2).T * W2 * Q2, Identity(z))),
        orthonormal(W1, W2),
    ),
    cite="not in the paper",
    source="new",
    note="the outputs of a minimiser are eigenvectors only up to a rotation",
)

chapter.claim(
    "ex1",
    "example",
    SYMMETRIC.sentence(
        External(
            "Example 1, Figure 1",
            "On half moons, with tanh and the loss (1), training without constraint does not converge and its "
            "embedding collapses to a line; with orthogonal layers it does not.",
        )
    ),
    cite="Example 1, Figure 1",
    note="a training run; that its loss has no lower bound is esser2023.ex1.unbounded",
)

# --- symbols and losses ------------------------------------------------------------------

TRACE = Model("trace form of the loss", Trace(W2.T * W1 * C * W1.T * W2), (W1, W2), where=(Symmetric(C),))
# one unit, one sample: L = -w_1^2 w_2^2
UNIT1, UNIT2 = MatrixSymbol("w_1", 1, 1), MatrixSymbol("w_2", 1, 1)
ONE = Matrix([1])
UNIT = Model(
    "one unit, one sample x = x+ = 1, x- = 0",
    inner(UNIT2 * UNIT1 * ONE, UNIT2 * UNIT1 * (0 * ONE - ONE)),
    (UNIT1, UNIT2),
)
mu, s = symbols("mu s", positive=True)
excess = Symbol("excess", real=True)

# eigenvalues of C, in increasing order
a, b, g_1, g_2, g_3 = symbols("a b g_1 g_2 g_3", positive=True)
lambda_1 = Symbol("lambda_1", real=True)
three, four, value, point = symbols("value_3 value_4 value point", real=True)
ONE_NEGATIVE = (-a, -a + g_1, -a + g_1 + g_2)
weights = symbols("w_1:4(1:3)", real=True)
norm_1, norm_2 = symbols("N_1 N_2", positive=True)
ell = Symbol("ell", negative=True)
c_1, c_2 = MatrixSymbol("c_1", h, 1), MatrixSymbol("c_2", h, 1)
FIRST, SECOND = Matrix([1, 0]), Matrix([0, 1])
rank_ = Symbol("r", integer=True, positive=True)
J, U, V, S = (MatrixSymbol(name, rows, rank_) for name, rows in (("J", h), ("U", z), ("V", d), ("S", rank_)))
v, vm, vp = (MatrixSymbol(name, h, 1) for name in ("v", "v-", "v+"))
TANH = Model("contrastive loss of one sample, any activation: v = phi(W_1 x)", inner(W2.T * v, W2.T * (vm - vp)), (W2,))


# --- steps -------------------------------------------------------------------------------


def regularised(model, size):
    """Loss plus mu (|W_1|^2 + |W_2|^2) at w_1 = w_2 = size."""
    here = {UNIT1: size * ONE, UNIT2: size * ONE}
    return at(model.loss + mu * (sq(UNIT1) + sq(UNIT2)), here)


def beyond_minimiser(model):
    """Regularised loss at w_1^2 = w_2^2 = 1 + 2 mu, less its value at the constrained minimiser w_1 = w_2 = 1."""
    return expand(
        (regularised(model, s) - regularised(model, Integer(1))).expand().subs(s, (1 + 2 * mu) ** Rational(1, 2))
    )


def regularised_steps(model):
    yield Step("regularised loss at w_1 = w_2 = s", regularised(model, s))
    yield Step("its value at s^2 = 1 + 2 mu above that at s = 1", beyond_minimiser(model))
    yield Step("for mu = 1", Dict({excess: beyond_minimiser(model).subs(mu, 1)}))


def unbounded_steps(model):
    yield Step("regularised loss at w_1 = w_2 = s", regularised(model, s))
    yield Step("its value at s^2 = 1 + 2 mu above that at s = 1", beyond_minimiser(model))


def form(model, spectrum):
    """The matrix of the quadratic form, read off the flow of W_2 at W_1 = I, W_2 = I, where C = diag(spectrum)."""
    size = len(spectrum)
    velocity = flow(model).rhs[W2]
    return -at(velocity, {W1: eye(size), W2: eye(size), C: diag(*spectrum)}) / 2


def frobenius_steps(model, spectrum):
    """The best W_2 of norm at most |W_2| for a given W_1, two outputs."""
    size = len(spectrum)
    hidden, W = form(model, spectrum), Matrix(size, 2, weights[: 2 * size])
    loss = at(model.loss, {W1: eye(size), W2: W, C: hidden})
    best = contraction_minimum(hidden, 1)
    yield Step("the form W_1 C W_1^T of the second layer, in its eigenbasis", hidden)
    yield Step("its minimum over unit balls, by one column or by zero", Tuple(best.value, best.frame))
    yield Step("loss above that minimum, scaled to the same norm", expand(loss - best.value * sum(w**2 for w in W)))


def column_steps(model):
    yield Step("norm of a matrix with columns c_1, c_2", expect(norm(c_1 * FIRST.T + c_2 * SECOND.T)))


def homogeneous_steps(model):
    yield Step("loss at normalised weights", model.loss.xreplace({W1: W1 / norm_1, W2: W2 / norm_2}))


def boundary_steps(model):
    """Dividing by norms below one lowers a negative loss."""
    scaled = TRACE.loss.xreplace({W1: W1 / norm_1, W2: W2 / norm_2})
    ratio = expect(scaled / TRACE.loss)
    yield Step("loss at normalised weights, relative to the loss", ratio)
    yield Step("its excess over a negative loss", ratio * ell - ell)


def factor_steps(model):
    hidden, last = J * S * V.T, J * U.T
    yield Step(
        "W_2^T W_1, W_1^T W_1, W_2^T W_2 and the loss at W_1 = J S V^T, W_2 = J U^T",
        Tuple(
            expect(last.T * hidden),
            expect(hidden.T * hidden),
            expect(last.T * last),
            expect(model.loss.xreplace({W1: hidden, W2: last})),
        ),
    )


def orthogonal_steps(model):
    matrix = form(model, (-1, 1))
    contraction, frames = contraction_minimum(matrix, 2), product_minimum(matrix, 2, 2)
    yield Step("d = h = z = 2, the matrix of the loss", matrix)
    yield Step("minimum of problem 3 and of problem 4", Dict({three: contraction.value, four: frames.value}))


def wide_orthogonal_steps(model):
    """Enough room beside the range of W_1, or enough negative eigenvalues."""
    one, two = form(model, (-a, b)), form(model, (-a - g_1, -a, b))
    found = [
        (contraction_minimum(one, 2), product_minimum(one, 2, 3)),
        (contraction_minimum(two, 2), product_minimum(two, 2, 3)),
    ]
    yield Step(
        "minima of problems 3 and 4: one negative eigenvalue of two and h = 3; two of three and h = 3",
        Tuple(*(Tuple(free.value, frames.value) for free, frames in found)),
    )


def extract_steps(model):
    matrix = form(model, (lambda_1, lambda_1 + g_1, lambda_1 + g_1 + g_2))
    found = frame_minimum(matrix, 2)
    yield Step("h = d = 3, z = 2: tr(W^T C W) with W = W_1^T W_2 orthonormal; its matrix", matrix)
    yield Step("minimum, and the projector it is attained at", Tuple(found.value, found.projector))


def rank_steps(model):
    matrix = form(model, (-a - g_1, -a, b))
    found = contraction_minimum(matrix, 2), product_minimum(matrix, 2, 3), product_minimum(matrix, 2, 5)
    yield Step("the matrix of the loss, two negative eigenvalues", matrix)
    yield Step(
        "rank of the minimiser of problem 3, and of problem 4 with h = 3 and h = 5; no other minimiser",
        Tuple(*(Tuple(q.rank, q.unique) for q in found)),
    )


def ray_steps(model):
    yield Step("loss at s W_2", model.loss.xreplace({W2: s * W2}))


# --- the statements ----------------------------------------------------------------------

rows = [sum(w**2 for w in weights[k : k + 2]) for k in (0, 2, 4)]  # of W_2, in the eigenbasis
frobenius = g_1 * rows[1] + (g_1 + g_2) * rows[2]

CLAIMS = (
    *chapter.claims,
    esser(
        "regconstr",
        "in-text",
        Ge(excess, 0),
        regularised_steps,
        refuted_at(),
        "Sec. 3 text",
        model=UNIT,
        note="L = -w_1^2 w_2^2 has constrained minimisers; with the penalty mu (w_1^2 + w_2^2) it has none, for any "
        "mu; "
        "only the converse is true: a penalised minimiser solves the problem constrained to its own norms",
        statement_latex=r"w_1 = w_2 = 1 \text{ minimises } \mathcal L \text{ on } |w_1|, |w_2| \le 1 \implies "
        r"\mathcal L(w) + \mu|w|^{2} \ge \mathcal L(1, 1) + 2\mu",
    ),
    new(
        "regconstr.unbounded",
        Lt(-4 * mu, 0, evaluate=False),
        unbounded_steps,
        implied(),
        corrects="regconstr",
        model=UNIT,
        note="for every mu the regularised loss is lower at w_1^2 = w_2^2 = 1 + 2 mu; it has no minimum",
        statement_latex=r"\mathcal L(w) + \mu|w|^{2} - (\mathcal L(1, 1) + 2\mu) = -4\mu < 0 \text{ at } w_1^{2} = "
        r"w_2^{2} = 1 + 2\mu",
    ),
    esser(
        "prop2",
        "proposition",
        Ge(frobenius, 0, evaluate=False),
        partial(frobenius_steps, spectrum=ONE_NEGATIVE),
        implied(),
        "Prop. 2",
        model=TRACE,
        note="W_1 given, W_2 of norm N does no better than N times the lowest eigenvector in one column; W_2 = 0 where "
        "no eigenvalue is negative; a minimum exists since the balls are compact",
        statement_latex=r"\mathcal L(W_1, W_2) \ge \mathcal L(W_1, \lVert W_2\rVert_F\, v_1 e_1^{\top})",
        sizes="h = 3, z = 2 in the eigenbasis of W_1 C W_1^T: every column adds the same kind of terms",
    ),
    new(
        "prop2.nonnegative",
        Ge(a * rows[0] + (a + g_1) * rows[1], 0, evaluate=False),
        partial(frobenius_steps, spectrum=(a, a + g_1)),
        implied(),
        model=TRACE,
        note="the other case of the proposition: no eigenvalue of W_1 C W_1^T is negative, and W_2 = 0 is optimal",
        statement_latex=r"W_1CW_1^{\top} \succeq 0 \implies \mathcal L(W_1, W_2) \ge 0 = \mathcal L(W_1, 0)",
        sizes="h = 3, z = 2 in the eigenbasis of W_1 C W_1^T: every column adds the same kind of terms",
    ),
    new(
        "prop2.intuition.fixed",
        (sq(c_1) + sq(c_2)) ** Rational(1, 2),
        column_steps,
        identity(),
        corrects="prop2.intuition",
        statement_latex=r"\lVert W\rVert_F^{2} = \textstyle\sum_j \lVert c_j\rVert^{2}",
    ),
    esser(
        "prop3.12",
        "proposition",
        Trace(W2.T * W1 * C * W1.T * W2) / (norm_1**2 * norm_2**2),
        homogeneous_steps,
        identity(),
        "Prop. 3",
        model=TRACE,
        given=(Symmetric(C),),
        note="the quotient is the loss at the normalised weights; that problem 2 takes its negative minimum at norms "
        "one is esser2023.prop3.12.boundary",
        statement_latex=r"\frac{\mathcal L(W_1, W_2)}{\lVert W_1\rVert_2^{2}\lVert W_2\rVert_2^{2}} = "
        r"\mathcal L\Bigl(\frac{W_1}{\lVert W_1\rVert_2}, \frac{W_2}{\lVert W_2\rVert_2}\Bigr)",
    ),
    new(
        "prop3.12.boundary",
        Lt(ell / (norm_1**2 * norm_2**2) - ell, 0, evaluate=False),
        boundary_steps,
        implied(),
        given=(norm_1 < 1, norm_2 < 1),
        note="a negative loss ell inside the balls is lowered by normalising the weights",
        statement_latex=r"\ell = \mathcal L(W_1, W_2) < 0, \; N_i = \lVert W_i\rVert_2 < 1 \implies "
        r"\ell/(N_1N_2)^{2} < \ell",
    ),
    esser(
        "prop3.23",
        "proposition",
        Tuple(U * S * V.T, V * S * S * V.T, U * U.T, Trace(U * S * V.T * C * V * S * U.T)),
        factor_steps,
        identity(),
        "Prop. 3",
        model=TRACE,
        given=(Orthonormal(J), Orthonormal(U), Orthonormal(V), Diagonal(S), Symmetric(C)),
        note="a product of rank r <= h and norm at most one, in its singular frames, is a product of two contractions; "
        "any widths",
        statement_latex=r"W_1 = JSV^{\top}, W_2 = JU^{\top}: \quad W_2^{\top}W_1 = USV^{\top}, \; W_1^{\top}W_1 = "
        r"VS^{2}V^{\top}, \; W_2^{\top}W_2 = UU^{\top}",
    ),
    esser(
        "prop3.34",
        "proposition",
        Eq(four, three),
        orthogonal_steps,
        refuted_at(),
        "Prop. 3",
        model=TRACE,
        note="C = diag(-1, 1), d = h = z = 2: under 4 the loss is tr C = 0 for all weights, under 3 it reaches -1; for "
        "h < d or h < z problem 4 has no feasible point at all",
        statement_latex=r"\min \mathcal L \text{ under 4} = \min \mathcal L \text{ under 3}",
    ),
    new(
        "prop3.34.fixed",
        Tuple(Tuple(-a, -a), Tuple(-2 * a - g_1, -2 * a - g_1)),
        wide_orthogonal_steps,
        identity(),
        corrects="prop3.34",
        model=TRACE,
        note="h >= d + z - l, with l <= z eigenvalues not positive, or l >= z: the two minima agree",
        statement_latex=r"h \ge d + z - \min(l, z) \implies \min \mathcal L \text{ under 4} = \min \mathcal L \text{ "
        r"under 3}",
    ),
    esser(
        "prop3.extract",
        "in-text",
        Tuple(2 * lambda_1 + g_1, ImmutableMatrix(diag(1, 1, 0))),
        extract_steps,
        identity(),
        "below Prop. 3",
        model=TRACE,
        note="Ky Fan: the span of the z lowest eigenvectors; which of them, only up to a rotation of the outputs "
        "(esser2023.prop3.extract.rotation)",
        statement_latex=r"\min_{W^{\top}W = I_2} \operatorname{Tr}(W^{\top}CW) = \lambda_1 + \lambda_2, \quad "
        r"WW^{\top} = v_1v_1^{\top} + v_2v_2^{\top}",
    ),
    esser(
        "prop3.avoid",
        "in-text",
        Tuple(*(Tuple(2, true) for _ in range(3))),
        rank_steps,
        same_value(),
        "App. A.3",
        model=TRACE,
        note="z = 2 and two strictly negative eigenvalues: every minimiser has rank two",
        statement_latex=r"\lambda_1 \le \lambda_2 < 0 \implies \operatorname{rank} W_2^{\top}W_1 = 2 \text{ at every "
        r"minimum}",
    ),
    new(
        "ex1.unbounded",
        s**2 * inner(W2.T * v, W2.T * (vm - vp)),
        ray_steps,
        identity(),
        model=TANH,
        note="for any activation: where the loss is negative it has no lower bound, so it cannot converge to a minimum",
        statement_latex=r"\mathcal L(W_1, sW_2) = s^{2}\mathcal L(W_1, W_2)",
    ),
)
