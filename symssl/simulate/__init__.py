"""Ground truth in NumPy: learners trained on data, descent, and exact expectations at finite size.

Shares no code with the derivations.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
