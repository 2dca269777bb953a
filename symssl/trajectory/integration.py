"""Numerical trajectories of flows and of coupled modes, with the error of every mode under control."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..modes.coupled import CoupledFlow
from ..modes.flow import ModeFlow
from ..scalar.flow import Flow
from ..support.arguments import (
    callable_of,
    described,
    flag,
    instance_of,
    mapping_of,
    nonnegative,
    number,
    one_of,
    sequence_of,
)
from ..support.arrays import reals
from ..support.budgets import seconds_of
from .parameters import by_name, parameter_values
from .stepping import Ended, Watch, watched
from .time_course import TimeCourse, increasing_times

__all__ = ["Path", "integrate"]

Method = Literal["RK23", "RK45", "DOP853", "LSODA", "BDF", "Radau", "heyoka"]
Event = Callable[[float, dict[str, Any]], float]

_STIFF = ("LSODA", "BDF", "Radau")
_FINEST = 3e-14  # below this relative tolerance the steps are governed by rounding
_REMEDY = "end before the state leaves the finite numbers, loosen rtol, or take a stiff method such as 'LSODA'"


@dataclass(frozen=True, eq=False, repr=False)
class Path(TimeCourse):
    """A numerical trajectory, a `TimeCourse`; made by `integrate`.

    Attributes
    ----------
    times, values, status, message : see `TimeCourse`; the status is "finished", "event" (a terminal one) or "failed"
    events : tuple of arrays, the times at which each event function vanished
    dense : callable ``dense(t) -> {name: state}``, or None where it was not asked for; it does not count when paths
        are compared
    evaluations : int, of the right-hand side; steps of heyoka
    """

    events: tuple[np.ndarray, ...] = ()
    dense: Callable[[ArrayLike], dict[str, np.ndarray]] | None = field(default=None, compare=False)
    evaluations: int = 0


def integrate(
    flow: Flow | ModeFlow | CoupledFlow,
    start: Mapping[Any, ArrayLike],
    times: ArrayLike,
    values: Mapping[Any, ArrayLike] | None = None,
    *,
    rtol: float = 1e-9,
    atol: float | None = None,
    method: Method = "DOP853",
    events: Event | Iterable[Event] = (),
    dense: bool = False,
    budget: float | None = 30.0,
) -> Path:
    """Integrate a `Flow`, or a `ModeFlow` of many modes.

    With the methods of SciPy the tolerance holds in every component: SciPy bounds the root mean square of the scaled
    errors, which lets one mode in N hide an error sqrt(N) times as large, so the tolerances handed on are smaller by
    that factor.  Cost and memory of a step are linear in the number of modes.

    Parameters
    ----------
    flow : Flow, ModeFlow or CoupledFlow
    start : mapping from each state, Symbol or name, to a number or to an array with one entry a mode, at ``times[0]``
    times : increasing array, where states are reported
    values : mapping from each parameter, Symbol or name, to a number or to an array with one entry a mode
    rtol : float, of each component
    atol : float or None: 1e-12 of the component's largest start, so that small modes are followed too; where all
        starts of a component are zero, of the size to which its rate at the start takes it
    method : "DOP853", "RK45", ...; for stiff flows "LSODA" with the band, or "BDF" and "Radau" with the
        sparse pattern, of the coupling within a mode (what couples the modes is left to the iteration);
        "heyoka" (extra ``symssl[fast]``), Taylor series for a `Flow` without events, cheap at the
        tightest `rtol`, which then bounds the error of a step relative to the largest state
    events : functions ``event(t, {name: state})`` whose zeros are reported; attributes `terminal` and
        `direction` as in SciPy
    dense : whether a callable for all times is kept
    budget : seconds after which the integration ends with the status "failed" where it stands; None for no limit

    Returns
    -------
    Path
        with the status "failed" and a message where the integration stopped before the last time: at a state that
        leaves the finite numbers or the domain of the right-hand side, where steps become too small, at the end of
        the budget.  It reports the times that were reached, the start at least.

    Raises
    ------
    InputError
        For starts, times and values that are missing, unknown or not finite.
    Refusal
        For right-hand sides that heyoka cannot read.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, k = symbols("x k", positive=True)
    >>> path = integrate(Flow({x: -k*x}, (k,)), {x: 1.0}, [0, 1], {k: 2.0})
    >>> path.status, float(path[x][-1].round(9))
    ('finished', 0.135335283)
    """
    system = _system(flow)
    grid, accuracy = _grid(times), number("rtol", rtol, 0, 1)
    if atol is not None:
        atol = nonnegative("atol", atol)
    one_of("method", method, get_args(Method))
    flag("dense", dense)
    limit = seconds_of("budget", budget)
    seconds = np.inf if limit is None else limit
    noticed = _events(events)
    names, first, shape = _start(system, start)
    if method == "heyoka":
        return _by_series(system, names, first, shape, grid, accuracy, noticed, dense, values, seconds)
    modes = first.size // len(names)
    rhs = _right_hand_side(system, names, shape, values)
    with np.errstate(all="ignore"):
        rates = rhs(grid[0], first)
        if not np.isfinite(rates).all():  # SciPy would look for a first step for ever
            raise InputError("the right-hand side is not finite at the start: give another start or other values")
        sizes = _sizes(rhs, grid, first.reshape(len(names), -1), rates)
    strict = np.sqrt(first.size)
    floor = np.repeat(sizes * 1e-12, modes) if atol is None else np.full(first.size, float(atol))
    options, order = _pattern(method, len(names), modes) if method in _STIFF and modes > 1 else ({}, None)
    order = np.arange(first.size) if order is None else order
    unpack = _Unpacked(names, shape, np.argsort(order))
    watch = Watch(lambda t, y: rhs(t, y[unpack.back])[order], seconds)
    found = _solved(
        watch,
        grid,
        first[order],
        method=watched(method),
        rtol=max(accuracy / strict, _FINEST),
        atol=(floor / strict)[order],
        events=[_wrapped(event, unpack) for event in noticed] or None,
        dense_output=dense,
        **options,
    )
    status, message = found.status, found.message
    return Path(
        times=found.times,
        values={name: np.moveaxis(part, -1, 0) for name, part in unpack(found.states).items()},
        status=status,
        message=f"{message.rstrip('.')}: {_REMEDY}" if status == "failed" else message,
        events=found.events or tuple(np.empty(0) for _ in noticed),
        dense=None if found.dense is None else _Interpolant(unpack, found.dense),
        evaluations=watch.evaluations,
    )


def _grid(times):
    """The times, whose distance is a finite number too."""
    with np.errstate(over="ignore"):
        grid = increasing_times(times)
        if not np.isfinite(grid[-1] - grid[0]):
            raise InputError(f"times span more than the largest number: from {grid[0]:g} to {grid[-1]:g}")
    return grid


@dataclass(frozen=True, eq=False)
class _Solved:
    """What SciPy found, also where it found nothing but the start."""

    times: np.ndarray
    states: np.ndarray
    status: Literal["finished", "event", "failed"]
    message: str
    events: tuple[np.ndarray, ...]
    dense: Any


def _solved(watch, grid, first, **options):
    """`solve_ivp`, with its failures as statuses."""
    from scipy.integrate import solve_ivp

    begun = (grid[:1], first[:, None], "failed")
    try:
        with catch_warnings(), np.errstate(all="ignore"):  # what is warned of ends in a status
            simplefilter("ignore", UserWarning)
            solution = solve_ivp(watch, grid[[0, -1]], first, t_eval=grid, **options)
    except Ended as end:
        return _Solved(*begun, str(end), (), None)
    if not np.size(solution.t):
        return _Solved(*begun, str(solution.message), (), None)
    finite = np.isfinite(solution.y).all(axis=0)
    if not finite.all():
        reached = max(int(np.argmin(finite)), 1)
        reason = f"the state is not finite after t = {grid[reached - 1]:g}"
        return _Solved(solution.t[:reached], solution.y[:, :reached], "failed", reason, (), None)
    status: Literal["finished", "event", "failed"] = (
        "finished" if solution.status == 0 else "event" if solution.status == 1 else "failed"
    )
    message = "" if status == "finished" else str(solution.message)
    return _Solved(solution.t, solution.y, status, message, tuple(solution.t_events or ()), solution.sol)


def _sizes(rhs, grid, starts, rates):
    """The size of each state: its largest start; of one that starts at zero, where its rate takes it while it lasts.

    A rate that is zero too says nothing: then the size is that of the largest other state, or 1.
    """
    sizes = abs(starts).max(axis=1)
    if (sizes > 0).all():
        return np.maximum(sizes, np.finfo(float).tiny * 1e20)
    span = grid[-1] - grid[0]
    speed = abs(rates).max()
    if speed > 0:
        ahead = min(1e-6 * span, 1e-6 * max(sizes.max(), speed * span) / speed)
        change = abs(rhs(grid[0] + ahead, starts.ravel() + ahead * rates) - rates).max() / ahead
        lasts = min(span, speed / change) if change > 0 else span
        grown = abs(rates.reshape(starts.shape)).max(axis=1) * lasts
        sizes = np.where((sizes == 0) & np.isfinite(grown), grown, sizes)
    other = sizes.max() or 1.0
    return np.maximum(np.where(sizes > 0, sizes, other), np.finfo(float).tiny * 1e20)


@dataclass(frozen=True, eq=False)
class _Unpacked:
    """From all states in one vector, ordered for the method, to an array for each name."""

    names: list[str]
    shape: tuple[int, ...]
    back: np.ndarray

    def __call__(self, y):
        return dict(zip(self.names, y[self.back].reshape(len(self.names), *self.shape, *y.shape[1:])))


@dataclass(frozen=True, eq=False)
class _Interpolant:
    """States by name at any time, from SciPy's dense output; it pickles."""

    unpack: _Unpacked
    solution: Any

    def __call__(self, t):
        return self.unpack(self.solution(t))


@dataclass(frozen=True, eq=False)
class _SeriesInterpolant:
    """States by name at any time, from one heyoka interpolant for each entry."""

    unpack: _Unpacked
    outputs: list

    def __call__(self, t):
        columns = np.stack([np.moveaxis(np.array(output(t)), -1, 0) for output in self.outputs], 1)
        return self.unpack(columns.reshape(-1, *columns.shape[2:]))


def _system(flow):
    """The flow to integrate, modes compiled."""
    if isinstance(flow, ModeFlow):
        return flow.compile()
    return instance_of("flow", flow, (Flow, CoupledFlow), "a Flow, a ModeFlow or a CoupledFlow")


def _events(events):
    watched = [events] if callable(events) else sequence_of("events", events, "functions event(t, states)")
    return [callable_of("events", event, "a function event(t, states) or several of them") for event in watched]


def _wrapped(event, unpack):
    """An event of the states by name as one of SciPy's vector."""

    def zero(t, y):
        value = event(t, unpack(y))
        try:
            return np.asarray(value, float).item()
        except (TypeError, ValueError):
            raise InputError(f"an event must give a number at every time, not {described(value)}") from None

    zero.terminal, zero.direction = getattr(event, "terminal", False), getattr(event, "direction", 0.0)
    return zero


def _start(flow, start):
    """Names of the states, all starts in one array, and the shape of a state."""
    given = by_name("start", mapping_of("start", start, "states to numbers or arrays"))
    names = [x.name for x in flow.states]
    if set(given) != set(names):
        raise InputError(f"start gives {', '.join(given) or 'nothing'}; the states are {', '.join(names)}")
    parts = [reals(f"the start of {name}", given[name]) for name in names]
    try:
        parts = np.broadcast_arrays(*parts)
    except ValueError:
        shapes = ", ".join(f"{name} {part.shape}" for name, part in zip(names, parts))
        raise InputError(f"start must give numbers or arrays of one shape, got {shapes}") from None
    for name, part in zip(names, parts):
        if not np.isfinite(part).all() or not part.size:
            raise InputError(f"the start of {name} is empty or not finite")
    if parts[0].ndim > 1 or (parts[0].ndim == 0 and isinstance(flow, CoupledFlow)):
        raise InputError(f"start must give one entry a mode, got arrays of the shape {parts[0].shape}")
    return names, np.concatenate([np.ravel(part) for part in parts]), parts[0].shape


def _by_series(flow, names, first, shape, times, rtol, events, dense, values, budget):
    from .taylor import taylor_series

    if isinstance(flow, CoupledFlow) or events:
        raise InputError(
            "method='heyoka' is for flows without coupled modes and without events: choose a method of SciPy"
        )
    starts = first.reshape(len(names), -1)
    columns = [np.broadcast_to(value, shape).reshape(-1) for value in _parameters(flow, shape, values)]
    table = np.array(columns).reshape(len(columns), starts.shape[1])
    reached, states, reason, outputs, steps = taylor_series(flow, starts, table, times, rtol, dense, budget)
    unpack = _Unpacked(names, shape, np.arange(first.size))
    parts = unpack(states.reshape(-1, states.shape[-1]))
    return Path(
        times=reached,
        values={name: np.moveaxis(part, -1, 0) for name, part in parts.items()},
        status="failed" if reason else "finished",
        message=reason,
        dense=_SeriesInterpolant(unpack, outputs) if dense and not reason else None,
        evaluations=steps,
    )


def _parameters(flow, shape, values):
    """The values in the order of the flow's parameters, each one number or one a mode."""
    arrays = parameter_values(flow.parameters, values)
    for q, array in zip(flow.parameters, arrays):
        if array.shape not in ((), shape):
            raise InputError(
                f"the parameter {q} has the shape {array.shape}; the states have {shape or 'one number each'}"
            )
    return arrays


def _right_hand_side(flow, names, shape, values):
    """f(t, y) with y all modes of the first state, then the next; a flow is taken to every mode on its own."""
    arrays = _parameters(flow, shape, values)
    if isinstance(flow, CoupledFlow):
        numbers = {q.name: array for q, array in zip(flow.parameters, arrays)}
        return lambda t, y: flow.rhs(*y.reshape(len(names), -1), values=numbers).reshape(-1)
    from ..codegen.compile import compile_function

    compiled = compile_function(list(flow.rhs.values()), [*flow.states, *flow.parameters])

    def rhs(t, y):
        states = y.reshape(len(names), *shape)
        return np.stack([np.broadcast_to(f, shape) for f in compiled(*states, *arrays)]).reshape(-1)

    return rhs


def _pattern(method, states, modes):
    """The options that tell SciPy the coupling within a mode, and the order in which modes lie together."""
    order = np.arange(states * modes).reshape(states, modes).T.ravel()
    if method == "LSODA":
        return {"lband": states - 1, "uband": states - 1}, order
    from scipy.sparse import eye, kron

    return {"jac_sparsity": kron(eye(modes), np.ones((states, states)), format="csc")}, order
