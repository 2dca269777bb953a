"""Linear networks with orthonormal layers: the outputs on the eigenvectors of C, solved.

The loss is tr(W_l^T ... W_1 C W_1^T ... W_l) with W_j^T W_j = I, and q = W_1^T ... W_l collects the
outputs on an eigenbasis of C = Lambda.  Two flows are compared: each layer moves by the gradient
projected by I - W W^T (`Grassmann`), or by the gradient of the canonical metric (`Stiefel`).
"""

from functools import lru_cache
from itertools import combinations

from sympy import (
    Dict,
    Eq,
    FiniteSet,
    Identity,
    Integer,
    Matrix,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    diag,
    diff,
    exp,
    expand,
    limit,
    oo,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symssl import Flow, Grassmann, Orthonormal, Refusal, Stiefel, Symmetric, expect, matrix_equal, sq
from symssl.claims import Claim, Model, Step, identity, refuted_at, same_value, valid
from symssl.matrix import MatrixFlow, explicit_value

from .._models import chain, trace_model

# --- the models --------------------------------------------------------------------------

d, h, z = symbols("d h z", integer=True, positive=True)
Lambda = MatrixSymbol("Lambda", d, d)
W_1, W_2, W_3 = MatrixSymbol("W_1", h, d), MatrixSymbol("W_2", h, h), MatrixSymbol("W_3", h, z)
q, last = MatrixSymbol("q", d, z), MatrixSymbol("W_2", h, z)
only = MatrixSymbol("W_1", d, z)
ball = MatrixSymbol("q", d, 1)
theta, end = symbols("theta end", real=True)


def orthonormal(name, weights, geometry):
    """The loss of a chain of orthonormal layers, the last one transposed."""
    *before, end = weights
    return trace_model(name, chain(*before, end.T), Lambda, weights, geometry, where=map(Orthonormal, weights))


def outputs(model):
    """q as a word in the weights."""
    *before, end = model.weights
    for W in reversed(before[1:]):
        end = W.T * end
    return before[0].T * end if before else end


PROJECTED = orthonormal("two orthonormal layers, projected gradient", (W_1, last), Grassmann())
VECTOR = orthonormal(
    "two orthonormal layers, one output, projected gradient", (W_1, MatrixSymbol("W_2", h, 1)), Grassmann()
)
SQUARE = MatrixSymbol("W_1", d, d), MatrixSymbol("W_2", d, 1)
CANONICAL = {
    1: orthonormal("one orthonormal layer, canonical metric", (only,), Stiefel()),
    2: orthonormal("two orthonormal layers, canonical metric", (W_1, last), Stiefel()),
    3: orthonormal("three orthonormal layers, canonical metric", (W_1, W_2, W_3), Stiefel()),
}


@lru_cache(maxsize=64)
def output_flow(model):
    """The flow of q alone."""
    word = outputs(model)
    return model.flow().image({MatrixSymbol("q", *word.shape): word})


def to_outputs(model):
    yield Step("flow of the layers", model.flow().rhs)
    yield Step("flow of the outputs q", output_flow(model).rhs)


# --- one output --------------------------------------------------------------------------

SIZE = 3
eigenvalues = symbols("lambda_1:5", real=True)
entries = symbols("q_1:4", real=True)
weights = symbols("w_1:4", positive=True)  # the squares of the components of Q at the start
below, gap, further = symbols("mu gap further", positive=True)
length, radius = symbols("length R", positive=True)  # |q|^2 and |Q|^2
SPECTRA = {
    "positive": (below, below + gap, below + gap + further),
    "zero": (0 * below, gap, gap + further),
    "negative": (-below, -below + gap, -below + gap + further),
}


def power(exponent):
    return ball * (1 - sq(ball)) ** exponent


@lru_cache(maxsize=64)
def in_theta(model):
    """The flow of q in the time theta with d theta = 2(2 - |q|^2) dt."""
    return output_flow(model).retime(2 * (2 - sq(ball)))


def linear_steps(model):
    yield from to_outputs(model)
    yield Step("rate of |q|^2", output_flow(model).lie(sq(ball)))
    yield Step("flow of q in the time theta", in_theta(model).rhs)
    yield Step("rate of Q = q (1 - |q|^2)^(-1/4)", in_theta(model).lie(power(-Rational(1, 4))))


@lru_cache(maxsize=64)
def components(model, flow, exponent):
    """Trajectories of the components of q (1 - |q|^2)^exponent, from the square roots of `weights`."""
    at = {ball: Matrix(entries), Lambda: diag(*eigenvalues[:SIZE])}
    value, rate = (explicit_value(e, at) for e in (power(exponent), flow(model).lie(power(exponent))))
    solved = []
    for k in range(SIZE):
        slope = cancel(simplify(rate[k] / value[k]))
        one = Flow({entries[k]: slope * entries[k]}, sorted(slope.free_symbols, key=str))
        solved.append(one.closed_form(time=theta, initial=sqrt(weights[k])).solution)
    return tuple(solved)


@lru_cache(maxsize=64)
def squared_length(exponent):
    """|q|^2 as a function of R = |q (1 - |q|^2)^exponent|^2: the root that is positive."""
    value = explicit_value(sq(power(exponent)), {ball: Matrix([sqrt(length)])})
    (root,) = solve(value - radius, length)
    return root


def solved_steps(model):
    yield from linear_steps(model)
    yield Step("the components of Q in time theta", Tuple(*components(model, in_theta, -Rational(1, 4))))
    total = sum(one**2 for one in components(model, in_theta, -Rational(1, 4)))
    yield Step("R = |Q|^2, and |q|^2 by R", Tuple(total, squared_length(-Rational(1, 4))))


@lru_cache(maxsize=64)
def course(model, flow, exponent, spectrum):
    """The first term of R in theta, and all terms divided by it, for a spectrum in increasing order."""
    terms = [q.subs(dict(zip(eigenvalues, spectrum))) ** 2 for q in components(model, flow, exponent)]
    return terms[0], tuple(simplify(one / terms[0]) for one in terms)


def ends(model, flow, exponent, spectrum):
    """Limits of R and of |q|^2."""
    first, shares = course(model, flow, exponent, spectrum)
    R = limit(first, theta, oo) * limit(sum(shares), theta, oo)
    return R, limit(squared_length(exponent), radius, R)


def limits(model, flow, exponent):
    """Limits of |q|^2 for a positive, zero and negative lowest eigenvalue."""
    return Tuple(*(ends(model, flow, exponent, spectrum)[1] for spectrum in SPECTRA.values()))


def limit_steps(model):
    yield from linear_steps(model)
    yield Step(
        "limits of R = |Q|^2",
        Tuple(*(ends(model, in_theta, -Rational(1, 4), spectrum)[0] for spectrum in SPECTRA.values())),
    )
    yield Step("limits of |q|^2", limits(model, in_theta, -Rational(1, 4)))


def rate_of(model, flow, exponent, speed, name):
    """Exponential rates in t: of |q|^2 or of 1 - |q|^2, and of the angle to the lowest eigenvector."""
    first, shares = course(model, flow, exponent, SPECTRA[name])
    R, end_length = ends(model, flow, exponent, SPECTRA[name])
    clock = speed.subs(length, end_length)
    drift = sum(limit(diff(one, theta), theta, oo) for one in shares) / limit(sum(shares), theta, oo)
    growth = clock * (cancel(diff(first, theta) / first) + drift)
    sideways = expand(clock * cancel(diff(shares[1], theta) / shares[1]) / 2)
    if name == "zero":
        return Tuple(sideways)
    r = squared_length(exponent)
    error = r if name == "positive" else 1 - r
    return Tuple(growth * limit(simplify(radius * diff(error, radius) / error), radius, R), sideways)


def rates(model, flow, exponent, speed):
    return Tuple(*(rate_of(model, flow, exponent, speed, name) for name in SPECTRA))


def rate_steps(model):
    yield from limit_steps(model)
    speed = explicit_value(2 * (2 - sq(ball)), {ball: Matrix([sqrt(length)])})
    yield Step("rates in time t", rates(model, in_theta, -Rational(1, 4), speed))


def repeated_steps(model):
    """The lowest eigenvalue twice."""
    yield from linear_steps(model)
    _, shares = course(model, in_theta, -Rational(1, 4), (-below, -below, gap - below))
    yield Step(
        "squares of the components of the limit of q/|q|",
        Tuple(*(limit(one, theta, oo) / limit(sum(shares), theta, oo) for one in shares)),
    )


def sphere_steps(_):
    """On the unit sphere, with a positive spectrum; the sign of the loss does not matter."""
    model = VECTOR
    yield from to_outputs(model)
    at = {ball: Matrix([1, 0, 0]), Lambda: diag(1, 2, 3)}
    velocity = explicit_value(output_flow(model).rhs[ball], at)
    yield Step("velocity of q = e_1 for Lambda = diag(1, 2, 3)", velocity)
    if not velocity.is_zero_matrix:
        raise Refusal("q = e_1 moves", velocity)
    yield Step("so |q|^2 at all times", Dict({end: explicit_value(sq(ball), at)}))


def square_steps(model):
    yield Step("a square W_1 with W_1^T W_1 = I has W_1 W_1^T = I, so that |q| = |W_2|")


# --- several outputs ---------------------------------------------------------------------

P = MatrixSymbol("P", z, z)
ONE = Identity(z)
B = q.T * Lambda * q


def ball_steps(model):
    """I - q^T q moves by congruences: P (I - q^T q) P^T stands still where P' = -4 P q^T Lambda q."""
    yield from to_outputs(model)
    flow = output_flow(model)
    yield Step("rate of I - q^T q", flow.lie(ONE - q.T * q))
    both = MatrixFlow({**flow.rhs, P: -4 * P * B}, flow.where)
    yield Step(
        "rate of I - q^T q, and of P (I - q^T q) P^T",
        Tuple(flow.lie(ONE - q.T * q), both.lie(P * (ONE - q.T * q) * P.T)),
    )


def loss_steps(model):
    yield from to_outputs(model)
    yield Step("rate of tr(q^T Lambda q)", output_flow(model).lie(Trace(B)))


@lru_cache(maxsize=64)
def spectrum_at(model, size, outputs, chosen):
    """Eigenvalues with multiplicities of the linear flow at q = [e_i, i in chosen; 0]."""
    states = Matrix(size, outputs, symbols(f"q_1:{size + 1}(1:{outputs + 1})", real=True))
    flow = output_flow(model).entries({q: states, Lambda: diag(*eigenvalues[:size])})
    point = {states[i, j]: Integer(j < len(chosen) and chosen[j] == i) for i in range(size) for j in range(outputs)}
    if any(expand(f.subs(point)) != 0 for f in flow.rhs.values()):
        raise Refusal("no equilibrium", Tuple(*chosen))
    jacobian = flow.jacobian().subs(point).applyfunc(expand)
    found = {}
    for block in jacobian.connected_components():
        for value, count in jacobian.extract(block, block).eigenvals().items():
            found[expand(value)] = found.get(expand(value), 0) + count
    return Dict(found)


def spectrum_steps(model):
    yield from to_outputs(model)
    yield Step("eigenvalues at q = [e_1, e_2, 0], d = 4, z = 3", spectrum_at(model, 4, 3, (0, 1)))


def is_stable(model, chosen, values, outputs):
    """All eigenvalues <= 0, and no more zeros than the family of equilibria has dimensions."""
    rank = len(chosen)
    at = [(e.subs(values), m) for e, m in spectrum_at(model, len(values), outputs, chosen).items()]
    neutral = rank * (outputs - rank) + rank * (rank - 1) // 2
    return all(e <= 0 for e, _ in at) and sum(m for e, m in at if e == 0) == neutral


def stable_sets(model, negative, size=4, outputs=2):
    """Sets of eigenvectors at which the flow is stable, if so many of the simple eigenvalues are negative."""
    values = {eigenvalues[k]: k - negative + Rational(1, 2) for k in range(size)}
    subsets = [chosen for rank in range(outputs + 1) for chosen in combinations(range(size), rank)]
    return Tuple(
        *(FiniteSet(*(k + 1 for k in chosen)) for chosen in subsets if is_stable(model, chosen, values, outputs))
    )


def stable_steps(model):
    yield from to_outputs(model)
    yield Step(
        "stable equilibria by the number of negative eigenvalues, d = 4, z = 2",
        Dict({negative: stable_sets(model, negative) for negative in range(5)}),
    )


def exception_steps(_):
    """Three negative eigenvalues, two outputs, a start orthogonal to the lowest eigenvector."""
    model = PROJECTED
    yield from to_outputs(model)
    states = Matrix(3, 2, symbols("q_1:4(1:3)", real=True))
    flow = output_flow(model).entries({q: states, Lambda: diag(-3, -2, -1)})
    rates = [flow.states[state].subs(dict.fromkeys(states[0, :], 0)) for state in states[0, :]]
    yield Step("rates of the components along e_1 where these are zero", Tuple(*rates))
    if any(rates):
        raise Refusal("a component along e_1 appears", Tuple(*rates))
    yield Step(
        "so the projection of e_1 on the span of q stays",
        Dict({end: explicit_value(q * (q.T * q).I * q.T, {q: ORTHOGONAL})[0, 0]}),
    )


# --- the canonical metric ----------------------------------------------------------------

l = symbols("l", integer=True, positive=True)
N = MatrixSymbol("N", z, z)
width = symbols("k", integer=True, positive=True)
inside, final = MatrixSymbol("W", h, width), MatrixSymbol("W_l", h, z)
above, under, whole = MatrixSymbol("A", h, z), MatrixSymbol("B", width, d), MatrixSymbol("B", h, d)


def layer(name, product, weight, others):
    """The loss as a function of one layer; the products of the others are held fixed, with orthonormal columns."""
    return Model(
        name,
        Trace(product.T * Lambda * product),
        (weight,),
        where=(Symmetric(Lambda), *map(Orthonormal, (weight, *others))),
        options={"geometry": {weight: Stiefel()}, "extra": {other: 0 * other for other in others}},
    )


# q = B^T W^T A for every layer but the last, B = I for the first of them; q = B^T W_l for the last
LAYER = layer(
    "an orthonormal layer below the last, canonical metric", under.T * inside.T * above, inside, (above, under)
)
LAST = layer("the last orthonormal layer, canonical metric", whole.T * final, final, (whole,))


@lru_cache(maxsize=64)
def contribution(model):
    """What the motion of one layer contributes to the rate of q."""
    (weight,) = model.weights
    word = whole.T * final if weight == final else under.T * inside.T * above
    return model.flow().image({q: word})


@lru_cache(maxsize=64)
def deep(model):
    """The flow of q for l layers: l - 1 of one kind, and the last."""
    below_last, last_one = contribution(model), contribution(LAST)
    return MatrixFlow({q: expect((l - 1) * below_last.rhs[q] + last_one.rhs[q])}, below_last.where)


@lru_cache(maxsize=64)
def deep_vector(model):
    """The same for one output."""
    return MatrixFlow({ball: expect(deep(model).rhs[q].subs({z: 1}))}, deep(model).where)


def layer_steps(model):
    yield Step("flow of one layer between the products of the others", model.flow().rhs)
    yield Step("what it contributes to the rate of q", contribution(model).rhs[q])


def deep_steps(model):
    yield from layer_steps(model)
    yield Step("what the last layer contributes", contribution(LAST).rhs[q])
    yield Step("l layers, the last among them", deep(model).rhs[q])


def layers_steps(model):
    yield from to_outputs(model)
    yield Step("rate of q", output_flow(model).rhs[q])


def vector_steps(model):
    yield from deep_steps(model)
    yield Step("one output", deep_vector(model).rhs)
    yield Step("rate of q (1 - |q|^2)^(-1/2)", deep_vector(model).lie(power(-Rational(1, 2))))


def gram_steps(model):
    """Y = q N^(-1) q^T with N = I - q^T q, whose rate is 2l (q^T Lambda q N + N q^T Lambda q)."""
    yield from deep_steps(model)
    flow = deep(model)
    rate = flow.lie(ONE - q.T * q)
    yield Step("rate of N = I - q^T q", rate)
    closed = 2 * l * (B * N + N * B)
    if not matrix_equal(closed.subs(N, ONE - q.T * q), rate, where=Symmetric(Lambda)):
        raise Refusal("N = I - q^T q moves in another way", rate)
    both = MatrixFlow({**flow.rhs, N: closed}, (*flow.where, Symmetric(N)))
    yield Step("rate of Y = q N^(-1) q^T", both.lie(q * N.I * q.T))


def deep_limit_steps(model):
    yield from vector_steps(model)
    yield Step("limits of |q|^2", limits(model, deep_vector, -Rational(1, 2)))


def deep_rate_steps(model):
    yield from deep_limit_steps(model)
    yield Step("rates in time t", rates(model, deep_vector, -Rational(1, 2), Integer(1)))


# --- the statements ----------------------------------------------------------------------

ORTHOGONAL = Matrix([[0, 0], [Rational(1, 2), 0], [0, Rational(1, 2)]])
l_1, l_2, l_3, l_4 = eigenvalues
w_1, w_2, w_3 = weights


def _beyond(label, printed, steps, decide, *, model=VECTOR, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    _beyond(
        "z1",
        -Lambda * power(-Rational(1, 4)),
        linear_steps,
        identity(),
        given=(Symmetric(Lambda),),
        statement_latex=r"Q = q(1 - |q|^2)^{-1/4},\quad d\theta = 2(2 - |q|^2)\,dt:\quad"
        r" \frac{dQ}{d\theta} = -\Lambda Q",
        note="inside the unit ball, for every d; theta lies between 2t and 4t",
    ),
    _beyond(
        "z1.norm",
        Tuple(
            w_1 * exp(-2 * l_1 * theta) + w_2 * exp(-2 * l_2 * theta) + w_3 * exp(-2 * l_3 * theta),
            (radius * sqrt(radius**2 + 4) - radius**2) / 2,
        ),
        solved_steps,
        identity(),
        statement_latex=r"|q|^2 = \tfrac12(R\sqrt{R^2 + 4} - R^2),\quad"
        r" R = |Q|^2 = \sum_i Q_i(0)^2 e^{-2\lambda_i\theta}",
    ),
    _beyond(
        "z1.limits",
        Tuple(0, (w_1 * sqrt(w_1**2 + 4) - w_1**2) / 2, 1),
        limit_steps,
        identity(),
        corrects="beyond.z1.sphere",
        statement_latex=r"|q|^2 \to 0,\ \tfrac12(R_0\sqrt{R_0^2 + 4} - R_0^2),\ 1"
        r" \text{ for } \lambda_1 > 0, = 0, < 0,\quad R_0 = \sum_{\lambda_i = 0}Q_i(0)^2",
        note="lambda_1 is the lowest eigenvalue with a component at the start; zero is a third case, in which the "
        "limit depends on the start; three eigenvalues, more add terms of the kind of the last",
        sizes="three eigenvalues: more add terms of the same kind",
    ),
    _beyond(
        "z1.rates",
        Tuple(
            Tuple(-8 * below, -4 * gap), Tuple(gap * (w_1 * sqrt(w_1**2 + 4) - w_1**2 - 4)), Tuple(-8 * below, -2 * gap)
        ),
        rate_steps,
        identity(),
        note="in t: of |q|^2 and of the angle where lambda_1 = mu > 0; of the angle where lambda_1 = 0; of 1 - |q|^2 "
        "and "
        "of the angle where lambda_1 = -mu; gap = lambda_2 - lambda_1",
        sizes="three eigenvalues: more add terms of the same kind",
    ),
    _beyond(
        "z1.repeated",
        Tuple(w_1 / (w_1 + w_2), w_2 / (w_1 + w_2), 0),
        repeated_steps,
        identity(),
        statement_latex=r"q_i^2 \to \frac{Q_i(0)^2}{\sum_{\lambda_j = \lambda_1}Q_j(0)^2}",
        note="lowest eigenvalue negative and repeated: the direction of the projection of the start",
    ),
    _beyond(
        "z1.sphere",
        Eq(end, 0),
        sphere_steps,
        refuted_at(),
        model=None,
        note="|q|^2 tends to 0 for every positive spectrum? not on the unit sphere, which is invariant",
    ),
    _beyond(
        "z1.square",
        Eq(sq(SQUARE[0].T * SQUARE[1]), 1),
        square_steps,
        valid(),
        model=None,
        given=tuple(map(Orthonormal, SQUARE)),
        note="with a square first layer (h = d) every start is on the sphere",
    ),
    _beyond(
        "ball",
        Tuple(4 * (B * (ONE - q.T * q) + (ONE - q.T * q) * B), ZeroMatrix(z, z)),
        ball_steps,
        identity(),
        model=PROJECTED,
        given=(Symmetric(Lambda),),
        statement_latex=r"\dot K = 4(BK + KB),\ K = I - q^\top q,\ B = q^\top\Lambda q;\quad"
        r" \frac{d}{dt}(PKP^\top) = 0,\ \dot P = -4PB",
        note="K = P^(-1) K_0 P^(-T): K keeps rank and signature, so q^T q <= I is kept, strictly or in the "
        "directions in which it is an equality, for every z and d; solutions are bounded and exist for ever",
    ),
    _beyond(
        "ball.loss",
        -4 * Trace((Identity(d) - q * q.T) * Lambda * q * q.T * Lambda)
        - 4 * Trace((ONE - q.T * q) * q.T * Lambda * Lambda * q),
        loss_steps,
        identity(),
        model=PROJECTED,
        given=(Symmetric(Lambda),),
        statement_latex=r"\frac{d}{dt}\mathrm{tr}\,q^\top\Lambda q = -4\,\mathrm{tr}\,q^\top\Lambda(I - "
        r"qq^\top)\Lambda q"
        r" - 4\,\mathrm{tr}\,(I - q^\top q)q^\top\Lambda^2q",
        note="both terms are >= 0 in the ball before the sign; both vanish only if Lambda q (I - q^T q) = 0 and "
        "(I - q q^T) Lambda q = 0: for invertible Lambda at partial isometries onto invariant subspaces",
    ),
    _beyond(
        "ball.linear",
        Dict(
            {
                Integer(0): 3,
                8 * l_1: 1,
                8 * l_2: 1,
                4 * l_1 + 4 * l_2: 1,
                2 * l_1 - 2 * l_3: 1,
                2 * l_1 - 2 * l_4: 1,
                2 * l_2 - 2 * l_3: 1,
                2 * l_2 - 2 * l_4: 1,
                -4 * l_3: 1,
                -4 * l_4: 1,
            }
        ),
        spectrum_steps,
        same_value(),
        model=PROJECTED,
        statement_latex=r"4(\lambda_i + \lambda_j),\ -2(\lambda_k - \lambda_i),\ -4\lambda_k,\ 0"
        r" \quad (i \le j \in S,\ k \notin S)",
        note="at the partial isometry onto span(e_i, i in S), |S| = r: once for i <= j, once for each i and k, z - r "
        "times "
        "for each k, and r(z - r) + r(r - 1)/2 zeros, the dimension of the family; here S = {1, 2}, d = 4, "
        "z = 3, which has every kind of pair",
        sizes="d = 4, z = 3: every kind of index pair occurs",
    ),
    _beyond(
        "ball.stable",
        Dict(
            {
                0: Tuple(FiniteSet()),
                1: Tuple(FiniteSet(1)),
                2: Tuple(FiniteSet(1, 2)),
                3: Tuple(FiniteSet(1, 2)),
                4: Tuple(FiniteSet(1, 2)),
            }
        ),
        stable_steps,
        same_value(),
        model=PROJECTED,
        corrects="beyond.ball.exception",
        statement_latex=r"S \text{ stable} \iff S = \{1, \dots, \min(z, n_-)\},\quad z = 2,\ d = 4",
        note="simple non-zero eigenvalues, n_- of them negative: one family is stable, the span of the lowest "
        "eigenvectors; where n_- >= z it is the one of the conjecture",
        sizes="d = 4, z = 2: every kind of index pair occurs",
    ),
    _beyond(
        "ball.exception",
        Eq(end, 1),
        exception_steps,
        refuted_at(),
        model=None,
        statement_latex=r"\lVert P_{\mathrm{span}(q)}e_1\rVert^2 \to 1 \text{ for every start}",
        note="a start orthogonal to e_1 stays so: the conjecture needs a start outside the stable sets of the "
        "other equilibria, which have measure zero",
    ),
    _beyond(
        "stiefel",
        2 * l * (q * q.T * Lambda * q - Lambda * q),
        deep_steps,
        identity(),
        model=LAYER,
        given=(Symmetric(Lambda),),
        statement_latex=r"\dot q = -2l(\Lambda q - qq^\top\Lambda q)",
        note="every number l of layers, all sizes: each layer adds the same, whatever stands above and below it",
    ),
    _beyond(
        "stiefel.below",
        2 * (q * q.T * Lambda * q - Lambda * q),
        layer_steps,
        identity(),
        model=LAYER,
        given=(Symmetric(Lambda),),
        note="the share of any layer but the last",
    ),
    _beyond(
        "stiefel.last",
        2 * (q * q.T * Lambda * q - Lambda * q),
        layer_steps,
        identity(),
        model=LAST,
        given=(Symmetric(Lambda),),
        note="the share of the last layer",
    ),
    _beyond(
        "stiefel.one",
        2 * (q * q.T * Lambda * q - Lambda * q),
        layers_steps,
        identity(),
        model=CANONICAL[1],
        given=(Symmetric(Lambda),),
    ),
    _beyond(
        "stiefel.two",
        4 * (q * q.T * Lambda * q - Lambda * q),
        layers_steps,
        identity(),
        model=CANONICAL[2],
        given=(Symmetric(Lambda),),
    ),
    _beyond(
        "stiefel.three",
        6 * (q * q.T * Lambda * q - Lambda * q),
        layers_steps,
        identity(),
        model=CANONICAL[3],
        given=(Symmetric(Lambda),),
    ),
    _beyond(
        "stiefel.vector",
        -2 * l * Lambda * power(-Rational(1, 2)),
        vector_steps,
        identity(),
        model=LAYER,
        given=(Symmetric(Lambda),),
        statement_latex=r"\frac{d}{dt}\frac{q}{\sqrt{1 - |q|^2}} = -2l\Lambda\frac{q}{\sqrt{1 - |q|^2}},\quad"
        r" q = \frac{e^{-2l\Lambda t}q_0}{\sqrt{1 - |q_0|^2 + |e^{-2l\Lambda t}q_0|^2}}",
        note="one output: linear without a change of time; the second form holds on the sphere too",
    ),
    _beyond(
        "stiefel.gram",
        -2 * l * (Lambda * q * N.I * q.T + q * N.I * q.T * Lambda),
        gram_steps,
        identity(),
        model=LAYER,
        given=(Symmetric(Lambda), Symmetric(N)),
        statement_latex=r"Y = q(I - q^\top q)^{-1}q^\top:\quad \dot Y = -2l(\Lambda Y + Y\Lambda),\quad"
        r" Y = e^{-2l\Lambda t}Y_0e^{-2l\Lambda t},\ qq^\top = Y(I + Y)^{-1}",
        note="any number of outputs; q itself up to a rotation of the outputs",
    ),
    _beyond(
        "stiefel.limits",
        Tuple(0, w_1 / (1 + w_1), 1),
        deep_limit_steps,
        identity(),
        model=LAYER,
        note="as in z1.limits, with R = |q|^2/(1 - |q|^2)",
        sizes="three eigenvalues: more add terms of the same kind",
    ),
    _beyond(
        "stiefel.rates",
        Tuple(Tuple(-4 * l * below, -2 * l * gap), Tuple(-2 * l * gap), Tuple(-4 * l * below, -2 * l * gap)),
        deep_rate_steps,
        identity(),
        model=LAYER,
        note="as in z1.rates; for two layers the length settles as under the projected gradient, the angle where "
        "lambda_1 < 0 twice as fast",
        sizes="three eigenvalues: more add terms of the same kind",
    ),
)
NOTATION = {"gap": r"\Delta", "further": r"\Delta'", "end": r"|q(\infty)|^2"}


def equations():
    """The flows of the outputs, for LaTeX."""
    return {"projected": output_flow(PROJECTED), "canonical": deep(LAYER)}
