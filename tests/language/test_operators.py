"""Stop-gradients, expectations and sums over samples."""

import pytest
from hypothesis import given, strategies as st
from sympy import (
    symbols,
)

from symssl import E, InputError, gaussians, inner, latex, mean, norm, samples, sg, sq, total

n, k, d, N = symbols("n k d N", integer=True, positive=True)
i, j = symbols("i j")
X = samples("x", d, N)
(x,) = gaussians("x", d)


def test_a_bound_index_is_not_free():
    assert i not in total(sq(X[i]), i).free_symbols and N in total(sq(X[i]), i).free_symbols
    assert mean(sq(X[i]), i) == total(sq(X[i]), i) / N
    assert mean(inner(X[i], X[j]), i, (j, N)) == total(inner(X[i], X[j]), i, j) / N**2


@given(st.integers(1, 6), st.integers(1, 6))
def test_a_mean_is_a_total_divided_by_the_sizes(first, second):
    one, two = samples("x", d, first), samples("y", d, second)
    e = inner(one[i], two[j])
    assert mean(e, i, j) == total(e, i, j) / (first * second)
    assert total(e, i, j).free_symbols & {i, j} == set()


@given(st.sampled_from([norm(x), sq(x), inner(x, x) + 1]), st.booleans())
def test_operators_keep_scalars_scalar_and_matrices_matrix(e, stopped):
    wrapped = sg(e) if stopped else E(e)
    assert wrapped.is_commutative and wrapped.is_real and not wrapped.is_Matrix
    assert (sg(x) if stopped else E(x)).shape == x.shape


@pytest.mark.parametrize("make, name", [(lambda: sg("A"), "sg"), (lambda: E(norm(x), given=3), "given")])
def test_the_culprit_is_named(make, name):
    with pytest.raises(InputError, match=name):
        make()


def test_the_power_of_a_sum_is_not_that_of_its_summand():
    assert latex(total(norm(X[i]), i) ** 2).startswith(r"\left(\sum") and latex(total(norm(X[i]), i)).startswith(
        r"\sum"
    )
