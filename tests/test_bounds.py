"""Sizes that no machine has are refused at once, before memory or time is spent; sizes of NumPy are sizes."""

import time
import tracemalloc

import numpy as np
import pytest
import sympy as sp

from symssl import (
    Flow,
    InputError,
    KernelSSL,
    ModeFlow,
    ModeSum,
    ReLUKernel,
    bifurcation_diagram,
    compile_function,
    find_equilibria,
    gradient_flow,
    real_roots,
    regime_map,
    sq,
)
from symssl.bifurcation import Settings, critical_points, hopf_points, planar_basins, regime_map_to_zarr
from symssl.exact import evaluate, inverse_branch, solve_system
from symssl.matrix import frame_minimum, product_minimum, recheck_gradient
from symssl.simulate import (
    CrossCorrelation,
    HiddenLayer,
    LinearPredictor,
    OrthonormalTrace,
    ReducedTrace,
    SoftmaxContrast,
    crop_pairs,
    digit_classes,
    sampled_cosine_gradient,
    train,
)
from symssl.trajectory import power_trajectory

x, y, k, m = sp.symbols("x y k m", real=True)
p, q = sp.symbols("p q", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
A = sp.MatrixSymbol("A", 2, 2)
CUBIC, FOLD = Flow({x: m + k * x - x**3}, (m, k)), Flow({x: m - x**2}, (m,))
PLANE = Flow({x: -x, y: -y})
FORM = sp.Matrix([[3, 1], [1, -1]])
X = np.random.default_rng(0).standard_normal((6, 3))
MODES = ModeFlow({p: -p * q}, {q: ModeSum(p**2)}, (), n)

SIZES = {  # what is asked for by a number, and a number that is right
    "points of an axis": (lambda s: regime_map(FOLD, {m: (-1, 1, s)}), 3),
    "points of a second axis": (lambda s: regime_map(CUBIC, {m: (-1, 1, 3), k: (0, 1, s)}), 3),
    "points of a curve": (lambda s: regime_map(CUBIC, {m: (-1, 1, 3), k: (-1, 1, 3)}).boundaries(str, s), 9),
    "digits of equilibria": (lambda s: find_equilibria(FOLD, {m: 1}, digits=s), 9),
    "boxes": (lambda s: find_equilibria(FOLD, {m: 1}, within={x: (-2, 2)}, boxes=s), 900),
    "digits of roots": (lambda s: real_roots(x**2 - 2, x, digits=s), 9),
    "digits of critical points": (lambda s: critical_points(FOLD, m, digits=s), 9),
    "digits of Hopf points": (lambda s: hopf_points(Flow({x: m * x - y, y: x + m * y}, (m,)), m, digits=s), 9),
    "digits of a coordinate": (solve_system([x**2 - 2], [x])[0].values[x].bounds, 9),
    "bits of an enclosure": (solve_system([x**2 - 2], [x])[0].values[x].enclosure, 64),
    "bits of a value": (lambda s: evaluate(sp.sqrt(x), {x: 2}, bits=s), 64),
    "order of a series": (lambda s: inverse_branch(x - k * x**2, x, y).coefficients(s), 3),
    "points of a branch": (lambda s: bifurcation_diagram(FOLD, m, (-1, 1), settings=Settings(points=s)), 9),
    "samples of a step": (lambda s: Settings(samples=s), 9),
    "basins": (lambda s: planar_basins(PLANE, {x: (-1, 1), y: (-1, 1)}, n=s, time=1.0), 2),
    "degree of invariants": (PLANE.invariants, 1),
    "degree of laws": (lambda s: gradient_flow(sq(A), A).laws(s), 1),
    "copies of modes": (MODES.expand, 2),
    "shapes": (lambda s: recheck_gradient(sq(A) / 2, {A: -A}, shapes=s), 1),
    "columns of a frame": (lambda s: frame_minimum(FORM, s), 1),
    "hidden units": (lambda s: product_minimum(FORM, 1, s), 2),
    "block": (lambda s: compile_function(x, x, block=s)(np.ones(3)), 2),
    "times at once": (lambda s: next(power_trajectory(Flow({p: p - p**3})).chunks([0, 1], 0.1, size=s)), 3),
    "steps": (lambda s: train(CrossCorrelation(np.eye(3), 2, 0.1), steps=s, eta=0.1), 2),
    "components": (lambda s: CrossCorrelation(np.eye(3), s), 2),
    "h": (lambda s: LinearPredictor(s, 3, rng=0), 2),
    "d": (lambda s: LinearPredictor(2, s, rng=0), 2),
    "batch": (lambda s: LinearPredictor(2, 3, batch=s, rng=0), 2),
    "samples of a learner": (lambda s: LinearPredictor(2, 3, samples=s, rng=0), 2),
    "width": (lambda s: OrthonormalTrace(np.eye(3), 1, width=s), 4),
    "layers": (lambda s: ReducedTrace([0, 1], 1, layers=s), 2),
    "outputs": (lambda s: HiddenLayer(X, X, X, outputs=s, width=3), 1),
    "layers of a contrast": (lambda s: SoftmaxContrast(X, X, layers=s), 2),
    "pairs": (lambda s: crop_pairs(s, size=2, window=3, photographs=[np.arange(16.0).reshape(4, 4, 1)]), 2),
    "digits of a class": (lambda s: digit_classes(samples=s), 2),
    "samples of a gradient": (lambda s: sampled_cosine_gradient([1.0, 2], [1.0, 1], [0.5, 0], s, 0), 3),
    "depth": (lambda s: ReLUKernel(s)(X, X), 1),
    "components of a kernel": (lambda s: KernelSSL(s).fit(X, X), 1),
}
NOT_ALL = {"block", "times at once"}  # more than there is asks for nothing
WRONG = [-1, float("nan"), float("inf"), True, 1.5, "3", None, 2j, [3], np.ones(2)]
NONE_IS_ALL = {"points of a branch", "samples of a step", "width"}


def refused(call, size):
    """Whether a size is refused; that it is so at once, and in a message of a decent length."""
    started = time.process_time()
    tracemalloc.start()
    told = None
    try:
        call(size)
    except InputError as error:
        told = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 50e6 and time.process_time() - started < 5
    return told is not None and len(told) < 300


@pytest.mark.parametrize("name", SIZES)
def test_absurd_sizes_are_refused_before_anything_is_spent(name):
    call, _ = SIZES[name]
    if name not in NOT_ALL:
        for size in (10**30, 10**400, 10**12 + 1):
            assert refused(call, size), size
    for size in WRONG:
        if not (size is None and name in NONE_IS_ALL):
            assert refused(call, size), size


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_numpy_and_sympy_are_sizes(name):
    call, right = SIZES[name]
    for kind in (int, np.int64, np.int32, sp.Integer):
        call(kind(right))


@pytest.mark.parametrize("points", [(10**6, 10**7), (10**5, 10**5, 10**5)])
def test_a_map_larger_than_memory_names_its_count_and_the_remedy(points, tmp_path):
    flow = Flow({x: m + k * x - p * x**3}, (m, k, p))
    axes = {s: (1, 2, count) for s, count in zip((m, k, p), points)}
    values = {s: 1 for s in (m, k, p) if s not in axes}
    with pytest.raises(InputError, match=r"the map asks for about 10\^1[35] numbers.*regime_map_to_zarr"):
        regime_map(flow, axes, values)
    with pytest.raises(InputError, match="the axis m asks for"):
        regime_map_to_zarr(flow, {**axes, m: (0, 1, 10**12)}, tmp_path / "map.zarr", values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Flow({x: -(x ** (10**9))}),
        lambda: real_roots(x ** (10**9) - 1, x),
        lambda: real_roots((x + 1) ** (10**5), x),
        lambda: solve_system([x ** (10**9) - y, y - 1], [x, y]),
        lambda: CUBIC.lie(x ** (10**9)),
        lambda: CUBIC.retime(1 + x ** (10**6)),
    ],
)
def test_powers_that_fill_the_memory_are_refused(call):
    started = time.process_time()
    with pytest.raises(InputError, match="has a power of"):
        call()
    assert time.process_time() - started < 2
