"""Small real images that need no download: crops of two photographs, and 8 x 8 digits.

Both come with scikit-learn (extra ``symssl[data]``); `noisy_pairs` makes
positive and negative samples of any data.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..support.arguments import described, flag, nonnegative, number, random_generator, room_for, sequence_of, whole
from .learners.correlation import paired

__all__ = ["crop_pairs", "digit_classes", "noisy_pairs"]

_LIKE = 32  # the side of small benchmark images, of which pairs are random crops


def crop_pairs(
    pairs: int,
    *,
    size: int = 20,
    window: int = _LIKE,
    rng: int | np.random.Generator | None = 0,
    centred: bool = False,
    scale: float = 1 / 255,
    photographs: Sequence[ArrayLike] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of random crops of photographs, two crops about each of so many anchors.

    An anchor is a photograph and a place in it, both drawn at random; it is the window that plays the
    part of one small image.  The two crops of a pair lie anywhere in that window.  So n pairs are n
    anchors and 2 n crops, but not n independent images: there are only two photographs, anchors may
    overlap, and all crops share their colours.  Spectra of such data are real, sample counts are not.

    Parameters
    ----------
    pairs : int, number of anchors
    size : int, side of a crop in pixels
    window : int, side of the window about an anchor in which both crops lie
    rng : seed, numpy Generator, or None for unpredictable numbers
    centred : bool, subtract the mean of every feature over both sides
    scale : float, what a pixel is multiplied by; 1/255 brings bytes into [0, 1]
    photographs : sequence of arrays (height, width, channels), optional, instead of the two of scikit-learn

    Returns
    -------
    X, X_prime : arrays (pairs, size*size*channels); row i of both is one pair

    Raises
    ------
    InputError
        for sizes that do not fit into each other or into a photograph, for crops without any contrast, and
        where scikit-learn or Pillow is missing.

    Examples
    --------
    >>> ramp = np.arange(48.0).reshape(6, 8, 1)
    >>> X, X_prime = crop_pairs(3, size=2, window=4, scale=1/47, photographs=[ramp])
    >>> X.shape, bool(0 <= X.min() <= X.max() <= 1), bool(abs(X - X_prime).max() <= (2*8 + 2)/47)
    ((3, 4), True, True)
    """
    room_for(
        "pairs", 2 * whole("pairs", pairs, 1) * whole("the crop size", size, 1) ** 2, "take fewer or smaller crops"
    )
    number("scale", scale, 0, np.inf)
    flag("centred", centred)
    if whole("window", window, 1) < size:
        raise InputError(f"a crop of {size} x {size} pixels does not fit into a window of {window} x {window}")
    sheets = _photographs() if photographs is None else _sheets(photographs)
    for k, sheet in enumerate(sheets):
        if min(sheet.shape[:2]) < window:
            raise InputError(
                f"a window of {window} x {window} pixels does not fit into photograph {k} of "
                f"{sheet.shape[0]} x {sheet.shape[1]}"
            )
    generator = random_generator(rng)
    sides = np.empty((2, pairs, size * size * sheets[0].shape[2]))
    which = generator.integers(len(sheets), size=pairs)
    places = generator.random((pairs, 2))
    shifts = generator.integers(window - size + 1, size=(2, pairs, 2))
    for k, sheet in enumerate(sheets):
        own = np.flatnonzero(which == k)
        corners = (places[own] * (np.array(sheet.shape[:2]) - window + 1)).astype(int)
        crops = np.lib.stride_tricks.sliding_window_view(sheet, (size, size), axis=(0, 1))
        for side, shift in zip(sides, shifts):
            rows, columns = (corners + shift[own]).T
            side[own] = np.moveaxis(crops[rows, columns], 1, -1).reshape(len(own), sides.shape[2])
    sides *= scale
    if np.ptp(sides) == 0:
        raise InputError("all crops are one constant image: give photographs with some contrast, or more pairs")
    if centred:
        sides -= sides.mean((0, 1))
        if not sides.any():
            raise InputError(
                "all crops are the same image, which centring takes away: give more pairs, or a larger window"
            )
    return sides[0], sides[1]


def digit_classes(
    first: int = 0, second: int = 1, samples: int = 200, rng: int | np.random.Generator | None = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Two classes of handwritten digits of 8 x 8 pixels in [0, 1], in random order.

    The optical digits of scikit-learn, small enough to need no download; there are 174 to 183 of each, so
    that of 200 samples a class some are drawn twice once all have been drawn.

    Parameters
    ----------
    first, second : int, two different digits from 0 to 9
    samples : int, samples of each class
    rng : seed, numpy Generator, or None for unpredictable numbers

    Returns
    -------
    X : array (2*samples, 64)
    labels : array (2*samples,) of -1 for the first class and 1 for the second

    Raises
    ------
    InputError
        for classes that are no two digits, and where scikit-learn is missing.

    Examples
    --------
    >>> X, labels = digit_classes(3, 8, samples=5)
    >>> X.shape, int(labels.sum())
    ((10, 64), 0)
    """
    for name, digit in (("first", first), ("second", second)):
        if whole(f"the {name} class", digit, 0) > 9:
            raise InputError(f"the {name} class must be a digit from 0 to 9, not {described(digit)}")
    if first == second:
        raise InputError(f"two different classes are needed, got {first} twice")
    whole("samples", samples, 1)
    generator = random_generator(rng, 0)
    pixels, digits = _digits()
    rows = []
    for digit in (first, second):
        own = np.flatnonzero(digits == digit)
        rounds = -(-samples // len(own))  # every sample once before any twice
        rows.append(np.concatenate([generator.permutation(own) for _ in range(rounds)])[:samples])
    order = generator.permutation(2 * samples)
    return pixels[np.concatenate(rows)][order], np.repeat([-1, 1], samples)[order]


def noisy_pairs(
    X: ArrayLike, noise: float = 0.1, rng: int | np.random.Generator | None = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Positive samples x' = x + noise, and negative ones x^-, each an independent row of the data.

    Parameters
    ----------
    X : array (samples, features)
    noise : float, the standard deviation of the Gaussian noise on every feature
    rng : seed, numpy Generator, or None for unpredictable numbers

    Returns
    -------
    X_prime, X_minus : arrays of the shape of X

    Raises
    ------
    InputError
        For data that are no finite table and a noise that is no number >= 0.

    Examples
    --------
    >>> X_prime, X_minus = noisy_pairs([[0.0, 1.0], [2.0, 3.0]], noise=0)
    >>> X_prime.tolist(), all(row in ([0, 1], [2, 3]) for row in X_minus.tolist())
    ([[0.0, 1.0], [2.0, 3.0]], True)
    """
    table, _ = paired(X, X)
    nonnegative("noise", noise)
    generator = random_generator(rng, 1)
    X_prime = table + noise * generator.standard_normal(table.shape)
    return X_prime, table[generator.integers(len(table), size=len(table))]


def _sheets(photographs):
    """Photographs as arrays (height, width, channels) with the same channels."""
    sheets = [np.asarray(p) for p in sequence_of("photographs", photographs, "arrays")]
    for k, sheet in enumerate(sheets):
        if sheet.ndim != 3 or not sheet.size or sheet.dtype.kind not in "uif" or not np.isfinite(sheet).all():
            raise InputError(
                f"photograph {k} must be an array (height, width, channels) of finite numbers, "
                f"got the shape {sheet.shape} of {sheet.dtype}"
            )
    if not sheets or len({sheet.shape[2] for sheet in sheets}) > 1:
        raise InputError(f"photographs of one number of channels are needed, got {[s.shape for s in sheets]}")
    return sheets


@lru_cache
def _photographs():
    """A temple and a flower, 427 x 640 pixels of three bytes."""
    return tuple(_stored("load_sample_images").images)


@lru_cache
def _digits():
    """(pixels in [0, 1], digits)"""
    digits = _stored("load_digits")
    return digits.data / 16, digits.target


def _stored(loader):
    try:
        import sklearn.datasets

        return getattr(sklearn.datasets, loader)()
    except ImportError as error:
        raise InputError(f"sample images need scikit-learn and Pillow: pip install 'symssl[data]' ({error})") from None
