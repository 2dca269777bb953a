"""Gradient flows of matrices for symbolic sizes, their laws, and identities between matrices with independent rechecks.

Knows no modes: common frames are taken one room further.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
