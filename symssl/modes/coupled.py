"""The whole coupled system of modes as NumPy: all modes at once, couplings alive."""

from dataclasses import dataclass
from functools import lru_cache

from ..codegen.compile import compile_function
from ..errors import InputError
from ..language.mode_sum import ModeSum

__all__ = ["CoupledFlow", "compile_modes"]


@dataclass(frozen=True)
class CoupledFlow:
    """Compiled mode flow; made by `ModeFlow.compile`.

    States are arrays with one entry a mode (last axis).  Cost and memory are
    linear in the number of modes: the Jacobian is diagonal plus low rank.  A
    parameter may be an array too, with one entry a mode, where the couplings
    meet it under a sum over modes only.

    Raises :class:`~symssl.InputError` for missing or unknown parameters and for
    states that are not arrays of real numbers.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, norm, sq
    >>> A, U = MatrixSymbol("A", 2, 2), MatrixSymbol("U", 2, 2)
    >>> a, N = symbols("a N", positive=True)
    >>> modes = gradient_flow(sq(A)**2/4, A).spectral({A: (U, a, U)}, couplings={N: norm(A)})
    >>> modes.compile().rhs([3.0, 4.0])
    array([[ -75., -100.]])
    """

    states: tuple
    parameters: tuple
    couplings: tuple
    _sums: object
    _couple: object
    _rates: object
    _own: object
    _by_coupling: object
    _coupling_slopes: object
    _alone: frozenset = frozenset()
    _modes: object = None

    def couplings_at(self, *states, **parameters):
        """Values of the couplings: a dict by name."""
        values = self._parameters(parameters)
        sums = [s.sum(axis=-1) for s in self._sums(*self._arrays(states), *values)] if self._sums else []
        return dict(
            zip((str(c) for c in self.couplings), self._couple(*sums, *self._common(values)) if self._couple else ())
        )

    def rhs(self, *states, **parameters):
        """Velocities of all modes: an array of shape (states, ..., modes)."""
        import numpy as np

        states, values = self._arrays(states), self._parameters(parameters)
        couple = self._lifted(states, parameters)
        return np.stack(np.broadcast_arrays(*self._rates(*states, *couple, *values)))

    def jacobian(self, *states, **parameters):
        """The Jacobian as (D, A, B): D[i, k, j] couples states i, k within mode j, and the
        rest is sum over couplings c of A[i, c, j] B[c, k, j'].

        For one state and m modes: dense = diag(D[0, 0]) + A[0].T @ B[:, 0].
        """
        import numpy as np

        states, values = self._arrays(states), self._parameters(parameters)
        couple = self._lifted(states, parameters)
        n, m = len(self.states), len(self.couplings)
        shape = np.broadcast_shapes(*(s.shape for s in states))

        def table(compiled, rows, cols, *args):
            if not rows * cols:
                return np.zeros((rows, cols, *shape))
            parts = [np.broadcast_to(p, shape) for p in compiled(*args)]
            return np.stack(parts).reshape(rows, cols, *shape)

        D = table(self._own, n, n, *states, *couple, *values)
        A = table(self._by_coupling, n, m, *states, *couple, *values)
        sums = [s.sum(axis=-1, keepdims=True) for s in self._sums(*states, *values)] if m else []
        B = table(self._coupling_slopes, m, n, *states, *sums, *values)
        return D, A, B

    def sensitivity(self, parameter, *states, **parameters):
        """The derivative of the velocities in one parameter, through the couplings too: (states, ..., modes)."""
        import numpy as np

        states, values = self._arrays(states), self._parameters(parameters)
        by_name = {str(q): q for q in self.parameters}
        if parameter not in by_name:
            raise InputError(f"unknown parameter: {parameter}; known: {', '.join(by_name)}")
        of_sums, of_couplings, of_rates = _sensitivities(self._modes, by_name[parameter])
        shape = np.broadcast_shapes(*(s.shape for s in states))
        sums = [s.sum(axis=-1, keepdims=True) for s in self._sums(*states, *values)] if self._sums else []
        moved = (
            [np.broadcast_to(s, shape).sum(axis=-1, keepdims=True) for s in of_sums(*states, *values)] if sums else []
        )
        couple = self._lifted(states, parameters)
        changes = of_couplings(*sums, *moved, *values) if couple else []
        return np.stack([np.broadcast_to(f, shape) for f in of_rates(*states, *couple, *changes, *values)])

    def _common(self, values):
        """Parameters as the couplings see them outside of sums: one number for all modes."""
        import numpy as np

        common = []
        for symbol, value in zip(self.parameters, values):
            if np.ndim(value) == 0:
                common.append(value)
            elif symbol in self._alone:
                raise InputError(f"{symbol} enters a coupling outside of a sum over modes: give one number")
            else:
                common.append(0.0)
        return common

    def to_function(self, **parameters):
        """A callable f(t, y) for SciPy, with y all modes of the first state, then the next."""
        self._parameters(parameters)

        def f(t, y):
            if y.size % len(self.states):
                raise InputError(f"{y.size} values are not the modes of {len(self.states)} states")
            return self.rhs(*y.reshape(len(self.states), -1), **parameters).reshape(-1)

        return f

    def _lifted(self, states, parameters):
        return [_axis(c) for c in self.couplings_at(*states, **parameters).values()]

    def _arrays(self, states):
        import numpy as np

        if len(states) != len(self.states):
            raise InputError(f"expected the states {', '.join(map(str, self.states))}, got {len(states)} arrays")
        try:
            arrays = [np.asarray(s, dtype=float) for s in states]
        except (TypeError, ValueError) as error:
            raise InputError(f"the states are not arrays of real numbers: {error}") from None
        if any(a.ndim == 0 or a.shape[-1] == 0 for a in arrays):
            raise InputError("every state is an array with one entry a mode; got a scalar or an empty array")
        return arrays

    def _parameters(self, values):
        names = [str(q) for q in self.parameters]
        if missing := [n for n in names if n not in values]:
            raise InputError(f"missing parameters: {', '.join(missing)}")
        if unknown := sorted(set(values) - set(names)):
            raise InputError(f"unknown parameters: {', '.join(unknown)}; known: {', '.join(names)}")
        return [values[n] for n in names]


def _axis(value):
    import numpy as np

    return np.asarray(value)[..., None]


def compile_modes(modes):
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
        states,
        parameters,
        couplings,
        _compiled([n.args[0] for n in nodes], states, parameters),
        _compiled(couple, sums, parameters),
        _compiled(rates, states, couplings, parameters),
        _compiled([f.diff(s) for f in rates for s in states], states, couplings, parameters),
        _compiled([f.diff(c) for f in rates for c in couplings], states, couplings, parameters),
        _compiled(slopes, states, sums, parameters),
        frozenset().union(*(d.free_symbols for d in couple)) & frozenset(parameters),
        modes,
    )


def _with_sums_apart(modes):
    """A symbol for every sum over modes in the couplings, and the couplings in these symbols."""
    from sympy import Dummy

    definitions = list(modes.couplings.values())
    nodes = sorted(set().union(*(d.atoms(ModeSum) for d in definitions)), key=str)
    holes = {n: Dummy(f"sum_{k}", real=True) for k, n in enumerate(nodes)}
    return holes, [d.xreplace(holes) for d in definitions]


@lru_cache(maxsize=64)
def _sensitivities(modes, parameter):
    """Compiled derivatives in a parameter: of the summands, of the couplings given those of the
    sums, and of the rates given those of the couplings."""
    from sympy import Dummy

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
