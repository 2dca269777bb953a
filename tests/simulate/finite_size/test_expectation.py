"""The expected gradient of the cosine loss: against closed forms, integrals, and its symmetries."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.expectation import reference
from symssl.errors import InputError, Refusal
from symssl.simulate import (
    approximation_error,
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


def norm(gradient):
    return np.linalg.norm(gradient.alignment) or 1.0


def by_directions(a, b, c, n):
    """The two expectations for h = 2 by an integral over the directions of u and v.

    For unit vectors z, w the density is int int r1 r2 N(r1 z, r2 w) dr1 dr2; in polar
    coordinates r = R (cos f, sin f) the radius integrates to 2/q(f)^2 exactly.
    """
    covariance = np.array([np.block([[np.diag(a), np.diag(c)], [np.diag(c), np.diag(b)]])])[0]
    precision, density = np.linalg.inv(covariance), 1 / (4 * np.pi**2 * np.sqrt(np.linalg.det(covariance)))
    angle = 2 * np.pi * np.arange(n) / n
    circle = np.stack([np.cos(angle), np.sin(angle)])
    zz = np.einsum("ia,ij,ja->a", circle, precision[:2, :2], circle)[:, None, None]
    ww = np.einsum("ia,ij,ja->a", circle, precision[2:, 2:], circle)[None, :, None]
    zw = (circle.T @ precision[:2, 2:] @ circle)[:, :, None]
    x, weight = np.polynomial.legendre.leggauss(n)
    f, weight = np.pi / 4 * (x + 1), np.pi / 4 * weight
    q = zz * np.cos(f) ** 2 + 2 * zw * np.cos(f) * np.sin(f) + ww * np.sin(f) ** 2
    mass = density * (2 * np.pi / n) ** 2 * (np.cos(f) * np.sin(f) * 2 / q**2) @ weight
    z, w, cosine = circle[:, :, None], circle[:, None, :], circle.T @ circle
    return (z * w * mass).sum((1, 2)), (cosine * w**2 * mass).sum((1, 2))


@pytest.mark.parametrize(
    "a, b, correlation",
    [
        ([1, 1], [1, 1], [0.3, 0.8]),
        ([1, 3], [2, 0.7], [-0.5, 0.6]),
        ([1, 0.2], [0.5, 1], [0.9, 0]),
    ],
)
def test_two_modes_against_integration_over_directions(a, b, correlation):
    a, b = np.array(a, float), np.array(b, float)
    c = np.array(correlation) * np.sqrt(a * b)
    got = expected_cosine_gradient(a, b, c)
    alignment, projection = by_directions(a, b, c, 200)
    assert np.abs(got.alignment - alignment).max() < 1e-12
    assert np.abs(got.projection - projection).max() < 1e-12


def test_three_modes_against_integration_over_a_sphere():
    """E[u_j v_j/(|u||v|)] by the law of v given u, where u is integrated over the sphere.

    With u = Cov v fixed by perfect correlation the integral is over one sphere only.
    """
    a, slope = np.array([1.0, 0.5, 2.0]), np.array([0.7, -1.1, 0.4])
    got = expected_cosine_gradient(a, slope**2 * a, slope * a)

    # u = sqrt(a) g, g uniform on the sphere: |u|, |v| are homogeneous in g, and all octants contribute alike
    nodes, weights = np.polynomial.legendre.leggauss(60)
    nodes, weights = (nodes + 1) / 2, weights / 2
    height, angle = nodes[:, None], np.pi / 2 * nodes
    across = np.sqrt(1 - height**2)
    g = np.stack(np.broadcast_arrays(across * np.cos(angle), across * np.sin(angle), height))
    u = np.sqrt(a)[:, None, None] * g
    v = slope[:, None, None] * u
    z, w = u / np.linalg.norm(u, axis=0), v / np.linalg.norm(v, axis=0)
    mean = lambda values: np.einsum("jkl,k,l->j", values, weights, weights)  # noqa: E731
    assert np.abs(got.alignment - mean(z * w)).max() < 1e-9
    assert np.abs(got.projection - mean((z * w).sum(0) * w**2)).max() < 1e-9


@pytest.mark.parametrize("h", [2, 8, 64])  # one mode is the arcsine
def test_against_the_integrals_with_many_digits(h):
    j = np.arange(1.0, h + 1)
    moments = mode_moments((-1.0) ** j * j**-0.5, 1 / j, 0.25)
    got, parts = expected_cosine_gradient(*moments), reference(*moments, step=0.2, digits=16)
    for found, true in zip((got.alignment, got.projection, got.value), (*parts, parts[0] - parts[1])):
        assert mpmath.norm(found - true) < 1e-14 * np.linalg.norm(got.alignment)


@pytest.mark.parametrize("h", [2, 3, 8, 64, 512, 4096])
@pytest.mark.parametrize("correlation", [-1, -0.5, 0.8, 1 - 1e-9])
def test_flat_spectrum_against_its_closed_form(h, correlation):
    """E cos(u, v) = (2/h) (Gamma((h+1)/2)/Gamma(h/2))^2 r 2F1(1/2, 1/2; h/2 + 1; r^2)."""
    with mpmath.workdps(30):
        r, half = mpmath.mpf(correlation), mpmath.mpf(h) / 2
        true = mpmath.gammaprod([half + 0.5] * 2, [half] * 2) / half * r * mpmath.hyp2f1(0.5, 0.5, half + 1, r**2)
    got = expected_cosine_gradient(np.full(h, 3.0), np.full(h, 0.2), np.full(h, correlation * np.sqrt(0.6)))
    assert abs(got.alignment.sum() - true) < 1e-12 * abs(true)
    assert np.abs(got.value).max() < 1e-12 * np.abs(got.alignment).max()


@pytest.mark.parametrize("h", [2, 16, 256, 4096])
@pytest.mark.parametrize("decay", [0, 1, 4])
@pytest.mark.parametrize("sigma2", [0.0, 0.25])
def test_trace_vanishes_at_every_size(h, decay, sigma2):
    j = np.arange(1.0, h + 1)
    got = expected_cosine_gradient(*mode_moments((-1.0) ** j * j ** (-decay / 2), j ** (-decay), sigma2))
    assert abs(got.value.sum()) < 1e-11 * norm(got)
    assert got.error < 1e-12


@given(moments())
def test_trace_vanishes_for_any_moments(m):
    got = expected_cosine_gradient(*m)
    assert abs(got.value.sum()) < 1e-11 * norm(got)


@given(moments())
def test_value_is_the_gradient_of_the_total_alignment(m):
    """Scaling v_j alone turns sum_k E[z_k w_k] at the rate value_j."""
    a, b, c = m
    value, eps = expected_cosine_gradient(a, b, c).value, 1e-3
    for j in range(a.size):

        def total(e, j=j):
            k = np.exp(e * (np.arange(a.size) == j))
            return expected_cosine_gradient(a, b * k**2, c * k).alignment.sum()

        slope = (8 * (total(eps) - total(-eps)) - (total(2 * eps) - total(-2 * eps))) / (12 * eps)
        assert abs(slope - value[j]) < 1e-9


@given(moments(), st.floats(-3, 3), st.floats(-3, 3))
def test_lengths_do_not_matter(m, first, second):
    a, b, c = m
    k, l = 10**first, 10**second
    one, other = expected_cosine_gradient(a, b, c), expected_cosine_gradient(a * k**2, b * l**2, c * k * l)
    assert np.abs(one.value - other.value).max() < 1e-12 * norm(one)


@given(moments(), st.randoms())
def test_modes_are_interchangeable(m, random):
    order = list(range(m[0].size))
    random.shuffle(order)
    one, other = expected_cosine_gradient(*m), expected_cosine_gradient(*(x[order] for x in m))
    assert np.abs(one.value[order] - other.value).max() < 1e-12 * norm(one)


@given(moments())
def test_turning_v_around_turns_the_gradient(m):
    a, b, c = m
    one, other = expected_cosine_gradient(a, b, c), expected_cosine_gradient(a, b, -c)
    assert np.array_equal(one.value, -other.value)


@given(moments())
def test_absent_modes_change_nothing(m):
    padded = expected_cosine_gradient(*(np.append(x, [0.0, 0.0]) for x in m))
    assert np.abs(padded.value[:-2] - expected_cosine_gradient(*m).value).max() < 1e-12 * norm(padded)
    assert (padded.value[-2:] == 0).all()


@pytest.mark.parametrize("sizes", [(7000, 1), (3, 30_000)])
def test_parts_of_the_modes_and_of_the_nodes_make_no_difference(sizes, monkeypatch):
    rng = np.random.default_rng(0)
    moments = mode_moments(rng.normal(size=10_000), rng.exponential(size=10_000), 0.5)
    whole = expected_cosine_gradient(*moments)
    monkeypatch.setattr("symssl.simulate.finite_size.expectation._MODES", sizes[0])
    monkeypatch.setattr("symssl.simulate.finite_size.expectation._CELLS", sizes[1])
    if sizes[0] == 3:
        moments, whole = tuple(x[:50] for x in moments), expected_cosine_gradient(*(x[:50] for x in moments))
    parts = expected_cosine_gradient(*moments)
    assert np.abs(parts.value - whole.value).max() < 1e-14 * norm(whole) and parts.nodes == whole.nodes


@given(st.floats(1e-12, 1e-3))
def test_near_full_correlation_the_determinant_says_more_than_the_moments(sigma2):
    """For one mode 1 - (2/pi) arcsin r = (2/pi) arctan(sqrt(1 - r^2)/r), where 1 - r^2 = det/(a b) is lost in r."""
    a, b, c = mode_moments([1.0], [1.0], sigma2)
    got = expected_cosine_gradient(a, b, c, sigma2 * (2 + sigma2))
    assert 1 - got.alignment[0] == pytest.approx(
        2 / np.pi * np.arctan(np.sqrt(sigma2 * (2 + sigma2))), rel=1e-9, abs=1e-16
    )


@pytest.mark.parametrize(
    "bad",
    [
        ([], [], []),
        ([1, np.nan], [1, 1], [0, 0]),
        ([1, -1], [1, 1], [0, 0]),
        ([1, 1], [1, 1], [2, 0]),
        ([0, 0], [1, 1], [0, 0]),
        ([1, 1], [0, 0], [0, 0]),
        ([[1]], [[1]], [[0]]),
        ([1, 0], [1, 1], [0, 0.1]),
    ],
    ids=str,
)
def test_bad_moments_are_refused(bad):
    with pytest.raises(InputError):
        expected_cosine_gradient(*bad)
    with pytest.raises(InputError):
        sampled_cosine_gradient(*bad, samples=10, rng=0)


def test_more_bad_input():
    with pytest.raises(InputError, match="sigma2"):
        mode_moments([1], [1], -0.1)
    with pytest.raises(InputError, match="sigma2"):
        mode_moments([1], [1], np.nan)
    with pytest.raises(InputError, match=">= 0"):
        mode_moments([1], [-1], 0.1)
    with pytest.raises(InputError, match="one number per mode"):
        expected_cosine_gradient([1, 1], [1, 1, 1], [0, 0])
    for samples in (1, "9", 2.5, True):
        with pytest.raises(InputError, match="samples must be a whole number from 2"):
            sampled_cosine_gradient([1], [1], [0], samples, rng=0)
    for rng in ("a", -1, 1.5):
        with pytest.raises(InputError, match="rng"):
            sampled_cosine_gradient([1], [1], [0], 10, rng=rng)
    with pytest.raises(Refusal, match="loosen"):
        expected_cosine_gradient([1, 2], [1, 1], [0.5, 0.5], rtol=1e-30)


@pytest.mark.parametrize("det", [[0.1], [-0.1, 0.1], [2.0, 0.1], [np.nan, 0.1], "a"])
def test_bad_determinants_are_refused(det):
    with pytest.raises(InputError, match="det"):
        expected_cosine_gradient([1.0, 1.0], [1.0, 1.0], [0.1, 0.1], det if len(det) > 1 else [0.1] * 3)


@given(st.integers(2, 6), st.floats(0, 2), st.integers(0, 99))
def test_error_of_an_approximation(h, sigma2, seed):
    rng = np.random.default_rng(seed)
    p, s, wrong = rng.normal(size=h), rng.exponential(size=h), rng.normal(size=h)
    exact = expected_cosine_gradient(*mode_moments(p, s, sigma2))
    assert approximation_error(p, s, sigma2, exact.value) == 0
    shifted = approximation_error(p, s, sigma2, lambda p, s: exact.value + wrong)
    assert shifted == pytest.approx(np.linalg.norm(wrong) / np.linalg.norm(exact.alignment), rel=1e-12)


def test_a_polynomial_of_SymPy_is_no_function_of_arrays():
    x = sp.Symbol("x")
    with pytest.raises(InputError, match="the approximation is no array of real numbers"):
        approximation_error([1, 2], [1, 1], 0.25, sp.Poly(x**2 - 1, x))


@pytest.mark.parametrize("given", [[1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_what_is_no_approximation(given):
    with pytest.raises(InputError, match="one finite number per mode"):
        approximation_error([1, 2], [1, 1], 0.25, given)
