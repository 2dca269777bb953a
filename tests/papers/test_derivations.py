"""Every derivation against its recorded ledger, and against numerics that share no code with it."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, strategies as st
from recorded import ledger, verdict
from sympy import Poly, Rational, oo

from symssl.claims import check, discover, settling
from symssl.claims.auditing.attack import OUTCOMES, audit_all
from symssl.claims.ledger.catalogue import in_words
from symssl.claims.ledger.lock import differences, entry
from symssl.derivations import bao2023, beyond, tian2021

LIBRARY = discover()
SAMPLE = 1  # wrong statements, and changed models, for each claim that is attacked


def test_every_derivation_imports():
    assert not LIBRARY.failures


@pytest.mark.parametrize("claim", LIBRARY.claims, ids=lambda c: c.id)
def test_the_verdict_is_the_recorded_one(claim, monkeypatch):
    """What holds follows from facts, which are found anew; its meaning is asked at some of the instances only."""
    assert claim.id in ledger(), "run `symssl verify --record`"
    if verdict(claim.id) == "holds":
        monkeypatch.setattr(settling, "settle", partial(settling.settle, count=8, seconds=4.0))
    found = in_words(check(claim), LIBRARY.papers[LIBRARY.paper_of(claim.id)].notation)
    assert differences(ledger(), {claim.id: entry(claim, found)}) == []


def test_every_correction_holds_and_corrects_what_does_not():
    for claim in LIBRARY.claims:
        if claim.corrects:
            assert verdict(claim.id) == "holds", claim.id
            assert verdict(claim.corrects) in ("refuted", "corrected", "gap"), claim.corrects


@pytest.mark.parametrize("name", sorted(LIBRARY.papers))
def test_every_equation_has_latex(name):
    from symssl import latex

    for label, value in LIBRARY.papers[name].equations().items():
        text = latex(value)
        assert text.count("{") == text.count("}") and set(text) & set("\\_^"), label


@pytest.mark.slow
def test_no_mutant_survives(monkeypatch):
    """A sample of every third transcribed claim, evenly from the kinds of change; `symssl audit --all` tries the rest.

    Sentences are attacked in tests/claims/auditing; those of the papers take minutes each.
    """
    claims = [claim for claim in LIBRARY.claims if claim.sentence is None][::3]
    # Its workers check what the tests above have checked: to measure their coverage would only double the time.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    found = dict(audit_all(LIBRARY, claims, jobs=2, time_limit=180.0, most=SAMPLE))
    assert set(found) == {claim.id for claim in claims}
    findings = [finding for some in found.values() for finding in some]
    outcomes = {o: [f for f in findings if f.outcome == o] for o in OUTCOMES}
    assert not outcomes["survived"], outcomes["survived"][:5]
    assert len(outcomes["rejected"]) >= 0.8 * len(claims)
    assert len(outcomes["timeout"]) < 5, outcomes["timeout"]
    unattacked = {name for name, some in found.items() if not some and verdict(name) == "holds"}
    assert not unattacked, f"what holds has wrong versions: {unattacked}"


# --- independent numerics ----------------------------------------------------------------

modes_strategy = st.integers(2, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.2, 1.5), min_size=n, max_size=n),
        st.lists(st.floats(0.2, 1.5), min_size=n, max_size=n),
        st.floats(0, 0.5),
        st.floats(0, 1),
        st.integers(0, 10**6),
    )
)


def random_frames(n, extra, seed):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(n, n)))[0], np.linalg.qr(rng.normal(size=(n + extra, n)))[0]


@given(modes_strategy, st.lists(st.sampled_from([-1, 1]), min_size=5, max_size=5))
def test_modes_of_the_concentrated_cosine_flow(values, signs):
    p, s, rho, sigma2, seed = values
    p = np.array(p) * signs[: len(p)]
    s = np.array(s)
    U, V = random_frames(len(p), 2, seed)
    W, Phi = U @ np.diag(p) @ U.T, U @ np.diag(np.sqrt(s)) @ V.T
    Psi = W @ Phi
    nPhi, nPsi = np.linalg.norm(Phi), np.linalg.norm(Psi)
    a, b = Phi / nPhi, Psi / nPsi
    H = (a @ b.T - b @ (a.T @ b + b.T @ a) @ b.T - np.sum(a * b) * b @ b.T) / (1 + sigma2)
    W_dot = H @ np.linalg.inv(W).T - rho * W
    F_dot = W.T @ H @ np.linalg.inv(W).T - rho * Phi @ Phi.T
    found = bao2023.modes(bao2023.COSINE).compile().rhs(p, s, values={"rho": rho, "sigma2": sigma2})
    wanted = np.diag(U.T @ W_dot @ U), np.diag(U.T @ (F_dot + F_dot.T) @ U)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@given(st.integers(0, 10**6), st.floats(0, 1), st.integers(1, 4), st.integers(1, 4))
def test_norms_and_balance_of_any_data(seed, rho, h, d):
    """Finite-sample cosine loss, gradient by complex steps: the laws need no distribution."""
    rng = np.random.default_rng(seed)
    W, Phi = rng.normal(size=(h, h)), rng.normal(size=(h, d))
    X, Y = rng.normal(size=(2, 7, d))

    def loss(w, f):
        u, v = X @ f.T @ w.T, Y @ Phi.T  # the target is stopped
        return -np.mean(np.sum(u * v, 1) / np.sqrt(np.sum(u * u, 1)) / np.linalg.norm(v, axis=1))

    def slope(f, A):
        out = np.zeros_like(A)
        for i in np.ndindex(A.shape):
            e = np.zeros(A.shape, complex)
            e[i] = 1e-30j
            out[i] = f(A + e).imag / 1e-30
        return out

    W_dot = -slope(lambda w: loss(w, Phi), W) - rho * W
    Phi_dot = -slope(lambda f: loss(W, f), Phi) - rho * Phi
    np.testing.assert_allclose(2 * np.sum(W * W_dot), -2 * rho * np.sum(W * W), atol=1e-9)
    np.testing.assert_allclose(2 * np.sum(Phi * Phi_dot), -2 * rho * np.sum(Phi * Phi), atol=1e-9)
    balance = Phi @ Phi.T - W.T @ W
    moved = Phi_dot @ Phi.T + Phi @ Phi_dot.T - W_dot.T @ W - W.T @ W_dot
    np.testing.assert_allclose(moved, -2 * rho * balance, atol=1e-9)


rational = st.fractions(Rational(1, 50), 4, max_denominator=60).map(lambda q: Rational(q.numerator, q.denominator))


@given(
    rational,
    rational,
    st.fractions(-3, 3, max_denominator=40).map(lambda q: Rational(q.numerator, q.denominator)),
    rational,
    rational,
)
def test_equilibria_of_the_scalar_flow(n_phi, n_psi, n_x, rho, sigma2):
    found = bao2023.count(bao2023.COSINE)
    mu = rho**2 * (1 + sigma2) * n_phi  # any admissible point of the two groups
    kappa = n_x * n_psi
    case = found.at({bao2023.mu: mu, bao2023.kappa: kappa})
    y = bao2023.y
    poly = Poly(y**2 - kappa * y**3 - 2 * y**6 - mu * y, y)
    assert (len(case.negative), len(case.positive)) == (poly.count_roots(-oo, 0) - 1, poly.count_roots(0, oo) - 1)


@given(modes_strategy, st.floats(0.1, 3), st.floats(0, 2), st.floats(0.1, 2))
def test_modes_of_the_squared_loss(values, alpha, beta, tau):
    p, s, eta, sigma2, seed = values
    p, s = np.array(p), np.array(s)
    U, V = random_frames(len(p), 1, seed)
    w = np.sqrt(s)
    W, Wp, Wa = U @ np.diag(w) @ V.T, U @ np.diag(p) @ U.T, U @ np.diag(tau * w) @ V.T
    residual = (1 + sigma2) * Wp @ W - Wa
    Wp_dot = -alpha * residual @ W.T - eta * Wp
    W_dot = -Wp.T @ residual - eta * W
    Wa_dot = beta * (W - Wa)
    p_dot, w_dot, a_dot = (np.diag(U.T @ M @ R) for M, R in ((Wp_dot, U), (W_dot, V), (Wa_dot, V)))
    modes = tian2021.modes(tian2021.MODEL)
    order = [modes.states[q] for q in (tian2021.p, tian2021.s, tian2021.tau)]
    names = [tian2021.p, tian2021.s, tian2021.tau, tian2021.alpha_p, tian2021.beta, tian2021.eta, tian2021.sigma2]
    from symssl import compile_function

    found = compile_function(order, names)(p, s, np.full_like(p, tau), alpha, beta, eta, sigma2)
    wanted = p_dot, 2 * w * w_dot, a_dot / w - tau * w_dot / w
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("spectrum", [beyond.spectrum, beyond.decaying])
def test_the_cubic_truncation_is_closer_to_the_exact_gradient(spectrum):
    for size in (8, 64, 512):
        cubic, printed, _ = beyond.errors(bao2023.COSINE, size, 0.25, spectrum)
        assert cubic < 0.6 * printed


@pytest.mark.parametrize("paper, name", [(q.id, m) for q in LIBRARY.papers.values() for m in q.models])
def test_every_model_is_a_flow_with_latex(paper, name):
    from symssl import latex

    flow = LIBRARY.papers[paper].model(name)
    parameter = flow.parameters[0]
    assert "dot" in latex(flow.fix({parameter: Rational(1, 4)}))
