"""The whole coupled system of modes as NumPy: all modes at once, couplings alive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sympy import Dummy, Expr, Symbol

from ..codegen.compile import compile_function
from ..errors import InputError
from ..language.mode_sum import ModeSum
from ..support.arguments import described, mapping_of
from ..support.arrays import reals
from ..support.display import summary
from .flow import ModeFlow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

__all__ = ["CoupledFlow", "compile_modes"]


@dataclass(frozen=True, repr=False)
class CoupledFlow:
    """A compiled mode flow: all modes at once, with their couplings alive; made by `ModeFlow.compile`.

    States are arrays with one entry a mode (last axis), given in the order of `states`.  Cost and
    memory are linear in the number of modes: the Jacobian is diagonal plus low rank.  Parameters are
    one mapping `values` from Symbol or name to number; a value may be an array too, with one entry a
    mode, where the couplings meet that parameter under a sum over modes only.

    Attributes
    ----------
    flow : ModeFlow
        The flow that was compiled.
    states, couplings : mapping Symbol -> expression, those of `flow`
    parameters : tuple of Symbol

    Raises
    ------
    InputError
        By every method: for missing or unknown parameters, and for states that are not arrays of
        real numbers.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, norm, sq
    >>> A, U = MatrixSymbol("A", 2, 2), MatrixSymbol("U", 2, 2)
    >>> a, N, r = symbols("a N r", positive=True)
    >>> modes = gradient_flow(sq(A)**2/4, A, rates={A: r}).spectral({A: (U, a, U)}, couplings={N: norm(A)})
    >>> modes.compile().rhs([3.0, 4.0], values={r: 2})
    array([[-150., -200.]])
    """

    flow: ModeFlow
    _sums: Any = field(compare=False)
    _couple: Any = field(compare=False)
    _rates: Any = field(compare=False)
    _own: Any = field(compare=False)
    _by_coupling: Any = field(compare=False)
    _coupling_slopes: Any = field(compare=False)
    _alone: frozenset[Symbol] = field(compare=False)

    @property
    def states(self) -> Mapping[Symbol, Expr]:
        """The rate of each state in one mode, as in the flow that was compiled."""
        return self.flow.states

    @property
    def couplings(self) -> Mapping[Symbol, Expr]:
        """The definition of each coupling, as in the flow that was compiled."""
        return self.flow.couplings

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """The symbols that `values` has to give a number to."""
        return self.flow.parameters

    def __repr__(self) -> str:
        return summary(
            "CoupledFlow",
            [
                f"{kind}: {', '.join(map(str, names)) or 'none'}"
                for kind, names in (
                    ("states", self.states),
                    ("couplings", self.couplings),
                    ("parameters", self.parameters),
                )
            ],
        )

    def couplings_at(self, *states: ArrayLike, values: Mapping[Any, Any] | None = None) -> dict[str, np.ndarray]:
        """The values of the couplings by name; for states of shape (..., modes) each has the shape (...).

        >>> from sympy import symbols
        >>> from symssl import ModeFlow, ModeSum
        >>> p, N, n = symbols("p N n", positive=True)
        >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n).compile().couplings_at([1.0, 2.0])
        {'N': np.float64(5.0)}
        """
        return self._couplings_at(self._arrays(states), self._parameters(values))

    def rhs(self, *states: ArrayLike, values: Mapping[Any, Any] | None = None) -> np.ndarray:
        """Velocities of all modes: an array of shape (states, ..., modes)."""
        import numpy as np

        arrays, numbers = self._arrays(states), self._parameters(values)
        couple = self._lifted(arrays, numbers)
        return np.stack(np.broadcast_arrays(*self._rates(*arrays, *couple, *numbers)))

    def jacobian(
        self, *states: ArrayLike, values: Mapping[Any, Any] | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The Jacobian as (D, A, B): D[i, k, j] couples states i, k within mode j, and the
        rest is sum over couplings c of A[i, c, j] B[c, k, j'].

        For one state and m modes: dense = diag(D[0, 0]) + A[0].T @ B[:, 0].
        """
        import numpy as np

        arrays, numbers = self._arrays(states), self._parameters(values)
        couple = self._lifted(arrays, numbers)
        n, m = len(self.states), len(self.couplings)
        shape = np.broadcast_shapes(*(s.shape for s in arrays))

        def table(compiled, rows, cols, *args):
            if not rows * cols:
                return np.zeros((rows, cols, *shape))
            parts = [np.broadcast_to(p, shape) for p in compiled(*args)]
            return np.stack(parts).reshape(rows, cols, *shape)

        D = table(self._own, n, n, *arrays, *couple, *numbers)
        A = table(self._by_coupling, n, m, *arrays, *couple, *numbers)
        sums = [s.sum(axis=-1, keepdims=True) for s in self._sums(*arrays, *numbers)] if m else []
        B = table(self._coupling_slopes, m, n, *arrays, *sums, *numbers)
        return D, A, B

    def sensitivity(
        self, parameter: Symbol | str, *states: ArrayLike, values: Mapping[Any, Any] | None = None
    ) -> np.ndarray:
        """The derivative of the velocities in one parameter, through the couplings too: (states, ..., modes)."""
        import numpy as np

        arrays, numbers = self._arrays(states), self._parameters(values)
        by_name = {q.name: q for q in self.parameters}
        name = getattr(parameter, "name", parameter)
        if not isinstance(name, str) or name not in by_name:
            raise InputError(f"unknown parameter: {described(parameter)}; known: {', '.join(by_name) or 'none'}")
        of_sums, of_couplings, of_rates = _sensitivities(self.flow, by_name[name])
        shape = np.broadcast_shapes(*(s.shape for s in arrays))
        sums = [s.sum(axis=-1, keepdims=True) for s in self._sums(*arrays, *numbers)] if self._sums else []
        moved = (
            [np.broadcast_to(s, shape).sum(axis=-1, keepdims=True) for s in of_sums(*arrays, *numbers)] if sums else []
        )
        couple = self._lifted(arrays, numbers)
        changes = of_couplings(*sums, *moved, *numbers) if couple else []
        return np.stack([np.broadcast_to(f, shape) for f in of_rates(*arrays, *couple, *changes, *numbers)])

    def to_function(self, values: Mapping[Any, Any] | None = None) -> Callable[[float, np.ndarray], np.ndarray]:
        """A callable f(t, y) for SciPy, with y all modes of the first state, then the next."""
        self._parameters(values)

        def f(t, y):
            if y.size % len(self.states):
                raise InputError(f"{y.size} values are not the modes of {len(self.states)} states")
            return self.rhs(*y.reshape(len(self.states), -1), values=values).reshape(-1)

        return f

    # -- the arguments ---------------------------------------------------------

    def _couplings_at(self, arrays, numbers):
        sums = [s.sum(axis=-1) for s in self._sums(*arrays, *numbers)] if self._sums else []
        found = self._couple(*sums, *self._common(numbers)) if self._couple else ()
        return dict(zip((c.name for c in self.couplings), found))

    def _lifted(self, arrays, numbers):
        return [_axis(c) for c in self._couplings_at(arrays, numbers).values()]

    def _common(self, numbers):
        """Parameters as the couplings see them outside of sums: one number for all modes."""
        import numpy as np

        common = []
        for symbol, value in zip(self.parameters, numbers):
            if np.ndim(value) == 0:
                common.append(value)
            elif symbol in self._alone:
                raise InputError(f"{symbol} enters a coupling outside of a sum over modes: give one number")
            else:
                common.append(0.0)
        return common

    def _arrays(self, states):
        import numpy as np

        if len(states) != len(self.states):
            raise InputError(f"expected the states {', '.join(map(str, self.states))}, got {len(states)} arrays")
        arrays = [reals(f"the state {s}", value) for s, value in zip(self.states, states)]
        for s, array in zip(self.states, arrays):
            if array.ndim == 0 or array.shape[-1] == 0:
                raise InputError(f"the state {s} is an array with one entry a mode, not a scalar or an empty array")
        try:
            np.broadcast_shapes(*(array.shape for array in arrays))
        except ValueError:
            shapes = ", ".join(f"{s} {array.shape}" for s, array in zip(self.states, arrays))
            raise InputError(f"the states have shapes that do not go together: {shapes}") from None
        return arrays

    def _parameters(self, values):
        given = mapping_of("values", values, "parameters to numbers")
        given = {getattr(key, "name", key): value for key, value in given.items()}
        names = [q.name for q in self.parameters]
        if missing := [n for n in names if n not in given]:
            raise InputError(f"missing parameters: {', '.join(missing)}")
        if unknown := [key for key in given if key not in names]:
            raise InputError(f"unknown parameters: {', '.join(map(str, unknown))}; known: {', '.join(names) or 'none'}")
        return [given[n] for n in names]


def _axis(value):
    import numpy as np

    return np.asarray(value)[..., None]


def compile_modes(modes: ModeFlow) -> CoupledFlow:
    """Compile a ModeFlow; sums are taken over the last axis."""
    states, couplings, parameters = tuple(modes.states), tuple(modes.couplings), modes.parameters
    rates = list(modes.states.values())
    if any(f.atoms(ModeSum) for f in rates):
        raise InputError("a mode sum without a coupling; name it in `couplings` before compiling")
    holes, couple = _with_sums_apart(modes)
    nodes = list(holes)
    # dC/d(mode j) = sum over mode sums of dC/dsum * d(summand)/d(state)
    slopes = [sum(d.diff(h) * n.args[0].diff(s) for n, h in holes.items()) for d in couple for s in states]

    sums = tuple(holes.values())
    return CoupledFlow(
        modes,
        _compiled([n.args[0] for n in nodes], states, parameters),
        _compiled(couple, sums, parameters),
        _compiled(rates, states, couplings, parameters),
        _compiled([f.diff(s) for f in rates for s in states], states, couplings, parameters),
        _compiled([f.diff(c) for f in rates for c in couplings], states, couplings, parameters),
        _compiled(slopes, states, sums, parameters),
        frozenset().union(*(d.free_symbols for d in couple)) & frozenset(parameters),
    )


def _with_sums_apart(modes):
    """A symbol for every sum over modes in the couplings, and the couplings in these symbols."""
    definitions = list(modes.couplings.values())
    nodes = sorted(set().union(*(d.atoms(ModeSum) for d in definitions)), key=str)
    holes = {n: Dummy(f"sum_{k}", real=True) for k, n in enumerate(nodes)}
    return holes, [d.xreplace(holes) for d in definitions]


@lru_cache(maxsize=64)
def _sensitivities(modes, parameter):
    """Compiled derivatives in a parameter: of the summands, of the couplings given those of the
    sums, and of the rates given those of the couplings."""
    states, couplings, parameters = tuple(modes.states), tuple(modes.couplings), modes.parameters
    holes, couple = _with_sums_apart(modes)
    sums, moved = tuple(holes.values()), [Dummy(real=True) for _ in holes]
    changes = [Dummy(real=True) for _ in couplings]
    return (
        _compiled([n.args[0].diff(parameter) for n in holes], states, parameters),
        _compiled(
            [d.diff(parameter) + sum(d.diff(h) * m for h, m in zip(sums, moved)) for d in couple],
            sums,
            moved,
            parameters,
        ),
        _compiled(
            [f.diff(parameter) + sum(f.diff(c) * m for c, m in zip(couplings, changes)) for f in modes.states.values()],
            states,
            couplings,
            changes,
            parameters,
        ),
    )


def _compiled(exprs, *args):
    return compile_function(exprs, [a for group in args for a in group]) if exprs else None
