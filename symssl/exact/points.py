"""Exact points: evaluate a statement, and find a point where hypotheses hold.

Values are exact rationals as long as the expression allows, and rigorous
balls otherwise, so a comparison is either certain or not given.
"""

from random import Random

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Not, Or

from ..errors import InputError, Undecided
from .balls import CONSTANTS, FUNCTIONS, algebraic_ball, whole_power
from .numbers import as_rational

__all__ = [
    "Undefined",
    "coordinates",
    "evaluate",
    "find_point",
    "hypotheses",
    "points",
    "respects",
    "solve_equalities",
    "truth",
]

_BITS = (128, 512, 2048)


class Undefined(ArithmeticError):
    """The expression has no finite real value at the point."""


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


def coordinates(*objects):
    """The atoms whose values determine the objects: symbols, and nodes taken as opaque.

    >>> x, t = sp.symbols('x t'); f = sp.Function('f')
    >>> sorted(map(str, coordinates(x**2 + f(t))))
    ['f(t)', 'x']
    """
    found, stack = set(), list(objects)
    while stack:
        item = stack.pop()
        if isinstance(item, _ARITHMETIC):
            stack.extend(item.args)
        elif not (item.is_number if isinstance(item, sp.Expr) else isinstance(item, BooleanAtom)):
            found.add(item)
    return found


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
        return value if isinstance(value, (fmpq, arb)) else _value(as_rational(value), {})
    if expr.is_Rational:
        return fmpq(int(expr.p), int(expr.q))
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
        raise Undefined(f"no value for {expr}")
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


def evaluate(expr, point, bits=_BITS[0]):
    """Value of a scalar expression at an exact point: an `fmpq`, or an `arb` ball.

    Raises :class:`Undefined` where no finite real value exists.

    >>> x = sp.Symbol('x')
    >>> evaluate(x**2/3 - x, {x: Fraction(1, 2)})
    -5/12
    """
    with ctx.workprec(bits):
        value = _value(sp.sympify(expr, strict=True), point)
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
    if statement.func not in _COMPARE:
        raise InputError(f"{statement} is not a comparison, nor built from comparisons")
    difference = _value(statement.lhs, point) - _value(statement.rhs, point)
    if isinstance(difference, arb) and not difference.is_finite():
        raise Undefined(f"{statement} has no finite sides")
    try:
        return _COMPARE[statement.func](_sign(difference))
    except Undefined:
        return None


def truth(statement, point):
    """Whether a comparison, or a combination of comparisons, holds at an exact point.

    ``None`` where even the finest enclosure leaves it open (an equality of
    irrational values), :class:`Undefined` where a side has no finite value.

    >>> x = sp.Symbol('x')
    >>> truth(x**2 < 2, {x: Fraction(7, 5)}), truth(x**2 < 2, {x: Fraction(3, 2)})
    (True, False)
    """
    for bits in _BITS:
        with ctx.workprec(bits):
            held = _truth(statement, point)
        if held is not None:
            return held
    return None


def hypotheses(given):
    """Split `given` into comparisons, which points can satisfy, and matrix relations."""
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


def _bounds(scalar):
    """The rational numbers between which the comparisons hold a symbol, {symbol: [low or None, high or None]}."""
    found = {}
    for hypothesis in scalar:
        if not isinstance(hypothesis, (sp.Gt, sp.Ge, sp.Lt, sp.Le)):
            continue
        small, large = hypothesis.lts, hypothesis.gts
        for atom, bound, side in ((large, small, 0), (small, large, 1)):
            if atom.is_Symbol and not atom.is_integer and bound.is_Rational:
                bound, sides = fmpq(int(bound.p), int(bound.q)), found.setdefault(atom, [None, None])
                if sides[side] is None or (bound > sides[side]) == (side == 0):
                    sides[side] = bound
    return found


def _draw_inside(low, high, random, spread):
    """A rational strictly between two numbers, or beyond the only one."""
    if low is not None and high is not None:
        return low + (high - low) * fmpq(random.randint(1, 9 + spread), 10 + spread)
    step = fmpq(random.randint(1, 9 + spread), random.randint(2, 9))
    return high - step if low is None else low + step


def respects(atom, value):
    """Whether a value keeps the assumptions on its symbol.

    >>> respects(sp.Symbol('x', positive=True), -2)
    False
    """
    if not isinstance(value, (arb, fmpq)):
        value = evaluate(as_rational(value), {})
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


def solve_equalities(scalar):
    """Substitutions that satisfy the equalities, each solved for an atom it is linear in.

    Returns ``(substitution, rest)``; what is not linear in any atom stays in `rest`.
    """
    solution, rest = {}, []
    for hypothesis in scalar:
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


def points(objects, given=(), *, seed=0, tries=3000):
    """Exact points at which the hypotheses hold and the assumptions on symbols are kept.

    Yields dicts from coordinate to value (`fmpq`, or `arb` where a hypothesis
    forces an irrational one); the sequence depends only on the seed.
    """
    scalar, _ = hypotheses(given)
    solution, rest = solve_equalities(scalar)
    free = sorted(coordinates(*objects, *scalar, *solution.values()) - set(solution), key=str)
    random, bounds = Random(f"{seed}"), _bounds(rest)
    for attempt in range(tries):
        point = {atom: _draw(atom, random, min(attempt, 24)) for atom in free}
        if attempt % 2 and attempt > tries // 10:  # where plain numbers do not hit, aim between the bounds
            point |= {
                atom: _draw_inside(*sides, random, min(attempt, 24)) for atom, sides in bounds.items() if atom in point
            }
        try:
            solved = {atom: evaluate(value, point) for atom, value in solution.items()}
            if all(respects(atom, value) for atom, value in solved.items()) and all(truth(h, point) for h in rest):
                yield point | solved
        except Undefined:
            continue


def find_point(objects, given=(), *, seed=0):
    """The first exact point at which every hypothesis holds; `Undecided` if none is found.

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
