"""Real roots at rational parameters, certified.

Roots are isolated in exact and ball arithmetic (python-flint); nothing here
compares an imaginary part with a tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp

from ..errors import InputError
from ..support.arguments import MOST_DIGITS, described, instance_of, whole
from ..support.display import call_like
from .balls import bounds, narrow
from .numbers import as_fmpq, as_sympy_number, bounded_powers, exact_values, is_scalar, masked_roots, without_floats

__all__ = ["RealRoot", "real_roots"]


@dataclass(frozen=True)
class RealRoot:
    """One real root: rational bounds, its exact multiplicity, its value where rational."""

    lower: sp.Rational
    upper: sp.Rational
    multiplicity: int
    exact: sp.Rational | None = None

    def __post_init__(self) -> None:
        for name in ("lower", "upper", "exact"):
            if (value := getattr(self, name)) is not None or name != "exact":
                object.__setattr__(self, name, as_sympy_number(value))
        whole("multiplicity", self.multiplicity, 1)

    def __repr__(self) -> str:
        value = str(self.exact) if self.exact is not None else f"about {float(self):.16g}"
        return call_like("RealRoot", [value, f"multiplicity {self.multiplicity}"])

    def __float__(self) -> float:
        return float((self.lower + self.upper) / 2)

    @property
    def sign(self) -> int:
        """-1, 0 or 1: enclosures never straddle zero."""
        return int(sp.sign(self.lower + self.upper))


def real_roots(
    poly: sp.Expr | sp.Poly, var: sp.Symbol, values: Mapping[Any, Any] | None = None, *, digits: int = 16
) -> tuple[RealRoot, ...]:
    """The real roots of a polynomial, certified; irrational coefficients such as sqrt(2) and pi are taken exactly.

    Parameters
    ----------
    poly : expression, polynomial in `var`
    var : Symbol
    values : mapping of Symbol (or its name) to number, optional
        Values of every other symbol; floats are taken as the binary fractions they are.
    digits : int
        Relative width of the enclosures, in decimal digits.

    Returns
    -------
    tuple of RealRoot
        In increasing order, with disjoint enclosures; a root at zero is exact.

    Raises
    ------
    InputError
        For a symbol without a value, coefficients that are not real, the zero polynomial, or
        `digits` that are no positive integer.
    Refusal
        For coefficients of which no enclosure is known, and `Undecided` where enclosures do not tell whether two
        roots are one (with several constants such as pi and e that nobody has proved independent).

    Examples
    --------
    >>> from sympy import symbols
    >>> x, k = symbols("x k")
    >>> [(r.exact, r.multiplicity) for r in real_roots(x*(x - k)**2, x, {k: 3})]
    [(0, 1), (3, 2)]
    """
    import flint

    instance_of("var", var, sp.Symbol)
    digits = whole("digits", digits, 1, MOST_DIGITS)
    coefficients = _coefficients(poly, var, values)
    if not all(c.is_Rational for c in coefficients):
        from .constants import isolated_roots

        return tuple(
            RealRoot(lower, upper, multiplicity, lower if lower == upper else None)
            for lower, upper, multiplicity in isolated_roots(coefficients[::-1], digits)
        )
    coefficients = [as_fmpq(c) for c in coefficients]
    factors = flint.fmpq_poly(coefficients[::-1]).numer().factor()[1]
    precision = 64 + 4 * digits
    while True:
        roots = _isolate(factors, precision)
        apart = all(a.upper < b.lower for a, b in pairwise(roots))
        if apart and all(narrow(root.lower, root.upper, digits) for root in roots):
            return tuple(roots)
        precision *= 2


def _isolate(factors, precision):
    """Enclosures of the real roots of irreducible factors, sorted by their centres."""
    import flint

    saved, flint.ctx.prec = flint.ctx.prec, precision
    try:
        roots = []
        for factor, multiplicity in factors:
            if factor.degree() == 1:
                value = sp.Rational(-int(factor[0]), int(factor[1]))
                roots.append(RealRoot(value, value, multiplicity, value))
                continue
            # the isolator returns an exact zero imaginary part for real roots, and only for them
            for root, _ in factor.complex_roots():
                if root.imag.is_zero():
                    roots.append(RealRoot(*bounds(root.real), multiplicity))
        return sorted(roots, key=lambda root: root.lower + root.upper)
    finally:
        flint.ctx.prec = saved


def _coefficients(poly, var, values):
    """The coefficients of `poly` at `values`, highest first."""
    if not (isinstance(poly, sp.Poly) or is_scalar(poly)):
        raise InputError(f"poly must be an expression or a polynomial, not {described(poly)}")
    poly = bounded_powers("poly", without_floats(poly.as_expr()))
    values = exact_values(values, poly.free_symbols - {var})
    if missing := sorted(poly.free_symbols - set(values) - {var}, key=str):
        raise InputError(f"give a value to {missing[0]}: roots are isolated at numbers only")
    at, roots = masked_roots(sp.expand(poly.subs(values)))
    if not at.is_polynomial(var):
        raise InputError(f"{at} is not a polynomial in {var}")
    coefficients = [c.xreplace(roots) for c in sp.Poly(at, var).all_coeffs()]
    if not any(coefficients):
        raise InputError("the polynomial vanishes identically: every point is a root")
    for c in coefficients:
        if not c.is_Rational and c.is_real is False:
            raise InputError(f"the coefficient {c} is not real")
    return coefficients
