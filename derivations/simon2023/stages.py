"""Sections 4.3 and 4.4: learning times, the QR factorization, and effective singular values."""

from functools import lru_cache

from sympy import (
    And,
    Eq,
    Ge,
    ImmutableMatrix,
    Implies,
    Le,
    Lt,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    diag,
    exp,
    expand_log,
    factor,
    gamma as Gamma_function,
    integrate,
    limit,
    log,
    oo,
    pi,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import E, Orthonormal, gaussians, gram_matrix, inner, qr_squares, sq, total, unprojected
from symssl.claims import Chapter, Step, identity, refuted_at, same_value
from symssl.language import (
    Along,
    At,
    Eigenvalue,
    Entry,
    ForAll,
    Gradient,
    Limit,
    Object,
    Vocabulary,
    unit,
)
from symssl.statements import derive
from symssl.words import read, write

from .model import LOSS, d, eigenvalue, lambda_0, s_0, simon, size, t
from .vocabulary import (
    LOSS as QUARTIC,
    POSITIVE,
    POSITIVE_MODE,
    SYMMETRIC,
    Gamma,
    W as WEIGHTS,
    j as place,
    k as other,
    rate,
    same,
    vocabulary,
)

g_1, g_2, alpha, level, margin, lam_1, lam_2 = symbols(
    "gamma_1 gamma_2 alpha level delta lambda_1 lambda_2", positive=True
)
c_1, c_2, stretch = symbols("c_1 c_2 X", positive=True)
k, free = symbols("k k_free", integer=True, positive=True)
(column,) = gaussians("u", d, cov=[[alpha**2]])
u_1, u_2, u_3 = (MatrixSymbol(f"u_{k}", d, 1) for k in (1, 2, 3))
v_1, v_2, v_3 = (MatrixSymbol(f"v_{k}", 3, 1) for k in (1, 2, 3))
COLUMNS = {v_1: ImmutableMatrix([1, 0, 0]), v_2: ImmutableMatrix([1, 1, 0]), v_3: ImmutableMatrix([1, 1, 1])}


# --- the derivation ----------------------------------------------------------------------


@lru_cache(maxsize=256)
def time_to(model, reached):
    """When an eigenvalue of C that starts at lambda_0 reaches a level, gamma > 0."""
    X = symbols("X", positive=True)
    (found,) = solve(eigenvalue(model, 1).subs(exp(8 * size * t), X) - reached, X)
    return log(factor(found)) / (8 * size)


@lru_cache(maxsize=256)
def critical_time(model):
    """The leading order of the time to one half as lambda_0 = gamma s(0)^2 vanishes."""
    X = exp(8 * size * time_to(model, Rational(1, 2)))
    return log(limit(X * lambda_0, lambda_0, 0) / lambda_0).subs(lambda_0, size * s_0**2) / (8 * size)


def between(model, first, second):
    """Time from half of the first mode to half of the second."""
    half = time_to(model, Rational(1, 2))
    times = [half.subs({size: g, lambda_0: start}, simultaneous=True) for g, start in (first, second)]
    return times[1] - times[0]


# --- steps -------------------------------------------------------------------------------


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def apart_steps(model):
    yield Step("when an eigenvalue of C is one half", time_to(model, Rational(1, 2)))
    wait = between(model, (g_1, alpha**2 * c_1), (g_2, alpha**2 * c_2))
    width = time_to(model, Rational(9, 10)) - time_to(model, Rational(1, 10))
    yield Step(
        "time between two steps, relative to log(1/alpha), and time from 1/10 to 9/10, as alpha -> 0",
        Tuple(limit(wait / log(1 / alpha), alpha, 0), simplify(expand_log(width, force=True))),
    )


def unique_factorization_steps(model):
    """R = T R' for two factorizations of independent columns, T orthogonal and upper triangular."""
    a, b, c = symbols("t_11 t_22 t_33", positive=True)
    x, y, z = symbols("t_12 t_13 t_23", real=True)
    T = ImmutableMatrix([[a, x, y], [0, b, z], [0, 0, c]])
    found = solve(list(T.T * T - diag(1, 1, 1)), [a, x, y, b, z, c])
    yield Step(
        "orthogonal upper triangular matrices with positive diagonal, as entries row by row",
        Tuple(*(Tuple(*row) for row in found)),
    )


def distance_steps(model):
    yield Step("Gram matrix of the columns u_k = W(0) v_k", gram_matrix(u_1, u_2, u_3))
    yield Step("squares of the diagonal of R: G_j/G_{j-1}", Tuple(*qr_squares(u_1, u_2, u_3)))


def orthogonal_steps(model):
    """G_2 times what is left of u_3 when u_1 and u_2 are projected out."""
    left = unprojected(u_3, u_1, u_2)
    yield Step("G_2 e_3 by Cramer's rule", left)
    yield Step(
        "its products with u_1, u_2 and itself",
        Tuple(*(write(read(e)) for e in (inner(left, u_1), inner(left, u_2), sq(left)))),
    )


def mean_steps(model):
    """Lengths in k dimensions have the density r^(k-1) exp(-r^2/(2 alpha^2)), up to a constant."""
    r = symbols("r", positive=True)
    moments = [integrate(r ** (free - 1 + power) * exp(-(r**2) / (2 * alpha**2)), (r, 0, oo)) for power in (0, 1)]
    yield Step("radial integrals", Tuple(*moments))
    mean = simplify(moments[1] / moments[0])
    yield Step("mean length", mean)
    yield Step(
        "mean length, and the same relative to the root mean square for one dimension",
        Tuple(mean, simplify(mean.subs(free, 1) / alpha)),
    )


# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

begun, size_1, size_2 = symbols("s_0 lambda_1 lambda_2", positive=True)
rate_1, rate_2, scale, more, first, second = symbols("gamma_1 gamma_2 alpha delta c_1 c_2", positive=True)
TIMES = vocabulary(
    *POSITIVE.entries,
    Object(begun, "the singular value at time 0"),
    Object(rate_1, "an eigenvalue of Gamma, positive"),
    Object(rate_2, "another eigenvalue of Gamma, positive"),
    Object(size_1, "the eigenvalue gamma_1 s_1(0)^2 of C at time 0"),
    Object(size_2, "the eigenvalue gamma_2 s_2(0)^2 of C at time 0"),
    Object(first, "a singular value at time 0, relative to alpha"),
    Object(second, "another singular value at time 0, relative to alpha"),
    Object(more, "a margin"),
)


def critical(value, start):
    """The time (16)."""
    return -log(start**2 * value) / (8 * value)


def later(term, times):
    """A term of one mode at a multiple of its critical time, as its start vanishes."""
    time = times * critical(rate, begun)
    return Limit(Along(term, POSITIVE_MODE, time, {POSITIVE_MODE.states[0]: begun}), begun, 0, "+")


SINGULAR = POSITIVE_MODE.states[0]
ON_MODE = rate * SINGULAR**2  # an eigenvalue of C


def before_and_after(term):
    yield Step("the limit at tau/(1 + delta)", derive(later(term, 1 / (1 + more))))
    yield Step("the limit at (1 + delta) tau", derive(later(term, 1 + more)))


@chapter.claim(
    "eq16",
    "equation",
    TIMES.sentence(And(same(later(ON_MODE, 1 / (1 + more)), 0), same(later(ON_MODE, 1 + more), 1))),
    cite="Eq. (16)",
    note="before the critical time the eigenvalue gamma s^2 of C is small, after it large, as s(0) -> 0",
)
def eq16():
    yield from before_and_after(ON_MODE)


@chapter.claim(
    "eq16.log",
    "in-text",
    TIMES.sentence(
        And(
            same(begun * Gradient(critical(rate, begun), begun), -1 / (4 * rate)),
            same(Limit(critical(rate_1, scale * first) / critical(rate_2, scale * second), scale, 0), rate_2 / rate_1),
        )
    ),
    cite="below Eq. (16)",
)
def eq16_log():
    yield Step("the derivative by the start", derive(Gradient(critical(rate, begun), begun)))


chapter.claim(
    "stepwise",
    "in-text",
    TIMES.sentence(
        Lt(-log(size_1) / (8 * rate_1), -log(size_2) / (8 * rate_2)),
        (rate_1 > rate_2, size_1 < Rational(1, 2), size_2 < Rational(1, 2)),
    ),
    cite="below Eq. (16)",
    note="the times (16) in terms of gamma s(0)^2: small, different starts can be learned in another order",
)

rows, columns = symbols("a b", integer=True, positive=True)
Q_a, Q_b = MatrixSymbol("Q", rows, rows), MatrixSymbol("Q'", rows, rows)
R_a, A_a = MatrixSymbol("R", rows, columns), MatrixSymbol("A", rows, columns)
FACTORS = vocabulary(
    Object(rows, "the number of rows", rows <= columns),
    Object(columns, "the number of columns"),
    Object(Q_a, "the orthogonal factor", Orthonormal(Q_a)),
    Object(Q_b, "the orthogonal factor of another QR factorization of Q R", Orthonormal(Q_b)),
    Object(R_a, "the triangular factor"),
    Object(A_a, "the aligned matrix"),
)


def triangular(R):
    """Upper triangular with nonnegative diagonal."""
    below = (Le(1, place), Le(place, rows), Le(1, other), Le(other, columns), Lt(other, place))
    return And(
        ForAll((place, other), same(Entry(R, place, other), 0), given=below),
        ForAll(place, Ge(Entry(R, place, place), 0), given=(Le(1, place), Le(place, rows))),
    )


chapter.claim(
    "def4.4",
    "in-text",
    FACTORS.sentence(
        Implies(
            And(
                triangular(R_a),
                triangular(Q_b.T * Q_a * R_a),
                Eq(Eigenvalue(R_a, kind="rank"), rows, evaluate=False),
            ),
            same(Q_a, Q_b),
        )
    ),
    cite="Definition 4.4",
    witness={rows: 1, columns: 2, Q_a: [[1]], R_a: [[0, 1]], Q_b: [[-1]]},
    note="M = Q R = Q' (Q'^T Q R) is of full rank: (0 1) = (1)(0 1) = (-1)(0 -1)",
)

chapter.claim(
    "def4.5",
    "definition",
    FACTORS.sentence(
        same(A_a, Q_a * total(Entry(R_a, place, place) * unit(place, rows) * unit(place, columns).T, (place, rows)))
    ),
    cite="Definition 4.5",
    note="the tilde is lost in the copy: A(M) = Q R~; well defined where the first columns are independent",
)


@chapter.claim(
    "eq20",
    "equation",
    TIMES.sentence(
        And(same(later((1 - ON_MODE) ** 2, 1 / (1 + more)), 1), same(later((1 - ON_MODE) ** 2, 1 + more), 0))
    ),
    cite="Eq. (20)",
    note="one mode as s(0) -> 0: a summand 1 before its critical time, 0 after it",
)
def eq20():
    yield from before_and_after((1 - ON_MODE) ** 2)


LOSS_AT = At(QUARTIC, {WEIGHTS: scale * WEIGHTS})

chapter.claim(
    "eq20.L0",
    "in-text",
    vocabulary(SYMMETRIC, Object(scale, "the scale of the weights")).sentence(
        same(
            LOSS_AT, d - 2 * scale**2 * Trace(WEIGHTS * Gamma * WEIGHTS.T) + scale**4 * sq(WEIGHTS * Gamma * WEIGHTS.T)
        )
    ),
    cite="below Eq. (20)",
    note="as alpha -> 0 all but d vanishes",
)

index = symbols("j", integer=True, positive=True)
BASIS = MatrixSymbol("Q", d, d - index + 1)
sigma = symbols("sigma", positive=True)
RANDOM = Vocabulary(
    Object(d, "the dimension of the embeddings"),
    Object(index, "the number of a mode", index <= d),
    Object(BASIS, "an orthonormal basis of what is orthogonal to the columns before", Orthonormal(BASIS)),
    Object(column, "a column of the weights at time 0 in eigenvectors of Gamma"),
    Object(alpha, "the standard deviation of the weights at time 0"),
    Object(sigma, "a number that the paper does not define"),
)
MEAN_SQUARE = E(sq(BASIS.T * column))


@chapter.claim(
    "eq21",
    "equation",
    RANDOM.sentence(same(sqrt(MEAN_SQUARE), sigma * sqrt(d - index + 1))),
    cite="Eq. (21)",
    note="sigma is defined nowhere: the entries have standard deviation alpha; right as a root mean square",
)
def eq21():
    yield Step("the mean square of what is left of a column", derive(MEAN_SQUARE))


@chapter.claim(
    "eq21.fixed",
    "equation",
    RANDOM.sentence(same(sqrt(MEAN_SQUARE), alpha * sqrt(d - index + 1))),
    cite="Eq. (21)",
    corrects="eq21",
)
def eq21_fixed():
    yield Step("the mean square of what is left of a column", derive(MEAN_SQUARE))


# --- the statements as printed -----------------------------------------------------------

sigma = symbols("sigma", positive=True)
e_2 = u_2 - inner(u_1, u_2) / sq(u_1) * u_1
projected = v_3 - inner(v_1, v_3) / sq(v_1) * v_1 - inner(v_2, v_3) / sq(v_2) * v_2


def eq19(vector, *before):
    """Square of Eq. (19) with the printed scalars u_k^T u_k."""
    return sq((1 - sum(inner(u, u) / sq(u) for u in before)) * vector)


CLAIMS = (
    *chapter.claims,
    simon(
        "stepwise.scale",
        "consequence",
        Tuple((1 / g_2 - 1 / g_1) / 4, log(81) / (8 * size)),
        apart_steps,
        identity(),
        "Sec. 4.3",
        source="new",
        corrects="simon2023.stepwise",
        note="starts of one scale, s_j(0) ~ alpha, and gamma_1 > gamma_2: plateaus grow like log(1/alpha), steps do "
        "not",
        statement_latex=r"(\tau_2 - \tau_1)/\log(1/\alpha) \to (1/\gamma_2 - 1/\gamma_1)/4, "
        r"\quad t_{0.9} - t_{0.1} = \log(81)/(8\gamma)",
    ),
    simon(
        "def4.4.fixed",
        "definition",
        Tuple(Tuple(1, 0, 0, 1, 0, 1)),
        unique_factorization_steps,
        same_value(),
        "Definition 4.4",
        model=None,
        source="new",
        corrects="simon2023.def4.4",
        note="first a columns independent: two factorizations differ by such a matrix (a = 3; row by row for any a)",
        statement_latex=r"T^{\top}T = I, \ T \text{ upper triangular}, \ t_{jj} > 0 \implies T = I",
        sizes="a = 3: row by row for any a",
    ),
    simon(
        "eq19",
        "equation",
        Tuple(eq19(u_1), eq19(u_2, u_1), eq19(u_3, u_1, u_2)),
        distance_steps,
        identity(),
        "Eq. (19)",
        model=None,
        note="squares for j = 1, 2, 3; u_k^T u_k is a number, so the printed sum is j - 1",
        statement_latex=r"s_j^\ast(0) = \lVert(1 - \sum_{k<j} u_k^{\top}u_k/\lVert u_k\rVert^2)u_j\rVert",
    ),
    simon(
        "eq19.fixed",
        "equation",
        Tuple(
            sq(u_1),
            sq(u_2) - inner(u_1, u_2) ** 2 / sq(u_1),
            sq(u_3) - inner(u_1, u_3) ** 2 / sq(u_1) - inner(e_2, u_3) ** 2 / sq(e_2),
        ),
        distance_steps,
        identity(),
        "Eq. (19)",
        model=None,
        source="new",
        corrects="simon2023.eq19",
        note="squares for j = 1, 2, 3; e_k is u_k less its projection on those before",
        statement_latex=r"s_j^\ast(0)^2 = \lVert u_j\rVert^2 - \sum_{k<j} \langle e_k, u_j\rangle^2/\lVert "
        r"e_k\rVert^2 = G_j/G_{j-1}",
    ),
    simon(
        "fn9",
        "footnote",
        Eq(sq(projected) * gram_matrix(v_1, v_2).det(), gram_matrix(v_1, v_2, v_3).det()),
        definition_steps,
        refuted_at(COLUMNS),
        "footnote 9",
        model=None,
        note="also with u_k u_k^T in place of u_k^T u_k: the u_k before are not made orthogonal; 2 instead of 1",
        statement_latex=r"\lVert(1 - \sum_{k<3} u_k u_k^{\top}/\lVert u_k\rVert^2)u_3\rVert^2 = r_{33}^2",
    ),
    simon(
        "fn9.fixed",
        "footnote",
        Tuple(0, 0, gram_matrix(u_1, u_2).det() * gram_matrix(u_1, u_2, u_3).det()),
        orthogonal_steps,
        identity(),
        "footnote 9",
        model=None,
        source="new",
        corrects="simon2023.fn9",
        note="u_3 less its projection on the span of u_1 and u_2 has the squared length G_3/G_2 = r_33^2",
        statement_latex=r"e_3 \perp u_1, u_2, \quad \lVert e_3\rVert^2 = G_3/G_2",
    ),
    simon(
        "eq21.mean",
        "consequence",
        Tuple(sqrt(2) * alpha * Gamma_function((free + 1) / 2) / Gamma_function(free / 2), sqrt(2 / pi)),
        mean_steps,
        identity(),
        "not in the paper",
        model=None,
        source="new",
        note="the mean with k = d - j + 1: a fifth below the root mean square for the last mode",
        statement_latex=r"E s_j(0) = \sqrt{2}\,\alpha\,\Gamma((k+1)/2)/\Gamma(k/2), \quad E s_d(0) = "
        r"\sqrt{2/\pi}\,\alpha",
    ),
)


def equations():
    """Times and singular values of the stages."""
    return {"critical-time": critical_time(LOSS), "effective-singular-values": Tuple(*qr_squares(u_1, u_2, u_3))}
