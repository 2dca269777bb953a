"""LaTeX of expressions, with a stable order of terms, and where its long lines break.

Knows no flow and no claim: these say how they are written, and this room writes it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
