"""Appendices F and G: what is no sentence yet, escape times, symmetries, saddles, a norm that is not squared.

A mode of an aligned W with eigenvalue gamma > 0 has the coordinate sbar = gamma^(1/2) s, which
may take both signs here; its loss is read off the loss of the whole model.
"""

from functools import lru_cache

from sympy import (
    Dict,
    Eq,
    FiniteSet,
    Identity,
    Integer,
    Matrix,
    MatrixSymbol,
    Ne,
    Rational,
    Symbol,
    Tuple,
    exp,
    hessian,
    limit,
    log,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, Orthonormal, cosine, normal_form, sq
from symssl.claims import Model, Step, identity, refuted_at

from .model import LOSS, claim, d, gamma, m, mode_loss, modes, n, s

sbar, c_bar, target = symbols("sbar cbar cbar_target", real=True)
rate, t, start, level, epsilon = symbols("gamma_plus t sbar_0 level epsilon", positive=True)  # rate: gamma > 0
F, Fp = MatrixSymbol("F", n, d), MatrixSymbol("F'", n, d)  # rows f(x_i), f(x_i')
U = MatrixSymbol("U", d, d)
f_1, f_2 = MatrixSymbol("f_1", d, 1), MatrixSymbol("f_2", d, 1)
lam = symbols("lambda", positive=True)  # weight of the off-diagonal part
variance_weight, covariance_weight = symbols("mu nu", real=True)
EMBEDDED = Model("loss of the embeddings", sq((F.T * Fp + Fp.T * F) / (2 * n) - Identity(d)), (F, Fp))

# --- the mode and its flow ---------------------------------------------------------------


@lru_cache(maxsize=256)
def scaled_loss(model):
    """L_j as a function of sbar."""
    return mode_loss(model).subs(gamma, rate).subs(s, sbar / sqrt(rate)).factor()


@lru_cache(maxsize=256)
def scaled_rate(model):
    """sbar' for gamma > 0."""
    return (sqrt(rate) * modes(model).states[s].subs(gamma, rate).subs(s, sbar / sqrt(rate))).factor()


@lru_cache(maxsize=256)
def passage(model):
    """Time to go from start to level, both in (0, 1)."""
    low = symbols("low", positive=True)
    speed = scaled_rate(model).subs(sbar, low)
    flow = Flow({low: speed}, (rate,))
    solved = flow.closed_form(low, time=t)
    at = solved.solution.subs(dict(solved.initial)[low], start)
    E = symbols("E", positive=True)  # exp(-8 gamma t): the square of the solution is rational in it
    ratio = (at**2).subs(exp(-8 * rate * t), E)
    (found,) = solve(ratio - level**2, E)
    return -log(found.factor()) / (8 * rate)


def to_mode(model):
    yield Step("the loss of one mode of an aligned W, and its flow", Tuple(mode_loss(model), modes(model).states[s]))


def loss_steps(model):
    yield from to_mode(model)
    yield Step(
        "L_j, and L_j as a function of sbar = gamma^(1/2) s",
        Tuple(mode_loss(model).subs(gamma, rate), scaled_loss(model)),
    )


def descent_steps(model):
    yield from loss_steps(model)
    yield Step("sbar' = gamma^(1/2) s'", scaled_rate(model))


def escape_steps(model):
    yield from descent_steps(model)
    yield Step("time from sbar_0 to a level in (sbar_0, 1)", passage(model))
    leading = limit(passage(model) / log(1 / start), start, 0, "+")
    yield Step("its leading part for small sbar_0, the same for every level", leading * log(1 / start))


def ball_steps(model):
    yield from descent_steps(model)
    slope = scaled_rate(model).diff(sbar).subs(sbar, 0)
    yield Step("linear rate at the origin", slope)
    whole = passage(model).subs(level, epsilon)
    (found,) = solve(start * exp(slope * t) - epsilon, t)
    yield Step("exact time from sbar_0 to epsilon", whole)
    yield Step("time at which the linear flow leaves the ball of radius epsilon", found)


def ball_error_steps(model):
    yield from ball_steps(model)
    *_, last = ball_steps(model)
    gap = passage(model).subs(level, epsilon) - last.result
    yield Step(
        "exact time less that: its derivatives by sbar_0^2 and epsilon^2, at zero",
        Tuple(*(limit((gap.diff(v) / (2 * v)).simplify(), v, 0) for v in (start, epsilon))),
    )


# --- symmetries --------------------------------------------------------------------------


def off_diagonal(C):
    return sum(C[i, j] ** 2 for i in range(C.rows) for j in range(C.cols) if i != j)


def weighted_loss(C, weight):
    """Barlow Twins: diagonal to one, the rest to zero with a weight."""
    return sum((1 - C[i, i]) ** 2 for i in range(C.rows)) + weight * off_diagonal(C)


def variance_loss(C):
    """VICReg: mu times the hinge of the standard deviations plus nu times the squared covariances."""
    hinges = sum(max(Integer(0), 1 - sqrt(C[i, i])) for i in range(C.rows))
    return variance_weight * hinges + covariance_weight * off_diagonal(C)


TURN = Matrix([[3, -4], [4, 3]]) / 5
COVARIANCES = Matrix([[Rational(1, 4), 0], [0, 0]]), Matrix([[Rational(1, 4), 0], [0, Rational(1, 9)]])


def rotation_steps(model):
    rotated = model.loss.subs(F, F * U.T).subs(Fp, Fp * U.T)
    where = Orthonormal(U)
    yield Step("the loss of the model at U f", normal_form(rotated, where=where))
    yield Step(
        "a cosine of two embeddings, all that the loss of SimCLR depends on, at U f",
        normal_form(cosine(U * f_1, U * f_2), where=where),
    )
    turned = [TURN * C * TURN.T for C in COVARIANCES]
    change = [weighted_loss(D, lam) - weighted_loss(C, lam) for C, D in zip(COVARIANCES, turned)]
    yield Step("change of the loss with weight lambda, two covariances turned", Tuple(*change))
    other = [variance_loss(D) - variance_loss(C) for C, D in zip(COVARIANCES, turned)]
    yield Step("change of the variance and covariance terms", Tuple(*other))
    kept = solve(other, (variance_weight, covariance_weight), dict=True)
    yield Step(
        "loss at U f, cosine at U f, weights lambda and (mu, nu) for which nothing changes",
        Tuple(
            normal_form(rotated, where=where),
            normal_form(cosine(U * f_1, U * f_2), where=where),
            FiniteSet(*solve(change[0], lam)),
            FiniteSet(*(Tuple(q[variance_weight], q[covariance_weight]) for q in kept)),
        ),
    )


# --- Landau's equation and the supervised case -------------------------------------------


# --- saddles -----------------------------------------------------------------------------

x_, y_ = symbols("x y", real=True)
scale_x, scale_y = symbols("b_x b_y", positive=True)
SADDLES = (x_**2 - y_**2, x_**2 - y_**2 + x_ * y_**2)  # one index, one Hessian
cubic_1, cubic_2 = symbols("cubic_1 cubic_2", real=True)  # third derivatives by x y y at the origin
slope_1, slope_2 = symbols("slope_1 slope_2", nonnegative=True)  # squared lengths of the gradients there
index_1, index_2 = symbols("index_1 index_2", integer=True, nonnegative=True)
hessian_1, hessian_2 = symbols("hessian_1 hessian_2", real=True)  # determinants
AT_SADDLES = (Eq(slope_1, 0), Eq(slope_2, 0), Eq(index_1, index_2), Ne(hessian_1, 0), Ne(hessian_2, 0))


def saddle_steps(model):
    """The first function with its axes rescaled, against the second."""
    origin = {x_: 0, y_: 0}
    slopes = [sum(f.diff(v).subs(origin) ** 2 for v in (x_, y_)) for f in SADDLES]
    hessians = [hessian(f, (x_, y_)).subs(origin) for f in SADDLES]
    yield Step("eigenvalues of the Hessians at the origin", Tuple(*(FiniteSet(*H.eigenvals()) for H in hessians)))
    scaled = SADDLES[0].subs({x_: scale_x * x_, y_: scale_y * y_}, simultaneous=True)
    cubic = [f.diff(x_, y_, y_).subs(origin) for f in (scaled, SADDLES[1])]
    negative = [sum(count for value, count in H.eigenvals().items() if value < 0) for H in hessians]
    yield Step(
        "third derivatives by x y y, whatever the scales of the first; gradients, indices, determinants",
        Dict(
            {
                cubic_1: cubic[0],
                cubic_2: cubic[1],
                slope_1: slopes[0],
                slope_2: slopes[1],
                index_1: negative[0],
                index_2: negative[1],
                hessian_1: hessians[0].det(),
                hessian_2: hessians[1].det(),
            }
        ),
    )


# --- what figures draw besides ---------------------------------------------------------

Phi, w, y = MatrixSymbol("Phi", n, m), MatrixSymbol("w", m, 1), MatrixSymbol("y", n, 1)
root = symbols("root", positive=True)  # a singular value of Phi, its square an eigenvalue of the Gram matrix
REGRESSION = Model("squared loss, linear in features", sq(Phi * w - y), (w,))


def one_mode(expr):
    """A matrix expression in a mode: 1 x 1, Phi = gamma^(1/2), y = the target, Phi w = cbar."""
    sizes = {n: 1, m: 1}
    at = {Phi: Matrix([[sqrt(rate)]]), w: Matrix([[c_bar / sqrt(rate)]]), y: Matrix([[target]])}
    value = normal_form(expr.subs(sizes).subs({q.subs(sizes): v.as_immutable() for q, v in at.items()})).doit()
    return (value[0, 0] if value.is_Matrix else value).expand()


@lru_cache(maxsize=64)
def supervised_rate(model):
    """cbar' of one mode."""
    return one_mode(normal_form(Phi * model.flow().rhs[w]))


@lru_cache(maxsize=64)
def supervised_solution(model):
    """cbar(t) from cbar(0) = 0."""
    solved = Flow({c_bar: supervised_rate(model)}, (rate, target)).closed_form(c_bar, time=t)
    return solved.solution.subs(dict(solved.initial)[c_bar], 0)


eta = symbols("eta", positive=True)


def multiplier(loss):
    """Slope at sbar = 1 of a step of gradient descent on a loss of lambda = sbar^2 with gamma = 1."""
    return (sbar - eta * loss.subs(lam, sbar**2).diff(sbar)).diff(sbar).subs(sbar, 1).expand()


@lru_cache(maxsize=64)
def smooth_multipliers(model):
    """Left and right of the minimum for g = min(lambda, 1 + epsilon (1 - lambda))."""
    return tuple(multiplier(eigenvalue_loss(model, g).subs(Symbol("x"), lam)) for g in (lam, 1 + epsilon * (1 - lam)))


q, q_0, clock = symbols("q q_0 T", positive=True)


def eigenvalue_loss(model, g):
    """The loss of one mode with g(lambda) in place of lambda = sbar^2."""
    return scaled_loss(model).subs(sbar, sqrt(lam)).factor().subs(lam, g)


def mobility(model):
    """sbar' = -(mobility) dL/dsbar: the mobility is the same for every loss of lambda."""
    return (-scaled_rate(model) / scaled_loss(model).diff(sbar)).simplify()


def root_loss(model):
    """g(lambda) = |lambda|^(1/2) = q for q = |sbar|, gamma > 0."""
    return eigenvalue_loss(model, q)


def sharp_rate(model):
    """q' for the sum over modes of the squares."""
    return (-mobility(model) * root_loss(model).diff(q)).expand()


def sharp_solution_steps(model):
    """With the norm not squared the velocities share the factor 1/(2 L): dt = L dT removes it."""
    squared = sharp_rate(model)
    yield Step("velocity of q: norm squared; norm not squared in the clock T, dt = L dT", Tuple(squared, squared / 2))
    solved = [Flow({q: speed}, (rate,)).closed_form(q, time=clock) for speed in (squared / 2, squared)]
    in_clock, in_time = (f.solution.subs(dict(f.initial)[q], q_0) for f in solved)
    yield Step("q in the clock T, and in time for the norm squared", Tuple(in_clock, in_time.subs(clock, t)))


# --- the statements as printed -----------------------------------------------------------

NOTATION = {
    "gamma_plus": r"\gamma",
    "sbar": r"\bar s",
    "sbar_0": r"\bar s_0",
    "cbar": r"\bar c",
    "cbar_target": r"\bar c^{*}",
}
BALL = (start < epsilon, epsilon < 1)


def equations():
    """The mode and its supervised counterpart, for LaTeX."""
    return {
        "scaled-mode-loss": scaled_loss(LOSS),
        "scaled-mode": Flow({sbar: scaled_rate(LOSS)}, (rate,)),
        "supervised-mode": Flow({c_bar: supervised_rate(REGRESSION)}, (rate, target)),
    }


CLAIMS = (
    claim(
        "appF.tau",
        "in-text",
        -log(start) / (4 * rate),
        escape_steps,
        identity(),
        "App. F",
        model=LOSS,
        note="leading part for small sbar(0), to any level short of 1",
        statement_latex=r"\tau_j = -\frac{\log\lvert\bar s_j(0)\rvert}{4\gamma_j}",
    ),
    claim(
        "fn23",
        "footnote",
        -log(epsilon / start) / (4 * rate),
        ball_steps,
        identity(),
        "Footnote 23",
        model=LOSS,
        given=BALL,
        note="a negative time: the sign, or the fraction, is upside down",
        statement_latex=r"\tau_j^{(\epsilon)} \approx -\frac{\log(\epsilon/\lvert\bar s_j(0)\rvert)}{4\gamma_j}",
    ),
    claim(
        "fn23.fixed",
        "consequence",
        log(epsilon / start) / (4 * rate),
        ball_steps,
        identity(),
        "Footnote 23",
        model=LOSS,
        given=BALL,
        source="new",
        corrects="simon2023.fn23",
        statement_latex=r"\tau_j^{(\epsilon)} \approx \frac{\log(\epsilon/\lvert\bar s_j(0)\rvert)}{4\gamma_j}",
    ),
    claim(
        "fn23.error",
        "consequence",
        Tuple(-1 / (8 * rate), 1 / (8 * rate)),
        ball_error_steps,
        identity(),
        "Footnote 23",
        model=LOSS,
        source="new",
        note="the exact time is log(epsilon/sbar_0)/(4 gamma) + (epsilon^2 - sbar_0^2)/(8 gamma) + ...",
        statement_latex=r"\partial_{\bar s_0^{2}},\ \partial_{\epsilon^{2}} \text{ of the error at } 0 = "
        r"-\tfrac{1}{8\gamma},\ \tfrac{1}{8\gamma}",
    ),
    claim(
        "fn24",
        "footnote",
        Tuple(EMBEDDED.loss, cosine(f_1, f_2), FiniteSet(1), FiniteSet(Tuple(0, 0))),
        rotation_steps,
        identity(),
        "Footnote 24",
        model=EMBEDDED,
        note="d >= 2; SimCLR depends on cosines alone; turning two diagonal covariances by (3/5, 4/5) leaves the "
        "others unchanged only at lambda = 1, or without variance and covariance terms",
        statement_latex=r"L(Uf) = L(f), \quad \cos(Uf_1, Uf_2) = \cos(f_1, f_2); \quad "
        r"\text{others only at } \lambda = 1, \text{ at } \mu = \nu = 0",
    ),
    claim(
        "morse",
        "in-text",
        Eq(cubic_1, cubic_2),
        saddle_steps,
        refuted_at(),
        "App. F",
        given=AT_SADDLES,
        note="x^2 - y^2 and x^2 - y^2 + x y^2: no rescaling removes the cubic term; a change of coordinates does "
        "(Morse)",
        statement_latex=r"\text{equal index, nondegenerate Hessians} \implies \text{equal up to } x \mapsto b_x x,\ "
        r"y \mapsto b_y y",
    ),
    claim(
        "fn26",
        "footnote",
        Tuple(1 - (1 - q_0) * exp(-rate * clock), 1 - (1 - q_0) * exp(-2 * rate * t)),
        sharp_solution_steps,
        identity(),
        "Footnote 26",
        model=LOSS,
        note="gamma > 0, up to q = 1: explicit in t for the squared norm; as printed explicit in the clock T, dt = L "
        "dT",
        statement_latex=r"q_j = 1 - (1 - q_j(0))e^{-\gamma_j T}, \quad dt = L_{\mathrm{sharp}}\,dT; \qquad "
        r"\text{norm squared: } q_j = 1 - (1 - q_j(0))e^{-2\gamma_j t}",
    ),
)
