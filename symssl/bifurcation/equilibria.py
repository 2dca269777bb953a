"""All equilibria of a flow at given parameters, enclosed and judged with proof.

Rational fields, and those with radicals such as norms, are solved exactly
(:mod:`symssl.exact.polynomial_systems`): every real equilibrium, with its multiplicity; those of one state that are
rational between kinks and jumps, too (:mod:`symssl.bifurcation.scalar_pieces`).
Other fields are searched in a box by bisection with Krawczyk's operator, which proves that a
box holds one equilibrium or none; a box in which neither can be proved is reported.

An equilibrium is a point at which the field vanishes: where it jumps, the value at the jump counts.  A point belongs
to the domain of the field where every part of it is real.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, overload

import sympy as sp

from ..errors import InputError, NotIsolated, OverBudget, Refusal
from ..exact.balls import bounds
from ..exact.constants import Constants
from ..exact.half_planes import characteristic, half_planes, half_planes_of_balls, inertia
from ..exact.kinks import SWITCHED, is_smooth
from ..exact.numbers import as_fmpq
from ..exact.points import evaluate
from ..exact.polynomial_systems import solve_system
from ..exact.radicals import Radicals
from ..exact.roots import real_roots
from ..scalar.flow import Field, Flow
from ..support.arguments import MOST_DIGITS, whole
from ..support.budgets import TRIAL_BUDGET, limited, seconds_of
from ..support.display import html_table, listing, shown
from .boxes import isolate, rational_limit, slopes_over
from .inputs import box_of, flow_of, points_of
from .json_form import ADDED
from .results import Result
from .scalar_pieces import scalar_pieces

__all__ = ["CertifiedEquilibria", "CertifiedEquilibrium", "Stability", "find_equilibria"]

Stability = Literal["stable", "unstable", "half-stable", "nonhyperbolic", "undecided"]


@dataclass(frozen=True, repr=False)
class CertifiedEquilibrium:
    """One equilibrium between rational bounds.

    Attributes
    ----------
    bounds : mapping {state: (lower, upper)}, equal where the value is rational
    multiplicity : int; None where the field is not algebraic or not smooth there
    stability : "stable", "unstable", "half-stable" (one state), "nonhyperbolic" (eigenvalues on the imaginary
        axis, none to the right of it: the linear approximation says nothing of stability) or "undecided"
    unstable : number of eigenvalues with positive real part, with multiplicity; None where that is not certain,
        and where the field has no derivative
    proof : "exact" (algebra) or "Krawczyk" (existence and uniqueness in the box)
    reason : why the stability is undecided, or the number of unstable eigenvalues not certain; else empty

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
    reason: str = field(default="", metadata=ADDED)

    @property
    def point(self) -> Any:
        """The centre, in doubles: a number for one state, else a tuple."""
        centre = self._centre()
        return centre[0] if len(centre) == 1 else centre

    def _centre(self) -> tuple[float, ...]:
        return tuple(float((lower + upper) / 2) for lower, upper in self.bounds.values())

    def __repr__(self) -> str:
        many = f", multiplicity {self.multiplicity}" if self.multiplicity is not None else ""
        why = f" ({self.reason})" if self.reason else ""
        return listing(f"CertifiedEquilibrium({self._place()}, {self.stability}{why}{many}, proof: {self.proof})")

    def _place(self) -> str:
        places = [f"{x} = {shown(v)}" for x, v in zip(self.bounds, self._centre())]
        return ", ".join(places[:4]) + ", ..." * (len(places) > 4)

    def _repr_html_(self) -> str:
        rows = [(x, *map(float, ends)) for x, ends in self.bounds.items()]
        notes = [f"proof: {self.proof}", *([self.reason] if self.reason else [])]
        return html_table(f"CertifiedEquilibrium: {self.stability}", ("state", "lower", "upper"), rows, notes)

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
            for name in ("stability", "multiplicity", "unstable", "proof", "reason")
        ]


def find_equilibria(
    flow: Flow,
    values: Mapping[Any, Any] | None = None,
    *,
    within: Mapping[Any, Any] | None = None,
    seeds: Iterable[Any] = (),
    digits: int = 16,
    boxes: int = 20_000,
    budget: float | None = TRIAL_BUDGET,
) -> CertifiedEquilibria:
    """Every real equilibrium at the given parameters, certified.

    Parameters
    ----------
    flow : Flow
    values : mapping of every parameter to a number, which is taken exactly
    within : mapping {state: (lower, upper)}, optional
        For algebraic fields only what lies inside is returned, the faces included; for others this is the box
        searched, and an equilibrium that 60 digits do not tell from a face is returned.
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
        For what is no flow, a parameter without value, a box that lacks a state or is reversed, a field
        that is not algebraic without a box, and functions without an enclosure over a box.
    Refusal
        For equilibria that are not isolated, as of a field that vanishes identically or on a whole branch;
        `OverBudget` where the time is over and no box is given.

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
    seconds, pieces, tried = seconds_of("budget", budget), _pieces(fixed), ""
    system = _rational(fixed) if pieces is None else None
    points: list[CertifiedEquilibrium] | None = None
    if pieces is not None:
        points, complete, note = _from_pieces(fixed, pieces, box, digits), True, ""
    elif system is not None:
        try:
            with limited(seconds, "the exact solution for the equilibria"):
                points = _algebraic(system, box, digits, seconds)
            complete, note = True, ""
        except NotIsolated:
            if not system.radicals.equations or box is None:
                raise  # other signs of the radicals may stand in the way: a box is searched
        except OverBudget as refusal:
            if box is None:
                raise OverBudget(f"{refusal}; with a box, within={{state: (lower, upper)}}, it is searched") from None
            tried = f"exactly: {refusal}"
    elif len(fixed.states) == 1 and (roots := _roots(fixed, digits)) is not None:
        points, complete, note = [e for e in roots if _between(e, box)], True, ""
    elif box is None and not starts:
        starts, tried = _nearby(fixed, seconds)
    if points is None:
        points, complete, note = _searched(fixed, box, starts, digits, boxes)
        note = "; ".join(filter(None, (note, tried)))
    points.sort(key=lambda e: tuple(lower + upper for lower, upper in e.bounds.values()))
    return CertifiedEquilibria(flow, tuple(points), complete, note)


def _inside(values, box):
    """Whether a point with coordinates in a number field lies in the box, faces included."""
    return box is None or all(
        _compared(values[x], low) >= 0 and _compared(values[x], high) <= 0 for x, (low, high) in box.items()
    )


def _between(equilibrium, box):
    """Whether bounds of an equilibrium meet the box: one that they do not tell from a face counts as inside."""
    return box is None or all(
        equilibrium.bounds[x][1] >= low and equilibrium.bounds[x][0] <= high for x, (low, high) in box.items()
    )


def _compared(value, limit):
    """The sign of an algebraic number less a limit."""
    if limit.is_Rational:
        return (value - limit).sign()
    near, error = rational_limit(limit), sp.Rational(1, 10**70)
    lower, upper = value.bounds(75)
    return -1 if upper < near - error else 1 if lower > near + error else 0  # equal, or not told from it by 70 digits


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
    """The field in its radicals and algebraic constants; None for one that is not algebraic, or jumps."""
    if any(f.has(*(kind for kind in SWITCHED if kind is not sp.Abs)) for f in flow.rhs.values()):
        return None
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
    if not radicals.equations:  # a pole that cancels is none, also for the derivatives
        flow = Flow({x: top / below for x, (top, below) in zip(flow.states, parts)}, flow.parameters)
    return _Algebraic(flow, constants, radicals, parts)


def _algebraic(field, box, digits, seconds):
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
        if not _inside(solution.values, box):
            continue
        bounds = {x: solution.values[x].bounds(digits) for x in states}
        if any(solution.values[r].is_zero() for r in radicals.equations):  # the field is not smooth there
            given = Flow({x: f.xreplace(constants.numbers) for x, f in flow.rhs.items()})
            judged = _judged_at_kink(slopes_over(given)([_ball_around(*pair) for pair in bounds.values()]))
            points.append(CertifiedEquilibrium(Field(bounds), None, *judged[:2], "exact", judged[2]))
            continue
        judge, reason = _judge_scalar if len(states) == 1 else _judge, ""
        try:
            stability, unstable = judge(flow, radicals, solution)
        except ZeroDivisionError:
            stability, unstable, reason = "undecided", None, "the derivatives of the field have a pole there"
        points.append(CertifiedEquilibrium(Field(bounds), solution.multiplicity, stability, unstable, "exact", reason))
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
        found = _algebraic(system, None, 30, seconds)
    names = ", ".join(map(str, constants.numbers.values()))
    return [
        e._centre() for e in found
    ], f"the equilibria are those that lie near the ones at rational values of {names}"


def _ball_around(lower, upper):
    from flint import arb

    middle, radius = (lower + upper) / 2, (upper - lower) / 2
    return arb(as_fmpq(middle), arb(as_fmpq(radius)))


def _judge_scalar(flow, radicals, solution):
    """Stability from the first derivative that does not vanish."""
    ((x, f),) = flow.states.items()
    order = solution.multiplicity
    one = solution.evaluate(radicals(sp.diff(f, x, order))).sign()
    if order % 2 == 0:
        return "half-stable", 0
    return ("unstable", int(order == 1)) if one > 0 else ("stable", 0)


def _judge(flow, radicals, solution):
    """Stability from the eigenvalues of the Jacobian, whose entries lie in a number field: counted exactly."""
    jacobian = [[solution.evaluate(radicals(entry)) for entry in row] for row in flow.jacobian().tolist()]
    spectrum = half_planes(characteristic(jacobian))
    return spectrum.stability, spectrum.right


def _judged_at_kink(slopes):
    """Stability, unstable eigenvalues and the reason, from balls around all slopes beside an equilibrium.

    A quadratic form that grows along all of them decides; with some of its eigenvalues positive it is one of Chetaev's.
    """
    if not all(entry.is_finite() for row in slopes for entry in row):
        return "undecided", None, "the field jumps there, or its slopes are not bounded"
    counted = inertia(slopes)
    if counted is None:
        return "undecided", None, "the field has a kink there, and no quadratic form decides for all of its slopes"
    return "unstable" if counted[0] else "stable", None, ""


# -- one state: exact between kinks and jumps -------------------------------------------------


def _pieces(flow):
    """The zeros of a scalar field in rational pieces, None for any other."""
    if len(flow.states) > 1 or all(map(is_smooth, flow.rhs.values())):
        return None
    try:
        return scalar_pieces(flow)
    except Refusal:
        return None


def _from_pieces(flow, pieces, box, digits):
    (x,) = flow.states
    zeros, gaps = pieces
    for gap in gaps:
        if _meets_range(gap, x, box):
            ends = ["oo" if end is None else f"{float(end.bounds()[0]):.6g}" for end in (gap.lower, gap.upper)]
            raise NotIsolated(
                f"the equilibria are not isolated: the field vanishes between {'-' * (gap.lower is None)}{ends[0]} "
                f"and {ends[1]}"
            )
    points = []
    for zero in zeros:
        value = zero.solution.values[x]
        if not _admits(x, value.sign()) or not _inside(zero.solution.values, box):
            continue
        stability, reason = _judged_by_sides(zero.sides)
        unstable = None
        if zero.multiplicity is not None:
            unstable = int(zero.multiplicity == 1 and stability == "unstable")
        bounds = Field({x: value.bounds(digits)})
        points.append(CertifiedEquilibrium(bounds, zero.multiplicity, stability, unstable, "exact", reason))
    return points


def _meets_range(gap, x, box):
    """Whether an interval has inner points in the box and in the range of its state."""
    ranges = [box[x]] if box is not None else []
    ranges += [(sp.Integer(0), None)] if x.is_nonnegative else [(None, sp.Integer(0))] if x.is_nonpositive else []
    return all(
        (low is None or gap.upper is None or _compared(gap.upper, low) > 0)
        and (high is None or gap.lower is None or _compared(gap.lower, high) < 0)
        for low, high in ranges
    )


def _judged_by_sides(sides):
    """Stability of an equilibrium of one state from the signs of the field beside it, and the reason if undecided."""
    if None in sides:
        return "undecided", "the field is not defined on one side"
    if 0 in sides:
        return "undecided", "the field vanishes on one side: the equilibrium is not isolated"
    if sides[0] == sides[1]:
        return "half-stable", ""
    return ("stable" if sides[0] > 0 else "unstable"), ""


# -- other fields: search in a box ---------------------------------------------------------


def _searched(flow, box, seeds, digits, boxes):
    if box is None and not len(seeds):
        raise InputError(
            "this field is not rational, nor rational with radicals: give a box to search, "
            "within={state: (lower, upper)}, or seeds near its equilibria"
        )
    zeros, note = isolate(flow, box, seeds, digits, boxes)
    points = []
    for zero in zeros:
        if not all(_admits(x, _sign_between(*zero.bounds[x])) for x in flow.states):
            continue
        stability, unstable, reason = _judged_in_box(zero)
        points.append(CertifiedEquilibrium(Field(zero.bounds), None, stability, unstable, "Krawczyk", reason))
    return points, not note, note


def _judged_in_box(zero):
    """Stability, unstable eigenvalues and the reason for a zero that is enclosed."""
    if not zero.smooth:
        if zero.sides is not None:
            stability, reason = _judged_by_sides(zero.sides)
            return stability, None, reason
        return _judged_at_kink(zero.slopes)
    spectrum = half_planes_of_balls(zero.slopes)
    if zero.sides is not None:
        stability, reason = _judged_by_sides(zero.sides)
        return stability, spectrum.right, reason
    return spectrum.stability, spectrum.right, spectrum.reason


def _sign_between(lower, upper):
    """The sign that a value between the bounds may be taken to have: 0 where they include zero."""
    return 1 if lower > 0 else -1 if upper < 0 else 0
