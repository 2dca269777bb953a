"""Nodes that bind symbols, and what substitution does to them.

A bound symbol is not touched by a substitution, and a value that contains its name is not captured: the bound symbol
gets another name first.  Rates and gradients are taken in symbols that stay free: a value given to one of these
becomes the point at which the derivative is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from sympy import Basic, Dict, MatrixSymbol, Not, Symbol
from sympy.core.operations import LatticeOp
from sympy.core.relational import Relational
from sympy.printing.pretty.stringpict import prettyForm

from ..errors import InputError
from ..exact.gate import Guarded
from ..typeset.formulas import writer
from ..typeset.text import plain

__all__ = [
    "Binder",
    "Derived",
    "Node",
    "as_bound",
    "exchanged",
    "free_in",
    "letters",
    "packed",
    "unpacked",
    "written_out",
]

Rule = Mapping[Any, Any]


def free_in(*exprs: Any) -> set[Any]:
    """The free symbols of several objects together; of a mapping, those of its values."""
    return set().union(
        *(free_in(*e.values()) if isinstance(e, Dict) else getattr(e, "free_symbols", ()) for e in exprs)
    )


def letters(*exprs: Any) -> set[str]:
    """The names of all symbols that occur, in shapes too.

    >>> sorted(letters(MatrixSymbol("W", Symbol("h"), 2)))
    ['W', 'h']
    """
    found: set[str] = set()
    stack, seen = list(exprs), set()
    while stack:
        part = stack.pop()
        if isinstance(part, Basic) and part not in seen:
            seen.add(part)
            if isinstance(part, (Symbol, MatrixSymbol)):
                found.add(part.name)
            stack.extend(part.args)
    return found


class Node(Guarded, Basic):
    """An object whose constructor takes other arguments than `args`: it is rebuilt from these as they are."""

    @classmethod
    def _again(cls, *args: Any) -> Any:
        return Basic.__new__(cls, *args)

    @property
    def func(self) -> Any:
        """Rebuild from `args`."""
        return type(self)._again

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(map(printer._print, self.args))})"

    def _pretty(self, printer: Any) -> prettyForm:
        """The line that LaTeX becomes in a terminal."""
        if not printer._use_unicode:
            return prettyForm(str(self))
        text = plain(writer(getattr(printer, "names", None)).inline(self))
        return prettyForm(text, binding=prettyForm.ADD if " " in text else prettyForm.ATOM)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (type(self)._again, *map(packed, self.args))


class _Packed(tuple[Any, ...]):
    """A class or function and arguments, for pickling: SymPy would evaluate relations when they are loaded."""


def packed(part: Any) -> Any:
    """What is pickled in place of a part, so that relations in it come back as they were written."""
    if not isinstance(part, Basic) or isinstance(part, Node) or not part.has(Relational):
        return part
    return _Packed((type(part), *map(packed, part.args)))


def unpacked(part: Any) -> Any:
    """The part that was packed."""
    return _made(part[0], list(map(unpacked, part[1:]))) if isinstance(part, _Packed) else part


def _unpacked(make: Callable[..., Any], *args: Any) -> Any:
    return make(*map(unpacked, args))


def _made(kind: Any, args: list[Any]) -> Any:
    """A part of a statement with these arguments, as it is written: nothing is decided."""
    asis = issubclass(kind, (Relational, LatticeOp, Not)) if isinstance(kind, type) else False
    return kind(*args, evaluate=False) if asis else kind(*args)


class _Substituted(Node):
    """What `xreplace` and `subs` have in common: both come to `_replaced`."""

    def _replaced(self, rule: Rule, put: Callable[[Any, Rule], Any]) -> Any:
        raise NotImplementedError

    def _xreplace(self, rule: Any) -> tuple[Any, bool]:
        if self in rule:
            return rule[self], True
        if not isinstance(rule, Mapping):  # a function of SymPy's own
            return super()._xreplace(rule)
        made = self._replaced({old: rule[old] for old in rule if self.has(old)}, exchanged)
        return made, made != self

    def _eval_subs(self, old: Any, new: Any) -> Any:
        return self._replaced({old: new}, exchanged if isinstance(old, (Symbol, MatrixSymbol)) else _substituted)


def exchanged(part: Any, rule: Rule) -> Any:
    """A part with others in place of some of its parts; relations are not evaluated, bound symbols not touched.

    >>> from sympy import Eq
    >>> x = Symbol("x")
    >>> exchanged(Eq(x, 1), {x: 1})
    Eq(1, 1)
    """
    if part in rule:
        return rule[part]
    if not rule or not isinstance(part, Basic) or not part.args:
        return part
    if isinstance(part, _Substituted):
        return part._xreplace(rule)[0]
    if own := set(getattr(part, "bound_symbols", ())):  # SymPy's own, as in a Lambda
        rule = {old: new for old, new in rule.items() if not own & ({old} | getattr(old, "free_symbols", set()))}
        if {symbol.name for symbol in own} & letters(*rule.values()) and any(map(part.has, rule)):
            part = part.as_dummy()
    args = [exchanged(arg, rule) for arg in part.args]
    if all(new is old for new, old in zip(args, part.args)):
        return part
    return _made(type(part) if isinstance(part, (Relational, LatticeOp, Not)) else part.func, args)


def _substituted(part: Any, rule: Rule) -> Any:
    for old, new in rule.items():
        part = part._subs(old, new) if hasattr(part, "_subs") else part
    return part


class Binder(_Substituted):
    """A node that binds symbols: in the arguments number `within`; the keys of the mapping number `point` are bound."""

    within: ClassVar[tuple[int, ...]]
    point: ClassVar[int | None] = None

    @property
    def bound_symbols(self) -> list[Any]:
        """The symbols that are bound; here the keys of the point."""
        return list(self.args[self.point])

    @property
    def outer(self) -> tuple[Any, ...]:
        """What stands outside the scope of the bound symbols; of a point its values."""
        return tuple(
            tuple(arg.values()) if k == self.point else arg for k, arg in enumerate(self.args) if k not in self.within
        )

    @property
    def free_symbols(self) -> set[Any]:
        """All symbols but the bound ones."""
        inside = free_in(*(self.args[k] for k in self.within)) - set(self.bound_symbols)
        return inside | free_in(*(self.args[k] for k in range(len(self.args)) if k not in self.within))

    def _replaced(self, rule: Rule, put: Callable[[Any, Rule], Any]) -> Any:
        bound = set(self.bound_symbols)
        inside = {
            old: new
            for old, new in rule.items()
            if not bound & ({old} | getattr(old, "free_symbols", set()))
            and any(self.args[k].has(old) for k in self.within)
        }
        taken = letters(*inside.values())
        if clash := [symbol for symbol in self.bound_symbols if symbol.name in taken]:
            return self._renamed(clash, taken)._replaced(rule, put)
        args = []
        for k, arg in enumerate(self.args):
            if k in self.within:
                args.append(put(arg, inside))
            elif k == self.point:
                args.append(Dict({put(key, inside): put(value, rule) for key, value in arg.items()}))
            else:
                args.append(put(arg, rule))
        return self.func(*args)

    def _renamed(self, symbols: Iterable[Any], taken: set[str]) -> Binder:
        """The same with other names for some of the bound symbols."""
        taken = taken | letters(self)
        fresh: dict[Any, Any] = {}
        for symbol in symbols:
            fresh[symbol] = _named_anew(symbol, taken)
            taken.add(fresh[symbol].name)
        args = []
        for k, arg in enumerate(self.args):
            if k == self.point:
                arg = Dict({fresh.get(key, key): value for key, value in arg.items()})
            args.append(exchanged(arg, fresh) if k in self.within else arg)
        return self.func(*args)


def _named_anew(symbol: Any, taken: set[str]) -> Any:
    stem = symbol.name
    name = next(n for k in range(1, len(taken) + 2) if (n := f"{stem}_{k}") not in taken)
    return (
        MatrixSymbol(name, *symbol.shape)
        if isinstance(symbol, MatrixSymbol)
        else type(symbol)(name, **symbol._assumptions_orig)
    )


class Derived(_Substituted):
    """A derivative by symbols that stay free: a value given to one of them is the point where it is taken."""

    @property
    def pivots(self) -> tuple[Any, ...]:
        """The symbols in which the derivative is taken."""
        raise NotImplementedError

    def _at(self, point: dict[Any, Any]) -> Any:
        from .terms import At  # a derivative at a point is a term of its own

        return At(self, point)

    def _replaced(self, rule: Rule, put: Callable[[Any, Rule], Any]) -> Any:
        pivots = set(self.pivots)
        names = {symbol.name for symbol in pivots}
        rule = {old: new for old, new in rule.items() if self.has(old)}
        moved = {old: new for old, new in rule.items() if old in pivots}
        plain = {old: new for old, new in rule.items() if not pivots & ({old} | getattr(old, "free_symbols", set()))}
        caught = {old: new for old, new in plain.items() if letters(new) & names}
        if moved and not caught and self._renames(moved):
            return self.func(*(put(arg, plain | moved) for arg in self.args))
        free: dict[Any, Any] = {}
        taken = letters(self, *rule.values())
        for old, new in caught.items():  # the value is one of the point, where the derivative is taken without it
            letter = old
            if not isinstance(old, (Symbol, MatrixSymbol)):
                letter = _named_anew(MatrixSymbol("c", *old.shape) if old.is_Matrix else Symbol("c", real=True), taken)
                taken.add(letter.name)
            plain[old] = letter
            free[letter] = new
        made = self.func(*(put(arg, plain) for arg in self.args)) if plain else self
        sizes = {old: new for old, new in plain.items() if old not in caught}
        moved = {put(old, sizes): new for old, new in moved.items()}
        point = moved | free
        return made._at(point) if point else made

    def _renames(self, moved: Rule) -> bool:
        """Whether symbols become other symbols of the same kind that do not occur yet, or change places."""
        values = list(moved.values())
        others = self.free_symbols - set(moved)
        return (
            len(set(values)) == len(values)
            and not others & set(values)
            and not letters(*values) & {getattr(s, "name", "") for s in others}
            and all(
                isinstance(new, MatrixSymbol if isinstance(old, MatrixSymbol) else Symbol)
                and getattr(new, "shape", ()) == getattr(old, "shape", ())
                for old, new in moved.items()
            )
        )


def as_bound(symbol: Any, role: str, *scope: Any) -> Any:
    """A symbol that may be bound; `InputError` where the scope has another symbol of its name.

    >>> as_bound(Symbol("x", real=True), "Limit", Symbol("x"))
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: Limit binds x, but another symbol of that name occurs in x: give both the same assumptions
    """
    from .random_matrices import RandomMatrix
    from .random_vectors import GaussianVector
    from .sample_vectors import Sample
    from .scalars import PotentialGradient

    if not isinstance(symbol, (Symbol, MatrixSymbol)):
        raise InputError(f"{role} binds symbols and matrix symbols, not {symbol}")
    if isinstance(symbol, (GaussianVector, RandomMatrix, Sample, PotentialGradient)):
        raise InputError(f"{role} cannot bind {symbol}, which has a law or an index: use a symbol or a matrix symbol")
    for expr in scope:
        found = expr.free_symbols if hasattr(expr, "free_symbols") else set()
        if any(getattr(other, "name", None) == symbol.name and other != symbol for other in found):
            raise InputError(
                f"{role} binds {symbol}, but another symbol of that name occurs in {str(expr)[:80]}: "
                f"give both the same {'shape' if isinstance(symbol, MatrixSymbol) else 'assumptions'}"
            )
    return symbol


def written_out(expr: Any, table: Rule) -> Any:
    """An expression in which names stand for terms, written out: as text is, also where a name is bound.

    >>> from sympy import Limit, oo
    >>> t, s = Symbol("t"), Symbol("s")
    >>> written_out(s**2, {s: t + 1})
    (t + 1)**2
    """
    if expr in table:
        return table[expr]
    if not isinstance(expr, Basic) or not expr.args:
        return expr
    args = [written_out(arg, table) for arg in expr.args]
    if all(new is old for new, old in zip(args, expr.args)):
        return expr
    return _made(type(expr) if isinstance(expr, (Relational, LatticeOp, Not)) else expr.func, args)
