"""Darboux polynomials and first integrals of polynomial and rational flows.

A Darboux polynomial f satisfies ``lie(f) = K*f`` with a polynomial cofactor K;
its zero set is an invariant curve.  Coefficients of f and K together obey a
bilinear system.  With the leading monomial of f fixed, the equations at the
outer monomials factor, and splitting on factors solves the system over the
field of rational functions in the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import comb, prod
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.polys.orderings import grlex

from ..errors import InputError, Refusal
from ..exact.numbers import is_zero
from ..support.arguments import described, instance_of, whole
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex, as_text
from .flow import Flow

__all__ = ["Darboux", "Invariants", "invariants"]

_MOST_TERMS = 5000  # of a polynomial whose coefficients are unknown


@dataclass(frozen=True)
class Darboux(Formula):
    """An irreducible polynomial `curve` with ``flow.lie(curve) == cofactor*curve``.

    >>> p, s = sp.symbols("p s", real=True)
    >>> (law,) = Flow({p: s - p, s: 2*p*s - 2*s}).invariants(1)
    >>> law
    Darboux(curve s; cofactor 2*(p - 1))
    """

    flow: Flow
    curve: sp.Expr
    cofactor: sp.Expr

    @property
    def decay(self) -> sp.Expr | None:
        """The rate at which `curve` decays exponentially, None where it depends on the states."""
        return None if self.cofactor.has(*self.flow.states) else -self.cofactor

    def verify(self) -> bool:
        """Whether the defining identity holds."""
        return is_zero(self.flow.lie(self.curve) - self.cofactor * self.curve)

    def __repr__(self) -> str:
        return call_like("Darboux", [f"curve {self.curve}", f"cofactor {self.cofactor}"])

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line]:
        curve = write(self.curve)
        bracket = rf"\left[{curve}\right]" if self.curve.is_Add else curve
        rate = self.curve * 0 if self.cofactor == 0 else Tex(_times(self.cofactor, bracket, write))
        return [Line(Tex(rf"\frac{{\mathrm{{d}}}}{{\mathrm{{d}}t}} {bracket}"), "=", rate)]


def _times(factor, bracket, write):
    """A product in LaTeX, the second factor written already."""
    if factor == 1:
        return bracket
    text = write(factor)
    return rf"\left({text}\right) {bracket}" if factor.is_Add else f"{text} {bracket}"


@dataclass(frozen=True)
class Invariants(Formula):
    """What the search found; iterating runs over the Darboux polynomials.

    Attributes
    ----------
    polynomials : tuple of Darboux
    integrals : tuple of expressions
        Functionally independent first integrals, products of powers of the polynomials
        and of the exponential of one polynomial.
    degree : int
    complete : bool
        Whether every Darboux polynomial of this degree with coefficients rational in the (generic)
        parameters is a product of, or in a pencil with, those listed.
    """

    flow: Flow
    polynomials: tuple[Darboux, ...]
    integrals: tuple[sp.Expr, ...]
    degree: int
    complete: bool

    def __iter__(self) -> Iterator[Darboux]:
        return iter(self.polynomials)

    def __len__(self) -> int:
        return len(self.polynomials)

    def __getitem__(self, index: int) -> Darboux:
        return self.polynomials[index]

    def __repr__(self) -> str:
        rows = [f"curve {d.curve} with cofactor {d.cofactor}" for d in self.polynomials]
        rows += [f"first integral {integral}" for integral in self.integrals]
        return call_like("Invariants", rows or [f"none up to degree {self.degree}"])

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line] | Tex:
        formulas = [line for d in self.polynomials for line in d._latex_form(write)]
        shown = {d.curve for d in self.polynomials if d.cofactor == 0}
        for integral in self.integrals:
            if integral not in shown:
                left = Tex(rf"\frac{{\mathrm{{d}}}}{{\mathrm{{d}}t}} \left[{write(integral)}\right]")
                formulas.append(Line(left, "=", sp.Integer(0)))
        return formulas or as_text(f"no Darboux polynomial of degree up to {self.degree}")


@budgeted("the search for invariants")
def invariants(flow: Flow, degree: int = 2, *, budget: float | None = BUDGET) -> Invariants:
    """Find the Darboux polynomials of total degree up to `degree`, and first integrals.

    Parameters
    ----------
    flow : Flow whose right-hand sides are rational in states and parameters
    degree : int
        Bound on the total degree in the states of polynomials and of exponents.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    Invariants
        For generic parameters: what exists only on a relation between parameters is found after
        that relation is substituted.

    Raises
    ------
    InputError
        For a degree that is not a positive whole number.
    Refusal
        For right-hand sides that are not rational functions.

    Examples
    --------
    >>> from sympy import symbols
    >>> p, s, r = symbols("p s r", real=True)
    >>> law, = Flow({p: s - r*p, s: 2*p*s - 2*r*s}, (r,)).invariants(1)
    >>> law.curve, law.cofactor
    (s, 2*(p - r))
    >>> Flow({p: s - r*p, s: 2*p*(s - r*p)}, (r,)).invariants().integrals
    (-p**2 + s,)
    """
    instance_of("flow", flow, Flow)
    degree = whole("degree", degree, 1)
    if comb(degree + len(flow.states), len(flow.states)) > _MOST_TERMS:
        raise InputError(
            f"a polynomial of degree {described(degree)} has more than {_MOST_TERMS} terms: take a lower degree"
        )
    field = _PolynomialField(flow)
    candidates, complete = set(), True
    for lead in field.monomials(degree):
        members, solved = _with_leading(field, lead)
        candidates |= members
        complete = complete and solved
    curves = _irreducible(field, candidates)
    # a curve in the poles of the field is invariant for the cleared field only
    polynomials = tuple(d for d in curves if sp.gcd(d.curve, field.denominator) == 1)
    return Invariants(flow, polynomials, _first_integrals(field, curves, degree), degree, complete)


class _PolynomialField:
    """The flow times its common denominator, as exponents and coefficients."""

    def __init__(self, flow):
        self.flow, self.states = flow, tuple(flow.states)
        fractions = [sp.fraction(sp.cancel(sp.together(f))) for f in flow.rhs.values()]
        for numerator, denominator in fractions:
            for part in (numerator, denominator):
                if not part.is_polynomial(*self.states, *flow.parameters):
                    raise Refusal("invariants are searched for rational right-hand sides only", part)
        self.denominator = reduce(sp.lcm, (d for _, d in fractions), sp.Integer(1))
        self.domain = sp.QQ.frac_field(*flow.parameters) if flow.parameters else sp.QQ
        cleared = [sp.Poly(sp.cancel(n * self.denominator / d), *self.states, domain=self.domain) for n, d in fractions]
        self.terms = [dict(poly.rep.to_dict()) for poly in cleared]

    def monomials(self, degree):
        """Exponents of degree 1 to `degree`, ascending in the graded order."""
        every = product(range(degree + 1), repeat=len(self.states))
        return sorted((e for e in every if 1 <= sum(e) <= degree), key=grlex)

    def cofactor_monomials(self):
        """Exponents in the Newton polytope of the field, outer-bounded by its support function.

        The polytope of K*f is a Minkowski sum and lies in that of the field plus that of f.
        """
        n = len(self.states)
        logarithmic = {_minus(e, i) for i, terms in enumerate(self.terms) for e in terms}
        if not logarithmic:
            return []
        width = 2 if n <= 3 else 1
        directions = [w for w in product(range(-width, width + 1), repeat=n) if any(w)]
        support = {w: max(_dot(w, e) for e in logarithmic) for w in directions}
        box = [range(max(e[i] for e in logarithmic) + 1) for i in range(n)]
        return [e for e in product(*box) if all(_dot(w, e) <= h for w, h in support.items())]

    def derivation(self, exponents):
        """The Lie derivative of a monomial as {exponents: coefficient}."""
        result = {}
        for i, terms in enumerate(self.terms):
            for e, c in terms.items():
                if exponents[i]:
                    target = tuple(a + b for a, b in zip(_minus(exponents, i), e, strict=True))
                    result[target] = result.get(target, self.domain.zero) + exponents[i] * c
        return result


def _minus(exponents, i):
    return tuple(e - (j == i) for j, e in enumerate(exponents))


def _dot(w, e):
    return sum(a * b for a, b in zip(w, e, strict=True))


# -- the bilinear system -----------------------------------------------------


def _with_leading(field, lead):
    """Polynomials with this leading monomial that span all Darboux polynomials with it."""
    lower = [(0,) * len(lead), *(e for e in field.monomials(sum(lead)) if grlex(e) < grlex(lead))]
    shifts = field.cofactor_monomials()
    names = [f"f{i}" for i in range(len(lower))] + [f"k{i}" for i in range(len(shifts))]
    ring, *gens = sp.ring(names, field.domain)
    f = dict(zip(lower, gens, strict=False)) | {lead: ring.one}
    cofactor = dict(zip(shifts, gens[len(lower) :], strict=True))
    equations = {}
    for e, coefficient in f.items():
        for target, c in field.derivation(e).items():
            equations[target] = equations.get(target, ring.zero) + c * coefficient
        for shift, k in cofactor.items():
            target = tuple(a + b for a, b in zip(e, shift, strict=True))
            equations[target] = equations.get(target, ring.zero) - k * coefficient
    solutions, complete = [], True
    for solution in _solve(ring, list(equations.values()), {}):
        if solution is None:
            complete = False
        else:
            solutions.append(solution)
    return {member for s in solutions for member in _members(field, f, s)}, complete


def _solve(ring, equations, solution):
    """Solve by elimination and by splitting on factors; yields None where it gets stuck."""
    equations = sorted({e.monic() for e in equations if e}, key=len)
    if any(e.is_ground for e in equations):
        return
    if not equations:
        yield solution
        return
    for e in equations:
        if (generator := _isolated(ring, e)) is not None:
            value = generator - e.quo_ground(e.coeff(generator))
            substitution = [(generator, value)]
            known = {g: v.compose(substitution) for g, v in solution.items()} | {generator: value}
            yield from _solve(ring, [q.compose(substitution) for q in equations if q is not e], known)
            return
    for e in equations:
        factors = [factor.monic() for factor, _ in e.factor_list()[1]]
        if len(factors) > 1 or factors[0] != e:
            rest = [q for q in equations if q is not e]
            for factor in factors:
                yield from _solve(ring, [factor, *rest], solution)
            return
    yield from _by_groebner(ring, equations, solution)


def _isolated(ring, equation):
    """An unknown that the equation determines: it occurs once, linearly, with a known coefficient."""
    for generator in ring.gens:
        linear = equation.coeff(generator) and equation.degree(generator) == 1
        if linear and sum(1 for monomial in equation if monomial[ring.gens.index(generator)]) == 1:
            return generator
    return None


def _by_groebner(ring, equations, solution):
    """One Groebner basis; equations irreducible over the parameter field have no solution in it."""
    from sympy.polys.groebnertools import groebner

    basis = [g.monic() for g in groebner(equations, ring)]
    if any(_has_no_rational_root(g) for g in basis):
        return
    if set(basis) == set(equations):
        yield None
    else:
        yield from _solve(ring, basis, solution)


def _has_no_rational_root(polynomial):
    """Whether it is a polynomial in one unknown without a linear factor."""
    unknowns = sum(any(column) for column in zip(*polynomial, strict=True))
    return unknowns == 1 and all(sum(f.LM) > 1 for f, _ in polynomial.factor_list()[1])


def _members(field, f, solution):
    """The polynomials at the origin and along the axes of the free unknowns."""
    substitution = list(solution.items())
    solved = {e: c.compose(substitution) if substitution else c for e, c in f.items()}
    ring = next(iter(f.values())).ring
    free = {i for c in solved.values() for monomial in c for i, power in enumerate(monomial) if power}
    for i in (None, *free):
        wanted = tuple(int(j == i) for j in range(ring.ngens))
        terms = {e: c.get(wanted, field.domain.zero) for e, c in solved.items()}
        yield sp.Poly.from_dict({e: c for e, c in terms.items() if c}, *field.states, domain=field.domain).as_expr()


# -- from candidates to results ----------------------------------------------


def _irreducible(field, candidates):
    """Irreducible factors with their cofactors, each once, simplest first."""
    curves = {}
    for candidate in candidates:
        for factor, _ in sp.factor_list(sp.numer(sp.together(candidate)))[1]:
            if factor.has(*field.states):
                curve = _normal(factor, field.states)
                cofactor = sp.cancel(sp.together(field.flow.lie(curve) / curve))
                if sp.cancel(cofactor * field.denominator).is_polynomial(*field.states):
                    curves[curve] = Darboux(
                        field.flow,
                        curve,
                        sp.factor_terms(sp.collect(sp.expand(cofactor), field.states))
                        if field.denominator == 1
                        else sp.factor(cofactor),
                    )
    return tuple(
        sorted(
            curves.values(),
            key=lambda d: (sp.Poly(d.curve, *field.states).total_degree(), sp.default_sort_key(d.curve)),
        )
    )


def _normal(factor, states):
    """Scaled so that a state that occurs linearly, the last one first, has coefficient 1."""
    poly = sp.Poly(factor, *states)
    for x in reversed(states):
        slope = sp.cancel(sp.diff(factor, x))
        if slope != 0 and not slope.has(*states):
            return sp.expand(sp.cancel(factor / slope))
    return sp.expand(sp.cancel(factor / poly.LC()))


def _first_integrals(field, polynomials, degree):
    """Products of powers of Darboux polynomials and one exponential whose cofactors cancel."""
    cleared = [
        sp.Poly(sp.cancel(d.cofactor * field.denominator), *field.states, domain=field.domain).rep.to_dict()
        for d in polynomials
    ]
    exponents = field.monomials(degree)
    columns = cleared + [field.derivation(e) for e in exponents]
    support = sorted({e for column in columns for e in column})
    if not columns:
        return ()
    rows = [[column.get(e, field.domain.zero) for column in columns] for e in support]
    if rows:
        kernel = DomainMatrix(rows, (len(rows), len(columns)), field.domain).to_field().nullspace().to_Matrix()
    else:
        kernel = sp.eye(len(columns))
    integrals, gradients = [], []
    for row in sorted((_primitive(kernel.row(i)) for i in range(kernel.rows)), key=lambda r: _size(r, len(cleared))):
        powers, weights = row[: len(cleared)], row[len(cleared) :]
        g = sp.Add(
            *(
                w * prod(x**k for x, k in zip(field.states, e, strict=True))
                for w, e in zip(weights, exponents, strict=True)
            )
        )
        logarithm = [
            sp.diff(g, x)
            + sum((n * sp.diff(d.curve, x) / d.curve for n, d in zip(powers, polynomials, strict=True)), sp.Integer(0))
            for x in field.states
        ]
        if _independent([*gradients, logarithm], field):
            gradients.append(logarithm)
            product_ = sp.Mul(*(d.curve**n for n, d in zip(powers, polynomials, strict=True)))
            integrals.append(product_ * sp.exp(g) if any(powers) and g != 0 else product_ if any(powers) else g)
    return tuple(integrals)


def _primitive(row):
    """The row without common denominators and factors."""
    row = [sp.together(v) for v in row]
    denominator = reduce(sp.lcm, (sp.denom(v) for v in row), sp.Integer(1))
    row = [sp.cancel(v * denominator) for v in row]
    content = reduce(sp.gcd, row, sp.Integer(0))
    return [sp.cancel(v / content) for v in row]


def _size(row, head):
    return (sum(v != 0 for v in row[head:]), sum(v != 0 for v in row), sp.default_sort_key(sp.Tuple(*row)))


def _independent(gradients, field):
    """Whether the rows are independent at one rational point: a proof that they are generically."""
    if len(gradients) > len(field.states):
        return False
    symbols = (*field.states, *field.flow.parameters)
    for seed in (2, 3, 5):
        point = {x: sp.Rational(sp.prime(seed + 3 * i), seed + i + 1) for i, x in enumerate(symbols)}
        rank = sp.Matrix(gradients).subs(point)
        if not rank.has(sp.zoo, sp.nan) and rank.rank() == len(gradients):
            return True
    return False
