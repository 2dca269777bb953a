from . import (
    bifurcation as bifurcation,
    claims as claims,
    codegen as codegen,
    draw as draw,
    errors as errors,
    exact as exact,
    kernels as kernels,
    language as language,
    matrix as matrix,
    modes as modes,
    present as present,
    scalar as scalar,
    simulate as simulate,
    statements as statements,
    support as support,
    trajectory as trajectory,
    typeset as typeset,
    words as words,
)
from .bifurcation.basins_of_attraction import basins as basins
from .bifurcation.codimension_two import fold_curve as fold_curve, hopf_curve as hopf_curve
from .bifurcation.continuation import continue_branch as continue_branch
from .bifurcation.diagram import bifurcation_diagram as bifurcation_diagram
from .bifurcation.equilibria import find_equilibria as find_equilibria
from .bifurcation.regimes import regime_map as regime_map
from .claims.auditing.attack import audit as audit
from .claims.checking import Verdict as Verdict, check as check
from .claims.claim import Claim as Claim, Model as Model, Paper as Paper, Step as Step
from .codegen.compile import compile_flow as compile_flow, compile_function as compile_function
from .errors import (
    InputError as InputError,
    NotIsolated as NotIsolated,
    OverBudget as OverBudget,
    Refusal as Refusal,
    SymsslError as SymsslError,
    Undecided as Undecided,
)
from .exact.roots import real_roots as real_roots
from .kernels.estimator import KernelSSL as KernelSSL
from .kernels.relu_networks import ReLUKernel as ReLUKernel, arc_cosine as arc_cosine
from .language.mode_sum import ModeSum as ModeSum
from .language.operators import E as E, mean as mean, sg as sg, total as total
from .language.random_vectors import gaussians as gaussians
from .language.relations import (
    Commutes as Commutes,
    Diagonal as Diagonal,
    Normalised as Normalised,
    Orthonormal as Orthonormal,
    Symmetric as Symmetric,
)
from .language.sample_vectors import samples as samples
from .language.scalars import cosine as cosine, inner as inner, norm as norm, potential as potential, sq as sq
from .language.sentences import Let as Let, Object as Object, Sentence as Sentence, Vocabulary as Vocabulary
from .matrix.equality import Proof as Proof, matrix_equal as matrix_equal
from .matrix.flow import MatrixFlow as MatrixFlow
from .matrix.geometry import Grassmann as Grassmann, Stiefel as Stiefel
from .matrix.gradient import gradient_flow as gradient_flow
from .matrix.gram import gram_matrix as gram_matrix, qr as qr, qr_squares as qr_squares, unprojected as unprojected
from .matrix.laws import Law as Law
from .matrix.quadratic_minima import (
    contraction_minimum as contraction_minimum,
    frame_minimum as frame_minimum,
    product_minimum as product_minimum,
)
from .matrix.second_variations import hessian as hessian, second_variation as second_variation
from .matrix.singular_values import SingularFlow as SingularFlow, singular_flow as singular_flow
from .modes.coupled import CoupledFlow as CoupledFlow
from .modes.flow import ModeFlow as ModeFlow
from .modes.hessians import HessianModes as HessianModes, hessian_modes as hessian_modes
from .present.bundle import write_paper as write_paper
from .scalar.counting import count_equilibria as count_equilibria
from .scalar.flow import Flow as Flow
from .scalar.folds import fold_set as fold_set
from .scalar.scaling import Scaling as Scaling
from .simulate.descent import descend as descend, follow as follow
from .simulate.finite_size.exact_flow import expected_flow as expected_flow
from .simulate.finite_size.expectation import expected_cosine_gradient as expected_cosine_gradient
from .simulate.finite_size.modes import mode_moments as mode_moments
from .simulate.finite_size.montecarlo import sampled_cosine_gradient as sampled_cosine_gradient
from .simulate.training import resume as resume, train as train
from .statements.truths import truth as truth
from .trajectory.integration import integrate as integrate
from .trajectory.powers import power_trajectory as power_trajectory
from .typeset.formulas import latex as latex
from .words.moments import concentrate as concentrate, expect as expect
from .words.normal_forms import normal_form as normal_form

__version__: str
