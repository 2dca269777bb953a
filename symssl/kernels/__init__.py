"""Mercer kernels: an estimator for scikit-learn, spectra from products with K, kernels of wide networks.

Knows no symbols.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
