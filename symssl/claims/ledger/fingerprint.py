"""Digests of claims: equal in every process exactly when the claims say the same.

A claim is walked by structure, never printed: two symbols that look alike but
differ in assumptions differ here.  What is met and not understood makes a claim
one that has no fingerprint, and whose verdict is therefore never kept.
"""

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction
from sympy.matrices.matrixbase import MatrixBase

from ...language.dynamics import Held
from ..places import Place
from .sources import digest, is_of_papers

__all__ = ["Fingerprint", "NoFingerprint"]

_STATED = ("id", "printed", "given", "decide", "kind", "sizes")
_STATED_BY_SENTENCE = ("id", "printed", "kind", "witness", "argument")


class NoFingerprint(Exception):
    """An object whose content cannot be read off."""


class Fingerprint:
    """Digests of one claim, the same wherever its paper lies.

    Parameters
    ----------
    claim : a :class:`symssl.Claim`.
    place : the collection of its paper; the modules of that are told apart by their names within it.

    Attributes
    ----------
    stated : digest of the statement, its hypotheses and its decider.
    claim : digest of that with the steps and the model.
    modules : modules of every function that the claim is made of.
    """

    def __init__(self, claim: Any, place: Place | None = None) -> None:
        self.modules: set[str] = set()
        self._place = place
        self._dummies: dict[sp.Dummy, int] = {}
        self._active: set[int] = set()
        self._memo: dict[Any, str] = {}
        stated = _STATED if claim.sentence is None else _STATED_BY_SENTENCE
        self.stated = digest(*(self._of(getattr(claim, name)) for name in stated))
        self.claim = digest(self.stated, self._of(claim.steps), self._of(claim.model))

    def _of(self, value):
        if isinstance(value, sp.Basic):
            key = type(value), value
            if key not in self._memo:
                self._memo[key] = self._basic(value)
            return self._memo[key]
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes, Fraction)):
            return digest(type(value).__name__, repr(value))
        if isinstance(value, MatrixBase):
            return digest("matrix", self._of(value.as_immutable()))
        if isinstance(value, (tuple, list)):
            return digest(type(value).__name__, *map(self._of, value))
        if isinstance(value, (set, frozenset)):
            return digest("set", *sorted(map(self._of, value)))
        if isinstance(value, type):
            return self._named(value)
        return self._once(value)

    def _once(self, value):
        """Objects that may contain themselves."""
        if id(value) in self._active:
            return digest("itself")
        self._active.add(id(value))
        try:
            return self._compound(value)
        finally:
            self._active.discard(id(value))

    def _compound(self, value):
        if isinstance(value, Mapping):
            return digest("mapping", *(self._of(part) for item in value.items() for part in item))
        if is_dataclass(value):
            return digest(
                self._named(type(value)), *(self._of(getattr(value, f.name)) for f in fields(value) if f.compare)
            )
        if isinstance(value, partial):
            return digest("partial", self._of(value.func), self._of(value.args), self._of(value.keywords))
        if callable(value):
            return self._function(value)
        raise NoFingerprint(f"{value!r} of type {type(value).__name__}")

    def _function(self, function):
        """Its name; the source of its module is looked at apart.  What it closes over belongs to it."""
        owner = getattr(function, "__self__", None)
        if owner is not None and not hasattr(owner, "__spec__"):  # a method, not a function of a C module
            return digest("method", function.__name__, self._of(owner))
        inner = getattr(function, "__wrapped__", function)
        if not hasattr(inner, "__qualname__"):
            raise NoFingerprint(f"{function!r} has no name")
        try:
            cells = [cell.cell_contents for cell in getattr(inner, "__closure__", None) or ()]
        except ValueError:
            raise NoFingerprint(f"{function!r} closes over a name without a value") from None
        return digest(
            self._named(inner),
            *map(self._of, cells),
            self._of(getattr(inner, "__defaults__", None)),
            self._of(getattr(inner, "__kwdefaults__", None)),
        )

    def _named(self, thing):
        if thing.__module__ is None:
            raise NoFingerprint(f"{thing!r} belongs to no module")
        self.modules.add(thing.__module__)
        return digest("name", self._home(thing), thing.__qualname__)

    def _basic(self, expr):
        if isinstance(expr, Held):
            return digest("held", self._of(expr.value))
        kind = digest(self._home(type(expr)), type(expr).__qualname__)
        if isinstance(type(expr), UndefinedFunction):
            assumed = getattr(type(expr), "_kwargs", {})
            return digest("function", type(expr).__name__, str(sorted(assumed.items())), *map(self._of, expr.args))
        if isinstance(expr, sp.Dummy):
            number = self._dummies.setdefault(expr, len(self._dummies))
            return digest(kind, str(number), expr.name, _assumed(expr))
        if isinstance(expr, sp.Symbol):
            return digest(kind, expr.name, _assumed(expr))
        if isinstance(expr, sp.Poly) or not expr.args:
            return digest(kind, sp.srepr(expr))
        if isinstance(expr, (sp.And, sp.Or, sp.FiniteSet)):  # their parts are in no order that all processes share
            return digest(kind, *sorted(map(self._of, expr.args)))
        return digest(kind, *map(self._of, expr.args))

    def _home(self, thing) -> str:
        """What tells a class or function from another of its name.

        For the engine's own, and for what a library exports, this is the library alone, so that nothing changes
        when they move between modules; for functions of papers, and for all others, it is the module.
        """
        module = thing.__module__ or ""
        top = module.partition(".")[0]
        if self._place is not None and self._place.relative(module) != module:
            return self._place.relative(module)
        if top == "symssl":
            return module if is_of_papers(module) else top
        exported = getattr(sys.modules.get(top), thing.__qualname__, None)
        return top if exported is thing else module


def _assumed(symbol):
    return str(sorted((name, value) for name, value in symbol.assumptions0.items() if value is not None))
