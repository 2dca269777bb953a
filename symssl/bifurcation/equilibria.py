"""All equilibria of a flow at given parameters, enclosed and judged with proof.

Rational fields, and those with radicals such as norms, are solved exactly
(:mod:`symssl.exact.polynomial_systems`): every real equilibrium, with its multiplicity.
Other fields are searched in a box by bisection with Krawczyk's operator, which proves that a
box holds one equilibrium or none; a box in which neither can be proved is reported.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, overload

import sympy as sp

from ..errors import InputError, NotIsolated, OverBudget, Refusal
from ..exact.balls import bounds
from ..exact.constants import Constants
from ..exact.points import evaluate
from ..exact.polynomial_systems import solve_system
from ..exact.radicals import Radicals
from ..exact.roots import real_roots
from ..scalar.flow import Field, Flow
from ..support.arguments import MOST_DIGITS, whole
from ..support.budgets import limited, seconds_of
from ..support.display import html_table, listing, shown
from .boxes import isolate
from .inputs import box_of, flow_of, points_of
from .results import Result

__all__ = ["CertifiedEquilibria", "CertifiedEquilibrium", "Stability", "find_equilibria"]

Stability = Literal["stable", "unstable", "half-stable", "nonhyperbolic", "undecided"]

_BUDGET = 20.0  # seconds for the elimination


@dataclass(frozen=True, repr=False)
class CertifiedEquilibrium:
    """One equilibrium between rational bounds.

    Attributes
    ----------
    bounds : mapping {state: (lower, upper)}, equal where the value is rational
    multiplicity : int; None where the field is not algebraic or not smooth there
    stability : "stable", "unstable", "half-stable" (one state), "nonhyperbolic" (an eigenvalue on the
        imaginary axis, none to the right of it) or "undecided"
    unstable : number of eigenvalues with positive real part, None where that is not certain
    proof : "exact" (algebra) or "Krawczyk" (existence and uniqueness in the box)

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> find_equilibria(Flow({x: 1 - x}))[0]
    CertifiedEquilibrium(x = 1, stable, multiplicity 1, proof: exact)
    """

    bounds: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]]
    multiplicity: int | None
    stability: Stability
    unstable: int | None
    proof: Literal["exact", "Krawczyk"]

    @property
    def point(self) -> Any:
        """The centre, in doubles: a number for one state, else a tuple."""
        centre = self._centre()
        return centre[0] if len(centre) == 1 else centre

    def _centre(self) -> tuple[float, ...]:
        return tuple(float((lower + upper) / 2) for lower, upper in self.bounds.values())

    def __repr__(self) -> str:
        many = f", multiplicity {self.multiplicity}" if self.multiplicity is not None else ""
        return listing(f"CertifiedEquilibrium({self._place()}, {self.stability}{many}, proof: {self.proof})")

    def _place(self) -> str:
        places = [f"{x} = {shown(v)}" for x, v in zip(self.bounds, self._centre())]
        return ", ".join(places[:4]) + ", ..." * (len(places) > 4)

    def _repr_html_(self) -> str:
        rows = [(x, *map(float, ends)) for x, ends in self.bounds.items()]
        return html_table(
            f"CertifiedEquilibrium: {self.stability}", ("state", "lower", "upper"), rows, [f"proof: {self.proof}"]
        )

    @property
    def exact(self) -> dict[sp.Symbol, sp.Rational] | None:
        """The rational coordinates by state; None where a coordinate is irrational."""
        if all(lower == upper for lower, upper in self.bounds.values()):
            return {x: lower for x, (lower, _) in self.bounds.items()}
        return None


@dataclass(frozen=True, eq=False, repr=False)
class CertifiedEquilibria(Result, kind="equilibria"):
    """Equilibria in increasing order of the first state; a sequence of `CertifiedEquilibrium`.

    Attributes
    ----------
    flow : Flow
    points : tuple of CertifiedEquilibrium
    complete : whether it is proved that there are no others
    note : where there may be others when `complete` is False

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> find_equilibria(Flow({x: x - x**3}))
    CertifiedEquilibria: 3, proved to be all
      x = -1  stable    multiplicity 1  exact
      x = 0   unstable  multiplicity 1  exact
      x = 1   stable    multiplicity 1  exact
    """

    flow: Flow
    points: tuple[CertifiedEquilibrium, ...]
    complete: bool
    note: str = ""

    def __iter__(self) -> Iterator[CertifiedEquilibrium]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    @overload
    def __getitem__(self, index: int) -> CertifiedEquilibrium: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CertifiedEquilibrium, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.points[index]

    @property
    def pattern(self) -> tuple[Stability, ...]:
        """The stabilities in order."""
        return tuple(e.stability for e in self.points)

    def __repr__(self) -> str:
        return listing(self._head(), self._rows(), [self.note])

    def _repr_html_(self) -> str:
        return html_table(self._head(), ("place", "stability", "multiplicity", "proof"), self._rows(), [self.note])

    def _head(self) -> str:
        proved = "proved to be all" if self.complete else "perhaps not all"
        return f"CertifiedEquilibria: {len(self.points)}, {proved}"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                e._place(),
                e.stability,
                f"multiplicity {e.multiplicity}" if e.multiplicity is not None else "",
                e.proof,
            )
            for e in self.points
        ]

    def _columns(self):
        middle = [
            (x.name, [float((e.bounds[x][0] + e.bounds[x][1]) / 2) for e in self.points]) for x in self.flow.states
        ]
        return middle + [
            (name, [getattr(e, name) for e in self.points])
            for name in ("stability", "multiplicity", "unstable", "proof")
        ]


def find_equilibria(
    flow: Flow,
    values: Mapping[Any, Any] | None = None,
    *,
    within: Mapping[Any, Any] | None = None,
    seeds: Iterable[Any] = (),
    digits: int = 16,
    boxes: int = 20_000,
    budget: float | None = _BUDGET,
) -> CertifiedEquilibria:
    """Every real equilibrium at the given parameters, certified.

    Parameters
    ----------
    flow : Flow
    values : mapping of every parameter to a number, which is taken exactly
    within : mapping {state: (lower, upper)}, optional
        For algebraic fields only what lies inside is returned; for others this is the box searched.
    seeds : points, each a mapping {state: number} or a sequence in the order of the states, near which equilibria
        of a field that is not algebraic are sought when it has more than three states; nothing then proves
        that these are all
    digits : int
        Relative width of the bounds, in decimal digits.
    boxes : int
        How many boxes the search may look at.
    budget : seconds for the exact solution of an algebraic field, after which the box is searched instead; None
        for no limit

    Raises
    ------
    InputError
        For what is no flow, a parameter without value, a box that lacks a state or is reversed, and a field
        that is not algebraic without a box.
    Refusal
        For equilibria that are not isolated, as of a field that vanishes identically; `OverBudget` where the
        time is over and no box is given.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, k = symbols("x k", real=True)
    >>> for e in find_equilibria(Flow({x: k*x - x**3}, (k,)), {k: 4}):
    ...     print(e.point, e.stability, e.multiplicity)
    -2.0 stable 1
    0.0 unstable 1
    2.0 stable 1
    """
    fixed = flow_of(flow).fix(values)
    if fixed.parameters:
        raise InputError(f"give a value to the parameter {fixed.parameters[0]}: values={{{fixed.parameters[0]}: ...}}")
    digits, boxes = whole("digits", digits, 1, MOST_DIGITS), whole("boxes", boxes, 1, 10**7)
    box, starts = box_of(fixed, within), points_of("seeds", seeds, tuple(fixed.states))
    seconds, system, tried = seconds_of("budget", budget), _rational(fixed), ""
    points: list[CertifiedEquilibrium] | None = None
    if system is not None:
        try:
            with limited(seconds, "the exact solution for the equilibria"):
                found = _algebraic(system, digits, seconds)
            points, complete, note = [e for e in found if _inside(e, box)], True, ""
        except OverBudget as refusal:
            if box is None:
                raise OverBudget(f"{refusal}; with a box, within={{state: (lower, upper)}}, it is searched") from None
            tried = f"exactly: {refusal}"
    elif len(fixed.states) == 1 and (roots := _roots(fixed, digits)) is not None:
        points, complete, note = [e for e in roots if _inside(e, box)], True, ""
    elif box is None and not starts:
        starts, tried = _nearby(fixed, seconds)
    if points is None:
        points, complete, note = _searched(fixed, box, starts, digits, boxes)
        note = "; ".join(filter(None, (note, tried)))
    points.sort(key=lambda e: tuple(lower + upper for lower, upper in e.bounds.values()))
    return CertifiedEquilibria(flow, tuple(points), complete, note)


def _inside(equilibrium, box):
    return box is None or all(
        box[x][0] <= lower and upper <= box[x][1] for x, (lower, upper) in equilibrium.bounds.items()
    )


def _admits(symbol, one):
    """Whether a value of sign `one` keeps the assumptions on a state."""
    return not (
        (one <= 0 and symbol.is_positive)
        or (one < 0 and symbol.is_nonnegative)
        or (one >= 0 and symbol.is_negative)
        or (one > 0 and symbol.is_nonpositive)
        or (one == 0 and symbol.is_nonzero)
    )


# -- rational fields: exact ----------------------------------------------------------------


@dataclass(frozen=True)
class _Algebraic:
    """An algebraic field with symbols for its irrational constants and its radicals."""

    flow: Flow
    constants: Constants
    radicals: Radicals
    parts: list[tuple[sp.Expr, sp.Expr]]


def _with_constants(flow):
    """The flow with symbols for its irrational constants, and these."""
    constants = Constants(flow.rhs.values())
    return Flow({x: constants(f) for x, f in flow.rhs.items()}, tuple(constants.numbers)), constants


def _rational(flow):
    """The field in its radicals and algebraic constants; None for one that is not algebraic."""
    try:
        flow, constants = _with_constants(flow)
        radicals = Radicals([*flow.rhs.values(), *flow.jacobian()])
        equations = [*map(radicals, flow.rhs.values()), *radicals.equations.values(), *constants.equations.values()]
    except Refusal:
        return None
    unknowns = (*flow.states, *radicals.equations, *constants.equations)
    parts = [sp.fraction(sp.cancel(sp.together(f))) for f in equations]
    if not all(
        part.is_polynomial(*unknowns) and all(c.is_Rational for c in sp.Poly(part, *unknowns).coeffs())
        for pair in parts
        for part in pair
    ):
        return None
    return _Algebraic(flow, constants, radicals, parts)


def _algebraic(field, digits, seconds):
    flow, radicals, constants = field.flow, field.radicals, field.constants
    states = list(flow.states)
    numerators, poles = [top for top, _ in field.parts], [below for _, below in field.parts if not below.is_number]
    if any(top == 0 for top in numerators) and len(states) == 1:
        raise NotIsolated("the right-hand side vanishes identically: every point is an equilibrium")
    variables = [*states, *radicals.equations, *constants.equations]
    points = []
    for solution in solve_system(numerators, variables, nonzero=poles, budget=seconds):
        if not all(constants.enclosed(c, *solution.values[c].bounds(40)) for c in constants.equations):
            continue  # a conjugate of the constant that was given
        if not all(_admits(x, solution.values[x].sign()) for x in (*states, *radicals.equations)):
            continue
        bounds = {x: solution.values[x].bounds(digits) for x in states}
        if any(solution.values[r].is_zero() for r in radicals.equations):  # the field is not smooth there
            points.append(CertifiedEquilibrium(Field(bounds), None, "undecided", None, "exact"))
            continue
        judged = _judge_scalar if len(states) == 1 else _judge
        stability, unstable = judged(flow, radicals, solution)
        points.append(CertifiedEquilibrium(Field(bounds), solution.multiplicity, stability, unstable, "exact"))
    return points


def _roots(flow, digits):
    """The equilibria of a scalar field that is rational with constants such as pi, by its roots; None for others."""
    ((x, f),) = flow.rhs.items()
    top, below = sp.fraction(sp.cancel(sp.together(f)))
    if not (top.is_polynomial(x) and below.is_polynomial(x)):
        return None
    points = []
    for root in real_roots(top, x, digits=digits):
        if not _admits(x, root.sign):
            continue
        one = _sign_at(sp.diff(top, x, root.multiplicity), top, x, root) * _sign_at(below, top, x, root)
        if root.multiplicity % 2 == 0:
            stability, unstable = "half-stable", 0
        else:
            stability, unstable = ("unstable", int(root.multiplicity == 1)) if one > 0 else ("stable", 0)
        bounds = Field({x: (sp.Rational(root.lower), sp.Rational(root.upper))})
        points.append(CertifiedEquilibrium(bounds, root.multiplicity, stability, unstable, "exact"))
    return points


def _sign_at(expression, poly, x, root):
    """The sign of a polynomial that does not vanish at a root of another."""
    import flint

    digits = 16
    while True:
        bits = 64 + 8 * digits
        with flint.ctx.workprec(bits):
            low, high = (flint.arb(flint.fmpq(int(v.p), int(v.q))) for v in (root.lower, root.upper))
            value = flint.arb(evaluate(expression, {x: low.union(high)}, bits))
        if value > 0 or value < 0:
            return 1 if value > 0 else -1
        digits *= 2
        root = next(r for r in real_roots(poly, x, digits=digits) if r.lower <= root.upper and root.lower <= r.upper)


def _nearby(flow, seconds):
    """The equilibria at rational numbers very near constants such as pi, as starts, and what that does not prove."""
    try:
        symbolic, constants = _with_constants(flow)
    except Refusal:
        return [], ""
    if not constants:
        return [], ""
    near = {c: (low + high) / 2 for c in constants.numbers for low, high in [bounds(constants.ball(c, 256))]}
    system = _rational(symbolic.fix(near))
    if system is None:
        return [], ""
    with limited(seconds, "the exact solution for the equilibria"):
        found = _algebraic(system, 30, seconds)
    names = ", ".join(map(str, constants.numbers.values()))
    return [
        e._centre() for e in found
    ], f"the equilibria are those that lie near the ones at rational values of {names}"


def _judge_scalar(flow, radicals, solution):
    """Stability from the first derivative that does not vanish."""
    ((x, f),) = flow.states.items()
    order = solution.multiplicity
    one = solution.evaluate(radicals(sp.diff(f, x, order))).sign()
    if order % 2 == 0:
        return "half-stable", 0
    return ("unstable", int(order == 1)) if one > 0 else ("stable", 0)


def _judge(flow, radicals, solution):
    """Stability from the eigenvalues of the Jacobian, whose entries lie in a number field."""
    jacobian = [[solution.evaluate(radicals(entry)) for entry in row] for row in flow.jacobian().tolist()]
    coefficients = _charpoly(jacobian)
    critical = _on_imaginary_axis(coefficients)
    for precision in (128, 256, 512):
        signs = _real_signs([[entry.enclosure(precision) for entry in row] for row in jacobian], precision)
        if signs is not None and None not in signs:
            break
    else:
        if not critical:  # multiple eigenvalues may never be told apart; their count needs no telling
            signs = _signs_counted(coefficients) or signs
        elif signs is None and not coefficients[-1].is_zero():  # eigenvalues +-x would look the same
            return "undecided", None
    return _verdict(signs, critical)


def _verdict(signs, critical):
    """Stability and number of unstable eigenvalues from the signs of the real parts, None uncertain."""
    unstable = None if signs is None else signs.count(1)
    if unstable:
        return "unstable", None if None in signs and not critical else unstable
    if critical:
        return "nonhyperbolic", unstable
    return ("undecided", None) if signs is None or None in signs else ("stable", 0)


def _real_signs(balls, precision):
    """Signs of the real parts of the eigenvalues of a matrix of balls; None where uncertain."""
    import flint

    with flint.ctx.workprec(precision):
        try:
            eigenvalues = flint.acb_mat(balls).eig(multiple=True)
        except ValueError:
            return None
        return [1 if z.real > 0 else -1 if z.real < 0 else None for z in eigenvalues]


def _on_imaginary_axis(coefficients):
    """Whether a polynomial may have a root on the imaginary axis: its last coefficient or its last
    but one Hurwitz determinant vanishes (Orlando's formula).  Exact."""
    return coefficients[-1].is_zero() or _determinant_vanishes(_hurwitz(coefficients, len(coefficients) - 2))


def _hurwitz(coefficients, size):
    n = len(coefficients) - 1
    return [
        [coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else coefficients[0] * 0 for j in range(size)]
        for i in range(size)
    ]


def _signs_counted(coefficients):
    """Signs of the real parts of the roots of a polynomial, or None; a root -k more helps where a pivot vanishes."""
    zero, degree = coefficients[0] * 0, len(coefficients) - 1
    for k in range(8):
        more = [a + b * k for a, b in zip([*coefficients, zero], [zero, *coefficients])] if k else coefficients
        if (unstable := _unstable_roots(more)) is not None:
            return [1] * unstable + [-1] * (degree - unstable)
    return None


def _unstable_roots(coefficients):
    """Roots with positive real part, by the pivots of the Hurwitz matrix (Routh); None where one vanishes."""
    rows, pivots = _hurwitz(coefficients, len(coefficients) - 1), [1]
    while rows:
        (first, *rest), *below = rows
        if first.is_zero():
            return None
        pivots.append(first.sign())
        scale = first.inverse()
        rows = [[b - row[0] * scale * a for a, b in zip(rest, row[1:])] for row in below]
    return sum(a != b for a, b in pairwise(pivots))


def _charpoly(matrix):
    """Coefficients of the characteristic polynomial, leading one first (Faddeev and LeVerrier)."""
    n = len(matrix)
    one = matrix[0][0].field.element(1)
    product = [[one * int(i == j) for j in range(n)] for i in range(n)]
    coefficients = [one]
    for k in range(1, n + 1):
        image = [[sum((matrix[i][m] * product[m][j] for m in range(n)), one * 0) for j in range(n)] for i in range(n)]
        last = sum((image[i][i] for i in range(n)), one * 0) * _inverse(one, -k)
        coefficients.append(last)
        product = [[image[i][j] + (last if i == j else 0) for j in range(n)] for i in range(n)]
    return coefficients


def _inverse(one, k):
    return one / (one * k)


def _determinant_vanishes(matrix):
    """Gaussian elimination in the field."""
    rows = [list(row) for row in matrix]
    while rows:
        pivot = next((k for k, row in enumerate(rows) if not row[0].is_zero()), None)
        if pivot is None:
            return True
        first = rows.pop(pivot)
        scale = first[0].inverse()
        rows = [[b - row[0] * scale * a for a, b in zip(first[1:], row[1:])] for row in rows]
    return False


# -- other fields: search in a box ---------------------------------------------------------


def _searched(flow, box, seeds, digits, boxes):
    if box is None and not len(seeds):
        raise InputError(
            "this field is not rational, nor rational with radicals: give a box to search, "
            "within={state: (lower, upper)}, or seeds near its equilibria"
        )
    roots, note = isolate(flow, box, seeds, digits, boxes)
    points = []
    for ends, slopes in roots:
        if not all(_admits(x, _sign_between(*ends[x])) for x in flow.states):
            continue
        stability, unstable = _verdict(_real_signs(slopes, 128), critical=False)
        points.append(CertifiedEquilibrium(Field(ends), None, stability, unstable, "Krawczyk"))
    return points, not note, note


def _sign_between(lower, upper):
    """The sign that a value between the bounds may be taken to have: 0 where they include zero."""
    return 1 if lower > 0 else -1 if upper < 0 else 0
