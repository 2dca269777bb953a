"""Where augmentation enters InfoNCE: the data matrix X at W = 0, for any number N of samples.

The loss is that of a linear encoder z = W x with squared distances, negatives from the first branch,

    L = -sum_i log exp(-|z_i - z_i'|^2/2) / (sum_{j != i} exp(-|z_i - z_j|^2/2) + exp(-|z_i - z_i'|^2/2)),

and its flow about W = 0 is D' = D X.  The two views of a sample m_i are m_i + e_i and m_i + e_i', with
Cov(e) = a S, Cov(e') = b S and Cov(e, e') = c S; different samples have independent noise.
"""

from functools import lru_cache, partial

from sympy import Dict, Ge, Gt, Integer, Lt, MatrixSymbol, Rational, Trace, ZeroMatrix, cancel, symbols

from symssl import E, Refusal, expect, gaussians, gradient_flow, inner, matrix_equal, samples, total
from symssl.claims import Claim, Model, Step, equivalent, identity, implied, refuted_at

from .._models import infonce

d, k, r, N = symbols("d k r N", integer=True, positive=True)
i, j = symbols("i j")
W, D, R = MatrixSymbol("W", k, d), MatrixSymbol("D", k, d), MatrixSymbol("R", d, r)
S = R * R.T
v = MatrixSymbol("v", d, 1)
a, b = symbols("a b", nonnegative=True)
c = symbols("c", real=True)
noise, spread = symbols("varsigma delta", positive=True)
own = symbols("X_own", real=True)
views, twins, clean = (samples(name, d, N) for name in ("x", "x'", "m"))


INFONCE = Model("InfoNCE", infonce(lambda a: W * views[a], lambda a: W * twins[a], i, j), (W,))


@lru_cache(maxsize=64)
def linear(model):
    """D' = D X, the flow about W = 0."""
    return model.flow().linearize({W: ZeroMatrix(k, d)}, {W: D}).rhs[D]


def outer(u):
    return u * u.T


def assembled(model, pair, twin):
    """X from the expected outer product of a difference of two samples i, j and of two views of i.

    That X is made of these in this way is proved for the flow of the model first.
    """

    def sums(pair, twin):
        pairs = total(pair, (i, N), (j, N)) - total(pair.subs(j, i) if pair.has(j) else pair, (i, N))
        return pairs / N - (1 - 1 / N) * total(twin, (i, N))

    fixed = D * sums(outer(views[i] - views[j]), outer(views[i] - twins[i]))
    if not matrix_equal(linear(model), fixed):
        raise Refusal("X at W = 0 is not made of differences of samples and of views in this way")
    return sums(pair, twin)


@lru_cache(maxsize=64)
def expected(model, first, second, common):
    """X at W = 0, the noise averaged: Cov(e) = first S, Cov(e') = second S, Cov(e, e') = common S."""
    e, f = gaussians("e_i e_j", r, cov=[[first, 0], [0, first]])
    pair = expect(E(outer(clean[i] + R * e - clean[j] - R * f)))
    e, f = gaussians("e_i e_i'", r, cov=[[first, common], [common, second]])
    twin = expect(E(outer(clean[i] + R * e - clean[i] - R * f)))
    return pair, twin, assembled(model, pair, twin)


def linear_steps(model):
    yield Step("gradient flow of the loss", model.flow().rhs)
    yield Step("the linear flow about W = 0", linear(model))


def expected_steps(model, first=a, second=b, common=c):
    yield from linear_steps(model)
    pair, twin, X = expected(model, first, second, common)
    yield Step("expected outer product of the difference of two samples", pair)
    yield Step("expected outer product of the difference of two views", twin)
    yield Step("X, assembled from these", expect(X))


@lru_cache(maxsize=64)
def along(model, first, second, common):
    """v^T X v by the variances along v: delta of the clean samples (N - 1 degrees of freedom), varsigma of S."""
    full, alone = (inner(v, expected(model, *q)[2] * v) for q in ((first, second, common), (Integer(0),) * 3))
    middle = total(clean[j], j) / N
    variance = expect(total(inner(v, clean[i] - middle) ** 2, i) / (N - 1))
    by_samples, by_noise = cancel(expect(alone) / variance), cancel(expect(full - alone) / expect(inner(v, S * v)))
    return by_samples * spread + by_noise * noise


def along_steps(model, first=a, second=b, common=c):
    yield from expected_steps(model, first, second, common)
    yield Step("v^T X v by the variances of samples and noise along v", along(model, first, second, common))


def definite_steps(model, first, second):
    yield from along_steps(model, Integer(first), Integer(second), Integer(0))
    yield Step("positive in the direction v where", Gt(along(model, Integer(first), Integer(second), Integer(0)), 0))


# two samples 0 and 1 in one dimension; noise 1/2 and -1/2 in the first branch, none in the second
DRAWN = {"x": (Rational(1, 2), Rational(1, 2)), "x'": (Integer(0), Integer(1))}


def drawn_steps(model):
    """X of two views drawn once, N = 2 and d = 1."""
    encoder, direction = MatrixSymbol("W", 1, 1), MatrixSymbol("D", 1, 1)
    loss = model.loss.subs({N: 2, d: 1, k: 1})
    rate = gradient_flow(loss, encoder).linearize({encoder: ZeroMatrix(1, 1)}, {encoder: direction}).rhs[direction]
    X = cancel(expect(Trace(rate)) / Trace(direction))
    yield Step("X for N = 2, d = 1", X)
    values = {Trace(samples(name, 1, 2)[n + 1]): q for name, drawn in DRAWN.items() for n, q in enumerate(drawn)}
    yield Step("X for these draws", Dict({own: X.subs(values)}))


# --- the statements ----------------------------------------------------------------------


def _beyond(label, printed, steps, decide, **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, model=INFONCE, source="new", **more)


def pairs_of(x):
    return total(outer(x[i] - x[j]), (i, N), (j, N))


CLAIMS = (
    _beyond(
        "noise.X",
        D * (pairs_of(views) - (N - 1) * total(outer(views[i] - twins[i]), (i, N))) / N,
        linear_steps,
        identity(),
        statement_latex=r"X|_{W=0} = \frac1N\sum_{i,j}(x_i - x_j)(x_i - x_j)^\top"
        r" - \frac{N-1}{N}\sum_i(x_i - x_i')(x_i - x_i')^\top",
        note="all N samples have the weight 1/N at W = 0; every N and d",
    ),
    _beyond(
        "noise",
        pairs_of(clean) / N + (N - 1) * (a - b + 2 * c) * S,
        expected_steps,
        identity(),
        statement_latex=r"E X|_{W=0} = \frac1N\sum_{i,j}(m_i - m_j)(m_i - m_j)^\top + (N - 1)(a - b + 2c)S",
        note="noise of covariance aS in the first branch, bS in the second, cS between the two; S = R R^T; "
        "exact for every N, since X is quadratic in the views",
    ),
    _beyond(
        "noise.one_sided",
        Lt(noise, 2 * spread),
        partial(definite_steps, first=0, second=1),
        equivalent(),
        given=(Gt(N, 1),),
        statement_latex=r"v^\top E[X] v > 0 \iff v^\top S v < 2\,v^\top\hat\Sigma v",
        note="noise in the second branch only: definiteness is lost where along some direction it has more than twice "
        "the variance of the samples, with N - 1 degrees of freedom",
    ),
    _beyond(
        "noise.two_sided",
        Gt(2 * (N - 1) * spread, 0, evaluate=False),
        partial(along_steps, first=Integer(1), second=Integer(1), common=Integer(0)),
        implied(),
        given=(Gt(N, 1),),
        corrects="beyond.noise.drawn",
        statement_latex=r"v^\top E[X] v = 2(N - 1)\,v^\top\hat\Sigma v",
        note="independent noise of one law in both branches cancels: of any strength, it never costs definiteness",
    ),
    _beyond(
        "noise.first_only",
        Gt(2 * (N - 1) * spread + (N - 1) * noise, 0, evaluate=False),
        partial(along_steps, first=Integer(1), second=Integer(0), common=Integer(0)),
        implied(),
        given=(Gt(N, 1),),
        statement_latex=r"v^\top E[X] v = (N - 1)(2\,v^\top\hat\Sigma v + v^\top S v)",
        note="noise in the branch of the negatives only makes X larger",
    ),
    _beyond(
        "noise.drawn",
        Ge(own, 0),
        drawn_steps,
        refuted_at(),
        note="of two-sided noise drawn once and kept, not averaged, X may be negative: the views of the samples 0 and "
        "1 fall together at 1/2 in the first branch",
    ),
)
NOTATION = {"varsigma": r"v^\top S v", "delta": r"v^\top\hat\Sigma v"}


def equations():
    """X at W = 0, for LaTeX."""
    return {"infonce-linear": linear(INFONCE), "infonce-noise": expect(expected(INFONCE, a, b, c)[2])}
