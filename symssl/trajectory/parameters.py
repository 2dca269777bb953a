"""Values of parameters as arrays: one number each, or one a mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from ..errors import InputError
from ..support.arguments import described, mapping_of
from ..support.arrays import reals
from ..support.suggestions import did_you_mean

__all__ = ["parameter_values"]


_KEEPS = {  # what an assumption on a symbol asks of its values; zero is a limit that numbers may take
    "nonnegative": lambda x: x >= 0,
    "nonpositive": lambda x: x <= 0,
}


def parameter_values(parameters: Sequence[sp.Symbol], values: Mapping[Any, Any] | None) -> list[np.ndarray]:
    """The values in the order of the parameters, each a finite array.

    Parameters
    ----------
    parameters : symbols
    values : mapping from each of them, Symbol or name, to a number or an array

    Raises
    ------
    InputError
        For values that are no mapping, missing, unknown, given twice, not finite, or against an assumption on their
        symbol.

    Examples
    --------
    >>> from sympy import symbols
    >>> parameter_values(symbols("a b"), {"b": 2, symbols("a"): [0, 1]})
    [array([0., 1.]), array(2.)]
    """
    known = [q.name for q in parameters]
    given = by_name("values", mapping_of("values", values, "parameters to numbers or arrays"))
    if missing := [name for name in known if name not in given]:
        raise InputError(f"values has no number for the parameters {', '.join(missing)}")
    if unknown := [name for name in given if name not in known]:
        hint = did_you_mean(unknown[0], known, f"; there are {', '.join(known) or 'none'}")
        raise InputError(f"values names parameters that the flow does not have: {', '.join(unknown)}{hint}")
    arrays = [reals(f"the parameter {name}", given[name]) for name in known]
    for q, array in zip(parameters, arrays):
        if not np.isfinite(array).all():
            raise InputError(f"the parameter {q} is not finite")
        for assumption, keeps in _KEEPS.items():
            if getattr(q, f"is_{assumption}") and not keeps(array).all():
                raise InputError(f"{q} is declared {assumption}; the values given contradict that")
    return arrays


def by_name(argument: str, mapping: Mapping[Any, Any]) -> dict[str, Any]:
    """A mapping with symbols or names as its keys, by name; `InputError` for other keys, and for a name given twice."""
    named: dict[str, Any] = {}
    for key, value in mapping.items():
        name = key.name if isinstance(key, sp.Symbol) else key
        if not isinstance(name, str):
            raise InputError(f"the keys of {argument} must be symbols or names, not {described(key)}")
        if name in named:
            raise InputError(f"{argument} gives {name} twice")
        named[name] = value
    return named
