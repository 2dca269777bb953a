"""Ground truth: descent on data, training runs, and exact expectations at finite size."""

from .contrast import SoftmaxContrast
from .correlation import CrossCorrelation, cross_correlation
from .descent import Trajectory, descend, follow
from .expectation import CosineGradient, approximation_error, expected_cosine_gradient
from .exactflow import ExactFlow, expected_flow
from .experiment import Experiment
from .hidden import HiddenLayer
from .images import crop_pairs, digit_classes, noisy_pairs
from .modes import mode_moments
from .montecarlo import sampled_cosine_gradient
from .orthonormal import OrthonormalTrace, ReducedTrace, contrast_matrix
from .predictor import LinearPredictor
from .training import Learner, Run, fingerprint, resume, train

__all__ = ["CosineGradient", "CrossCorrelation", "ExactFlow", "Experiment", "HiddenLayer", "Learner", "LinearPredictor", "OrthonormalTrace",
           "ReducedTrace", "Run", "SoftmaxContrast", "Trajectory", "approximation_error", "contrast_matrix", "crop_pairs", "cross_correlation",
           "descend", "digit_classes", "expected_cosine_gradient", "expected_flow", "fingerprint", "follow", "mode_moments",
           "noisy_pairs", "resume", "sampled_cosine_gradient", "train"]
