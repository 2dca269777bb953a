"""Instances of a sentence: concrete values for its objects that keep declarations and hypotheses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq

from ..errors import InputError, Undecided
from ..language.dynamics import Dynamics
from ..language.functions import FunctionSymbol
from ..language.mode_sum import ModeSum
from ..language.names import free_names
from ..language.quantifiers import ForAll
from ..language.random_vectors import GaussianVector
from ..language.relations import Orthonormal, Relation, Symmetric
from ..language.sample_vectors import samples
from ..language.scalars import Potential
from ..language.sentences import Sentence
from ..support.arguments import described, instance_of, mapping_of, whole
from ..support.display import summary
from ..support.records import Record
from .meaning import algebra
from .meaning.sampling import STYLES, Numbering, ProperLaw, allowed, key_of, layout_of, name_of, names_of, propose
from .meaning.scene import Scene, Special, Unknown
from .meaning.values import as_value

__all__ = ["Instance", "Opened", "checked_values", "instances", "opened"]


@dataclass(frozen=True, repr=False, eq=False)
class Instance(Record):
    """Values of the objects of a sentence.

    Attributes
    ----------
    values : symbol (of samples and potentials the name) -> rational number, or matrix of such.
    kind : what was looked for: "generic", "sizes one", "rank deficient", ...
    seed, number : where it comes from; both and the sentence determine it.
    """

    values: Mapping[Any, Any]
    kind: str = "given"
    seed: int = 0
    number: int = 0

    def __repr__(self) -> str:
        named = [("modes" if k is Special.MODES else k, v) for k, v in self.values.items() if k is not Special.SOLVED]
        return summary(f"Instance ({self.kind})", [f"{name} = {_shown(value)}" for name, value in named])


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "[" + "; ".join(", ".join(map(str, row)) for row in value) + "]"
    if isinstance(value, tuple):
        return "; ".join(", ".join(f"{k} = {v}" for k, v in mode.items()) for mode in value)
    return str(value)


@dataclass(frozen=True)
class Opened:
    """A sentence without its abbreviations and its outer "for all": names, hypotheses, and what is said of them.

    `layout` tells sizes and indices; `of_mode` are symbols that have a value in every mode.
    """

    symbols: tuple[Any, ...]
    hypotheses: tuple[Any, ...]
    claim: Any
    almost: tuple[Any, ...]
    of_mode: tuple[Any, ...]
    layout: Numbering


@lru_cache(maxsize=256)
def opened(sentence: Sentence) -> Opened:
    """Names, hypotheses and claim of a sentence, abbreviations written out.

    Hypotheses are those of the objects, of the sentence, of "for all" in front, and what dynamics and laws suppose:
    relations, sets in which weights move, covariances.
    """
    claim = sentence.expanded
    given = [sentence.expand(g) for g in sentence.hypotheses]
    almost = list(sentence.almost)
    while isinstance(claim, ForAll):
        given += claim.given
        almost += claim.bound if claim.almost else ()
        claim = claim.body
    free = names_of(symbol for _, symbol in free_names(claim, *_parts(given)))
    dynamics = list(claim.atoms(Dynamics))
    in_order = sorted(dynamics, key=str) if len(dynamics) > 1 else dynamics  # large ones are long to write out
    supposed = [g for one in in_order for g in _supposed(one)]
    vectors = sorted((v.copied(1) for v in claim.atoms(GaussianVector)), key=str)
    supposed += [ProperLaw(v) for v in vectors if v.name == v.joint.names[0]]
    given += [g for g in supposed if set(names_of([g])) <= set(free)]
    modes = sorted({s for part in claim.atoms(ModeSum) for s in part.args[0].free_symbols}, key=str)
    free |= names_of([*free.values(), *modes])
    layout = layout_of([claim, *_parts(given)])
    return Opened(tuple(free.values()), tuple(dict.fromkeys(given)), claim, tuple(almost), tuple(modes), layout)


def _parts(conditions: Iterable[Any]) -> list[Any]:
    return [part for g in conditions for part in (g.matrices if isinstance(g, Relation) else (g,)) if part is not None]


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
    for number in range(count if parts.symbols else 1):
        style = STYLES[number % len(STYLES)]
        values = _instance(parts, style, f"{seed}/{number}")
        if values is None:
            if not found:
                raise Undecided(_nothing(parts))
            continue
        found += 1
        yield Instance(values, style, seed, number)


def _instance(
    parts: Opened, style: str, seed: str, rounds: int = 40, untold: dict[Any, str] | None = None
) -> dict[Any, Any] | None:
    scene = Scene({}, random=Random(seed))
    values = propose(parts.symbols, parts.hypotheses, scene, style, parts.almost, parts.layout, rounds, untold)
    if values is None or not parts.of_mode:
        return values
    fresh = [s for s in parts.symbols if s in parts.of_mode and s.is_integer is not True]
    others = []
    for _ in range(scene.random.randint(1, 3)):
        one = propose(fresh, parts.hypotheses, scene.within(values), "generic", fresh, parts.layout, rounds)
        if one is None:
            return None
        others.append(one)
    return {**values, Special.MODES: ({s: values[s] for s in fresh}, *others)}


def _nothing(parts: Opened) -> str:
    """Why no instance was found: which hypothesis is not told, or stands in the way."""
    given = ", ".join(map(str, parts.hypotheses)) or "the declarations"
    untold: dict[Any, str] = {}
    alone = []
    for k, hypothesis in enumerate(parts.hypotheses):
        rest = replace(parts, hypotheses=parts.hypotheses[:k] + parts.hypotheses[k + 1 :], of_mode=())
        if _instance(rest, "generic", "", 8, untold) is not None:
            alone.append(str(hypothesis))
    if untold:
        condition, reason = next(iter(untold.items()))
        return f"no instance is known to keep {given}: {condition} is not told ({reason})"
    culprit = f"; without {' or without '.join(alone)} there are some" if alone else ""
    return (
        f"no instance keeps {given}{culprit}: the hypotheses contradict the declarations or each other, or are too "
        "narrow for what is tried; correct them, or write an equation solved for a name"
    )


def checked_values(sentence: Sentence, values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Values under the keys of a scene, given by symbol or by name: exact numbers, matrices as rows.

    Sizes may be left out where a matrix shows them.

    Raises
    ------
    InputError
        A name that is no object of the sentence or is missing, what is no exact number, a value that is not as
        declared, a matrix of another shape.
    """
    mapping_of("instance", values, "names to values")
    known = {name_of(symbol): symbol for symbol in opened(sentence).symbols}
    out: dict[Any, Any] = {}
    for given, value in values.items():
        if given is Special.SOLVED:
            continue
        if given is Special.MODES:
            out[given] = tuple({s: _number(s, v) for s, v in mode.items()} for mode in value)
            continue
        name = given if isinstance(given, str) else given.name if isinstance(given, samples) else name_of(given)
        if name not in known:
            raise InputError(f"{name} is no object of the sentence: it has {', '.join(known)}")
        symbol = known[name]
        out[key_of(symbol)] = _entries(symbol, value) if hasattr(symbol, "shape") else _number(symbol, value)
    for symbol in known.values():
        if hasattr(symbol, "shape") and key_of(symbol) in out:
            for extent, size in zip(symbol.shape, out[key_of(symbol)].shape):
                if isinstance(extent, sp.Symbol):
                    out.setdefault(extent, fmpq(size))
    for name, symbol in known.items():
        if key_of(symbol) not in out:
            if isinstance(symbol, GaussianVector):  # what is averaged over
                continue
            raise InputError(f"the instance gives no value to {name}")
        if hasattr(symbol, "shape"):
            wanted = tuple(map(Scene(out).size, symbol.shape))
            if out[key_of(symbol)].shape != wanted:
                rows, columns = out[key_of(symbol)].shape
                raise InputError(f"the value of {name} is {rows} x {columns}, not {wanted[0]} x {wanted[1]}")
    return out


def _number(symbol: Any, value: Any) -> Any:
    if isinstance(symbol, FunctionSymbol):
        return instance_of(f"the value of {symbol}", value, sp.Lambda, "a Lambda of one variable")
    try:
        number = Scene({}).value(value) if isinstance(value, sp.Expr) else as_value(value)
    except Unknown as error:
        raise InputError(f"the value of {name_of(symbol)}: {error}") from None
    if isinstance(symbol, Potential):
        return int(number)
    if not allowed(symbol, number):
        raise InputError(f"{symbol} = {value} is not what {symbol} is declared to be ({_declared(symbol)})")
    return number


def _declared(symbol: Any) -> str:
    wanted = ("positive", "negative", "nonnegative", "nonpositive", "zero", "integer", "even", "odd", "real")
    told = {word: getattr(symbol, f"is_{word}") for word in wanted}
    return ", ".join(word if true else f"not {word}" for word, true in told.items() if true is not None)


def _entries(symbol: Any, value: Any) -> Any:
    rows = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(rows, (list, tuple)) or not rows:
        raise InputError(f"the value of {name_of(symbol)} must be a matrix or rows of numbers, not {described(value)}")
    rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in rows]
    if len({len(row) for row in rows}) > 1:
        raise InputError(f"the rows of {name_of(symbol)} are not of one length")
    out = algebra.zeros(len(rows), len(rows[0]))
    for place in np.ndindex(out.shape):
        try:
            entry = rows[place[0]][place[1]]
            out[place] = Scene({}).value(entry) if isinstance(entry, sp.Expr) else as_value(entry)
        except Unknown as error:
            raise InputError(f"the value of {name_of(symbol)}: {error}") from None
    return out
