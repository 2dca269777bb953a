"""Exact points: the value of an expression at one, the truth of a statement, and points at which hypotheses hold.

Values are exact rationals (`fmpq`) as long as the expression allows, and balls (`arb`) that enclose the value
otherwise, so that a comparison is either certain or not given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Not, Or

from ..errors import InputError, SymsslError, Undecided
from ..support.arguments import MOST_BITS, described, sequence_of, whole
from .balls import CONSTANTS, FUNCTIONS, algebraic_ball, whole_power
from .gate import as_sympy
from .numbers import as_fmpq, as_sympy_number, bounded_powers, is_scalar

__all__ = [
    "Undefined",
    "coordinates",
    "evaluate",
    "find_point",
    "holds_at_point",
    "hypotheses",
    "points",
    "respects",
    "scalar",
    "solve_equalities",
]

_BITS = (128, 512, 2048)


class Undefined(SymsslError, ArithmeticError):
    """The expression has no finite real value at the point, or none that this module knows."""


_ARITHMETIC = (
    sp.Add,
    sp.Mul,
    sp.Pow,
    sp.Abs,
    sp.sign,
    sp.Max,
    sp.Min,
    sp.Piecewise,
    sp.functions.elementary.piecewise.ExprCondPair,
    sp.Rel,
    And,
    Or,
    Not,
    sp.Tuple,
    sp.Dict,
    sp.FiniteSet,
    *FUNCTIONS,
)


def coordinates(*objects: Any) -> set[Any]:
    """The atoms whose values determine the objects: symbols, and nodes taken as opaque.

    >>> x, t = sp.symbols('x t'); f = sp.Function('f')
    >>> sorted(map(str, coordinates(x**2 + f(t))))
    ['f(t)', 'x']
    """
    atoms, stack = set(), list(objects)
    while stack:
        item = stack.pop()
        if isinstance(item, _ARITHMETIC):
            stack.extend(item.args)
        elif not (item.is_number if isinstance(item, sp.Expr) else isinstance(item, BooleanAtom)):
            atoms.add(item)
    return atoms


def _power(base, exponent):
    if isinstance(exponent, fmpq) and exponent.q == 1:
        if exponent < 0 and (base == 0 if isinstance(base, fmpq) else base.contains(0)):
            raise Undefined
        return whole_power(base, int(exponent.p))
    if isinstance(exponent, fmpq) and exponent.q % 2 and exponent > 0 and base == 0:
        return fmpq(0)
    if base == 0 and exponent > 0:
        return fmpq(0)
    base = arb(base)
    if not base > 0:
        raise Undefined
    if isinstance(exponent, fmpq):
        return base.root(int(exponent.q)) ** int(exponent.p)
    return (arb(exponent) * base.log()).exp()


def _sign(value):
    if value > 0 or value < 0 or value == 0:
        return fmpq((value > 0) - (value < 0))
    raise Undefined


def _value(expr, point):
    if expr in point:
        value = point[expr]
        return value if isinstance(value, (fmpq, arb)) else _value(as_sympy_number(value), {})
    if expr.is_Rational:
        return as_fmpq(expr)
    if expr in CONSTANTS:
        return CONSTANTS[expr]()
    if isinstance(expr, sp.polys.rootoftools.ComplexRootOf) and expr.is_real:
        return algebraic_ball(expr)
    if isinstance(expr, sp.Piecewise):
        for branch, condition in expr.args:
            held = _truth(condition, point)
            if held is None:
                raise Undefined
            if held:
                return _value(branch, point)
        raise Undefined
    if not isinstance(expr, _ARITHMETIC):
        raise Undefined(f"the point gives no value to {expr}")
    args = [_value(arg, point) for arg in expr.args]
    if expr.is_Add:
        return sum(args[1:], args[0])
    if expr.is_Mul:
        product = args[0]
        for factor in args[1:]:
            product = product * factor
        return product
    if expr.is_Pow:
        return _power(*args)
    if isinstance(expr, sp.Abs):
        return abs(args[0])
    if isinstance(expr, sp.sign):
        return _sign(args[0])
    if isinstance(expr, (sp.Max, sp.Min)):
        best = args[0]
        for other in args[1:]:
            larger = _sign(other - best) > 0
            best = other if larger == isinstance(expr, sp.Max) else best
        return best
    return FUNCTIONS[expr.func](*map(arb, args))


def evaluate(expr: sp.Expr, point: Mapping[Any, Any], bits: int = _BITS[0]) -> fmpq | arb:
    """The value of a scalar expression at an exact point: an `fmpq`, or a ball (`arb`) that contains it.

    Parameters
    ----------
    expr : expression
    point : mapping of symbol to int, Fraction, exact SymPy number, `fmpq` or `arb`
    bits : working precision of balls

    Raises
    ------
    Undefined
        Where no finite real value exists, or a symbol has none.
    InputError
        For text, matrices, and floats in the point.

    >>> x = sp.Symbol('x')
    >>> evaluate(x**2/3 - x, {x: Fraction(1, 2)})
    -5/12
    """
    expr = scalar("expr", expr)
    with ctx.workprec(whole("bits", bits, 2, MOST_BITS)):
        value = _value(expr, _checked(point))
        if isinstance(value, arb) and not value.is_finite():
            raise Undefined(f"{expr} has no finite value")
        return value


_COMPARE = {
    sp.Eq: lambda sign: sign == 0,
    sp.Ne: lambda sign: sign != 0,
    sp.Gt: lambda sign: sign > 0,
    sp.Ge: lambda sign: sign >= 0,
    sp.Lt: lambda sign: sign < 0,
    sp.Le: lambda sign: sign <= 0,
}


def _truth(statement, point):
    if isinstance(statement, BooleanAtom):
        return bool(statement)
    if isinstance(statement, Not):
        held = _truth(statement.args[0], point)
        return None if held is None else not held
    if isinstance(statement, (And, Or, sp.Tuple)):
        decisive = isinstance(statement, Or)
        held = [_truth(arg, point) for arg in statement.args]
        return decisive if decisive in held else None if None in held else not decisive
    if getattr(statement, "func", None) not in _COMPARE:
        raise InputError(f"{described(statement)} is not a comparison, nor built from comparisons")
    difference = _value(statement.lhs, point) - _value(statement.rhs, point)
    if isinstance(difference, arb) and not difference.is_finite():
        raise Undefined(f"{statement} has no finite sides")
    try:
        return _COMPARE[statement.func](_sign(difference))
    except Undefined:
        return None


def holds_at_point(statement: sp.Basic, point: Mapping[Any, Any]) -> bool | None:
    """Whether a comparison, or a combination of comparisons, holds at an exact point.

    None where even the finest enclosure leaves it open: an equality of irrational values.

    Raises
    ------
    Undefined
        Where a side has no finite value.
    InputError
        For what is no comparison, nor built from comparisons.

    >>> x = sp.Symbol('x')
    >>> holds_at_point(x**2 < 2, {x: Fraction(7, 5)}), holds_at_point(x**2 < 2, {x: Fraction(3, 2)})
    (True, False)
    """
    if isinstance(statement, bool):
        return statement
    point = _checked(point)
    for bits in _BITS:
        with ctx.workprec(bits):
            held = _truth(statement, point)
        if held is not None:
            return held
    return None


def scalar(name: str, value: Any) -> sp.Expr:
    """A scalar expression as it stands; `InputError` that calls it `name` for text, matrices and statements."""
    if isinstance(value, bool) or not (isinstance(value, (int, Fraction)) or is_scalar(value)):
        raise InputError(f"{name} must be a scalar expression, not {described(value)}")
    return bounded_powers(name, as_sympy(value, name))


def _checked(point):
    if not isinstance(point, Mapping):
        raise InputError(f"point must be a mapping from symbols to exact numbers, not {described(point)}")
    return point


def hypotheses(given: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    """Split `given` into comparisons, which points can satisfy, and relations between matrices."""
    given = sequence_of("given", given, "comparisons")
    scalar = [h for h in given if isinstance(h, Boolean)]
    return scalar, [h for h in given if not isinstance(h, Boolean)]


def _draw(atom, random, spread):
    """A rational that respects the assumptions on `atom`."""
    if atom.is_integer:
        value = fmpq(random.randint(1, 3 + spread))
    else:
        value = fmpq(random.randint(1, 9 + spread), random.randint(2, 9)) * fmpq(4) ** random.randint(
            -(spread // 8), spread // 8
        )
    if atom.is_negative or (atom.is_positive is None and atom.is_nonnegative is None and random.random() < 0.5):
        value = -value
    return fmpq(0) if atom.is_zero else value


def _bounds(comparisons):
    """The rational numbers between which the comparisons hold a symbol, {symbol: [low or None, high or None]}."""
    limits = {}
    for hypothesis in comparisons:
        if not isinstance(hypothesis, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
            continue
        small, large = hypothesis.lts, hypothesis.gts
        for atom, bound, side in ((large, small, 0), (small, large, 1)):
            if atom.is_Symbol and not atom.is_integer and bound.is_Rational:
                bound, sides = as_fmpq(bound), limits.setdefault(atom, [None, None])
                if sides[side] is None or (bound > sides[side]) == (side == 0):
                    sides[side] = bound
    return limits


def _draw_inside(low, high, random, spread):
    """A rational strictly between two numbers, or beyond the only one."""
    if low is not None and high is not None:
        return low + (high - low) * fmpq(random.randint(1, 9 + spread), 10 + spread)
    step = fmpq(random.randint(1, 9 + spread), random.randint(2, 9))
    return high - step if low is None else low + step


def respects(atom: sp.Symbol, value: Any) -> bool:
    """Whether a value keeps the assumptions on its symbol.

    >>> respects(sp.Symbol('x', positive=True), -2)
    False
    """
    if not isinstance(value, (arb, fmpq)):
        value = evaluate(as_sympy_number(value), {})
    if isinstance(value, arb):
        return not (
            (atom.is_positive and not value > 0)
            or (atom.is_negative and not value < 0)
            or (atom.is_nonnegative and not value >= 0)
            or atom.is_rational
        )
    return not (
        (atom.is_positive and value <= 0)
        or (atom.is_negative and value >= 0)
        or (atom.is_nonnegative and value < 0)
        or (atom.is_nonpositive and value > 0)
        or (atom.is_nonzero and value == 0)
        or (atom.is_integer and value.q != 1)
    )


def solve_equalities(comparisons: Iterable[Any]) -> tuple[dict[sp.Symbol, sp.Expr], list[Any]]:
    """Substitutions that satisfy the equalities, each solved for a symbol in which it is linear.

    Returns ``(substitution, rest)``; what is linear in no symbol stays in `rest`.

    >>> x, y = sp.symbols("x y")
    >>> solve_equalities([sp.Eq(x, 2*y), y > 1])
    ({x: 2*y}, [y > 1])
    """
    solution: dict[sp.Symbol, sp.Expr] = {}
    rest = []
    for hypothesis in comparisons:
        hypothesis = hypothesis.subs(solution)
        if not isinstance(hypothesis, sp.Eq):
            rest.append(hypothesis)
            continue
        gap = sp.fraction(sp.together(hypothesis.lhs - hypothesis.rhs))[0].expand()
        for atom in sorted(coordinates(gap), key=str):
            slope = gap.diff(atom) if isinstance(atom, sp.Symbol) else None
            if slope is None or slope.has(atom) or not slope.is_nonzero:
                continue
            value = sp.cancel(atom - gap / slope)
            solution = {k: v.subs(atom, value) for k, v in solution.items()} | {atom: value}
            break
        else:
            rest.append(hypothesis)
    return solution, rest


def points(
    objects: Iterable[Any], given: Iterable[Any] = (), *, seed: int = 0, tries: int = 3000
) -> Iterator[dict[Any, Any]]:
    """Exact points at which the hypotheses hold and the assumptions on symbols are kept.

    Yields dicts from coordinate to value (`fmpq`, or `arb` where a hypothesis
    forces an irrational one); the sequence depends only on the seed.

    Parameters
    ----------
    objects : the expressions and statements whose symbols get values
    given : comparisons that are to hold; relations between matrices are left aside
    seed : names the sequence
    tries : number of points that are drawn, whether they satisfy the hypotheses or not
    """
    objects = [_as_basic(thing) for thing in sequence_of("objects", objects, "expressions and statements")]
    comparisons, _ = hypotheses(given)
    solution, rest = solve_equalities(comparisons)
    free = sorted(coordinates(*objects, *comparisons, *solution.values()) - set(solution), key=str)
    random, bounds = Random(f"{seed}"), _bounds(rest)
    for attempt in range(tries):
        point = {atom: _draw(atom, random, min(attempt, 24)) for atom in free}
        if attempt % 2 and attempt > tries // 10:  # where plain numbers do not hit, aim between the bounds
            point |= {
                atom: _draw_inside(sides[0], sides[1], random, min(attempt, 24))
                for atom, sides in bounds.items()
                if atom in point
            }
            if not all(respects(atom, point[atom]) for atom in bounds if atom in point):
                continue
        try:
            solved = {atom: evaluate(value, point) for atom, value in solution.items()}
            if all(respects(atom, value) for atom, value in solved.items()) and all(
                holds_at_point(h, point) for h in rest
            ):
                yield point | solved
        except Undefined:
            continue


def _as_basic(thing):
    if isinstance(thing, sp.MatrixBase):
        return thing.as_immutable()
    if not isinstance(thing, (sp.Basic, int, Fraction)):
        raise InputError(f"objects must be expressions and statements; one is {described(thing)}")
    return as_sympy(thing, "one of the objects")


def find_point(objects: Iterable[Any], given: Iterable[Any] = (), *, seed: int = 0) -> dict[Any, Any]:
    """The first exact point at which every hypothesis holds.

    Raises
    ------
    Undecided
        Where none is found: the hypotheses may contradict each other.

    >>> x = sp.Symbol('x', positive=True)
    >>> find_point([x], [x > 1])[x] > 1
    True
    """
    for point in points(objects, given, seed=seed):
        return point
    raise Undecided(
        "no exact point satisfying every hypothesis was found; "
        "the hypotheses may contradict each other: " + ", ".join(map(str, given))
    )
