"""How results are written: LaTeX with a stable order of terms and broken long lines, and short texts for a REPL.

Knows no flow and no claim: these say what they consist of, and this room writes it.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
