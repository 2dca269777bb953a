"""What people read: formulas and tables in a terminal, LaTeX and Markdown documents.

Decides nothing.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
