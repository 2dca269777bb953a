"""Irrational constants among rational coefficients: symbols for them, exact zero tests, certain signs.

Algebraic constants lie in one number field, in which zero is recognised.  A power of e, pi, the logarithm or
sine of an algebraic number is transcendental (Lindemann, Weierstrass): alone, it satisfies no polynomial
equation with algebraic coefficients.  Of several, and of constants of which less is known, only enclosures
tell, up to a precision at which the question is given up.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import pairwise
from math import lcm
from typing import Any

import sympy as sp
from flint import acb, acb_poly, arb, arb_poly, ctx, fmpq_mpoly_ctx, fmpq_poly

from ..errors import InputError, Refusal, Undecided
from ..support.arguments import sequence_of
from ..support.display import call_like
from .balls import bounds, narrow
from .field_polynomials import square_free
from .gate import as_sympy
from .numbers import as_fmpq
from .points import Undefined, evaluate, scalar
from .polynomial_systems import solve_system

__all__ = ["Constants", "isolated_roots"]

_MOST = 4096  # bits at which a sign that only enclosures can tell is given up


class Constants:
    """Symbols for the irrational numbers of some expressions.

    Attributes
    ----------
    numbers : mapping {symbol: number}; a symbol is declared positive or negative as the number is

    Raises
    ------
    Refusal
        For numbers that are not real, or of which no enclosure is known.

    Examples
    --------
    >>> constants = Constants([sp.sqrt(2), sp.pi])
    >>> r, t = constants.numbers
    >>> constants.sign(r**2 - 2), constants.sign(r*t - sp.Rational(9, 2))
    (0, -1)
    """

    def __init__(self, expressions: Iterable[sp.Expr]) -> None:
        expressions = [scalar("an expression", e) for e in sequence_of("expressions", expressions, "expressions")]
        found: dict[sp.Expr, None] = {}
        for e in expressions:
            found |= dict.fromkeys(_irrational(e))
        powers = [_exponent(number) for number in found if _exponent(number) is not None]
        self._root = sp.Integer(lcm(*(int(e.q) for e in powers)))  # all powers of e are whole powers of one
        found = {number: None for number in found if _exponent(number) is None}
        if powers:
            found[sp.exp(sp.Rational(1, self._root))] = None
        self.numbers: dict[sp.Symbol, sp.Expr] = {}
        for number in sorted(found, key=sp.default_sort_key):
            positive = bool(_ball(number, 128) > 0)
            if not positive and not _ball(number, 128) < 0:
                raise Refusal(f"the sign of {number} is not certain")
            symbol = (
                sp.Dummy(f"c{len(self.numbers)}", positive=True)
                if positive
                else sp.Dummy(f"c{len(self.numbers)}", negative=True)
            )
            self.numbers[symbol] = number
        self._symbols = {number: symbol for symbol, number in self.numbers.items()}

    def __repr__(self) -> str:
        return call_like("Constants", list(map(str, self.numbers.values())) or ["none"])

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def __call__(self, expression: sp.Expr) -> sp.Expr:
        """The expression with symbols for its irrational numbers, those that this object knows."""
        return _replaced(scalar("expression", expression), self._symbols, self._root)

    @cached_property
    def _algebraic(self) -> dict[sp.Symbol, sp.Poly]:
        """The minimal polynomials of those that are algebraic."""
        t = sp.Dummy()
        return {s: sp.Poly(sp.minimal_polynomial(c, t), t) for s, c in self.numbers.items() if c.is_algebraic}

    @cached_property
    def equations(self) -> dict[sp.Symbol, sp.Expr]:
        """The polynomial equation of each algebraic constant: `Refusal` where one is not algebraic."""
        if rest := [c for s, c in self.numbers.items() if s not in self._algebraic]:
            raise Refusal(f"{rest[0]} is not an algebraic number")
        return {s: p.as_expr().subs(p.gen, s) for s, p in self._algebraic.items()}

    def enclosed(self, symbol: sp.Symbol, lower: sp.Rational, upper: sp.Rational) -> bool:
        """Whether the constant of a symbol may lie between two rational numbers."""
        low, high = bounds(self.ball(symbol, 256))
        return bool(low <= upper and lower <= high)

    def ball(self, expression: sp.Expr, bits: int) -> arb:
        """An enclosure of a polynomial in the symbols, at a precision in bits."""
        return _ball(expression.xreplace(self.numbers), bits)

    @cached_property
    def field(self) -> dict[sp.Symbol, Any]:
        """The algebraic constants as numbers of one field."""
        if not self._algebraic:
            return {}
        equations = {s: p.as_expr().subs(p.gen, s) for s, p in self._algebraic.items()}
        for solution in solve_system(list(equations.values()), list(equations), budget=None):
            if all(self.enclosed(s, *v.bounds(40)) for s, v in solution.values.items()):
                return dict(solution.values)
        raise ArithmeticError("the field of the constants was not found")

    @cached_property
    def _others(self):
        return [s for s in self.numbers if s not in self._algebraic]

    @property
    def decidable(self) -> bool:
        """Whether every zero is recognised: at most one constant is not algebraic, and that one transcendental."""
        return len(self._others) <= 1 and all(_transcendental(self.numbers[s]) for s in self._others)

    def vanishes(self, expression: sp.Expr) -> bool:
        """Whether a polynomial in the symbols is zero at the constants.

        Raises `Undecided` where only enclosures tell and they do not.
        """
        return self.sign(expression) == 0

    def sign(self, expression: sp.Expr) -> int:
        """The sign of a polynomial in the symbols at the constants: -1, 0 or 1.

        Raises `Undecided` where only enclosures tell and they do not.
        """
        expression = as_sympy(expression, "the expression")
        if not expression.free_symbols:
            return int(sp.sign(expression))
        zero: bool | None = None
        bits = 128
        while True:
            ball = self.ball(expression, bits)
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
            if zero is None:
                zero = self._zero(expression)
            if zero:
                return 0
            if bits >= _MOST and not self.decidable:
                value = expression.xreplace(self.numbers)
                raise Undecided(f"whether {value} is zero is not known: it is less than 1e-{bits * 3 // 10}")
            bits *= 2

    def _zero(self, expression):
        """Whether it vanishes, all constants that are not algebraic taken as independent."""
        terms = sp.Poly(expression, *self._others).coeffs() if self._others else [expression]
        return all(self._in_field(c) for c in terms)

    def _in_field(self, expression):
        if not self.field:
            return sp.expand(expression) == 0
        return bool(self._element(expression).degree() < 0)

    def _element(self, expression):
        """A polynomial in the algebraic constants as an element of their field, a polynomial in its generator."""
        symbols = list(self.field)
        total = fmpq_poly([0])
        modulus = self.field[symbols[0]].field.modulus
        for exponents, c in sp.Poly(expression, *symbols).terms():
            term = fmpq_poly([as_fmpq(c)])
            for s, e in zip(symbols, exponents):
                for _ in range(e):
                    term = term * self.field[s].poly % modulus
            total = total + term
        return total

    # -- roots -----------------------------------------------------------------------------

    def square_free(self, coefficients: list[sp.Expr]) -> list[tuple[list[sp.Expr] | list[Any], int]]:
        """Factors without repeated roots, and their multiplicities, of a polynomial with these coefficients.

        Coefficients are polynomials in the symbols, the lowest first; those of the factors are such polynomials, or
        elements of the field (`fmpq_poly`) where all constants are algebraic.
        """
        if not self._others:
            modulus = next(iter(self.field.values())).field.modulus
            return square_free([self._element(c) for c in coefficients], modulus)
        names = [f"c{k}" for k in range(len(self.numbers))]
        ring = fmpq_mpoly_ctx.get(["x", *names], "lex")
        terms: dict[Any, Any] = {}
        for k, c in enumerate(coefficients):
            for exponents, value in sp.Poly(c, *self.numbers).terms():
                terms[(k, *exponents)] = as_fmpq(value)
        symbols, parts = list(self.numbers), []
        for factor, multiplicity in ring.from_dict(terms).factor_squarefree()[1]:
            degree = int(factor.degrees()[0])
            if not degree:
                continue
            row = [sp.Integer(0)] * (degree + 1)
            for m, c in factor.terms():
                monomial = sp.prod(s ** int(e) for s, e in zip(symbols, m[1:]))
                row[m[0]] += sp.Rational(int(c.p), int(c.q)) * monomial
            parts.append((row, int(multiplicity)))
        return parts

    def enclosures(self, coefficients: list[Any], bits: int) -> arb_poly:
        """The polynomial with balls for its coefficients."""
        with ctx.workprec(bits):
            if coefficients and isinstance(coefficients[0], fmpq_poly):
                root = next(iter(self.field.values())).field.root(bits)
                return arb_poly([arb_poly(c)(root) for c in coefficients])
            return arb_poly([self.ball(as_sympy(c), bits) for c in coefficients])


def isolated_roots(coefficients: list[sp.Expr], digits: int) -> list[tuple[sp.Rational, sp.Rational, int]]:
    """The real roots of a polynomial with irrational coefficients: (lower, upper, multiplicity), in increasing order.

    Parameters
    ----------
    coefficients : real numbers, the lowest first
    digits : relative width of the bounds, in decimal digits

    Raises
    ------
    InputError
        For the zero polynomial.
    Refusal
        For numbers that are not real; `Undecided` where enclosures do not tell whether two roots are one.

    >>> [(float(a), k) for a, _, k in isolated_roots([sp.Integer(2), -2*sp.sqrt(2), sp.Integer(1)], 16)]
    [(1.4142135623730951, 2)]
    """
    constants = Constants(coefficients)
    below = sp.Integer(1)
    parts = [sp.fraction(sp.together(constants(c))) for c in coefficients]
    for _, denominator in parts:
        below = sp.lcm(below, denominator)
    symbols = [sp.expand(top * sp.cancel(below / denominator)) for top, denominator in parts]
    while symbols and constants.vanishes(symbols[-1]):
        symbols.pop()
    if not symbols:
        raise InputError("the polynomial vanishes identically: every point is a root")
    zero = next(k for k, c in enumerate(symbols) if not constants.vanishes(c))
    found = [(sp.Integer(0), sp.Integer(0), zero)] if zero else []
    if len(symbols) - zero < 2:
        return found
    parts, bits = constants.square_free(symbols[zero:]), 64 + 4 * digits
    while True:
        roots = _separated(constants, parts, bits)
        if roots is not None:
            roots = sorted([*found, *roots])
            apart = all(a[1] < b[0] for a, b in pairwise(roots))
            if apart and all(narrow(lower, upper, digits) for lower, upper, _ in roots):
                return roots
        if bits > 2 * _MOST:
            raise Undecided("whether two roots of a polynomial with irrational coefficients agree is not known")
        bits *= 2


def _separated(constants, parts, bits):
    """Enclosures of the real roots of square-free polynomials, or None where the precision does not suffice.

    An enclosure that meets its mirror image in the real axis, and the mirror images of no others, holds a real root.
    """
    roots = []
    for coefficients, multiplicity in parts:
        poly = constants.enclosures(coefficients, bits)
        with ctx.workprec(bits):
            try:
                every = acb_poly(poly).roots(arb(2) ** (-bits // 2), bits)
            except ValueError:
                return None
            for k, z in enumerate(every):
                if not z.imag.contains(0):
                    continue
                mirrored = acb(z.real, -z.imag)
                if any(mirrored.overlaps(other) for j, other in enumerate(every) if j != k):
                    return None
                roots.append((*bounds(z.real), multiplicity))
    return roots


def _irrational(expression):
    """The irrational numbers from which an expression is built with sums, products and whole powers."""
    if expression.is_Rational:
        return
    if expression.is_Add or expression.is_Mul or (expression.is_Pow and expression.exp.is_Integer):
        for arg in expression.args:
            yield from _irrational(arg)
    elif expression.is_number:
        yield expression
    elif not expression.is_Symbol:
        for arg in expression.args:
            if isinstance(arg, sp.Expr):
                yield from _irrational(arg)


def _exponent(number):
    """The exponent of a rational power of e, else None."""
    if number is sp.E:
        return sp.Integer(1)
    return number.args[0] if isinstance(number, sp.exp) and number.args[0].is_Rational else None


def _replaced(expression, symbols, root):
    if expression in symbols:
        return symbols[expression]
    power = _exponent(expression)
    if power is not None and (base := sp.exp(sp.Rational(1, root))) in symbols and root % power.q == 0:
        return symbols[base] ** (power * root)
    if expression.args and not expression.is_Rational:
        return expression.func(
            *(_replaced(arg, symbols, root) if isinstance(arg, sp.Basic) else arg for arg in expression.args)
        )
    return expression


def _ball(expression, bits):
    """An enclosure of a number."""
    try:
        value = evaluate(expression, {}, bits)
    except (Undefined, InputError) as error:
        if expression.is_algebraic and expression.is_real:  # by radicals of complex numbers, for one
            return _ball(_as_root(expression), bits)
        raise Refusal(f"no enclosure of {expression} is known: {error or 'not real or not finite'}") from None
    with ctx.workprec(bits):
        return arb(value)


@lru_cache(maxsize=256)
def _as_root(number):
    """A real algebraic number as a root of its minimal polynomial."""
    t = sp.Dummy()
    poly = sp.Poly(sp.minimal_polynomial(number, t), t)
    roots = [sp.CRootOf(poly, k) for k in range(poly.count_roots())]
    return min(roots, key=lambda root: abs(root.evalf(50) - number.evalf(50)))


_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh)


def _transcendental(number):
    """Whether a number is transcendental by the theorem of Lindemann and Weierstrass."""
    if number in (sp.pi, sp.E):
        return True
    if isinstance(number, _ENTIRE):
        return bool(number.args[0].is_algebraic and number.args[0].is_nonzero)
    if isinstance(number, (sp.log, sp.asin, sp.acos, sp.atan)):
        return bool(number.args[0].is_algebraic and number.is_nonzero)
    return False
