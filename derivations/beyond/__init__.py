"""Sharper laws, which none of the papers they extend states: one module a model.

* :mod:`.cosine`: two-layer linear network with stop-gradient, cosine and squared loss;
* :mod:`.basin`: the same network, the boundary of collapse as a series and the norms set free;
* :mod:`.landscape`: linear embedding with the loss |C - I|^2, its critical points and Hessians;
* :mod:`.linear`: the same embedding, trajectories and minima in closed form;
* :mod:`.two_layer`: deep linear networks on a fixed data matrix, solved mode by mode;
* :mod:`.noise`: augmentation in one branch or in both, in a contrastive loss at small weights;
* :mod:`.orthogonal`: chains of orthonormal layers, projected gradient and canonical metric.
"""

from symssl.claims import Paper

from . import basin, cosine, landscape, linear, noise, orthogonal, two_layer
from .cosine import decaying, errors, spectrum

__all__ = ["PAPER", "decaying", "errors", "spectrum"]

PARTS = (cosine, basin, landscape, linear, two_layer, noise, orthogonal)


def equations():
    """The laws of every model, for LaTeX."""
    return {label: value for part in PARTS for label, value in part.equations().items()}


PAPER = Paper(
    "beyond",
    "Sharper laws of the models of the papers",
    "symssl",
    sum((part.CLAIMS for part in PARTS), ()),
    equations,
    notation={name: text for part in PARTS for name, text in part.NOTATION.items()},
)
