"""The command line as a whole: help, one-line errors, exit codes, interrupts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symssl.cli.main import main

TOY = Path(__file__).parents[1] / "toy"


def one_line(err):
    lines = [line for line in err.splitlines() if line.strip()]
    return len(lines) == 1 and lines[0].startswith("symssl: ") and "Traceback" not in err


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom symssl.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'matplotlib', 'rich', 'flint', 'mpmath'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert "reproduce" in done.stdout


@pytest.mark.parametrize(
    "command", ["list", "summary", "verify", "errata", "cache", "show", "latex", "figure", "audit", "reproduce"]
)
def test_every_command_has_examples(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"symssl {command}" in out.split("Examples:")[1]


def test_no_command_shows_the_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 0
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "args, part",
    [
        (["verfy"], "verfy"),
        (["verify", "garden.flwo"], "did you mean garden.flow"),
        (["verify", "nonsense_far_away"], "symssl list"),
        (["verify", "--no-such-option"], "--no-such-option"),
        (["verify", "-j", "0"], "-j"),
        (["verify", "-j", "two"], "two"),
        (["verify", "--time-limit", "1/0"], "1/0"),
        (["verify", "--time-limit", "__import__('os')"], "not a number"),
        (["verify", "--time-limit", "-5"], "positive"),
        (["verify", "--time-limit", "nan"], "nan"),
        (["show"], "ID"),
        (["show", "garden"], "garden"),
        (["latex"], "Missing argument"),
        (["latex", "garden", "--model", "cubic"], "quartic"),
        (["latex", "garden", "--set", "b=1"], "--model"),
        (["latex", "garden", "--model", "quartic", "--set", "b"], "name=number"),
        (["latex", "garden", "--model", "quartic", "--set", "b=w"], "number"),
        (["latex", "garden", "--model", "quartic", "--set", "zz=1"], "zz"),
        (["figure", "garden", "lien"], "line"),
        (["figure", "gardn"], "garden"),
        (["reproduce"], "PAPER"),
        (["reproduce", "gardn", "-o", "never"], "garden"),
    ],
)
def test_bad_usage_is_one_line(run, args, part):
    code, _out, err = run(*args)
    assert code == 2 and one_line(err) and part in err, err
    assert not Path("never").exists()


def test_no_such_package(run):
    code, _, err = run("list", package="no_such_package")
    assert code == 2
    assert one_line(err)


def test_a_paper_that_fails_to_import_is_named_and_the_rest_runs(run, papers):
    package = papers.parent / "half_papers"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("")
    (package / "bad.py").write_text("import nothing_like_this")
    (package / "good.py").write_text(
        "from symssl.claims import Claim, Paper, Step\nfrom symssl.claims.deciders import same_value\n"
        "def steps(model):\n    yield Step('count', len('ab'))\n"
        "PAPER = Paper('good', 'T', 'c', (Claim('good.a', 'result', 2, steps, same_value()),))\n"
    )
    code, out, err = run("verify", package="half_papers")
    assert code == 1
    assert "bad failed to import" in err
    assert "good.a" in out
    assert "holds" in out


SLOW = (
    "import time\nfrom symssl.claims import Claim, Paper, Step\nfrom symssl.claims.deciders import same_value\n"
    "def quick(model):\n    yield Step('count', len('ab'))\n"
    "def slow(model):\n    time.sleep(600)\n    yield Step('count', 2)\n"
    "PAPER = Paper('slow', 'T', 'c', (Claim('slow.a', 'result', 2, quick, same_value()),\n"
    "                                Claim('slow.b', 'result', 2, slow, same_value())))\n"
)


@pytest.fixture
def slow(tmp_path):
    for package in ("slow_papers", "slow_figures"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "slow_papers" / "slow.py").write_text(SLOW)
    (tmp_path / "slow_figures" / "slow.py").write_text("FIGURES = {}\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}

    def start(*args):
        # under nohup or behind & the interrupt key is ignored, and what is ignored here is ignored in a child
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "symssl", "--derivations", "slow_papers", "--figures", "slow_figures", *args],
                cwd=tmp_path,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)

    return start


def test_an_interrupt_leaves_nothing_behind(slow, tmp_path):
    """Ctrl-C reaches the whole group, as from a terminal; no worker and no half-written file remains."""
    process = slow("reproduce", "slow", "-o", "out", "-j", "2")
    while "slow.a" not in process.stderr.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=300)  # half of what the claim would take
    assert process.returncode == 130
    assert err.strip().splitlines()[-1] == "symssl: interrupted"
    assert "Traceback" not in err
    assert [p for p in (tmp_path / "out").rglob("*") if p.is_file()] == []
    for _ in range(600):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("a worker outlived the interrupt")


def test_time_limits_leave_a_claim_open(slow):
    for limit in ("3/2", "15", "150"):  # on a busy machine the quick claim may need longer; the slow one always does
        process = slow("verify", "--json", "--time-limit", limit, "-j", "1", "--no-cache")
        out, _err = process.communicate(timeout=500)
        rows = {row["id"]: row for row in json.loads(out)}
        if "time limit" not in rows["slow.a"]["reason"]:
            break
    assert rows["slow.a"]["verdict"] == "holds"
    assert rows["slow.b"]["verdict"] == "open"
    assert "time limit" in rows["slow.b"]["reason"]
    assert process.returncode == 1


def test_a_reader_that_goes_away(slow):
    process = slow("list")
    process.stdout.close()
    assert process.wait(timeout=300) in (0, 1)
    assert "Traceback" not in process.stderr.read()


def test_a_reader_that_goes_away_in_the_middle_is_no_crash():
    """More is written than a pipe and its buffers hold, so that the command itself meets the closed end."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "symssl", "list"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stdout.readline().startswith("id ")
    process.stdout.close()
    assert (process.wait(timeout=300), process.stderr.read()) == (1, "")


# --- papers that do what they should not --------------------------------------------------

NOISY = """
import atexit, os, subprocess, sys, threading, time
print("noise")
os.write(1, b"noise\\n")
subprocess.run([sys.executable, "-S", "-c", "print('noise')"])
atexit.register(print, "noise")
threading.Thread(target=time.sleep, args=(600,)).start()
from sympy import Symbol
from symssl import Flow
from symssl.claims import Claim, Paper, Step, same_value

def good(model):
    print("noise")
    yield Step("count", len("ab"))

def exits(model):
    sys.exit(0)
    yield

def ends(model):
    os._exit(0)
    yield

def interrupts(model):
    raise KeyboardInterrupt
    yield

def loops(model):
    while True:
        pass
    yield

def leaves():
    os._exit(0)

x, m = Symbol("x", real=True), Symbol("m", real=True)
PAPER = Paper("noisy", "T", "c", tuple(Claim(f"noisy.{f.__name__}", "result", 2, f, same_value())
                                      for f in (good, exits, ends, interrupts, loops)), leaves,
              models={"fold": Flow({x: m - x**2}, (m,))})
"""
FIGURES = """
import os, sys

def exits(fig):
    sys.exit(0)

def ends(fig):
    os._exit(0)

FIGURES = {"exits": exits, "ends": ends}
"""


@pytest.fixture
def noisy(tmp_path):
    for folder, text in (("papers", NOISY), ("figures", FIGURES)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "noisy.py").write_text(text)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "SYMSSL_CACHE": str(tmp_path / "cache")}

    def call(*args, papers="papers"):
        places = ("--derivations", str(tmp_path / papers), "--figures", str(tmp_path / "figures"))
        done = subprocess.run(
            [sys.executable, "-m", "symssl", *places, *args],
            check=False, capture_output=True, text=True, timeout=500, env=env, cwd=tmp_path,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.mark.slow
def test_no_paper_ends_verify_or_spoils_its_output(noisy, tmp_path):
    (tmp_path / "papers" / "exits.py").write_text("import sys; sys.exit(0)")
    (tmp_path / "papers" / "ends.py").write_text("import os; os._exit(0)")
    code, out, err = noisy("verify", "--json", "--time-limit", "6", "-j", "2")
    rows = {row["id"]: (row["verdict"], row["reason"]) for row in json.loads(out)}
    assert code == 1
    assert rows["noisy.exits"] == ("open", "crashed: SystemExit: 0")
    assert rows["noisy.ends"] == ("open", "crashed: the worker died (exit code 0)")
    assert rows["noisy.interrupts"] == ("open", "crashed: KeyboardInterrupt")
    assert rows["noisy.loops"][0] == "open" and rows["noisy.loops"][1].startswith("time limit")
    assert rows["noisy.good"] == ("holds", "") or "time limit" in rows["noisy.good"][1]
    assert "exits failed to import: SystemExit: 0" in err and "ends failed to import: it ended its process" in err
    code, out, err = noisy("show", "noisy.exits")
    assert code == 1 and not out and "the derivation of noisy.exits crashed: SystemExit: 0" in err


@pytest.mark.parametrize(
    "args, said",
    [
        (("show", "noisy.loops", "--time-limit", "2"), "was stopped after"),
        (("latex", "noisy"), "the equations of noisy crashed: the worker died (exit code 0)"),
        (("figure", "noisy", "ends", "-o", "out"), "the worker died (exit code 0)"),
    ],
)
def test_nothing_in_a_paper_ends_a_command_with_success(noisy, args, said):
    code, out, err = noisy(*args, papers="papers/noisy.py")
    assert code == 1 and not out
    last = [line for line in err.splitlines() if line.startswith("symssl: ")][-1]
    assert said in last and "Traceback" not in err


LEAVES = """
import atexit, os, sys, time
from sympy import symbols
from symssl.claims import Claim, Paper, Step, same_value

def steps(model):
    yield Step("count", len("ab"))

def equations():
    while True:
        pass

PAPER = Paper("leaves", "T", "c", (Claim("leaves.two", "result", 2, steps, same_value()),), equations)
"""


def test_what_a_paper_leaves_for_the_end_changes_no_exit_status(noisy, tmp_path):
    """Neither an endless function of `atexit`, nor one that ends the process with another status."""
    text = LEAVES + "atexit.register(time.sleep, 300)\natexit.register(lambda: os._exit(7))\n"
    (tmp_path / "papers" / "leaves.py").write_text(text)
    begun = time.monotonic()
    code, out, err = noisy("list", "nothing", papers="papers/leaves.py")
    assert (code, out) == (2, "") and "no claim or paper called 'nothing'" in err
    assert time.monotonic() - begun < 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked on POSIX")
def test_a_process_that_a_paper_forks_writes_no_results_and_ends_as_it_likes(noisy, tmp_path):
    forks = "if os.fork() == 0:\n    os._exit(0)\nif os.fork() == 0:\n    pass\n"
    (tmp_path / "papers" / "leaves.py").write_text(LEAVES + forks)
    code, out, err = noisy("list", "--json", papers="papers/leaves.py")
    assert code == 0 and [row["id"] for row in json.loads(out)] == ["leaves.two"]
    assert "os._exit" not in err


def test_what_a_paper_does_to_the_process_is_undone(noisy, tmp_path):
    spoils = "os.chdir(os.sep); sys.stdout.close(); sys.stderr.close(); sys.setrecursionlimit(150)\n"
    (tmp_path / "papers" / "leaves.py").write_text(LEAVES + spoils)
    code, out, err = noisy("latex", "leaves", "--time-limit", "2", papers="papers/leaves.py")
    assert (code, out) == (1, "") and "the equations of leaves took longer than 2 s" in err


def test_an_import_without_end_is_named(tmp_path, monkeypatch):
    from symssl.claims import discover

    (tmp_path / "loops.py").write_text("while True: pass")
    (tmp_path / "good.py").write_text("from symssl.claims import Paper\nPAPER = Paper('good', 'T', 'c', ())\n")
    library = discover(tmp_path, import_limit=2)
    assert list(library.papers) == ["good"] and "not imported within 2 s" in library.failures["loops"]


def test_json_is_strict(capsys):
    import numpy as np

    from symssl.cli.options import print_json

    print_json(
        {"a": [float("nan"), float("-inf"), 1.5], "b": np.array([np.inf, 2.0]), "c": (np.int64(3),), "d": "\ud800"}
    )
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found == {"a": [None, None, 1.5], "b": [None, 2.0], "c": [3], "d": "\ud800"}


def test_an_unexpected_exception_is_one_line(run, monkeypatch):
    from symssl.claims.ledger import catalogue

    for error in (ZeroDivisionError("by nothing"), SystemExit(0), GeneratorExit()):
        monkeypatch.setattr(catalogue.Catalogue, "select", lambda *a, error=error: (_ for _ in ()).throw(error))
        code, _, err = run("list")
        assert code == 1 and one_line(err) and type(error).__name__ in err, err
