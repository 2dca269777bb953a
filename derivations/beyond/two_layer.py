"""Deep linear networks on a fixed data matrix: the singular values of one aligned mode, solved.

The loss is that of a chain of linear layers near which a contrastive loss with data matrix X acts,

    L = -1/2 tr(P X P^T),   P = W_L ... W_1,

so that the layers obey W_j' = (W_L ... W_{j+1})^T P X (W_{j-1} ... W_1)^T.  Where the frames are
aligned, one mode of X with eigenvalue x moves by itself: each claim says so first, of the layers, and solves
the equation of the mode in the time theta, the integral of x, in which the eigenvalue is one.
"""

from functools import lru_cache
from itertools import combinations

from sympy import And, Eq, Ge, Gt, Le, Lt, MatrixSymbol, Ne, exp, expand, log, oo, powsimp, sinh, sqrt, symbols

from symssl import Diagonal, Flow, Orthonormal, Symmetric, inner, potential, sq
from symssl.claims import Chapter, Model, Step
from symssl.language import (
    Along,
    At,
    FirstTime,
    GradientFlow,
    Limit,
    Named,
    Object,
    Rate,
    VectorField,
    Vocabulary,
    function,
)
from symssl.statements import derive

from .._models import chain

# --- the models --------------------------------------------------------------------------
d, r = symbols("d r", integer=True, positive=True)
widths = symbols("h_1:5", integer=True, positive=True)
X, V = MatrixSymbol("X", d, d), MatrixSymbol("V", d, r)
W = tuple(MatrixSymbol(f"W_{j}", widths[j - 1], d if j == 1 else widths[j - 2]) for j in range(1, 5))
U = tuple(MatrixSymbol(f"U_{j}", widths[j - 1], r) for j in range(1, 5))
sigma = symbols("sigma_1:5", positive=True)
x = symbols("x", real=True)
t, theta = symbols("t theta", nonnegative=True)


def layers_over(depth):
    """The loss of a chain of that many layers, X held fixed."""
    P = chain(*W[:depth])
    return Model(
        f"chain of {depth} linear layers",
        -inner(P, P * X) / 2,
        W[:depth],
        where=(Symmetric(X),),
        options={"extra": {X: 0 * X}},
    )


ONE, TWO, THREE = map(layers_over, (1, 2, 3))
A, M, B = (
    MatrixSymbol("A", widths[2], widths[1]),
    MatrixSymbol("W", widths[1], widths[0]),
    MatrixSymbol("B", widths[0], d),
)
LAYER = Model(
    "one layer of a chain",
    -inner(A * M * B, A * M * B * X) / 2,
    (M,),
    where=(Symmetric(X),),
    options={"extra": {X: 0 * X, A: 0 * A, B: 0 * B}},
)

# --- what the sentences speak of ---------------------------------------------------------

n = symbols("n", integer=True, positive=True)  # n + 1 layers
j = symbols("j", integer=True, positive=True)
u, v, y, level, one = symbols("u v y b sigma", positive=True)
u_0, v_0, sigma_0, C = symbols("u_0 v_0 sigma_0 C", positive=True)
w = symbols("w", real=True)  # what falls to zero at the blow-up
left = symbols("s", positive=True)
clock, tau = symbols("theta tau", real=True)
above, below = symbols("alpha beta", positive=True)
start, balance = symbols("s_1:4", positive=True), symbols("g_1:4", positive=True)
eigenvalue = function("x")

Xi, S = MatrixSymbol("Xi", r, r), tuple(MatrixSymbol(name, r, r) for name in "STQ")
S_A, S_W, S_B = (MatrixSymbol(name, r, r) for name in ("Gamma", "Sigma", "Delta"))
FIRST, SECOND, *_ = sigma


def flow_of(model):
    return GradientFlow(model.loss, model.weights, where=model.where)


CHAIN = {1: flow_of(ONE), 2: flow_of(TWO), 3: flow_of(THREE)}
BETWEEN = GradientFlow(LAYER.loss, M, where=LAYER.where)
ANY_LOSS = GradientFlow(potential("f", W[1] * W[0]), W[:2])


def mode(depth):
    """One aligned mode of that many layers."""
    product = 1
    for singular in sigma[:depth]:
        product *= singular**2
    return GradientFlow(-x * product / 2, sigma[:depth])


MODE = {depth: mode(depth) for depth in (2, 3)}
SHARE = GradientFlow(-x * (above * one * below) ** 2 / 2, one)  # of one layer between two products
SQUARE = VectorField({u: 2 * u * (u - C)})  # u = sigma_1^2 in the time theta
SQUARE_NEGATIVE = VectorField({u: 2 * u * (u + C)})
SQUARE_BALANCED = VectorField({u: 2 * u**2})
CLOCK = VectorField({clock: eigenvalue(tau), tau: 1})
REMAINING = VectorField({left: -1})
BALANCED = VectorField({one: x * one ** (2 * n + 1)})
POWER = VectorField({w: -2 * n * x})  # w = sigma^(-2n)


def excess_field(values):
    """y = sigma_j^2 - sigma_j(0)^2 from these squares at the start."""
    rate = 2 * x
    for value in values:
        rate *= y + value
    return VectorField({y: rate})


EXCESS = {2: excess_field(start[:2]), 3: excess_field(start)}

WORDS = Vocabulary(
    Object(d, "the dimension of the inputs"),
    Object(r, "the number of modes"),
    *(Object(width, f"the width of layer {k}") for k, width in enumerate(widths[:3], 1)),
    Object(X, "the data matrix, symmetric", Symmetric(X)),
    Object(V, "eigenvectors of the data matrix, as columns", Orthonormal(V)),
    Object(Xi, "their eigenvalues", Diagonal(Xi)),
    *(Object(layer, f"layer {k}") for k, layer in enumerate(W[:3], 1)),
    *(
        Object(frame, f"orthonormal columns: the frame of layer {k}", Orthonormal(frame))
        for k, frame in enumerate(U[:3], 1)
    ),
    *(Object(values, f"the singular values of layer {k}", Diagonal(values)) for k, values in enumerate(S, 1)),
    Object(A, "the product of the layers above one layer"),
    Object(M, "one layer"),
    Object(B, "the product of the layers below it"),
    Object(S_A, "the singular values of the product above", Diagonal(S_A)),
    Object(S_W, "the singular values of the layer", Diagonal(S_W)),
    Object(S_B, "the singular values of the product below", Diagonal(S_B)),
    *(Object(value, f"the singular value of layer {k} in one mode") for k, value in enumerate(sigma[:3], 1)),
    Object(one, "the singular value of one layer in one mode"),
    Object(sigma_0, "this singular value at time 0"),
    Object(above, "the product of the singular values of the layers above it"),
    Object(below, "the product of the singular values of the layers below it"),
    Object(n, "the number of layers, less one"),
    Object(j, "the number of a layer, from the first"),
    Object(u, "the square of the singular value of the first layer"),
    Object(v, "the square of the singular value of the second layer"),
    Object(u_0, "the square of the singular value of the first layer at time 0"),
    Object(v_0, "the square of the singular value of the second layer at time 0"),
    Object(C, "the difference of the squares of the two singular values, without its sign"),
    Object(w, "what vanishes where a singular value is infinite"),
    Object(left, "what is left of theta until the blow-up"),
    Object(tau, "time"),
    Object(y, "by how much the squares of the singular values have grown"),
    Object(level, "a level that this reaches"),
    *(Object(value, f"the square of the singular value of layer {k} at time 0") for k, value in enumerate(start, 1)),
    *(Object(value, "a positive number") for value in balance),
    Object(potential("f", W[1] * W[0]), "any smooth loss of the product of two layers"),
    Named(CHAIN[1], "the gradient flow of one layer"),
    Named(CHAIN[2], "the gradient flow of two layers"),
    Named(CHAIN[3], "the gradient flow of three layers"),
    Named(BETWEEN, "the gradient flow of one layer among others"),
    Named(ANY_LOSS, "the gradient flow of any smooth loss of the product of two layers"),
    Named(MODE[2], "the equation of one mode of two layers"),
    Named(MODE[3], "the equation of one mode of three layers"),
    Named(SHARE, "the equation of one mode of one layer among others"),
    Named(SQUARE, "the equation of the square, in the time theta"),
    Named(SQUARE_NEGATIVE, "the equation of the square where the second layer is the larger, in the time theta"),
    Named(SQUARE_BALANCED, "the equation of the square where both are equal, in the time theta"),
    Named(CLOCK, "the clock theta, the integral of x"),
    Named(REMAINING, "the clock of what is left"),
    Named(BALANCED, "the equation of n + 1 equal singular values"),
    Named(POWER, "the equation of their power -2n"),
    Named(EXCESS[2], "the equation of the growth, two layers"),
    Named(EXCESS[3], "the equation of the growth, three layers"),
)


def names(*entries):
    """These names, besides those of the module that have another one."""
    new = {entry.name for entry in entries}
    return Vocabulary(*(entry for entry in WORDS.entries if entry.name not in new), *entries)


ALONE = names(
    Object(x, "the eigenvalue of the data matrix in the mode"), Object(theta, "the integral of x"), Object(t, "time")
)
VARYING = names(
    Object(eigenvalue, "the eigenvalue of the data matrix in the mode, any function of time"),
    Object(clock, "the integral of x"),
)


def equal(left_side, right_side):
    return Eq(left_side, right_side, evaluate=False)


FRAMES = {
    **{W[k]: U[k] * S[k] * (V if k == 0 else U[k - 1]).T for k in range(3)},
    X: V * Xi * V.T,
    A: U[2] * S_A * U[1].T,
    M: U[1] * S_W * U[0].T,
    B: U[0] * S_B * V.T,
}


def there(term, *matrices):
    """A term at aligned layers."""
    return At(term, {matrix: FRAMES[matrix] for matrix in (*matrices, X)})


def aligned(depth):
    """Aligned layers stay aligned, and their singular values move mode by mode."""
    parts = []
    for k in range(depth):
        values = S[k] * Xi
        for other in range(depth):
            values = values * S[other] ** 2 if other != k else values
        basis = V if k == 0 else U[k - 1]
        parts.append(equal(there(Rate(W[k], CHAIN[depth]), *W[:depth]), U[k] * values * basis.T))
    return parts


LAYER_ALIGNED = equal(there(Rate(M, BETWEEN), A, M, B), U[1] * (S_A**2 * S_W * S_B**2 * Xi) * U[0].T)


def layers(depth):
    """The steps of that: the layers of the chain, at aligned ones."""
    for k in range(depth):
        yield Step(
            f"layer {k + 1} moves along its frames where all are aligned",
            derive(there(Rate(W[k], CHAIN[depth]), *W[:depth])),
        )


def between():
    yield Step("one layer among others, along the frames", derive(there(Rate(M, BETWEEN), A, M, B)))


# --- two layers --------------------------------------------------------------------------

E_2 = exp(2 * C * theta)
BOTTOM = u_0 - (u_0 - C) * E_2
SOLUTION = {  # sigma_1^2 and (sigma_1 sigma_2)^2 where sigma_1^2 - sigma_2^2 is C, -C, 0
    1: (C * u_0 / BOTTOM, C**2 * u_0 * (u_0 - C) * E_2 / BOTTOM**2),
    -1: (C * u_0 * E_2 / (u_0 + C - u_0 * E_2), C**2 * u_0 * (u_0 + C) * E_2 / (u_0 + C - u_0 * E_2) ** 2),
    0: (u_0 / (1 - 2 * u_0 * theta), u_0**2 / (1 - 2 * u_0 * theta) ** 2),
}
DIFFERENCE = FIRST**2 - SECOND**2
KEPT = (
    equal(Rate(DIFFERENCE, MODE[2]), 0),
    equal(Rate(FIRST**2, MODE[2]), x * At(2 * u * (u - C), {u: FIRST**2, C: DIFFERENCE})),
)
BLOW_UP = (log(u_0) - log(v_0)) / (2 * (u_0 - v_0))
RECIPROCAL = VectorField({w: -2 * (1 - (u_0 - v_0) * w)})  # w = 1/sigma_1^2 in the time theta
RECIPROCAL_BALANCED = VectorField({w: -2})
LEFT = C / (1 - exp(-2 * C * left)), C / (exp(2 * C * left) - 1), C**2 / (4 * sinh(C * left) ** 2)
MOVING = C * u_0 / (u_0 - (u_0 - C) * exp(2 * C * clock))

chapter = Chapter("beyond")


def solved(sign, dynamics):
    """Both squares along the equation."""
    squares, products = SOLUTION[sign]
    return (
        equal(Along(u, dynamics, theta, {u: u_0}), squares),
        equal(At(u * (u - sign * C), {u: squares}), products),
    )


def steps_of(sign, dynamics, given):
    yield from layers(2)
    yield Step("the difference of the squares does not move", derive(Rate(DIFFERENCE, MODE[2])))
    yield Step("the square of the first singular value", derive(Rate(FIRST**2, MODE[2])))
    yield Step("its equation is solved in the time theta", derive(Along(u, dynamics, theta, {u: u_0}), given))


POSITIVE = (Gt(u_0, C), Lt(theta, log(u_0 / (u_0 - C)) / (2 * C)))
SWAPPED = (Lt(theta, log((u_0 + C) / u_0) / (2 * C)),)
SAME = (Lt(2 * u_0 * theta, 1),)


@chapter.claim(
    "two_layer",
    "result",
    ALONE.sentence(And(*aligned(2), *KEPT, *solved(1, SQUARE)), POSITIVE),
    source="new",
    note="theta is the integral of x: x t for a constant x; two_layer.varying has theta of either sign. The square "
    "root of the product of the squares is sigma_1 sigma_2, the singular value of the network",
)
def two_layer():
    yield from steps_of(1, SQUARE, POSITIVE)


@chapter.claim(
    "two_layer.negative",
    "result",
    ALONE.sentence(And(*solved(-1, SQUARE_NEGATIVE)), SWAPPED),
    source="new",
    note="sigma_1^2 - sigma_2^2 = -C < 0: the two layers have changed places",
)
def two_layer_negative():
    yield from steps_of(-1, SQUARE_NEGATIVE, SWAPPED)


@chapter.claim(
    "two_layer.balanced",
    "result",
    ALONE.sentence(And(*solved(0, SQUARE_BALANCED)), SAME),
    source="new",
    note="sigma_1^2 = sigma_2^2",
)
def two_layer_balanced():
    yield from steps_of(0, SQUARE_BALANCED, SAME)


REACHED = FirstTime(equal(w, 0), RECIPROCAL, {w: 1 / u_0})
REACHED_BALANCED = FirstTime(equal(w, 0), RECIPROCAL_BALANCED, {w: 1 / u_0})


@chapter.claim(
    "two_layer.blowup",
    "result",
    ALONE.sentence(
        And(
            equal(Rate(FIRST**-2, MODE[2]), x * At(-2 * (1 - C * w), {C: DIFFERENCE, w: FIRST**-2})),
            equal(REACHED, BLOW_UP),
            equal(REACHED_BALANCED, 1 / (2 * u_0)),
        ),
        Ne(u_0, v_0),
    ),
    source="new",
    note="what theta has become where 1/sigma_1^2 is zero: finite where x is positive and both singular values are",
)
def two_layer_blowup():
    yield Step("1/sigma_1^2 along the equation of the mode", derive(Rate(FIRST**-2, MODE[2])))
    yield Step("when it vanishes", derive(REACHED, (Ne(u_0, v_0),)))
    yield Step("the same where both squares are equal", derive(REACHED_BALANCED))


@chapter.claim(
    "two_layer.remaining",
    "result",
    ALONE.sentence(
        And(
            equal(Rate(LEFT[0], REMAINING), At(2 * u * (u - C), {u: LEFT[0]})),
            equal(LEFT[0] - LEFT[1], C),
            equal(LEFT[0] * LEFT[1], LEFT[2]),
            equal(At(1 / u, {u: LEFT[0]}), (1 - exp(-2 * C * left)) / C),
        )
    ),
    source="new",
    note="by what is left of theta until the blow-up, where 1/sigma_1^2 vanishes, all starts with one C are on one "
    "curve: sigma_1^2, sigma_2^2 and the square of sigma_1 sigma_2",
)
def two_layer_remaining():
    yield Step("the curve obeys the equation of the square", derive(Rate(LEFT[0], REMAINING)))


GROWING = (Gt(u_0, C), Gt(u_0, (u_0 - C) * exp(2 * C * clock)))


@chapter.claim(
    "two_layer.varying",
    "result",
    VARYING.sentence(
        And(
            equal(Rate(MOVING, CLOCK), eigenvalue(tau) * At(2 * u * (u - C), {u: MOVING})),
            equal(At(MOVING, {clock: 0}), u_0),
        ),
        GROWING,
    ),
    source="new",
    note="with theta the integral of x the closed form solves the equation with x(t), of any sign",
)
def two_layer_varying():
    yield Step("the rate of the closed form", derive(Rate(MOVING, CLOCK)))


@chapter.claim(
    "two_layer.past",
    "result",
    VARYING.sentence(
        And(
            equal(Rate(MOVING, CLOCK), eigenvalue(tau) * At(2 * u * (u - C), {u: MOVING})),
            equal(Limit(MOVING, clock, -oo), C),
            equal(Limit(MOVING * (MOVING - C), clock, -oo), 0),
        ),
        GROWING,
    ),
    source="new",
    note="where x is negative theta falls, and the mode collapses: the first layer stops at the square root of C",
)
def two_layer_past():
    yield Step("the rate of the closed form", derive(Rate(MOVING, CLOCK)))
    yield Step("its limit, for ever longer times with x negative", derive(Limit(MOVING, clock, -oo), (Gt(u_0, C),)))


ENERGY = ANY_LOSS.loss


@chapter.claim(
    "two_layer.energy",
    "result",
    ALONE.sentence(equal(Rate(ENERGY, ANY_LOSS), -sq(Rate(W[0], ANY_LOSS)) - sq(Rate(W[1], ANY_LOSS)))),
    source="new",
    note="one bounded below, such as InfoNCE >= 0, moves the weights by at most sqrt(t f_0) up to time t; with X(t) "
    "that belongs to the loss nothing blows up, and the integral of x stays below the value of two_layer.blowup",
)
def two_layer_energy():
    yield Step("the velocity of the first layer", derive(Rate(W[0], ANY_LOSS)))
    yield Step("the velocity of the second layer", derive(Rate(W[1], ANY_LOSS)))
    yield Step("the rate of the loss", derive(Rate(ENERGY, ANY_LOSS)))


# --- any depth ---------------------------------------------------------------------------

LAYERS = {above: one ** (n + 1 - j), below: one ** (j - 1)}
INVERSE = sigma_0 ** (-2 * n) - 2 * n * x * t
DEPTH_BLOW_UP = 1 / (2 * n * x * sigma_0 ** (2 * n))
TO_BALANCED = (
    LAYER_ALIGNED,
    equal(At(Rate(one, SHARE), LAYERS), Rate(one, BALANCED)),
    equal(Rate(one ** (-2 * n), BALANCED), -2 * n * x),
)


def to_balanced():
    yield from between()
    yield Step("its singular value, with n + 1 equal ones", derive(At(Rate(one, SHARE), LAYERS)))
    yield Step("the power -2n of it", derive(Rate(one ** (-2 * n), BALANCED)))


@chapter.claim(
    "depth",
    "result",
    ALONE.sentence(And(*TO_BALANCED, equal(Along(w, POWER, t, {w: sigma_0 ** (-2 * n)}), INVERSE)), Le(j, n + 1)),
    source="new",
    note="w = sigma^(-2n), so that sigma = (sigma_0^(-2n) - 2 n x t)^(-1/(2n)); n + 1 layers, every n",
)
def depth():
    yield from to_balanced()
    yield Step("w = sigma^(-2n)", derive(Along(w, POWER, t, {w: sigma_0 ** (-2 * n)})))


ENDS = FirstTime(equal(w, 0), POWER, {w: sigma_0 ** (-2 * n)})


@chapter.claim(
    "depth.blowup",
    "result",
    ALONE.sentence(And(*TO_BALANCED[1:], equal(ENDS, DEPTH_BLOW_UP)), (Le(j, n + 1), Gt(x, 0))),
    source="new",
    note="the time at which w = sigma^(-2n) vanishes",
)
def depth_blowup():
    yield from to_balanced()
    yield Step("when it vanishes", derive(ENDS, (Gt(x, 0),)))


LINEAR = VectorField({one: x * one})


@chapter.claim(
    "depth.one",
    "result",
    ALONE.sentence(And(*aligned(1), equal(Along(one, LINEAR, t, {one: sigma_0}), sigma_0 * exp(x * t)))),
    source="new",
    note="one layer never blows up",
)
def depth_one():
    yield from layers(1)
    yield Step("its singular value", derive(Along(one, LINEAR, t, {one: sigma_0})))


def share(k, depth=3):
    """The rate of one of three singular values."""
    rate = x * sigma[k]
    for other in range(depth):
        rate *= sigma[other] ** 2 if other != k else 1
    return rate


@chapter.claim(
    "depth.chain",
    "result",
    ALONE.sentence(
        And(
            LAYER_ALIGNED,
            equal(Rate(one, SHARE), x * above**2 * one * below**2),
            *aligned(3),
            *(equal(Rate(sigma[k], MODE[3]), share(k)) for k in range(3)),
        )
    ),
    source="new",
    note="any layer of a chain of any depth between the products above and below it; then three layers at once",
)
def depth_chain():
    yield from between()
    yield from layers(3)
    for k in range(3):
        yield Step(f"the singular value of layer {k + 1}", derive(Rate(sigma[k], MODE[3])))


def grown(k, depth):
    """The rate of the square of one singular value where the squares of all have grown by y."""
    return At(Rate(sigma[k] ** 2, MODE[depth]), {sigma[i]: sqrt(y + start[i]) for i in range(depth)})


@chapter.claim(
    "depth.unbalanced",
    "result",
    ALONE.sentence(And(*(equal(grown(k, 3), Rate(y, EXCESS[3])) for k in range(3)))),
    source="new",
    note="three layers: the squares of all singular values grow alike",
)
def depth_unbalanced():
    for k in range(3):
        yield Step(f"the rate of the square of singular value {k + 1}", derive(grown(k, 3)))


POLE = VectorField({w: -2 * x * (1 + (start[1] - start[0]) * w)})  # w = 1/(y + s_1)
ENDS_TWO = FirstTime(equal(w, 0), POLE, {w: 1 / start[0]})
APART = {2: (Ne(*start[:2]), Gt(x, 0)), 3: (*(Ne(a, b) for a, b in combinations(start, 2)), Gt(x, 0))}
UNBALANCED_TWO = (log(start[0]) - log(start[1])) / (2 * x * (start[0] - start[1]))


@chapter.claim(
    "depth.unbalanced.two",
    "result",
    ALONE.sentence(
        And(
            *(equal(grown(k, 2), Rate(y, EXCESS[2])) for k in range(2)),
            equal(Rate(1 / (y + start[0]), EXCESS[2]), At(Rate(w, POLE), {w: 1 / (y + start[0])})),
            equal(ENDS_TWO, UNBALANCED_TWO),
        ),
        APART[2],
    ),
    source="new",
    note="two layers: w = 1/(y + s_1) vanishes at the blow-up, whose time is a divided difference of the logarithm",
)
def depth_unbalanced_two():
    for k in range(2):
        yield Step(f"the rate of the square of singular value {k + 1}", derive(grown(k, 2)))
    yield Step("w = 1/(y + s_1)", derive(Rate(1 / (y + start[0]), EXCESS[2])))
    yield Step("when it vanishes", derive(ENDS_TWO, APART[2]))


def divided(function_):
    """The second divided difference of a function at the squares at the start."""
    s_1, s_2, s_3 = start
    return (
        function_(s_1) / ((s_1 - s_2) * (s_1 - s_3))
        + function_(s_2) / ((s_2 - s_1) * (s_2 - s_3))
        + function_(s_3) / ((s_3 - s_1) * (s_3 - s_2))
    )


PASSAGE = FirstTime(equal(y, level), EXCESS[3], {y: 0})
PASSED = (divided(lambda s: log(1 + s / level)) - divided(log)) / (2 * x)
UNBALANCED_THREE = -divided(log) / (2 * x)


@chapter.claim(
    "depth.unbalanced.three",
    "result",
    ALONE.sentence(
        And(
            equal(PASSAGE, PASSED),
            equal(Limit(PASSED, level, oo), UNBALANCED_THREE),
        ),
        APART[3],
    ),
    source="new",
    note="three layers, y as in depth.unbalanced: the time at which it reaches a level, and the limit for ever higher "
    "levels, which is the blow-up",
)
def depth_unbalanced_three():
    yield Step("when y reaches a level", derive(PASSAGE, APART[3]))
    yield Step("the limit for high levels", derive(Limit(PASSED, level, oo), APART[3]))


def unbalanced_and_balanced(depth):
    """The growth from the squares g_j^depth, and from equal squares with the same product."""
    product = 1
    for value in balance[:depth]:
        product *= value
    return (excess_field([value**depth for value in balance[:depth]]), excess_field([product] * depth))


FASTER = {depth: unbalanced_and_balanced(depth) for depth in (2, 3)}
ORDERED = (Gt(x, 0), Lt(balance[0], balance[1]), Lt(balance[1], balance[2]))


@chapter.claim(
    "depth.imbalance",
    "result",
    ALONE.sentence(Ge(Rate(y, FASTER[2][0]), Rate(y, FASTER[2][1]), evaluate=False), Gt(x, 0)),
    source="new",
    note="two layers: of all starts with one product of singular values the balanced one is the slowest at every y",
)
def depth_imbalance():
    for words, dynamics in zip(("a start", "the balanced start with the same product"), FASTER[2]):
        yield Step(f"the growth from {words}", derive(Rate(y, dynamics)))


@chapter.claim(
    "depth.imbalance.three",
    "result",
    ALONE.sentence(Gt(Rate(y, FASTER[3][0]), Rate(y, FASTER[3][1]), evaluate=False), ORDERED),
    source="new",
    note="three layers, in the order of their singular values, which is no loss",
)
def depth_imbalance_three():
    for words, dynamics in zip(("a start", "the balanced start with the same product"), FASTER[3]):
        yield Step(f"the growth from {words}", derive(Rate(y, dynamics)))


CLAIMS = chapter.claims
NOTATION = {"u_0": r"\sigma_1(0)^2", "v_0": r"\sigma_2(0)^2"}


# --- the laws, for LaTeX -----------------------------------------------------------------


@lru_cache(maxsize=64)
def modes(model):
    """One singular value for each layer, and the eigenvalue x of X."""
    layers = len(model.weights)
    frames = {W[j]: (U[j], sigma[j], V if j == 0 else U[j - 1]) for j in range(layers)}
    return model.flow().spectral({**frames, X: (V, x, V)})


def rates(model):
    """The rates of the singular values as functions of all of them and x."""
    return {sigma[j]: modes(model).states[sigma[j]] for j in range(len(model.weights))}


def one_mode(model):
    return Flow(rates(model), (x,))


@lru_cache(maxsize=64)
def squared(model, difference):
    """The flow of u = sigma_1^2 in the time theta, the integral of x, where sigma_1^2 - sigma_2^2 = difference."""
    first, second = sigma[:2]
    rate = one_mode(model).retime(x).lie(first**2).subs(second**2, first**2 - difference)
    return Flow({u: expand(rate).subs(first**2, u).subs(first**4, u**2)}, tuple(difference.free_symbols))


@lru_cache(maxsize=64)
def layer_mode(model):
    """One layer between the product A of those above and the product B of those below."""
    frames = {A: (U[2], above, U[1]), M: (U[1], one, U[0]), B: (U[0], below, V), X: (V, x, V)}
    return model.flow().spectral(frames)


@lru_cache(maxsize=64)
def balanced(model):
    """All layers equal: above layer j stand n + 1 - j, below it j - 1."""
    rate = layer_mode(model).states[one].subs({above: one ** (n + 1 - j), below: one ** (j - 1)})
    return Flow({one: powsimp(rate)}, (x, n))


@lru_cache(maxsize=64)
def excess(model):
    """y = sigma_j^2 - sigma_j(0)^2, the same for every layer."""
    squares = {q: y + start[k] for k, q in enumerate(rates(model))}
    found = {expand(one_mode(model).lie(q**2)) for q in squares}
    (rate,) = found
    for q, value in squares.items():
        rate = rate.subs(q**2, value)
    return Flow({y: rate}, (x, *start[: len(squares)]))


def equations():
    """The laws, for LaTeX."""
    return {
        "two-layer-mode": Flow(rates(TWO), (x,)),
        "two-layer-square": squared(TWO, C),
        "depth-mode": balanced(LAYER),
        "three-layer-excess": excess(THREE),
    }
