"""The exact algebra behind the language: polynomials in words (products of matrices), traces and scalar functions.

Knows no loss and no flow; what it computes holds for all sizes, and numbers are rational.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
