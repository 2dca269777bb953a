"""Quantifiers, and statements in words that are not decided here."""

from __future__ import annotations

from typing import Any

from sympy import Basic, MatrixSymbol, S, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean

from ..errors import InputError
from ..support.arguments import described, flag, sequence_of, text_of
from ..typeset.formulas import as_text
from .binding import Binder, Node, as_bound
from .dynamics import Held
from .inputs import is_matrix
from .terms import as_condition, as_hypothesis, as_point
from .writing import assignments, condition_latex, listed, ranges, renamed

__all__ = ["Exists", "External", "ForAll", "Quantifier"]


class Quantifier(Binder, Boolean):
    """Common part of `ForAll` and `Exists`: bound symbols, hypotheses, body."""

    within = (0, 1, 2)

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

    @classmethod
    def _parts(cls, over: Any, body: Any, given: Any) -> tuple[Any, ...]:
        name = cls.__name__
        body = as_condition(body, f"the body of {name}")
        given = given if isinstance(given, (tuple, list, Tuple)) else (given,)
        given = Tuple(*(as_hypothesis(g, f"the hypotheses of {name}") for g in given))
        over = (over,) if isinstance(over, (Symbol, MatrixSymbol)) else over
        over = sequence_of(f"the symbols of {name}", over, "symbols")
        for symbol in over:
            if not isinstance(symbol, (Symbol, MatrixSymbol)):
                raise InputError(f"{name} is over symbols, not over {described(symbol)}")
            as_bound(symbol, name, body, *given)
        if not over or len(set(over)) < len(over):
            raise InputError(f"the symbols of {name}: give every symbol once, and one at least")
        return Tuple(*over), given, body

    def _head_latex(self, printer: Any) -> str:
        """What stands before the body, in words."""
        raise NotImplementedError

    def _head(self, printer: Any, words: str, end: str) -> str:
        with renamed(printer, dict.fromkeys(self.bound, None)):
            symbols = ranges(printer, self.bound)
            given = [condition_latex(printer, g) for g in self.args[1]]
        condition = rf" \text{{ with }} {listed(given)}" if given else ""
        return rf"\text{{{words} }} {symbols}{condition}{end}"

    def _latex(self, printer: Any) -> str:
        with renamed(printer, dict.fromkeys(self.bound, None)):
            body = printer._print(self.body)
        return f"{self._head_latex(printer)} {body}"


class ForAll(Quantifier):
    """The body holds for all values of the symbols that keep the hypotheses; `almost`: but for a set of measure zero.

    >>> x = Symbol("x", real=True)
    >>> ForAll(x, x**2 >= 2*x - 1).bound
    (x,)
    """

    def __new__(cls, over: Any, body: Any, given: Any = (), almost: bool = False) -> ForAll:
        return Basic.__new__(cls, *cls._parts(over, body, given), S.true if flag("almost", almost) else S.false)

    @property
    def almost(self) -> bool:
        """Whether a set of measure zero is left out."""
        return bool(self.args[3])

    def _head_latex(self, printer: Any) -> str:
        """For all values, in words."""
        return self._head(printer, "for almost all" if self.almost else "for all", r"\colon")


class Exists(Quantifier):
    """There are values of the symbols that keep the hypotheses and for which the body holds.

    Parameters
    ----------
    witness : values that show it; unique : there is just one choice.
    """

    within = (0, 1, 2)
    point = 3

    def __new__(cls, over: Any, body: Any, given: Any = (), witness: Any = None, unique: bool = False) -> Exists:
        parts = cls._parts(over, body, given)
        point = as_point({} if witness is None else witness, "the witness of Exists")
        for symbol, value in point.items():
            if symbol not in parts[0]:
                raise InputError(f"the witness of Exists gives a value to {symbol}, which is not quantified over")
            if why := _outside_domain(symbol, value):
                raise InputError(f"the witness of Exists: {symbol} = {value}, but {symbol} is {why}")
        for condition in parts[1]:
            if not isinstance(condition, Held) and condition.xreplace(dict(point)) == S.false:
                raise InputError(f"the witness of Exists does not keep the condition {condition}")
        return Basic.__new__(cls, *parts, point, S.true if flag("unique", unique) else S.false)

    @property
    def witness(self) -> dict[Any, Any]:
        """Values that show it; empty where none are given."""
        return dict(self.args[3])

    @property
    def unique(self) -> bool:
        """Whether there is just one choice."""
        return bool(self.args[4])

    def _head_latex(self, printer: Any) -> str:
        """There are values, in words."""
        many = len(self.bound) > 1
        words = "there are" if many else "there is"
        if self.unique:
            words = "there is exactly one choice of" if many else "there is exactly one"
        namely = rf",\; \text{{namely }} {assignments(printer, self.args[3])}," if self.witness else ""
        return self._head(printer, words, rf"{namely} \text{{ such that }}")


def _outside_domain(symbol: Any, value: Any) -> str:
    """Which assumption of a symbol a value is known to violate; empty where none."""
    if is_matrix(symbol):
        return ""
    kinds = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "rational", "real", "finite")
    return next((kind for kind in kinds if getattr(symbol, f"is_{kind}") and getattr(value, f"is_{kind}") is False), "")


class External(Node, Boolean):
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
