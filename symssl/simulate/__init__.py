"""Ground truth: descent on data, training runs, and exact expectations at finite size."""

from .correlation import CrossCorrelation, cross_correlation
from .descent import Trajectory, descend, follow
from .expectation import CosineGradient, expected_cosine_gradient
from .experiment import Experiment
from .images import crop_pairs, digit_classes, noisy_pairs
from .modes import mode_moments
from .montecarlo import sampled_cosine_gradient
from .orthonormal import OrthonormalTrace, ReducedTrace, contrast_matrix
from .training import Learner, Run, fingerprint, resume, train

__all__ = ["CosineGradient", "CrossCorrelation", "Experiment", "Learner", "OrthonormalTrace", "ReducedTrace", "Run", "Trajectory",
           "contrast_matrix", "crop_pairs", "cross_correlation", "descend", "digit_classes", "expected_cosine_gradient",
           "fingerprint", "follow", "mode_moments", "noisy_pairs", "resume", "sampled_cosine_gradient", "train"]
