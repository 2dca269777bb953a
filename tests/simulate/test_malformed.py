"""Wrong kinds of objects at every public callable of trajectory, simulate and kernels: a refusal or success."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sympy import Matrix, MatrixSymbol, symbols

from symssl import Flow, ModeSum, gradient_flow, sq
from symssl.errors import SymsslError
from symssl.kernels import KernelSSL, ReLUKernel, arc_cosine
from symssl.modes.flow import ModeFlow
from symssl.simulate import (
    CrossCorrelation,
    Experiment,
    HiddenLayer,
    LinearPredictor,
    OrthonormalTrace,
    ReducedTrace,
    Run,
    SoftmaxContrast,
    approximation_error,
    contrast_matrix,
    crop_pairs,
    cross_correlation,
    descend,
    digit_classes,
    expected_cosine_gradient,
    expected_flow,
    fingerprint,
    follow,
    mode_moments,
    noisy_pairs,
    resume,
    sampled_cosine_gradient,
    train,
)
from symssl.trajectory import crossing_times, integrate, power_trajectory

s, g, M, n = symbols("s g M n", positive=True)
A = MatrixSymbol("A", 2, 2)
FLOW = Flow({s: g * s - s**3}, (g,))
GROWTH = power_trajectory(FLOW)
X = np.random.default_rng(0).standard_normal((6, 3))
LEARNER = CrossCorrelation(np.eye(3), 2, 0.1)
RUN = train(LEARNER, steps=2, eta=0.1)
EXPERIMENT = Experiment(
    "identity", {"eta": 0.1}, ("x",), lambda *_: LEARNER, lambda *_: 2, lambda *_: ({}, {}), lambda steps: 1
)
COURSE = integrate(FLOW, {s: 0.1}, [0, 1], {g: 1.0})

ODD = [
    5,
    -1,
    0,
    2.5,
    float("nan"),
    float("inf"),
    1j,
    True,
    None,
    "s",
    "",
    b"s",
    {1, 2},
    frozenset(),
    {},
    {"s": 1},
    {1: 2},
    [],
    [None],
    (1, "a"),
    np.ones(3),
    np.ones((2, 2)),
    np.array(["a"]),
    np.array([None]),
    np.empty((0, 3)),
    Matrix([[1, 2]]),
    A,
    s,
    FLOW,
    ModeFlow({s: -M * s}, {M: ModeSum(s)}, (), n),
    gradient_flow(sq(A), A),
    lambda *_: 1,
    int,
    np.ndarray,
    Flow,
    RUN,
    LEARNER,
    GROWTH,
    iter([1]),
    range(2),
    object(),
]
# name: (callable, good arguments by name)
CALLS = {
    "integrate": (
        integrate,
        dict(
            flow=FLOW, start={s: 0.1}, times=[0, 1], values={g: 1.0}, rtol=1e-6, atol=1e-9, method="RK45", events=(),
            dense=False,
        ),
    ),
    "power_trajectory": (power_trajectory, dict(flow=FLOW, state=None)),
    "at": (GROWTH.at, dict(times=[0, 1], start=0.1, values={g: 1.0}, logarithm=False)),
    "chunks": (lambda **k: list(GROWTH.chunks(**k)), dict(times=[0, 1], start=0.1, values={g: 1.0}, size=9)),
    "time_to": (GROWTH.time_to, dict(level=0.5, start=0.1, values={g: 1.0})),
    "limit": (GROWTH.limit, dict(values={g: 1.0})),
    "pace": (GROWTH.pace, dict(eta=0.1, values={g: 1.0})),
    "half_time": (GROWTH.half_time, dict(start=0.1, values={g: 1.0})),
    "step_time": (GROWTH.step_time, dict(start=0.1, values={g: 1.0})),
    "rate": (GROWTH.rate, dict(values={g: 1.0})),
    "crossing_times": (crossing_times, dict(times=[0, 1], values=[0.1, 0.9], level=0.5, limit=1.0)),
    "course[]": (lambda state: COURSE[state], dict(state="s")),
    "follow": (
        follow,
        dict(field=lambda w: {"a": -w["a"]}, start={"a": 1.0}, times=[0, 1], rtol=1e-6, atol=1e-9),
    ),
    "descend": (descend, dict(gradient=lambda w: w, start={"a": 1.0}, rate=0.1)),
    "train": (
        train,
        dict(
            learner=LEARNER, steps=2, eta=0.1, rng=0, start=None, momentum=0.0, anneal=0, every=1, progress=None,
            seconds=1.0,
        ),
    ),
    "resume": (resume, dict(learner=LEARNER, run=RUN, steps=2, progress=None, seconds=1.0)),
    "load": (Run.load, dict(path="/nowhere/run.npz")),
    "given": (EXPERIMENT.given, dict(settings={"eta": 0.1})),
    "run": (EXPERIMENT.run, dict(settings={"eta": 0.1}, data="x", rng=0, steps=2, progress=None, again=None)),
    "fingerprint": (lambda array: fingerprint(X, array), dict(array=X)),
    "crop_pairs": (
        crop_pairs,
        dict(
            pairs=2, size=2, window=3, rng=0, centred=False, scale=1.0,
            photographs=[np.arange(16.0).reshape(4, 4, 1)],
        ),
    ),
    "digit_classes": (digit_classes, dict(first=0, second=1, samples=3, rng=0)),
    "noisy_pairs": (noisy_pairs, dict(X=X, noise=0.1, rng=0)),
    "cross_correlation": (cross_correlation, dict(X=X, X_prime=X)),
    "contrast_matrix": (contrast_matrix, dict(X=X, X_prime=X, X_minus=X)),
    "CrossCorrelation": (CrossCorrelation, dict(gamma=np.eye(3), components=2, scale=0.1)),
    "in_eigenbasis": (CrossCorrelation.in_eigenbasis, dict(gamma=np.eye(3), components=2, scale=0.1)),
    "aligned": (LEARNER.aligned, dict(weights={"W": X[:2]})),
    "correlation": (LEARNER.correlation, dict(weights={"W": X[:2]})),
    "LinearPredictor": (
        LinearPredictor,
        dict(
            h=2, d=3, loss="cosine", sigma2=0.1, rho=0.1, batch=2, samples=3, average=0.5, predictor="free",
            common_frames=True, data=X, rng=0,
        ),
    ),
    "OrthonormalTrace": (
        OrthonormalTrace,
        dict(C=np.eye(3), outputs=1, width=4, layers=2, rule="printed", back="qr"),
    ),
    "ReducedTrace": (ReducedTrace, dict(eigenvalues=[0, 1], outputs=1, width=4, layers=2, rule="printed")),
    "SoftmaxContrast": (
        SoftmaxContrast,
        dict(X=X, X_prime=X, layers=1, width=2, activation="relu", batch=2, scale=1.0, common_frames=False),
    ),
    "HiddenLayer": (
        HiddenLayer,
        dict(
            X=X, X_prime=X, X_minus=X, outputs=1, width=3, activation="relu", loss="contrast", orthonormal=True,
            batch=2, scale=1.0,
        ),
    ),
    "mode_moments": (mode_moments, dict(p=[1.0], s=[1.0], sigma2=0.1, spectrum=1.0)),
    "expected_cosine_gradient": (
        expected_cosine_gradient,
        dict(var_u=[1.0, 2], var_v=[1.0, 1], cov=[0.5, 0], det=None, rtol=1e-9),
    ),
    "approximation_error": (
        approximation_error,
        dict(p=[1.0, 2], s=[1.0, 1], sigma2=0.1, approximation=[0.0, 0], spectrum=1.0),
    ),
    "sampled_cosine_gradient": (
        sampled_cosine_gradient,
        dict(var_u=[1.0, 2], var_v=[1.0, 1], cov=[0.5, 0], samples=3, rng=0),
    ),
    "expected_flow": (
        expected_flow,
        dict(p=[1.0], s=[1.0], sigma2=0.1, rho=0.1, times=[0, 0.1], spectrum=1.0, rtol=1e-3, method="RK45"),
    ),
    "arc_cosine": (arc_cosine, dict(X=X, Y=X, order=1)),
    "ReLUKernel": (ReLUKernel, dict(depth=1, tangent=False, bias=0.1)),
    "kernel()": (ReLUKernel(1).__call__, dict(X=X, Y=X)),
    "fit": (lambda X, X_prime, **options: KernelSSL(**options).fit(X, X_prime), dict(
        X=X, X_prime=X, n_components=1, kernel="rbf", gamma=1.0, degree=2, coef0=1, kernel_params=None, centre=False,
        solver="dense", tol=0.0, block_size=9, memory=1.0, time=None, scale=0.1, random_state=0,
    )),
    "transform": (KernelSSL(1).fit(X, X).transform, dict(X=X, time=1.0)),
    "trajectories": (KernelSSL(1).fit(X, X).trajectories, dict(times=[0, 1])),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_good_arguments_pass(name):
    call, good = CALLS[name]
    if name != "load":
        call(**good)


@pytest.mark.parametrize("name", CALLS)
@given(st.data())
@settings(max_examples=60)
def test_a_wrong_object_is_refused_in_one_sentence(name, data):
    call, good = CALLS[name]
    wrong = data.draw(st.sampled_from(sorted(good)), label="argument")
    value = data.draw(st.sampled_from(ODD), label="value")
    if (name, wrong) in {("fit", "kernel"), ("fit", "kernel_params")} and callable(value):
        return  # the user's own function may raise what it likes
    if name == "follow" and wrong == "start" and isinstance(value, dict):
        return
    with np.errstate(all="ignore"), contextlib.suppress(SymsslError):
        call(**{**good, wrong: value})
