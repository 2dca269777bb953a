"""Claims as printed, their derivations, and the machine's verdicts on them.

Knows no paper; papers are data.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
