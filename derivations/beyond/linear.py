"""Trajectories and minima of |W Gamma W^T - I|^2 in closed form.

Aligned modes lambda_j = gamma_j s_j^2 follow logistic curves; with a penalty
on |W|^2 every critical point is aligned, so the minimum is a sum over modes;
with one output the flow is linear in a clock of its own; with the square root of
C in place of C the modes relax exponentially, or all at one finite time.
"""

from functools import lru_cache

from sympy import (
    And,
    Eq,
    Ge,
    Gt,
    Identity,
    Implies,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    diag,
    diff,
    exp,
    expand,
    factor,
    limit,
    log,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, ModeSum, Symmetric, expect, inner, norm, potential, sq
from symssl.claims import Chapter, Claim, Model, Step, identity
from symssl.language import (
    Along,
    At,
    Diagonal,
    FirstTime,
    Gradient,
    GradientFlow,
    Named,
    Object,
    Orthonormal,
    Potential,
    PotentialGradient,
    Rate,
    VectorField,
    Vocabulary,
    unit,
)
from symssl.statements import derive

from ..simon2023.model import FRAMES, LOSS, Gamma, M, S, U, V, W, d, flow, gamma, m, modes, s, t
from .landscape import aligned, k

# --- models ------------------------------------------------------------------------------

epsilon, g = symbols("epsilon g", positive=True)
lam, lam_0 = symbols("lambda lambda_0", real=True)

REGULARISED = Model("linear model with a penalty on the norm", LOSS.loss + 2 * epsilon * sq(W), (W,), where=LOSS.where)

w = MatrixSymbol("w", 1, m)
ONE = Model("linear model with one output", sq(w * Gamma * w.T - Identity(1)), (w,), where=LOSS.where)

# a spectral loss tr f(C), and its square root; its gradient Y = f'(C) commutes with C
SHARP = Model("spectral loss", potential("f", W * Gamma * W.T), (W,), where=LOSS.where)
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
    """The rate of s under a spectral loss with f' given."""
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
        (g,),
    )


# --- steps -------------------------------------------------------------------------------


def penalty_steps(model):
    yield Step("gradient in an aligned mode", Tuple(*(entry for *_, entry in aligned(model, k).slope)))
    size, found = learnt(model)
    yield Step("s^2 at a critical point with k learnt modes", size)
    yield Step("s^2, and the loss there", Tuple(size, expand(found.value)))


def penalised_hessian_steps(model):
    yield from penalty_steps(model)
    found = learnt(model)[1]
    yield Step(
        "eigenvalues of the Hessian between frames, learnt rows first", Tuple(*(q.value for q in found.spectrum()))
    )


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


def relaxed(one):
    """x(t) from x(0) = x_0."""
    found = one.closed_form(x, time=t)
    return found.solution.subs(dict(found.initial)[x], x_0)


# --- the sentences -----------------------------------------------------------------------

size, weight, start = symbols("g s s_0", positive=True)
number, place, other = (symbols(name, integer=True) for name in ("j", "i", "k"))
lambda_, root_, time = symbols("lambda x tau", real=True)
target, x_start, c = symbols("e x_0 c", real=True)
first, second, ratio = symbols("w_1 w_2 z", positive=True)
u_vector = MatrixSymbol("u", d, 1)
Roots, weights_, ones = MatrixSymbol("B", d, d), MatrixSymbol("sigma", d, 1), MatrixSymbol("v", d, 1)
G = MatrixSymbol("G", d, d)
AMONG = Identity(m) - V * V.T
ALIGNED = {W: U * S * V.T, Gamma: V * G * V.T + AMONG * M * AMONG}
PENALTY = REGULARISED.loss


def equal(left, right):
    return Eq(left, right, evaluate=False)


def flow_of(model):
    return GradientFlow(model.loss, model.weights, where=model.where)


FLOW = flow_of(LOSS)
MODE = GradientFlow((gamma * weight**2 - 1) ** 2, weight)
PENALISED_MODE = (size * root_**2 - 1) ** 2 + 2 * epsilon * root_**2
GROWTH = VectorField({lambda_: 8 * size * lambda_ * (1 - lambda_)})
CLOCK = VectorField({time: 1})
ROW = flow_of(ONE)
LINEAR = VectorField({w: w * Gamma})
PAIR = GradientFlow((size * first**2 - size * second**2 - 1) ** 2, (first, second))
SHARP_UP = GradientFlow((sqrt(size) * weight - 1) ** 2, weight)
SHARP_DOWN = GradientFlow((sqrt(size) * weight + 1) ** 2, weight)
RISING = VectorField({root_: 2 * size * (1 - root_)})
FALLING = VectorField({root_: -2 * size * (1 + root_)})
PLAIN_MODES = GradientFlow(norm(ones - Roots * weights_), weights_, where=(Symmetric(Roots),))
EQUAL_MODES = GradientFlow(norm(ones - sqrt(size) * weights_), weights_)
DECAY = VectorField({R: -size})

WORDS = Vocabulary(
    Object(d, "the dimension of the embedding"),
    Object(m, "the dimension of the inputs"),
    Object(W, "the weights"),
    Object(U, "an orthogonal matrix", Orthonormal(U)),
    Object(V, "eigenvectors of Gamma, as columns", Orthonormal(V)),
    Object(S, "the singular values of aligned weights", Diagonal(S)),
    Object(G, "the eigenvalues of Gamma that belong to them", Diagonal(G)),
    Object(M, "what Gamma does on the rest", Symmetric(M)),
    Object(weight, "the singular value of one aligned mode"),
    Object(gamma, "its eigenvalue of Gamma"),
    Object(size, "this eigenvalue, or its absolute value"),
    Object(epsilon, "the strength of the penalty"),
    Object(lambda_, "gamma s^2, the eigenvalue of C = W Gamma W^T in the mode"),
    Object(lam_0, "this eigenvalue at time 0"),
    Object(t, "time"),
    Object(time, "time"),
    Object(root_, "the square root of the absolute value of gamma s^2; where there is a penalty, s itself"),
    Object(x_start, "this square root at time 0"),
    Object(target, "a value of this square root"),
    Object(u_vector, "a vector"),
    Object(c, "a number"),
    Object(w, "the weights of one output"),
    Object(place, "the number of an eigenvector of Gamma"),
    Object(other, "the number of another one"),
    Object(first, "the weight along an eigenvector with eigenvalue g"),
    Object(second, "the weight along an eigenvector with eigenvalue -g"),
    Object(ratio, "w_1^2 over its value at time 0"),
    Object(a, "g w_1(0)^2"),
    Object(b, "g w_2(0)^2"),
    Object(Roots, "the square roots of the eigenvalues of Gamma, all positive", Diagonal(Roots)),
    Object(weights_, "the singular values of aligned weights"),
    Object(ones, "the vector of ones"),
    Object(R, "the norm of the errors"),
    Object(R_0, "this norm at time 0"),
    Named(FLOW, "the gradient flow of the loss"),
    Named(MODE, "the equation of one aligned mode"),
    Named(GROWTH, "the equation of lambda"),
    Named(CLOCK, "the clock"),
    Named(ROW, "the gradient flow of the loss of one output"),
    Named(LINEAR, "the linear flow w' = w Gamma"),
    Named(PAIR, "the equation of two components with eigenvalues g and -g"),
    Named(SHARP_UP, "the equation of one aligned mode of the sharpened loss |g(C) - I|^2, gamma = g"),
    Named(SHARP_DOWN, "the equation of one aligned mode of the sharpened loss, gamma = -g"),
    Named(RISING, "the equation of x, gamma = g"),
    Named(FALLING, "the equation of x, gamma = -g"),
    Named(PLAIN_MODES, "the equation of all aligned modes of |g(C) - I|"),
    Named(EQUAL_MODES, "the same where all eigenvalues are g"),
    Named(DECAY, "the equation of the norm of the errors, all eigenvalues g"),
)
NAMES = Vocabulary(WORDS, Object(Gamma, "the cross-correlation matrix, symmetric", Symmetric(Gamma)))
DIAGONAL = Vocabulary(WORDS, Object(Gamma, "the cross-correlation matrix, in its eigenvectors", Diagonal(Gamma)))

WIDE = Ge(m, d)
MOVES = equal(At(Rate(W, FLOW), ALIGNED), 4 * U * (G * S - G**2 * S**3) * V.T)
t_0 = log(1 / lam_0 - 1) / (8 * size)  # when lambda is one half
VALUE = gamma * weight**2
RATE_OF_LAMBDA = equal(Rate(VALUE, MODE), At(8 * gamma * lambda_ * (1 - lambda_), {lambda_: VALUE}))
LOGISTIC = Along(lambda_, GROWTH, t, {lambda_: lam_0})
EITHER_SIGN = lam_0 / (lam_0 + (1 - lam_0) * exp(-8 * gamma * time))
INSIDE = (Gt(lam_0, 0), Lt(lam_0, 1))

trajectories = Chapter("beyond")


def to_modes():
    yield Step("aligned weights move along their frames", derive(At(Rate(W, FLOW), ALIGNED)))
    yield Step("lambda = gamma s^2 in one mode", derive(Rate(gamma * weight**2, MODE)))


@trajectories.claim(
    "logistic",
    "result",
    NAMES.sentence(And(MOVES, RATE_OF_LAMBDA, equal(LOGISTIC, 1 / (1 + exp(-8 * size * (t - t_0))))), (WIDE, *INSIDE)),
    source="new",
    note="an aligned mode with eigenvalue g > 0, exactly",
)
def logistic_():
    yield from to_modes()
    yield Step("its equation is solved", derive(LOGISTIC, INSIDE))


@trajectories.claim(
    "logistic.sign",
    "result",
    NAMES.sentence(
        And(
            RATE_OF_LAMBDA,
            equal(Rate(EITHER_SIGN, CLOCK), At(8 * gamma * lambda_ * (1 - lambda_), {lambda_: EITHER_SIGN})),
            equal(At(EITHER_SIGN, {time: 0}), lam_0),
        ),
        (Gt(gamma * lam_0, 0), Ge(time, 0)),
    ),
    source="new",
    note="an eigenvalue of either sign, from any lambda_0 of its sign: the closed form solves the equation of lambda",
)
def logistic_sign():
    yield Step("lambda = gamma s^2 in one mode", derive(Rate(gamma * weight**2, MODE)))
    yield Step("the rate of the closed form", derive(Rate(EITHER_SIGN, CLOCK)))


CURVE = 1 / (1 + exp(-8 * size * (t - t_0)))
MODE_LOSS = At((lambda_ - 1) ** 2, {lambda_: CURVE})


@trajectories.claim(
    "logistic.loss",
    "result",
    NAMES.sentence(
        And(
            equal(At(LOSS.loss, ALIGNED), Trace((G * S**2 - Identity(d)) ** 2)),
            equal(MODE_LOSS, (1 + exp(8 * size * (t - t_0))) ** -2),
        ),
        (WIDE, *INSIDE),
    ),
    source="new",
    note="the loss of aligned weights is the sum over modes of (lambda_j - 1)^2; along the curve of "
    "beyond.logistic each is this",
)
def logistic_loss():
    yield Step("the square of lambda - 1 along the logistic curve", derive(MODE_LOSS))


RISE = FirstTime(equal(lambda_, Rational(9, 10)), GROWTH, {lambda_: Rational(1, 10)})


@trajectories.claim(
    "logistic.rise",
    "result",
    NAMES.sentence(And(RATE_OF_LAMBDA, equal(RISE, log(81) / (8 * size)))),
    source="new",
    note="from lambda = 1/10 to 9/10",
)
def logistic_rise():
    yield Step("lambda = gamma s^2 in one mode", derive(Rate(gamma * weight**2, MODE)))
    yield Step("the time from one value to the other", derive(RISE))


# --- with a penalty on the norm ----------------------------------------------------------

penalised = Chapter("beyond")
POSITIVE = Gt(root_, 0)
SLOPE = Gradient(PENALISED_MODE, root_)


@penalised.claim(
    "regularised.threshold",
    "result",
    NAMES.sentence(
        And(
            equal(At(Gradient(PENALTY, W), ALIGNED), 4 * U * (G**2 * S**3 - G * S + epsilon * S) * V.T),
            Implies(Gt(size, epsilon), equal(At(SLOPE, {root_: sqrt(size - epsilon) / size}), 0)),
            Implies(And(Le(size, epsilon), POSITIVE), Gt(SLOPE, 0)),
        ),
        WIDE,
    ),
    source="new",
    note="mode j can be learnt if and only if gamma_j > epsilon; then its square is (gamma_j - epsilon)/gamma_j^2; "
    "else the loss increases with the square of the mode",
)
def threshold():
    yield Step("the gradient at aligned weights", derive(At(Gradient(PENALTY, W), ALIGNED)))


PRODUCT = W * Gamma * W.T


@penalised.claim(
    "regularised.rows",
    "result",
    NAMES.sentence(
        equal(
            u_vector.T * Gradient(PENALTY, W),
            4 * ((c - 1) * u_vector.T * W * Gamma + epsilon * u_vector.T * W)
            + 4 * (PRODUCT * u_vector - c * u_vector).T * W * Gamma,
        )
    ),
    source="new",
    note="where u is an eigenvector of C with eigenvalue c the last term vanishes: every critical point is aligned, as "
    "(1 - c) Gamma v = epsilon v for v = W^T u, so that v is an eigenvector of Gamma or zero, and different rows are "
    "orthogonal since u_i^T C u_j = 0",
)
def rows():
    yield Step("the gradient of the loss with the penalty", derive(Gradient(PENALTY, W)))


LEARNT = At(PENALISED_MODE, {root_: sqrt(size - epsilon) / size})


@penalised.claim(
    "regularised.gain",
    "result",
    NAMES.sentence(And(equal(LEARNT, 1 - (1 - epsilon / size) ** 2), Lt(Gradient(LEARNT, size), 0)), Gt(size, epsilon)),
    source="new",
    note="the larger the eigenvalue the lower the loss of a learnt mode: the minimum learns the top modes",
)
def gain():
    yield Step("the loss of a learnt mode", derive(LEARNT))
    yield Step("its derivative in the eigenvalue", derive(Gradient(LEARNT, size)))


# --- one output --------------------------------------------------------------------------

one_output = Chapter("beyond")
q_ = inner(w.T, Gamma * w.T)


@one_output.claim(
    "d1",
    "result",
    NAMES.sentence(And(equal(Rate(w, ROW), 4 * (1 - q_) * w * Gamma), equal(Rate(q_, LINEAR), 2 * sq(w * Gamma)))),
    source="new",
    note="any start: in the clock theta with d theta = 4 (1 - q) dt the flow is linear, w = w_0 exp(Gamma theta), and "
    "q = sum gamma_j w_j0^2 exp(2 gamma_j theta) increases, so that t is one quadrature",
)
def d1():
    yield Step("the gradient flow", derive(Rate(w, ROW)))
    yield Step("q = w Gamma w^T along w' = w Gamma", derive(Rate(q_, LINEAR)))


@one_output.claim(
    "d1.relaxation",
    "result",
    NAMES.sentence(
        And(
            equal(Rate(q_, ROW), 8 * (1 - q_) * sq(w * Gamma)),
            equal(Rate(ONE.loss, ROW), -16 * sq(w * Gamma) * (1 - q_) ** 2),
        )
    ),
    source="new",
    note="L = (1 - q)^2 decays at the rate 16 |w Gamma|^2",
)
def d1_relaxation():
    yield Step("q along the flow", derive(Rate(q_, ROW)))
    yield Step("the loss along the flow", derive(Rate(ONE.loss, ROW)))


e_i, e_k = unit(place, m), unit(other, m)
w_i, w_k = inner(e_i, w.T), inner(e_k, w.T)
gamma_i, gamma_k_ = inner(e_i, Gamma * e_i), inner(e_k, Gamma * e_k)
IN_RANGE = (Le(1, place), Le(place, m), Le(1, other), Le(other, m))


@one_output.claim(
    "d1.orbits",
    "result",
    DIAGONAL.sentence(
        And(
            equal(Rate(w_i, ROW), 4 * gamma_i * (1 - q_) * w_i),
            equal(gamma_k_ * Rate(log(w_i), ROW) - gamma_i * Rate(log(w_k), ROW), 0),
        ),
        (*IN_RANGE, Gt(w_i, 0), Gt(w_k, 0)),
    ),
    source="new",
    note="any two components along eigenvectors, with any eigenvalues: w_i^(gamma_k) w_k^(-gamma_i) does not move",
)
def d1_orbits():
    yield Step("one component", derive(Rate(w_i, ROW)))
    yield Step("the logarithm of another one", derive(Rate(log(w_k), ROW)))


def riccati(point):
    """8 g (z - a z^2 + b)."""
    return At(8 * size * (ratio - a * ratio**2 + b), point)


root = sqrt(1 + 4 * a * b)
z_plus, z_minus = (1 + root) / (2 * a), (1 - root) / (2 * a)
FADING = exp(-8 * size * root * time) * (1 - z_plus) / (1 - z_minus)
PAIR_SOLUTION = (z_plus - z_minus * FADING) / (1 - FADING)


@one_output.claim(
    "d1.pair",
    "result",
    NAMES.sentence(
        And(
            equal(Rate(first * second, PAIR), 0),
            equal(Rate(first**2, PAIR), riccati({ratio: first**2, a: size, b: size * first**2 * second**2})),
            equal(Rate(PAIR_SOLUTION, CLOCK), riccati({ratio: PAIR_SOLUTION})),
            equal(At(PAIR_SOLUTION, {time: 0}), 1),
        )
    ),
    source="new",
    note="eigenvalues g and -g: w_1^2 over its value at time 0, and so the inverse of w_2^2 over its value at time 0, "
    "is the solution from one of a Riccati equation, explicit in t",
)
def d1_pair():
    yield Step("the product of the two components", derive(Rate(first * second, PAIR)))
    yield Step("the square of the first", derive(Rate(first**2, PAIR)))
    yield Step("the rate of the closed form", derive(Rate(PAIR_SOLUTION, CLOCK)))


# --- the sharpened loss ------------------------------------------------------------------

sharpened = Chapter("beyond")
SIDE = sqrt(size) * weight
UPWARD, DOWNWARD = (Along(root_, dynamics, t, {root_: x_start}) for dynamics in (RISING, FALLING))
TO_ROOT = (
    equal(Rate(SIDE, SHARP_UP), At(Rate(root_, RISING), {root_: SIDE})),
    equal(Rate(SIDE, SHARP_DOWN), At(Rate(root_, FALLING), {root_: SIDE})),
)


@sharpened.claim(
    "sharp",
    "result",
    NAMES.sentence(
        And(
            *TO_ROOT,
            equal(UPWARD, 1 - (1 - x_start) * exp(-2 * size * t)),
            equal(DOWNWARD, -1 + (1 + x_start) * exp(-2 * size * t)),
        )
    ),
    source="new",
    note="g(lambda) = sign(lambda) |lambda|^(1/2), so that a mode adds (x - 1)^2 to the loss where gamma = g and "
    "(x + 1)^2 where gamma = -g, the latter until it vanishes; f'(C) commutes with C, so that aligned weights stay so",
)
def sharp():
    yield Step("x of a mode with a positive eigenvalue", derive(Rate(SIDE, SHARP_UP)))
    yield Step("x of a mode with a negative eigenvalue", derive(Rate(SIDE, SHARP_DOWN)))
    yield Step("the solution of the first", derive(UPWARD))
    yield Step("the solution of the second", derive(DOWNWARD))


REACHED = FirstTime(equal(root_, target), RISING, {root_: 0})
VANISHED = FirstTime(equal(root_, 0), FALLING, {root_: x_start})


@sharpened.claim(
    "sharp.start",
    "result",
    NAMES.sentence(And(TO_ROOT[0], equal(REACHED, -log(1 - target) / (2 * size))), (Gt(target, 0), Lt(target, 1))),
    source="new",
    note="no delay: from lambda = 0 the mode reaches lambda = e^2 when exp(-2 gamma t) = 1 - e",
)
def sharp_start():
    yield Step("x of a mode with a positive eigenvalue", derive(Rate(SIDE, SHARP_UP)))
    yield Step("when it reaches e", derive(REACHED, (Gt(target, 0), Lt(target, 1))))


@sharpened.claim(
    "sharp.death",
    "result",
    NAMES.sentence(And(TO_ROOT[1], equal(VANISHED, log(1 + x_start) / (2 * size))), Gt(x_start, 0)),
    source="new",
    note="gamma = -g: the mode vanishes at a finite time",
)
def sharp_death():
    yield Step("x of a mode with a negative eigenvalue", derive(Rate(SIDE, SHARP_DOWN)))
    yield Step("when it is zero", derive(VANISHED, (Gt(x_start, 0),)))


ERROR, ERROR_EQUAL = ones - Roots * weights_, ones - sqrt(size) * weights_
j_th = unit(number, d)
NUMBERED = Vocabulary(NAMES, Object(number, "the number of a mode"))


@sharpened.claim(
    "sharp.plain",
    "result",
    NUMBERED.sentence(
        And(
            equal(Rate(ERROR, PLAIN_MODES), -Roots * Roots * ERROR / norm(ERROR)),
            equal(
                Rate(inner(j_th, ERROR), PLAIN_MODES),
                -(inner(j_th, Roots * j_th) ** 2) * inner(j_th, ERROR) / norm(ERROR),
            ),
            equal(Rate(norm(ERROR), PLAIN_MODES), -sq(Roots * ERROR) / sq(ERROR)),
        ),
        (Gt(norm(ERROR), 0), Le(1, number), Le(number, d)),
    ),
    source="new",
    note="|g(C) - I| not squared, all eigenvalues positive: in the clock with dt = R d theta, R the norm, every error "
    "e_j = 1 - lambda_j^(1/2) decays as exp(-gamma_j theta); R falls at a rate between gamma_d and gamma_1, so that "
    "all modes arrive at one finite time between R_0/gamma_1 and R_0/gamma_d",
)
def sharp_plain():
    yield Step("the errors of all modes", derive(Rate(ERROR, PLAIN_MODES)))
    yield Step("their norm", derive(Rate(norm(ERROR), PLAIN_MODES)))


LEFT = Along(R, DECAY, t, {R: R_0})


@sharpened.claim(
    "sharp.plain.equal",
    "result",
    NAMES.sentence(
        And(
            equal(Rate(norm(ERROR_EQUAL), EQUAL_MODES), -size),
            equal(Rate(ERROR_EQUAL / norm(ERROR_EQUAL), EQUAL_MODES), ZeroMatrix(d, 1)),
            equal(LEFT, R_0 - size * t),
        ),
        (Gt(norm(ERROR_EQUAL), 0), Lt(size * t, R_0)),
    ),
    source="new",
    note="equal eigenvalues, or one mode: linear decay to zero at t = R_0/g, directions kept",
)
def sharp_plain_equal():
    yield Step("the norm of the errors", derive(Rate(norm(ERROR_EQUAL), EQUAL_MODES)))
    yield Step("their direction", derive(Rate(ERROR_EQUAL / norm(ERROR_EQUAL), EQUAL_MODES)))
    yield Step("the norm at a time", derive(LEFT, (Lt(size * t, R_0),)))


# --- the statements ----------------------------------------------------------------------

gamma_j, gamma_k, pi_k = symbols("gamma_j gamma_k pi_k", positive=True)
nu_k = symbols("nu_k", negative=True)
positive_gamma = symbols("gamma", positive=True)


def _linear(label, printed, steps, decide, *, model=LOSS, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    *trajectories.claims,
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
    *penalised.claims,
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
    *one_output.claims,
    _linear(
        "d1.bias",
        b * sqrt(g / (2 * a)),
        bias_steps,
        identity(),
        model=ONE,
        note="eigenvalues 2g and g, start alpha (sqrt(a), sqrt(b)): the limit is top spectral only as alpha -> 0",
        statement_latex=r"\lim_{\alpha \to 0}\alpha^{-1}\lim_{t \to \infty} g\,w_2(t)^{2} = b\sqrt{g/2a}",
    ),
    *sharpened.claims,
)

NOTATION = {}


def equations():
    """Trajectories in closed form, for LaTeX."""
    return {"logistic": grown(LOSS, g), "one-output-clock": clock(ONE), "sharpened": relaxed(sharp_flow(SHARP, 1))}
