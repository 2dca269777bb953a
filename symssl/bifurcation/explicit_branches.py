"""Branches of a scalar field that can be solved for the parameter: exact curves, no continuation.

Where every irreducible factor of the field is linear in the parameter or free
of it, a branch is the graph of a rational function of the state, or a constant
state.  Its folds are the roots of a polynomial, its branch points those of a
resultant, both isolated exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import Refusal
from ..exact.roots import real_roots
from .branches import Branch, Diagram, Event
from .exact_critical_points import critical_points
from .problem import FieldProblem

__all__ = ["explicit_branches", "state_intervals"]


def explicit_branches(
    problem: FieldProblem, low: float, high: float, points: int = 200, state_bound: float = 1e6
) -> Diagram:
    """The complete diagram of a scalar field whose factors are linear in the parameter.

    Raises `Refusal` for all other fields.
    """
    flow, parameter = problem.fixed, problem.parameter
    if len(flow.states) != 1:
        raise Refusal("several states: the equilibria are no graphs over one of them")
    ((x, f),) = flow.states.items()
    powers = _factors(flow, parameter)
    low_, high_ = sp.Rational(low), sp.Rational(high)
    every = _critical_points(flow, parameter)
    critical = [c for c in every if low <= c.centre[parameter.name] <= high]
    notes = [] if every.proved else [f"critical points are not proved: {'; '.join(every.tried)}"]
    curves: list[tuple[int, tuple[Any, ...]]] = []
    for factor, power in powers:
        slope = sp.diff(factor, parameter)
        if slope == 0:
            curves += [(power, ("constant", root)) for root in real_roots(factor, x)]
        elif factor.has(x):
            level = _level(factor, parameter)
            curves += [
                (power, ("graph", level, piece)) for piece in state_intervals(level, x, low_, high_, state_bound)
            ]
        elif low_ <= (root := -factor.subs(parameter, 0) / slope) <= high_:
            notes.append(f"every state is an equilibrium at {parameter} = {root}")
    branches = []
    for power, curve in curves:
        slope = _compiled((f, sp.diff(f, x, power)), (x, parameter))
        xs, lam = _sampled(curve, x, critical, parameter, low, high, points)
        if not _admitted(x, xs):
            continue
        field, derivative = slope(xs, lam)
        unstable = (derivative > 0).astype(int) if power % 2 else np.full(len(xs), -1)
        events = tuple(_event(c, x, parameter) for c in critical if _on_curve(c, curve, x, parameter))
        branches.append(
            Branch(
                parameter.name,
                (x.name,),
                dict(problem.values),
                lam,
                xs[:, None],
                unstable,
                np.abs(field),
                np.array([0.0, 1.0]),
                events,
                "bound",
                "the field is solved for the parameter",
            )
        )
    return Diagram(tuple(branches), not notes, "; ".join(notes), ())


@lru_cache(maxsize=64)
def _factors(flow, parameter):
    """The irreducible factors of a scalar field and their powers, each linear in the parameter or free of it."""
    ((x, f),) = flow.states.items()
    top = sp.numer(sp.cancel(sp.together(f)))
    if not top.is_polynomial(x, parameter):
        raise Refusal("the field is not rational")
    if top == 0:
        raise Refusal("the right-hand side vanishes identically: every point is an equilibrium")
    powers = sp.factor_list(top, x, parameter)[1]
    factors = [factor for factor, _ in powers]
    if any(sp.degree(factor, parameter) > 1 for factor in factors):
        raise Refusal(f"a factor of the field is not linear in {parameter}")
    return powers


@lru_cache(maxsize=64)
def _level(factor, parameter):
    """The parameter as a function of the state where a factor vanishes."""
    return sp.cancel(-factor.subs(parameter, 0) / sp.diff(factor, parameter))


# what depends on the field alone is worked out once, for any range of the parameter
_critical_points = lru_cache(maxsize=64)(critical_points)
_compiled = lru_cache(maxsize=64)(compile_function)


def state_intervals(
    level: sp.Expr, x: sp.Symbol, low: Any, high: Any, bound: float
) -> Iterator[tuple[float, float, Callable[..., Any]]]:
    """Intervals (a, b) of the state on which low <= level(x) <= high, poles excluded, each with the compiled level."""
    top, bottom = sp.fraction(level)
    cuts: set[float] = {0.0} if x.is_nonnegative or x.is_nonpositive else set()
    for poly in (top - low * bottom, top - high * bottom, bottom):
        if poly.has(x):
            cuts |= {float(root) for root in real_roots(sp.expand(poly), x)}
    edges = [-bound, *sorted(c for c in cuts if abs(c) < bound), bound]
    value = _compiled(level, (x,))
    for a, b in pairwise(edges):
        with np.errstate(all="ignore"):
            middle = (a + b) / 2 if abs(a) < bound and abs(b) < bound else a + 1 if abs(a) < bound else b - 1
            if b > a and float(low) <= value(middle) <= float(high):
                yield a, b, value


def _sampled(curve, x, critical, parameter, low, high, points):
    """States and parameters along a curve, the critical points among them."""
    if curve[0] == "constant":
        lam = np.linspace(low, high, points)
        lam = np.union1d(lam, [c.centre[parameter.name] for c in critical if _on_curve(c, curve, x, parameter)])
        return np.full(len(lam), float(curve[1])), lam
    a, b, value = curve[2]
    bend = (1 - np.cos(np.linspace(0, np.pi, points))) / 2  # denser towards the ends
    xs = np.union1d(a + (b - a) * bend, [c.centre[x.name] for c in critical if _on_curve(c, curve, x, parameter)])
    return xs, np.clip(value(xs), low, high)


def _on_curve(c, curve, x, parameter):
    lower, upper = c.bounds[x.name]
    if curve[0] == "constant":
        return lower <= curve[1].upper and curve[1].lower <= upper
    a, b, value = curve[2]
    centre = c.centre
    return a <= centre[x.name] <= b and abs(value(centre[x.name]) - centre[parameter.name]) <= 1e-9 * (
        1 + abs(centre[parameter.name])
    )


def _event(c, x, parameter):
    return Event(
        c.label,
        c.centre[parameter.name],
        (c.centre[x.name],),
        c.multiplicity,
        {k: tuple(map(str, ends)) for k, ends in c.bounds.items()} if c.proved else None,
        c.name,
    )


def _admitted(x, xs):
    """Whether the states of a curve keep the assumptions on the state."""
    inner = xs[len(xs) // 2]
    return not (
        (x.is_positive and inner <= 0)
        or (x.is_negative and inner >= 0)
        or (x.is_nonnegative and inner < 0)
        or (x.is_nonpositive and inner > 0)
    )
