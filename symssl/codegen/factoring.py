"""Sums and products with their common factors drawn out, ready for Horner's rule.

Nothing here rebuilds a SymPy expression, so nothing is evaluated on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1

__all__ = ["Sum", "drawn_out", "factored", "halves", "horner", "monomial"]


@dataclass(frozen=True)
class Sum:
    """A sum of monomials ``(coefficient, ((base, exponent), ...))`` without common factor."""

    terms: tuple[Any, ...]


def horner(terms: Sequence[Any]) -> tuple[Any, ...] | None:
    """One step of Horner's rule: draw out the factor that most terms share.

    With it goes all else that those terms share.  Returns the terms, several of
    them now one product, or None where no factor is shared.
    """
    counts = Counter((b, e.is_positive) for _, factors in terms for b, e in factors if e.is_Rational)
    best = max(counts, key=lambda base: counts[base], default=None)
    if best is None or counts[best] < 2:
        return None
    sharing = [any((b, e.is_positive) == best for b, e in factors) for _, factors in terms]
    group = drawn_out([t for t, shares in zip(terms, sharing) if shares])
    first = sharing.index(True)
    others = [t for t, shares in zip(terms, sharing) if not shares]
    return (*others[:first], (sp.S.One, tuple(group.items())), *others[first:])


def halves(terms: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The terms of low and of high degree in the factor that most of them have."""
    counts = Counter(b for _, factors in terms for b, e in factors if e.is_Rational)
    base = max(counts, key=lambda factor: counts[factor], default=None)
    ordered = sorted(terms, key=lambda term: next((e for b, e in term[1] if b == base and e.is_Rational), 0))
    return ordered[: len(terms) // 2], ordered[len(terms) // 2 :]


def monomial(expr: sp.Expr) -> tuple[sp.Expr, dict[Any, Any]]:
    """(coefficient, {base: exponent}) of a product, sums without their common factors."""
    coefficient = sp.S.One
    factors: dict[Any, Any] = {}
    for factor in sp.Mul.make_args(expr):
        if not factor.free_symbols:
            coefficient *= factor
            continue
        base, exponent = factor.args if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        parts = {base: sp.S.One}
        if isinstance(base, sp.Add) and exponent.is_Integer:
            parts = factored(base)
        for part, power in parts.items():
            factors[part] = factors.get(part, sp.S.Zero) + power * exponent
    return coefficient, {base: exponent for base, exponent in factors.items() if exponent != 0}


def factored(add: sp.Expr) -> dict[Any, Any]:
    """A sum as {common factor: exponent, ..., remaining sum: 1}."""
    return drawn_out([(c, tuple(f.items())) for c, f in map(monomial, _without_expm1(add.args))])


def _without_expm1(summands):
    """c*exp(u) - c is c*expm1(u), which does not cancel for small u."""
    for constant in (s for s in summands if s.is_Number):
        for summand in summands:
            c, function = summand.as_coeff_Mul()
            if isinstance(function, sp.exp) and c == -constant:
                others = [s for s in summands if s is not constant and s is not summand]
                return [*others, sp.Mul(c, expm1(function.exp), evaluate=False)]
    return summands


def drawn_out(terms: Sequence[Any]) -> dict[Any, Any]:
    """The factors that all terms share, with exponents of one sign, and what remains.

    Exponents of both signs stay: x + 1/x as (x**2 + 1)/x would overflow sooner.
    """
    common = {b: e for b, e in terms[0][1] if e.is_Rational}
    for _, factors in terms[1:]:
        exponents = dict(factors)
        common = {
            b: min(e, exponents[b], key=abs)
            for b, e in common.items()
            if b in exponents and exponents[b].is_Rational and exponents[b] * e > 0
        }
    rest = tuple(
        (c, tuple((b, e - common.get(b, 0)) for b, e in factors if e != common.get(b, 0))) for c, factors in terms
    )
    return {**common, Sum(rest): sp.S.One}
