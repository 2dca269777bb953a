"""Values of results as plain JSON data and back, exactly, by the annotations of their fields.

Doubles keep all digits, and those that are not finite become text, since strict
JSON has none.  Expressions become lists, operator first: ``["+", "m", ["^", "x", 2]]``.
Only operators and functions of a fixed table are built from a file; no text is
ever evaluated.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import numpy as np
import sympy as sp
from sympy.core.facts import InconsistentAssumptions

from ..modes.frozen import FrozenFlow
from ..scalar.flow import Field, Flow

__all__ = ["ADDED", "Ints", "plain", "restored"]

ADDED = {"added": True}  # metadata of a field with a default that files of earlier versions lack
Ints: TypeAlias = Annotated[np.ndarray, np.int64]  # a bare np.ndarray is one of doubles

_MOST = 10**7  # numbers of an array that are still written as text
_EXPONENT = 10_000  # of a power in a file
_BITS = 1_000_000  # binary digits of a number in a file
_BEYOND = ("nan", "inf", "-inf")
_DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float64")


def plain(value: Any, hint: Any) -> Any:
    """A value of the type `hint` as numbers, text, lists and dictionaries.

    Raises ValueError for what has no such form.

    >>> plain((1.0, float("inf")), tuple[float, ...]), plain(sp.Rational(1, 3), sp.Rational)
    ([1.0, 'inf'], '1/3')
    """
    kind, parts = _form(hint)
    if value is None:
        return None
    if kind is np.ndarray:
        return _plain_array(value, parts)
    if kind is tuple:
        return [plain(v, h) for v, h in zip(value, _each(parts, len(value)), strict=True)]
    if kind is Mapping:
        return {str(k): plain(v, parts[1]) for k, v in value.items()}
    if kind is Flow:
        return _plain_flow(value)
    if kind is sp.Expr:
        return _tree(value)
    if kind in (sp.Symbol, sp.Rational):
        return str(value)
    if kind is Literal:
        return value if value in parts else _no_word(value, parts)
    if is_dataclass(kind):
        return {name: plain(getattr(value, name), h) for name, h in hints(kind).items()}
    value = kind(value)
    return value if kind is not float or np.isfinite(value) else str(value)


def restored(data: Any, hint: Any, symbols: dict[str, sp.Symbol]) -> Any:
    """The value of the type `hint` that `plain` wrote; `symbols` maps the names of those met so far.

    Raises ValueError where the data are of another form.

    >>> restored([1.0, "inf"], tuple[float, ...], {})
    (1.0, inf)
    """
    kind, parts = _form(hint)
    if data is None and NoneType in get_args(hint):
        return None
    if kind is np.ndarray:
        return _restored_array(data, parts)
    if kind is tuple:
        data = _expected(data, list)
        return tuple(restored(v, h, symbols) for v, h in zip(data, _each(parts, len(data)), strict=True))
    if kind is Mapping:
        return Field(
            (_key(k, parts[0], symbols), restored(v, parts[1], symbols)) for k, v in _expected(data, dict).items()
        )
    if kind is Flow:
        return _restored_flow(_expected(data, dict), symbols)
    if kind is sp.Expr:
        return _expression(data, symbols)
    if kind in (sp.Symbol, sp.Rational):
        return _key(_expected(data, str), kind, symbols)
    if is_dataclass(kind):
        return built(kind, _expected(data, dict), symbols)
    if kind is float:
        return _double(data)
    if kind is Literal:
        return data if isinstance(data, str) and data in parts else _no_word(data, parts)
    return _expected(data, kind)


def built(cls: Any, data: Mapping[str, Any], symbols: dict[str, sp.Symbol]) -> Any:
    """The dataclass with its fields from plain data; what is not a field of it is left aside."""
    values = {}
    for name, hint in hints(cls).items():
        if name not in data and name in _added(cls):
            continue
        if name not in data:
            raise ValueError(f"{name!r} is missing")
        try:
            values[name] = restored(data[name], hint, symbols)
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise ValueError(f"{name}: {error}") from None
    made = cls(**values)
    getattr(made, "_verify", lambda: None)()
    return made


def hints(cls: Any) -> dict[str, Any]:
    """The fields of a dataclass with their types, less those that are marked as not saved."""
    kept: dict[str, Any] = _hints(cls)
    return kept


@cache
def _hints(cls):
    known = get_type_hints(cls, include_extras=True)
    return {f.name: known[f.name] for f in fields(cls) if f.metadata.get("saved", True)}


@cache
def _added(cls):
    """Fields that files of earlier versions lack; they have a default."""
    return {f.name for f in fields(cls) if f.metadata.get("added")}


@cache
def _form(hint):
    """The kind of a type and its parts, leaving out that it may be None."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (h for h in get_args(hint) if h is not NoneType)
    if hint is np.ndarray:
        return np.ndarray, np.float64
    if get_origin(hint) is Annotated:
        return get_args(hint)
    origin = get_origin(hint) or hint
    return (Mapping if origin is dict else origin), get_args(hint)


def _each(parts, length):
    """The type of every entry of a tuple."""
    return [parts[0]] * length if parts[1:] == (...,) else parts


def _expected(data, kind):
    if type(data) is not kind:
        raise ValueError(f"expected {kind.__name__}, got {type(data).__name__}")
    return data


def _no_word(data, words):
    raise ValueError(f"expected one of {', '.join(map(repr, words))}, got {data!r}"[:200])


def _double(data):
    if isinstance(data, str) and data in _BEYOND:
        return float(data)
    if type(data) in (int, float) and np.isfinite(float(data)):  # 1e999 is read as infinite
        return float(data)
    raise ValueError(f"expected a number, got {data!r}"[:60])


def _key(text, kind, symbols):
    """A key of a mapping, which is text in JSON, or an entry that is written as its text."""
    if kind is sp.Symbol:
        if text not in symbols:
            raise ValueError(f"the symbol {text!r} is not declared")
        return symbols[text]
    if kind is sp.Rational:
        if not re.fullmatch(r"-?\d+(/0*[1-9]\d*)?", text):
            raise ValueError(f"{text[:40]!r} is no rational number")
        return sp.Rational(*map(int, text.split("/")))
    return kind(text)


# -- arrays --------------------------------------------------------------------------------


def _plain_array(array, dtype):
    """Nested lists for the type that is expected; any other, and an array without entries, says what it is."""
    if array.size > _MOST:
        raise ValueError(
            f"{array.size} numbers are too many; a large regime map goes into a Zarr store (regime_map_to_zarr)"
        )
    if array.dtype == dtype and array.size:
        return _lists(array)
    if array.dtype.name not in _DTYPES:
        raise ValueError(f"an array of {array.dtype} has no form in JSON")
    return {"dtype": array.dtype.name, "shape": list(array.shape), "values": _lists(array.ravel())}


def _lists(array):
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()
    return [
        _lists(row) if row.ndim else row.item() if np.isfinite(row) else str(row.item())
        for row in map(np.asarray, array)
    ]


def _restored_array(data, dtype):
    shape = None
    if isinstance(data, dict):
        dtype, shape, data = data["dtype"], data["shape"], data["values"]
        if dtype not in _DTYPES:
            raise ValueError(f"an array of {dtype!r} is not read")
    dtype, array = np.dtype(dtype), np.array(_expected(data, list))
    if array.dtype.kind == "f" and not np.isfinite(array).all():  # what is meant to be infinite is text
        raise ValueError("an array holds a number beyond the doubles")
    if dtype.kind == "f" and array.dtype.kind in "UO":
        array = np.array(_doubles(data))
    if array.size and array.dtype.kind not in {"f": "iuf", "b": "b"}.get(dtype.kind, "iu"):
        raise ValueError(f"an array of {dtype.name} holds something else")
    if dtype.kind in "iu" and (array.astype(dtype) != array).any():
        raise ValueError(f"an array of {dtype.name} holds larger numbers")
    array = array.astype(dtype)
    return array if shape is None else array.reshape(shape)


def _doubles(data):
    return [_doubles(row) for row in data] if isinstance(data, list) else _double(data)


# -- flows and expressions -----------------------------------------------------------------


def _plain_flow(flow):
    frozen = getattr(flow, "frozen", None)
    parts = [*flow.states, *flow.rhs.values(), *flow.parameters, *(e for pair in frozen or () for e in pair)]
    symbols = {}
    for symbol in sorted(set().union(*(part.atoms(sp.Symbol) for part in parts)), key=str):
        if isinstance(symbol, sp.Dummy) or symbol.name in symbols:
            raise ValueError(f"the symbol {symbol.name} is a dummy or shares its name with another")
        symbols[symbol.name] = _facts(symbol)
    data = {
        "symbols": symbols,
        "states": {x.name: _tree(f) for x, f in flow.states.items()},
        "parameters": [p.name for p in flow.parameters],
    }
    return data if frozen is None else data | {"frozen": [[_tree(c), _tree(e)] for c, e in frozen]}


def _facts(symbol):
    """The fewest assumptions from which the others follow."""
    facts = symbol.assumptions0
    for fact in sorted(facts, key=lambda f: (f in ("positive", "negative", "real", "integer"), f)):
        rest = {key: value for key, value in facts.items() if key != fact}
        facts = rest if sp.Symbol(symbol.name, **rest) == symbol else facts
    return facts


def _restored_flow(data, symbols):
    for name, facts in data["symbols"].items():
        if not all(type(value) is bool for value in facts.values()):
            raise ValueError(f"the assumptions on {name} are not true or false")
        try:
            symbols[name] = sp.Symbol(name, **facts)
        except InconsistentAssumptions:
            raise ValueError(f"the assumptions on {name} are inconsistent") from None
    states = {_key(name, sp.Symbol, symbols): _expression(tree, symbols) for name, tree in data["states"].items()}
    if any(f.doit().has(sp.I) for f in states.values()):  # what is not evaluated may hide it
        raise ValueError("a right-hand side is imaginary")
    parameters = tuple(_key(name, sp.Symbol, symbols) for name in data["parameters"])
    if "frozen" not in data:
        return Flow(states, parameters)
    return FrozenFlow(
        states, parameters, tuple(tuple(_expression(tree, symbols) for tree in pair) for pair in data["frozen"])
    )


@cache
def _heads():
    """Operators and functions by the name under which they are written."""
    from ..language.mode_sum import ModeSum

    functions = (
        sp.exp,
        sp.log,
        sp.sin,
        sp.cos,
        sp.tan,
        sp.asin,
        sp.acos,
        sp.atan,
        sp.atan2,
        sp.sinh,
        sp.cosh,
        sp.tanh,
        sp.asinh,
        sp.acosh,
        sp.atanh,
        sp.Abs,
        sp.sign,
        sp.Max,
        sp.Min,
        sp.erf,
        sp.erfc,
        ModeSum,
    )
    return {"+": sp.Add, "*": sp.Mul, "^": sp.Pow, **{f.__name__: f for f in functions}}


_CONSTANTS = {"pi": sp.pi, "e": sp.E}


def _tree(expr):
    """An expression as nested lists; symbols are text."""
    if expr.is_Symbol:
        return expr.name
    if expr.is_Integer:
        return int(expr)
    if expr.is_Rational:
        return ["/", int(expr.p), int(expr.q)]
    for name, constant in _CONSTANTS.items():
        if expr == constant:
            return ["constant", name]
    for name, head in _heads().items():
        if expr.func is head:
            return [name, *map(_tree, expr.args)]
    raise ValueError(f"{expr} has no form in a file")


def _expression(tree, symbols):
    """The expression of a tree; nothing is evaluated, so that it is the one that was written."""
    if isinstance(tree, str):
        return _key(tree, sp.Symbol, symbols)
    if type(tree) is int:
        return sp.Integer(tree)
    name, *rest = _expected(tree, list)
    if name == "/":
        return sp.Rational(*(_expected(part, int) for part in rest))
    if name == "constant":
        return _CONSTANTS[rest[0]]
    if name not in _heads():
        raise ValueError(f"there is no operator or function {name!r}")
    head, args = _heads()[name], [_expression(part, symbols) for part in rest]
    if name == "^" and len(args) == 2:
        _refuse_huge(*args)
    return head(*args) if name == "ModeSum" else head(*args, evaluate=False)


def _refuse_huge(base, exponent):
    """Refuse a power that nobody writes down: evaluating it, or a tower of them, has no end."""
    if exponent.is_Rational and max(abs(exponent.p), exponent.q) > _EXPONENT:
        raise ValueError(f"the exponent {str(exponent)[:40]} is too large")
    if not exponent.free_symbols and _bits(exponent) > _EXPONENT.bit_length():
        raise ValueError("an exponent is too large")
    if exponent.is_Rational and not base.free_symbols and _bits(base) * abs(exponent.p) > _BITS:
        raise ValueError("a power of a number is too large")


def _bits(expr):
    """A bound for the binary digits of an expression in numbers, without evaluating it."""
    if expr.is_Rational:
        return max(abs(int(expr.p)).bit_length(), int(expr.q).bit_length())
    parts = [_bits(part) for part in expr.args] or [2]
    if expr.is_Pow:
        return parts[0] * 2 ** min(parts[1], _BITS.bit_length())
    return sum(parts) if expr.is_Mul or expr.is_Add else max(parts)
