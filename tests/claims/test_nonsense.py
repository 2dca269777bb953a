"""Whatever is handed to a public name of the room: success, or one sentence; never an error from inside."""

import inspect

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

import symssl.claims
import symssl.present
from symssl import Flow, SymsslError, gradient_flow, sq

x, n = sp.Symbol("x"), sp.Symbol("n", integer=True, positive=True)
W = sp.MatrixSymbol("W", n, n)
WRONG = [
    3,
    -1.5,
    True,
    None,
    "up",
    "",
    b"up",
    {1, 2},
    [1, "a"],
    {"a": 1},
    np.ones(3),
    sp.eye(2),
    x,
    W,
    Flow({x: -x}),
    gradient_flow(sq(W), W),
    lambda *args: 1,
    int,
    object(),
]
# results are made by the engine; the cache and `write_paper` write files, and are tested where they are
RESULTS = {"Verdict", "Decided", "Row", "Erratum", "Verification", "WrittenPaper", "Finding"}
EVIDENCE = {name for name in symssl.claims.__all__ if inspect.isclass(kind := getattr(symssl.claims, name))
            and issubclass(kind, symssl.claims.Evidence)}  # fmt: skip
CALLED = {
    f"{room.__name__}.{name}": getattr(room, name)
    for room in (symssl.claims, symssl.present)
    for name in room.__all__
    if callable(getattr(room, name)) and name not in RESULTS | EVIDENCE | {"Cache", "write_paper"}
}


@pytest.mark.parametrize("name", [n for n in sorted(CALLED) if hasattr(CALLED[n], "__module__")])
@given(data=st.data())
@settings(max_examples=25)
def test_nonsense_is_refused_in_words(name, data):
    try:
        parameters = inspect.signature(CALLED[name]).parameters.values()
    except (TypeError, ValueError):
        return
    wrong = st.sampled_from(WRONG)
    arguments = {
        p.name: data.draw(wrong)
        for p in parameters
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and (p.default is p.empty or data.draw(st.booleans()))
    }
    if name.endswith("discover") and "where" not in arguments:
        return
    try:
        outcome = CALLED[name](**arguments)
        if inspect.isgenerator(outcome):
            next(outcome, None)
    except SymsslError as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message
