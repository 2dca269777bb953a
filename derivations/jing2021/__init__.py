"""Jing, Vincent, LeCun, Tian: Understanding dimensional collapse in contrastive self-supervised learning.

International Conference on Learning Representations 2022 (arXiv 2110.09348).  One or two
linear layers are trained with InfoNCE on N pairs, without normalisation:

    L = -sum_i log [exp(-|z_i - z_i'|^2/2) / (sum_{j != i} exp(-|z_i - z_j|^2/2) + exp(-|z_i - z_i'|^2/2))].

One module a part of the paper, each with its `CLAIMS`.
"""

from symssl.claims import Paper

from . import alignment, contrastive, projector, spectra, training, two_layer
from .model import NOTATION

MODULES = (contrastive, two_layer, alignment, projector, spectra)
CLAIMS = tuple(claim for module in MODULES for claim in module.CLAIMS)


def equations():
    """The derived equations of every module, for LaTeX."""
    return {label: value for module in MODULES for label, value in getattr(module, "equations", dict)().items()}


PAPER = Paper(
    "jing2021",
    "Understanding Dimensional Collapse in Contrastive Self-Supervised Learning",
    "Jing et al., ICLR 2022, arXiv 2110.09348",
    CLAIMS,
    equations,
    models={name: flow for module in MODULES for name, flow in getattr(module, "MODELS", {}).items()},
    notation=NOTATION,
    experiments=training.EXPERIMENTS,
)
