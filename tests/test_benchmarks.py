"""The benchmarks import without their peers, and what they compare with is right."""

from fractions import Fraction
from importlib import import_module

import mpmath
import numpy as np
import pytest
import sympy as sp

from benchmarks import counting, diagrams, expectation, modes, regimes, sextic, timing
from benchmarks.__main__ import GROUPS


def test_every_group_can_be_run():
    assert all(callable(import_module(f"benchmarks.{group}").run) for group in GROUPS)


def test_fold_of_the_field():
    at = {**sextic.VALUES, sextic.s2: sp.Rational(7, 10)}
    field = sextic.FIELD.subs(at)
    expected = sextic.fold_at(Fraction(7, 10))
    with mpmath.workdps(60):
        both = sp.lambdify((sextic.p, sextic.rho), (field, field.diff(sextic.p)), "mpmath")
        _, fold = mpmath.findroot(both, (0.48, 0.18))
        assert abs(fold - mpmath.mpf(expected.numerator) / expected.denominator) < 1e-48


@pytest.mark.parametrize("s2", [0.05, 0.25])
def test_start_of_the_peers(s2):
    at = {**sextic.VALUES, sextic.s2: s2, sextic.p: sextic.first_state(s2), sextic.rho: sextic.RHO[0]}
    assert abs(sextic.FIELD.subs(at)) < 1e-17


@pytest.mark.parametrize("name", counting.RIVALS)
def test_rivals_count_right_away_from_folds(name):
    rho, b = np.array([0.05, 0.25, 0.4])[:, None], np.array([0.5, 2.0])[None, :]
    assert counting.RIVALS[name][0](1.0, b, 0.5, 0.25, rho).tolist() == [[2, 2], [2, 0], [0, 0]]


def test_cells_near_folds_and_their_counts():
    cells, truth = regimes.near_fold(3)
    assert (
        set(truth.tolist()) == {0, 2}
        and (counting.RIVALS["python-flint exact discriminant"][0](*cells.T) == truth).all()
    )


def test_errors_are_those_of_the_worst_fold():
    right = float(sextic.FOLD)
    assert diagrams.error([(0.25, right)]) < 1e-16
    assert diagrams.error([(0.25, right), (0.25, right * (1 + 1e-6))]) == pytest.approx(1e-6, rel=1e-6)


def test_reference_for_one_mode_is_the_arcsine():
    """E sign(u) sign(v) = (2/pi) arcsin(correlation)."""
    with mpmath.workdps(25):
        (alignment,), (projection,) = expectation.reference([2.0], [0.5], [0.75], 0.25, 9)
        exact = 2 / mpmath.pi * mpmath.asin(mpmath.mpf("0.75"))
        assert abs(alignment - exact) < 1e-9 and abs(projection - exact) < 1e-9


def test_dense_rival_follows_the_branch_of_the_modes():
    z = modes.dense(20, 7, True)
    assert z[-1] == pytest.approx(7 / modes.POINTS) and z[:-1] == pytest.approx(modes.exact(20, z[-1]), abs=1e-14)


def test_a_peer_that_is_missing_is_told_in_one_line(capsys):
    def missing():
        raise timing.NotInstalled

    assert list(timing.installed(("AUTO-07p", missing), ("other", lambda: 1))) == [1]
    assert capsys.readouterr().out.split() == ["AUTO-07p", "not", "installed"]
