"""Trajectories: closed forms that are exact for all times, numerical integration, and times to a level.

A `TimeCourse` is what every course over time in symssl looks like: times, values by state, status, message.

Knows no bifurcations and no training data.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
