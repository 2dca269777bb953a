"""Zeros of a smooth field in a box, each proved to exist and to be the only one near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..exact.balls import bounds as ball_bounds
from ..scalar.flow import Flow

__all__ = ["isolate"]

_SEARCHED = 3  # states up to which a whole box is searched
_SMALLEST = 2.0**-40  # relative width below which a box is given up
_PRECISION = 128


def isolate(
    flow: Flow,
    box: Mapping[sp.Symbol, tuple[Any, Any]] | None,
    seeds: Sequence[np.ndarray],
    digits: int,
    boxes: int,
) -> tuple[list[tuple[dict[sp.Symbol, tuple[Any, Any]], list[list[Any]]]], str]:
    """``(bounds by state, Jacobian there)`` of every zero found, and what the search leaves open.

    An empty note says that the box holds no other zero.
    """
    field = _Balls(flow)
    zeros, note = [], ""
    if box is not None and len(flow.states) <= _SEARCHED:
        zeros, left = _searched(field, [tuple(map(float, limits)) for limits in box.values()], boxes)
        if left:
            note = (
                f"in {len(left)} boxes near {_centre(left[0])} neither the existence nor the absence of an equilibrium "
                "is proved (a multiple equilibrium, or too few boxes)"
            )
    else:
        note = "equilibria are sought from seeds: that there are no others is not proved"
        zeros = _from_seeds(field, flow, box, seeds)
    return [field.refined(zero, digits) for zero in zeros], note


class _Balls:
    """The field and its Jacobian in ball arithmetic."""

    def __init__(self, flow):
        import flint

        self.flint, self.states = flint, tuple(flow.states)
        self._rhs = compile_function(list(flow.rhs.values()), self.states, backend="ball")
        self._slopes = compile_function(flow.jacobian().tolist(), self.states, backend="ball")

    def rhs(self, point):
        return list(self._rhs(*point))

    def slopes(self, point):
        return self.flint.arb_mat([list(row) for row in self._slopes(*point)])

    def box(self, limits):
        arb = self.flint.arb
        return [arb((a + b) / 2, (b - a) / 2 * (1 + 2.0**-30)) for a, b in limits]

    def krawczyk(self, box):
        """The image of a box: it holds every zero in the box; inside the box, it holds exactly one."""
        flint, n = self.flint, len(box)
        middle = [flint.arb(x.mid()) for x in box]
        try:
            slopes = self.slopes(box)
            centre = flint.arb_mat([[flint.arb(slopes[i, j].mid()) for j in range(n)] for i in range(n)])
            inverse = centre.inv()
        except (ZeroDivisionError, ValueError):
            return None
        inverse = flint.arb_mat([[flint.arb(inverse[i, j].mid()) for j in range(n)] for i in range(n)])
        identity = flint.arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
        offset = flint.arb_mat([[x - m] for x, m in zip(box, middle)])
        image = (
            flint.arb_mat([[m] for m in middle])
            - inverse * flint.arb_mat([[v] for v in self.rhs(middle)])
            + (identity - inverse * slopes) * offset
        )
        return [image[i, 0] for i in range(n)]

    def refined(self, box, digits):
        """Bounds of the zero in a box that Krawczyk's operator contracts, and the Jacobian there."""
        precision = _PRECISION
        while True:
            with self.flint.ctx.workprec(precision):
                for _ in range(60):
                    image = self.krawczyk(box)
                    if all(_narrow(x, digits) for x in box) or not all(a.rad() < b.rad() for a, b in zip(image, box)):
                        break
                    box = image
                if all(_narrow(x, digits) for x in box) or precision > 40 * digits + 4096:
                    slopes = self.slopes(box)
                    n = len(box)
                    return (
                        {x: ball_bounds(b) for x, b in zip(self.states, box)},
                        [[slopes[i, j] for j in range(n)] for i in range(n)],
                    )
            precision *= 2


def _narrow(ball, digits):
    size = max(abs(float(ball.mid())), 1e-300)
    return float(ball.rad()) <= max(size, 2.0**-60) * 10.0**-digits


def _inside(image, box):
    return all(b.contains_interior(a) for a, b in zip(image, box))


def _searched(field, limits, boxes):
    """Bisection: zeros with the boxes that isolate them, and the boxes left undecided."""
    zeros, left, stack, looked = [], [], [limits], 0
    sizes = [max(abs(a), abs(b), b - a) for a, b in limits]
    with field.flint.ctx.workprec(_PRECISION):
        while stack:
            current = stack.pop()
            looked += 1
            box = field.box(current)
            values = field.rhs(box)
            if any(v.is_finite() and not v.contains(0) for v in values):
                continue
            image = field.krawczyk(box) if all(v.is_finite() for v in values) else None
            if image is not None and all(v.is_finite() for v in image):
                if any(not a.overlaps(b) for a, b in zip(image, box)):
                    continue
                wide = field.box([(a - (b - a) / 10, b + (b - a) / 10) for a, b in current])
                again = field.krawczyk(wide)
                if again is not None and all(v.is_finite() for v in again) and _inside(again, wide):
                    if not any(all(a.overlaps(b) for a, b in zip(again, other)) for other in zeros):
                        zeros.append(again)
                    continue
            widths = [(b - a) / size for (a, b), size in zip(current, sizes)]
            k = int(np.argmax(widths))
            if widths[k] < _SMALLEST or looked > boxes:
                left.append(current)
                continue
            a, b = current[k]
            middle = (a + b) / 2
            stack += ([*current[:k], half, *current[k + 1 :]] for half in ((a, middle), (middle, b)))
    return [box for box in zeros if _meets(field, box, limits)], left


def _meets(field, box, limits):
    """Whether a zero's box reaches into the box that is searched."""
    return all(
        float(x.mid()) + float(x.rad()) >= a and float(x.mid()) - float(x.rad()) <= b for x, (a, b) in zip(box, limits)
    )


def _centre(limits):
    return ", ".join(f"{(a + b) / 2:.6g}" for a, b in limits)


# -- many states: Newton's method from seeds, known zeros deflated ----------------------------------


def _from_seeds(field, flow, box, seeds):
    rhs = compile_function(list(flow.rhs.values()), tuple(flow.states))
    slopes = compile_function(flow.jacobian().tolist(), tuple(flow.states))
    known, certified = [], []
    starts = [np.asarray(seed, float) for seed in seeds]
    if box is not None:
        low, high = (np.array([float(limit) for limit in limits]) for limits in zip(*box.values()))
        starts += list(np.random.default_rng(0).uniform(low, high, (20, len(low))))
    for start in starts:
        while (zero := _deflated(rhs, slopes, start, known)) is not None:
            known.append(zero)
            proved = _proved(field, zero)
            if proved is not None:
                certified.append(proved)
    return certified


def _deflated(rhs, slopes, x, known, steps=60):
    """Newton's method on the field divided by its distance to the zeros known (Farrell, Birkisson and
    Funke, SIAM Journal on Scientific Computing 37, 2015)."""
    for _ in range(steps):
        with np.errstate(all="ignore"):
            value, slope = rhs(*x), slopes(*x)
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
        if size < 1e-12 * (1 + np.linalg.norm(x)):
            return x if all(np.linalg.norm(x - zero) > 1e-8 * (1 + np.linalg.norm(x)) for zero in known) else None
    return None


def _proved(field, zero):
    """A box around an approximate zero that Krawczyk's operator contracts, or None."""
    with field.flint.ctx.workprec(_PRECISION):
        for radius in (1e-10, 1e-8, 1e-6):
            box = [field.flint.arb(float(v), radius * (1 + abs(float(v)))) for v in zero]
            image = field.krawczyk(box)
            if image is not None and _inside(image, box):
                return image
    return None
