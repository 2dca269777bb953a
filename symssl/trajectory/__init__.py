"""Trajectories: closed forms that are exact for all times, numerical integration, and times to a level.

Knows no bifurcations and no training data.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
