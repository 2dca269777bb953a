"""Regime maps: right at the fold, against exact fractions and NumPy's roots; storage that survives a kill."""

import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from symssl import Flow
from symssl.bifurcation import open_map, regime_map, regime_map_to_zarr
from symssl.errors import InputError, Refusal, SymsslError

p, u = sp.symbols("p u", real=True)
m, k = sp.symbols("m k", real=True)
rho, a, b = sp.symbols("rho a b", positive=True)
s2 = sp.Symbol("s2", nonnegative=True)
c = sp.Symbol("c", real=True)
SIXTH = Flow({p: (p**2 / (a * b) - c * p**3 / b**2 - 2 * p**6 / (a * b**3)) / (1 + s2) - rho * p}, (rho, a, b, c, s2))
CUBIC = Flow({p: p**2 * (1 - (1 + s2) * p) - rho * p}, (rho, s2))
HYSTERESIS = Flow({u: m + k * u - u**3}, (m, k))
positive = st.floats(0.25, 4)


def number(pattern):
    return pattern.number


# --- against independent counts -----------------------------------------------------------


@given(st.floats(-2, 2), st.floats(0.3, 3), st.sampled_from(["discriminant", "sturm"]))
def test_numbers_against_numpy_roots(shift, width, method):
    axes = {m: (shift - width, shift + width, 14), k: (-1.0, 2.0, 13)}
    found = regime_map(HYSTERESIS, axes, method=method)
    codes, names = found.labelled(number)
    for i, mv in enumerate(found.axes["m"]):
        for j, kv in enumerate(found.axes["k"]):
            roots = np.roots([-1, 0, kv, mv])
            if np.abs(27 * mv**2 - 4 * kv**3) > 1e-6:  # away from the fold, where NumPy is right
                assert int(names[codes[i, j]]) == (np.abs(roots.imag) < 1e-7).sum()


fraction = st.fractions(Fraction(1, 4), 4, max_denominator=20)


@given(fraction, fraction, st.fractions(-1, 1, max_denominator=9), st.fractions(0, 2, max_denominator=9), fraction)
def test_both_methods_agree_on_the_sixth_degree(a_, b_, c_, s_, width):
    values = {a: a_, c: c_, s2: s_}
    axes = {rho: (0.01, float(width), 23), b: (0.3 * float(b_), 2 * float(b_), 19)}
    one, other = (regime_map(SIXTH, axes, values, method=method) for method in ("discriminant", "sturm"))
    assert np.array_equal(*(np.array(q.labelled(str)[1])[q.labelled(str)[0]] for q in (one, other)))


def fold_of_sixth(a_, b_, c_, s_):
    """rho at the fold as an exact function of p: F/p = 0 solved for rho, at the p where its slope vanishes."""
    level = (p / (a * b) - c * p**2 / b**2 - 2 * p**5 / (a * b**3)) / (1 + s2)
    at = level.subs({a: sp.Rational(a_), b: sp.Rational(b_), c: sp.Rational(c_), s2: sp.Rational(s_)})
    slope = sp.Poly(sp.numer(sp.together(sp.diff(at, p))), p)
    root = max(slope.real_roots())
    return at.subs(p, root)


@given(positive, positive, st.floats(-1, 1), st.floats(0, 2))
@example(1.0, 1.5, 1.0, 2.225073858507e-311)
def test_near_the_fold_of_the_sixth_degree(a_, b_, c_, s_):
    """Cells at relative distances down to one unit in the last place are right for the stored doubles."""
    exact = fold_of_sixth(a_, b_, c_, s_)
    centre = float(exact.evalf(40))
    assume(centre > 1e-3)
    offsets = [1e-12, 1e-14, 1e-15]
    cells = sorted(
        {
            *(centre * (1 - d) for d in offsets),
            *(centre * (1 + d) for d in offsets),
            np.nextafter(centre, 0),
            centre,
            np.nextafter(centre, 2 * centre),
        }
    )
    for method in ("discriminant", "sturm"):
        found = regime_map(SIXTH, {rho: np.array(cells)}, {a: a_, b: b_, c: c_, s2: s_}, method=method)
        codes, names = found.labelled(number)
        reference = exact.evalf(60)
        wanted = [4 if sp.Rational(cell) < reference else 2 for cell in cells]
        assert [int(names[code]) for code in codes] == wanted


@given(st.floats(0, 3))
def test_near_the_fold_of_the_cubic(s_):
    exact = Fraction(1, 4) / (1 + Fraction(s_))
    centre = float(exact)
    cells = sorted(
        {
            centre * (1 - 1e-12),
            centre * (1 - 1e-15),
            np.nextafter(centre, 0),
            centre,
            np.nextafter(centre, 1),
            centre * (1 + 1e-15),
            centre * (1 + 1e-12),
        }
    )
    found = regime_map(CUBIC, {rho: np.array(cells)}, {s2: s_})
    codes, names = found.labelled(number)
    wanted = [3 if Fraction(cell) < exact else 1 if Fraction(cell) > exact else 2 for cell in cells]
    assert [int(names[code]) for code in codes] == wanted


def test_a_cell_on_the_fold_has_a_code_of_its_own():
    found = regime_map(CUBIC, {rho: (0.125, 0.375, 9)}, {s2: 0})
    assert found.classes.tolist()[:4] == [found.classes[0]] * 4 and (found.classes == found.classes[4]).sum() == 1
    assert found.patterns[int(found.classes[4])].stability == ("stable", "half-stable")
    assert found.rechecked == 1


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.floats(0.1, 10))
def test_coefficients_of_any_size(one, other, width):
    """one m + other k > 0 decides: neither coefficient divides the other."""
    flow = Flow({u: one * m + other * k - u**2}, (m, k))
    found = regime_map(flow, {m: (-width, 1.01 * width, 7), k: (-1.0, 1.02, 8)})
    codes, names = found.labelled(number)
    for i, mv in enumerate(found.axes["m"]):
        for j, kv in enumerate(found.axes["k"]):
            value = one * Fraction(mv) + other * Fraction(kv)
            assert int(names[codes[i, j]]) == (value > 0) * 2 + (value == 0)


# --- labels, counts, containers -----------------------------------------------------------


def test_relabelling_computes_nothing(monkeypatch):
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)})
    monkeypatch.setattr("symssl.bifurcation.regimes.fill", None)
    monkeypatch.setattr("symssl.bifurcation.chambers.count_at_numbers", None)
    assert sum(found.counts(number).values()) == 930
    assert set(found.counts(lambda q: "several" if q.number > 1 else "one")) == {"several", "one"}


def test_a_map_carries_its_label():
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)}, label=number)
    assert found.counts() == found.counts(number) != found.counts(str)
    assert found.to_xarray().attrs["method"] == "discriminant" and set(found.labelled()[1]) == {"1", "3"}
    with pytest.raises(InputError, match="function of a Pattern"):
        regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)}, label="number")


def test_kept_chambers_are_those_of_the_values(monkeypatch):
    """What is kept for later maps depends on values and axes, and a second map counts nothing again."""
    axes = {rho: (0.05, 0.5, 9), b: (0.5, 2, 8)}
    first = regime_map(SIXTH, axes, {a: 1, c: 0, s2: 1}, label=number)
    other = regime_map(SIXTH, axes, {a: 1, c: 0, s2: 0}, label=number)
    assert first.counts() != other.counts()
    monkeypatch.setattr("symssl.bifurcation.chambers.count_at_numbers", None)
    assert np.array_equal(regime_map(SIXTH, axes, {a: 1.0, c: 0.0, s2: 1.0}).classes, first.classes)


def test_one_and_three_axes():
    three = regime_map(SIXTH, {rho: (0.01, 0.5, 5), b: (0.5, 2, 6), c: (-1.0, 1.0, 7)}, {a: 1, s2: 0})
    assert three.classes.shape == (5, 6, 7)
    for i, value in enumerate(three.axes["rho"]):
        plane = regime_map(SIXTH, {b: (0.5, 2, 6), c: (-1.0, 1.0, 7)}, {a: 1, s2: 0, rho: float(value)})
        left, right = (np.array(q.labelled(str)[1])[q.labelled(str)[0]] for q in (three, plane))
        assert np.array_equal(left[i], right)


def test_xarray_with_flags():
    import xarray

    found = regime_map(CUBIC, {rho: (0.125, 0.375, 9)}, {s2: 0})
    data = found.to_xarray(number)
    assert isinstance(data, xarray.Dataset) and data.regime.dims == ("rho",)
    assert len(data.regime.flag_meanings.split()) == len(data.regime.flag_values) == 3
    assert data.attrs["fixed_s2"] == "0"


def test_boundaries_are_zeros_of_the_discriminant():
    found = regime_map(HYSTERESIS, {m: (-1, 1, 30), k: (-1, 3, 31)})
    curves = found.boundaries(points=60)
    assert curves
    for x, y in curves:
        inside = np.isfinite(x) & np.isfinite(y)
        assert 27 * x[inside] ** 2 == pytest.approx(4 * y[inside] ** 3, abs=1e-9)


@pytest.mark.parametrize(
    "axes, values, word",
    [
        ({}, {}, "at least one axis"),
        ({m: (0, 1, 1), k: (0, 1, 5)}, {}, "two points"),
        ({m: (1, 0, 5), k: (0, 1, 5)}, {}, "reversed"),
        ({m: (0, float("nan"), 5), k: (0, 1, 5)}, {}, "not finite"),
        ({m: np.array([0.0, 0.0, 1.0]), k: (0, 1, 5)}, {}, "increasing"),
        ({m: (0, 1, 5)}, {}, "give a value to the parameter k"),
        ({m: (0, 1, 5)}, {k: 1, m: 2}, "is an axis"),
        ({"mm": (0, 1, 5)}, {k: 1}, "did you mean m"),
        ({m: (0, 1, 5)}, {k: float("inf")}, "infinite"),
    ],
)
def test_bad_axes(axes, values, word):
    with pytest.raises(InputError, match=word):
        regime_map(HYSTERESIS, axes, values)


def test_an_axis_must_keep_the_assumptions():
    with pytest.raises(InputError, match="positive"):
        regime_map(CUBIC, {rho: (0.0, 1, 5)}, {s2: 0})


def test_fields_without_chambers_are_refused():
    v = sp.Symbol("v", real=True)
    several = Flow({u: m - v, v: u}, (m,))
    with pytest.raises(Refusal, match="one state"):
        regime_map(several, {m: (0, 1, 5)}, method="discriminant")
    with pytest.raises(Refusal, match="each of the 30000 cells"):
        regime_map(several, {m: (0, 1, 30_000)})
    with pytest.raises(InputError, match="give a box"):
        regime_map(Flow({u: sp.exp(u) - m}, (m,)), {m: (0, 1, 5)})
    with pytest.raises(InputError, match="choose 'auto', 'discriminant'"):
        regime_map(HYSTERESIS, {m: (0, 1, 5)}, {k: 1}, method="guess")


# --- a census of every cell -----------------------------------------------------------------


@given(st.floats(-1, 1), st.floats(0.3, 2))
def test_a_census_agrees_with_the_chambers(shift, width):
    axes = {m: (shift - width, shift + width, 5), k: (-1.0, 2.0, 4)}
    one, other = regime_map(HYSTERESIS, axes), regime_map(HYSTERESIS, axes, method="census")
    assert np.array_equal(texts(one), texts(other)) and other.rechecked == 20 and other.method == "census"


def test_the_brusselator_on_and_beside_its_hopf_curve():
    """u' = a - (b + 1) u + u^2 v, v' = b u - u^2 v loses stability at b = 1 + a^2, exact in doubles at a = 1/2, 1, 3/2."""
    v, A, B = sp.symbols("v A B", real=True)
    flow = Flow({u: A - (B + 1) * u + u**2 * v, v: B * u - u**2 * v}, (A, B))
    with ThreadPoolExecutor(2) as executor:
        told = []
        found = regime_map(
            flow,
            {A: (0.5, 1.5, 3), B: np.array([1.0, 1.25, 2.0, 3.25, 4.0])},
            executor=executor,
            progress=lambda done, total: told.append((done, total)),
        )
    wanted = [
        ["stable" if b_ < 1 + a_**2 else "nonhyperbolic" if b_ == 1 + a_**2 else "unstable" for b_ in found.axes["B"]]
        for a_ in found.axes["A"]
    ]
    assert texts(found).tolist() == wanted and told[-1] == (15, 15)


def test_a_census_names_the_cells_with_a_continuum_of_equilibria():
    """x' = k x - x (x^2 + y^2), y' = y - y (x^2 + y^2): at k = 1 a circle of equilibria."""
    x, y = sp.symbols("x y", real=True)
    circle = Flow({x: k * x - x * (x**2 + y**2), y: y - y * (x**2 + y**2)}, (k,))
    found = regime_map(circle, {k: (Fraction(1, 2), Fraction(3, 2), 5)})
    names = texts(found).tolist()
    assert names[2] == "not isolated" and [name.split(", ").count("stable") for name in names] == [2, 2, 0, 2, 2]


def test_a_census_in_a_box():
    found = regime_map(Flow({u: sp.exp(u) - m - u}, (m,)), {m: np.array([0.5, 1.0, 2.0])}, within={u: (-3, 3)})
    assert texts(found).tolist() == ["none", "perhaps more", "stable, unstable"]  # a double zero cannot be proved there


# --- storage ------------------------------------------------------------------------------

AXES = {rho: (0.01, 0.5, 120), b: (0.5, 2, 90)}
VALUES = {a: 1, c: sp.Rational(1, 2), s2: sp.Rational(1, 4)}


def texts(found):
    codes, names = found.labelled(str)
    return np.array(names)[codes]


@pytest.mark.parametrize("chunk", [(50, 40), (120, 90), (7, 90)])
def test_stored_map_equals_the_map(tmp_path, chunk):
    stored = regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=chunk)
    whole = regime_map(SIXTH, AXES, VALUES)
    assert np.array_equal(texts(stored.load()), texts(whole)) and stored.counts() == whole.counts()


def test_boundary_cells_in_chunks(tmp_path):
    axes = {rho: (0.125, 0.375, 9), s2: (0.0, 1.0, 5)}
    stored = regime_map_to_zarr(CUBIC, axes, tmp_path / "m.zarr", chunk=(4, 3))
    assert np.array_equal(texts(stored.load()), texts(regime_map(CUBIC, axes)))
    assert stored.counts(number)["2"] == 2


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(2)])
def test_any_executor(tmp_path, make):
    told = []
    with make() as executor:
        stored = regime_map_to_zarr(
            SIXTH,
            AXES,
            tmp_path / "m.zarr",
            VALUES,
            chunk=(50, 40),
            executor=executor,
            progress=lambda done, total: told.append((done, total)),
        )
    assert np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))
    assert told[0] == (0, 10800) and told[-1] == (10800, 10800) and sorted(told) == told


class Failing(ThreadPoolExecutor):
    """Fails on some of its tasks."""

    broken = True

    def submit(self, function, *args):
        if self.broken and sum(args[1]) % 2:
            return super().submit(lambda: 1 / 0)
        return super().submit(function, *args)


def test_failed_chunks_are_named_and_a_rerun_continues(tmp_path, monkeypatch):
    with Failing(1) as executor:
        with pytest.raises(SymsslError, match="run again to continue"):
            regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45), executor=executor)
        with pytest.raises(InputError, match="not finished"):
            open_map(tmp_path / "m.zarr")
        executor.broken = False
        told = []
        stored = regime_map_to_zarr(
            SIXTH,
            AXES,
            tmp_path / "m.zarr",
            VALUES,
            chunk=(60, 45),
            executor=executor,
            progress=lambda done, total: told.append(done),
        )
    assert told[0] == 5400 and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


def test_a_full_disk_keeps_what_is_finished(tmp_path, monkeypatch):
    from zarr import Array

    whole, written = Array.__setitem__, []

    def full(array, selection, value):
        if array.ndim == 2:  # a chunk of the map, not an axis
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(selection)
        whole(array, selection, value)

    with monkeypatch.context() as patch:
        patch.setattr(Array, "__setitem__", full)
        with pytest.raises(SymsslError, match="No space left on device; finished chunks are kept"):
            regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45))
    told = []
    stored = regime_map_to_zarr(
        SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45), progress=lambda done, total: told.append(done)
    )
    assert told[0] == 2 * 60 * 45
    assert np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


def test_another_map_is_not_continued(tmp_path):
    regime_map_to_zarr(SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(60, 45))
    with pytest.raises(InputError, match="overwrite"):
        regime_map_to_zarr(CUBIC, {rho: (0.1, 0.3, 5), s2: (0.0, 1.0, 5)}, tmp_path / "m.zarr")
    (tmp_path / "note.txt").write_text("kept")
    with pytest.raises(InputError, match="overwrite"):
        regime_map_to_zarr(SIXTH, AXES, tmp_path / "note.txt", VALUES)
    with pytest.raises(InputError, match="no Zarr store"):
        regime_map_to_zarr(SIXTH, AXES, tmp_path / "note.txt", VALUES, overwrite=True)
    assert (tmp_path / "note.txt").read_text() == "kept"
    stored = regime_map_to_zarr(CUBIC, {rho: (0.1, 0.3, 5), s2: (0.0, 1.0, 5)}, tmp_path / "m.zarr", overwrite=True)
    assert sum(stored.counts().values()) == 25


SCRIPT = """
import sys, time
import sympy as sp
sys.path.insert(0, {tests!r})
from test_regimes import SIXTH, AXES, VALUES
from symssl.bifurcation import regime_map_to_zarr
regime_map_to_zarr(SIXTH, AXES, {path!r}, VALUES, chunk=(10, 90), progress=lambda done, total: (print(done, flush=True),
                                                                                               time.sleep(0.2)))
"""


def test_sigkill_loses_no_finished_chunk(tmp_path):
    path = str(tmp_path / "m.zarr")
    script = SCRIPT.format(tests=os.path.dirname(__file__), path=path)
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))),
    )
    seen = [int(run.stdout.readline()) for _ in range(4)]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert seen[-1] >= 2700
    told = []
    stored = regime_map_to_zarr(
        SIXTH, AXES, path, VALUES, chunk=(10, 90), progress=lambda done, total: told.append(done)
    )
    assert told[0] >= seen[-1] and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))


@pytest.mark.slow
def test_a_dask_cluster_and_a_killed_worker(tmp_path):
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        killed = []

        def progress(done, total):
            if done and not killed:
                worker = next(iter(cluster.workers.values()))
                killed.append(worker)
                os.kill(worker.process.pid if hasattr(worker, "process") else worker.pid, signal.SIGKILL)

        stored = regime_map_to_zarr(
            SIXTH, AXES, tmp_path / "m.zarr", VALUES, chunk=(10, 30), client=client, progress=progress
        )
        assert killed and np.array_equal(texts(stored.load()), texts(regime_map(SIXTH, AXES, VALUES)))
    time.sleep(0.1)
