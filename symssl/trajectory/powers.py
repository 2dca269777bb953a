r"""Closed trajectories of x' = a x + b x^n, evaluated without overflow and without cancellation.

With m = 1 - n, y = x^m solves y' = m (a y + b).  With z = m a t and q = (b/a) x0^(n-1),

    x = x0 (e^z + q expm1(z))^(1/m)             where z <= 0,
    x = x0 e^(a t) (1 - q expm1(-z))^(1/m)      where z > 0,

so that no exponential grows.  Every sum has terms of one sign where x moves towards an equilibrium
or away from 0, and expm1 keeps what is small.  As a -> 0, q expm1(z) -> m b x0^(n-1) t.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from ..codegen.compile import compile_function
from ..errors import InputError, Refusal
from ..exact.numbers import exact_expression
from ..scalar.flow import Flow
from ..support.arguments import all_of, flag, instance_of, mapping_of, nonnegative, whole
from ..support.arrays import reals
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.text import dotted
from .parameters import parameter_values

__all__ = ["PowerTrajectory", "power_trajectory"]

_BLOCK = 4096  # modes at a time: they stay in the cache


def power_trajectory(flow: Flow, state: sp.Symbol | str | None = None) -> PowerTrajectory:
    """The trajectories of a flow with one state whose right-hand side is a x + b x^n.

    Parameters
    ----------
    flow : Flow; a and b are functions of its parameters, n is a number other than 1
    state : Symbol or str, if there are several

    Raises
    ------
    Refusal
        where the right-hand side is of another form.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> s = symbols("s", positive=True); g = symbols("g", real=True)
    >>> path = power_trajectory(Flow({s: 4*(1 - g*s**2)*g*s}, (g,)))
    >>> path.at([0, 1, 1e6], 0.5, {g: [2.0, 0.0, -1.0]}).round(6).tolist()
    [[0.5, 0.5, 0.5], [0.707107, 0.5, 0.008191], [0.707107, 0.5, 0.0]]
    >>> path.half_time(1e-3, {g: 1.0}).round(6).tolist()
    1.726939
    """
    instance_of("flow", flow, Flow)
    if state is not None:
        instance_of("state", state, (str, sp.Symbol), "a Symbol or a name")
    x = flow.state(state)
    f = sp.expand(flow.states[x])
    terms: dict[sp.Expr, sp.Expr] = {}
    for part in sp.Add.make_args(f):
        coefficient, power = part.as_independent(x, as_Add=False)
        base, exponent = power.as_base_exp()
        if power == 1 or base != x or not exponent.is_Rational:
            raise Refusal(f"the right-hand side of {x} is no sum a*{x} + b*{x}**n", f)
        terms[exponent] = terms.get(exponent, 0) + coefficient
    a, others = terms.pop(sp.Integer(1), sp.Integer(0)), terms
    if len(others) != 1 or (a.free_symbols | f.free_symbols) - {x} - set(flow.parameters):
        raise Refusal(f"the right-hand side of {x} is no sum a*{x} + b*{x}**n", f)
    ((n, b),) = others.items()
    return PowerTrajectory(x, flow.parameters, sp.factor(a), sp.factor(b), n)


@dataclass(frozen=True, repr=False)
class PowerTrajectory(Formula):
    """Trajectories of x' = a x + b x^n; made by `power_trajectory`.

    Its methods take the values of the parameters as one mapping from Symbol or name to a number, or to an array with
    one entry a mode, and refuse with `InputError` values that are missing, unknown or not finite, and starts that
    are not positive.

    Attributes
    ----------
    state, parameters : symbols
    growth, saturation : expressions a and b
    exponent : Rational n
    """

    state: sp.Symbol
    parameters: tuple[sp.Symbol, ...]
    growth: sp.Expr
    saturation: sp.Expr
    exponent: sp.Rational

    def __post_init__(self) -> None:
        instance_of("state", self.state, sp.Symbol)
        all_of("parameters", self.parameters, sp.Symbol, "symbols")
        for name in ("growth", "saturation", "exponent"):
            object.__setattr__(self, name, exact_expression(name, getattr(self, name)))

    def __repr__(self) -> str:
        text = f"PowerTrajectory: {self.state}' = {self._rhs()}"
        return text if len(text) <= 120 else f"{text[:117]}..."

    def _rhs(self):
        return self.growth * self.state + self.saturation * self.state**self.exponent

    def _latex_form(self, write):
        return [Line(Tex(dotted(write(self.state))), "=", self._rhs())]

    def at(
        self,
        times: ArrayLike,
        start: ArrayLike,
        values: Mapping[Any, Any] | None = None,
        *,
        logarithm: bool = False,
    ) -> np.ndarray:
        """The state at times >= 0, an array of shape (len(times), *modes).

        The relative error is a few roundings times 1 + |log(x/x0)|; for growth to saturation, of starts as small as
        1e-15 of the limit, it stays below 4e-15.  A trajectory that has reached infinity in finite time stays there,
        and so does one at zero where that is an equilibrium (n > 0); after the pole at zero (n < 0) there is none, and
        the value is nan.  `end_time` says when that is.

        Parameters
        ----------
        times : one number or an array (times,)
        start : number or array > 0, at the time 0; it broadcasts with the values to the shape of the modes
        values : mapping from each parameter, Symbol or name, to a number or an array
        logarithm : whether the result is log x, which is accurate where x underflows

        Raises
        ------
        InputError
            For times that are negative or no numbers, starts that are not positive, and values that are missing,
            unknown or not finite.
        """
        at, log = _times(times), flag("logarithm", logarithm)
        shape, first, a, b = self._coefficients(start, values)
        out = np.empty((at.size, first.size))
        for k in range(0, first.size, _BLOCK):
            block = slice(k, k + _BLOCK)
            self._fill(out[:, block], at, first[block], a[block], b[block], log)
        return out.reshape(at.size, *shape)

    def chunks(
        self, times: ArrayLike, start: ArrayLike, values: Mapping[Any, Any] | None = None, *, size: int = 1 << 20
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield (slice of modes, states) for so many modes at a time: memory stays bounded.

        `start` and the values are numbers or arrays with one entry a mode, such as memory maps.
        """
        given, length = mapping_of("values", values, "parameters to numbers or arrays"), whole("size", size, 1)
        columns = {"start": start, **{f"the parameter {key}": value for key, value in given.items()}}
        # arrays are not copied here: they may be larger than memory
        shapes = {
            name: column.shape if isinstance(column, np.ndarray) else reals(name, column).shape
            for name, column in columns.items()
        }
        lengths = {name: shape for name, shape in shapes.items() if shape}
        if any(len(shape) != 1 for shape in lengths.values()) or len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {shape}" for name, shape in lengths.items())
            raise InputError(f"start and values must be numbers or arrays with one entry a mode, got {told}")
        return self._chunks(times, start, given, length, next(iter(lengths.values()), (1,))[0])

    def _chunks(self, times, start, values, size, modes):
        for first in range(0, modes, size):
            block = slice(first, min(first + size, modes))
            part = {k: v if np.ndim(v) == 0 else v[block] for k, v in values.items()}
            yield block, self.at(times, start if np.ndim(start) == 0 else start[block], part)

    def time_to(
        self, level: ArrayLike, start: ArrayLike, values: Mapping[Any, Any] | None = None
    ) -> np.ndarray | np.float64:
        """The first time at which the state has a value; inf for an equilibrium ahead, nan where it never comes.

        The same shape as the modes.  With g = x'/x at the start and E = (x/x0)^m - 1 it is
        log1p(a E/g)/(m a), whose limit as a -> 0 is E/(m g).
        """
        shape, x0, a, b = self._coefficients(start, values)
        wanted = _positive("level", level)
        try:
            x = np.broadcast_to(wanted, shape).ravel()
        except ValueError:
            raise InputError(
                f"level has the shape {wanted.shape}, the modes have {shape}: give one number or one a mode"
            ) from None
        m = float(1 - self.exponent)
        with np.errstate(all="ignore"):
            q = b * x0**-m  # the growth rate at the start is a + q
            power = (x / x0) ** m
            E = np.expm1(m * np.log(x / x0))
            share = a * E / (a + q)
            # close to saturation 1 + share is small: the sum of its own terms keeps it
            logarithm = np.where(share < -0.5, np.log((a * power + q) / (a + q)), np.log1p(share))
            time = np.where(share != 0, logarithm / (m * a), E / (m * (a + q)))
            time = np.where(x == x0, 0.0, time)
            return np.where(time >= 0, time, np.nan).reshape(shape)[()]

    def end_time(self, start: ArrayLike, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """When a trajectory reaches infinity (n > 1) or zero (n < 1): exact; infinity where it does neither.

        Parameters
        ----------
        start : number or array > 0, at the time 0
        values : as for `at`

        >>> from sympy import symbols
        >>> from symssl import Flow
        >>> s = symbols("s", positive=True)
        >>> power_trajectory(Flow({s: s**2})).end_time([1.0, 4.0]).tolist()
        [1.0, 0.25]
        """
        shape, x0, a, b = self._coefficients(start, values)
        m = float(1 - self.exponent)
        with np.errstate(all="ignore"):
            q = b * x0 ** (float(self.exponent) - 1)
            # y = (x/x0)^m solves y' = m (a y + q), and reaches 0 where it falls there and at the start
            time = np.where(a == 0, -1 / (m * q), -np.log1p(a / q) / (m * a))
            return np.where((m * q < 0) & (m * (a + q) < 0), time, np.inf).reshape(shape)[()]

    def limit(self, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """The positive equilibrium (-a/b)^(1/(n-1)), nan where there is none."""
        shape, _, a, b = self._coefficients(1.0, values)
        with np.errstate(all="ignore"):
            return np.where(-a / b > 0, (-a / b) ** (1 / (float(self.exponent) - 1)), np.nan).reshape(shape)[()]

    def pace(self, eta: float, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """How much slower descent in steps of eta grows than the flow: log(1 + eta a)/(eta a), above 1 for decay."""
        grown = nonnegative("eta", eta) * self.rate(values)
        if not (grown > -1).all():
            raise InputError(f"in steps of {eta:g} the state changes its sign: lower eta")
        with np.errstate(all="ignore"):
            return np.where(grown == 0, 1.0, np.log1p(grown) / grown)[()]

    def half_time(self, start: ArrayLike, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """When x^(n-1) has grown to half of its limit: exact; nan without growth, or for starts above."""
        level = self.limit(values) * 0.5 ** (1 / (float(self.exponent) - 1))
        rising = self.rate(values) > 0
        with np.errstate(all="ignore"):
            return np.where(rising, self.time_to(np.where(np.isnan(level), 1.0, level), start, values), np.nan)[()]

    def step_time(self, start: ArrayLike, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """When unbounded growth x0 e^(a t) would reach the limit: log(limit/x0)/a; nan without growth."""
        shape, x0, rate, _ = self._coefficients(start, values)
        with np.errstate(all="ignore"):
            time = np.log(np.broadcast_to(self.limit(values), shape).ravel() / x0) / rate
            return np.where(rate > 0, time, np.nan).reshape(shape)[()]

    def rate(self, values: Mapping[Any, Any] | None = None) -> np.ndarray | np.float64:
        """The growth rate a as numbers."""
        shape, _, a, _ = self._coefficients(1.0, values)
        return a.reshape(shape)[()]

    def _fill(self, out, times, start, a, b, logarithm):
        """One block of modes; what depends on the modes alone is computed once for all times."""
        n = float(self.exponent)
        m = 1 - n
        with np.errstate(all="ignore"):
            c = b * start ** (n - 1)
            ratio = c / a
            flat = ~np.isfinite(ratio)  # no growth: the limit of the formulas
            ratio[flat] = 0
            rising, decay = m * a > 0, -abs(m * a)
            ratio[rising] *= -1
            some_flat, some_rising = flat.any(), rising.any()
            may_end = some_flat or (ratio > 0).any()  # where a sum of two signs may reach zero
            z, base = np.empty_like(start), np.empty_like(start)
            for row, t in zip(out, times):
                np.multiply(decay, t, out=z)
                np.expm1(z, out=base)
                base *= ratio
                np.exp(z, out=z)
                if some_rising:
                    z[rising] = 1
                base += z
                if some_flat:
                    base[flat] = 1 + m * c[flat] * t
                if logarithm:
                    np.add(np.log(start), np.log(base) / m, out=row)
                elif m == -2:
                    np.divide(start, np.sqrt(base, out=z), out=row)
                else:
                    np.multiply(start, base ** (1 / m), out=row)
                if some_rising:
                    grown = a[rising] * t
                    row[rising] = row[rising] + grown if logarithm else row[rising] * np.exp(grown)
                if may_end:  # y = x^m has reached zero: x is infinite, or has stopped at zero
                    ended = ~(base > 0)
                    row[ended] = np.inf if m < 0 else np.nan if n < 0 else -np.inf if logarithm else 0.0

    def _coefficients(self, start, values):
        """The shape of the modes, and start, a and b for all of them in a row each."""
        numbers = parameter_values(self.parameters, values)
        a, b = (
            compile_function([self.growth, self.saturation], self.parameters)(*numbers)
            if numbers
            else (float(self.growth), float(self.saturation))
        )
        start = _positive("start", start)
        try:
            parts = np.broadcast_arrays(start, a, b)
        except ValueError:
            shapes = ", ".join(f"{q} {number.shape}" for q, number in zip(self.parameters, numbers))
            raise InputError(
                f"start has the shape {start.shape}, the parameters {shapes}: give one number or one a mode"
            ) from None
        return parts[0].shape, *(np.array(part, float).ravel() for part in parts)


def _times(times):
    times = np.atleast_1d(reals("times", times))
    if times.ndim != 1 or not times.size or not (times >= 0).all() or not np.isfinite(times).all():
        raise InputError("times must be finite numbers >= 0 in one dimension; time starts at 0")
    return times


def _positive(name, value):
    value = reals(name, value)
    if not value.size or not np.isfinite(value).all() or not (value > 0).all():
        raise InputError(f"{name} must be positive and finite, got {value.min() if value.size else 'nothing'}")
    return value
