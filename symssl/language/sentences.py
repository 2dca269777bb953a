r"""Sentences: closed formal statements about losses, flows, limits, equilibria, spectra, optima and moments.

A sentence is built from SymPy's own relations and connectives (`Eq`, `<`, `And`, `Or`, `Not`, `Implies`,
`Equivalent`, `Contains`), from the terms of `symssl.language.terms` and from quantifiers.  Every name in it is
declared: an `Object` with what it stands for, or a `Let` for a term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Basic, MatrixSymbol, S, Symbol, Tuple

from ..errors import InputError
from ..exact.statements import as_statement
from ..support.arguments import instance_of, sequence_of, text_of
from ..support.display import summary
from ..support.suggestions import did_you_mean
from ..typeset.formulas import Formula, Tex
from .inputs import is_matrix
from .names import bound_names, names_in
from .random_vectors import GaussianVector
from .relations import Relation
from .sample_vectors import Sample, samples
from .scalars import Potential
from .terms import as_condition, as_term, free_in

__all__ = ["Let", "Object", "Sentence", "Vocabulary"]


@dataclass(frozen=True)
class Object:
    r"""A declared name: a symbol, what it stands for in words, and what is known of it.

    Parameters
    ----------
    symbol : symbol, matrix symbol, family of samples, random vector or potential; shape, sign and law are its own.
    words : what it stands for, for readers ("the width of the hidden layer").
    where : conditions and relations between matrices that it keeps, throughout.

    >>> Object(Symbol("h", integer=True, positive=True), "the width").name
    'h'
    """

    symbol: Any
    words: str
    where: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        kinds = (Symbol, MatrixSymbol, samples, Potential)
        instance_of("what Object declares", self.symbol, kinds, "a symbol, matrix symbol, samples or potential")
        text_of(f"the words for {self.name}", self.words)
        where: Any = self.where
        where = where if isinstance(where, (tuple, list)) else (where,)
        object.__setattr__(self, "where", tuple(_plain_hypothesis(w, self.name) for w in where))

    @property
    def name(self) -> str:
        """The name under which it occurs."""
        return str(self.symbol.args[0]) if isinstance(self.symbol, Potential) else self.symbol.name


def _plain_hypothesis(value: Any, name: str) -> Any:
    if isinstance(value, Relation):
        return value
    if value is False or value == S.false:
        raise InputError(f"the condition on {name} contradicts its declaration: SymPy has evaluated it to False")
    return as_condition(value, f"the condition on {name}")


@dataclass(frozen=True)
class Let:
    """A name for a term: ``Let(C, (C_1 + C_1.T)/2)``.

    >>> x, s = Symbol("x"), Symbol("s")
    >>> Let(s, x**2).name
    's'
    """

    symbol: Any
    term: Any
    words: str = ""

    def __post_init__(self) -> None:
        instance_of("what Let names", self.symbol, (Symbol, MatrixSymbol), "a symbol or a matrix symbol")
        term = as_term(self.term, f"the term of {self.name}")
        if is_matrix(self.symbol) != is_matrix(term) or (
            is_matrix(term) and tuple(self.symbol.shape) != tuple(term.shape)
        ):
            raise InputError(f"Let {self.name}: the term has not the shape of {self.name}")
        object.__setattr__(self, "term", term)

    @property
    def name(self) -> str:
        """The name."""
        return self.symbol.name


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The declared names of a paper; makes its sentences.

    >>> x = Symbol("x", real=True)
    >>> from sympy import Ge
    >>> Vocabulary(Object(x, "a number")).sentence(Ge(x**2, 2*x - 1)).claim
    x**2 >= 2*x - 1
    """

    entries: tuple[Object | Let, ...]

    def __init__(self, *entries: Any) -> None:
        flat = [e for entry in entries for e in (entry.entries if isinstance(entry, Vocabulary) else (entry,))]
        seen: dict[str, Any] = {}
        for entry in flat:
            instance_of("an entry of a vocabulary", entry, (Object, Let))
            if seen.setdefault(entry.name, entry) != entry:
                raise InputError(f"{entry.name} is declared twice: give it one meaning")
        object.__setattr__(self, "entries", tuple(seen.values()))

    def __repr__(self) -> str:
        return summary(f"Vocabulary of {len(self.entries)} names", [f"{e.name}: {e.words}" for e in self.entries])

    def sentence(self, claim: Any, given: Any = (), **more: Any) -> Sentence:
        """A sentence in these names: the declarations that it needs are picked out."""
        return Sentence(claim, self, given, **more)


@dataclass(frozen=True, repr=False)
class Sentence(Formula):
    """A closed statement: the claim holds for all values of its objects that keep their conditions and `given`.

    Parameters
    ----------
    claim : comparison, quantifier, connective of these, or `External`.
    vocabulary : declares every name that occurs; an undeclared one is an error.
    given : hypotheses of this sentence: conditions, and relations between matrices.
    almost : names of objects for which a set of measure zero is left out ("for almost every start").

    Attributes
    ----------
    objects : the objects that occur, also in conditions and shapes; lets : the abbreviations that occur, in order.

    Raises
    ------
    InputError
        A name that is not declared or declared otherwise, an abbreviation that refers to itself, a statement that
        SymPy has evaluated, a hypothesis that is false.

    >>> x, y = Symbol("x", real=True), Symbol("y", real=True)
    >>> from sympy import Ge
    >>> Sentence(Ge(x**2, y), Vocabulary(Object(x, "a number")))
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: y is not declared: add Object(y, "what it stands for") to the vocabulary
    """

    claim: Any
    vocabulary: Vocabulary = field(compare=False)
    given: tuple[Any, ...] = ()
    almost: tuple[Any, ...] = ()
    objects: tuple[Object, ...] = field(init=False)
    lets: tuple[Let, ...] = field(init=False)

    def __post_init__(self) -> None:
        claim = as_condition(self.claim, "a sentence")
        as_statement(claim, "a sentence")
        instance_of("vocabulary", self.vocabulary, Vocabulary)
        given: Any = self.given
        given = given if isinstance(given, (tuple, list)) else (given,)
        given = tuple(_plain_hypothesis(g, "the sentence") for g in given)
        object.__setattr__(self, "claim", claim)
        object.__setattr__(self, "given", given)
        objects, lets = _declared(claim, given, self.vocabulary)
        object.__setattr__(self, "objects", objects)
        object.__setattr__(self, "lets", lets)
        known = {o.symbol for o in objects if isinstance(o.symbol, Basic)}
        object.__setattr__(self, "almost", sequence_of("almost", self.almost, "declared symbols"))
        for symbol in self.almost:
            if symbol not in known:
                raise InputError(f"almost every {symbol}: it is no object of the sentence")

    def __repr__(self) -> str:
        lines = [str(self.claim), *(f"given {g}" for g in self.given)]
        lines += [f"{let.name} = {let.term}" for let in self.lets]
        lines += [f"{o.name}: {o.words}" for o in self.objects]
        return summary("Sentence", lines)

    @property
    def hypotheses(self) -> tuple[Any, ...]:
        """The conditions of the objects and those of the sentence."""
        return tuple(dict.fromkeys([c for o in self.objects for c in o.where] + list(self.given)))

    @property
    def expanded(self) -> Any:
        """The claim with every abbreviation written out."""
        return self.expand(self.claim)

    def expand(self, expr: Any) -> Any:
        """An expression with the abbreviations of this sentence written out."""
        for let in reversed(self.lets):
            expr = expr.xreplace({let.symbol: let.term})
        return expr

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        parts = [write(self.claim)]
        lets = [f"{write(let.symbol)} = {write(let.term)}" for let in self.lets]
        given = [write(g) for g in self.given]
        if given:
            parts.insert(0, ",\\; ".join(given) + r"\colon")
        return Tex(r" \quad ".join([" \\; ".join(parts), *([rf"\text{{with }} {', '.join(lets)}"] if lets else [])]))


def _names_with_hypotheses(exprs: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for expr in exprs:
        for part in expr.matrices if isinstance(expr, Relation) else (expr,):
            for name, symbol in names_in(part).items():
                found.setdefault(name, symbol)
    return found


def _declared(claim: Any, given: Sequence[Any], vocabulary: Vocabulary) -> tuple[tuple[Object, ...], tuple[Let, ...]]:
    """The declarations that a claim needs, those of its abbreviations, conditions and shapes included."""
    table = {entry.name: entry for entry in vocabulary.entries}
    needed: dict[str, Any] = {}
    free_names = {getattr(s, "name", str(s)) for s in free_in(claim, *(g for g in given if isinstance(g, Basic)))}
    waiting = [(name, symbol) for name, symbol in _names_with_hypotheses([claim, *given]).items()]
    bound = bound_names(claim)
    while waiting:
        name, symbol = waiting.pop()
        if name in needed:
            continue
        if name not in table:
            if name in bound and name not in free_names:
                continue  # declared where it is bound
            hint = did_you_mean(name, table, "")
            raise InputError(
                f'{name} is not declared: add Object({name}, "what it stands for") to the vocabulary{hint}'
            )
        entry = table[name]
        _one_meaning(entry, symbol)
        needed[name] = entry
        more: list[Any] = [entry.term] if isinstance(entry, Let) else list(entry.where)
        more.append(entry.symbol if isinstance(entry.symbol, Basic) else Tuple(entry.symbol.dim, entry.symbol.size))
        waiting.extend(_names_with_hypotheses(more).items())
    order = {name: place for place, name in enumerate(table)}
    chosen = [needed[name] for name in sorted(needed, key=order.__getitem__)]
    lets = _ordered([e for e in chosen if isinstance(e, Let)])
    return tuple(e for e in chosen if isinstance(e, Object)), tuple(lets)


def _one_meaning(entry: Any, symbol: Any) -> None:
    declared = entry.symbol
    if isinstance(declared, samples):
        same = isinstance(symbol, Sample) and (symbol.shape[0], symbol.size) == (declared.dim, declared.size)
    elif isinstance(declared, GaussianVector):
        same = isinstance(symbol, GaussianVector) and symbol.copied(1) == declared.copied(1)
    elif isinstance(declared, Potential):
        same = isinstance(symbol, Potential)
    else:
        same = symbol == declared
    if not same:
        raise InputError(
            f"two different symbols are called {entry.name}: one in the sentence, another declared; "
            "give them one shape and one set of assumptions"
        )


def _ordered(lets: list[Let]) -> list[Let]:
    """Abbreviations, each after those that its term uses."""
    left = {let.name: let for let in lets}
    out: list[Let] = []
    while left:
        ready = [let for let in left.values() if not (set(names_in(let.term)) & set(left))]
        if not ready:
            raise InputError(f"Let {', '.join(left)}: the terms refer to themselves or to each other")
        out.extend(left.pop(let.name) for let in ready)
    return out
