"""Critical points of a rational field with one parameter, exactly.

At a critical point the Jacobian is singular; at a Hopf point it has a pair of imaginary eigenvalues.

They are solutions of F = 0, det F_x = 0, or of F = 0 with the last but one Hurwitz
determinant, in states and parameter together.  Between two consecutive parameters of
the first kind no equilibria meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from ..errors import InputError, NotIsolated, OverBudget, Refusal
from ..exact.balls import bounds
from ..exact.constants import Constants
from ..exact.gate import as_sympy
from ..exact.half_planes import half_planes
from ..exact.msolve import boxes_by_msolve, has_msolve
from ..exact.polynomial_systems import Solutions, project_system, solve_system
from ..exact.roots import real_roots
from ..scalar.flow import Field, Flow
from ..support.arguments import MOST_DIGITS, whole
from ..support.budgets import TRIAL_BUDGET, limited, seconds_of
from ..support.display import html_table, listing, shown
from .inputs import flow_of, parameter_of

__all__ = ["CriticalPoint", "CriticalPoints", "critical_points", "escape_parameters", "face_crossings", "hopf_points"]


@dataclass(frozen=True, repr=False)
class CriticalPoint:
    """A critical point between rational bounds.

    Attributes
    ----------
    bounds : mapping {name of a state or the parameter: (lower, upper)}
    label : "LP" (fold), "BP" (branch point) or "HB" (Hopf)
    multiplicity : of the equilibrium there, None where it is not known
    name : what kind of LP or BP, where one state tells it
    proved : whether the bounds are proved
    """

    bounds: Mapping[str, tuple[sp.Rational, sp.Rational]]
    label: Literal["LP", "BP", "HB"]
    multiplicity: int | None
    name: str = ""
    proved: bool = True

    def __repr__(self) -> str:
        kind = f"{self.label} ({self.name})" if self.name else self.label
        return listing(f"CriticalPoint({kind}: {', '.join(f'{k} = {shown(v)}' for k, v in self.centre.items())})")

    def _repr_html_(self) -> str:
        rows = [(name, *map(float, ends)) for name, ends in self.bounds.items()]
        return html_table(f"CriticalPoint: {self.label} {self.name}", ("", "lower", "upper"), rows)

    @property
    def centre(self) -> dict[str, float]:
        """The middle of the bounds, in doubles."""
        return {name: float((lower + upper) / 2) for name, (lower, upper) in self.bounds.items()}


class CriticalPoints(tuple[CriticalPoint, ...]):
    """All critical points of a flow, and how they were found.

    Attributes
    ----------
    method : the method that answered
    proved : whether it is proved that these are all, and what they are
    tried : what was tried before, and why it did not answer
    continua : bounds of parameters at which critical points are not isolated; none that lie there are listed

    Examples
    --------
    >>> x, m = sp.symbols("x m", real=True)
    >>> found = critical_points(Flow({x: m*x - x**3}, (m,)), m)
    >>> found.method, found.proved, found.tried
    ('resultants', True, ())
    """

    method: str
    proved: bool
    tried: tuple[str, ...]
    continua: tuple[tuple[sp.Rational, sp.Rational], ...]

    def __new__(
        cls,
        points: Iterable[CriticalPoint],
        method: str = "",
        proved: bool = True,
        tried: Iterable[str] = (),
        continua: Iterable[tuple[sp.Rational, sp.Rational]] = (),
    ) -> CriticalPoints:
        self = super().__new__(cls, points)
        self.method, self.proved, self.tried, self.continua = method, proved, tuple(tried), tuple(continua)
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.method, self.proved, self.tried, self.continua

    def __repr__(self) -> str:
        rows = [(c.label, c.name, ", ".join(f"{k} = {shown(v)}" for k, v in c.centre.items())) for c in self]
        return listing(self._head(), rows, self._notes())

    def _repr_html_(self) -> str:
        rows = [(c.label, c.name, ", ".join(f"{k} = {shown(v)}" for k, v in c.centre.items())) for c in self]
        return html_table(self._head(), ("event", "kind", "place"), rows, self._notes())

    def _notes(self) -> list[str]:
        places = ", ".join(shown(float((low + high) / 2)) for low, high in self.continua)
        return [*([f"continua of critical points at the parameters {places}"] if places else []), *self.tried]

    def _head(self) -> str:
        return f"CriticalPoints: {len(self)} by {self.method}, {'proved' if self.proved else 'not proved'}"


def critical_points(
    flow: Flow, parameter: sp.Symbol | str, digits: int = 17, *, budget: float | None = TRIAL_BUDGET
) -> CriticalPoints:
    """All critical points of a flow with one parameter left: folds and branch points.

    Parameters
    ----------
    flow : Flow, rational in its states and its one parameter
    parameter : Symbol or name
    digits : relative width of the bounds, in decimal digits
    budget : seconds; None for no limit

    Returns
    -------
    CriticalPoints, a tuple of CriticalPoint

    Raises
    ------
    InputError
        For what is no flow, and one with other parameters.
    Refusal
        For fields that are not rational, and critical points that are not isolated; `OverBudget` where the time
        is over.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> [(c.label, c.multiplicity, c.centre["m"]) for c in critical_points(Flow({x: m*x - x**3}, (m,)), m)]
    [('BP', 3, 0.0)]
    """
    flow, parameter, digits = _checked(flow, parameter, digits)
    with limited(seconds := seconds_of("budget", budget), "the search for critical points"):
        field, everywhere = _Rational(flow, parameter), []
        if len(field.states) == 1:
            content, field.tops[0] = _square_free(field.tops[0], field.states)
            everywhere = _roots_of(content.xreplace(field.constants.numbers), parameter)
        determinant = _expression(field.matrix(field.tops).charpoly()[-1], field)
        slopes = sp.Matrix(field.tops).jacobian(field.variables)
        try:
            found, method, tried, continua = _found(field, determinant, seconds and 0.7 * seconds)
            points = [_critical(s, field, slopes, digits) for s in found]
        except OverBudget as refusal:
            method, tried, continua = "msolve", [str(refusal)], ()
            points = [
                _boxed(box, field, slopes) for box in _boxes(field, determinant, seconds and 0.25 * seconds, refusal)
            ]
            field.assumed.append("msolve's results were not checked")
    continua = sorted({*continua, *everywhere})
    return CriticalPoints(_ordered(points, parameter), method, not field.assumed, (*tried, *field.assumed), continua)


def hopf_points(
    flow: Flow, parameter: sp.Symbol | str, digits: int = 17, *, budget: float | None = TRIAL_BUDGET
) -> CriticalPoints:
    """All points at which the Jacobian has a pair of imaginary eigenvalues; arguments and errors as `critical_points`.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y, m = symbols("x y m", real=True)
    >>> (point,) = hopf_points(Flow({x: m*x - y - x**3, y: x}, (m,)), m)
    >>> point.centre
    {'x': 0.0, 'y': 0.0, 'm': 0.0}
    """
    flow, parameter, digits = _checked(flow, parameter, digits)
    if len(flow.states) < 2:
        return CriticalPoints((), "one state")
    with limited(seconds := seconds_of("budget", budget), "the search for Hopf points"):
        field = _Rational(flow, parameter)
        coefficients = [_expression(c, field) for c in field.matrix(field.scaled()).charpoly()]
        points = []
        condition = _hurwitz(coefficients, field)
        try:
            found, method, tried, continua = _found(field, condition, seconds and 0.7 * seconds)
        except OverBudget as refusal:
            found, method, tried, continua = [], "msolve", [str(refusal)], ()
            boxes = _boxes(field, condition, seconds and 0.25 * seconds, refusal)
            points += [
                CriticalPoint(Field(_named(box, field)), "HB", 1, proved=False)
                for box in boxes
                if _pair_near(coefficients, box)
            ]
            field.assumed.append("msolve's results were not checked")
        for solution in found:
            if _imaginary_pair([solution.evaluate(c) for c in coefficients]):
                ends = {v.name: solution.values[v].bounds(digits) for v in field.variables}
                points.append(CriticalPoint(Field(ends), "HB", 1, proved=not field.assumed))
    return CriticalPoints(_ordered(points, parameter), method, not field.assumed, (*tried, *field.assumed), continua)


def _ordered(points, parameter):
    return sorted(points, key=lambda c: c.bounds[parameter.name])


def _hurwitz(coefficients, field):
    """The last but one Hurwitz determinant of a characteristic polynomial."""
    n = len(coefficients) - 1
    entries = [
        [coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else sp.Integer(0) for j in range(n - 1)]
        for i in range(n - 1)
    ]
    return _expression(field.over_polynomials(entries).charpoly()[-1], field)


def _checked(flow, parameter, digits):
    """The arguments of a search for points in one parameter."""
    parameter, digits = parameter_of(flow_of(flow), parameter), whole("digits", digits, 1, MOST_DIGITS)
    if rest := [p for p in flow.parameters if p != parameter]:
        raise InputError(f"the flow must have no parameter but {parameter}: fix {', '.join(map(str, rest))} first")
    return flow, parameter, digits


def _imaginary_pair(coefficients):
    """Whether a characteristic polynomial, highest power first, has a pair of roots that is imaginary and not zero.

    A pair of opposite real eigenvalues (a neutral saddle) has zero sum, too.
    """
    zeros = next(k for k, c in enumerate(reversed(coefficients)) if not c.is_zero())
    return (half_planes(coefficients).axis or 0) > zeros


class _Rational:
    """A rational field: its numerators, and the denominators, which do not vanish."""

    def __init__(self, flow: Flow, parameter: sp.Symbol) -> None:
        self.states, self.parameter = list(flow.states), parameter
        self.variables = [*self.states, parameter]
        every = Constants(flow.rhs.values())
        near = {
            number: (lower + upper) / 2
            for c, number in every.numbers.items()
            if not number.is_algebraic
            for lower, upper in [bounds(every.ball(c, 256))]
        }
        self.assumed = [f"{number} was taken as a rational number that agrees to 75 digits" for number in near]
        rational = {c: near[number] for c, number in every.numbers.items() if number in near}
        self.constants = Constants(number for number in every.numbers.values() if number not in near)
        renamed = {c: self.constants(number) for c, number in every.numbers.items() if number not in near}
        sides = [every(f).xreplace({**rational, **renamed}) for f in flow.rhs.values()]
        parts = [sp.fraction(sp.cancel(sp.together(f))) for f in sides]
        self.unknowns = [*self.variables, *self.constants.equations]
        if not all(
            part.is_polynomial(*self.unknowns) and all(c.is_Rational for c in sp.Poly(part, *self.unknowns).coeffs())
            for pair in parts
            for part in pair
        ):
            raise Refusal("the field is not rational in states and parameter")
        self.tops, self.bottoms = [top for top, _ in parts], [below for _, below in parts]
        self.poles = [below for below in dict.fromkeys(self.bottoms) if not below.is_number]

    def over_polynomials(self, entries: Any) -> Any:
        ring = sp.QQ[tuple(self.unknowns)]
        return DomainMatrix(
            [[ring.from_sympy(sp.expand(e)) for e in row] for row in entries], (len(entries),) * 2, ring
        )

    def matrix(self, tops: Any) -> Any:
        """The derivatives of the numerators in the states."""
        return self.over_polynomials(sp.Matrix(tops).jacobian(self.states).tolist())

    def scaled(self) -> list[Any]:
        """The numerators over one common denominator: at equilibria, derivatives are multiples of the field's."""
        common = reduce(sp.lcm, self.bottoms)
        return [sp.expand(top * sp.cancel(common / below)) for top, below in zip(self.tops, self.bottoms)]


def _expression(element, field):
    """An element of the ring of polynomials in states and parameter as an expression."""
    return sp.QQ[tuple(field.unknowns)].to_sympy(element)


def _solutions(field, condition, seconds, *more):
    """Real solutions of the field and one more condition, poles excluded."""
    equations = [*field.tops, condition, *field.constants.equations.values(), *more]
    found = solve_system(equations, field.unknowns, nonzero=field.poles, budget=seconds)
    if not field.constants:
        return found
    given = [
        s for s in found if all(field.constants.enclosed(c, *s.values[c].bounds(40)) for c in field.constants.equations)
    ]
    return Solutions(given, found.method, found.tried)  # without conjugates of the constants


def _found(field, condition, seconds):
    """(solutions, method, what was tried, continua): where solutions are not isolated, parameter by parameter.

    All have parameters that are roots of certain polynomials; at some of these solutions may form continua.
    """
    try:
        solutions = _solutions(field, condition, seconds)
        return solutions, solutions.method, solutions.tried, ()
    except NotIsolated:
        cases = project_system(
            [*field.tops, condition, *field.constants.equations.values()],
            field.unknowns,
            [field.parameter],
            nonzero=field.poles,
            budget=seconds,
        )
        if not all(cases):
            raise
    factors = dict.fromkeys(case[0].as_expr() for case in cases)
    found, continua, tried = [], [], []
    for factor in sorted(factors, key=sp.default_sort_key):
        try:
            solutions = _solutions(field, condition, seconds, factor)
        except NotIsolated:
            continua += _roots_of(factor, field.parameter)
        else:
            found += solutions
            tried += solutions.tried
    return found, "resultants, parameter by parameter", tried, sorted(continua)


def _roots_of(poly, parameter):
    """Bounds of the real roots of a polynomial in the parameter; none of a constant."""
    if not as_sympy(poly).has(parameter):
        return []
    return [(sp.Rational(r.lower), sp.Rational(r.upper)) for r in real_roots(poly, parameter)]


def _boxes(field, condition, seconds, refusal):
    """Solutions by msolve where the exact methods were stopped, or their refusal."""
    if not has_msolve():
        raise refusal
    try:
        found = boxes_by_msolve(
            [*field.tops, condition, *field.constants.equations.values()],
            field.unknowns,
            nonzero=field.poles,
            budget=seconds,
        )
    except Refusal as other:
        raise OverBudget(f"{refusal}; msolve: {other}") from None
    return [box for box in found if all(field.constants.enclosed(c, *box[c]) for c in field.constants.equations)]


def _named(box, field):
    return {v.name: box[v] for v in field.variables}


def _middles(box):
    return {v: (lower + upper) / 2 for v, (lower, upper) in box.items()}


def _boxed(box, field, slopes):
    """A critical point that is known between bounds only: a fold where the slopes have full rank to 20 digits."""
    at = slopes.subs(_middles(box)).evalf(60)
    sizes = sp.Matrix(at * at.T).evalf(60)
    scale = max(abs(v) for v in sizes) or 1
    label: Literal["LP", "BP"] = "LP" if abs(sizes.det()) > scale ** len(field.states) * sp.Float(10) ** -20 else "BP"
    return CriticalPoint(Field(_named(box, field)), label, 2 if label == "LP" else None, proved=False)


def _pair_near(coefficients, box):
    """Whether a characteristic polynomial has a pair of roots within 1e-8 of the imaginary axis, away from zero."""
    import numpy as np

    at = [complex(c.subs(_middles(box)).evalf(40)).real for c in coefficients]
    roots = np.roots(at)
    scale = np.abs(roots).max(initial=1e-300)
    return bool(np.any((np.abs(roots.real) < 1e-8 * scale) & (np.abs(roots.imag) > 1e-6 * scale)))


def escape_parameters(flow: Flow, parameter: sp.Symbol, *, budget: float | None = TRIAL_BUDGET) -> tuple[Any, ...]:
    """Parameters at which an equilibrium may come from infinity or a pole, or may not be isolated.

    Elsewhere each state is a root of a polynomial whose first coefficient does not vanish, and no equilibrium
    meets a pole.  Raises `Refusal` where that cannot be shown.
    """
    with limited(seconds := seconds_of("budget", budget), "the search for equilibria that come from infinity"):
        field = _Rational(flow, parameter)
        tops = [*(top for top in field.tops if top != 0), *field.constants.equations.values()]
        special = set()
        for x in field.states:
            for case in project_system(tops, field.unknowns, [x, parameter], nonzero=field.poles, budget=seconds):
                special.add(_leading(case, x, parameter))
        inverse = sp.Dummy("w")
        for pole in field.poles:  # an equilibrium that moves into a pole takes its inverse to infinity
            equations, unknowns = [*tops, inverse * pole - 1], [inverse, *field.unknowns]
            for case in project_system(equations, unknowns, [inverse, parameter], nonzero=field.poles, budget=seconds):
                special.add(_leading(case, inverse, parameter))
        return tuple(
            root
            for c in sorted(special, key=sp.default_sort_key)
            if as_sympy(c).has(parameter)
            for root in real_roots(c, parameter)
        )


def _leading(case, x, parameter):
    """A polynomial in the parameter: where it does not vanish, zeros of a case are bounded in x."""
    options = [sp.LC(p.as_expr(), x) if p.degree(x) else p.as_expr() for p in case]
    if not options:
        raise NotIsolated("the equilibria are not isolated for general parameters")
    return min(options, key=lambda p: (p.has(parameter), sp.count_ops(p)))


def face_crossings(
    flow: Flow, parameter: sp.Symbol, box: Mapping[sp.Symbol, tuple[Any, Any]], *, budget: float | None = TRIAL_BUDGET
) -> list[tuple[sp.Rational, sp.Rational]]:
    """Bounds of the parameters at which an equilibrium lies on a face of a box {state: (lower, upper)}, or a `Refusal`.

    A single state that rests on a face at every parameter does not cross it: what else meets it there is critical.
    """
    with limited(seconds := seconds_of("budget", budget), "the search for equilibria on the faces of the box"):
        field = _Rational(flow, parameter)
        cuts = []
        for x, limit in ((x, sp.Rational(limit)) for x, limits in box.items() for limit in limits):
            if len(field.states) > 1:
                cuts += [s.values[parameter].bounds(17) for s in _solutions(field, x - limit, seconds)]
            elif (there := sp.expand(field.tops[0].subs(x, limit).xreplace(field.constants.numbers))).has(parameter):
                cuts += [(sp.Rational(r.lower), sp.Rational(r.upper)) for r in real_roots(there, parameter)]
        return cuts


def _square_free(top, states):
    """A scalar field in two factors: one that has no states, and the rest without repeated factors.

    A repeated factor would be critical everywhere; where the first factor vanishes every state is an equilibrium.
    """
    content, factors = sp.factor_list(top, *states)
    return as_sympy(content), sp.Mul(*(factor for factor, _ in factors))


def _critical(solution, field, slopes, digits):
    tops, states, parameter = field.tops, field.states, field.parameter
    ends = {v.name: solution.values[v].bounds(digits) for v in field.variables}
    rank = _rank([[solution.evaluate(e) for e in row] for row in slopes.tolist()])
    label, order = "LP" if rank == len(states) else "BP", _multiplicity(solution, tops, states)
    name = _name(solution, tops, states, parameter, label, order)
    return CriticalPoint(Field(ends), label, order, name, not field.assumed)


def _name(solution, tops, states, parameter, label, order):
    """For one state: an odd root on a smooth branch is no fold; where two branches cross, an even root
    means that they exchange stability, an odd one that one of them is met on both sides."""
    if len(states) > 1:
        return ""
    if label == "LP":
        return "inflection" if order % 2 else ""
    (x,), (f,) = states, tops
    a, b, c = (solution.evaluate(g) for g in (sp.diff(f, x, 2), sp.diff(f, x, parameter), sp.diff(f, parameter, 2)))
    if (a * c - b * b).sign() >= 0:  # two branches cross only where the quadratic form is indefinite
        return "degenerate"
    return "pitchfork" if order % 2 else "transcritical"


def _rank(rows):
    """Rank of a matrix over a number field, by elimination."""
    rank, width = 0, len(rows[0])
    rows = [list(row) for row in rows]
    for column in range(width):
        pivot = next((k for k in range(rank, len(rows)) if not rows[k][column].is_zero()), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        scale = rows[rank][column].inverse()
        for k in range(rank + 1, len(rows)):
            factor = rows[k][column] * scale
            rows[k] = [b - factor * a for a, b in zip(rows[rank], rows[k])]
        rank += 1
    return rank


def _multiplicity(solution, tops, states):
    """For one state the order of the first derivative that does not vanish; a simple solution of
    the critical system is a nondegenerate fold, which is double."""
    if len(states) > 1:
        return 2 if solution.multiplicity == 1 else None
    (x,), (f,) = states, tops
    order = 1
    while solution.evaluate(sp.diff(f, x, order)).is_zero():
        order += 1
    return order
