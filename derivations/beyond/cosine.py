"""Sharper laws for the cosine and squared losses with stop-gradient.

The setting is that of :mod:`symssl.derivations.bao2023`: a two-layer linear network
with stop-gradient and weight decay, at every size, no limit taken unless a step says so.
"""

from functools import partial
from itertools import combinations

from sympy import (
    Dict,
    FiniteSet,
    Identity,
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
from symssl.claims import Claim, Step, identity, order_of_error, same_value
from symssl.matrix import MatrixFlow, laws
from symssl.simulate import expected_cosine_gradient, mode_moments

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


def balance_steps(model):
    gap = F - W.T * W
    abstract = gradient_flow(potential("f", W * Phi, sg(Phi)), (W, Phi), weight_decay=rho)
    yield Step("the flow of an unspecified loss of W Phi and a stopped copy", abstract.rhs)
    yield Step("its laws in words of degree two", Tuple(*(Tuple(q.quantity, q.multiplier) for q in laws(abstract))))
    yield Step(
        "derivative of the difference, for that loss and for this one", Tuple(abstract.lie(gap), flow(model).lie(gap))
    )


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


def fold_steps(model):
    yield from to_groups(model)
    folds = scaling(model).flow.fold_set()
    yield Step("folds, parametrised by y", folds)
    yield Step(
        "kappa, mu, number of cusps, nondegenerate",
        Tuple(folds.parametrised[kappa], folds.parametrised[mu], len(folds.cusps), Integer(folds.nondegenerate)),
    )


def group_steps(model):
    yield from to_scalar(model)
    found = scaling(model)
    yield Step("scale p and t so that as many coefficients as possible become numbers", found.flow)
    yield Step("the flow and its groups", Tuple(found.flow.states[y], Dict(dict(found.groups))))


def full_count_steps(model):
    yield from to_groups(model)
    yield Step("sign condition", Tuple(*(q.condition for q in count(model).cases)))
    yield Step(
        "multiplicities of the negative roots, of 0, of the positive roots",
        FiniteSet(*(Tuple(Tuple(*q.negative), q.zero, Tuple(*q.positive), pattern(q)) for q in count(model).cases)),
    )


def attained_steps(model):
    """Every number of equilibria occurs."""
    yield from to_groups(model)
    yield Step(
        "numbers at three points of the plane", Tuple(*(count(model).at({kappa: k, mu: m}).number for k, m in POINTS))
    )


def l2_group_steps(model):
    yield from to_scalar(model)
    found = scalar_flow(model).nondimensionalize(states={p: y}, names=(mu,))
    yield Step("without dimensions", found.flow)
    (fold,) = (f for f in found.flow.fold_set().explicit if mu in f)
    roots = [q.values[y] for q in found.flow.equilibria().explicit if q.multiplicity == 1]
    yield Step(
        "scale of p, the group, the equilibria, the fold",
        Tuple(found.substitution[p] / y, found.groups[mu], *roots, fold[mu]),
    )


def implicit_steps(model):
    yield from to_scalar(model)
    f = scalar_flow(model).nondimensionalize(states={p: y}, names=(mu,)).flow
    yield Step("without dimensions", f)
    found = f.closed_form(y, time=t, initial=y_0)
    yield Step("time as a function of the state", found.implicit.lhs - found.implicit.rhs)


def lambert_steps(model):
    yield from to_scalar(model)
    f = scalar_flow(model).nondimensionalize(states={p: y}, names=(mu,)).flow
    free = Flow({p_0: f.states[y].subs({mu: 0, y: p_0})})
    yield Step("without decay", free)
    found = free.closed_form(p_0, time=t)
    yield Step("closed form", found.solution.subs(dict(found.initial)[p_0], p_0))


# --- the statements ----------------------------------------------------------------------

(a, b, g), (k, l) = MODE_MOMENTS, TILTS
y_0 = symbols("y_0", real=True)
y_minus, y_plus = (1 - sqrt(1 - 4 * mu)) / 2, (1 + sqrt(1 - 4 * mu)) / 2
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
    _beyond(
        "balance",
        Tuple(-2 * rho * (F - W.T * W), -2 * rho * (F - W.T * W)),
        balance_steps,
        identity(),
        note="first for any loss of W Phi and stopped copies, any data; second for the cosine loss",
    ),
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
    _beyond(
        "two_groups",
        Tuple(
            y**2 - kappa * y**3 - 2 * y**6 - mu * y,
            Dict({mu: rho * (1 + sigma2) * N_Phi * sqrt(N_Psi), kappa: N_x * N_Phi / sqrt(N_Psi)}),
        ),
        group_steps,
        identity(),
    ),
    _beyond("fold", Tuple((1 - 10 * y**4) / (2 * y), y / 2 + 3 * y**5, 0, 1), fold_steps, identity()),
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
    _beyond(
        "count.attained",
        Tuple(2, 3, 4),
        attained_steps,
        same_value(),
        note="at (kappa, mu) = (0, 1), (3/8, 11/32), (0, 1/10)",
    ),
    _beyond(
        "l2",
        Tuple(
            1 / (1 + sigma2),
            rho * (1 + sigma2),
            0,
            (1 - sqrt(1 - 4 * mu)) / 2,
            (1 + sqrt(1 - 4 * mu)) / 2,
            Rational(1, 4),
        ),
        l2_group_steps,
        identity(),
        model=SQUARED,
        given=(Lt(mu, Rational(1, 4)),),
    ),
    _beyond(
        "l2.implicit",
        log(y / y_0) / -mu
        + log((y - y_minus) / (y_0 - y_minus)) / (y_minus * (y_plus - y_minus))
        - log((y - y_plus) / (y_0 - y_plus)) / (y_plus * (y_plus - y_minus))
        - t,
        implicit_steps,
        identity(),
        model=SQUARED,
        given=(Lt(mu, Rational(1, 4)),),
    ),
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
