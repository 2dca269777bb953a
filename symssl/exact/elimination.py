"""Polynomial systems by elimination: factors, linear unknowns and resultants, then back through the fibres.

A system is split by the factors of its equations; an unknown that is linear in an equation goes by
substitution, with the case that its coefficient vanishes apart; others go by resultants, whose factors
split the system again.  What is left in one unknown is factored over the rationals.  On the way back the
next coordinate is a root of the greatest common divisor of all equations in one unknown over the number
field found so far: factors that a resultant brought in have none, and a fibre of several points extends
the field by a primitive element (Trager 1976).  Every solution is put into every equation at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx, fmpq_poly

from ..errors import NotIsolated
from .field_polynomials import common_divisor, derivative, divided

__all__ = ["Component", "components", "primitive", "projections", "real_count"]


@dataclass(frozen=True, eq=False)
class Component:
    """Solutions that are conjugate over the rationals: one for each root of an irreducible polynomial.

    Attributes
    ----------
    modulus : fmpq_poly, irreducible
    values : coordinates by number of the unknown, polynomials in the root (fmpq_poly)
    """

    modulus: Any
    values: dict[int, Any]

    def at(self, poly: Any, unknown: int | None = None) -> list[Any]:
        """A polynomial (fmpq_mpoly) at the solutions: its coefficients by powers of `unknown`, or its one value."""
        powers: dict[tuple[int, int], Any] = {}
        coefficients = [fmpq_poly([0])] * (poly.degrees()[unknown] + 1 if unknown is not None else 1)
        for exponents, c in poly.terms():
            term = fmpq_poly([c])
            for k, e in enumerate(exponents):
                if e and k != unknown:
                    if (k, e) not in powers:
                        powers[k, e] = self._power(k, e)
                    term = term * powers[k, e] % self.modulus
            place = exponents[unknown] if unknown is not None else 0
            coefficients[place] = coefficients[place] + term
        return coefficients

    def _power(self, k, exponent):
        result, base = fmpq_poly([1]), self.values[k]
        for bit in f"{int(exponent):b}":
            result = result * result % self.modulus
            result = result * base % self.modulus if bit == "1" else result
        return result


def real_count(modulus: Any) -> int:
    """The number of real roots of an irreducible polynomial.

    >>> real_count(fmpq_poly([-2, 0, 1]))
    2
    """
    if modulus.degree() == 1:
        return 1
    return sum(1 for z, _ in modulus.numer().complex_roots() if z.imag.is_zero())


def components(
    equations: Sequence[Any], nonzero: Sequence[Any] = (), before: Callable[..., None] | None = None
) -> list[Component]:
    """The solutions of equations at which no polynomial of `nonzero` vanishes, those with real coordinates only.

    Parameters
    ----------
    equations, nonzero : fmpq_mpoly of one context
    before : called with what is about to be done, "resultant" or "factor", the polynomials, and `unknown` for a
        resultant; or "field" with the modulus of a number field and elements of it that are to be inverted, "norm"
        with a modulus, the coefficients of a polynomial over its field, and its degree as `unknown`; it may raise
        where that would take too long

    Raises
    ------
    NotIsolated
        Where solutions are not isolated, or the resultants cannot tell.

    >>> ring = fmpq_mpoly_ctx.get(["x", "y"], "lex")
    >>> x, y = ring.gens()
    >>> [len(c.modulus.coeffs()) - 1 for c in components([x**2 + y**2 - 4, x*y - 1])]
    [4]
    """
    system = _System(equations[0].context(), before or (lambda *_, **__: None))
    found = list(system.solutions(list(equations), _distinct(nonzero), tuple(range(len(equations[0].degrees())))))
    for one in found:
        if any(not one.at(f)[0].degree() < 0 for f in equations):
            raise ArithmeticError("a solution does not satisfy its equations")
    return found


def projections(
    equations: Sequence[Any],
    nonzero: Sequence[Any],
    kept: Sequence[int],
    before: Callable[..., None] | None = None,
) -> list[list[Any]]:
    """Where solutions can lie in some of the unknowns: their images are zeros of all polynomials of one list.

    There may be zeros that no solution lies above.  A list without polynomials bounds nothing.

    Parameters
    ----------
    equations, nonzero, before : as for `components`
    kept : the numbers of the unknowns that stay

    >>> ring = fmpq_mpoly_ctx.get(["x", "y"], "lex")
    >>> x, y = ring.gens()
    >>> projections([x**2 - y, x * y - 1], [], [1])
    [[y - 1]]
    """
    system = _System(equations[0].context(), before or (lambda *_, **__: None))
    return list(system.images(list(equations), _distinct(nonzero), tuple(kept)))


def _distinct(polys):
    kept: list[Any] = []
    for p in polys:
        if not p.is_constant() and p not in kept:
            kept.append(p)
    return kept


class _System:
    """The elimination in one ring."""

    def __init__(self, ring: fmpq_mpoly_ctx, before: Callable[..., None]) -> None:
        self.ring, self.before = ring, before
        self.known: dict[str, list[Any]] = {}

    def factors(self, poly):
        """The irreducible factors with real zeros, primitive; each once."""
        key = str(poly)
        if key not in self.known:
            self.before("factor", poly)
            self.known[key] = [g for g in (primitive(f) for f, _ in poly.factor()[1]) if not _never_zero(g)]
        return self.known[key]

    def cases(self, equations, nonzero) -> Iterator[tuple[list[Any], list[Any]]]:
        """(equations, what does not vanish) of cases that exclude each other, with irreducible equations."""
        kept: list[Any] = []
        for f in equations:
            if f.is_zero():
                continue
            if f.is_constant():
                return
            factors = [g for g in self.factors(f) if g not in nonzero]
            if not factors:
                return
            if len(factors) > 1 and not any(g in equations for g in factors):
                rest = [e for e in equations if e != f]
                for g in sorted(factors, key=lambda g: (g.total_degree(), len(g))):
                    yield from self.cases([g, *rest], nonzero)
                    nonzero = [*nonzero, g]
                return
            whole = next((g for g in factors if g in equations), factors[0])
            if (parts := _vanishing_terms(whole)) is not None:
                yield from self.cases([*parts, *(e for e in equations if e not in (f, whole))], nonzero)
                return
            if whole not in kept:
                kept.append(whole)
        yield kept, nonzero

    def solutions(self, equations, nonzero, unknowns) -> Iterator[Component]:
        """Components of the solutions in some unknowns; all polynomials hold no others."""
        for kept, without in self.cases(equations, nonzero):
            if not kept:
                raise NotIsolated("the solutions are not isolated")
            if len(unknowns) == 1:
                yield from self._last(kept, without, *unknowns)
            elif (choice := self._linear(kept, without)) is not None:
                yield from self._substituted(kept, without, unknowns, *choice)
            else:
                yield from self._eliminated(kept, without, unknowns)

    def images(self, equations, nonzero, stay) -> Iterator[list[Any]]:
        """Polynomials in the unknowns that stay, a list for each case."""
        for kept, without in self.cases(equations, nonzero):
            going = {k for f in kept for k, degree in enumerate(f.degrees()) if degree and k not in stay}
            if not going:
                yield kept
                continue
            choice = self._linear(kept, without, going)
            if choice is None:
                k = min(going, key=lambda u: _price(kept, u))
                holding = sorted((f for f in kept if f.degrees()[k]), key=lambda f: (f.degrees()[k], len(f)))
                first, others = holding[0], holding[1:]
            else:
                first, k, slope, rest = choice
                others = [f for f in kept if f != first and f.degrees()[k]]
                extra = [] if slope.is_constant() else [g for g in self.factors(slope) if g not in without]
                if extra:
                    yield from self.images([slope, rest, *(f for f in kept if f != first)], without, stay)
                    without = [*without, *extra]
            free = [f for f in kept if f != first and not f.degrees()[k]]
            reduced = [self._resultant(first, g, k) for g in others]
            yield from self.images([*free, *reduced], [p for p in without if not p.degrees()[k]], stay)

    def _last(self, equations, nonzero, unknown):
        """One unknown: the roots that all equations have in common."""
        common = equations[0]
        for f in equations[1:]:
            common = common.gcd(f)
        if common.is_constant():
            return
        for factor in self.factors(common):
            modulus = fmpq_poly(_coefficients(factor, unknown))
            self.before("field", modulus)
            if factor not in nonzero and real_count(modulus):
                yield Component(modulus, {unknown: fmpq_poly([0, 1]) % modulus})

    def _linear(self, equations, nonzero, among=None):
        """The best equation that is linear in an unknown: (equation, unknown, coefficient, rest), or None."""
        best, cost = None, None
        for f in equations:
            for k, degree in enumerate(f.degrees()):
                if degree != 1 or (among is not None and k not in among):
                    continue
                slope = f.derivative(k)
                rest = f - slope * self.ring.gens()[k]
                free = slope.is_constant() or all(g in nonzero for g in self.factors(slope))
                others = sum(g.degrees()[k] for g in equations)
                price = (not free, others * (len(slope) + len(rest)), k)
                if cost is None or price < cost:
                    best, cost = (f, k, slope, rest), price
        return best

    def _substituted(self, equations, nonzero, unknowns, f, k, slope, rest):
        """The unknown that is linear in f goes; where its coefficient vanishes is a case of its own."""
        others = [g for g in equations if g != f]
        left = tuple(u for u in unknowns if u != k)
        if not slope.is_constant():
            extra = [g for g in self.factors(slope) if g not in nonzero]
            if extra:
                yield from self.solutions([slope, rest, *others], nonzero, unknowns)
                nonzero = [*nonzero, *extra]
        reduced = [self._resultant(f, g, k) for g in others]
        # what must not vanish is looked at again when the coordinate is known
        for one in self.solutions(reduced, [p for p in nonzero if not p.degrees()[k]], left):
            top, bottom = one.at(rest)[0], one.at(slope)[0]
            if bottom.degree() < 0:
                continue
            self.before("field", one.modulus, bottom)
            value = -top * bottom.xgcd(one.modulus)[1] % one.modulus
            yield from _admitted(Component(one.modulus, {**one.values, k: value}), nonzero)

    def _eliminated(self, equations, nonzero, unknowns):
        """One unknown goes by resultants, and comes back as a root of what all equations have in common."""
        k = min(unknowns, key=lambda u: _price(equations, u))
        left = tuple(u for u in unknowns if u != k)
        with_k = sorted((f for f in equations if f.degrees()[k]), key=lambda f: (f.degrees()[k], len(f)))
        without = [f for f in equations if not f.degrees()[k]]
        kept = [p for p in nonzero if not p.degrees()[k]]
        first, *others = with_k or [None]
        projected = [*without, *(self._resultant(first, g, k) for g in others)]
        try:
            found = list(self.solutions(projected, kept, left))
        except NotIsolated:
            if len(others) < 2:
                raise
            pairs = [self._resultant(g, h, k) for i, g in enumerate(others) for h in others[i + 1 :]]
            found = list(self.solutions([*projected, *pairs], kept, left))
        for one in found:
            common: list[Any] = []
            for f in with_k:
                common = common_divisor(common, one.at(f, k), one.modulus, before=self.before)
            if not common:
                raise NotIsolated("the solutions are not isolated")
            for extended in _extensions(one, common, k, self.before):
                yield from _admitted(extended, nonzero)

    def _resultant(self, f, g, k):
        if not g.degrees()[k]:
            return g
        self.before("resultant", f, g, unknown=k)
        return f.resultant(g, self.ring.names()[k])


def _vanishing_terms(poly):
    """What vanishes with a sum of even powers or of squares, all of one sign; None for other polynomials."""
    if poly.total_degree() == 2:
        forms, constant = _squares(poly)
        return forms if len(forms) > 1 and constant == 0 else None
    coefficients, monomials = poly.coeffs(), poly.monoms()
    if len(monomials) < 2 or len({c > 0 for c in coefficients}) > 1 or any(e % 2 for m in monomials for e in m):
        return None
    ring = poly.context()
    return [ring.from_dict({tuple(min(int(e), 1) for e in m): 1}) for m in monomials]


def _squares(poly):
    """Linear forms, and a constant of the sign of their squares (then 1) or zero, of which a quadratic is the sum.

    The constant is -1 where there is no such sum: the quadratic takes both signs, or no square is left.
    """
    forms, rest, direction = [], poly, 0
    while not rest.is_constant():
        k, lead = next(
            ((m.index(2), c) for m, c in ((list(map(int, m)), c) for m, c in rest.terms()) if 2 in m), (None, None)
        )
        if k is None or (direction and (lead > 0) != (direction > 0)):
            return forms, -1
        direction = 1 if lead > 0 else -1
        form = rest.derivative(k)
        rest = rest - form * form * (1 / (4 * lead))
        forms.append(form)
    constant = rest.coeffs()[0] if not rest.is_zero() else 0
    return forms, 0 if constant == 0 else 1 if (constant > 0) == (direction > 0) else -1


def _never_zero(poly):
    """Whether a polynomial plainly has no real zero: none on the line, or a sum of even powers and a constant."""
    used = [k for k, degree in enumerate(poly.degrees()) if degree]
    if len(used) == 1:
        return not real_count(fmpq_poly(_coefficients(poly, used[0])))
    if poly.total_degree() == 2:
        return _squares(poly)[1] > 0
    signs = {c > 0 for c in poly.coeffs()}
    return (
        len(signs) == 1
        and poly.degrees()
        and not any(poly.monoms()[-1])
        and not any(e % 2 for m in poly.monoms() for e in m)
    )


def _admitted(component, nonzero):
    """The component, unless one of the polynomials vanishes there."""
    if all(component.at(p)[0].degree() >= 0 for p in nonzero):
        yield component


def _price(equations, k):
    """What it costs to eliminate an unknown: the size of the resultants."""
    degrees = sorted(f.degrees()[k] for f in equations if f.degrees()[k])
    totals = [f.total_degree() for f in equations if f.degrees()[k]]
    return (degrees[0] * sum(degrees[1:]) if degrees else 0, sum(totals), k)


def _coefficients(poly, k):
    """Coefficients of a polynomial in one unknown, lowest first."""
    row = [fmpq(0)] * (poly.degrees()[k] + 1)
    for exponents, c in poly.terms():
        row[exponents[k]] = c
    return row


def primitive(poly: Any) -> Any:
    """The multiple of an fmpq_mpoly with coprime integer coefficients and a positive first one.

    >>> x, y = fmpq_mpoly_ctx.get(["x", "y"], "lex").gens()
    >>> primitive(y / 2 - x)
    2*x - y
    """
    from math import gcd, lcm

    coefficients = poly.coeffs()
    scale = lcm(*(int(c.q) for c in coefficients))
    content = gcd(*(int(c.p) * scale // int(c.q) for c in coefficients))
    if coefficients[0] < 0:
        content = -content
    return poly * fmpq(scale, content)


# -- fibres: roots of polynomials over a number field ------------------------------------------


def _extensions(component, poly, k, before):
    """The components over one whose unknown k is a root of a polynomial over its field."""
    modulus = component.modulus
    if len(poly) == 1:
        return
    poly = divided(poly, common_divisor(poly, derivative(poly), modulus, before=before), modulus)[0]
    if len(poly) == 2:
        yield Component(modulus, {**component.values, k: -poly[0] % modulus})
        return
    if modulus.degree() == 1:
        rational = fmpq_poly([c[0] for c in poly])
        for factor, _ in rational.numer().factor()[1]:
            new = fmpq_poly(factor.coeffs())
            if real_count(new):
                yield Component(new, {**component.values, k: fmpq_poly([0, 1]) % new})
        return
    before("norm", modulus, *poly, unknown=len(poly) - 1)
    shift, norm = _separating(poly, modulus)
    for factor, _ in norm.numer().factor()[1]:
        new = fmpq_poly(factor.coeffs())
        if not real_count(new):
            continue
        # over the new field, generated by s = unknown + shift t, the old generator t is the one common root
        t = _old_generator(poly, modulus, new, shift, before)
        values = {u: _composed(v, t, new) for u, v in component.values.items()}
        values[k] = (fmpq_poly([0, 1]) - t * shift) % new
        yield Component(new, values)


def _separating(poly, modulus):
    """A whole number c, and the square-free norm of the polynomial at s - c t: one root for each solution."""
    ring = fmpq_mpoly_ctx.get(["s", "t"], "lex")
    s, t = ring.gens()
    below = _in(ring, modulus, t)
    shift = 0
    while True:
        shift = -shift if shift > 0 else 1 - shift  # 1, -1, 2, -2, ...
        moved = sum((_in(ring, c, t) * (s - t * shift) ** i for i, c in enumerate(poly)), start=s * 0)
        norm = fmpq_poly(_coefficients(below.resultant(moved, "t"), 0))
        if norm.gcd(norm.derivative()).degree() == 0:
            return shift, norm


def _in(ring, poly, generator):
    return sum((generator**i * c for i, c in enumerate(poly.coeffs())), start=generator * 0)


def _old_generator(poly, modulus, new, shift, before):
    """The generator t of the old field in the new one: the common root of its polynomial and p(t, s - shift t)."""
    s = fmpq_poly([0, 1]) % new
    above = [fmpq_poly([c]) for c in modulus.coeffs()]
    # p(t, s - shift t) as a polynomial in t over the new field, by Horner's rule
    total: list[Any] = []
    for c in reversed(poly):
        total = _added(_times_linear(total, s, -shift, new), [fmpq_poly([a]) for a in c.coeffs()])
    common = common_divisor(above, total, new, before=before)
    return -common[0] % new


def _times_linear(poly, constant, slope, modulus):
    result = [fmpq_poly([0])] * (len(poly) + 1 if poly else 0)
    for i, c in enumerate(poly):
        result[i] = result[i] + c * constant % modulus
        result[i + 1] = result[i + 1] + c * slope
    return result


def _added(a, b):
    if len(a) < len(b):
        a, b = b, a
    return [*(x + y for x, y in zip(a, b)), *a[len(b) :]]


def _composed(poly, inner, modulus):
    result = fmpq_poly([0])
    for c in reversed(poly.coeffs()):
        result = (result * inner + c) % modulus
    return result
