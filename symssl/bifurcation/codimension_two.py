"""Curves of folds and Hopf points in two parameters, with the cusps and Bogdanov-Takens points on them.

Both are branches of bordered systems (:mod:`symssl.bifurcation.bordered`), followed by the same
continuation as equilibria are; the fold curve of a scalar field is given in closed form where it has one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError, Refusal
from ..scalar.flow import Flow
from ..support.arguments import described, one_of, sequence_of
from ..support.display import html_table, listing
from .bordered import FoldProblem, HopfProblem
from .branches import Event, Status, event_rows, events_frame
from .continuation import Settings, continue_branch, settings_of
from .explicit_folds import explicit_fold_curve
from .inputs import flow_of, functions_of, given_values, limits_of, parameter_of, point_of, real
from .normal_form_coefficients import Taylor, bogdanov_takens, first_lyapunov
from .problem import FieldProblem
from .results import Result

__all__ = ["Curve", "fold_curve", "hopf_curve"]


@dataclass(frozen=True, eq=False, repr=False)
class Curve(Result, kind="curve"):
    """A curve of folds or Hopf points in the plane of two parameters.

    Attributes
    ----------
    kind : "fold" or "Hopf"
    parameters : names of the two parameters; values : (m, 2) their values
    states : names; x : (m, n) their values
    events : `Event` labelled "CP" (cusp), "BT" (Bogdanov-Takens), "GH" (generalised Hopf), "ZH" (a zero eigenvalue
        and a pair) or "HH" (two pairs); the last entry of `state` is the first parameter, `parameter` the second
    residual : (m,) size of the extended field
    status, message : how the curve ended, as for a `Branch`
    """

    kind: Literal["fold", "Hopf"]
    parameters: tuple[str, str]
    values: np.ndarray
    states: tuple[str, ...]
    x: np.ndarray
    events: tuple[Event, ...]
    residual: np.ndarray
    status: Status
    message: str

    def __len__(self) -> int:
        return len(self.values)

    def events_dataframe(self) -> Any:
        """The events as a pandas DataFrame, one a row."""
        return events_frame(self.events, *self._names())

    def __repr__(self) -> str:
        return listing(self._head(), event_rows(self.events, *self._names()), [self._end()])

    def _repr_html_(self) -> str:
        rows = event_rows(self.events, *self._names())
        return html_table(self._head(), ("event", "kind", "place", "bounds"), rows, [self._end()])

    def _head(self) -> str:
        points = "fold points" if self.kind == "fold" else "Hopf points"
        return f"Curve of {len(self)} {points} over {', '.join(self.parameters)}"

    def _end(self) -> str:
        return f"ended ({self.status}): {self.message}"

    def _names(self) -> tuple[str, tuple[str, ...]]:
        """The names of the coordinates of an event."""
        return self.parameters[1], (*self.states, self.parameters[0])

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


def fold_curve(
    flow: Flow,
    parameters: tuple[sp.Symbol | str, sp.Symbol | str],
    start: Any,
    values: Mapping[Any, Any] | None = None,
    *,
    bounds: tuple[float, float],
    method: Literal["auto", "explicit", "continuation"] = "auto",
    within: Mapping[Any, Any] | None = None,
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] | None = None,
    settings: Settings | None = None,
) -> Curve:
    """The curve of a fold in two parameters.

    Parameters
    ----------
    flow : Flow
    parameters : pair of parameters; the fold is solved for the first and followed in both
    start : mapping {state or parameter: number} of a fold, or a sequence (states..., first, second); or an `Event`
        labelled LP, found with the first parameter free
    values : mapping of the other parameters, of the second too where `start` is an Event
    bounds : (lower, upper) of the second parameter
    method : "explicit" (in closed form, for one state), "continuation", or "auto": the first that applies
    within, functions, settings : as for `continue_branch`; the closed form takes `points` and `state_bound` of the
        settings, and where a box or functions are given the curve is continued.  To `within` and `functions` the first
        parameter is the last of the states.

    Returns
    -------
    Curve

    Raises
    ------
    InputError
        For a start that is no fold, and what is malformed.
    Refusal
        With method "explicit" where no closed form is known.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m, k = symbols("x m k", real=True)
    >>> flow = Flow({x: m + k*x - x**3}, (m, k))
    >>> curve = fold_curve(flow, (m, k), {x: 1, m: -2, k: 3}, bounds=(-1, 4))
    >>> [e.label for e in curve.events]
    ['CP']
    """
    one_of("method", method, ("auto", "explicit", "continuation"))
    chosen, tests = settings_of(settings), functions_of(functions)
    field, begin = _set_up(flow, parameters, start, values, "LP")
    limits = limits_of("bounds", bounds)
    if method == "explicit" and (tests or within):
        raise InputError("the closed form takes neither a box nor functions: choose method 'continuation'")
    if method != "continuation" and not tests and not within:
        try:
            return _explicit(field, begin, limits, chosen)
        except Refusal:
            if method == "explicit":
                raise
    problem = FoldProblem(field)
    own = {"CP": problem.quadratic} | ({"BT": problem.overlap} if field.size > 1 else {})
    return _followed("fold", problem, begin, limits, own, within, tests, chosen)


def _explicit(field, begin, limits, settings):
    low, high = limits
    if not low <= begin[-1] <= high:
        raise InputError(f"the start lies at {begin[-1]:g}, outside the bounds {low:g}..{high:g}")
    z, events, residual = explicit_fold_curve(field, begin, low, high, settings.points or 200, settings.state_bound)
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


def hopf_curve(
    flow: Flow,
    parameters: tuple[sp.Symbol | str, sp.Symbol | str],
    start: Any,
    values: Mapping[Any, Any] | None = None,
    *,
    bounds: tuple[float, float],
    within: Mapping[Any, Any] | None = None,
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] | None = None,
    settings: Settings | None = None,
) -> Curve:
    """The curve of a Hopf point in two parameters, by continuation; arguments as for `fold_curve`.

    An `Event` at the start is labelled HB.  Where the frequency vanishes (BT) the curve of Hopf points ends; what
    continues it are neutral saddles.

    Raises
    ------
    InputError
        For a start without a complex pair of eigenvalues, and what is malformed.
    Refusal
        For a flow of one state.

    Examples
    --------
    >>> from sympy import symbols
    >>> u, v, m, k = symbols("u v m k", real=True)
    >>> turning = Flow({u: (m - k**2)*u - v - u**3, v: u + (m - k**2)*v - v**3}, (m, k))
    >>> curve = hopf_curve(turning, (m, k), {u: 0, v: 0, m: 1, k: 1}, bounds=(-1, 2))
    >>> bool(abs(curve.values[:, 0] - curve.values[:, 1]**2).max() < 1e-12)
    True
    """
    chosen, tests = settings_of(settings), functions_of(functions)
    limits = limits_of("bounds", bounds)
    if len(flow_of(flow).states) < 2:
        raise Refusal("a Hopf bifurcation needs at least two states")
    field, begin = _set_up(flow, parameters, start, values, "HB")
    problem, taylor = HopfProblem(field), Taylor(field.fixed, *field.parameters)

    def lyapunov(z):
        """Of the sign of the first Lyapunov coefficient, also where the frequency vanishes.

        The coefficient has a pole where a further eigenvalue vanishes (ZH), which the product of the further
        eigenvalues takes away; what changes sign then is the coefficient itself.
        """
        point, square = np.delete(z, field.size), z[field.size]
        jacobian = taylor.jacobian(point)
        large = np.abs(jacobian).max()
        others = problem.others(jacobian, square)
        if len(others) and np.abs(others).min() <= 1e-10 * large:
            jacobian = jacobian + 1e-9 * large * np.eye(field.size)
            others = others + 1e-9 * large
        weight = float(np.prod(others / large).real)
        if square > 1e-8 * large**2:
            return weight * first_lyapunov(taylor, point, jacobian)[0]
        return weight * np.prod(bogdanov_takens(taylor, point))

    return _followed("Hopf", problem, problem.start(begin), limits, {"GH": lyapunov}, within, tests, chosen)


def _set_up(flow, parameters, start, values, label):
    """The field in two parameters, and the start (states..., first, second)."""
    pair = sequence_of("parameters", parameters, "two parameters")
    if len(pair) != 2:
        raise InputError(f"parameters must be a pair of them, not {described(parameters)}")
    pair = tuple(parameter_of(flow_of(flow), p, "each of parameters") for p in pair)
    field = FieldProblem(flow, pair, values)
    if not isinstance(start, Event):
        given_values(flow, values, pair)
        return field, point_of("start", start, (*field.states, *field.parameters))
    given = given_values(flow, values)
    if start.label != label:
        raise InputError(f"the curve starts at an event labelled {label}, not {start.label}")
    if field.parameter not in given:
        raise InputError(f"the start needs the value of {field.parameter} at which it was found: give it in `values`")
    second = real(f"values[{field.parameter}]", given[field.parameter])
    return field, point_of("start", (*start.state, start.parameter, second), (*field.states, *field.parameters))


def _followed(kind, problem, begin, limits, own, within, functions, settings):
    """The branch of a bordered system as a curve in the plane of both parameters; `own` are its test functions."""
    tests = {name: lambda state, at, test=test: test(np.append(state, at)) for name, test in own.items()}
    branch = continue_branch(
        problem,
        problem.parameter,
        begin[:-1],
        at=begin[-1],
        bounds=limits,
        within=within,
        functions={**tests, **functions},
        settings=replace(settings, samples=settings.samples or 1),
    )
    n = problem.size
    events = [
        replace(
            e,
            label=e.name if e.name in own else e.label,
            name="" if e.name in own else e.name,
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
