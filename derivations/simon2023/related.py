"""Section 2: what is said in passing about the form of the loss, its saddles and its minima."""

from functools import lru_cache

from sympy import (
    Dict,
    Eq,
    Gt,
    Identity,
    ImmutableMatrix,
    MatrixSymbol,
    Trace,
    Tuple,
    ZeroMatrix,
    cos,
    expand,
    simplify,
    sin,
    solve,
    sqrt,
    symbols,
)

from symssl import MatrixFlow, Symmetric, hessian_modes, sq
from symssl.claims import Model, Step, identity, refuted_at

from .generic import explicit
from .model import Gamma, U, V, W, correlation, d, flow, m, rest, s, simon

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
j, r, p, q = symbols("j r p q", integer=True, positive=True)
W_j, Gamma_j = MatrixSymbol("W", j + r, j + p + q), MatrixSymbol("Gamma", j + p + q, j + p + q)
SADDLE = Model("loss by numbers of eigenvalues", sq(W_j * Gamma_j * W_j.T - Identity(j + r)), (W_j,))
LEFT = MatrixSymbol("U", j + r, j), MatrixSymbol("N", j + r, r)
RIGHT = tuple(MatrixSymbol(name, j + p + q, size) for name, size in (("V", j), ("P", p), ("Q", q)))
g, h = symbols("g h", positive=True)
minus = symbols("l", negative=True)
FIRST = {r: 2, p: 2}

g_1, g_2 = symbols("gamma_1 gamma_2", positive=True)
theta = symbols("theta", real=True)
ELLIPSE = ImmutableMatrix([[cos(theta) / sqrt(g_1), sin(theta) / sqrt(g_2)]])


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


@lru_cache(maxsize=256)
def commuting(model):
    """One mode where A and B have the columns of V as eigenvectors."""
    full = flow(model).rhs[W].subs({A: A + rest * M_A * rest, B: B + rest * M_B * rest})
    partners = MatrixFlow({W: full, A: ZeroMatrix(m, m), B: ZeroMatrix(m, m)}, where=(Symmetric(M_A), Symmetric(M_B)))
    return partners.spectral({W: (U, s, V), A: (V, a, V), B: (V, b, V)})


def across(velocity, row):
    """The part of the velocity at s w that is not along w, by powers of s."""
    at = velocity.subs({W: s * row, A: CROSSED[0], B: CROSSED[1]}).doit()
    found = expand(at[0] * row[1] - at[1] * row[0])
    return Tuple(*(found.coeff(s, power) for power in (1, 3)))


# --- steps -------------------------------------------------------------------------------


def form_steps(model):
    yield Step("the loss", model.loss)


def kept_steps(model):
    """d = 1, m = 2: rows w such that the velocity at s w is along w for all s."""
    yield Step("gradient flow of the general form", flow(model).rhs[W])
    conditions = [across(flow(model).rhs[W], row) for row in DIRECTIONS]
    yield Step("velocity across w = (1 z) and w = (0 1), the coefficients of s and of s^3", Tuple(*conditions))
    yield Step(
        "directions that the flow keeps",
        Dict({kept: len(solve(list(conditions[0]), slope, dict=True)) + (not any(conditions[1]))}),
    )


def commuting_steps(model):
    yield Step("gradient flow of the general form", flow(model).rhs[W])
    yield Step("one mode, A V = V diag(a) and B V = V diag(b)", commuting(model).states[s])


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


def ellipse_steps(model):
    excess = explicit(correlation(model), ELLIPSE, (g_1, g_2)) - ImmutableMatrix([[1]])
    yield Step("C - 1 at w = (cos theta/gamma_1^(1/2), sin theta/gamma_2^(1/2))", excess)
    yield Step("loss and squared norm", Tuple(simplify(excess[0] ** 2), (ELLIPSE * ELLIPSE.T)[0]))


# --- the statements as printed -----------------------------------------------------------

CLAIMS = (
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
        "related.ziyin.commuting",
        "in-text",
        -2 * a * s - 4 * b**2 * s**3,
        commuting_steps,
        identity(),
        "Sec. 2",
        model=GENERAL,
        source="new",
        corrects="simon2023.related.ziyin",
        note="A and B with common eigenvectors: the frames are kept",
        statement_latex=r"AV = V\,\mathrm{diag}(a), BV = V\,\mathrm{diag}(b) \implies \dot s_j = -2a_j s_j - 4b_j^2 "
        r"s_j^3",
    ),
    simon(
        "related.ziyin.form",
        "in-text",
        d - 2 * Trace(W * Gamma * W.T) + Trace(W * Gamma * W.T * W * Gamma * W.T),
        form_steps,
        identity(),
        "Sec. 2",
        given=(Symmetric(Gamma),),
        note="A = -2 Gamma, B = Gamma, up to the constant d",
        statement_latex=r"L = d + \operatorname{tr} W(-2\Gamma)W^{\top} + \operatorname{tr}(W\Gamma W^{\top})^2",
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
    simon(
        "related.inequiv",
        "in-text",
        Tuple(0, cos(theta) ** 2 / g_1 + sin(theta) ** 2 / g_2),
        ellipse_steps,
        identity(),
        "Sec. 2",
        note="d = 1, two positive eigenvalues: zero loss on an ellipse, with different norms, which no rotation U "
        "changes; "
        "one class only where Gamma has just d positive eigenvalues and no others",
        statement_latex=r"L(w_\theta) = 0, \quad \lVert w_\theta\rVert^2 = \cos^2\theta/\gamma_1 + "
        r"\sin^2\theta/\gamma_2",
    ),
)


def equations():
    """The Morse index of the saddles."""
    return {"morse-index": Eq(symbols("iota"), index(SADDLE)[1][0])}
