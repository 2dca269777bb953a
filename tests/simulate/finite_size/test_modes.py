"""Moments of encoders and predictors: against data, and what is no spectrum."""

import numpy as np
import pytest

from symssl.errors import InputError
from symssl.simulate import (
    expected_flow,
    mode_moments,
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
