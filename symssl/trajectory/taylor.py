"""Taylor series of high order for flows of few states, by heyoka (extra ``symssl[fast]``).

It derives the recurrences of the Taylor coefficients from the expressions and compiles them, so
that tolerances near rounding cost little more than loose ones.  A series goes on where a solution ends, at the
branch point of a root for example: after each step its slope is compared with the right-hand side.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from ..errors import InputError, Refusal

if TYPE_CHECKING:
    from ..scalar.flow import Flow

__all__ = ["taylor_series"]


def taylor_series(
    flow: Flow,
    starts: np.ndarray,
    values: np.ndarray,
    times: np.ndarray,
    rtol: float,
    dense: bool,
    budget: float = np.inf,
) -> tuple[np.ndarray, np.ndarray, str, list[Any], int]:
    """Integrate every entry on its own, each from its start and with its values of the parameters.

    Parameters
    ----------
    starts : array (states, entries)
    values : array (parameters, entries)
    times : increasing array
    rtol : error of a step relative to the largest state, at least the rounding of doubles
    dense : whether an interpolant is kept for every entry
    budget : seconds for all entries together

    Returns
    -------
    times reached by every entry, states there (states, entries, times), why it stopped (empty where it did not),
    interpolants, steps

    Raises
    ------
    InputError
        where heyoka is not installed.
    Refusal
        for right-hand sides that it cannot read.
    """
    from ..codegen.compile import compile_function

    stepper, deadline = _stepper(flow, rtol), monotonic() + budget
    field = compile_function(list(flow.rhs.values()), [*flow.states, *flow.parameters])
    reached, paths, outputs, reason, steps = len(times), [], [], "", 0
    for start, pars in zip(starts.T, values.T):
        path, count, why = _followed(_begun(stepper, times[0], start, pars), field, times, deadline)
        steps, reached = steps + count, min(reached, len(path))
        if why:
            reason = f"{why}: end before, or take a method of SciPy to see where the state goes"
        elif dense:
            outputs.append(_begun(stepper, times[0], start, pars).propagate_until(times[-1], c_output=True)[-2])
        paths.append(np.array(path))
    return times[:reached], np.stack([part[:reached].T for part in paths], 1), reason, outputs, steps


def _followed(stepper, field, times, deadline):
    """The states at the times, the number of steps, and why it ended before the last time, if it did."""
    path, steps = [stepper.state.copy()], 0
    while len(path) < len(times):
        before = stepper.time
        if monotonic() > deadline:
            return path, steps, f"the budget was over at t = {before:g}; give more seconds as budget="
        outcome, length = stepper.step(max_delta_t=times[-1] - before, write_tc=True)
        steps += 1
        name = str(outcome).rpartition(".")[2]
        if name not in ("success", "time_limit") or not np.isfinite(stepper.state).all():
            return path, steps, f"the integration stopped after t = {before:g} ({name})"
        if not _solves(stepper, field, length):
            return path, steps, f"the solution ends, or is no power series, between t = {before:g} and {stepper.time:g}"
        while len(path) < len(times) and (times[len(path)] <= stepper.time or name == "time_limit"):
            path.append(stepper.update_d_output(min(times[len(path)], stepper.time)).copy())
    return path, steps, ""


def _solves(stepper, field, length):
    """Whether the slope of the series at the end of a step is the right-hand side there."""
    series, state = stepper.tc, stepper.state
    powers = np.arange(1, series.shape[1])
    with np.errstate(all="ignore"):
        slope = series[:, 1:] @ (powers * length ** (powers - 1.0))
        wanted = np.ravel(field(*state, *stepper.pars))
        largest = max(abs(state).max(), abs(series[:, 0]).max()) / abs(length)
        tolerance = 1e-3 * (abs(series[:, 1]) + abs(wanted)) + 1e-6 * largest
    return bool((abs(slope - wanted) <= tolerance).all())


def _stepper(flow, rtol):
    try:
        import heyoka as hy
    except ImportError:
        raise InputError("method='heyoka' needs heyoka: pip install 'symssl[fast]'") from None
    states = [hy.make_vars(f"x_{k}") for k in range(len(flow.states))]
    table = {**dict(zip(flow.states, states)), **{q: hy.par[k] for k, q in enumerate(flow.parameters)}}
    try:
        system = [(x, hy.from_sympy(_in_doubles(rate), table)) for x, rate in zip(states, flow.states.values())]
    except (TypeError, ValueError, NotImplementedError) as error:
        raise Refusal(f"heyoka cannot read the right-hand side: {error}") from error
    return hy.taylor_adaptive(
        system, [0.0] * len(states), tol=max(rtol, np.finfo(float).eps), pars=[0.0] * len(flow.parameters)
    )


def _in_doubles(rate):
    """Fractions and constants such as pi as doubles: heyoka reads fractions of the denominator 2^k only."""
    return rate.replace(
        lambda n: isinstance(n, sp.NumberSymbol) or (n.is_Rational and not n.is_Integer), lambda n: sp.Float(n, 17)
    )


def _begun(stepper, time, start, pars):
    stepper.time = time
    stepper.state[:] = start
    stepper.pars[:] = pars
    return stepper
