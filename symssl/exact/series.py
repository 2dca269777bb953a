"""The branch through zero of g(x) = v: its power series in v, and how far it converges.

Coefficients are Lagrange's: n c_n is the coefficient of x**(n - 1) in (x/g)**n.
Where g = x*(1 - p(x)) and no coefficient of p is negative, none of the series is,
so the singularity nearest to the origin lies on the positive axis (Pringsheim):
it is the value g at the only positive zero of g', a simple branch point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import InputError, Refusal
from ..support.arguments import instance_of, whole
from ..support.display import call_like
from .balls import bounds
from .numbers import as_fmpq, exact_expression, exact_values
from .roots import real_roots

__all__ = ["InverseBranch", "inverse_branch"]


@dataclass(frozen=True)
class InverseBranch:
    """The solution x(v) of g(x) = v with x(0) = 0, for a polynomial g; made by `inverse_branch`."""

    function: sp.Expr
    variable: sp.Symbol
    value: sp.Symbol

    def __repr__(self) -> str:
        return call_like("InverseBranch", [f"{self.function} = {self.value}", f"solved for {self.variable} near 0"])

    def coefficients(self, order: int) -> tuple[sp.Expr, ...]:
        """The coefficients of v, v**2, ..., v**order.

        >>> x, v, k = sp.symbols("x v k")
        >>> inverse_branch(x - k*x**2, x, v).coefficients(4)
        (1, k, 2*k**2, 5*k**3)
        """
        order = whole("order", order, 1, 1000)
        series, power = [], [sp.Integer(1)]
        factor = self._reciprocal(order)
        for n in range(1, order + 1):
            power = _product(power, factor, order)
            series.append(sp.factor(power[n - 1] / n))
        return tuple(sp.expand(c) if c.is_polynomial() else c for c in series)

    def series(self, order: int) -> sp.Expr:
        """The series up to v**order."""
        return sp.Add(*(c * self.value**n for n, c in enumerate(self.coefficients(order), 1)))

    def _reciprocal(self, order):
        """The first coefficients of x/g."""
        g = [self.function.coeff(self.variable, k) for k in range(1, order + 1)]
        out = [1 / g[0]]
        for n in range(1, order):
            out.append(sp.expand(-sp.Add(*(g[k] * out[n - k] for k in range(1, n + 1))) / g[0]))
        return out

    def _exact(self, values):
        return exact_values(values, self.function.free_symbols - {self.variable})

    @property
    def is_positive(self) -> bool:
        """Whether g = x*(1 - p) up to a positive factor, no coefficient of p being negative: proved or False."""
        lead, *rest = (self.function.coeff(self.variable, k) for k in range(1, self._degree + 1))
        return bool(lead.is_positive) and all((-c).is_nonnegative for c in rest)

    @property
    def _degree(self):
        return int(sp.degree(self.function, self.variable))

    @property
    def singularity(self) -> tuple[sp.Expr, sp.Expr]:
        """(g', g): the nearest singularity is the value of the second at the positive zero of the first.

        Raises
        ------
        Refusal
            The coefficients are not proved to have one sign.
        """
        if not self.is_positive:
            raise Refusal(
                "the coefficients of the series are not proved nonnegative, so the nearest branch point "
                "need not be on the positive axis",
                self.function,
            )
        if self._degree < 2:
            raise Refusal("the series of a linear function converges everywhere", self.function)
        return sp.diff(self.function, self.variable), self.function

    def radius(self, values: Mapping[Any, Any] | None = None, *, digits: int = 16) -> tuple[sp.Rational, sp.Rational]:
        """Rational bounds (equal where it is rational) of the radius of convergence at numbers.

        Parameters
        ----------
        values : mapping of parameter (Symbol or name) to number
        digits : relative width of the bounds, in decimal digits

        >>> x, v = sp.symbols("x v"); k = sp.Symbol("k", nonnegative=True)
        >>> inverse_branch(x - k*x**2, x, v).radius({k: 2})
        (1/8, 1/8)
        """
        critical, level = (f.subs(self._exact(values)) for f in self.singularity)
        if not critical.has(self.variable):
            raise Refusal("the series of a linear function converges everywhere", level)
        (root,) = (r for r in real_roots(critical, self.variable, digits=digits) if r.sign > 0)
        if root.exact is not None:
            return (level.subs(self.variable, root.exact),) * 2
        # g rises up to its critical point: the value there is the largest, and at most the tangent's at one end
        low = level.subs(self.variable, root.lower)
        return _outward(low, low + critical.subs(self.variable, root.lower) * (root.upper - root.lower), digits)

    def branch_points(self, values: Mapping[Any, Any] | None = None) -> tuple[tuple[sp.Rational, sp.Rational], ...]:
        """Rational bounds on the modulus of every v at which two solutions of g(x) = v meet, on any sheet.

        From the discriminant of g - v; increasing, one pair for each root.
        """
        level = self.function.subs(self._exact(values)) - self.value
        discriminant = sp.Poly(sp.discriminant(level, self.variable), self.value)
        if discriminant.free_symbols_in_domain or not discriminant.domain.is_Exact:
            raise InputError("branch points are located at numbers: give a value to every parameter")
        return tuple(sorted(_moduli(discriminant)))


def inverse_branch(function: sp.Expr, variable: sp.Symbol, value: sp.Symbol) -> InverseBranch:
    """The solution of ``function = value`` that vanishes with the value.

    Parameters
    ----------
    function : polynomial in the variable with a simple zero at 0; its coefficients may hold parameters
    variable, value : Symbol

    Raises
    ------
    Refusal
        For a function that is no polynomial.
    InputError
        For a polynomial without a simple zero at 0.

    >>> x, v, k = sp.symbols("x v k")
    >>> inverse_branch(x*(1 - k*x), x, v).series(3)
    2*k**2*v**3 + k*v**2 + v
    """
    instance_of("variable", variable, sp.Symbol)
    instance_of("value", value, sp.Symbol)
    function = sp.expand(exact_expression("function", function))
    if not function.is_polynomial(variable):
        raise Refusal(f"{function} is not a polynomial in {variable}")
    if function.has(value) or function.subs(variable, 0) != 0 or function.coeff(variable, 1) == 0:
        raise InputError(f"{function} has no simple zero at {variable} = 0, or contains {value}")
    return InverseBranch(function, variable, value)


def _product(a, b, order):
    """The product of two series, truncated."""
    return [
        sp.expand(sp.Add(*(a[k] * b[n - k] for k in range(n + 1) if k < len(a) and n - k < len(b))))
        for n in range(order)
    ]


def _moduli(poly):
    """Bounds of the moduli of the roots, with multiplicity, by ball arithmetic."""
    from flint import fmpq_poly

    coefficients = [as_fmpq(c) for c in reversed(poly.all_coeffs())]
    for root, multiplicity in fmpq_poly(coefficients).numer().complex_roots():
        low, high = bounds(abs(root))
        yield from [_outward(low, high, 16) if low > 0 else (sp.Integer(0), high)] * multiplicity


def _outward(low, high, digits):
    """Short bounds around positive ones."""
    unit = sp.Integer(10) ** (sp.floor(sp.log(low, 10)) - digits)
    return sp.floor(low / unit) * unit, sp.ceiling(high / unit) * unit
