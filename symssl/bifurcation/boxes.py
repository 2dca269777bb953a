"""Zeros of a field in a box, each proved to exist and to be the only one near; kinks and jumps included.

Values and slopes over boxes are hulls over every branch that a box meets (:mod:`symssl.codegen.enclosures`).
Krawczyk's operator needs no more than slopes, so it proves zeros of fields with kinks too, where the hull of the
slopes is regular.  A zero that lies on kinks or jumps is a candidate of its own: it solves the equations of these
and what is left of the field there.  It is the only zero of a box where on each of the parts into which the kinks
divide the box the field vanishes nowhere, or is one to one and vanishes at the candidate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field as item
from math import inf, nextafter
from typing import Any

import numpy as np
import sympy as sp

from ..codegen.enclosures import Enclosed, Enclosures, hull
from ..errors import NotIsolated, Refusal
from ..exact.balls import bounds as ball_bounds
from ..exact.kinks import ROUNDING, SWITCHED, branch, switches, vanishes, vanishing
from ..scalar.flow import Flow

__all__ = ["Zero", "isolate", "rational_limit", "slopes_over"]

_SEARCHED = 3  # states up to which a whole box is searched
_SMALLEST = 2.0**-40  # relative width below which a box is given up
_PRECISION = 128
_LARGEST = 400  # operations beyond which an expression is not factored
_GENERATORS, _DEGREE, _BITS = 4, 12, 40  # of a polynomial up to which it is factored
_KINKS = 3  # open switches up to which a box is divided into its parts
_CROWD = 10  # part of all boxes that may wait at once: more surround what is no single point
_CLUSTERED = 200  # boxes left up to which those that touch are looked at together
_ASTRAY = 12  # zeros far outside the box, or of no box, after which one start is left
_TELLING = 60  # digits to which a zero is enclosed to tell it from a kink or from the edge of the box


@dataclass(frozen=True)
class Zero:
    """A zero between bounds, and the field about it.

    Attributes
    ----------
    bounds : mapping {state: (lower, upper)}, rational
    slopes : balls (rows) around all slopes of the field between the bounds; not finite where it may jump
    smooth : whether no kink or jump lies between the bounds
    sides : for one state the signs of the field to the left and to the right, up to the next zero; else None
    """

    bounds: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]]
    slopes: list[list[Any]]
    smooth: bool
    sides: tuple[int, int] | None


def isolate(
    flow: Flow,
    box: Mapping[sp.Symbol, tuple[Any, Any]] | None,
    seeds: Sequence[np.ndarray],
    digits: int,
    boxes: int,
) -> tuple[list[Zero], str]:
    """Every zero found, and what the search leaves open.

    An empty note says that the box holds no other zero.  Raises `NotIsolated` where a whole box consists of zeros.
    """
    field = _Balls(flow)
    found, note = [], ""
    if box is not None and (len(flow.states) <= _SEARCHED):
        limits = _clipped(box)
        left: list[Any] = []
        if limits is not None:
            found, left = _searched(field, limits, boxes)
        if left:
            note = (
                f"in {len(left)} boxes near {_centre(left[0])} neither the existence nor the absence of an equilibrium "
                f"is proved ({field.obstacle(left[0])})"
            )
    else:
        note = "equilibria are sought from seeds: that there are no others is not proved"
        found = _from_seeds(field, box, seeds)
    zeros = [field.refined(one, digits) for one in found]
    if box is None:
        return zeros, note
    kept = []
    for one, zero in zip(found, zeros):
        if _place(zero, box, flow) == 0:
            zero = field.refined(one, max(digits, _TELLING))
        if _place(zero, box, flow) >= 0:
            kept.append(zero)
    return kept, note


def slopes_over(flow: Flow) -> Any:
    """A function of a box, a list of balls, that gives balls around all slopes of the field on it, as rows.

    >>> from flint import arb
    >>> x = sp.Symbol("x", real=True)
    >>> slopes_over(Flow({x: -sp.Max(0, x)}))([arb(2, 1)])
    [[-1.00000000000000]]
    """
    enclosures = Enclosures(list(flow.rhs.values()), tuple(flow.states))
    return lambda box: enclosures.at(box).slopes


def _clipped(box):
    """Floats around the part of the box that the assumptions on the states allow; None where there is none."""
    limits = []
    for x, (lower, upper) in box.items():
        if x.is_nonnegative:
            lower = sp.Max(0, lower)
        if x.is_nonpositive:
            upper = sp.Min(0, upper)
        if lower > upper or (upper == 0 and x.is_positive) or (lower == 0 and x.is_negative):
            return None
        limits.append((_down(lower), -_down(-upper)))
    return limits


def _down(number):
    """A float that is no larger than an exact number, and equal to it where it can be."""
    near = float(number)
    return near if sp.Rational(near) <= number else nextafter(near, -inf)


def rational_limit(limit: sp.Expr) -> sp.Rational:
    """A limit that is rational, or a rational that agrees with it to 80 digits.

    >>> rational_limit(sp.Rational(1, 3))
    1/3
    """
    return limit if limit.is_Rational else sp.Rational(limit.evalf(80))


def _place(zero, box, flow):
    """1 where a zero lies in the box, -1 where it does not, 0 where that is not certain."""
    place = 1
    for x, limits in box.items():
        low, high = map(rational_limit, limits)
        lower, upper = zero.bounds[x]
        if upper < low or lower > high:
            return -1
        if lower < low or upper > high:
            edge = low if lower < low else high
            # one state: the only zero between the bounds is the edge itself where the field vanishes there
            if len(box) > 1 or not vanishes(next(iter(flow.rhs.values())).subs(x, edge)):
                place = 0
    return place


def _combined(exprs):
    """Combinations of expressions with the same common zeros, in which terms that they share are eliminated.

    The given ones where that makes them no shorter.
    """
    if len(exprs) == 1 or any(sp.count_ops(f) > _LARGEST for f in exprs):
        return exprs
    terms = [dict(part.as_coeff_Mul()[::-1] for part in sp.Add.make_args(sp.expand_mul(f))) for f in exprs]
    basis = sorted({t for row in terms for t in row}, key=sp.default_sort_key)
    table = sp.Matrix([[row.get(t, 0) for t in basis] for row in terms])
    reduced = table.rref()[0]
    if sum(v != 0 for v in reduced) >= sum(v != 0 for v in table):
        return exprs
    return [sp.Add(*(c * t for c, t in zip(reduced.row(k), basis))) for k in range(len(exprs))]


def _square_free(expr):
    """An expression with the same zeros wherever the given one is defined: its numerator, repeated factors once.

    So a zero of a power is simple, and factors that are written out are found again.
    """
    if sp.count_ops(expr) > _LARGEST:
        return expr
    kinked = {node: sp.Dummy() for node in expr.atoms(*SWITCHED, *ROUNDING)}  # else their insides are multiplied out
    try:
        top = sp.fraction(sp.together(expr.xreplace(kinked)))[0]
        if not _soon_factored(top):
            return expr
        constant, factors = sp.factor_list(top)
    except (sp.PolynomialError, NotImplementedError):
        return expr
    if constant == 0 or not all(sp.Integer(0) < order and order == int(order) for _, order in factors):
        return expr
    back = {dummy: node for node, dummy in kinked.items()}
    found = sp.Mul(*(_branchwise(factor.xreplace(back)) for factor, _ in factors))
    return found if sp.count_ops(found) <= 2 * sp.count_ops(expr) else expr


def _branchwise(factor):
    """A factor, with square-free branches where it is a case distinction."""
    if not isinstance(factor, sp.Piecewise):
        return factor
    return sp.Piecewise(*((_square_free(value), condition) for value, condition in factor.args))


def _soon_factored(expr):
    """Whether the factors of an expression are found soon: its coefficients are short and its degrees low."""
    for factor in sp.Mul.make_args(expr):
        base = factor.base if factor.is_Pow else factor
        if not base.is_Add:
            continue
        poly = sp.Poly(base)
        whole = poly.domain.is_ZZ or poly.domain.is_QQ
        if not whole or len(poly.gens) > _GENERATORS or poly.total_degree() > _DEGREE:
            return False
        if any(max(abs(c.p), c.q).bit_length() > _BITS for c in poly.coeffs()):
            return False
    return True


@dataclass
class _Found:
    """A proved zero: the box in which it is the only one, a smaller one, and the system that isolates it."""

    region: list[Any]
    image: list[Any]
    system: Enclosures
    jumping: bool = False  # whether the field jumps at it
    sides: tuple[int, int] | None = item(default=None)


class _Balls:
    """The field in ball arithmetic."""

    def __init__(self, flow):
        import flint

        self.flint, self.states = flint, tuple(flow.states)
        self.original = Enclosures(list(flow.rhs.values()), self.states)
        self.rhs = [_square_free(f) for f in _combined(list(flow.rhs.values()))]
        self.field = Enclosures(self.rhs, self.states)
        self._corners: dict[tuple[sp.Expr, ...], Enclosures | None] = {}
        self._flat: dict[tuple[int, ...], bool] = {}
        try:
            self.keys = Enclosures(switches(self.rhs), self.states)
        except Refusal:  # floor and its kind have switches without end
            self.keys = None

    def box(self, limits):
        """Balls around an interval of each state."""
        arb = self.flint.arb
        return [arb(a).union(arb(b)) for a, b in limits]

    def looked_at(self, box):
        """The field on a box, and on those of its parts where it may vanish; None for no zero at all."""
        if self.field.run(box, sloped=False).excluded:
            return None
        here = self.field.run(box)
        if not here.open or len(here.open) > _KINKS:
            return here, {}
        parts = self.field.parts(box, here.open)
        alive = {signs: part for signs, part in parts.items() if not part.excluded}
        if not alive:
            return None
        return hull(here, parts), alive

    def proved(self, box):
        """What is proved of the zeros in a box: "none", a `_Found` for the only one, or None for nothing."""
        looked = self.looked_at(box)
        if looked is None:
            return "none"
        here, alive = looked
        self.seen, self.image = here, None
        if here.finite and here.sloping:
            excluded, self.image = krawczyk(self.field, box, here)
            if excluded:
                return "none"
            if self.image is not None:
                if any(not a.overlaps(b) for a, b in zip(self.image, box)):
                    return "none"
                if _inside(self.image, box):
                    return self._checked(_Found(box, self.image, self.field))
        if (0,) * len(here.open) in alive:
            return self._at_corner(box, here, alive)
        return None

    def _at_corner(self, box, here: Enclosed, alive):
        """A zero at which all open switches vanish, and the only one in the box."""
        system = self._corner(here.open)
        if system is None:
            return None
        there = system.at(box)
        _, image = krawczyk(system, box, there) if there.finite else (False, None)
        if image is None or not _inside(image, box):
            return None
        others = [signs for signs in alive if any(signs)]
        if others:
            if not here.sloping:  # a jump: a branch need not vanish at the candidate
                return None
            sides = {signs: part for signs, part in self.field.parts(box, here.open).items() if 0 not in signs}
            regular = {signs for signs, part in sides.items() if part.sloping and self._regular(part.slopes)}
            for signs in others:  # a zero there is one of each branch beside it, and so is the candidate
                if not any(all(a in (0, b) for a, b in zip(signs, side)) for side in regular):
                    return None
        return self._checked(_Found(box, image, system, not here.sloping), len(here.open) == 1)

    def _corner(self, keys):
        """The switches and what is left of the field where they vanish, or None where these are not as many as states.

        What is left out vanishes identically there.
        """
        if keys not in self._corners:
            self._corners[keys] = self._new_corner(keys)
        return self._corners[keys]

    def _new_corner(self, keys):
        zero = dict.fromkeys(keys, 0).get
        on = [branch(key, zero) for key in keys]
        left, rest = list(on), [branch(f, zero) for f in self.rhs]
        while left:
            key = left.pop(0)
            if key == 0:
                continue
            if not key.free_symbols:  # the switches do not vanish together
                return None
            left, rest = [vanishing(q, key) for q in left], [vanishing(f, key) for f in rest]
        if any(f.has(sp.nan, sp.zoo, sp.oo) for f in rest):
            return None
        system = [*on, *(f for f in rest if not vanishes(f))]
        return Enclosures(system, self.states) if len(system) == len(self.states) else None

    def _regular(self, slopes):
        """Whether every matrix in the balls is regular."""
        flint, n = self.flint, len(slopes)
        try:
            inverse = flint.arb_mat([[flint.arb(v.mid()) for v in row] for row in slopes]).inv()
        except ZeroDivisionError:
            return False
        product = flint.arb_mat([[flint.arb(inverse[i, j].mid()) for j in range(n)] for i in range(n)])
        product = product * flint.arb_mat(slopes)
        return all(sum(abs(product[i, j] - int(i == j)) for j in range(n)) < 1 for i in range(n))

    def _checked(self, found, tellable=True):
        """A zero at which the field itself is defined, else None: a common factor may hide a pole.

        For one state, with the signs of the field at the ends of the box in which the zero is the only one.
        """
        if not self.original.at(found.image).finite:
            return None
        if len(self.states) == 1 and (tellable or not found.jumping) and self.original.at(found.region).finite:
            (ball,) = found.region
            ends = [self.original.at([self.flint.arb(end)]).values[0] for end in (ball.lower(), ball.upper())]
            if all(v is not None and (v > 0 or v < 0) for v in ends):
                found.sides = tuple(1 if v > 0 else -1 for v in ends)
        return found

    def refined(self, found, digits):
        """The zero to a number of digits, and farther where that tells it from a kink."""
        box = self._narrowed(found, found.image, digits)
        here = self.original.at(box)
        if here.open and digits < _TELLING:
            closer = self._narrowed(found, box, _TELLING)
            if not self.original.at(closer).open:
                box = closer
                here = self.original.at(box)
        return Zero({x: ball_bounds(b) for x, b in zip(self.states, box)}, here.slopes, not here.open, found.sides)

    def _narrowed(self, found, box, digits):
        precision, enough = _PRECISION, 2 * digits + 20
        while True:
            with self.flint.ctx.workprec(precision):
                for _ in range(60):
                    if all(_narrow(x, digits) for x in box):
                        return box
                    _, image = krawczyk(found.system, box, found.system.at(box))
                    if image is None:
                        break
                    # a coordinate that converges to zero would shrink without end while another one stands still
                    image = [b if _narrow(b, enough) else a.intersection(b) for a, b in zip(image, box)]
                    if not any(a.rad() < b.rad() for a, b in zip(image, box)):
                        break
                    box = image
            if precision > 40 * digits + 4096:
                return box
            precision *= 2

    def add(self, zeros, new):
        """Add a zero to those that are known, unless it is one of them."""
        for known in zeros:
            for _ in range(60):
                if not all(a.overlaps(b) for a, b in zip(known.image, new.image)):
                    break
                if _within(known.image, new.region) or _within(new.image, known.region):
                    return  # both are the only zero there
                before = [*known.image, *new.image]
                known.image, new.image = self._narrowed_once(known), self._narrowed_once(new)
                if not any(a.rad() < b.rad() for a, b in zip([*known.image, *new.image], before)):
                    break
        zeros.append(new)

    def _narrowed_once(self, found):
        _, image = krawczyk(found.system, found.image, found.system.at(found.image))
        if image is None:
            return found.image
        return [a.intersection(b) for a, b in zip(image, found.image)]

    def smear(self, limits):
        """By how much the field may vary along each state of the box that was looked at last; ones where unknown."""
        widths = np.array([b - a for a, b in limits])
        if not self.seen.sloping:
            return widths / widths.max()
        rows = np.array([[float(abs(s).upper()) for s in row] for row in self.seen.slopes]) * widths
        return (rows / np.maximum(rows.max(axis=1, keepdims=True), 1e-300)).sum(axis=0)

    def flat(self, box):
        """Whether the field vanishes identically on a box, on which no switch is open."""
        here = self.field.run(box)
        if here.open or any(v is None or not v.contains(0) for v in here.values):
            return False
        if self.keys is None:
            return all(v == 0 for v in here.values)
        there = self.keys.run([self.flint.arb(x.mid()) for x in box])
        if there.open or any(v is None for v in there.values):
            return False
        signs = tuple(1 if v > 0 else -1 for v in there.values)
        if signs not in self._flat:
            decide = dict(zip(self.keys.exprs, signs)).get
            self._flat[signs] = all(vanishes(branch(f, decide)) for f in self.rhs)
        return self._flat[signs]

    def obstacle(self, limits):
        """Why nothing is proved on a small box."""
        here = self.field.at(self.box(limits))
        if not here.finite:
            return "the field is not bounded there, or not defined on one side"
        if not here.sloping:
            return "the field jumps there, or is not defined on one side"
        kink = ", a kink" if here.open else ""
        return f"a multiple equilibrium{kink}, or too few boxes"


def krawczyk(system: Enclosures, box: Sequence[Any], here: Enclosed) -> tuple[bool, list[Any] | None]:
    """Whether a box is proved to hold no zero, and its image: that holds every zero in the box, and inside it just one.

    `here` is what the system is on the box.  No image (None) where the slopes are singular or not bounded.  That there
    is no zero is read off the mean value form, as it is and multiplied by an inverse of the slopes.
    """
    import flint

    n = len(box)
    if not here.sloping:
        return False, None
    middle = [flint.arb(x.mid()) for x in box]
    values = system.at(middle).values
    if any(v is None for v in values):
        return False, None
    offset = flint.arb_mat([[x - m] for x, m in zip(box, middle)])
    value, slopes = flint.arb_mat([[v] for v in values]), flint.arb_mat(here.slopes)
    reach = value + slopes * offset
    if any(reach[i, 0].is_finite() and not reach[i, 0].contains(0) for i in range(n)):
        return True, None
    centre = flint.arb_mat([[flint.arb(s.mid()) for s in row] for row in here.slopes])
    try:
        inverse = centre.inv()
    except ZeroDivisionError:
        return False, None
    inverse = flint.arb_mat([[flint.arb(inverse[i, j].mid()) for j in range(n)] for i in range(n)])
    step, turned = inverse * value, inverse * slopes
    reach = step + turned * offset
    image = flint.arb_mat([[m] for m in middle]) - step + (_identity(n) - turned) * offset
    found = [image[i, 0] for i in range(n)]
    if not all(v.is_finite() for v in found):
        return False, None
    return any(not reach[i, 0].contains(0) for i in range(n)), found


def _identity(n):
    import flint

    return flint.arb_mat([[int(i == j) for j in range(n)] for i in range(n)])


def _narrow(ball, digits):
    """Whether a ball has so many digits: of its size, and of 2^-60 where it is smaller than that."""
    from flint import arb

    return ball.rad() * arb(10) ** digits <= max(abs(ball.mid()), arb(2) ** -60)


def _inside(image, box):
    return all(b.contains_interior(a) for a, b in zip(image, box))


def _within(image, box):
    return all(b.contains(a) for a, b in zip(image, box))


def _searched(field, limits, boxes):
    """Bisection: zeros with the boxes that isolate them, and the boxes left undecided."""
    zeros, left, stack, looked = [], [], deque([limits]), 0
    sizes = [max(abs(a), abs(b), b - a) or 1.0 for a, b in limits]
    with field.flint.ctx.workprec(_PRECISION):
        while stack:
            current = stack.popleft()  # the largest first
            looked += 1
            box = field.box(current)
            if any(_within(box, zero.region) for zero in zeros):
                continue
            proved = field.proved(box)
            if proved == "none":
                continue
            smear = field.smear(current) if proved is None else None
            if proved is None:
                wide = field.box([(a - (b - a) / 10, b + (b - a) / 10) for a, b in current])
                # what is proved of the larger box is not, unless the image of the smaller one lies in it
                if field.seen.open or (field.image is not None and _within(field.image, wide)):
                    proved = field.proved(wide)
            if proved == "none":
                continue
            if proved is not None:
                field.add(zeros, proved)
                continue
            _check_isolated(field, current)
            widths = np.array([(b - a) / size for (a, b), size in zip(current, sizes)])
            if widths.max() < _SMALLEST or looked > boxes or len(stack) > boxes // _CROWD:
                left.append(current)
                continue
            k = int(np.argmax(np.where(widths > widths.max() / 64, smear, -1)))
            a, b = current[k]
            middle = (a + b) / 2
            stack += ([*current[:k], half, *current[k + 1 :]] for half in ((a, middle), (middle, b)))
        return zeros, _still_left(field, zeros, left)


def _still_left(field, zeros, left):
    """The boxes left once those that touch are looked at as one: a zero may lie in a corner of several."""
    for cluster in _clusters(left):
        whole = [(min(a for a, _ in sides), max(b for _, b in sides)) for sides in zip(*cluster)]
        for factor in (0.5, 4, 64):
            wide = field.box([(a - (b - a) * factor, b + (b - a) * factor) for a, b in whole])
            proved = field.proved(wide)
            if proved is None:
                continue
            if proved != "none":
                field.add(zeros, proved)
            left = [box for box in left if not _within(field.box(box), wide)]
            break
    return [box for box in left if not any(_within(field.box(box), zero.region) for zero in zeros)]


def _clusters(left):
    """Boxes that touch, together; none for so many that they are no neighbourhood of a point."""
    clusters: list[list[Any]] = []
    for box in left if len(left) <= _CLUSTERED else ():
        touching = [
            c for c in clusters if any(all(a <= q and p <= b for (a, b), (p, q) in zip(box, other)) for other in c)
        ]
        clusters = [c for c in clusters if c not in touching] + [[box, *(b for c in touching for b in c)]]
    return clusters


def _check_isolated(field, limits):
    if field.flat(field.box(limits)):
        raise NotIsolated(f"the equilibria are not isolated: the field vanishes on a whole box about {_centre(limits)}")


def _centre(limits):
    return ", ".join(f"{(a + b) / 2:.6g}" for a, b in limits)


# -- many states: Newton's method from seeds, known zeros deflated ----------------------------------


def _from_seeds(field, box, seeds):
    known, certified = [], []
    starts = [np.asarray(seed, float) for seed in seeds]
    if box is not None:
        low, high = (np.array([float(limit) for limit in limits]) for limits in zip(*box.values()))
        starts += list(np.random.default_rng(0).uniform(low, high, (20, len(low))))
    with field.flint.ctx.workprec(_PRECISION):
        for start in starts:
            astray = 0
            while astray < _ASTRAY and (zero := _deflated(field, start, known)) is not None:
                known.append(zero)
                # there may be zeros without end, farther and farther away
                astray += box is None or bool((zero < low - (high - low)).any() or (zero > high + (high - low)).any())
                proved = _proved(field, zero)
                if proved is not None:
                    field.add(certified, proved)
    return certified


def _numbers(field, x):
    """Values and slopes at a point, in doubles; the middle of the slopes at a kink."""
    here = field.field.at([field.flint.arb(float(v)) for v in x])
    value = [float("nan") if v is None else float(v.mid()) for v in here.values]
    return np.array(value), np.array([[float(s.mid()) for s in row] for row in here.slopes])


def _deflated(field, x, known, steps=60):
    """Newton's method on the field divided by its distance to the zeros known (Farrell, Birkisson and
    Funke, SIAM Journal on Scientific Computing 37, 2015)."""
    for _ in range(steps):
        with np.errstate(all="ignore"):
            value, slope = _numbers(field, x)
            if not (np.isfinite(value).all() and np.isfinite(slope).all()):
                return None
            try:
                step = -np.linalg.solve(slope, value)
            except np.linalg.LinAlgError:
                return None
            growth = 0.0  # derivative of log prod(1/|x - z|^2 + 1) along the step
            for zero in known:
                away = x - zero
                square = away @ away
                if square < 1e-20:
                    return None
                growth += -2 * (away @ step) / (square * (1 + square))
            # the factor multiplies the field, so its logarithmic derivative rescales the step
            scale = 1 / (1 - growth) if abs(1 - growth) > 1e-8 else 1.0
            size = np.linalg.norm(step)
            x = x + scale * step
        if not np.isfinite(x).all():
            return None
        if size < 1e-12 * (1 + np.linalg.norm(x)):
            return x if all(np.linalg.norm(x - zero) > 1e-8 * (1 + np.linalg.norm(x)) for zero in known) else None
    return None


def _proved(field, zero):
    """A zero proved near an approximate one, or None."""
    for radius in (1e-10, 1e-8, 1e-6):
        found = field.proved([field.flint.arb(float(v), radius * (1 + abs(float(v)))) for v in zero])
        if isinstance(found, _Found):
            return found
    return None
