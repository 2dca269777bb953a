"""Section 3: model, losses and assumptions."""

from sympy import Eq, MatrixSymbol, Symbol, Tuple, symbols

from symssl import Commutes, Symmetric, sq
from symssl.claims.deciders import stipulated

from .derivation import definition_steps
from .model import COSINE, F, Phi, SQUARED, W, bao, h, rho, sigma2

Loss = symbols("L_loss", real=True)


CLAIMS = (
    bao("model", "definition", Tuple(Eq(Symbol("Var_x"), 1 + sigma2), Eq(Symbol("Cov_xx'"), 1)),
        definition_steps, stipulated(), "Sec. 3", model=None),
    bao("eq1", "definition", Eq(Loss, SQUARED.loss), definition_steps, stipulated(), "Eq. (1)", model=None),
    bao("eq2", "definition", Eq(Loss, COSINE.loss + rho/2*(sq(Phi) + sq(W))), definition_steps, stipulated(),
        "Eq. (2)", model=None),
    bao("ass1", "assumption", Eq(W, W.T), definition_steps, stipulated(Symmetric(W)), "Assumption 1", model=None,
        note="symmetric W exist; that the flow keeps W symmetric is claim bao2023.ass1.kept"),
    bao("eq3", "definition", Eq(MatrixSymbol("Wdot", h, h), -MatrixSymbol("grad", h, h) - rho*W), definition_steps,
        stipulated(), "Eq. (3)", model=None),
    bao("ass5", "assumption", Eq(F*W, W*F), definition_steps, stipulated(Commutes(F, W)), "Assumption 5", model=None,
        note="kept by the flow with concentrated norms where W is symmetric: bao2023.prop2"),
)
