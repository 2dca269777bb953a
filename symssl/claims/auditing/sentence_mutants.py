"""Small changes to a sentence, its hypotheses, abbreviations and dynamics: what an audit attacks the checker with.

Each mutant is again a well-formed sentence, under a label that says in words what was changed and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import sympy as sp
from sympy.core.symbol import Str
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Equivalent, Implies, Not, Or

from ...errors import SymsslError
from ...exact.gate import as_sympy
from ...language.binding import written_out
from ...language.dynamics import Dynamics, Held
from ...language.inputs import is_matrix
from ...language.names import names_in
from ...language.operators import MatrixStopGradient, MatrixTotal, StopGradient, Total
from ...language.quantifiers import Exists, External, ForAll, Quantifier
from ...language.random_vectors import Joint
from ...language.relations import Relation
from ...language.sample_vectors import Sample
from ...language.scalars import Potential
from ...language.sentences import Let, Named, Object, Sentence, Vocabulary
from ...language.terms import (
    Along,
    At,
    Eigenvalue,
    FirstTime,
    Gradient,
    Growth,
    Limit,
    Next,
    Optimum,
    Order,
    Rate,
    Stability,
    Zeros,
)
from ...support.arguments import instance_of
from .mutants import _at, _covariances, _fits

__all__ = ["denied", "sentence_mutants", "witness_mutants"]

Change = tuple[str, Any, str, Callable[[], Any]]  # the kind, what is changed, where it stands, the changed claim

# what names a symbol or an option and is no formula, by kind of node and number of argument
_NAMES: tuple[tuple[Any, tuple[int, ...]], ...] = (
    (Quantifier, (0, 3, 4)),  # a witness is not read
    (Dynamics, (0,)),
    (Zeros, (1,)),
    (Optimum, (1,)),
    ((Limit, Order), (1,)),
    (Gradient, (0,)),
    ((Total, MatrixTotal), (1, 2)),
)
_WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (sp.Rel, ("the left side", "the right side")),
    (Implies, ("the premise", "the conclusion")),
    (ForAll, ("", "a hypothesis", "the body")),
    (Exists, ("", "a hypothesis", "the body")),
    (Rate, ("the rate", "the dynamics")),
    (Next, ("the next value", "the dynamics")),
    (Gradient, ("", "the gradient")),
    (At, ("the term", "the point")),
    (Along, ("the term", "the dynamics", "the time", "the start")),
    (FirstTime, ("the event", "the dynamics", "the start")),
    (Limit, ("the limit", "", "the end")),
    (Order, ("the order", "", "the end")),
    (Zeros, ("the system", "", "the domain")),
    (Optimum, ("the objective", "", "a constraint")),
    (Eigenvalue, ("the matrix", "the number")),
    ((Stability, Growth), ("the dynamics", "the point")),
)
_PRODUCTS = (sp.Mul, sp.MatMul, sp.HadamardProduct, sp.Pow, sp.MatPow, sp.Transpose, sp.Inverse)
_SUMS = (sp.Add, sp.MatAdd)
_TURNED = {sp.Gt: sp.Lt, sp.Lt: sp.Gt, sp.Ge: sp.Le, sp.Le: sp.Ge}
_STRICTER = {sp.Gt: sp.Ge, sp.Lt: sp.Le, sp.Ge: sp.Gt, sp.Le: sp.Lt}
_STABILITIES = ("stable", "unstable", "half-stable", "saddle", "nonhyperbolic")
_OPPOSITES = {"min": "max", "max": "min", "inf": "sup", "sup": "inf"}
_LAST = 60  # characters of a formula in a label
_ENTRIES = 4  # of an explicit matrix that are changed


def _looked_up(table: tuple[tuple[Any, Any], ...], node: Any, default: Any) -> Any:
    return next((value for kinds, value in table if isinstance(node, kinds)), default)


def _places(expr: Any, path: tuple[int, ...] = (), where: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, Any]]:
    """Every part that a change may touch: the path of argument numbers to it, the words for it, and itself."""
    yield path, where, expr
    if isinstance(expr, (sp.Symbol, sp.MatrixSymbol, sp.MatrixBase, Held, Str, BooleanAtom, External, Joint)):
        return
    names, words = _looked_up(_NAMES, expr, ()), _looked_up(_WORDS, expr, ())
    if isinstance(expr, Dynamics):
        words = ("", "the loss", "the decay", "the rates", "", "what is added", "", "the step size")
        words = words if hasattr(expr, "loss") else ("", "the right-hand side")
    for k, arg in enumerate(expr.args):
        if k in names or (isinstance(expr, Potential) and not k):
            continue
        if isinstance(expr, sp.Dict):  # the keys are names
            yield from _places(arg.args[1], (*path, k, 1), where)
        else:
            yield from _places(arg, (*path, k), (*where, words[k]) if k < len(words) and words[k] else where)


def _is_value(node: Any) -> bool:
    return isinstance(node, (sp.Expr, sp.MatrixBase)) and not isinstance(node, Str)


def _parent(expr: Any, path: tuple[int, ...]) -> Any:
    for k in path[:-1]:
        expr = expr.args[k]
    return expr if path else None


def _changes(claim: Any) -> Iterator[Change]:
    """Everything that is changed in one place of a claim."""
    for path, words, node in _places(claim):
        where = ", ".join(words[-2:])
        parent = _parent(claim, path)
        for kind, old, new in (*_of_terms(node, parent), *_of_algebra(node, parent), *_of_nodes(node)):
            yield kind, old, where, partial(_placed, claim, path, new)


def _placed(claim: Any, path: tuple[int, ...], new: Any) -> Any:
    return _at(claim, path, new() if isinstance(new, partial) else new)


def _of_terms(node: Any, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    if not _is_value(node) or isinstance(node, _SUMS) or isinstance(parent, _PRODUCTS):
        return
    yield "sign", node, -node
    yield "factor", node, 2 * node
    if isinstance(parent, _SUMS):
        yield "dropped term", node, sp.ZeroMatrix(*node.shape) if is_matrix(node) else sp.S.Zero


def _of_algebra(node: Any, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(node, (sp.Pow, sp.MatPow)):
        yield "exponent", node, node.func(node.base, node.exp + 1)
    elif isinstance(node, sp.Symbol) and isinstance(parent, (sp.Add, sp.Mul)):
        yield "exponent", node, node**2
    elif isinstance(node, sp.Integer) and not isinstance(parent, (sp.Pow, sp.MatPow)):
        yield "integer", node, node + 1
        yield "integer", node, node - 1
    elif node in (sp.oo, -sp.oo) and isinstance(parent, sp.Rel):
        yield "infinity", node, sp.S.Zero
    elif isinstance(node, sp.Transpose):
        yield "lost transpose", node, node.arg
    elif isinstance(node, sp.MatrixSymbol) and isinstance(parent, sp.MatMul) and node.shape[0] == node.shape[1]:
        yield "added transpose", node, node.T
    if isinstance(node, sp.MatMul):
        for k in range(len(node.args) - 1):
            a, b = node.args[k : k + 2]
            if is_matrix(a) and is_matrix(b) and a != b:
                yield "factors exchanged", a * b, partial(sp.MatMul, *node.args[:k], b, a, *node.args[k + 2 :])
    elif isinstance(node, sp.MatrixBase):
        for k, entry in list(enumerate(node))[:_ENTRIES]:
            changed = [other + 1 if place == k else other for place, other in enumerate(node)]
            yield "entry", entry, sp.ImmutableMatrix(*node.shape, changed)


def _of_nodes(node: Any) -> Iterator[tuple[str, Any, Any]]:
    """What is changed of comparisons, connectives, quantifiers and terms of analysis as a whole."""
    if isinstance(node, (sp.Rel, And, Or, Not, Implies, Equivalent)):
        yield from _of_logic(node)
    elif isinstance(node, Quantifier):
        yield from _of_quantifiers(node)
    elif isinstance(node, sp.FiniteSet):
        for element in node.args:
            rest = [other for other in node.args if other != element]
            yield "dropped element", element, sp.FiniteSet(*rest)
    elif isinstance(node, (Limit, Order)):
        yield from _of_ends(node)
    elif isinstance(node, Optimum):
        given, kind = node.args[2:4]
        yield "optimum kind", kind, _with(node, 3, Str(_OPPOSITES[str(kind)]))
        for condition in given:
            yield "dropped hypothesis", condition, _with(node, 2, sp.Tuple(*(g for g in given if g != condition)))
    elif isinstance(node, Eigenvalue):
        for kind in ("eigenvalue", "singular"):
            if str(node.args[2]) != kind and node.args[0].shape[0] == node.args[0].shape[1]:
                yield "eigenvalue kind", node.args[2], _with(node, 2, Str(kind))
    elif isinstance(node, Stability):
        for kind in _STABILITIES:
            if kind != str(node.args[2]):
                yield f"stability {kind}", node.args[2], _with(node, 2, Str(kind))
    elif isinstance(node, Zeros):
        for condition in node.domain:
            yield "dropped hypothesis", condition, _with(node, 2, sp.Tuple(*(c for c in node.domain if c != condition)))
    elif isinstance(node, Dynamics):
        yield from _of_dynamics(node)
    elif isinstance(node, (StopGradient, MatrixStopGradient)):
        yield "stop-gradient removed", node, node.args[0]
    elif isinstance(node, (Total, MatrixTotal)):
        indices = sorted({s.index for s in node.atoms(Sample) if s.index.is_Symbol}, key=str)
        for sample in sorted(node.atoms(Sample), key=str):
            for index in indices:
                if index != sample.index:
                    other = sample.func(*sample.args[:3], index, sample.size)
                    yield "index", sample, partial(node.xreplace, {sample: other})


def _with(node: Any, place: int, value: Any) -> Any:
    """The node with another argument, to be made later: it may be none."""
    return partial(node.func, *node.args[:place], value, *node.args[place + 1 :])


def _of_logic(node: Any) -> Iterator[tuple[str, Any, Any]]:
    kind = type(node)
    if kind in _TURNED:
        yield "direction", node, _TURNED[kind](*node.args, evaluate=False)
        yield "strictness", node, _STRICTER[kind](*node.args, evaluate=False)
    elif isinstance(node, sp.Eq):
        yield "equation denied", node, sp.Ne(*node.args, evaluate=False)
    elif isinstance(node, sp.Ne):
        yield "inequation denied", node, sp.Eq(*node.args, evaluate=False)
    elif isinstance(node, (And, Or)):
        other = Or if isinstance(node, And) else And
        yield f"{kind.__name__} into {other.__name__}", node, other(*node.args, evaluate=False)
        if isinstance(node, Or):
            for part in node.args:
                rest = [p for p in node.args if p != part]
                yield "dropped alternative", part, rest[0] if len(rest) == 1 else Or(*rest, evaluate=False)
    elif isinstance(node, Not):
        yield "dropped negation", node, node.args[0]
    elif isinstance(node, Implies):
        premise, conclusion = node.args
        yield "implication reversed", node, Implies(conclusion, premise, evaluate=False)
        yield "dropped premise", premise, conclusion
    elif isinstance(node, Equivalent) and len(node.args) == 2:
        yield "equivalence denied", node, Equivalent(node.args[0], Not(node.args[1]), evaluate=False)


def _of_quantifiers(node: Any) -> Iterator[tuple[str, Any, Any]]:
    bound, given = tuple(node.bound), tuple(node.args[1])
    if isinstance(node, ForAll):
        yield "quantifier", node, partial(Exists, bound, node.body, given)
        if node.almost:
            yield "dropped almost", node, partial(ForAll, bound, node.body, given)
        if isinstance(node.body, Exists) and not node.body.witness:
            inner = node.body
            turned = partial(_exchanged, bound, given, inner)
            yield "quantifiers exchanged", node, turned
    else:
        yield "quantifier", node, partial(ForAll, bound, node.body, given)
        yield "uniqueness", node, partial(Exists, bound, node.body, given, node.witness, not node.unique)
    for condition in given:
        yield "dropped hypothesis", condition, _with(node, 1, sp.Tuple(*(g for g in given if g != condition)))
    for symbol in bound:
        weaker = _weaker(symbol)
        if weaker is not None:
            yield "dropped assumption", symbol, partial(_with_bound, node, symbol, weaker)


def _exchanged(bound: Any, given: Any, inner: Any) -> Any:
    return Exists(inner.bound, ForAll(bound, inner.body, given), tuple(inner.args[1]))


def _with_bound(node: Any, old: Any, new: Any) -> Any:
    return node.func(*(arg.xreplace({old: new}) for arg in node.args))


def _of_ends(node: Any) -> Iterator[tuple[str, Any, Any]]:
    to = node.args[2]
    others = (-to, sp.S.Zero, sp.S.One) if to in (sp.oo, -sp.oo) else (sp.oo, to + 1)
    for other in others:
        yield "end", to, _with(node, 2, other)
    if isinstance(node, Limit) and to not in (sp.oo, -sp.oo):
        for side in {"": ("+", "-"), "+": ("-", ""), "-": ("+", "")}[str(node.args[3])]:
            yield f"side {side or 'both'}", node, _with(node, 3, Str(side))


def _of_dynamics(node: Any) -> Iterator[tuple[str, Any, Any]]:
    if not hasattr(node, "loss"):
        return
    if node.decay == 0:
        yield "added decay", node, _with(node, 2, sp.S.One)
    rates = dict(node.args[3])
    for state in node.states:
        yield "rate", state, _with(node, 3, sp.Dict({**rates, state: 2 * rates.get(state, sp.S.One)}))
    if node.args[4]:
        yield "dropped geometry", node, _with(node, 4, sp.Dict())
    for held in node.args[6]:
        yield "dropped relation", held, _with(node, 6, sp.Tuple(*(h for h in node.args[6] if h != held)))


_SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")


def _weaker(symbol: Any) -> Any:
    """The symbol with its sign forgotten; None where it has none, or counts something."""
    if not isinstance(symbol, sp.Symbol) or isinstance(symbol, sp.Dummy) or symbol.is_integer:
        return None
    if not any(getattr(symbol, f"is_{sign}") for sign in _SIGNS):
        return None
    return sp.Symbol(symbol.name, real=True)


# --- sentences -----------------------------------------------------------------------------


def sentence_mutants(sentence: Sentence) -> list[tuple[str, Sentence]]:
    """Wrong versions of a sentence: of its claim, its abbreviations, its hypotheses and its declarations.

    A change that leaves no well-formed sentence, or the same one, is passed over.

    >>> from symssl.language import Object, Vocabulary
    >>> x = sp.Symbol("x", positive=True)
    >>> sentence = Vocabulary(Object(x, "a length")).sentence(sp.Gt(x + 1, 1, evaluate=False))
    >>> [label for label, _ in sentence_mutants(sentence)][:2]
    ['1: direction of x + 1 > 1', '2: strictness of x + 1 > 1']
    """
    instance_of("sentence", sentence, Sentence)
    seen, out = [sentence], list[tuple[str, Sentence]]()
    for kind, old, where, build in _all_changes(sentence):
        mutant = _well_formed(build)
        if mutant is None or any(mutant == other for other in seen):
            continue
        seen.append(mutant)
        text = str(old)
        shown = text if len(text) <= _LAST else f"{text[: _LAST - 3]}..."
        out.append((f"{len(seen) - 1}: {kind} of {shown}" + (f" ({where})" if where else ""), mutant))
    return out


def _well_formed(build: Callable[[], Any]) -> Sentence | None:
    """The sentence where it has a meaning; shapes that do not fit and statements SymPy has decided are none."""
    with suppress(SymsslError, ValueError, TypeError, AttributeError, KeyError, ZeroDivisionError):
        mutant = build()
        parts = [mutant.claim, *(let.term for let in mutant.lets)]
        if all(_fits(part) and not part.has(sp.nan, sp.zoo) for part in parts):
            return mutant
    return None


def _all_changes(sentence: Sentence) -> Iterator[Change]:
    for kind, old, where, build in _changes(sentence.claim):
        yield kind, old, where, partial(_claiming, sentence, build)
    for kind, old, table in _throughout(sentence.claim):
        yield kind, old, "", partial(_claiming, sentence, partial(sentence.claim.xreplace, table))
    for let in sentence.lets:
        for kind, old, where, build in _changes(let.term):
            inside = ", ".join(filter(None, (where, f"the term of {let.name}")))
            yield kind, old, inside, partial(_renamed, sentence, let, build)
    yield from _hypotheses(sentence)
    if isinstance(sentence.claim, Boolean) and not isinstance(sentence.claim, External):
        yield "negation", sentence.claim, "", partial(denied, sentence)


def _claiming(sentence: Sentence, build: Callable[[], Any]) -> Sentence:
    return replace(sentence, claim=build())


def _renamed(sentence: Sentence, let: Let, build: Callable[[], Any]) -> Sentence:
    return _redeclared(sentence, let, Let(let.symbol, build(), let.words))


def _throughout(claim: Any) -> Iterator[tuple[str, Any, Any]]:
    """Two free symbols of one kind and shape exchanged everywhere, and the covariances of a law changed."""
    symbols = sorted(
        (s for s in claim.free_symbols if isinstance(s, (sp.Symbol, sp.MatrixSymbol)) and not isinstance(s, Sample)),
        key=str,
    )
    for k, a in enumerate(symbols):
        for b in symbols[k + 1 :]:
            if type(a) is type(b) and getattr(a, "shape", None) == getattr(b, "shape", None):
                yield f"swapped symbols {a} and {b}", claim, {a: b, b: a}
                break
    for name, joint, changed in _covariances(claim):
        yield f"covariance {name}", joint, {joint: changed}


def _hypotheses(sentence: Sentence) -> Iterator[Change]:
    for k, condition in enumerate(sentence.given):
        before, after = sentence.given[:k], sentence.given[k + 1 :]
        yield "dropped hypothesis", condition, "the sentence", partial(replace, sentence, given=before + after)
        for kind, changed in _other_direction(condition):
            given = (*before, changed, *after)
            yield kind, condition, "a hypothesis", partial(replace, sentence, given=given)
    for entry in sentence.objects:
        place = f"the declaration of {entry.name}"
        for k, condition in enumerate(entry.where):
            kept = Object(entry.symbol, entry.words, entry.where[:k] + entry.where[k + 1 :])
            yield "dropped hypothesis", condition, place, partial(_redeclared, sentence, entry, kept)
        weaker = _weaker(entry.symbol)
        if weaker is not None:
            yield "dropped assumption", entry.symbol, place, partial(_with_symbol, sentence, entry.symbol, weaker)
    for symbol in sentence.almost:
        rest = tuple(s for s in sentence.almost if s != symbol)
        yield "dropped almost", symbol, "the sentence", partial(replace, sentence, almost=rest)


def _other_direction(condition: Any) -> Iterator[tuple[str, Any]]:
    if type(condition) in _TURNED:
        yield "direction", _TURNED[type(condition)](*condition.args, evaluate=False)
        yield "strictness", _STRICTER[type(condition)](*condition.args, evaluate=False)


def _redeclared(sentence: Sentence, old: Any, new: Any) -> Sentence:
    """The sentence with another declaration in place of one."""
    entries = (new if entry == old else entry for entry in sentence.vocabulary.entries)
    return Sentence(sentence.claim, Vocabulary(*entries), sentence.given, sentence.almost)


def _with_symbol(sentence: Sentence, old: Any, new: Any) -> Sentence:
    """The sentence with another symbol, of the same name, throughout."""

    def put(value: Any) -> Any:
        if isinstance(value, Relation):
            return written_out(Held(value), {old: new}).value
        return written_out(value, {old: new})

    entries: list[Any] = []
    for entry in sentence.vocabulary.entries:
        if isinstance(entry, Let):
            entries.append(Let(put(entry.symbol), put(entry.term), entry.words))
        elif isinstance(entry, Named):
            entries.append(Named(put(entry.dynamics), entry.words))
        else:
            entries.append(Object(put(entry.symbol), entry.words, tuple(map(put, entry.where))))
    given, almost = tuple(map(put, sentence.given)), tuple(map(put, sentence.almost))
    return Sentence(put(sentence.claim), Vocabulary(*entries), given, almost)


def denied(sentence: Sentence) -> Sentence:
    """The sentence that says of all its objects the opposite; `InputError` where SymPy decides that.

    >>> from symssl.language import Object, Vocabulary
    >>> x = sp.Symbol("x", real=True)
    >>> denied(Vocabulary(Object(x, "a number")).sentence(x > 1)).claim
    x <= 1
    """
    return replace(sentence, claim=Not(sentence.claim))


def witness_mutants(sentence: Sentence, witness: dict[Any, Any]) -> list[tuple[str, dict[Any, Any]]]:
    """Other points than a witness: one value of another sign, moved by one, or left out."""
    out: list[tuple[str, dict[Any, Any]]] = []
    names = names_in(sentence.claim)
    for symbol, value in sorted(witness.items(), key=lambda item: str(item[0])):
        if getattr(symbol, "name", str(symbol)) not in names:
            continue
        if isinstance(value, (list, tuple)):
            value = sp.Matrix(value).as_immutable()
        value = as_sympy(value, str(symbol))
        one = sp.ones(*value.shape) if is_matrix(value) else 1
        for kind, changed in (("sign", -value), ("plus one", value + one), ("minus one", value - one)):
            if changed != value:
                out.append((f"{len(out) + 1}: {kind} of {symbol}", {**witness, symbol: changed}))
    return out
