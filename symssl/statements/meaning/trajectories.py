"""Values along trajectories and first times: Taylor steps with enclosed remainders, estimated steps elsewhere.

Where the velocity can be had at power series, a step is proved: a box that the trajectory cannot leave within the step
(the Picard map sends it into itself) gives the remainder of the Taylor polynomial.  Where only its values at
numbers are known, steps are extrapolated (Bulirsch and Stoer) and the error is estimated.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb, arb_mat, arb_poly, arb_series, ctx, fmpq
from sympy import Add, And, Eq, MatAdd, MatMul, Mul, Or, Transpose, ZeroMatrix, oo
from sympy.core.relational import GreaterThan, LessThan, Relational, StrictGreaterThan, StrictLessThan

from ...language.dynamics import Dynamics, GradientDescent, VectorField
from ...language.names import names_in
from ...language.terms import Along, FirstTime, Next, Rate
from .derivatives import Tracked
from .functions import Function, Opaque, Series, coefficient
from .moments import differentiates_means
from .scene import Never, Scene, Unknown, evaluator
from .spectra import greatest_bound
from .values import as_ball, compare, is_infinite

__all__ = ["BlowUp", "LinearTrajectory", "Piece", "TooLong", "Trajectory", "is_linear", "trajectory_of", "untracked"]

WORKING_BITS = 192
MOST_STEPS = 400
WORTH_REPEATING = 100  # steps, with more digits, where the enclosures have become wide
MOST_DESCENT_STEPS = 2000
FAR = 1e10  # a state beyond this, in ever shorter steps, is taken to blow up
DESCENT_BITS = 2048  # balls grow from step to step
LONGEST_RATIONAL = 3000  # bits of rationals beyond which descent goes on in balls
HUGE = 1e290  # a state that is not followed further
PARTS = 4  # of a step, in which the growth of deviations is bounded
NEAR_KINK = 2.0**-16  # a step below which a trajectory is not followed to a kink of the velocity in proved steps
WIDEST = 2.0**-30  # the error of the states, relative to their size, beyond which they are not followed
KEPT = 16  # trajectories that are remembered, to be continued


class BlowUp(Exception):
    """The trajectory leaves every bound at a finite time."""


class TooLong(Exception):
    """More steps than are affordable."""


class Piece:
    """A step of a trajectory: Taylor polynomials in ``time - begin``, with the remainder over the whole step added."""

    def __init__(self, begin: Any, length: Any, polynomials: list[Any]) -> None:
        self.begin, self.length, self.polynomials = begin, length, polynomials

    def at(self, elapsed: Any) -> list[Any]:
        """The states at a time (or over an interval of times) after the beginning of the step."""
        if float(elapsed.rad()) < 2.0**-60:
            return [p(elapsed) for p in self.polynomials]
        middle, spread = arb_poly([elapsed.mid(), 1]), arb(0, elapsed.rad())
        return [p(middle)(spread) for p in self.polynomials]


class Trajectory:
    """A trajectory from a start, integrated as far as it is asked for.

    Parameters
    ----------
    velocity : the velocities as a function of the states.
    start : numbers.
    bits : precision of the calculation.

    Attributes
    ----------
    pieces : the steps so far; reached : the time they reach.
    proved : whether every step is.
    """

    def __init__(self, velocity: Function, start: Sequence[Any], bits: int = WORKING_BITS) -> None:
        self.velocity, self.bits = velocity, bits
        self.states = [as_ball(x, bits) for x in start]
        self.pieces: list[Piece] = []
        self.reached = arb(0)
        self.order = bits // 4
        self.last = 0.25
        self.opaque = False  # whether a step was too long to have a power series
        self.threshold = arb(2) ** (-bits * 5 // 8)
        self.error = sum((arb(x.rad()) ** 2 for x in self.states), arb(0)).sqrt().upper()
        self.proved = self._has_series()

    def _has_series(self) -> bool:
        try:
            self.velocity.series([arb_series([x, 1], 2) for x in self.states], 2)
        except (Opaque, Unknown):
            return False
        return True

    def at(self, time: Any) -> list[Any]:
        """The states at a time, not before 0; raises `BlowUp` or `TooLong`."""
        with ctx.workprec(self.bits):
            time = arb(time)
            while not self.pieces or bool(self.reached < time.upper()):
                self.step()
            piece = self.piece(time)
            return piece.at(time - piece.begin)

    def piece(self, time: Any) -> Piece:
        """The step in which a time lies."""
        low, high = 0, len(self.pieces) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if bool(self.pieces[middle].begin <= time):
                low = middle
            else:
                high = middle - 1
        return self.pieces[low]

    def step(self) -> Piece:
        """One more step."""
        if len(self.pieces) >= MOST_STEPS:
            raise TooLong(f"{MOST_STEPS} steps reach t = {float(self.reached):.3g} only")
        with ctx.workprec(self.bits):
            try:
                piece = self._taylor() if self.proved else self._extrapolated()
            except Opaque:  # as where an absolute value changes sign
                self.proved = False
                piece = self._extrapolated()
            self.pieces.append(piece)
            self.reached = (piece.begin + piece.length).mid()
        return piece

    # --- proved steps ------------------------------------------------------------------------

    def _coefficients(self, start: Sequence[Any]) -> list[Any]:
        """Taylor polynomials of the solution by Picard's iteration, each round gaining a power; rounded."""
        states = [arb_series([x], 1) for x in start]
        for k in range(1, self.order):
            speeds = self.velocity.series([arb_series(x.coeffs(), k) for x in states], k)
            states = [
                arb_series([x, *[(coefficient(f, j) / (j + 1)).mid() for j in range(k)]], k + 1)
                for x, f in zip(start, speeds)
            ]
        if any(not c.is_finite() for s in states for c in s.coeffs()):
            raise BlowUp("the velocity is not defined here")
        return [arb_poly(s.coeffs() or [0]) for s in states]

    def _taylor(self) -> Piece:
        start = [x.mid() for x in self.states]
        polynomials = self._coefficients(start)
        length = self._length(polynomials)
        while float(length) > 2.0**-50:
            if self.opaque and float(length) < NEAR_KINK:
                raise Opaque("a kink is too near")
            if (bounds := self._bounds(polynomials, length)) is not None:
                throughout, at_end = bounds
                self.last = float(length)
                ends = [p(length) for p in polynomials]
                rounded = sum((arb(x.rad()) ** 2 for x in ends), arb(0)).sqrt().upper()
                self.error = (at_end + rounded).upper()  # the next step begins at a rounded value
                piece = Piece(self.reached, length, [p + arb(0, throughout) for p in polynomials])
                self.states = [arb(x, at_end) for x in ends]
                return piece
            length = (length * 5 / 8).mid()
        raise BlowUp(f"the steps shrink to nothing at t = {float(self.reached):.6g}")

    def _length(self, polynomials: Sequence[Any]) -> Any:
        """A step at which the last powers are below the threshold, by the size of the last coefficients."""
        longest = max(8 * self.last, 2.0**-20)
        for p in polynomials:
            scale = max(1.0, float(abs(coefficient(p, 0)).mid()))
            for k in range(self.order - 4, self.order):
                size = abs(coefficient(p, k)).mid()
                if size > 0:
                    longest = min(longest, float(((self.threshold * scale / size).log() / k).exp().mid()))
        self._check_growth([coefficient(p, 0) for p in polynomials], longest)
        return arb(longest * 0.75).mid()

    def _check_growth(self, states: Sequence[Any], length: float) -> None:
        size = max((float(abs(x).mid()) for x in states), default=0.0)
        if size > HUGE:
            raise TooLong(f"the states exceed {HUGE:.0e} at t = {float(self.reached):.6g}")
        if (size > FAR and length < 1e-3) or length < 2.0**-50:
            raise BlowUp(f"the states grow beyond every bound at t = {float(self.reached):.6g}")

    def _bounds(self, polynomials: Sequence[Any], length: Any) -> tuple[Any, Any] | None:
        """Bounds of the distance from the polynomials throughout the step and at its end; None if it is too long.

        As long as the (Euclidean) distance is at most `tube`, it is at most what its growth (by the logarithmic norm
        of the Jacobian around the polynomials) and the defect ``p' - f(p)`` allow; where that is less than `tube`,
        it is so for the whole step.
        """
        span = arb(length / 2, length / 2)
        scale = arb(max([1.0, *(float(abs(coefficient(p, 0)).mid()) for p in polynomials)]))
        if self.error > scale * WIDEST:
            raise TooLong(f"from t = {float(self.reached):.3g} on the enclosures are too wide")
        tube = 4 * self.error + scale * self.threshold * 16
        try:
            whole = Piece(arb(0), length, list(polynomials))
            factor, ending, most = arb(1), arb(1), arb(1)  # growth from the beginning, and since whenever it is largest
            for k in range(PARTS):
                part = arb(length * (2 * k + 1) / (2 * PARTS), length / (2 * PARTS))
                box = [x + arb(0, tube) for x in whole.at(part)]
                growth = greatest_bound(self.velocity.jacobian(box))
                grown = (growth * length / PARTS).exp()
                most = arb.max(most, ending * arb.max(arb(1), grown))
                factor, ending = factor * grown, arb.max(arb(1), ending * grown)
            defect = self._defect(polynomials, span, length)
        except Unknown as error:  # a division by what may be zero, say: within a shorter step it is not
            self.opaque = isinstance(error, Opaque)
            return None
        if not (most.is_finite() and defect.is_finite()) or defect * length > scale * self.threshold:
            return None
        most = most.upper()
        throughout = ((self.error + defect * length) * most).upper()
        at_end = (self.error * factor + defect * length * most).upper()
        return (throughout, at_end) if throughout < tube else None

    def _defect(self, polynomials: Sequence[Any], span: Any, length: Any) -> Any:
        """A bound of ``p' - f(p)`` over a step: its powers at the beginning, and the remainder over the span."""
        n = self.order
        around = [arb_series(p.coeffs(), n) for p in polynomials]
        first = [_size(p.derivative(), f, n - 1, length) for p, f in zip(polynomials, self.velocity.series(around, n))]
        shifted = [arb_series(p(arb_poly([span, 1])).coeffs(), n) for p in polynomials]
        rest = [abs(coefficient(f, n - 1)).upper() * length ** (n - 1) for f in self.velocity.series(shifted, n)]
        return sum(((a + b) ** 2 for a, b in zip(first, rest)), arb(0)).sqrt().upper()

    # --- estimated steps -----------------------------------------------------------------------

    def _extrapolated(self) -> Piece:
        """A step by the modified midpoint rule in ever more parts, extrapolated; the error is the last change."""
        start = [x.mid() for x in self.states]
        length = arb(self.last)
        for _ in range(60):
            self._check_growth(start, float(length))
            if (found := self.advanced(start, length)) is not None:
                ends, error, rounds = found
                self.last = float(length) * (1.5 if rounds <= 9 else 1.0)
                errors = [x.rad() + error for x in self.states]
                piece = _EstimatedPiece(self, start, length, errors)
                self.states = [arb(x, e) for x, e in zip(ends, errors)]
                return piece
            length = (length / 2).mid()
        raise BlowUp(f"the steps shrink to nothing at t = {float(self.reached):.6g}")

    def advanced(self, start: Sequence[Any], length: Any) -> tuple[list[Any], Any, int] | None:
        """The states after an estimated step, the error, and the rounds it took; None where it does not converge."""
        rows: list[list[list[Any]]] = []
        first = self._speeds(start)
        for k in range(1, 13):
            h = length / (2 * k)
            before, now = list(start), [x + h * f for x, f in zip(start, first)]
            for _ in range(2 * k - 1):
                before, now = now, [x + 2 * h * f for x, f in zip(before, self._speeds(now))]
            row = [[(x + y + h * f).mid() / 2 for x, y, f in zip(now, before, self._speeds(now))]]
            for j, above in enumerate(rows[-1] if rows else []):
                ratio = fmpq(k, k - j - 1) ** 2 - 1
                row.append([(a + (a - b) / ratio).mid() for a, b in zip(row[-1], above)])
            rows.append(row)
            if not all(x.is_finite() for x in row[-1]):
                return None
            if k > 2:
                scale = max(1.0, *(float(abs(x)) for x in row[-1]))
                error = max(float(abs(a - b).upper()) for a, b in zip(row[-1], rows[-2][-1]))
                if error < scale * 2.0**-96:
                    return row[-1], arb(error), k
        return None

    def _speeds(self, states: Sequence[Any]) -> list[Any]:
        return [arb(f).mid() for f in self.velocity([arb(x).mid() for x in states])]


class LinearTrajectory(Trajectory):
    """A trajectory of a linear velocity: its states at a time are the exponential of a matrix at the start."""

    def __init__(self, velocity: Function, start: Sequence[Any], bits: int = WORKING_BITS) -> None:
        super().__init__(velocity, start, bits)
        with ctx.workprec(bits):
            self.begin = arb_mat(len(self.states), 1, list(self.states))
            rows = np.asarray(velocity.jacobian([arb(0)] * len(self.states)), dtype=object)
            self.matrix = arb_mat(rows.tolist())

    def at(self, time: Any) -> list[Any]:
        """The states at a time, not before 0."""
        with ctx.workprec(self.bits):
            return list(((self.matrix * arb(time)).exp() * self.begin).entries())


def is_linear(dynamics: Any) -> bool:
    """Whether the velocities are written as linear functions of the states: each term has one factor with a state.

    >>> from sympy import MatrixSymbol
    >>> from symssl.language import VectorField
    >>> W, X = MatrixSymbol("W", 2, 2), MatrixSymbol("X", 2, 2)
    >>> is_linear(VectorField({W: X * W.T - W})), is_linear(VectorField({W: W * W}))
    (True, False)
    """
    return isinstance(dynamics, VectorField) and all(_linear(f, set(dynamics.states)) for f in dynamics.rhs.values())


def _linear(term: Any, states: set[Any]) -> bool:
    if term in states or (term == 0) is True or isinstance(term, ZeroMatrix):
        return True
    if isinstance(term, (Add, MatAdd)):
        return all(_linear(part, states) for part in term.args)
    if isinstance(term, (Mul, MatMul, Transpose)):
        moving = [part for part in term.args if part.atoms(*map(type, states)) & states]
        return len(moving) == 1 and _linear(moving[0], states)
    return False


class _EstimatedPiece(Piece):
    """An estimated step: the states within it come from a shorter step of the same kind."""

    def __init__(self, trajectory: Trajectory, start: Sequence[Any], length: Any, errors: Sequence[Any]) -> None:
        super().__init__(trajectory.reached, length, [])
        self.trajectory, self.start, self.errors = trajectory, list(start), list(errors)

    def at(self, elapsed: Any) -> list[Any]:
        """The states at a time after the beginning of the step."""
        if elapsed.mid() == 0:
            return [arb(x, e) for x, e in zip(self.start, self.errors)]
        found = self.trajectory.advanced(self.start, elapsed.mid())
        if found is None:
            raise TooLong("a step within a step does not converge")
        width = arb(elapsed.rad())
        speeds = self.trajectory._speeds(found[0])
        return [arb(x, e + abs(f) * width * 2) for x, e, f in zip(found[0], self.errors, speeds)]


def _size(derivative: Any, speed: Any, order: int, length: Any) -> Any:
    """A bound of the difference of two polynomials over a step, up to a power below `order`."""
    total = arb(0)
    for k in range(order):
        total += abs(coefficient(derivative, k) - coefficient(speed, k)).upper() * length**k
    return total


# --- trajectories of a scene ---------------------------------------------------------------


class Descent:
    """The iterates of gradient descent from a start, as many as are asked for."""

    def __init__(self, dynamics: Any, scene: Scene, start: Mapping[Any, Any]) -> None:
        self.dynamics, self.scene, self.iterates = dynamics, scene, [dict(start)]

    def at(self, steps: int) -> dict[Any, Any]:
        """The states after a number of steps."""
        if steps > MOST_DESCENT_STEPS:
            raise TooLong(f"{steps} steps of gradient descent are not made")
        while len(self.iterates) <= steps:
            there = self.scene.within(self.iterates[-1])
            after = {W: there.value(Next(W, self.dynamics)) for W in self.dynamics.states}
            self.iterates.append({W: _shortened(value) for W, value in after.items()})
        return self.iterates[steps]


def _shortened(value: Any) -> Any:
    """Rationals that have grown too long become balls."""
    if isinstance(value, np.ndarray):
        out = np.empty(value.shape, dtype=object)
        for place, entry in np.ndenumerate(value):
            out[place] = _shortened(entry)
        return out
    if isinstance(value, fmpq) and value.q.bit_length() + value.p.bit_length() > LONGEST_RATIONAL:
        return arb(value)
    return value


def untracked(values: Any, what: str) -> Any:
    """Values as they are; `Unknown` where they carry derivatives, which do not go through `what`."""
    for value in values.flat if isinstance(values, np.ndarray) else [values]:
        if isinstance(value, Tracked):
            raise Opaque(f"derivatives do not go through {what}")
    return values


def _same_key(value: Any) -> Any:
    """What two values have in common only if they are the same."""
    if isinstance(value, np.ndarray):
        return value.shape, tuple(_same_key(x) for x in value.flat)
    if isinstance(value, arb):
        return value.mid().man_exp() if value.is_finite() else str(value), value.rad().man_exp()
    if isinstance(value, (tuple, list)):
        return tuple(_same_key(x) for x in value)
    if isinstance(value, dict):
        return tuple((str(k), _same_key(v)) for k, v in value.items())
    return untracked(value, "a trajectory")


_REMEMBERED: OrderedDict[Any, Any] = OrderedDict()


def trajectory_of(dynamics: Dynamics, start: Mapping[Any, Any], scene: Scene, bits: int = WORKING_BITS) -> Any:
    """The trajectory from a start (values by state): a `Trajectory` or a `Descent`, continued where it is known.

    Raises `Unknown` where start or parameters carry derivatives.
    """
    if differentiates_means(dynamics):
        raise Never("a trajectory is not followed where its velocity is a mean of what is no polynomial")
    names = names_in(dynamics)
    known = {k: v for k, v in scene.values.items() if isinstance(k, str) or getattr(k, "name", "") in names}
    key = (dynamics, bits, scene.bits, _same_key(dict(start)), _same_key(known))
    if key in _REMEMBERED:
        _REMEMBERED.move_to_end(key)
        return _REMEMBERED[key]
    if isinstance(dynamics, GradientDescent):
        made: Any = Descent(dynamics, Scene(dict(known), DESCENT_BITS), start)
    else:
        velocity = Function.velocity(dynamics, Scene(dict(known), bits), bits)
        kind = LinearTrajectory if is_linear(dynamics) else Trajectory
        made = kind(velocity, velocity.coordinates.flat(start), bits)
    _REMEMBERED[key] = made
    if len(_REMEMBERED) > KEPT:
        _REMEMBERED.popitem(last=False)
    return made


def states_at(dynamics: Dynamics, start: Mapping[Any, Any], time: Any, scene: Scene) -> dict[Any, Any]:
    """The values of the states at a time; `Unknown` where the trajectory ends before."""
    if is_infinite(time):
        raise Unknown("a trajectory has no value at an infinite time: take a limit")
    if (sign := compare(time, fmpq(0))[0]) == 0:
        return dict(start)
    if sign != 1:
        raise Unknown(f"the time {time} is not known to be positive here")
    if isinstance(dynamics, GradientDescent) and (not isinstance(time, fmpq) or time.q != 1):
        raise Unknown(f"gradient descent has no state at the time {time}, which is no whole number")
    try:
        if isinstance(dynamics, GradientDescent):
            return trajectory_of(dynamics, start, scene).at(int(time))
        for bits in (WORKING_BITS, 2 * WORKING_BITS):
            trajectory = trajectory_of(dynamics, start, scene, bits)
            found = trajectory.at(time)
            far = not trajectory.proved or len(trajectory.pieces) > WORTH_REPEATING
            if far or isinstance(time, arb) or all(_is_narrow(x) for x in found):
                break
    except BlowUp as error:
        raise Unknown(f"the trajectory ends before t = {float(time):.6g}: {error}") from None
    except TooLong as error:
        raise Unknown(f"the trajectory is not followed to t = {float(time):.6g}: {error}") from None
    if not trajectory.proved:
        scene.estimate("a trajectory was integrated with an estimated error")
    return trajectory.velocity.coordinates.values(found)


def _is_narrow(x: Any) -> bool:
    return bool(x.rad() < arb(2) ** -84 * max(1.0, float(abs(x).mid())))


@evaluator(*Along.kinds)
def _along(node: Any, scene: Scene) -> Any:
    term, dynamics, time, start = node.args
    begin = {state: untracked(scene.value(start[state]), "the start of a trajectory") for state in dynamics.states}
    return _term_at(term, dynamics, begin, scene.value(time), scene)


def _term_at(term: Any, dynamics: Any, start: Mapping[Any, Any], time: Any, scene: Scene) -> Any:
    """The value of a term at a time; where the time carries a derivative, the rate of the term is it."""
    if not isinstance(time, Tracked):
        return scene.within(states_at(dynamics, start, time, scene)).value(term)
    if isinstance(time, Series) or isinstance(dynamics, GradientDescent):
        raise Opaque("derivatives do not go through this time")
    value = _term_at(term, dynamics, start, time.value, scene)
    rate = _term_at(Rate(term, dynamics), dynamics, start, time.value, scene)
    if not isinstance(value, np.ndarray):
        return time.made(value, [(time, rate)])
    out = np.empty(value.shape, dtype=object)
    for place, entry in np.ndenumerate(value):
        out[place] = time.made(entry, [(time, rate[place])])
    return out


# --- first times ----------------------------------------------------------------------------


SETTLED = 2.0**-40  # the speed, relative to the states, below which a trajectory is taken to have come to rest


@evaluator(FirstTime)
def _first_time(node: Any, scene: Scene) -> Any:
    condition, dynamics, start = node.args
    begin = {state: untracked(scene.value(start[state]), "a first time") for state in dynamics.states}
    held = scene.within(begin).truth(condition)
    if held is None:
        raise Unknown(f"whether {condition} holds at the start cannot be told")
    if held:
        return fmpq(0)
    if isinstance(dynamics, GradientDescent):
        return _first_step(condition, dynamics, begin, scene)
    trajectory = trajectory_of(dynamics, begin, scene)
    coordinates = trajectory.velocity.coordinates
    if all(isinstance(x, fmpq) and x == 0 for x in trajectory.velocity(coordinates.flat(begin))):
        return oo  # it begins, and stays, at an equilibrium
    atoms = sorted(condition.atoms(Relational), key=str)
    _only_comparisons(condition)
    differences = [Function.of([a.lhs - a.rhs], coordinates.names, scene, trajectory.bits) for a in atoms]
    if not trajectory.proved:
        scene.estimate("a trajectory was integrated with an estimated error")
    number = 0
    try:
        while True:
            if number == len(trajectory.pieces):
                trajectory.step()
            piece = trajectory.pieces[number]
            number += 1
            if (time := _within(piece, condition, atoms, differences, trajectory, scene)) is not None:
                return time
            if number % 8 == 0 and _at_rest(trajectory, piece):
                scene.estimate(f"the trajectory has all but come to rest at t = {float(piece.begin):.3g}")
                return oo
    except BlowUp as error:
        scene.estimate(f"the trajectory ends: {error}")
        return oo
    except TooLong as error:
        raise Unknown(f"whether {condition} ever holds is not told: {error}") from None


def _first_step(condition: Any, dynamics: Any, start: Mapping[Any, Any], scene: Scene) -> Any:
    descent = trajectory_of(dynamics, start, scene)
    for steps in range(1, 257):
        held = scene.within(descent.at(steps)).truth(condition)
        if held is None:
            raise Unknown(f"whether {condition} holds after {steps} steps cannot be told")
        if held:
            return fmpq(steps)
        before, after = (descent.iterates[k] for k in (steps - 1, steps))
        moved = [abs(a - b) for W in after for a, b in zip(np.ravel(after[W]), np.ravel(before[W]))]
        if all(float(arb(m).mid()) < SETTLED for m in moved):
            scene.estimate(f"gradient descent has all but come to rest after {steps} steps")
            return oo
    raise Unknown(f"{condition} does not hold within 256 steps")


def _only_comparisons(condition: Any) -> None:
    if isinstance(condition, (And, Or)):
        for part in condition.args:
            _only_comparisons(part)
    elif not isinstance(condition, (Eq, StrictGreaterThan, GreaterThan, StrictLessThan, LessThan)):
        raise Unknown(f"the first time of {condition} is not looked for: only of comparisons, joined by And and Or")


def _at_rest(trajectory: Trajectory, piece: Piece) -> bool:
    """Whether the velocity is small beside the states, and falls: what moves steadily comes far in the end."""
    states = piece.at(piece.length)
    before, speeds = (trajectory.velocity(x) for x in (piece.at(arb(0)), states))
    size = max(1e-6, *(float(abs(x).mid()) for x in states))
    was, now = (max(float(abs(arb(f)).mid()) for f in fs) for fs in (before, speeds))
    return now < SETTLED * size and (now < 0.9 * was or now == 0)


def _within(
    piece: Piece, condition: Any, atoms: Sequence[Any], differences: Sequence[Function], trajectory: Any, scene: Scene
) -> Any:
    """The first time within a step at which the condition holds; None where it holds nowhere there."""
    find = _sampled_roots if isinstance(piece, _EstimatedPiece) else _roots
    events = [
        (time, k, rising, certain)
        for k, difference in enumerate(differences)
        for time, rising, certain in find(piece, difference, trajectory.velocity)
    ]
    for time, k, rising, certain in sorted(events, key=lambda event: float(event[0].mid())):
        there = scene.within(trajectory.velocity.coordinates.values(piece.at(time)))
        held = _holds(condition, atoms[k], rising, there)
        if held is None:
            raise Unknown(f"whether {condition} holds at t = {float(piece.begin + time):.6g} cannot be told")
        if held:
            if not certain:
                scene.estimate(f"{atoms[k]} is met, or all but met, at t = {float(piece.begin + time):.6g}")
            return piece.begin + time
    return None


def _holds(condition: Any, atom: Any, rising: bool | None, scene: Scene) -> bool | None:
    """Whether a condition holds where the sides of one comparison are equal, or, if it is strict, just after."""
    if condition == atom:
        if isinstance(atom, (StrictGreaterThan, StrictLessThan)):
            return None if rising is None else rising == isinstance(atom, StrictGreaterThan)
        return True
    if isinstance(condition, (And, Or)):
        found = [_holds(part, atom, rising, scene) for part in condition.args]
        decisive = isinstance(condition, Or)
        return decisive if decisive in found else (None if None in found else not decisive)
    return scene.truth(condition)


def _roots(piece: Piece, difference: Function, velocity: Function) -> Iterator[tuple[Any, bool | None, bool]]:
    """Times within a proved step at which a function of the states vanishes: (time, whether it rises, certain)."""
    waiting = [(arb(0), piece.length)]
    last: Any = None
    while waiting:
        a, b = waiting.pop()
        span = a.union(b)
        box = piece.at(span)
        if not _value(difference, box).contains(0):
            continue
        slope = _slope(difference, box, velocity)
        if slope.is_finite() and not slope.contains(0):
            low, high = _value(difference, piece.at(a)), _value(difference, piece.at(b))
            if bool(low * high > 0):
                continue
            certain = bool(low * high < 0)
            time = _newton(piece, difference, velocity, span)
            if time is not None and (last is None or not time.overlaps(last)):
                last = time
                yield time, bool(slope > 0), certain
        elif float(b - a) < 2.0**-40:
            if last is None or not span.overlaps(last):
                last = span
                yield span, None, False
        else:
            middle = ((a + b) / 2).mid()
            waiting += [(middle, b), (a, middle)]


def _value(difference: Function, states: Sequence[Any]) -> Any:
    return coefficient(difference.series([arb_series([x], 1) for x in states], 1)[0], 0)


def _slope(difference: Function, states: Sequence[Any], velocity: Function) -> Any:
    speeds = [coefficient(f, 0) for f in velocity.series([arb_series([x], 1) for x in states], 1)]
    moving = [arb_series([x, f], 2) for x, f in zip(states, speeds)]
    return coefficient(difference.series(moving, 2)[0], 1)


def _newton(piece: Piece, difference: Function, velocity: Function, span: Any) -> Any:
    """The zero of a monotone function in an interval, enclosed ever more narrowly; None where there is none."""
    for _ in range(200):
        middle = span.mid()
        step = _value(difference, piece.at(middle)) / _slope(difference, piece.at(span), velocity)
        image = middle - step
        if not image.overlaps(span):
            return None
        image = image.intersection(span)
        if float(image.rad()) > 0.9 * float(span.rad()):
            return image
        span = image
    return span


def _sampled_roots(piece: Piece, difference: Function, velocity: Function) -> Iterator[tuple[Any, bool | None, bool]]:
    """The same within an estimated step: changes of sign between nine places, narrowed by the Illinois method."""

    def value(time: Any) -> Any:
        return arb(difference([x.mid() for x in piece.at(time)])[0]).mid()

    places = [(piece.length * k / 8).mid() for k in range(9)]
    values = [value(t) for t in places]
    for a, b, u, v in zip(places, places[1:], values, values[1:]):
        if bool(u == 0) or bool(u * v > 0):
            continue
        rising = bool(v > u)
        for _ in range(60):
            middle = ((a * v - b * u) / (v - u)).mid()
            w = value(middle)
            if bool(w * v < 0):
                a, u = b, v
            else:
                u = u / 2
            b, v = middle, w
            if bool(w == 0) or float(abs(b - a)) < 2.0**-96 or float(abs(w)) < 2.0**-110:
                break
        yield arb(b, 2.0**-90), rising, False
