"""Trajectories in closed form, limits and orders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    And,
    Dummy,
    Eq,
    Gt,
    Integer,
    Lt,
    MatrixSymbol,
    Mul,
    Ne,
    Piecewise,
    Symbol,
    ZeroMatrix,
    apart,
    cancel,
    expand,
    false,
    fraction,
    integrate,
    limit,
    log,
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
    layers = [x for x in dynamics.states if isinstance(x, MatrixSymbol)]
    started = [Orthonormal(start[x]) for x in layers if isinstance(start[x], MatrixSymbol)]
    if len(layers) < len(dynamics.states) or len(started) < len(layers) or any(o not in given for o in started):
        return None
    here = tuple(Orthonormal(x) for x in layers)
    value = expr.xreplace(start)
    if not _the_same(expr, value, (*here, *started)):
        return None
    flow = matrix_flow(dynamics)
    tangent = all(_the_same(flow.lie(x.T * x), ZeroMatrix(x.shape[1], x.shape[1]), here) for x in layers)
    return value if tangent else None


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
    state, target = condition.args
    if tuple(dynamics.states) != (state,) or target.has(state):
        raise Refusal("the first time is found for the only state of a flow, and a value that it takes", term)
    velocity, begin = scalar_flow(dynamics).rhs[state], start[state]
    if _holds(Eq(begin, target, evaluate=False), given) is True:
        return Integer(0), {"rule": "it holds at the start"}
    return _passage(velocity, state, begin, target, given), {"rule": "separation of variables"}


def _passage(velocity: Any, state: Any, begin: Any, target: Any, given: Sequence[Any]) -> Any:
    """The time that a state takes from one value to another: the integral of the reciprocal velocity.

    The velocity is proved to point at the target from everywhere between the two; where it points away at the start,
    the target is never reached, since a state of one dimension cannot turn.
    """
    x = Dummy(state.name, real=True)
    rising = next((s for s in (1, -1) if _holds(Gt(s * (target - begin), 0, evaluate=False), given) is True), 0)
    if not rising:
        raise Undecided(f"whether {target} lies above {begin} was not settled", target - begin)
    if _holds(Lt(rising * velocity.xreplace({state: begin}), 0, evaluate=False), given) is True:
        return oo
    way = _Way(x, begin, target, tuple(given))
    speed = velocity.xreplace({state: x})
    if way.sign(speed) != rising:
        raise Undecided(f"that the velocity points from {begin} to {target} all the way was not settled", speed)
    return _integral(1 / speed, way)


@dataclass(frozen=True)
class _Way:
    """A variable on its way from one value to another, both included."""

    variable: Any
    begin: Any
    end: Any
    given: tuple[Any, ...]

    def sign(self, expr: Any) -> int:
        """1 or -1 where an expression is positive, or negative, all the way; 0 where neither is settled."""
        if not expr.has(self.variable):
            expr_at = (expr,)
        else:  # the share of the way is s/(1 + s)
            share = Dummy("s", nonnegative=True)
            between = (self.begin + share * self.end) / (1 + share)
            expr_at = tuple(expr.xreplace({self.variable: at}) for at in (cancel(between), self.end))
        for side in (1, -1):
            if all(_holds(Gt(side * cancel(e), 0, evaluate=False), self.given) is True for e in expr_at):
                return side
        return 0


def _integral(integrand: Any, way: _Way) -> Any:
    """The integral by an antiderivative in real logarithms and rational functions, which is proved to be smooth."""
    x = way.variable
    if not integrand.is_rational_function(x):
        raise Refusal(f"the reciprocal velocity {integrand} is no rational function", integrand)
    terms = (term.as_independent(x, as_Add=False) for term in Add.make_args(apart(cancel(integrand), x)))
    found = Add(*(c * integrate(f, x) for c, f in terms)).replace(log, lambda a: _real_logarithm(a, way))
    plain = found.replace(log, lambda argument: Integer(1))
    if not plain.is_rational_function(x):
        raise Refusal(f"no antiderivative of {integrand} in logarithms was found", found)
    below = fraction(cancel(plain))[1]
    if below.has(x) and not way.sign(below):
        raise Undecided(f"that {found} has no pole on the way was not settled", found)
    if cancel(together(found.diff(x) - integrand)) != 0:
        raise Refusal(f"the antiderivative {found} of {integrand} did not stand", found)
    return found.xreplace({x: way.end}) - found.xreplace({x: way.begin})


def _real_logarithm(argument: Any, way: _Way) -> Any:
    """The logarithm of the absolute value of what keeps its sign on the way."""
    if not argument.has(way.variable):
        return log(argument)
    if not (side := way.sign(argument)):
        raise Undecided(f"the sign of {argument} on the way was not settled", argument)
    return log(side * argument)


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
    with suppress(Refusal, Undecided):
        return _of_sum(expr, variable, to, side, given)
    with suppress(Refusal):
        return _term_by_term(expr, variable, to, side, given)
    for coefficient in _coefficients(expr, variable):
        if decided(Ne(coefficient, 0, evaluate=False), given)[0] is not True:
            raise Undecided(f"the limit of {expr} may be another where {coefficient} vanishes", coefficient)
    found = _of_sympy(expr, variable, to, side)
    if found.has(sign):
        raise Undecided(f"the limit of {expr} depends on a sign: {found}", found)
    return found


def _of_sum(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    """The sum of the limits of its terms, where all of these are finite."""
    parts = [term.as_independent(variable, as_Add=False) for term in Add.make_args(expr)]
    if len(parts) == 1 and parts[0][0] == 1:
        raise Refusal("it is one term without a factor", expr)
    found = [f if not f.has(variable) else _one_sided(f, variable, to, side, given) for _, f in parts]
    if any(value.has(oo, -oo, zoo, NaN) for value in found):
        raise Refusal("a term has no finite limit", expr)
    return Add(*(c * value for (c, _), value in zip(parts, found)))


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
