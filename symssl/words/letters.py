"""Letters, words and traces: the noncommutative part of the exact algebra.

A *letter* is a matrix symbol, possibly transposed, inverted, held constant by
a stop-gradient, or carrying a label (a sample index, or the copy of a random
vector that an expectation binds).  A *word* is a tuple of letters whose shapes
fit.  The trace of a word depends only on its class under rotation and
transposition, so a trace is stored by the least member of that class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha1
from itertools import pairwise
from typing import Any

from sympy import Basic, Expr, Integer, MatrixBase, MatrixExpr, Rational, Symbol, srepr

from ..errors import InputError, Refusal
from ..exact.gate import as_sympy
from ..language.operators import Expectation, MatrixExpectation, MatrixTotal, Total
from ..language.random_matrices import RandomMatrix
from ..language.random_vectors import GaussianVector
from ..language.sample_vectors import Sample
from ..language.scalars import PotentialGradient

__all__ = [
    "Letter",
    "cyclic_form",
    "letter",
    "name_of",
    "placeholder",
    "short_hash",
    "simplified",
    "slope_letter",
    "split_closed",
    "split_open",
    "transpose",
]

Word = tuple["Letter", ...]
ONE = Integer(1)
FREE = ("", 0)  # the label of a letter that carries none
_RESERVED = frozenset('[]()<>^!#~.|*+;"')  # what keys are built with


@dataclass(frozen=True, eq=False, slots=True)
class Letter:
    """One matrix factor.  `symbol` is the SymPy object it was read from."""

    symbol: MatrixExpr
    rows: Expr
    cols: Expr
    label: tuple[str, Any] = FREE  # FREE | ("#", int) | ("i", name) | ("b", bound id) | ("p", several of these)
    transposed: bool = False
    inverse: bool = False
    stopped: bool = False
    key: str = ""
    plain: bool = True  # neither inverse nor explicit: nothing to simplify

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Letter) and self.key == other.key

    def __lt__(self, other: Letter) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key

    @property
    def text(self) -> str:
        """As on paper."""
        tag, at = self.label
        return "".join(
            (
                str(getattr(self.symbol, "name", self.symbol)),
                f"[{at}]" if tag else "",
                "^-1" if self.inverse else "",
                "^T" if self.transposed else "",
            )
        )

    @property
    def bound(self) -> frozenset[int]:
        """The bound labels that it carries."""
        tag, at = self.label
        return frozenset(n for t, n in (at if tag == "p" else (self.label,)) if t == "b")

    @property
    def base(self) -> Letter:
        """The letter without transpose and inverse: what a flow differentiates."""
        return self.but(
            transposed=False,
            inverse=False,
            rows=self.cols if self.transposed else self.rows,
            cols=self.rows if self.transposed else self.cols,
        )

    @property
    def T(self) -> Letter:
        """The transpose."""
        return _transposed(self)

    @property
    def inverted(self) -> Letter:
        """The inverse."""
        if not isinstance(self.symbol, MatrixBase):
            return self.but(inverse=not self.inverse)
        if self.symbol.det() == 0:
            raise InputError(f"{self.symbol} is singular and has no inverse")
        return letter(self.symbol.inv(), stopped=self.stopped)

    def but(self, **changes: Any) -> Letter:
        """The letter with some marks changed."""
        new = replace(self, **changes)
        object.__setattr__(new, "key", _key(new))
        object.__setattr__(new, "plain", not (new.inverse or isinstance(new.symbol, MatrixBase)))
        return new


@lru_cache(maxsize=4096)
def short_hash(obj: Basic) -> str:
    """A short name for a SymPy object: equal objects, equal names."""
    return sha1(srepr(obj).encode()).hexdigest()[:8]


@lru_cache(maxsize=4096)
def name_of(symbol: MatrixExpr) -> str:
    """A string that tells symbols apart, those of one name and different laws included."""
    if isinstance(symbol, MatrixBase):
        return str(symbol)
    name = symbol.name
    if not _RESERVED.isdisjoint(name) or name.startswith("'"):
        name = repr(name)  # a symbol called "A^T" is not the transpose of A
    if isinstance(symbol, Sample):
        return f"{name}#{symbol.size}"
    if isinstance(symbol, GaussianVector):
        return f"{name}~{short_hash(symbol.joint)}"
    if isinstance(symbol, PotentialGradient):
        return f"{name}~{short_hash(symbol)}"
    if isinstance(symbol, RandomMatrix):
        return f"{name}~{symbol.law}"
    return name


def _key(a):
    tag, at = a.label
    return "".join(
        (
            name_of(a.symbol),
            f"[{tag}{at}]" if tag else "",
            "^-1" if a.inverse else "",
            "^T" if a.transposed else "",
            "!" if a.stopped else "",
            f"<{_size_key(a.rows)}x{_size_key(a.cols)}>",
        )
    )


@lru_cache(maxsize=1024)
def _size_key(n):
    """Sizes of one name but different assumptions are told apart."""
    return str(n) if n.is_Integer else f"{n}:{short_hash(n)}"


@lru_cache(maxsize=4096)
def _transposed(a):
    if isinstance(a.symbol, MatrixBase):
        return letter(a.symbol.T, stopped=a.stopped)
    return a.but(transposed=not a.transposed, rows=a.cols, cols=a.rows)


def letter(symbol: MatrixExpr, **marks: Any) -> Letter:
    """The letter of a SymPy matrix symbol (or constant explicit matrix)."""
    rows, cols = map(as_sympy, symbol.shape)
    return Letter(symbol, rows, cols).but(**marks)


def slope_letter(symbol: PotentialGradient, env: Mapping[Any, Any]) -> Letter:
    """The letter of the gradient of a potential; the indices of the samples in its arguments are labels of the letter.

    `env` maps bound indices to their labels.
    """
    value, labels = symbol.args[3], []
    if value.has(Total, MatrixTotal, Expectation, MatrixExpectation):
        if any(index in env for index in value.free_symbols):
            raise Refusal(f"the potential {value} inside a sum or an expectation has no single gradient")
        return letter(symbol)

    def placed(part: Any) -> Any:
        if isinstance(part, Sample):
            index = part.index
            labels.append(env.get(index) or (("#", int(index)) if index.is_Integer else ("i", index)))
            return part.func(part.args[0], *part.shape, placeholder(len(labels)), part.size)
        args = [placed(arg) for arg in part.args]
        return part if all(a is b for a, b in zip(args, part.args)) else part.func(*args)

    placed_symbol = symbol.func(*symbol.args[:3], placed(value), symbol.args[4])
    return letter(placed_symbol, label=("p", tuple(labels))) if labels else letter(symbol)


def placeholder(number: int) -> Symbol:
    """What stands for the index of a sample number `number` in the letter of a gradient."""
    return Symbol(f"_{number}", integer=True)


def transpose(word: Word) -> Word:
    """The transpose of a word."""
    return tuple(a.T for a in reversed(word))


def simplified(word: Word, closed: bool = False) -> tuple[Rational, Word]:
    """(c, w) with the word equal to c w: letters next to their inverse cancel, explicit
    matrices are multiplied.  The ends of a `closed` word are neighbours too."""
    c = ONE
    out: list[Letter] = []
    for a in word:
        joined = _joined(out[-1], a) if out else None
        if joined is None:
            out.append(a)
        else:
            c, out = c * joined[0], out[:-1] + joined[1]
    while closed and len(out) > 1 and (joined := _joined(out[-1], out[0])):
        factor, middle = joined
        c, out = c * factor, middle + out[1:-1]
    return c, tuple(out)


def _joined(a, b):
    """(c, letters) if two neighbours are shorter together, else None."""
    if a.inverse != b.inverse and a.but(inverse=b.inverse) == b:
        return ONE, []
    if not (isinstance(a.symbol, MatrixBase) and isinstance(b.symbol, MatrixBase)):
        return None
    product = (a.symbol * b.symbol).as_immutable()
    c = product[0, 0]
    if product.rows == product.cols and product == c * product.eye(product.rows):
        return c, []  # zero included
    return ONE, [letter(product, stopped=a.stopped and b.stopped)]


def cyclic_form(word: Word) -> Word:
    """Least representative of a word under rotation and transposition."""
    back = transpose(word)
    n = len(word)
    return min(min(word[k:] + word[:k], back[k:] + back[:k]) for k in range(n))


def split_open(word: Word) -> tuple[Word, list[Word]]:
    """Pull the scalars out of a word: they lie between cuts of dimension one.

    Returns (the word without them, list of 1 x 1 words).
    """
    if not word:
        return word, []
    cuts = [k for k, a in enumerate(word) if a.rows == ONE]
    if word[-1].cols == ONE:
        cuts.append(len(word))
    if len(cuts) < 2:
        return word, []
    return (word[: cuts[0]] + word[cuts[-1] :], [word[i:j] for i, j in pairwise(cuts)])


def split_closed(word: Word) -> list[Word]:
    """The factors of a trace: a trace falls apart at its cuts of dimension one."""
    cuts = [k for k, a in enumerate(word) if a.rows == ONE]
    if len(cuts) < 2:
        return [word]
    turned = word[cuts[0] :] + word[: cuts[0]]
    marks = [k - cuts[0] for k in cuts] + [len(word)]
    return [turned[i:j] for i, j in pairwise(marks)]
