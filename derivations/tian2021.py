"""Tian, Chen, Ganguli: Understanding self-supervised learning dynamics without contrastive pairs.

International Conference on Machine Learning 2021.  The squared loss of a linear
encoder W with a linear predictor W_p, against a target W_a that is an
exponential moving average of W:

    L = 1/2 E |W_p W x - sg(W_a x')|^2,

with isotropic data, Cov(x) = Cov(x') = (1 + sigma^2) I, Cov(x, x') = I.  The printed
formulas are restated in this notation, hence "reconstructed".
"""

from functools import lru_cache, partial

from sympy import Dict, Eq, MatrixSymbol, Tuple, exp, sqrt, symbols

from symssl import E, Flow, gaussians, sg, sq
from symssl.claims import Claim, Model, Paper, Step, equivalent, identity, same_value
from symssl.scalar import count_equilibria

n, k, d = symbols("n k d", integer=True, positive=True)
eta, beta, alpha_p = symbols("eta beta alpha_p", positive=True)
sigma2 = symbols("sigma2", nonnegative=True)
p = symbols("p", real=True)
s, tau, t = symbols("s tau t", positive=True)
w, a = symbols("w a", positive=True)
c = symbols("c", real=True)

W, Wa, Wp = MatrixSymbol("W", n, d), MatrixSymbol("W_a", n, d), MatrixSymbol("W_p", n, n)
U, V = MatrixSymbol("U", n, n), MatrixSymbol("V", d, n)
x, xp = gaussians("x x'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])

MODEL = Model(
    "squared loss, predictor and moving average",
    E(sq(Wp * W * x - sg(Wa * xp))) / 2,
    (W, Wp),
    weight_decay=eta,
    options={"rates": {Wp: alpha_p}, "extra": {Wa: beta * (W - Wa)}},
)
FRAMES = {W: (U, w, V), Wp: (U, p, U), Wa: (U, a, V)}


@lru_cache(maxsize=64)
def modes(model):
    """p, s = w^2 and tau = a/w of one mode."""
    return model.flow().expect().spectral(FRAMES, change={s: w**2, tau: a / w})


@lru_cache(maxsize=64)
def on_parabola(model):
    """p on the invariant parabola, tau held fixed."""
    full = modes(model)
    fixed_target = Flow({x: full.states[x] for x in (p, s)}, (*full.parameters, tau))
    curve = next(q for q in fixed_target.invariants(2) if q.curve.has(p) and q.curve.has(s))
    return fixed_target.restrict(Eq(curve.curve, 0))


def gradient_steps(model):
    flow = model.flow()
    yield Step("gradient flow of the loss, the moving average added", flow.rhs)
    yield Step("evaluate the Gaussian moments", flow.expect().rhs)


def mode_steps(model):
    yield from gradient_steps(model)
    yield Step("n <= d, so that V has n orthonormal columns; common frames at the start", kind="assumption")
    yield Step("reduce to common frames; s = w^2, tau = a/w", Dict(dict(modes(model).states)))


def invariant_steps(model):
    yield from mode_steps(model)
    full = modes(model)
    found = Flow({x: full.states[x] for x in (p, s)}, (*full.parameters, tau)).invariants(2)
    curve = next(q for q in found if q.curve.has(p) and q.curve.has(s))
    scale = curve.curve.coeff(s)
    yield Step("search all Darboux polynomials up to degree 2", curve.curve)
    yield Step("curve, scaled to s + ..., and its cofactor", Tuple((curve.curve / scale).expand(), curve.cofactor))


def trajectory_steps(model):
    yield from invariant_steps(model)
    *_, last = invariant_steps(model)
    curve, rate = last.result
    gap = Flow({c: rate * c}, (eta,)).closed_form(c, time=t)
    start = dict(gap.initial)[c]
    yield Step("the defect of the parabola obeys a linear equation; solve it", s - curve + gap.solution.subs(start, c))


def equilibrium_steps(model):
    yield from scalar_steps(model)
    flow = on_parabola(model)
    yield Step(
        "equilibria in closed form", Tuple(*(q.values[p] for q in flow.equilibria().explicit if q.multiplicity == 1))
    )


def scalar_steps(model):
    yield from mode_steps(model)
    yield Step(
        "hold tau constant and restrict to the parabola",
        on_parabola(model),
        kind="approximation",
        order="one: tau relaxes at the rate beta",
    )


def count_steps(model):
    yield from scalar_steps(model)
    flow = on_parabola(model)
    case = next(q for q in count_equilibria(flow, p) if q.number == 3)
    yield Step("three equilibria exactly where", case.condition)


def stability_steps(model):
    yield from scalar_steps(model)
    flow = on_parabola(model)
    case = next(q for q in count_equilibria(flow, p) if q.number == 3)
    yield Step("stability from left to right", Tuple(*symbols(list(case.stability))))


def fold_steps(model):
    yield from scalar_steps(model)
    flow = on_parabola(model)
    fold = next(f for f in flow.fold_set().explicit if eta in f and p in f)
    yield Step("the fold, explicit in eta", fold[eta])


def _claim(label, kind, printed, steps, decide, cite, **more):
    return Claim(
        f"tian2021.{label}", kind, printed, steps, decide, model=MODEL, cite=cite, source="reconstructed", **more
    )


rate = tau - (1 + sigma2) * p
stable, unstable = symbols("stable unstable")
root = sqrt(tau**2 - 4 * eta * (1 + sigma2))

CLAIMS = (
    _claim(
        "flow",
        "equation",
        Dict(
            {
                Wp: -alpha_p * ((1 + sigma2) * Wp * W - Wa) * W.T - eta * Wp,
                W: -Wp.T * ((1 + sigma2) * Wp * W - Wa) - eta * W,
                Wa: beta * (W - Wa),
            }
        ),
        gradient_steps,
        identity(),
        "gradient flow",
    ),
    _claim(
        "modes",
        "equation",
        Dict(
            {
                p: alpha_p * s * rate - eta * p,
                s: 2 * p * s * rate - 2 * eta * s,
                tau: beta * (1 - tau) - tau * (p * rate - eta),
            }
        ),
        mode_steps,
        identity(),
        "eigenvalue dynamics",
    ),
    _claim(
        "invariant",
        "equation",
        Tuple(s - p**2 / alpha_p, -2 * eta),
        invariant_steps,
        identity(),
        "invariant parabola, its generator",
    ),
    _claim(
        "parabola",
        "equation",
        p**2 / alpha_p + c * exp(-2 * eta * t),
        trajectory_steps,
        identity(),
        "invariant parabola",
    ),
    _claim(
        "equilibria",
        "equation",
        Tuple(0, (tau - root) / (2 * (1 + sigma2)), (tau + root) / (2 * (1 + sigma2))),
        equilibrium_steps,
        identity(),
        "equilibria on the parabola",
    ),
    _claim(
        "existence",
        "in-text",
        eta < tau**2 / (4 * (1 + sigma2)),
        count_steps,
        equivalent(),
        "equilibria on the parabola",
    ),
    _claim(
        "stability",
        "in-text",
        Tuple(stable, unstable, stable),
        stability_steps,
        same_value(),
        "stability of the equilibria",
    ),
    _claim("fold", "result", tau**2 / (4 * (1 + sigma2)), fold_steps, identity(), "equilibria on the parabola"),
)


def equations():
    full = modes(MODEL)
    return {"gradient-flow": MODEL.flow().expect(), "modes": full, "parabola": on_parabola(MODEL)}


PAPER = Paper(
    "tian2021",
    "Understanding self-supervised learning dynamics without contrastive pairs",
    "Tian, Chen, Ganguli, ICML 2021",
    CLAIMS,
    equations,
    models={"squared": partial(on_parabola, MODEL)},
    notation={"alpha_p": r"\alpha_p", "sigma2": r"\sigma^2", "Wp": "W_p", "Wa": "W_a"},
)
