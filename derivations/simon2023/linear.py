"""Sections 3 to 4.2: the model, its flow, and the exact solution from an aligned start."""

from sympy import Identity, MatrixSymbol, symbols

from symssl import Symmetric, samples, sq, total
from symssl.claims import Model

# --- the model (Section 3), from the sample of pairs and from its cross-correlation matrix --

n, d, m = symbols("n d m", integer=True, positive=True)
i = symbols("i")
W, Gamma = MatrixSymbol("W", d, m), MatrixSymbol("Gamma", m, m)
x, xp = samples("x", m, n), samples("x'", m, n)

PAIRS = Model("loss of the sample of pairs",
              sq(total(W*x[i]*(W*xp[i]).T + W*xp[i]*(W*x[i]).T, i)/(2*n) - Identity(d)), (W,))
LOSS = Model("loss in terms of Gamma", sq(W*Gamma*W.T - Identity(d)), (W,), where=(Symmetric(Gamma),))

CLAIMS = ()
