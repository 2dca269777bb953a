"""The names of the paper: what every symbol stands for, and the dynamics that its sentences speak about."""

from sympy import Eq, MatrixSymbol, Ne, Symbol, Trace, sqrt

from symssl import Diagonal, E, Orthonormal, gaussians, inner, norm, sg, sq
from symssl.language import (
    At,
    Count,
    GradientFlow,
    Let,
    Named,
    Object,
    Rate,
    Stability,
    VectorField,
    Vocabulary,
    Zeros,
)

from .model import COSINE, N_Phi, N_Psi, N_x, Phi, Psi, U, V, W, d, h, p, rho, s, sigma2, t, x, xp

# --- symbols -----------------------------------------------------------------------------

p_0 = Symbol("p_0", real=True)
q = Symbol("q", real=True)  # an equilibrium
c, a = Symbol("c", positive=True), Symbol("a", positive=True)
rho_1 = Symbol("rho_1", positive=True)
sigma = sqrt(sigma2)

x_0, epsilon, epsilon_ = gaussians("x_0 epsilon epsilon'", d, cov=[[1, 0, 0], [0, 1, 0], [0, 0, 1]])
W_0, Phi_0 = MatrixSymbol("W_0", h, h), MatrixSymbol("Phi_0", h, d)
START = {W: W_0, Phi: Phi_0}
# W = U P U^T, Phi = U D V^T, S = D^2
P, D, S = MatrixSymbol("P", h, h), MatrixSymbol("D", h, h), MatrixSymbol("S", h, h)
P_0, D_0 = MatrixSymbol("Pbar", h, h), MatrixSymbol("Dbar", h, h)
Delta = MatrixSymbol("Delta", h, h)
FRAMES = {W: U * P * U.T, Phi: U * D * V.T}

# --- the dynamics ------------------------------------------------------------------------

gain = 1 / (1 + sigma2)
COSINE_LOSS, SQUARED_LOSS = COSINE.loss, E(sq(W * Phi * x - sg(Phi * xp))) / 2
EXACT = GradientFlow(COSINE_LOSS, (W, Phi), decay=rho)  # Eq. (3)
SQUARED = GradientFlow(SQUARED_LOSS, (W, Phi), decay=rho)

# Eq. (4) with the limit of H: H_hat = inside Psi^T
overlap = inner(Phi, Psi) / (norm(Phi) * norm(Psi))
inside = gain * (
    Phi / (norm(Phi) * norm(Psi))
    - (Psi * Phi.T * Psi + Psi * Psi.T * Phi) / (norm(Phi) * norm(Psi) ** 3)
    - overlap / norm(Psi) ** 2 * Psi
)
CLOSED = VectorField({W: inside * Phi.T - rho * W, Phi: W.T * inside - rho * Phi})


def modes(of_p, of_s, n_phi, n_psi, n_x):
    """Eq. (5) for eigenvalues p and s: numbers, or diagonal matrices of all of them."""
    drift = of_s / (n_phi * n_psi) - n_x / n_psi**2 * of_p * of_s - 2 / (n_phi * n_psi**3) * of_p**2 * of_s**2
    return gain * drift - rho * of_p, 2 * gain * of_p * drift - 2 * rho * of_s


n_phi, n_psi = norm(D), norm(P * D)
drift = D / (n_phi * n_psi) - Trace(P * D * D) / (n_phi * n_psi**3) * P * D - 2 / (n_phi * n_psi**3) * P * P * D * D * D
MODES = VectorField({P: gain * drift * D - rho * P, D: gain * P * drift - rho * D}, (Diagonal(P), Diagonal(D)))
MODE = VectorField(dict(zip((p, s), modes(p, s, N_Phi, N_Psi, N_x))))
COSINE_FLOW = VectorField(
    {p: gain * (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2 - 2 * p**6 / (N_Phi * N_Psi**3)) - rho * p}
)  # Eq. (7)
SQUARED_FLOW = VectorField({p: p**2 * (1 - (1 + sigma2) * p) - rho * p})  # Eq. (8)
WITHOUT_DECAY = COSINE_FLOW.xreplace({rho: 0 * rho})
WITHOUT_OVERLAP = COSINE_FLOW.xreplace({N_x: 0 * N_x})

# --- what they stand for -----------------------------------------------------------------

SIZES = Vocabulary(
    Object(h, "the dimension of the representations"),
    Object(d, "the dimension of the inputs"),
    Object(rho, "the rate of the weight decay"),
    Object(sigma2, "the variance of the noise that augments an input"),
    Object(t, "time"),
)
MATRICES = Vocabulary(
    Object(W, "the predictor"),
    Object(Phi, "the encoder"),
    Object(W_0, "the predictor at time 0"),
    Object(Phi_0, "the encoder at time 0"),
    Object(x, "a view of an input"),
    Object(xp, "another view of the same input"),
    Object(U, "the eigenvectors of W, as columns", Orthonormal(U)),
    Object(V, "the right singular vectors of Phi, as columns", Orthonormal(V)),
    Object(P, "the eigenvalues p_1, ..., p_h of W, on the diagonal", Diagonal(P)),
    Object(D, "the singular values of Phi, on the diagonal", Diagonal(D)),
    Object(Delta, "any diagonal matrix", Diagonal(Delta)),
    Named(EXACT, "the gradient flow (3) of the cosine loss"),
    Named(SQUARED, "the gradient flow (3) of the squared loss"),
    Named(CLOSED, "the dynamics (4) with the limit of H"),
)
NUMBERS = Vocabulary(
    Object(p, "an eigenvalue of the predictor"),
    Object(s, "the eigenvalue of Phi Phi^T in the same direction"),
    Object(p_0, "the eigenvalue of the predictor at time 0"),
    Object(N_Phi, "the norm of Phi"),
    Object(N_Psi, "the norm of W Phi"),
    Object(N_x, "the cosine between Phi and W Phi", (N_x >= -1, N_x <= 1)),
    Object(rho_1, "another rate of decay"),
    Object(c, "a factor by which the norms of Phi and W Phi grow or shrink together"),
    Object(a, "the unit in which the eigenvalue is measured"),
    Named(MODE, "the equation (5) of one mode"),
    Named(COSINE_FLOW, "the equation (7), its norms held constant"),
    Named(WITHOUT_DECAY, "the equation (7) without decay, its norms held constant"),
    Named(WITHOUT_OVERLAP, "the equation (7) without the cosine, its norms held constant"),
    Named(SQUARED_FLOW, "the equation (8)"),
)
VOCABULARY = Vocabulary(SIZES, MATRICES)
SCALARS = Vocabulary(SIZES, NUMBERS)
IN_FRAMES = Vocabulary(
    SIZES,
    MATRICES,
    Let(S, D * D, "the eigenvalues s_1, ..., s_h of Phi Phi^T, on the diagonal"),
    Let(N_Phi, norm(D), "the norm of Phi"),
    Let(N_Psi, norm(P * D), "the norm of W Phi"),
    Let(N_x, Trace(P * D * D) / (norm(D) * norm(P * D)), "the cosine between Phi and W Phi"),
)
ALL_MODES = Vocabulary(
    SIZES,
    Object(P, "the eigenvalues p_1, ..., p_h of W, on the diagonal", Diagonal(P)),
    Object(D, "the singular values of Phi, on the diagonal; their squares are s_1, ..., s_h", Diagonal(D)),
    Object(P_0, "the eigenvalues of W at time 0", Diagonal(P_0)),
    Object(D_0, "the singular values of Phi at time 0", Diagonal(D_0)),
    Named(MODES, "the equation (5) of all modes, written for the roots of s_1, ..., s_h"),
)
WIDE = (h <= d,)  # so that V has h orthonormal columns


# --- what several sentences say ----------------------------------------------------------


def equal(left, right):
    return Eq(left, right, evaluate=False)


def different(left, right):
    return Ne(left, right, evaluate=False)


def number(dynamics, *domain, kind=None):
    """How many equilibria of one state there are in a domain, of a kind of stability."""
    (state,) = dynamics.states
    kinds = () if kind is None else (Stability(dynamics, {state: q}, kind),)
    return Count(Zeros(dynamics.rhs[state].xreplace({state: q}), q, (*domain, *kinds)))


def velocity(dynamics):
    """The right-hand side of an equation of one state."""
    (state,) = dynamics.states
    return Rate(state, dynamics)


def in_frames(term, dynamics):
    """The rate of a term where W and Phi Phi^T have the eigenvectors U."""
    return At(Rate(term, dynamics), FRAMES)
