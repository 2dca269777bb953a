"""Sections 3 to 4.2: the model, its flow, and the exact solution from an aligned start."""

from sympy import (
    And,
    Eq,
    Ge,
    Gt,
    Identity,
    Implies,
    Le,
    Lt,
    MatrixSymbol,
    Piecewise,
    exp,
    oo,
    sqrt,
    symbols,
)

from symssl import Diagonal, Orthonormal, Symmetric, inner, sq, total
from symssl.claims import Chapter, Step
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    Eigenvector,
    Entry,
    ForAll,
    Gradient,
    Let,
    Limit,
    Object,
    Rate,
    unit,
)
from symssl.statements import derive, rewritten

from .model import LOSS, flow, mode_flow, modes, s as mode_s, size, trajectory
from .vocabulary import (
    ALIGNED,
    AT_TOP,
    CORRELATION,
    FLOW,
    IN_FRAMES,
    MODE,
    ONE_MODE,
    PAIRS,
    S_0,
    VOCABULARY,
    W_0,
    WITH_PAIRS,
    C,
    D,
    Gamma,
    L,
    M,
    S,
    U,
    V,
    W,
    d,
    diagonal,
    e_j,
    f,
    gamma,
    gamma_j,
    i,
    j,
    m,
    n,
    point,
    positive,
    s,
    s_0,
    s_j,
    same,
    t,
    vocabulary,
    x,
    xp,
)

# --- what the sentences speak of ---------------------------------------------------------

start_j = Entry(S_0, j, j)
number = symbols("k", integer=True, positive=True)
Leading = MatrixSymbol("V_k", m, number)
start, beta = MatrixSymbol("s_0", d, 1), MatrixSymbol("beta", d, 1)


def solution(value, begun):
    """The right side of Eq. (10)."""
    return exp(4 * value * t) / sqrt(begun**-2 + (exp(8 * value * t) - 1) * value)


def top(count):
    """The top eigenvectors of Gamma, as columns."""
    return total(Eigenvector(Gamma, -j) * unit(j, count).T, (j, count))


# --- the model and its flow --------------------------------------------------------------

chapter = Chapter("simon2023")

chapter.claim(
    "model",
    "definition",
    vocabulary(Object(f, "the embedding of an input")).sentence(same(f, W * point)),
    cite="Sec. 3",
    note="printed f(x) = WX; the vector x is meant",
)

chapter.claim(
    "eq1",
    "definition",
    vocabulary(Object(L, "the loss"), Let(C, CORRELATION, "the cross-correlation matrix of the embeddings")).sentence(
        same(L, sq(C - Identity(d)))
    ),
    cite="Eq. (1)",
)

chapter.claim(
    "eq2",
    "definition",
    vocabulary(Object(C, "the cross-correlation matrix of the embeddings f(x) = W x")).sentence(same(C, CORRELATION)),
    cite="Eq. (2)",
)

chapter.claim(
    "eq2.symmetric",
    "consequence",
    WITH_PAIRS.sentence(same(C, C.T)),
    cite="symmetrized in Sec. 3",
    source="new",
)

chapter.claim(
    "eq3",
    "definition",
    WITH_PAIRS.sentence(same(Rate(W, PAIRS), -Gradient(L, W))),
    cite="Eq. (3)",
    note="the final weights are the limit of W(t), which is written out where they are spoken of",
)

chapter.claim(
    "eq4",
    "equation",
    WITH_PAIRS.sentence(
        And(
            same(C, total(W * (x[i] * xp[i].T + xp[i] * x[i].T) * W.T, i) / (2 * n)),
            same(C, W * Gamma * W.T),
        )
    ),
    cite="Eq. (4)",
)

chapter.claim(
    "eq5",
    "equation",
    WITH_PAIRS.sentence(same(L, sq(W * Gamma * W.T - Identity(d)))),
    cite="Eq. (5)",
)


@chapter.claim(
    "eq6",
    "equation",
    WITH_PAIRS.sentence(same(Rate(W, PAIRS), -4 * (W * Gamma * W.T - Identity(d)) * W * Gamma)),
    cite="Eq. (6)",
)
def eq6():
    yield Step("the gradient flow of the loss of the pairs", derive(Rate(W, PAIRS)))


# --- Gamma and aligned weights -----------------------------------------------------------

chapter.claim(
    "gammak",
    "definition",
    vocabulary(
        Object(Gamma, "the feature cross-correlation matrix, symmetric", Symmetric(Gamma)),
        Object(number, "how many eigenvectors", Le(number, m)),
        Object(
            Leading, "the top k eigenvectors of Gamma, as columns: the transpose of Gamma^(<=k)", Orthonormal(Leading)
        ),
    ).sentence(same(Leading, top(number))),
    cite="Sec. 4.1",
    note="not unique where eigenvalues repeat, and in sign",
)

chapter.claim(
    "eq7",
    "definition",
    vocabulary(
        Object(Gamma, "the feature cross-correlation matrix, symmetric", Symmetric(Gamma)),
        Object(V, "the top d eigenvectors of Gamma, as columns", same(V, top(d))),
    ).sentence(same(W_0, U * S_0 * V.T), Le(d, m)),
    cite="Eq. (7)",
)

chapter.claim(
    "eq8",
    "definition",
    vocabulary(
        Object(
            start,
            "the singular values at time 0",
            ForAll(j, Gt(Entry(start, j), 0), given=(Le(1, j), Le(j, d))),
        )
    ).sentence(same(S_0, diagonal(Entry(start, j)))),
    cite="Eq. (8)",
)

# --- the solution from an aligned start ----------------------------------------------------

TRAJECTORY = Along(W, FLOW, t, {W: U * S_0 * V.T})
SOLUTION = U * diagonal(solution(gamma_j, start_j)) * V.T
SOLVED = IN_FRAMES.sentence(same(TRAJECTORY, SOLUTION), positive(S_0))


IN_FRAMES_FLOW = SOLVED.expand(Rate(W, FLOW))


def ansatz():
    """Eq. (11), by the relations of the frames."""
    yield Step("the gradient flow of the loss", derive(Rate(W, FLOW)))
    short = 4 * U * (D * S - D * S * D * S * S) * V.T
    relations = (Orthonormal(U), Orthonormal(V), Diagonal(D), Diagonal(S), Symmetric(M))
    yield Step(
        "at W = U S V^T, reduced by the relations of the frames",
        rewritten(derive(At(IN_FRAMES_FLOW, ALIGNED)), short, relations),
    )


def solved():
    """Proposition 4.1: the velocity at U diag(s) V^T has that form too, with the velocities (12)."""
    yield from ansatz()
    yield Step(
        "the printed solution has this velocity and this start; velocities are polynomials, so that it is the only one",
        derive(SOLVED.expand(TRAJECTORY), SOLVED.hypotheses, form={W: SOLUTION}),
    )


@chapter.claim(
    "fn7",
    "footnote",
    SOLVED,
    cite="footnote 7",
    note="the columns of V are any d orthonormal eigenvectors; nothing says that they are the top ones",
)
def fn7():
    yield from solved()


@chapter.claim("prop4.1", "proposition", SOLVED, cite="Prop. 4.1", note="for eigenvalues of any sign, zero included")
def proposition_4_1():
    yield from solved()


@chapter.claim(
    "eq9",
    "equation",
    IN_FRAMES.sentence(same(TRAJECTORY, U * diagonal(Entry(U.T * TRAJECTORY * V, j, j)) * V.T), positive(S_0)),
    cite="Eq. (9)",
)
def eq9():
    yield from solved()


def solved_mode():
    yield Step(
        "the printed solution has the velocity (12) and begins at s(0)",
        derive(Along(s, MODE, t, {s: s_0}), form={s: solution(gamma, s_0)}),
    )


GROWN = Along(s, MODE, t, {s: s_0})


@chapter.claim(
    "eq10",
    "equation",
    ONE_MODE.sentence(same(GROWN, solution(gamma, s_0))),
    cite="Eq. (10)",
    note="for every real eigenvalue and all times",
)
def eq10():
    yield from solved_mode()


@chapter.claim(
    "eq11",
    "equation",
    IN_FRAMES.sentence(same(At(Rate(W, FLOW), ALIGNED), 4 * U * (Identity(d) - D * S**2) * D * S * V.T)),
    cite="Eq. (11)",
)
def eq11():
    yield from ansatz()


@chapter.claim(
    "eq12",
    "equation",
    IN_FRAMES.sentence(
        same(At(Rate(W, FLOW), ALIGNED), U * diagonal(4 * (1 - gamma_j * s_j**2) * gamma_j * s_j) * V.T)
    ),
    cite="Eq. (12)",
    note="the velocity is diagonal in the frames U and V: these stay, and the singular values move so",
)
def eq12():
    yield from ansatz()


END = Limit(GROWN, t, oo)


def ends():
    for case in (gamma > 0, gamma < 0, Eq(gamma, 0)):
        yield Step("the limit of the solution of (12)", derive(END, (case,)))


@chapter.claim(
    "eq13",
    "equation",
    ONE_MODE.sentence(
        And(
            Implies(gamma > 0, same(END, 1 / sqrt(gamma))),
            Implies(Eq(gamma, 0), same(END, s_0)),
            Implies(gamma < 0, same(END, 0)),
        )
    ),
    cite="Eq. (13)",
)
def eq13():
    yield from ends()


VELOCITY = Rate(s, MODE)


@chapter.claim(
    "eq13.monotone",
    "in-text",
    ONE_MODE.sentence(
        And(
            Implies(
                gamma > 0,
                And(
                    same(At(VELOCITY, {s: 1 / sqrt(gamma)}), 0),
                    Implies(gamma * s**2 < 1, Gt(VELOCITY, 0)),
                    Implies(gamma * s**2 > 1, Lt(VELOCITY, 0)),
                ),
            ),
            Implies(gamma < 0, Lt(VELOCITY, 0)),
        )
    ),
    cite="below Eq. (13)",
    note="the velocity points to the limit from everywhere; where it ends is (13)",
)
def monotone():
    yield Step("the velocity (12)", derive(VELOCITY))


# --- the loss of aligned weights -----------------------------------------------------------

chapter.claim(
    "eq14",
    "equation",
    IN_FRAMES.sentence(same(At(L, ALIGNED), total((1 - gamma_j * s_j**2) ** 2, (j, d)))),
    cite="Eq. (14)",
)

TERM = (1 - gamma * s**2) ** 2

chapter.claim(
    "eq14.neg",
    "in-text",
    ONE_MODE.sentence(
        And(
            Implies(gamma > 0, And(same(At(TERM, {s: 1 / sqrt(gamma)}), 0), Ge(TERM, 0, evaluate=False))),
            Implies(gamma < 0, Gt(TERM, At(TERM, {s: 0}))),
        )
    ),
    cite="below Eq. (14)",
)

chapter.claim(
    "lambda",
    "in-text",
    IN_FRAMES.sentence(same(At(C * U, ALIGNED), U * diagonal(gamma_j * s_j**2))),
    cite="below Eq. (14)",
    note="the columns of U are eigenvectors of C with these eigenvalues",
)

# an eigenvalue of C over the sigmoid, less one
EXCESS = gamma * GROWN**2 * (1 + exp(-8 * gamma * t) / (gamma * s_0**2)) - 1


@chapter.claim(
    "sigmoid",
    "in-text",
    ONE_MODE.sentence(And(*(Implies(case, Le(EXCESS**2, (gamma * s_0**2) ** 2)) for case in (gamma > 0, gamma < 0)))),
    cite="below Eq. (14)",
    note="at every time the eigenvalue is the sigmoid but for a relative error of at most |lambda(0)|",
)
def sigmoid():
    yield from solved_mode()


@chapter.claim(
    "sigmoid.error",
    "consequence",
    ONE_MODE.sentence(And(Ge(EXCESS, 0), Le(EXCESS, gamma * s_0**2)), gamma > 0),
    cite="not in the paper",
    source="new",
    note="a growing eigenvalue is above the sigmoid",
)
def sigmoid_error():
    yield from solved_mode()


# --- top spectral weights ------------------------------------------------------------------

VALUE = Eigenvalue(Gamma, -j)

chapter.claim(
    "def4.2",
    "definition",
    VOCABULARY.sentence(
        same(
            W,
            U * total(Piecewise((1 / sqrt(VALUE), Gt(VALUE, 0)), (0, True)) * e_j * Eigenvector(Gamma, -j).T, (j, d)),
        ),
        Le(d, m),
    ),
    cite="Definition 4.2",
)


@chapter.claim(
    "def4.2.note",
    "remark",
    ONE_MODE.sentence(
        And(
            Implies(gamma > 0, same(END, 1 / sqrt(gamma))),
            Implies(gamma < 0, same(END, 0)),
            Implies(Eq(gamma, 0), Gt(END, 0)),
        )
    ),
    cite="below Definition 4.2",
    note="singular value by singular value; U and V stay (prop4.1), and U is arbitrary in both",
)
def same_set():
    yield from ends()


chapter.claim(
    "def4.2.class",
    "in-text",
    vocabulary(Object(beta, "the weights of a linear probe")).sentence(
        And(same(inner(U * beta, U * W * point), inner(beta, W * point)), same(sq(U * beta), sq(beta)))
    ),
    cite="below Definition 4.2",
    note="the probe U beta predicts from U W x what beta predicts from W x, and is as long",
)

chapter.claim(
    "topspectral.zero",
    "in-text",
    AT_TOP.sentence(same(At(L, ALIGNED), 0), positive(S)),
    cite="below Definition 4.2",
    note="for any d eigenvectors with positive eigenvalues",
)

CLAIMS = chapter.claims


def equations():
    """The flow and its modes."""
    return {
        "gradient-flow-pairs": derive(Rate(W, PAIRS)).value,
        "gradient-flow": flow(LOSS),
        "modes": modes(LOSS),
        "trajectory": Eq(mode_s, trajectory(LOSS, size)),
    }


MODELS = {"modes": lambda: mode_flow(LOSS)}
