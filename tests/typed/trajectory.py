"""Every public name of `symssl.trajectory` as a type checker sees it; this file is checked, not run."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, assert_type

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from symssl import Flow, integrate, power_trajectory
from symssl.trajectory import Path, PowerTrajectory, TimeCourse, crossing_times

x, k = sp.symbols("x k", positive=True)
flow = Flow({x: k * x - x**3}, (k,))

path = integrate(
    flow, {x: 1.0}, [0, 1], {k: 2.0}, rtol=1e-9, atol=None, method="LSODA", events=(), dense=True, budget=9.0
)
assert_type(path, Path)
assert_type(path.times, np.ndarray)
assert_type(path.values, Mapping[str, np.ndarray])
assert_type(path.status, Literal["finished", "event", "stopped", "diverged", "failed"])
assert_type(path.message, str)
assert_type(path.events, tuple[np.ndarray, ...])
assert_type(path.dense, Callable[[ArrayLike], dict[str, np.ndarray]] | None)
assert_type(path.evaluations, int)
assert_type(path[x], np.ndarray)
assert_type(path["x"], np.ndarray)
path.to_dataframe()

course: TimeCourse = path
assert_type(course == path, bool)
assert_type(repr(course), str)

closed = power_trajectory(flow, x)
assert_type(closed, PowerTrajectory)
assert_type(closed.parameters, tuple[sp.Symbol, ...])
assert_type(closed.state, sp.Symbol)
assert_type(closed.growth, sp.Expr)
assert_type(closed.saturation, sp.Expr)
assert_type(closed.exponent, sp.Rational)
assert_type(closed.at([0, 1], 0.1, {"k": [1.0, 2.0]}, logarithm=True), np.ndarray)
assert_type(closed.chunks([0, 1], np.ones(5), {k: 1.0}, size=2), Iterator[tuple[slice, np.ndarray]])
assert_type(closed.time_to(0.5, 0.1, {k: 1.0}), np.ndarray | np.float64)
assert_type(closed.limit({k: 1.0}), np.ndarray | np.float64)
assert_type(closed.pace(0.1, {k: 1.0}), np.ndarray | np.float64)
assert_type(closed.half_time(0.1, {k: 1.0}), np.ndarray | np.float64)
assert_type(closed.step_time(0.1, {k: 1.0}), np.ndarray | np.float64)
assert_type(closed.rate({k: 1.0}), np.ndarray | np.float64)
assert_type(crossing_times([0, 1], [0.1, 0.9], level=0.5, limit=1.0), np.ndarray | np.float64)
