"""Appendix G: preconditioned gradients, sharpened and smoothed losses, and the figures of deep networks."""

from functools import lru_cache

from sympy import (
    Gt,
    Identity,
    Lt,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    Tuple,
    diag,
    exp,
    eye,
    limit,
    log,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, Symmetric, gradient_flow, norm, potential, sq
from symssl.claims import Model, Step, cited, equivalent, identity, implied

from .landscape import REGRESSION, TURN, c_bar, lam, rate, sbar, scaled_loss, scaled_rate, supervised_rate, t, target
from .model import LOSS, claim, d, gamma, mode_loss, n, s

F, F_theta = MatrixSymbol("F", 2 * n, d), MatrixSymbol("F_theta", 2 * n, d)
C, G = MatrixSymbol("C", d, d), MatrixSymbol("G", d, d)  # G = g(C)
ANY = Model("any loss of the embeddings", potential("L", F), (F,))
CORRELATION = Model("loss as a function of C", sq(C - Identity(d)), (C,), where=(Symmetric(C),))
alpha, eta, excess = symbols("alpha eta Delta", positive=True)
variance, others = symbols("v R", nonnegative=True)  # R: what the other modes add under the root
epsilon, short, q, clock = symbols("epsilon short q T", positive=True)
q_0 = symbols("q_0", positive=True)
q_1, q_2 = symbols("q_1 q_2", positive=True)


# --- G.1 ---------------------------------------------------------------------------------


def chain_steps(model):
    slope = -gradient_flow(model.loss, model.weights).rhs[F]
    yield Step("gradient by the embeddings", slope)
    yield Step(
        "derivative of the loss where the embeddings move with F_theta", MatrixFlow({F: F_theta}).lie(model.loss)
    )


@lru_cache(maxsize=4)
def multipliers():
    """What (F^T F + alpha I)^-1 makes of the directions of variance v + Delta and v."""
    gram = TURN * diag(variance + excess, variance) * TURN.T
    inverse = (gram + alpha * eye(2)).inv()
    return tuple((TURN.T * inverse * TURN)[k, k].simplify() for k in (0, 1))


def precondition_steps(model):
    large, small = multipliers()
    yield Step("factors along two principal directions, of variance v + Delta and v", Tuple(large, small))
    yield Step("the factor of the smaller variance less that of the larger", small - large)


def boost_steps(model):
    _, small = multipliers()
    yield Step("the factor along a direction of variance v exceeds one", Gt(small, 1))


# --- G.2 ---------------------------------------------------------------------------------


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


def sharp_steps(model):
    yield Step("the loss (1) as a function of C", model.loss)
    yield Step("the loss (1) with G = g(C) for C", model.loss.subs(C, G))


def coupled_steps(model):
    whole = sqrt(sum(root_loss(model).subs(q, v) for v in (q_1, q_2)))
    yield Step("the norm, not squared, for two modes", whole)
    yield Step("its mixed derivative by q_1 and q_2", whole.diff(q_1, q_2).simplify())


def kink_steps(model):
    yield Step("loss of one mode with g(lambda) = q, q = |sbar|", root_loss(model))
    whole = sqrt(root_loss(model) + others)
    yield Step("the norm, not squared; R is the sum over the other modes", whole)
    yield Step("force on q as q -> 0, with the norm not squared", limit(-whole.diff(q), q, 0, "+"))


def squared_kink_steps(model):
    yield Step("loss of one mode with g(lambda) = q, q = |sbar|", root_loss(model))
    yield Step("force on q as q -> 0, with the norm squared", limit(-root_loss(model).diff(q), q, 0, "+"))


def sharp_solution_steps(model):
    """With the norm not squared the velocities share the factor 1/(2 L): dt = L dT removes it."""
    squared = sharp_rate(model)
    yield Step("velocity of q: norm squared; norm not squared in the clock T, dt = L dT", Tuple(squared, squared / 2))
    solved = [Flow({q: speed}, (rate,)).closed_form(q, time=clock) for speed in (squared / 2, squared)]
    in_clock, in_time = (f.solution.subs(dict(f.initial)[q], q_0) for f in solved)
    yield Step("q in the clock T, and in time for the norm squared", Tuple(in_clock, in_time.subs(clock, t)))


def growth_steps(model):
    speed = sharp_rate(model)
    yield Step("velocity of q = |sbar|, norm squared", speed)
    learned = supervised_rate(REGRESSION).subs(target, 1)
    solved = Flow({q: speed}, (rate,)).closed_form(q, time=t)
    from_zero = solved.solution.subs(dict(solved.initial)[q], 0)
    (needed,) = (at for at in solve(from_zero - (1 - short), t) if at.is_real)
    yield Step(
        "velocities of q and of the supervised cbar with target 1; the time q takes from 0 to 1 - short",
        Tuple(speed.subs(q, c_bar), learned, needed),
    )


def eigenvalue_growth_steps(model):
    yield Step("velocity of lambda = q^2", (2 * q * sharp_rate(model)).subs(q, sqrt(lam)).expand())


# --- G.3 ---------------------------------------------------------------------------------


def multiplier(loss):
    """Slope at sbar = 1 of a step of gradient descent on a loss of lambda = sbar^2 with gamma = 1."""
    return (sbar - eta * loss.subs(lam, sbar**2).diff(sbar)).diff(sbar).subs(sbar, 1).expand()


def step_steps(model):
    first = mode_loss(model).subs(gamma, 1)
    yield Step("the loss of s_1", first.factor())
    slope = (s - eta * first.diff(s)).diff(s).subs(s, 1).expand()
    yield Step("slope of one step at s_1 = 1", slope)
    yield Step("unstable where the slope exceeds one in size", Gt(slope**2, 1))


@lru_cache(maxsize=64)
def smooth_multipliers(model):
    """Left and right of the minimum for g = min(lambda, 1 + epsilon (1 - lambda))."""
    return tuple(multiplier(eigenvalue_loss(model, g).subs(Symbol("x"), lam)) for g in (lam, 1 + epsilon * (1 - lam)))


def smooth_steps(model):
    left, right = smooth_multipliers(model)
    yield Step("slopes of one step left and right of the minimum", Tuple(left, right))
    yield Step("a step past the minimum comes back: over both sides an error is multiplied by", (left * right).factor())
    (threshold,) = solve(left * right - 1, eta)
    yield Step("the rate at which that is one; below it the minimum is stable", threshold)
    yield Step("less the rate for epsilon = 1, the loss without modification", threshold - threshold.subs(epsilon, 1))


def flat_steps(model):
    left, right = smooth_multipliers(model)
    yield Step(
        "slopes of one step left and right of the minimum for g = min(lambda, 1)", Tuple(left, right.subs(epsilon, 0))
    )


def unsquared_steps(model):
    left, right = (sqrt(eigenvalue_loss(model, g)) for g in (lam, 1 + epsilon * (1 - lam)))
    at = [root.subs(lam, sbar**2) for root in (left, right)]
    yield Step("the norm, not squared, for one mode: left and right of the minimum", Tuple(*at))
    yield Step(
        "its slopes at the minimum, from the left and from the right",
        Tuple(*(limit((f - f.subs(sbar, 1)) / (sbar - 1), sbar, 1, side) for f, side in zip(at, "-+"))),
    )


def quartic_steps(model):
    quartic = (eigenvalue_loss(model, lam) ** 2).subs(lam, sbar**2)
    yield Step("the square of the loss of one mode", quartic)
    yield Step("second derivative at the minima", Tuple(*(quartic.diff(sbar, 2).subs(sbar, at) for at in (1, -1))))


def picture_steps(model):
    losses = [eigenvalue_loss(model, g).subs(lam, sbar**2) for g in (lam, 1 + epsilon * (1 - lam))]
    quartic = (eigenvalue_loss(model, lam) ** 2).subs(lam, sbar**2)
    yield Step(
        "(A) curvature at the minimum, (B) slope at 0+, (C) curvatures left and right of the minimum of the "
        "smoothed loss, (D) curvature of the quartic loss",
        Tuple(
            losses[0].diff(sbar, 2).subs(sbar, 1),
            limit(root_loss(model).diff(q), q, 0, "+"),
            *(f.diff(sbar, 2).subs(sbar, 1) for f in losses),
            quartic.diff(sbar, 2).subs(sbar, 1),
        ),
    )


def experiment_steps(model):
    yield Step("experiments with deep networks", kind="cited", cite="the figures and tables of the paper")


grad_L = -gradient_flow(ANY.loss, (F,)).rhs[F]
CLAIMS = (
    claim(
        "G1.chain",
        "in-text",
        Trace(F_theta.T * grad_L),
        chain_steps,
        identity(),
        "App. G.1",
        model=ANY,
        note="for one parameter theta, F_theta = dF/dtheta; any loss of F",
        statement_latex=r"\partial_\theta L = \operatorname{Tr}[(\partial_\theta F)^{\top} \nabla_F L]",
    ),
    claim(
        "eq52",
        "equation",
        Gt(1 / (variance + alpha) - 1 / (variance + excess + alpha), 0, evaluate=False),
        precondition_steps,
        implied(),
        "Eq. (52)",
        note="along a principal direction of variance v the gradient is multiplied by 1/(v + alpha), which falls "
        "with v: "
        "suppressed and boosted relative to each other",
        statement_latex=r"\frac{1}{v + \alpha} > \frac{1}{v + \Delta + \alpha}: \text{ of two principal directions "
        r"the one "
        r"of smaller variance is boosted}",
    ),
    claim(
        "eq52.absolute",
        "consequence",
        Lt(variance, 1 - alpha),
        boost_steps,
        equivalent(),
        "Eq. (52)",
        source="new",
        note="in absolute size nothing is boosted where alpha >= 1; the learning rate makes up for it",
        statement_latex=r"\frac{1}{v + \alpha} > 1 \iff v < 1 - \alpha",
    ),
    claim(
        "G2.Lsharp",
        "definition",
        norm(G - Identity(d)),
        sharp_steps,
        identity(),
        "App. G.2",
        model=CORRELATION,
        given=(Symmetric(G),),
        note="the square is missing: as printed it is not the loss (1) of g(C), and no sum of the modewise losses of "
        "Figure 9",
        statement_latex=r"L_{\mathrm{sharp}} = \lVert g(C) - I_d\rVert_F",
    ),
    claim(
        "G2.Lsharp.fixed",
        "consequence",
        sq(G - Identity(d)),
        sharp_steps,
        identity(),
        "App. G.2",
        model=CORRELATION,
        given=(Symmetric(G),),
        source="new",
        corrects="simon2023.G2.Lsharp",
        statement_latex=r"L_{\mathrm{sharp}} = \lVert g(C) - I_d\rVert_F^{2}",
    ),
    claim(
        "G2.Lsharp.coupled",
        "consequence",
        -(1 - q_1) * (1 - q_2) / ((1 - q_1) ** 2 + (1 - q_2) ** 2) ** Rational(3, 2),
        coupled_steps,
        identity(),
        "App. G.2",
        model=LOSS,
        source="new",
        note="with the norm as printed the modes are coupled",
        statement_latex=r"\partial_{q_1}\partial_{q_2} \lVert g(C) - I\rVert_F \ne 0, \quad q_j = \lvert\bar s_j\rvert",
    ),
    claim(
        "G2.kink",
        "in-text",
        Gt(1 / sqrt(1 + others), 0, evaluate=False),
        kink_steps,
        implied(),
        "App. G.2",
        model=LOSS,
        note="norm as printed; R is the sum of (1 - q_k)^2 over the other modes, at most d - 1 while 0 <= q_k <= 1",
        statement_latex=r"-\partial_{q_j} L_{\mathrm{sharp}} \to \frac{1}{\sqrt{1 + R}} > 0 \text{ as } q_j \to 0",
    ),
    claim(
        "G2.kink.squared",
        "consequence",
        2,
        squared_kink_steps,
        identity(),
        "App. G.2",
        model=LOSS,
        source="new",
        statement_latex=r"-\partial_{q_j} \lVert g(C) - I\rVert_F^{2} \to 2 \text{ as } q_j \to 0",
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
    claim(
        "G2.fig8D",
        "in-text",
        Tuple(2 * rate * (1 - c_bar), 2 * rate * (1 - c_bar), -log(short) / (2 * rate)),
        growth_steps,
        identity(),
        "App. G.2",
        model=LOSS,
        note="norm squared: q = lambda^(1/2) obeys the equation of Figure 8D, with no time of escape",
        statement_latex=r"\bar s' = 2\gamma(1 - \bar s),\quad \bar c' = 2\gamma(1 - \bar c),\quad "
        r"\bar s \text{ takes the time } -\tfrac{1}{2\gamma}\log h \text{ from } 0 \text{ to } 1 - h",
    ),
    claim(
        "G2.fig8D.eigenvalue",
        "consequence",
        4 * rate * (sqrt(lam) - lam),
        eigenvalue_growth_steps,
        identity(),
        "App. G.2",
        model=LOSS,
        source="new",
        note="lambda = q^2 itself starts with no velocity, and leaves zero at once all the same",
        statement_latex=r"\lambda' = 4\gamma(\lambda^{1/2} - \lambda)",
    ),
    claim(
        "eta14",
        "in-text",
        Gt(eta, Rational(1, 4)),
        step_steps,
        equivalent(),
        "App. G.3",
        model=LOSS,
        note="slope 1 - 8 eta of a step at the minimum of (1 - s^2)^2",
        statement_latex=r"s_1 = 1 \text{ is unstable under gradient descent} \iff \eta > \tfrac14",
    ),
    claim(
        "gsmooth",
        "in-text",
        Gt((1 + epsilon**2) / (8 * epsilon**2), Rational(1, 4), evaluate=False),
        smooth_steps,
        implied(),
        "App. G.3",
        model=LOSS,
        given=(epsilon < 1,),
        note="norm squared, gamma = 1: slopes 1 - 8 eta and 1 - 8 eta epsilon^2 on the two sides, stable while their "
        "product is below one",
        statement_latex=r"\text{stable up to } \eta = \frac{1 + \epsilon^{2}}{8\epsilon^{2}} > \frac14",
    ),
    claim(
        "gsmooth.flat",
        "consequence",
        Tuple(1 - 8 * eta, 1),
        flat_steps,
        identity(),
        "App. G.3",
        model=LOSS,
        source="new",
        note="g = min(lambda, 1): what overshoots stays where it lands, at every learning rate",
        statement_latex=r"g = \min(\lambda, 1): \text{ slopes } 1 - 8\eta \text{ and } 1",
    ),
    claim(
        "gsmooth.unsquared",
        "consequence",
        Tuple(-2, 2 * epsilon),
        unsquared_steps,
        identity(),
        "App. G.3",
        model=LOSS,
        source="new",
        note="norm as printed, one mode: the slopes do not vanish at the minimum, so that no rate is stable there",
        statement_latex=r"\partial_{\bar s}\lvert g(\bar s^{2}) - 1\rvert \to -2,\ 2\epsilon \text{ as } \bar s \to "
        r"1^{\mp}",
    ),
    claim(
        "quartic",
        "in-text",
        Tuple(0, 0),
        quartic_steps,
        identity(),
        "App. G.3",
        model=LOSS,
        statement_latex=r"\tfrac{d^{2}}{d\bar s^{2}}(1 - \bar s^{2})^{4} = 0 \text{ at } \bar s = \pm 1",
    ),
    claim(
        "fig9",
        "figure",
        Tuple(8, -2, 8, 8 * epsilon**2, 0),
        picture_steps,
        identity(),
        "Figure 9",
        model=LOSS,
        note="modewise losses with the norm squared; the smoothed one is flatter on one side of its minimum only",
        statement_latex=r"\text{(A) curvature } 8, \quad \text{(B) slope } {-2} \text{ at } 0^{+}, \quad \text{(C) "
        r"curvatures } "
        r"8 \text{ and } 8\epsilon^{2}, \quad \text{(D) curvature } 0",
    ),
    claim(
        "fig2-5,7,tab1-2",
        "figure",
        Symbol("experiments"),
        experiment_steps,
        cited("training of deep networks on images"),
        "Figures 2-5, 7, Tables 1, 2",
    ),
)
