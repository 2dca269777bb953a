from .coupled import CoupledFlow as CoupledFlow
from .flow import ModeFlow as ModeFlow
from .frozen import FrozenFlow as FrozenFlow
from .hessians import (
    Block as Block,
)
from .hessians import (
    Eigenvalue as Eigenvalue,
)
from .hessians import (
    HessianModes as HessianModes,
)
from .hessians import (
    hessian_modes as hessian_modes,
)
from .spectral import off_frame as off_frame
