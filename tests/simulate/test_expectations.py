"""Expectations against closed forms, direct integration and sampling; flows against solutions."""

from itertools import islice

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from benchmarks.expectation import reference
from symssl.errors import InputError, Refusal
from symssl.simulate import (
    LinearPredictor,
    approximation_error,
    descend,
    expected_cosine_gradient,
    expected_flow,
    follow,
    mode_moments,
    sampled_cosine_gradient,
    train,
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


def test_three_modes_against_integration_in_mpmath():
    """E[u_j v_j/(|u||v|)] by the law of v given u, where u is integrated over the sphere.

    With u = Cov v fixed by perfect correlation the integral is over one sphere only.
    """
    a, slope = np.array([1.0, 0.5, 2.0]), np.array([0.7, -1.1, 0.4])
    got = expected_cosine_gradient(a, slope**2 * a, slope * a)

    def on_the_sphere(j, integrand):
        # u = sqrt(a) g, g uniform on the sphere: |u|, |v| are homogeneous in g
        def at(height, angle):
            r = mpmath.sqrt(1 - height**2)
            g = [r * mpmath.cos(angle), r * mpmath.sin(angle), height]
            u = [mpmath.sqrt(x) * y for x, y in zip(a, g)]
            v = [k * y for k, y in zip(slope, u)]
            lengths = mpmath.sqrt(sum(x * x for x in u)), mpmath.sqrt(sum(x * x for x in v))
            return integrand([x / lengths[0] for x in u], [x / lengths[1] for x in v], j)

        half = mpmath.pi / 2  # all octants contribute alike
        return mpmath.quad(at, [0, 1], [0, half], maxdegree=5) / half

    for j in range(3):
        alignment = on_the_sphere(j, lambda z, w, j: z[j] * w[j])
        projection = on_the_sphere(j, lambda z, w, j: sum(x * y for x, y in zip(z, w)) * w[j] ** 2)
        assert abs(got.alignment[j] - alignment) < 1e-9
        assert abs(got.projection[j] - projection) < 1e-9


@pytest.mark.parametrize("h", [1, 2, 8, 64])
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

        def total(e):
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


@pytest.mark.parametrize("spectrum", [1.0, [3.0, 0.5, 1.2]])
def test_mode_moments_from_data(spectrum):
    rng = np.random.default_rng(5)
    frame = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    p, s, sigma2 = np.array([0.5, -1, 2]), np.array([1, 0.3, 2]), 0.5
    x0, e, e1 = rng.normal(size=(3, 400_000, 3))
    x0 = np.sqrt(spectrum) * x0
    x, x1 = x0 + np.sqrt(sigma2) * e, x0 + np.sqrt(sigma2) * e1
    encoder = frame @ np.diag(np.sqrt(s))
    u, v = x1 @ encoder.T @ frame, x @ encoder.T @ (frame @ np.diag(p) @ frame.T) @ frame
    for got, samples in zip(mode_moments(p, s, sigma2, spectrum), (u * u, v * v, u * v)):
        assert (np.abs(samples.mean(0) - got) < 5 * samples.std(0) / np.sqrt(400_000)).all()


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
        with pytest.raises(InputError, match="samples must be a whole number of at least 2"):
            sampled_cosine_gradient([1], [1], [0], samples, rng=0)
    for rng in ("a", -1, 1.5):
        with pytest.raises(InputError, match="rng"):
            sampled_cosine_gradient([1], [1], [0], 10, rng=rng)
    with pytest.raises(Refusal, match="loosen"):
        expected_cosine_gradient([1, 2], [1, 1], [0.5, 0.5], rtol=1e-30)


@pytest.mark.parametrize(
    "bad, words",
    [
        (dict(spectrum=[1.0, -1.0]), "spectrum"),
        (dict(spectrum=[1.0, np.nan]), "spectrum"),
        (dict(spectrum=[1.0, 1.0, 1.0]), "one number per mode"),
    ],
)
def test_bad_spectra_are_refused(bad, words):
    for function in (
        lambda: mode_moments([1, 2], [1, 1], 0.1, **bad),
        lambda: expected_flow([1, 2], [1, 1], 0.1, 0.1, [0, 1], **bad),
    ):
        with pytest.raises(InputError, match=words):
            function()


@pytest.mark.parametrize("det", [[0.1], [-0.1, 0.1], [2.0, 0.1], [np.nan, 0.1], "a"])
def test_bad_determinants_are_refused(det):
    with pytest.raises(InputError, match="det"):
        expected_cosine_gradient([1.0, 1.0], [1.0, 1.0], [0.1, 0.1], det if len(det) > 1 else [0.1] * 3)


# -- an approximation beside the exact gradient ---------------------------------------------------


@given(st.integers(2, 6), st.floats(0, 2), st.integers(0, 99))
def test_error_of_an_approximation(h, sigma2, seed):
    rng = np.random.default_rng(seed)
    p, s, wrong = rng.normal(size=h), rng.exponential(size=h), rng.normal(size=h)
    exact = expected_cosine_gradient(*mode_moments(p, s, sigma2))
    assert approximation_error(p, s, sigma2, exact.value) == 0
    shifted = approximation_error(p, s, sigma2, lambda p, s: exact.value + wrong)
    assert shifted == pytest.approx(np.linalg.norm(wrong) / np.linalg.norm(exact.alignment), rel=1e-12)


@pytest.mark.parametrize("given", [[1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_what_is_no_approximation(given):
    with pytest.raises(InputError, match="one finite number per mode"):
        approximation_error([1, 2], [1, 1], 0.25, given)


# -- the exact flow -------------------------------------------------------------------------------


@given(st.integers(1, 5), st.floats(0.01, 1), st.sampled_from([0.0, 0.05, 0.5]), st.booleans(), st.integers(0, 99))
def test_exact_flow_against_plain_integration(h, sigma2, rho, isotropic, seed):
    """p' = H/p - rho p and f' = H/f - rho f, where H = value; plain integration of both, without the hyperbola and the clock."""
    rng = np.random.default_rng(seed)
    p, s, spectrum = rng.uniform(0.5, 1.5, h) * rng.choice([-1, 1], h), rng.uniform(0.5, 1.5, h), rng.uniform(0.5, 2, h)
    spectrum = np.ones(h) if isotropic else spectrum
    times = [0, 0.05, 0.1]

    def field(_, z):
        p, f = z.reshape(2, h)
        H = expected_cosine_gradient(*mode_moments(p, f**2, sigma2, spectrum)).value
        return np.concatenate([H / p - rho * p, H / f - rho * f])

    plain = solve_ivp(
        field, (0, 0.1), np.concatenate([p, np.sqrt(s)]), method="DOP853", t_eval=times, rtol=1e-11, atol=1e-12
    ).y
    flow = expected_flow(p, s, sigma2, rho, times, spectrum)
    assert np.abs(flow.p - plain[:h].T).max() < 1e-7 and np.abs(np.sqrt(flow.s) - plain[h:].T).max() < 1e-7
    assert flow.error < 1e-5


@settings(max_examples=15)
@given(st.integers(1, 8), st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 99))
def test_exact_flow_keeps_what_is_kept(h, sigma2, rho, seed):
    """p^2 - f^2, and for the squares of each matrix the sum, decay as exp(-2 rho t)."""
    rng = np.random.default_rng(seed)
    p, s = rng.normal(size=h), rng.exponential(size=h)
    flow = expected_flow(p, s, sigma2, rho, [1, 2, 6])
    decay = np.exp(-2 * rho * np.array([0, 1, 5]))
    np.testing.assert_allclose(flow.p**2 - flow.s, np.outer(decay, p**2 - s), atol=1e-8 * (s.sum() + p @ p))
    np.testing.assert_allclose((flow.p**2).sum(1), decay * (p @ p), rtol=1e-5)
    np.testing.assert_allclose(flow.s.sum(1), decay * s.sum(), rtol=1e-4)


def test_training_in_common_frames_follows_the_exact_flow():
    learner = LinearPredictor(3, 6, rho=0.1, batch=4000, common_frames=True, predictor="symmetric")
    run = train(learner, steps=300, eta=0.01)
    start = learner.modes(learner.start(np.random.default_rng([0, 0])))
    flow = expected_flow(*start, learner.sigma2, learner.rho, run.times[[0, -1]])
    p, s = learner.modes(run.weights)
    assert (
        np.abs(np.sort(p) - np.sort(flow.p[-1])).max() < 0.02 and np.abs(np.sort(s) - np.sort(flow.s[-1])).max() < 0.02
    )
    assert np.abs(np.sort(p) - np.sort(start[0] * np.exp(-0.3))).max() > 0.05  # more than weight decay


def test_beside_a_single_large_mode_a_mode_dies_in_finite_time():
    """Without noise F_j k_j does not vanish with F_j where all others but one are small; at zero it stays."""
    flow = expected_flow([-0.3, -0.5], [0.07, 0.19], 0.0, 0.0, [0, 0.5, 1, 2])
    assert (flow.s[0] > 0).all() and (flow.s[-2:].max(1) > 0.1).all() and (flow.s[-2:].min(1) < 1e-15).all()
    np.testing.assert_allclose(flow.p**2 - flow.s, np.tile(flow.p[0] ** 2 - flow.s[0], (4, 1)), atol=1e-9)


@pytest.mark.parametrize(
    "changed, words",
    [
        (dict(rho=-0.1), "rho"),
        (dict(rho="a"), "rho must be a finite number"),
        (dict(times=[0]), "two finite numbers"),
        (dict(times=[0, 0]), "increasing"),
        (dict(times=[1, 0]), "increasing"),
        (dict(times=[0, np.nan]), "finite"),
        (dict(rho=10, times=[0, 100]), "leave the range"),
        (dict(p=[0, 0]), "vanish|var|zero|all"),
        (dict(s=[-1, 1]), ">= 0"),
        (dict(sigma2=-1), "sigma2"),
        (dict(rtol=0), "rtol"),
        (dict(method="Euler"), "one of 'RK23'"),
    ],
)
def test_bad_flows_are_refused(changed, words):
    with pytest.raises(InputError, match=words):
        expected_flow(**{**dict(p=[1, 0.5], s=[1, 1], sigma2=0.25, rho=0.1, times=[0, 1]), **changed})


# -- descent on data -----------------------------------------------------------------------------


@given(arrays(float, (3, 3), elements=unit), arrays(float, (3, 2), elements=unit))
def test_linear_flow_against_the_matrix_exponential(matrix, start):
    path = follow(lambda w: {"W": matrix @ w["W"]}, {"W": start}, [0, 0.5, 2])
    for t, w in zip(path.times, path["W"]):
        assert np.abs(w - expm(t * matrix) @ start).max() < 1e-9 * np.exp(6)  # growth at most exp(3 t)


def test_two_weights_keep_their_shapes_and_balance():
    """Gradient flow of |B A - M|^2/2 keeps A A^T - B^T B."""
    rng = np.random.default_rng(2)
    target, start = rng.normal(size=(2, 4)), {"A": rng.normal(size=(3, 4)), "B": rng.normal(size=(2, 3))}

    def residual(w):
        return w["B"] @ w["A"] - target

    field = {"B": lambda w: -residual(w) @ w["A"].T, "A": lambda w: -w["B"].T @ residual(w)}
    path = follow(field, start, np.linspace(0, 40, 5))
    a, b = path["A"], path["B"]
    assert a.shape == (5, 3, 4) and b.shape == (5, 2, 3)
    balance = a @ a.transpose(0, 2, 1) - b.transpose(0, 2, 1) @ b
    assert np.abs(balance - balance[0]).max() < 1e-8
    assert np.abs(b[-1] @ a[-1] - target).max() < 1e-6


def test_descent_converges_to_the_flow_at_first_order():
    start, times = {"x": np.array([2.0])}, [0, 1]
    flow = follow(lambda w: {"x": -(w["x"] ** 3)}, start, times)["x"][-1]
    errors = []
    for n in (64, 128, 256):
        last = next(islice(descend(lambda w: {"x": w["x"] ** 3}, start, 1 / n), n, None))
        errors.append(abs(last["x"] - flow)[0])
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([1, 1], abs=0.1)


def test_descent_refuses_bad_input():
    with pytest.raises(InputError, match="rate"):
        descend(lambda w: w, {"x": 1.0}, 0)
    with pytest.raises(InputError, match="x is empty or not finite"):
        descend(lambda w: w, {"x": np.nan}, 1)
    with pytest.raises(InputError, match="no weights"):
        follow(lambda w: w, {}, [0, 1])
    with pytest.raises(InputError, match="increasing"):
        follow(lambda w: w, {"x": 1.0}, [0, 0])
    with pytest.raises(InputError, match="shape"):
        next(islice(descend(lambda w: {"x": np.ones(2)}, {"x": 1.0}, 1), 1, None))
    with pytest.raises(InputError, match="gradient must give a derivative of x; got y"):
        next(islice(descend(lambda w: {"y": 1.0}, {"x": 1.0}, 1), 1, None))
    with pytest.raises(Refusal, match="stopped"):
        follow(lambda w: {"x": w["x"] ** 2}, {"x": 1.0}, [0, 2])
