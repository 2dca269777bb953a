"""How many equilibria a scalar flow has, proved for symbolic parameters.

Descartes' rule of signs, over every sign pattern that the coefficients admit,
leaves finitely many candidates for the numbers of negative and positive roots.
The sign of one discriminant tells them apart, because it is (-1)^c for c pairs
of complex roots; where it vanishes, the degree of gcd(G, G'), read off the
principal subresultant coefficients, tells a double real root from a double
complex pair (Basu, Pollack, Roy, Algorithms in Real Algebraic Geometry, 2006,
Theorem 2.33, Propositions 4.5 and 4.25).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from math import gcd, prod
from typing import Any, Literal

import sympy as sp

from ..errors import InputError, NotIsolated, Refusal, SymsslError
from ..exact.numbers import exact_number, masked_roots
from ..exact.roots import real_roots
from ..exact.signs import irreducible_factors, sign
from ..support.arguments import instance_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Tex, as_text
from ..typeset.linebreaks import glyphs
from .flow import Flow
from .tables import array, condition_of, numbered, stable_words, stacked

__all__ = ["Case", "Certificate", "EquilibriumCount", "count_at_numbers", "count_equilibria"]


Stability = Literal["stable", "unstable", "half-stable"]
_LONG = 16  # width in letters beyond which a polynomial in a condition gets a name


@dataclass(frozen=True)
class Case(Formula):
    """The equilibria under one condition on the parameters.

    `negative` and `positive` list the multiplicities of the roots of the
    right-hand side, `zero` is the multiplicity of the root 0 (0 if there is
    none).  `stability` runs from the leftmost to the rightmost equilibrium; it
    is None where the order of the multiplicities is not decided.  All four are
    None where every point is an equilibrium.
    """

    condition: sp.Basic
    negative: tuple[int, ...] | None
    zero: int | None
    positive: tuple[int, ...] | None
    stability: tuple[Stability, ...] | None

    @property
    def number(self) -> Any:
        """The number of distinct equilibria, as an integer; SymPy's infinity where every point is one."""
        if self.negative is None or self.zero is None or self.positive is None:
            return sp.oo
        return len(self.negative) + (self.zero > 0) + len(self.positive)

    @property
    def counts(self) -> tuple[tuple[int, ...], int, tuple[int, ...]] | None:
        """(negative, zero, positive): multiplicities in descending order, but for `zero`, which is one number."""
        if self.negative is None or self.zero is None or self.positive is None:
            return None
        return (tuple(sorted(self.negative, reverse=True)), self.zero, tuple(sorted(self.positive, reverse=True)))

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        order, kinds = self._cells("x")
        condition = condition_of(self.condition, write)
        return Tex(r"\quad ".join(filter(None, (order, kinds, condition))))

    def _cells(self, state):
        """How the equilibria lie about zero, and what they are, as LaTeX."""
        if self.negative is None or self.zero is None or self.positive is None:
            return as_text("every point"), ""
        if not self.number:
            return as_text("none"), ""
        below, at_zero = len(self.negative), int(self.zero > 0)
        labels = [numbered(state, k) for k in range(1, self.number + 1)]
        middle = f"{labels[below]} = 0" if at_zero else "0"
        chain = " < ".join([*labels[:below], middle, *labels[below + at_zero :]])
        multiplicities = (*self.negative, *([self.zero] * at_zero), *self.positive)
        if self.stability is not None:
            return Tex(chain), stable_words(self.stability, multiplicities)
        sides = [("below", self.negative), ("at", (self.zero,) * at_zero), ("above", self.positive)]
        words = "; ".join(f"{', '.join(map(str, side))} {where} 0" for where, side in sides if side)
        return Tex(chain), as_text(f"multiplicities in some order: {words}")

    def __repr__(self) -> str:
        where = "" if self.condition == sp.true else f" where {self.condition}"
        if self.zero is None:
            return call_like("Case", [f"every point is an equilibrium{where}"])
        rows = [f"{self.number} equilibri{'um' if self.number == 1 else 'a'}{where}"]
        if self.number:
            sides = (
                (self.negative, "below 0"),
                ((self.zero,) if self.zero else (), "at 0"),
                (self.positive, "above 0"),
            )
            told = [f"{', '.join(map(str, counts))} {side}" for counts, side in sides if counts]
            rows.append(f"multiplicities {'; '.join(told)}")
        if self.stability:
            rows.append(", ".join(self.stability))
        return call_like("Case", rows)


@dataclass(frozen=True)
class Certificate:
    """What the proof of one branch rests on.

    `polynomial` is G with the root 0 divided out and, where only powers of
    ``state**deflation`` occur, in that power; `patterns` are (signs of the
    coefficients from low to high degree, variations of G(x), variations of
    G(-x)); `discriminant` and `subresultants` are those of G.
    """

    condition: sp.Basic
    polynomial: sp.Poly
    deflation: int
    patterns: tuple[tuple[tuple[int, ...], int, int], ...]
    discriminant: sp.Expr | None = None
    subresultants: tuple[sp.Expr, ...] = ()

    def __repr__(self) -> str:
        rows = [f"where {self.condition}", f"G = {self.polynomial.as_expr()}", f"{len(self.patterns)} sign patterns"]
        if self.discriminant is not None:
            rows.append(f"discriminant {self.discriminant}")
        return call_like("Certificate", rows)

    def __reduce__(self) -> tuple[Any, ...]:
        # SymPy's polynomials over expressions do not compare equal after pickling; their coefficients do
        terms = self.polynomial.as_dict()
        rest = (self.deflation, self.patterns, self.discriminant, self.subresultants)
        return _certificate, (self.condition, terms, self.polynomial.gen, *rest)

    def verify(self) -> bool:
        """Recompute the variations, and the discriminant as a Sylvester determinant."""
        exponents = sorted(e for (e,) in self.polynomial.as_dict())
        for signs, plus, minus in self.patterns:
            mirrored = tuple(s * (-1) ** e for s, e in zip(signs, exponents, strict=True))
            if (_variations(signs), _variations(mirrored)) != (plus, minus):
                return False
        if self.discriminant is None:
            return True
        degree, lead = self.polynomial.degree(), self.polynomial.LC()
        resultant = _subresultant(self.polynomial, 0)
        flip = (-1) ** (degree * (degree - 1) // 2)
        return sp.cancel(resultant - flip * lead * self.discriminant) == 0


def _certificate(condition, terms, state, *rest):
    return Certificate(condition, sp.Poly(terms, state, domain=sp.EX), *rest)


@dataclass(frozen=True)
class EquilibriumCount(Formula):
    """The number, multiplicity and stability of the equilibria of `flow` in every case; iterates over the cases.

    `cases` are exhaustive and exclude each other; `certificate` has one entry for each branch of the
    proof, and `verify` recomputes them.
    """

    flow: Flow
    state: sp.Symbol
    cases: tuple[Case, ...]
    certificate: tuple[Certificate, ...]

    def at(self, values: Mapping[Any, Any] | None = None) -> Case:
        """The case at rational parameters, counted exactly and checked against the proof.

        Parameters
        ----------
        values : mapping of parameter (Symbol or name) to number
            One number for each parameter; floats are taken as the binary fractions they are.

        Raises
        ------
        InputError
            For a parameter that is unknown or has no value.
        SymsslError
            Should the exact count contradict the proof.

        >>> x, m = sp.symbols("x m", real=True)
        >>> count_equilibria(Flow({x: m - x**2}, (m,))).at({m: 4}).stability
        ('unstable', 'stable')
        """
        values = {key: exact_number(value, key) for key, value in self.flow.given(values).items()}
        fixed = self.flow.fix(values)
        if fixed.parameters:
            raise InputError(f"give a value to the parameter {fixed.parameters[0]}")
        exact = count_at_numbers(fixed, self.state)
        case = next(c for c in self.cases if c.condition.subs(values) == True)  # noqa: E712
        if case.counts != exact.counts:
            raise SymsslError(f"the proved count {case.counts} and the exact count {exact.counts} disagree at {values}")
        return Case(case.condition, exact.negative, exact.zero, exact.positive, exact.stability)

    def verify(self) -> bool:
        """Whether every certificate stands when it is recomputed."""
        return all(certificate.verify() for certificate in self.certificate)

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)

    def _abbreviated(self, is_long):
        """The conditions of the cases with names for long polynomials, and what the names stand for."""
        taken = {s.name for s in (*self.flow.states, *self.flow.parameters)}
        name = next(name for name in ("D", "Delta", "Q", "R_") if name not in taken)
        long = [g for g in self.discriminants if is_long(g)]
        names = {g: sp.Symbol(f"{name}_{k}" if len(long) > 1 else name, real=True) for k, g in enumerate(long, 1)}
        conditions = []
        for case in self.cases:
            relations = case.condition.atoms(sp.core.relational.Relational)
            conditions.append(case.condition.xreplace({r: r.func(names.get(r.lhs, r.lhs), r.rhs) for r in relations}))
        return conditions, {symbol: polynomial for polynomial, symbol in names.items()}

    def __repr__(self) -> str:
        conditions, names = self._abbreviated(lambda polynomial: len(str(polynomial)) > 2 * _LONG)
        rows = []
        for case, condition in zip(self.cases, conditions, strict=True):
            number = "every point" if case.zero is None else str(case.number)
            kinds = f" ({', '.join(case.stability)})" if case.stability else ""
            rows.append(number + kinds + ("" if condition == sp.true else f" where {condition}"))
        rows += [f"{symbol} = {polynomial}" for symbol, polynomial in names.items()]
        return call_like(f"EquilibriumCount of {self.state}", rows)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        """A table of the cases; long polynomials in the conditions get names, explained below it."""
        conditions, names = self._abbreviated(lambda polynomial: glyphs(write(polynomial)) > _LONG)
        rows = []
        for case, condition in zip(self.cases, conditions, strict=True):
            number = r"\infty" if case.zero is None else str(case.number)
            rows.append([number, *case._cells(write(self.state)), condition_of(condition, write)])
        head = rf"\#\{{{write(self.state)}\colon \dot{{{write(self.state)}}} = 0\}} = "
        table = rf"{head}\left\{{{array(rows)}\right."
        return stacked([table, *(write({symbol: polynomial}) for symbol, polynomial in names.items())])

    @cached_property
    def discriminants(self) -> tuple[sp.Expr, ...]:
        """The polynomials in the parameters whose signs separate the cases."""
        relations = set().union(*(case.condition.atoms(sp.core.relational.Relational) for case in self.cases))
        return tuple(sorted({r.lhs for r in relations}, key=sp.default_sort_key))


@budgeted("the count of equilibria")
def count_equilibria(
    flow: Flow, state: sp.Symbol | str | None = None, *, budget: float | None = BUDGET
) -> EquilibriumCount:
    """Count the equilibria of a scalar flow for all admissible parameters, with proof.

    Parameters
    ----------
    flow : Flow with one state
        The right-hand side is a rational function whose denominator has a provable sign.
        Signs of parameters are assumptions on their symbols.
    state : Symbol or str, optional
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    EquilibriumCount
        `.cases` are exhaustive and exclude each other.  Equilibria outside the range that the
        state's own assumptions allow are not counted.

    Raises
    ------
    Refusal
        When the sign patterns and the discriminant leave more than one candidate.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> for case in count_equilibria(Flow({x: m - x**2}, (m,))):
    ...     print(case.condition, case.negative, case.zero, case.positive, case.stability)
    m > 0 (1,) 0 (1,) ('unstable', 'stable')
    m < 0 () 0 () ()
    Eq(m, 0) () 2 () ('half-stable',)
    """
    state = instance_of("flow", flow, Flow).state(state)
    if len(flow.states) > 1:
        raise Refusal("equilibria are counted for one state; restrict the flow to an invariant curve first")
    coefficients = _coefficients(flow, state)
    if not flow.parameters:  # numbers: isolate the roots
        return EquilibriumCount(flow, state, (count_at_numbers(flow, state),), ())
    branches = tuple(_branches(coefficients, {}, (), state))
    cases = tuple(case for of_branch, _ in branches for case in of_branch if case.condition != sp.false)
    return EquilibriumCount(flow, state, cases, tuple(c for _, c in branches if c is not None))


# -- the polynomial and its branches -----------------------------------------


def _coefficients(flow, state):
    """Coefficients by degree, divided by the sign of the denominator."""
    field, roots = masked_roots(flow.states[state])
    numerator, denominator = sp.fraction(sp.cancel(sp.together(field)))
    if not (numerator.is_polynomial(state) and denominator.is_polynomial(state)):
        raise Refusal(f"the right-hand side is not a rational function of {state}", flow.states[state])
    orientation = denominator
    if denominator.has(state):
        orientation = sign(denominator)
        if orientation is None:
            orientation = _sign_everywhere(sp.Poly(denominator, state))
        if orientation is None:
            raise Refusal("the denominator may vanish", denominator)
    if numerator == 0:
        raise NotIsolated("the right-hand side vanishes identically: every point is an equilibrium")
    return {e: sp.cancel(c / orientation).xreplace(roots) for (e,), c in sp.Poly(numerator, state).as_dict().items()}


def _sign_everywhere(poly):
    """The sign of a polynomial in a real state whose coefficients show it, else None."""
    terms = poly.as_dict()
    signs = {sign(c) for c in terms.values()}
    even = all(e % 2 == 0 for (e,) in terms)
    definite = len(signs) == 1 and (0,) in terms and (even or poly.gen.is_nonnegative)
    return signs.pop() if definite else None


def _branches(coefficients, known, conditions, state):
    """Split on the signs of the outer coefficients; yield (cases, certificate) of each branch."""
    coefficients = {e: c for e, c in coefficients.items() if c != 0}
    if not coefficients:
        yield (Case(sp.And(*conditions), None, None, None, None),), None
        return
    for end in (min(coefficients), max(coefficients)):
        if sign(coefficients[end], known) is None:
            yield from _split(coefficients[end], coefficients, known, conditions, state)
            return
    yield _branch(coefficients, known, conditions, state)


def _split(undecided, coefficients, known, conditions, state):
    """Branch on the sign of the first irreducible factor of `undecided` that has none."""
    factor = next(f for f, _ in irreducible_factors(undecided)[1] if sign(f, known) is None)
    divides = any(dict(irreducible_factors(c)[1]).get(factor, 0) < 0 for c in coefficients.values())
    for one, relation in ((1, sp.Gt), (-1, sp.Lt), (0, sp.Eq)):
        if (one, factor.is_nonnegative) == (-1, True) or (one, factor.is_nonpositive) == (1, True):
            continue
        if one == 0 and (factor.is_nonzero or divides):
            continue
        reduced = coefficients if one else {e: _modulo(c, factor) for e, c in coefficients.items()}
        yield from _branches(reduced, {**known, factor: one}, (*conditions, relation(factor, 0)), state)


def _modulo(coefficient, factor):
    """The coefficient where `factor` vanishes: solved for a symbol only if it is one."""
    if factor.is_Symbol:
        return sp.cancel(coefficient.subs(factor, 0))
    return sp.Integer(0) if factor in dict(irreducible_factors(coefficient)[1]) else coefficient


def _branch(coefficients, known, conditions, state):
    """The cases of one branch, in which both outer coefficients have a sign."""
    zero = min(coefficients)
    shifted = {e - zero: c for e, c in coefficients.items()}
    step = gcd(*shifted) or 1
    poly = sp.Poly({(e // step,): c for e, c in shifted.items()}, state, domain=sp.EX)
    lead = sign(coefficients[max(coefficients)], known)
    patterns = _patterns([sign(shifted[e], known) for e in sorted(shifted)], [e // step for e in sorted(shifted)])
    candidates = _candidates(patterns)
    domain = _Domain(state, zero, step, lead)
    simple = {((1,) * p, (1,) * n) for p, n in candidates}
    if (seen := domain.projected(simple)) and len(seen) == 1 and max(map(len, next(iter(seen)))) <= 1:
        case = domain.case(sp.And(*conditions), next(iter(simple)))
        return (case,), Certificate(sp.And(*conditions), poly, step, patterns)
    discriminant = sp.factor(sp.discriminant(poly.as_expr(), state))
    cases, subresultants = _by_discriminant(poly, discriminant, candidates, domain, known, conditions)
    return cases, Certificate(sp.And(*conditions), poly, step, patterns, _evaluated(discriminant), subresultants)


def _evaluated(expr):
    """The expression as SymPy makes it anew from its parts; a factorisation may be kept apart: 4*(x + 1)."""
    return expr.func(*expr.args) if expr.args else expr


def _by_discriminant(poly, discriminant, candidates, domain, known, conditions):
    """Separate the candidates by the sign of the discriminant and the degree of gcd(G, G')."""
    degree = poly.degree()
    separator, orientation = _separator(discriminant, known)
    settled = sign(separator, known)
    cases = []
    if settled == 0:
        raise Refusal(
            "the right-hand side has a repeated factor for all parameters; divide it out first",
            discriminant if discriminant != 0 else poly.as_expr(),
        )
    for relation, side in ((sp.Gt, 1), (sp.Lt, -1)):
        fitting = {(p, n) for p, n in candidates if (-1) ** ((degree - p - n) // 2) == side * orientation}
        if fitting and settled in (None, side):
            where = conditions if settled else (*conditions, relation(separator, 0))
            cases.append(domain.unique(sp.And(*where), _structures(fitting, degree, 0)))
    if settled:
        return tuple(cases), ()
    defects = [e for e in range(1, degree) if _structures(candidates, degree, e)]
    where, subresultants = (*conditions, sp.Eq(separator, 0)), ()
    for defect in defects:
        structures = _structures(candidates, degree, defect)
        if defect == defects[-1]:
            cases.append(domain.unique(sp.And(*where), structures))
            break
        principal = _separator(_subresultant(poly, defect), known)[0]
        subresultants += (principal,)
        cases.append(domain.unique(sp.And(*where, sp.Ne(principal, 0)), structures))
        where = (*where, sp.Eq(principal, 0))
    return tuple(cases), subresultants


def _separator(expr, known):
    """`expr` without its factors of definite sign and its squares, and the sign taken out."""
    if expr == 0:
        return sp.Integer(0), 0
    constant, factors = irreducible_factors(expr)
    orientation, kept = sign(constant), []
    for factor, exponent in factors:
        definite = sign(factor, known)
        if definite:
            orientation *= definite ** (exponent % 2)
        else:
            kept.append(factor ** (exponent % 2 or 2))
    return prod(kept, start=sp.Integer(1)), orientation


# -- Descartes ---------------------------------------------------------------


def _variations(signs):
    nonzero = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(nonzero))


def _patterns(signs, exponents):
    """Every sign pattern that the known signs admit, with its variations in x and in -x."""
    if signs.count(None) > 8:
        raise Refusal("too many coefficients of unknown sign")
    patterns = []
    for pattern in product(*((s,) if s is not None else (1, 0, -1) for s in signs)):
        mirrored = tuple(s * (-1) ** e for s, e in zip(pattern, exponents, strict=True))
        patterns.append((pattern, _variations(pattern), _variations(mirrored)))
    return tuple(patterns)


def _candidates(patterns):
    """Pairs (positive, negative) of root counts, with multiplicity, that Descartes admits."""
    return {
        pair
        for _, plus, minus in patterns
        for pair in product(range(plus % 2, plus + 1, 2), range(minus % 2, minus + 1, 2))
    }


# -- multiplicities ----------------------------------------------------------


def _structures(candidates, degree, defect):
    """All (positive, negative) multiplicities for which gcd(G, G') has degree `defect`."""
    structures = set()
    for plus, minus in candidates:
        pairs = (degree - plus - minus) // 2
        if degree < plus + minus:
            continue
        for p, n, c in product(_partitions(plus), _partitions(minus), _partitions(pairs)):
            if plus - len(p) + minus - len(n) + 2 * (pairs - len(c)) == defect:
                structures.add((p, n))
    return structures


def _partitions(n, largest=None):
    """Partitions of n as descending tuples."""
    if n == 0:
        return [()]
    return [(first, *rest) for first in range(min(n, largest or n), 0, -1) for rest in _partitions(n - first, first)]


def _subresultant(poly, j):
    """The principal subresultant coefficient of index j of G and G'."""
    first, second = poly.all_coeffs(), poly.diff().all_coeffs()
    n, m = len(first) - 1, len(second) - 1
    size = n + m - 2 * j
    rows = [[0] * i + first for i in range(m - j)] + [[0] * i + second for i in range(n - j)]
    matrix = sp.Matrix(size, size, lambda r, c: rows[r][c] if c < len(rows[r]) else 0)
    matrix = matrix.to_DM()
    return sp.factor(matrix.domain.to_sympy(matrix.to_field().det()))


@dataclass(frozen=True)
class _Domain:
    """Where roots count, and how they sit: the state, the root 0, the deflation, the outer sign."""

    state: sp.Symbol
    zero: int
    step: int
    lead: int

    def projected(self, pairs):
        """The multiplicities of G(x) from those of G in x**step, on the state's range."""
        if self.step % 2 == 0:
            pairs = {(p, p) for p, _ in pairs}
        return {(() if self.state.is_nonpositive else p, () if self.state.is_nonnegative else n) for p, n in pairs}

    def unique(self, condition, structures):
        options = self.projected(structures)
        if len(options) > 1:
            raise Refusal(
                "sign patterns and discriminant leave several candidates for the multiplicities of "
                f"(positive, negative) roots where {condition}",
                sorted(options),
            )
        return self.case(condition, options.pop())

    def case(self, condition, structure):
        ((positive, negative),) = self.projected({structure})
        zero = 0 if self.state.is_nonzero else self.zero
        fixed_order = len(set(positive)) <= 1 and len(set(negative)) <= 1
        multiplicities = (*negative, *([zero] if zero else []), *positive)
        hidden = 0
        if self.state.is_nonpositive:
            hidden = sum(structure[0]) + (self.zero if self.state.is_nonzero else 0)
        pattern = _pattern(multiplicities, self.lead * (-1) ** hidden) if fixed_order else None
        return Case(condition, negative, zero, positive, pattern)


def _pattern(multiplicities, rightmost):
    """Stability from left to right, given the sign of the field right of all equilibria."""
    result, right = [], rightmost
    for multiplicity in reversed(multiplicities):
        left = right * (-1) ** multiplicity
        result.append("half-stable" if left == right else "stable" if right < 0 else "unstable")
        right = left
    return tuple(reversed(result))


def count_at_numbers(flow: Flow, state: sp.Symbol) -> Case:
    """The count for a flow without parameters, by isolating the roots of its right-hand side.

    >>> x = sp.Symbol("x", real=True)
    >>> count_at_numbers(Flow({x: x - x**3}), x).counts
    ((1,), 1, (1,))
    """
    state = instance_of("flow", flow, Flow).state(state)
    if flow.parameters:
        raise InputError(f"give a value to the parameter {flow.parameters[0]}")
    coefficients = _coefficients(flow, state)
    poly = sum(c * state**e for e, c in coefficients.items())
    roots = real_roots(poly, state)
    lead = sign(coefficients[max(coefficients)])
    admitted = [
        r
        for r in roots
        if not (
            (state.is_nonnegative and r.sign < 0)
            or (state.is_nonpositive and r.sign > 0)
            or (state.is_nonzero and r.sign == 0)
        )
    ]
    lead *= (-1) ** sum(r.multiplicity for r in roots if state.is_nonpositive and r.sign >= 0 and r not in admitted)
    split = {s: tuple(r.multiplicity for r in admitted if r.sign == s) for s in (-1, 0, 1)}
    pattern = _pattern([r.multiplicity for r in admitted], lead)
    return Case(sp.true, split[-1], sum(split[0]), split[1], pattern)
