from .data import crop_pairs as crop_pairs, digit_classes as digit_classes, noisy_pairs as noisy_pairs
from .descent import descend as descend, follow as follow
from .experiments import Experiment as Experiment
from .finite_size.exact_flow import ExactFlow as ExactFlow, expected_flow as expected_flow
from .finite_size.expectation import (
    CosineGradient as CosineGradient,
    approximation_error as approximation_error,
    expected_cosine_gradient as expected_cosine_gradient,
)
from .finite_size.modes import mode_moments as mode_moments
from .finite_size.montecarlo import sampled_cosine_gradient as sampled_cosine_gradient
from .learners.contrast import SoftmaxContrast as SoftmaxContrast
from .learners.correlation import CrossCorrelation as CrossCorrelation, cross_correlation as cross_correlation
from .learners.hidden import HiddenLayer as HiddenLayer
from .learners.orthonormal import (
    OrthonormalTrace as OrthonormalTrace,
    ReducedTrace as ReducedTrace,
    contrast_matrix as contrast_matrix,
)
from .learners.predictor import LinearPredictor as LinearPredictor
from .runs import Run as Run
from .training import Learner as Learner, fingerprint as fingerprint, resume as resume, train as train
