"""Crops of photographs and digits, compared with pixels cut out one by one."""

import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st

from symssl.errors import InputError
from symssl.simulate import crop_pairs, cross_correlation, data as images, digit_classes, noisy_pairs


def sheet(height, width, channels, seed=0):
    """A photograph whose pixels are all different, so that a crop has one place."""
    return np.random.default_rng(seed).permutation(height * width * channels).reshape(height, width, channels)


def place(crop, photographs):
    """(photograph, row, column) of a crop, by looking everywhere."""
    side = crop.shape[0]
    return next(
        (k, i, j)
        for k, p in enumerate(photographs)
        for i, j in zip(*np.nonzero(p[: p.shape[0] - side + 1, : p.shape[1] - side + 1, 0] == crop[0, 0, 0]))
        if np.array_equal(p[i : i + side, j : j + side], crop)
    )


@given(
    st.integers(1, 9), st.integers(0, 5), st.integers(0, 6), st.integers(0, 6), st.integers(1, 3), st.integers(0, 2**32)
)
def test_every_crop_is_cut_out_of_a_photograph_and_both_of_a_pair_lie_in_one_window(
    size, room, more, wide, channels, seed
):
    window = size + room
    photographs = [
        sheet(window + more, window + wide, channels, seed),
        sheet(window, window + wide, channels, seed + 1) + 10**6,
    ]
    X, X_prime = crop_pairs(7, size=size, window=window, rng=seed, scale=1, photographs=photographs)
    for pair in zip(X, X_prime):
        (k, i, j), (l, a, b) = (place(x.reshape(size, size, channels), photographs) for x in pair)
        assert k == l and abs(i - a) <= room and abs(j - b) <= room


def test_anchors_and_crops_reach_every_place():
    photographs = [sheet(6, 7, 1), sheet(5, 5, 1) + 1000]
    X, X_prime = crop_pairs(4000, size=2, window=4, scale=1, photographs=photographs)
    found = {place(x.reshape(2, 2, 1), photographs) for x in X}
    assert found == {(0, i, j) for i in range(5) for j in range(6)} | {(1, i, j) for i in range(4) for j in range(4)}
    shifts = {
        tuple(np.subtract(place(a.reshape(2, 2, 1), photographs), place(b.reshape(2, 2, 1), photographs)))
        for a, b in zip(X[:1000], X_prime)
    }
    assert shifts == {(0, i, j) for i in range(-2, 3) for j in range(-2, 3)}


def test_photographs_give_what_a_small_image_has():
    X, X_prime = crop_pairs(300, rng=3)
    assert X.shape == X_prime.shape == (300, 1200) and X.flags.c_contiguous
    assert 0 <= min(X.min(), X_prime.min()) and max(X.max(), X_prime.max()) <= 1
    assert (X != X_prime).any(1).mean() > 0.95  # two crops, seldom at one place
    again = crop_pairs(300, rng=3)
    assert np.array_equal(X, again[0]) and np.array_equal(X_prime, again[1])
    assert not np.array_equal(X, crop_pairs(300, rng=4)[0])
    centred = crop_pairs(300, rng=3, centred=True)
    mean = (X.mean(0) + X_prime.mean(0)) / 2
    np.testing.assert_allclose(centred, (X - mean, X_prime - mean), atol=1e-12)
    assert abs(np.mean(centred, (0, 1))).max() < 1e-13
    assert np.linalg.eigvalsh(cross_correlation(*centred))[-1] > 1  # two crops of an anchor have much in common


def test_scale_and_a_window_without_room():
    X, X_prime = crop_pairs(5, size=8, window=8, scale=1)
    assert np.array_equal(X, X_prime) and X.max() > 1
    np.testing.assert_allclose(crop_pairs(5, size=8, window=8)[0], X / 255, rtol=1e-15)


@pytest.mark.parametrize(
    "change, culprit",
    [
        ({"pairs": 0}, "pairs"),
        ({"pairs": 2.5}, "pairs"),
        ({"size": 0}, "crop size"),
        ({"size": 33}, "33 x 33"),
        ({"window": 500}, "photograph 0 of 427 x 640"),
        ({"rng": -1}, "rng"),
        ({"scale": np.nan}, "scale"),
        ({"scale": 0}, "scale"),
        ({"photographs": []}, "photographs"),
        ({"photographs": [np.ones((40, 40))]}, "photograph 0"),
        ({"photographs": [sheet(40, 40, 1), sheet(40, 40, 3)]}, "channels"),
        ({"photographs": [sheet(40, 40, 1), np.full((40, 40, 1), np.nan)]}, "photograph 1"),
        ({"photographs": [np.array([[["a"]]])]}, "photograph 0"),
        ({"photographs": [np.ones((40, 40, 3))]}, "constant"),
        (
            {"photographs": [np.stack([np.ones((32, 32)), np.zeros((32, 32))], 2)], "size": 32, "centred": True},
            "same image",
        ),
    ],
)
def test_crops_that_cannot_be_are_refused_by_name(change, culprit):
    with pytest.raises(InputError, match=culprit):
        crop_pairs(**{"pairs": 2, **change})


@given(st.permutations(range(10)), st.integers(1, 400), st.integers(0, 2**32))
def test_digits_are_those_stored_with_their_labels(digits, samples, seed):
    from sklearn.datasets import load_digits

    stored = load_digits()
    kept = {pixels.tobytes(): digit for pixels, digit in zip(stored.data / 16, stored.target)}
    X, labels = digit_classes(*digits[:2], samples=samples, rng=seed)
    assert X.shape == (2 * samples, 64) and 0 <= X.min() <= X.max() <= 1
    assert [kept[x.tobytes()] for x in X] == [digits[int(label > 0)] for label in labels]
    assert (labels == 1).sum() == (labels == -1).sum() == samples
    for label in (-1, 1):
        _, times = np.unique(X[labels == label], axis=0, return_counts=True)
        assert times.max() <= -(-samples // 170)  # none twice before each was drawn once
    again = digit_classes(*digits[:2], samples=samples, rng=seed)
    assert np.array_equal(X, again[0]) and np.array_equal(labels, again[1])


@pytest.mark.parametrize(
    "arguments, culprit",
    [
        ((10, 1), "first"),
        ((1, -1), "second"),
        ((4, 4), "4 twice"),
        ((0, 1, 0), "samples"),
        ((0, 1, 2, -3), "rng"),
        ((0.5, 1), "first"),
    ],
)
def test_digits_that_cannot_be_are_refused_by_name(arguments, culprit):
    with pytest.raises(InputError, match=culprit):
        digit_classes(*arguments)


def test_noise_is_independent_and_negatives_are_rows():
    X = np.random.default_rng(0).random((4000, 5))
    X_prime, X_minus = noisy_pairs(X, noise=0.3, rng=1)
    noise = X_prime - X
    assert abs(noise.std() - 0.3) < 0.01 and abs(np.corrcoef(noise.ravel(), X.ravel())[0, 1]) < 0.02
    rows = {x.tobytes(): k for k, x in enumerate(X)}
    drawn = np.array([rows[x.tobytes()] for x in X_minus])
    assert abs(np.corrcoef(drawn, np.arange(len(X)))[0, 1]) < 0.05 and len(set(drawn)) > 2000


@pytest.mark.parametrize(
    "X, noise, culprit",
    [
        ([[np.nan]], 0.1, "X"),
        ([1.0], 0.1, "X"),
        ([[1.0]], -1, "noise"),
        ([[1.0]], np.inf, "noise"),
        ([[]], 0.1, "X"),
        ([["a"]], 0.1, "X"),
    ],
)
def test_bad_data_for_noise_are_refused_by_name(X, noise, culprit):
    with pytest.raises(InputError, match=culprit):
        noisy_pairs(X, noise)


@pytest.mark.parametrize("module", ["sklearn.datasets", "PIL"])
def test_a_missing_package_is_named_with_the_way_to_get_it(monkeypatch, module):
    images._photographs.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=r"pip install 'symssl\[data\]'"):
        crop_pairs(3)
    monkeypatch.undo()
    assert crop_pairs(3)[0].shape == (3, 1200)


@given(st.integers(0, 2**40))
def test_a_seed_means_the_same_numbers_as_its_stream_of_numpy(seed):
    X = np.arange(12.0).reshape(6, 2)
    stream = np.random.default_rng([seed, 1])
    wanted = X + 0.5 * stream.standard_normal(X.shape), X[stream.integers(6, size=6)]
    for rng in (seed, np.random.default_rng([seed, 1])):
        assert all(map(np.array_equal, noisy_pairs(X, 0.5, rng), wanted))
    photographs = [sheet(6, 7, 1)]
    one, other = (crop_pairs(5, size=2, window=3, rng=r, photographs=photographs) for r in (seed, [seed]))
    again = crop_pairs(5, size=2, window=3, rng=np.random.default_rng(seed), photographs=photographs)
    assert np.array_equal(one, again) and np.shape(one) == np.shape(other)
