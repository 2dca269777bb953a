"""Appendix F: one mode as a system with a broken symmetry.

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
a = symbols("a", positive=True)  # squared amplitude
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


def landscape_steps(model):
    yield from loss_steps(model)
    landscape = scaled_loss(model)
    stationary = solve(landscape.diff(sbar), sbar)
    curvature = {q: landscape.diff(sbar, 2).subs(sbar, q) for q in stationary}
    yield Step("second derivatives at the stationary points", Dict(curvature))
    yield Step(
        "minima, maxima, value at the minima, and L_j(sbar) - L_j(-sbar)",
        Tuple(
            FiniteSet(*(q for q in stationary if curvature[q] > 0)),
            FiniteSet(*(q for q in stationary if curvature[q] < 0)),
            FiniteSet(*(landscape.subs(sbar, q) for q in stationary if curvature[q] > 0)),
            (landscape - landscape.subs(sbar, -sbar)).expand(),
        ),
    )


def escape_steps(model):
    yield from descent_steps(model)
    yield Step("time from sbar_0 to a level in (sbar_0, 1)", passage(model))
    leading = limit(passage(model) / log(1 / start), start, 0, "+")
    yield Step("its leading part for small sbar_0, the same for every level", leading * log(1 / start))


def relaxation_steps(model):
    yield from descent_steps(model)
    slope = scaled_rate(model).diff(sbar).subs(sbar, 1)
    yield Step("linear rate at sbar = 1", slope)
    yield Step("its time scale", -1 / slope)


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


def sign_steps(model):
    yield Step("the loss of the embeddings", model.loss)
    yield Step("the loss at -f", normal_form(model.loss.subs(F, -F).subs(Fp, -Fp)))


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


def amplitude_steps(model):
    yield from to_mode(model)
    yield Step(
        "the squared amplitude a = s^2", (2 * s * modes(model).states[s].subs(gamma, rate)).subs(s, sqrt(a)).expand()
    )


Phi, w, y = MatrixSymbol("Phi", n, m), MatrixSymbol("w", m, 1), MatrixSymbol("y", n, 1)
root = symbols("root", positive=True)  # a singular value of Phi, its square an eigenvalue of the Gram matrix
REGRESSION = Model("squared loss, linear in features", sq(Phi * w - y), (w,))


def one_mode(expr):
    """A matrix expression in a mode: 1 x 1, Phi = gamma^(1/2), y = the target, Phi w = cbar."""
    sizes = {n: 1, m: 1}
    at = {Phi: Matrix([[sqrt(rate)]]), w: Matrix([[c_bar / sqrt(rate)]]), y: Matrix([[target]])}
    value = normal_form(expr.subs(sizes).subs({q.subs(sizes): v.as_immutable() for q, v in at.items()})).doit()
    return (value[0, 0] if value.is_Matrix else value).expand()


def supervised_steps(model):
    flow = model.flow()
    yield Step("gradient flow of the squared loss", flow.rhs[w])
    yield Step("of the function on the data", normal_form(Phi * flow.rhs[w]))
    speed = supervised_rate(model)
    yield Step(
        "one eigenvector of Phi Phi^T: the loss and the flow of cbar = gamma c",
        Tuple(one_mode(model.loss).factor(), speed.factor()),
    )
    yield Step(
        "third derivative of the mode's loss, equilibria, slope there, velocity at cbar = 0",
        Tuple(
            one_mode(model.loss).diff(c_bar, 3),
            FiniteSet(*solve(speed, c_bar)),
            speed.diff(c_bar),
            speed.subs(c_bar, 0),
        ),
    )


@lru_cache(maxsize=64)
def supervised_rate(model):
    """cbar' of one mode."""
    return one_mode(normal_form(Phi * model.flow().rhs[w]))


@lru_cache(maxsize=64)
def supervised_solution(model):
    """cbar(t) from cbar(0) = 0."""
    solved = Flow({c_bar: supervised_rate(model)}, (rate, target)).closed_form(c_bar, time=t)
    return solved.solution.subs(dict(solved.initial)[c_bar], 0)


def picture_steps(model):
    yield Step(
        "(A) and (B): the landscapes", Tuple(scaled_loss(model), one_mode(REGRESSION.loss).subs(target, 1).factor())
    )
    low = symbols("low", positive=True)
    solved = Flow({low: scaled_rate(model).subs(sbar, low)}, (rate,)).closed_form(low, time=t)
    yield Step(
        "(A), (B), and the trajectories (C) from sbar_0, (D) from 0",
        Tuple(
            scaled_loss(model),
            one_mode(REGRESSION.loss).subs(target, 1).factor(),
            solved.solution.subs(dict(solved.initial)[low], start),
            supervised_solution(REGRESSION).subs(target, 1),
        ),
    )


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


FORMS = symbols("h_1 h_2", positive=True)


def congruence_steps(model):
    """Quadratic parts of one index are one form in other coordinates."""
    h_1, h_2 = FORMS
    quadratic = (h_1 * x_**2 - h_2 * y_**2) / 2
    yield Step("the quadratic part at a saddle of index one, along the axes of its Hessian: (h_1 x^2 - h_2 y^2)/2")
    one, other = (solve(h * scale**2 - 1, scale)[0] for h, scale in zip(FORMS, (scale_x, scale_y)))
    yield Step("the scales that make the curvatures 1 and -1", Tuple(one, other))
    yield Step("the quadratic part after rescaling", quadratic.subs({x_: one * x_, y_: other * y_}, simultaneous=True))


def equations():
    """The mode and its supervised counterpart, for LaTeX."""
    return {
        "scaled-mode-loss": scaled_loss(LOSS),
        "scaled-mode": Flow({sbar: scaled_rate(LOSS)}, (rate,)),
        "supervised-mode": Flow({c_bar: supervised_rate(REGRESSION)}, (rate, target)),
    }


# --- the statements as printed -----------------------------------------------------------

L_bar = (1 - sbar**2) ** 2
NOTATION = {
    "gamma_plus": r"\gamma",
    "sbar": r"\bar s",
    "sbar_0": r"\bar s_0",
    "cbar": r"\bar c",
    "cbar_target": r"\bar c^{*}",
}
BALL = (start < epsilon, epsilon < 1)


CLAIMS = (
    claim(
        "eq50",
        "equation",
        Tuple((1 - rate * s**2) ** 2, L_bar),
        loss_steps,
        identity(),
        "Eq. (50)",
        model=LOSS,
        note="one term of the sum; gamma > 0 as assumed from Sec. 4.2 on",
        statement_latex=r"L_j = (1 - \gamma_j s_j^{2})^{2} = (1 - \bar s_j^{2})^{2}, \quad \bar s_j = \gamma_j^{1/2} "
        r"s_j",
    ),
    claim(
        "eq51",
        "equation",
        L_bar.diff(sbar),
        descent_steps,
        identity(),
        "Eq. (51)",
        model=LOSS,
        note="the sign is that of ascent, and a factor gamma_j is missing: sbar' = -gamma_j dL_j/dsbar",
        statement_latex=r"\bar s_j' = \tfrac{d L_j}{d \bar s_j}",
    ),
    claim(
        "eq51.fixed",
        "consequence",
        -rate * L_bar.diff(sbar),
        descent_steps,
        identity(),
        "Eq. (51)",
        model=LOSS,
        source="new",
        corrects="simon2023.eq51",
        statement_latex=r"\bar s_j' = -\gamma_j \tfrac{d L_j}{d \bar s_j}",
    ),
    claim(
        "landscape1d",
        "in-text",
        Tuple(FiniteSet(-1, 1), FiniteSet(0), FiniteSet(0), 0),
        landscape_steps,
        identity(),
        "App. F",
        model=LOSS,
        note="the minima are global: L_j >= 0",
        statement_latex=r"\text{minima of } L_j \text{ at } \bar s = \pm 1 \text{ with value } 0, \text{ a maximum "
        r"at } 0, "
        r"\quad L_j(-\bar s) = L_j(\bar s)",
    ),
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
        "appF.tauprime",
        "in-text",
        1 / (4 * rate),
        relaxation_steps,
        identity(),
        "App. F",
        model=LOSS,
        note="the linear rate at the minimum is 8 gamma, twice that at the origin",
        statement_latex=r"\tau_j' = \frac{1}{4\gamma_j}",
    ),
    claim(
        "appF.tauprime.fixed",
        "consequence",
        1 / (8 * rate),
        relaxation_steps,
        identity(),
        "App. F",
        model=LOSS,
        source="new",
        corrects="simon2023.appF.tauprime",
        statement_latex=r"\tau_j' = \frac{1}{8\gamma_j}",
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
        "ssb.sym",
        "in-text",
        EMBEDDED.loss,
        sign_steps,
        identity(),
        "App. F",
        model=EMBEDDED,
        statement_latex=r"L(-f) = L(f)",
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
        "landau",
        "in-text",
        2 * (4 * rate) * a - 8 * rate**2 * a**2,
        amplitude_steps,
        identity(),
        "App. F",
        model=LOSS,
        note="Landau's d|A|^2/dt = 2 sigma |A|^2 - alpha |A|^4 with sigma = 4 gamma, alpha = 8 gamma^2",
        statement_latex=r"\tfrac{d}{dt}s^{2} = 2\sigma s^{2} - \alpha s^{4}, \quad \sigma = 4\gamma, \alpha = "
        r"8\gamma^{2}",
    ),
    claim(
        "sup",
        "in-text",
        Tuple(0, FiniteSet(target), -2 * rate, 2 * rate * target),
        supervised_steps,
        identity(),
        "App. F",
        model=REGRESSION,
        note="quadratic, one stable equilibrium; the velocity at cbar = 0 is of order one where the target is",
        statement_latex=r"\tfrac{d^{3} L_j}{d\bar c^{3}} = 0, \quad \bar c' = 0 \iff \bar c = \bar c^{*}, \quad "
        r"\tfrac{d\bar c'}{d\bar c} = -2\gamma < 0, \quad \bar c'(0) = 2\gamma\,\bar c^{*}",
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
        "morse.quadratic",
        "consequence",
        x_**2 / 2 - y_**2 / 2,
        congruence_steps,
        identity(),
        "App. F",
        source="new",
        corrects="simon2023.morse",
        note="to second order a rescaling of the axes of the Hessian is enough; beyond it Morse's lemma gives a "
        "change of coordinates",
        statement_latex=r"\tfrac12(h_1 x^{2} - h_2 y^{2}) = \tfrac12(u^{2} - v^{2}), \quad u = h_1^{1/2}x,\ v = "
        r"h_2^{1/2}y",
    ),
    claim(
        "fig8",
        "figure",
        Tuple(
            L_bar,
            (c_bar - 1) ** 2,
            start / sqrt(start**2 + (1 - start**2) * exp(-8 * rate * t)),
            1 - exp(-2 * rate * t),
        ),
        picture_steps,
        identity(),
        "Figure 8",
        model=LOSS,
        statement_latex=r"\text{(A) } (1 - \bar s^{2})^{2}, \quad \text{(B) } (1 - \bar c)^{2}, \quad \text{(C) } "
        r"\bar s(t) = \frac{\bar s_0}{\sqrt{\bar s_0^{2} + (1 - \bar s_0^{2})e^{-8\gamma t}}}, \quad "
        r"\text{(D) } \bar c(t) = 1 - e^{-2\gamma t}",
    ),
)
