"""Hypothesis profiles: `ci` is derandomised, `nightly` searches longer.

No test sees the user's cache, terminal or style of figures, and each process has one thread of linear algebra.
"""

import os
import tempfile

from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

_common = dict(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", derandomize=True, max_examples=40, **_common)
settings.register_profile("nightly", max_examples=1000, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
os.environ["SYMSSL_CACHE"] = tempfile.mkdtemp(prefix="symssl-cache-")
os.environ["COLUMNS"] = "100"  # what is printed is wrapped to the terminal
os.environ["MATPLOTLIBRC"] = os.devnull  # figures keep to the style of Matplotlib itself
# Threads of linear algebra that wait for a core spin: on a busy machine a figure takes ten times as long with two.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
threadpool_limits(1)  # for what has been loaded by now
for _name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
    os.environ.pop(_name, None)
