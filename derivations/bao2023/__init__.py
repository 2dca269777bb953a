"""Bao: Feature normalization prevents collapse of non-contrastive learning dynamics.

Neural Computation 2025 (arXiv 2309.16109).  A two-layer linear network, encoder
Phi (h x d) and predictor W (h x h), is trained with the cosine loss against the
stop-gradient of the other view, with weight decay rho:

    L = -E cos(W Phi x, sg(Phi x')),   Cov(x) = Cov(x') = (1 + sigma^2) I,  Cov(x, x') = I.

The available copy of the paper lost its formulas; the printed formulas below are
reconstructed from its text.  Modules follow the paper's sections.
"""

from functools import partial

from sympy import Dict, Eq

from symssl.claims import Paper

from . import (
    appendix,
    concentration,
    eigenvalues,
    growth,
    matrix,
    prevention,
    regimes,
    setting,
    squared,
    subweibull,
    training,
)
from .derivation import (
    alignment,
    concentrated,
    count,
    flow,
    growth_rate,
    merged_flow,
    modes,
    parabola,
    pattern,
    scalar_flow,
    scaling,
    to_closed,
    to_groups,
    to_modes,
    to_scalar,
)
from .model import (
    COSINE,
    NOTATION,
    SQUARED,
    F,
    N_Phi,
    N_Psi,
    N_x,
    Phi,
    W,
    half_stable,
    kappa,
    mu,
    p,
    rho,
    s,
    sigma2,
    stable,
    t,
    unstable,
    y,
)
from .names import COSINE_REGIMES, SQUARED_REGIMES, named

__all__ = [
    "COSINE",
    "COSINE_REGIMES",
    "NOTATION",
    "PAPER",
    "SQUARED",
    "SQUARED_REGIMES",
    "F",
    "N_Phi",
    "N_Psi",
    "N_x",
    "Phi",
    "W",
    "alignment",
    "concentrated",
    "count",
    "flow",
    "growth_rate",
    "half_stable",
    "kappa",
    "merged_flow",
    "modes",
    "mu",
    "p",
    "parabola",
    "pattern",
    "rho",
    "s",
    "scalar_flow",
    "scaling",
    "sigma2",
    "stable",
    "t",
    "to_closed",
    "to_groups",
    "to_modes",
    "to_scalar",
    "unstable",
    "y",
]


def equations():
    """Every derived equation, for LaTeX."""
    exact, closed = flow(COSINE), modes(COSINE)
    folds_ = scaling(COSINE).flow.fold_set()
    return {
        "gradient-flow": exact,
        "concentrated-flow": concentrated(COSINE),
        "modes": closed,
        "scalar-flow": scalar_flow(COSINE),
        "dimensionless-flow": scaling(COSINE).flow,
        "groups": Dict(dict(scaling(COSINE).groups)),
        "fold": Dict(dict(folds_.parametrised)),
        "fold-implicit": Eq(folds_.implicit, 0),
        "squared-loss-modes": modes(SQUARED),
        "squared-loss-scalar-flow": scalar_flow(SQUARED),
    }


PAPER = Paper(
    "bao2023",
    "Feature Normalization Prevents Collapse of Non-contrastive Learning Dynamics",
    "Bao, Neural Computation 2025, arXiv 2309.16109",
    tuple(
        claim
        for module in (
            setting,
            matrix,
            concentration,
            eigenvalues,
            regimes,
            prevention,
            squared,
            subweibull,
            growth,
            appendix,
            training,
        )
        for claim in module.CLAIMS
    ),
    equations,
    models={"cosine": partial(scalar_flow, COSINE), "l2": partial(scalar_flow, SQUARED)},
    notation=NOTATION,
    regimes={"cosine": partial(named, COSINE_REGIMES), "l2": partial(named, SQUARED_REGIMES)},
    experiments=training.EXPERIMENTS,
)
