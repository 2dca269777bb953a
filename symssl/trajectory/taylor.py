"""Taylor series of high order for flows of few states, by heyoka (extra ``symssl[fast]``).

It derives the recurrences of the Taylor coefficients from the expressions and compiles them, so
that tolerances near rounding cost little more than loose ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, Refusal

if TYPE_CHECKING:
    from ..scalar.flow import Flow

__all__ = ["taylor_series"]


def taylor_series(
    flow: Flow, starts: np.ndarray, values: np.ndarray, times: np.ndarray, rtol: float, dense: bool
) -> tuple[np.ndarray, np.ndarray, str, list[Any], int]:
    """Integrate every entry on its own, each from its start and with its values of the parameters.

    Parameters
    ----------
    starts : array (states, entries)
    values : array (parameters, entries)
    times : increasing array
    rtol : error of a step relative to the largest state, at least the rounding of doubles
    dense : whether an interpolant is kept for every entry

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
    stepper = _stepper(flow, rtol)
    reached, paths, outputs, reason, steps = len(times), [], [], "", 0
    for start, pars in zip(starts.T, values.T):
        outcome, *_, count, _, path = _begun(stepper, times[0], start, pars).propagate_grid(times)
        steps, reached = steps + count, min(reached, len(path))
        if len(path) < len(times):
            outcome_name = str(outcome).rpartition(".")[2]
            reason = (
                f"the integration stopped after t = {stepper.time:g} ({outcome_name}): "
                "end before, or take a method of SciPy to see where the state leaves the finite numbers"
            )
        elif dense:
            outputs.append(_begun(stepper, times[0], start, pars).propagate_until(times[-1], c_output=True)[-2])
        paths.append(path)
    return times[:reached], np.stack([part[:reached].T for part in paths], 1), reason, outputs, steps


def _stepper(flow, rtol):
    try:
        import heyoka as hy
    except ImportError:
        raise InputError("method='heyoka' needs heyoka: pip install 'symssl[fast]'") from None
    states = [hy.make_vars(f"x_{k}") for k in range(len(flow.states))]
    table = {**dict(zip(flow.states, states)), **{q: hy.par[k] for k, q in enumerate(flow.parameters)}}
    try:
        system = [(x, hy.from_sympy(rate, table)) for x, rate in zip(states, flow.states.values())]
    except (TypeError, ValueError, NotImplementedError) as error:
        raise Refusal(f"heyoka cannot read the right-hand side: {error}") from error
    return hy.taylor_adaptive(
        system, [0.0] * len(states), tol=max(rtol, np.finfo(float).eps), pars=[0.0] * len(flow.parameters)
    )


def _begun(stepper, time, start, pars):
    stepper.time = time
    stepper.state[:] = start
    stepper.pars[:] = pars
    return stepper
