from .dynamics import (
    Dynamics as Dynamics,
    GradientDescent as GradientDescent,
    GradientFlow as GradientFlow,
    VectorField as VectorField,
)
from .exposition import Definition as Definition
from .functions import Apply as Apply, Entry as Entry, FunctionSymbol as FunctionSymbol, function as function
from .mode_sum import ModeSum as ModeSum
from .operators import E as E, mean as mean, sg as sg, total as total
from .quantifiers import Exists as Exists, External as External, ForAll as ForAll
from .random_matrices import RandomMatrix as RandomMatrix, frame as frame, gaussian_matrix as gaussian_matrix
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
from .sentences import Let as Let, Named as Named, Object as Object, Sentence as Sentence, Vocabulary as Vocabulary
from .terms import (
    Along as Along,
    At as At,
    Count as Count,
    Eigenvalue as Eigenvalue,
    Eigenvector as Eigenvector,
    FirstTime as FirstTime,
    Gradient as Gradient,
    Growth as Growth,
    Limit as Limit,
    Next as Next,
    Optimum as Optimum,
    Order as Order,
    Probability as Probability,
    Rate as Rate,
    Stability as Stability,
    Zeros as Zeros,
)
from .unit_vectors import UnitVector as UnitVector, unit as unit
