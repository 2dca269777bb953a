"""Numerical trajectories of flows and of coupled modes, with the error of every mode under control."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..modes.coupled import CoupledFlow
from ..modes.flow import ModeFlow
from ..scalar.flow import Flow
from ..support.arrays import reals

__all__ = ["Path", "integrate"]

_METHODS = ("RK23", "RK45", "DOP853", "LSODA", "BDF", "Radau", "heyoka")
_STIFF = ("LSODA", "BDF", "Radau")
_FINEST = 3e-14  # below this relative tolerance the steps are governed by rounding


@dataclass(frozen=True, eq=False)
class Path:
    """A numerical trajectory; made by `integrate`.

    Attributes
    ----------
    times : array
    states : dict name -> array (times,) or, for modes, (times, modes)
    status : "finished", "event" (a terminal one) or "failed"
    reason : str, what happened, empty if finished
    events : tuple of arrays, the times at which each event function vanished
    dense : callable ``dense(t) -> {name: state}`` or None
    evaluations : int, of the right-hand side; steps of heyoka
    """

    times: np.ndarray
    states: dict
    status: str
    reason: str
    events: tuple
    dense: object
    evaluations: int


def integrate(flow, start, times, *, rtol=1e-9, atol=None, method="DOP853", events=(), dense=False, **parameters):
    """Integrate a `Flow`, or a `ModeFlow` of many modes.

    With the methods of SciPy the tolerance holds in every component: it bounds the root mean square of the scaled errors,
    which lets one mode in N hide an error sqrt(N) times as large, so the tolerances handed on are
    smaller by that factor.  Cost and memory of a step are linear in the number of modes.

    Parameters
    ----------
    flow : Flow, ModeFlow or CoupledFlow
    start : mapping {state: number, or array with one entry a mode}, at ``times[0]``
    times : increasing array, where states are reported
    rtol : float, of each component
    atol : float or None: 1e-12 of the component's largest start, so that small modes are followed too
    method : "DOP853", "RK45", ...; for stiff flows "LSODA" with the band, or "BDF" and "Radau" with the
        sparse pattern, of the coupling within a mode (what couples the modes is left to the iteration);
        "heyoka" (extra ``symssl[fast]``), Taylor series for a `Flow` without events, cheap at the
        tightest `rtol`, which then bounds the error of a step relative to the largest state
    events : functions ``event(t, {name: state})`` whose zeros are reported; attributes `terminal` and
        `direction` as in SciPy
    dense : whether a callable for all times is kept
    parameters : numbers by name

    Raises
    ------
    InputError
        for starts, times and parameters that are missing, unknown or not finite.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, k = symbols("x k", positive=True)
    >>> path = integrate(Flow({x: -k*x}, (k,)), {x: 1.0}, [0, 1], k=2.0)
    >>> path.status, float(path.states["x"][-1].round(9))
    ('finished', 0.135335283)
    """
    from scipy.integrate import solve_ivp

    times = reals("times", times)
    if times.ndim != 1 or times.size < 2 or not np.isfinite(times).all() or not (np.diff(times) > 0).all():
        raise InputError("give at least two finite times, in increasing order")
    if not 0 < rtol < 1:
        raise InputError(f"rtol must lie between 0 and 1, got {rtol}")
    if atol is not None and not 0 <= atol < np.inf:
        raise InputError(f"atol must be a finite number >= 0 or None, got {atol}")
    events = [events] if callable(events) else events
    if not isinstance(events, Iterable) or not all(map(callable, events)):
        raise InputError(f"events are functions event(t, states), got {events!r}")
    if method not in _METHODS:
        raise InputError(f"method {method!r}: choose {', '.join(_METHODS)}")
    if isinstance(flow, ModeFlow):
        flow = flow.compile()
    if not isinstance(flow, (Flow, CoupledFlow)):
        raise InputError(f"a Flow, a ModeFlow or a CoupledFlow is integrated, got {type(flow).__name__}")
    names, first, shape = _start(flow, start)
    if method == "heyoka":
        return _by_series(flow, names, first, shape, times, rtol, events, dense, parameters)
    modes = first.size // len(names)
    rhs = _right_hand_side(flow, names, shape, parameters)
    with np.errstate(all="ignore"):
        if not np.isfinite(rhs(times[0], first)).all():  # SciPy would look for a first step for ever
            raise InputError("the right-hand side is not finite at the start: give another start or other parameters")
    strict = np.sqrt(first.size)
    floor = (
        np.repeat([max(abs(part).max(), np.finfo(float).tiny) * 1e-12 for part in first.reshape(len(names), -1)], modes)
        if atol is None
        else np.full(first.size, float(atol))
    )
    options = {}
    order = np.arange(first.size)
    if method in _STIFF and modes > 1:
        options, order = _pattern(method, len(names), modes)
    back = np.argsort(order)

    def unpack(y):
        return dict(zip(names, y[back].reshape(len(names), *shape, *y.shape[1:])))

    def wrapped(event):
        def zero(t, y):
            return event(t, unpack(y))

        zero.terminal, zero.direction = getattr(event, "terminal", False), getattr(event, "direction", 0.0)
        return zero

    found = solve_ivp(
        lambda t, y: rhs(t, y[back])[order],
        times[[0, -1]],
        first[order],
        method=method,
        t_eval=times,
        rtol=max(rtol / strict, _FINEST),
        atol=(floor / strict)[order],
        events=[wrapped(e) for e in events] or None,
        dense_output=dense,
        **options,
    )
    states = {name: np.moveaxis(part, -1, 0) for name, part in unpack(found.y).items()} if found.y.size else {}
    status = {0: "finished", 1: "event"}.get(found.status, "failed")
    return Path(
        found.t,
        states,
        status,
        "" if status == "finished" else found.message,
        tuple(found.t_events or ()),
        (lambda t: unpack(found.sol(t))) if dense else None,
        found.nfev,
    )


def _start(flow, start):
    """Names of the states, all starts in one array, and the shape of a state."""
    if not isinstance(start, Mapping):
        raise InputError(f"the start is a mapping of states to numbers, got {start!r}")
    by_name = {getattr(key, "name", key): value for key, value in dict(start).items()}
    names = [x.name for x in flow.states]
    if set(by_name) != set(names):
        raise InputError(
            f"the start gives {', '.join(map(str, by_name)) or 'nothing'}; the states are {', '.join(names)}"
        )
    try:
        parts = np.broadcast_arrays(*(reals(f"the start of {name}", by_name[name]) for name in names))
    except (TypeError, ValueError) as error:
        raise InputError(f"the starts are not numbers of one shape: {error}") from None
    for name, part in zip(names, parts):
        if not np.isfinite(part).all() or not part.size:
            raise InputError(f"the start of {name} is empty or not finite")
    if parts[0].ndim > 1 or (parts[0].ndim == 0 and isinstance(flow, CoupledFlow)):
        raise InputError(f"expected one entry a mode, got starts of the shape {parts[0].shape}")
    return names, np.concatenate([np.ravel(part) for part in parts]), parts[0].shape


def _by_series(flow, names, first, shape, times, rtol, events, dense, parameters):
    from .taylor import taylor_series

    if isinstance(flow, CoupledFlow) or events:
        raise InputError(
            "method='heyoka' is for flows without coupled modes and without events: choose a method of SciPy"
        )
    starts = first.reshape(len(names), -1)
    values = [np.broadcast_to(value, shape).reshape(-1) for value in _parameters(flow, shape, parameters)]
    values = np.array(values).reshape(len(values), starts.shape[1])
    reached, found, reason, outputs, steps = taylor_series(flow, starts, values, times, rtol, dense)

    def unpack(y):
        return dict(zip(names, y.reshape(len(names), *shape, *y.shape[2:])))

    states = {name: np.moveaxis(part, -1, 0) for name, part in unpack(found).items()}
    at = (
        (lambda t: unpack(np.stack([np.moveaxis(np.array(output(t)), -1, 0) for output in outputs], 1)))
        if dense and not reason
        else None
    )
    return Path(reached, states, "failed" if reason else "finished", reason, (), at, steps)


def _parameters(flow, shape, parameters):
    """The values in the order of the flow's parameters, each one number or one a mode."""
    known = [q.name for q in flow.parameters]
    if missing := [n for n in known if n not in parameters]:
        raise InputError(f"missing parameters: {', '.join(missing)}")
    if unknown := sorted(set(parameters) - set(known)):
        raise InputError(f"unknown parameters: {', '.join(unknown)}; known: {', '.join(known) or 'none'}")
    values = [reals(f"the parameter {n}", parameters[n]) for n in known]
    for name, value in zip(known, values):
        if value.shape not in ((), shape):
            raise InputError(
                f"the parameter {name} has the shape {value.shape}; the states have {shape or 'one number each'}"
            )
        if not np.isfinite(value).all():
            raise InputError(f"the parameter {name} is not finite")
    return values


def _right_hand_side(flow, names, shape, parameters):
    """f(t, y) with y all modes of the first state, then the next; a flow is taken to every mode on its own."""
    if isinstance(flow, CoupledFlow):
        return flow.to_function(parameters)
    from ..codegen.compile import compile_function

    values = _parameters(flow, shape, parameters)
    compiled = compile_function(list(flow.rhs.values()), [*flow.states, *flow.parameters])

    def rhs(t, y):
        states = y.reshape(len(names), *shape)
        return np.stack([np.broadcast_to(f, shape) for f in compiled(*states, *values)]).reshape(-1)

    return rhs


def _pattern(method, states, modes):
    """The options that tell SciPy the coupling within a mode, and the order in which modes lie together."""
    order = np.arange(states * modes).reshape(states, modes).T.ravel()
    if method == "LSODA":
        return {"lband": states - 1, "uband": states - 1}, order
    from scipy.sparse import eye, kron

    return {"jac_sparsity": kron(eye(modes), np.ones((states, states)), format="csc")}, order
