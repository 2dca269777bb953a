"""Terms as functions of some of their names: at numbers, at power series, as polynomials and as quotients of these.

The scene finds the value of a term also where names have other numbers than rationals and balls: power series over
balls (`Series`), and quotients of polynomials in the entries of the names (`Ratio`).  What comes out is then the Taylor
polynomial of the term along a path, enclosed, or the very polynomial that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx, fmpq, fmpq_mpoly_ctx
from sympy import (
    Add,
    Determinant,
    HadamardProduct,
    MatAdd,
    MatMul,
    MatPow,
    MatrixBase,
    MatrixExpr,
    Mul,
    Pow,
    Trace,
    Transpose,
    oo,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from ...language.dynamics import GradientFlow, VectorField
from ...language.operators import (
    Expectation,
    MatrixExpectation,
    MatrixStopGradient,
    MatrixTotal,
    StopGradient,
    Total,
)
from ...language.random_vectors import GaussianVector
from ...language.scalars import inner, norm, sq
from ...language.terms import At, Gradient, Rate
from .derivatives import Element, Tracked
from .rates import velocities
from .scene import NotCarried, Scene, Unknown

__all__ = ["Coordinates", "Function", "Opaque", "Ratio", "Series", "coefficient", "degree_bound", "is_matrix_like"]


def is_matrix_like(term: Any) -> bool:
    """Whether a term is a matrix."""
    return isinstance(term, (MatrixExpr, MatrixBase))


# --- names as coordinates -----------------------------------------------------------------


class Coordinates:
    """The entries of some names, one after the other: where a scene gives them values, and back."""

    def __init__(self, names: Iterable[Any], scene: Scene) -> None:
        self.names = tuple(names)
        self.shapes = [
            (scene.size(n.shape[0]), scene.size(n.shape[1])) if is_matrix_like(n) else None for n in self.names
        ]
        self.count = sum(1 if shape is None else shape[0] * shape[1] for shape in self.shapes)

    def flat(self, values: Mapping[Any, Any]) -> list[Any]:
        """All entries in one list."""
        out: list[Any] = []
        for name, shape in zip(self.names, self.shapes):
            value = values[name]
            if shape is not None and tuple(np.shape(value)) != shape:
                raise Unknown(f"the value of {name} is {np.shape(value)}, not {shape}")
            out.extend([value] if shape is None else value.ravel())
        return out

    def values(self, flat: Sequence[Any]) -> dict[Any, Any]:
        """Values by name from a list of entries."""
        out, place = {}, 0
        for name, shape in zip(self.names, self.shapes):
            if shape is None:
                out[name], place = flat[place], place + 1
            else:
                entries = np.empty(shape, dtype=object)
                size = shape[0] * shape[1]
                entries.ravel()[:] = flat[place : place + size]
                out[name], place = entries, place + size
        return out


# --- the degree in the names, read off the term --------------------------------------------


def degree_bound(term: Any, names: Iterable[Any]) -> int | None:
    """A bound of the degree of a term as a polynomial in the names; None where it need not be one.

    >>> from sympy import MatrixSymbol
    >>> W = MatrixSymbol("W", 2, 3)
    >>> degree_bound(sq(W * W.T), [W])
    4
    """
    names = frozenset(names)
    return _degree(term, names)


def _occurs(term: Any, names: frozenset[Any]) -> bool:
    """Whether one of the names is free in the term; a sample counts where its family is named."""
    free: set[Any] = getattr(term, "free_symbols", set())
    return bool(free & names)


def _degree(term: Any, names: frozenset[Any]) -> int | None:
    if term in names:
        return 1
    if not _occurs(term, names):
        return 0

    def of(part: Any) -> int | None:
        return _degree(part, names)

    def greatest(parts: Iterable[Any]) -> int | None:
        found = [of(p) for p in parts]
        return None if None in found else max(found, default=0)  # type: ignore[type-var]

    def added(parts: Iterable[Any]) -> int | None:
        found = [of(p) for p in parts]
        return None if None in found else sum(found)  # type: ignore[arg-type]

    if isinstance(term, MatrixElement):
        return of(term.args[0])
    if isinstance(term, (Add, MatAdd)):
        return greatest(term.args)
    if isinstance(term, MatrixBase):
        return greatest(list(term))
    if isinstance(term, (Mul, MatMul, HadamardProduct, inner)):
        return added(term.args)
    if isinstance(term, (Pow, MatPow)):
        base, power = term.args
        if not (power.is_Integer and power > 0):
            return None
        if isinstance(base, norm):
            return None if power % 2 else _times(of(base.args[0]), int(power))
        return _times(of(base), int(power))
    if isinstance(term, sq):
        return _times(of(term.args[0]), 2)
    if isinstance(term, (Transpose, Trace, StopGradient, MatrixStopGradient)):
        return of(term.args[0])
    if isinstance(term, (Total, MatrixTotal)):
        return None if _occurs(term.args[2], names) else of(term.args[0])
    if isinstance(term, Determinant) and term.arg.shape[0].is_Integer:
        return _times(of(term.arg), int(term.arg.shape[0]))
    if isinstance(term, (Expectation, MatrixExpectation)):
        if any(_occurs(v.joint, names) for v in term.args[0].atoms(GaussianVector)):
            return None  # where the law depends on the names, the average need not be a polynomial
        given = names & set(term.args[1])  # the mean of the others is linear in what is given
        return _degree(term.args[0], names | term.args[0].atoms(GaussianVector) if given else names)
    if isinstance(term, Gradient):
        return of(term.term)
    if isinstance(term, Rate):
        return _rate_degree(term, names)
    if isinstance(term, At):
        point = dict(term.args[1])
        inside = _degree(term.args[0], names - set(point) | set(point))
        return _times(inside, max(1, greatest(point.values()) or 0)) if greatest(point.values()) is not None else None
    return None


def _times(degree: int | None, factor: int) -> int | None:
    return None if degree is None else degree * factor


def _rate_degree(term: Any, names: frozenset[Any]) -> int | None:
    body, dynamics = term.args
    if isinstance(dynamics, VectorField):
        speeds = [_degree(f, names) for f in dynamics.rhs.values()]
    elif isinstance(dynamics, GradientFlow):
        parts = [dynamics.loss, dynamics.decay, *dict(dynamics.args[3]).values(), *dict(dynamics.args[5]).values()]
        loss, decay, *rest = [_degree(p, names | set(dynamics.states)) for p in parts]
        if loss is None or decay is None or None in rest:
            return None
        geometry = 2 if dict(dynamics.args[4]) else 0  # projection multiplies the gradient by the weight, twice
        speeds = [max(loss - 1, decay + 1, 1) + geometry + sum(r for r in rest if r is not None)]
    else:
        return None
    inside = _degree(body, names | set(dynamics.states))
    if inside is None or None in speeds:
        return None
    return max(inside - 1, 0) + max(s for s in speeds if s is not None)


# --- further kinds of numbers ----------------------------------------------------------------


class Opaque(NotCarried):
    """The term is no function of the kind that is wanted; a reader falls back on its values at numbers."""


class _Lifting(Element):
    """The arithmetic that power series and quotients have in common."""

    __slots__ = ("element",)

    def __init__(self, element: Any) -> None:
        self.tag, self.element = 0.5, element  # above plain numbers, below every differentiation

    def _lifted(self, other: Any) -> Any:
        """Another number in this kind; None where that one decides what comes out."""
        if isinstance(other, type(self)):
            return other
        if isinstance(other, (Tracked, np.ndarray)):
            return None
        if other is oo or other is -oo:
            raise Opaque("an infinity")
        return self.constant(other)

    def constant(self, number: Any) -> Any:
        """A plain number in this kind."""
        raise NotImplementedError

    def plus(self, other: Any) -> Any:
        raise NotImplementedError

    def times(self, other: Any) -> Any:
        raise NotImplementedError

    def over(self, other: Any) -> Any:
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else self.plus(b)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else self.times(b)

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else self.plus(-b)

    def __rsub__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else b.plus(-self)

    def __truediv__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else self.over(b)

    def __rtruediv__(self, other: Any) -> Any:
        return NotImplemented if (b := self._lifted(other)) is None else b.over(self)

    def __neg__(self) -> Any:
        return self.times(self.constant(-1))

    def powered(self, exponent: Any) -> Any:
        """A power with a number, or another element, in the exponent."""
        if isinstance(exponent, fmpq) and exponent.q == 1:
            out, base = self.constant(1), self
            for digit in f"{abs(int(exponent.p)):b}":
                out = out.times(out)
                out = out.times(base) if digit == "1" else out
            return out if exponent >= 0 else self.constant(1).over(out)
        if isinstance(exponent, fmpq):
            root = self.applied("sqrt") if exponent.q == 2 else None
            if root is not None:
                return root.powered(fmpq(exponent.p))
        return (self.applied("log") * exponent).applied("exp")

    def raising(self, base: Any) -> Any:
        """A number to this power."""
        return self.constant(base).powered(self)

    def applied(self, name: str) -> Any:
        """A function of SymPy's name."""
        raise Opaque(f"{name} is no rational function")


class Series(_Lifting):
    """A power series over balls, as a number."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The constant term."""
        return coefficient(self.element, 0)

    def constant(self, number: Any) -> Series:
        return Series(arb_series([arb(number)], ctx.cap))

    def plus(self, other: Any) -> Series:
        return Series(self.element + other.element)

    def times(self, other: Any) -> Series:
        return Series(self.element * other.element)

    def over(self, other: Any) -> Series:
        if coefficient(other.element, 0).contains(0):
            raise Unknown("a division by what may be zero")
        return Series(self.element / other.element)

    def applied(self, name: str) -> Series:
        x = self.element
        if name == "tanh":
            made = _tanh(x)
        elif name in ("sinh", "cosh"):
            e, f = x.exp(), (-x).exp()
            made = (e - f if name == "sinh" else e + f) / 2
        elif name in ("asinh", "acosh"):
            made = (x + (x * x + (1 if name == "asinh" else -1)).sqrt()).log()
        elif name == "atanh":
            made = ((1 + x) / (1 - x)).log() / 2
        else:
            method = {"loggamma": "lgamma", "LambertW": "lambertw"}.get(name, name)
            if not hasattr(x, method):
                raise Opaque(f"no power series of {name}")
            made = getattr(x, method)()
        return Series(made)


def _tanh(x: Any) -> Any:
    """The hyperbolic tangent of a series, by exponentials that do not overflow."""
    first = coefficient(x, 0)
    y = first.tanh()
    if x.prec <= 2:
        return arb_series([y, (1 - y * y) * coefficient(x, 1)], x.prec)
    small = (-2 * x if bool(first.mid() > 0) else 2 * x).exp()
    made = (1 - small) / (1 + small)
    return made if bool(first.mid() > 0) else -made


class Ratio(_Lifting):
    """A quotient of polynomials with rational coefficients, as a number."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """It has none: where a sign decides, the term is no quotient of polynomials."""
        raise Opaque("a sign decides")

    def constant(self, number: Any) -> Ratio:
        if isinstance(number, arb) and number.is_exact() and number.mid() == number and number.is_integer():
            number = number.unique_fmpz()
        if isinstance(number, arb):
            raise Opaque("a number that is not rational")
        context = self.element[0].context()
        return Ratio((context.constant(fmpq(number)), context.constant(1)))

    def plus(self, other: Any) -> Ratio:
        (a, b), (c, d) = self.element, other.element
        return Ratio((a + c, b)) if b == d else Ratio(_reduced(a * d + c * b, b * d))

    def times(self, other: Any) -> Ratio:
        (a, b), (c, d) = self.element, other.element
        return Ratio(_reduced(a * c, b * d))

    def over(self, other: Any) -> Ratio:
        (a, b), (c, d) = self.element, other.element
        if c.is_zero():
            raise Unknown("a division by zero")
        return Ratio(_reduced(a * d, b * c))


def _reduced(above: Any, below: Any) -> tuple[Any, Any]:
    if below.is_one():
        return above, below
    common = above.gcd(below)
    if not common.is_one():
        above, below = above / common, below / common
    lead = below.leading_coefficient()
    return above / lead, below / lead


def coefficient(series: Any, k: int) -> Any:
    """A coefficient of a power series or a polynomial; zero beyond its length.

    >>> coefficient(arb_series([1, 2]), 5)
    0
    """
    return series[k] if k < series.length() else arb(0)


# --- terms as functions ------------------------------------------------------------------------


class Function:
    """What is found in a scene, entry after entry, as a function of coordinates.

    Parameters
    ----------
    evaluate : from a scene to numbers and matrices.
    coordinates : the names on which they depend here; every other name has its value in the scene.
    bits : precision of balls; the scene's by default.
    """

    def __init__(
        self,
        evaluate: Callable[[Scene], Iterable[Any]],
        coordinates: Coordinates,
        scene: Scene,
        bits: int | None = None,
    ) -> None:
        self.evaluate, self.coordinates = evaluate, coordinates
        self.scene = scene.within({})
        self.scene.bits = bits or scene.bits
        self._polynomials: Any = None

    @classmethod
    def of(cls, terms: Iterable[Any], names: Iterable[Any], scene: Scene, bits: int | None = None) -> Function:
        """The values of terms, by some names."""
        terms = tuple(terms)
        return cls(lambda there: [there.value(t) for t in terms], Coordinates(names, scene), scene, bits)

    @classmethod
    def velocity(cls, dynamics: Any, scene: Scene, bits: int | None = None) -> Function:
        """The velocities of all states, by the states."""
        states = Coordinates(dynamics.states, scene)

        def found(there: Scene) -> list[Any]:
            speeds = velocities(dynamics, there)
            return [speeds[state] for state in states.names]

        return cls(found, states, scene, bits)

    def __call__(self, point: Sequence[Any]) -> list[Any]:
        """The entries at a point, in whatever kind of numbers it has."""
        scene = self.scene.within(self.coordinates.values(point))
        out: list[Any] = []
        try:
            with ctx.workprec(scene.bits):
                for value in self.evaluate(scene):
                    out.extend(value.ravel() if isinstance(value, np.ndarray) else [value])
        except ZeroDivisionError:
            raise Unknown("a division by zero") from None
        return out

    def series(self, point: Sequence[Any], order: int) -> list[Any]:
        """The entries at power series, up to a power below `order`; raises `Opaque` where they have none."""
        before, ctx.cap = ctx.cap, order
        try:
            with ctx.workprec(self.scene.bits):
                if (polynomials := self.polynomials()) is not None:
                    return polynomials(point, order)
                found = self([Series(x) for x in point])
                return [f.element if isinstance(f, Series) else arb_series([arb(f)], order) for f in found]
        except (TypeError, AttributeError) as error:
            raise Opaque(str(error)) from None
        except ValueError:  # flint: a quotient by a series whose first term may be zero
            raise Unknown("a division by what may be zero") from None
        finally:
            ctx.cap = before

    def jacobian(self, point: Sequence[Any]) -> list[list[Any]]:
        """Derivatives of the entries by the coordinates at balls (enclosures, where the balls are wide)."""
        columns = []
        for k in range(len(point)):
            moved = [arb_series([arb(x), arb(int(j == k))], 2) for j, x in enumerate(point)]
            columns.append([coefficient(f, 1) for f in self.series(moved, 2)])
        return [list(row) for row in zip(*columns)]

    def ratios(self) -> tuple[list[Any], list[Any]]:
        """Numerators and denominators, polynomials in the coordinates; raises `Opaque` where it is none."""
        count = self.coordinates.count
        context = fmpq_mpoly_ctx.get([f"x{k}" for k in range(count)], "degrevlex")
        start = [Ratio((x, context.constant(1))) for x in context.gens()]
        zero = start[0].constant(0)
        found = [f if isinstance(f, Ratio) else zero.constant(f) for f in self(start)]
        return [f.element[0] for f in found], [f.element[1] for f in found]

    def polynomials(self) -> Polynomials | None:
        """The entries as polynomials with rational coefficients; None where one is none."""
        if self._polynomials is None:
            try:
                above, below = self.ratios()
                whole = all(b.is_one() for b in below)
            except (Opaque, Unknown, TypeError, AttributeError):
                whole = False
            self._polynomials = Polynomials(above, self.coordinates.count) if whole else False
        return self._polynomials or None


class Polynomials:
    """Polynomials that are evaluated together: every monomial is made once, from smaller ones.

    >>> context = fmpq_mpoly_ctx.get(["x"], "degrevlex")
    >>> (x,) = context.gens()
    >>> Polynomials([x**2 + 1], 1)([arb_series([arb(2), arb(1)], 2)], 2)
    [5.00000000000000 + 4.00000000000000*x + O(x^2)]
    """

    def __init__(self, polynomials: Sequence[Any], count: int) -> None:
        self.products: list[tuple[int, int]] = []  # places of the factors, the coordinates coming first
        self.places = {tuple(int(j == k) for j in range(count)): k for k in range(count)}
        self.count = count
        self.sums = [
            [(None if not any(e) else self._place(e), c) for e, c in ((tuple(map(int, e)), c) for e, c in p.terms())]
            for p in polynomials
        ]

    def _place(self, e: tuple[int, ...]) -> int:
        if e not in self.places:
            even = all(k % 2 == 0 for k in e)  # squares keep balls around zero on one side
            first = next(j for j, k in enumerate(e) if k)
            part = tuple(k // 2 for k in e) if even else tuple(int(j == first) for j in range(len(e)))
            rest = tuple(k - l for k, l in zip(e, part))
            factors = (self._place(part), self._place(rest))
            self.places[e] = self.count + len(self.products)
            self.products.append(factors)
        return self.places[e]

    def __call__(self, point: Sequence[Any], order: int) -> list[Any]:
        """The values at power series."""
        made = list(point)
        for left, right in self.products:
            made.append(made[left] * made[right])
        out = []
        for terms in self.sums:
            value = arb_series([0], order)
            for place, c in terms:  # c is rational, and is rounded to the working precision
                if place is None:
                    value = value + c
                elif c == 1:
                    value = value + made[place]
                elif c == -1:
                    value = value - made[place]
                else:
                    value = value + made[place] * c
            out.append(value)
        return out
