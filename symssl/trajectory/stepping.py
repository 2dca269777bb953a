"""SciPy's methods step by step, so that every integration ends: with its last time, an event, or a reason.

A method of SciPy alone may repeat a step of length zero for ever where the state leaves the finite numbers, return
NaN as if it were a state, or raise whatever its linear algebra raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np

__all__ = ["Ended", "Watch", "watched"]

_IDLE = 8_000  # steps in a row that leave the time where it is; fast starts take thousands of them
_UNANSWERED = 2000  # values in a row that are no finite numbers


class Ended(Exception):
    """Raised inside a right-hand side to end the integration; the text is the reason."""


@dataclass
class Watch:
    """Counts the evaluations of a right-hand side, and ends them when the budget is over.

    >>> import numpy as np
    >>> watch = Watch(lambda t, y: -y, budget=10.0)
    >>> float(watch(0.0, np.ones(1))[0]), watch.evaluations
    (-1.0, 1)
    """

    rhs: Callable[[float, np.ndarray], np.ndarray]
    budget: float
    evaluations: int = 0
    _lost: int = 0
    _started: float = field(default_factory=monotonic)

    def __call__(self, t: float, y: np.ndarray) -> np.ndarray:
        self.evaluations += 1
        self.check(t)
        value = self.rhs(t, y)
        self._lost = 0 if np.isfinite(value).all() else self._lost + 1
        if self._lost > _UNANSWERED:
            raise Ended(f"the right-hand side is not finite near t = {t:g}")
        return value

    def check(self, t: float) -> None:
        """End the integration where the seconds of the budget are over."""
        if monotonic() - self._started > self.budget:
            raise Ended(f"the budget of {self.budget:g} s was over at t = {t:.6g}; give more seconds as budget=")


def watched(method: str) -> type:
    """SciPy's method of this name whose every step gets on, stays finite, or fails with a reason.

    >>> watched("RK45").__name__
    'WatchedRK45'
    """
    import scipy.integrate

    base: Any = getattr(scipy.integrate, method)

    class Watched(base):
        idle = 0

        def step(self):
            before, state = self.t, self.y
            try:
                with np.errstate(all="ignore"):
                    message = super().step()
            except Ended as reason:
                return self._fail(before, state, str(reason))
            except (ValueError, ArithmeticError, RuntimeError, np.linalg.LinAlgError) as error:
                return self._fail(before, state, f"{method} cannot step on from t = {before:g} ({error})")
            if self.status == "failed":
                return f"at t = {self.t:g}: {message}"
            if not np.isfinite(self.y).all():
                return self._fail(before, state, f"the state is not finite after t = {before:g}")
            self.idle = 0 if self.t != before else self.idle + 1
            if self.idle > _IDLE:
                return self._fail(before, state, f"{method} does not get on from t = {before:g}")
            return message

        def _fail(self, t, y, message):
            self.t, self.y, self.status = t, y, "failed"
            return message

    Watched.__name__ = Watched.__qualname__ = f"Watched{method}"
    return Watched
