"""A matrix flow in common frames: one equation for each mode, coupled to the others through sums over modes.

Knows no data and no integrator: it hands the compiled system to `symssl.trajectory` and `symssl.bifurcation`.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
