from .data import crop_pairs as crop_pairs
from .data import digit_classes as digit_classes
from .data import noisy_pairs as noisy_pairs
from .descent import Trajectory as Trajectory
from .descent import descend as descend
from .descent import follow as follow
from .experiments import Experiment as Experiment
from .finite_size.exact_flow import ExactFlow as ExactFlow
from .finite_size.exact_flow import expected_flow as expected_flow
from .finite_size.expectation import (
    CosineGradient as CosineGradient,
)
from .finite_size.expectation import (
    approximation_error as approximation_error,
)
from .finite_size.expectation import (
    expected_cosine_gradient as expected_cosine_gradient,
)
from .finite_size.modes import mode_moments as mode_moments
from .finite_size.montecarlo import sampled_cosine_gradient as sampled_cosine_gradient
from .learners.contrast import SoftmaxContrast as SoftmaxContrast
from .learners.correlation import CrossCorrelation as CrossCorrelation
from .learners.correlation import cross_correlation as cross_correlation
from .learners.hidden import HiddenLayer as HiddenLayer
from .learners.orthonormal import (
    OrthonormalTrace as OrthonormalTrace,
)
from .learners.orthonormal import (
    ReducedTrace as ReducedTrace,
)
from .learners.orthonormal import (
    contrast_matrix as contrast_matrix,
)
from .learners.predictor import LinearPredictor as LinearPredictor
from .training import Learner as Learner
from .training import Run as Run
from .training import fingerprint as fingerprint
from .training import resume as resume
from .training import train as train
