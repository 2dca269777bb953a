"""Section 3: the trace form of the loss, and its minima under norm and orthogonality constraints.

With S = M^T M, M = W_2^T W_1, the loss is tr(C S): each constraint is a bound on S.
"""

from functools import partial

from sympy import (
    And,
    Dict,
    Ge,
    Gt,
    Identity,
    Implies,
    Integer,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Min,
    Rational,
    Symbol,
    Trace,
    Tuple,
    diag,
    expand,
    eye,
    oo,
    symbols,
)

from symssl import (
    Symmetric,
    contraction_minimum,
    inner,
    norm,
    sq,
    total,
)
from symssl.claims import Chapter, Model, Step, implied, refuted_at
from symssl.language import (
    At,
    Eigenvalue,
    External,
    ForAll,
    Optimum,
    unit,
)
from symssl.statements import (
    derive,
    rank_of_minimisers,
)

from .model import W1, W2, C, Theta, X, Xm, Xp, at, d, esser, flow, h, i, x, z
from .vocabulary import TRACE_LOSS, TWO_LAYER_LOSS, c_2, contrastive
from .vocabulary_dynamics import (
    CONTRASTED,
    MANY,
    Q2,
    SYMMETRIC,
    WIDE,
    Ct,
    activated,
    hidden,
    j,
    k,
    mu,
    orthonormal,
    p_count,
    q_count,
    s,
    same,
    several,
    spectral,
    v,
    vm,
    vp,
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

PENALISED = TRACE_LOSS + mu * (sq(W1) + sq(W2))

chapter.claim(
    "regconstr.unbounded",
    "consequence",
    SYMMETRIC.sentence(same(Optimum(PENALISED, (W1, W2), kind="inf"), -oo), Lt(Eigenvalue(C, 1), 0)),
    cite="not in the paper",
    corrects="regconstr",
    note="for every strength of the penalty: the loss is of the fourth order, the penalty of the second",
)

chapter.claim(
    "prop2.layer",
    "consequence",
    SYMMETRIC.sentence(same(Optimum(TRACE_LOSS, W2, Le(norm(W2), c_2)), c_2**2 * Min(0, Eigenvalue(W1 * C * W1.T, 1)))),
    cite="not in the paper",
    source="new",
    note="the heart of the proof of Prop. 2: for a given first layer one column does as well as any number of them",
)

chapter.claim(
    "prop2.nonnegative",
    "consequence",
    SYMMETRIC.sentence(
        And(same(Optimum(TRACE_LOSS, W2, Le(norm(W2), c_2)), 0), same(At(TRACE_LOSS, {W2: 0 * W2}), 0)),
        Ge(Eigenvalue(W1 * C * W1.T, 1), 0),
    ),
    cite="not in the paper",
    source="new",
    note="the other case of Prop. 2: no eigenvalue of W_1 C W_1^T is negative, and W_2 = 0 is optimal",
)

chapter.claim(
    "prop2.intuition",
    "in-text",
    SYMMETRIC.sentence(same(norm(W2), total(norm(W2 * unit(j, z)), j))),
    cite="below Prop. 2",
    note="the squares add",
)

chapter.claim(
    "prop2.intuition.fixed",
    "consequence",
    SYMMETRIC.sentence(same(sq(W2), total(sq(W2 * unit(j, z)), j))),
    cite="not in the paper",
    corrects="prop2.intuition",
)

# The problems 2, 3 and 4 have one objective on sets that contain each other (4 in 2 in 3), and a minimiser of 2 has a
# quotient no greater than its loss: common optimisers exist exactly where the minima agree.
QUOTIENT = TRACE_LOSS / (spectral(W1) ** 2 * spectral(W2) ** 2)
PROBLEM_1 = Optimum(QUOTIENT, (W1, W2), (Gt(norm(W1), 0), Gt(norm(W2), 0)))
PROBLEM_2 = Optimum(TRACE_LOSS, (W1, W2), (Le(spectral(W1), 1), Le(spectral(W2), 1)))
PROBLEM_3 = Optimum(TRACE_LOSS, (W1, W2), Le(spectral(W2.T * W1), 1))
PROBLEM_4 = Optimum(TRACE_LOSS, (W1, W2), orthonormal(W1, W2))
NEGATIVE = Lt(Eigenvalue(C, 1), 0)
LOWEST = total(Eigenvalue(C, j), (j, z))  # the sum of the z lowest eigenvalues


def compared(one, other, *given):
    """Two minima, each by the lowest eigenvalues of C."""
    yield Step("the first minimum, by the lowest eigenvalues of C", derive(one, (Symmetric(C), *given)))
    yield Step("the second", derive(other, (Symmetric(C), *given)))


@chapter.claim("prop3.12", "proposition", SYMMETRIC.sentence(same(PROBLEM_1, PROBLEM_2), NEGATIVE), cite="Prop. 3")
def prop3_12():
    yield from compared(PROBLEM_1, PROBLEM_2, NEGATIVE)


NORMALISED = At(TRACE_LOSS, {W1: W1 / spectral(W1), W2: W2 / spectral(W2)})  # the same loss with the layers scaled

chapter.claim(
    "prop3.12.boundary",
    "consequence",
    SYMMETRIC.sentence(
        And(
            same(NORMALISED, QUOTIENT),
            Implies(Lt(spectral(W1) * spectral(W2), 1), Lt(NORMALISED, TRACE_LOSS)),
        ),
        (Lt(TRACE_LOSS, 0), Le(spectral(W1), 1), Le(spectral(W2), 1)),
    ),
    cite="not in the paper",
    source="new",
    note="a negative loss inside the balls is lowered by normalising the weights",
)


@chapter.claim(
    "prop3.23",
    "proposition",
    SYMMETRIC.sentence(same(PROBLEM_2, PROBLEM_3), NEGATIVE),
    cite="Prop. 3",
    note="a product of rank r <= h and norm at most one is a product of two layers of norm at most one",
)
def prop3_23():
    yield from compared(PROBLEM_2, PROBLEM_3)


chapter.claim(
    "prop3.34",
    "proposition",
    SYMMETRIC.sentence(same(PROBLEM_3, PROBLEM_4), (NEGATIVE, *WIDE)),
    cite="Prop. 3",
    witness={d: 2, h: 2, z: 2, C: diag(-1, 1)},
    note="under 4 the loss is tr C = 0 for all weights, under 3 it reaches -1; for h < d or h < z problem 4 has no "
    "feasible point at all",
)

# k eigenvalues, or more, are not positive
ENOUGH = (Le(k, d), Le(k, z), Le(Eigenvalue(C, k), 0), Ge(h, d + z - k), *WIDE)


@chapter.claim(
    "prop3.34.fixed",
    "consequence",
    SYMMETRIC.sentence(same(PROBLEM_3, PROBLEM_4), (NEGATIVE, *ENOUGH)),
    cite="not in the paper",
    corrects="prop3.34",
)
def prop3_34_fixed():
    yield from compared(PROBLEM_3, PROBLEM_4, *ENOUGH)


# some minimiser has W_1^T W_2 W_2^T W_1 = v_1 v_1^T + ... + v_z v_z^T exactly where the minimum is this sum
chapter.claim(
    "prop3.extract",
    "in-text",
    SYMMETRIC.sentence(same(PROBLEM_4, LOWEST), (Le(z, d), *WIDE)),
    cite="below Prop. 3",
    witness={d: 3, h: 4, z: 2, C: diag(-1, 1, 2)},
    note="a wide layer need not use an eigenvector whose eigenvalue is positive: the minimum is -1, not -1 + 1; which "
    "eigenvectors are found is told up to a rotation of the outputs (esser2023.prop3.extract.rotation)",
)


@chapter.claim(
    "prop3.extract.fixed",
    "consequence",
    SYMMETRIC.sentence(same(PROBLEM_4, LOWEST), (Le(z, d), Le(Eigenvalue(C, z), 0), *WIDE)),
    cite="not in the paper",
    corrects="prop3.extract",
    note="none of the z lowest eigenvalues is positive",
)
def prop3_extract_fixed():
    given = (Symmetric(C), Le(z, d), Le(Eigenvalue(C, z), 0), *WIDE)
    yield Step("the least sum of z eigenvalues (Ky Fan)", derive(PROBLEM_4, given))


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

TWO_NEGATIVE = (Ge(d, 2), Ge(z, 2), Lt(Eigenvalue(C, 2), 0), *WIDE)


@chapter.claim(
    "prop3.avoid",
    "in-text",
    SYMMETRIC.sentence(
        ForAll(
            (W1, W2),
            Implies(same(TRACE_LOSS, PROBLEM_4), Ge(Eigenvalue(W2.T * W1, kind="rank"), 2)),
            orthonormal(W1, W2),
        ),
        TWO_NEGATIVE,
    ),
    cite="App. A.3",
    note="at every minimiser",
)
def prop3_avoid():
    yield Step(
        "one eigenvalue alone leaves a greater sum than two negative ones",
        rank_of_minimisers(PROBLEM_4, Integer(2), (Symmetric(C), *TWO_NEGATIVE)),
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

PAIRED = total(inner(W2.T * v[i], W2.T * (vm[i] - vp[i])), i)  # Eq. (1) in terms of the hidden features


@chapter.claim(
    "ex1.unbounded",
    "consequence",
    SYMMETRIC.sentence(
        And(
            same(At(PAIRED, {W2: s * W2}), s**2 * PAIRED),
            Implies(Lt(PAIRED, 0), same(Optimum(PAIRED, W2, kind="inf"), -oo)),
        )
    ),
    cite="not in the paper",
    source="new",
    note="for any activation: where the loss is negative it has no lower bound, so it cannot converge to a minimum",
)
def ex1_unbounded():
    yield Step("the loss at s W_2", derive(At(PAIRED, {W2: s * W2})))


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
excess = Symbol("excess", real=True)

# eigenvalues of C, in increasing order
a, b, g_1, g_2 = symbols("a b g_1 g_2", positive=True)
ONE_NEGATIVE = (-a, -a + g_1, -a + g_1 + g_2)
weights = symbols("w_1:4(1:3)", real=True)
norm_1, norm_2 = symbols("N_1 N_2", positive=True)
ell = Symbol("ell", negative=True)
column_1, column_2 = MatrixSymbol("c_1", h, 1), MatrixSymbol("c_2", h, 1)
FIRST, SECOND = Matrix([1, 0]), Matrix([0, 1])


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
)
