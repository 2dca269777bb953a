"""Sections 3 and 4, App. B.1-B.3: one linear layer, and collapse by strong augmentation."""

from functools import lru_cache, partial

from sympy import (
    Dict,
    Eq,
    Gt,
    Identity,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Poly,
    Symbol,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    diag,
    diff,
    exp,
    eye,
    limit,
    log,
    oo,
    sqrt,
    symbols,
)

from symssl import Diagonal, Flow, MatrixFlow, Orthonormal, Symmetric, expect, inner, mean, norm, sq, total
from symssl.claims import Step, gap, identity, refuted_at, stipulated

from .model import (
    ANY,
    HALF,
    LINE,
    LINEAR,
    ROOM,
    ROOMP,
    SQUARE,
    SQUARE_W,
    N,
    W,
    alpha,
    alpha_self,
    claim,
    consequence,
    correction,
    d,
    embeddings,
    i,
    j,
    k,
    kernel,
    length2,
    n,
    named,
    on_multiples,
    outer,
    partition,
    spreads,
    t,
    u,
    written_out,
    x,
    xp,
)

g, gp = MatrixSymbol("g", n, N), MatrixSymbol("g'", n, N)
a, b, c = (MatrixSymbol(name, n, 1) for name in "abc")
X, K = MatrixSymbol("X", d, d), MatrixSymbol("K", d, d)
Y, Cov = MatrixSymbol("Y", d, d), MatrixSymbol("Sigma", d, d)
e, v, y = (MatrixSymbol(name, d, 1) for name in "evy")
f, Q = MatrixSymbol("f", n, 1), MatrixSymbol("Q", n, d)
U, Lam, D, W_0, R = (MatrixSymbol(name, d, d) for name in ("U", "Lambda", "D", "W_0", "R"))
w, lam, sigma, spread = symbols("w lambda sigma spread", positive=True)
p, q = symbols("p q", positive=True)
lowest, final, drift, small, large, determinant, along, across = symbols(
    "lowest final drift small large determinant along across", real=True
)
# samples in the plane, and two ways to move the first of them
MOVED = (
    (Matrix([3, 0]), Matrix([-3, 0]), Matrix([0, 1]), Matrix([0, -1])),
    (Matrix([2 * sqrt(2), 0]), Matrix([0, 2 * sqrt(2)])),
)
ON_LINE = {u: HALF}  # the start of the trajectories on the line: exp(-w^2/2) = 1/2
WIDE = (diag(0, -1), Matrix([[1, 1]]))  # X, and W(0) with fewer rows than columns
HYPERBOLIC = (diag(1, -1), eye(2))
OBLIQUE = (Matrix([[-1, 1], [1, -1]]), eye(2))
# squared distances in a row of three weights, that of the pair itself first, with their velocities
ROW_MOTION = tuple(zip(symbols("s_1:4", real=True), symbols("v_1:4", real=True)))


# --- derivations -------------------------------------------------------------------------


@lru_cache(maxsize=512)
def flow(model):
    return model.flow()


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def split_steps(model, quotient):
    yield Step("the logarithm of the quotient, of positive numbers", log(quotient).expand(force=True))


def unit_steps(model):
    yield Step("the exponent less the inner product, for a pair of unit vectors", expect(-sq(a - b) / 2 - inner(a, b)))


def chain_steps(model):
    """Any differentiable loss of the embeddings, as columns of W X and W X'."""
    yield Step("gradient flow; the gradients on the embeddings are g and g'", named(flow(model).rhs[W], g, gp))


def layout_steps(model):
    yield from chain_steps(model)
    velocity = named(flow(model).rhs[W], g, gp)
    yield Step("dL/dW in numerator layout, and its negative transpose", Tuple(-velocity.T, velocity))


def gradient_steps(model):
    yield Step("gradient flow of the InfoNCE loss", flow(model).rhs[W])


def negative_steps(model):
    yield Step("G, the negative velocity", -flow(model).rhs[W])


def row(weight, of=kernel):
    """The sum over the other samples of exp(-|z_i - z_j|^2/2), and Z_i, for z_i = a and z_i' = b."""
    others = total(of(a, weight * x[k]), k) - 1
    return others, others + of(a, b)


def softmax_steps(model, weight):
    """What the other weights of a row leave for alpha_ii."""
    others, whole = row(weight)
    yield Step("one less the weights of the other samples", 1 - others / whole)
    yield Step("over one denominator", kernel(a, b) / whole, same=True)


def covariance_form(model):
    """Sigma_0 - Sigma_1 for the weight of a model."""
    data, augmentation = spreads(*model.weights)
    return data - augmentation


def expanded_form(model):
    """X as a sum over samples, read from the gradients on the two embeddings."""
    return gathered(*embeddings(*model.weights))


def gathered(z, zp):
    others = total(alpha(z, zp, i, j, k) * (xp[i] - x[j]) + alpha(z, zp, j, i, k) * (x[i] - x[j]), j)
    own = (xp[i] - x[i]) / partition(z, zp, i, k)  # the term j = i of the first sum
    return total((others - own) * x[i].T, i) - total((1 - alpha_self(z, zp, i, k)) * (xp[i] - x[i]) * xp[i].T, i)


def x_steps(model):
    """X for a square invertible weight: then it is determined by the flow."""
    (weight,) = model.weights
    yield Step("velocity of a square W", flow(model).rhs[weight])
    yield Step("multiply by the inverse of W", expect(weight.I * flow(model).rhs[weight]))
    yield Step("gather the terms of each sample", expanded_form(model), same=True)


def difference_steps(model):
    (weight,) = model.weights
    yield Step("velocity of a square W", flow(model).rhs[weight])
    yield Step("multiply by the inverse of W", expect(weight.I * flow(model).rhs[weight]))
    yield Step("gather the differences of samples", covariance_form(model), same=True)


def expansion_steps(model):
    yield from x_steps(model)
    yield Step("gather the differences of samples", covariance_form(model), same=True)


def form_steps(model, weight):
    data, augmentation = (expect(inner(v, s * v)) for s in spreads(weight))
    yield Step("the quadratic form of Sigma_0 - Sigma_1", data - augmentation)


# two samples on a line


@lru_cache(maxsize=8)
def on_line(factor=1):
    """X of a network z = w x on the line, as a function of u = exp(-w^2/2)."""
    points, partners = LINE
    loss = written_out([w * p for p in points], [w * factor * p for p in partners])
    return cancel((-diff(loss, w) / w).subs(w, sqrt(-2 * log(u))).expand())


def line_steps(model):
    yield Step("samples 0 and 3, augmented to 4 and 3: X = -L'(w)/w, u = exp(-w^2/2)", on_line())


def moved(points, move):
    """X at W = 0 where the first sample is moved, the others not."""
    scale, found = on_multiples(points, [points[0] + move, *points[1:]])
    return found.subs(scale, 0)


def amplitude_steps(model, setting):
    points, (first, second) = setting
    yield Step(
        "samples (+-3, 0) and (0, +-1), the first moved along one axis or along the other: X at W = w I for w -> 0",
        Tuple(moved(points, first).as_immutable(), moved(points, second).as_immutable()),
    )
    yield Step(
        "squared amplitudes, and the lowest eigenvalues of X",
        Dict(
            {
                small: length2(first),
                large: length2(second),
                along: min(moved(points, first).eigenvals()),
                across: min(moved(points, second).eigenvals()),
            }
        ),
    )


def moving_steps(model):
    yield from line_steps(model)
    # du/dt = -u w dw/dt = -u w^2 X
    yield Step(
        "X, and dX/dt divided by w^2, at u = 1/2",
        Dict({lowest: on_line().subs(ON_LINE), drift: (-u * on_line() * diff(on_line(), u)).subs(ON_LINE)}),
    )


def trapped_steps(model):
    """The weight falls to the zero of X, not to zero."""
    yield from line_steps(model)
    numerator = Poly(on_line().as_numer_denom()[0], u)
    yield Step("its numerator", numerator.as_expr())
    inside = [r for r in numerator.real_roots() if 0 < r < 1]
    yield Step("roots in (0, 1)", Tuple(*inside))
    (root,) = inside
    points = [p[0] for p in LINE[0]]
    centre = sum(points) / len(points)
    variance = sum((p - centre) ** 2 for p in points) / len(points)
    yield Step(
        "X at the start u = 1/2; the weight decreases to the only zero; the covariance w^2 Var(x) there",
        Dict({lowest: on_line().subs(ON_LINE), final: -2 * log(root) * variance}),
    )


# fixed X


def fixed(matrix, start):
    """The solution for a fixed X, and the lowest eigenvalue of X."""
    return start * (matrix * t).exp(), min(matrix.eigenvals())


def wide_steps(model, setting):
    solution, least = fixed(*setting)
    yield Step("W(t) = W(0) exp(X t) for X = diag(0, -1), W(0) = (1, 1)", solution)
    yield Step(
        "its only singular value for t -> oo, and the lowest eigenvalue of X",
        Dict({final: limit(sqrt((solution * solution.T)[0]), t, oo), lowest: least}),
    )


def negative_along():
    """A matrix X with X e = -lambda e for a unit vector e."""
    return -lam * e * e.T + (Identity(d) - e * e.T) * Y * (Identity(d) - e * e.T)


def decay():
    """|W e|^2 as a function of time from p on, and its limit."""
    size = symbols("size", positive=True)
    rate = MatrixFlow({W: W * negative_along()}, (Orthonormal(e),)).lie(sq(W * e)).xreplace({norm(W * e): sqrt(size)})
    law = Flow({size: rate}, (lam,)).closed_form(size, time=t)
    ((_, start),) = law.initial
    solution = law.solution.subs(start, p)
    return solution, limit(solution, t, oo)


def direction_steps(model):
    """X e = -lambda e: in that direction every weight decays."""
    linear = MatrixFlow({W: W * negative_along()}, (Orthonormal(e),))
    yield Step("W' = W X with X e = -lambda e, e a unit vector", linear.rhs)
    yield Step("derivative of |W e|^2", linear.lie(sq(W * e)))
    yield Step("|W e|^2 as a function of time, and its limit", Tuple(*decay()))


def tall_steps(model):
    """A lowest eigenvalue sigma^2 of the Gram matrix of W: W^T W = sigma^2 I + R^T R."""
    yield from direction_steps(model)
    excess = expect(e.T * (sigma**2 * Identity(d) + R.T * R) * e - sigma**2 * e.T * e)
    yield Step(
        "e^T W^T W e - sigma^2 where W^T W = sigma^2 I + R^T R, of the size d x d: sigma is the smallest singular "
        "value of W "
        "where W has at least as many rows as columns",
        excess,
    )
    yield Step("with the bound, |W e|^2 and its limit", Tuple(excess, *decay()))


def along_steps(model):
    """y = W^{-T} e for an invertible W: the Rayleigh quotient of C at y bounds its smallest eigenvalue."""
    square = MatrixFlow({SQUARE_W: SQUARE_W * negative_along(), y: lam * y}, (Orthonormal(e),))
    yield Step("W' = W X with X e = -lambda e, W invertible, and y' = lambda y", square.rhs)
    kept = expect(square.lie(SQUARE_W.T * y).xreplace({SQUARE_W.T * y: e, y: SQUARE_W.T.I * e}))
    yield Step("derivative of W^T y where W^T y = e: so it stays e", kept)
    form = expect(inner(y, SQUARE_W * Cov * SQUARE_W.T * y).xreplace({y: SQUARE_W.T.I * e}))
    yield Step("y^T W Sigma W^T y", form)
    size = symbols("size", positive=True)
    law = Flow({size: square.lie(sq(y)).xreplace({norm(y): sqrt(size)})}, (lam,)).closed_form(size, time=t)
    ((_, start),) = law.initial
    bound = spread / law.solution.subs(start, p)
    yield Step(
        "over |y|^2 = p exp(2 lambda t), with e^T Sigma e for spread", Tuple(kept, form, bound, limit(bound, t, oo))
    )


def still_steps(model):
    """What a fixed X means for W: tr(X S') and tr(X' S') for S = W^T W."""
    moving = MatrixFlow({W: W * X}, (Symmetric(X),))
    pairing = expect(Trace(X * moving.lie(W.T * W)))
    yield Step("along W' = W X the product of X and the derivative of S = W^T W", pairing)
    squares, speeds = zip(*ROW_MOTION)
    whole = sum(exp(-s / 2) for s in squares)
    weights = [exp(-s / 2) / whole for s in squares]
    drifts = [sum(weight.diff(s) * speed for s, speed in ROW_MOTION) for weight in weights]
    own = speeds[0]
    product = sum(weight * speed for weight, speed in zip(weights[1:], speeds[1:])) - (1 - weights[0]) * own
    yield Step(
        "one row of X = sum alpha_ij (x_i - x_j)(x_i - x_j)^T - sum (1 - alpha_ii)(x'_i - x_i)(x'_i - x_i)^T, times S'",
        product,
    )
    change = sum(drift * speed for drift, speed in zip(drifts[1:], speeds[1:])) + drifts[0] * own
    yield Step(
        "the same for the row of X', with the derivatives of the weights; the first is that of the pair itself",
        Tuple(pairing, product, change),
    )


def linear_steps(model):
    yield Step("velocity of W(0) U D U^T where D' = Lambda D", MatrixFlow({D: Lam * D}).lie(W_0 * U * D * U.T))


def limit_steps(model, setting):
    solution, least = fixed(*setting)
    yield Step("X = diag(1, -1), W(0) = I: W(t)", solution)
    yield Step(
        "limit of its determinant, and the lowest eigenvalue of X",
        Dict({determinant: limit(solution.det(), t, oo), lowest: least}),
    )


def oblique_steps(model, setting):
    matrix, _ = setting
    solution, _ = fixed(*setting)
    first = matrix.eye(2)[:, 0]
    yield Step("X = ((-1, 1), (1, -1)), W(0) = I: W(t)", solution)
    column = solution * first
    yield Step(
        "the form of X along the first direction, and the limit of |W e_1|^2",
        Dict({along: (first.T * matrix * first)[0], final: limit((column.T * column)[0].expand(), t, oo)}),
    )


def embedding_steps(model):
    z = embeddings(W)[0]
    centre = mean(z(j), j)
    yield Step("expand the covariance of the embeddings", expect(mean(outer(z(i) - centre), i)))


def growing_steps(model):
    """A positive definite X = K^T K, which may vary with time."""
    yield Step("along W' = W X the derivative of W W^T, for X = K^T K", MatrixFlow({W: W * K.T * K}).lie(W * W.T))
    yield Step("its quadratic form", expect(inner(f, MatrixFlow({W: W * K.T * K}).lie(W * W.T) * f)))


def relative_steps(model):
    first, second = symbols("lambda_2 gap", positive=True)
    matrix = diag(first + second, first)
    singular = [(matrix * t).exp()[r, r] for r in range(2)]
    yield Step("X = diag(lambda_2 + gap, lambda_2), W(0) = I: ratio of the singular values", singular[1] / singular[0])
    yield Step("its limit", limit(singular[1] / singular[0], t, oo))


# --- statements --------------------------------------------------------------------------

z, zp = embeddings(W)
zz, zzp = embeddings(SQUARE_W)
LOSS, COVARIANCE = Symbol("L", real=True), MatrixSymbol("C", n, n)
eq2 = -total(log(kernel(z(i), zp(i)) / partition(z, zp, i, j)), i)
g_i = total(alpha(z, zp, i, j, k) * (z(j) - zp(i)) + alpha(z, zp, j, i, k) * (z(j) - z(i)), j) - (
    z(i) - zp(i)
) / partition(z, zp, i, k)
gp_i = total(alpha(z, zp, i, j, k) * (zp(i) - z(i)), j) - (zp(i) - z(i)) / partition(z, zp, i, k)
G4 = total(g_i * x[i].T + gp_i * xp[i].T, i)


def bracket(z, zp):
    """The sums over j != i of Eq. (6): the sum over all j less the term j = i."""
    return total(alpha(z, zp, i, j, k) * (xp[i] - x[j]) + alpha(z, zp, j, i, k) * (x[i] - x[j]), j) - (
        xp[i] - x[i]
    ) / partition(z, zp, i, k)


def second_sum(z, zp, last):
    return total((1 - alpha_self(z, zp, i, k)) * (xp[i] - x[i]) * last[i].T, i)


X6 = -total(bracket(zz, zzp) * x[i].T, i) - second_sum(zz, zzp, x)
X_B2 = total(bracket(zz, zzp) * x[i].T, i) - second_sum(zz, zzp, xp)
X_LINEAR = total(bracket(z, zp) * x[i].T, i) - second_sum(z, zp, xp)
S_0, S_1 = spreads(W)
SQ_0, SQ_1 = spreads(SQUARE_W)
softmax_tex = r"\alpha_{ii} = \exp(-|\mathbf{z}_i - \mathbf{z}'_i|^2/2)"
x6_tex = (
    r"X = -\sum_i\Bigl(\sum_{j\ne i}\alpha_{ij}(\mathbf{x}'_i - \mathbf{x}_j) + \sum_{j\ne i}\alpha_{ji}(\mathbf{x}_i"
    r" - \mathbf{x}_j)\Bigr)\mathbf{x}_i^\top - \sum_i(1-\alpha_{ii})(\mathbf{x}'_i - \mathbf{x}_i)\mathbf{x}_i^\top"
)
x7_tex = (
    r"\sum_{i,j}\alpha_{ij}(\mathbf{x}_i - \mathbf{x}_j)(\mathbf{x}_i - \mathbf{x}_j)^\top"
    r" - \sum_i(1-\alpha_{ii})(\mathbf{x}'_i - \mathbf{x}_i)(\mathbf{x}'_i - \mathbf{x}_i)^\top"
)
FORM = total(alpha(z, zp, i, j, k) * inner(v, x[i] - x[j]) ** 2, i, j) - total(
    (1 - alpha_self(z, zp, i, k)) * inner(v, xp[i] - x[i]) ** 2, i
)
ONE_DIRECTION = "X e = -lambda e gives |W(t) e| = exp(-lambda t) |W(0) e|, and W has no fewer rows than columns"

ROW_WEIGHTS = [exp(-s / 2) / sum(exp(-r / 2) for r, _ in ROW_MOTION) for s, _ in ROW_MOTION]
ROW = (
    sum(weight * (speed - ROW_MOTION[0][1]) for weight, (_, speed) in zip(ROW_WEIGHTS, ROW_MOTION)),
    sum(
        ROW_WEIGHTS[r] * ROW_WEIGHTS[c] * (ROW_MOTION[r][1] - ROW_MOTION[c][1]) ** 2 for r in range(3) for c in range(r)
    ),
)

CLAIMS = (
    claim(
        "eq1",
        "definition",
        Eq(COVARIANCE, mean(outer(z(i) - mean(z(j), j)), i)),
        definition_steps,
        stipulated(),
        "Eq. (1)",
        statement_latex=r"C = \frac1N\sum_i(\mathbf{z}_i - \bar{\mathbf{z}})(\mathbf{z}_i - \bar{\mathbf{z}})^\top",
    ),
    claim(
        "eq2",
        "definition",
        Eq(LOSS, eq2),
        definition_steps,
        stipulated(),
        "Eq. (2)",
        statement_latex=r"L = -\sum_i\log\frac{\exp(-|\mathbf{z}_i - \mathbf{z}'_i|^2/2)}{\sum_{j\ne i}"
        r"\exp(-|\mathbf{z}_i - \mathbf{z}_j|^2/2) + \exp(-|\mathbf{z}_i - \mathbf{z}'_i|^2/2)}",
        note="the sum over j != i is the sum over all j less the term j = i, which is 1",
    ),
    consequence(
        "eq2.split",
        "consequence",
        -p / 2 - log(q),
        partial(split_steps, quotient=exp(-p / 2) / q),
        identity(),
        "Eq. (2)",
        note="one term of the loss, p the squared distance, q = Z_i: the form that the model uses",
    ),
    claim(
        "eq2.norm",
        "in-text",
        Integer(-1),
        unit_steps,
        identity(),
        "Sec. 4.1",
        given=(Orthonormal(a), Orthonormal(b)),
        statement_latex=r"|\mathbf{a}| = |\mathbf{b}| = 1 \implies -|\mathbf{a}-\mathbf{b}|^2/2 = "
        r"\mathbf{a}^\top\mathbf{b} - 1",
        note="one constant for every pair, positive or negative: it cancels in the quotient",
    ),
    claim(
        "lemma1",
        "lemma",
        -(g * ROOM.T + gp * ROOMP.T),
        chain_steps,
        identity(),
        "Lemma 1",
        model=ANY,
        statement_latex=r"\dot W = -\sum_i(\mathbf{g}_{\mathbf{z}_i}\mathbf{x}_i^\top + "
        r"\mathbf{g}_{\mathbf{z}'_i}\mathbf{x}_i'^\top)",
        note="the samples are the columns of X and X', the gradients those of g and g'",
    ),
    claim(
        "eq3",
        "equation",
        -total(g_i * x[i].T + gp_i * xp[i].T, i),
        gradient_steps,
        identity(),
        "Eq. (3)",
        model=LINEAR,
        statement_latex=r"\dot W = -G, \quad G = \textstyle\sum_i(\mathbf{g}_{\mathbf{z}_i}\mathbf{x}_i^\top"
        r" + \mathbf{g}_{\mathbf{z}'_i}\mathbf{x}_i'^\top)",
        note="with the gradients of Eq. (4)",
    ),
    claim(
        "B1",
        "proof",
        Tuple(ROOM * g.T + ROOMP * gp.T, -(g * ROOM.T + gp * ROOMP.T)),
        layout_steps,
        identity(),
        "App. B.1",
        model=ANY,
        statement_latex=r"\frac{dL}{dW} = \sum_i\Bigl(\frac{\partial "
        r"L}{\partial\mathbf{z}_i}\frac{\partial\mathbf{z}_i}"
        r"{\partial W} + \frac{\partial L}{\partial\mathbf{z}'_i}\frac{\partial\mathbf{z}'_i}{\partial W}\Bigr), \quad"
        r"\dot W = -\Bigl(\frac{dL}{dW}\Bigr)^\top",
        note="numerator layout: dL/dW is d x n",
    ),
    claim(
        "eq4",
        "equation",
        G4,
        negative_steps,
        identity(),
        "Eq. (4)",
        model=LINEAR,
        statement_latex=r"\mathbf{g}_{\mathbf{z}_i} = \sum_{j\ne i}\alpha_{ij}(\mathbf{z}_j - \mathbf{z}'_i) + "
        r"\sum_{j\ne i}"
        r"\alpha_{ji}(\mathbf{z}_j - \mathbf{z}_i), \quad \mathbf{g}_{\mathbf{z}'_i} = \sum_{j\ne "
        r"i}\alpha_{ij}(\mathbf{z}'_i"
        r" - \mathbf{z}_i)",
        note="compared through G for all inputs: where these are basis vectors, the columns of G are the gradients",
    ),
    claim(
        "alpha",
        "definition",
        kernel(a, b),
        partial(softmax_steps, weight=W),
        identity(),
        "Sec. 4.2 text",
        statement_latex=softmax_tex + r", \quad \textstyle\sum_j\alpha_{ij} = 1",
        note="the printed alpha_ii lacks the factor 1/Z_i, without which the rows do not sum to one",
    ),
    correction(
        "alpha",
        kernel(a, b) / row(W)[1],
        partial(softmax_steps, weight=W),
        identity(),
        statement_latex=softmax_tex + r"/Z_i, \quad \textstyle\sum_j\alpha_{ij} = 1",
    ),
    claim(
        "eq5",
        "equation",
        -W * X_LINEAR,
        negative_steps,
        identity(),
        "Eq. (5)",
        model=LINEAR,
        statement_latex="G = -WX",
        note="with X as in the first line of App. B.2; as Eq. (6) prints it, X has another sign and another last "
        "factor",
    ),
    claim(
        "eq6",
        "equation",
        X6,
        x_steps,
        identity(),
        "Eq. (6)",
        model=SQUARE,
        statement_latex=x6_tex,
        note="the first sum has the wrong sign, and the last factor should be x'_i: App. B.2 has both right",
    ),
    correction(
        "eq6",
        X_B2,
        x_steps,
        identity(),
        model=SQUARE,
        cite="App. B.2, first line",
        statement_latex=x6_tex.replace("X = -", "X = ").replace(
            r"\mathbf{x}_i)\mathbf{x}_i^\top", r"\mathbf{x}_i)\mathbf{x}_i'^\top"
        ),
    ),
    claim(
        "lemma2",
        "lemma",
        X6,
        difference_steps,
        identity(),
        "Lemma 2",
        model=SQUARE,
        statement_latex=r"\text{the matrix } X \text{ of (6) is } \hat\Sigma_0 - \hat\Sigma_1",
        note="as (6) is printed X is not even symmetric; with the X of App. B.2 the lemma holds",
    ),
    correction(
        "lemma2",
        SQ_0 - SQ_1,
        difference_steps,
        identity(),
        model=SQUARE,
        statement_latex=r"\dot W = WX, \quad X = " + x7_tex,
    ),
    claim(
        "eq7",
        "equation",
        W * (S_0 - S_1),
        gradient_steps,
        identity(),
        "Eq. (7)",
        model=LINEAR,
        statement_latex=r"\dot W = W(\hat\Sigma_0 - \hat\Sigma_1), \quad \hat\Sigma_0 - \hat\Sigma_1 = " + x7_tex,
    ),
    claim(
        "B2",
        "proof",
        SQ_0 - SQ_1,
        expansion_steps,
        identity(),
        "App. B.2",
        model=SQUARE,
        statement_latex=r"X = \sum_i\Bigl(\sum_{j\ne i}\alpha_{ij}(\mathbf{x}'_i - \mathbf{x}_j) + \sum_{j\ne "
        r"i}\alpha_{ji}(\mathbf{x}_i"
        r" - \mathbf{x}_j)\Bigr)\mathbf{x}_i^\top - \sum_i(1-\alpha_{ii})(\mathbf{x}'_i - "
        r"\mathbf{x}_i)\mathbf{x}_i'^\top = " + x7_tex,
        note="the first line is not Eq. (6), to which it refers, but it is right",
    ),
    claim(
        "lemma2.cons",
        "in-text",
        Gt(along * across, 0),
        partial(amplitude_steps, setting=MOVED),
        refuted_at(),
        "Sec. 4.2, below Lemma 2",
        given=(Eq(small, large),),
        statement_latex=r"|\epsilon| = |\epsilon'| \implies X \text{ is positive definite with } \epsilon \text{ "
        r"exactly where it is with } \epsilon'",
        note="W = 0, one sample moved by |epsilon|^2 = 8: X = diag(30, 4) along the long axis of the data, diag(36, "
        "-2) across; the "
        "direction decides, and with it the weights alpha",
    ),
    correction(
        "lemma2.cons",
        FORM,
        partial(form_steps, weight=W),
        identity(),
        suffix="form",
        statement_latex=r"v^\top Xv = \sum_{i,j}\alpha_{ij}\,(v^\top(\mathbf{x}_i-\mathbf{x}_j))^2"
        r" - \sum_i(1-\alpha_{ii})\,(v^\top(\mathbf{x}'_i-\mathbf{x}_i))^2",
    ),
    claim(
        "eq23",
        "equation",
        W * (S_0 - S_1),
        gradient_steps,
        identity(),
        "Eq. (23)",
        model=LINEAR,
        statement_latex=r"\dot W = WX",
        note="with the X of Lemma 2; as Eq. (6) prints X it would fail",
    ),
    claim(
        "thm1",
        "theorem",
        Eq(final, 0),
        partial(wide_steps, setting=WIDE),
        refuted_at(),
        "Theorem 1",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \lim_{t\to\infty}\sigma_{\min}(W(t)) = 0",
        note="the theorem prints no shape, and the verdict rests on that: a W with fewer rows than columns need not "
        "lose a singular value, "
        "as the lost direction may be one it did not use; for n >= d the theorem holds",
    ),
    correction(
        "thm1",
        Tuple(sq(R * e) * Identity(1), p * exp(-2 * lam * t), 0),
        tall_steps,
        identity(),
        suffix="tall",
        given=(Orthonormal(e),),
        statement_latex=r"X \text{ fixed},\ Xe = -\lambda e,\ |e| = 1,\ n \ge d \implies \sigma_{\min}(W)^2 = |We|^2 "
        r"- |Re|^2 \le |W(t)e|^2"
        r" = e^{-2\lambda t}|W(0)e|^2 \to 0",
        note="W^T W = sigma_min^2 I + R^T R; p is |W(0) e|^2",
    ),
    claim(
        "thm1.fixed",
        "hypothesis",
        Eq(drift, 0),
        moving_steps,
        refuted_at(),
        "Theorem 1",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \dot X = 0 \text{ along the flow of (2), with the } X "
        r"\text{ of (6)}",
        note="the theorem supposes it of the X of Eq. (6), and Corollary 1 and Sec. 5.1 rest on it; but X depends on "
        "W through the "
        "softmax weights, and is fixed only where W X = 0",
    ),
    correction(
        "thm1.fixed",
        Tuple(2 * sq(W * X), ROW[0], -ROW[1] / 2),
        still_steps,
        identity(),
        suffix="rest",
        given=(Symmetric(X),),
        sizes="one row of three weights; the identities are those of a mean and a variance, of any number of terms",
        statement_latex=r"\operatorname{tr}(X\dot S) = 2\lVert WX\rVert^2 = \sum_i\sum_j\alpha_{ij}(\dot s_{ij} - "
        r"\dot s_{ii}),\ "
        r"\operatorname{tr}(\dot X\dot S) = -\tfrac12\sum_i\sum_{j<k}\alpha_{ij}\alpha_{ik}(\dot s_{ij} - \dot "
        r"s_{ik})^2, \quad S = W^\top W",
        note="s_ij = |z_i - z_j|^2, and s_ii = |z_i - z'_i|^2, are linear in S: if X is fixed then all s_ij of a row "
        "move alike, "
        "and W X = 0",
    ),
    claim(
        "thm1.sol",
        "in-text",
        W_0 * U * D * U.T * (U * Lam * U.T),
        linear_steps,
        identity(),
        "App. B.3",
        given=(Orthonormal(U), Diagonal(Lam), Diagonal(D)),
        statement_latex=r"W = W(0)Ue^{\Lambda t}U^\top \implies \dot W = WX, \quad X = U\Lambda U^\top \text{ fixed}",
        note="D stands for exp(Lambda t): D' = Lambda D, D(0) = I",
    ),
    claim(
        "thm1.inf",
        "proof",
        Eq(determinant, 0),
        partial(limit_steps, setting=HYPERBOLIC),
        gap(refuted_at(), ONE_DIRECTION),
        "App. B.3",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \det W(\infty) = 0",
        note="exp(Xt) is invertible at all times; where X also has a positive eigenvalue there is no W(oo), here det "
        "W(t) = 1",
    ),
    correction(
        "thm1.inf",
        Tuple(p * exp(-2 * lam * t), 0),
        direction_steps,
        identity(),
        suffix="direction",
        statement_latex=r"|W(t)e|^2 = e^{-2\lambda t}|W(0)e|^2 \to 0 \text{ where } Xe = -\lambda e",
    ),
    claim(
        "cor1",
        "corollary",
        Eq(final, 0),
        trapped_steps,
        refuted_at(),
        "Corollary 1",
        given=(Lt(lowest, 0),),
        statement_latex=r"\lambda_{\min}(X) < 0 \implies \lim_{t\to\infty}\lambda_{\min}(C(t)) = 0",
        note="X < 0 at all times, yet X(t) -> 0 and the weight tends to a positive limit: the flow of Eq. (2) does "
        "not keep X fixed",
    ),
    correction(
        "cor1",
        Tuple(ZeroMatrix(d, 1), inner(e, Cov * e), spread * exp(-2 * lam * t) / p, 0),
        along_steps,
        identity(),
        given=(Orthonormal(e), Symmetric(Cov)),
        statement_latex=r"X \text{ fixed},\ Xe = -\lambda e,\ W \text{ invertible},\ y = W^{-\top}e: \quad "
        r"\lambda_{\min}(C) \le"
        r"\frac{y^\top Cy}{|y|^2} = \frac{e^\top\Sigma e}{|W(0)^{-\top}e|^2}\,e^{-2\lambda t} \to 0",
        note="C = W Sigma W^T; p is |W(0)^{-T} e|^2, spread is e^T Sigma e",
    ),
    claim(
        "cor1.C",
        "in-text",
        mean(W * outer(x[i] - mean(x[j], j)) * W.T, i),
        embedding_steps,
        identity(),
        "below Corollary 1",
        statement_latex=r"C = \tfrac1N\textstyle\sum_i W(\mathbf{x}_i - \bar{\mathbf{x}})(\mathbf{x}_i - "
        r"\bar{\mathbf{x}})^\top W^\top",
    ),
    claim(
        "intro.mech1",
        "in-text",
        Eq(final, 0),
        partial(oblique_steps, setting=OBLIQUE),
        refuted_at(),
        "Sec. 1",
        given=(Lt(along, 0),),
        statement_latex=r"v^\top\hat\Sigma_1v > v^\top\hat\Sigma_0v \implies |W(t)v| \to 0",
        note="even for a fixed X only eigenvectors of X collapse; a direction with v^T X v < 0 need not",
    ),
    correction(
        "intro.mech1",
        Tuple(p * exp(-2 * lam * t), 0),
        direction_steps,
        identity(),
        suffix="eigenvector",
        statement_latex=r"X \text{ fixed},\ Xe = -\lambda e \implies |W(t)e| \to 0",
    ),
    claim(
        "sec5.single",
        "in-text",
        2 * sq(K * W.T * f),
        growing_steps,
        identity(),
        "Sec. 5.1",
        statement_latex=r"X(t) = K^\top K \succ 0 \implies \mathbf{f}^\top\tfrac{d}{dt}(WW^\top)\mathbf{f} = "
        r"2\,|KW^\top\mathbf{f}|^2 \ge 0",
        note="in absolute terms: W W^T grows, and with it every eigenvalue (Courant-Fischer), whatever the shape, "
        "the multiplicities and "
        "the changes of X",
    ),
    consequence(
        "sec5.single.relative",
        "consequence",
        Integer(0),
        relative_steps,
        identity(),
        "Sec. 5.1",
        sizes="two eigenvalues of X: every pair of them evolves on its own",
        statement_latex=r"X \text{ fixed with distinct eigenvalues}: \sigma_2(W)/\sigma_1(W) \to 0",
        note="relative to the largest, all other singular values of one layer vanish as well",
    ),
)
