"""The program msolve: what is written to it, what is read from it, and that it is stopped."""

import os
import shutil
import stat
import time

import pytest
import sympy as sp
from sympy.abc import x, y

from symssl.errors import NotIsolated, OverBudget, Refusal
from symssl.exact.msolve import boxes_by_msolve, has_msolve
from symssl.exact.polynomial_systems import solve_system

SYSTEM = [x**2 + y**2 / 3 - 3, x * y - 1]
ANSWER = """[0, [1,
[[[-3 / 2^1, -5 / 2^2], [-1, -1]], [[5 / 2^2, 3 / 2^1], [1, 1]]]
]]:"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A program of that name which copies its input and prints an answer."""

    def install(answer, code=0, before=""):
        (tmp_path / "answer").write_text(answer)
        program = tmp_path / "msolve"
        copy = f'cp "$2" {tmp_path}/input'
        program.write_text(f"#!/bin/sh\n{copy}\n{before}\ncat {tmp_path}/answer\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return tmp_path

    return install


def test_what_is_written_and_read(fake):
    folder = fake(ANSWER)
    half = sp.Rational(1, 2)
    assert boxes_by_msolve(SYSTEM, [x, y]) == [
        {x: (-3 * half, -5 * half / 2), y: (-1, -1)},
        {x: (5 * half / 2, 3 * half), y: (1, 1)},
    ]
    assert (folder / "input").read_text() == "x0,x1\n0\n3*x0^2+1*x1^2-9,\n1*x0^1*x1^1-1\n"


def test_poles_are_inverted_by_one_more_unknown(fake):
    folder = fake("[0, [1, [[[1, 1], [2, 2], [3, 3]]]]]:")
    assert boxes_by_msolve(SYSTEM, [x, y], nonzero=[x, x * y]) == [{x: (2, 2), y: (3, 3)}]
    assert (folder / "input").read_text().endswith("1*x0^1*x1^1*x2^1-1\n")


def test_every_other_answer(fake):
    fake("[-1]:")
    assert boxes_by_msolve(SYSTEM, [x, y]) == []
    fake("[0, [1,\n[]\n]]:")
    assert boxes_by_msolve(SYSTEM, [x, y]) == []
    fake("[1, 2, -1, []]:")
    with pytest.raises(NotIsolated):
        boxes_by_msolve(SYSTEM, [x, y])
    few, many, turned = "[[[0, 1]]]", "[[[0, 1], [0, 1], [0, 1]]]", "[[[1, 0], [0, 1]]]"
    huge = "[[[0, 1 / 2^99999999999999], [0, 1]]]"
    damaged = ["", "[0, [1", "hello", "[0, [1, [7]]]:", "[0]", "[0] [0]", "é", "[" * 100_000, "[" * 9999 + "]" * 9999]
    for answer in [*damaged, *(f"[0, [1, {boxes}]]:" for boxes in (few, many, turned, huge))]:
        fake(answer)
        with pytest.raises(Refusal, match="unknown form"):
            boxes_by_msolve(SYSTEM, [x, y])
    fake(ANSWER, code=3)
    with pytest.raises(Refusal, match="exit code 3"):
        boxes_by_msolve(SYSTEM, [x, y])


def test_it_is_stopped(fake):
    fake(ANSWER, before="exec sleep 60")
    with pytest.raises(OverBudget, match="msolve was stopped"):
        boxes_by_msolve(SYSTEM, [x, y], budget=0.3)


def test_numbers_may_have_any_number_of_digits(fake):
    """Python's own conversion of text stops at some thousand."""
    long = sp.Integer(7) ** 6000
    folder = fake(f"[0, [1, [[[{sp.Integer(7)}, {'9' * 6000} / 2^9], [-1, 1]]]]]:")
    ((box),) = boxes_by_msolve([long * x - 1, y], [x, y])
    assert box[x] == (7, sp.Rational(10**6000 - 1, 2**9)) and box[y] == (-1, 1)
    assert len((folder / "input").read_text()) > 5000


def test_whoever_wraps_it_is_stopped_with_it(fake, tmp_path):
    """A script that starts the program as another process, which keeps the output open."""
    fake(ANSWER, before=f"(sleep 5; touch {tmp_path}/late)")
    begun = time.monotonic()
    with pytest.raises(OverBudget, match="msolve was stopped"):
        boxes_by_msolve(SYSTEM, [x, y], budget=0.3)
    assert time.monotonic() - begun < 4.5
    time.sleep(max(0.0, begun + 6 - time.monotonic()))
    assert not (tmp_path / "late").exists()


def test_what_cannot_be_started_or_prints_without_end(fake, tmp_path):
    fake(ANSWER, before="yes")
    with pytest.raises((OverBudget, Refusal)):
        boxes_by_msolve(SYSTEM, [x, y], budget=5)
    (tmp_path / "msolve").write_text("no program")
    with pytest.raises(Refusal, match="cannot be started"):
        boxes_by_msolve(SYSTEM, [x, y])


def test_where_it_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert not has_msolve()
    with pytest.raises(Refusal, match="not installed"):
        boxes_by_msolve(SYSTEM, [x, y])


@pytest.mark.skipif(shutil.which("msolve") is None, reason="msolve is not installed")
def test_it_agrees_with_the_exact_solutions():
    boxes = boxes_by_msolve(SYSTEM, [x, y])
    exact = solve_system(SYSTEM, [x, y])
    assert len(boxes) == len(exact)
    for box in boxes:
        assert any(
            all(lo <= s.values[v].bounds(30)[1] and s.values[v].bounds(30)[0] <= hi for v, (lo, hi) in box.items())
            for s in exact
        )
