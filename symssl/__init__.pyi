from . import draw as draw
from .bifurcation.basins_of_attraction import basins as basins
from .bifurcation.codimension_two import fold_curve as fold_curve
from .bifurcation.codimension_two import hopf_curve as hopf_curve
from .bifurcation.continuation import continue_branch as continue_branch
from .bifurcation.diagram import bifurcation_diagram as bifurcation_diagram
from .bifurcation.equilibria import find_equilibria as find_equilibria
from .bifurcation.regimes import regime_map as regime_map
from .claims.auditing.attack import audit as audit
from .claims.checking import Verdict as Verdict
from .claims.checking import check as check
from .claims.claim import Claim as Claim
from .claims.claim import Model as Model
from .claims.claim import Paper as Paper
from .claims.claim import Step as Step
from .codegen.compile import compile_flow as compile_flow
from .codegen.compile import compile_function as compile_function
from .errors import (
    InputError as InputError,
)
from .errors import (
    NotIsolated as NotIsolated,
)
from .errors import (
    Refusal as Refusal,
)
from .errors import (
    SymsslError as SymsslError,
)
from .errors import (
    Undecided as Undecided,
)
from .exact.roots import real_roots as real_roots
from .kernels.estimator import KernelSSL as KernelSSL
from .kernels.relu_networks import ReLUKernel as ReLUKernel
from .kernels.relu_networks import arc_cosine as arc_cosine
from .language.mode_sum import ModeSum as ModeSum
from .language.operators import E as E
from .language.operators import mean as mean
from .language.operators import sg as sg
from .language.operators import total as total
from .language.random_vectors import gaussians as gaussians
from .language.relations import (
    Commutes as Commutes,
)
from .language.relations import (
    Diagonal as Diagonal,
)
from .language.relations import (
    Normalised as Normalised,
)
from .language.relations import (
    Orthonormal as Orthonormal,
)
from .language.relations import (
    Symmetric as Symmetric,
)
from .language.sample_vectors import samples as samples
from .language.scalars import cosine as cosine
from .language.scalars import inner as inner
from .language.scalars import norm as norm
from .language.scalars import potential as potential
from .language.scalars import sq as sq
from .matrix.equality import Proof as Proof
from .matrix.equality import matrix_equal as matrix_equal
from .matrix.flow import MatrixFlow as MatrixFlow
from .matrix.geometry import Grassmann as Grassmann
from .matrix.geometry import Stiefel as Stiefel
from .matrix.gradient import gradient_flow as gradient_flow
from .matrix.gram import gram_matrix as gram_matrix
from .matrix.gram import qr as qr
from .matrix.gram import qr_squares as qr_squares
from .matrix.gram import unprojected as unprojected
from .matrix.laws import Law as Law
from .matrix.quadratic_minima import (
    contraction_minimum as contraction_minimum,
)
from .matrix.quadratic_minima import (
    frame_minimum as frame_minimum,
)
from .matrix.quadratic_minima import (
    product_minimum as product_minimum,
)
from .matrix.second_variations import hessian as hessian
from .matrix.second_variations import second_variation as second_variation
from .matrix.singular_values import SingularFlow as SingularFlow
from .matrix.singular_values import singular_flow as singular_flow
from .modes.coupled import CoupledFlow as CoupledFlow
from .modes.flow import ModeFlow as ModeFlow
from .modes.hessians import HessianModes as HessianModes
from .modes.hessians import hessian_modes as hessian_modes
from .scalar.counting import count_equilibria as count_equilibria
from .scalar.flow import Flow as Flow
from .scalar.folds import fold_set as fold_set
from .scalar.scaling import Scaling as Scaling
from .simulate.descent import descend as descend
from .simulate.descent import follow as follow
from .simulate.finite_size.exact_flow import expected_flow as expected_flow
from .simulate.finite_size.expectation import expected_cosine_gradient as expected_cosine_gradient
from .simulate.finite_size.modes import mode_moments as mode_moments
from .simulate.finite_size.montecarlo import sampled_cosine_gradient as sampled_cosine_gradient
from .simulate.training import resume as resume
from .simulate.training import train as train
from .trajectory.integration import integrate as integrate
from .trajectory.powers import power_trajectory as power_trajectory
from .typeset.formulas import latex as latex
from .words.moments import concentrate as concentrate
from .words.moments import expect as expect
from .words.normal_forms import normal_form as normal_form

__version__: str
