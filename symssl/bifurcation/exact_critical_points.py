"""Critical points of a rational field with one parameter, exactly.

At a critical point the Jacobian is singular; at a Hopf point it has a pair of imaginary eigenvalues.

They are solutions of F = 0, det F_x = 0, or of F = 0 with the last but one Hurwitz
determinant, in states and parameter together.  Between two consecutive parameters of
the first kind no equilibria meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import sympy as sp

from ..errors import InputError, NotIsolated, Refusal
from ..exact.half_planes import characteristic, half_planes
from ..exact.polynomial_systems import solve_system
from ..exact.roots import real_roots
from ..scalar.flow import Field, Flow
from ..support.arguments import whole
from ..support.display import html_table, listing, shown
from .inputs import flow_of, parameter_of

__all__ = ["CriticalPoint", "critical_points", "escape_parameters", "face_crossings", "hopf_points"]

_LARGEST = 150  # product of the degrees beyond which the elimination is not tried


@dataclass(frozen=True, repr=False)
class CriticalPoint:
    """A critical point between rational bounds.

    Attributes
    ----------
    bounds : mapping {name of a state or the parameter: (lower, upper)}
    label : "LP" (fold), "BP" (branch point) or "HB" (Hopf)
    multiplicity : of the equilibrium there, None where it is not known
    name : what kind of LP or BP, where one state tells it
    """

    bounds: Mapping[str, tuple[sp.Rational, sp.Rational]]
    label: Literal["LP", "BP", "HB"]
    multiplicity: int | None
    name: str = ""

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


def critical_points(flow: Flow, parameter: sp.Symbol | str, digits: int = 17) -> tuple[CriticalPoint, ...]:
    """All critical points of a flow with one parameter left: folds and branch points.

    Parameters
    ----------
    flow : Flow, rational in its states and its one parameter
    parameter : Symbol or name
    digits : relative width of the bounds, in decimal digits

    Raises
    ------
    InputError
        For what is no flow, and one with other parameters.
    Refusal
        For fields that are not rational or of too large degree.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> [(c.label, c.multiplicity, c.centre["m"]) for c in critical_points(Flow({x: m*x - x**3}, (m,)), m)]
    [('BP', 3, 0.0)]
    """
    flow, parameter, digits = _checked(flow, parameter, digits)
    states, tops, bottom = _rational(flow, parameter)
    tops = [_square_free(top, states) for top in tops] if len(states) == 1 else tops
    determinant = sp.numer(sp.cancel(sp.together(sp.Matrix(tops).jacobian(states).det())))
    points = [
        _critical(s, tops, states, parameter, digits) for s in _solutions(tops, determinant, bottom, states, parameter)
    ]
    return tuple(sorted(points, key=lambda c: c.bounds[parameter.name]))


def hopf_points(flow: Flow, parameter: sp.Symbol | str, digits: int = 17) -> tuple[CriticalPoint, ...]:
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
    states, tops, bottom = _rational(flow, parameter)
    n = len(states)
    if n < 2:
        return ()
    jacobian = flow.jacobian()
    coefficients = jacobian.charpoly().all_coeffs()
    hurwitz = sp.Matrix(n - 1, n - 1, lambda i, j: coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else 0)
    condition = sp.numer(sp.cancel(sp.together(hurwitz.det(method="berkowitz"))))
    points = []
    for solution in _solutions(tops, condition, bottom, states, parameter):
        if _imaginary_pair([[solution.evaluate(entry) for entry in row] for row in jacobian.tolist()]):
            bounds = {v.name: solution.values[v].bounds(digits) for v in (*states, parameter)}
            points.append(CriticalPoint(Field(bounds), "HB", 1))
    return tuple(sorted(points, key=lambda c: c.bounds[parameter.name]))


def _checked(flow, parameter, digits):
    """The arguments of a search for points in one parameter."""
    parameter, digits = parameter_of(flow_of(flow), parameter), whole("digits", digits, 1)
    if rest := [p for p in flow.parameters if p != parameter]:
        raise InputError(f"the flow must have no parameter but {parameter}: fix {', '.join(map(str, rest))} first")
    return flow, parameter, digits


def _imaginary_pair(matrix):
    """Whether a pair of eigenvalues is imaginary and not zero.

    A pair of opposite real eigenvalues (a neutral saddle) has zero sum, too.
    """
    coefficients = characteristic(matrix)
    zeros = next(k for k, c in enumerate(reversed(coefficients)) if not c.is_zero())
    return (half_planes(coefficients).axis or 0) > zeros


def _rational(flow, parameter):
    """States, numerators and the product of the denominators of a rational field."""
    states = list(flow.states)
    parts = [sp.fraction(sp.cancel(sp.together(f))) for f in flow.rhs.values()]
    if not all(part.is_polynomial(*states, parameter) for pair in parts for part in pair):
        raise Refusal("the field is not rational in states and parameter")
    return states, [top for top, _ in parts], sp.prod(below for _, below in parts)


def _solutions(tops, condition, bottom, states, parameter):
    """Real solutions of the field and one more condition, poles excluded."""
    degrees = [sp.Poly(top, *states, parameter).total_degree() for top in (*tops, condition)]
    if prod(degrees) > _LARGEST:
        raise Refusal("the critical points are too many to be found by elimination")
    equations, variables = [*tops, condition], [*states, parameter]
    if not bottom.is_number:
        inverse = sp.Dummy("w")
        equations, variables = [*equations, inverse * bottom - 1], [*variables, inverse]
    try:
        return solve_system(equations, variables)
    except Refusal:
        if not _none_is_real(equations, variables, parameter):
            raise
        return ()
    except InputError as error:
        raise Refusal(f"the critical points cannot be found exactly: {error}") from None


def escape_parameters(flow: Flow, parameter: sp.Symbol) -> tuple[Any, ...]:
    """Parameters at which an equilibrium may come from infinity or a pole, or may not be isolated.

    Elsewhere each state is integral over the parameter: some element of a Groebner basis has a pure
    power of the state as its leading term, with a coefficient that vanishes only at these parameters.
    Raises `Refusal` where that cannot be shown.
    """
    states = list(flow.states)
    parts = [sp.fraction(sp.cancel(sp.together(f))) for f in flow.rhs.values()]
    equations, bottom = [top for top, _ in parts if top != 0], sp.prod(below for _, below in parts)
    if not bottom.is_number:
        inverse = sp.Dummy("w")
        equations, states = [*equations, inverse * bottom - 1], [*states, inverse]
    n = len(states)

    def blocks(m):  # graded by the states first, then by the parameter
        return sum(m[:n]), tuple(-e for e in m[n - 1 :: -1]), m[n]

    leading: dict[int, Any] = {}
    for g in sp.groebner(equations, *states, parameter, order=blocks).exprs:
        terms = sp.Poly(g, *states).terms()
        powers, coefficient = max(terms, key=lambda t: blocks((*t[0], 0)))
        if not any(powers):
            leading = dict.fromkeys(range(n), coefficient)  # no equilibria where this does not vanish
            break
        if sum(map(bool, powers)) == 1:
            k = next(i for i, e in enumerate(powers) if e)
            leading[k] = sp.gcd(leading[k], coefficient) if k in leading else coefficient
    if len(leading) < n:
        raise NotIsolated("the equilibria are not isolated for general parameters")
    return tuple(
        root
        for c in set(leading.values())
        if sp.sympify(c, strict=True).has(parameter)
        for root in real_roots(c, parameter)
    )


def face_crossings(
    flow: Flow, parameter: sp.Symbol, box: Mapping[sp.Symbol, tuple[Any, Any]]
) -> list[tuple[sp.Rational, sp.Rational]]:
    """Bounds of the parameters at which an equilibrium lies on a face of a box {state: (lower, upper)}, or a `Refusal`.

    A single state that rests on a face at every parameter does not cross it: what else meets it there is critical.
    """
    states, tops, bottom = _rational(flow, parameter)
    cuts = []
    for x, limit in ((x, sp.Rational(limit)) for x, limits in box.items() for limit in limits):
        if len(states) > 1:
            cuts += [s.values[parameter].bounds(17) for s in _solutions(tops, x - limit, bottom, states, parameter)]
        elif (there := sp.expand(tops[0].subs(x, limit))).has(parameter):
            cuts += [(sp.Rational(r.lower), sp.Rational(r.upper)) for r in real_roots(there, parameter)]
    return cuts


def _none_is_real(equations, variables, parameter):
    """Whether the equations imply a polynomial in the parameter alone that has no real root."""
    order = [*(v for v in variables if v != parameter), parameter]
    last = sp.groebner(equations, *order, order="lex").exprs[-1]
    return last.free_symbols == {parameter} and not real_roots(last, parameter)


def _square_free(top, states):
    """A scalar field without repeated factors, which would be critical everywhere."""
    return sp.Mul(*(factor for factor, _ in sp.factor_list(top, *states)[1]))


def _critical(solution, tops, states, parameter, digits):
    bounds = {v.name: solution.values[v].bounds(digits) for v in (*states, parameter)}
    slopes = sp.Matrix(tops).jacobian([*states, parameter])
    rank = _rank([[solution.evaluate(e) for e in row] for row in slopes.tolist()])
    label, order = "LP" if rank == len(states) else "BP", _multiplicity(solution, tops, states)
    return CriticalPoint(Field(bounds), label, order, _name(solution, tops, states, parameter, label, order))


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
