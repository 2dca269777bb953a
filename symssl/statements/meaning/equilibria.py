"""Zeros of systems, their number, the stability of equilibria and the growth of deviations.

Rational systems are solved exactly: one unknown by its factors, several by the rational univariate representation, in
which the solutions are the roots of one polynomial and the trace form of the quotient algebra proves that none
is lost or counted twice.  Other systems are searched, one unknown by enclosures on every interval, several from many
starts; that a search is complete is never proved, and is said to be an estimate.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_poly, arb_series, ctx, fmpq, fmpq_mat, fmpq_poly
from sympy import Eq, Poly, Rational, Symbol, groebner, symbols
from sympy.logic.boolalg import Boolean

from ...language.dynamics import Dynamics, GradientDescent
from ...language.terms import Count, Growth, Stability, Zeros
from .derivatives import Tracked
from .functions import Coordinates, Function, Opaque, coefficient
from .rates import velocities
from .sampling import allowed
from .scene import Scene, Unknown, evaluator, truth_evaluator
from .spectra import real_roots, univariate
from .values import compare

__all__ = ["common_zeros", "zeros_of"]

MOST_SOLUTIONS = 40  # complex ones, of a rational system
REACH = 1024  # how far from zero a search in one unknown goes
MOST_INTERVALS = 20_000
STARTS = 60  # of a search in several unknowns
ALMOST = 2.0**-60  # below which the value of a function that is not seen to change sign counts as zero


# --- one unknown, rational --------------------------------------------------------------------


def _rational_zeros(above: Sequence[Any]) -> list[Any]:
    """The real zeros of quotients in one unknown, each once, by numerators: no denominator vanishes with its own."""
    common = fmpq_poly([0])
    for p in above:
        common = common.gcd(univariate(p))
    if common.degree() < 0:
        raise Unknown("every value of the unknown is a solution")
    return [root for root, _ in real_roots(common)]


# --- several unknowns, rational -----------------------------------------------------------------


def common_zeros(polynomials: Sequence[Any], bits: int) -> list[tuple[Any, ...]]:
    """All real common zeros of SymPy polynomials with rational coefficients, each once.

    `Unknown` where there are infinitely many complex ones.

    The solutions are ``x = g_x(t)/g_1(t)`` at the real roots t of one polynomial (Rouillier), where t is a linear form
    that takes different values at different solutions: as many as the rank of the trace form says that there are.
    """
    gens = polynomials[0].gens
    basis = groebner([p for p in polynomials if not p.is_zero] or [Poly(0, *gens)], *gens, order="grevlex")
    if basis.exprs == [1]:
        return []
    if not basis.is_zero_dimensional:
        raise Unknown("the system has infinitely many complex solutions")
    leading = [p.monoms(order="grevlex")[0] for p in basis.polys]
    monomials = list(_below(leading, len(gens)))
    size = len(monomials)
    if size > MOST_SOLUTIONS:
        raise Unknown(f"the system has {size} complex solutions, more than are looked at")
    places = {e: k for k, e in enumerate(monomials)}

    def reduced(e: tuple[int, ...]) -> list[Any]:
        column = [fmpq(0)] * size
        if e in places:
            column[places[e]] = fmpq(1)
            return column
        rest = basis.reduce(Poly({e: 1}, *gens).as_expr())[1]
        for monomial, c in Poly(rest, *gens).terms():
            if c:
                column[places[monomial]] = fmpq(int(c.p), int(c.q))
        return column

    def times(k: int) -> Any:
        columns = [reduced(tuple(d + int(j == k) for j, d in enumerate(e))) for e in monomials]
        return fmpq_mat(columns).transpose()

    multiplications = [times(k) for k in range(len(gens))]
    unit = fmpq_mat(size, size, [fmpq(int(i == j)) for i in range(size) for j in range(size)])
    by_monomial = []
    for e in monomials:
        product = unit
        for k, d in enumerate(e):
            for _ in range(d):
                product = product * multiplications[k]
        by_monomial.append(product)
    traces = fmpq_mat(1, size, [_trace(m) for m in by_monomial])
    form = [[(traces * _column(m, j))[0, 0] for j in range(size)] for m in by_monomial]
    number = fmpq_mat(form).rank()
    for attempt in range(1, 4 * size * size + 2):
        linear = sum((m * fmpq(attempt**k) for k, m in enumerate(multiplications[1:], 1)), multiplications[0])
        characteristic = linear.charpoly()
        simple = characteristic / characteristic.gcd(characteristic.derivative())
        if simple.degree() == number:
            return _representation(simple, linear, multiplications, unit, bits)
    raise Unknown("no linear form separates the solutions")  # pragma: no cover - one of so many always does


def _trace(matrix: Any) -> Any:
    return sum((matrix[k, k] for k in range(matrix.nrows())), fmpq(0))


def _column(matrix: Any, j: int) -> Any:
    return fmpq_mat(matrix.nrows(), 1, [matrix[i, j] for i in range(matrix.nrows())])


def _below(leading: Sequence[tuple[int, ...]], count: int) -> Iterator[tuple[int, ...]]:
    """The monomials that none of the leading ones divides, by degree."""
    layer = [tuple([0] * count)]
    while layer:
        layer = [e for e in layer if not any(all(a <= b for a, b in zip(l, e)) for l in leading)]
        yield from layer
        layer = sorted({tuple(d + int(j == k) for j, d in enumerate(e)) for e in layer for k in range(count)})


def _representation(simple: Any, linear: Any, multiplications: Sequence[Any], unit: Any, bits: int) -> list[Any]:
    """The real solutions from the multiplication by a separating linear form."""
    d = simple.degree()
    horner = [fmpq_poly([1])]
    lead = simple / simple[d]
    for k in range(1, d):
        horner.append(horner[-1] * fmpq_poly([0, 1]) + lead[d - k])
    powers = [unit]
    for _ in range(d - 1):
        powers.append(powers[-1] * linear)

    def representing(matrix: Any) -> Any:
        return sum((horner[d - 1 - i] * _trace(matrix * power) for i, power in enumerate(powers)), fmpq_poly([0]))

    below, above = representing(unit), [representing(m) for m in multiplications]
    out = []
    with ctx.workprec(2 * bits):
        for t, _ in real_roots(simple):
            if isinstance(t, fmpq):
                out.append(tuple(a(t) / below(t) for a in above))
            else:
                out.append(tuple(arb_poly(a)(t) / arb_poly(below)(t) for a in above))
    return out


# --- one unknown, in general ------------------------------------------------------------------------


def _searched(function: Function, symbol: Any, scene: Scene) -> list[Any]:
    """Zeros of one function of one unknown between -REACH and REACH."""
    ends = [fmpq(0), *(fmpq(2) ** k for k in range(-8, REACH.bit_length()))]
    shells = list(itertools.pairwise(ends))
    waiting = [] if symbol.is_nonnegative else [(-b, -a) for a, b in shells]
    waiting += [] if symbol.is_nonpositive else shells
    waiting = [(arb(a), arb(b)) for a, b in waiting]
    zeros: list[Any] = []
    doubtful: list[Any] = []
    for _ in range(MOST_INTERVALS):
        if not waiting:
            break
        a, b = waiting.pop()
        span = a.union(b)
        value, slope = _value_and_slope(function, span)
        if value is not None and not value.contains(0):
            continue
        if value is not None and slope.is_finite() and not slope.contains(0):
            zero = _contracted(function, a, b)
            if zero is not None and not any(zero.overlaps(other) for other in zeros):
                zeros.append(zero)
        elif value is None and all(_value_and_slope(function, t)[0] is None for t in (a, span.mid(), b)):
            continue  # the function is not defined here
        elif float(b - a) < 2.0**-45 * max(2.0**-8, float(abs(span).mid())):
            for t in (a, span.mid(), b):
                there = _value_and_slope(function, t)[0]
                if there is not None and float(abs(there).mid()) < ALMOST:
                    doubtful.append(t)
                    break
        else:
            middle = ((a + b) / 2).mid()
            waiting += [(a, middle), (middle, b)]
    else:
        raise Unknown("the zeros are too many or too close to be told apart")
    for span in (_narrowed(function, s) for s in _merged(doubtful)):
        if not any(span.overlaps(zero) for zero in zeros):
            scene.estimate("a zero at which the function is not seen to change its sign is taken for one")
            zeros.append(span)
    scene.estimate(f"zeros were searched for up to {REACH} from zero")
    return sorted(zeros, key=float)


def _narrowed(function: Function, span: Any) -> Any:
    """A doubtful zero where the slope vanishes, by Newton's method for the slope; the span itself where that fails."""
    x = span.mid()
    for _ in range(12):
        try:
            (f,) = function.series([arb_series([x, 1], 3)], 3)
        except Unknown:
            return span
        second = 2 * coefficient(f, 2)
        if second.contains(0):
            return span
        step = (coefficient(f, 1) / second).mid()
        x = (x - step).mid()
        if float(abs(step)) < 2.0**-100:
            return arb(x, 2.0**-100) if bool(abs(x - span.mid()) < 2.0**-20) else span
    return span


def _merged(spans: Sequence[Any]) -> list[Any]:
    out: list[Any] = []
    for span in sorted(spans, key=float):
        if out and float(abs(span - out[-1]).lower()) < 2.0**-24:
            out[-1] = out[-1].union(span)
        else:
            out.append(span)
    return out


def _value_and_slope(function: Function, span: Any) -> tuple[Any, Any]:
    try:
        (f,) = function.series([arb_series([span, 1], 2)], 2)
    except Unknown:
        return None, None
    value, slope = coefficient(f, 0), coefficient(f, 1)
    return (value, slope) if value.is_finite() else (None, None)


def _contracted(function: Function, a: Any, b: Any) -> Any:
    """The zero between two places where the function is monotone, by Newton's method on intervals; None without one."""
    width = b - a
    span = (a - width * 2.0**-20).union(b + width * 2.0**-20)  # a zero at an end belongs to both sides
    if _value_and_slope(function, span)[0] is None or _value_and_slope(function, span)[1].contains(0):
        span = a.union(b)
    for _ in range(200):
        middle = span.mid()
        value, slope = _value_and_slope(function, middle)[0], _value_and_slope(function, span)[1]
        if value is None:
            return None
        image = middle - value / slope
        if not image.overlaps(span):
            return None
        image = image.intersection(span)
        if float(image.rad()) > 0.75 * float(span.rad()):
            break
        span = image
    return span if span.overlaps(a.union(b)) and float(span.rad()) < 2.0**-40 else None


# --- several unknowns, in general -------------------------------------------------------------------


def _started(function: Function, names: Sequence[Any], scene: Scene) -> list[tuple[Any, ...]]:
    """Zeros that Newton's method finds from many starts, each proved to be one by Krawczyk's test."""
    n = function.coordinates.count
    found: list[tuple[Any, ...]] = []
    for k in range(STARTS):
        spread = (0.5, 2.0, 8.0)[k % 3]
        point = [arb(scene.random.uniform(0 if _positive(s) else -spread, spread)) for s in _flat_names(names, n)]
        zero = _newton(function, point)
        if zero is not None and not any(all(x.overlaps(y) for x, y in zip(zero, other)) for other in found):
            found.append(zero)
    scene.estimate(f"solutions were searched for from {STARTS} starts")
    return found


def _positive(name: Any) -> bool:
    return isinstance(name, Symbol) and bool(name.is_nonnegative)


def _flat_names(names: Sequence[Any], count: int) -> list[Any]:
    return list(names) if len(names) == count else [None] * count


def _newton(function: Function, point: list[Any]) -> tuple[Any, ...] | None:
    n = len(point)
    try:
        for _ in range(60):
            values = [arb(f).mid() for f in function(point)]
            jacobian = np.array([[float(arb(d).mid()) for d in row] for row in function.jacobian(point)])
            step = np.linalg.lstsq(jacobian, np.array([float(v) for v in values]), rcond=None)[0]
            size = max(1.0, *(float(abs(x)) for x in point))
            if not np.all(np.isfinite(step)) or size > 1e6:
                return None
            damping = min(1.0, 2 * size / max(1e-300, float(np.abs(step).max())))
            point = [(x - arb(float(s) * damping)).mid() for x, s in zip(point, step)]
            if max(float(abs(v)) for v in values) < 1e-13 * size:
                break
        else:
            return None
        return _proved(function, point, n)
    except (Unknown, np.linalg.LinAlgError, OverflowError, ValueError):
        return None


def _proved(function: Function, point: list[Any], n: int) -> tuple[Any, ...] | None:
    """A box that holds just one zero, by Krawczyk's test; None where the test fails."""
    inverse = np.linalg.inv(np.array([[float(d.mid()) for d in row] for row in function.jacobian(point)]))
    Y = [[arb(float(y)) for y in row] for row in inverse]

    def image(middle: list[Any], box: list[Any]) -> list[Any]:
        values, slopes = [arb(f) for f in function(middle)], function.jacobian(box)
        out = []
        for i in range(n):
            total = middle[i] - sum((Y[i][k] * values[k] for k in range(n)), arb(0))
            for j in range(n):
                entry = sum((Y[i][k] * slopes[k][j] for k in range(n)), arb(0))
                total += (int(i == j) - entry) * (box[j] - middle[j])
            out.append(total)
        return out

    box = [arb(x.mid(), 2.0**-30 * max(1.0, float(abs(x)))) for x in point]
    after = image([x.mid() for x in box], box)
    if not all(b.contains_interior(a) for a, b in zip(after, box)):
        return None
    for _ in range(12):
        box = [a.intersection(b) if a.overlaps(b) else a for a, b in zip(after, box)]
        after = image([x.mid() for x in box], box)
        if all(float(x.rad()) < 2.0**-100 for x in after):
            break
    return tuple(after)


# --- terms ------------------------------------------------------------------------------------------


def zeros_of(node: Any, scene: Scene) -> tuple[Any, ...]:
    """The solutions of `Zeros`, in its domain and with the signs that are declared of its unknowns."""
    names = node.unknowns
    coordinates = Coordinates(names, scene)
    function = Function(lambda there: _equations(node, there), coordinates, scene)
    flat = _flat_zeros(function, names, scene)
    out = []
    for point in flat:
        values = coordinates.values(point)
        if all(_allowed(x, v) for x, v in values.items()) and _in_domain(node.domain, values, scene):
            out.append(tuple(values[x] for x in names))
    return tuple(values[0] for values in out) if len(names) == 1 else tuple(out)


def _equations(node: Any, scene: Scene) -> list[Any]:
    if isinstance(node.system, GradientDescent):
        speeds = velocities(node.system.flow, scene)
        return list(speeds.values())
    if isinstance(node.system, Dynamics):
        return list(velocities(node.system, scene).values())
    out = []
    for part in node.system:
        if isinstance(part, Boolean) and not isinstance(part, Symbol):  # to SymPy a symbol is a condition, too
            if not isinstance(part, Eq):
                raise Unknown(f"{part} is no equation: conditions belong into the domain")
            out.append(scene.value(part.lhs) - scene.value(part.rhs))
        else:
            out.append(scene.value(part))
    return out


def _flat_zeros(function: Function, names: Sequence[Any], scene: Scene) -> list[tuple[Any, ...]]:
    n = function.coordinates.count
    try:
        above, below = function.ratios()
    except (Unknown, TypeError, AttributeError):
        above = None
    if above is not None and n == 1:
        return [(x,) for x in _rational_zeros(above)]
    if above is not None:
        return _rational_solutions(above, below, names, scene)
    first = [arb(fmpq(k + 3, 7)) for k in range(n)]
    if n == 1:
        entries = len(function(first))
        if entries != 1:
            raise Unknown("several equations in one unknown that are not rational are not solved")
        return [(x,) for x in _searched(function, names[0], scene)]
    if len(function(first)) != n:
        raise Unknown("a system that is not rational is solved where it has as many equations as unknowns")
    return _started(function, names, scene)


def _rational_solutions(above: Sequence[Any], below: Sequence[Any], names: Sequence[Any], scene: Scene) -> list[Any]:
    n = above[0].context().nvars()
    gens = symbols(f"x:{n}")
    polynomials = [_as_sympy(p, gens) for p in above]
    apart = [q for q in (_as_sympy(q, gens) for q in below) if not q.is_ground]
    try:
        return _apart_from(polynomials, apart, gens, scene.bits)
    except Unknown:
        nonzero = [Poly(x, *gens) for x, name in zip(gens, _flat_names(names, n)) if getattr(name, "is_nonzero", False)]
        if not nonzero:
            raise
        return _apart_from(polynomials, [*apart, *nonzero], gens, scene.bits)


def _apart_from(polynomials: list[Any], apart: Sequence[Any], gens: Any, bits: int) -> list[Any]:
    """Solutions at which some polynomials do not vanish: their product has an inverse, one more unknown."""
    if not apart:
        return common_zeros(polynomials, bits)
    inverse = Symbol("inverse")
    product = apart[0].as_expr() * inverse
    for q in apart[1:]:
        product = product * q.as_expr()
    extended = [Poly(p.as_expr(), *gens, inverse, domain="QQ") for p in polynomials]
    extended.append(Poly(product - 1, *gens, inverse, domain="QQ"))
    return [solution[:-1] for solution in common_zeros(extended, bits)]


def _as_sympy(polynomial: Any, gens: Sequence[Any]) -> Any:
    table = {tuple(map(int, e)): Rational(int(c.p), int(c.q)) for e, c in polynomial.terms()}
    return Poly(table or {tuple([0] * len(gens)): 0}, *gens, domain="QQ")


def _allowed(name: Any, value: Any) -> bool:
    signed = isinstance(name, Symbol) and (name.is_nonnegative is not None or name.is_nonpositive is not None)
    if signed and isinstance(value, arb) and value.contains(0) and not value.is_zero():
        raise Unknown(f"the sign of a solution {name} cannot be told")
    return allowed(name, value)


def _in_domain(domain: Sequence[Any], values: Any, scene: Scene) -> bool:
    for condition in domain:
        held = scene.within(values).truth(condition)
        if held is None:
            raise Unknown(f"whether a solution keeps {condition} cannot be told")
        if not held:
            return False
    return True


@evaluator(Zeros)
def _zeros(node: Any, scene: Scene) -> Any:
    return zeros_of(node, scene)


@evaluator(Count)
def _count(node: Any, scene: Scene) -> Any:
    return fmpq(len(scene.value(node.args[0])))


# --- stability and growth ---------------------------------------------------------------------------------


def _at_point(node: Any, scene: Scene) -> tuple[Function, list[Any]]:
    dynamics, point = node.args[0], node.args[1]
    if isinstance(dynamics, GradientDescent):
        raise Unknown("the stability of gradient descent is not told: give its flow")
    velocity = Function.velocity(dynamics, scene)
    flat = velocity.coordinates.flat({state: scene.value(point[state]) for state in dynamics.states})
    if any(isinstance(x, Tracked) for x in flat):
        raise Opaque("derivatives do not go through an equilibrium")
    return velocity, flat


def _spectrum(velocity: Function, point: Sequence[Any]) -> tuple[list[Any], bool]:
    """Eigenvalues of the Jacobian, each once, as complex balls; and whether an exact polynomial gave them."""
    jacobian = _exact_jacobian(velocity, point)
    if jacobian is not None:
        characteristic = jacobian.charpoly()
        simple = characteristic / characteristic.gcd(characteristic.derivative())
        return [(z, simple) for z, _ in simple.numer().complex_roots()], True
    balls = velocity.jacobian([arb(x) for x in point])
    try:
        return [(z, None) for z in acb_mat(balls).eig(multiple=True)], False
    except ValueError:
        raise Unknown("the eigenvalues of the Jacobian cannot be enclosed at this precision") from None


def _exact_jacobian(velocity: Function, point: Sequence[Any]) -> Any:
    if not all(isinstance(x, fmpq) for x in point):
        return None
    try:
        above, below = velocity.ratios()
    except (Unknown, TypeError, AttributeError):
        return None
    rows = []
    for p, q in zip(above, below):
        value, other = p(*point), q(*point)
        rows.append(
            [(p.derivative(k)(*point) * other - value * q.derivative(k)(*point)) / other**2 for k in range(len(point))]
        )
    return fmpq_mat(rows)


def _real_parts(velocity: Function, point: Sequence[Any], scene: Scene) -> list[int]:
    """The signs of the real parts of the eigenvalues of the Jacobian, each eigenvalue once."""
    roots, exact = _spectrum(velocity, point)
    parts = [(z.real if hasattr(z, "imag") and not isinstance(z, arb) else z, z) for z, _ in roots]
    unclear = [x for x, _ in parts if arb(x).contains(0)]
    if exact:
        on_axis = _on_axis(roots[0][1])
        if len(unclear) != on_axis:
            raise Unknown("an eigenvalue is too close to the imaginary axis at this precision")
    elif unclear:
        if any(float(x.rad()) > ALMOST for x in unclear):
            raise Unknown("the sign of the real part of an eigenvalue cannot be told")
        scene.estimate("an eigenvalue that may lie on the imaginary axis is taken to lie there")
    return [0 if arb(x).contains(0) else (1 if bool(arb(x) > 0) else -1) for x, _ in parts]


def _on_axis(polynomial: Any) -> int:
    """How many distinct roots of a rational polynomial lie on the imaginary axis."""
    even, odd = [], []
    for k in range(polynomial.degree() + 1):  # p(i w) = even(w) + i odd(w)
        sign = (-1) ** (k // 2)
        even.append(polynomial[k] * sign if k % 2 == 0 else fmpq(0))
        odd.append(polynomial[k] * sign if k % 2 == 1 else fmpq(0))
    return len(real_roots(fmpq_poly(even).gcd(fmpq_poly(odd))))


@truth_evaluator(Stability)
def _stability(node: Any, scene: Scene) -> bool:
    velocity, point = _at_point(node, scene)
    kind = str(node.args[2])
    speeds = velocity(point)
    if any(compare(f, fmpq(0))[0] in (1, -1) and compare(f, fmpq(0))[1] for f in speeds):
        raise Unknown("the point is no equilibrium here")
    if not all(isinstance(f, fmpq) for f in speeds) and not _is_zero_nearby(velocity, point):
        scene.estimate("the point is an equilibrium as far as balls can tell")
    if len(point) == 1:
        return _stability_of_one(velocity, point[0], kind, scene)
    signs = _real_parts(velocity, point, scene)
    return {
        "stable": all(s < 0 for s in signs),
        "unstable": any(s > 0 for s in signs),
        "saddle": any(s > 0 for s in signs) and any(s < 0 for s in signs),
        "nonhyperbolic": not any(s > 0 for s in signs) and any(s == 0 for s in signs),
        "half-stable": False,
    }[kind]


def _is_zero_nearby(velocity: Function, point: Sequence[Any]) -> bool:
    """Whether the ball around the point is proved to hold an equilibrium."""
    if len(point) == 1:
        try:
            roots = _rational_zeros(velocity.ratios()[0])
        except (Unknown, TypeError, AttributeError):
            return False
        return sum(arb(root).overlaps(arb(point[0])) for root in roots) == 1
    return False


def _stability_of_one(velocity: Function, x: Any, kind: str, scene: Scene) -> bool:
    """By the sign of the velocity below and above the equilibrium."""
    if kind == "saddle":
        return False
    if kind == "nonhyperbolic":
        return _real_parts(velocity, [x], scene) == [0]
    below, above = _sides(velocity, x, scene)
    return {
        "stable": below > 0 > above,
        "unstable": below < 0 < above,
        "half-stable": below * above > 0,
    }[kind]


def _sides(velocity: Function, x: Any, scene: Scene) -> tuple[int, int]:
    """The signs of the velocity just below and just above an equilibrium."""
    try:
        above, below = velocity.ratios()
        p, q = univariate(above[0]), univariate(below[0])
    except (Unknown, TypeError, AttributeError):
        return _near_sides(velocity, x, scene)
    if p.degree() < 0:
        return 0, 0
    places = [root for root, _ in real_roots(p * q)]
    here = [k for k, root in enumerate(places) if arb(root).overlaps(arb(x))]
    if len(here) != 1:
        raise Unknown("which of the equilibria is meant cannot be told at this precision")
    k = here[0]
    left = arb(places[k - 1]).upper() if k else arb(places[k]).lower() - 2
    right = arb(places[k + 1]).lower() if k + 1 < len(places) else arb(places[k]).upper() + 2
    between = [((left + arb(places[k]).lower()) / 2).mid(), ((right + arb(places[k]).upper()) / 2).mid()]
    return tuple(_sign(arb_poly(p)(t) * arb_poly(q)(t)) for t in between)  # type: ignore[return-value]


def _near_sides(velocity: Function, x: Any, scene: Scene) -> tuple[int, int]:
    slope = _value_and_slope(velocity, arb(x))[1]
    if slope is not None and slope.is_finite() and not slope.contains(0):
        return (1, -1) if bool(slope < 0) else (-1, 1)
    scene.estimate("the sign of the velocity beside an equilibrium was read off near it")
    out = []
    for side in (-1, 1):
        signs = {_sign(arb(velocity([(arb(x) + side * arb(2) ** -k).mid()])[0])) for k in range(8, 24)}
        if len(signs) != 1:
            raise Unknown("the sign of the velocity beside the equilibrium cannot be told")
        out.append(signs.pop())
    return out[0], out[1]


def _sign(ball: Any) -> int:
    if bool(ball > 0) or bool(ball < 0):
        return 1 if bool(ball > 0) else -1
    if bool(ball == 0):
        return 0
    raise Unknown("the sign of the velocity beside the equilibrium cannot be told at this precision")


@evaluator(Growth)
def _growth(node: Any, scene: Scene) -> Any:
    velocity, point = _at_point(node, scene)
    jacobian = _exact_jacobian(velocity, point)
    if jacobian is not None:
        characteristic = jacobian.charpoly()
        roots = real_roots(characteristic)
        if sum(multiplicity for _, multiplicity in roots) < len(point):
            raise Unknown("the Jacobian has eigenvalues that are not real")
        return tuple(root for root, _ in roots)
    values = [z for z, _ in _spectrum(velocity, point)[0]]
    if any(not arb(z.imag).contains(0) for z in values):
        raise Unknown("the Jacobian has eigenvalues that are not real")
    scene.estimate("eigenvalues whose balls hold a real number are taken to be real, the same where balls overlap")
    out: list[Any] = []
    for x in sorted((arb(z.real) for z in values), key=float):
        if not any(x.overlaps(other) for other in out):
            out.append(x)
    return tuple(out)
