"""Terms: bound labels have canonical names, symbols are told apart."""

import pytest
from hypothesis import given, strategies as st
from sympy import (
    Dummy,
    Function,
    MatrixSymbol,
    Mul,
    log,
    symbols,
)

from symssl import Refusal, inner, norm, samples, sq, total
from symssl.words.reading import read
from symssl.words.terms import canonical, fresh_label, opened

d, N = symbols("d N", integer=True, positive=True)
s, t = symbols("s t", positive=True)
i, j, l = symbols("i j l")
P, Q = MatrixSymbol("P", d, d), MatrixSymbol("Q", d, d)
X = samples("x", d, N)


def test_renaming_a_bound_index_changes_nothing():
    one = total(total(inner(X[i], P * X[j]) * norm(X[i]), i), j)
    two = total(total(inner(X[j], P * X[i]) * norm(X[j]), j), i)
    assert read(one) == read(two)
    assert read(total(norm(X[i]), i) * total(norm(X[i]), i)) == read(total(norm(X[i]) * norm(X[j]), i, j))
    assert read(total(sq(X[i]), i) ** 2) != read(total(sq(X[i]) ** 2, i))


def test_dummies_are_told_apart():
    a, b = Dummy("a"), Dummy("a")
    assert read(a - b) and not read(a - a)
    assert Function("log")(s) != log(s) and read(Function("log")(s) - log(s))


@given(st.permutations([i, j, l]), st.permutations([i, j, l]))
def test_bound_labels_have_canonical_names(names, order):
    """The same triple sum, with its indices named and its sums nested in any way."""
    a, b, c = names
    e = inner(X[a], P * X[b]) * norm(X[c]) + norm(X[a]) ** 2 * norm(X[b])
    (term, *others) = read(total(e, *order)).terms
    assert read(total(e, *order)) == read(total(e, a, b, c))
    for t in (term, *others):
        labels = [binder.label for binder in t.binders]
        assert labels == sorted(set(labels)) and not t.free and canonical(opened(t)) == t


@given(st.integers(1, 5))
def test_labels_are_fresh(count):
    labels = [fresh_label() for _ in range(count)]
    assert len(set(labels)) == count


def test_too_many_indices_are_refused():
    indices = symbols("i0:7")
    with pytest.raises(Refusal, match="at most 6"):
        read(total(Mul(*(norm(X[k]) for k in indices)), *indices))
