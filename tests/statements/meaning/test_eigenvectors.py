"""Eigenvectors against their definition, at matrices that are diagonal, full, and with multiple eigenvalues."""

import numpy as np
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, strategies as st

from symssl.language import Eigenvector
from symssl.statements.meaning.algebra import product
from symssl.statements.meaning.eigenvectors import unit_eigenvector
from symssl.statements.meaning.scene import Scene
from symssl.statements.meaning.spectra import symmetric_eigenvalues

entries = st.lists(st.integers(-4, 4), min_size=9, max_size=9)


def symmetric(numbers, diagonal):
    half = np.array([[fmpq(numbers[3 * i + j]) for j in range(3)] for i in range(3)], dtype=object)
    full = half + half.T
    return np.array([[full[i, j] if i == j or not diagonal else fmpq(0) for j in range(3)] for i in range(3)])


@given(entries, st.booleans(), st.integers(0, 2))
def test_an_eigenvector_has_length_one_and_is_only_stretched(numbers, diagonal, place):
    A = symmetric(numbers, diagonal)
    v, simple = unit_eigenvector(A, place)
    eigenvalues = symmetric_eigenvalues(A)
    defect = product(A, v) - v * eigenvalues[place]
    for entry in [*defect.flat, sum(x * x for x in v.flat) - 1]:
        assert arb(entry).contains(0) and arb(entry).rad() < 1e-12
    others = [e for k, e in enumerate(eigenvalues) if k != place]
    assert simple == all(not arb(e).overlaps(arb(eigenvalues[place])) for e in others)


def test_a_choice_is_said():
    C = sp.MatrixSymbol("C", 2, 2)
    for matrix, said in (([[1, 0], [0, 1]], 1), ([[1, 0], [0, 2]], 0), ([[0, 1], [1, 0]], 0)):
        scene = Scene({C: np.array([[fmpq(x) for x in row] for row in matrix], dtype=object)})
        first, last = scene.value(Eigenvector(C, 1)), scene.value(Eigenvector(C, -1))
        assert arb(product(first.T, last)[0, 0]).contains(0) and len(scene.estimates) == said
