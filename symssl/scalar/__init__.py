"""Flows of finitely many real states: invariants, dimensionless groups, equilibria, folds, closed forms.

Knows no matrices and no NumPy.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
