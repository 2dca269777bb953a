"""Conditions that fail on null sets only."""

import numpy as np
import pytest
from sympy import Gt, Lt, MatrixSymbol, Ne, symbols

from symssl import Orthonormal, Refusal, inner, sq
from symssl.language import unit
from symssl.statements import generic

h, d = symbols("h d", integer=True, positive=True)
W, w, V, u = MatrixSymbol("W", h, d), MatrixSymbol("w", h, 1), MatrixSymbol("V", d, d), MatrixSymbol("u", d, 1)
LAYERS = (Orthonormal(W), Orthonormal(w))
MEETS = Ne(inner(unit(1, d), V.T * W.T * w), 0, evaluate=False)
SHORTER = Lt(sq(V.T * W.T * w), 1, evaluate=False)


def test_known_conditions():
    assert generic(MEETS, (W, w), LAYERS, (Orthonormal(V),)).proposition.body == MEETS
    assert generic(SHORTER, (W, w), LAYERS, (Orthonormal(V), Gt(h, d))).given == (Orthonormal(V), Gt(h, d))


@pytest.mark.parametrize(
    "condition, given, under",
    [
        (MEETS, LAYERS, ()),  # V e_1 may vanish
        (MEETS, LAYERS[:1], (Orthonormal(V),)),  # w may be any vector
        (SHORTER, LAYERS, (Orthonormal(V),)),  # as many columns as rows: the length is one
        (SHORTER, LAYERS[1:], (Orthonormal(V), Gt(h, d))),
        (Ne(inner(u, V.T * W.T * w), 0, evaluate=False), LAYERS, (Orthonormal(V),)),  # u may vanish
        (Lt(sq(W.T * w), 2, evaluate=False), LAYERS, (Gt(h, d),)),
        (Gt(sq(W.T * w), 1, evaluate=False), LAYERS, (Gt(h, d),)),
    ],
)
def test_other_conditions_are_refused(condition, given, under):
    with pytest.raises(Refusal):
        generic(condition, (W, w), given, under)


def test_random_layers_meet_them():
    rng = np.random.default_rng(0)
    for _ in range(20):
        frame = np.linalg.qr(rng.normal(size=(5, 3)))[0]
        vector = rng.normal(size=5)
        vector /= np.linalg.norm(vector)
        assert abs((frame.T @ vector)[0]) > 0 and np.linalg.norm(frame.T @ vector) < 1
