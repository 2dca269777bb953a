"""Random fields whose zeros are known by construction: is every certified equilibrium one, and `complete` the truth?

Half of the fields have kinks or jumps.  Each is written twice, as a SymPy expression for symssl and as a function of
mpmath numbers.  The zeros come from the construction: roots that were chosen, carried through monotone changes of the
variable by bisection.  Stabilities come from signs of the function beside the zeros, for one state, and from trace and
determinant of differences of it, for two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp, mpf

from symssl import Flow
from symssl.bifurcation import find_equilibria
from symssl.errors import InputError, NotIsolated, Refusal

from .processes import limit_memory, try_apart
from .report import Report

X, Y = sp.symbols("x y", real=True)
DIGITS = 50
NEAR = mpf(10) ** -30  # what two numbers known to 50 digits may differ by and still be one


BUDGET = 120.0  # seconds that a field may take, in a process that is killed then


def examine(count, seed):
    """`count` random fields; a failure is a wrong box, stability, multiplicity, count of eigenvalues or `complete`."""
    report = Report(f"fields with known zeros, each at most {BUDGET:g} s", seed)
    return try_apart(report, _work, range(count), seed, patience=BUDGET)


def _work(pipe, numbers, seed):
    limit_memory()
    random = Random(seed)
    for k in range(numbers[-1] + 1):  # those before the first number are made as well: chance has one order
        kind = _KINDS[k % len(_KINDS)]
        with mp.workdps(DIGITS):
            case = kind(random)
            if k >= numbers[0]:
                pipe.send(f"{kind.__name__}, {case}")
                pipe.send(_judged(case))


@dataclass
class Zero:
    """A zero that is known; `stability` and `unstable` are what may be claimed of it, as sets."""

    point: tuple[Any, ...]
    stability: set[str]
    unstable: set[Any]
    multiplicity: set[Any]


@dataclass
class Case:
    """A field, the box in which it is searched (None for the whole space), and its zeros there."""

    field: dict[sp.Symbol, sp.Expr]
    box: dict[sp.Symbol, tuple[sp.Rational, sp.Rational]] | None
    zeros: list[Zero]
    continuum: bool = False

    def __str__(self):
        zeros = [tuple(mpmath.nstr(v, 12) for v in z.point) for z in self.zeros]
        return f"Flow({self.field}), within={self.box}; zeros {zeros}" + " and a continuum" * self.continuum


# -- the verdict on one case ---------------------------------------------------------------


def _judged(case):
    """How a case ended, and what is wrong with that, or None."""
    piecewise = "piecewise" if any(f.has(*_ROUGH) for f in case.field.values()) else "smooth"
    try:
        found = find_equilibria(Flow(case.field), within=case.box)
    except NotIsolated as refusal:
        return f"{piecewise} not isolated", None if case.continuum else f"said to be not isolated: {refusal}"
    except (Refusal, InputError) as refusal:
        return f"{piecewise} refused ({type(refusal).__name__})", None
    if case.continuum and found.complete:
        return "continuum", f"complete with {len(found)}, though the zeros form a continuum"
    met = set()
    for e in found:
        inside = [
            k
            for k, zero in enumerate(case.zeros)
            if all(_mpf(a) - NEAR <= v <= _mpf(b) + NEAR for v, (a, b) in zip(zero.point, e.bounds.values()))
        ]
        if len(inside) != 1 or inside[0] in met:
            return "wrong", f"{e} holds {len(inside)} zeros" + " that another holds" * (inside != [])
        met |= set(inside)
        zero = case.zeros[inside[0]]
        if e.stability != "undecided" and e.stability not in zero.stability:
            return "wrong", f"{e} is {sorted(zero.stability)}"
        if e.stability == "undecided" and not e.reason:
            return "wrong", f"{e} gives no reason"
        if e.unstable is not None and e.unstable not in zero.unstable:
            return "wrong", f"{e} with {e.unstable} unstable eigenvalues has {zero.unstable}"
        if e.multiplicity is not None and e.multiplicity not in zero.multiplicity:
            return "wrong", f"{e} has multiplicity {zero.multiplicity}"
    if found.complete and len(met) < len(case.zeros):
        missing = [z.point for k, z in enumerate(case.zeros) if k not in met]
        return "wrong", f"complete, without {[tuple(mpmath.nstr(v, 12) for v in p) for p in missing]}"
    decided = all(e.stability != "undecided" for e in found)
    return f"{piecewise} {'complete' if found.complete else 'open'}" + ", undecided stability" * (not decided), None


_ROUGH = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.Piecewise, sp.floor, sp.ceiling, sp.Mod, sp.frac)


def _mpf(q):
    return mpf(int(q.p)) / int(q.q)


# -- functions of one variable, written twice -----------------------------------------------


@dataclass
class Scalar:
    """An expression in `X`, the function it is, and all of its zeros with their multiplicity (None at kinks).

    `edges` are further points at which the function may jump or change its branch.
    """

    expr: sp.Expr
    value: Callable[[Any], Any]
    zeros: dict[Any, int | None]
    edges: tuple[Any, ...] = ()
    flat: tuple[tuple[Any, Any], ...] = ()

    def sides(self, zero):
        """Signs of the function beside a zero."""
        others = [mpf(v) for v in (*self.zeros, *self.edges) if v != zero]
        below = max((v for v in others if v < zero), default=zero - 1)
        above = min((v for v in others if v > zero), default=zero + 1)
        return tuple(int(mpmath.sign(self.value((zero + end) / 2))) for end in (below, above))


def _rational(random, span=4, denominators=(1, 1, 2, 3, 4)):
    bottom = random.choice(denominators)
    return Fraction(random.randint(-span * bottom, span * bottom), bottom)


def _different(random, number, **options):
    found: set[Fraction] = set()
    while len(found) < number:
        found.add(_rational(random, **options))
    return sorted(found)


def _sym(q):
    return sp.Rational(q.numerator, q.denominator)


def _num(q):
    return mpf(q.numerator) / q.denominator


def _polynomial(random, most=4, multiple=True):
    """A product of powers of linear factors, perhaps with a factor without a zero."""
    roots = _different(random, random.randint(1, most))
    orders = [random.choice((1, 1, 1, 2, 3)) if multiple else 1 for _ in roots]
    lead = random.choice((1, -1, 2, Fraction(-1, 2)))
    square = random.choice((None, None, 1, 2))
    expr = _sym(Fraction(lead)) * sp.Mul(*((X - _sym(r)) ** m for r, m in zip(roots, orders)))
    expr = expr if square is None else expr * (X**2 + square)

    def value(x):
        product = _num(Fraction(lead)) * (1 if square is None else x**2 + square)
        for r, m in zip(roots, orders):
            product *= (x - _num(r)) ** m
        return product

    if random.random() < 0.5:
        expr = sp.expand(expr)
    return Scalar(expr, value, {_num(r): m for r, m in zip(roots, orders)})


def _hinges(random):
    """A line with a few hinges; some of its kinks are zeros."""
    kinks = _different(random, random.randint(1, 3), span=3)
    slopes = [random.choice((-3, -2, -1, 1, 2, 3)) for _ in kinks]
    slope = Fraction(random.choice((-3, -2, -1, 1, 2, 3)), random.choice((1, 2)))
    kinds = [random.choice(("max", "min", "abs")) for _ in kinks]

    def at(x, shift=Fraction(0)):
        total = slope * x + shift
        for c, s, kind in zip(kinks, slopes, kinds):
            part = x - c
            total += s * (max(part, 0) if kind == "max" else min(part, 0) if kind == "min" else abs(part))
        return total

    shift = -at(random.choice(kinks)) if random.random() < 0.5 else _rational(random)
    knots = [kinks[0] - 1, *kinks, kinks[-1] + 1]
    zeros: dict[Any, int | None] = {}
    flat = []
    for k, (a, b) in enumerate(pairwise(knots)):
        low, high = at(a, shift), at(b, shift)
        if low == high:
            if low == 0:
                first, last = k == 0, k == len(knots) - 2
                flat.append((-mpf("inf") if first else _num(a), mpf("inf") if last else _num(b)))
            continue
        zero = a - low * (b - a) / (high - low)
        if (k == 0 or zero >= a) and (k == len(knots) - 2 or zero <= b):
            zeros[_num(zero)] = None if zero in kinks else 1
    named = {"max": lambda e: sp.Max(0, e), "min": lambda e: sp.Min(0, e), "abs": sp.Abs}
    expr = _sym(slope) * X + _sym(shift)
    expr += sp.Add(*(s * named[kind](X - _sym(c)) for c, s, kind in zip(kinks, slopes, kinds)))

    def value(x):
        total = _num(slope) * x + _num(shift)
        for c, s, kind in zip(kinks, slopes, kinds):
            part = x - _num(c)
            total += s * (max(part, 0) if kind == "max" else min(part, 0) if kind == "min" else abs(part))
        return total

    return Scalar(expr, value, zeros, tuple(map(_num, kinks)), tuple(flat))


def _cases(random):
    """Polynomials joined at thresholds, mostly with jumps."""
    cuts = _different(random, random.randint(1, 2), span=3)
    pieces = [_polynomial(random, 2) for _ in range(len(cuts) + 1)]
    closed = [random.random() < 0.5 for _ in cuts]  # whether the piece to the left holds at its threshold
    branches = [(p.expr, X <= _sym(c) if shut else X < _sym(c)) for p, c, shut in zip(pieces, cuts, closed)]

    def place(x):
        return next((k for k, (c, shut) in enumerate(zip(cuts, closed)) if x < _num(c) or (shut and x == _num(c))), -1)

    zeros = {}
    for k, piece in enumerate(pieces):
        for zero, order in piece.zeros.items():
            if place(zero) in (k, k - len(pieces)):
                zeros[zero] = order if all(zero != _num(c) for c in cuts) else None
    return Scalar(
        sp.Piecewise(*branches, (pieces[-1].expr, True)),
        lambda x: pieces[place(x)].value(x),
        zeros,
        tuple(map(_num, cuts)),
    )


def _extreme(random):
    """The maximum or minimum of two polynomials."""
    one, other = _polynomial(random, 2, False), _polynomial(random, 3, False)
    largest = random.random() < 0.5
    pick = max if largest else min
    zeros: dict[Any, int | None] = {}
    for f, g in ((one, other), (other, one)):
        for zero in f.zeros:
            beside = g.value(zero)
            if beside == 0 or (beside < 0) == largest:
                zeros[zero] = None if beside == 0 else 1
    shared = sp.Poly(one.expr - other.expr, X)
    if shared.is_zero:
        return _extreme(random)
    edges = tuple(mpf(r.evalf(DIGITS)) for r in shared.real_roots(multiple=False, radicals=False) for r in r[:1])
    head = sp.Max if largest else sp.Min
    return Scalar(head(one.expr, other.expr), lambda x: pick(one.value(x), other.value(x)), zeros, edges)


def _modulus(random):
    """|p| - c, or a multiple of |p|, for a straight line or a product p."""
    if random.random() < 0.5:
        p, lead = _polynomial(random, 2), random.choice((-1, 1, 2))
        zeros = {x: None if order % 2 else order for x, order in p.zeros.items()}  # |p| is smooth at an even one
        return Scalar(lead * sp.Abs(p.expr), lambda x: lead * abs(p.value(x)), zeros)
    root, slope = _rational(random, 2), random.choice((1, 2, -3))
    height, lead = Fraction(random.randint(0, 4), 2), random.choice((1, -1))
    zeros = {_num(root + side * height / abs(slope)): 1 if height else None for side in (1, -1)}
    return Scalar(
        lead * (sp.Abs(slope * (X - _sym(root))) - _sym(height)),
        lambda x: lead * (abs(slope * (x - _num(root))) - _num(height)),
        zeros,
        (_num(root),),
    )


def _jumping(random):
    """a * sign(x - r) + b, a step, or a line with a step; the value at the jump counts."""
    root, a = _rational(random, 2), random.choice((1, -1, 2, -2))
    b = random.choice((0, 0, Fraction(1, 2), -Fraction(3, 2), 3, *((-a, a) if random.random() < 0.3 else ())))
    slope = random.choice((0, 0, 1, -1, 2))
    step = random.random() < 0.3  # of Heaviside instead
    levels = {-1: Fraction(0), 0: Fraction(a, 2), 1: Fraction(a)} if step else {s: Fraction(a * s) for s in (-1, 0, 1)}
    head = sp.Heaviside(X - _sym(root)) if step else sp.sign(X - _sym(root))
    zeros: dict[Any, int | None] = {}
    flat = []
    for side, level in levels.items():
        constant = level + b
        if side == 0:
            if constant == 0:
                zeros[_num(root)] = None
        elif slope:
            zero = root - constant / slope
            if (zero - root) * side > 0:
                zeros[_num(zero)] = 1
        elif constant == 0:
            flat.append((_num(root), mpf("inf")) if side > 0 else (-mpf("inf"), _num(root)))
    expr = a * head + _sym(Fraction(b)) + slope * (X - _sym(root))

    def value(x):
        return _num(levels[int(mpmath.sign(x - _num(root)))] + b) + slope * (x - _num(root))

    return Scalar(expr, value, zeros, (_num(root),), tuple(flat))


def _stairs(random):
    """floor(x) - x + c, or Mod(x, d) - c: a saw with its zeros between the jumps, or on them."""
    c, lead = Fraction(random.randint(0, 3), 4), random.choice((1, -1))
    span = range(-160, 161)  # beyond what a changed variable reaches in any box
    kind = random.choice(("floor", "ceiling", "mod"))
    if kind == "mod":
        d = random.choice((1, 2))
        zeros = {_num(d * k + c): None if c == 0 else 1 for k in span}
        expr, value = sp.Mod(X, d) - _sym(c), lambda x: x - d * mpmath.floor(x / d) - _num(c)
        return Scalar(lead * expr, lambda x: lead * value(x), zeros, tuple(mpf(d * k) for k in span))
    if kind == "floor":
        zeros = {_num(k + c): None if c == 0 else 1 for k in span}
        expr, value = sp.floor(X) - X + _sym(c), lambda x: mpmath.floor(x) - x + _num(c)
    else:
        zeros = {_num(k - c): None if c == 0 else 1 for k in span}
        expr, value = sp.ceiling(X) - X - _sym(c), lambda x: mpmath.ceil(x) - x - _num(c)
    return Scalar(lead * expr, lambda x: lead * value(x), zeros, tuple(map(mpf, span)))


# -- monotone changes of the variable, and factors without zeros -------------------------------

_CHANGES: tuple[tuple[sp.Expr, Callable[[Any], Any]], ...] = (
    (X, lambda x: x),
    (X, lambda x: x),
    (X**3 / 4 + X, lambda x: x**3 / 4 + x),
    (sp.sinh(X), mpmath.sinh),
    (X + sp.sin(X) / 2, lambda x: x + mpmath.sin(x) / 2),
    (sp.exp(X) - 2, lambda x: mpmath.exp(x) - 2),
    (2 * X + sp.tanh(X), lambda x: 2 * x + mpmath.tanh(x)),
    (X + sp.Abs(X) / 2, lambda x: x + abs(x) / 2),
)
_FACTORS: tuple[tuple[sp.Expr, Callable[[Any], Any]], ...] = (
    (sp.Integer(1), lambda x: mpf(1)),
    (sp.Integer(1), lambda x: mpf(1)),
    (sp.exp(X / 2), lambda x: mpmath.exp(x / 2)),
    (2 + sp.sin(3 * X), lambda x: 2 + mpmath.sin(3 * x)),
    (1 / (1 + X**2), lambda x: 1 / (1 + x**2)),
    (1 + sp.Max(0, X), lambda x: 1 + max(0, x)),
)
_WIDE = mpf(8)


def _inverse(change, target):
    """The x in [-8, 8] at which a growing function has a value, or None."""
    low, high = -_WIDE, _WIDE
    if not change(low) <= target <= change(high):
        return None
    for _ in range(200):
        middle = (low + high) / 2
        if change(middle) == target:
            return middle
        low, high = (middle, high) if change(middle) < target else (low, middle)
    return (low + high) / 2


def _changed(random, f, smooth):
    """The function of a changed variable, times a factor without zeros."""
    change, change_at = random.choice(_CHANGES[:-1] if smooth else _CHANGES)
    factor, factor_at = random.choice(_FACTORS[:-1] if smooth else _FACTORS)
    if change == X and factor == 1:
        return f
    kinked = change.has(sp.Abs) or factor.has(sp.Max)

    def back(target):
        return target if change == X else _inverse(change_at, target)

    zeros = {x: (None if kinked and x == 0 else m) for v, m in f.zeros.items() if (x := back(v)) is not None}
    edges = tuple(x for v in f.edges if (x := back(v)) is not None)
    flat = tuple(
        (back(max(a, change_at(-_WIDE))), back(min(b, change_at(_WIDE))))
        for a, b in f.flat
        if a < change_at(_WIDE) and b > change_at(-_WIDE)
    )
    return Scalar(
        f.expr.subs(X, change) * factor,
        lambda x: f.value(change_at(x)) * factor_at(x),
        zeros,
        (*edges, *((mpf(0),) if kinked else ())),
        flat,
    )


# -- one state ---------------------------------------------------------------------------------


def _interval(random, zeros):
    """A box of one state; now and then a zero that is a simple fraction lies on its edge."""
    low, high = _different(random, 2, span=4)
    edge = random.choice(zeros) if zeros and random.random() < 0.2 else None
    if edge is not None and edge * 12 == mpmath.floor(edge * 12) and edge < 5:
        low, high = Fraction(int(edge * 12), 12), Fraction(5)
    return sp.Rational(low), sp.Rational(high)


def _scalar_case(random, f, smooth):
    f = _changed(random, f, smooth)
    low, high = _interval(random, sorted(f.zeros))
    zeros = []
    for x, order in f.zeros.items():
        if not _mpf(low) - NEAR <= x <= _mpf(high) + NEAR:
            continue
        sides = f.sides(x)
        if 0 in sides:
            stability = set()
        elif sides[0] == sides[1]:
            stability = {"half-stable"}
        else:
            stability = {"stable" if sides[0] > 0 else "unstable"}
        unstable = {int(stability == {"unstable"} and order == 1)} if order is not None else set()
        zeros.append(Zero((x,), stability, unstable, {order}))
    continuum = any(max(a, _mpf(low)) < min(b, _mpf(high)) for a, b in f.flat)
    return Case({X: f.expr}, {X: (low, high)}, zeros, continuum)


def smooth_scalar(random):
    return _scalar_case(random, _polynomial(random), True)


def piecewise_scalar(random):
    kind = random.choice((_hinges, _hinges, _cases, _extreme, _modulus, _jumping, _stairs))
    return _scalar_case(random, kind(random), False)


# -- two states --------------------------------------------------------------------------------


def _square(random):
    low, high = _different(random, 2, span=3)
    left, right = _different(random, 2, span=3)
    return {X: (sp.Rational(low), sp.Rational(high)), Y: (sp.Rational(left), sp.Rational(right))}


_COUPLINGS: tuple[tuple[sp.Expr, Callable[[Any], Any]], ...] = (
    (sp.Integer(0), lambda x: mpf(0)),
    (X / 2, lambda x: x / 2),
    (X**2 / 4, lambda x: x**2 / 4),
    (sp.sin(X), mpmath.sin),
    (sp.Abs(X) / 2, lambda x: abs(x) / 2),
)


def _planar_case(random, p, q, smooth):
    """(x', y') = N (p(x), q(y + h(x))) with a constant matrix N: a zero of p, and one of q beside it."""
    coupling, coupling_at = random.choice(_COUPLINGS[:-1] if smooth else _COUPLINGS)
    kinks = not smooth
    if kinks:  # so that stability is that of one state after the other
        matrix = ((random.choice((1, 2)), 0), (0, random.choice((1, 2))))
    else:
        matrix = ((0, 0), (0, 0))
        while matrix[0][0] * matrix[1][1] == matrix[0][1] * matrix[1][0]:
            matrix = tuple(tuple(random.randint(-2, 2) for _ in range(2)) for _ in range(2))
    parts = p.expr, q.expr.subs(X, Y + coupling)
    field = {v: sum(c * part for c, part in zip(row, parts)) for v, row in zip((X, Y), matrix)}
    box = _square(random)
    zeros = []
    for x, m in p.zeros.items():
        for v, k in q.zeros.items():
            point = x, v - coupling_at(x)
            if not all(_mpf(a) - NEAR <= c <= _mpf(b) + NEAR for c, (a, b) in zip(point, box.values())):
                continue
            if kinks:
                zeros.append(_cascade(point, p.sides(x), q.sides(v)))
            else:
                slopes = _slope(p, x, m), _slope(q, v, k)
                zeros.append(_linearised(point, matrix, slopes, _derivative(coupling_at, x), m * k))
    low, high = (_mpf(v) for v in box[X])
    bottom, top = (_mpf(v) for v in box[Y])
    lowest, highest = _range(coupling_at, low, high)
    # a continuum, or what may be one: both factors vanish on sets that meet the box
    along_x = [(max(a, low), min(b, high)) for a, b in (*p.flat, *((x, x) for x in p.zeros)) if a <= high and b >= low]
    along_y = [(a, b) for a, b in (*q.flat, *((v, v) for v in q.zeros)) if a - highest <= top and b - lowest >= bottom]
    continuum = any(b > a or d > c for a, b in along_x for c, d in along_y)
    return Case(field, box, zeros, continuum)


def _range(f, low, high):
    values = [f(low + (high - low) * k / 64) for k in range(65)]
    return min(values) - 1, max(values) + 1


def _derivative(f, x):
    step = mpf(10) ** -15
    return (f(x + step) - f(x - step)) / (2 * step)


def _slope(f, x, order):
    return _derivative(f.value, x) if order == 1 else mpf(0)


def _linearised(point, matrix, slopes, along, multiplicity):
    """What trace and determinant of N diag(slopes) (1 0; h' 1) say."""
    (a, b), (c, d) = matrix
    s, t = slopes
    rows = (a * s + b * t * along, b * t), (c * s + d * t * along, d * t)
    trace = rows[0][0] + rows[1][1]
    determinant = rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]
    tiny = mpf(10) ** -12
    trace, determinant = (mpf(0) if abs(v) < tiny else v for v in (trace, determinant))
    if determinant < 0:
        right, axis = 1, 0
    elif determinant == 0:
        right, axis = int(trace > 0), 1 + (trace == 0)
    else:
        right, axis = (2, 0) if trace > 0 else (0, 2) if trace == 0 else (0, 0)
    stability = {"unstable"} if right else {"nonhyperbolic"} if axis else {"stable"}
    return Zero(point, stability, {right}, {multiplicity})


def _cascade(point, first, second):
    """One state drives the other: stable only where both are."""
    sides = first, second
    if any(0 in pair for pair in sides):
        return Zero(point, set(), set(), set())
    stable = all(pair == (1, -1) for pair in sides)
    # where both slopes are one-sided and not zero that is the whole truth; where one vanishes, nothing may be claimed
    # but what the spectrum says, and a slope of zero is never to the right of the axis
    words = {"stable"} if stable else {"unstable"}
    return Zero(point, words | {"nonhyperbolic"}, {0, 1, 2}, {1, 2, 3, 4, 6, 9, None})


def smooth_planar(random):
    p, q = (_changed(random, _polynomial(random, 2), True) for _ in range(2))
    return _planar_case(random, p, q, True)


def piecewise_planar(random):
    kinds = [random.choice((_hinges, _hinges, _cases, _modulus, _jumping)) for _ in range(2)]
    p, q = (_changed(random, kind(random), False) for kind in kinds)
    return _planar_case(random, p, q, False)


def spiral(random):
    """A rotation with a growing or shrinking radius, algebraic or with the norm itself: one zero, two or none."""
    rate, twist = random.choice((-1, 0, 1, Fraction(1, 2))), random.choice((0, 1, -2))
    bend = random.choice((1, -1))
    centre = _rational(random, 2), _rational(random, 2)
    u, v = X - _sym(centre[0]), Y - _sym(centre[1])
    square = u**2 + v**2
    if not twist and rate * bend > 0:  # else a whole circle rests
        twist = 1
    growth = _sym(Fraction(rate)) - bend * square
    field = {X: growth * u - twist * v, Y: twist * u + growth * v}
    box = _square(random) if random.random() < 0.5 else None
    point = tuple(map(_num, centre))
    zeros = []
    if box is None or all(_mpf(a) <= c <= _mpf(b) for c, (a, b) in zip(point, box.values())):
        right, axis = (2, 0) if rate > 0 else (0, 2) if rate == 0 else (0, 0)
        word = "unstable" if right else "nonhyperbolic" if axis else "stable"
        order = {1} if rate or twist else {9}
        zeros.append(Zero(point, {word}, {right}, order))
    return Case(field, box, zeros)


_KINDS = (
    smooth_scalar,
    piecewise_scalar,
    smooth_planar,
    piecewise_planar,
    smooth_scalar,
    piecewise_scalar,
    spiral,
    piecewise_planar,
)
