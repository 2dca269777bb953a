"""Steps a second of encoder and predictor, beside a plain NumPy script of the same update."""

import numpy as np

from symssl.simulate import LinearPredictor, train

from .timing import in_turn, line

H, D, BATCH, SIGMA2, RHO, ETA, STEPS = 128, 512, 128, 0.25, 0.01, 0.02, 400
LEARNER = LinearPredictor(H, D, batch=BATCH, sigma2=SIGMA2, rho=RHO)


def conditional(rng):
    """x' given x: two draws a pair, as the learner does it."""
    x = np.sqrt(1 + SIGMA2) * rng.standard_normal((BATCH, D))
    return x, x / (1 + SIGMA2) + np.sqrt(SIGMA2 * (2 + SIGMA2) / (1 + SIGMA2)) * rng.standard_normal((BATCH, D))


def written(rng):
    """x0 and two noises, as it is written: three draws a pair."""
    x0 = rng.standard_normal((BATCH, D))
    return [x0 + np.sqrt(SIGMA2) * rng.standard_normal((BATCH, D)) for _ in range(2)]


def plain(pairs, steps=STEPS):
    """The update as a script has it, without records and checks."""
    weights, rng = LEARNER.start(np.random.default_rng([0, 0])), np.random.default_rng([0, 1])
    W, Phi = weights["W"], weights["Phi"]
    for _ in range(steps):
        x, x_prime = pairs(rng)
        u, t = x @ Phi.T, x_prime @ Phi.T
        v = u @ W.T
        size = np.linalg.norm(v, axis=1, keepdims=True)
        w, z = v / size, t / np.linalg.norm(t, axis=1, keepdims=True)
        slope = ((z * w).sum(axis=1, keepdims=True) * w - z) / size / BATCH
        W, Phi = W - ETA * (slope.T @ u + RHO * W), Phi - ETA * ((slope @ W).T @ x + RHO * Phi)
    return W, Phi


def ours(steps=STEPS):
    return train(LEARNER, steps=steps, eta=ETA, every=steps).weights


def run():
    for found, expected in zip(ours(20).values(), plain(conditional, 20)):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    once, script, longer = in_turn(ours, lambda: plain(conditional), lambda: plain(written), rounds=7)
    line(f"encoder and predictor, h = {H}, d = {D}: steps a second", f"{STEPS / once:.0f}", "reported")
    line("    ours / plain NumPy, the same draws", f"{script / once:.2f}", ">= 1")
    line("    ours / plain NumPy, three draws a pair", f"{longer / once:.2f}", ">= 1")
