"""Esser, Mukherjee, Ghoshdastidar: Representation learning dynamics of self-supervised models.

Transactions on Machine Learning Research 2023 (OpenReview QXLKnrymE1).  Linear models
u(x) = Theta x and networks with orthonormal layers are trained with the contrastive loss

    L = sum_i u(x_i)^T (u(x_i^-) - u(x_i^+)) = Tr(Theta C Theta^T).

Modules follow the paper's sections: :mod:`.kernel` (2), :mod:`.constrained` (3),
:mod:`.wide` (3.1), :mod:`.dynamics` (4.1), :mod:`.evaluation` (4.2), :mod:`.noncontrastive` (5).
"""

from functools import partial

from symssl.claims import Paper

from . import constrained, dynamics, evaluation, kernel, noncontrastive, training, wide
from .dynamics import coordinate_flow, vector_flow
from .model import DEEP2, DEEP3, LINEAR, NETWORK, flow, output_flow, product_flow

__all__ = ["PAPER", "coordinate_flow", "output_flow", "product_flow", "vector_flow"]

SECTIONS = (kernel, constrained, wide, dynamics, evaluation, noncontrastive)


def equations():
    """The derived flows, for LaTeX."""
    return {
        "linear-flow": flow(LINEAR),
        "projected-flow": flow(DEEP2),
        "projected-flow-three-layers": flow(DEEP3),
        "network-flow": product_flow(DEEP2, NETWORK[2]),
        "output-flow": output_flow(DEEP2, NETWORK[2]),
        "vector-flow": vector_flow(DEEP2),
    }


PAPER = Paper(
    "esser2023",
    "Representation Learning Dynamics of Self-Supervised Models",
    "Esser, Mukherjee, Ghoshdastidar, Transactions on Machine Learning Research 2023",
    tuple(claim for section in SECTIONS for claim in section.CLAIMS),
    equations,
    models={"vector": partial(coordinate_flow, DEEP2, 2)},
    notation={"xbar": "x", "psibar": r"\psi(x)", "c_0": "c", "Lambda": r"\Lambda", "x^-": "x^{-}"},
    experiments=training.EXPERIMENTS,
)
