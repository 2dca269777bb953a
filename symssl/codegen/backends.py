"""Compiled functions on NumPy, numba, mpmath and ball arithmetic: the only callers of ``lambdify``.

A compiled function is evaluated in blocks that stay in the processor's cache:
each elementary operation of its :class:`~symssl.codegen.tape.Tape` is one ufunc call
that writes into a preallocated buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from inspect import getsource
from numbers import Number, Rational
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from ..errors import InputError
from ..support.arguments import described
from ..support.display import html_table, listing
from .enclosures import Enclosures
from .printers import REAL_ONLY, ExactPrinter, StepPrinter, as_call, as_infix, namespace, safe_names
from .tape import Operation, Tape

__all__ = ["BallFunction", "CompiledFunction", "MpmathFunction", "NumbaFunction"]


class CompiledFunction:
    """A function of arrays compiled from SymPy expressions; see :func:`compile_function`.

    Attributes
    ----------
    exprs, args : the (nested tuple of) expressions and the symbols it was compiled from
    source : str, the generated Python; ``w`` holds the output buffers of its operations
    """

    _taped = True  # whether it is made from the operations of a tape

    def __init__(
        self, exprs: Any, args: tuple[sp.Symbol, ...], cse: bool, block: int, reject_nan: Sequence[sp.Symbol]
    ) -> None:
        self.exprs, self.args = exprs, args
        self._options = cse, block, reject_nan
        self._shape, self._exprs = _flatten(exprs)
        self._names = safe_names(args)
        self._checked = [self._position(symbol) for symbol in reject_nan]
        self._block = block
        tape = Tape(args, share=cse)
        self._prepare(tape, [tape.record(expr) for expr in self._exprs] if self._taped else [])

    def __reduce__(self):
        # The code is generated anew from the expressions: a pickle carries no source to run.
        return _thawed, (type(self), _frozen(self.exprs), self.args, *self._options)

    def __repr__(self) -> str:
        return listing(self._head(), [(e,) for e in self._exprs])

    def _repr_html_(self) -> str:
        return html_table(self._head(), ("expression",), [(e,) for e in self._exprs])

    def _head(self) -> str:
        shape = f" of shape {self._shape}" if self._shape else ""
        return f"{type(self).__name__}{shape} of {', '.join(map(str, self.args)) or 'no arguments'}"

    def _position(self, symbol):
        if not isinstance(symbol, sp.Symbol) or symbol not in self.args:
            names = ", ".join(map(str, self.args))
            raise InputError(f"reject_nan must name arguments, which are {names}, not {described(symbol)}")
        return self.args.index(symbol)

    def _bind(self, values, named):
        """The argument values in order, from positional and named ones."""
        names = [s.name for s in self.args[len(values) :]]
        if len(values) > len(self.args) or set(names) != set(named):
            raise InputError(
                f"expected the arguments {', '.join(s.name for s in self.args) or '(none)'}; got "
                f"{len(values)} by position" + (f" and {', '.join(named)} by name" if named else "")
            )
        return [*values, *(named[name] for name in names)]

    # -- NumPy ------------------------------------------------------------------------

    def _prepare(self, tape, results):
        """Give every result a step of its own, and every other step a buffer."""
        self._rows = {}
        for row, result in enumerate(results):
            home = result.home if isinstance(result, Operation) else None
            if home is None or result.logical or home in self._rows:
                result = home = tape.step("positive", result)
            self._rows[home] = row
        self._steps = tape.steps
        self._inputs = {step.home: step.inputs for step in tape.steps}  # the last write knows all
        self._slots = tape.slots(self._rows)
        self._dtype = np.result_type(
            float, *(type(x) for step in tape.steps for x in step.operands if isinstance(x, complex))
        )
        self._real_only = {step.ufunc for step in tape.steps} & REAL_ONLY
        self._masked = any(step.mask is not None for step in tape.steps)
        self._kernel = self._lambdify(as_call)

    @cached_property
    def _scalar_kernel(self):
        return self._lambdify(as_infix)

    def _lambdify(self, code):
        printer = StepPrinter(self._names, code)
        results = [sp.Symbol(home.name) for home in self._rows]
        return sp.lambdify(
            [*map(sp.Symbol, self._names.values()), sp.Symbol("w")],
            results,
            modules=[namespace({step.ufunc for step in self._steps})],
            printer=printer,
            cse=lambda exprs, **_: ([(sp.Symbol(s.name), s) for s in self._steps], exprs),
        )

    @property
    def source(self) -> str:
        """The generated Python."""
        return getsource(self._kernel)

    def __call__(self, *values: Any, **named: Any) -> Any:
        arrays = list(map(_array, self.args, self._bind(values, named)))
        for position in self._checked:
            if np.isnan(arrays[position]).any():
                raise InputError(f"{self.args[position]} is NaN: give it a number")
        shape = _broadcast_shape(self.args, arrays)
        dtype = np.result_type(*{self._dtype, *(a.dtype for a in arrays)})
        if dtype.kind == "c" and self._real_only:
            raise InputError(
                f"{', '.join(sorted(self._real_only))} takes real numbers only, "
                "and an argument or a constant is complex: separate the real parts"
            )
        if not shape and not self._masked:
            out = np.array(self._scalar_kernel(*(a[()] for a in arrays), None), dtype)
        else:
            out = np.empty((len(self._rows), int(np.prod(shape))), dtype)
            self._fill(out, [_flat(a, shape) for a in arrays])
        out = out.reshape((*self._shape, *shape))
        value: Any = out
        return value if value.shape else value.item()

    def _fill(self, out, arrays):
        """Evaluate block by block into the rows of ``out``."""
        size = out.shape[1]
        varying = {i for i, a in enumerate(arrays) if a.ndim}
        rows = [(i, self._rows[s.home]) for i, s in enumerate(self._steps) if s.home in self._rows]
        work = []
        for start in range(0, size, self._block):
            stop = min(start + self._block, size)
            if start == 0 or stop - start < self._block:
                work = self._buffers(stop - start, varying, out.dtype)
            for i, row in rows:
                work[i] = out[row, start:stop]
            self._kernel(*(a[start:stop] if a.ndim else a for a in arrays), work)

    def _buffers(self, length, varying, dtype):
        """An output buffer for each step: a number's worth where only numbers enter."""
        count = 1 + max(self._slots.values(), default=0)
        real, logical = np.empty((count, length), dtype), np.zeros((count, length), bool)
        buffers = {
            home: (logical if home.logical else real)[slot]
            if self._inputs[home] & varying
            else np.zeros((), bool if home.logical else dtype)
            for home, slot in self._slots.items()
        }
        return [buffers.get(step.home) for step in self._steps]


class MpmathFunction(CompiledFunction):
    """The same at mpmath's working precision, element by element."""

    def _prepare(self, tape, results):
        printer = ExactPrinter(self._names)
        self._kernel = sp.lambdify(
            [*map(sp.Symbol, self._names.values())], list(self._exprs), modules="mpmath", printer=printer
        )

    def __call__(self, *values: Any, **named: Any) -> Any:
        arrays = [
            np.vectorize(_mpf, otypes=[object])(_nonempty(symbol, _as_array(symbol, value)))
            for symbol, value in zip(self.args, self._bind(values, named))
        ]
        for position in self._checked:
            if any(mpmath.isnan(x) for x in arrays[position].flat):
                raise InputError(f"{self.args[position]} is NaN: give it a number")
        shape = _broadcast_shape(self.args, arrays)
        points = zip(*(np.broadcast_to(a, shape).flat for a in arrays)) if arrays else [()]
        columns = [[mpmath.mpmathify(v) for v in self._kernel(*point)] for point in points]
        out = np.empty((len(columns), len(self._exprs)), object)
        out[:] = columns
        out = out.T.reshape((*self._shape, *shape))
        value: Any = out
        return value if value.shape else value.item()


class NumbaFunction(CompiledFunction):
    """The same as one compiled loop over the elements: every operand is read once, every result written once."""

    def _prepare(self, tape, results):
        super()._prepare(tape, results)
        if self._masked:
            raise InputError("backend='numba' computes no Piecewise: use backend='numpy'")
        try:
            import numba  # noqa: F401
        except ImportError:
            raise InputError("backend='numba' needs numba: pip install 'symssl[fast]'") from None

    @cached_property
    def _loop(self):
        import numba

        # the k-th argument at the i-th element
        printer = StepPrinter({symbol: f"x[{k}][i]" for k, symbol in enumerate(self.args)}, as_infix)
        results = tuple(sp.Symbol(home.name) for home in self._rows)
        kernel = numba.njit(error_model="numpy")(
            sp.lambdify(
                [sp.Symbol("x"), sp.Symbol("i")],
                results,
                modules=[namespace({step.ufunc for step in self._steps})],
                printer=printer,
                cse=lambda exprs, **_: ([(sp.Symbol(s.name), s) for s in self._steps], exprs),
            )
        )

        @numba.njit(error_model="numpy")  # division by zero as in NumPy, which also lets the loop vectorise
        def loop(x, out):
            for i in range(out.shape[1]):
                row = kernel(x, i)
                for j in range(len(row)):
                    out[j, i] = row[j]

        return loop

    def _fill(self, out, arrays):
        order = list(self._rows.values())
        x = tuple(a if a.ndim else np.broadcast_to(a, out.shape[1:]) for a in arrays)
        if order == sorted(order):
            self._loop(x, out)
        else:
            ordered = np.empty_like(out)
            self._loop(x, ordered)
            out[order] = ordered


class BallFunction(CompiledFunction):
    """The same in ball arithmetic, at one point or box: every result encloses all its values there.

    A result is NaN where the expression may be undefined, or unbounded, somewhere in the box.
    """

    _taped = False

    def _prepare(self, tape, results):
        self._enclosures = Enclosures(self._exprs, self.args)

    def __call__(self, *values: Any, **named: Any) -> Any:
        return self._shaped(self._at(values, named).values)

    def slopes(self, *values: Any, **named: Any) -> Any:
        """Balls that hold the slopes over the box, of shape ``(*shape, number of arguments)``.

        The difference of two values is one of these slopes times the difference of the two points.  They are NaN
        where the box may hold a jump, or a point at which the expression is not defined.

        >>> from flint import arb
        >>> x = sp.Symbol("x", real=True)
        >>> f = BallFunction(sp.Max(0, x), (x,), True, 1, ())
        >>> f.slopes(arb(3)), f.slopes(arb(0, 1)).item().contains(0.5)
        (array([1.00000000000000], dtype=object), True)
        """
        rows = self._at(values, named).slopes
        out = np.empty((len(rows), len(self.args)), object)
        for k, row in enumerate(rows):
            out[k] = row
        return out.reshape((*self._shape, len(self.args)))

    def _at(self, values, named):
        return self._enclosures.at(
            [_ball(symbol, value) for symbol, value in zip(self.args, self._bind(values, named))]
        )

    def _shaped(self, balls):
        from flint import arb

        out = np.empty(len(balls), object)
        out[:] = [arb("nan") if ball is None else ball for ball in balls]
        out = out.reshape(self._shape)
        value: Any = out
        return value if value.shape else value.item()


def _ball(symbol, value):
    """A ball around a number, exact where the number is."""
    from flint import arb, fmpq

    if isinstance(value, arb):
        return value
    if isinstance(value, (Rational, float)):
        with suppress(OverflowError, ValueError):  # of infinity and NaN
            exact = isinstance(value, Rational)  # those of SymPy and NumPy too, which have no as_integer_ratio
            top, bottom = (value.numerator, value.denominator) if exact else value.as_integer_ratio()
            return arb(fmpq(int(top), int(bottom)))
    raise InputError(f"the argument {symbol} must be a ball or a number that is known exactly, not {described(value)}")


# -- pickling: SymPy's own evaluates what was written unevaluated ---------------------------


def _frozen(expr):
    if isinstance(expr, tuple):
        return tuple, tuple(map(_frozen, expr))
    return expr if not expr.args else (expr.func, tuple(map(_frozen, expr.args)))


def _melted(frozen):
    if not isinstance(frozen, tuple):
        return frozen
    func, args = frozen[0], tuple(map(_melted, frozen[1]))
    if func is tuple:
        return args
    try:
        return func(*args, evaluate=False)
    except TypeError:  # nothing to evaluate
        return func(*args)


def _thawed(kind, frozen, *options):
    return kind(_melted(frozen), *options)


def _flatten(exprs):
    """The shape of nested tuples and their entries in order."""
    if not isinstance(exprs, tuple):
        return (), (exprs,)
    shapes, entries = zip(*map(_flatten, exprs))
    if len(set(shapes)) > 1:
        raise InputError(f"the rows of {exprs} differ in length")
    return (len(exprs), *shapes[0]), tuple(e for row in entries for e in row)


def _nonempty(symbol, array):
    if array.size == 0:
        raise InputError(f"the argument {symbol} is an empty array (shape {array.shape})")
    return array


def _as_array(symbol, value):
    try:
        return np.asarray(value)
    except (TypeError, ValueError):
        raise InputError(
            f"the argument {symbol} must be a number or an array of them, not {described(value)}"
        ) from None


def _array(symbol, value):
    """A value as an array of doubles or complex doubles."""
    if type(value) in (float, np.float64):
        return np.float64(value)  # integrators call with numbers, very often
    array = _nonempty(symbol, _as_array(symbol, value))
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"the argument {symbol} is a masked array: fill or drop what is masked")
    if array.dtype.kind not in "biufc" or not np.can_cast(array.dtype, complex):
        raise InputError(
            f"the argument {symbol} is of type {array.dtype}: give numbers of at most "
            "double precision, or compile with backend='mpmath'"
        )
    return array.astype(np.result_type(array.dtype, float), copy=False)


def _broadcast_shape(args, arrays):
    if not any(a.ndim for a in arrays):
        return ()
    try:
        return np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        shapes = ", ".join(f"{s}: {a.shape}" for s, a in zip(args, arrays))
        raise InputError(f"the shapes of the arguments do not broadcast ({shapes})") from None


def _flat(array, shape):
    """The array broadcast to ``shape``, as one row; a number stays a number."""
    if array.size == 1:
        return array.reshape(())
    return np.ascontiguousarray(np.broadcast_to(array, shape)).reshape(-1)


def _mpf(x):
    if isinstance(x, (mpmath.mpf, mpmath.mpc)):
        return x
    if isinstance(x, sp.Expr) and x.is_number:
        with suppress(ValueError):  # of what has no value, such as a complex infinity
            return x._to_mpmath(mpmath.mp.prec)
    if isinstance(x, Rational):  # also Fraction
        return mpmath.mpf(x.numerator) / x.denominator
    if isinstance(x, Number):
        return mpmath.mpmathify(x)
    raise InputError(f"an argument must be a number or an array of them, not {described(x)}")
