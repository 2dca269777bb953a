"""Section 2: what is said in passing about the form of the loss, its saddles and its minima."""

from functools import lru_cache

from sympy import (
    And,
    Dict,
    Eq,
    Gt,
    Identity,
    ImmutableMatrix,
    MatrixSymbol,
    Trace,
    Tuple,
    expand,
    solve,
    sqrt,
    symbols,
)

from symssl import Orthonormal, Symmetric, hessian_modes, sq, total
from symssl.claims import Chapter, Model, Step, identity, refuted_at
from symssl.language import At, Diagonal, Entry, GradientFlow, Let, Named, Object, Rate
from symssl.statements import derive

from .model import Gamma, U, V, W, d, flow, m, rest, s, simon
from .vocabulary import (
    ALIGNED,
    AT_TOP,
    LOSS as QUARTIC,
    VOCABULARY,
    L,
    M,
    S,
    diagonal,
    j,
    positive,
    s_j,
    same,
    vocabulary,
)

A, B, M_A, M_B = (MatrixSymbol(name, m, m) for name in ("A", "B", "M_A", "M_B"))
GENERAL = Model(
    "quadratic and quartic loss",
    Trace(W * A * W.T) + Trace(W * B * W.T * W * B * W.T),
    (W,),
    where=(Symmetric(A), Symmetric(B)),
)
a, b, slope = symbols("a b z", real=True)
kept, drop = symbols("kept drop", real=True)
DIRECTIONS = (ImmutableMatrix([[1, slope]]), ImmutableMatrix([[0, 1]]))  # every direction for m = 2
CROSSED = (ImmutableMatrix([[-2, 0], [0, -1]]), ImmutableMatrix([[2, 1], [1, 1]]))

# a saddle with j of d = j + r directions learned; Gamma has j + p positive eigenvalues and q negative ones
learned, r, p, q = symbols("j r p q", integer=True, positive=True)
W_j, Gamma_j = MatrixSymbol("W", learned + r, learned + p + q), MatrixSymbol("Gamma", learned + p + q, learned + p + q)
SADDLE = Model("loss by numbers of eigenvalues", sq(W_j * Gamma_j * W_j.T - Identity(learned + r)), (W_j,))
LEFT = MatrixSymbol("U", learned + r, learned), MatrixSymbol("N", learned + r, r)
RIGHT = tuple(MatrixSymbol(name, learned + p + q, size) for name, size in (("V", learned), ("P", p), ("Q", q)))
g, h = symbols("g h", positive=True)
minus = symbols("l", negative=True)
FIRST = {r: 2, p: 2}


# --- the derivation ----------------------------------------------------------------------


@lru_cache(maxsize=256)
def index(model):
    """Morse index where the modes g are learned, s = g^(-1/2), and those of h are not."""
    u, _ = LEFT
    values = {
        W_j: [(u, s, RIGHT[0])],
        Gamma_j: [(frame, value, frame) for frame, value in zip(RIGHT, (g, h, minus), strict=True)],
    }
    saddle = hessian_modes(model.loss, W_j, values, left=LEFT, right=RIGHT).subs({s: 1 / sqrt(g)})
    return saddle.slope, saddle.inertia()


def across(velocity, row):
    """The part of the velocity at s w that is not along w, by powers of s."""
    at = velocity.subs({W: s * row, A: CROSSED[0], B: CROSSED[1]}).doit()
    found = expand(at[0] * row[1] - at[1] * row[0])
    return Tuple(*(found.coeff(s, power) for power in (1, 3)))


# --- steps -------------------------------------------------------------------------------


def kept_steps(model):
    """d = 1, m = 2: rows w such that the velocity at s w is along w for all s."""
    yield Step("gradient flow of the general form", flow(model).rhs[W])
    conditions = [across(flow(model).rhs[W], row) for row in DIRECTIONS]
    yield Step("velocity across w = (1 z) and w = (0 1), the coefficients of s and of s^3", Tuple(*conditions))
    yield Step(
        "directions that the flow keeps",
        Dict({kept: len(solve(list(conditions[0]), slope, dict=True)) + (not any(conditions[1]))}),
    )


def index_steps(model):
    slopes, inertia = index(model)
    yield Step("gradient at s = g^(-1/2) for the learned modes, 0 for the others", Tuple(*(e for *_, e in slopes)))
    yield Step("numbers of negative, zero and positive eigenvalues of the Hessian", Tuple(*inertia))
    yield Step("the Morse index", inertia[0])


def drop_steps(model):
    yield from index_steps(model)
    change = index(model)[1][0] - index(model)[1][0].subs({p: p - 1, r: r - 1}, simultaneous=True)
    yield Step("what the index loses when one more direction is learned", expand(change))
    yield Step("two directions left and two positive eigenvalues", Dict({drop: change.subs(FIRST)}))


# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

rotation, M_2 = MatrixSymbol("Q", d, d), MatrixSymbol("M'", m, m)
D_a, D_b = MatrixSymbol("D_a", d, d), MatrixSymbol("D_b", d, d)
a_j, b_j = Entry(D_a, j, j), Entry(D_b, j, j)
GENERAL_FLOW = GradientFlow(Trace(W * A * W.T) + Trace(W * B * W.T * W * B * W.T), W)
COMMON = vocabulary(
    Object(V, "d orthonormal eigenvectors of A and of B, as columns", Orthonormal(V)),
    Object(D_a, "the eigenvalues of A there, on the diagonal", Diagonal(D_a)),
    Object(D_b, "the eigenvalues of B there, on the diagonal", Diagonal(D_b)),
    Object(M, "what A is on the other vectors", Symmetric(M)),
    Object(M_2, "what B is on the other vectors", Symmetric(M_2)),
    Let(A, V * D_a * V.T + rest * M * rest, "the matrix of the quadratic part"),
    Let(B, V * D_b * V.T + rest * M_2 * rest, "the matrix of the quartic part"),
    Named(GENERAL_FLOW, "the gradient flow of the general loss"),
)


@chapter.claim(
    "related.ziyin.commuting",
    "in-text",
    COMMON.sentence(same(At(Rate(W, GENERAL_FLOW), ALIGNED), U * diagonal(-2 * a_j * s_j - 4 * b_j**2 * s_j**3) * V.T)),
    cite="Sec. 2",
    corrects="related.ziyin",
    note="A and B with common eigenvectors: the velocity is diagonal in the frames, which are kept",
)
def commuting():
    yield Step("the gradient flow of the general form", derive(Rate(W, GENERAL_FLOW)))


chapter.claim(
    "related.ziyin.form",
    "in-text",
    VOCABULARY.sentence(same(QUARTIC, d + Trace(W * (-2 * Gamma) * W.T) + Trace((W * Gamma * W.T) ** 2))),
    cite="Sec. 2",
    note="A = -2 Gamma, B = Gamma, up to the constant d",
)

TURNED = vocabulary(*AT_TOP.entries, Object(rotation, "any rotation of the embeddings", Orthonormal(rotation)))

chapter.claim(
    "related.inequiv",
    "in-text",
    TURNED.sentence(
        And(same(At(L, ALIGNED), 0), same(At(sq(rotation * W), ALIGNED), total(s_j**2, (j, d)))), positive(S)
    ),
    cite="Sec. 2",
    note="any d eigenvectors with positive eigenvalues give a global minimum, and its squared norm is the sum of their "
    "1/gamma_j, which no rotation changes: other eigenvalues, other norms",
)

# --- the statements as printed -----------------------------------------------------------

CLAIMS = (
    *chapter.claims,
    simon(
        "related.ziyin",
        "in-text",
        Gt(kept, 0),
        kept_steps,
        refuted_at(),
        "Sec. 2",
        model=GENERAL,
        note="A = diag(-2, -1), B = (2 1; 1 1): A and B do not commute, no direction is kept, and no start is aligned",
        statement_latex=r"L = \operatorname{tr} WAW^{\top} + \operatorname{tr}(WBW^{\top})^2: "
        r"\text{ some } W = U S V^{\top} \text{ keeps its frames}",
    ),
    simon(
        "related.saddleindex",
        "in-text",
        Eq(drop, 1),
        drop_steps,
        refuted_at(at=FIRST),
        "Sec. 2",
        model=SADDLE,
        note="d = 2, Gamma with two positive eigenvalues: the indices are 4, 1, 0",
        statement_latex=r"\text{index}_j - \text{index}_{j+1} = 1",
    ),
    simon(
        "related.saddleindex.fixed",
        "in-text",
        p * r,
        index_steps,
        identity(),
        "Sec. 2",
        model=SADDLE,
        source="new",
        corrects="simon2023.related.saddleindex",
        note="p positive eigenvalues and r = d - j dimensions are left: the index falls by p + r - 1",
        statement_latex=r"\text{index}_j = (d - j)\,\#\{k > j : \gamma_k > 0\}",
    ),
)


def equations():
    """The Morse index of the saddles."""
    return {"morse-index": Eq(symbols("iota"), index(SADDLE)[1][0])}
