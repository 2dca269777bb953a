"""Result 4.6 and Appendix C: the trajectory from a generic small start."""

from functools import lru_cache, partial
from math import log as logarithm

from sympy import (
    And,
    BlockMatrix,
    Dict,
    Eq,
    Ge,
    Identity,
    ImmutableMatrix,
    Integer,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Rational,
    Tuple,
    asin,
    block_collapse,
    cancel,
    diag,
    exp,
    expand,
    factor,
    fraction,
    integrate,
    limit,
    log,
    oo,
    pi,
    sign,
    simplify,
    sqrt,
    symbols,
)

from symssl import Flow, Orthonormal, compile_function, follow, qr, sq, total
from symssl.claims import Chapter, Step, gap, identity, order_of_error, refuted_at
from symssl.language import (
    Along,
    At,
    Diagonal,
    Entry,
    ForAll,
    Let,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    unit,
)
from symssl.statements import derive
from symssl.words import read, write

from .minima import reduced
from .model import (
    EXAMPLE,
    LOSS,
    Gamma,
    U,
    W,
    correlation,
    d,
    flow,
    gamma,
    m,
    modes,
    s,
    s_0,
    simon,
    size,
    t,
    trajectory,
)
from .vocabulary import (
    FLOW,
    ONE_MODE,
    gamma as eigenvalue,
    j as place,
    k as another,
    rate,
    s as singular,
    s_0 as singular_0,
    same,
    t as time,
    vocabulary,
)

# W = U A G in the eigenvectors of Gamma = G^T Lambda G, U fixed
A, G, Lambda = MatrixSymbol("A", d, m), MatrixSymbol("G", m, m), MatrixSymbol("Lambda", m, m)
COORDINATES = (Orthonormal(U), Orthonormal(G), Diagonal(Lambda))
W_0, G_0 = MatrixSymbol("W_0", d, d), MatrixSymbol("G", d, d)  # m = d
k = symbols("k", integer=True, positive=True)
G_d, G_k, W_dk = MatrixSymbol("G_d", d, d + k), MatrixSymbol("G_k", k, d + k), MatrixSymbol("W", d, d + k)

alpha, eta, gap_, many = symbols("alpha eta delta N", positive=True)
g_1, g_2, s_1, s_2, c_1, c_2 = symbols("gamma_1 gamma_2 s_1 s_2 c_1 c_2", positive=True)
g_k = symbols("gamma_k", real=True)
a, b, a_0 = symbols("a_12 a_21 a_0", real=True)
total_start = symbols("w", positive=True)  # |W~_0|
sigma, u = symbols("sigma u", positive=True)  # sigma = sqrt(gamma_2) s_2
start_order = symbols("start_order", positive=True)

NEGATIVE = {g_1: 1, g_k: -1}
SPECTRUM = (1, Rational(1, 2), Rational(1, 4))
START = ImmutableMatrix([[1, Rational(1, 2), Rational(-1, 3)], [0, Rational(3, 4), Rational(2, 5)]])
SCALES = tuple(Rational(1, 10**q) for q in range(2, 7))


# --- the derivation ----------------------------------------------------------------------


def in_coordinates(expr):
    """W = U A G and Gamma = G^T Lambda G."""
    return reduced(expr.subs(Gamma, G.T * Lambda * G).subs(W, U * A * G), COORDINATES)


def linear_part(expr):
    """The part of a matrix expression that is linear in W."""
    return write(read(expr.subs(W, alpha * W) / alpha)).subs(alpha, 0).doit()


def explicit(expr, weights, eigenvalues):
    """An expression at an explicit W and a diagonal Gamma."""
    rows = weights.shape[0]
    values = {
        W: weights,
        Gamma: diag(*eigenvalues).as_immutable(),
        Identity(d): ImmutableMatrix(rows, rows, lambda i, j: int(i == j)),
    }
    return expr.subs(values).doit()


PAIR = ImmutableMatrix([[s_1, a], [b, s_2]])


@lru_cache(maxsize=256)
def pair(model):
    """Eq. (45) for d = m = 2, and its version (46) with C replaced by its diagonal at vanishing a_jk."""
    velocity = explicit(flow(model).rhs[W], PAIR, (g_1, g_2)) / 4
    straight = explicit(linear_part(flow(model).rhs[W]), PAIR, (g_1, g_2)) / 4
    diagonal = explicit(correlation(model), PAIR, (g_1, g_2)).subs({a: 0, b: 0})
    return velocity.applyfunc(factor), (straight - diagonal * straight).applyfunc(factor)


@lru_cache(maxsize=256)
def first_order(model):
    """Eq. (45) for d = m = 2 to first order in the entries off the diagonal."""
    scaled = pair(model)[0].subs({a: eta * a, b: eta * b}, simultaneous=True)
    straight = scaled.subs(eta, 0)
    return straight + (scaled - straight).applyfunc(lambda e: (e / eta).expand().subs(eta, 0))


@lru_cache(maxsize=256)
def entry(model):
    """The entry a_jk by Eq. (46) as a function of s_j: da/ds = (a'/s')."""
    approximate = pair(model)[1]
    power = cancel(approximate[0, 1] * s_1 / (approximate[0, 0] * a)).subs(g_2, g_k)
    return power, a_0 * simplify(exp(integrate(1 / u, (u, s_0, s_1)))) ** power


# --- steps -------------------------------------------------------------------------------


def pointwise_steps(model):
    """|W(t)| <= |W(0)| exp(4 gamma_1 t), for W and for the aligned W* alike."""
    yield Step("derivative of |W|^2", flow(model).lie(sq(W)))
    relative = cancel(2 * modes(model).states[s] / s)
    yield Step("the same relative to the square of one mode", relative)
    largest = relative.subs(s, 0)
    yield Step("at most, by dropping -8|C|^2 <= 0 and tr W Gamma W^T <= gamma_1 |W|^2", largest)
    bound = Flow({s: largest * s / 2}, (gamma,)).closed_form(s, time=t)
    solution = bound.solution.subs(dict(bound.initial)[s], alpha * total_start)
    yield Step("|W*(0)| <= |W(0)|, so |W - W*| is at most", 2 * solution)
    yield Step("the bound, and its limit as alpha -> 0 at any t", Tuple(2 * solution, limit(2 * solution, alpha, 0)))


def path(model, scale):
    """Entries of A along Eq. (45) for d = 2, m = 3, and the aligned singular values, at many times."""
    names = ImmutableMatrix(2, 3, symbols("A_1:7", real=True))
    velocity = explicit(flow(model).rhs[W], names, SPECTRUM) / 4
    field = compile_function(list(velocity), list(names))
    end = 3 * logarithm(1 / scale) / float(SPECTRUM[1]) + 30
    times = [end * q / 800 for q in range(801)]
    start = [float(scale * q) for q in START]
    entries = follow(lambda w: {"A": field(*w["A"])}, {"A": start}, times, atol=1e-16)["A"].T
    aligned = compile_function([trajectory(LOSS, size).subs(t, t / 4)], [size, s_0, t])  # Prop. 4.1
    values = [
        [aligned(float(g), float(scale * START[q, q]), time)[0] for time in times] for q, g in enumerate(SPECTRUM[:2])
    ]
    return entries, values


def aligned_error(entries, values):
    """Largest |W - W*| over the times."""
    theory = [values[0], 0, 0, 0, values[1], 0]
    return float(sum((x - y) ** 2 for x, y in zip(entries, theory)).max() ** 0.5)


def correlations(entries):
    """C_11, C_12 and C_22 along the path."""
    rows, weights = (entries[:3], entries[3:]), [float(g) for g in SPECTRUM]
    return [sum(w * x * y for w, x, y in zip(weights, rows[i], rows[j])) for i, j in ((0, 0), (0, 1), (1, 1))]


def eigenvalue_error(entries, values):
    """Largest distance of an eigenvalue of C from gamma_j s_j^2."""
    first, mixed, last = correlations(entries)
    centre, radius = (first + last) / 2, (((first - last) / 2) ** 2 + mixed**2) ** 0.5
    theory = [float(g) * (0 * first + v) ** 2 for g, v in zip(SPECTRUM, values)]
    return float(max(abs(centre + radius - theory[0]).max(), abs(centre - radius - theory[1]).max()))


def loss_error(entries, values):
    """Largest distance of the loss from sum_j (1 - gamma_j s_j^2)^2."""
    first, mixed, last = correlations(entries)
    theory = sum((1 - float(g) * (0 * first + v) ** 2) ** 2 for g, v in zip(SPECTRUM, values))
    return float(abs((first - 1) ** 2 + 2 * mixed**2 + (last - 1) ** 2 - theory).max())


def order_steps(model, which, divided):
    found = [(scale, which(*path(model, scale)) / (logarithm(1 / scale) if divided else 1)) for scale in SCALES]
    yield Step(
        "largest error over time by the scale alpha" + (", divided by log(1/alpha)" if divided else ""),
        Tuple(*(Tuple(scale, Rational(str(error))) for scale, error in found)),
    )


def diagonal_error(entries, values):
    """Largest distance of a diagonal entry of A from the aligned singular value."""
    return float(max(abs(entries[0] - values[0]).max(), abs(entries[4] - values[1]).max()))


def factorized_steps(model):
    """m = d, so that the printed product has a shape at all."""
    yield Step(
        "W_0 = U A G, A = U^T W_0 G^T; what Result 4.6 factorizes is W_0 G^T = U A",
        reduced(U * (U.T * W_0 * G_0.T), (Orthonormal(U),)),
    )


def leading_block_steps(model):
    product = block_collapse(W_dk * BlockMatrix([[G_d], [G_k]]).T)
    yield Step("the first d columns of W_0 Gamma^(<=m)T, in blocks", write(read(product.blocks[0, 0])))


def aligned_start_steps(model):
    """d = 1, m = 2 and a Gamma that is not diagonal."""
    rows = [vector.T / vector.norm() for _, _, (vector,) in sorted(EXAMPLE.eigenvects(), key=lambda q: -q[0])]
    frame = ImmutableMatrix.vstack(*(ImmutableMatrix(row) for row in rows))
    start = alpha * ImmutableMatrix([[1, 0]])
    yield Step("the eigenvectors of Gamma as rows", frame)
    Q, R = qr(start * frame.T)
    kept = ImmutableMatrix(1, 2, lambda i, j: R[i, j] if i == j else 0)
    yield Step("Q R~ of W(0) Gamma^(<=m)T, times Gamma^(<=m)", (Q * kept * frame).applyfunc(factor))


def approximation_steps(model):
    yield Step("Eq. (45) for d = m = 2", pair(model)[0])
    yield Step("to first order in the entries off the diagonal", first_order(model))


def absolute_steps(model):
    exact = explicit(correlation(model), PAIR, (g_1, g_2))
    yield Step("A Lambda A^T", exact)
    moved = (exact - exact.subs({a: 0, b: 0})).subs({a: eta * a, b: eta * b}, simultaneous=True)
    yield Step(
        "its distance from diag(gamma_j s_j^2), per eta, at a_jk = eta a_jk and eta = 0",
        moved.applyfunc(lambda e: (e / eta).expand().subs(eta, 0)),
    )


def entry_steps(model):
    yield Step("Eq. (46) for d = m = 2", pair(model)[1])
    power, grown = entry(model)
    yield Step("(a'/a)/(s'/s) in the row of s", power)
    yield Step(
        "above the diagonal a(s), and the velocity below the diagonal at a_21 = 0",
        Tuple(grown, pair(model)[1][1, 0].subs(b, 0)),
    )


def start_order_steps(model):
    yield from entry_steps(model)
    at_start = entry(model)[1].subs(s_1, s_0).subs({s_0: alpha * c_1, a_0: alpha * c_2}, simultaneous=True)
    yield Step(
        "order of a_jk in alpha at t = 0", Dict({start_order: limit(log(simplify(at_start)) / log(alpha), alpha, 0)})
    )


def end_order_steps(model):
    yield from entry_steps(model)
    at_end = (
        entry(model)[1].subs({s_0: alpha * c_1, a_0: alpha * c_2, g_k: g_2}, simultaneous=True).subs(s_1, 1 / sqrt(g_1))
    )
    yield Step(
        "order of a_jk in alpha where gamma_j s_j^2 = 1, gamma_k > 0",
        simplify(log(simplify(at_end)).expand(force=True).coeff(log(alpha))),
    )


def below_steps(model):
    yield Step("Eq. (45) for d = m = 2", pair(model)[0])
    yield Step("velocity of a_21 where a_21 = 0", pair(model)[0][1, 0].subs(b, 0))


@lru_cache(maxsize=256)
def second_order(model, ratio=2):
    """a_12 while s_2 grows, gamma_1 = ratio gamma_2, s_1 = gamma_1^(-1/2): a'' = p a' + q a in sigma."""
    velocity = first_order(model).subs({s_1: 1 / sqrt(g_1)}).subs({s_2: sigma / sqrt(g_2)}).subs({g_1: ratio * g_2})
    clock = sqrt(g_2) * velocity[1, 1]
    (aa, ab), (ba, bb) = (
        [cancel(simplify(velocity[i, 1 - i].expand().coeff(x) / clock)) for x in (a, b)] for i in range(2)
    )
    turn = simplify(ab.diff(sigma) / ab) + bb
    return simplify(aa + turn), simplify(aa.diff(sigma) + ab * ba - turn * aa)


@lru_cache(maxsize=256)
def learned(model, ratio=2):
    """The even solution, 1 at the start, by reduction of order from the odd solution sigma."""
    slope, _ = second_order(model, ratio)
    square = simplify(exp(2 * integrate(slope, sigma)))
    square = cancel(square / square.subs(sigma, 0))  # of the Wronskian
    above, below = fraction(cancel(square * (slope / sigma) ** 2))
    above, below = (expand(e * sign(below.subs(sigma, 0))) for e in (above, below))
    grown = integrate((sqrt(above) / sqrt(below)).subs(sigma, u), (u, 0, sigma))
    return sqrt(square) + sigma * grown


def learned_steps(model):
    yield Step("Eq. (45) for d = m = 2 to first order in the entries off the diagonal", first_order(model))
    slope, value = second_order(model)
    yield Step("s_1 learned, gamma_1 = 2 gamma_2, sigma = gamma_2^(1/2) s_2: a'' = p a' + q a", Tuple(slope, value))
    yield Step("at the solution a = sigma", simplify(slope + value * sigma))
    yield Step(
        "a'' - p a' - q a at the second solution",
        simplify(learned(model).diff(sigma, 2) - slope * learned(model).diff(sigma) - value * learned(model)),
    )
    yield Step("its slope at the start, where a_21 = 0", limit(learned(model).diff(sigma), sigma, 0))
    yield Step(
        "the second solution, and its end at sigma = 1", Tuple(learned(model), limit(learned(model), sigma, 1, "-"))
    )


def learned_later_steps(model):
    """The same with a pair of modes two steps apart; the mode between them does not enter at first order."""
    slope, value = second_order(model, 4)
    yield Step("s_1 learned, gamma_1 = 4 gamma_3, sigma = gamma_3^(1/2) s_3: a'' = p a' + q a", Tuple(slope, value))
    found = learned(model, 4)
    yield Step(
        "a'' - p a' - q a at the second solution",
        simplify(found.diff(sigma, 2) - slope * found.diff(sigma) - value * found),
    )
    yield Step("its start and its end", Tuple(limit(found, sigma, 0), limit(found, sigma, 1, "-")))


def figure_steps(model):
    yield from learned_steps(model)
    factor_ = limit(learned(model), sigma, 1, "-")
    yield Step("a_12 relative to Eq. (48) once mode 2 is learned", factor_)
    yield Step(
        "Eq. (48) is of the order of a power of alpha: on the logarithmic scale the two agree",
        limit(log(factor_ * alpha**start_order) / log(alpha**start_order), alpha, 0, "+"),
    )


# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

FRAME, VALUES, BEGUN = MatrixSymbol("G", m, m), MatrixSymbol("Lambda", m, m), MatrixSymbol("N", d, m)
value_j = Entry(VALUES, place, place)
IN_EIGENVECTORS = vocabulary(
    Object(A, "the weights in the eigenvectors of Gamma, after the rotation U"),
    Object(BEGUN, "the weights at time 0 in the eigenvectors of Gamma"),
    Object(FRAME, "all eigenvectors of Gamma, as rows: Gamma^(<=m)", Orthonormal(FRAME)),
    Object(VALUES, "the eigenvalues of Gamma, on the diagonal", Diagonal(VALUES)),
    Let(Gamma, FRAME.T * VALUES * FRAME, "the feature cross-correlation matrix"),
)
EARLY = VectorField({W: 4 * W * Gamma})
GROWTH = BEGUN * total(exp(4 * value_j * time) * unit(place, m) * unit(place, m).T, (place, m)) * FRAME
FREE = Along(W, EARLY, time, {W: BEGUN * FRAME})
EARLY_ON = IN_EIGENVECTORS.sentence(
    And(same(Rate(W, FLOW), 4 * W * Gamma - 4 * W * Gamma * W.T * W * Gamma), same(FREE, GROWTH))
)


@chapter.claim(
    "eq17",
    "equation",
    EARLY_ON,
    cite="Eq. (17)",
    note="what is left out is cubic in the weights; W(0) exp(4 Gamma t) in the eigenvectors of Gamma",
)
def eq17():
    yield Step("the gradient flow of the loss", derive(EARLY_ON.expand(Rate(W, FLOW))))
    yield Step(
        "the solution of the linear part, verified",
        derive(EARLY_ON.expand(FREE), EARLY_ON.hypotheses, form={W: GROWTH}),
    )


beyond, within = symbols("c_k c_d", real=True)
beyond_0, within_0 = symbols("c_k^0 c_d^0", real=True)
value_d, gap_d = symbols("gamma_d", real=True), symbols("delta", positive=True)
COMPONENTS = VectorField({beyond: 4 * (value_d - gap_d) * beyond, within: 4 * value_d * within})
RELATIVE = Along(beyond / within, COMPONENTS, time, {beyond: beyond_0, within: within_0})


@chapter.claim(
    "eq18",
    "equation",
    vocabulary(
        Object(beyond, "a component of W along an eigenvector beyond the top d"),
        Object(within, "a component of W along the eigenvector number d"),
        Object(beyond_0, "the first component at time 0"),
        Object(within_0, "the second component at time 0"),
        Object(value_d, "the eigenvalue number d of Gamma"),
        Object(gap_d, "how much smaller the eigenvalue of the first component is"),
        Named(COMPONENTS, "the linear flow (17) of two components"),
    ).sentence(
        And(
            same(RELATIVE, beyond_0 / within_0 * exp(-4 * gap_d * time)),
            same(Limit(beyond_0 / within_0 * exp(-4 * gap_d * time), time, oo), 0),
        ),
        Ne(within_0, 0),
    ),
    cite="Eq. (18)",
    note="from a time that is long against 1/(gamma_d - gamma_(d+1)) on, what lies beyond the top d is negligible",
)
def eq18():
    form = {beyond: beyond_0 * exp(4 * (value_d - gap_d) * time), within: within_0 * exp(4 * value_d * time)}
    yield Step("the solution of the linear flow, verified", derive(RELATIVE, (Ne(within_0, 0),), form=form))


chapter.claim(
    "eq43",
    "definition",
    IN_EIGENVECTORS.sentence(same(W, U * A * FRAME)),
    cite="Eq. (43)",
    note="U from a QR factorization of W(0) Gamma^(<=m)T, so that A(0) is upper triangular",
)

chapter.claim(
    "eq44",
    "equation",
    IN_EIGENVECTORS.sentence(same(W, U * (U.T * W * FRAME.T) * FRAME)),
    cite="Eq. (44)",
    note="with A = U^T W Gamma^(<=m)T at every time",
)

COORDINATES_MOVE = At(Rate(U.T * W * FRAME.T, FLOW) / 4, {W: U * A * FRAME})
VELOCITY = (Identity(d) - A * VALUES * A.T) * A * VALUES


@chapter.claim(
    "eq45",
    "equation",
    IN_EIGENVECTORS.sentence(same(COORDINATES_MOVE, VELOCITY)),
    cite="Eq. (45)",
    note="with t/4 for t",
)
def eq45():
    yield Step(
        "A = U^T W G^T moves with the weights",
        derive(IN_EIGENVECTORS.sentence(same(COORDINATES_MOVE, VELOCITY)).expand(COORDINATES_MOVE)),
    )


ALONE = VectorField({singular: (1 - eigenvalue * singular**2) * eigenvalue * singular})
RESCALED = Along(singular, ALONE, time, {singular: singular_0})
FORMULA = exp(eigenvalue * time) / sqrt(singular_0**-2 + (exp(2 * eigenvalue * time) - 1) * eigenvalue)


@chapter.claim(
    "eq47",
    "equation",
    vocabulary(*ONE_MODE.entries, Named(ALONE, "the diagonal of (46)")).sentence(same(RESCALED, FORMULA)),
    cite="Eq. (47)",
)
def eq47():
    yield Step("the printed solution, verified", derive(RESCALED, form={singular: FORMULA}))


row_value, column_value = symbols("gamma_j", positive=True), symbols("gamma_k", real=True)
entry_jk = symbols("a_jk", real=True)
ROW = VectorField(
    {
        singular: (1 - row_value * singular**2) * row_value * singular,
        entry_jk: (1 - row_value * singular**2) * column_value * entry_jk,
    }
)


@chapter.claim(
    "eq48",
    "equation",
    vocabulary(
        Object(singular, "the entry of A on the diagonal"),
        Object(entry_jk, "another entry of the same row"),
        Object(row_value, "the eigenvalue of the row, positive"),
        Object(column_value, "the eigenvalue of the column"),
        Named(ROW, "a row of (46)"),
    ).sentence(
        And(
            same(Rate(entry_jk * singular ** (-column_value / row_value), ROW), 0),
            same(At(Rate(entry_jk, ROW), {entry_jk: 0}), 0),
        )
    ),
    cite="Eq. (48)",
    note="a_jk/s_j^(gamma_k/gamma_j) is kept by (46), and so is a zero below the diagonal; not by (45): claims "
    "eq48.learned and fig6",
)
def eq48():
    yield Step("what (46) keeps", derive(Rate(entry_jk * singular ** (-column_value / row_value), ROW)))


scale, start_1 = symbols("alpha c_1", positive=True)

chapter.claim(
    "appC.tau",
    "in-text",
    vocabulary(
        Object(rate, "an eigenvalue of Gamma, positive"),
        Object(start_1, "the singular value at time 0 over alpha"),
    ).sentence(same(Limit(-log((scale * start_1) ** 2 * rate) / (2 * rate) / log(1 / scale), scale, 0), 1 / rate)),
    cite="App. C",
    note="the time (16) with t/4 for t",
)

FULL = VectorField({A: VELOCITY})
row, column = symbols("p q", integer=True)


def below(one, other):
    return (Le(1, one), Le(one, d), Le(1, other), Le(other, m), Lt(other, one))


chapter.claim(
    "appC.lower",
    "in-text",
    vocabulary(
        *IN_EIGENVECTORS.entries,
        Named(FULL, "the equation (45)"),
    ).sentence(
        ForAll((place, another), same(Entry(Rate(A, FULL), place, another), 0), given=below(place, another)),
        ForAll((row, column), same(Entry(A, row, column), 0), given=below(row, column)),
    ),
    cite="App. C",
    witness={d: 2, m: 2, place: 2, another: 1, "A": [[1, 1], [0, 1]], "Lambda": [[2, 0], [0, 1]]},
    note="true of (46), not of the dynamics (45): a_21 leaves zero at once",
)


row_j, row_jj = Entry(A, place, another), Entry(A, place, place)
LEADING = total(Entry(VALUES, place, place) * row_jj**2 * unit(place, d) * unit(place, d).T, (place, d))
APPROXIMATE = VectorField({A: (Identity(d) - LEADING) * A * VALUES})
ROWS_OF_46 = vocabulary(
    *IN_EIGENVECTORS.entries, Named(FULL, "the equation (45)"), Named(APPROXIMATE, "the equation (46)")
)
PRINTED = (
    (1 - Entry(VALUES, place, place) * row_jj**2) * Entry(VALUES, another, another) * row_j
)  # solved by (47), (48)
ENTRIES = (Le(1, place), Le(place, d), Le(1, another), Le(another, m))


def entries_move(dynamics):
    return ForAll((place, another), same(Entry(Rate(A, dynamics), place, another), PRINTED), given=ENTRIES)


chapter.claim(
    "appC.wording",
    "in-text",
    ROWS_OF_46.sentence(
        entries_move(FULL), (d <= m, ForAll((row, column), same(Entry(A, row, column), 0), given=below(row, column)))
    ),
    cite="App. C",
    witness={d: 2, m: 2, place: 1, another: 2, "A": [[1, 1], [0, 1]], "Lambda": [[2, 0], [0, 1]]},
    note="(47) and (48) solve the approximation (46), and not (45), which is what a computer integrates",
)


@chapter.claim(
    "appC.wording.fixed",
    "in-text",
    ROWS_OF_46.sentence(entries_move(APPROXIMATE), d <= m),
    cite="App. C",
    corrects="appC.wording",
    note="the equations that (47) and (48) solve, by claims eq47 and eq48",
)
def rows_of_46():
    yield Step("the velocity (46)", derive(Rate(A, APPROXIMATE)))


# --- the statements as printed -----------------------------------------------------------


CLAIMS = (
    *chapter.claims,
    simon(
        "res4.6",
        "result",
        Tuple(2 * alpha * total_start * exp(4 * gamma * t), 0),
        pointwise_steps,
        identity(),
        "Result 4.6",
        note="gamma the largest eigenvalue, w = |W~_0|: at each fixed t both trajectories vanish with alpha; uniformly "
        "in t: claim res4.6.uniform",
        statement_latex=r"\lVert W(t) - W^\ast(t)\rVert_F \le 2\alpha\lVert\tilde W_0\rVert_F e^{4\gamma_1 t} \to 0 "
        r"\text{ for all } t",
    ),
    simon(
        "res4.6.uniform",
        "approximation",
        Rational(1, 2),
        partial(order_steps, which=aligned_error, divided=False),
        order_of_error(),
        "Result 4.6",
        source="new",
        note="d = 2, m = 3, gamma = (1, 1/2, 1/4), a fixed start",
        statement_latex=r"\sup_t \lVert W(t) - W^\ast(t)\rVert_F \sim \alpha^{1 - \gamma_2/\gamma_1}",
    ),
    simon(
        "res4.6.hyp",
        "hypothesis",
        W_0 * G_0,
        factorized_steps,
        identity(),
        "Result 4.6",
        model=None,
        note="the transpose is missing: for d < m the printed product has no shape, here m = d",
        statement_latex=r"\text{what has full rank: } \tilde W_0\Gamma^{(\le d)}",
    ),
    simon(
        "res4.6.hyp.fixed",
        "hypothesis",
        W_dk * G_d.T,
        leading_block_steps,
        identity(),
        "Result 4.6",
        model=None,
        source="new",
        corrects="simon2023.res4.6.hyp",
        note="the first d columns of what is factorized; Gamma^(<=d) are the first rows",
        statement_latex=r"\tilde W_0\Gamma^{(\le d)\top} \text{ of full rank}",
    ),
    simon(
        "eq20.eigs",
        "approximation",
        Integer(1),
        partial(order_steps, which=eigenvalue_error, divided=True),
        order_of_error(),
        "below Eq. (20)",
        note="d = 2, m = 3, a fixed start that is not aligned; the order belongs to "
        "gamma_2/gamma_1 = 1/2, other ratios have others",
        statement_latex=r"\gamma = (1, \tfrac12, \tfrac14): \quad \sup_t |\lambda_j(C(t)) - \gamma_j s_j^2(t)| \sim "
        r"\alpha\log(1/\alpha)",
    ),
    simon(
        "appC.Wstar",
        "hypothesis",
        ImmutableMatrix([[alpha, 0]]),
        aligned_start_steps,
        identity(),
        "App. C",
        model=None,
        note="d = 1, m = 2, W~_0 = (1 0), Gamma with the eigenvectors (3 4)/5 and (-4 3)/5; A(W~_0) is along none of "
        "them",
        statement_latex=r"W^\ast(0) = \mathcal{A}(\alpha\tilde W_0)",
    ),
    simon(
        "appC.Wstar.fixed",
        "hypothesis",
        alpha * ImmutableMatrix([[Rational(9, 25), Rational(12, 25)]]),
        aligned_start_steps,
        identity("one matrix that is not aligned with its eigenvectors shows what the formula is"),
        "App. C",
        model=None,
        source="new",
        corrects="simon2023.appC.Wstar",
        statement_latex=r"W^\ast(0) = \mathcal{A}(\alpha\tilde W_0\Gamma^{(\le m)\top})\Gamma^{(\le m)}",
    ),
    simon(
        "eq46",
        "approximation",
        ImmutableMatrix(
            [
                [(1 - g_1 * s_1**2) * g_1 * s_1, (1 - g_1 * s_1**2) * g_2 * a],
                [(1 - g_2 * s_2**2) * g_1 * b, (1 - g_2 * s_2**2) * g_2 * s_2],
            ]
        ),
        approximation_steps,
        gap(identity(), "keeping the entries of A Lambda A^T off the diagonal, which are of the order of a_jk"),
        "Eq. (46)",
        note="d = m = 2, leading order entry by entry: what is dropped from a_12' and a_21' is as large as what is "
        "kept",
        statement_latex=r"a_{jk} = o(1) \implies \dot A \text{ is given by (46) to leading order}",
    ),
    simon(
        "eq46.absolute",
        "consequence",
        (g_1 * s_1 * b + g_2 * s_2 * a) * ImmutableMatrix([[0, 1], [1, 0]]),
        absolute_steps,
        identity(),
        "Eq. (46)",
        source="new",
        corrects="simon2023.eq46",
        note="d = m = 2: the two matrices differ by what is linear in a_jk",
        statement_latex=r"(A\Lambda A^{\top})_{12} = \gamma_1 s_1 a_{21} + \gamma_2 s_2 a_{12} + O(a^2), "
        r"\quad (A\Lambda A^{\top})_{jj} = \gamma_j s_j^2 + O(a^2)",
        sizes="d = m = 2: entries couple in pairs",
    ),
    simon(
        "eq48.order",
        "in-text",
        Ge(start_order, 1 - g_k / g_1),
        start_order_steps,
        refuted_at(at=NEGATIVE),
        "Eq. (48)",
        note="gamma_k = -1, gamma_j = 1: a_jk(0) is of order alpha, not alpha^2",
        statement_latex=r"a_{jk}(t) = O(\alpha^{1 - \gamma_k/\gamma_j})",
    ),
    simon(
        "eq48.order.fixed",
        "in-text",
        1 - g_2 / g_1,
        end_order_steps,
        identity(),
        "Eq. (48)",
        source="new",
        corrects="simon2023.eq48.order",
        note="gamma_k > 0, when mode j is learned: the largest value",
        statement_latex=r"\gamma_k \ge 0 \implies \sup_t |a_{jk}(t)| = \Theta(\alpha^{1 - \gamma_k/\gamma_j}) \text{ "
        r"in (46)}",
    ),
    simon(
        "eq48.learned",
        "consequence",
        Tuple(sqrt(1 - sigma**2) + sigma * asin(sigma), pi / 2),
        learned_steps,
        identity(),
        "not in the paper",
        source="new",
        corrects="simon2023.eq46",
        note="gamma_1 = 2 gamma_2, as in Fig. 6: while mode 2 is learned, a_12 grows by pi/2 over (48)",
        statement_latex=r"a_{12}(t)/a_{12}(\tau_1^+) \to \sqrt{1 - \sigma^2} + \sigma\arcsin(\sigma) \to \pi/2, "
        r"\quad \sigma = \sqrt{\gamma_2}\,s_2",
    ),
    simon(
        "eq48.learned.later",
        "consequence",
        Tuple(1, 3 * pi / 4),
        learned_later_steps,
        identity(),
        "not in the paper",
        source="new",
        note="gamma_1 = 4 gamma_3, as for a_13 in Fig. 6",
        statement_latex=r"a_{13}(\tau_3^+)/a_{13}(\tau_1^+) \to 3\pi/4",
    ),
    simon(
        "appC.lower.fixed",
        "in-text",
        -g_1 * g_2 * s_1 * s_2 * a,
        below_steps,
        identity(),
        "App. C",
        source="new",
        corrects="simon2023.appC.lower",
        note="d = m = 2",
        statement_latex=r"a_{21} = 0 \implies \dot a_{21} = -\gamma_1\gamma_2 s_1 s_2 a_{12}",
        sizes="d = m = 2: the entry with the least index pair",
    ),
    simon(
        "fig1AB",
        "figure",
        Integer(1),
        partial(order_steps, which=loss_error, divided=True),
        order_of_error(),
        "Fig. 1 A, B",
        note="d = 2, m = 3 in place of the image data; eigenvalues: claim eq20.eigs",
        statement_latex=r"\gamma = (1, \tfrac12, \tfrac14): \quad \sup_t |L(t) - \sum_j(1 - \gamma_j s_j^2(t))^2| "
        r"\sim \alpha\log(1/\alpha)",
    ),
    simon(
        "fig6",
        "figure",
        Integer(1),
        figure_steps,
        identity(),
        "Fig. 6",
        sizes="a_12, and a_23 alike; gamma_1 = 2 gamma_2 as in the figure",
        note="on the logarithmic scale over which the entries extend; a_12 itself ends above (48) by the factor "
        "pi/2, a_13 by "
        "3 pi/4, however small alpha is (claim eq48.learned); the s_j agree (claim fig6.diagonal)",
        statement_latex=r"\log|a_{12}(t)|/\log|\text{(48)}| \to 1 \quad (\alpha \to 0)",
    ),
    simon(
        "fig6.diagonal",
        "figure",
        Integer(1),
        partial(order_steps, which=diagonal_error, divided=False),
        order_of_error(),
        "Fig. 6",
        source="new",
        note="d = 2, m = 3, gamma = (1, 1/2, 1/4)",
        statement_latex=r"\sup_t |A_{jj}(t) - s_j(t)| \sim \alpha",
    ),
)


def equations():
    """The flow in eigenvectors, and what a small entry does while the next mode is learned."""
    return {
        "flow-in-eigenvectors": Eq(
            MatrixSymbol("Adot", d, m), reduced(in_coordinates(U.T * flow(LOSS).rhs[W] * G.T), COORDINATES)
        ),
        "entry-while-learned": Eq(a, learned(LOSS)),
    }
