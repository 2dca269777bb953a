"""Equilibria, branches and regimes of flows, certified where the field is rational.

Knows no loss and no data; it takes flows.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
