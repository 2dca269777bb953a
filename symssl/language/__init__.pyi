from .inputs import (
    as_expression as as_expression,
)
from .inputs import (
    as_matrix as as_matrix,
)
from .inputs import (
    dimension as dimension,
)
from .inputs import (
    is_matrix as is_matrix,
)
from .mode_sum import ModeSum as ModeSum
from .mode_sum import sum_over_modes as sum_over_modes
from .names import check_names as check_names
from .operators import (
    E as E,
)
from .operators import (
    Expectation as Expectation,
)
from .operators import (
    MatrixExpectation as MatrixExpectation,
)
from .operators import (
    MatrixStopGradient as MatrixStopGradient,
)
from .operators import (
    MatrixTotal as MatrixTotal,
)
from .operators import (
    StopGradient as StopGradient,
)
from .operators import (
    Total as Total,
)
from .operators import (
    mean as mean,
)
from .operators import (
    sg as sg,
)
from .operators import (
    total as total,
)
from .random_vectors import GaussianVector as GaussianVector
from .random_vectors import gaussians as gaussians
from .relations import (
    Commutes as Commutes,
)
from .relations import (
    Diagonal as Diagonal,
)
from .relations import (
    Normalised as Normalised,
)
from .relations import (
    Orthonormal as Orthonormal,
)
from .relations import (
    Relation as Relation,
)
from .relations import (
    Symmetric as Symmetric,
)
from .sample_vectors import Sample as Sample
from .sample_vectors import samples as samples
from .scalars import (
    Potential as Potential,
)
from .scalars import (
    PotentialGradient as PotentialGradient,
)
from .scalars import (
    cosine as cosine,
)
from .scalars import (
    inner as inner,
)
from .scalars import (
    norm as norm,
)
from .scalars import (
    potential as potential,
)
from .scalars import (
    sq as sq,
)
