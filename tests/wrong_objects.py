"""Objects of the wrong kind, thrown at public callables: success or one of our own errors, nothing else."""

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from symssl import Flow, gradient_flow, sq
from symssl.errors import SymsslError

n = sp.Symbol("n", integer=True, positive=True)
W = sp.MatrixSymbol("W", n, n)
x, k = sp.symbols("x k", real=True)

OBJECTS = (
    None,
    True,
    0,
    -3,
    2.5,
    float("nan"),
    1j,
    "x",
    "no such name",
    "",
    b"bytes",
    (),
    [],
    {},
    set(),
    {x},
    {"x": 1},
    {x: x},
    {"k": "x"},
    {3: 4},
    (x, k),
    [1, 2],
    [[1, 2], [3]],
    range(3),
    np.ones(3),
    np.ones((2, 2)),
    np.float64(1.5),
    np.array("x"),
    sp.Matrix([[1, 2], [x, 4]]),
    sp.ImmutableMatrix([[x]]),
    W,
    sp.Trace(W),
    Flow({x: k * x - x**3}, (k,)),
    gradient_flow(sq(W), W),
    x,
    k,
    x**2 - k,
    sp.Symbol("x"),
    sp.Symbol("other"),
    sp.Function("f")(x),
    sp.pi,
    sp.nan,
    sp.oo,
    sp.I,
    sp.Eq(x, k),
    x > 0,
    sp.true,
    sp.Tuple(x, k),
    sp.Interval(0, 1),
    lambda *args: None,
    Flow,
    int,
    object(),
    SymsslError("an error"),
)
wrong = st.sampled_from(OBJECTS)


def survives(call, *args, **options):
    """None, or what came out instead of success or an error of ours, with the arguments, in one line."""
    try:
        call(*args, **options)
    except SymsslError as error:
        text = str(error)
        if not text or "object at 0x" in text[:20]:
            return f"{call} says {text!r} of {args} {options}"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"{type(error).__name__}: {error} from {call} of {args} {options}"
    return None
