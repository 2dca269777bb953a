"""The names of the paper: what every symbol stands for, and the dynamics that its sentences speak about."""

from sympy import Eq, Ne, Symbol

from symssl.language import Count, Named, Object, Rate, Stability, VectorField, Vocabulary, Zeros

from .model import N_Phi, N_Psi, N_x, p, rho, s, sigma2, t

# --- symbols -----------------------------------------------------------------------------

p_0 = Symbol("p_0", real=True)
q = Symbol("q", real=True)  # an equilibrium
c = Symbol("c", positive=True)

# --- the dynamics ------------------------------------------------------------------------

gain = 1 / (1 + sigma2)
MODE = VectorField(
    {
        p: gain * (s / (N_Phi * N_Psi) - N_x * p * s / N_Psi**2 - 2 * p**2 * s**2 / (N_Phi * N_Psi**3)) - rho * p,
        s: 2 * gain * (p * s / (N_Phi * N_Psi) - N_x * p**2 * s / N_Psi**2 - 2 * p**3 * s**2 / (N_Phi * N_Psi**3))
        - 2 * rho * s,
    }
)  # Eq. (5), one mode
COSINE_FLOW = VectorField(
    {p: gain * (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2 - 2 * p**6 / (N_Phi * N_Psi**3)) - rho * p}
)  # Eq. (7)
SQUARED_FLOW = VectorField({p: p**2 * (1 - (1 + sigma2) * p) - rho * p})  # Eq. (8)
WITHOUT_DECAY = COSINE_FLOW.xreplace({rho: 0 * rho})
WITHOUT_OVERLAP = COSINE_FLOW.xreplace({N_x: 0 * N_x})

# --- what they stand for -----------------------------------------------------------------

NUMBERS = Vocabulary(
    Object(rho, "the rate of the weight decay"),
    Object(sigma2, "the strength of the augmentation, the variance of its noise"),
    Object(p, "an eigenvalue of the predictor W"),
    Object(s, "the eigenvalue of Phi Phi^T that belongs to it"),
    Object(p_0, "the eigenvalue at time 0"),
    Object(N_Phi, "the norm of Phi"),
    Object(N_Psi, "the norm of W Phi"),
    Object(N_x, "the cosine between Phi and W Phi", (N_x >= -1, N_x <= 1)),
    Object(c, "a factor by which the norms grow or shrink"),
    Object(t, "time"),
)
FLOWS = Vocabulary(
    Named(MODE, "the equation (5) of one mode"),
    Named(COSINE_FLOW, "the equation (7), the norms held constant"),
    Named(WITHOUT_DECAY, "the equation (7) without decay, the norms held constant"),
    Named(WITHOUT_OVERLAP, "the equation (7) without the cosine, the norms held constant"),
    Named(SQUARED_FLOW, "the equation (8)"),
)
VOCABULARY = Vocabulary(NUMBERS, FLOWS)


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
    (state,) = dynamics.states
    return Rate(state, dynamics)
