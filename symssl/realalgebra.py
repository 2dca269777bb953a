"""Real roots at rational parameters, certified, and signs proved from assumptions.

Roots are isolated in exact and ball arithmetic (python-flint); nothing here
compares an imaginary part with a tolerance.
"""

from dataclasses import dataclass

import sympy as sp

from .errors import InputError
from .flow import exact, exact_number

__all__ = ["RealRoot", "bounds", "irreducible_factors", "real_roots", "sign"]


@dataclass(frozen=True)
class RealRoot:
    """One real root: rational bounds, its exact multiplicity, its value where rational."""

    lower: sp.Rational
    upper: sp.Rational
    multiplicity: int
    exact: sp.Rational | None = None

    def __float__(self):
        return float((self.lower + self.upper) / 2)

    @property
    def sign(self):
        """-1, 0 or 1: enclosures never straddle zero."""
        return int(sp.sign(self.lower + self.upper))


def real_roots(poly, var, values=None, *, digits=16):
    """The real roots of a polynomial at rational parameters, certified.

    Parameters
    ----------
    poly : expression, polynomial in `var`
    var : Symbol
    values : mapping of Symbol to number, optional
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
        For a symbol without a value, coefficients that are not rational, the zero polynomial, or
        `digits` that are no positive integer.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, k = symbols("x k")
    >>> [(r.exact, r.multiplicity) for r in real_roots(x*(x - k)**2, x, {k: 3})]
    [(0, 1), (3, 2)]
    """
    import flint

    if isinstance(digits, bool) or not isinstance(digits, int) or digits < 1:
        raise InputError(f"digits must be a positive integer, not {digits!r}")
    coefficients = _rational_coefficients(poly, var, values)
    factors = flint.fmpq_poly(coefficients[::-1]).numer().factor()[1]
    precision = 64 + 4 * digits
    while True:
        roots = _isolate(factors, precision)
        apart = all(a.upper < b.lower for a, b in zip(roots, roots[1:], strict=False))
        if apart and all(_narrow(root, digits) for root in roots):
            return tuple(roots)
        precision *= 2


def _narrow(root, digits):
    width = root.upper - root.lower
    if root.exact is None and root.lower * root.upper <= 0:
        return False
    return width * sp.Integer(10) ** digits <= min(abs(root.lower), abs(root.upper)) or width == 0


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


def bounds(ball):
    """Exact rational bounds of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    middle = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    mantissa, exponent = ball.rad().man_exp()
    radius = sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)
    return middle - radius, middle + radius


def _rational_coefficients(poly, var, values):
    """The coefficients of `poly` at `values`, highest first, as flint rationals."""
    import flint

    if not isinstance(poly, (sp.Expr, sp.Poly)):
        raise InputError(f"the polynomial must be an expression, not {poly!r}")
    poly = exact(poly.as_expr())
    values = {key: exact_number(value, key) for key, value in dict(values or {}).items()}
    if missing := sorted(poly.free_symbols - set(values) - {var}, key=str):
        raise InputError(f"give a value to {missing[0]}: roots are isolated at numbers only")
    at = sp.expand(poly.subs(values))
    if not at.is_polynomial(var):
        raise InputError(f"{at} is not a polynomial in {var}")
    coefficients = sp.Poly(at, var).all_coeffs()
    if not any(coefficients):
        raise InputError("the polynomial vanishes identically: every point is a root")
    for c in coefficients:
        if not c.is_Rational:
            raise InputError(f"the coefficient {c} is not rational, so its roots have no exact isolation")
    return [flint.fmpq(int(c.p), int(c.q)) for c in coefficients]


def sign(expr, known=()):
    """The sign of an expression where it can be proved, else None.

    Decided factor by factor from the assumptions on the symbols; `known` maps
    irreducible factors, normalised as `irreducible_factors` does, to signs.

    >>> from sympy import symbols
    >>> a, b = symbols("a b", positive=True)
    >>> sign(-a/(1 + b)**2), sign(a - b), sign(a - b, {a - b: -1})
    (-1, None, -1)
    """
    constant, factors = irreducible_factors(expr)
    result = _sign_of_atom(constant)
    for factor, exponent in factors:
        one = dict(known).get(factor, _sign_of_atom(factor))
        if one is None or result is None:
            return None
        result *= one ** (exponent % 2 or 2)
    return result


def irreducible_factors(expr):
    """A rational expression as a constant and (irreducible factor, exponent) pairs.

    The factors are primitive, their leading coefficient in alphabetical order
    of the symbols is positive, and exponents of denominators are negative.
    """
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
    terms = {m: flint.fmpq(int(c.p), int(c.q)) for m, c in poly.terms()}
    content, factors = ring.from_dict(terms).factor()
    content, pairs = sp.Rational(int(content.p), int(content.q)), []
    for factor, exponent in factors:
        found = sp.Poly({m: sp.Rational(int(c.p), int(c.q)) for m, c in factor.to_dict().items()}, *gens)
        scale, found = found.primitive()
        scale *= sp.sign(found.LC())
        pairs.append((found.as_expr() * sp.sign(found.LC()), int(exponent)))
        content *= scale**int(exponent)
    pairs.sort(key=lambda pair: (pair[1], sp.Poly(pair[0], *gens).total_degree(), sp.default_sort_key(pair[0])))
    return content, pairs


def _sign_of_atom(expr):
    try:
        return 1 if expr.is_positive else -1 if expr.is_negative else 0 if expr.is_zero else None
    except OverflowError:       # SymPy asks for logarithms of integers, whatever their size, as floats
        return None
