"""Simon, Knutins, Ziyin, Geisz, Fetterman, Albrecht: On the stepwise nature of self-supervised learning.

International Conference on Machine Learning 2023 (arXiv 2303.15438).  A linear
embedding f(x) = W x of n positive pairs is trained with the loss

    L = |C - I_d|^2,   C = 1/(2n) sum_i (f(x_i) f(x_i')^T + f(x_i') f(x_i)^T) = W Gamma W^T.

One module a part of the paper, each with its `CLAIMS`; `MODULES` lists them in its order.
"""

from symssl.claims import Paper

from . import (
    alignment,
    escape,
    generic,
    kernel,
    kernel_norm,
    kernelproof,
    landscape,
    linear,
    minima,
    modified,
    related,
    stages,
    training,
)

MODULES = (
    related,
    linear,
    minima,
    stages,
    generic,
    kernel,
    kernel_norm,
    kernelproof,
    alignment,
    landscape,
    escape,
    modified,
    training,
)
CLAIMS = tuple(claim for module in MODULES for claim in module.CLAIMS)


def equations():
    """The derived equations of every module, for LaTeX."""
    return {label: value for module in MODULES for label, value in getattr(module, "equations", dict)().items()}


PAPER = Paper(
    "simon2023",
    "On the Stepwise Nature of Self-Supervised Learning",
    "Simon et al., ICML 2023, arXiv 2303.15438",
    CLAIMS,
    equations,
    models={name: flow for module in MODULES for name, flow in getattr(module, "MODELS", {}).items()},
    notation={key: value for module in MODULES for key, value in getattr(module, "NOTATION", {}).items()},
    experiments=training.EXPERIMENTS,
)
