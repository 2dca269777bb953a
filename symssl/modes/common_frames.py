"""Matrices written in common frames, W = U diag(p) V^T, and the values of words and scalars in one mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Dummy, Expr, Integer, MatrixSymbol, Symbol, Tuple

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.mode_sum import ModeSum
from ..language.names import check_names
from ..language.relations import Diagonal, Orthonormal
from ..matrix.flow import MatrixFlow
from ..support.arguments import described, instance_of, mapping_of
from ..words.letters import Letter, Word, letter
from ..words.polynomials import Poly, from_word, symbol
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import rebuild, substitute
from ..words.terms import Atom
from ..words.writing import write

__all__ = ["FramedFlow", "check_frames", "mode_scalar", "mode_value"]


class FramedFlow:
    """The words of a flow after W = U diag(p) V^T has been substituted."""

    def __init__(self, flow: MatrixFlow, frames: Mapping[Any, Any]) -> None:
        self.flow = instance_of("flow", flow, MatrixFlow)
        frames = mapping_of("frames", frames, "weights to (left frame, mode symbol, right frame)")
        for W, frame in frames.items():
            if not isinstance(frame, (tuple, list, Tuple)) or len(frame) != 3:
                raise InputError(
                    f"frames must give {W} a triple (left frame, mode symbol, right frame), not {described(frame)}"
                )
        self.frames = {as_expression(W): tuple(map(as_expression, f)) for W, f in frames.items()}
        check_frames(flow, self.frames)
        self.count = next(iter(self.frames.values()))[0].shape[1]
        diagonals = {W: MatrixSymbol(f"diag({p})", self.count, self.count) for W, (_, p, _) in self.frames.items()}
        self.symbols = {letter(diagonals[W]): p for W, (_, p, _) in self.frames.items()}
        bases = dict.fromkeys(B for U, _, V in self.frames.values() for B in (U, V))
        kept = (r for r in flow.where if not any(m.has(*flow.rhs) for m in r.matrices))
        self.system = rewriting((*kept, *map(Orthonormal, bases), *map(Diagonal, diagonals.values())))
        self.table = {letter(W): read(U * diagonals[W] * V.T) for W, (U, _, V) in self.frames.items()}

    def framed(self, poly: Poly) -> Poly:
        """A polynomial with every weight replaced by its frames and modes."""
        return self.system.reduce(substitute(poly, self.table))

    def split(self, W: MatrixSymbol) -> tuple[Poly, Poly]:
        """(the part inside the frames as words of diagonal letters, the part outside)."""
        U, _, V = self.frames[W]
        value = self.framed(read(self.flow.rhs[W]))
        if any(b.tag == "E" for b in value.binders()):
            raise Refusal(f"the flow of {W} still contains expectations; use expect() or concentrate()", write(value))
        core = self.system.reduce(read(U.T) * value * read(V))
        inside = Poly({t: c for t, c in core.terms.items() if all(map(self._diagonal, t.word or ()))}, core.shape)
        return inside, value - self.system.reduce(read(U) * inside * read(V.T))

    def coupling(self, name: Symbol, definition: Any) -> Expr:
        """The definition of a coupling as an expression in mode sums."""
        instance_of("a key of couplings", name, Symbol)
        value = self.framed(read(as_expression(definition, f"the coupling {name}")))
        if value.shape is not None:
            raise InputError(f"couplings must give {name} a scalar, not the matrix {definition}")
        return mode_scalar(value, self.symbols)

    def _diagonal(self, a):
        return a.but(inverse=False).base in self.symbols


def check_frames(flow: MatrixFlow, frames: Mapping[MatrixSymbol, tuple[Any, ...]]) -> None:
    """Refuse frames whose shapes, names or widths do not fit the weights of the flow."""
    if set(frames) != set(flow.rhs):
        missing = ", ".join(sorted(map(str, set(flow.rhs) ^ set(frames))))
        raise InputError(f"frames must give a frame to each weight of the flow and to nothing else: see {missing}")
    check_names(*(e for W, f in frames.items() for e in (W, flow.rhs[W], *f)))
    modes = [f[1] for f in frames.values()]
    used = {s for f in flow.rhs.values() for s in read(f).symbols()}
    for p in modes:
        if modes.count(p) > 1 or p in used:
            raise InputError(
                f"the mode symbol {p} is used twice; every weight needs its own, "
                "and one that is no parameter of the flow"
            )
    counts = set()
    for W, f in frames.items():
        if not isinstance(f[1], Symbol) or not all(isinstance(B, MatrixSymbol) for B in (f[0], f[2])):
            raise InputError(f"the frame of {W} must be (MatrixSymbol, Symbol, MatrixSymbol)")
        U, _, V = f
        if (U.shape[0], V.shape[0]) != tuple(W.shape) or U.shape[1] != V.shape[1]:
            raise InputError(
                f"{W} is {W.shape[0]} x {W.shape[1]}, but its frames {U}, {V} are {tuple(U.shape)}, {tuple(V.shape)}"
            )
        if {U, V} & set(frames):
            raise InputError(f"a frame of {W} is itself a weight")
        counts.add(U.shape[1])
    if len(counts) > 1:
        raise InputError(f"frames must have one width, not {' and '.join(sorted(map(str, counts)))}")


def mode_value(word: Word, symbols: Mapping[Letter, Symbol]) -> Expr:
    """The value of a word of diagonal letters in one mode."""
    out = Integer(1)
    for a in word:
        base = a.but(inverse=False).base
        if base not in symbols:
            raise Refusal(f"the trace of {'.'.join(map(repr, word))} is not a sum over modes")
        out *= 1 / symbols[base] if a.inverse else symbols[base]
    return out


def mode_scalar(poly: Poly, symbols: Mapping[Letter, Symbol]) -> Expr:
    """A scalar polynomial in traces of diagonal words, as an expression in mode sums."""
    holes: dict[ModeSum, Dummy] = {}

    def on_trace(word):
        node = ModeSum(mode_value(word, symbols))
        positive = node.is_nonnegative or Atom("tr", word).nonnegative
        hole = holes.setdefault(node, Dummy(positive=True) if positive else Dummy(real=True))
        return symbol(hole)

    value = rebuild(poly, from_word, on_trace)
    return write(value).xreplace({hole: node for node, hole in holes.items()})
