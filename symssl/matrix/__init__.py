"""Gradient flows of matrices for symbolic sizes, their exact laws, and identities between matrices, each rechecked.

Knows no modes: flows in common frames are taken one room further, in `symssl.modes`.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
