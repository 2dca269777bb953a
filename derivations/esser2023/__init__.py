"""Esser, Mukherjee, Ghoshdastidar: Representation learning dynamics of self-supervised models.

Transactions on Machine Learning Research 2023 (OpenReview QXLKnrymE1).  Linear models
u(x) = Theta x and networks with orthonormal layers are trained with the contrastive loss

    L = sum_i u(x_i)^T (u(x_i^-) - u(x_i^+)) = Tr(Theta C Theta^T).

Modules follow the paper's sections.
"""

from symssl.claims import Paper

from . import constrained, dynamics, evaluation, kernel, noncontrastive, wide

__all__ = ["PAPER"]

SECTIONS = (kernel, constrained, wide, dynamics, evaluation, noncontrastive)

PAPER = Paper(
    "esser2023", "Representation Learning Dynamics of Self-Supervised Models",
    "Esser, Mukherjee, Ghoshdastidar, Transactions on Machine Learning Research 2023",
    tuple(claim for section in SECTIONS for claim in section.CLAIMS))
