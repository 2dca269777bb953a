"""Laws of deep linear, contrastive, orthonormal and closed systems against NumPy that shares no code with them."""

from functools import reduce
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from symssl.derivations.beyond import basin, noise, orthogonal, two_layer

PRINTED = {
    claim.id.removeprefix("beyond."): claim.printed
    for part in (basin, noise, orthogonal, two_layer)
    for claim in part.CLAIMS
    if claim.sentence is None
}
PRINTED |= {
    "closure.time": basin.GROWTH,
    "closure.equal": basin.EQUAL_GROWTH,
    "two_layer": two_layer.SOLUTION[1],
    "two_layer.negative": two_layer.SOLUTION[-1],
    "two_layer.balanced": two_layer.SOLUTION[0],
    "two_layer.blowup": two_layer.BLOW_UP,
    "two_layer.remaining": two_layer.LEFT,
    "depth": two_layer.INVERSE,
    "depth.blowup": two_layer.DEPTH_BLOW_UP,
    "depth.unbalanced.two": two_layer.UNBALANCED_TWO,
    "depth.unbalanced.three": two_layer.UNBALANCED_THREE,
}
TIGHT = {"rtol": 1e-11, "atol": 1e-13}


def number(expression, **values):
    """The value of a printed formula, symbols given by name."""
    return float(expression.subs({s: values[str(s)] for s in expression.free_symbols}))


def orthogonal_matrix(n, rng):
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


# --- linear layers -----------------------------------------------------------------------


def layers(rng, depth, sigmas, xs):
    """Aligned layers and X with these singular values (one row a layer) and eigenvalues."""
    frames = [orthogonal_matrix(len(xs), rng) for _ in range(depth + 1)]
    weights = [frames[j + 1] @ np.diag(sigmas[j]) @ frames[j].T for j in range(depth)]
    return weights, frames[0] @ np.diag(xs) @ frames[0].T


def chain_rate(shape, X_of):
    """The rate of all layers, from the gradient of -tr(P X P^T)/2."""

    def rate(t, state):
        weights = state.reshape(shape)
        P, X = reduce(lambda P, w: w @ P, weights), X_of(t)
        rates = []
        for j in range(len(weights)):
            above = reduce(lambda P, w: w @ P, weights[j + 1 :], np.eye(shape[1]))
            below = reduce(lambda P, w: w @ P, weights[:j], np.eye(shape[1]))
            rates.append(above.T @ P @ X @ below.T)
        return np.array(rates).ravel()

    return rate


@pytest.mark.parametrize("law", ["constant", "varying"])
def test_two_layers(law):
    rng = np.random.default_rng(3)
    sigmas, xs, end = np.array([[1.3, 0.9, 0.5], [0.7, 1.1, 0.5]]), np.array([0.8, 0.5, -0.9]), 0.35
    weights, X = layers(rng, 2, sigmas, xs)
    factor = (lambda t: 1 + np.sin(3 * t)) if law == "varying" else (lambda t: 1)
    integral = quad(factor, 0, end)[0]
    moved = solve_ivp(chain_rate((2, 3, 3), lambda t: X * factor(t)), (0, end), np.ravel(weights), **TIGHT).y[:, -1]
    first, second = moved.reshape(2, 3, 3)
    for k, (one, other) in enumerate(sigmas.T):
        gap, theta = one**2 - other**2, xs[k] * integral
        name = "two_layer" if gap > 0 else "two_layer.negative" if gap < 0 else "two_layer.balanced"
        square, both = (number(e, u_0=one**2, theta=theta, C=abs(gap)) for e in PRINTED[name])
        direction = np.linalg.svd(X)[2]
        v = next(w for w in direction if np.allclose(X @ w, xs[k] * w))
        assert np.linalg.norm(first @ v) ** 2 == pytest.approx(square, rel=1e-7)
        assert np.linalg.norm(second @ first @ v) ** 2 == pytest.approx(both, rel=1e-7)


def test_the_blowup_of_two_layers():
    """1/sigma_1^2 falls to zero at the time given; half of it would not do."""
    a, b, x = 1.7, 0.4, 0.6
    T = number(PRINTED["two_layer.blowup"], u_0=a, v_0=b) / x
    stop = 0.999 * T
    u, v = solve_ivp(lambda _, s: [2 * x * s[0] * s[1]] * 2, (0, stop), [a, b], **TIGHT).y[:, -1]
    left = (T - stop) * x
    expected = [number(e, C=a - b, s=left) for e in PRINTED["two_layer.remaining"]]
    assert [u, v, u * v] == pytest.approx(expected, rel=1e-5)
    assert u > 200 * a


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_balanced_depth(depth):
    sigma, x = 0.8, 0.9
    T = number(PRINTED["depth.blowup"], n=depth - 1, x=x, sigma_0=sigma)
    end = 0.7 * T
    moved = solve_ivp(lambda _, s: x * np.prod(s**2) / s, (0, end), [sigma] * depth, **TIGHT).y[:, -1]
    expected = number(PRINTED["depth"], n=depth - 1, x=x, sigma_0=sigma, t=end)
    assert moved ** (-2 * (depth - 1)) == pytest.approx([expected] * depth)


@pytest.mark.parametrize("depth", [2, 3])
def test_unbalanced_depth(depth):
    rng = np.random.default_rng(depth)
    weights, X = layers(rng, depth, np.array([[0.6], [1.1], [1.4]])[:depth], np.array([0.7]))
    squares = np.array([w[0, 0] ** 2 for w in weights])
    name = {2: "depth.unbalanced.two", 3: "depth.unbalanced.three"}[depth]
    T = number(PRINTED[name], x=0.7, **{f"s_{k + 1}": s for k, s in enumerate(squares)})
    assert pytest.approx(quad(lambda y: 1 / np.prod(y + squares), 0, np.inf)[0] / 1.4) == T
    moved = solve_ivp(chain_rate((depth, 1, 1), lambda t: X), (0, 0.8 * T), np.ravel(weights), **TIGHT).y[:, -1] ** 2
    left = quad(lambda y: 1 / np.prod(y + moved), 0, np.inf)[0] / 1.4
    assert left == pytest.approx(0.2 * T, rel=1e-6)
    same = np.prod(squares) ** (1 / depth)
    assert T < quad(lambda y: 1 / (y + same) ** depth, 0, np.inf)[0] / 1.4


# --- noise -------------------------------------------------------------------------------


def loss(w, x, xp):
    """InfoNCE of one encoder w (a row) and samples in rows, term by term."""
    z, zp = x @ w.T, xp @ w.T
    value = 0
    for i in range(len(x)):
        own = np.exp(-((z[i] - zp[i]) ** 2).sum() / 2)
        others = sum(np.exp(-((z[i] - z[j]) ** 2).sum() / 2) for j in range(len(x)) if j != i)
        value -= np.log(own / (own + others))
    return value


def matrix_at_zero(x, xp):
    """X at W = 0: minus the Hessian of the loss of a single row."""
    d, step = x.shape[1], 1e-3

    def at(a):
        return loss(np.asarray(a)[None, :], x, xp)

    E = np.eye(d) * step
    second = [
        [(at(E[i] + E[j]) - at(E[i] - E[j]) - at(E[j] - E[i]) + at(-E[i] - E[j])) / (4 * step**2) for j in range(d)]
        for i in range(d)
    ]
    return -np.array(second)


def test_the_matrix_of_the_loss_at_zero():
    rng = np.random.default_rng(0)
    x, xp = rng.normal(size=(2, 4, 3))
    pairs = sum(np.outer(a - b, a - b) for a in x for b in x) / 4
    views = sum(np.outer(a - b, a - b) for a, b in zip(x, xp)) * 3 / 4
    assert np.allclose(matrix_at_zero(x, xp), pairs - views, atol=1e-4)


@pytest.mark.parametrize("case", ["second", "both", "first"])
def test_averaged_noise(case):
    """Signs have the moments that matter, and all their patterns can be averaged."""
    m, size = np.array([[0.0], [0.5], [1.2]]), 0.9
    first, second = {"second": (0, 1), "both": (1, 1), "first": (1, 0)}[case]
    draws = [
        matrix_at_zero(m + first * size * np.array(e)[:, None], m + second * size * np.array(f)[:, None])[0, 0]
        for e in (product((-1, 1), repeat=3) if first else [(0,) * 3])
        for f in (product((-1, 1), repeat=3) if second else [(0,) * 3])
    ]
    spread, noise_ = m.var(ddof=1), size**2
    expected = {"both": 2 * 2 * spread, "first": 2 * (2 * spread + noise_), "second": 2 * (2 * spread - noise_)}[case]
    assert np.mean(draws) == pytest.approx(expected, abs=1e-4)
    if case == "both":
        assert min(draws) < 0  # drawn once, X may be negative all the same


# --- orthonormal layers ------------------------------------------------------------------


def projected(Lam, z):
    def rate(_, state):
        q = state.reshape(-1, z)
        return (-2 * (2 * Lam @ q - Lam @ q @ q.T @ q - q @ q.T @ Lam @ q)).ravel()

    return rate


def test_two_orthonormal_layers_have_the_projected_flow():
    """Against the layers themselves, moved by (I - W W^T) times the gradient."""
    rng = np.random.default_rng(5)
    h, d, z, end = 6, 3, 2, 0.4
    w1, w2 = (np.linalg.qr(rng.normal(size=(h, k)))[0] for k in (d, z))
    Lam = np.diag([-1.0, 0.3, 0.8])

    def rate(_, state):
        a, b = state[: h * d].reshape(h, d), state[h * d :].reshape(h, z)
        da = -2 * (b @ b.T @ a @ Lam - a @ (a.T @ b) @ (b.T @ a) @ Lam)
        db = -2 * (a @ Lam @ a.T @ b - b @ b.T @ a @ Lam @ a.T @ b)
        return np.concatenate([da.ravel(), db.ravel()])

    moved = solve_ivp(rate, (0, end), np.concatenate([w1.ravel(), w2.ravel()]), **TIGHT).y[:, -1]
    q = solve_ivp(projected(Lam, z), (0, end), (w1.T @ w2).ravel(), **TIGHT).y[:, -1].reshape(d, z)
    assert np.allclose(moved[: h * d].reshape(h, d).T @ moved[h * d :].reshape(h, z), q, atol=1e-8)


@pytest.mark.parametrize("spectrum", [(0.3, 0.5, 1.0), (0.0, 0.5, 1.0), (-0.4, 0.1, 0.6)])
def test_one_output(spectrum):
    """Where |q|^2 ends, and how fast it and the angle get there."""
    q0, Lam = np.array([0.35, -0.5, 0.45]), np.diag(spectrum)
    Q = q0 * (1 - q0 @ q0) ** -0.25
    times = np.array([18.0, 20.0]) if spectrum[0] else np.array([8.0, 9.0])
    path = solve_ivp(projected(Lam, 1), (0, times[-1]), q0, t_eval=times, rtol=1e-12, atol=1e-60).y
    lengths, angles = (path**2).sum(0), abs(path[1] / path[0])
    case = 0 if spectrum[0] > 0 else 1 if spectrum[0] == 0 else 2
    end = number(PRINTED["z1.limits"][case], w_1=Q[0] ** 2)
    assert lengths[-1] == pytest.approx(end, abs=1e-3)
    found = PRINTED["z1.rates"][case]
    gap = spectrum[1] - spectrum[0]
    slope = np.diff(np.log(angles))[0] / np.diff(times)[0]
    assert slope == pytest.approx(number(found[-1], mu=abs(spectrum[0]), gap=gap, w_1=Q[0] ** 2), rel=2e-2)
    if case != 1:
        error = lengths if case == 0 else 1 - lengths
        assert case == 2 or np.diff(np.log(error))[0] / np.diff(times)[0] == pytest.approx(
            number(found[0], mu=spectrum[0], gap=gap), rel=2e-2
        )


def test_the_length_settles_at_the_rate_given():
    """Earlier, where 1 - |q|^2 is above rounding."""
    q0, Lam = np.array([0.6, -0.3, 0.3]), np.diag([-0.4, 0.4, 0.9])
    path = solve_ivp(projected(Lam, 1), (0, 6), q0, t_eval=[5, 6], **TIGHT).y
    slope = np.diff(np.log(1 - (path**2).sum(0)))[0]
    assert slope == pytest.approx(number(PRINTED["z1.rates"][2][0], mu=0.4, gap=0.8), rel=1e-2)


def jacobian(Lam, q):
    step, flat = 1e-6, q.ravel()
    rate = projected(Lam, q.shape[1])
    return np.array([(rate(0, flat + step * e) - rate(0, flat - step * e)) / (2 * step) for e in np.eye(len(flat))]).T


@pytest.mark.parametrize("chosen", [(), (0,), (2,), (0, 1), (1, 3), (0, 1, 2), (0, 2, 4)])
def test_the_linear_flow_at_partial_isometries(chosen):
    """The rule of the note, at five eigenvalues and three outputs."""
    d, z, r = 5, 3, len(chosen)
    values = np.array([-1.3, -0.6, 0.25, 0.7, 1.9])
    q = np.zeros((d, z))
    q[list(chosen), list(range(r))] = 1
    q = q @ orthogonal_matrix(z, np.random.default_rng(1))
    inside, outside = values[list(chosen)], np.delete(values, list(chosen))
    expected = [4 * (inside[i] + inside[j]) for i in range(r) for j in range(i, r)]
    expected += [-2 * (k - i) for k in outside for i in inside] + [-4 * k for k in outside] * (z - r)
    expected += [0] * (r * (z - r) + r * (r - 1) // 2)
    assert np.allclose(np.sort(np.linalg.eigvals(jacobian(np.diag(values), q)).real), np.sort(expected), atol=1e-5)


def test_the_ball_and_the_lowest_span():
    rng = np.random.default_rng(7)
    Lam = np.diag([-1.5, -0.7, -0.2, 0.6])
    q = rng.normal(size=(4, 2))
    q *= 0.7 / np.linalg.norm(q, 2)
    for generic in (True, False):
        start = q if generic else np.vstack([np.zeros((1, 2)), q[1:]])
        path = solve_ivp(projected(Lam, 2), (0, 40), start.ravel(), t_eval=np.linspace(0, 40, 9), **TIGHT).y
        ends = path.T.reshape(-1, 4, 2)
        assert all(np.linalg.norm(one, 2) <= 1 + 1e-9 for one in ends)
        span = ends[-1] @ np.linalg.inv(ends[-1].T @ ends[-1]) @ ends[-1].T
        assert np.allclose(np.diag(span), [1, 1, 0, 0] if generic else [0, 1, 1, 0], atol=1e-4)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_canonical_metric_on_every_layer(depth):
    """Against the layers, each moved by G - W G^T W, and the closed form of q q^T."""
    rng = np.random.default_rng(depth)
    h, d, z, end = 5, 3, 2, 0.15
    Lam = np.diag([-0.8, 0.4, 1.1])
    columns = {1: [(d, z)], 2: [(h, d), (h, z)], 3: [(h, d), (h, h), (h, z)]}[depth]
    weights = [np.linalg.qr(rng.normal(size=shape))[0] for shape in columns]
    sizes = np.cumsum([0] + [w.size for w in weights])

    def outputs(ws):
        out = ws[-1]
        for w in reversed(ws[1:-1]):
            out = w.T @ out
        return ws[0].T @ out if len(ws) > 1 else out

    def split(state):
        return [state[a:b].reshape(w.shape) for a, b, w in zip(sizes, sizes[1:], weights)]

    def value(state):
        q = outputs(split(state))
        return np.trace(q.T @ Lam @ q)

    def rate(_, state):
        step = 1e-6
        slope = np.array([(value(state + step * e) - value(state - step * e)) / (2 * step) for e in np.eye(len(state))])
        moves = [-(g - w @ g.T @ w) for w, g in zip(split(state), split(slope))]
        return np.concatenate([m.ravel() for m in moves])

    start = np.concatenate([w.ravel() for w in weights])
    q = outputs(split(solve_ivp(rate, (0, end), start, rtol=1e-8, atol=1e-10).y[:, -1]))
    q0 = outputs(weights)
    E = np.diag(np.exp(-2 * depth * np.diag(Lam) * end))
    middle = np.linalg.inv(np.eye(z) - q0.T @ q0 + q0.T @ E @ E @ q0)
    assert np.allclose(q @ q.T, E @ q0 @ middle @ q0.T @ E, atol=1e-6)


# --- the cosine loss ---------------------------------------------------------------------


@pytest.mark.parametrize("kappa", [-1.0, 0.0, 0.375, 1.5])
def test_the_series_of_the_smaller_root(kappa):
    values = [number(c, kappa=kappa) for c in PRINTED["basin"]]
    mu = 0.04
    roots = np.roots([2, 0, 0, kappa, -1, mu])
    smallest = min(r.real for r in roots if abs(r.imag) < 1e-12 and r.real > 0)
    assert sum(c * mu ** (m + 1) for m, c in enumerate(values)) == pytest.approx(smallest, rel=1e-7)


def test_the_radius_is_the_fold_for_positive_kappa_only():
    """By the ratio of far coefficients, computed here from the equation alone."""

    def far(kappa, count=60):
        c = np.zeros(count + 1)
        c[1] = 1
        for n in range(2, count + 1):
            square = np.convolve(c[: n + 1], c[: n + 1])[: n + 1]
            fifth = np.convolve(np.convolve(square, square)[: n + 1], c[: n + 1])[: n + 1]
            c[n] = kappa * square[n] + 2 * fifth[n]
        return c

    tail = far(0.375)
    estimate = abs(tail[-2] / tail[-1]) * (1 - 1.5 / 60)
    assert estimate == pytest.approx(11 / 32, rel=1e-2)
    assert np.allclose(abs(far(-0.375)), abs(tail))


def closed(ps, rho, variance):
    """The rates of the modes with the norms as functions of them."""
    N_Phi, N_Psi = np.sqrt((ps**2).sum()), np.sqrt((ps**4).sum())
    N_x = (ps**3).sum() / (N_Phi * N_Psi)
    return (ps**2 / (N_Phi * N_Psi) - N_x * ps**3 / N_Psi**2 - 2 * ps**6 / (N_Phi * N_Psi**3)) / (
        1 + variance
    ) - rho * ps


@pytest.mark.parametrize("rho", [0.02, 0.5])
@pytest.mark.parametrize("start", [(1.0,), (0.8, 0.8, 0.8), (1.1, 0.4, 0.2, 0.7)])
def test_the_closed_system_reaches_zero_in_time(start, rho):
    variance, n = 0.25, len(start)
    u = sum(q**2 for q in start)

    def gone(_, ps):  # before the velocity is infinite
        return (ps**2).sum() - 1e-7

    gone.terminal = True
    path = solve_ivp(
        lambda _, ps: closed(ps, rho, variance), (0, 1e3), np.array(start), events=gone, rtol=1e-9, atol=1e-12
    )
    T = path.t_events[0][0]
    early, late = (
        np.log(number(PRINTED["closure.time"], rho=rho, sigma2=variance, u_0=u, s=s)) / (2 * rho) for s in (1, 1 / n)
    )
    assert early * (1 - 1e-5) <= T <= late * (1 + 1e-5)
    if len(set(start)) == 1:
        equal = np.log(number(PRINTED["closure.equal"], rho=rho, sigma2=variance, u_0=u, n=n)) / (2 * rho)
        assert T == pytest.approx(equal, rel=1e-5)


def test_one_negative_mode_rests():
    assert closed(np.array([-1.0]), 2.0, 0.0) == pytest.approx([0.0])
    assert closed(np.array([1.0]), 2.0, 0.0)[0] < 0
