from .mode_sum import ModeSum as ModeSum
from .operators import E as E, mean as mean, sg as sg, total as total
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
