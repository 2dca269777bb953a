"""What a user writes: inner products, norms, stop-gradients, expectations, samples, sums over modes, relations.

Does not know what they mean: it holds expressions, checks their shapes, and decides nothing.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
