from .difference_quotients import recheck_gradient as recheck_gradient
from .entrywise import explicit_value as explicit_value
from .equality import Disagreement as Disagreement, Proof as Proof, matrix_equal as matrix_equal
from .flow import MatrixFlow as MatrixFlow
from .geometry import Grassmann as Grassmann, Stiefel as Stiefel
from .gradient import gradient_flow as gradient_flow
from .gram import gram_matrix as gram_matrix, qr as qr, qr_squares as qr_squares, unprojected as unprojected
from .laws import Law as Law, laws as laws
from .quadratic_minima import (
    FrameMinimum as FrameMinimum,
    contraction_minimum as contraction_minimum,
    frame_minimum as frame_minimum,
    product_minimum as product_minimum,
)
from .second_variations import hessian as hessian, second_variation as second_variation
from .singular_values import SingularFlow as SingularFlow, singular_flow as singular_flow
