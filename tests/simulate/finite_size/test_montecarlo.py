"""Sampled expectations: within five standard errors of the exact ones, and reproducible."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from symssl.simulate import (
    expected_cosine_gradient,
    mode_moments,
    sampled_cosine_gradient,
)

sizes = st.integers(1, 8)


unit = st.floats(-1, 1)


@st.composite
def moments(draw, h=sizes):
    """Variances over six decades and any correlation, perfect and none among them."""
    h = draw(h) if isinstance(h, st.SearchStrategy) else h
    decades = arrays(float, h, elements=st.floats(-3, 3))
    a, b = 10 ** draw(decades), 10 ** draw(decades)
    correlation = draw(arrays(float, h, elements=unit | st.sampled_from([-1.0, 0.0, 1.0])))
    return a, b, correlation * np.sqrt(a * b)


@pytest.mark.parametrize("h, decay, sigma2", [(2, 1, 0.0), (3, 2, 0.25), (16, 1, 1.0), (100, 0, 0.1)])
def test_sampling_agrees_within_five_standard_errors(h, decay, sigma2):
    j = np.arange(1.0, h + 1)
    moments = mode_moments((-1.0) ** j * j ** (-decay / 2), j ** (-decay), sigma2)
    mean, error = sampled_cosine_gradient(*moments, samples=40_000, rng=h)
    assert (np.abs(mean - expected_cosine_gradient(*moments).value) < 5 * error).all()
    assert (error < 0.01).all()


def test_sampling_is_reproducible_and_batches_do_not_matter():
    arguments = np.ones(5), np.ones(5), np.full(5, 0.5)
    first, again = (sampled_cosine_gradient(*arguments, samples=1000, rng=1) for _ in range(2))
    assert np.array_equal(first, again)
    many = np.ones(2**19), np.ones(2**19), np.full(2**19, 0.5)  # two draws to a batch
    mean, error = sampled_cosine_gradient(*many, samples=5, rng=1)
    spread = mean.var()  # over modes that are all alike: the square of the error of each
    assert np.mean(error**2) / spread == pytest.approx(1, rel=0.02)
