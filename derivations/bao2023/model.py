"""Symbols, the two losses, and how a claim of this paper is written."""

from sympy import MatrixSymbol, Symbol, symbols

from symssl import E, cosine, gaussians, norm, sg, sq
from symssl.claims import Claim, Model

h, d = symbols("h d", integer=True, positive=True)
rho = symbols("rho", positive=True)
sigma2 = symbols("sigma2", nonnegative=True)
W, Phi = MatrixSymbol("W", h, h), MatrixSymbol("Phi", h, d)
x, xp = gaussians("x x'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])
F, Psi = Phi * Phi.T, W * Phi
alpha = symbols("alpha", positive=True)
PROPORTIONAL = {d: alpha * h}  # Assumption 3

COSINE = Model("cosine loss", -E(cosine(W * Phi * x, sg(Phi * xp))), (W, Phi), weight_decay=rho)
SQUARED = Model("squared loss", E(sq(W * Phi * x - sg(Phi * xp))) / 2, (W, Phi), weight_decay=rho)

# modes: W = U diag(p) U^T, Phi = U diag(phi) V^T, s = phi^2
U, V = MatrixSymbol("U", h, h), MatrixSymbol("V", d, h)
p = symbols("p", real=True)
phi, s, t = symbols("phi s t", positive=True)
N_Phi, N_Psi = symbols("N_Phi N_Psi", positive=True)
N_x, c = symbols("N_x c", real=True)
y, kappa = symbols("y kappa", real=True)
mu = symbols("mu", positive=True)
FRAMES = {W: (U, p, U), Phi: (U, phi, V)}
COUPLINGS = {N_Phi: norm(Phi), N_Psi: norm(W * Phi), N_x: cosine(Phi, W * Phi)}
# quantities that a statement compares and a derivation evaluates
n, q_ = symbols("n q", positive=True)
growth = Symbol("growth", real=True)
limit_W, decay_rate = Symbol("limit", nonnegative=True), Symbol("rate", real=True)
stable, unstable, half_stable = symbols("stable unstable half-stable")
r = 1 / (1 + sigma2)
NOTATION = {"sigma2": r"\sigma^{2}", "N_x": r"N_{\times}"}


def commutator(a, b):
    return a * b - b * a


def at_unit_decay(derived):
    """The same at rho = 1."""
    return {**{name: rate.subs(rho, 1) for name, rate in derived.items()}, rho: 1}


def bao(label, kind, printed, steps, decide, cite, *, model=COSINE, **more):
    return Claim(
        f"bao2023.{label}",
        kind,
        printed,
        steps,
        decide,
        model=model,
        cite=cite,
        source=more.pop("source", "reconstructed"),
        **more,
    )
