"""Trajectories and minima of |W Gamma W^T - I|^2 in closed form.

Aligned modes lambda_j = gamma_j s_j^2 follow logistic curves; with a penalty
on |W|^2 every critical point is aligned, so the minimum is a sum over modes;
with one output the flow is linear in a clock of its own; with the square root of
C in place of C the modes relax exponentially, or all at one finite time.
"""

from functools import lru_cache

from sympy import (
    Add,
    Gt,
    Identity,
    Integer,
    Lt,
    Matrix,
    MatrixSymbol,
    Rational,
    Tuple,
    ZeroMatrix,
    diag,
    diff,
    exp,
    expand,
    factor,
    integrate,
    limit,
    log,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, ModeFlow, ModeSum, Symmetric, expect, inner, potential, sq
from symssl.claims import Claim, Model, Step, equivalent, identity, implied
from symssl.language import Potential, PotentialGradient

from ..simon2023.model import FRAMES, LOSS, Gamma, U, W, d, flow, gamma, m, mode_loss, modes, s, t
from .landscape import aligned, k

# --- models ------------------------------------------------------------------------------

epsilon, g = symbols("epsilon g", positive=True)
lam, lam_0 = symbols("lambda lambda_0", real=True)
GROWN = Gt(lam_0, 0), Lt(lam_0, 1)

REGULARISED = Model("linear model with a penalty on the norm", LOSS.loss + 2 * epsilon * sq(W), (W,), where=LOSS.where)

w = MatrixSymbol("w", 1, m)
ONE = Model("linear model with one output", sq(w * Gamma * w.T - Identity(1)), (w,), where=LOSS.where)

# a spectral loss tr f(C), and its square root; its gradient Y = f'(C) commutes with C
SHARP = Model("spectral loss", potential("f", W * Gamma * W.T), (W,), where=LOSS.where)
PLAIN = Model("square root of a spectral loss", sqrt(potential("f", W * Gamma * W.T)), (W,), where=LOSS.where)
Y = MatrixSymbol("Y", d, d)
x, x_0, y, e, e_0 = symbols("x x_0 y e e_0", real=True)
R, R_0, theta = symbols("R R_0 theta", positive=True)
SHARPENED = {1: (1 - sqrt(lam)) ** 2, -1: (1 + sqrt(-lam)) ** 2}  # (g(lambda) - 1)^2, g = sign(lambda) |lambda|^(1/2)

# one output: components of w along eigenvectors of Gamma
w_1, w_2 = symbols("w_1 w_2", positive=True)
gamma_1, gamma_2 = symbols("gamma_1 gamma_2", real=True)
a, b, z, alpha = symbols("a b z alpha", positive=True)
u, c = MatrixSymbol("u", d, 1), symbols("c", real=True)


# --- the derivation, one function a stage ------------------------------------------------


@lru_cache(maxsize=64)
def logistic(model, value):
    """The flow of lambda = gamma s^2 at an eigenvalue."""
    rate = modes(model).lie(gamma * s**2)
    return Flow({lam: factor(simplify(rate.subs(s, sqrt(lam / gamma))).subs(gamma, value))}, tuple(value.free_symbols))


@lru_cache(maxsize=64)
def grown(model, value):
    """lambda(t) from lambda(0) = lambda_0."""
    found = logistic(model, value).closed_form(lam, time=t)
    return found.solution.subs(dict(found.initial)[lam], lam_0)


@lru_cache(maxsize=64)
def learnt(model):
    """Aligned critical points with k modes of a loss with penalty."""
    found = aligned(model, k)
    ((*_, entry),) = found.slope
    (s_j,) = (q for q in entry.free_symbols if q.name == "s_j")
    (size,) = solve(simplify(entry / s_j).subs(s_j, sqrt(z)), z)
    rule = size.xreplace(
        {
            q: next(p for p, _ in found.widths if q.name == f"{p.name}_j")
            for q in size.free_symbols
            if q.name.endswith("_j")
        }
    )
    return size, found.subs({next(p for p, _ in found.widths if p.name == "s"): sqrt(rule)})


@lru_cache(maxsize=64)
def clock(model):
    """The speed of the clock in which w' = w Gamma, read off the component of w' along w Gamma."""
    return simplify(expect(inner(flow(model).rhs[w], w * Gamma)) / expect(sq(w * Gamma)))


@lru_cache(maxsize=64)
def components(model, values):
    """Two components of w along eigenvectors of Gamma with these eigenvalues."""
    small = {w: Matrix([[w_1, w_2]]), Gamma: diag(*values)}
    names = {A.subs(m, 2): value for A, value in small.items()}
    rhs = flow(model).rhs[w].subs(m, 2).subs(names).doit().as_explicit().applyfunc(lambda entry: factor(expect(entry)))
    return Flow({w_1: rhs[0, 0], w_2: rhs[0, 1]}, tuple(set().union(*(v.free_symbols for v in values))))


@lru_cache(maxsize=64)
def sharp_mode(model, sign):
    """The rate of s under a spectral loss with f' given; 1/R in front for its square root."""
    rhs = flow(model).rhs[W]
    rhs = rhs.xreplace(dict.fromkeys(rhs.atoms(PotentialGradient), Y))
    rhs = rhs.xreplace(dict.fromkeys(rhs.atoms(Potential), R**2))
    still = MatrixFlow({W: rhs, Gamma: ZeroMatrix(m, m), Y: ZeroMatrix(d, d)}, where=(Symmetric(Y),))
    rate = still.spectral({**FRAMES, Y: (U, y, U)}).states[s]
    slope = diff(SHARPENED[sign], lam).subs(lam, gamma * s**2)
    return simplify(rate.subs(y, slope).subs(gamma, sign * g))


@lru_cache(maxsize=64)
def sharp_flow(model, sign):
    """The flow of x = |gamma|^(1/2) s."""
    return Flow(
        {x: expand(simplify((sqrt(g) * sharp_mode(model, sign)).subs(s, x / sqrt(g))))},
        (g,) if model == SHARP else (g, R),
    )


# --- steps -------------------------------------------------------------------------------


def logistic_steps(model):
    yield Step("one aligned mode", modes(model).states[s])
    yield Step("lambda = gamma s^2 at gamma = g", logistic(model, g))
    yield Step("in closed form", grown(model, g))


def any_sign_steps(model):
    yield from logistic_steps(model)
    yield Step("for gamma = g and gamma = -g", Tuple(grown(model, g), grown(model, -g)))


def loss_steps(model):
    yield from logistic_steps(model)
    alone = mode_loss(model)
    yield Step("one mode of the loss", alone)
    yield Step("along the trajectory", simplify(alone.subs(s, sqrt(lam / gamma))).subs(lam, grown(model, g)))


def rise_steps(model):
    yield from logistic_steps(model)
    yield Step(
        "time from lambda = 1/10 to 9/10",
        simplify(integrate(1 / logistic(model, g).states[lam], (lam, Rational(1, 10), Rational(9, 10)))),
    )


def penalty_steps(model):
    yield Step("gradient in an aligned mode", Tuple(*(entry for *_, entry in aligned(model, k).slope)))
    size, found = learnt(model)
    yield Step("s^2 at a critical point with k learnt modes", size)
    yield Step("s^2, and the loss there", Tuple(size, expand(found.value)))


def threshold_steps(model):
    yield from penalty_steps(model)
    yield Step("s^2 is positive", Gt(learnt(model)[0], 0))


def rows_steps(model):
    """u is an eigenvector of C = W Gamma W^T with eigenvalue c."""
    slope = -flow(model).rhs[W]
    yield Step("gradient of the loss", slope)
    C = W * Gamma * W.T
    yield Step(
        "u^T times the gradient, C u = c u used", expect(u.T * slope - 4 * u.T * (C - c * Identity(d)) * W * Gamma)
    )


def penalised_hessian_steps(model):
    yield from penalty_steps(model)
    found = learnt(model)[1]
    yield Step(
        "eigenvalues of the Hessian between frames, learnt rows first", Tuple(*(q.value for q in found.spectrum()))
    )


def gain_steps(model):
    yield from penalty_steps(model)
    _, found = learnt(model)
    alone = sum(term.replace(ModeSum, lambda q: q) for term in Add.make_args(expand(found.value)) if term.has(ModeSum))
    (g_,) = (q for q in alone.free_symbols if q.name == "gamma")
    yield Step("what depends on the eigenvalue in the loss of a learnt mode", alone)
    yield Step("its derivative in the eigenvalue", factor(diff(alone, g_)))


def clock_steps(model):
    yield Step("gradient flow", flow(model).rhs[w])
    yield Step("the speed of the clock theta", clock(model))
    motion = MatrixFlow({w: w * Gamma}, where=model.where)
    yield Step(
        "theta', what is left of w' - theta' w Gamma, and dq/dtheta",
        Tuple(clock(model), expect(flow(model).rhs[w] - clock(model) * w * Gamma), motion.lie(inner(w.T, Gamma * w.T))),
    )


def relaxation_steps(model):
    yield Step("gradient flow", flow(model).rhs[w])
    yield Step("derivative of q = w Gamma w^T", flow(model).lie(inner(w.T, Gamma * w.T)))


def curve_steps(model):
    """The orbits, whatever the clock."""
    found = components(model, (gamma_1, gamma_2))
    yield Step("two components along eigenvectors", found)
    yield Step(
        "velocity of the first, and derivative of w_1^(gamma_2) / w_2^(gamma_1)",
        Tuple(found.states[w_1], simplify(found.lie(w_1**gamma_2 * w_2**-gamma_1))),
    )


def pair_steps(model):
    """Eigenvalues g and -g: z = exp(2 g theta) obeys a Riccati equation."""
    found = components(model, (g, -g))
    yield Step("two components along eigenvectors", found)
    yield Step("derivative of w_1 w_2", simplify(found.lie(w_1 * w_2)))
    # w_1^2 = a z / g and w_2^2 = b / (g z)
    rate = simplify(2 * found.states[w_1] / w_1 * z).subs({w_1: sqrt(a * z / g), w_2: sqrt(b / (g * z))})
    solved = Flow({z: factor(expand(rate))}, (a, b, g)).closed_form(z, time=t)
    yield Step("the flow of z = (w_1(t)/w_1(0))^2", solved.rhs)
    yield Step("z(t) from z(0) = 1", simplify(solved.solution.subs(dict(solved.initial)[z], 1)))


def bias_steps(model):
    """Eigenvalues 2 g and g, start (alpha sqrt(a), alpha sqrt(b)).

    Along the orbit w_1^2 = alpha^2 a z^2 and w_2^2 = alpha^2 b z.
    """
    found = components(model, (2 * g, g))
    yield Step("two components along eigenvectors", found)
    yield Step("derivative of w_1 / w_2^2", simplify(found.lie(w_1 / w_2**2)))
    speed = factor(found.states[w_2] / (g * w_2))
    halt = speed.subs({w_1: alpha * sqrt(a) * z, w_2: alpha * sqrt(b * z)})
    ends = [q for q in solve(halt, z) if q.subs({a: 1, b: 1, g: 1, alpha: 1}) > 0]
    yield Step("the clock stops at z", Tuple(*ends))
    yield Step(
        "share g w_2^2 of the second mode in q = 1, over alpha, as alpha -> 0",
        limit(simplify(g * alpha * b * ends[0]), alpha, 0, "+"),
    )


def to_sharp(model):
    yield Step("gradient flow", flow(model).rhs[W])
    yield Step("the gradient of tr f(C) is f'(C)", Y, kind="cited", cite="derivative of a trace function")


def sharp_steps(model):
    yield from to_sharp(model)
    rates = [sharp_flow(model, sign) for sign in (1, -1)]
    yield Step("x = |gamma|^(1/2) s for gamma = g and for gamma = -g", Tuple(*(q.states[x] for q in rates)))
    yield Step("in closed form", Tuple(*map(relaxed, rates)))


def relaxed(one):
    """x(t) from x(0) = x_0."""
    found = one.closed_form(x, time=t)
    return found.solution.subs(dict(found.initial)[x], x_0)


def death_steps(model):
    yield from sharp_steps(model)
    yield Step("x vanishes, gamma = -g, at", solve(relaxed(sharp_flow(model, -1)), t)[0])


def start_steps(model):
    yield from sharp_steps(model)
    rising = relaxed(sharp_flow(model, 1)).subs(x_0, 0)
    (faded,) = rising.atoms(exp)
    yield Step(
        "x rises from 0 to e while this exponential falls to", Tuple(faded, *solve(rising.subs(faded, z) - e, z))
    )


@lru_cache(maxsize=64)
def errors(model):
    """The errors e = 1 - x of all modes with gamma > 0, coupled by R = |g(C) - I|."""
    rate = expand(-sharp_flow(model, 1).states[x].subs(x, 1 - e))
    return ModeFlow({e: rate, g: Integer(0)}, {R: sqrt(ModeSum(e**2))}, (), d)


def plain_steps(model):
    yield from to_sharp(model)
    coupled = errors(model)
    yield Step("the error e = 1 - x of a mode", coupled.states[e])
    found = Flow({e: R * coupled.states[e]}, (g,)).closed_form(e, time=theta)
    yield Step(
        "in the clock with dt = R dtheta, and the rate of R",
        Tuple(found.solution.subs(dict(found.initial)[e], e_0), coupled.unfold(coupled.lie(R))),
    )


def equal_steps(model):
    yield from plain_steps(model)
    coupled = errors(model)
    rate = coupled.unfold(coupled.lie(R))
    shared = rate.replace(ModeSum, lambda q: ModeSum(e**2) * (q / e**2))
    yield Step("the rate of R where all eigenvalues are g", simplify(shared))
    found = Flow({R: simplify(shared)}, (g,)).closed_form(R, time=t)
    yield Step(
        "R(t), and the rate of e/R",
        Tuple(
            found.solution.subs(dict(found.initial)[R], R_0),
            simplify(coupled.states[e] / R - e * simplify(shared) / R**2),
        ),
    )


# --- the statements ----------------------------------------------------------------------

t_0 = log(1 / lam_0 - 1) / (8 * g)  # when lambda is one half
late = exp(expand(-8 * g * (t - t_0)))
gamma_j, gamma_k, pi_k = symbols("gamma_j gamma_k pi_k", positive=True)
nu_k = symbols("nu_k", negative=True)
positive_gamma = symbols("gamma", positive=True)
q_ = inner(w.T, Gamma * w.T)
root = sqrt(1 + 4 * a * b)
z_plus, z_minus = (1 + root) / (2 * a), (1 - root) / (2 * a)
fading = exp(-8 * g * root * t) * (1 - z_plus) / (1 - z_minus)


def _linear(label, printed, steps, decide, *, model=LOSS, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    _linear(
        "logistic",
        1 / (1 + late),
        logistic_steps,
        identity(),
        given=GROWN,
        note="an aligned mode with eigenvalue g > 0, exactly",
        statement_latex=r"\lambda_j(t) = \bigl[1 + e^{-8\gamma_j(t - t_j)}\bigr]^{-1},\quad"
        r" t_j = \frac{\log(1/\lambda_{j0} - 1)}{8\gamma_j}",
    ),
    _linear(
        "logistic.sign",
        Tuple(lam_0 / (lam_0 + (1 - lam_0) * exp(-8 * g * t)), lam_0 / (lam_0 + (1 - lam_0) * exp(8 * g * t))),
        any_sign_steps,
        identity(),
        note="gamma = g and gamma = -g, from any lambda_0 of the sign of gamma",
        statement_latex=r"\lambda_j(t) = \frac{\lambda_{j0}}{\lambda_{j0} + (1 - \lambda_{j0})e^{-8\gamma_j t}}"
        r" \quad (\gamma_j > 0 \text{ and } \gamma_j < 0)",
    ),
    _linear(
        "logistic.loss",
        (1 + 1 / late) ** -2,
        loss_steps,
        identity(),
        given=GROWN,
        note="one mode of the loss; the loss is their sum",
        statement_latex=r"L(t) = \textstyle\sum_j\bigl[1 + e^{8\gamma_j(t - t_j)}\bigr]^{-2}",
    ),
    _linear(
        "logistic.rise",
        log(81) / (8 * g),
        rise_steps,
        identity(),
        given=GROWN,
        note="from lambda = 1/10 to 9/10",
        statement_latex=r"t_{90\%} - t_{10\%} = \frac{\log 81}{8\gamma_j}",
    ),
    _linear(
        "regularised",
        Tuple(
            (gamma_j - epsilon) / gamma_j**2,
            d - k + 2 * epsilon * ModeSum(1 / positive_gamma) - epsilon**2 * ModeSum(positive_gamma**-2),
        ),
        penalty_steps,
        identity(),
        model=REGULARISED,
        note="k learnt modes with gamma_j > epsilon; least for the largest min(d, number of gamma_j > epsilon)",
        statement_latex=r"\min_W L + 2\varepsilon\lVert W\rVert^{2} = d - \sum_{j \le d,\ \gamma_j > \varepsilon}"
        r"\Bigl(1 - \frac{\varepsilon}{\gamma_j}\Bigr)^{2},\qquad s_j^{2} = \frac{(\gamma_j - "
        r"\varepsilon)_{+}}{\gamma_j^{2}}",
    ),
    _linear(
        "regularised.threshold",
        Gt(gamma_j, epsilon),
        threshold_steps,
        equivalent(),
        model=REGULARISED,
        note="mode j can be learnt",
        statement_latex=r"s_j^{2} > 0 \iff \gamma_j > \varepsilon",
    ),
    _linear(
        "regularised.rows",
        4 * ((c - 1) * u.T * W * Gamma + epsilon * u.T * W),
        rows_steps,
        identity(),
        model=REGULARISED,
        given=(Symmetric(Gamma),),
        note="every critical point is aligned: with C u = c u, (1 - c) Gamma w = epsilon w for w = W^T u, so w is an "
        "eigenvector of Gamma or zero, and different rows are orthogonal as u_i^T C u_j = 0",
        statement_latex=r"Cu = cu \implies u^{\top}\nabla L_{\varepsilon} = 4\bigl((c - 1)u^{\top}W\Gamma + "
        r"\varepsilon u^{\top}W\bigr)",
    ),
    _linear(
        "regularised.hessian",
        Tuple(
            8 * (gamma_j - epsilon),
            0,
            4 * (gamma_j + gamma_k) - 4 * epsilon * (gamma_j / gamma_k + gamma_k / gamma_j),
            4 * epsilon * (1 - pi_k / gamma_j),
            4 * epsilon * (1 - nu_k / gamma_j),
            4 * epsilon,
            0,
            4 * (epsilon - pi_k),
            4 * (epsilon - nu_k),
            4 * epsilon,
        ),
        penalised_hessian_steps,
        identity(),
        model=REGULARISED,
        note="learnt rows, against eigenvectors learnt, positive, negative, null; then free rows: no spurious "
        "minimum, as "
        "a larger eigenvalue pi_k left out, or one above epsilon with a row free, is a direction of descent",
        statement_latex=r"\operatorname{spec}\nabla^{2}L_{\varepsilon}:\ 8(\gamma_j - \varepsilon),\ 0,"
        r" 4(\gamma_j + \gamma_k) - 4\varepsilon\bigl(\tfrac{\gamma_j}{\gamma_k} + \tfrac{\gamma_k}{\gamma_j}\bigr),"
        r" 4\varepsilon\bigl(1 - \tfrac{\gamma_l}{\gamma_j}\bigr),\ 4(\varepsilon - \gamma_l)",
    ),
    _linear(
        "regularised.gain",
        Lt(-2 * epsilon * (positive_gamma - epsilon) / positive_gamma**3, 0, evaluate=False),
        gain_steps,
        implied(),
        model=REGULARISED,
        given=(Gt(positive_gamma, epsilon),),
        note="the larger the eigenvalue the lower the loss: the minimum learns the top modes",
        statement_latex=r"\gamma > \varepsilon \implies \frac{d}{d\gamma}\Bigl[-\bigl(1 - "
        r"\tfrac{\varepsilon}{\gamma}\bigr)^{2}\Bigr] < 0",
    ),
    _linear(
        "d1",
        Tuple(4 - 4 * q_, ZeroMatrix(1, m), 2 * sq(w * Gamma)),
        clock_steps,
        identity(),
        model=ONE,
        given=(Symmetric(Gamma),),
        note="any start: w = w_0 exp(Gamma theta), theta' = 4 (1 - q(theta)) with q = sum gamma_j w_j0^2 exp(2 "
        "gamma_j theta) "
        "increasing, so t is one quadrature",
        statement_latex=r"\dot w = \dot\theta\,w\Gamma,\quad \dot\theta = 4(1 - q),\quad \frac{dq}{d\theta} = "
        r"2\lVert w\Gamma\rVert^{2},"
        r"\quad q = w\Gamma w^{\top}",
    ),
    _linear(
        "d1.relaxation",
        8 * (1 - q_) * sq(w * Gamma),
        relaxation_steps,
        identity(),
        model=ONE,
        given=(Symmetric(Gamma),),
        note="L = (1 - q)^2 decays at the rate 16 |w Gamma|^2",
        statement_latex=r"\dot q = 8(1 - q)\lVert w\Gamma\rVert^{2}",
    ),
    _linear(
        "d1.orbits",
        Tuple(4 * gamma_1 * w_1 * (1 - gamma_1 * w_1**2 - gamma_2 * w_2**2), 0),
        curve_steps,
        identity(),
        model=ONE,
        note="two components along eigenvectors with any eigenvalues",
        statement_latex=r"\dot w_1 = 4\gamma_1(1 - q)w_1,\qquad \frac{d}{dt}\,w_1^{\gamma_2}w_2^{-\gamma_1} = 0",
    ),
    _linear(
        "d1.pair",
        (z_plus - z_minus * fading) / (1 - fading),
        pair_steps,
        identity(),
        model=ONE,
        note="eigenvalues g and -g, a = g w_1(0)^2, b = g w_2(0)^2: explicit in t",
        statement_latex=r"\gamma = \pm g:\quad \frac{w_1(t)^{2}}{w_1(0)^{2}} = \frac{w_2(0)^{2}}{w_2(t)^{2}} ="
        r" \frac{z_{+} - z_{-}E}{1 - E},\quad E = \frac{1 - z_{+}}{1 - z_{-}}e^{-8g\sqrt{1 + 4ab}\,t}",
    ),
    _linear(
        "d1.bias",
        b * sqrt(g / (2 * a)),
        bias_steps,
        identity(),
        model=ONE,
        note="eigenvalues 2g and g, start alpha (sqrt(a), sqrt(b)): the limit is top spectral only as alpha -> 0",
        statement_latex=r"\lim_{\alpha \to 0}\alpha^{-1}\lim_{t \to \infty} g\,w_2(t)^{2} = b\sqrt{g/2a}",
    ),
    _linear(
        "sharp",
        Tuple(1 - (1 - x_0) * exp(-2 * g * t), -1 + (1 + x_0) * exp(-2 * g * t)),
        sharp_steps,
        identity(),
        model=SHARP,
        note="|g(C) - I|^2 with g(lambda) = sign(lambda) |lambda|^(1/2), x = |lambda|^(1/2); gamma = g, then gamma = "
        "-g until the mode vanishes",
        statement_latex=r"\lambda_j(t)^{1/2} = 1 - (1 - \lambda_{j0}^{1/2})e^{-2\gamma_j t} \quad (\gamma_j > 0),\qquad"
        r" \lvert\lambda_j(t)\rvert^{1/2} = (1 + \lvert\lambda_{j0}\rvert^{1/2})e^{-2\lvert\gamma_j\rvert t} - 1 "
        r"\quad (\gamma_j < 0)",
    ),
    _linear(
        "sharp.start",
        Tuple(exp(-2 * g * t), 1 - e),
        start_steps,
        identity(),
        model=SHARP,
        note="no delay: from lambda = 0 the mode reaches lambda = e^2 when exp(-2 gamma t) = 1 - e",
        statement_latex=r"\lambda_j(0) = 0 \implies \lambda_j(t)^{1/2} = e \text{ when } e^{-2\gamma_j t} = 1 - e",
    ),
    _linear(
        "sharp.death",
        log(1 + x_0) / (2 * g),
        death_steps,
        identity(),
        model=SHARP,
        given=(Gt(x_0, 0),),
        note="gamma = -g: the mode vanishes at a finite time",
        statement_latex=r"\gamma_j < 0: \lambda_j = 0 \text{ at } t = \frac{\log(1 + "
        r"\lvert\lambda_{j0}\rvert^{1/2})}{2\lvert\gamma_j\rvert}",
    ),
    _linear(
        "sharp.plain",
        Tuple(e_0 * exp(-g * theta), -ModeSum(g * e**2) / ModeSum(e**2)),
        plain_steps,
        identity(),
        model=PLAIN,
        note="|g(C) - I| not squared, gamma_j > 0: dt = R dtheta; R falls at a rate between gamma_d and gamma_1, so "
        "all modes "
        "arrive at one finite time between R_0/gamma_1 and R_0/gamma_d",
        statement_latex=r"1 - \lambda_j^{1/2} = e_{j0}e^{-\gamma_j\theta},\quad dt = R\,d\theta,\quad"
        r" \dot R = -\frac{\sum_j\gamma_j e_j^{2}}{\sum_j e_j^{2}}",
    ),
    _linear(
        "sharp.plain.equal",
        Tuple(R_0 - g * t, 0),
        equal_steps,
        identity(),
        model=PLAIN,
        note="equal eigenvalues, or one mode: linear decay to zero at t = R_0/g, directions kept",
        statement_latex=r"\gamma_j = \gamma:\quad R(t) = R_0 - \gamma t,\qquad e_j(t) = e_{j0}\Bigl(1 - \frac{\gamma "
        r"t}{R_0}\Bigr)",
    ),
)

NOTATION = {}


def equations():
    """Trajectories in closed form, for LaTeX."""
    return {"logistic": grown(LOSS, g), "one-output-clock": clock(ONE), "sharpened": relaxed(sharp_flow(SHARP, 1))}
