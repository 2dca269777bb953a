"""Text at every place of every public call, in every container: it is never run."""

from __future__ import annotations

import contextlib
import itertools
import operator
import warnings
from collections.abc import Iterator

import sympy as sp

from .wrong import holders, was_evaluated

OPERATORS = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "eq", "ne", "lt", "le", "gt", "ge", "contains",
)  # fmt: skip


def places(args, options):
    """(words, function that puts something there and gives the new arguments) of every place in a call.

    A place is an argument, an item of a sequence, or a key or value of a mapping.
    """
    for place in [*range(len(args)), *options]:
        good = options[place] if isinstance(place, str) else args[place]
        for words, change in _inside(good):

            def put(thing, place=place, change=change):
                new_args, new_options = list(args), dict(options)
                (new_options if isinstance(place, str) else new_args)[place] = change(thing)
                return new_args, new_options

            yield f"{place}{words}", put


def _inside(good, depth=2):
    yield "", lambda thing: thing
    if depth == 0:
        return
    if isinstance(good, dict):
        for key in good:
            for words, change in _inside(good[key], depth - 1):
                yield f"[{key}]{words}", lambda thing, key=key, change=change: {**good, key: change(thing)}

            def rekeyed(thing, key=key):
                return {(thing if other is key else other): value for other, value in good.items()}

            yield f" key {key}", rekeyed
    elif type(good) in (tuple, list):
        for number, item in enumerate(good[:4]):
            for words, change in _inside(item, depth - 1):

                def replaced(thing, number=number, change=change):
                    items = list(good)
                    items[number] = change(thing)
                    return type(good)(items)

                yield f"[{number}]{words}", replaced


def runs_text(function, args, options):
    """Whether a call runs the text in its arguments, however it ends."""
    was_evaluated()
    with warnings.catch_warnings(), contextlib.suppress(Exception):
        warnings.simplefilter("ignore")
        found = function(*args, **options)
        if isinstance(found, Iterator):
            list(itertools.islice(found, 3))
        with contextlib.suppress(Exception):
            repr(found)
    return was_evaluated()


def tries(function, args, options, kinds=None):
    """(words, whether it ran) of a call with each kind of container at each place; all kinds where None are given."""
    names = list(holders()) if kinds is None else list(kinds)
    for words, put in places(args, options):
        for name in names:
            try:
                new_args, new_options = put(holders()[name])
            except TypeError:  # not hashable, so it is no key
                continue
            yield f"{words} = {name}", runs_text(function, new_args, new_options)


def operations(thing):
    """(words, whether it ran) of every operator between an object and each container, on either side."""
    for name, kind in itertools.product(OPERATORS, holders()):
        held = holders()[kind]
        if isinstance(held, sp.Basic):
            continue
        for pair in ((thing, held), (held, thing)):
            yield f"{name} with {kind}", runs_text(getattr(operator, name), pair, {})
