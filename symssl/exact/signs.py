"""Signs of expressions, proved factor by factor from the assumptions on their symbols."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from ..support.arguments import mapping_of
from .numbers import as_fmpq, exact_expression, is_scalar

__all__ = ["irreducible_factors", "sign"]


def sign(expr: sp.Expr, known: Mapping[sp.Expr, int] | None = None) -> int | None:
    """The sign of an expression where it can be proved, else None.

    Decided factor by factor from the assumptions on the symbols.

    Parameters
    ----------
    expr : expression, best a rational function; of others little is known
    known : mapping of irreducible factors, in the form that `irreducible_factors` gives them, to -1, 0 or 1

    Raises
    ------
    InputError
        For what is no scalar expression.

    >>> from sympy import symbols
    >>> a, b = symbols("a b", positive=True)
    >>> sign(-a/(1 + b)**2), sign(a - b), sign(a - b, {a - b: -1})
    (-1, None, -1)
    """
    constant, factors = irreducible_factors(expr)
    result = _sign_of_atom(constant)
    known = mapping_of("known", known, "factors to signs")
    for factor, exponent in factors:
        one = known.get(factor, _sign_of_atom(factor))
        if one is None or result is None:
            return None
        result *= one ** (exponent % 2 or 2)
    return result


def irreducible_factors(expr: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, int]]]:
    """A rational expression as a constant and (irreducible factor, exponent) pairs.

    The factors are primitive, their leading coefficient in alphabetical order
    of the symbols is positive, and exponents of denominators are negative.

    >>> a, b = sp.symbols("a b")
    >>> irreducible_factors((b**2 - a**2)/(3*a))
    (-1/3, [(a - b, 1), (a + b, 1), (a, -1)])
    """
    if not is_scalar(expr):
        expr = exact_expression("expr", expr)
    numerator, denominator = sp.fraction(sp.cancel(expr))
    constant, pairs = sp.Integer(1), []
    for part, direction in ((numerator, 1), (denominator, -1)):
        gens = sorted(part.free_symbols, key=str)
        if not gens or not part.is_polynomial(*gens):
            pairs += [] if part.is_number else [(part, direction)]
            constant *= part**direction if part.is_number else 1
            continue
        content, factors = _factor_list(part, gens)
        constant *= content**direction
        pairs += [(factor, exponent * direction) for factor, exponent in factors]
    return constant, pairs


def _factor_list(expr, gens):
    """`sympy.factor_list`, by python-flint where the coefficients are rational: far faster for long ones."""
    import flint

    poly = sp.Poly(expr, *gens)
    if not poly.domain.is_QQ and not poly.domain.is_ZZ:
        return sp.factor_list(expr, *gens)
    ring = flint.fmpq_mpoly_ctx.get([f"x{k}" for k in range(len(gens))], "lex")
    terms = {m: as_fmpq(c) for m, c in poly.terms()}
    content, factors = ring.from_dict(terms).factor()
    content, pairs = sp.Rational(int(content.p), int(content.q)), []
    for factor, exponent in factors:
        poly_factor = sp.Poly({m: sp.Rational(int(c.p), int(c.q)) for m, c in factor.to_dict().items()}, *gens)
        scale, primitive = poly_factor.primitive()
        scale *= sp.sign(primitive.LC())
        pairs.append((primitive.as_expr() * sp.sign(primitive.LC()), int(exponent)))
        content *= scale ** int(exponent)
    pairs.sort(key=lambda pair: (pair[1], sp.Poly(pair[0], *gens).total_degree(), sp.default_sort_key(pair[0])))
    return content, pairs


def _sign_of_atom(expr):
    try:
        return 1 if expr.is_positive else -1 if expr.is_negative else 0 if expr.is_zero else None
    except OverflowError:  # SymPy asks for logarithms of integers, whatever their size, as floats
        return None
