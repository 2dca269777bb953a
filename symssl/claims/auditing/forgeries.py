"""Forged derivations: what an author might put in place of one, and what must never carry a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import sympy as sp

from ...errors import Refusal, SymsslError
from ...language.binding import written_out
from ...language.dynamics import Dynamics, VectorField
from ...language.quantifiers import External
from ...language.sentences import Sentence
from ...language.terms import Gradient, Limit, Next, Rate
from ...statements.entailment import entails
from ...statements.facts import Fact, assumed, by_citation, proved, specialised
from ...statements.rules.derivation import derive, needs_rule
from ...support.arguments import instance_of
from ..claim import Step
from .sentence_mutants import sentence_mutants

__all__ = ["forgeries"]

Forgery = Callable[[], tuple[Sentence, tuple[Step, ...]]]
_BOOK = External("a book", "this is well known")
_WRONG = 3  # wrong versions of a sentence that are forged for
_TRIED = 40  # changes that are looked at for them


def forgeries(sentence: Sentence) -> list[tuple[str, Forgery]]:
    """Forged derivations for wrong versions of a sentence, and for itself: label and what makes sentence and steps.

    Making one may be refused, which is the end of it.

    >>> from symssl.language import Object, Vocabulary
    >>> x = sp.Symbol("x", positive=True)
    >>> sentence = Vocabulary(Object(x, "a length")).sentence(sp.Gt(x + 1, 1, evaluate=False))
    >>> [label for label, _ in forgeries(sentence)][:2]
    ['1: typed-in sentence of x + 1 < 1', '2: made by hand of x + 1 < 1']
    """
    instance_of("sentence", sentence, Sentence)
    made = [pair for wrong in _wrong(sentence) for pair in _for_wrong(wrong)]
    made += list(_for_itself(sentence))
    made += list(_of_other_things(sentence))
    return [(f"{k}: {kind} of {_short(forged.claim)}", build) for k, (kind, forged, build) in enumerate(made, 1)]


def _short(claim: Any) -> str:
    text = str(claim)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wrong(sentence: Sentence) -> list[Sentence]:
    """Wrong versions that the engine does not entail."""
    found: list[Sentence] = []
    for _, mutant in sentence_mutants(sentence)[:_TRIED]:
        if mutant.claim != sentence.claim and entails(mutant).held is not True:
            found.append(mutant)
        if len(found) == _WRONG:
            break
    return found


def _said(result: Any) -> tuple[Step, ...]:
    return (Step("so it is", result),)


def _for_wrong(wrong: Sentence) -> Iterator[tuple[str, Sentence, Forgery]]:
    """No fact at all, a fact that was tampered with, a fact that says too little."""
    claim = wrong.claim
    yield "typed-in sentence", wrong, lambda: (wrong, _said(claim))
    yield "made by hand", wrong, lambda: (wrong, _said(_by_hand(claim)))
    yield "proposition replaced", wrong, lambda: (wrong, _said(_tampered(_genuine(), proposition=claim)))
    yield "hypotheses removed", wrong, lambda: (wrong, _said(_tampered(assumed(claim, "it is so"), given=())))
    yield "proviso removed", wrong, lambda: (wrong, _said(_tampered(by_citation(_BOOK, claim), provisos=())))
    yield "assumed", wrong, lambda: (wrong, _said(assumed(claim, "it is so")))
    yield "cited", wrong, lambda: (wrong, _said(by_citation(_BOOK, claim)))
    yield "hypothesis smuggled in", wrong, lambda: (wrong, _said(proved(claim, [claim])))
    yield "refusal swallowed", wrong, lambda: (wrong, _swallowing())
    if isinstance(claim, sp.Rel):
        left, right = claim.args
        yield "typed-in value", wrong, lambda: (wrong, _said(right))
        yield "typed-in table", wrong, lambda: (wrong, _said(sp.Dict({left: right})))
        yield "denied elsewhere", wrong, lambda: (wrong, _said(proved(sp.Eq(right, right, evaluate=False))))


def _for_itself(sentence: Sentence) -> Iterator[tuple[str, Sentence, Forgery]]:
    """What nobody derived must not count for a true sentence either."""
    claim = sentence.expanded
    yield "assumed as a whole", sentence, lambda: (sentence, _said(assumed(claim, "it is so")))
    yield "cited as a whole", sentence, lambda: (sentence, _said(by_citation(_BOOK, claim)))
    yield "hypothesis smuggled in", sentence, lambda: (sentence, _said(proved(claim, [claim])))
    yield "made by hand", sentence, lambda: (sentence, _said(_by_hand(claim)))


def _genuine() -> Fact:
    x = sp.Symbol("x", positive=True)
    return proved(sp.Gt(x + 1, x, evaluate=False))


def _by_hand(claim: Any) -> Any:
    """A fact that no rule has made."""
    fact = object.__new__(Fact)
    for name, value in zip(Fact.__dataclass_fields__, (claim, (), "the flow", (), "symbolic", (), ())):
        object.__setattr__(fact, name, value)
    return fact


def _tampered(fact: Fact, **changes: Any) -> Fact:
    for name, value in changes.items():
        object.__setattr__(fact, name, value)
    return fact


def _swallowing() -> tuple[Step, ...]:
    """Steps that go on where the engine has refused."""
    t = sp.Symbol("t", positive=True)
    with suppress(Refusal):
        return _said(derive(Limit(sp.sin(t), t, sp.oo)))
    return (Step("the engine refuses"), Step("so it is"))


# --- facts about something else ------------------------------------------------------------


def _of_other_things(sentence: Sentence) -> Iterator[tuple[str, Sentence, Forgery]]:
    """Facts of other dynamics, of other terms, at special values and sizes, given out for those that are wanted."""
    claim = sentence.expanded
    if not isinstance(claim, sp.Eq) or not needs_rule(claim.lhs):
        return
    term = claim.lhs
    for dynamics in sorted(claim.atoms(Dynamics), key=str):
        for kind, other in _changed(dynamics):
            yield from _given_out(
                sentence, term, f"another {kind}", partial(_derived, _exchanged(term, dynamics, other))
            )
    if isinstance(term, (Rate, Next, Limit)):
        yield from _given_out(
            sentence, term, "another term", partial(_derived, partial(term.func, 2 * term.args[0], *term.args[1:]))
        )
    elif isinstance(term, Gradient):
        yield from _given_out(
            sentence, term, "another term", partial(_derived, partial(Gradient, 2 * term.term, term.by))
        )
    for symbol in sorted((s for s in claim.rhs.free_symbols if isinstance(s, sp.Symbol)), key=str):
        value = sp.Integer(1) if symbol.is_nonnegative else sp.Integer(-1)
        yield from _given_out(sentence, term, "special value", partial(_special, term, symbol, value))
    for size in sorted(_sizes(sentence), key=str):
        yield from _given_out(sentence, term, "special size", partial(_sized, term, size), size * claim.rhs)


def _given_out(
    sentence: Sentence, term: Any, kind: str, fact: Callable[[], Fact], right: Any = None
) -> Iterator[tuple[str, Sentence, Forgery]]:
    """The sentence that a fact about something else would support; `right` is its right side, by default the value."""
    with suppress(SymsslError, ValueError, TypeError, AttributeError):
        found = fact()
        right = found.value if right is None else right
        wrong = replace(sentence, claim=sp.Eq(term, right, evaluate=False))
        if entails(wrong).held is not True:
            yield kind, wrong, lambda: (wrong, _said(found))


def _derived(term: Callable[[], Any]) -> Fact:
    return derive(term())


def _exchanged(term: Any, old: Any, new: Any) -> Callable[[], Any]:
    return partial(written_out, term, {old: new})


def _changed(dynamics: Any) -> Iterator[tuple[str, Any]]:
    """The dynamics with twice the loss, with the other sign, with decay."""
    if isinstance(dynamics, VectorField):
        for factor in (2, -1):
            yield (
                "vector field",
                dynamics.func(dynamics.args[0], sp.Tuple(*(factor * f for f in dynamics.args[1])), *dynamics.args[2:]),
            )
        return
    for factor in (2, -1):
        yield "loss", dynamics.func(*dynamics.args[:1], factor * dynamics.loss, *dynamics.args[2:])
    yield "decay", dynamics.func(*dynamics.args[:2], dynamics.decay + 1, *dynamics.args[3:])


def _special(term: Any, symbol: Any, value: Any) -> Fact:
    return specialised(derive(term), {symbol: value})


def _sizes(sentence: Sentence) -> set[Any]:
    shapes = [extent for o in sentence.objects for extent in getattr(o.symbol, "shape", ())]
    return {extent for extent in shapes if isinstance(extent, sp.Symbol)}


def _sized(term: Any, size: Any) -> Fact:
    return derive(term.xreplace({size: sp.S.One}))
