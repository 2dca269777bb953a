"""Objects of the wrong kind, text that tells when it is run, and good arguments with one thing wrong in them.

Everything is made anew at each call: iterators are used up, and arrays may be written to.
"""

from __future__ import annotations

import builtins
from collections import OrderedDict, UserDict, UserList, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import sympy as sp

import symssl

FLAG = "symssl_evaluated"
CODE = f"__import__('builtins').__dict__.__setitem__('{FLAG}', 1)"  # whoever runs it leaves a trace

x, k = sp.symbols("x k", real=True)
A = sp.MatrixSymbol("A", 2, 2)
Pair = namedtuple("Pair", "first second")


class Own(Exception):
    """What the user's own functions raise; it may come out of a call."""


class Text(str):
    """A string of another class."""


class Disguised:
    """An object whose SymPy form is whatever it holds."""

    def __init__(self, held):
        self.held = held

    def _sympy_(self):
        return self.held


class Strange:
    """An object that fails at almost everything one may ask of it."""

    def __len__(self):
        raise Own("no length")

    def __repr__(self):
        return "Strange()"

    def __float__(self):
        raise TypeError("no float")


def was_evaluated():
    """Whether the text has been run since this was asked last."""
    return builtins.__dict__.pop(FLAG, None) is not None


def holders(text=CODE):
    """{name: object} with a text in it, in every container that occurs to one."""
    with_text = np.empty((), dtype=object)
    with_text[()] = (text,)
    return {
        "text": text,
        "text of another class": Text(text),
        "bytes": text.encode(),
        "tuple": (text,),
        "pair": (x, text),
        "named tuple": Pair(text, text),
        "list": [text],
        "set": {text},
        "frozenset": frozenset({text}),
        "value": {x: text},
        "name and value": {"x": text},
        "key": {text: 1},
        "matrix key": {A: (text,)},
        "tuple as key": {(text,): (text,)},
        "nested tuple": ((1, (text, x)),),
        "list of tuples": [(text, 0, 1)],
        "list of lists": [[text], [text]],
        "tuple of a set": ({text}, frozenset({text})),
        "tuple in a dict": {x: (text, text)},
        "set of tuples": {(text,)},
        "ordered": OrderedDict({text: text}),
        "read only": MappingProxyType({x: (text,)}),
        "deque": deque([text]),
        "user list": UserList([text]),
        "user dict": UserDict({text: text}),
        "keys": {text: 1}.keys(),
        "generator": ((text,) for _ in range(2)),
        "iterator": iter([text]),
        "slice": slice(text),
        "array of text": np.array([text]),
        "array of a text": np.array(text),
        "array of objects": np.array([x, text], dtype=object),
        "array of a tuple": with_text,
        "record": np.zeros((), dtype=[("a", "U9")]),
        "array of tuples": np.array([[(text,)]], dtype="O"),
        "disguised": Disguised(text),
        "disguised tuple": Disguised((text,)),
        "symbol": sp.Symbol(text, real=True),
        "function": sp.Function(text)(x),
        "matrix": sp.MatrixSymbol(text, 2, 2),
        "symbol tuple": (sp.Symbol(text), 0, 1),
        "raw object": sp.Basic(text),
        "error": ValueError(text),
        "function that returns it": lambda *args, **options: (text,),
        "exact cases": sp.Piecewise((sp.Symbol(text), x > 0), (k, True)),
    }


def objects():
    """Objects of many kinds, hardly ever the right one."""
    return [
        None, True, False, 0, -1, 3, -7, 10**6, 10**30, 2**63, 0.5, 2.5, 1e300, -0.0, float("nan"), float("inf"), 1j,
        "", "x", "no such name", "x*y", b"x", (), [], {}, set(), frozenset({1}), {x}, [None], [[]], [1, 2], [[1, 2],
        [3]],
        ("a", 1), (x, k), (x,), {x: 1}, {"x": 1}, {"x": x}, {3: 4}, {A: A}, {A: 2}, {None: None}, {x: float("nan")},
        Fraction(1, 3), Decimal("0.1"), Decimal("NaN"), np.ones(3), np.ones((2, 2)), np.zeros((0, 3)), np.float64(2.0),
        np.int64(3), np.bool_(True), np.array(["a"]), np.array([None]), np.array([1j, np.nan]), np.float64("nan"),
        np.datetime64("2020-01-01"), sp.Integer(2), sp.Rational(1, 2), sp.Float(0.5), sp.Integer(10) ** 40, sp.oo,
        sp.nan,
        sp.zoo, sp.I, sp.pi, sp.sqrt(2), sp.true, sp.Eq(x, 1), x > 0, sp.Tuple(x, 1), sp.Interval(0, 1),
        sp.Dict({x: 1}),
        x, k, x**2 - k, x**x, 1 / x, sp.Symbol("x"), sp.Symbol("other"), sp.Dummy("x"), sp.Function("f")(x),
        sp.Symbol("z", commutative=False), sp.Derivative(sp.Function("f")(x), x), sp.Integral(x, x), sp.Max(x, k),
        sp.Sum(x, (k, 1, 3)), sp.Wild("w"), sp.Poly(x**2 - 1, x), sp.Lambda(x, x), sp.S.EmptySet, sp.Piecewise((x,
        x > 0)),
        A, A.T, A * A, A**-1, sp.MatrixSymbol("R", 2, 3), sp.MatrixSymbol("S", k, k), sp.Matrix([[1, 2], [3, 4]]),
        sp.ImmutableMatrix([[x]]), sp.Matrix(0, 0, []), sp.Identity(2), sp.ZeroMatrix(2, 2), sp.Trace(A), A[0, 0],
        symssl.sq(A), symssl.Symmetric(A), symssl.Flow({x: k * x - x**3}, (k,)), symssl.MatrixFlow({A: -A}),
        symssl.InputError("an error"), lambda *args, **options: None, raises, int, symssl.Flow, symssl.MatrixFlow,
        sp.Symbol,
        object(), Strange(), iter([1]), range(3), slice(1), Ellipsis, NotImplemented,
    ]  # fmt: skip


def raises(*args, **options):
    """A function of the user's that fails."""
    raise Own("of the user's own function")


def wrong(random):
    """One of them, or a text in a container."""
    if random.random() < 0.3:
        return random.choice(list(holders().values()))
    return random.choice(objects())


HUGE = (
    10**30,
    -(10**30),
    10**9,
    1e308,
    -1e308,
    5e-324,
    float("nan"),
    float("inf"),
    -float("inf"),
    0,
    -1,
    0.5,
    1j,
    True,
)


EXPLICIT = (  # of which the shape is one of plain integers, not of numbers of SymPy
    sp.Matrix([[1, 2], [3, 4]]),
    sp.Matrix([[1, 2, 3]]),
    sp.ImmutableMatrix([[x], [k]]),
    sp.Matrix(0, 0, []),
    sp.Matrix(2, 0, []),
)


def spoilt(value, random):
    """A good argument with one thing wrong in it, or something else altogether."""
    if random.random() < 0.35:
        return wrong(random)
    if isinstance(value, dict):
        return _spoilt_dict(value, random)
    if type(value) in (list, tuple):
        return _spoilt_sequence(value, random)
    if isinstance(value, (bool, int, float)):
        return random.choice([*HUGE, -value, str(value), (value,), np.float64(value), sp.Float(value), value + 1e6])
    if isinstance(value, str):
        return random.choice(
            [value + "x", "", " ", value.upper(), value * 50, CODE, value.encode(), (value,), value + "\0"]
        )
    if isinstance(value, np.ndarray):
        return _spoilt_array(value, random)
    if isinstance(value, sp.MatrixBase):
        return random.choice([value.T, value.row_insert(0, value[:1, :]), value * sp.nan, value.tolist(), value[:1, :]])
    if isinstance(value, sp.MatrixExpr):
        return random.choice(
            [value.T, 2 * value, value + value, sp.MatrixSymbol(str(value), 3, 4), value[0, 0], str(value), *EXPLICIT]
        )
    if isinstance(value, sp.Expr):
        other = sp.Symbol(str(random.choice(["x", "other", "k", CODE])))
        return random.choice(
            [value + other, value * sp.nan, value + sp.oo, value**other, sp.I * value, (value,), str(value), [value],
             sp.Function("f")(value), value / 0 if value.is_number else 1 / (value - value.subs(other, 1)), 0.5 * value,
             sp.Eq(value, other), sp.sin(value), sp.exp(value), sp.Abs(value), sp.Max(value, 0), value**5, other,
             random.choice(EXPLICIT)]
        )  # fmt: skip
    return wrong(random)


def _spoilt_dict(value, random):
    value = dict(value)
    kind = random.randrange(6)
    if kind == 0 or not value:
        value[random.choice(["no such name", sp.Symbol("other"), 3, CODE, (CODE,), None])] = 1
    elif kind == 1:
        value.pop(random.choice(list(value)))
    elif kind == 2:  # twice, by symbol and by name
        key = random.choice(list(value))
        value[str(key)] = value[key]
    elif kind == 3:
        value = {str(key): item for key, item in value.items()}
    elif kind == 4:
        key = random.choice(list(value))
        value = {(sp.Symbol("other") if other is key else other): item for other, item in value.items()}
    else:
        key = random.choice(list(value))
        value[key] = spoilt(value[key], random)
    return value


def _spoilt_sequence(value, random):
    items, kind = list(value), random.randrange(6)
    if kind == 0 or not items:
        items.append(wrong(random))
    elif kind == 1:
        items.pop()
    elif kind == 2:
        items = items * 2
    elif kind == 3:
        items.reverse()
    elif kind == 4 and random.random() < 0.5:
        return random.choice([set(map(str, items)), iter(items), dict(enumerate(items)), str(items)])
    else:
        place = random.randrange(len(items))
        items[place] = spoilt(items[place], random)
    return type(value)(items)


def _spoilt_array(value, random):
    flat = value.astype(float) if value.dtype.kind in "biuf" else value
    return random.choice(
        [value.ravel()[:-1], value[..., None], flat * np.nan, flat * np.inf, value.astype(object), value.astype(str),
        flat * 1j,
         value[:0], -flat, flat * 1e300, value.tolist(), np.vstack([value, value]), value.T, np.array(CODE), flat * 0]
    )  # fmt: skip
