"""Instances of a sentence: concrete values for its objects that keep declarations and hypotheses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import sympy as sp

from ..errors import InputError, Undecided
from ..language.dynamics import Dynamics
from ..language.mode_sum import ModeSum
from ..language.quantifiers import ForAll
from ..language.relations import Orthonormal, Relation, Symmetric
from ..language.sentences import Sentence
from ..support.arguments import instance_of, whole
from ..support.display import summary
from .meaning import algebra, logic, rates  # noqa: F401 - the evaluators register themselves
from .meaning.sampling import STYLES, key_of, name_of, names_of, propose
from .meaning.scene import Scene, Unknown
from .meaning.values import as_value

__all__ = ["Instance", "Opened", "checked_values", "instances", "opened"]


@dataclass(frozen=True, repr=False)
class Instance:
    """Values of the objects of a sentence.

    Attributes
    ----------
    values : symbol (of samples and potentials the name) -> rational number, or matrix of such.
    kind : what was looked for: "generic", "sizes one", "rank one", ...
    seed, number : where it comes from; both and the sentence determine it.
    """

    values: Mapping[Any, Any]
    kind: str = "given"
    seed: int = 0
    number: int = 0

    def __repr__(self) -> str:
        return summary(f"Instance ({self.kind})", [f"{name} = {_shown(value)}" for name, value in self.values.items()])


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "[" + "; ".join(", ".join(map(str, row)) for row in value) + "]"
    return str(value)


@dataclass(frozen=True)
class Opened:
    """A sentence without its abbreviations and its outer "for all": names, hypotheses, and what is said of them."""

    symbols: tuple[Any, ...]
    hypotheses: tuple[Any, ...]
    claim: Any
    almost: tuple[Any, ...]
    of_mode: tuple[Any, ...]


@lru_cache(maxsize=256)
def opened(sentence: Sentence) -> Opened:
    """Names, hypotheses and claim of a sentence, abbreviations written out.

    Hypotheses are those of the objects, of the sentence, of "for all" in front, and what the dynamics suppose: their
    relations, and the sets in which weights move.
    """
    claim = sentence.expanded
    given = [_expanded(g, sentence) for g in sentence.hypotheses]
    almost = list(sentence.almost)
    while isinstance(claim, ForAll):
        given += [_expanded(g, sentence) for g in claim.given]
        almost += claim.bound if claim.almost else ()
        claim = claim.body
    for dynamics in sorted(claim.atoms(Dynamics), key=str):
        given += [g for g in _supposed(dynamics) if not _bound_in(g, claim)]
    given = list(dict.fromkeys(given))
    inside = _free_names(claim, given)
    modes = sorted({s for part in claim.atoms(ModeSum) for s in part.args[0].free_symbols}, key=str)
    return Opened(tuple(inside), tuple(given), claim, tuple(almost), tuple(modes))


def _expanded(condition: Any, sentence: Sentence) -> Any:
    if not isinstance(condition, Relation):
        return sentence.expand(condition)
    parts = [None if part is None else sentence.expand(part) for part in condition.matrices]
    if all(a == b for a, b in zip(parts, condition.matrices)):
        return condition
    equations = [sp.Eq(sentence.expand(d), sp.ZeroMatrix(*d.shape), evaluate=False) for d in condition.defect()]
    return sp.And(*equations, evaluate=False)


def _supposed(dynamics: Dynamics) -> list[Any]:
    out = list(getattr(dynamics, "where", ()))
    if len(dynamics.args) > 4:
        for W, held in dict(dynamics.args[4]).items():
            geometry = held.value
            if isinstance(geometry, Symmetric):
                out.append(Symmetric(W))
            else:
                out.append(Orthonormal(W.T if getattr(geometry, "rows", False) else W))
    return out


def _bound_in(relation: Any, claim: Any) -> bool:
    names = {m for part in relation.matrices for m in part.atoms(sp.MatrixSymbol)}
    return not names <= claim.free_symbols


def _free_names(claim: Any, given: list[Any]) -> list[Any]:
    """What takes a value: all names but those that are bound wherever they occur."""
    free = {getattr(s, "name", str(s)) for s in claim.free_symbols}
    for condition in given:
        for part in condition.matrices if isinstance(condition, Relation) else (condition,):
            free |= {getattr(s, "name", str(s)) for s in part.free_symbols}
    named = names_of([claim, *given])
    bound = {s.name for part in sp.preorder_traversal(claim) for s in getattr(part, "bound_symbols", ())}
    shapes: set[str] = set()
    for symbol in named.values():
        if hasattr(symbol, "shape"):
            shapes |= {s.name for extent in symbol.shape for s in getattr(extent, "free_symbols", ())}
    return [symbol for name, symbol in named.items() if name in free or name in shapes or name not in bound]


def instances(sentence: Sentence, count: int = 20, seed: int = 0) -> Iterator[Instance]:
    """Random, structured and exceptional instances: zero, one, negative, equal, rank-deficient, extreme sizes.

    Parameters
    ----------
    sentence : whose objects take values.
    count : how many; they come in the order of fourteen kinds, again and again.
    seed : together with the number of an instance it determines it.

    Raises
    ------
    Undecided
        Where no instance was found: the hypotheses contradict the declarations or each other, or are too narrow to be
        met by what is tried.

    >>> from sympy import Gt, Symbol
    >>> from symssl.language import Object, Vocabulary
    >>> x = Symbol("x", positive=True)
    >>> sentence = Vocabulary(Object(x, "a number")).sentence(Gt(x + 1, 1, evaluate=False), given=x < 2)
    >>> all(0 < instance.values[x] < 2 for instance in instances(sentence, 5))
    True
    """
    instance_of("sentence", sentence, Sentence)
    whole("count", count, 1)
    whole("seed", seed, 0)
    parts = opened(sentence)
    found = 0
    for number in range(count):
        style = STYLES[number % len(STYLES)]
        values = _instance(parts, style, f"{seed}/{number}")
        if values is None and style != "generic":
            style = "generic"
            values = _instance(parts, style, f"{seed}/{number}/generic")
        if values is None:
            if not found:
                raise Undecided(_nothing(parts))
            continue
        found += 1
        yield Instance(values, style, seed, number)


def _instance(parts: Opened, style: str, seed: str) -> dict[Any, Any] | None:
    random = Random(seed)
    scene = Scene({}, random=random)
    values = propose(parts.symbols, parts.hypotheses, scene, random, style, parts.almost)
    if values is None or not parts.of_mode:
        return values
    others = []
    for _ in range(random.randint(1, 3)):
        fresh = [s for s in parts.symbols if s in parts.of_mode and s.is_integer is not True]
        kept = {k: v for k, v in values.items() if k not in fresh}
        one = propose(fresh, parts.hypotheses, scene.within(kept), random, "generic", fresh)
        if one is None:
            return None
        others.append(one)
    return {**values, "modes": ({s: values[s] for s in others[0]}, *others)}


def _nothing(parts: Opened) -> str:
    given = ", ".join(map(str, parts.hypotheses)) or "the declarations"
    return (
        f"no instance keeps {given}: these contradict each other, or are too narrow for what is tried; "
        "write an equation solved for a name, or give a wider range"
    )


def checked_values(sentence: Sentence, values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Values under the keys of a scene, given by symbol or by name: exact numbers, matrices as rows.

    Raises
    ------
    InputError
        A name that is no object of the sentence, or what is no exact number.
    """
    known = {name_of(symbol): symbol for symbol in opened(sentence).symbols}
    out: dict[Any, Any] = {}
    for given, value in values.items():
        name = given if isinstance(given, str) else name_of(given)
        if name not in known:
            raise InputError(f"{name} is no object of the sentence: it has {', '.join(known)}")
        symbol = known[name]
        try:
            out[key_of(symbol)] = algebra.array_of(_rows(value)) if hasattr(symbol, "shape") else as_value(value)
        except Unknown as error:
            raise InputError(f"the value of {name}: {error}") from None
    return out


def _rows(value: Any) -> list[Any]:
    rows = value.tolist() if hasattr(value, "tolist") else value
    return [row if isinstance(row, (list, tuple)) else [row] for row in rows]
