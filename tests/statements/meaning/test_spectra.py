"""Spectra are exact or enclosed, multiplicities included, and the rank is that of elimination."""

import itertools

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat, ctx, fmpq, fmpq_poly
from hypothesis import given, strategies as st

from symssl.language import Eigenvalue, Gradient
from symssl.statements.meaning import logic, rates, spectra  # noqa: F401 - the evaluators register themselves
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.scene import Scene, Unknown
from symssl.statements.meaning.spectra import enclosed_eigenvalues, greatest_bound, real_roots, symmetric_eigenvalues

A, B = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("B", 2, 3)
small = st.integers(-4, 4)
squares = st.lists(small, min_size=9, max_size=9).map(lambda e: np.array(e).reshape(3, 3))


def eigenvalue(value, number=1, kind="eigenvalue", matrix=A):
    scene = Scene({matrix: array_of(value) if not isinstance(value.flat[0], arb) else value})
    return scene.value(Eigenvalue(matrix, number, kind)), scene.estimates


@given(squares)
def test_eigenvalues_are_those_of_numpy_from_below_and_from_above(M):
    S = M + M.T
    exact = np.linalg.eigvalsh(S.astype(float))
    for number in (1, 2, 3, -1, -2):
        value, estimates = eigenvalue(S, number)
        assert abs(float(arb(value)) - exact[number - 1 if number > 0 else number]) < 1e-8
        assert not estimates


@given(squares)
def test_enclosures_hold_the_exact_eigenvalues(M):
    """Of balls, at few and at many digits, also where eigenvalues are multiple."""
    S = array_of(M + M.T)
    exact = symmetric_eigenvalues(S)
    for bits in (53, 200):
        with ctx.workprec(bits):
            found = enclosed_eigenvalues(arb_mat(S.tolist()), bits)
        with ctx.workprec(300):
            assert all(f.overlaps(arb(e)) for f, e in zip(found, exact))
            assert all(float(f.rad()) < 2.0 ** (-bits + 12) for f in found)
            assert greatest_bound([[arb(v) for v in row] for row in S]) >= arb(exact[-1]).lower()


def test_a_multiple_eigenvalue_of_balls_is_narrow():
    with ctx.workprec(256):
        root = arb(2).sqrt()
    value = np.array([[root if i == j else arb(0) for j in range(3)] for i in range(3)], dtype=object)
    found, _ = eigenvalue(value, 2)
    assert float(found.rad()) < 2.0**-200 and abs(float(found) - 2**0.5) < 1e-15


@given(st.lists(small, min_size=6, max_size=6))
def test_singular_values_and_rank_are_those_of_numpy(entries):
    M = np.array(entries).reshape(2, 3)
    exact = np.linalg.svd(M.astype(float), compute_uv=False)
    for number in (1, 2):
        value, estimates = eigenvalue(M, number, "singular", B)
        assert abs(float(arb(value)) - exact[number - 1]) < 1e-8 and not estimates
    value, estimates = eigenvalue(M, 1, "rank", B)
    assert value == np.linalg.matrix_rank(M) and not estimates


def test_a_rank_of_balls_is_proved_only_where_it_is_full():
    with ctx.workprec(256):
        root = arb(2).sqrt()
        full = np.array([[root, arb(0), arb(1)], [arb(0), root, arb(1)]], dtype=object)
        lower = np.array([[root, root, root], [root, root, root]], dtype=object)
    assert eigenvalue(full, 1, "rank", B) == (2, [])
    value, estimates = eigenvalue(lower, 1, "rank", B)
    assert value == 1 and estimates


def test_what_has_no_ordered_spectrum():
    with pytest.raises(Unknown, match="not all real"):
        eigenvalue(np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]]))
    with pytest.raises(Unknown, match="no eigenvalue number 4"):
        eigenvalue(np.eye(3, dtype=int), 4)
    assert eigenvalue(np.array([[1, 5, 0], [0, 2, 0], [0, 0, 3]]), -1)[0] == 3  # real, though not symmetric


@given(st.lists(st.tuples(small, st.integers(1, 3)), min_size=1, max_size=4, unique_by=lambda pair: pair[0]))
def test_real_roots_come_with_their_multiplicities(roots):
    term = fmpq_poly([1, 0, 1])
    for root, multiplicity in roots:
        term *= fmpq_poly([-root, 1]) ** multiplicity
    assert real_roots(term) == sorted((fmpq(r), m) for r, m in roots)


def test_roots_that_are_close_are_told_apart():
    term = fmpq_poly([-2, 0, 1]) * fmpq_poly([-2 * 10**20 - 1, 0, 10**20])
    roots = [root for root, _ in real_roots(term)]
    assert len(roots) == 4 and all(bool(u < v) for u, v in itertools.pairwise(roots))


def test_the_gradient_of_an_eigenvalue_is_the_projector_of_its_vector():
    scene = Scene({A: array_of([[2, 0, 0], [0, 3, 0], [0, 0, 5]])})
    slope = scene.value(Gradient(Eigenvalue(A + A.T, -1), A))
    assert np.allclose(slope.astype(float), np.diag([0, 0, 2]), atol=1e-9) and scene.estimates
