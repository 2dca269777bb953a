"""Arguments checked in one place: every refusal names the argument, what came, and what is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cache
from numbers import Integral, Real
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import InputError

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "MOST_BITS",
    "MOST_DIGITS",
    "MOST_STEPS",
    "all_of",
    "callable_of",
    "described",
    "exact_fraction",
    "flag",
    "instance_of",
    "mapping_of",
    "nonnegative",
    "number",
    "one_of",
    "quoted",
    "random_generator",
    "room_for",
    "seed_of",
    "sequence_of",
    "text_of",
    "whole",
]

T = TypeVar("T")
_SHOWN = 60  # characters of a value that a message repeats
_EACH = 8  # bytes of a number in an array

# Beyond these a number is a slip or meant to do harm: no machine gets there, and some would try until memory ends.
MOST_DIGITS = 10_000  # decimal digits of a number that is read, or of an enclosure
MOST_BITS = 40_000
MOST_STEPS = 10**12


def described(value: object) -> str:
    """A value as a message names it: short, on one line, with its type where that is not plain.

    >>> described("up"), described(3), described([1, 2])
    ("the string 'up'", '3', '[1, 2] (a list)')
    """
    if isinstance(value, str):
        return f"the string {quoted(value)}"
    if value is None or (isinstance(value, (bool, Real)) and type(value).__module__ == "builtins"):
        return _repr(value)
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, (FunctionType, BuiltinFunctionType)):
        return "a lambda" if value.__name__ == "<lambda>" else f"the function {value.__name__}"
    kind = type(value).__name__
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    if (type(value).__module__ or "").partition(".")[0] == "symssl":
        return f"{article} {kind}"
    if type(value).__repr__ is object.__repr__:  # an address says nothing
        return f"{article} {kind}"
    return f"{_repr(value)} ({article} {kind})"


def quoted(text: str) -> str:
    """A text in quotes, as far as a message repeats it.

    >>> quoted("up"), quoted("up and away " * 10)
    ("'up'", "'up and away up and away up and away up and away up and away ...'")
    """
    return repr(_short(text))


def _repr(value: object) -> str:
    """What Python shows of a value, cut short; of a number with thousands of digits it shows nothing."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return _short(re.sub(r" at 0x[0-9a-fA-F]+", "", " ".join(text.split())))  # an address tells nobody anything


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def whole(name: str, value: Any, least: int = 0, most: int | None = None) -> int:
    """A whole number between two bounds, as an `int`.

    Raises
    ------
    InputError
        For anything else, booleans and whole floats included.

    >>> whole("steps", 3, 1)
    3
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, Integral)
        or int(value) < least
        or (most is not None and int(value) > most)
    ):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} must be a whole number {bounds}, not {described(value)}")
    return int(value)


def room_for(what: str, numbers: int, remedy: str, each: int = _EACH) -> int:
    """The number of numbers itself, where so many of them fit into half of the memory, of `each` so many bytes.

    Raises
    ------
    InputError
        Before any memory is taken, with the count, what there is, and the `remedy`.

    >>> room_for("the grid", 10**6, "take fewer points")
    1000000
    """
    room = _memory() // 2
    if numbers * each > room:
        raise InputError(
            f"{what} asks for {_count(numbers)} numbers, and half of the memory holds {_count(room // each)}: {remedy}"
        )
    return numbers


def _count(numbers: int) -> str:
    """A count in words that fit a message, however large it is."""
    return str(numbers) if numbers < 10**6 else f"about 10^{int(numbers.bit_length() * 0.30103)}"


@cache
def _memory() -> int:
    """Bytes of memory that this process may have: of the machine, or of its container where that has less."""
    amounts = [8 << 30]  # where nobody says
    with suppress(AttributeError, ValueError, OSError):  # not on every system
        amounts = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError), open("/sys/fs/cgroup/memory.max", encoding="ascii") as limit:
        amounts.append(int(limit.read()))
    return min(amounts)


_NUMBER = re.compile(r"[+-]?(\d[\d_]*(/\d[\d_]*)?|(\d[\d_]*)?\.?(\d[\d_]*)?(e[+-]?\d{1,4})?)", re.ASCII | re.IGNORECASE)


def exact_fraction(text: str) -> Fraction:
    """The number that a text such as 3, 0.5, 1/4 or 2e-3 stands for, exactly; it is read, never evaluated.

    Raises
    ------
    InputError
        For other text, for more than `MOST_DIGITS` digits and for powers of ten of more than four digits, all of
        them before the number is made.

    >>> exact_fraction("0.25")
    Fraction(1, 4)
    """
    try:
        if len(text) > MOST_DIGITS or not _NUMBER.fullmatch(text.strip()):
            raise ValueError
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{_short(repr(text))} is not a number; write 3, 0.5 or 1/4") from None


def number(name: str, value: Any, low: float = float("-inf"), high: float = float("inf")) -> float:
    """A real number strictly between two bounds, as a `float`; `InputError` for anything else.

    >>> number("eta", 0.5, 0, 1)
    0.5
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not low < _double(value) < high:
        wanted = (
            "a finite number"
            if (low, high) == (float("-inf"), float("inf"))
            else "a positive number"
            if (low, high) == (0, float("inf"))
            else f"a number between {low} and {high}"
        )
        raise InputError(f"{name} must be {wanted}, not {described(value)}")
    return float(value)


def nonnegative(name: str, value: Any) -> float:
    """A finite real number of at least 0, as a `float`; `InputError` for anything else.

    >>> nonnegative("rho", 0)
    0.0
    """
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not 0 <= value < float("inf"):
        raise InputError(f"{name} must be a finite number >= 0, not {described(value)}")
    return float(value)


def callable_of(name: str, value: Any, wanted: str = "a function") -> Any:
    """A function, or an object that is called like one; `InputError` for anything else, classes included.

    >>> callable_of("progress", max) is max
    True
    """
    if isinstance(value, type) or not callable(value):
        raise InputError(f"{name} must be {wanted}, not {described(value)}")
    return value


def _double(value: Real) -> float:
    """The nearest double; NaN, which lies between no bounds, beyond the range of doubles."""
    try:
        return float(value)
    except OverflowError:
        return float("nan")


def flag(name: str, value: Any) -> bool:
    """True or False, nothing that merely counts as such; `InputError` for anything else."""
    if not isinstance(value, bool):
        raise InputError(f"{name} must be True or False, not {described(value)}")
    return value


def one_of(name: str, value: Any, known: Collection[str]) -> Any:
    """One of some names, nothing else; `InputError` lists them.

    >>> one_of("method", "census", ("exact", "census"))
    'census'
    """
    if not isinstance(value, str) or value not in tuple(known):
        raise InputError(f"{name} must be one of {', '.join(map(repr, known))}, not {described(value)}")
    return value


def mapping_of(name: str, value: Any, wanted: str = "symbols to numbers") -> dict[Any, Any]:
    """A mapping as a dict of its own; None counts as empty, and what has keys and items, like SymPy's `Dict`, as one.

    Raises
    ------
    InputError
        For a set, a sequence, text, or anything else that maps nothing.

    >>> mapping_of("values", {"k": 1})
    {'k': 1}
    """
    if value is None:
        return {}
    keyed = not isinstance(value, type) and hasattr(value, "keys") and hasattr(value, "__getitem__")
    if not (isinstance(value, Mapping) or keyed):
        raise InputError(f"{name} must be a mapping from {wanted}, such as a dict, not {described(value)}")
    return dict(value)


def sequence_of(name: str, value: Any, wanted: str) -> tuple[Any, ...]:
    """An ordered collection as a tuple; text, sets and mappings are none, and neither is one bare item.

    >>> sequence_of("times", [0, 1], "numbers")
    (0, 1)
    """
    if isinstance(value, (str, bytes, set, frozenset, Mapping)) or not isinstance(value, Iterable):
        raise InputError(f"{name} must be a sequence of {wanted}, not {described(value)}")
    try:
        return tuple(value)
    except TypeError:  # a zero-dimensional array, a matrix of symbolic size
        raise InputError(f"{name} must be a sequence of {wanted}, not {described(value)}") from None


def instance_of(name: str, value: Any, kind: type[T] | tuple[type[T], ...], wanted: str = "") -> T:
    """The value itself where it is of a class, or of one of several.

    Parameters
    ----------
    wanted : what is meant, in words; by default the names of the classes.

    Raises
    ------
    InputError
        For an instance of another class, and for the class itself.

    >>> instance_of("poles", 2, int)
    2
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = wanted or " or ".join(f"{'an' if k.__name__[0] in 'AEIOU' else 'a'} {k.__name__}" for k in kinds)
        raise InputError(f"{name} must be {wanted}, not {described(value)}")
    return value


def all_of(name: str, value: Any, kind: type[T] | tuple[type[T], ...], wanted: str) -> tuple[T, ...]:
    """An ordered collection, as a tuple, whose items are all of a class.

    >>> all_of("labels", ["a", "b"], str, "texts")
    ('a', 'b')
    """
    items = sequence_of(name, value, wanted)
    for position, item in enumerate(items):
        if not isinstance(item, kind):
            raise InputError(f"{name} must be a sequence of {wanted}, but {name}[{position}] is {described(item)}")
    return items


def text_of(name: str, value: Any, wanted: str = "a text") -> str:
    """A text that is not blank; `InputError` for anything else.

    >>> text_of("title", "A demonstration")
    'A demonstration'
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} must be {wanted}, not {described(value)}")
    return value


def random_generator(rng: Any, stream: int | None = None) -> Generator:
    """The NumPy generator meant by `rng`: a seed, a `Generator`, or None for an unpredictable one (SPEC 7).

    Parameters
    ----------
    stream : number of one of several independent streams that come from one seed; a `Generator` is used as it is

    Raises
    ------
    InputError
        For text, floats, nested sequences, and the legacy `RandomState`, whose streams NumPy does not seed this way.

    >>> bool(random_generator(7).integers(10) == random_generator(7).integers(10))
    True
    """
    import numpy as np

    stream = None if stream is None else whole("stream", stream)
    wanted = "rng must be a seed, a numpy.random.Generator or None"
    if isinstance(rng, (bool, str, bytes, float, np.random.RandomState)):
        raise InputError(f"{wanted}, not {described(rng)}")
    try:
        if isinstance(rng, (list, tuple, np.ndarray)):  # NumPy itself goes into np.matrix, say, until the stack is gone
            rng = [whole("each number of a seed", word) for word in rng]
            if stream is not None:
                rng.append(stream)
        elif np.iterable(rng):
            raise InputError("several numbers of a seed must stand in a list")
        elif stream is not None and isinstance(rng, Integral):
            rng = [rng, stream]
        return np.random.default_rng(rng)
    except (InputError, TypeError, ValueError) as error:
        raise InputError(f"{wanted}, not {described(rng)}: {_short(str(error))}") from None


def seed_of(rng: Any) -> int:
    """A whole number that stands for `rng`: the seed itself, one drawn from a `Generator`, or a fresh one for None.

    What keeps the number can draw the same random numbers again.

    >>> seed_of(7)
    7
    """
    if isinstance(rng, Integral) and not isinstance(rng, bool):
        random_generator(seed := int(rng))  # refuses negative ones
        return seed
    return int(random_generator(rng).integers(2**63))
