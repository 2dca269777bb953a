"""Tian, Chen, Ganguli: Understanding self-supervised learning dynamics without contrastive pairs.

International Conference on Machine Learning 2021.  The squared loss of a linear
encoder W with a linear predictor W_p, against a target W_a that is an
exponential moving average of W:

    L = 1/2 E |W_p W x - sg(W_a x')|^2,

with isotropic data, Cov(x) = Cov(x') = (1 + sigma^2) I, Cov(x, x') = I.  The printed
formulas are restated in this notation, hence "reconstructed".
"""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    FiniteSet,
    Gt,
    Identity,
    Implies,
    Integer,
    Lt,
    MatrixSymbol,
    Tuple,
    ZeroMatrix,
    exp,
    sqrt,
    symbols,
)

from symssl import E, Flow, Orthonormal, gaussians, inner, sg, sq
from symssl.claims import Chapter, Claim, Model, Paper, Step, identity
from symssl.language import At, Count, GradientFlow, Let, Named, Object, Rate, Stability, VectorField, Vocabulary, Zeros
from symssl.statements import derive

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


def _claim(label, kind, printed, steps, decide, cite, **more):
    return Claim(
        f"tian2021.{label}", kind, printed, steps, decide, model=MODEL, cite=cite, source="reconstructed", **more
    )


# --- sentences ---------------------------------------------------------------------------

rate = tau - (1 + sigma2) * p
LOSS = E(sq(Wp * W * x - sg(Wa * xp))) / 2
LEARNING = GradientFlow(LOSS, (W, Wp), decay=eta, rates={Wp: alpha_p})
PREDICTOR = -alpha_p * ((1 + sigma2) * Wp * W - Wa) * W.T - eta * Wp
ENCODER = -Wp.T * ((1 + sigma2) * Wp * W - Wa) - eta * W
TOGETHER = VectorField({Wp: PREDICTOR, W: ENCODER, Wa: beta * (W - Wa)})
QUASI_STATIC = VectorField({p: alpha_p * s * rate - eta * p, s: 2 * p * s * rate - 2 * eta * s})
ON_PARABOLA = VectorField({p: p**2 * rate - eta * p})

u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", d, 1)
R, R_p, R_a = MatrixSymbol("R", n, d), MatrixSymbol("R_p", n, n), MatrixSymbol("R_a", n, d)
encoder, predictor, target = MatrixSymbol("P", n, d), MatrixSymbol("P_p", n, n), MatrixSymbol("P_a", n, d)
gap = symbols("r", positive=True)
FOLD = tau**2 / (4 * (1 + sigma2))


def equal(left, right):
    return Eq(left, right, evaluate=False)


def outside(vector):
    """The projection that leaves out a unit vector."""
    return Identity(vector.shape[0]) - vector * vector.T


MATRICES = (
    Object(n, "the number of outputs"),
    Object(d, "the dimension of the inputs"),
    Object(W, "the encoder"),
    Object(Wp, "the predictor"),
    Object(Wa, "the target, a moving average of the encoder"),
    Object(x, "an input"),
    Object(xp, "the other view of it, with covariance I between the two"),
)
NUMBERS = (
    Object(eta, "the weight decay"),
    Object(alpha_p, "the learning rate of the predictor, relative to that of the encoder"),
    Object(beta, "the rate of the moving average"),
    Object(sigma2, "the variance of the augmentation"),
    Object(p, "the eigenvalue of the predictor"),
    Object(s, "the squared singular value of the encoder"),
    Object(w, "the singular value of the encoder"),
    Object(tau, "the singular value of the target over that of the encoder"),
    Object(gap, "the square root of tau^2 - 4 eta (1 + sigma^2)"),
    Named(LEARNING, "the gradient flow of the loss, with weight decay; what is stopped is the target"),
    Named(TOGETHER, "the gradient flow in expectation, with the moving average"),
    Named(QUASI_STATIC, "the eigenvalue dynamics with tau held fixed"),
    Named(ON_PARABOLA, "the eigenvalue dynamics on the parabola, with tau held fixed"),
)
WORDS = Vocabulary(*MATRICES, *NUMBERS)
FRAMED = Vocabulary(
    WORDS,
    Object(u, "a common left singular vector", Orthonormal(u)),
    Object(v, "a common right singular vector", Orthonormal(v)),
    Object(R, "a matrix"),
    Object(R_p, "a matrix"),
    Object(R_a, "a matrix"),
    Let(encoder, w * u * v.T + outside(u) * R * outside(v), "the encoder, with its singular triple and any rest"),
    Let(predictor, p * u * u.T + outside(u) * R_p * outside(u), "the predictor, in the same frame"),
    Let(target, tau * w * u * v.T + outside(u) * R_a * outside(v), "the target, in the same frames"),
)


def where_eta_is(value):
    """The names where the weight decay has a value."""
    return Vocabulary(*(entry for entry in WORDS.entries if entry.name != "eta"), Let(eta, value, "the weight decay"))


def in_frames(term):
    """A term in common frames."""
    return At(term, {W: encoder, Wp: predictor, Wa: target})


def speed(weight, left, right):
    """The velocity of a singular value or an eigenvalue."""
    return in_frames(inner(left, Rate(weight, TOGETHER) * right))


chapter = Chapter("tian2021")


@chapter.claim(
    "flow",
    "equation",
    WORDS.sentence(And(equal(Rate(Wp, LEARNING), PREDICTOR), equal(Rate(W, LEARNING), ENCODER))),
    cite="gradient flow",
    source="reconstructed",
)
def flow():
    yield Step("the predictor, its Gaussian moments evaluated", derive(Rate(Wp, LEARNING)))
    yield Step("the encoder", derive(Rate(W, LEARNING)))


@chapter.claim(
    "modes",
    "equation",
    FRAMED.sentence(
        And(
            equal(speed(Wp, u, u), alpha_p * w**2 * rate - eta * p),
            equal(2 * w * speed(W, u, v), 2 * p * w**2 * rate - 2 * eta * w**2),
            equal(speed(Wa, u, v) / w - tau * speed(W, u, v) / w, beta * (1 - tau) - tau * (p * rate - eta)),
            equal(in_frames(outside(u) * Rate(Wp, TOGETHER) * u), ZeroMatrix(n, 1)),
            equal(in_frames(outside(u) * Rate(W, TOGETHER) * v), ZeroMatrix(n, 1)),
            equal(in_frames(outside(v) * Rate(W, TOGETHER).T * u), ZeroMatrix(d, 1)),
            equal(in_frames(outside(u) * Rate(Wa, TOGETHER) * v), ZeroMatrix(n, 1)),
        )
    ),
    cite="eigenvalue dynamics",
    source="reconstructed",
    note="the velocities of p, s = w^2 and tau = a/w; the last lines say that common frames stay common",
)
def common_frames():
    for weight in (Wp, W, Wa):
        yield Step("the velocity of a weight", derive(Rate(weight, TOGETHER)))


@chapter.claim(
    "invariant",
    "equation",
    WORDS.sentence(equal(Rate(s - p**2 / alpha_p, QUASI_STATIC), -2 * eta * (s - p**2 / alpha_p))),
    cite="invariant parabola, its generator",
    source="reconstructed",
)
def invariant():
    yield Step("velocity of s - p^2 / alpha_p", derive(Rate(s - p**2 / alpha_p, QUASI_STATIC)))


ROOTS = tuple((tau + sign * sqrt(tau**2 - 4 * eta * (1 + sigma2))) / (2 * (1 + sigma2)) for sign in (-1, 1))

equilibria = Chapter("tian2021")
equilibria.claim(
    "equilibria",
    "equation",
    WORDS.sentence(
        And(
            equal(At(Rate(p, QUASI_STATIC), {s: p**2 / alpha_p}), p**2 * rate - eta * p),
            equal(Zeros(ON_PARABOLA), FiniteSet(0, *ROOTS)),
        ),
        given=Gt(tau**2, 4 * eta * (1 + sigma2)),
    ),
    cite="equilibria on the parabola",
    source="reconstructed",
)

NUMBER = Count(Zeros(ON_PARABOLA))
equilibria.claim(
    "existence",
    "in-text",
    WORDS.sentence(
        And(
            Implies(Lt(eta, FOLD, evaluate=False), equal(NUMBER, 3)),
            Implies(Gt(eta, FOLD, evaluate=False), equal(NUMBER, 1)),
        )
    ),
    cite="equilibria on the parabola",
    source="reconstructed",
    note="besides p = 0 there are two below the fold and none above it; at the fold see tian2021.fold",
)

equilibria.claim(
    "stability",
    "in-text",
    where_eta_is((tau**2 - gap**2) / (4 * (1 + sigma2))).sentence(
        And(
            *(
                Stability(ON_PARABOLA, {p: point}, kind)
                for point, kind in (
                    (Integer(0), "stable"),
                    ((tau - gap) / (2 * (1 + sigma2)), "unstable"),
                    ((tau + gap) / (2 * (1 + sigma2)), "stable"),
                )
            )
        ),
        given=Lt(gap, tau),
    ),
    cite="stability of the equilibria",
    source="reconstructed",
    note="the weight decay told by r = (tau^2 - 4 eta (1 + sigma^2))^(1/2)",
)

equilibria.claim(
    "fold",
    "result",
    where_eta_is(FOLD).sentence(
        And(
            equal(Zeros(ON_PARABOLA), FiniteSet(0, tau / (2 * (1 + sigma2)))),
            Stability(ON_PARABOLA, {p: tau / (2 * (1 + sigma2))}, "half-stable"),
        )
    ),
    cite="equilibria on the parabola",
    source="reconstructed",
    note="there the two equilibria that are not zero meet",
)


CLAIMS = (
    *chapter.claims,
    _claim(
        "parabola",
        "equation",
        p**2 / alpha_p + c * exp(-2 * eta * t),
        trajectory_steps,
        identity(),
        "invariant parabola",
    ),
    *equilibria.claims,
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
