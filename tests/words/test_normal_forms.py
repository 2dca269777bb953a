"""Normal forms of words under relations."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sympy import Identity, MatrixSymbol, Symbol, Trace, ZeroMatrix, symbols

from symssl import Commutes, InputError, Orthonormal, Symmetric, matrix_equal, normal_form

n, r = symbols("n r", integer=True, positive=True)
P, H = MatrixSymbol("P", n, r), MatrixSymbol("H", r, r)
FRAME = (Orthonormal(P), Symmetric(H))
LETTERS = {"K": P * H * P.T, "R": P * H**-1 * P.T, "E": P * P.T}


@given(st.text("KRE", min_size=1, max_size=6))
def test_words_in_a_frame_against_numpy(text):
    """A product of K = P H P^T, its pseudo-inverse and the projector is one word P H^k P^T."""
    word = LETTERS[text[0]]
    for letter in text[1:]:
        word = word * LETTERS[letter]
    k = text.count("K") - text.count("R")
    reduced = normal_form(word, where=FRAME)
    assert matrix_equal(reduced, word, where=FRAME)
    rng = np.random.default_rng(len(text))
    frame, _ = np.linalg.qr(rng.normal(size=(5, 3)))
    h = np.diag([1.0, -2.0, 0.5])
    values = {"K": frame @ h @ frame.T, "R": frame @ np.linalg.inv(h) @ frame.T, "E": frame @ frame.T}
    direct = np.linalg.multi_dot([values["E"], *(values[letter] for letter in text)])
    assert np.allclose(direct, frame @ np.linalg.matrix_power(h, k) @ frame.T)
    assert reduced == normal_form(P * H**k * P.T, where=FRAME)


def test_scalars_and_sums():
    assert normal_form(Trace(P * P.T), where=FRAME) == r
    assert normal_form(P.T * P - Identity(r), where=FRAME) == ZeroMatrix(r, r)
    A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
    where = Commutes(A, B)
    assert normal_form(A * B, where=where) == normal_form(B * A, where=where)
    assert normal_form(A * B) != normal_form(B * A)


@pytest.mark.parametrize(
    "case", [lambda: normal_form(P * H, where=3), lambda: normal_form("P"), lambda: normal_form(Symbol("P") * P)]
)
def test_bad_input(case):
    with pytest.raises(InputError):
        case()
