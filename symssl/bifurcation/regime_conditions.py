"""Polynomials in the parameters whose signs settle how many equilibria a scalar flow has.

In doubles a sign is taken only where the value exceeds a bound on its rounding
error; everywhere else it is worked out exactly for the rational number that
every stored double is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError, NotIsolated, OverBudget, Refusal
from ..exact.balls import bounds
from ..exact.constants import Constants
from ..exact.numbers import exact_number
from ..exact.roots import real_roots
from ..exact.signs import irreducible_factors, sign
from ..scalar.counting import Case, count_at_numbers, count_equilibria
from ..scalar.flow import Flow
from ..support.arguments import described, sequence_of, whole
from ..support.budgets import TRIAL_BUDGET, limited, seconds_of
from .inputs import given_values

__all__ = ["CertifiedSign", "RegimeConditions", "regime_conditions"]

_UNIT = 2.0**-53
_FLOOR = sp.Rational(1, 10**250)  # a coefficient taken for this large has room for what underflows


@dataclass(frozen=True)
class RegimeConditions:
    """Polynomials in the parameters: as long as all keep their signs, the equilibria keep their number.

    Attributes
    ----------
    flow : Flow whose parameters are the axes
    axes : the parameters, in order
    polynomials : irreducible in the axes; their signs, all nonzero, determine the equilibria
    proof : "discriminant" (a proved count) or "Sturm-Habicht" (the subresultant sequence)
    """

    flow: Flow
    axes: tuple[sp.Symbol, ...]
    polynomials: tuple[sp.Expr, ...]
    proof: str

    @cached_property
    def signs(self) -> tuple[CertifiedSign, ...]:
        """A certified sign evaluator for every polynomial."""
        return tuple(CertifiedSign(p, self.axes) for p in self.polynomials)

    @cached_property
    def _known(self) -> dict[int, Case]:
        return {}

    def equilibria_in(self, number: int, point: Sequence[Any]) -> Case:
        """The equilibria wherever the signs are those of a class, told from one point; kept for later maps."""
        if whole("number", number) not in self._known:
            self._known[number] = self.equilibria_at(point)
        return self._known[number]

    def equilibria_at(self, point: Sequence[Any]) -> Case:
        """The equilibria at exact values of the axes; of a continuum no more than "not isolated"."""
        (state,) = self.flow.states
        point = sequence_of("point", point, "numbers, one for each axis")
        if len(point) != len(self.axes):
            raise InputError(f"point must hold {len(self.axes)} numbers, one for each axis, not {described(point)}")
        try:
            case = count_at_numbers(self.flow.fix(dict(zip(self.axes, point))), state)
        except NotIsolated:
            return Case(sp.true, (), 0, (), ("not isolated",))  # type: ignore[arg-type]  # no stability, but what a cell says
        return Case(sp.true, case.negative, case.zero, case.positive, case.stability)


def regime_conditions(
    flow: Flow,
    axes: Iterable[sp.Symbol],
    values: Mapping[Any, Any] | None = None,
    method: Literal["auto", "discriminant", "sturm"] = "auto",
    *,
    budget: float | None = TRIAL_BUDGET,
) -> RegimeConditions:
    """The sign conditions of a scalar flow, from its proved count or from the subresultants.

    The count is proved once for all parameters and then specialised to `values`; where that is
    refused, or a condition vanishes at these values, it is tried at the values themselves.

    Half of `budget`, in seconds, is for the proved count, the rest for the subresultants; None is no limit.
    Values may be irrational, such as sqrt(2) and pi.

    Raises `Refusal` for several states and for fields that are not rational, and `OverBudget`.

    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> regime_conditions(Flow({x: m - x**2}, (m,)), (m,)).polynomials
    (m,)
    """
    if len(flow.states) > 1:
        raise Refusal(
            "regimes are told apart by polynomials for one state; restrict the flow to an invariant curve first"
        )
    given = tuple((p, exact_number(v, p)) for p, v in given_values(flow, values).items())
    seconds = seconds_of("budget", budget)
    with limited(seconds, "the search for the conditions that separate the regimes"):
        return _exact_conditions(flow, tuple(axes), given, method, seconds and seconds / 2)


@lru_cache(maxsize=64)
def _exact_conditions(flow, axes, values, method, seconds):
    """The same with values that are exact already; with what has been compiled, it is kept for later maps."""
    constants = Constants([v for _, v in values])
    at = {p: constants(v) for p, v in values}
    fixed, symbolic = flow.fix(dict(values)), _with(flow, at, constants)
    if method != "sturm":
        share = seconds and seconds / 2
        for conditions, known in ((_case_conditions(flow, share), at), (None, {})):
            conditions = _case_conditions(symbolic, share) if conditions is None else conditions
            if isinstance(conditions, Refusal):
                continue
            polynomials = {c.subs(known) for c in conditions}
            if not any(_vanishes(p, axes, constants) for p in polynomials):
                return RegimeConditions(fixed, axes, _indefinite(polynomials, axes, constants), "discriminant")
        if method == "discriminant":
            raise conditions
    polynomials = set(_subresultants(symbolic))
    if any(_vanishes(p, axes, constants) for p in polynomials):
        raise Refusal("the subresultants degenerate at these values")
    return RegimeConditions(fixed, axes, _indefinite(polynomials, axes, constants), "Sturm-Habicht")


def _with(flow, at, constants):
    """The flow with symbols in place of irrational values."""
    if not constants:
        return flow.fix(at)
    states = {x: f.subs(at) for x, f in flow.states.items()}
    return Flow(states, (*(k for k in flow.parameters if k not in at), *constants.numbers))


def _vanishes(polynomial, axes, constants):
    """Whether a polynomial, rational in the constants, is zero for all values of the axes."""
    if not constants:
        return polynomial == 0
    top = sp.numer(sp.cancel(sp.together(polynomial)))
    return all(constants.vanishes(c) for c in sp.Poly(top, *axes).coeffs())


def _case_conditions(flow, seconds):
    """The expressions whose signs tell the cases of the proved count apart, or the refusal to count."""
    try:
        return _counted(flow, seconds)
    except OverBudget as refusal:  # another time there may be more of it
        return refusal


@lru_cache(maxsize=64)
def _counted(flow, seconds):
    try:
        cases = count_equilibria(flow, budget=seconds).cases
    except OverBudget:
        raise
    except Refusal as refusal:
        return refusal
    return frozenset(r.lhs for case in cases for r in case.condition.atoms(sp.StrictGreaterThan, sp.StrictLessThan))


def _indefinite(polynomials, axes, constants):
    """The distinct irreducible factors whose sign the assumptions leave open, without those that are constant."""
    factors = {factor for p in polynomials for factor, _ in irreducible_factors(p)[1] if sign(factor) is None}
    if constants:
        factors = {factor.xreplace(constants.numbers) for factor in factors if factor.has(*axes)}
    for factor in factors:
        if not factor.is_polynomial(*axes):
            raise Refusal(f"{factor} is not a polynomial in {', '.join(map(str, axes))}")
    return tuple(sorted(factors, key=sp.default_sort_key))


def _subresultants(flow):
    """Principal coefficients and values at zero of the subresultant sequence of f and f'.

    By Sturm and Habicht their signs determine the numbers of negative and positive roots
    (Basu, Pollack, Roy, Algorithms in Real Algebraic Geometry, 2006, Theorem 4.32).
    """
    ((x, f),) = flow.states.items()
    top, bottom = sp.fraction(sp.cancel(sp.together(f)))
    if not (top.is_polynomial(x) and bottom.is_polynomial(x)):
        raise Refusal(f"the right-hand side is not a rational function of {x}", f)
    poly = sp.Poly(top, x)
    low = min(e for (e,) in poly.as_dict())
    poly = sp.Poly(sp.cancel(top / x**low), x)  # the root at zero is there for all parameters
    sequence = [sp.Poly(p, x) for p in sp.subresultants(poly.as_expr(), poly.diff(x).as_expr(), x)]
    if sequence[-1].degree() > 0:
        raise Refusal("the field has a repeated factor for all parameters; divide it out first")
    yield from (q for p in sequence for q in (p.LC(), p.eval(0)) if q != 0)
    if bottom.has(x):  # poles: the sign of the field between roots depends on them
        poles = sp.Poly(bottom, x)
        if poles.degree() > 0 and sign(bottom) is None:
            raise Refusal("the denominator may vanish", bottom)


class CertifiedSign:
    """The sign of a polynomial on grids, certified: Horner in the last axis, coefficients row by row."""

    def __init__(self, polynomial: sp.Expr, axes: Sequence[sp.Symbol]) -> None:
        *outer, inner = axes
        self.constants = Constants([polynomial])
        self._terms = []  # exponents and coefficients, these in the symbols of the constants
        if self.constants:
            exact = sp.Poly(self.constants(sp.expand(polynomial)), *axes).terms()
            self._terms = [(m, c) for m, c in exact if not self.constants.vanishes(c)]
            nearest = {m: _middle(self.constants.ball(c, 1024)) for m, c in self._terms}
            self.polynomial = sp.Poly(nearest, *axes, domain="QQ")  # off by far less than a rounding
        else:
            self.polynomial = sp.Poly(polynomial, *axes, domain="QQ")  # over the integers a quotient is rounded
        largest = max(map(abs, self.polynomial.coeffs()))
        columns = sp.Poly(self.polynomial.quo_ground(largest).as_expr(), inner).all_coeffs()  # fits into doubles
        self._columns: Any = compile_function(columns, outer) if outer else None
        self._constant: Any = None if outer else np.array([float(c) for c in columns])
        sizes = [sp.Poly(c, *outer, domain="QQ") if outer else c for c in columns]
        bounds = [_absolute(c) for c in sizes] if outer else [max(abs(c), _FLOOR) for c in columns]
        self._bounds: Any = compile_function(bounds, outer) if outer else np.array([float(b) for b in bounds])
        # a term passes through at most this many roundings in any order of evaluation, conversion included
        self._roundings = 4 * (self.polynomial.total_degree() + len(self.polynomial.terms()) + len(columns)) + 16

    def evaluate(
        self, outer: Sequence[np.ndarray], inner: np.ndarray, work: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Values (rows, cols) into `work`, and a bound (rows, 1) on their error."""
        if self._columns is None:
            coefficients, sizes = self._constant[:, None, None], self._bounds[:, None, None]
        else:
            coefficients = self._columns(*outer)
            sizes = self._bounds(*map(np.abs, outer))
        with np.errstate(all="ignore"):
            np.multiply(coefficients[0], inner, out=work) if len(coefficients) > 1 else work.__setitem__(
                slice(None), coefficients[0]
            )
            for k in range(1, len(coefficients)):
                work += coefficients[k]
                if k + 1 < len(coefficients):
                    work *= inner
            reach, bound = np.abs(inner).max(), 0.0
            for size in sizes:
                bound = bound * reach + size
            return work, bound * (self._roundings * _UNIT * 1.01)

    def curves(self, ends: Sequence[tuple[float, float]], points: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The zero set over two axes between their ends: graphs over the first axis and over the second."""
        x, y = self.polynomial.gens
        for along, graph in self._graphs(x, y, ends[0], ends[1], points):
            yield along, graph
        for along, graph in self._graphs(y, x, ends[1], ends[0], points):
            yield graph, along

    def _graphs(self, x, y, span, limits, points):
        """One graph of y over x for each rank of root, NaN where there is none."""
        along, pieces = np.linspace(*span, points), {}
        for k, value in enumerate(along):
            at = sp.expand(self.polynomial.as_expr().subs(x, sp.Rational(float(value))))
            roots = [float(r) for r in real_roots(at, y)] if at.has(y) else []
            inside = [r for r in roots if limits[0] <= r <= limits[1]]
            for rank, root in enumerate(inside):
                graph = pieces.setdefault((len(inside), rank), np.full(points, np.nan))
                graph[k] = root
        for graph in pieces.values():
            yield along, graph

    def exact(self, point: Sequence[Any]) -> int:
        """-1, 0 or 1 at exact numbers."""
        if self.constants:
            at = [exact_number(value) for value in point]
            return self.constants.sign(sum(c * sp.prod(v**e for v, e in zip(at, m)) for m, c in self._terms))
        return int(sp.sign(self._rational(point)))

    def _rational(self, point):
        import flint

        point = [
            flint.fmpq(*map(int, value.as_integer_ratio()))
            if not isinstance(value, sp.Rational)
            else flint.fmpq(int(value.p), int(value.q))
            for value in point
        ]
        total = flint.fmpq(0)
        for exponents, c in self.polynomial.terms():
            term = flint.fmpq(int(c.p), int(c.q))
            for value, exponent in zip(point, exponents):
                term *= value**exponent if exponent else 1
            total += term
        return sp.Rational(int(total.p), int(total.q))


def _middle(ball):
    """The middle of a ball that is far narrower than its distance from zero."""
    lower, upper = bounds(ball)
    if (upper - lower) * 2**128 > abs(lower + upper):
        raise Refusal("a coefficient is too near zero for its precision")
    return (lower + upper) / 2


def _absolute(poly):
    """The polynomial with every coefficient replaced by its absolute value, or what covers its underflow."""
    return sum(
        (max(abs(c), _FLOOR) * sp.prod(x**e for x, e in zip(poly.gens, exponents)) for exponents, c in poly.terms()),
        start=sp.Integer(0),
    )
