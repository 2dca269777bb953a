"""Exact arithmetic: numbers, balls, polynomials, their roots and signs, and points at which statements are evaluated.

Knows no flow and no matrix symbol.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
