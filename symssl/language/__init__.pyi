from .inputs import (
    as_expression as as_expression,
    as_matrix as as_matrix,
    dimension as dimension,
    is_matrix as is_matrix,
)
from .mode_sum import ModeSum as ModeSum, sum_over_modes as sum_over_modes
from .names import check_names as check_names
from .operators import (
    E as E,
    Expectation as Expectation,
    MatrixExpectation as MatrixExpectation,
    MatrixStopGradient as MatrixStopGradient,
    MatrixTotal as MatrixTotal,
    StopGradient as StopGradient,
    Total as Total,
    mean as mean,
    sg as sg,
    total as total,
)
from .random_vectors import GaussianVector as GaussianVector, gaussians as gaussians
from .relations import (
    Commutes as Commutes,
    Diagonal as Diagonal,
    Normalised as Normalised,
    Orthonormal as Orthonormal,
    Relation as Relation,
    Symmetric as Symmetric,
)
from .sample_vectors import Sample as Sample, samples as samples
from .scalars import (
    Potential as Potential,
    PotentialGradient as PotentialGradient,
    cosine as cosine,
    inner as inner,
    norm as norm,
    potential as potential,
    sq as sq,
)
