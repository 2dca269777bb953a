"""The landscape of |W Gamma W^T - I|^2: all critical points, their values and their Hessians.

Gamma (m x m) is any symmetric matrix, with n_+ positive and n_- negative
eigenvalues; W is d x m, wide or tall.  At a critical point C = W Gamma W^T is an
orthogonal projector, of rank k say, and the loss is d - k.  A spectral point of
rank k is W = U S V^T, where V holds k eigenvectors with positive eigenvalues
and S^2 their reciprocals; every critical point has the same second variation in other
coordinates.
"""

from functools import lru_cache

from sympy import (
    And,
    Expr,
    Ge,
    Gt,
    Identity,
    ImmutableMatrix,
    Lt,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    expand,
    factor,
    series,
    sqrt,
    symbols,
)

from symssl import Normalised, Orthonormal, Symmetric, expect, hessian, hessian_modes, inner, second_variation, sq
from symssl.claims import Claim, Step, equivalent, identity, implied, same_value
from symssl.words import read, rewriting, write

from ..simon2023.model import LOSS, Gamma, W, d, flow, m, modes

# --- critical points in frames ------------------------------------------------------------

# k modes learnt, n_p positive eigenvalues in all, n_m negative ones; the rest of Gamma is zero
k, n_p, n_m, r, a, b = symbols("k n_p n_m r a b", integer=True, positive=True)
s, gamma, pi, eta, gamma_1 = symbols("s gamma pi eta gamma_1", positive=True)
nu = symbols("nu", negative=True)
gamma_j, gamma_k, pi_k = symbols("gamma_j gamma_k pi_k", positive=True)
nu_k = symbols("nu_k", negative=True)
lag, delay = symbols("lag delay", nonnegative=True)  # gamma_1 - gamma_j and gamma_1 - gamma_k
e = symbols("e", real=True)

# every critical point: W = U A K^T + Z (I - K K^T), Gamma = K Theta K^T, A Theta A^T = I
U, K, Theta = MatrixSymbol("U", d, k), MatrixSymbol("K", m, r), MatrixSymbol("Theta", r, r)
A, Z, X = MatrixSymbol("A", k, r), MatrixSymbol("Z", d, m), MatrixSymbol("X", d, m)
CRITICAL = (Orthonormal(U), Orthonormal(K), Normalised(A.T, Theta))
ZERO_LOSS = (Normalised(W.T, Gamma),)  # W Gamma W^T = I
T, Q = MatrixSymbol("T", d, d), MatrixSymbol("Q", d, r)

# an indefinite Gamma and a point of zero loss at which the Hessian exceeds 8 gamma_1
INDEFINITE = {Gamma: ImmutableMatrix([[1, 0], [0, -1]]), W: ImmutableMatrix([[Rational(5, 4), Rational(3, 4)]])}


@lru_cache(maxsize=64)
def aligned(model, rank):
    """Loss, gradient and Hessian at W = U S V^T with `rank` modes."""
    left = [MatrixSymbol("U", d, rank)] + [MatrixSymbol("U_c", d, d - rank)] * (rank != d)
    V, P, N, O = (
        MatrixSymbol(name, m, width)
        for name, width in (("V", rank), ("P", n_p - rank), ("N", n_m), ("O", m - n_p - n_m))
    )
    right = [V] + [P] * (rank != n_p) + [N, O]
    values = {W: [(left[0], s, V)], Gamma: [(V, gamma, V), *[(P, pi, P)] * (rank != n_p), (N, nu, N)]}
    return hessian_modes(model.loss, W, values, left=tuple(left), right=tuple(right))


@lru_cache(maxsize=64)
def spectral(model, rank):
    """The spectral critical points of that rank: S^2 holds the reciprocal eigenvalues."""
    return aligned(model, rank).subs({s: 1 / sqrt(gamma)})


def collected(found):
    """Each eigenvalue with its multiplicity, the zeros last."""
    counts = {}
    for one in found.spectrum():
        counts[one.value] = counts.get(one.value, 0) + one.count
    ordered = sorted(counts, key=lambda value: value == 0)
    return Tuple(*(Tuple(value, expand(counts[value])) for value in ordered))


def at_critical(expr):
    """An expression at a general critical point, reduced by its relations."""
    expr = read(expr.subs(Gamma, K * Theta * K.T).subs(W, U * A * K.T + Z * (Identity(m) - K * K.T)))
    return write(rewriting(CRITICAL, expr).reduce(expr))


# --- steps -------------------------------------------------------------------------------


def to_spectral(model, rank):
    found = aligned(model, rank)
    yield Step("W = U S V^T, Gamma diagonal in V and its complement", kind="assumption")
    yield Step("the gradient there, mode by mode", Tuple(*(entry for *_, entry in found.slope)))
    yield Step("it vanishes at S^2 = Gamma^-1", Tuple(*(entry for *_, entry in spectral(model, rank).slope)))
    yield Step(
        "the Hessian there, block by block",
        Tuple(*(Tuple(*b.key, b.direct, b.exchange) for b in spectral(model, rank).blocks)),
    )


def spectrum_steps(model, rank):
    yield from to_spectral(model, rank)
    yield Step("its eigenvalues with their multiplicities", collected(spectral(model, rank)))


def minimum_steps(model):
    yield from spectrum_steps(model, d)


def saddle_steps(model):
    yield from spectrum_steps(model, k)


def all_learnt_steps(model):
    yield from spectrum_steps(model, n_p)


def largest_steps(model):
    """With gamma_1 >= gamma_j, gamma_k."""
    yield from minimum_steps(model)
    alone, pair, _ = (value for value, _ in collected(spectral(model, d)))
    yield Step(
        "the largest less any other, gamma_j = gamma_1 - lag, gamma_k = gamma_1 - delay",
        expand(alone.subs(gamma_j, gamma_1) - pair.subs({gamma_j: gamma_1 - lag, gamma_k: gamma_1 - delay})),
    )


def rate_steps(model):
    yield from minimum_steps(model)
    values = [value for value, _ in collected(spectral(model, d)) if value != 0]
    largest = max((value.subs({gamma_j: gamma_1, gamma_k: gamma_1}) for value in values), key=lambda v: v / gamma_1)
    yield Step("largest eigenvalue, at gamma_j = gamma_k = gamma_1", largest)
    yield Step("a step multiplies an eigendirection by 1 - eta h: it shrinks where", Lt(eta * largest, 2))


def rank_rate_steps(model):
    yield from all_learnt_steps(model)
    values = [value for value, _ in collected(spectral(model, n_p)) if value != 0]
    at_top = dict.fromkeys(value.subs({gamma_j: gamma_1, gamma_k: gamma_1}) for value in values)
    yield Step("every eigendirection shrinks where", And(*(Lt(eta * value, 2) for value in at_top)))


def edge_steps(model):
    """One aligned mode under gradient descent, sqrt(gamma) s = 1 + e, at the limit of the rate."""
    velocity = modes(model).states[next(x for x in modes(model).states if x.name == s.name)]
    x, g = (next(q for q in velocity.free_symbols if q.name == name) for name in (s.name, gamma.name))
    yield Step("velocity of an aligned mode", velocity)
    step = ((x + eta * velocity).subs({g: gamma, x: (1 + e) / sqrt(gamma)}) * sqrt(gamma) - 1).subs(
        eta, 1 / (4 * gamma)
    )
    once = expand(step)
    yield Step("one step of descent at eta = 1/(4 gamma)", once)
    yield Step("two steps, to third order", series(once.subs(e, once), e, 0, 4).removeO())


def zero_loss_steps(model):
    action, form = hessian(model.loss, {W: X})[W], second_variation(model.loss, {W: X})
    yield Step("the Hessian applied to X", action)
    yield Step("applied to T W Gamma, and its quadratic form", Tuple(action.subs(X, T * W * Gamma), form))


def sharpest_steps(model):
    """8 gamma_1 C - 8 W Gamma^2 W^T as a quadratic form in W, where Gamma has no negative eigenvalue."""
    yield from zero_loss_steps(model)
    image = hessian(model.loss, {W: X})[W].subs(X, W * Gamma) * W.T
    image = write(rewriting(ZERO_LOSS, read(image)).reduce(read(image)))
    yield Step("the Hessian applied to W Gamma, times W^T, at zero loss: 8 B", image)
    excess = Trace(8 * gamma_1 * W * Gamma * W.T - image) / 2
    yield Step("8 (gamma_1 C - B), a form in W with the matrix", hessian(excess, {W: X})[W])
    U_, V_, P_ = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("P", m, m - d)
    found = hessian_modes(
        excess, W, {W: [(U_, s, V_)], Gamma: [(V_, gamma, V_), (P_, pi, P_)]}, left=(U_,), right=(V_, P_)
    )
    yield Step(
        "its k-th diagonal entry in the eigenvectors of Gamma, gamma_1 = gamma_k + lag",
        expand(found.block(U_, V_).direct.subs(gamma_1, gamma_k + lag)),
    )


def at_example(expr):
    """The value at the indefinite example."""
    small = {d: 1, m: 2}
    expr = expr.subs(small).subs({q.subs(small): value for q, value in INDEFINITE.items()})
    return expect(expr.doit()) if isinstance(expr, Expr) else expr.doit().as_explicit()


def indefinite_steps(model):
    yield from zero_loss_steps(model)
    image = at_example(hessian(model.loss, {W: X})[W].subs(X, W * Gamma))
    yield Step("the Hessian applied to W Gamma", image)
    yield Step(
        "the loss, and the entries of the image over those of W Gamma",
        Tuple(at_example(model.loss), *(q / p for q, p in zip(image, at_example(W * Gamma)))),
    )


def projector_steps(model):
    slope = -flow(model).rhs[W]
    yield Step("gradient of the loss", slope)
    yield Step(
        "gradient times W^T, and the loss less a quarter of its trace",
        Tuple(expect(slope * W.T), expect(model.loss - inner(slope, W) / 4)),
    )


def form_steps(model):
    slope = -flow(model).rhs[W]
    yield Step(
        "gradient times W^T: where it vanishes C is a projector U U^T, (I - C) W Gamma = 0, and A = U^T W K has "
        "A Theta A^T = U^T C U = I",
        expect(slope * W.T),
    )
    form = second_variation(model.loss, {W: X})
    yield Step("second variation of the loss in the direction X", form)
    yield Step("gradient and second variation at the critical point", Tuple(at_critical(slope), at_critical(form)))


def index_steps(model):
    yield from to_spectral(model, k)
    found = spectral(model, k)
    yield Step("the loss and the Morse index", Tuple(found.value, factor(found.inertia()[0])))


def spurious_steps(model):
    yield from index_steps(model)
    found = spectral(model, k)
    yield Step("the index where d = k + b and n_+ = k + a", factor(found.inertia()[0].subs({d: k + b, n_p: k + a})))


def bound_steps(model):
    yield Step("the loss", model.loss)


# --- the statements ----------------------------------------------------------------------

C = W * Gamma * W.T
B = W * Gamma * Gamma * W.T
learnt = U * A * K.T  # W on the range of Gamma, at a critical point
form = K * Theta * K.T  # Gamma there
off = Identity(d) - U * U.T
aside = Identity(d) - Q * Q.T


def _landscape(label, printed, steps, decide, *, given=(), **more):
    return Claim(f"beyond.{label}", "result", printed, steps, decide, given=given, model=LOSS, source="new", **more)


CLAIMS = (
    _landscape(
        "hessian",
        Tuple(
            Tuple(8 * gamma_j, d), Tuple(4 * (gamma_j + gamma_k), d * (d - 1) / 2), Tuple(0, d * m - d * (d + 1) / 2)
        ),
        minimum_steps,
        identity(),
        note="top spectral minimum, n_+ >= d: eigenvalues and multiplicities, j < k; rotations of U and "
        "admixtures of other eigenvectors are flat",
        statement_latex=r"\operatorname{spec}\nabla^{2}L = \{8\gamma_j\}_{j \le d} \cup \{4(\gamma_j + "
        r"\gamma_k)\}_{j<k}"
        r" \cup \{0\}^{dm - d(d+1)/2}",
    ),
    _landscape(
        "hessian.saddle",
        Tuple(
            Tuple(8 * gamma_j, k),
            Tuple(4 * (gamma_j + gamma_k), k * (k - 1) / 2),
            Tuple(-4 * pi_k, (d - k) * (n_p - k)),
            Tuple(-4 * nu_k, (d - k) * n_m),
            Tuple(0, d * m - k * (k + 1) / 2 - (d - k) * (n_p - k + n_m)),
        ),
        saddle_steps,
        identity(),
        note="spectral point of rank k, any choice of modes, degenerate or not: pi positive and nu negative "
        "eigenvalues that are not learnt",
        statement_latex=r"\operatorname{spec}\nabla^{2}L = \{8\gamma_j\} \cup \{4(\gamma_j + \gamma_k)\}_{j<k} \cup"
        r" \{-4\gamma_l\}_{l \notin J}^{\times(d - k)} \cup \{0\}",
    ),
    _landscape(
        "hessian.largest",
        Ge(4 * lag + 4 * delay, 0, evaluate=False),
        largest_steps,
        implied(),
        note="8 gamma_1 - 4 (gamma_j + gamma_k) with gamma_j = gamma_1 - lag, gamma_k = gamma_1 - delay",
        statement_latex=r"4(\gamma_j + \gamma_k) \le 8\gamma_1",
    ),
    _landscape(
        "hessian.rate",
        Lt(eta, 1 / (4 * gamma_1)),
        rate_steps,
        equivalent(),
        note="linear stability of gradient descent W - eta grad L transversally to the minima",
        statement_latex=r"\text{gradient descent is linearly stable at the top spectral minimum} \iff"
        r" \eta < \frac{1}{4\gamma_1}",
    ),
    _landscape(
        "hessian.rate.rank",
        And(Lt(eta, 1 / (4 * gamma_1)), Lt(eta, -1 / (2 * nu_k))),
        rank_rate_steps,
        equivalent(),
        note="minimum of rank n_+ < d: negative eigenvalues of Gamma limit the rate too",
        statement_latex=r"n_{+} < d: \quad \eta < \min\left(\frac{1}{4\gamma_1},"
        r" \frac{1}{2\lvert\gamma_{\min}\rvert}\right)",
    ),
    _landscape(
        "hessian.edge",
        e - 16 * e**3,
        edge_steps,
        identity(),
        note="at eta = 1/(4 gamma) an aligned mode still converges, as t^(-1/2)",
        statement_latex=r"\eta = \tfrac{1}{4\gamma}:\quad e_{n+2} = e_n - 16 e_n^{3} + O(e_n^{4}), \qquad"
        r" \sqrt{\gamma}\,s_n = 1 + e_n",
    ),
    _landscape(
        "hessian.any",
        Tuple(4 * (T * B + B * T) * W * Gamma, 2 * sq(X * Gamma * W.T + W * Gamma * X.T)),
        zero_loss_steps,
        identity(),
        given=(*ZERO_LOSS, Symmetric(T)),
        note="at every W of zero loss the non-zero eigenvalues are 4 (b_i + b_j), i <= j, b the eigenvalues of "
        "B = W Gamma^2 W^T",
        statement_latex=r"L(W) = 0:\quad \nabla^{2}L[TW\Gamma] = 4(TB + BT)W\Gamma,\quad"
        r" \nabla^{2}L[X, X] = 2\lVert X\Gamma W^{\top} + W\Gamma X^{\top}\rVert^{2},"
        r"\quad B = W\Gamma^{2}W^{\top}",
    ),
    _landscape(
        "hessian.sharpest",
        Ge(8 * gamma_k * lag, 0, evaluate=False),
        sharpest_steps,
        implied(),
        note="where Gamma has no negative eigenvalue, B <= gamma_1 I at zero loss: no global minimum is sharper "
        "than the top spectral one",
        statement_latex=r"\Gamma \succeq 0,\ W\Gamma W^{\top} = I \implies W\Gamma^{2}W^{\top} \preceq \gamma_1 I",
    ),
    _landscape(
        "hessian.indefinite",
        Tuple(0, 17, 17),
        indefinite_steps,
        same_value(),
        note="Gamma = diag(1, -1), W = (5/4, 3/4): zero loss, Hessian eigenvalue 17 > 8 gamma_1 = 8",
        statement_latex=r"\Gamma = \operatorname{diag}(1, -1),\ W = (\tfrac54, \tfrac34):\quad L = 0,"
        r"\ \lambda_{\max}(\nabla^{2}L) = 17",
    ),
    _landscape(
        "landscape",
        Tuple(4 * (C * C - C), d - Trace(C)),
        projector_steps,
        identity(),
        given=(Symmetric(Gamma),),
        note="where the gradient vanishes C is an orthogonal projector and L = d - rank C",
        statement_latex=r"\nabla L\,W^{\top} = 4(C^{2} - C),"
        r"\qquad L - \tfrac14\langle\nabla L, W\rangle = d - \operatorname{tr} C",
    ),
    _landscape(
        "landscape.form",
        Tuple(
            0 * X,
            2 * sq(U * U.T * X * form * learnt.T + learnt * form * X.T * U * U.T)
            - 4 * Trace(off * X * (form - form * learnt.T * learnt * form) * X.T),
        ),
        form_steps,
        identity(),
        given=CRITICAL,
        note="every critical point, Gamma definite or not; Gamma - Gamma W^T W Gamma has n_+ - k positive "
        "eigenvalues by Sylvester's law, so the index is (d - k)(n_+ - k)",
        statement_latex=r"\nabla^{2}L[X, X] = 2\lVert CX\Gamma W^{\top} + W\Gamma X^{\top}C\rVert^{2}"
        r" - 4\operatorname{tr}\bigl((I - C)X(\Gamma - \Gamma W^{\top}W\Gamma)X^{\top}\bigr)",
    ),
    _landscape(
        "landscape.index",
        Tuple(d - k, (d - k) * (n_p - k)),
        index_steps,
        identity(),
        note="the loss and the Morse index of the saddle with k modes",
        statement_latex=r"L = d - k, \qquad \operatorname{ind} = (d - k)(n_{+} - k)",
    ),
    _landscape(
        "landscape.nospurious",
        Gt(a * b, 0, evaluate=False),
        spurious_steps,
        implied(),
        note="any Gamma, any shape: rank k < min(d, n_+), so that b = d - k and a = n_+ - k are positive, is a strict "
        "saddle; at k = min(d, n_+) the loss is least",
        statement_latex=r"k < \min(d, n_{+}) \implies \operatorname{ind} > 0",
    ),
    _landscape(
        "landscape.bound",
        r
        + sq(Q.T * C * Q)
        - 2 * Trace(Q.T * C * Q)
        + 2 * sq(Q.T * (C - Identity(d)) * aside)
        + sq(aside * (C - Identity(d)) * aside),
        bound_steps,
        identity(),
        given=(Orthonormal(Q), Symmetric(Gamma)),
        note="Q spans r = d - n_+ directions on which C is not positive (W maps them where Gamma is not): L >= r",
        statement_latex=r"L = r + \lVert Q^{\top}CQ\rVert^{2} - 2\operatorname{tr}Q^{\top}CQ"
        r" + 2\lVert Q^{\top}(C - I)\bar Q\rVert^{2} + \lVert\bar Q(C - I)\bar Q\rVert^{2},"
        r"\quad \bar Q = I - QQ^{\top}",
    ),
)

NOTATION = {"n_p": "n_{+}", "n_m": "n_{-}"}


def equations():
    """The Hessian at a spectral saddle and the normal form of the second variation, for LaTeX."""
    return {
        "hessian-spectrum": Tuple(*(Tuple(q.value, q.count) for q in spectral(LOSS, k).spectrum())),
        "second-variation": second_variation(LOSS.loss, {W: X}),
    }
