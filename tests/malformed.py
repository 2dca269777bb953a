"""Arguments of the wrong kind, thrown at public functions and methods one at a time."""

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from symssl import Flow, MatrixFlow, Symmetric, SymsslError, sq

x, n = sp.symbols("x n", positive=True)
M = sp.MatrixSymbol("M", 2, 2)

WRONG = (
    None,
    True,
    0,
    -1,
    3,
    0.5,
    float("nan"),
    1j,
    "",
    "x",
    "x*y",
    b"x",
    set(),
    {x},
    frozenset({1}),
    [],
    [1, 2],
    (x,),
    ("a", 1),
    {},
    {x: 1},
    {"x": "y"},
    {M: M},
    {M: 2},
    np.ones(3),
    np.float64(2.0),
    np.zeros((2, 2)),
    sp.Integer(2),
    sp.Rational(1, 2),
    sp.Float(0.5),
    sp.oo,
    sp.nan,
    sp.I,
    sp.true,
    sp.Eq(x, 1),
    sp.Tuple(x, 1),
    x,
    n,
    sp.Function("f")(x),
    M,
    M.T,
    M * M,
    sp.MatrixSymbol("R", 2, 3),
    sp.MatrixSymbol("S", n, n),
    sp.Matrix([[1, 2], [3, 4]]),
    sp.ImmutableMatrix([[x]]),
    sq(M),
    Symmetric(M),
    Flow({x: -x}),
    MatrixFlow({M: -M}),
    lambda value: value,
    int,
    Flow,
    MatrixFlow,
    sp.Symbol,
    sp.MatrixSymbol,
    object(),
    iter([1]),
    range(2),
    slice(1),
)


@st.composite
def malformed_calls(draw, calls):
    """(name, call) where one argument of a good call is replaced, or all of them are.

    `calls` maps names to (function, positional arguments, keyword arguments).
    """
    name = draw(st.sampled_from(sorted(calls)))
    function, args, kwargs = calls[name]
    args, kwargs = list(args), dict(kwargs)
    places = [*range(len(args)), *kwargs]
    chosen = places if draw(st.integers(0, 9)) == 0 else [draw(st.sampled_from(places))] if places else []
    for place in chosen:
        (kwargs if isinstance(place, str) else args)[place] = draw(st.sampled_from(WRONG))
    return f"{name} with {[args[p] if isinstance(p, int) else kwargs[p] for p in chosen]!r}", function, args, kwargs


def answers_or_refuses(call):
    """Make a call; anything but an answer or an error of symssl that says something is a failure."""
    name, function, args, kwargs = call
    try:
        function(*args, **kwargs)
    except SymsslError as error:
        if len(str(error)) <= 15:
            raise AssertionError(f"{name} says no more than {error}") from error
    except Exception as error:
        raise AssertionError(f"{name} raises {type(error).__name__}: {error}") from error


def short(obj, named=None):
    """Whether a repr names its class and fits a screen."""
    lines = repr(obj).splitlines()
    assert len(lines) <= 12 and max(map(len, lines)) <= 120, repr(obj)
    assert (named or type(obj).__name__) in lines[0], lines[0]
