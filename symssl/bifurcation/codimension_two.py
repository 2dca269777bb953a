"""Curves of folds and Hopf points in two parameters, with the cusps and Bogdanov-Takens points on them.

Both are branches of bordered systems (:mod:`symssl.bifurcation.bordered`), followed by the same
continuation as equilibria are; the fold curve of a scalar field is given in closed form where it has one.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError, Refusal
from ..support.arguments import mapping_of
from .bordered import FoldProblem, HopfProblem
from .branches import Event, events_frame
from .continuation import continue_branch, parameter_range
from .explicit_folds import explicit_fold_curve
from .normal_form_coefficients import Taylor, bogdanov_takens, first_lyapunov
from .problem import FieldProblem
from .results import Result

__all__ = ["Curve", "fold_curve", "hopf_curve"]


@dataclass(frozen=True, eq=False)
class Curve(Result, kind="curve"):
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
    parameters: tuple[str, str]
    values: np.ndarray
    states: tuple[str, ...]
    x: np.ndarray
    events: tuple[Event, ...]
    residual: np.ndarray
    status: str
    message: str

    def __len__(self):
        return len(self.values)

    def events_dataframe(self):
        """The events as a pandas DataFrame, one a row."""
        return events_frame(self.events, self.parameters[1], (*self.states, self.parameters[0]))

    def _columns(self):
        return [
            *zip((*self.parameters, *self.states), np.column_stack([self.values, self.x]).T),
            ("residual", self.residual),
        ]

    def _verify(self):
        m, n = len(self.values), len(self.states)
        if self.values.shape != (m, 2) or self.x.shape != (m, n) or self.residual.shape != (m,):
            raise ValueError("points and states differ in number")
        if any(len(e.state) != n + 1 for e in self.events):
            raise ValueError("an event has another number of states")


def fold_curve(flow, parameters, start, values=None, /, *, bounds, method="auto", **options):
    """The curve of a fold in two parameters.

    Parameters
    ----------
    flow : Flow
    parameters : pair of parameters; the fold is solved for the first and followed in both
    start : `Event` labelled LP, found with the first parameter free, or a sequence (states..., first, second)
    values : mapping of the other parameters, of the second too where `start` is an Event
    bounds : (lower, upper) of the second parameter
    method : "explicit" (in closed form, for one state), "continuation", or "auto": the first that applies
    options : as for `continue_branch`; the closed form takes `points` and `state_bound`

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, m, k = symbols("x m k", real=True)
    >>> curve = fold_curve(Flow({x: m + k*x - x**3}, (m, k)), (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    >>> [e.label for e in curve.events]
    ['CP']
    """
    if method not in ("auto", "explicit", "continuation"):
        raise InputError(f"method {method!r}: choose 'auto', 'explicit' or 'continuation'")
    field, begin = _set_up(flow, parameters, start, values, "LP")
    if method != "continuation" and not options.get("functions"):
        try:
            return _explicit(field, begin, bounds, options)
        except Refusal:
            if method == "explicit":
                raise
    problem = FoldProblem(field)
    tests = {"CP": problem.quadratic} | ({"BT": problem.overlap} if field.size > 1 else {})
    return _followed("fold", problem, begin, bounds, tests, options)


def _explicit(field, begin, bounds, options):
    low, high = parameter_range(bounds)
    if not low <= begin[-1] <= high:
        raise InputError(f"the start lies at {begin[-1]:g}, outside the bounds {low:g}..{high:g}")
    chosen = {key: options[key] for key in ("points", "state_bound") if key in options}
    z, events, residual = explicit_fold_curve(field, begin, low, high, **chosen)
    return Curve(
        "fold",
        tuple(map(str, field.parameters)),
        z[:, 1:],
        tuple(map(str, field.states)),
        z[:, :1],
        events,
        residual,
        "bound",
        "the fold equations are solved in closed form",
    )


def hopf_curve(flow, parameters, start, values=None, /, *, bounds, **options):
    """Continue a Hopf point in two parameters; arguments as for `fold_curve`.

    Where the frequency vanishes (BT) the curve of Hopf points ends; what continues it are neutral saddles.
    """
    field, begin = _set_up(flow, parameters, start, values, "HB")
    if field.size < 2:
        raise Refusal("a Hopf bifurcation needs at least two states")
    problem, taylor = HopfProblem(field), Taylor(field.fixed, *field.parameters)

    def lyapunov(z):
        """Of the sign of the first Lyapunov coefficient, also where the frequency vanishes."""
        point, square = np.delete(z, field.size), z[field.size]
        if square > 1e-8 * np.abs(taylor.jacobian(point)).max() ** 2:
            return first_lyapunov(taylor, point)[0]
        return np.prod(bogdanov_takens(taylor, point))

    return _followed("Hopf", problem, problem.start(begin), bounds, {"GH": lyapunov}, options)


def _set_up(flow, parameters, start, values, label):
    """The field in two parameters, and the start (states..., first, second)."""
    field = FieldProblem(flow, tuple(parameters), values)
    second = field.parameter
    given = {flow.parameter(k): v for k, v in mapping_of("values", values, "parameters to numbers").items()}
    if isinstance(start, Event):
        if start.label != label:
            raise InputError(f"the curve starts at an event labelled {label}, not {start.label}")
        if second not in given:
            raise InputError(f"the start needs the value of {second} at which it was found")
        start = (*start.state, start.parameter, float(given[second]))
    begin = np.array(start, float)
    if begin.shape != (field.size + 2,):
        raise InputError(f"the start lists {field.size} states and two parameters, got {begin.size} numbers")
    return field, begin


def _followed(kind, problem, begin, bounds, tests, options):
    """The branch of a bordered system as a curve in the plane of both parameters."""
    functions = {name: lambda state, at, test=test: test(np.append(state, at)) for name, test in tests.items()}
    branch = continue_branch(
        None,
        problem.parameter,
        begin[:-1],
        at=begin[-1],
        bounds=bounds,
        problem=problem,
        functions={**functions, **(options.pop("functions", None) or {})},
        **{"samples": 1, **options},
    )
    n = problem.size
    events = [
        replace(
            e,
            label=e.name if e.name in tests else e.label,
            name="" if e.name in tests else e.name,
            state=(*e.state[:n], e.state[-1]),
        )
        for e in branch.events
    ]
    if kind == "Hopf":
        ends = [k for k in (0, -1) if abs(branch.x[k, n]) <= 1e-12 * np.abs(branch.x[:, n]).max()]
        events += [
            Event(
                "BT",
                float(branch.lam[k]),
                (*map(float, branch.x[k, :n]), float(branch.x[k, -1])),
                residual=float(branch.residual[k]),
            )
            for k in ends
        ]
    return Curve(
        kind,
        tuple(map(str, problem.field.parameters)),
        np.column_stack([branch.x[:, -1], branch.lam]),
        tuple(map(str, problem.field.states)),
        branch.x[:, :n],
        tuple(events),
        branch.residual,
        branch.status,
        branch.message,
    )
