"""Fold curves of scalar fields in two parameters, in closed form.

On the branch where an irreducible factor g of the field vanishes, a fold has g = g_x = 0.  Where both
can be solved linearly, the two parameters are rational functions of the state; where g is linear in the
first parameter and the condition that is left holds no parameter, the state is constant and the first
parameter a rational function of the second.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError, Refusal
from ..exact.polynomial_systems import solve_system
from ..exact.roots import real_roots
from ..scalar.folds import parametrise
from .branches import Event
from .explicit_branches import state_intervals
from .problem import FieldProblem

__all__ = ["explicit_fold_curve"]

_NEAR = 1e-6  # how far, relatively, the start may lie off the curve


def explicit_fold_curve(
    field: FieldProblem, start: np.ndarray, low: float, high: float, points: int = 200, state_bound: float = 1e6
) -> tuple[np.ndarray, tuple[Event, ...], np.ndarray]:
    """Points (m, 3) of states, first and second parameter along the fold curve through a start, the
    cusps on it, and the residuals.

    Raises `Refusal` where the curve has no rational parametrisation of these kinds.
    """
    if field.size > 1:
        raise Refusal("several states: the fold equations are not solved in closed form")
    (x,), (first, second) = field.states, field.parameters
    candidates = _curves(field.fixed, *field.parameters)
    here = next(((factor, curve) for factor, curve, vanishes in candidates if _close(vanishes(*start))), None)
    if here is None:
        raise InputError(f"{start.tolist()} (state, {first}, {second}) lies on no fold that is known in closed form")
    factor, curve = here
    if curve is None:
        raise Refusal(f"the fold equations cannot be solved for {first} and {second}")
    z = _sampled(curve, x, field.parameters, start, low, high, points, state_bound)
    z = z[_admitted(z, start, field)]
    events = [e for e in _cusps(field.fixed, factor, x, first, second) if _on(e, z)]
    residual = np.abs(np.stack(_terms(field.fixed, first, second)(*z.T))).max(axis=0)
    return z, tuple(events), residual


@lru_cache(maxsize=64)
def _curves(flow, first, second):
    """(factor of the field, what its folds look like or None, test of a point) for every factor that may fold."""
    ((x, f),) = flow.states.items()
    top = sp.numer(sp.cancel(sp.together(f)))
    if not top.is_polynomial(x, first, second):
        raise Refusal("the field is not rational in state and parameters")
    curves = []
    for factor, _ in sp.factor_list(top, x, first, second)[1]:
        if not factor.has(x) or sp.degree(factor, x) < 2:
            continue
        slope = sp.diff(factor, x)
        for one, curve in _solved(flow, factor, x, first, second):
            vanishes = compile_function(
                [*_relative(factor), *_relative(one if one is not None else slope)], (x, first, second)
            )
            curves.append((factor, curve, vanishes))
    return tuple(curves)


def _relative(expr):
    """An expression and the sum of the absolute values of its terms, with which it is compared."""
    return expr, sp.Add(*map(sp.Abs, sp.Add.make_args(sp.expand(expr))))


def _close(values):
    """Whether the start satisfies factor and slope, relative to their terms."""
    return all(abs(value) <= _NEAR * size for value, size in zip(values[::2], values[1::2]))


def _solved(flow, factor, x, first, second):
    """Yield (condition left, curve): the curve maps x, or the second parameter, to the two others."""
    try:
        graph = parametrise(factor, x, flow, (first, second))
        yield None, ("state", graph[first], graph[second])
        return
    except Refusal:
        pass
    if sp.degree(factor, first) != 1:
        yield None, None
        return
    level = sp.cancel(-factor.subs(first, 0) / sp.diff(factor, first))
    for left, _ in sp.factor_list(sp.numer(sp.cancel(sp.diff(level, x))), x, second)[1]:
        if left.has(x):
            yield left, None if left.has(second) else ("parameter", level, left)


def _sampled(curve, x, parameters, start, low, high, points, state_bound):
    """Points along a curve, denser towards its ends; the start's own piece."""
    _, second = parameters
    bend = (1 - np.cos(np.linspace(0, np.pi, points))) / 2
    kind, one, other = curve
    if kind == "state":
        value = _compiled((one, other), (x,))
        for a, b, _ in state_intervals(other, x, sp.Rational(low), sp.Rational(high), state_bound):
            if a - 1e-9 <= start[0] <= b + 1e-9:
                xs = a + (b - a) * bend
                with np.errstate(all="ignore"):
                    firsts, seconds = value(xs)
                return np.stack([xs, np.broadcast_to(firsts, xs.shape), np.clip(seconds, low, high)], axis=1)
        raise InputError(f"the start {start.tolist()} lies outside the bounds {low:g}..{high:g}")
    at = min((float(r) for r in real_roots(other, x)), key=lambda r: abs(r - start[0]))
    seconds = low + (high - low) * bend
    with np.errstate(all="ignore"):
        firsts = _compiled(one, (x, second))(at, seconds)
    return np.stack([np.full(points, at), np.broadcast_to(firsts, seconds.shape), seconds], axis=1)


_compiled = lru_cache(maxsize=64)(compile_function)


@lru_cache(maxsize=64)
def _terms(flow, first, second):
    """The field and its slope as one function of state and parameters."""
    ((x, f),) = flow.states.items()
    return compile_function([f, sp.diff(f, x)], (x, first, second))


def _admitted(z, start, field):
    """The run of points around the start that are finite and keep what is assumed of the symbols."""
    good = np.isfinite(z).all(axis=1)
    for column, symbol in zip(z.T, (*field.states, *field.parameters)):
        if symbol.is_nonnegative:
            good &= (column > 0) if symbol.is_positive else (column >= 0)
        if symbol.is_nonpositive:
            good &= (column < 0) if symbol.is_negative else (column <= 0)
    if not good.any():
        raise InputError("no point of the fold curve keeps the assumptions on the symbols")
    scale = np.ptp(np.where(good[:, None], z, start), axis=0) + 1e-300
    nearest = int(np.argmin(np.where(good, np.abs((z - start) / scale).max(axis=1), np.inf)))
    breaks = np.flatnonzero(~good)
    run = np.arange(len(z))
    lower, upper = breaks[breaks < nearest].max(initial=-1), breaks[breaks > nearest].min(initial=len(z))
    return (run > lower) & (run < upper)


@lru_cache(maxsize=64)
def _cusps(flow, factor, x, first, second):
    """The real points with factor = factor_x = factor_xx = 0, exactly."""
    variables = [x, first, second]
    cusps = []
    for s in solve_system([sp.diff(factor, x, k) for k in range(3)], variables):
        bounds = {v.name: s.values[v].bounds() for v in variables}
        at, one, other = (float((a + b) / 2) for a, b in bounds.values())
        order = 3
        while order < sp.degree(factor, x) and s.evaluate(sp.diff(factor, x, order)).is_zero():
            order += 1
        cusps.append(Event("CP", other, (at, one), order, {k: tuple(map(str, ends)) for k, ends in bounds.items()}))
    return tuple(cusps)


def _on(event, z):
    """Whether a cusp lies between two neighbouring points of the curve, or on one."""
    point = np.array([*event.state, event.parameter])
    size = np.abs(z).max(axis=0) + np.abs(point) + 1e-300
    a, b = z[:-1] / size, z[1:] / size
    leg, gap = b - a, point / size - a
    along = np.clip((gap * leg).sum(axis=1) / np.maximum((leg**2).sum(axis=1), 1e-300), 0, 1)
    return bool((np.linalg.norm(gap - along[:, None] * leg, axis=1) <= np.linalg.norm(leg, axis=1) / 4 + 1e-9).any())
