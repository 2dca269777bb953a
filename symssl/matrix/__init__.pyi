from .difference_quotients import recheck_gradient as recheck_gradient
from .entrywise import at_entries as at_entries
from .equality import Disagreement as Disagreement
from .equality import Proof as Proof
from .equality import matrix_equal as matrix_equal
from .evaluation import Instance as Instance
from .flow import MatrixFlow as MatrixFlow
from .geometry import Grassmann as Grassmann
from .geometry import Stiefel as Stiefel
from .gradient import gradient_flow as gradient_flow
from .gram import gram_matrix as gram_matrix
from .gram import qr as qr
from .gram import qr_squares as qr_squares
from .gram import unprojected as unprojected
from .instances import instances as instances
from .instances import satisfied as satisfied
from .laws import Law as Law
from .laws import laws as laws
from .quadratic_minima import (
    FrameMinimum as FrameMinimum,
)
from .quadratic_minima import (
    contraction_minimum as contraction_minimum,
)
from .quadratic_minima import (
    frame_minimum as frame_minimum,
)
from .quadratic_minima import (
    product_minimum as product_minimum,
)
from .second_variations import hessian as hessian
from .second_variations import second_variation as second_variation
from .singular_values import SingularFlow as SingularFlow
from .singular_values import singular_flow as singular_flow
