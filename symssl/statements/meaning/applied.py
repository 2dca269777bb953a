"""Functions of one variable at numbers and entry by entry, entries of matrices; functions to try."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import sympy as sp

from ...language.functions import Apply, Entry, FunctionSymbol
from .algebra import is_array, zeros
from .scene import Scene, Unknown, evaluator

__all__ = ["a_function"]

_V = sp.Symbol("v", real=True)


@evaluator(Apply)
def _applied(node: Any, scene: Scene) -> Any:
    function = scene.values.get(node.function) if isinstance(node.function, FunctionSymbol) else node.function
    if not isinstance(function, sp.Lambda):
        raise Unknown(f"{node.function} is no function of one variable here")
    variable = function.variables[0]
    body = function.expr.diff(variable, node.order) if node.order else function.expr
    term = scene.value(node.term)
    if not is_array(term):
        return scene.within({variable: term}).value(body)
    out = zeros(*term.shape)
    for place in np.ndindex(term.shape):
        out[place] = scene.within({variable: term[place]}).value(body)
    return out


@evaluator(Entry)
def _entry(node: Any, scene: Scene) -> Any:
    matrix, row, column = scene.value(node.args[0]), scene.size(node.args[1]), scene.size(node.args[2])
    if not (1 <= row <= matrix.shape[0] and 1 <= column <= matrix.shape[1]):
        raise Unknown(f"{node.args[0]} has no entry {row}, {column} here: it is {matrix.shape[0]} x {matrix.shape[1]}")
    return matrix[row - 1, column - 1]


def a_function(random: Random) -> sp.Lambda:
    """A smooth function to try for one that is not specified: often one with value 0 and slope 1 at 0, often bounded.

    >>> a_function(Random(1)).variables
    (v,)
    """
    a = sp.Rational(random.randint(-9, 9), random.choice([2, 3, 5, 10, 40]))
    normal = [  # 0 at 0, slope 1
        _V,
        _V + a * _V**2 / (1 + _V**2),
        _V + a * _V**3 / (1 + _V**2),
        _V + a * (1 - sp.cos(_V)),
        sp.tanh(_V),
        sp.sin(_V),
        _V + a * _V**2,
        _V / (1 + _V**2),
    ]
    other = [sp.S.Zero * _V, a * _V, _V**2, 1 / (1 + sp.exp(-_V)), sp.exp(_V), _V**3 - a * _V, a + sp.cos(_V)]
    return sp.Lambda(_V, random.choice(normal if random.random() < 0.8 else other))
