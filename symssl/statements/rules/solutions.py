"""Trajectories in closed form, limits and orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, Integer, Piecewise, Symbol, cancel, false, limit, log, oo, powsimp, simplify, true, zoo
from sympy.core.numbers import NaN

from ...errors import Refusal, Undecided
from ...language.dynamics import GradientDescent
from ...language.inputs import is_matrix
from ...language.terms import Along, FirstTime, Limit, Order
from ..facts import decided
from .derivation import Found, rule_for
from .velocities import _kind, scalar_flow

__all__: list[str] = []


@rule_for(Along)
def _along(term: Any, given: Sequence[Any]) -> Found:
    expr, dynamics, time, start = term.args
    if isinstance(dynamics, GradientDescent):
        raise Refusal("iterates of descent have no closed form here", term)
    if is_matrix(expr) or _kind(dynamics) == "matrices":
        raise Refusal("trajectories of matrices have no closed form here: go over to modes or entries", term)
    flow, inside = scalar_flow(dynamics), _time(time, dynamics)
    values = {x: _solved(flow, x, inside, dict(start), given, time) for x in dynamics.states if expr.has(x)}
    value = expr.xreplace(values).xreplace({inside: time})
    return value, {"rule": "the solution of the flow"}


def _time(time: Any, dynamics: Any) -> Any:
    names = {s.name for s in dynamics.free_symbols}
    return time if isinstance(time, Symbol) and time.name not in names else Symbol("time_", nonnegative=True)


def _solved(flow: Any, state: Any, time: Any, start: dict[Any, Any], given: Sequence[Any], at: Any) -> Any:
    """The state at a time, in the case that the hypotheses select; refused where the solution has ended before."""
    form = flow.closed_form(state, time=time)
    begin = {symbol: start[x] for x, symbol in form.initial}
    for case in form.cases:
        condition = case.given.xreplace(begin)
        if _holds(condition, given) is not True:
            continue
        if case.solution is None:
            raise Refusal(f"the solution for {state} has no closed form", form.rhs)
        valid = case.holds.xreplace(begin).xreplace({time: at})
        if _holds(valid, given) is not True:
            raise Undecided(f"that the solution for {state} lasts until then was not settled: {valid}", valid)
        return case.solution.xreplace(begin).subs({time: at})
    raise Undecided(f"the hypotheses select no case of the solution for {state}", form.condition)


def _holds(condition: Any, given: Sequence[Any]) -> bool | None:
    if condition in (true, false):
        return condition == true
    parts = condition.args if condition.func.__name__ == "And" else (condition,)
    held = [decided(part, given)[0] for part in parts]
    return True if all(h is True for h in held) else False if False in held else None


@rule_for(FirstTime)
def _first_time(term: Any, given: Sequence[Any]) -> Found:
    condition, dynamics, start = term.args
    if not isinstance(condition, Eq) or _kind(dynamics) == "matrices":
        raise Refusal("the first time is found for one equation between scalars", term)
    state = condition.lhs
    if state not in dynamics.states or not condition.rhs.is_number:
        raise Refusal("the first time is found for a state that takes a value", term)
    flow = scalar_flow(dynamics)
    form = flow.closed_form(state, time=Symbol("time_", nonnegative=True))
    begin = {symbol: start[x] for x, symbol in form.initial}
    for case in form.cases:
        if _holds(case.given.xreplace(begin), given) is True and case.end is not None:
            raise Refusal("the end of the solution is no first time of that condition", case.end)
    raise Refusal("the first time was not found", term)


@rule_for(Limit, opaque=False)
def _limit(term: Any, given: Sequence[Any]) -> Found:
    expr, variable, to, side = term.args
    if is_matrix(expr):
        if not hasattr(expr, "applyfunc"):
            raise Refusal("the limit of a matrix of unknown entries is not taken", term)
        return expr.applyfunc(lambda entry: _limit_of(entry, variable, to, str(side), given)), {"rule": "the limit"}
    return _limit_of(expr, variable, to, str(side), given), {"rule": "the limit"}


def _limit_of(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    if not expr.has(variable):
        return expr
    if isinstance(expr, Piecewise) and expr.has(variable):
        raise Refusal("the limit of a function by cases: say which case holds", expr)
    sides = [side] if side or to in (oo, -oo) else ["+", "-"]
    if variable.is_positive and to == 0:
        sides = ["+"]
    found = {_one_sided(expr, variable, to, s or "+") for s in sides}
    if len(found) != 1:
        raise Refusal(f"the limits from the two sides differ: {found}", expr)
    return found.pop()


def _one_sided(expr: Any, variable: Any, to: Any, side: str) -> Any:
    try:
        found = limit(powsimp(expr), variable, to, side)
    except (NotImplementedError, ValueError, TypeError) as error:
        raise Refusal(f"the limit of {expr} was not found: {error}", expr) from None
    if (
        isinstance(found, NaN)
        or found == zoo
        or found.has(variable)
        or type(found).__name__ in ("Limit", "AccumBounds")
    ):
        raise Refusal(f"the limit of {expr} was not found", expr)
    return found


@rule_for(Order, opaque=False)
def _order(term: Any, given: Sequence[Any]) -> Found:
    """The exponent is the limit of the logarithmic derivative v f'/f (from the right at a finite end)."""
    expr, variable, to = term.args
    if expr == 0:
        raise Refusal("zero has no order", term)
    distance = variable if to in (oo, -oo) else variable - to
    ratio = simplify(cancel(distance * expr.diff(variable) / expr))
    exponent = _one_sided(ratio, variable, to, "+") if ratio.has(variable) else ratio
    if exponent in (oo, -oo):
        return exponent, {"rule": "the logarithmic derivative"}
    rest = _one_sided(expr / distance**exponent, variable, to, "+")
    if rest in (Integer(0), oo, -oo):
        raise Refusal(
            f"{expr} is of no pure order: besides the power {exponent} a factor like {log(variable)} is left", expr
        )
    return exponent, {"rule": "the logarithmic derivative"}
