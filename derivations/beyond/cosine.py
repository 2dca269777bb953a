"""Sharper laws for the cosine and squared losses with stop-gradient.

The setting is that of :mod:`symssl.derivations.bao2023`: a two-layer linear network
with stop-gradient and weight decay, at every size, no limit taken unless a step says so.
"""

from functools import partial
from itertools import combinations

from sympy import (
    And,
    Dict,
    Eq,
    FiniteSet,
    Gt,
    Identity,
    Implies,
    Integer,
    LambertW,
    Lt,
    MatAdd,
    Matrix,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    degree,
    diag,
    exp,
    factor,
    integrate,
    log,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import (
    E,
    Flow,
    ModeSum,
    compile_function,
    concentrate,
    expect,
    gaussians,
    gradient_flow,
    inner,
    potential,
    sg,
    sq,
)
from symssl.claims import Chapter, Claim, Step, identity, order_of_error, same_value
from symssl.language import (
    At,
    Count,
    Gradient,
    GradientFlow,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
    Zeros,
)
from symssl.matrix import MatrixFlow, laws
from symssl.simulate import expected_cosine_gradient, mode_moments
from symssl.statements import derive

from ..bao2023 import (
    COSINE,
    NOTATION as NOTATION,  # the same notation as there
    SQUARED,
    F,
    N_Phi,
    N_Psi,
    N_x,
    Phi,
    W,
    alignment,
    count,
    flow,
    growth_rate,
    half_stable,
    kappa,
    modes,
    mu,
    p,
    pattern,
    rho,
    s,
    scalar_flow,
    scaling,
    sigma2,
    stable,
    t,
    to_closed,
    to_groups,
    to_modes,
    to_scalar,
    unstable,
    y,
)

MODE_MOMENTS = (*symbols("a b", positive=True), symbols("g", real=True))
TILTS = symbols("k l", positive=True)
n, p_0 = symbols("n p_0", positive=True)
POINTS = ((0, 1), (Rational(3, 8), Rational(11, 32)), (0, Rational(1, 10)))
r = 1 / (1 + sigma2)


def norm_law_steps(model):
    found = laws(flow(model))
    yield Step("all laws in words of degree two", Tuple(*(Tuple(q.quantity, q.multiplier) for q in found)))
    yield Step("multipliers of |W|^2 and |Phi|^2", Tuple(*(growth_rate(flow(model), q) for q in (sq(W), sq(Phi)))))


def clock_steps(model):
    """If the field without decay is homogeneous of degree k, decay is a change of time."""
    free = gradient_flow(model.loss, model.weights).rhs
    euler = MatrixFlow({A: A for A in model.weights})
    k = next(
        k for k in range(-4, 5) if all(expect(euler.lie(f) - k * f) == ZeroMatrix(*f.shape) for f in free.values())
    )
    yield Step("degree of homogeneity of the field without decay (Euler's identity)", Integer(k))
    added = {A: expect(flow(model).rhs[A] - free[A]) for A in model.weights}
    (rate,) = {cancel(expect(inner(added[A], A)) / expect(sq(A))) for A in model.weights}
    yield Step("decay adds one multiple of every weight", Tuple(*(expect(added[A] - rate * A) for A in model.weights)))
    # exp(rate t) w(tau) has the velocity rate exp(rate t) w + exp(rate t) tau' G(w), and should
    # have rate exp(rate t) w + exp(k rate t) G(w)
    speed = symbols("speed", positive=True)
    (clock,) = solve(exp(rate * t) * speed - exp(k * rate * t), speed)
    yield Step("speed of the clock", clock)
    yield Step("the clock", integrate(clock, (t, 0, t)))


def truncation_steps(model):
    """Which sums of terms of the limit of H are traceless?"""
    yield from to_closed(model)
    terms = lemma4_terms(model)
    yield Step("terms of H by degree in the normalised weights", Tuple(*terms))
    traces = [expect(Trace(q)) for q in terms]
    kept = [
        frozenset(pick)
        for size in range(1, len(terms) + 1)
        for pick in combinations(range(len(terms)), size)
        if simplify(sum(traces[i] for i in pick)) == 0
    ]
    yield Step("traceless sums", FiniteSet(*(FiniteSet(*(i + 1 for i in pick)) for pick in kept)))


def lemma4_terms(model):
    """The terms of the limit of H by the number of weights in the word: alignment
    (W F), scalar feedback (W F W) and matrix feedback (W F W F W)."""
    limit_h = expect(concentrate(alignment(model), order="o_P(1)").expr)
    by_length = {}
    for q in limit_h.args:
        length = sum(1 for f in q.args if f.is_Matrix)
        by_length.setdefault(length, []).append(q)
    return tuple(MatAdd(*by_length[k]) for k in sorted(by_length))


def integral_steps(model):
    """Moments of one mode (u, v), Cov = [[a, g], [g, b]], under the weight exp(-k u^2 - l v^2)."""
    q, size = symbols("q size", positive=True)
    yield Step(
        "norms as Laplace integrals: 1/|v| and 1/|v|^3 by the size of v",
        Tuple(*(integrate(q**n * exp(-q * size**2), (q, 0, oo)) for n in (-Rational(1, 2), Rational(1, 2)))),
    )
    (a, b, g), (k, l) = MODE_MOMENTS, TILTS
    cov = Matrix([[a, g], [g, b]])
    precision = cov.inv() + diag(2 * k, 2 * l)
    yield Step(
        "the weighted Gaussian law has this precision; its mass is det(cov precision)^(-1/2)",
        precision,
        kind="cited",
        cite="the Gaussian integral",
    )
    tilted = precision.inv().applyfunc(factor)
    u, v = gaussians("u v", 1, cov=tilted.tolist())
    moments = (expect(E(Trace(w))) for w in (u * v.T, v * v.T, u * v.T * v * v.T))
    yield Step(
        "det(cov precision), and E[u v], E[v^2], E[u v^3] of the weighted law",
        Tuple(*map(factor, ((cov * precision).det(), *moments))),
    )


def assembly_steps(model):
    """E[<u, v> v_j^2] for independent modes with E[u_k v_k] = c_k, E[v_k^2] = b_k."""
    c, b = Matrix(symbols("c_1:4", real=True)), Matrix(symbols("b_1:4", positive=True))
    one = Matrix([1, 0, 0])
    u, v = gaussians("u v", 3, cov=[[Identity(3), diag(*c)], [diag(*c), diag(*b)]])
    yield Step("three independent modes, j the first", factor(expect(E(inner(u, v) * inner(v, one) ** 2))))


def spectrum(size):
    """A spectrum without degeneracy: p from 1/5 to 6/5, s off the parabola."""
    u = [j / size for j in range(size)]
    return [0.2 + q for q in u], [0.5 + q**2 for q in u]


def decaying(size):
    """A decaying spectrum on the parabola: p_j = j^(-1/4)."""
    p_ = [j**-0.25 for j in range(1, size + 1)]
    return p_, [q**2 for q in p_]


def steep(size):
    """A summable spectrum on the parabola: p_j = 1/j."""
    p_ = [1 / j for j in range(1, size + 1)]
    return p_, [q**2 for q in p_]


def length(vector):
    return float((vector**2).sum() ** 0.5)


def errors(model, size, variance=0.25, spectrum=spectrum):
    """Error of the cubic truncation, error of the printed limit, size of the p^6 term.

    All against the exact H, relative to |E[z' omega^T]|, by the compiled modes."""
    system = modes(model).compile()
    at = {"rho": 0.0, "sigma2": variance}
    weights = spectrum(size)
    couplings = list(system.couplings_at(*weights, values=at).values())
    h_j = (p * modes(model).states[p]).subs(rho, 0).expand()
    feedback = sum(q for q in h_j.args if degree(q, s) == 2)
    parts = compile_function([h_j - feedback, feedback], [p, s, *modes(model).couplings, sigma2])
    cubic, sixth = parts(*weights, *couplings, variance)
    exact = expected_cosine_gradient(*mode_moments(*weights, variance))
    return tuple(length(v) / length(exact.alignment) for v in (cubic - exact.value, cubic + sixth - exact.value, sixth))


def order_steps(model, which, modes):
    sizes = [8 * 4**k for k in range(6)]
    found = [which(*errors(model, size, spectrum=modes)) for size in sizes]
    yield Step(
        "errors against the exact two-dimensional integral, by number of modes",
        Tuple(*(Tuple(size, Rational(str(e))) for size, e in zip(sizes, found))),
    )


def flat_steps(model):
    """All modes equal: by symmetry H is a multiple of I, so H = tr(H)/h I."""
    yield Step("trace of the exact H", expect(Trace(alignment(model))))
    yield from to_modes(model)
    closed = modes(model)
    equal = closed.unfold(p * closed.states[p] + rho * p**2).replace(ModeSum, lambda g: n * g)
    yield Step(
        "one mode of the exact H and of its limit",
        Tuple(expect(Trace(alignment(model))) / n, simplify(equal.subs(p, p_0))),
    )


def full_count_steps(model):
    yield from to_groups(model)
    yield Step("sign condition", Tuple(*(q.condition for q in count(model).cases)))
    yield Step(
        "multiplicities of the negative roots, of 0, of the positive roots",
        FiniteSet(*(Tuple(Tuple(*q.negative), q.zero, Tuple(*q.positive), pattern(q)) for q in count(model).cases)),
    )


def lambert_steps(model):
    yield from to_scalar(model)
    f = scalar_flow(model).nondimensionalize(states={p: y}, names=(mu,)).flow
    free = Flow({p_0: f.states[y].subs({mu: 0, y: p_0})})
    yield Step("without decay", free)
    found = free.closed_form(p_0, time=t)
    yield Step("closed form", found.solution.subs(dict(found.initial)[p_0], p_0))


# --- the sentences -----------------------------------------------------------------------

laws_of_weights, scalar, squares = Chapter("beyond"), Chapter("beyond"), Chapter("beyond")
y_0 = symbols("y_0", real=True)
root = symbols("y", positive=True)
ANY_LOSS = GradientFlow(potential("f", W * Phi, sg(Phi)), (W, Phi), decay=rho)
MODE = VectorField(  # (7) of bao2023, the norms held constant
    {p: (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2 - 2 * p**6 / (N_Phi * N_Psi**3)) / (1 + sigma2) - rho * p}
)
RIGHT = y**2 - kappa * y**3 - 2 * y**6 - mu * y
PLAIN = VectorField({y: RIGHT})
ON_THE_RIGHT = VectorField({root: RIGHT.xreplace({y: root})})
SQUARED_MODE = VectorField({p: p**2 - (1 + sigma2) * p**3 - rho * p})
SQUARED_RIGHT = y**2 - y**3 - mu * y
SQUARED_PLAIN = VectorField({y: SQUARED_RIGHT})
y_minus, y_plus = (1 - sqrt(1 - 4 * mu)) / 2, (1 + sqrt(1 - 4 * mu)) / 2
WORDS = Vocabulary(
    *(
        Object(size, f"a size: {words}")
        for size, words in ((W.shape[0], "of the outputs"), (Phi.shape[1], "of the inputs"))
    ),
    Object(W, "the predictor"),
    Object(Phi, "the encoder"),
    Object(potential("f", W * Phi, sg(Phi)), "any smooth loss of W Phi, and of a copy of Phi that is held constant"),
    Object(rho, "the weight decay"),
    Object(sigma2, "the variance of the augmentation"),
    Object(N_Phi, "the norm of Phi"),
    Object(N_Psi, "the norm of W Phi"),
    Object(N_x, "the cosine of both"),
    Object(p, "an eigenvalue of W"),
    Object(kappa, "the parameter kappa"),
    Object(mu, "the parameter mu"),
    Object(y_0, "the state at time 0"),
    Named(ANY_LOSS, "the gradient flow of any such loss, with weight decay"),
    Named(MODE, "the equation of one mode, the norms held constant"),
    Named(PLAIN, "the equation without dimensions"),
    Named(SQUARED_MODE, "the equation of one mode of the squared loss"),
    Named(SQUARED_PLAIN, "the same without dimensions"),
)
NAMES = Vocabulary(WORDS, Object(y, "the state without dimensions"))
ON_RIGHT = Vocabulary(
    *(entry for entry in WORDS.entries if entry.name != "equation"),
    Object(root, "the state without dimensions, positive"),
    Named(ON_THE_RIGHT, "the equation without dimensions, for positive states"),
)


def same(left, right):
    return Eq(left, right, evaluate=False)


BALANCE = F - W.T * W


@laws_of_weights.claim(
    "balance",
    "result",
    NAMES.sentence(same(Rate(BALANCE, ANY_LOSS), -2 * rho * BALANCE)),
    source="new",
    note="so Phi Phi^T - W^T W is its start times exp(-2 rho t): for any loss that depends on the weights through "
    "W Phi, stopped copies apart, and any data; the cosine loss is one",
)
def balance():
    yield Step("the velocity of W", derive(Rate(W, ANY_LOSS)))
    yield Step("the velocity of Phi", derive(Rate(Phi, ANY_LOSS)))
    yield Step("the rate of the difference", derive(Rate(BALANCE, ANY_LOSS)))


SCALED = p / sqrt(N_Psi)
GROUPS = {mu: rho * (1 + sigma2) * N_Phi * sqrt(N_Psi), kappa: N_x * N_Phi / sqrt(N_Psi)}


@scalar.claim(
    "two_groups",
    "result",
    NAMES.sentence(same((1 + sigma2) * N_Phi * sqrt(N_Psi) * Rate(SCALED, MODE), At(RIGHT, {y: SCALED, **GROUPS}))),
    source="new",
    note="y = N_Psi^(-1/2) p in a time of its own",
)
def two_groups():
    yield Step("the rate of y", derive(Rate(SCALED, MODE)))


FOLD = {kappa: (1 - 10 * root**4) / (2 * root), mu: root / 2 + 3 * root**5}
VELOCITY = Rate(root, ON_THE_RIGHT)
SLOPE = Gradient(VELOCITY, root)


@scalar.claim(
    "fold",
    "result",
    ON_RIGHT.sentence(
        And(
            same(At(VELOCITY, FOLD), 0),
            same(At(SLOPE, FOLD), 0),
            Lt(At(Gradient(SLOPE, root), FOLD), 0),
            same(At(Gradient(VELOCITY, mu), FOLD), -root),
            Implies(And(same(VELOCITY, 0), same(SLOPE, 0)), And(same(kappa, FOLD[kappa]), same(mu, FOLD[mu]))),
        )
    ),
    source="new",
    note="the curve of folds by the double root y, all of it; nondegenerate everywhere, so that there is no cusp",
)
def fold():
    yield Step("the velocity on the curve", derive(At(VELOCITY, FOLD)))
    yield Step("its derivative there", derive(At(SLOPE, FOLD)))
    yield Step("its second derivative there", derive(At(Gradient(SLOPE, root), FOLD)))


def number_at(k, m):
    return Count(Zeros(RIGHT.xreplace({kappa: Rational(k), mu: Rational(m)}), y))


@scalar.claim(
    "count.attained",
    "result",
    NAMES.sentence(And(*(same(number_at(*point), number) for number, point in enumerate(POINTS, 2)))),
    source="new",
    note="every number of equilibria occurs: at (kappa, mu) = (0, 1), (3/8, 11/32), (0, 1/10)",
)
def count_attained():
    for k, m in POINTS:
        yield Step(f"number at kappa = {k}, mu = {m}", derive(number_at(k, m)))


# --- the squared loss --------------------------------------------------------------------

SMALL = Lt(mu, Rational(1, 4))
SQUARED_FOLD = {y: Rational(1, 2), mu: Rational(1, 4)}


@squares.claim(
    "l2",
    "result",
    NAMES.sentence(
        And(
            same(
                (1 + sigma2) * Rate((1 + sigma2) * p, SQUARED_MODE),
                At(SQUARED_RIGHT, {y: (1 + sigma2) * p, mu: rho * (1 + sigma2)}),
            ),
            same(Zeros(SQUARED_PLAIN, y), FiniteSet(0, y_minus, y_plus)),
            same(At(SQUARED_RIGHT, SQUARED_FOLD), 0),
            same(At(Gradient(SQUARED_RIGHT, y), SQUARED_FOLD), 0),
        ),
        SMALL,
    ),
    source="new",
    note="y = (1 + sigma^2) p and mu = rho (1 + sigma^2), in a time of its own; the fold is at mu = 1/4",
)
def l2():
    yield Step("the rate of y", derive(Rate((1 + sigma2) * p, SQUARED_MODE)))
    yield Step("the equilibria", derive(Zeros(SQUARED_PLAIN, y), (SMALL,)))


TIME = (
    -log(y / y_0) / mu
    + log((y - y_minus) / (y_0 - y_minus)) / (y_minus * (y_plus - y_minus))
    - log((y - y_plus) / (y_0 - y_plus)) / (y_plus * (y_plus - y_minus))
)


@squares.claim(
    "l2.implicit",
    "result",
    NAMES.sentence(
        And(same(Rate(TIME, SQUARED_PLAIN), 1), same(At(TIME, {y: y_0}), 0)),
        (SMALL, *(Gt((y - at) / (y_0 - at), 0) for at in (0, y_minus, y_plus))),
    ),
    source="new",
    note="between two equilibria: the time as a function of the state, from y_0",
)
def l2_implicit():
    yield Step("the rate of this function of the state", derive(Rate(TIME, SQUARED_PLAIN)))


# --- the statements ----------------------------------------------------------------------

(a, b, g), (k, l) = MODE_MOMENTS, TILTS
c_1, c_2, c_3 = symbols("c_1:4", real=True)
b_1 = symbols("b_1", positive=True)
tilt = (1 + 2 * k * a) * (1 + 2 * l * b) - 4 * k * l * g**2


def printed_error(cubic, printed, sixth):
    return printed


def cubic_error(cubic, printed, sixth):
    return cubic


def sixth_ratio(cubic, printed, sixth):
    return sixth / cubic


def _beyond(label, printed, steps, decide, *, kind="result", model=COSINE, **more):
    return Claim(f"beyond.{label}", kind, printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    _beyond("norm_law", Tuple(-2 * rho, -2 * rho), norm_law_steps, identity()),
    _beyond("clock", (exp(2 * rho * t) - 1) / (2 * rho), clock_steps, identity()),
    *laws_of_weights.claims,
    _beyond(
        "exact_H",
        Tuple(
            tilt,
            g / tilt,
            (b * (1 + 2 * k * a) - 2 * k * g**2) / tilt,
            3 * g * (b * (1 + 2 * k * a) - 2 * k * g**2) / tilt**2,
        ),
        integral_steps,
        identity(),
        model=None,
        note="with u = Phi x', v = W Phi x: one factor a mode, two integration variables k, l in all",
    ),
    _beyond(
        "exact_H.assembly",
        b_1 * (3 * c_1 + c_2 + c_3),
        assembly_steps,
        identity(),
        model=None,
        note="the projection term of H from the moments of the modes, instance with three modes",
        sizes="three modes: every further mode enters as the second does",
    ),
    _beyond(
        "order",
        Integer(-1),
        partial(order_steps, which=printed_error, modes=spectrum),
        order_of_error(),
        kind="approximation",
        statement_latex=r"\lVert H_{\text{printed}} - H\rVert/\lVert E[z'\omega^{\top}]\rVert"
        r" \sim h^{-1}, \quad p_j \in [0.2, 1.2]",
    ),
    _beyond(
        "order.cubic",
        Integer(-1),
        partial(order_steps, which=cubic_error, modes=spectrum),
        order_of_error(),
        kind="approximation",
        statement_latex=r"\lVert H_{\text{cubic}} - H\rVert/\lVert E[z'\omega^{\top}]\rVert"
        r" \sim h^{-1}, \quad p_j \in [0.2, 1.2]",
    ),
    _beyond(
        "order.ratio",
        Integer(0),
        partial(order_steps, which=sixth_ratio, modes=spectrum),
        order_of_error(),
        kind="approximation",
        note="the p^6 term is of the order of what the concentration step dropped",
        statement_latex=r"\lVert p^6\text{ term}\rVert/\lVert H_{\text{cubic}} - H\rVert"
        r" \sim h^{0}, \quad p_j \in [0.2, 1.2]",
    ),
    _beyond(
        "order.decaying",
        Integer(0),
        partial(order_steps, which=cubic_error, modes=steep),
        order_of_error(),
        kind="approximation",
        note="where few modes carry the norm, concentration does not improve with h",
        statement_latex=r"\lVert H_{\text{cubic}} - H\rVert/\lVert E[z'\omega^{\top}]\rVert"
        r" \sim h^{0}, \quad p_j = 1/j",
    ),
    _beyond(
        "order.decaying.printed",
        Integer(0),
        partial(order_steps, which=printed_error, modes=steep),
        order_of_error(),
        kind="approximation",
        note="nor with the p^6 term, whose error is some fifty times as large",
        statement_latex=r"\lVert H_{\text{printed}} - H\rVert/\lVert E[z'\omega^{\top}]\rVert"
        r" \sim h^{0}, \quad p_j = 1/j",
    ),
    _beyond(
        "order.flat",
        Tuple(0, -2 * r / n**2),
        flat_steps,
        identity(),
        note="all modes equal: the exact H and its cubic truncation vanish, the p^6 term does not",
    ),
    _beyond(
        "trace",
        FiniteSet(FiniteSet(1, 2)),
        truncation_steps,
        same_value(),
        note="terms numbered by degree: alignment, scalar feedback, matrix feedback (the p^6 term)",
    ),
    *scalar.claims[:2],
    _beyond(
        "count",
        FiniteSet(
            Tuple(Tuple(1), 1, Tuple(), Tuple(unstable, stable)),
            Tuple(Tuple(1), 1, Tuple(2), Tuple(unstable, stable, half_stable)),
            Tuple(Tuple(1), 1, Tuple(1, 1), Tuple(unstable, stable, unstable, stable)),
        ),
        full_count_steps,
        same_value(),
    ),
    *scalar.claims[2:],
    *squares.claims,
    _beyond(
        "l2.lambert", 1 / (1 + LambertW((1 / p_0 - 1) * exp(1 / p_0 - 1 - t))), lambert_steps, identity(), model=SQUARED
    ),
)


def equations():
    """The laws, for LaTeX."""
    folds = scaling(COSINE).flow.fold_set()
    start = {A: MatrixSymbol(f"{A.name}_0", *A.shape) for A in (W, Phi)}
    return {
        "laws": Dict({q.quantity: exp(q.multiplier * t) * q.quantity.xreplace(start) for q in laws(flow(COSINE))}),
        "dimensionless-flow": scaling(COSINE).flow,
        "groups": Dict(dict(scaling(COSINE).groups)),
        "fold": Dict(dict(folds.parametrised)),
    }
