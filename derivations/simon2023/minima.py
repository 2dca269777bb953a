"""Proposition 4.3 and its proof (Appendix B.1): the zero-loss weights of least norm."""

from functools import lru_cache

from sympy import (
    BlockMatrix,
    FiniteSet,
    Ge,
    Gt,
    Identity,
    ImmutableMatrix,
    Integer,
    Lt,
    MatrixSymbol,
    Rational,
    Symbol,
    Trace,
    Tuple,
    ZeroMatrix,
    block_collapse,
    factor,
    limit,
    oo,
    solve,
    sqrt,
    symbols,
)

from symssl import Orthonormal, Symmetric, sq
from symssl.claims import Chapter, Model, Step, identity, implied, same_value
from symssl.language import At, Diagonal, Gradient, Let, Object, Optimum, Zeros
from symssl.statements import derive
from symssl.words import read, rewriting, write

from .model import (
    LOSS,
    D,
    Gamma,
    S,
    U,
    V,
    W,
    at_ansatz,
    d,
    flow,
    gamma,
    m,
    mode_loss,
    s,
    simon,
    size,
    t,
    trajectory,
)
from .vocabulary import ALIGNED, FRAMES, LOSS as QUARTIC, same, vocabulary

epsilon = symbols("epsilon", positive=True)
PENALISED = Model("loss with a small penalty", LOSS.loss + epsilon * sq(W), (W,), where=(Symmetric(Gamma),))

# zero loss in singular frames W = U S V^T: K is Gamma compressed to the columns of V
K, N = MatrixSymbol("K", d, d), MatrixSymbol("N", m, m)
SINGULAR = (Orthonormal(U), Orthonormal(V), Diagonal(S), Symmetric(K), Symmetric(N))
mu, square = symbols("mu square", positive=True)
excess = symbols("excess", nonnegative=True)  # gamma_j - mu_j

# in eigenvectors of Gamma, the top d first: Gamma = diag(D_top, D_rest), V = (A; B)
k = symbols("k", integer=True, positive=True)
A, B = MatrixSymbol("A", d, d), MatrixSymbol("B", k, d)
D_top, D_rest = MatrixSymbol("D_top", d, d), MatrixSymbol("D_rest", k, k)
threshold = symbols("c", real=True)

APPENDICES = {"B": ("prop4.3", "prop5.1"), "C": ("res4.6",)}  # what each appendix proves, by its headings
TWO = ImmutableMatrix([[2, 0], [0, 1]])  # Gamma for d = 1, m = 2, and its eigenvectors
ROWS = (ImmutableMatrix([[1, 0]]), ImmutableMatrix([[0, 1]]))
PENALTY = {epsilon: Rational(1, 10)}


# --- the derivation ----------------------------------------------------------------------


def reduced(expr, relations):
    """A matrix expression reduced by relations."""
    return write(rewriting(relations).reduce(read(expr)))


def in_singular_frames(expr):
    """W = U S V^T with V^T Gamma V = K, all sizes and every Gamma."""
    P = V * V.T
    return reduced(expr.subs(Gamma, V * K * V.T + N - P * N * P).subs(W, U * S * V.T), SINGULAR)


@lru_cache(maxsize=256)
def zero_loss_square(model, eigenvalue):
    """The squared singular value at which a mode has no loss."""
    (found,) = solve(mode_loss(model).subs({gamma: eigenvalue, s: sqrt(square)}), square)
    return found


@lru_cache(maxsize=256)
def penalised_square(model, eigenvalue):
    """The squared singular values at which one mode is stationary, the positive one."""
    loss = mode_loss(model).subs({gamma: eigenvalue, s: sqrt(square)})
    (found,) = solve(loss.diff(square), square)
    return found


@lru_cache(maxsize=256)
def cost(model, eigenvalue):
    """The least penalised loss of one mode, gamma above the penalty."""
    return factor(mode_loss(model).subs({gamma: eigenvalue, s: sqrt(penalised_square(model, eigenvalue))}))


def stationarity(model):
    """Eq. (28): -1/4 of the gradient, epsilon standing for half the penalty."""
    return (flow(model).rhs[W] / 4).subs(epsilon, 2 * epsilon).doit()


# --- steps -------------------------------------------------------------------------------


def zero_loss_steps(model):
    yield Step("the loss at W = U S V^T, V^T Gamma V = K", in_singular_frames(model.loss))
    yield Step(
        "less |S K S - I|^2: so L = 0 exactly where K = S^(-2), which is diagonal",
        reduced(in_singular_frames(model.loss) - sq(S * K * S - Identity(d)), SINGULAR),
    )
    yield Step("s^2 of a mode, mu its entry of K", zero_loss_square(model, mu))


def least_norm_steps(model):
    yield from zero_loss_steps(model)
    yield Step(
        "mu_j <= gamma_j for the ordered eigenvalues mu_j of K", kind="cited", cite="Cauchy's interlacing theorem"
    )
    top = limit(trajectory(model, size), t, oo) ** 2
    yield Step(
        "what one mode adds to |W|^2, less the same for the top spectral W, gamma = mu + excess",
        factor(zero_loss_square(model, mu) - top.subs(size, mu + excess)),
    )


def value_steps(model):
    yield Step("loss at W = U S V^T", at_ansatz(model.loss))
    yield Step("squared norm there", at_ansatz(sq(W)))
    end = zero_loss_square(model, size)
    yield Step(
        "one mode of the loss and of the norm at its zero",
        Tuple(mode_loss(model).subs({gamma: size, s: sqrt(end)}), end),
    )


def unique_steps(model):
    """Least norm means K has the top d eigenvalues; then tr V^T Gamma V = tr D_top."""
    yield from zero_loss_steps(model)
    yield Step(
        "equality in every mode needs mu_j = gamma_j",
        solve(zero_loss_square(model, mu) - zero_loss_square(model, size), mu)[0],
    )
    frame, spectrum = BlockMatrix([[A], [B]]), BlockMatrix([[D_top, ZeroMatrix(d, k)], [ZeroMatrix(k, d), D_rest]])
    compressed, unit = (reduced(block_collapse(e), ()) for e in (frame.T * spectrum * frame, frame.T * frame))
    yield Step("in eigenvectors of Gamma, V = (A; B): V^T Gamma V and V^T V", Tuple(compressed, unit))
    yield Step(
        "tr D_top - tr V^T Gamma V, with c (tr V^T V - d) = 0 added",
        reduced(Trace(D_top) - Trace(compressed) + threshold * (Trace(unit) - d), ()),
    )


def penalty_steps(model):
    yield Step("the loss with a penalty that vanishes with epsilon", model.loss)


def penalty_limit_steps(model):
    yield Step("one mode of the penalised loss", mode_loss(model))
    yield Step("the square of its minimiser, gamma = g > epsilon/2", penalised_square(model, size))
    target = limit(penalised_square(model, size), epsilon, 0)
    excess_ = mode_loss(model).subs({gamma: size, s: sqrt(target)}) - cost(model, size)
    yield Step("what the loss exceeds its minimum by at the limit of the minimisers", factor(excess_))
    yield Step(
        "limits as epsilon -> 0: the square, and the excess relative to epsilon",
        Tuple(target, limit(excess_ / epsilon, epsilon, 0)),
    )


def multiplied_steps(model):
    yield Step("stationarity as in (28)", stationarity(model))
    yield Step("times W^T from the left", reduced(W.T * stationarity(model), (Symmetric(Gamma),)))


def commute_steps(model):
    """X = W^T W: epsilon X = X Gamma - (X Gamma)^2 commutes with X Gamma."""
    yield from multiplied_steps(model)
    X = W.T * W
    product = X * Gamma
    scaled = W.T * stationarity(model) + epsilon * X
    yield Step("epsilon X at a stationary point", reduced(scaled, (Symmetric(Gamma),)))
    yield Step(
        "its commutator with X Gamma, and |X Gamma - Gamma X|^2 - 2 tr((X X Gamma - X Gamma X) Gamma)",
        Tuple(
            reduced(scaled * product - product * scaled, (Symmetric(Gamma),)),
            reduced(sq(product - Gamma * X) - 2 * Trace((X * product - product * X) * Gamma), (Symmetric(Gamma),)),
        ),
    )


def index_steps(model):
    """d = 1, m = 2: along which eigenvectors are there nonzero stationary points?"""
    yield Step("stationarity", stationarity(model))
    velocities = [stationarity(model).subs({W: s * row, Gamma: TWO}).doit().subs(PENALTY) for row in ROWS]
    yield Step("at W = s v for each eigenvector v", Tuple(*velocities))
    yield Step(
        "eigenvectors along which some s > 0 is stationary",
        FiniteSet(*(index for index, found in enumerate(velocities, 1) if solve(list(found), s))),
    )


def reference_steps(model):
    yield Step("what the appendices prove, read off their headings", kind="cited", cite="Apps. B and C")
    yield Step(
        "the appendix under whose headings the proof stands",
        FiniteSet(Symbol(next(name for name, proved in APPENDICES.items() if "prop4.3" in proved))),
    )


# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

strength = symbols("epsilon", positive=True)
rate, other = symbols("gamma gamma'", positive=True)
size_ = symbols("s", real=True)
residue = MatrixSymbol("N", d, m)
L_eps = symbols("L_epsilon", real=True)
SYMMETRIC = Object(Gamma, "the feature cross-correlation matrix, symmetric", Symmetric(Gamma))
PENALTY_ = Object(strength, "the strength of the penalty")
VANISHING = Let(
    residue, (Identity(d) - W * Gamma * W.T) * W * Gamma - strength * W, "what vanishes at a stationary point by (28)"
)
GRADIENT = Gradient(QUARTIC + strength * sq(W), W)
PENALISED_LOSS = vocabulary(SYMMETRIC, PENALTY_, Let(L_eps, QUARTIC + strength * sq(W), "the loss with a penalty"))
STATIONARY = vocabulary(SYMMETRIC, PENALTY_, VANISHING)
STATIONARY_IN_FRAMES = vocabulary(*FRAMES, PENALTY_, VANISHING)
ONE = vocabulary(
    PENALTY_, Object(rate, "an eigenvalue of Gamma, positive"), Object(other, "another eigenvalue of Gamma, positive")
)


def mode_with_penalty(value):
    """What a mode adds to the loss with the penalty 2 epsilon, as in (28)."""
    return (1 - value * size_**2) ** 2 + 2 * strength * size_**2


def least(value):
    return Optimum(mode_with_penalty(value), size_)


def found_least(value):
    """The least value is taken at the singular value of (31)."""
    at = {size_: sqrt((value - strength) / value**2)}
    yield Step("the least loss of a mode, taken at (31)", derive(least(value), (value > strength,), at=at))


@chapter.claim(
    "eq28",
    "equation",
    PENALISED_LOSS.sentence(same(Gradient(L_eps, W), (Identity(d) - W * Gamma * W.T) * W * Gamma - strength * W)),
    cite="Eq. (28)",
    note="a factor -4 and the 2 of the penalty: harmless for the roots",
)
def eq28():
    yield Step("the gradient of the loss with a penalty", derive(GRADIENT))


@chapter.claim(
    "eq28.fixed",
    "equation",
    PENALISED_LOSS.sentence(
        same(Gradient(L_eps, W), -4 * (Identity(d) - W * Gamma * W.T) * W * Gamma + 2 * strength * W)
    ),
    cite="Eq. (28)",
    corrects="eq28",
)
def eq28_fixed():
    yield Step("the gradient of the loss with a penalty", derive(GRADIENT))


product = W.T * W * Gamma

chapter.claim(
    "eq29",
    "equation",
    STATIONARY.sentence(same(W.T * residue, product - product**2 - strength * W.T * W)),
    cite="Eq. (29)",
    note="W^T times (28), in its normalisation",
)

chapter.claim(
    "eq30.fixed",
    "equation",
    STATIONARY_IN_FRAMES.sentence(
        same(At(residue, ALIGNED), U * ((Identity(d) - D * S**2) * D * S - strength * S) * V.T)
    ),
    cite="Eq. (30)",
    corrects="eq30",
    note="the columns of V are any d orthonormal eigenvectors; stationary where each mode is",
)

chapter.claim(
    "eq31",
    "equation",
    ONE.sentence(
        same(
            Zeros(size_**2 * rate - size_**4 * rate**2 - strength * size_**2, size_, Ge(size_, 0)),
            FiniteSet(0, sqrt((rate - strength) / rate**2)),
        ),
        rate > strength,
    ),
    cite="Eq. (31)",
    note="s = 0 alone for gamma <= epsilon",
)


@chapter.claim(
    "eq31.global",
    "proof",
    ONE.sentence(Gt(least(rate), least(other)), (rate > strength, other > rate)),
    cite="below Eq. (31)",
    note="the least loss of a mode decreases with gamma > epsilon, so the largest d are taken; each of them lies below "
    "the loss 1 of an empty mode: claim eq31.zeros",
)
def largest():
    yield from found_least(rate)
    yield from found_least(other)


@chapter.claim(
    "eq31.zeros",
    "proof",
    ONE.sentence(Lt(least(rate), At(mode_with_penalty(rate), {size_: 0})), rate > strength),
    cite="below Eq. (31)",
    note="s = 0 is never chosen for gamma > epsilon",
)
def never_empty():
    yield from found_least(rate)


# --- the statements as printed -----------------------------------------------------------


CLAIMS = (
    *chapter.claims,
    simon(
        "prop4.3",
        "proposition",
        Ge(1 / mu, 1 / (mu + excess)),
        least_norm_steps,
        implied(),
        "Prop. 4.3",
        note="one mode of |W|^2 = sum 1/mu_j >= sum 1/gamma_j; equality for the top spectral W only: claim eq26",
        statement_latex=r"L(W) = 0 \implies \lVert W\rVert_F^2 \ge \sum_{j\le d} 1/\gamma_j, "
        r"\text{ with equality for the top spectral } W \text{ precisely}",
    ),
    simon(
        "prop4.3.proofref",
        "in-text",
        FiniteSet(Symbol("C")),
        reference_steps,
        same_value(),
        "below Prop. 4.3",
        model=None,
        note="the proof is in Appendix B.1; Appendix C derives Result 4.6",
        statement_latex=r"\text{the proof of Proposition 4.3 is in Appendix C}",
    ),
    simon(
        "prop4.3.proofref.fixed",
        "in-text",
        FiniteSet(Symbol("B")),
        reference_steps,
        same_value(),
        "App. B.1",
        model=None,
        source="new",
        corrects="simon2023.prop4.3.proofref",
        statement_latex=r"\text{the proof of Proposition 4.3 is in Appendix B}",
    ),
    simon(
        "eq15",
        "equation",
        Tuple(Integer(0), 1 / size),
        value_steps,
        identity(),
        "Eq. (15)",
        note="the problem is feasible, and its value is attained: one mode of L and of |W|^2",
        statement_latex=r"\min \{\lVert W\rVert_F^2 : L(W) = 0\} = \sum_{j\le d} 1/\gamma_j",
    ),
    simon(
        "eq26",
        "equation",
        Trace((D_top - threshold * Identity(d)) * (Identity(d) - A * A.T))
        + Trace((threshold * Identity(k) - D_rest) * B * B.T),
        unique_steps,
        identity(),
        "Eq. (26)",
        note="for gamma_{d+1} < c < gamma_d both traces are nonnegative, and the second vanishes for B = 0 only: "
        "V then spans the top d eigenvectors, and W is top spectral",
        statement_latex=r"\operatorname{tr} D - \operatorname{tr} V^{\top}\Gamma V = "
        r"\operatorname{tr}(D - cI)(I - AA^{\top}) + \operatorname{tr}(cI - D')BB^{\top}",
    ),
    simon(
        "eq27",
        "equation",
        LOSS.loss + sq(W),
        penalty_steps,
        identity(),
        "Eq. (27)",
        model=PENALISED,
        note="epsilon is missing: nothing would depend on it as epsilon -> 0",
    ),
    simon(
        "eq27.fixed",
        "equation",
        LOSS.loss + epsilon * sq(W),
        penalty_steps,
        identity(),
        "Eq. (27)",
        model=PENALISED,
        source="new",
        corrects="simon2023.eq27",
    ),
    simon(
        "eq27.limit",
        "proof",
        Tuple(1 / size, 0),
        penalty_limit_steps,
        identity(),
        "below Eq. (27)",
        model=PENALISED,
        note="with epsilon in (27): minimisers tend to gamma^(-1/2), where the penalised loss exceeds its minimum by "
        "o(epsilon)",
        statement_latex=r"s_\epsilon^2 \to 1/\gamma, \quad L_\epsilon(W_\ast) - \min L_\epsilon = o(\epsilon)",
    ),
    simon(
        "eq29.commute",
        "proof",
        Tuple(ZeroMatrix(m, m), Integer(0)),
        commute_steps,
        identity(),
        "below Eq. (29)",
        model=PENALISED,
        given=(Symmetric(Gamma),),
        note="X = W^T W commutes with X Gamma, and so with Gamma: two symmetric matrices with common eigenvectors",
        statement_latex=r"[X\Gamma - (X\Gamma)^2, X\Gamma] = 0, \quad "
        r"\lVert X\Gamma - \Gamma X\rVert^2 = 2\operatorname{tr}([X, X\Gamma]\Gamma)",
    ),
    simon(
        "eq30",
        "equation",
        FiniteSet(1),
        index_steps,
        same_value(),
        "Eq. (30)",
        model=PENALISED,
        note="d = 1, m = 2, Gamma = diag(2, 1): J is a list of d different elements of 1, ..., m, not of 1, ..., d; "
        "the rows are eigenvectors, not eigenvalues",
        statement_latex=r"d = 1, m = 2: \quad \{j : W = s v_j^{\top}, s > 0 \text{ solves (28)}\} = \{1\}",
    ),
)


def equations():
    """Stationarity of the penalised loss, and what a mode then has."""
    return {"penalised-gradient": stationarity(PENALISED), "least-loss": cost(PENALISED, size)}
