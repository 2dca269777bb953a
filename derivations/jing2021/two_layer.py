"""Sections 5.1, 5.2 and 5.3, App. B.4 and B.6: two linear layers, and aligned singular values."""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    Gt,
    Identity,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Or,
    Tuple,
    ZeroMatrix,
    cancel,
    exp,
    eye,
    limit,
    log,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, Orthonormal, expect, inner, mean, potential, total
from symssl.claims import Model, Step, cited, identity, implied, refuted_at, stipulated

from .._models import chain
from .model import (
    ANY_DEEP,
    CROSS,
    PRODUCT,
    ROOM,
    ROOMP,
    SQUARE,
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
    spreads,
    t,
    x,
)
from .spectra import PAIRS, M, in_frames, p, q as q_

X, K, A = (MatrixSymbol(name, d, d) for name in "XKA")
U_1, V_1, U_2, V_2 = (MatrixSymbol(name, d, d) for name in ("U_1", "V_1", "U_2", "V_2"))
g, gp = MatrixSymbol("g", d, N), MatrixSymbol("g'", d, N)
v_1, u_1, u_2 = (MatrixSymbol(name, d, 1) for name in ("v_1", "u_1", "u_2"))
Q_1, Q_2 = MatrixSymbol("Q_1", d, d), MatrixSymbol("Q_2", d, d)
COV_0, COV_1 = MatrixSymbol("Sigma_0", d, d), MatrixSymbol("Sigma_1", d, d)
sigma_1, sigma_2, xi, a, b = symbols("sigma_1 sigma_2 xi a b", positive=True)
C = symbols("C", real=True)
rho, gap = symbols("rho gap", positive=True)
L = symbols("L", positive=True)
ratio, lowest, change, one, two, three = symbols("ratio lowest change one two three", real=True)
height = symbols("h", positive=True)
variance, amplitude = symbols("variance amplitude", real=True)  # v^T Sigma_0 v and v^T Sigma_1 v
FORKED = ((1, 2), (2, 1))  # eigenvalues of X, each with the singular value of the product at the start
PAIR = (Orthonormal(u_1), Orthonormal(u_2), Orthonormal(v_1))


# --- the flow ----------------------------------------------------------------------------


@lru_cache(maxsize=512)
def flow(model):
    return model.flow()


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def shape_steps(model):
    z = embeddings(W_2 * W_1)[0]
    yield Step("shape of W_2 W_1 x for W_1, W_2 in R^{d x d}", Tuple(*z(i).shape))


def chain_steps(model, *layers):
    """Any differentiable loss of the embeddings, as columns of W_2 W_1 X and W_2 W_1 X'."""
    found = flow(model).rhs
    yield Step(
        "gradient flow; the gradients on the embeddings are g and g'",
        Tuple(*(named(found[A], g, gp) for A in layers or model.weights)),
    )


def first_steps(model):
    yield from chain_steps(model, W_1)


def second_steps(model):
    yield from chain_steps(model, W_2)


def layout_steps(model):
    yield from second_steps(model)
    yield Step("dL/dW_2 in numerator layout", -named(flow(model).rhs[W_2], g, gp).T)


def infonce_steps(model):
    (weight,) = model.weights
    slope = -flow(model).rhs[weight]
    yield Step("G, the gradient of the InfoNCE loss of W x", slope)
    yield Step("at W = W_2 W_1", slope.xreplace({weight: W_2 * W_1}))


def covariance_steps(model):
    z = embeddings(W_2 * W_1)[0]
    yield Step("expand the covariance of the embeddings", expect(mean(outer(z(i) - mean(z(j), j)), i)))


def span_steps(model, weight):
    data, _ = spreads(weight)
    yield Step("quadratic form of Sigma_0, which is X where nothing is augmented", expect(inner(v_1, data * v_1)))


def definite_steps(model):
    """The form of X, from the loss."""
    (weight,) = model.weights
    yield Step("velocity of a square W, here W_2 W_1", flow(model).rhs[weight])
    found = expect(weight.I * flow(model).rhs[weight])
    yield Step("multiply by the inverse of W: X", found)
    data, augmentation = spreads(weight)
    yield Step("gather the differences of samples", data - augmentation, same=True)
    form = expect(inner(v_1, (data - augmentation).xreplace({data: COV_0, augmentation: COV_1}) * v_1))
    yield Step("its form, the two parts named", form)
    yield Step(
        "v^T Sigma_0 v and v^T Sigma_1 v as numbers",
        form.xreplace({inner(v_1, COV_0 * v_1): variance, inner(v_1, COV_1 * v_1): amplitude}),
    )


def spanning_steps(model):
    """Two samples that do not span the plane, moved out of their line by h."""
    first, second, up, _ = CROSS
    scale, found = on_multiples((first, second), (first + height * up, second + height * up))
    yield Step(
        "samples (1, 0) and (-1, 0), augmented to (1, h) and (-1, h): X at W = I", found.subs(scale, 1).as_immutable()
    )
    yield Step("its form across the line of the samples", cancel(found[1, 1].subs(scale, 1)))


# --- aligned pairs -----------------------------------------------------------------------


def paired(model):
    """Velocities of both weights with G = -W_2 W_1 X, where u_2, u_1, v_1 are aligned singular vectors:

    W_1 v_1 = sigma_1 u_1, W_2 u_1 = sigma_2 u_2, and the same for the transposes; Q_1 and Q_2 are the rest.
    """
    one = Identity(d)
    split = {
        W_1: sigma_1 * u_1 * v_1.T + (one - u_1 * u_1.T) * Q_1 * (one - v_1 * v_1.T),
        W_2: sigma_2 * u_2 * u_1.T + (one - u_2 * u_2.T) * Q_2 * (one - u_1 * u_1.T),
    }
    return {A: named(f, -W_2 * W_1 * X).xreplace(split) for A, f in flow(model).rhs.items()}


def pair_rates(model):
    """Lemma 4 for both layers."""
    velocity = paired(model)
    return Tuple(u_1.T * velocity[W_1] * v_1, u_2.T * velocity[W_2] * u_1)


def pair_steps(model):
    yield Step("the flow with G = -W_2 W_1 X", {A: named(f, -W_2 * W_1 * X) for A, f in flow(model).rhs.items()})
    yield Step("u_1^T W_1' v_1 and u_2^T W_2' v_2, where v_2 = u_1", pair_rates(model))


def aligned_steps(model):
    """A = V_2^T U_1 = I gives V_2 = U_1 A^T = U_1."""
    yield from pair_steps(model)
    frame = expect(U_1 * A.T)
    yield Step("V_2 = U_1 A^T", frame)
    yield Step("V_2 at A = I, and the rates", Tuple(expect(frame.xreplace({A: Identity(d)})), *pair_rates(model)))


def factor_steps(model):
    yield from pair_steps(model)
    definite = (rate.xreplace({X: K.T * K}) for rate in pair_rates(model))
    yield Step("the same for a positive definite X = K^T K", Tuple(*definite))


def simplified_steps(model):
    """Eqs. (21) and (22) at A = I, for three modes: sigma_1' = -A^T S_2 M and sigma_2' = -M S_1 A^T on the diagonal."""
    cores = in_frames(model, eye(3).as_immutable())
    yield Step(
        "diagonals of U_1^T W_1' V_1 and U_2^T W_2' V_2 for A = I, M = U_2^T G V_1, mode 1",
        Tuple(*(core[0, 0] for core in cores)),
    )


@lru_cache(maxsize=8)
def modes(model):
    """Both layers and X in common frames, X held fixed."""
    rhs = {A: named(f, -W_2 * W_1 * X) for A, f in flow(model).rhs.items()}
    return MatrixFlow({**rhs, X: ZeroMatrix(d, d)}).spectral(
        {W_1: (U_1, sigma_1, V_1), W_2: (U_2, sigma_2, U_1), X: (V_1, xi, V_1)}
    )


def mode_steps(model):
    yield Step("both layers and X in common frames, X held fixed", modes(model))


def conserved_steps(model):
    yield from mode_steps(PRODUCT)
    yield Step("derivative of sigma_1^2 - sigma_2^2", modes(PRODUCT).lie(sigma_1**2 - sigma_2**2).expand())


def single_steps(model):
    yield from mode_steps(model)
    yield Step("sigma_2^2 = sigma_1^2 - C", modes(model).states[sigma_1].subs(sigma_2, sqrt(sigma_1**2 - C)))


@lru_cache(maxsize=8)
def balanced(model):
    """The square a of a singular value that both layers share, as a function of time."""
    rate = (2 * sigma_1 * modes(model).states[sigma_1]).subs({sigma_1: sqrt(a), sigma_2: sqrt(a)})
    law = Flow({a: rate}, (xi,)).closed_form(a, time=t)
    return law.solution, dict(law.initial)[a]


def small_steps(model):
    """Two balanced modes with the same xi, the squares of the singular values a > b at the start."""
    yield from mode_steps(model)
    solution, start = balanced(model)
    yield Step("sigma_1 = sigma_2, sigma_1(0)^2 = a: the square as a function of time", solution.subs(start, a))
    large, little = solution.subs(start, b + gap), solution.subs(start, b)
    yield Step("ratio of the squares, b to b + gap", cancel(little / large))
    blow_up = 1 / (2 * xi * (b + gap))
    yield Step(
        "until the larger one grows without bound",
        Tuple(
            (1 / large).subs(t, blow_up).simplify(),
            cancel(little / large).subs(t, blow_up).simplify(),
            little.subs(t, blow_up).simplify(),
        ),
    )


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


# --- statements --------------------------------------------------------------------------

S_0, S_1 = spreads(W_2 * W_1)
XN = S_0 - S_1
LG = g * ROOM.T + gp * ROOMP.T
q = v_1.T * X * v_1
rates = Tuple(sigma_1 * sigma_2**2 * q, sigma_2 * sigma_1**2 * q)
rates_tex = (
    r"\dot\sigma_1^k = \sigma_1^k(\sigma_2^k)^2\,\mathbf{v}_1^{k\top}X\mathbf{v}_1^k, \quad"
    r"\dot\sigma_2^k = \sigma_2^k(\sigma_1^k)^2\,\mathbf{v}_1^{k\top}X\mathbf{v}_1^k"
)
g_tex = (
    r"G = \textstyle\sum_i(\mathbf{g}_{\mathbf{z}_i}\mathbf{x}_i^\top + \mathbf{g}_{\mathbf{z}'_i}\mathbf{x}_i'^\top)"
)

SETTING = (
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
    claim(
        "lemma3",
        "lemma",
        Tuple(-W_2.T * LG, -LG * W_1.T),
        chain_steps,
        identity(),
        "Lemma 3",
        model=ANY_DEEP,
        statement_latex=r"\dot W_1 = -W_2^\top G, \quad \dot W_2 = -GW_1^\top, \quad " + g_tex,
    ),
    claim(
        "eq8",
        "equation",
        Tuple(-W_2.T * LG),
        first_steps,
        identity(),
        "Eq. (8)",
        model=ANY_DEEP,
        statement_latex=r"\dot W_1 = -W_2^\top G",
    ),
    claim(
        "eq9",
        "equation",
        Tuple(-LG * W_1.T),
        second_steps,
        identity(),
        "Eq. (9)",
        model=ANY_DEEP,
        statement_latex=r"\dot W_2 = -GW_1^\top",
    ),
    claim(
        "eq24",
        "proof",
        W_1 * (ROOM * g.T + ROOMP * gp.T),
        layout_steps,
        identity(),
        "Eq. (24)",
        model=ANY_DEEP,
        statement_latex=r"\frac{dL}{dW_2} = \sum_i\Bigl(\frac{\partial "
        r"L}{\partial\mathbf{z}_i}\frac{\partial\mathbf{z}_i}"
        r"{\partial W_2} + \frac{\partial L}{\partial\mathbf{z}'_i}\frac{\partial\mathbf{z}'_i}{\partial W_2}\Bigr)",
        note="numerator layout, dz_i/dW_2 = W_1 x_i",
    ),
    claim(
        "eq25",
        "proof",
        Tuple(-LG * W_1.T),
        second_steps,
        identity(),
        "Eq. (25)",
        model=ANY_DEEP,
        statement_latex=r"\dot W_2 = -\textstyle\sum_i(\mathbf{g}_{\mathbf{z}_i}\mathbf{x}_i^\top"
        r" + \mathbf{g}_{\mathbf{z}'_i}\mathbf{x}_i'^\top)W_1^\top",
    ),
    claim(
        "eq10",
        "equation",
        -W_2 * W_1 * XN,
        infonce_steps,
        identity(),
        "Eq. (10)",
        model=SQUARE,
        statement_latex=r"G = -W_2W_1X",
        note="X as in Lemma 2, with the softmax weights of z = W_2 W_1 x",
    ),
    claim(
        "sec5.pd",
        "in-text",
        Gt(variance - amplitude, 0, evaluate=False),
        definite_steps,
        implied(),
        "Sec. 5.2",
        model=SQUARE,
        given=(Gt(variance, amplitude),),
        statement_latex=r"v^\top\hat\Sigma_1v < v^\top\hat\Sigma_0v \implies v^\top Xv > 0",
        note="small augmentation is what Sec. 5.1 says it is, Sigma_1 < Sigma_0: every v that is not zero then "
        "qualifies; "
        "X is that of the flow, for W_2 W_1 invertible",
    ),
    consequence(
        "sec5.pd.span",
        "consequence",
        total(alpha(*embeddings(W_2 * W_1), i, j, k) * inner(v_1, x[i] - x[j]) ** 2, i, j),
        partial(span_steps, weight=W_2 * W_1),
        identity(),
        "Sec. 5.2",
        statement_latex=r"v^\top\hat\Sigma_0v = \sum_{i,j}\alpha_{ij}\,(v^\top(\mathbf{x}_i - \mathbf{x}_j))^2",
        note="so X is positive definite for small enough augmentation exactly where the differences of the samples "
        "span the space",
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
        "A",
        "definition",
        Eq(A, V_2.T * U_1),
        definition_steps,
        stipulated(Orthonormal(V_2), Orthonormal(U_1)),
        "Sec. 5.3",
        note="fixed by W_1 and W_2 up to signs only, and only where the singular values are simple",
    ),
)

SINGULAR = (
    claim(
        "thm3",
        "theorem",
        Tuple(U_1.T, *rates),
        aligned_steps,
        identity(),
        "Theorem 3",
        model=PRODUCT,
        given=PAIR,
        statement_latex=r"A = I, \text{ i.e. } V_2 = U_1^\top \implies " + rates_tex,
        note="A = V_2^T U_1 = I means V_2 = U_1, without the transpose; with V_2 = U_1^T the rates are others",
    ),
    correction(
        "thm3",
        Tuple(U_1, *rates),
        aligned_steps,
        identity(),
        model=PRODUCT,
        given=PAIR,
        statement_latex=r"A = I, \text{ i.e. } V_2 = U_1 \implies " + rates_tex,
    ),
    claim(
        "eq11",
        "equation",
        rates,
        pair_steps,
        identity(),
        "Eq. (11)",
        model=PRODUCT,
        given=PAIR,
        statement_latex=rates_tex,
        note="at a time at which the pair is aligned; the flow need not keep it so",
    ),
    claim(
        "thm3.C",
        "in-text",
        Integer(0),
        conserved_steps,
        identity(),
        "Sec. 5.3",
        statement_latex=r"(\sigma_1^k)^2 = (\sigma_2^k)^2 + C_k, \quad \dot C_k = 0",
        note="one constant for each pair",
    ),
    claim(
        "thm3.sol",
        "in-text",
        sigma_1 * (sigma_1**2 + C) * xi,
        single_steps,
        identity(),
        "Sec. 5.3",
        model=PRODUCT,
        given=(Gt(sigma_1**2, C),),
        statement_latex=r"\dot\sigma_1^k = \sigma_1^k\bigl((\sigma_1^k)^2 + C\bigr)\mathbf{v}_1^{k\top}X\mathbf{v}_1^k",
        note="the dot is lost in print; with sigma_1^2 = sigma_2^2 + C the sign of C is the other one",
    ),
    correction(
        "thm3.sol",
        sigma_1 * (sigma_1**2 - C) * xi,
        single_steps,
        identity(),
        model=PRODUCT,
        given=(Gt(sigma_1**2, C),),
        statement_latex=r"\dot\sigma_1^k = \sigma_1^k\bigl((\sigma_1^k)^2 - C\bigr)\mathbf{v}_1^{k\top}X\mathbf{v}_1^k",
    ),
    claim(
        "thm3.prop",
        "in-text",
        Tuple(sigma_1 * sigma_2**2 * (v_1.T * K.T * K * v_1), sigma_2 * sigma_1**2 * (v_1.T * K.T * K * v_1)),
        factor_steps,
        identity(),
        "Sec. 5.3",
        model=PRODUCT,
        given=PAIR,
        statement_latex=r"X = K^\top K \implies \dot\sigma_1 = \sigma_1\cdot\sigma_2^2|K\mathbf{v}_1|^2, \quad"
        r"\dot\sigma_2 = \sigma_2\cdot\sigma_1^2|K\mathbf{v}_1|^2, \quad |K\mathbf{v}_1|^2 \ge 0",
    ),
    claim(
        "B6",
        "proof",
        Tuple(-q_[0] * M[1, 0], -p[0] * M[1, 0]),
        simplified_steps,
        identity(),
        "App. B.6",
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"A = I: \quad \dot\sigma_1^k = -\sigma_2^k(\mathbf{u}_2^{k'\top}G\mathbf{v}_1^k), \quad"
        r"\dot\sigma_2^k = -\sigma_1^k(\mathbf{u}_2^{k'\top}G\mathbf{v}_1^k)",
        note="read with k = 1, k' = 2: the index k' should be k; m stands for U_2^T G V_1, p and q for sigma_1 and "
        "sigma_2",
    ),
    correction(
        "B6",
        Tuple(-q_[0] * M[0, 0], -p[0] * M[0, 0]),
        simplified_steps,
        identity(),
        model=PRODUCT,
        sizes=PAIRS,
        statement_latex=r"A = I: \quad \dot\sigma_1^k = -\sigma_2^k(\mathbf{u}_2^{k\top}G\mathbf{v}_1^k), \quad"
        r"\dot\sigma_2^k = -\sigma_1^k(\mathbf{u}_2^{k\top}G\mathbf{v}_1^k)",
    ),
    claim(
        "fig5",
        "figure",
        Tuple(0, 0, b * (b + gap) / gap),
        small_steps,
        identity(),
        "Fig. 5",
        model=PRODUCT,
        statement_latex=r"X = \xi I,\ \sigma_1 = \sigma_2: \quad (\sigma^k/\sigma^1)^2 \to 0, \quad (\sigma^k)^2 \to"
        r"\frac{b(b + \text{gap})}{\text{gap}}",
        note="the largest value squared, b + gap at the start, grows without bound; the smaller one stays",
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
        "cor2.C",
        "in-text",
        mean(W_2 * W_1 * outer(x[i] - mean(x[j], j)) * W_1.T * W_2.T, i),
        covariance_steps,
        identity(),
        "below Corollary 2",
        statement_latex=r"C = \tfrac1N\textstyle\sum W_2W_1(\mathbf{x} - \bar{\mathbf{x}})(\mathbf{x} - "
        r"\bar{\mathbf{x}})^\top W_1^\top W_2^\top",
    ),
    correction(
        "cor2",
        Tuple(0, 0, b * (b + gap) / gap),
        small_steps,
        identity(),
        suffix="relative",
        model=PRODUCT,
        statement_latex=r"X = \xi I,\ \text{aligned, balanced, distinct singular values}: \quad "
        r"(\sigma^k/\sigma^1)^2 \to 0",
        note="no singular value decreases; the smaller ones vanish relative to the largest",
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
    claim(
        "fig6",
        "figure",
        Lt(three, two),
        definition_steps,
        cited("runs of 16 x 16 networks with several layers and with ReLU"),
        "Fig. 6",
        statement_latex=r"\text{spectra for several depths, and with a nonlinearity}",
    ),
)


CLAIMS = SETTING + SINGULAR
