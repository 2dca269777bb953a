"""Values and slopes over a box, in ball arithmetic: hulls over every branch that the box meets.

Expressions become a straight-line program.  Each step carries a ball around all its values on the box and
one ball a state around its slopes there: f(a) - f(b) lies in slopes * (a - b) for all points a, b of the box.
Where the sign that decides between branches is not the same on the whole box, the hull of the branches is
taken, once for the whole program and all combinations of signs; where a branch jumps there are no slopes.

A point belongs to the domain where every part of the expression that counts there is real.  What is defined
nowhere on the box is `None`, and what may be undefined somewhere has no slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

import sympy as sp
from flint import arb, fmpq

from ..errors import InputError, Refusal
from ..exact.balls import CONSTANTS, algebraic_ball, whole_power
from ..exact.kinks import ROUNDING, SWITCHED, folds, jumps, keys_of, switch, truth_by_signs

__all__ = ["Enclosed", "Enclosures", "hull"]

_MOST = 4  # open switches whose signs are all combined
NOWHERE = (None, None)  # value and slopes of what is not defined


@dataclass
class Enclosed:
    """What expressions may be on a box.

    Attributes
    ----------
    values : balls, one an expression; None where it is defined nowhere on the box
    slopes : rows of balls, one an expression; not finite where a jump or the edge of the domain may lie in the box
    open : the switches whose sign is not settled on the box
    """

    values: list[Any]
    slopes: list[list[Any]]
    open: tuple[sp.Expr, ...] = ()

    @property
    def excluded(self) -> bool:
        """Whether the expressions have no common zero on the box: one is nowhere defined, or never zero."""
        return any(v is None or (v.is_finite() and not v.contains(0)) for v in self.values)

    @property
    def finite(self) -> bool:
        """Whether all values are bounded."""
        return all(v is not None and v.is_finite() for v in self.values)

    @property
    def sloping(self) -> bool:
        """Whether all slopes are bounded."""
        return all(s.is_finite() for row in self.slopes for s in row)


@dataclass
class _Run:
    """One evaluation: the signs that are given, and what turns out to be open."""

    signs: Mapping[sp.Expr, int]
    count: int
    sloped: bool
    balls: list[Any] = field(default_factory=list)
    open: dict[sp.Expr, None] = field(default_factory=dict)

    def sign(self, key: sp.Expr, ball: Any) -> int | None:
        """The sign of a switch, None where it is open."""
        if key in self.signs:
            return self.signs[key]
        if ball.is_finite() and (ball > 0 or ball < 0):
            return 1 if ball > 0 else -1
        self.open[key] = None
        return 0 if ball == 0 else None

    def nothing(self):
        """Slopes that are not bounded."""
        return [arb("nan")] * self.count


class Enclosures:
    """Expressions in some symbols, to be enclosed on boxes.

    Raises
    ------
    InputError
        For functions without an enclosure, and symbols that are not among the arguments.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> field = Enclosures([sp.Max(0, 1 - x)], [x])
    >>> here = field.at([arb(1, 0.5)])
    >>> bool(here.slopes[0][0].contains(-1) and here.slopes[0][0].contains(0)), here.open
    (True, (x - 1,))
    """

    def __init__(self, exprs: Sequence[sp.Expr], args: Sequence[sp.Symbol]) -> None:
        self.exprs, self.args = tuple(exprs), tuple(args)
        self._places: dict[Any, int] = {}
        self._steps: list[Callable[[list[Any], _Run], Any]] = []
        for k, symbol in enumerate(self.args):
            self._places[symbol] = k
            self._steps.append(_argument(k))
        self._results = [self._place(expr) for expr in self.exprs]

    # -- evaluation -------------------------------------------------------------------

    def run(self, box: Sequence[Any], signs: Mapping[sp.Expr, int] | None = None, *, sloped: bool = True) -> Enclosed:
        """One evaluation on a box; `signs` are those of switches, on the part of the box where they have them.

        Without slopes (`sloped` False) it takes half the time.
        """
        run = _Run(signs or {}, len(self.args), sloped, list(box))
        table: list[Any] = []
        for step in self._steps:
            table.append(step(table, run))
        zero = arb(0)
        values, slopes = [], []
        for place in self._results:
            value, slope = table[place]
            values.append(value)
            if not sloped:
                continue
            slopes.append([zero] * run.count if slope is None and value is not None else slope or run.nothing())
        return Enclosed(values, slopes, tuple(run.open))

    def parts(self, box: Sequence[Any], open_: Sequence[sp.Expr]) -> dict[tuple[int, ...], Enclosed]:
        """The expressions on each part of a box on which the open switches have signs -1, 0 or 1."""
        return {
            signs: self.run(box, dict(zip(open_, signs, strict=True)))
            for signs in product((-1, 0, 1), repeat=len(open_))
        }

    def at(self, box: Sequence[Any]) -> Enclosed:
        """Values and slopes on a box: hulls over all branches that it meets."""
        here = self.run(box)
        if not here.open or len(here.open) > _MOST:
            return here
        return hull(here, self.parts(box, here.open))

    # -- compilation ------------------------------------------------------------------

    def _place(self, expr):
        """The position of the step that computes an expression."""
        if expr in self._places:
            return self._places[expr]
        step = self._compiled(expr)
        self._steps.append(step)
        self._places[expr] = len(self._steps) - 1
        return self._places[expr]

    def _compiled(self, expr):
        if isinstance(expr, sp.Symbol):
            raise InputError(f"the symbol {expr} is not among the arguments {', '.join(map(str, self.args))}")
        if not isinstance(expr, sp.Expr) or isinstance(expr, sp.MatrixExpr):
            raise InputError(f"{expr} is not available in ball arithmetic: give a scalar expression")
        if expr is sp.nan:
            return lambda table, run: NOWHERE
        if (constant := _constant(expr)) is not None:
            return lambda table, run: (constant(), None)
        if expr.is_Add:
            return _sum([self._place(a) for a in expr.args])
        if expr.is_Mul:
            return _product([self._place(a) for a in expr.args])
        if expr.is_Pow:
            return self._power(expr)
        if isinstance(expr, sp.UnevaluatedExpr):
            place = self._place(expr.args[0])
            return lambda table, run: table[place]
        if isinstance(expr, SWITCHED):
            return self._switched(expr)
        if isinstance(expr, ROUNDING):
            return self._rounded(expr)
        if expr.func in _rewritten():
            place = self._place(_rewritten()[expr.func](*expr.args))
            return lambda table, run: table[place]
        if isinstance(expr, sp.polygamma) and expr.args[0].is_Integer and expr.args[0] >= 0:
            return _function(*_polygamma(int(expr.args[0])), self._place(expr.args[1]))
        functions = _functions()
        if expr.func in functions and len(expr.args) == 1:
            return _function(*functions[expr.func], self._place(expr.args[0]))
        raise InputError(
            f"{type(expr).__name__} is not available in ball arithmetic: {expr} has no proved enclosure over a box"
        )

    def _power(self, expr):
        base, exponent = expr.args
        if base == sp.E:
            return _function(*_functions()[sp.exp], self._place(exponent))
        place = self._place(base)
        if exponent.is_Integer:
            return _whole(place, int(exponent))
        if exponent.is_Rational:
            return _fraction(place, int(exponent.p), int(exponent.q))
        return _general(place, self._place(exponent))

    def _switch_place(self, expr):
        """The switch of an expression, its orientation, and the place of its value."""
        key, side = switch(expr)
        return key, side, self._place(key)

    def _switched(self, expr):
        if isinstance(expr, (sp.Max, sp.Min)):
            pairs = list(folds(expr))
            rivals = [(*self._switch_place(left - right), self._place(right)) for left, right in pairs]
            return _largest(self._place(pairs[0][0]), rivals, 1 if isinstance(expr, sp.Max) else -1)
        if isinstance(expr, sp.Piecewise):
            try:
                keys = {key: self._place(key) for key in keys_of(expr)}
                broken = jumps(expr)
            except Refusal as refusal:
                raise InputError(f"{expr} is not available in ball arithmetic: {refusal}") from None
            return _cases([(self._place(value), condition) for value, condition in expr.args], keys, broken)
        key, side, place = self._switch_place(expr.args[0])
        if isinstance(expr, sp.Abs):
            return _modulus(key, place, self._place(expr.args[0]), side)
        middle = expr.args[1] if isinstance(expr, sp.Heaviside) else sp.Integer(0)
        low = sp.Integer(0) if isinstance(expr, sp.Heaviside) else sp.Integer(-1)
        if not (middle.is_number and middle.is_real):
            raise InputError(f"{expr} has no value at its jump: write Heaviside(x, 1/2), or the value that is meant")
        return _step(
            {side * one: self._place(v) for one, v in ((-1, low), (0, middle), (1, sp.Integer(1)))}, key, place
        )

    def _rounded(self, expr):
        if isinstance(expr, sp.frac):
            place = self._place(sp.Add(expr.args[0], -sp.floor(expr.args[0])))
            return lambda table, run: table[place]
        if isinstance(expr, sp.Mod):
            top, bottom = expr.args
            place = self._place(sp.Add(top, -bottom * sp.floor(top / bottom)))
            return lambda table, run: table[place]
        up = isinstance(expr, sp.ceiling)
        return _integer_part(self._place(expr.args[0]), expr.args[0], up)


def hull(here: Enclosed, parts: Mapping[tuple[int, ...], Enclosed]) -> Enclosed:
    """The expressions on a box, from its parts."""
    values = [
        _narrower(value, _values_hull([part.values[k] for part in parts.values()]))
        for k, value in enumerate(here.values)
    ]
    # Where a switch vanishes on an open set, its branches, which are equal there, have equal slopes.
    sides = [part for signs, part in parts.items() if 0 not in signs]
    slopes = [
        [_joined([part.slopes[k][j] for part in sides]) for j in range(len(row))]
        if all(s.is_finite() for s in row)  # else there may be a jump between the parts
        else row
        for k, row in enumerate(here.slopes)
    ]
    return Enclosed(values, slopes, here.open)


def _joined(balls):
    whole = balls[0]
    for ball in balls[1:]:
        whole = whole.union(ball) if whole.is_finite() and ball.is_finite() else arb("nan")
    return whole


def _narrower(one, other):
    """What two enclosures of one value have in common."""
    if one is None or other is None:
        return None
    return one.intersection(other) if one.is_finite() and other.is_finite() else other if one.is_nan() else one


def _values_hull(values):
    known = [v for v in values if v is not None]
    return _joined(known) if known else None


# -- steps: (table of (value, slopes), run) -> (value, slopes); slopes None for what is constant --------------


def _argument(k):
    def step(table, run):
        return run.balls[k], [arb(int(j == k)) for j in range(run.count)] if run.sloped else None

    return step


def _constant(expr):
    """A function that makes the ball of a number at the working precision, or None."""
    if expr.is_Rational or expr.is_Float:
        number = sp.Rational(expr)  # a float is the binary fraction it is
        exact = fmpq(int(number.p), int(number.q))
        return lambda: arb(exact)
    if expr in CONSTANTS:
        return CONSTANTS[expr]
    if isinstance(expr, sp.CRootOf) and expr.is_real:
        return lambda: algebraic_ball(expr)
    return None


def _plus(a, b):
    return b if a is None else a if b is None else [s + t for s, t in zip(a, b)]


def _scaled(slopes, by):
    return None if slopes is None else [by * s for s in slopes]


def _sum(places):
    def step(table, run):
        value, slopes = table[places[0]]
        if value is None:
            return NOWHERE
        for place in places[1:]:
            other, more = table[place]
            if other is None:
                return NOWHERE
            value, slopes = value + other, _plus(slopes, more)
        return value, slopes

    return step


def _product(places):
    def step(table, run):
        value, slopes = table[places[0]]
        if value is None:
            return NOWHERE
        for place in places[1:]:
            other, more = table[place]
            if other is None:
                return NOWHERE
            slopes = _plus(_scaled(slopes, other), _scaled(more, value))
            value = value * other
        return value, slopes

    return step


def _whole(place, k):
    def step(table, run):
        base, slopes = table[place]
        if base is None or (k < 0 and base == 0):
            return NOWHERE
        value = whole_power(base, k)
        if slopes is None:
            return value, None
        return value, _scaled(slopes, k * whole_power(base, k - 1) if k != 1 else arb(1))

    return step


def _root(base, p, q):
    """base**(p/q) for a ball of numbers that are not negative; the exponent is positive."""
    root = base.sqrt() if q == 2 else base.root(q)
    return whole_power(root, p)


def _fraction(place, p, q):
    """A power p/q, q > 1: its base is not negative."""

    def step(table, run):
        base, slopes = table[place]
        if base is None or base < 0:
            return NOWHERE
        if base > 0:
            value = _root(base, abs(p), q)
            value = value if p > 0 else 1 / value
            return value, _scaled(slopes, value / base * p / q)
        if base == 0 and slopes is None:
            return (arb(0), None) if p > 0 else NOWHERE
        if p < 0 or not base.is_finite():
            return arb("nan"), run.nothing()
        top = _root(arb(base.upper()), p, q)
        return arb(0).union(top), run.nothing()

    return step


def _general(base_place, exponent_place):
    """A power whose exponent is no rational number: exp(exponent * log(base))."""

    def step(table, run):
        (base, slopes), (exponent, more) = table[base_place], table[exponent_place]
        if base is None or exponent is None:
            return NOWHERE
        if not base > 0:
            if base >= 0 and exponent > 0 and base.is_finite():
                top = (arb(exponent) * arb(base.upper()).log()).exp() if base.upper() > 0 else arb(0)
                return arb(0).union(top), run.nothing()
            return arb("nan"), run.nothing()
        log = base.log()
        value = (exponent * log).exp()
        return value, _plus(_scaled(slopes, value * exponent / base), _scaled(more, value * log))

    return step


def _function(value, slope, domain, place):
    """A smooth function; `domain(ball)` is 1 where it is defined on the ball, -1 where nowhere, 0 where unknown."""

    def step(table, run):
        argument, slopes = table[place]
        if argument is None:
            return NOWHERE
        inside = domain(argument)
        if inside < 0:
            return NOWHERE
        result = value(argument)
        if inside == 0 or not result.is_finite():
            return result, run.nothing()
        return result, None if slopes is None else _scaled(slopes, slope(argument, result))

    return step


def _everywhere(x):
    return 1


def _half_line(edge, closed):
    """The domain x > edge, or x >= edge (where the slope is not bounded at the edge)."""

    def domain(x):
        low = edge()
        if x > low:
            return 1
        return -1 if x < low or (not closed and x <= low) else 0

    return domain


def _unit(closed):
    def domain(x):
        if x < 1 and x > -1:
            return 1
        return -1 if x > 1 or x < -1 or (not closed and (x >= 1 or x <= -1)) else 0

    return domain


def _no_integer(x):
    """Where gamma has no pole."""
    return 1 if x > 0 or not (x.contains_integer()) else 0


@cache
def _functions():
    """Value, derivative from argument and value, and domain of smooth functions of one argument."""
    two_by_root_pi = lambda: 2 / arb.pi().sqrt()  # noqa: E731  a constant at the working precision
    return {
        sp.exp: (arb.exp, lambda x, v: v, _everywhere),
        sp.log: (arb.log, lambda x, v: 1 / x, _half_line(lambda: arb(0), False)),
        sp.sin: (arb.sin, lambda x, v: x.cos(), _everywhere),
        sp.cos: (arb.cos, lambda x, v: -x.sin(), _everywhere),
        sp.tan: (arb.tan, lambda x, v: 1 + v * v, _everywhere),
        sp.sinh: (arb.sinh, lambda x, v: x.cosh(), _everywhere),
        sp.cosh: (arb.cosh, lambda x, v: x.sinh(), _everywhere),
        sp.tanh: (arb.tanh, lambda x, v: 1 / whole_power(x.cosh(), 2), _everywhere),
        sp.asin: (arb.asin, lambda x, v: 1 / (1 - whole_power(x, 2)).sqrt(), _unit(True)),
        sp.acos: (arb.acos, lambda x, v: -1 / (1 - whole_power(x, 2)).sqrt(), _unit(True)),
        sp.atan: (arb.atan, lambda x, v: 1 / (1 + whole_power(x, 2)), _everywhere),
        sp.asinh: (arb.asinh, lambda x, v: 1 / (1 + whole_power(x, 2)).sqrt(), _everywhere),
        sp.acosh: (arb.acosh, lambda x, v: 1 / (whole_power(x, 2) - 1).sqrt(), _half_line(lambda: arb(1), True)),
        sp.atanh: (arb.atanh, lambda x, v: 1 / (1 - whole_power(x, 2)), _unit(False)),
        sp.erf: (arb.erf, lambda x, v: two_by_root_pi() * (-whole_power(x, 2)).exp(), _everywhere),
        sp.erfc: (arb.erfc, lambda x, v: -two_by_root_pi() * (-whole_power(x, 2)).exp(), _everywhere),
        sp.gamma: (arb.gamma, lambda x, v: v * x.digamma(), _no_integer),
        sp.loggamma: (arb.lgamma, lambda x, v: x.digamma(), _half_line(lambda: arb(0), False)),
        sp.LambertW: (
            arb.lambertw,
            lambda x, v: 1 / (v.exp() * (1 + v)),
            _half_line(lambda: -(arb(-1).exp()), True),
        ),
    }


def _polygamma(order):
    """The derivative of a given order of the digamma function, to the right of its poles."""

    def value(x):
        return arb.digamma(x) if order == 0 else _derived(order, x)

    return value, lambda x, v: _derived(order + 1, x), _half_line(lambda: arb(0), False)


def _derived(order, x):
    """(-1)**(order + 1) * order! * zeta(order + 1, x), Hurwitz's zeta function."""
    return (-1) ** (order + 1) * arb(order).fac() * arb(order + 1).zeta(x)


@cache
def _rewritten():
    """Functions by others."""
    one = sp.Integer(1)
    return {
        sp.cot: lambda x: sp.cos(x) / sp.sin(x),
        sp.sec: lambda x: one / sp.cos(x),
        sp.csc: lambda x: one / sp.sin(x),
        sp.coth: lambda x: sp.cosh(x) / sp.sinh(x),
        sp.sech: lambda x: one / sp.cosh(x),
        sp.csch: lambda x: one / sp.sinh(x),
    }


# -- kinks and jumps -----------------------------------------------------------------------


def _hull_of(options, run, broken):
    """The hull of several branches; where one is undefined, or there may be a jump, there are no slopes."""
    known = [option for option in options if option[0] is not None]
    if not known:
        return NOWHERE
    value = _joined([v for v, _ in known])
    if broken or len(known) < len(options):
        return value, run.nothing()
    slopes = [s if s is not None else [arb(0)] * run.count for _, s in known]
    return value, [_joined(column) for column in zip(*slopes)]


def _largest(first, pairs, direction):
    """The maximum (direction 1) or minimum (-1) of several."""

    def step(table, run):
        options, tied = [table[first]], []
        if options[0][0] is None:
            return NOWHERE
        for key, side, place, other in pairs:
            if table[other][0] is None:
                return NOWHERE
            known = run.sign(key, table[place][0])
            if known is None:
                options.append(table[other])
            elif known == 0:
                tied.append(table[other])
            elif side * known * direction < 0:
                options, tied = [table[other]], []
        if len(options) + len(tied) == 1:
            return options[0]
        _, slopes = _hull_of([*options, *tied], run, False)
        best = options[0][0]
        for ball, _ in options[1:]:  # the maximum of two is no smaller than either
            best = best.max(ball) if direction > 0 else best.min(ball)
        return best, slopes

    return step


def _modulus(key, place, inner, side):
    def step(table, run):
        value, slopes = table[inner]
        if value is None:
            return NOWHERE
        known = run.sign(key, table[place][0])
        if known is None:
            return abs(value), None if slopes is None else [_joined([s, -s]) for s in slopes]
        if known == 0:
            return arb(0), None if slopes is None else [_joined([s, -s]) for s in slopes]
        return (value, slopes) if known * side > 0 else (-value, _scaled(slopes, -1))

    return step


def _step(levels, key, place):
    """A sign, or a step of Heaviside, with the places of its three levels."""

    def step(table, run):
        if table[place][0] is None:
            return NOWHERE
        known = run.sign(key, table[place][0])
        if known:
            return table[levels[known]]
        if known == 0:
            return table[levels[0]][0], run.nothing()
        return _hull_of([table[level] for level in levels.values()], run, True)

    return step


def _cases(branches, keys, broken):
    """A case distinction: only branches whose condition may be the first to hold count."""

    def step(table, run):
        doubtful = []  # switches at which the value may jump on this box

        def decide(key):
            ball = table[keys[key]][0]
            if ball is None:
                raise _Undefined
            sign = run.sign(key, ball)
            if (not sign and key in broken) or not ball.is_finite():
                doubtful.append(key)
            return sign

        try:
            options = _first_to_hold(branches, decide, table)
            value, slopes = _hull_of(options, run, bool(doubtful))
            near = _first_to_hold(branches, lambda key: decide(key) or None, table)  # also beside what is zero here
        except _Undefined:
            return NOWHERE
        if value is None or len(near) == len(options):
            return value, slopes
        return value, _hull_of(near, run, bool(doubtful))[1]

    return step


def _first_to_hold(branches, decide, table):
    """The branches whose condition may be the first to hold."""
    options = []
    for place, condition in branches:
        held = truth_by_signs(condition, decide)
        if held is not False:
            options.append(table[place])
        if held:
            return options
    return [*options, NOWHERE]


class _Undefined(Exception):
    """A condition compares what is no real number."""


def _integer_part(place, argument, up):
    """The floor, or the ceiling, of a step."""

    def step(table, run):
        ball, _ = table[place]
        if ball is None:
            return NOWHERE
        if not ball.is_finite():
            return arb("nan"), run.nothing()
        low, high = (
            (-_floor(-ball.lower()), -_floor(-ball.upper())) if up else map(_floor, (ball.lower(), ball.upper()))
        )
        if low == high:
            return arb(low), run.nothing() if ball == low else None
        if high == low + 1:
            integer = int(low if up else high)  # the only one in the box at which the value jumps
            key, side = switch(argument - integer)
            known = run.sign(key, (ball - integer) * side)
            if known is not None:
                beyond = known * side > 0 if up else known * side < 0
                value = arb(integer + beyond if up else integer - beyond)
                return value, None if known else run.nothing()
        return arb(low).union(arb(high)), run.nothing()

    return step


def _floor(x):
    """The floor of an exact ball."""
    exact = x.fmpq()
    return exact.p // exact.q
