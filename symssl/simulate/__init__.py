"""Ground truth: descent on data, and exact expectations at finite size."""

from .descent import Trajectory, descend, follow
from .expectation import CosineGradient, expected_cosine_gradient
from .modes import mode_moments
from .montecarlo import sampled_cosine_gradient

__all__ = ["CosineGradient", "Trajectory", "descend", "expected_cosine_gradient", "follow",
           "mode_moments", "sampled_cosine_gradient"]
