"""A matrix flow in common frames: one equation for every mode, coupled through sums over modes.

Knows no data and no integrator.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
