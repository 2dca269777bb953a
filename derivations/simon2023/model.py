"""The linear model and its aligned solution, as the derivations use them that are no sentences yet."""

from functools import lru_cache

from sympy import (
    Identity,
    ImmutableMatrix,
    MatrixSymbol,
    Rational,
    ZeroMatrix,
    simplify,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, ModeSum, Orthonormal, Symmetric, sq
from symssl.claims import Claim, Model, Step
from symssl.language import Diagonal
from symssl.words import read, rewriting, write

# --- the model (Section 3), from the sample of pairs and from its cross-correlation matrix --

n, d, m = symbols("n d m", integer=True, positive=True)
W, Gamma = MatrixSymbol("W", d, m), MatrixSymbol("Gamma", m, m)

LOSS = Model("loss in terms of Gamma", sq(W * Gamma * W.T - Identity(d)), (W,), where=(Symmetric(Gamma),))

# aligned weights W = U diag(s) V^T: the columns of V are d orthonormal eigenvectors of Gamma,
# V^T = Gamma^(<=d) for the top d, and M is whatever Gamma does on the rest
U, V, M = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("M", m, m)
S, D = MatrixSymbol("S", d, d), MatrixSymbol("D", d, d)
rest = Identity(m) - V * V.T
s, s_0, size = symbols("s s_0 g", positive=True)  # size: |gamma| where its sign is stated
r, gamma = symbols("r gamma", real=True)  # r: a singular value of either sign
t = symbols("t", nonnegative=True)
ell = symbols("ell", real=True)
lambda_0, ratio = symbols("lambda_0 ratio", positive=True)
FRAMES = {W: (U, s, V), Gamma: (V, gamma, V)}
FRAME = (Orthonormal(U), Orthonormal(V), Diagonal(S), Diagonal(D), Symmetric(M))
SIGNS = (size, -size, 0 * size)  # a positive, a negative and a vanishing eigenvalue
stable, unstable = symbols("stable unstable")
beta, point = MatrixSymbol("beta", d, 1), MatrixSymbol("x_0", m, 1)


# --- the derivation, one function a stage ------------------------------------------------


@lru_cache(maxsize=256)
def flow(model):
    """Eq. (3): the exact gradient flow."""
    return model.flow()


def at_ansatz(expr):
    """W = U S V^T and Gamma = V D V^T + (I - V V^T) M (I - V V^T), reduced by the relations of the frames."""
    expr = expr.subs(Gamma, V * D * V.T + rest * M * rest).subs(W, U * S * V.T)
    return write(rewriting(FRAME).reduce(read(expr)))


def full_gamma(expr):
    """The same, with the part of Gamma in the frame left to :func:`symssl.modes.spectral`."""
    return expr.subs(Gamma, Gamma + rest * M * rest)


@lru_cache(maxsize=256)
def aligned(model):
    """The flow with Gamma as a partner at rest, so that both can be put in frames."""
    return MatrixFlow({W: full_gamma(flow(model).rhs[W]), Gamma: ZeroMatrix(m, m)}, where=(Symmetric(M),))


@lru_cache(maxsize=256)
def modes(model):
    """One mode: the flow of its singular value, and the loss as a sum over modes."""
    return aligned(model).spectral(FRAMES, couplings={ell: full_gamma(model.loss)})


@lru_cache(maxsize=256)
def mode_flow(model, value=gamma, state=s):
    """Eq. (12) at an eigenvalue."""
    return Flow({state: modes(model).states[s].subs({gamma: value, s: state})}, tuple(value.free_symbols))


@lru_cache(maxsize=256)
def trajectory(model, value):
    """Eq. (10) at an eigenvalue whose sign is known."""
    solved = mode_flow(model, value).closed_form(s, time=t)
    return solved.solution.subs(dict(solved.initial)[s], s_0)


@lru_cache(maxsize=256)
def mode_loss(model):
    """What one mode adds to the loss."""
    return modes(model).couplings[ell].replace(ModeSum, lambda summand: summand).subs(d, 1)


def correlation(model):
    """C, read off the loss."""
    (inside,) = model.loss.atoms(sq)
    return inside.args[0] + Identity(d)


@lru_cache(maxsize=256)
def eigenvalue(model, sign):
    """An eigenvalue of C along the trajectory, through its initial value."""
    start = sign * lambda_0
    found = sign * size * trajectory(model, sign * size) ** 2
    return simplify(found.subs(s_0, sqrt(start / (sign * size))))


def definition_steps(model):
    yield Step("a definition: nothing to derive")


EXAMPLE = ImmutableMatrix([[Rational(34, 25), Rational(12, 25)], [Rational(12, 25), Rational(41, 25)]])


def simon(label, kind, printed, steps, decide, cite, *, model=LOSS, **more):
    """A claim of this paper."""
    return Claim(f"simon2023.{label}", kind, printed, steps, decide, model=model, cite=cite, **more)


def claim(label, kind, printed, steps, decide, cite, **more):
    """A claim of this paper, from no loss unless one is named."""
    return Claim(f"simon2023.{label}", kind, printed, steps, decide, cite=cite, **more)
