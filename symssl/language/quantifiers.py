"""Quantifiers, and statements in words that are not decided here."""

from __future__ import annotations

from typing import Any

from sympy import Basic, MatrixSymbol, S, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean

from ..errors import InputError
from ..support.arguments import described, sequence_of, text_of
from ..typeset.formulas import as_text
from .dynamics import Held
from .names import names_in
from .terms import as_condition, as_hypothesis, as_point, free_in, hypothesis_latex

__all__ = ["Exists", "External", "ForAll", "Quantifier"]


class Quantifier(Boolean):
    """Common part of `ForAll` and `Exists`: bound symbols, hypotheses, body."""

    word: str

    @property
    def bound(self) -> tuple[Any, ...]:
        """The symbols that are quantified over."""
        return tuple(self.args[0])

    @property
    def bound_symbols(self) -> list[Any]:
        """The same, under SymPy's name for it."""
        return list(self.args[0])

    @property
    def given(self) -> tuple[Any, ...]:
        """The hypotheses on them: conditions and relations between matrices."""
        return tuple(g.value if isinstance(g, Held) else g for g in self.args[1])

    @property
    def body(self) -> Any:
        """What is said of them."""
        return self.args[2]

    @property
    def free_symbols(self) -> set[Any]:
        """All but the bound symbols."""
        return free_in(*self.args[1:3]) - set(self.bound)

    @classmethod
    def _parts(cls, over: Any, body: Any, given: Any) -> tuple[Any, ...]:
        name = cls.__name__
        over = (over,) if isinstance(over, (Symbol, MatrixSymbol)) else over
        over = sequence_of(f"the symbols of {name}", over, "symbols")
        body = as_condition(body, name)
        given = given if isinstance(given, (tuple, list, Tuple)) else (given,)
        given = Tuple(*(as_hypothesis(g, f"the hypotheses of {name}") for g in given))
        occurring = names_in(body)
        for symbol in over:
            if not isinstance(symbol, (Symbol, MatrixSymbol)):
                raise InputError(f"{name} is over symbols, not over {described(symbol)}")
            if symbol.name not in occurring:
                raise InputError(f"{name} over {symbol}, which does not occur in {body}: leave the quantifier out")
        return Tuple(*over), given, body

    def _quantified(self, printer: Any, sign: str) -> str:
        symbols = ", ".join(map(printer._print, self.bound))
        given = ", ".join(hypothesis_latex(printer, g) for g in self.args[1])
        head = rf"{sign} {symbols}" + (rf" \;({given})" if given else "")
        return rf"{head}\colon\; {printer._print(self.body)}"


class ForAll(Quantifier):
    """The body holds for all values of the symbols that keep the hypotheses; `almost`: but for a set of measure zero.

    >>> x = Symbol("x", real=True)
    >>> ForAll(x, x**2 >= -1)
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: ForAll: SymPy has evaluated the statement to True: write it with evaluate=False
    """

    def __new__(cls, over: Any, body: Any, given: Any = (), almost: bool = False) -> ForAll:
        return Basic.__new__(cls, *cls._parts(over, body, given), S.true if almost else S.false)

    @property
    def almost(self) -> bool:
        """Whether a set of measure zero is left out."""
        return bool(self.args[3])

    def _latex(self, printer: Any) -> str:
        return self._quantified(printer, r"\text{for almost all }" if self.almost else r"\forall")

    @property
    def func(self) -> Any:
        """Rebuild from `args`."""
        return lambda over, given, body, almost: Basic.__new__(ForAll, over, given, body, almost)

    def __reduce__(self) -> tuple[Any, ...]:
        return ForAll, (tuple(self.bound), self.body, self.given, self.almost)


class Exists(Quantifier):
    """There are values of the symbols that keep the hypotheses and for which the body holds.

    Parameters
    ----------
    witness : values that show it; unique : there is just one choice.
    """

    def __new__(cls, over: Any, body: Any, given: Any = (), witness: Any = None, unique: bool = False) -> Exists:
        parts = cls._parts(over, body, given)
        point = as_point({} if witness is None else witness, "the witness of Exists")
        if strange := [s for s in point if s not in parts[0]]:
            raise InputError(f"the witness of Exists gives a value to {strange[0]}, which is not quantified over")
        return Basic.__new__(cls, *parts, point, S.true if unique else S.false)

    @property
    def witness(self) -> dict[Any, Any]:
        """Values that show it; empty where none are given."""
        return dict(self.args[3])

    @property
    def unique(self) -> bool:
        """Whether there is just one choice."""
        return bool(self.args[4])

    def _latex(self, printer: Any) -> str:
        return self._quantified(printer, r"\exists!" if self.unique else r"\exists")

    @property
    def func(self) -> Any:
        """Rebuild from `args`."""
        return lambda *args: Basic.__new__(Exists, *args)

    def __reduce__(self) -> tuple[Any, ...]:
        return Exists, (tuple(self.bound), self.body, self.given, self.witness, self.unique)


class External(Boolean):
    """A statement in words that is not decided here: an experiment with a deep network, a cited theorem.

    >>> External("Sec. 6", "The accuracies of a linear classifier coincide.")
    External(Sec. 6, The accuracies of a linear classifier coincide.)
    """

    def __new__(cls, source: Any, text: Any) -> External:
        source = str(source) if isinstance(source, Str) else text_of("the source of External", source)
        text = str(text) if isinstance(text, Str) else text_of("the text of External", text)
        return Basic.__new__(cls, Str(source), Str(text))

    @property
    def source(self) -> str:
        """Where it is said."""
        return str(self.args[0])

    @property
    def text(self) -> str:
        """What is said."""
        return str(self.args[1])

    def _latex(self, printer: Any) -> str:
        return as_text(self.text)
