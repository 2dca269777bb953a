"""Sections 4.3 and 4.4: learning times, the QR factorization, and effective singular values."""

from functools import lru_cache

from sympy import (
    Dict,
    Eq,
    Gt,
    ImmutableMatrix,
    MatrixSymbol,
    Rational,
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

from symssl import E, Orthonormal, expect, gaussians, gram_matrix, inner, qr, qr_squares, sq, unprojected
from symssl.claims import Step, identity, refuted_at, same_value, stipulated
from symssl.words import read, rewriting, write

from .model import LOSS, W, d, eigenvalue, gamma, lambda_0, mode_loss, s, s_0, simon, size, t

g_1, g_2, alpha, level, margin, lam_1, lam_2 = symbols(
    "gamma_1 gamma_2 alpha level delta lambda_1 lambda_2", positive=True
)
c_1, c_2, stretch = symbols("c_1 c_2 X", positive=True)
plateau, factorizations, rank = symbols("plateau factorizations rank", real=True)
TOGETHER = {g_1: 2, g_2: 1, lam_1: Rational(1, 1000001), lam_2: Rational(1, 1001)}
WIDE = ImmutableMatrix([[0, 1]])
EXAMPLE = ImmutableMatrix([[3, 1, 0], [4, 0, 5]])
j = symbols("j", integer=True, positive=True)
k, free = symbols("k k_free", integer=True, positive=True)
Q = MatrixSymbol("Q", d, k)
(column,) = gaussians("u", d, cov=[[alpha**2]])
u_1, u_2, u_3 = (MatrixSymbol(f"u_{k}", d, 1) for k in (1, 2, 3))
v_1, v_2, v_3 = (MatrixSymbol(f"v_{k}", 3, 1) for k in (1, 2, 3))
COLUMNS = {v_1: ImmutableMatrix([1, 0, 0]), v_2: ImmutableMatrix([1, 1, 0]), v_3: ImmutableMatrix([1, 1, 1])}
M_23, Q_2, R_23, A_23 = (
    MatrixSymbol("M", 2, 3),
    MatrixSymbol("Q", 2, 2),
    MatrixSymbol("R", 2, 3),
    MatrixSymbol("A", 2, 3),
)


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


def at_multiples(model):
    """Limits of the eigenvalue at tau/(1 + delta) and (1 + delta) tau, exp(8 gamma tau) = 1/lambda_0, lambda_0 -> 0."""
    grown = eigenvalue(model, 1)
    return tuple(
        limit(grown.subs(exp(8 * size * t), exp(power * stretch)).subs(lambda_0, exp(-start * stretch)), stretch, oo)
        for power, start in ((1, 1 + margin), (1 + margin, 1))
    )


def between(model, first, second):
    """Time from half of the first mode to half of the second."""
    half = time_to(model, Rational(1, 2))
    times = [half.subs({size: g, lambda_0: start}, simultaneous=True) for g, start in (first, second)]
    return times[1] - times[0]


# --- steps -------------------------------------------------------------------------------


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def critical_steps(model):
    yield Step("an eigenvalue of C through its initial value", eigenvalue(model, 1))
    yield Step("when it is one half", time_to(model, Rational(1, 2)))
    yield Step(
        "its limits at t = tau/(1 + delta) and t = (1 + delta) tau, exp(8 gamma tau) = 1/lambda_0",
        Tuple(*at_multiples(model)),
    )
    yield Step("leading order in lambda_0 = gamma s(0)^2", critical_time(model))


def log_steps(model):
    yield from critical_steps(model)
    tau = critical_time(model)
    scaled = [tau.subs({size: g, s_0: alpha * a}, simultaneous=True) for g, a in ((g_1, c_1), (g_2, c_2))]
    yield Step(
        "derivative by log s(0), and the ratio tau_1/tau_2 as both s(0) vanish",
        Tuple(simplify(tau.diff(s_0) * s_0), limit(scaled[0] / scaled[1], alpha, 0)),
    )


def together_steps(model):
    yield Step("when an eigenvalue of C is one half", time_to(model, Rational(1, 2)))
    wait = between(model, (g_1, lam_1), (g_2, lam_2)).subs(TOGETHER)
    yield Step(
        "gamma = 2 and 1, gamma s(0)^2 = 1/1000001 and 1/1001: time between the two steps",
        Dict({plateau: expand_log(wait, factor=True)}),
    )


def apart_steps(model):
    yield Step("when an eigenvalue of C is one half", time_to(model, Rational(1, 2)))
    wait = between(model, (g_1, alpha**2 * c_1), (g_2, alpha**2 * c_2))
    width = time_to(model, Rational(9, 10)) - time_to(model, Rational(1, 10))
    yield Step(
        "time between two steps, relative to log(1/alpha), and time from 1/10 to 9/10, as alpha -> 0",
        Tuple(limit(wait / log(1 / alpha), alpha, 0), simplify(expand_log(width, force=True))),
    )


def factorization_steps(model):
    """Q = (q) with q^2 = 1, R = q M."""
    q = symbols("q", real=True)
    found = [root * WIDE for root in solve(q**2 - 1, q)]
    yield Step("M = (0 1): candidates for R", Tuple(*found))
    yield Step(
        "those with nonnegative diagonal, and the rank of M",
        Dict({factorizations: sum(bool(R[0, 0] >= 0) for R in found), rank: found[0].rank()}),
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


def alignment_steps(model):
    """Q R with the entries of R off the diagonal set to zero."""
    Q_, R_ = qr(EXAMPLE)
    kept = ImmutableMatrix(2, 3, lambda a, b: R_[a, b] if a == b else 0)
    yield Step("an instance", dict(zip((M_23, Q_2, R_23, A_23), (EXAMPLE, Q_, R_, Q_ * kept))))


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


def step_loss_steps(model):
    yield Step("one mode of the loss", mode_loss(model))
    yield Step("the eigenvalue gamma s^2 at t = tau/(1 + delta) and t = (1 + delta) tau", Tuple(*at_multiples(model)))
    yield Step(
        "one mode of the loss there",
        Tuple(*(simplify(mode_loss(model).subs(s, sqrt(found / gamma))) for found in at_multiples(model))),
    )


def start_loss_steps(model):
    yield Step("the loss at alpha W", write(read(model.loss.subs(W, alpha * W))))
    yield Step("at alpha = 0", write(read(model.loss.subs(W, alpha * W))).subs(alpha, 0))


def random_start_steps(model):
    yield Step(
        "Q: an orthonormal basis of what is orthogonal to the j - 1 columns before, independent of column j",
        kind="assumption",
    )
    second = write(rewriting((Orthonormal(Q),)).reduce(read(expect(E(sq(Q.T * column))))))
    yield Step("second moment of the part of a Gaussian column in k = d - j + 1 dimensions", second)
    yield Step("its root", sqrt(second).subs(k, d - j + 1))


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


# --- the statements as printed -----------------------------------------------------------

sigma = symbols("sigma", positive=True)
e_2 = u_2 - inner(u_1, u_2) / sq(u_1) * u_1
projected = v_3 - inner(v_1, v_3) / sq(v_1) * v_1 - inner(v_2, v_3) / sq(v_2) * v_2


def eq19(vector, *before):
    """Square of Eq. (19) with the printed scalars u_k^T u_k."""
    return sq((1 - sum(inner(u, u) / sq(u) for u in before)) * vector)


CLAIMS = (
    simon(
        "eq16",
        "equation",
        -log(s_0**2 * size) / (8 * size),
        critical_steps,
        identity(),
        "Eq. (16)",
        note="leading order of the time at which gamma s^2 = 1/2; before it gamma s^2 -> 0, after it -> 1",
        statement_latex=r"\tau_j = -\log(s_j^2(0)\gamma_j)/(8\gamma_j)",
    ),
    simon(
        "eq16.log",
        "in-text",
        Tuple(-1 / (4 * size), g_2 / g_1),
        log_steps,
        identity(),
        "below Eq. (16)",
        statement_latex=r"\partial\tau_j/\partial\log s_j(0) = -1/(4\gamma_j), \quad \tau_1/\tau_2 \to "
        r"\gamma_2/\gamma_1",
    ),
    simon(
        "stepwise",
        "in-text",
        Gt(plateau, 0),
        together_steps,
        refuted_at(at=TOGETHER),
        "below Eq. (16)",
        given=(g_1 > g_2, lam_1 < Rational(1, 2), lam_2 < Rational(1, 2)),
        note="small, different starts: both directions are learned at the same time; equal eigenvalues with equal "
        "starts do the same",
        statement_latex=r"\tau_{j+1} - \tau_j > 0 \text{ for all small } s_j(0) \text{ and } \gamma_1 > \gamma_2 > 0",
    ),
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
        "def4.4",
        "definition",
        Eq(factorizations, 1),
        factorization_steps,
        refuted_at(),
        "Definition 4.4",
        model=None,
        given=(Eq(rank, 1),),
        note="M = (0 1) = (1)(0 1) = (-1)(0 -1): full rank, a = 1 <= b = 2",
        statement_latex=r"a \le b, \operatorname{rank} M = a \implies \text{one QR factorization}",
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
        "def4.5",
        "definition",
        Tuple(Eq(Q_2 * R_23, M_23), Eq(Q_2.T * A_23, ImmutableMatrix([[5, 0, 0], [0, Rational(4, 5), 0]]))),
        alignment_steps,
        stipulated(),
        "Definition 4.5",
        model=None,
        note="the tilde is lost in the copy: A(M) = Q R~; well defined where the first columns are independent",
        statement_latex=r"\mathcal{A}(M) = Q\tilde R",
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
        "eq20",
        "equation",
        Tuple(1, 0),
        step_loss_steps,
        identity(),
        "Eq. (20)",
        note="one mode as s(0) -> 0; at t = tau it is 1/4",
        statement_latex=r"L(t) \approx \#\{j : \tau_j > t\}: \quad L_j(\tau_j/(1 + \delta)) \to 1, \ L_j((1 + "
        r"\delta)\tau_j) \to 0",
    ),
    simon(
        "eq20.L0",
        "in-text",
        d,
        start_loss_steps,
        identity(),
        "below Eq. (20)",
        statement_latex=r"L(\alpha \tilde W) \to d \quad (\alpha \to 0)",
    ),
    simon(
        "eq21",
        "equation",
        sigma * sqrt(d - j + 1),
        random_start_steps,
        identity(),
        "Eq. (21)",
        model=None,
        note="sigma is defined nowhere: the entries have standard deviation alpha; right as a root mean square",
        statement_latex=r"s_j(0) \approx \sigma\sqrt{d - j + 1}, \quad W_{ij}(0) \sim N(0, \alpha^2)",
    ),
    simon(
        "eq21.fixed",
        "equation",
        alpha * sqrt(d - j + 1),
        random_start_steps,
        identity(),
        "Eq. (21)",
        model=None,
        source="new",
        corrects="simon2023.eq21",
        statement_latex=r"\sqrt{E s_j(0)^2} = \alpha\sqrt{d - j + 1}",
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
