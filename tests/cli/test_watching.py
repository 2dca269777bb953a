"""What a paper's own functions do in the process of the command ends in time, with a message."""

import json
import subprocess
import sys
import time

import pytest

from symssl.cli.watching import watched
from symssl.errors import OverBudget
from symssl.support.budgets import limited


def endless():
    while True:
        pass


def test_a_loop_is_stopped_where_it_is():
    with pytest.raises(OverBudget, match=r"^the loop took longer than 0.2 s and was stopped: see --time-limit$"):  # noqa: SIM117 - the inner one raises
        with watched(0.2, "the loop", "--time-limit"):
            endless()


def test_what_ends_in_time_is_left_alone():
    with watched(0.3, "the block"):
        value = 3
    with watched(None, "the block"):
        time.sleep(0.4)
    time.sleep(0.2)
    assert value == 3


def test_a_budget_inside_speaks_for_itself():
    with pytest.raises(OverBudget, match="the inner one was stopped"):  # noqa: SIM117 - the inner ones raise
        with watched(30, "the block"), limited(0.1, "the inner one"):
            endless()


SCRIPT = """
import itertools, time
from symssl.cli import watching
watching.PROCESS["ours"] = True
watching._GRACE, watching._LAST = 0.3, {}
with watching.watched(0.3, "the block"):
    {}
print("went on")
"""


@pytest.mark.parametrize(
    "waits, last, said",
    [  # where another thread has its turn it speaks, however late on a busy machine
        ("time.sleep(100)", 45, "symssl: the block took longer than 0.3 s and was stopped"),
        ("sum(itertools.count())", 0.3, "Timeout"),
        ("pass", 45, "went on"),
    ],
)
def test_what_no_exception_stops_ends_the_process(waits, last, said, monkeypatch):
    # Python 3.11 goes round in circles in traced code while an exception waits for a thread that sleeps.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(last, waits)], capture_output=True, text=True, timeout=60, check=False
    )
    assert said in done.stdout + done.stderr and done.returncode == (waits != "pass")
    assert "Traceback" not in done.stderr


PAPER = """
import time
from sympy import symbols
from symssl import Flow
from symssl.claims import Paper
from symssl.simulate import Experiment

x, m = symbols("x m", real=True)

def endless(*arguments):
    while True:
        pass

EXPERIMENT = Experiment("endless", {"eta": 1e-3}, ("none",), endless, endless, endless)
PAPER = Paper(
    "hangs", "T", "c", (), models={"flow": Flow({x: m - x**2}, (m,))}, regimes={"flow": endless},
    experiments={"endless": EXPERIMENT},
)
"""


@pytest.mark.parametrize(
    "args, said",
    [
        (
            ("simulate", "hangs.endless", "--time-limit", "1"),
            "making the learner of hangs.endless took longer than 1 s",
        ),
        (("regimes", "hangs.flow", "--x", "m=-1:1:5"), "names the regimes of hangs.flow took longer than 1 s"),
        (("regimes", "hangs.flow", "--x", "m=-1:1:5", "-o", "m.zarr"), "regimes of hangs.flow took longer than 1 s"),
    ],
)
def test_functions_of_a_paper_without_end(run, tmp_path, monkeypatch, args, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("symssl.cli.options.MODEL_LIMIT", 1.0)
    (tmp_path / "hangs.py").write_text(PAPER)
    code, out, err = run(*args, package=str(tmp_path / "hangs.py"))
    assert (code, out) == (1, "") and said in err and "Traceback" not in err


def test_words_and_imports_without_end(run, tmp_path, monkeypatch):
    """What ends in a worker process and not in this one, and a formula that is never written down."""
    monkeypatch.setattr("symssl.cli.options.IMPORT_LIMIT", 1.0)
    here = "from multiprocessing import parent_process\nwhile parent_process() is None:\n    pass\n"
    (tmp_path / "one.py").write_text(here)
    code, out, err = run("list", package=str(tmp_path / "one.py"))
    assert (code, out) == (2, "") and "the import of one was stopped" in err
    papers = tmp_path / "papers"
    papers.mkdir()
    for name, does in (("two", "while True: pass"), ("three", "raise ZeroDivisionError"), ("four", "return 'o'")):
        (papers / f"{name}.py").write_text(ODD.format(name=name, does=does))
    code, out, err = run("list", "--json", package=str(papers))
    assert code == 1 and [row["id"] for row in json.loads(out)] == ["four.a"] and "Traceback" not in err
    assert "two failed to import: its claims were not put into words within 1 s" in err
    assert "three failed to import: its claims cannot be put into words: ZeroDivisionError" in err


ODD = """
import sympy as sp
from symssl.claims import Claim, Paper, Step, same_value

class Odd(sp.Symbol):
    def _latex(self, printer):
        {does}

def steps(model):
    yield Step("one", sp.Integer(1))

PAPER = Paper("{name}", "T", "c", (Claim("{name}.a", "result", Odd("o"), steps, same_value()),))
"""
