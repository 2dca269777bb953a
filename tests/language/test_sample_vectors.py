"""Families of samples: indices from 1 to N, each a vector of its own."""

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import InputError, samples
from symssl.language import Sample

d, N, i = sp.symbols("d N i", integer=True, positive=True)


@given(st.integers(1, 9), st.integers(-3, 12))
def test_indices_run_from_one_to_the_number_of_samples(size, index):
    family = samples("x", d, size)
    if 1 <= index <= size:
        x = family[index]
        assert isinstance(x, Sample) and x.index == index and x.size == size and x.shape == (d, 1)
        assert x == family[index] and x.func(*x.args) == x
    else:
        with pytest.raises(InputError, match=r"indices run from 1|only"):
            family[index]


@given(st.integers(1, 9), st.integers(1, 9))
def test_samples_are_told_apart(a, b):
    family = samples("x", d, N)
    assert (family[a] == family[b]) == (a == b)
    assert family[a] != samples("y", d, N)[a] and family[a] != samples("x", d, N + 1)[a]


def test_an_index_is_free_until_it_is_summed():
    assert samples("x", d, N)[i].free_symbols == {samples("x", d, N)[i], i}
    assert sp.latex(samples("x", d, N)[i]) == "x_{i}" and str(samples("x", d, N)[3]) == "x[3]"


@pytest.mark.parametrize(
    "make, name",
    [
        (lambda: samples(3, d, N), "name"),
        (lambda: samples("", d, N), "name"),
        (lambda: samples("x", 0, N), "dim"),
        (lambda: samples("x", d, 1.5), "size"),
        (lambda: samples("x", d, N)["i"], "index"),
    ],
)
def test_the_culprit_is_named(make, name):
    with pytest.raises(InputError, match=name):
        make()
