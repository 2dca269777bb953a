"""Trajectories in closed form, limits and orders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sympy import (
    Add,
    And,
    Dummy,
    Eq,
    Integer,
    MatrixSymbol,
    Mul,
    Ne,
    Piecewise,
    Symbol,
    ZeroMatrix,
    cancel,
    expand,
    false,
    fraction,
    limit,
    oo,
    powsimp,
    preorder_traversal,
    sign,
    simplify,
    together,
    true,
    zoo,
)
from sympy.core.numbers import NaN

from ...errors import InputError, Refusal, Undecided
from ...language.dynamics import GradientDescent
from ...language.inputs import is_matrix
from ...language.relations import Orthonormal
from ...language.terms import Along, FirstTime, Limit, Order
from ..facts import decided, opposite
from ..matching import same
from .derivation import Found, beyond, rule_for
from .velocities import _kind, matrix_flow, scalar_flow

__all__: list[str] = []

_AWAY = Dummy("v", positive=True)  # the distance from a finite end, or the variable on its way to infinity


@rule_for(Along)
def _along(term: Any, given: Sequence[Any]) -> Found:
    expr, dynamics, time, start = term.args
    if isinstance(dynamics, GradientDescent):
        raise Refusal("iterates of descent have no closed form here", term)
    if (value := _where_layers_stay(expr, dynamics, dict(start), given)) is not None:
        return value, {"rule": "orthonormal layers stay so: the velocities are tangent to them"}
    if is_matrix(expr) or _kind(dynamics) == "matrices":
        raise Refusal("trajectories of matrices have no closed form here: go over to modes or entries", term)
    flow, inside = scalar_flow(dynamics), _time(time, dynamics)
    values = {x: _solved(flow, x, inside, dict(start), given, time) for x in dynamics.states if expr.has(x)}
    value = expr.xreplace(values).xreplace({inside: time})
    return value, {"rule": "the solution of the flow"}


def _where_layers_stay(expr: Any, dynamics: Any, start: dict[Any, Any], given: Sequence[Any]) -> Any:
    """The value at the start of what is the same at all orthonormal layers, where all layers start as such.

    The orthonormal layers are a compact manifold.  The engine shows that the velocities are tangent to it, so that
    no trajectory leaves it, or ends.
    """
    if not _starts_orthonormal(dynamics, start, given):
        return None
    here = tuple(Orthonormal(x) for x in dynamics.states)
    started = tuple(Orthonormal(start[x]) for x in dynamics.states)
    value = expr.xreplace(start)
    if not _the_same(expr, value, (*here, *started)) and not _rest(dynamics, here):
        return None
    return value if layers_stay(dynamics, start, given) else None


def _starts_orthonormal(dynamics: Any, start: dict[Any, Any], given: Sequence[Any]) -> bool:
    return all(
        isinstance(x, MatrixSymbol) and isinstance(start[x], MatrixSymbol) and Orthonormal(start[x]) in given
        for x in dynamics.states
    )


def layers_stay(dynamics: Any, start: dict[Any, Any], given: Sequence[Any]) -> bool:
    """Whether all states are matrices that start with orthonormal columns and keep them."""
    if not _starts_orthonormal(dynamics, start, given):
        return False
    here, flow = tuple(Orthonormal(x) for x in dynamics.states), matrix_flow(dynamics)
    return all(_the_same(flow.lie(x.T * x), ZeroMatrix(x.shape[1], x.shape[1]), here) for x in dynamics.states)


def _rest(dynamics: Any, here: tuple[Any, ...]) -> bool:
    """Whether all velocities vanish, at all orthonormal layers."""
    return all(_the_same(f, ZeroMatrix(*f.shape), here) for f in matrix_flow(dynamics).rhs.values())


def _the_same(a: Any, b: Any, relations: tuple[Any, ...]) -> bool:
    """Whether two words are equal for all sizes."""
    with suppress(Refusal, Undecided, InputError):
        comparison = same(a, b, relations)
        return bool(comparison.equal and comparison.method != "entries")
    return False


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
    """Whether a condition holds for all values that keep the hypotheses, for none (False), or neither is known."""
    if condition in (true, false):
        return condition == true
    parts = condition.args if isinstance(condition, And) else (condition,)
    if all(decided(part, given)[0] is True for part in parts):
        return True
    denied = [opposite(part) for part in parts]
    return False if any(d is not None and decided(d, given)[0] is True for d in denied) else None


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
    expr, variable, to, side = term.args[:4]
    given = beyond(term, given)
    if is_matrix(expr):
        if not hasattr(expr, "applyfunc"):
            raise Refusal("the limit of a matrix of unknown entries is not taken", term)
        return expr.applyfunc(lambda entry: _limit_of(entry, variable, to, str(side), given)), {"rule": "the limit"}
    return _limit_of(expr, variable, to, str(side), given), {"rule": "the limit"}


def _limit_of(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    if not expr.has(variable):
        return expr
    if expr.has(Piecewise):
        raise Refusal("the limit of a function by cases: say which case holds", expr)
    if (to is oo and variable.is_negative) or (to is -oo and variable.is_nonnegative):
        raise Refusal(f"{variable} does not tend to {to}", expr)
    sides = [side] if side or to in (oo, -oo) else ["+", "-"]
    if to == 0 and not side:
        sides = ["+"] if variable.is_nonnegative else ["-"] if variable.is_nonpositive else sides
    found = {_one_sided(expr, variable, to, s or "+", given) for s in sides}
    if len(found) != 1:
        raise Refusal(f"the limits from the two sides differ: {found}", expr)
    return found.pop()


def _one_sided(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    """The limit for all values of the parameters that keep the hypotheses.

    SymPy takes what stands before a power for different from zero.  With parameters the limit of a quotient is
    therefore found term by term, against a term of the denominator, where the sum below is proved not to vanish; or
    every coefficient is proved not to vanish.
    """
    if to is not oo and (variable, to, side) != (_AWAY, 0, "+"):
        place = -_AWAY if to is -oo else to + _AWAY if side == "+" else to - _AWAY
        expr, variable, to, side = expr.xreplace({variable: place}), _AWAY, oo if to is -oo else Integer(0), "+"
        expr = cancel(expr) if expr.is_rational_function(_AWAY) else expr
    if expr.free_symbols == {variable}:
        return _of_sympy(expr, variable, to, side)
    with suppress(Refusal):
        return _term_by_term(expr, variable, to, side, given)
    for coefficient in _coefficients(expr, variable):
        if decided(Ne(coefficient, 0, evaluate=False), given)[0] is not True:
            raise Undecided(f"the limit of {expr} may be another where {coefficient} vanishes", coefficient)
    found = _of_sympy(expr, variable, to, side)
    if found.has(sign):
        raise Undecided(f"the limit of {expr} depends on a sign: {found}", found)
    return found


def _term_by_term(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    above, below = (Add.make_args(expand(part)) for part in fraction(together(powsimp(expr))))
    terms = [term.as_independent(variable, as_Add=False) for term in below]
    for _, scale in terms:
        try:
            bottom = Add(*(c * _finite(f / scale, variable, to, side) for c, f in terms))
        except Refusal:
            continue
        if decided(Ne(bottom, 0, evaluate=False), given)[0] is True:
            break
    else:
        raise Refusal("no term of the denominator is the greatest", expr)
    parts = (term.as_independent(variable, as_Add=False) for term in above)
    return cancel(Add(*(c * _finite(f / scale, variable, to, side) for c, f in parts)) / bottom)


def _finite(expr: Any, variable: Any, to: Any, side: str) -> Any:
    """The limit of a term without coefficient, as a number that holds for all parameters."""
    expr = powsimp(expr)
    if any(node.free_symbols > {variable} and variable in node.free_symbols for node in expr.atoms(Add)):
        raise Refusal(f"{expr} has coefficients inside", expr)
    found = _of_sympy(expr, variable, to, side)
    if found in (oo, -oo) or found.has(sign):
        raise Refusal(f"{expr} has no finite limit", expr)
    return found


def _coefficients(expr: Any, variable: Any) -> list[Any]:
    """What stands before functions of the variable, in all sums and products, and in exponents."""
    found: dict[Any, None] = {}
    for node in preorder_traversal(together(expr)):
        if not node.has(variable) or not isinstance(node, (Add, Mul)):
            continue
        collected: dict[Any, Any] = {}
        for term in Add.make_args(expand(node)):
            coefficient, function = term.as_independent(variable, as_Add=False)
            collected[function] = collected.get(function, 0) + coefficient
        found.update((c, None) for c in collected.values() if not c.is_number)
    return list(found)


def _of_sympy(expr: Any, variable: Any, to: Any, side: str) -> Any:
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
    """The exponent is the limit of the logarithmic derivative v f'/f; at a finite end it is the same on both sides."""
    expr, variable, to = term.args[:3]
    given, told = beyond(term, given), {"rule": "the logarithmic derivative"}
    if expr == 0:
        raise Refusal("zero has no order", term)
    if to in (oo, -oo):
        return _exponent(expr.xreplace({variable: _AWAY if to is oo else -_AWAY}), oo, given, term), told
    sides = (1, -1) if to != 0 or variable.is_nonnegative is None else (1,)
    found = {_exponent(expr.xreplace({variable: to + side * _AWAY}), Integer(0), given, term) for side in sides}
    if len(found) != 1:
        raise Refusal(f"the orders from the two sides differ: {found}", expr)
    return found.pop(), told


def _exponent(expr: Any, to: Any, given: Sequence[Any], term: Any) -> Any:
    ratio = simplify(cancel(_AWAY * expr.diff(_AWAY) / expr))
    exponent = _one_sided(ratio, _AWAY, to, "+", given) if ratio.has(_AWAY) else ratio
    if exponent in (oo, -oo):
        return exponent
    rest = _one_sided(expr / _AWAY**exponent, _AWAY, to, "+", given)
    if rest in (oo, -oo) or decided(Ne(rest, 0, evaluate=False), given)[0] is not True:
        raise Refusal(f"{term.args[0]} is of no pure order: besides the power {exponent} {rest} is left", rest)
    return exponent
