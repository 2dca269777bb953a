"""The one gate between what a user hands over and SymPy: text is never evaluated, in no container and by no operator.

SymPy's ``sympify`` refuses a bare text where it is strict, but its converters of tuples, dicts and sets parse the text
inside them, that is, they run it.  So do arithmetic and comparison with such a container, which convert it too.
Everything else in the package asks here; ``tests/test_rooms.py`` holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from sympy import Basic, MatrixBase, sympify

from ..errors import InputError
from ..support.arguments import described

__all__ = ["Guarded", "as_sympy"]

_HOLDERS = (str, bytes, bytearray, memoryview, tuple, list, dict, set, frozenset, range, type, type(None))


def as_sympy(value: Any, name: str = "the value", wanted: str = "a number or an object of SymPy") -> Any:
    """The SymPy object that a user's argument stands for: an object of SymPy as it is, a number converted.

    Parameters
    ----------
    name, wanted : how the message calls the argument, and what it asks for

    Raises
    ------
    InputError
        For text, and for containers whatever is in them: what they hold is taken out, and asked for, one by one.

    >>> as_sympy(2), as_sympy(0.5)
    (2, 0.500000000000000)
    >>> as_sympy(("2", ))
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: the value must be a number or an object of SymPy, not ('2',) (a tuple); \
text is never evaluated: write Symbol('x'), or a number
    """
    if isinstance(value, MatrixBase) or (isinstance(value, Basic) and all(isinstance(a, Basic) for a in value.args)):
        return value
    found = None
    if not isinstance(value, _HOLDERS):
        try:
            found = sympify(value, strict=True) if _is_lone(value) else None
        except Exception:  # noqa: BLE001 - an object may say in any way that it has no SymPy form
            found = None
    if not isinstance(found, (Basic, MatrixBase)) or found is value:
        hint = "; text is never evaluated: write Symbol('x'), or a number" if _holds_text(value) else ""
        raise InputError(f"{name} must be {wanted}, not {described(value)}{hint}")
    return found


def _is_lone(value: Any) -> bool:
    """Whether this is no array, nor an array's record or object in disguise, which may hold text."""
    return getattr(value, "shape", ()) == () and getattr(getattr(value, "dtype", None), "kind", "f") in tuple("biufc")


def _holds_text(value: Any, depth: int = 3) -> bool:
    """Whether there is text in a container, as far as one looks: a few levels, a few items of each."""
    if isinstance(value, (str, bytes)):
        return True
    if depth == 0 or not isinstance(value, (tuple, list, dict, set, frozenset)):
        return False
    items = [*value.items()] if isinstance(value, dict) else [*value]
    return any(_holds_text(item, depth - 1) for item in items[:20])


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def guard(self: Any, *others: Any) -> Any:
        for other in others:
            if not isinstance(other, (Basic, MatrixBase)) and (isinstance(other, _HOLDERS) or not _is_lone(other)):
                return NotImplemented
        return method(self, *others)

    return guard


_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul")
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


class Guarded:
    """Operators of an object of SymPy that leave containers and text alone instead of converting them.

    A class names it before its SymPy class.  What is no number and no object of SymPy is not equal to it, and has no
    sum with it: Python's own TypeError says so.

    >>> from sympy import MatrixSymbol
    >>> from symssl import sq
    >>> sq(MatrixSymbol("A", 2, 2)) == ("A", )
    False
    """

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        names = [f"__{side}{name}__" for name in _OPERATORS for side in ("", "r")]
        for name in [*names, *(f"__{name}__" for name in _COMPARISONS)]:
            method = getattr(cls, name, None)
            if method is not None and not hasattr(method, "guards"):
                guard = _guarded(method)
                guard.guards = name  # type: ignore[attr-defined]  # so that subclasses do not wrap it again
                setattr(cls, name, guard)
