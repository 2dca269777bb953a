"""Compile expressions and flows to functions of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Number
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError
from ..exact.gate import as_sympy
from ..exact.numbers import is_scalar
from ..scalar.flow import Flow
from ..support.arguments import described, flag, instance_of, one_of, sequence_of, whole
from ..support.display import html_table, listing
from .backends import BallFunction, CompiledFunction, MpmathFunction, NumbaFunction

__all__ = ["CompiledFlow", "compile_flow", "compile_function"]


Backend = Literal["numpy", "numba", "mpmath", "ball"]


def compile_function(
    exprs: Any,
    args: Any,
    *,
    backend: Backend = "numpy",
    cse: bool = True,
    block: int = 8192,
    reject_nan: Iterable[sp.Symbol] = (),
) -> CompiledFunction:
    """Compile expressions to a function of arrays that broadcasts and pickles.

    Parameters
    ----------
    exprs : Expr, or a (nested) sequence or matrix of them
        A sequence of n gives an array of shape ``(n, *shape)`` where ``shape``
        is the broadcast shape of the arguments, also for constant entries.
    args : sequence of Symbol
        The arguments, in order; they may also be passed by name.
    backend : {"numpy", "numba", "mpmath", "ball"}
        Double precision arrays, by NumPy or by a loop that numba compiles (extra
        ``symssl[fast]``; no ``Piecewise``); the working precision of mpmath at the time of
        the call (element by element, object arrays); or python-flint's balls at
        its working precision: one point at a time, enclosures for an object array.
    cse : bool
        Compute equal subexpressions once (NumPy only).  Values do not change.
    block : int
        Elements per block.
    reject_nan : sequence of Symbol
        Arguments in which NaN is refused; elsewhere it propagates.

    Raises
    ------
    InputError
        At compile time for undeclared symbols, symbols equal by name but not by
        assumptions, and expressions that no array operation computes.  At the
        call for empty, non-numeric or higher-precision arrays and for shapes
        that do not broadcast.

    Notes
    -----
    Horner form and the sharing of factors reorder sums by a few rounding
    errors, and removable singularities may be removed; wrap what must be
    computed exactly as written in ``UnevaluatedExpr``.  Only the branch of a
    ``Piecewise`` that applies is evaluated at an element; where none does the
    result is NaN.

    >>> import numpy as np
    >>> from sympy.abc import x, y
    >>> f = compile_function([x**2 + x*y, 3], [x, y])
    >>> f(np.array([1, 2]), 0.5)
    array([[1.5, 5. ],
           [3. , 3. ]])
    """
    kinds = {"numpy": CompiledFunction, "numba": NumbaFunction, "mpmath": MpmathFunction, "ball": BallFunction}
    kind = kinds[one_of("backend", backend, tuple(kinds))]
    checked = sequence_of("reject_nan", reject_nan, "symbols among the arguments")
    return kind(_tuples(exprs), _distinct(args), flag("cse", cse), whole("block", block, 1, 2**40), checked)


def compile_flow(flow: Flow, *, backend: Backend = "numpy") -> CompiledFlow:
    """Compile the right-hand side and the Jacobian of a flow.

    Parameters
    ----------
    flow : Flow
    backend : as for `compile_function`

    Returns
    -------
    CompiledFlow

    Raises
    ------
    InputError
        For what is no flow, and for right-hand sides that the backend cannot compute.

    Examples
    --------
    >>> from sympy.abc import p, rho
    >>> from symssl import Flow
    >>> f = compile_flow(Flow({p: p**2 - rho*p}, (rho,)))
    >>> f.rhs(2.0, rho=0.5)
    array([3.])
    >>> f.jacobian(2.0, 0.5)
    array([[3.5]])
    """
    instance_of("flow", flow, Flow, "a Flow of scalar states")
    states, args = tuple(flow.states), (*flow.states, *flow.parameters)
    rhs, parameters = sp.Matrix([flow.states[s] for s in states]), tuple(flow.parameters)
    return CompiledFlow(
        compile_function(tuple(rhs), args, backend=backend, reject_nan=parameters),
        compile_function(rhs.jacobian(states), args, backend=backend, reject_nan=parameters),
    )


@dataclass(frozen=True, repr=False)
class CompiledFlow:
    """A flow as code; NaN is refused in parameters, and propagates from states.

    Attributes
    ----------
    rhs : ``rhs(*states, *parameters)``, of shape (n, ...)
    jacobian : ``jacobian(*states, *parameters)``, of shape (n, n, ...)
    source : str, the generated Python of both
    """

    rhs: CompiledFunction
    jacobian: CompiledFunction

    def __repr__(self) -> str:
        return listing(self._head(), [(e,) for e in np.ravel(np.array(self.rhs.exprs, object))])

    def _repr_html_(self) -> str:
        return html_table(
            self._head(), ("right-hand side",), [(e,) for e in np.ravel(np.array(self.rhs.exprs, object))]
        )

    def _head(self) -> str:
        return f"CompiledFlow of {', '.join(map(str, self.rhs.args))}"

    @property
    def source(self) -> str:
        """The generated Python of both."""
        return self.rhs.source + "\n\n" + self.jacobian.source


# -- arguments ----------------------------------------------------------------


def _tuples(exprs):
    """Matrices and sequences as nested tuples of expressions."""
    if isinstance(exprs, sp.MatrixBase):
        exprs = exprs.tolist()
    if isinstance(exprs, (list, tuple, sp.Tuple)):
        if not exprs:
            raise InputError("there is no expression to compile: the sequence or matrix is empty")
        return tuple(_tuples(e) for e in exprs)
    if isinstance(exprs, Number) or is_scalar(exprs):  # never text
        return as_sympy(exprs, "exprs")
    raise InputError(
        f"exprs must be a SymPy expression, or a sequence or matrix of them, not {described(exprs)}; "
        "write a condition as Piecewise((1, condition), (0, True))"
    )


def _distinct(args):
    args = (args,) if isinstance(args, sp.Symbol) else sequence_of("args", args, "symbols")
    for symbol in args:
        instance_of("each of args", symbol, sp.Symbol)
    names = [symbol.name for symbol in args]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(
            f"two arguments are called {', '.join(sorted(twice))}: their assumptions "
            "differ or they are listed twice; use one symbol"
        )
    return args
