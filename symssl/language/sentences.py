r"""Sentences: closed formal statements about losses, flows, limits, equilibria, spectra, optima and moments.

A sentence is built from SymPy's own relations and connectives (`Eq`, `<`, `And`, `Or`, `Not`, `Implies`,
`Equivalent`, `Contains`), from the terms of `symssl.language.terms` and from quantifiers.  Every name in it is
declared: an `Object` with what it stands for, or a `Let` for a term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from sympy import And, Basic, Contains, FiniteSet, MatrixBase, MatrixSymbol, S, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from ..errors import InputError
from ..exact.gate import as_sympy
from ..exact.statements import as_statement
from ..support.arguments import instance_of, sequence_of, text_of, whole
from ..support.display import summary
from ..support.suggestions import did_you_mean
from ..typeset.formulas import Formula, Tex
from .binding import packed, unpacked, written_out
from .dynamics import Dynamics, Held
from .exposition import Definition, definitions_of, sentence_latex, sentence_text
from .inputs import is_matrix
from .names import bound_names, free_names, names_in
from .quantifiers import Quantifier
from .random_vectors import GaussianVector
from .relations import Relation
from .sample_vectors import Sample, samples
from .scalars import Potential
from .terms import Limit, Optimum, Order, as_condition, as_term

__all__ = ["Let", "Named", "Object", "Sentence", "Vocabulary"]


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
    if isinstance(value, (bool, BooleanAtom)) and not value:
        raise InputError(
            f"the condition on {name} contradicts the declarations: it is false for all values that their signs and "
            "sizes allow; change the condition or the symbols"
        )
    if isinstance(value, (bool, BooleanAtom)):
        raise InputError(f"the condition on {name} says nothing: the declarations imply it; leave it out")
    condition = as_condition(value, f"the condition on {name}")
    if _evaluated(condition) == S.false:
        raise InputError(
            f"the condition {condition} on {name} contradicts the declarations: change it, or the signs of its symbols"
        )
    return condition


def _evaluated(condition: Any) -> Any:
    """What SymPy says of a comparison, by the assumptions of its symbols alone."""
    if isinstance(condition, Relational):
        return condition.func(condition.lhs, condition.rhs)
    return condition.func(*map(_evaluated, condition.args)) if isinstance(condition, And) else condition


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


@dataclass(frozen=True)
class Named:
    r"""Words for dynamics that sentences speak about: they say "along the linear flow", the definitions say what it is.

    >>> from symssl.language import VectorField
    >>> x = Symbol("x")
    >>> Named(VectorField({x: -x}), "the linear flow").name
    'the linear flow'
    """

    dynamics: Any
    words: str

    def __post_init__(self) -> None:
        wanted = "a GradientFlow, GradientDescent or VectorField"
        instance_of("what Named names", self.dynamics, Dynamics, wanted)
        text_of("the words of Named", self.words)

    @property
    def name(self) -> str:
        """The words."""
        return self.words


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """The declared names of a paper; makes its sentences.

    Raises
    ------
    InputError
        A name, or dynamics, declared twice in different ways.

    >>> x = Symbol("x", real=True)
    >>> from sympy import Ge
    >>> Vocabulary(Object(x, "a number")).sentence(Ge(x**2, 2*x - 1)).claim
    x**2 >= 2*x - 1
    """

    entries: tuple[Object | Let | Named, ...]

    def __init__(self, *entries: Any) -> None:
        flat = [e for entry in entries for e in (entry.entries if isinstance(entry, Vocabulary) else (entry,))]
        seen: dict[str, Any] = {}
        dynamics: dict[Any, str] = {}
        for entry in flat:
            instance_of("an entry of a vocabulary", entry, (Object, Let, Named), "an Object, a Let or Named dynamics")
            if seen.setdefault(entry.name, entry) != entry:
                first = seen[entry.name].words
                raise InputError(
                    f"{entry.name} is declared twice, as {first!r} and as {entry.words!r}, or with two shapes, signs "
                    "or conditions: give it one meaning"
                )
            if isinstance(entry, Named) and dynamics.setdefault(entry.dynamics, entry.words) != entry.words:
                raise InputError(f"{dynamics[entry.dynamics]} and {entry.words} are the same dynamics: name them once")
        object.__setattr__(self, "entries", tuple(seen.values()))

    def __repr__(self) -> str:
        return summary(f"Vocabulary of {len(self.entries)} names", [f"{e.name}: {e.words}" for e in self.entries])

    @property
    def table(self) -> dict[str, Object | Let]:
        """Name -> declaration, of objects and abbreviations."""
        return {entry.name: entry for entry in self.entries if not isinstance(entry, Named)}

    @property
    def dynamics(self) -> dict[Any, str]:
        """Dynamics -> the words for them."""
        return {entry.dynamics: entry.words for entry in self.entries if isinstance(entry, Named)}

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
    almost : objects for which a set of measure zero is left out ("for almost every start").

    Attributes
    ----------
    objects : the objects that occur, also in conditions and shapes; lets : the abbreviations that occur, in order.

    Raises
    ------
    InputError
        A name that is not declared or declared otherwise, an abbreviation that refers to itself or is bound, a
        statement that SymPy has evaluated, a hypothesis that contradicts the declarations, sides of different shapes,
        a quantifier over a symbol that does not occur.

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
        almost: Any = self.almost
        almost = (almost,) if isinstance(almost, Basic) else sequence_of("almost", almost, "declared symbols")
        object.__setattr__(self, "almost", almost)
        for symbol in almost:
            if not isinstance(symbol, Basic) or symbol not in known:
                raise InputError(f"almost every {symbol}: it is no object of the sentence")
        _check_meaning(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "claim": packed(self.claim), "given": tuple(map(packed, self.given))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        claim, given = unpacked(state["claim"]), tuple(map(unpacked, state["given"]))
        self.__dict__.update(state | {"claim": claim, "given": given})

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
    def dynamics(self) -> tuple[Dynamics, ...]:
        """The dynamics that the sentence speaks about, in the order in which they occur."""
        parts = [self.claim, *(g for g in self.given if isinstance(g, Basic)), *(let.term for let in self.lets)]
        return tuple(dict.fromkeys(d for part in parts for d in _in_order(part) if isinstance(d, Dynamics)))

    @property
    def expanded(self) -> Any:
        """The claim with every abbreviation written out."""
        return self.expand(self.claim)

    def expand(self, expr: Any) -> Any:
        """An expression, or a relation between matrices, with the abbreviations of this sentence written out."""
        if isinstance(expr, Relation):
            return self.expand(Held(expr)).value
        expr = as_sympy(expr, "what is written out")
        expr = expr.as_immutable() if isinstance(expr, MatrixBase) else expr
        for let in reversed(self.lets):
            expr = written_out(expr, {let.symbol: let.term})
        return expr

    def with_claim(self, claim: Any) -> Sentence:
        """The sentence that claims something else under the same hypotheses."""
        return replace(self, claim=claim)

    def definitions(self, names: Mapping[Any, str] | None = None) -> tuple[Definition, ...]:
        r"""Every symbol of the sentence, for readers: how it is written, what it stands for, what is known of it.

        Parameters
        ----------
        names : symbol, or its name, -> LaTeX: the notation of a paper.

        >>> x = Symbol("x", positive=True)
        >>> from sympy import Ge
        >>> claim = Ge(x + 1/x, 2)
        >>> [row] = Vocabulary(Object(x, "a length")).sentence(claim).definitions()
        >>> row.symbol, row.words, row.kind
        ('x', 'a length', '\\text{positive number}')
        """
        return definitions_of(self, names)

    def text(self, names: Mapping[Any, str] | None = None, width: int = 88) -> str:
        """The sentence in the characters of a terminal, in lines of at most about `width`.

        >>> x = Symbol("x", positive=True)
        >>> from sympy import Ge
        >>> Vocabulary(Object(x, "a length")).sentence(Ge(x + 1/x, 2)).text()
        'x + 1/x ≥ 2'
        """
        return sentence_text(self, names, whole("width", width, 20))

    def _latex_form(self, write: Any) -> Tex:
        return Tex(sentence_latex(self, write))


def _in_order(expr: Any) -> Iterator[Any]:
    """All parts, each before its own."""
    yield expr
    for arg in getattr(expr, "args", ()):
        yield from _in_order(arg)


def _free(exprs: Iterable[Any]) -> list[tuple[str, Any]]:
    return [pair for e in exprs for pair in free_names(*(e.matrices if isinstance(e, Relation) else (e,)))]


def _declared(claim: Any, given: Iterable[Any], vocabulary: Vocabulary) -> tuple[tuple[Object, ...], tuple[Let, ...]]:
    """The declarations that a claim needs, those of its abbreviations, conditions and shapes included."""
    table = vocabulary.table
    needed: dict[str, Any] = {}
    waiting = _free([claim, *given])
    while waiting:
        name, symbol = waiting.pop(0)
        if name not in table:
            hint = did_you_mean(name, table, "")
            raise InputError(
                f'{name} is not declared: add Object({name}, "what it stands for") to the vocabulary{hint}'
            )
        entry = table[name]
        _one_meaning(entry, symbol)
        if name in needed:
            continue
        needed[name] = entry
        more: list[Any] = [entry.term] if isinstance(entry, Let) else list(entry.where)
        more.extend([entry.symbol] if isinstance(entry.symbol, Basic) else [entry.symbol.dim, entry.symbol.size])
        waiting.extend(_free(more))
    order = {name: place for place, name in enumerate(table)}
    chosen = [needed[name] for name in sorted(needed, key=order.__getitem__)]
    lets = _ordered([e for e in chosen if isinstance(e, Let)])
    written = [part for part in (claim, *given, *(let.term for let in lets)) if isinstance(part, Basic)]
    bound = set().union(*map(bound_names, written))
    if clash := [name for name in sorted(bound) if isinstance(table.get(name), Let)]:
        raise InputError(
            f"{clash[0]} is an abbreviation, and is bound or given a value in the sentence: declare it as an Object"
        )
    return tuple(e for e in chosen if isinstance(e, Object)), tuple(lets)


def _one_meaning(entry: Any, symbol: Any) -> None:
    declared = entry.symbol
    if isinstance(declared, samples):
        same = isinstance(symbol, Sample) and (symbol.shape[0], symbol.size) == (declared.dim, declared.size)
    elif isinstance(declared, GaussianVector):
        same = isinstance(symbol, GaussianVector) and symbol.copied(1) == declared.copied(1)
    elif isinstance(declared, Potential):
        same = isinstance(symbol, Potential) and len(symbol.args) == len(declared.args)
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
            raise InputError(
                f"Let {', '.join(left)}: the terms refer to themselves or to each other; write one of them out"
            )
        out.extend(left.pop(let.name) for let in ready)
    return out


# --- what a sentence must not say ---------------------------------------------------------


def _check_meaning(sentence: Sentence) -> None:
    """Shapes of the two sides, bound symbols that do not occur, hypotheses that cannot hold together."""
    given = [sentence.expand(Held(g) if isinstance(g, Relation) else g) for g in sentence.hypotheses]
    for part in _in_order(sentence.expanded):
        _check_sides(part)
        _check_bound(part)
    for condition in given:
        for part in _in_order(condition):
            _check_sides(part)
    plain = [g for g in given if not isinstance(g, Held)]
    for one, other in combinations(plain, 2):
        if And(one, other) == S.false:
            raise InputError(
                f"the hypotheses {_brief(one)} and {_brief(other)} contradict each other: no instance keeps both"
            )


def _brief(part: Any) -> str:
    """The beginning of what is wrong, for a message."""
    text = str(part)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check_sides(part: Any) -> None:
    if isinstance(part, Relational):
        pairs = [(part.lhs, part.rhs)]
        if is_matrix(part.lhs) and part.rel_op not in ("==", "!="):
            raise InputError(
                f"{_brief(part)} compares the size of matrices: compare norms, or eigenvalues of the difference"
            )
    elif isinstance(part, Contains) and isinstance(part.args[1], FiniteSet):
        pairs = [(part.args[0], element) for element in part.args[1].args]
    else:
        return
    for left, right in pairs:
        if is_matrix(left) != is_matrix(right):
            matrix, number = (left, right) if is_matrix(left) else (right, left)
            if isinstance(number, Basic) and hasattr(number, "is_number"):
                raise InputError(
                    f"{_brief(part)} compares the matrix {_brief(matrix)} with the number {_brief(number)}: write "
                    f"{'ZeroMatrix' if number == 0 else 'a multiple of Identity'}{tuple(matrix.shape)} or a scalar"
                )
        elif is_matrix(left) and tuple(left.shape) != tuple(right.shape):
            sizes = [f"{m.shape[0]} x {m.shape[1]}" for m in (left, right)]
            raise InputError(f"{_brief(part)}: the left side is {sizes[0]}, the right side {sizes[1]}")


def _check_bound(part: Any) -> None:
    if isinstance(part, Quantifier):
        scope = [part.body, *part.args[1], *(s.args for s in part.bound)]
        name = type(part).__name__
    elif isinstance(part, (Limit, Order, Optimum)):
        scope = [part.args[0], *(part.args[2] if isinstance(part, Optimum) else ())]
        name = type(part).__name__.removeprefix("Scalar").removeprefix("Matrix")
    else:
        return
    occurring = {symbol for _, symbol in free_names(*scope)}
    for symbol in part.bound_symbols:
        if symbol not in occurring:
            raise InputError(f"{name} over {symbol}, which does not occur in {_brief(scope[0])}: leave it out")
