"""What sentences mean at concrete instances, what the engine finds out about their terms, and what follows.

Knows sentences (`symssl.language`) and the engine; knows no claim and no paper.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
