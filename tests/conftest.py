"""Hypothesis profiles: `ci` is derandomised, `nightly` searches longer.

No test sees the user's cache, terminal or style of figures.
"""

import os
import tempfile

from hypothesis import HealthCheck, settings

_common = dict(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", derandomize=True, max_examples=40, **_common)
settings.register_profile("nightly", max_examples=1000, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
os.environ["SYMSSL_CACHE"] = tempfile.mkdtemp(prefix="symssl-cache-")
os.environ["COLUMNS"] = "100"  # what is printed is wrapped to the terminal
os.environ["MATPLOTLIBRC"] = os.devnull  # figures keep to the style of Matplotlib itself
for _name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
    os.environ.pop(_name, None)
