from .coupled import CoupledFlow as CoupledFlow
from .flow import ModeFlow as ModeFlow
from .frozen import FrozenFlow as FrozenFlow
from .hessians import (
    Block as Block,
    HessianModes as HessianModes,
    ModeEigenvalue as ModeEigenvalue,
    hessian_modes as hessian_modes,
)
from .spectral import off_frame as off_frame
