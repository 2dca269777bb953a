"""Curves of folds and Hopf points in two parameters, with the cusps and Bogdanov-Takens points on them.

A fold curve is a branch of the extended field (F, det F_x) whose extra state is
the first parameter; a Hopf curve is one of (F, the last but one Hurwitz
determinant).  Both are followed by the same continuation as equilibria are.
"""

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from ..errors import InputError, Refusal
from ..flow import Flow
from .branches import Event
from .continuation import continue_branch
from .normalforms import Taylor, first_lyapunov, null_vectors

__all__ = ["Curve", "fold_curve", "hopf_curve"]

_LARGEST = 5            # states up to which determinants are expanded


@dataclass(frozen=True)
class Curve:
    """A curve of folds or Hopf points.

    Attributes
    ----------
    kind : "fold" or "Hopf"
    parameters : names of the two parameters; values : (m, 2) their values
    states : names; x : (m, n) their values
    events : `Event` labelled "CP" (cusp), "BT" (Bogdanov-Takens) or "GH" (generalised Hopf); the last
        entry of `state` is the first parameter, `parameter` the second
    residual : (m,) size of the extended field
    status, message : how the curve ended
    """

    kind: str
    parameters: tuple
    values: np.ndarray
    states: tuple
    x: np.ndarray
    events: tuple
    residual: np.ndarray
    status: str
    message: str

    def __len__(self):
        return len(self.values)


def fold_curve(flow, parameters, start, values=(), /, *, bounds, **options):
    """Continue a fold in two parameters.

    Parameters
    ----------
    flow : Flow of at most five states
    parameters : pair of parameters; the fold is solved for the first and followed in both
    start : `Event` labelled LP, found with the first parameter free, or a sequence (states..., first, second)
    values : mapping of the other parameters, of the second too where `start` is an Event
    bounds : (lower, upper) of the second parameter
    options : as for `continue_branch`

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m, k = symbols("x m k", real=True)
    >>> curve = fold_curve(Flow({x: m + k*x - x**3}, (m, k)), (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    >>> [e.label for e in curve.events]
    ['CP']
    """
    base, pair, begin = _set_up(flow, parameters, start, values, "LP")
    taylor = Taylor(base, *pair)

    def cusp(z):
        v, w = null_vectors(taylor.jacobian(z))
        return w @ taylor.at(z, v, v)

    def double_zero(z):
        """The product of the eigenvalues that are not the zero one: the trace of the adjugate."""
        jacobian = taylor.jacobian(z)
        return float(np.poly(jacobian)[-2])

    tests = {"CP": _Oriented(cusp, taylor)} | ({"BT": double_zero} if len(base.states) > 1 else {})
    return _followed("fold", base, pair, base.jacobian().det(method="berkowitz"), begin, bounds, tests, options)


class _Oriented:
    """A quadratic quantity w.D^2F[v, v] whose sign does not depend on the signs of v and w."""

    def __init__(self, function, taylor):
        self.function, self.taylor, self.reference = function, taylor, None

    def __call__(self, z):
        v, _ = null_vectors(self.taylor.jacobian(z))
        flip = 1.0
        if self.reference is not None and v @ self.reference < 0:
            flip = -1.0
        self.reference = flip * v
        return flip * self.function(z)


def hopf_curve(flow, parameters, start, values=(), /, *, bounds, **options):
    """Continue a Hopf point in two parameters; arguments as for `fold_curve`.

    Where the frequency vanishes (BT) the curve of Hopf points ends; what continues it are neutral
    saddles, which are cut off.
    """
    base, pair, begin = _set_up(flow, parameters, start, values, "HB")
    n = len(base.states)
    if n < 2:
        raise Refusal("a Hopf bifurcation needs at least two states")
    coefficients = base.jacobian().charpoly().all_coeffs()
    hurwitz = sp.Matrix(n - 1, n - 1, lambda i, j: coefficients[2*j - i + 1] if 0 <= 2*j - i + 1 <= n else 0)
    taylor = Taylor(base, *pair)

    def lyapunov(z):
        return first_lyapunov(taylor, z)[0] if _has_pair(taylor.jacobian(z)) else 1.0

    tests = {"BT": lambda z: float(np.linalg.det(taylor.jacobian(z))), "GH": lyapunov}
    curve = _followed("Hopf", base, pair, hurwitz.det(method="berkowitz"), begin, bounds, tests, options)
    z = np.column_stack([curve.x, curve.values])
    kept = np.array([_has_pair(taylor.jacobian(point)) for point in z])
    events = tuple(e for e in curve.events
                   if e.label == "BT" or _has_pair(taylor.jacobian(np.append(e.state, e.parameter))))
    return replace(curve, values=curve.values[kept], x=curve.x[kept], residual=curve.residual[kept], events=events)


def _has_pair(jacobian):
    """Whether a complex pair lies on the imaginary axis."""
    eigenvalues = np.linalg.eigvals(jacobian)
    size = np.abs(eigenvalues).max()
    return any(abs(e.real) <= 1e-6 * size and e.imag > 0 for e in eigenvalues)


def _set_up(flow, parameters, start, values, label):
    """The flow with two parameters left, these, and the start (states..., first, second)."""
    first, second = (flow._parameter(p) for p in parameters)
    if first == second:
        raise InputError(f"{first} is given twice: a curve needs two parameters")
    given = {flow._parameter(k): v for k, v in dict(values).items()}
    base = flow.fix({k: v for k, v in given.items() if k not in (first, second)})
    if rest := [p for p in base.parameters if p not in (first, second)]:
        raise InputError(f"give a value to the parameter {rest[0]}")
    if len(base.states) > _LARGEST:
        raise Refusal(f"curves are followed for at most {_LARGEST} states")
    if isinstance(start, Event):
        if start.label != label:
            raise InputError(f"the curve starts at an event labelled {label}, not {start.label}")
        if second not in given:
            raise InputError(f"the start needs the value of {second} at which it was found")
        start = (*start.state, start.parameter, float(given[second]))
    begin = np.array(start, float)
    if begin.shape != (len(base.states) + 2,):
        raise InputError(f"the start lists {len(base.states)} states and two parameters, got {begin.size} numbers")
    return base, (first, second), begin


def _followed(kind, base, pair, condition, begin, bounds, tests, options):
    """The branch of the field extended by a condition, as a curve in the plane of both parameters."""
    first, second = pair
    extended = Flow({**dict(base.states), first: sp.expand(condition)}, (second,))
    functions = {name: lambda state, at, test=test: test(np.append(state, at)) for name, test in tests.items()}
    branch = continue_branch(extended, second, begin[:-1], at=begin[-1], bounds=bounds, functions=functions, **options)
    events = tuple(replace(e, label=e.name, name="") for e in branch.events if e.label == "UZ")
    return Curve(kind, (first.name, second.name), np.column_stack([branch.x[:, -1], branch.lam]),
                 tuple(map(str, base.states)), branch.x[:, :-1], events, branch.residual, branch.status, branch.message)
