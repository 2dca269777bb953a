"""The Python text of a kernel, and the functions that it calls."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import MpmathPrinter

from .tape import Operation

__all__ = ["REAL_ONLY", "ExactPrinter", "StepPrinter", "as_call", "as_infix", "namespace", "safe_names"]

_SCIPY = ("erf", "erfc", "erfinv", "gamma", "gammaln", "expi")
REAL_ONLY = {
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "minimum",
    "maximum",
    "sign",
    "floor",
    "ceil",
    "mod",
    "heaviside",
    "arctan2",
    "lambertw",
    *_SCIPY,
}
_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


def safe_names(args: Sequence[sp.Symbol]) -> dict[sp.Symbol, str]:
    """Python identifiers for the symbols, free of all that kernels call or assign."""
    names: dict[sp.Symbol, str] = {}
    for i, symbol in enumerate(args):
        name = symbol.name if re.fullmatch(r"[A-Za-z]\w*", symbol.name, re.ASCII) else f"x{i}"
        while (
            keyword.iskeyword(name)
            or re.fullmatch(r"w|t\d+", name)
            or hasattr(np, name)
            or hasattr(mpmath, name)
            or name in _SCIPY
            or name in names.values()
        ):
            name += "_"
        names[symbol] = name
    return names


class StepPrinter(NumPyPrinter):
    """Prints a step as ``code(step, printed operands)`` does."""

    def __init__(self, names, code):
        super().__init__()
        self._names, self._code = names, code

    def _operand(self, x):
        return x.name if isinstance(x, Operation) else self._names.get(x) or repr(x)

    def doprint(self, expr, assign_to=None):
        if isinstance(expr, Operation):
            return self._code(expr, [self._operand(x) for x in expr.operands])
        return super().doprint(expr, assign_to)


def as_call(step: Operation, operands: Sequence[str]) -> str:
    """A step as a ufunc call that writes into its buffer."""
    where = f", where={step.mask.name}" if step.mask else ""
    return f"{step.ufunc}({', '.join(operands)}, out=w[{step.name[1:]}]{where})"


def as_infix(step: Operation, operands: Sequence[str]) -> str:
    """A step as an expression of numbers."""
    if step.ufunc in _INFIX:
        return f"{operands[0]} {_INFIX[step.ufunc]} {operands[1]}"
    return f"{step.ufunc}({', '.join(operands)})"


class ExactPrinter(MpmathPrinter):
    """Numbers as ``mpf``: 1/3 of two Python integers would be a double."""

    def __init__(self, names):
        super().__init__({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True})
        self._names = names

    def _print_Symbol(self, expr):
        return self._names.get(expr, expr.name)

    def _print_Integer(self, expr):
        return f"{self._module_format('mpmath.mpf')}({int(expr)})"

    def _print_Piecewise(self, expr):
        return super()._print_Piecewise(sp.Piecewise(*expr.args, (sp.nan, True), evaluate=False))


def namespace(names: set[str]) -> dict[str, Any]:
    """The functions that a kernel calls; SciPy only where it is needed."""
    functions = {name: getattr(np, name) for name in {"nan", "inf", *names} if hasattr(np, name)}
    if missing := names - set(functions):
        from scipy import special

        functions |= {name: getattr(special, name) for name in missing - {"lambertw"}}
        if "lambertw" in names:
            functions["lambertw"] = _real_lambertw
    return functions


def _real_lambertw(x, branch, out=None, *, where=True):
    from scipy.special import lambertw

    value = lambertw(x, branch)
    real = np.where(value.imag == 0, value.real, np.nan)
    if out is None:
        return real[()]
    np.copyto(out, real, where=where)
    return out
