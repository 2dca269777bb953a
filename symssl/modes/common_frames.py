"""Matrices written in common frames: the ansatz, and the values of words and scalars in one mode."""

from collections.abc import Mapping

from sympy import Dummy, Integer, MatrixSymbol, Symbol, Tuple

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.mode_sum import ModeSum
from ..language.names import check_names
from ..language.relations import Diagonal, Orthonormal
from ..words.letters import letter
from ..words.polynomials import Poly, from_word, symbol
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import rebuild, substitute
from ..words.terms import Atom
from ..words.writing import write

__all__ = ["FramedFlow", "check_frames", "mode_scalar", "mode_value"]


class FramedFlow:
    """The words of a flow after W = U diag(p) V^T has been substituted."""

    def __init__(self, flow, frames):
        if not isinstance(frames, Mapping) or not all(isinstance(f, (tuple, list, Tuple)) for f in frames.values()):
            raise InputError(f"spectral: frames map weights to (left frame, mode symbol, right frame), not {frames!r}")
        self.flow = flow
        self.frames = {as_expression(W): tuple(map(as_expression, f)) for W, f in frames.items()}
        check_frames(flow, self.frames)
        self.count = next(iter(self.frames.values()))[0].shape[1]
        diagonals = {W: MatrixSymbol(f"diag({p})", self.count, self.count) for W, (_, p, _) in self.frames.items()}
        self.symbols = {letter(diagonals[W]): p for W, (_, p, _) in self.frames.items()}
        bases = dict.fromkeys(B for U, _, V in self.frames.values() for B in (U, V))
        kept = (r for r in flow.where if not any(m.has(*flow.rhs) for m in r.matrices))
        self.system = rewriting((*kept, *map(Orthonormal, bases), *map(Diagonal, diagonals.values())))
        self.table = {letter(W): read(U * diagonals[W] * V.T) for W, (U, _, V) in self.frames.items()}

    def framed(self, poly):
        return self.system.reduce(substitute(poly, self.table))

    def split(self, W):
        """(the part inside the frames as words of diagonal letters, the part outside)."""
        U, _, V = self.frames[W]
        value = self.framed(read(self.flow.rhs[W]))
        if any(b.tag == "E" for b in value.binders()):
            raise Refusal(f"the flow of {W} still contains expectations; use expect() or concentrate()", write(value))
        core = self.system.reduce(read(U.T) * value * read(V))
        inside = Poly({t: c for t, c in core.terms.items() if all(self._diagonal(a) for a in t.word)}, core.shape)
        return inside, value - self.system.reduce(read(U) * inside * read(V.T))

    def coupling(self, name, definition):
        """The definition of a coupling as an expression in mode sums."""
        value = self.framed(read(definition))
        if not as_expression(name).is_Symbol or value.shape is not None:
            raise InputError(f"spectral: the coupling {name} = {definition} is not a symbol for a scalar")
        return mode_scalar(value, self.symbols)

    def _diagonal(self, a):
        return a.but(inverse=False).base in self.symbols


def check_frames(flow, frames):
    if set(frames) != set(flow.rhs):
        missing = ", ".join(sorted(map(str, set(flow.rhs) ^ set(frames))))
        raise InputError(f"spectral: frames and weights of the flow do not match ({missing})")
    check_names(*(e for W, f in frames.items() for e in (W, flow.rhs[W], *f)))
    modes = [f[1] for f in frames.values() if len(f) == 3]
    used = {s for f in flow.rhs.values() for s in read(f).symbols()}
    for p in modes:
        if modes.count(p) > 1 or p in used:
            raise InputError(
                f"spectral: the mode symbol {p} is used twice; every weight needs its own, "
                "and one that is no parameter of the flow"
            )
    counts = set()
    for W, f in frames.items():
        if len(f) != 3 or not isinstance(f[1], Symbol) or not all(isinstance(B, MatrixSymbol) for B in (f[0], f[2])):
            raise InputError(f"spectral: the frame of {W} is (MatrixSymbol, Symbol, MatrixSymbol)")
        U, _, V = f
        if (U.shape[0], V.shape[0]) != tuple(W.shape) or U.shape[1] != V.shape[1]:
            raise InputError(
                f"spectral: {W} is {W.shape[0]} x {W.shape[1]}, but its frames "
                f"{U}, {V} are {tuple(U.shape)}, {tuple(V.shape)}"
            )
        if {U, V} & set(frames):
            raise InputError(f"spectral: a frame of {W} is itself a weight")
        counts.add(U.shape[1])
    if len(counts) > 1:
        raise InputError(f"spectral: frames of different widths {sorted(map(str, counts))}")


def mode_value(word, symbols):
    """The value of a word of diagonal letters in one mode."""
    out = Integer(1)
    for a in word:
        base = a.but(inverse=False).base
        if base not in symbols:
            raise Refusal(f"the trace of {'.'.join(map(repr, word))} is not a sum over modes")
        out *= 1 / symbols[base] if a.inverse else symbols[base]
    return out


def mode_scalar(poly, symbols):
    """A scalar polynomial in traces of diagonal words, as an expression in mode sums."""
    holes = {}

    def on_trace(word):
        node = ModeSum(mode_value(word, symbols))
        positive = node.is_nonnegative or Atom("tr", word).nonnegative
        hole = holes.setdefault(node, Dummy(positive=True) if positive else Dummy(real=True))
        return symbol(hole)

    value = rebuild(poly, lambda w, shape: from_word(w, shape), on_trace)
    return write(value).xreplace({hole: node for node, hole in holes.items()})
