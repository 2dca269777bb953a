"""Deep linear networks on a fixed data matrix: the singular values of one aligned mode, solved.

The loss is that of a chain of linear layers near which a contrastive loss with data matrix X acts,

    L = -1/2 tr(P X P^T),   P = W_L ... W_1,

so that the layers obey W_j' = (W_L ... W_{j+1})^T P X (W_{j-1} ... W_1)^T.  Where the frames are
aligned, one mode of X with eigenvalue x moves by itself.
"""

from functools import lru_cache, partial

from sympy import (
    Dict,
    Function,
    Ge,
    Gt,
    Integer,
    Integral,
    Lt,
    MatrixSymbol,
    Tuple,
    cancel,
    diff,
    exp,
    expand,
    limit,
    log,
    oo,
    powsimp,
    prod,
    simplify,
    sinh,
    solve,
    symbols,
)

from symssl import Flow, Symmetric, expect, gradient_flow, inner, potential, sq
from symssl.claims import Claim, Model, Step, identity, implied

from .._models import chain

# --- the models --------------------------------------------------------------------------

d, r = symbols("d r", integer=True, positive=True)
widths = symbols("h_1:5", integer=True, positive=True)
X, V = MatrixSymbol("X", d, d), MatrixSymbol("V", d, r)
W = tuple(MatrixSymbol(f"W_{j}", widths[j - 1], d if j == 1 else widths[j - 2]) for j in range(1, 5))
U = tuple(MatrixSymbol(f"U_{j}", widths[j - 1], r) for j in range(1, 5))
sigma = symbols("sigma_1:5", positive=True)
x = symbols("x", positive=True)
t, theta, s = symbols("t theta s", real=True)


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


TWO, THREE = layers_over(2), layers_over(3)
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
FIXED = Step(
    "X is held fixed, or moves with the eigenvectors V; the frames are aligned at the start", kind="assumption"
)


@lru_cache(maxsize=64)
def modes(model):
    """One singular value for each layer, and the eigenvalue x of X."""
    layers = len(model.weights)
    frames = {W[j]: (U[j], sigma[j], V if j == 0 else U[j - 1]) for j in range(layers)}
    return model.flow().spectral({**frames, X: (V, x, V)})


def rates(model):
    """The rates of the singular values as functions of all of them and x."""
    return {sigma[j]: modes(model).states[sigma[j]] for j in range(len(model.weights))}


def to_modes(model):
    yield Step("gradient flow of the layers", model.flow().rhs)
    yield FIXED
    yield Step("one mode", Dict(dict(modes(model).states)))


# --- two layers --------------------------------------------------------------------------

u, u_0, v_0 = symbols("u u_0 v_0", positive=True)
gap = symbols("C", positive=True)
eigenvalue = Function("x", real=True)
tau = symbols("tau", real=True)


def one_mode(model):
    return Flow(rates(model), (x,))


def conserved(model):
    return Step("sigma_1^2 - sigma_2^2 does not move", expand(one_mode(model).lie(sigma[0] ** 2 - sigma[1] ** 2)))


@lru_cache(maxsize=64)
def squared(model, difference):
    """The flow of u = sigma_1^2 in the time theta, the integral of x, where sigma_1^2 - sigma_2^2 = difference."""
    first, second = sigma[:2]
    rate = one_mode(model).retime(x).lie(first**2).subs(second**2, first**2 - difference)
    return Flow({u: expand(rate).subs(first**2, u).subs(first**4, u**2)}, tuple(difference.free_symbols))


@lru_cache(maxsize=64)
def trajectory(model, difference):
    found = squared(model, difference).closed_form(u, time=theta, initial=u_0)
    return simplify(found.solution)


def solution_steps(model, difference):
    yield from to_modes(model)
    yield conserved(model)
    yield Step("u = sigma_1^2 in the time theta with d theta = x dt", squared(model, difference))
    found = trajectory(model, difference)
    yield Step("closed form", found)
    yield Step("sigma_1^2 and (sigma_1 sigma_2)^2", Tuple(found, cancel(found * (found - difference))))


def varying_steps(model):
    """The closed form with theta the integral of x(t) solves the equation with x(t)."""
    yield from solution_steps(model, gap)
    clock = Integral(eigenvalue(tau), (tau, 0, t))
    moving = trajectory(model, gap).subs(theta, clock)
    rate = eigenvalue(t) * squared(model, gap).states[u].subs(u, moving)
    yield Step(
        "rate of the closed form less its equation, and its start",
        Tuple(simplify(diff(moving, t) - rate), simplify(moving.subs(t, 0).doit())),
    )
    yield Step(
        "sigma_1^2, the residual of its equation, and its start",
        Tuple(moving, simplify(diff(moving, t) - rate), simplify(moving.subs(t, 0).doit())),
    )


def blowup_steps(model):
    yield from solution_steps(model, gap)
    denominator = simplify(expand(1 / trajectory(model, gap)).subs(gap, u_0 - v_0))
    yield Step("1/sigma_1^2 by the initial values u_0, v_0 of sigma_1^2, sigma_2^2", denominator)
    (found,) = solve(denominator, theta)
    yield Step("its zero", found)


def remaining_steps(model):
    """The trajectory by the time s that is left until it blows up."""
    yield from blowup_steps(model)
    *_, last = blowup_steps(model)
    whole = trajectory(model, gap).subs(gap, u_0 - v_0).subs(theta, last.result - s)
    square = simplify(whole).subs(u_0, v_0 + gap)
    yield Step("sigma_1^2 at the time s before", simplify(square))
    yield Step(
        "sigma_1^2, sigma_2^2 and (sigma_1 sigma_2)^2 at the time s before",
        Tuple(*map(simplify, (square, square - gap, square * (square - gap)))),
    )


def past_steps(model):
    """theta -> -oo, which x < 0 brings about."""
    yield from solution_steps(model, gap)
    found = trajectory(model, gap)
    yield Step(
        "limits of sigma_1^2 and (sigma_1 sigma_2)^2",
        Tuple(limit(found, theta, -oo), limit(cancel(found * (found - gap)), theta, -oo)),
    )


def energy_steps(model):
    """Of any smooth loss of W_2 W_1, X fixed or not."""
    loss = potential("f", W[1] * W[0])
    free = gradient_flow(loss, W[:2])
    yield Step("flow of an unspecified loss of W_2 W_1", free.rhs)
    yield Step("rate of the loss", free.lie(loss))
    yield Step(
        "the squared speed added to it", expect(free.lie(loss) + sum(sq(velocity) for velocity in free.rhs.values()))
    )


# --- any depth ---------------------------------------------------------------------------

n = symbols("n", integer=True, positive=True)  # n + 1 layers
j = symbols("j", integer=True)
sigma_0, y = symbols("sigma_0 y", positive=True)
above, below = symbols("alpha beta", positive=True)
one = symbols("sigma", positive=True)


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


def to_balanced(model):
    yield Step("gradient flow of layer j, with A the product above it and B the product below", model.flow().rhs)
    yield FIXED
    yield Step("its singular value", layer_mode(model).states[one])
    yield Step("all n + 1 singular values equal", balanced(model))


def depth_steps(model):
    yield from to_balanced(model)
    found = balanced(model).closed_form(one, time=t, initial=sigma_0)
    yield Step("closed form", found.solution)
    # where the closed form holds, the power is that of a positive number
    yield Step("sigma^(-2n)", expand(powsimp(found.solution ** (-2 * n), force=True)))


def depth_blowup_steps(model):
    yield from to_balanced(model)
    found = balanced(model).closed_form(one, time=t, initial=sigma_0)
    yield Step("the closed form holds where", found.condition)
    (time,) = solve(found.condition.lhs, t)
    yield Step("until", powsimp(time))


def single_steps(model):
    """No layer above or below."""
    yield Step("one mode", layer_mode(model).states[one])
    alone = Flow({one: layer_mode(model).states[one].subs({above: 1, below: 1})}, (x,))
    yield Step("closed form", alone.closed_form(one, time=t, initial=sigma_0).solution)


def chain_steps(model):
    yield from to_modes(model)
    yield Step("rates of the singular values", Dict(rates(model)))


start, level = symbols("s_1:4", positive=True), symbols("g_1:4", positive=True)


@lru_cache(maxsize=64)
def excess(model):
    """y = sigma_j^2 - sigma_j(0)^2, the same for every layer."""
    squares = {q: y + start[k] for k, q in enumerate(rates(model))}
    found = {expand(one_mode(model).lie(q**2)) for q in squares}
    (rate,) = found
    for q, value in squares.items():
        rate = rate.subs(q**2, value)
    return Flow({y: rate}, (x, *start[: len(squares)]))


def excess_steps(model):
    yield from to_modes(model)
    yield Step("rates of the squares", Tuple(*(expand(one_mode(model).lie(q**2)) for q in rates(model))))
    yield Step("y = sigma_j^2 - sigma_j(0)^2 is the same for every layer", excess(model))
    yield Step("its rate", excess(model).states[y])


def unbalanced_steps(model):
    yield from excess_steps(model)
    yield Step("y runs from 0 to infinity in this time", excess(model).escape_time(initial=0))


def imbalance_steps(model):
    """Against a balanced chain with the same product of singular values, the values g_j^depth."""
    yield from excess_steps(model)
    depth = len(model.weights)
    roots = dict(zip(start, (g**depth for g in level)))
    rate = excess(model).states[y] / (2 * x)
    balance = rate.subs(dict.fromkeys(start, prod(level[:depth])))
    yield Step("rate of y, divided by 2x, less that of the balanced chain", expand(rate.subs(roots) - balance))


# --- the statements ----------------------------------------------------------------------

E_2 = exp(2 * gap * theta)
s_1, s_2, s_3 = start
g_1, g_2, g_3 = level
over = Integral(eigenvalue(tau), (tau, 0, t))


def _beyond(label, printed, steps, decide, *, model=TWO, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=model, source="new", **more)


CLAIMS = (
    _beyond(
        "two_layer",
        Tuple(gap * u_0 / (u_0 - (u_0 - gap) * E_2), gap**2 * u_0 * (u_0 - gap) * E_2 / (u_0 - (u_0 - gap) * E_2) ** 2),
        partial(solution_steps, difference=gap),
        identity(),
        given=(Gt(u_0, gap),),
        statement_latex=r"\sigma_1^2 = \frac{C u_0}{u_0 - (u_0 - C)e^{2C\theta}},\quad \sigma_1\sigma_2 ="
        r" \frac{C\sqrt{u_0(u_0 - C)}\,e^{C\theta}}{u_0 - (u_0 - C)e^{2C\theta}},"
        r"\quad \theta = \int_0^t x\,dt,\ C = \sigma_1^2 - \sigma_2^2 > 0",
        note="sigma_1^2 and (sigma_1 sigma_2)^2 from sigma_1(0)^2 = u_0; theta = xt for constant x, of either sign",
    ),
    _beyond(
        "two_layer.negative",
        Tuple(
            gap * u_0 * E_2 / (u_0 + gap - u_0 * E_2), gap**2 * u_0 * (u_0 + gap) * E_2 / (u_0 + gap - u_0 * E_2) ** 2
        ),
        partial(solution_steps, difference=-gap),
        identity(),
        note="sigma_1^2 - sigma_2^2 = -C < 0: the two layers have changed places",
    ),
    _beyond(
        "two_layer.balanced",
        Tuple(u_0 / (1 - 2 * u_0 * theta), u_0**2 / (1 - 2 * u_0 * theta) ** 2),
        partial(solution_steps, difference=Integer(0)),
        identity(),
        note="C = 0",
    ),
    _beyond(
        "two_layer.blowup",
        (log(u_0) - log(v_0)) / (2 * (u_0 - v_0)),
        blowup_steps,
        identity(),
        statement_latex=r"\int_0^T x\,dt = \frac{\log\sigma_1(0)^2 - \log\sigma_2(0)^2}"
        r"{2(\sigma_1(0)^2 - \sigma_2(0)^2)}",
        note="finite for constant x > 0 and both singular values positive; the limit 1/(2 u_0) for C = 0; none for "
        "x <= 0, none where one of them starts at 0",
    ),
    _beyond(
        "two_layer.remaining",
        Tuple(gap / (1 - exp(-2 * gap * s)), gap / (exp(2 * gap * s) - 1), gap**2 / (4 * sinh(gap * s) ** 2)),
        remaining_steps,
        identity(),
        statement_latex=r"\sigma_1^2 = \frac{C}{1 - e^{-2Cs}},\quad \sigma_2^2 = \frac{C}{e^{2Cs} - 1},\quad"
        r" \sigma_1\sigma_2 = \frac{C}{2\sinh Cs},\quad s = \int_t^T x\,dt",
        note="by what is left until the blow-up, all starts with one C are on one curve",
    ),
    _beyond(
        "two_layer.varying",
        Tuple(gap * u_0 / (u_0 - (u_0 - gap) * exp(2 * gap * over)), 0, u_0),
        varying_steps,
        identity(),
        given=(Gt(u_0, gap),),
        statement_latex=r"\sigma_1^2 = \frac{C u_0}{u_0 - (u_0 - C)\exp(2C\int_0^t x(\tau)\,d\tau)}",
        note="with the residual of the equation with x(t), and the start",
    ),
    _beyond(
        "two_layer.past",
        Tuple(gap, 0),
        past_steps,
        identity(),
        given=(Gt(u_0, gap),),
        statement_latex=r"\lim_{\theta\to-\infty}(\sigma_1^2, \sigma_1^2\sigma_2^2) = (C, 0)",
        note="a mode with x < 0 collapses, the larger layer stops at the square root of C",
    ),
    _beyond(
        "two_layer.energy",
        Integer(0),
        energy_steps,
        identity(),
        model=None,
        statement_latex=r"\dot f = -\lVert\dot W_1\rVert^2 - \lVert\dot W_2\rVert^2",
        note="for every smooth loss of W_2 W_1: one bounded below, such as InfoNCE >= 0, moves the weights by at most "
        "sqrt(t f_0) up to time t; with X(t) that belongs to the loss nothing blows up, and the integral of x "
        "stays below the value of two_layer.blowup",
    ),
    _beyond(
        "depth",
        sigma_0 ** (-2 * n) - 2 * n * x * t,
        depth_steps,
        identity(),
        model=LAYER,
        statement_latex=r"\sigma = [\sigma_0^{-(2L-2)} - (2L-2)xt]^{-1/(2L-2)},\quad L = n + 1",
        note="sigma^(-2n) for n + 1 layers, every n; from one layer between the products above and below it",
    ),
    _beyond(
        "depth.blowup",
        1 / (2 * n * x * sigma_0 ** (2 * n)),
        depth_blowup_steps,
        identity(),
        model=LAYER,
        statement_latex=r"T = \frac{1}{(2L-2)\,x\,\sigma_0^{2L-2}},\quad L = n + 1",
    ),
    _beyond("depth.one", sigma_0 * exp(x * t), single_steps, identity(), model=LAYER, note="one layer never blows up"),
    _beyond(
        "depth.chain",
        Dict(
            {
                sigma[0]: x * sigma[0] * sigma[1] ** 2 * sigma[2] ** 2,
                sigma[1]: x * sigma[0] ** 2 * sigma[1] * sigma[2] ** 2,
                sigma[2]: x * sigma[0] ** 2 * sigma[1] ** 2 * sigma[2],
            }
        ),
        chain_steps,
        identity(),
        model=THREE,
        note="three layers at once",
        sizes="three layers: each enters the product alike",
    ),
    _beyond(
        "depth.unbalanced",
        2 * x * (y + s_1) * (y + s_2) * (y + s_3),
        excess_steps,
        identity(),
        model=THREE,
        statement_latex=r"\dot y = 2x\prod_j(y + \sigma_j(0)^2),\quad y = \sigma_j^2 - \sigma_j(0)^2,\quad"
        r" T = \frac{1}{2x}\int_0^\infty\frac{dy}{\prod_j(y + \sigma_j(0)^2)}",
        note="three layers; each further layer is one more factor",
        sizes="three layers: each further layer is one more factor",
    ),
    _beyond(
        "depth.unbalanced.two",
        (log(s_1) - log(s_2)) / (2 * x * (s_1 - s_2)),
        unbalanced_steps,
        identity(),
        statement_latex=r"2xT = \frac{\log s_1 - \log s_2}{s_1 - s_2},\quad s_j = \sigma_j(0)^2",
        note="blow-up time: a divided difference of the logarithm",
    ),
    _beyond(
        "depth.unbalanced.three",
        -(
            log(s_1) / ((s_1 - s_2) * (s_1 - s_3))
            + log(s_2) / ((s_2 - s_1) * (s_2 - s_3))
            + log(s_3) / ((s_3 - s_1) * (s_3 - s_2))
        )
        / (2 * x),
        unbalanced_steps,
        identity(),
        model=THREE,
        statement_latex=r"2xT = -\sum_j\frac{\log s_j}{\prod_{i\ne j}(s_j - s_i)},\quad s_j = \sigma_j(0)^2",
    ),
    _beyond(
        "depth.imbalance",
        Ge((y + g_1**2) * (y + g_2**2) - (y + g_1 * g_2) ** 2, 0, evaluate=False),
        imbalance_steps,
        implied(),
        note="two layers: of all starts with one product of singular values the balanced one is the slowest",
    ),
    _beyond(
        "depth.imbalance.three",
        Gt((y + g_1**3) * (y + g_2**3) * (y + g_3**3) - (y + g_1 * g_2 * g_3) ** 3, 0, evaluate=False),
        imbalance_steps,
        implied(),
        model=THREE,
        given=(Lt(g_1, g_2), Lt(g_2, g_3)),
        note="three layers, in the order of their singular values, which is no loss",
    ),
)
NOTATION = {"u_0": r"\sigma_1(0)^2", "v_0": r"\sigma_2(0)^2"}


def equations():
    """The laws, for LaTeX."""
    return {
        "two-layer-mode": Flow(rates(TWO), (x,)),
        "two-layer-square": squared(TWO, gap),
        "depth-mode": balanced(LAYER),
        "three-layer-excess": excess(THREE),
    }
