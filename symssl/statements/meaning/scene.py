"""A scene: concrete values for every free name of a sentence, and the table of evaluators.

An evaluator finds the value of one kind of node from the definition of what the node means - a difference quotient
for a rate, integration for a trajectory, enumeration for a moment - and shares no code with what derives such things.

Values
------
number : `flint.fmpq` where exact, else `flint.arb`, a ball that contains the value for certain;
    SymPy's ``oo`` and ``-oo`` for the infinities.
matrix : NumPy array of objects, two-dimensional, of such numbers.
set : tuple of distinct values (of `Zeros` with several unknowns: of tuples of numbers).

Keys of `Scene.values` are symbols and matrix symbols; names (text) of families of samples, which are matrices with
one sample a column, and of potentials, a number that picks one; and `Special`.

What rests on an estimate (of the error of an integration, of a search that need not be complete) is said by
`Scene.estimate`; the truth that comes out then supports or contradicts, and does not prove.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Any

from flint import ctx
from sympy import Basic, Symbol

from ...errors import Undecided

__all__ = ["BITS", "Never", "NotCarried", "Scene", "Special", "Told", "Unknown", "evaluator", "truth_evaluator"]


BITS = (256, 1024)  # of balls: more where the first do not tell


class Unknown(Undecided):
    """The value of a term, or the truth of a condition, cannot be told at this instance; the message says why."""


class NotCarried(Unknown):
    """A part of a term that derivatives do not go through; difference quotients may still be taken."""


class Never(Unknown):
    """The same, and at no other argument of a sequence would it be told."""


class Special(Enum):
    """What a scene holds besides the values of names."""

    MODES = "modes"  # of a flow in common frames: a tuple of mappings, symbol of one mode -> value
    SOLVED = "solved"  # conditions that hold here since values are enclosures of their very solutions
    POINTS = "points"  # how many points the law of every random vector is put on, where it is not left as declared
    STOPPED = "stopped"  # tags of the gradients that are being taken, in which stopped copies are constant


@dataclass(frozen=True)
class Told:
    """Whether a condition holds (None: not told, for a reason), on what estimates, and for want of what."""

    held: bool | None
    estimates: tuple[str, ...] = ()
    reason: str = ""
    vacuous: tuple[str, ...] = ()


_VALUES: dict[type, Callable[[Any, Scene], Any]] = {}
_TRUTHS: dict[type, Callable[[Any, Scene], bool | None]] = {}


def evaluator(*kinds: type) -> Callable[[Callable[[Any, Scene], Any]], Callable[[Any, Scene], Any]]:
    """Register the evaluator of terms of these classes: ``function(node, scene)`` gives a value or raises `Unknown`."""

    def register(function: Callable[[Any, Scene], Any]) -> Callable[[Any, Scene], Any]:
        _VALUES.update(dict.fromkeys(kinds, function))
        return function

    return register


def truth_evaluator(*kinds: type) -> Callable[[Callable[[Any, Scene], Any]], Callable[[Any, Scene], Any]]:
    """Register the evaluator of conditions: ``function(node, scene)`` gives True, False, or None if untold."""

    def register(function: Callable[[Any, Scene], Any]) -> Callable[[Any, Scene], Any]:
        _TRUTHS.update(dict.fromkeys(kinds, function))
        return function

    return register


def _registered(table: dict[type, Any], node: Any) -> Any:
    for kind in type(node).__mro__:
        if kind in table:
            return table[kind]
    if _load():
        return _registered(table, node)
    raise Unknown(f"no meaning is known of {type(node).__name__}")


@cache
def _loaded() -> list[str]:
    """The modules with evaluators, imported: each registers its own."""
    names = [f"{__package__}.{module.name}" for module in iter_modules(import_module(str(__package__)).__path__)]
    for name in names:
        import_module(name)
    return names


def _load() -> bool:
    """Whether modules had to be imported just now."""
    before = _loaded.cache_info().currsize
    return bool(_loaded()) and not before


@lru_cache(maxsize=1 << 16)
def _symbols(term: Any) -> frozenset[Any]:
    """The symbols in a term, bound ones and indices included."""
    return frozenset(term.atoms(Symbol)) if isinstance(term, Basic) else frozenset()


@lru_cache(maxsize=1024)
def _written(condition: Any) -> str:
    """The text of a condition, which may take longer than to evaluate it."""
    return str(condition)


@dataclass
class Scene:
    """Values of the free names at one instance, and what the evaluation has rested on so far.

    Attributes
    ----------
    values : symbol, matrix symbol, sample family name (str) or size symbol -> value.
    bits : precision of balls.
    random : for evaluators that sample; seeded by the instance.
    estimates : why what was found is no proof, in words; empty where all was exact or enclosed.
    vacuous : what held for want of anything that it speaks about: a premise that fails, nothing to quantify over.
    """

    values: Mapping[Any, Any]
    bits: int = BITS[0]
    random: Random = field(default_factory=lambda: Random(0))
    estimates: list[str] = field(default_factory=list)
    vacuous: list[str] = field(default_factory=list)
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)
    _around: tuple[Any, Scene] | None = field(default=None, repr=False)  # an index, and the scene without its value

    def value(self, term: Any) -> Any:
        """The value of a term; raises `Unknown` where it cannot be told or does not exist here."""
        if ctx.prec != self.bits:  # the one place where the precision of balls, which is global, is set
            with ctx.workprec(self.bits):
                return self.value(term)
        if self._around is not None and self._around[1].bits == self.bits and self._around[0] not in _symbols(term):
            return self._around[1].value(term)
        key = (self.bits, term)
        if key not in self._known:
            outside, self.estimates = self.estimates, []
            try:
                self._known[key] = _registered(_VALUES, term)(term, self), self.estimates
            finally:  # what the value rests on is kept with it: a second look must not take it for a proof
                inside, self.estimates = self.estimates, outside
                for reason in inside:
                    self.estimate(reason)
        value, estimates = self._known[key]
        for reason in estimates:
            self.estimate(reason)
        return value

    def truth(self, condition: Any) -> bool | None:
        """Whether a condition holds; None where it cannot be told."""
        if ctx.prec != self.bits:
            with ctx.workprec(self.bits):
                return self.truth(condition)
        return _registered(_TRUTHS, condition)(condition, self)

    def judged(self, condition: Any) -> Told:
        """Whether a condition holds, with what this rests on, which is not noted here yet."""
        alone = Scene(self.values, self.bits, self.random, _known=self._known)
        try:
            held = alone.truth(condition)
        except Unknown as error:
            return Told(None, reason=str(error))
        if held is None:
            return Told(None, reason=f"whether {_written(condition)} holds is not told at this precision")
        return Told(held, tuple(alone.estimates), "", tuple(alone.vacuous) if held else ())

    def kept(self, condition: Any) -> Told:
        """The same of a hypothesis on the very values of this scene."""
        return Told(True) if condition in self.values.get(Special.SOLVED, ()) else self.judged(condition)

    def note(self, told: Told, vacuous: bool = False) -> bool:
        """What was judged, with what it rests on; `Unknown` where it is not told."""
        if told.held is None:
            raise Unknown(told.reason)
        for estimate in told.estimates:
            self.estimate(estimate)
        if vacuous:
            self.vacuous.extend(told.vacuous)
        return told.held

    def estimate(self, reason: str) -> None:
        """Note that what follows rests on an estimate."""
        if reason not in self.estimates:
            self.estimates.append(reason)

    def within(self, values: Mapping[Any, Any]) -> Scene:
        """The scene in which some names have other values (bound names, states at a point); estimates are shared."""
        return Scene({**self.values, **values}, self.bits, self.random, self.estimates, self.vacuous)

    def at_place(self, index: Any, number: Any) -> Scene:
        """The scene in which an index has a value; what the index does not occur in is evaluated once, outside."""
        return replace(self.within({index: number}), _around=(index, self))

    def size(self, expr: Any) -> int:
        """A size as a whole number."""
        value = self.value(expr) if isinstance(expr, Basic) else expr
        if getattr(value, "q", 1) != 1:
            raise Unknown(f"the size {expr} is {value} here, which is no whole number")
        return int(getattr(value, "p", value))

    @property
    def finest(self) -> bool:
        """Whether no more digits will be tried: strict comparisons of enclosures that overlap wait for that."""
        return self.bits >= BITS[-1]

    @contextmanager
    def at_precision(self, bits: int) -> Iterator[Scene]:
        """Balls of another precision within the block."""
        before, self.bits = self.bits, bits
        try:
            yield self
        finally:
            self.bits = before
