"""Linear networks with orthonormal layers: the outputs on the eigenvectors of C, solved.

The loss is tr(W_l^T ... W_1 C W_1^T ... W_l) with W_j^T W_j = I, and q = W_1^T ... W_l collects the
outputs on an eigenbasis of C = Lambda.  Two flows are compared: each layer moves by the gradient
projected by I - W W^T (`Grassmann`), or by the gradient of the canonical metric (`Stiefel`).
"""

from functools import lru_cache
from itertools import combinations

from sympy import (
    And,
    Dict,
    Eq,
    FiniteSet,
    Ge,
    Gt,
    Identity,
    Implies,
    Integer,
    Le,
    Lt,
    MatMul,
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

from symssl import Diagonal, Flow, Grassmann, Orthonormal, Refusal, Stiefel, Symmetric, expect, inner, sq
from symssl.claims import Chapter, Claim, Model, Step, identity, refuted_at, same_value
from symssl.language import Along, At, GradientFlow, Named, Object, Rate, VectorField, Vocabulary, unit
from symssl.matrix import MatrixFlow, explicit_value
from symssl.statements import derive

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


# --- several outputs ---------------------------------------------------------------------


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


def vector_steps(model):
    yield from deep_steps(model)
    yield Step("one output", deep_vector(model).rhs)
    yield Step("rate of q (1 - |q|^2)^(-1/2)", deep_vector(model).lie(power(-Rational(1, 2))))


def deep_limit_steps(model):
    yield from vector_steps(model)
    yield Step("limits of |q|^2", limits(model, deep_vector, -Rational(1, 2)))


def deep_rate_steps(model):
    yield from deep_limit_steps(model)
    yield Step("rates in time t", rates(model, deep_vector, -Rational(1, 2), Integer(1)))


# --- the sentences -----------------------------------------------------------------------

number = symbols("l", integer=True, positive=True)
place = symbols("i", integer=True)
below_ = symbols("k", integer=True, positive=True)  # the width below a layer
rank = symbols("r", integer=True, positive=True)
c, c_0, eigenvalue = symbols("c c_0 lambda", real=True)
time = symbols("theta", nonnegative=True)
single = MatrixSymbol("W_2", h, 1)
q_0, E = MatrixSymbol("q_0", d, 1), MatrixSymbol("E", d, 1)
Propagator, Y_0 = MatrixSymbol("E", d, d), MatrixSymbol("Y_0", d, d)
P, K = MatrixSymbol("P", z, z), MatrixSymbol("K", z, z)
BEFORE, MIDDLE = MatrixSymbol("B", below_, d), MatrixSymbol("W", h, below_)
AFTER, FINAL = MatrixSymbol("A", h, h), MatrixSymbol("W_l", h, z)
UPPER, WHOLE = MatrixSymbol("A", h, z), MatrixSymbol("B", h, d)
e_i = unit(place, d)


def equal(left, right):
    return Eq(left, right, evaluate=False)


def trace_flow(outputs_, layers, geometry):
    """The flow of the trace loss of these outputs, one a row, every layer moving under a geometry."""
    return GradientFlow(
        Trace(outputs_.T * Lambda * outputs_),
        layers,
        geometry=dict.fromkeys(layers, geometry),
        where=(Symmetric(Lambda), *map(Orthonormal, layers)),
    )


def canonical_rate(point, layers):
    """-2l (Lambda q - q q^T Lambda q)."""
    return MatMul(-2 * layers, Lambda * point - point * point.T * Lambda * point)


TWO_OUTPUTS = W_1.T * last
ONE_OUTPUT = W_1.T * single
THREE_OUTPUTS = W_1.T * W_2.T * W_3
CHAIN_OUTPUTS = BEFORE.T * MIDDLE.T * AFTER * FINAL
BELOW_OUTPUTS, LAST_OUTPUTS = BEFORE.T * MIDDLE.T * UPPER, WHOLE.T * FINAL
LAYERS_ONE = trace_flow(ONE_OUTPUT, (W_1, single), Grassmann())
FRAMES = {
    1: trace_flow(only, (only,), Stiefel()),
    2: trace_flow(TWO_OUTPUTS, (W_1, last), Stiefel()),
    3: trace_flow(THREE_OUTPUTS, (W_1, W_2, W_3), Stiefel()),
}
ANY_LAYER, LAST_LAYER = (trace_flow(CHAIN_OUTPUTS, (layer,), Stiefel()) for layer in (MIDDLE, FINAL))
BELOW_ALONE = trace_flow(BELOW_OUTPUTS, (MIDDLE,), Stiefel())
LAST_ALONE = trace_flow(LAST_OUTPUTS, (FINAL,), Stiefel())

OUTPUTS = VectorField({q: -2 * (2 * Lambda * q - Lambda * q * q.T * q - q * q.T * Lambda * q)})
VECTOR_OUTPUTS = OUTPUTS.subs(z, 1)
FAST = VectorField({ball: VECTOR_OUTPUTS.rhs[ball] / (2 * (2 - sq(ball)))})  # in the time theta
DEEP = VectorField({q: canonical_rate(q, number).doit()})
DEEP_VECTOR = DEEP.subs(z, 1)
COMPONENT = VectorField({c: -eigenvalue * c})
LINEAR, PROPAGATED = (VectorField({state: -2 * number * Lambda * state}) for state in (E, Propagator))
FORM = q.T * Lambda * q
DEFECT = Identity(z) - q.T * q
CONGRUENT = VectorField({**OUTPUTS.rhs, P: -4 * P * FORM})
WITH_DEFECT = VectorField({**DEEP.rhs, K: 2 * number * (FORM * K + K * FORM)})

# a partial isometry q = U J^T onto eigenvectors U with eigenvalues L; M is what Lambda does on the rest
U, J, L = MatrixSymbol("U", d, rank), MatrixSymbol("J", z, rank), MatrixSymbol("L", rank, rank)
M, A = MatrixSymbol("M", d, d), MatrixSymbol("A", rank, rank)
X, Y, Z = MatrixSymbol("X", d, rank), MatrixSymbol("Y", d, z), MatrixSymbol("Z", rank, z)
OFF, ASIDE = Identity(d) - U * U.T, Identity(z) - J * J.T
SPLIT = U * L * U.T + OFF * M * OFF

COMMON = (
    Object(d, "the dimension of the inputs"),
    Object(h, "the width"),
    Object(z, "the number of outputs"),
    Object(number, "the number of layers"),
    Object(Lambda, "the eigenvalues of the matrix of the loss, on the diagonal", Diagonal(Lambda)),
    Object(W_1, "the first layer"),
)
SEVERAL = Vocabulary(
    *COMMON,
    Object(last, "the last layer"),
    Object(q, "the outputs at the eigenvectors, one a row"),
    Object(P, "a state"),
    Object(K, "a symmetric matrix that moves as I - q^T q does", Symmetric(K)),
    Object(Propagator, "a state"),
    Object(Y_0, "a matrix"),
    Named(OUTPUTS, "the flow of the outputs under the projected gradient"),
    Named(CONGRUENT, "that flow, and P' = -4 P q^T Lambda q"),
    Named(DEEP, "the flow of the outputs under the canonical metric on all layers"),
    Named(WITH_DEFECT, "that flow, and K' as of I - q^T q"),
    Named(PROPAGATED, "the linear flow E' = -2l Lambda E"),
    Named(FRAMES[2], "the gradient flow of two orthonormal layers, canonical metric"),
)
ONE_WORD = Vocabulary(
    *COMMON,
    Object(single, "the second layer, of one output"),
    Object(ball, "the output at the eigenvectors, one a row"),
    Object(q_0, "this output at time 0"),
    Object(E, "a vector"),
    Object(place, "the number of a coordinate"),
    Object(c, "a coordinate of Q"),
    Object(c_0, "this coordinate at time 0"),
    Object(eigenvalue, "its eigenvalue"),
    Object(time, "the time with d theta = 2(2 - |q|^2) dt"),
    Named(LAYERS_ONE, "the projected gradient flow of two orthonormal layers, one output"),
    Named(VECTOR_OUTPUTS, "the flow of the output"),
    Named(FAST, "the flow of the output in the time theta"),
    Named(COMPONENT, "the flow of a coordinate of Q in the time theta"),
    Named(DEEP_VECTOR, "the flow of the output under the canonical metric on all layers"),
    Named(LINEAR, "the linear flow E' = -2l Lambda E"),
)
SINGLE = Vocabulary(
    *COMMON[:1],
    *COMMON[2:5],
    Object(only, "the layer"),
    Named(FRAMES[1], "the gradient flow of one orthonormal layer, canonical metric"),
)
TRIPLE = Vocabulary(
    *COMMON,
    Object(W_2, "the second layer"),
    Object(W_3, "the last layer"),
    Named(FRAMES[3], "the gradient flow of three orthonormal layers, canonical metric"),
)
AMONG = Vocabulary(
    *COMMON[:5],
    Object(below_, "the width below a layer"),
    Object(BEFORE, "the product of the layers below it", Orthonormal(BEFORE)),
    Object(MIDDLE, "any layer but the last", Orthonormal(MIDDLE)),
    Object(AFTER, "the product of the layers between it and the last, transposed", Orthonormal(AFTER)),
    Object(FINAL, "the last layer", Orthonormal(FINAL)),
    Named(ANY_LAYER, "the gradient flow of one layer but the last, the others held, canonical metric"),
    Named(LAST_LAYER, "the gradient flow of the last layer, the others held, canonical metric"),
)
ALONE = Vocabulary(
    *COMMON[:5],
    Object(below_, "the width below a layer"),
    Object(MIDDLE, "a layer but the last", Orthonormal(MIDDLE)),
    Object(FINAL, "the last layer", Orthonormal(FINAL)),
    Object(UPPER, "the product of the layers above it, transposed", Orthonormal(UPPER)),
    Named(BELOW_ALONE, "the gradient flow of that layer, canonical metric"),
    Named(LAST_ALONE, "the gradient flow of the last layer, canonical metric"),
)
UNDER = Object(BEFORE, "the product of the layers below it", Orthonormal(BEFORE))
BENEATH = Object(WHOLE, "the product of the layers below the last", Orthonormal(WHOLE))
ISOMETRY = Vocabulary(
    *COMMON[:1],
    COMMON[2],
    Object(rank, "the rank"),
    Object(q, "the outputs, one a row"),
    Object(U, "so many eigenvectors of the matrix of the loss, as columns", Orthonormal(U)),
    Object(J, "directions in the outputs, as columns", Orthonormal(J)),
    Object(L, "the eigenvalues of these eigenvectors", Diagonal(L)),
    Object(M, "what the matrix of the loss does on the rest", Symmetric(M)),
    *(Object(matrix, "any matrix") for matrix in (A, X, Y, Z)),
)
SQUARE_NAMES = Vocabulary(
    COMMON[0],
    Object(SQUARE[0], "the first layer, square", Orthonormal(SQUARE[0])),
    Object(SQUARE[1], "the second layer, of one output", Orthonormal(SQUARE[1])),
)
INSIDE = Lt(sq(ball), 1)
WIDE = (Ge(h, d), Ge(h, z))
Q = power(-Rational(1, 4))
STRETCHED = power(-Rational(1, 2))

one_output = Chapter("beyond")


@one_output.claim(
    "z1",
    "result",
    ONE_WORD.sentence(
        And(
            equal(Rate(ONE_OUTPUT, LAYERS_ONE), At(VECTOR_OUTPUTS.rhs[ball], {ball: ONE_OUTPUT})),
            equal(Rate(Q, VECTOR_OUTPUTS), MatMul(2 * (2 - sq(ball)), -Lambda * Q)),
            equal(Rate(Q, FAST), -Lambda * Q),
        ),
        (INSIDE, Orthonormal(W_1), Orthonormal(single), Ge(h, d)),
    ),
    source="new",
    note="inside the unit ball, for every d: in the time theta with d theta = 2(2 - |q|^2) dt the equation of "
    "Q = q (1 - |q|^2)^(-1/4) is linear; theta lies between 2t and 4t",
)
def z1():
    yield Step("the output moves as both layers do", derive(Rate(ONE_OUTPUT, LAYERS_ONE)))
    yield Step("Q along the flow of the output", derive(Rate(Q, VECTOR_OUTPUTS)))
    yield Step("Q in the time theta", derive(Rate(Q, FAST)))


MOVED = Along(c, COMPONENT, time, {c: c_0})


@one_output.claim(
    "z1.norm",
    "result",
    ONE_WORD.sentence(
        And(
            equal((2 * sq(ball) + sq(Q) ** 2) ** 2, sq(Q) ** 2 * (sq(Q) ** 2 + 4)),
            equal(Rate(inner(e_i, Q), FAST), -inner(e_i, Lambda * e_i) * inner(e_i, Q)),
            equal(MOVED, c_0 * exp(-eigenvalue * time)),
        ),
        (INSIDE, Le(1, place), Le(place, d)),
    ),
    source="new",
    note="with R = |Q|^2 the first says 2|q|^2 + R^2 = R (R^2 + 4)^(1/2), both sides being positive; every coordinate "
    "of Q decays by itself, so that R is the sum of the Q_i(0)^2 exp(-2 lambda_i theta)",
)
def z1_norm():
    yield Step("a coordinate of Q in the time theta", derive(Rate(inner(e_i, Q), FAST)))
    yield Step("its equation is solved", derive(MOVED))


one_output.claim(
    "z1.square",
    "result",
    SQUARE_NAMES.sentence(equal(sq(SQUARE[0].T * SQUARE[1]), 1)),
    source="new",
    note="with a square first layer (h = d) every start is on the sphere",
)


# --- several outputs ---------------------------------------------------------------------

several = Chapter("beyond")


@several.claim(
    "ball",
    "result",
    SEVERAL.sentence(
        And(
            equal(Rate(DEFECT, OUTPUTS), 4 * (FORM * DEFECT + DEFECT * FORM)),
            equal(Rate(P * DEFECT * P.T, CONGRUENT), ZeroMatrix(z, z)),
        )
    ),
    source="new",
    note="I - q^T q is P^(-1) times its start times P^(-T): it keeps rank and signature, so that q^T q <= I is kept, "
    "strictly or in the directions in which it is an equality; solutions are bounded and exist for ever",
)
def ball_claim():
    yield Step("the rate of I - q^T q", derive(Rate(DEFECT, OUTPUTS)))
    yield Step("the rate of P (I - q^T q) P^T", derive(Rate(P * DEFECT * P.T, CONGRUENT)))


@several.claim(
    "ball.loss",
    "result",
    SEVERAL.sentence(
        equal(
            Rate(Trace(FORM), OUTPUTS),
            -4 * Trace(q.T * Lambda * (Identity(d) - q * q.T) * Lambda * q)
            - 4 * Trace(DEFECT * q.T * Lambda * Lambda * q),
        )
    ),
    source="new",
    note="both terms are >= 0 in the ball before the sign; both vanish only if Lambda q (I - q^T q) = 0 and "
    "(I - q q^T) Lambda q = 0: for invertible Lambda at partial isometries onto invariant subspaces",
)
def ball_loss():
    yield Step("the rate of the loss", derive(Rate(Trace(FORM), OUTPUTS)))


FIELD = OUTPUTS.rhs[q].xreplace({Lambda: SPLIT})


def deviation(direction):
    """How the velocity changes with a deviation from the partial isometry."""
    return At(Rate(FIELD, VectorField({q: direction})), {q: U * J.T})


EVEN, ODD = A + A.T, A - A.T


@several.claim(
    "ball.linear",
    "result",
    ISOMETRY.sentence(
        And(
            equal(deviation(U * EVEN * J.T), 4 * U * (L * EVEN + EVEN * L) * J.T),
            equal(deviation(U * ODD * J.T), ZeroMatrix(d, z)),
            equal(deviation(OFF * X * J.T), -2 * OFF * (M * OFF * X - X * L) * J.T),
            equal(deviation(OFF * Y * ASIDE), -4 * OFF * M * OFF * Y * ASIDE),
            equal(deviation(U * Z * ASIDE), ZeroMatrix(d, z)),
        ),
        (Ge(d, rank), Ge(z, rank)),
    ),
    source="new",
    note="every deviation is a sum of these: growth rates 4 (l_i + l_j), i <= j, on the symmetric part; -2 (m_k - l_i) "
    "towards the other eigenvectors; -4 m_k in the outputs that are zero; zero along the family of equilibria",
)
def ball_linear():
    yield Step("the deviation within the isometry, symmetric", derive(deviation(U * EVEN * J.T)))
    yield Step("towards other eigenvectors", derive(deviation(OFF * X * J.T)))
    yield Step("in the outputs that are zero", derive(deviation(OFF * Y * ASIDE)))


# --- the canonical metric ----------------------------------------------------------------

deep_layers = Chapter("beyond")


@deep_layers.claim(
    "stiefel",
    "result",
    AMONG.sentence(
        And(
            equal(Rate(CHAIN_OUTPUTS, ANY_LAYER), canonical_rate(CHAIN_OUTPUTS, 1)),
            equal(Rate(CHAIN_OUTPUTS, LAST_LAYER), canonical_rate(CHAIN_OUTPUTS, 1)),
            equal(
                (number - 1) * Rate(CHAIN_OUTPUTS, ANY_LAYER) + Rate(CHAIN_OUTPUTS, LAST_LAYER),
                canonical_rate(CHAIN_OUTPUTS, number),
            ),
        ),
        (Ge(h, z), Ge(h, below_), Ge(below_, d)),
    ),
    source="new",
    note="every number l of layers, all sizes: each layer adds the same, whatever stands above and below it",
)
def stiefel():
    yield Step("what a layer but the last adds to the rate of the outputs", derive(Rate(CHAIN_OUTPUTS, ANY_LAYER)))
    yield Step("what the last layer adds", derive(Rate(CHAIN_OUTPUTS, LAST_LAYER)))


@deep_layers.claim(
    "stiefel.below",
    "result",
    Vocabulary(ALONE, UNDER).sentence(
        equal(Rate(BELOW_OUTPUTS, BELOW_ALONE), canonical_rate(BELOW_OUTPUTS, 1)),
        (Ge(h, z), Ge(h, below_), Ge(below_, d)),
    ),
    source="new",
    note="the share of any layer but the last",
)
def stiefel_below():
    yield Step("the outputs move as the layer does", derive(Rate(BELOW_OUTPUTS, BELOW_ALONE)))


@deep_layers.claim(
    "stiefel.last",
    "result",
    Vocabulary(ALONE, BENEATH).sentence(equal(Rate(LAST_OUTPUTS, LAST_ALONE), canonical_rate(LAST_OUTPUTS, 1)), WIDE),
    source="new",
    note="the share of the last layer",
)
def stiefel_last():
    yield Step("the outputs move as the layer does", derive(Rate(LAST_OUTPUTS, LAST_ALONE)))


@deep_layers.claim(
    "stiefel.one",
    "result",
    SINGLE.sentence(equal(Rate(only, FRAMES[1]), canonical_rate(only, 1)), (Orthonormal(only), Ge(d, z))),
    source="new",
)
def stiefel_one():
    yield Step("the layer is the outputs", derive(Rate(only, FRAMES[1])))


@deep_layers.claim(
    "stiefel.two",
    "result",
    SEVERAL.sentence(
        equal(Rate(TWO_OUTPUTS, FRAMES[2]), canonical_rate(TWO_OUTPUTS, 2)), (*map(Orthonormal, (W_1, last)), *WIDE)
    ),
    source="new",
)
def stiefel_two():
    yield Step("the outputs move as both layers do", derive(Rate(TWO_OUTPUTS, FRAMES[2])))


@deep_layers.claim(
    "stiefel.three",
    "result",
    TRIPLE.sentence(
        equal(Rate(THREE_OUTPUTS, FRAMES[3]), canonical_rate(THREE_OUTPUTS, 3)),
        (*map(Orthonormal, (W_1, W_2, W_3)), *WIDE),
    ),
    source="new",
)
def stiefel_three():
    yield Step("the outputs move as the layers do", derive(Rate(THREE_OUTPUTS, FRAMES[3])))


CURVE = E / sqrt(1 - sq(q_0) + sq(E))


@deep_layers.claim(
    "stiefel.vector",
    "result",
    ONE_WORD.sentence(
        And(
            Implies(INSIDE, equal(Rate(STRETCHED, DEEP_VECTOR), -2 * number * Lambda * STRETCHED)),
            equal(Rate(CURVE, LINEAR), At(DEEP_VECTOR.rhs[ball], {ball: CURVE})),
            equal(At(CURVE, {E: q_0}), q_0),
        ),
        (Le(sq(q_0), 1), Gt(sq(E), 0)),
    ),
    source="new",
    note="one output: linear without a change of time; with E = exp(-2l Lambda t) q_0 the curve "
    "E (1 - |q_0|^2 + |E|^2)^(-1/2) is the solution from q_0, on the sphere too",
)
def stiefel_vector():
    yield Step("q (1 - |q|^2)^(-1/2) along the flow", derive(Rate(STRETCHED, DEEP_VECTOR)))
    yield Step("the curve along the linear flow", derive(Rate(CURVE, LINEAR)))


INVERTED = q * K.I * q.T
CARRIED = Propagator * Y_0 * Propagator.T


@deep_layers.claim(
    "stiefel.gram",
    "result",
    SEVERAL.sentence(
        And(
            equal(Rate(DEFECT, DEEP), At(Rate(K, WITH_DEFECT), {K: DEFECT})),
            equal(Rate(INVERTED, WITH_DEFECT), -2 * number * (Lambda * INVERTED + INVERTED * Lambda)),
            equal(Rate(CARRIED, PROPAGATED), -2 * number * (Lambda * CARRIED + CARRIED * Lambda)),
            equal(q * q.T * (Identity(d) + INVERTED) - INVERTED, q * (K - DEFECT) * K.I * q.T),
        )
    ),
    source="new",
    note="K is I - q^T q, which is invertible inside the ball: Y = q K^(-1) q^T moves as E Y_0 E^T does for "
    "E = exp(-2l Lambda t), and q q^T (I + Y) = Y; q itself up to a rotation of the outputs",
)
def stiefel_gram():
    yield Step("the rate of I - q^T q", derive(Rate(DEFECT, DEEP)))
    yield Step("the rate of Y", derive(Rate(INVERTED, WITH_DEFECT)))
    yield Step("the rate of E Y_0 E^T", derive(Rate(CARRIED, PROPAGATED)))


# --- the statements ----------------------------------------------------------------------

ORTHOGONAL = Matrix([[0, 0], [Rational(1, 2), 0], [0, Rational(1, 2)]])
w_1, w_2, _ = weights


def _beyond(label, printed, steps, decide, *, model=VECTOR, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    *one_output.claims[:2],
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
    *one_output.claims[2:],
    *several.claims,
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
    *deep_layers.claims,
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
