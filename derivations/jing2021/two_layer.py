"""Sections 5.1, 5.2 and 5.3, App. B.4 and B.6: two linear layers, and aligned singular values."""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Or,
    Tuple,
    ZeroMatrix,
    cancel,
    exp,
    limit,
    log,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, Orthonormal, Symmetric, inner, mean, potential, sq, total
from symssl.claims import Chapter, Model, Step, identity, refuted_at
from symssl.language import Along, External, Gradient, Let, Limit, Named, Object, Rate, VectorField, Vocabulary, unit
from symssl.statements import derive, proved

from .._models import chain
from .model import (
    CROSS,
    PRODUCT,
    W_1,
    W_2,
    N,
    alpha,
    claim,
    consequence,
    correction,
    d,
    embeddings,
    i,
    j,
    k,
    n,
    named,
    on_multiples,
    outer,
    t,
    x,
    xp,
)
from .vocabulary import (
    DEEP,
    DEEP_HERE,
    DEEP_LOSS,
    DEEP_SLOPES,
    DRIVEN,
    LAYERS,
    PAIRED,
    SLOPED,
    U_1,
    U_2,
    V_1,
    V_2,
    A,
    G,
    K,
    X,
    covariances,
    deep_g,
    deep_gp,
    e,
    equal,
    gradients,
    here,
    sample,
    sigma_1,
    sigma_2,
    u_1,
    u_2,
    v,
    v_1,
    with_pairs,
    xi,
)

COV_0, COV_1 = MatrixSymbol("Sigma_0", d, d), MatrixSymbol("Sigma_1", d, d)
a, b = symbols("a b", positive=True)
C = symbols("C", real=True)
rho, gap = symbols("rho gap", positive=True)
L = symbols("L", positive=True)
ratio, lowest, change, one, two, three = symbols("ratio lowest change one two three", real=True)
height = symbols("h", positive=True)
FORKED = ((1, 2), (2, 1))  # eigenvalues of X, each with the singular value of the product at the start


# --- the flow ----------------------------------------------------------------------------


@lru_cache(maxsize=512)
def flow(model):
    return model.flow()


def shape_steps(model):
    z = embeddings(W_2 * W_1)[0]
    yield Step("shape of W_2 W_1 x for W_1, W_2 in R^{d x d}", Tuple(*z(i).shape))


def spanning_steps(model):
    """Two samples that do not span the plane, moved out of their line by h."""
    first, second, up, _ = CROSS
    scale, found = on_multiples((first, second), (first + height * up, second + height * up))
    yield Step(
        "samples (1, 0) and (-1, 0), augmented to (1, h) and (-1, h): X at W = I", found.subs(scale, 1).as_immutable()
    )
    yield Step("its form across the line of the samples", cancel(found[1, 1].subs(scale, 1)))


# --- aligned pairs -----------------------------------------------------------------------


@lru_cache(maxsize=8)
def modes(model):
    """Both layers and X in common frames, X held fixed."""
    rhs = {A: named(f, -W_2 * W_1 * X) for A, f in flow(model).rhs.items()}
    return MatrixFlow({**rhs, X: ZeroMatrix(d, d)}).spectral(
        {W_1: (U_1, sigma_1, V_1), W_2: (U_2, sigma_2, U_1), X: (V_1, xi, V_1)}
    )


@lru_cache(maxsize=8)
def balanced(model):
    """The square a of a singular value that both layers share, as a function of time."""
    rate = (2 * sigma_1 * modes(model).states[sigma_1]).subs({sigma_1: sqrt(a), sigma_2: sqrt(a)})
    law = Flow({a: rate}, (xi,)).closed_form(a, time=t)
    return law.solution, dict(law.initial)[a]


def ratio_of(matrix):
    """Smallest eigenvalue over largest."""
    values = list(matrix.eigenvals())
    return cancel(min(values) / max(values))


def isotropic_steps(model):
    """The cross is symmetric: W_1 and W_2 stay multiples of I, and so does the covariance."""
    w, found = on_multiples(CROSS, CROSS)
    yield Step(
        "samples at the ends of a cross, not augmented: X at W_2 W_1 = w I", found.applyfunc(simplify).as_immutable()
    )
    covariance = sum((point * point.T for point in CROSS), Matrix.zeros(2, 2)) / len(CROSS)
    growth, _ = balanced(model)
    rate = growth.diff(t).subs(t, 0).subs({balanced(model)[1]: w, xi: found[0, 0]})
    yield Step("W_1 and W_2 stay the same multiple of I: velocity of w", rate)
    at = {w: sqrt(log(2))}  # exp(-w^2) = 1/2
    yield Step(
        "at exp(-w^2) = 1/2: smallest over largest eigenvalue of C, velocity of the smallest, the lowest of X",
        Dict(
            {
                ratio: ratio_of(w**2 * covariance / w**2),
                change: (2 * w * rate * covariance[0, 0]).subs(at).simplify(),
                lowest: min(found.subs(at).applyfunc(simplify).eigenvals()),
            }
        ),
    )


@lru_cache(maxsize=8)
def deep_mode(depth):
    """Square of a singular value that all layers share, in common frames with X held fixed, and its start."""
    layers = [MatrixSymbol(f"W_{l}", d, d) for l in range(1, depth + 1)]
    frames = [V_1, *(MatrixSymbol(f"U_{l}", d, d) for l in range(1, depth + 1))]
    values = symbols(f"sigma_1:{depth + 1}", positive=True)
    product = chain(*layers)
    rhs = Model("any loss of the product", potential("L", product), tuple(layers)).flow().rhs
    found = MatrixFlow({**{A: named(f, -product * X) for A, f in rhs.items()}, X: ZeroMatrix(d, d)}).spectral(
        {**{A: (frames[l + 1], values[l], frames[l]) for l, A in enumerate(layers)}, X: (V_1, xi, V_1)}
    )
    rate = (2 * values[0] * found.states[values[0]]).subs(dict.fromkeys(values, sqrt(a)))
    law = Flow({a: rate}, (xi,)).closed_form(a, time=t)
    return law.solution, dict(law.initial)[a]


def deep_squares(depth, setting):
    """Squares of the layers' singular values, one for each eigenvalue of X, and the time up to which they exist."""
    square, start = deep_mode(depth)
    squares = [square.subs({start: initial ** (Integer(2) / depth), xi: value}) for value, initial in setting]
    ends = [end for value in squares for end in solve(value ** (1 - depth), t)] if depth > 1 else []
    return squares, min(ends, default=oo)


def depth_steps(model, setting):
    last = {}
    for depth, name in enumerate((one, two, three), 1):
        (first, second), end = deep_squares(depth, setting)
        power = max(depth - 1, 1)  # makes the quotient a rational function
        yield Step(
            f"{depth} layer{'s'[: depth - 1]}: singular values of the product, and the time up to which they exist",
            Tuple(*(square ** (Integer(depth) / 2) for square in (first, second)), end),
        )
        quotient = simplify((first / second) ** power)
        least = min(limit(q, t, end, "-") for q in (quotient, 1 / quotient))
        last[name] = least ** (Integer(depth) / (2 * power))
    yield Step("smallest over largest singular value of the product in the end", Dict(last))


def chain_of_layers_steps(model, depth):
    """Balanced aligned layers with singular values w, X = xi I: the product p = w^depth."""
    w = symbols("w", positive=True)
    product = w**depth
    layer = product.diff(w) / depth * product * xi  # dp/dw shared by all layers, times -G = p xi
    growth = (product.diff(w) * layer / product).simplify()
    yield Step("logarithmic velocity of the product", growth)
    yield Step(
        "that of a mode p_1 = rho p_2 over that of p_2",
        (growth.subs(w, (rho * a) ** (1 / depth)) / growth.subs(w, a ** (1 / depth))).simplify(),
    )


# --- the flow of two layers --------------------------------------------------------------

setting = Chapter("jing2021")
DEEP_G = total(deep_g * unit(i, N) * x[i].T + deep_gp * unit(i, N) * xp[i].T, i)
FIRST_FLOW, SECOND_FLOW = equal(Rate(W_1, DEEP), -W_2.T * DEEP_G), equal(Rate(W_2, DEEP), -DEEP_G * W_1.T)
DEEP_EMBEDDINGS = embeddings(W_2 * W_1)
SIGMA_0, SIGMA_1 = covariances(*DEEP_EMBEDDINGS)
slopes = gradients(*DEEP_EMBEDDINGS)
covariance = MatrixSymbol("C", d, d)


def layer(weight):
    return Step("the chain rule: the gradient of any loss of the embeddings", derive(Rate(weight, DEEP)))


@setting.claim("lemma3", "lemma", DEEP_SLOPES.sentence(And(FIRST_FLOW, SECOND_FLOW)), cite="Lemma 3")
def lemma3():
    yield layer(W_1)
    yield layer(W_2)


@setting.claim("eq8", "equation", DEEP_SLOPES.sentence(FIRST_FLOW), cite="Eq. (8)")
def eq8():
    yield layer(W_1)


@setting.claim("eq9", "equation", DEEP_SLOPES.sentence(SECOND_FLOW), cite="Eq. (9)")
def eq9():
    yield layer(W_2)


setting.claim(
    "eq24",
    "proof",
    DEEP_SLOPES.sentence(
        equal(
            Gradient(DEEP_LOSS.xreplace(DEEP_HERE), W_2).T,
            total(W_1 * x[i] * (deep_g * unit(i, N)).T + W_1 * xp[i] * (deep_gp * unit(i, N)).T, i),
        )
    ),
    cite="Eq. (24)",
    note="dL/dW_2 in numerator layout is the transpose of the gradient, and dz_i/dW_2 = W_1 x_i",
)


@setting.claim(
    "eq25",
    "proof",
    DEEP_SLOPES.sentence(
        And(equal(Gradient(inner(v, W_2 * W_1 * x[sample]), W_2), v * (W_1 * x[sample]).T), SECOND_FLOW)
    ),
    cite="Eq. (25)",
    note="dz_i/dW_2 = W_1 x_i is read as the gradient of v^T z_i",
)
def eq25():
    yield layer(W_2)


setting.claim(
    "eq10",
    "equation",
    LAYERS.sentence(equal(total(slopes[0] * x[i].T + slopes[1] * xp[i].T, i), -W_2 * W_1 * (SIGMA_0 - SIGMA_1))),
    cite="Eq. (10)",
    note="G with the gradients of (4) for z = W_2 W_1 x; X as in Lemma 2",
)

SMALL = Vocabulary(
    Object(d, "the dimension of the inputs"),
    Object(COV_0, "the weighted covariance of the data (Lemma 2)", Symmetric(COV_0)),
    Object(COV_1, "the weighted covariance of the augmentation (Lemma 2)", Symmetric(COV_1)),
    Object(v, "a vector"),
    Let(X, COV_0 - COV_1, "the matrix X of Lemma 2"),
)


@setting.claim(
    "sec5.pd",
    "in-text",
    SMALL.sentence(
        Implies(Lt(inner(v, COV_1 * v), inner(v, COV_0 * v), evaluate=False), Gt(inner(v, X * v), 0, evaluate=False))
    ),
    cite="Sec. 5.2",
    note="small augmentation is what Sec. 5.1 says it is, Sigma_1 < Sigma_0: every v that is not zero then qualifies; "
    "that X is this difference says eq10",
)
def positive():
    difference = inner(v, COV_0 * v) - inner(v, COV_1 * v)
    yield Step("the form of X is the difference of both", proved(equal(inner(v, (COV_0 - COV_1) * v), difference)))


setting.claim(
    "sec5.pd.span",
    "consequence",
    LAYERS.sentence(
        equal(inner(v, SIGMA_0 * v), total(alpha(*DEEP_EMBEDDINGS, i, j, k) * inner(v, x[i] - x[j]) ** 2, i, j))
    ),
    cite="Sec. 5.2",
    source="new",
    note="so X is positive definite for small enough augmentation exactly where the differences of the samples span "
    "the space",
)

setting.claim(
    "A",
    "definition",
    Vocabulary(LAYERS, Object(A, "the alignment matrix")).sentence(equal(A, V_2.T * U_1)),
    cite="Sec. 5.3",
    note="fixed by W_1 and W_2 up to signs only, and only where the singular values are simple",
)

# --- aligned pairs -----------------------------------------------------------------------

singular = Chapter("jing2021")
FORM = inner(v_1, X * v_1)


def velocities(left, right, dynamics=DRIVEN):
    """Those of a singular value of either layer, by Lemma 4."""
    return here(inner(left, Rate(W_1, dynamics) * v_1)), here(inner(u_2, Rate(W_2, dynamics) * right))


def evolving(left, right, form=FORM):
    """Eq. (11)."""
    one, two = velocities(left, right)
    return And(equal(one, sigma_1 * sigma_2**2 * form), equal(two, sigma_2 * sigma_1**2 * form))


ALIGNED = with_pairs(u_1, u_1)
BY_LEMMA_4 = "the velocity of a singular value is u^T W' v, by Lemma 4"

singular.claim(
    "thm3",
    "theorem",
    with_pairs(U_1 * e, U_1.T * e).sentence(evolving(U_1 * e, U_1.T * e)),
    cite="Theorem 3",
    note="u_1 = U_1 e and v_2 = V_2 e with V_2 = U_1^T as printed; A = V_2^T U_1 = I means V_2 = U_1, without the "
    f"transpose; {BY_LEMMA_4}",
)

singular.claim(
    "thm3.fixed",
    "result",
    with_pairs(U_1 * e, U_1 * e).sentence(evolving(U_1 * e, U_1 * e)),
    cite="not in the paper",
    corrects="thm3",
    note=f"u_1 = U_1 e and v_2 = V_2 e with V_2 = U_1; {BY_LEMMA_4}",
)

singular.claim(
    "eq11",
    "equation",
    ALIGNED.sentence(evolving(u_1, u_1)),
    cite="Eq. (11)",
    note=f"at a time at which the pair is aligned, v_2 = u_1; the flow need not keep it so; {BY_LEMMA_4}",
)


@singular.claim(
    "thm3.C",
    "in-text",
    LAYERS.sentence(equal(Rate(sigma_1**2 - sigma_2**2, PAIRED), 0)),
    cite="Sec. 5.3",
    note="one constant C for each pair",
)
def thm3_constant():
    yield Step("both squares have the same velocity", derive(Rate(sigma_1**2 - sigma_2**2, PAIRED)))


SHARED = Vocabulary(LAYERS, Let(C, sigma_1**2 - sigma_2**2, "the constant of the pair"))


def first_value():
    yield Step("the velocity of the first singular value", derive(Rate(sigma_1, PAIRED)))


singular.claim(
    "thm3.sol",
    "in-text",
    SHARED.sentence(equal(Rate(sigma_1, PAIRED), sigma_1 * (sigma_1**2 + C) * xi)),
    cite="Sec. 5.3",
    note="the dot is lost in print; with sigma_1^2 = sigma_2^2 + C the sign of C is the other one",
)(first_value)

singular.claim(
    "thm3.sol.fixed",
    "result",
    SHARED.sentence(equal(Rate(sigma_1, PAIRED), sigma_1 * (sigma_1**2 - C) * xi)),
    cite="not in the paper",
    corrects="thm3.sol",
)(first_value)

DEFINITE = {X: K.T * K}

singular.claim(
    "thm3.prop",
    "in-text",
    Vocabulary(*(entry for entry in ALIGNED.entries if entry.name != "X")).sentence(
        And(
            *(
                equal(velocity.xreplace(DEFINITE), value * other**2 * sq(K * v_1))
                for velocity, value, other in zip(velocities(u_1, u_1), (sigma_1, sigma_2), (sigma_2, sigma_1))
            ),
            Ge(sq(K * v_1), 0, evaluate=False),
        )
    ),
    cite="Sec. 5.3",
    note="X = K^T K, so that v_1^T X v_1 = |K v_1|^2; the velocity of each is a multiple of itself",
)

# --- App. B.6 ----------------------------------------------------------------------------

other_u, other_v = MatrixSymbol("u_2'", d, 1), MatrixSymbol("v_1'", d, 1)


def simplified(left, right):
    """The four lines of App. B.6 with singular vectors u_2 and v_1 of some index."""
    sloped, driven = velocities(u_1, u_1, SLOPED), velocities(u_1, u_1)
    slope, form = inner(left, G * v_1), inner(right, X * v_1)
    return And(
        equal(sloped[0], -sigma_2 * slope),
        equal(sloped[1], -sigma_1 * slope),
        equal(driven[0], sigma_1 * sigma_2**2 * form),
        equal(driven[1], sigma_2 * sigma_1**2 * form),
    )


singular.claim(
    "B6",
    "proof",
    Vocabulary(
        ALIGNED,
        Object(other_u, "a left singular vector of W_2, of index k'", Orthonormal(other_u)),
        Object(other_v, "a right singular vector of W_1, of index k'", Orthonormal(other_v)),
    ).sentence(simplified(other_u, other_v), given=(equal(inner(u_2, other_u), 0), equal(inner(v_1, other_v), 0))),
    cite="App. B.6",
    note="read with k' another index than k, as it is printed: the index k' should be k",
)

singular.claim(
    "B6.fixed",
    "result",
    ALIGNED.sentence(simplified(u_2, v_1)),
    cite="not in the paper",
    corrects="B6",
    note=f"for an aligned pair, v_2 = u_1; {BY_LEMMA_4}",
)

# --- small singular values stay behind ---------------------------------------------------

larger, smaller = symbols("p q", positive=True)
BALANCED = VectorField({larger: 2 * xi * larger**2, smaller: 2 * xi * smaller**2})
START = {larger: b + gap, smaller: b}
BLOW_UP = 1 / (2 * xi * (b + gap))
RATIO = b * (1 - 2 * xi * (b + gap) * t) / ((b + gap) * (1 - 2 * xi * b * t))
SQUARE = b / (1 - 2 * xi * b * t)
TWO_VALUES = Vocabulary(
    Object(larger, "the square of the larger singular value of either layer"),
    Object(smaller, "the square of the smaller one"),
    Object(b, "the smaller square at time 0"),
    Object(gap, "what the larger square exceeds it by at time 0"),
    Object(xi, "X = xi I"),
    Object(t, "time"),
    Named(BALANCED, "the equations (11) for the squares of two balanced pairs, sigma_1 = sigma_2"),
)
BEHIND = TWO_VALUES.sentence(
    And(
        equal(Along(smaller / larger, BALANCED, t, START), RATIO),
        equal(Along(smaller, BALANCED, t, START), SQUARE),
        equal(Limit(RATIO, t, BLOW_UP, "-"), 0),
        equal(Limit(SQUARE, t, BLOW_UP, "-"), b * (b + gap) / gap),
    ),
    given=Lt(t, BLOW_UP),
)


@lru_cache(maxsize=1)
def left_behind():
    """Two squares, as functions of time."""
    return (
        Step("the smaller square", derive(Along(smaller, BALANCED, t, START), BEHIND.hypotheses)),
        Step("over the larger one", derive(Along(smaller / larger, BALANCED, t, START), BEHIND.hypotheses)),
    )


singular.claim(
    "fig5",
    "figure",
    BEHIND,
    cite="Fig. 5",
    note="the larger value grows without bound until t = 1/(2 xi (b + gap)); the smaller one stays, and vanishes "
    "relative to it",
)(left_behind)

singular.claim(
    "cor2.C",
    "in-text",
    Vocabulary(
        LAYERS,
        Let(
            covariance,
            mean(outer(W_2 * W_1 * x[i] - mean(W_2 * W_1 * x[j], j)), i),
            "the covariance of the embeddings",
        ),
    ).sentence(equal(covariance, mean(W_2 * W_1 * outer(x[i] - mean(x[j], j)) * W_1.T * W_2.T, i))),
    cite="below Corollary 2",
)

singular.claim(
    "cor2.relative",
    "result",
    BEHIND,
    cite="not in the paper",
    corrects="cor2",
    note="X = xi I, aligned and balanced layers: no singular value decreases; the smaller ones vanish relative to the "
    "largest",
)(left_behind)

singular.claim(
    "fig6",
    "figure",
    Vocabulary().sentence(
        External(
            "runs of 16 x 16 networks with several layers and with ReLU",
            "Adding linear layers leads to more collapsed dimensions; a nonlinearity has a similar effect.",
        )
    ),
    cite="Fig. 6",
)


# --- statements --------------------------------------------------------------------------

OLD = (
    claim(
        "z.dim",
        "in-text",
        Tuple(n, 1),
        shape_steps,
        identity(),
        "Sec. 5.1",
        statement_latex=r"W_1, W_2 \in \mathbb{R}^{d\times d} \implies \mathbf{z} = W_2W_1\mathbf{x} \in \mathbb{R}^n",
        note="z has d components",
    ),
    correction(
        "z.dim",
        Tuple(d, 1),
        shape_steps,
        identity(),
        statement_latex=r"W_1, W_2 \in \mathbb{R}^{d\times d} \implies \mathbf{z} = W_2W_1\mathbf{x} \in \mathbb{R}^d",
    ),
    consequence(
        "sec5.pd.rank",
        "consequence",
        -2 * height**2 * exp(-2) / (exp(-2) + exp(-(height**2) / 2)),
        spanning_steps,
        identity(),
        "Sec. 5.2",
        statement_latex=r"\mathbf{x} = \pm\mathbf{e}_1,\ \mathbf{x}' = \mathbf{x} + h\mathbf{e}_2: \quad"
        r" \mathbf{e}_2^\top X\mathbf{e}_2 = -\frac{2h^2e^{-2}}{e^{-2} + e^{-h^2/2}} \le 0",
        note="where the samples do not span the space no amplitude makes Sigma_1 < Sigma_0, however small",
    ),
    claim(
        "cor2",
        "corollary",
        Or(Eq(ratio, 0), Lt(change, 0)),
        isotropic_steps,
        refuted_at(),
        "Corollary 2",
        model=PRODUCT,
        given=(Gt(lowest, 0),),
        statement_latex=r"X \succ 0,\ \text{two layers} \implies \lambda_{\min}(C)/\lambda_{\max}(C) \to 0 \text{ or "
        r"} \lambda_{\min}(C)"
        r" \text{ decreases}",
        note="samples at the ends of a cross, W_1 = W_2 a multiple of I: so is the covariance at all times, and it "
        "grows; the "
        "corollary fails relative to the largest eigenvalue and in absolute terms",
    ),
    claim(
        "sec54",
        "in-text",
        And(Lt(three, two), Lt(two, one), Gt(one, 0)),
        partial(depth_steps, setting=FORKED),
        refuted_at(),
        "Sec. 5.4",
        statement_latex=r"\sigma_{\min}/\sigma_{\max} \text{ of the product in the end: } r_3 < r_2 < r_1,\ r_1 > 0",
        note="X = diag(1, 2) fixed, aligned balanced layers, product diag(2, 1) at the start: one layer collapses "
        "relative to the "
        "largest value, two keep the ratio 1/2, three collapse again; in absolute terms nothing collapses at any depth",
    ),
    correction(
        "sec54",
        rho ** (2 - 2 / L),
        partial(chain_of_layers_steps, depth=L),
        identity(),
        suffix="chain",
        statement_latex=r"X = \xi I,\ L \text{ aligned balanced layers}: \quad \frac{d\log p_1}{d\log p_2} = "
        r"\rho^{2-2/L}, \quad \rho = p_1/p_2",
        note="for rho < 1 the exponent grows with depth, so the smaller value falls behind faster; at L = 1 the "
        "ratio is constant",
    ),
)

CLAIMS = (*setting.claims, *OLD, *singular.claims)
