"""What the functions of this room are given: flows, parameters, ranges, boxes and points, checked in one place.

Every refusal is an `InputError` that names the argument, what came, and what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import sympy as sp

from ..errors import InputError
from ..exact.numbers import exact_number
from ..scalar.flow import Flow
from ..support.arguments import described, instance_of, mapping_of, sequence_of
from ..support.suggestions import did_you_mean

__all__ = [
    "box_of",
    "coordinates_of",
    "flow_of",
    "functions_of",
    "given_values",
    "limits_of",
    "parameter_of",
    "point_of",
    "points_of",
    "real",
    "state_limits",
]


def flow_of(flow: Any) -> Flow:
    """A flow of finitely many real states; matrix flows, mappings and arrays are refused."""
    return instance_of("flow", flow, Flow, "a Flow of scalar states, Flow({state: right-hand side}, parameters)")


def parameter_of(flow: Flow, parameter: Any, name: str = "parameter") -> sp.Symbol:
    """The parameter of a flow meant by a symbol or a name."""
    return flow.parameter(instance_of(name, parameter, (sp.Symbol, str), "a Symbol or a name"))


def given_values(flow: Flow, values: Any, varied: Iterable[sp.Symbol] = ()) -> dict[sp.Symbol, Any]:
    """Numbers by parameter, from a mapping by symbol or name; None counts as empty.  What is varied has none.

    >>> from sympy import symbols
    >>> x, k = symbols("x k", real=True)
    >>> given_values(Flow({x: k - x}, (k,)), {"k": 2})
    {k: 2}
    """
    for key in mapping_of("values", values, "parameters to numbers"):
        parameter_of(flow, key, "a key of values")
    given = flow.given(values)
    if twice := [p for p in varied if p in given]:
        raise InputError(f"values gives a number to {twice[0]}, which varies here: leave it out")
    return given


def real(name: str, value: Any) -> float:
    """A finite real number, a SymPy number included, as a float.

    >>> real("time", sp.pi)
    3.141592653589793
    """
    if isinstance(value, sp.Expr) and value.is_number and value.is_real:
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, Real) or not np.isfinite(float(value)):
        raise InputError(f"{name} must be a finite number, not {described(value)}")
    return float(value)


def limits_of(name: str, limits: Any) -> tuple[float, float]:
    """A pair (lower, upper) of finite numbers in increasing order.

    >>> limits_of("bounds", (-1, 1))
    (-1.0, 1.0)
    """
    pair = sequence_of(name, limits, "two numbers, (lower, upper)")
    if len(pair) != 2:
        raise InputError(f"{name} must be a pair of numbers, (lower, upper), not {described(limits)}")
    for value in pair:
        if not isinstance(value, (Real, sp.Expr)) or isinstance(value, bool):
            raise InputError(f"{name} must be a pair of numbers, (lower, upper), not {described(limits)}")
    try:
        low, high = map(float, pair)
    except TypeError:
        raise InputError(f"{name} must be a pair of numbers, (lower, upper), not {described(limits)}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(f"{name} {low:g}..{high:g} are empty, reversed or not finite: give (lower, upper)")
    return low, high


def state_limits(flow: Flow, within: Any) -> dict[sp.Symbol, tuple[sp.Expr, sp.Expr]]:
    """Exact limits by state, of those states that `within` names; None counts as empty."""
    limits = {}
    for key, pair in mapping_of("within", within, "states to (lower, upper)").items():
        x = flow.state(instance_of("a key of within", key, (sp.Symbol, str), "a Symbol or a name"))
        pair = sequence_of(f"within[{x}]", pair, "two numbers, (lower, upper)")
        if len(pair) != 2:
            raise InputError(f"within[{x}] must be a pair of numbers, (lower, upper), not {described(pair)}")
        try:
            lower, upper = (exact_number(value, None) for value in pair)
        except InputError as error:
            raise InputError(f"within[{x}]: {error}") from None
        if not lower < upper:
            raise InputError(f"the limits of {x} are reversed or equal: {lower}, {upper}")
        limits[x] = lower, upper
    return limits


def box_of(flow: Flow, within: Any) -> dict[sp.Symbol, tuple[sp.Expr, sp.Expr]] | None:
    """Exact limits of every state, in the order of the states; None where no box is given.

    >>> x = sp.Symbol("x", real=True)
    >>> box_of(Flow({x: -x}), {"x": (-1, 2)})
    {x: (-1, 2)}
    """
    if within is None:
        return None
    limits = state_limits(flow, within)
    if missing := [x for x in flow.states if x not in limits]:
        raise InputError(
            f"the box has no limits for the state {missing[0]}: within needs (lower, upper) of every state"
        )
    return {x: limits[x] for x in flow.states}


def point_of(name: str, point: Any, symbols: Sequence[sp.Symbol]) -> np.ndarray:
    """The coordinates of a point as an array in the order of some symbols.

    Parameters
    ----------
    point : mapping {symbol or name: number}, or a sequence of numbers in the order of `symbols`; for one
        symbol a number, too

    >>> x, m = sp.symbols("x m")
    >>> point_of("start", {m: 2, "x": 1}, (x, m)).tolist(), point_of("start", (1, 2), (x, m)).tolist()
    ([1.0, 2.0], [1.0, 2.0])
    """
    names = [str(s) for s in symbols]
    if isinstance(point, Mapping):
        by_name = {_name(name, key): value for key, value in point.items()}
        if unknown := [key for key in by_name if key not in names]:
            raise InputError(
                f"{name} gives a value to {unknown[0]}, which is none of {', '.join(names)}"
                f"{did_you_mean(unknown[0], names)}"
            )
        if missing := [key for key in names if key not in by_name]:
            raise InputError(f"{name} gives no value to {missing[0]}: it needs {', '.join(names)}")
        return np.array([real(f"{name}[{key}]", by_name[key]) for key in names])
    wanted = f"{len(names)} finite number{'s' * (len(names) != 1)} ({', '.join(names[:6])}{', ...' * (len(names) > 6)})"
    return _numbers(name, point, len(names), wanted)


def _name(name: str, key: Any) -> str:
    return str(instance_of(f"a key of {name}", key, (sp.Symbol, str), "a Symbol or a name"))


def _numbers(name: str, point: Any, length: int | None, wanted: str) -> np.ndarray:
    """A number or a flat sequence of numbers as an array, of a length where one is given."""
    if isinstance(point, (str, bytes, set, frozenset, type)) or callable(point):
        raise InputError(f"{name} must list {wanted}, not {described(point)}")
    try:
        array = np.atleast_1d(np.array(point, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"{name} must list {wanted}, not {described(point)}") from None
    if array.ndim != 1 or (length is not None and len(array) != length) or not np.isfinite(array).all():
        raise InputError(f"{name} must list {wanted}, not {described(point)}")
    return array


def coordinates_of(name: str, point: Any) -> np.ndarray:
    """A flat sequence of finite numbers as an array, where the states have no names."""
    return _numbers(name, point, None, "finite numbers")


def functions_of(functions: Any) -> dict[str, Any]:
    """Functions of (states, parameter) by name; None counts as empty."""
    given = mapping_of("functions", functions, "names to functions of (states, parameter)")
    for name, function in given.items():
        if not isinstance(name, str) or not callable(function):
            raise InputError(
                f"functions must map names to functions of (states, parameter), not {described(name)} to "
                f"{described(function)}"
            )
    return given


def points_of(name: str, points: Any, symbols: Sequence[sp.Symbol]) -> list[np.ndarray]:
    """Several points, each as `point_of` takes it."""
    if isinstance(points, np.ndarray):
        points = list(points) if points.ndim else points
    many: Iterable[Any] = sequence_of(name, points, "points, each a mapping {state: number}")
    return [point_of(f"{name}[{k}]", point, symbols) for k, point in enumerate(many)]
