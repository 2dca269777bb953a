"""The exact noncommutative algebra behind the language: polynomials in words, traces and scalar functions, for symbolic sizes.

Knows no loss and no flow.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
