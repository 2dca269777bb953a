"""SymPy expressions as NumPy, numba, mpmath and ball arithmetic: the only callers of ``lambdify``.

Knows of flows only that they have right-hand sides.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
