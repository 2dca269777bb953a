"""Trajectories in closed form, limits and orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sympy import (
    QQ,
    ZZ,
    Add,
    And,
    Dummy,
    Eq,
    Function,
    Gt,
    ImmutableMatrix,
    Integer,
    Inverse,
    Lt,
    MatAdd,
    MatMul,
    MatPow,
    Matrix,
    MatrixBase,
    MatrixSymbol,
    Mul,
    Ne,
    Or,
    Piecewise,
    Poly,
    Pow,
    Symbol,
    Transpose,
    ZeroMatrix,
    apart,
    cancel,
    exp,
    expand,
    eye,
    false,
    fraction,
    integrate,
    limit,
    log,
    oo,
    powsimp,
    preorder_traversal,
    real_roots,
    sign,
    simplify,
    together,
    true,
    zoo,
)
from sympy.core.numbers import NaN
from sympy.core.relational import Relational

from ...errors import InputError, Refusal, Undecided
from ...language.dynamics import GradientDescent
from ...language.inputs import is_matrix
from ...language.operators import Expectation, MatrixTotal, Total
from ...language.relations import Orthonormal, Relation
from ...language.scalars import Potential, cosine, inner, norm
from ...language.terms import Along, Count, Eigenvalue, Eigenvector, FirstTime, Limit, Order
from ...matrix.entrywise import explicit_value
from ..facts import decided, opposite, with_numbers
from ..matching import same
from .derivation import Found, beyond, rule_for, value_of
from .velocities import _kind, matrix_flow, scalar_flow
from .verified import verified

__all__: list[str] = []

_MOST_ENTRIES = 9  # of all states, of which a matrix exponential is taken
_AWAY = Dummy("v", positive=True)  # the distance from a finite end, or the variable on its way to infinity


@rule_for(Along)
def _along(term: Any, given: Sequence[Any], form: Any = None) -> Found:
    """By the closed form of a scalar flow; with `form`, a term in the time by state, by verifying that."""
    expr, dynamics, time, start = term.args
    if isinstance(dynamics, GradientDescent):
        raise Refusal("iterates of descent have no closed form here", term)
    if form is not None:
        return verified(term, form, given), {"rule": "the solution, verified by differentiation"}
    if (value := _where_layers_stay(expr, dynamics, dict(start), given)) is not None:
        return value, {"rule": "orthonormal layers stay so: the velocities are tangent to them"}
    if (value := _growing_at_a_rate(expr, dynamics, time, dict(start), beyond(term, given))) is not None:
        return value, {"rule": "the solution of a linear flow: the velocity of the term is a multiple of it"}
    if (value := _entry_by_entry(expr, dynamics, time, dict(start), beyond(term, given))) is not None:
        return value, {"rule": "the solution of a linear flow: the exponential of its matrix"}
    if is_matrix(expr) or _kind(dynamics) == "matrices":
        away = Refusal("trajectories of matrices have no closed form here: go over to modes or entries", term)
        return _by_law(expr, dynamics, time, dict(start), beyond(term, given), away)
    flow, inside = scalar_flow(dynamics), _time(time, dynamics)
    try:
        values = {x: _solved(flow, x, inside, dict(start), given, time) for x in dynamics.states if expr.has(x)}
    except (Refusal, InputError) as refusal:
        if expr in dynamics.states:
            raise
        return _by_law(expr, dynamics, time, dict(start), beyond(term, given), refusal)
    value = expr.xreplace(values).xreplace({inside: time})
    return value, {"rule": "the solution of the flow"}


def _by_law(
    expr: Any, dynamics: Any, time: Any, start: dict[Any, Any], given: Sequence[Any], otherwise: Exception
) -> tuple[Any, dict[str, Any]]:
    """The value of what has a constant logarithmic derivative: f' = c f, so that f(t) = exp(c t) f(0).

    This holds as long as there is a trajectory and the flow is differentiable along it, which nobody checks here.
    """
    constant = _growth_rate(expr, dynamics, given)
    if constant is None:
        raise otherwise
    lasting = f"the trajectory lasts until then, and {expr} is differentiable along it"
    told = {"rule": "its derivative is a constant times itself", "provisos": (lasting,)}
    value = exp(constant * time) * expr.xreplace(start)
    explicit = any(isinstance(begin, MatrixBase) for begin in start.values())
    return (with_numbers(value.doit()) if is_matrix(value) or explicit else value), told


def _growth_rate(expr: Any, dynamics: Any, given: Sequence[Any]) -> Any:
    """c where the derivative of a term is c times the term, for all states and sizes; None where there is none."""
    from ...words.normal_forms import normal_form

    matrices = _kind(dynamics) == "matrices"
    flow = (matrix_flow if matrices else scalar_flow)(dynamics)
    relations = tuple(h for h in (*given, *dynamics.where) if isinstance(h, Relation))
    with suppress(Refusal, Undecided, InputError):
        rate, start = flow.lie(expr), normal_form(expr) if matrices else expr
        for constant in dict.fromkeys(_ratios(rate, start)):
            still = not constant.has(*dynamics.states) and not constant.atoms(Expectation)
            if still and _the_same(rate, constant * expr, relations):
                return constant
    return None


def _ratios(rate: Any, expr: Any) -> Iterator[Any]:
    """What a rate may be a multiple of a term by: the quotient of two numbers, or of the coefficients of one word."""
    if not is_matrix(expr):
        yield cancel(rate / expr)
        return
    after, before = (
        {word: c for c, word in (part.as_coeff_mmul() for part in MatAdd.make_args(words))} for words in (rate, expr)
    )
    yield from (cancel(after[word] / c) for word, c in before.items() if word in after)


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


def _growing_at_a_rate(expr: Any, dynamics: Any, time: Any, start: dict[Any, Any], given: Sequence[Any]) -> Any:
    """The value of a term whose velocity is a constant times itself, where the flow of matrices is linear.

    The trajectories of a linear flow last for all times.
    """
    if _kind(dynamics) != "matrices" or not time.is_finite or not _is_linear(dynamics):
        return None
    if not _is_polynomial(_without_inverses(expr, dynamics)):
        return None
    relations = tuple(h for h in given if isinstance(h, Relation))
    try:
        velocity = matrix_flow(dynamics).lie(expr)
    except Refusal:
        return None
    rate = _ratio(velocity, expr, relations)
    fixed = not rate.free_symbols & {*dynamics.states, *time.free_symbols} if rate is not None else False
    if not fixed or not rate.is_real or not _the_same(velocity, rate * expr, relations):
        return None
    return exp(rate * time) * expr.xreplace(start)


def _is_linear(dynamics: Any) -> bool:
    """Whether the velocities of all states are linear in the states: additive, as words that are polynomials are."""
    flow = matrix_flow(dynamics)
    taken = {s.name for f in flow.rhs.values() for s in f.atoms(MatrixSymbol)}
    others = {x: _unused(x, taken) for x in flow.rhs}
    sums = {x: x + y for x, y in others.items()}
    return all(map(_is_polynomial, flow.rhs.values())) and all(
        _the_same(f.xreplace(sums), f + f.xreplace(others), ()) for f in flow.rhs.values()
    )


def _is_polynomial(expr: Any) -> bool:
    """Whether an expression is a polynomial in matrices, so that it is defined and smooth everywhere."""
    powers = all(p.exp.is_Integer and p.exp > 0 for p in expr.atoms(Pow, MatPow) if p.has(MatrixSymbol))
    kinds = norm, cosine, Potential, Inverse, Function, Total, MatrixTotal, Expectation, Eigenvalue, Eigenvector
    return powers and not expr.atoms(*kinds)


def _without_inverses(expr: Any, dynamics: Any) -> Any:
    """An expression with a letter for the inverse of a state that stays invertible.

    Where W' = W A or W' = A W with a fixed A, W(t) is W(0) times an invertible matrix.
    """
    table = {}
    for node in expr.atoms(Inverse):
        base = node.arg.arg if isinstance(node.arg, Transpose) else node.arg
        factors = MatMul.make_args(matrix_flow(dynamics).rhs.get(base, ZeroMatrix(*base.shape)))
        inner_ones = factors[1:] if factors[0] == base else factors[:-1] if factors[-1] == base else None
        if inner_ones and not any(f.atoms(MatrixSymbol) & {*dynamics.states} for f in inner_ones):
            table[node] = MatrixSymbol(f"inverse_of_{base.name}_", *node.shape)
    return expr.xreplace(table)


def _unused(symbol: Any, taken: set[str]) -> Any:
    name = next(name for k in range(len(taken) + 1) if (name := f"{symbol.name}_{k}") not in taken)
    return MatrixSymbol(name, *symbol.shape)


def _entry_by_entry(expr: Any, dynamics: Any, time: Any, start: dict[Any, Any], given: Sequence[Any]) -> Any:
    """The value where explicit matrices move by a linear flow with rational coefficients and rational growth rates."""
    states = dynamics.states
    sizes = all(isinstance(x, MatrixSymbol) and all(n.is_Integer for n in x.shape) for x in states)
    if not sizes or not time.is_finite or not all(isinstance(start[x], MatrixBase) for x in states):
        return None
    entries = {x: ImmutableMatrix(*x.shape, lambda i, j: Dummy(real=True)) for x in states}
    rhs = matrix_flow(dynamics).rhs
    with suppress(Refusal, InputError):
        velocities = Matrix([f for x in states for f in explicit_value(rhs[x], entries)])
        now = Matrix([entry for x in states for entry in entries[x]])
        coefficients = velocities.jacobian(now)
        linear = (velocities - coefficients * now).expand().is_zero_matrix
        if not (linear and all(c.is_Rational for c in coefficients) and coefficients.rows <= _MOST_ENTRIES):
            return None
        if not all(rate.is_Rational for rate in coefficients.eigenvals()):
            return None
        moment = Dummy(nonnegative=True)
        solution = (coefficients * moment).exp()
        wrong = (solution.diff(moment) - coefficients * solution).applyfunc(simplify)
        if not wrong.is_zero_matrix or solution.subs(moment, 0) != eye(coefficients.rows):
            return None
        later = solution.subs(moment, time) * Matrix([entry for x in states for entry in start[x]])
        places = dict(zip(now, later))
        value = expr.xreplace({x: entries[x].xreplace(places).as_immutable() for x in states})
        return value_of(with_numbers(value.doit()), given)[0]
    return None


def _ratio(velocity: Any, expr: Any, relations: tuple[Any, ...]) -> Any:
    """The number that a term is to be multiplied by to give its velocity; None where none is seen."""
    from ...words.normal_forms import normal_form

    if is_matrix(expr):
        probe = MatrixSymbol("probe_", *expr.shape)
        velocity, expr = inner(probe, velocity), inner(probe, expr)
    with suppress(Refusal, InputError, NotImplementedError):
        found = cancel(normal_form(velocity, where=relations) / normal_form(expr, where=relations))
        if not found.atoms(MatrixSymbol):
            return found
    return None


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
    if isinstance(condition, Or) and any(_holds(part, given) for part in condition.args):
        return True
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


def _is_taken_whole(term: Any) -> bool:
    """Whether the limit of a term is found without a form of the term itself."""
    return isinstance(term.args[0], Count) or _destination(term) is not None


def _destination(term: Any) -> Any:
    """Where a trajectory of one state ends, everything given in numbers; None where that is not asked, or not known.

    Between equilibria of a polynomial field the state moves one way, and it cannot pass one: it tends to the next.
    """
    if not isinstance(term.args[0], Along) or is_matrix(term.args[0]):
        return None
    (state, dynamics, time, start), variable, to = term.args[0].args, term.args[1], term.args[2]
    if (time, to) != (variable, oo) or dynamics.states != (state,) or isinstance(dynamics, GradientDescent):
        return None
    velocity, begin = scalar_flow(dynamics).rhs[state], start[state]
    exact = velocity.is_polynomial(state) and Poly(velocity, state).domain in (ZZ, QQ)
    if not exact or not begin.is_Rational:
        return None
    direction = sign(velocity.subs(state, begin))
    if direction == 0:
        return begin
    ahead = [root for root in real_roots(velocity, state) if (root - begin) * direction > 0]
    return min(ahead, key=lambda root: direction * root) if ahead else None


@rule_for(Limit, opaque=_is_taken_whole)
def _limit(term: Any, given: Sequence[Any]) -> Found:
    expr, variable, to, side = term.args[:4]
    given = beyond(term, given)
    if isinstance(expr, Count):
        from .equilibria import limiting_count

        return limiting_count(expr, variable, to, given), {"rule": "the proved count, in the case that holds at last"}
    if (end := _destination(term)) is not None:
        return end, {"rule": "the next equilibrium on the way"}
    signed = _signed(given)
    expr, given = expr.xreplace(signed), [h.xreplace(signed) if isinstance(h, Relational) else h for h in given]
    value = _limit_by_kind(term, expr, variable, to, str(side), given)
    back = {new if new.is_Symbol else -new: old if new.is_Symbol else -old for old, new in signed.items()}
    back = {name: old for name, old in back.items() if not name.is_number}
    return value.xreplace(back), {"rule": "the limit"}


def _limit_by_kind(term: Any, expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    if is_matrix(expr):
        if not hasattr(expr, "applyfunc"):
            raise Refusal("the limit of a matrix of unknown entries is not taken", term)
        return expr.applyfunc(lambda entry: _limit_of(entry, variable, to, side, given))
    return _limit_of(expr, variable, to, side, given)


def _signed(given: Sequence[Any]) -> dict[Any, Any]:
    """Symbols whose value or sign a hypothesis tells: that value, or plus or minus a positive symbol.

    SymPy takes limits by declared signs alone.
    """
    table: dict[Any, Any] = {}
    for h in given:
        if isinstance(h, (Gt, Lt)) and isinstance(h.gts, Symbol) and h.lts == 0 and not h.gts.is_positive:
            table.setdefault(h.gts, Dummy(h.gts.name, positive=True))
        elif isinstance(h, Eq) and isinstance(h.lhs, Symbol) and h.rhs.is_number:
            table.setdefault(h.lhs, h.rhs)
        elif isinstance(h, (Gt, Lt)) and isinstance(h.lts, Symbol) and h.gts == 0 and not h.lts.is_negative:
            table.setdefault(h.lts, -Dummy(h.lts.name, positive=True))
    return table


def _limit_of(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    if not expr.has(variable):
        return expr
    if any(mean.has(variable) for mean in expr.atoms(Expectation)):
        raise Refusal(f"the limit of an expectation that depends on {variable} is not taken", expr)
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
    with suppress(Refusal):
        return _part_by_part(expr, variable, to, side, given)
    for coefficient in _coefficients(expr, variable):
        if decided(Ne(coefficient, 0, evaluate=False), given)[0] is not True:
            raise Undecided(f"the limit of {expr} may be another where {coefficient} vanishes", coefficient)
    found = _of_sympy(expr, variable, to, side)
    if found.has(sign):
        raise Undecided(f"the limit of {expr} depends on a sign: {found}", found)
    return found


def _part_by_part(expr: Any, variable: Any, to: Any, side: str, given: Sequence[Any]) -> Any:
    """Sums, products and powers of what has finite limits; roots and quotients of what tends to more than zero."""
    if not expr.has(variable):
        return expr
    if expr.free_symbols == {variable}:
        return _finite(expr, variable, to, side)
    if isinstance(expr, (Add, Mul)):
        return expr.func(*(_part_by_part(part, variable, to, side, given) for part in expr.args))
    if isinstance(expr, Pow) and not expr.exp.has(variable):
        base = _part_by_part(expr.base, variable, to, side, given)
        if (expr.exp.is_Integer and expr.exp > 0) or decided(Gt(base, 0, evaluate=False), given)[0] is True:
            return base**expr.exp
        raise Refusal(f"{base} may be zero, or less", base)
    return _finite(expr, variable, to, side)


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
    if any(mean.has(variable) for mean in expr.atoms(Expectation)):
        raise Refusal(f"the order of an expectation that depends on {variable} is not found", expr)
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
