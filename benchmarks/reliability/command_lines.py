"""Hostile command lines: exit status 0, 1, 2 or 130, no traceback, no text run, and an end in time.

Most of them run in one process that is watched; every hundredth is a process of its own, with hostile values in the
environment as well.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from .processes import limit_memory, try_apart, where
from .report import Report
from .wrong import CODE, was_evaluated

BUDGET = 60.0  # seconds that a command line may take, whatever is on it
OWN_PROCESS = 100  # one in so many is a process of its own
STATUSES = (0, 1, 2, 130)

TOY = Path(__file__).resolve().parents[2] / "tests" / "toy" / "derivations"

# {command: good arguments}; what takes long when it is right is never right here
GOOD = {
    "list": [["garden"], ["--json"], ["garden.flow", "garden.slip"]],
    "summary": [["garden"], ["--json"]],
    "show": [["garden.flow"], ["garden.slip"]],
    "errata": [["garden"], ["--latex", "errata.tex"], ["--markdown", "errata.md", "--json"]],
    "cache": [["--info"], ["--clear"], ["--json"]],
    "latex": [["garden"], ["garden.flow"], ["garden", "--model", "quartic", "--set", "a=1/4"]],
    "figure": [["garden", "-o", "figures"], ["garden", "nothing"]],
    "models": [[], ["--json"]],
    "diagram": [
        ["garden.quartic", "--param", "a=0.1:4", "--fix", "b=1", "--json"],
        ["simon2023.modes", "--param", "gamma=-1:1"],
        ["garden.quartic", "--param", "a=0.1:4", "b=1", "--within", "w=0:9", "--method", "continuation"],
        ["garden.quartic", "--param", "a=0.1:4", "--fix", "b=1", "--state", "w", "-o", "diagram.json", "--force"],
    ],
    "regimes": [
        ["simon2023.modes", "--x", "gamma=-1:1:5", "--json"],
        ["garden.quartic", "--x", "a=0.1:1:4", "--y", "b=0.1:1:4", "--method", "sturm"],
        ["garden.quartic", "--x", "a=0.1:1:4", "--y", "b=0.1:1:4", "-o", "map.zarr", "--chunk", "2", "--force"],
        ["simon2023.modes", "--x", "gamma=-1:1:5", "-o", "map.png", "--force"],
    ],
    "simulate": [
        ["bao2023.cosine", "--set", "h=2", "d=2", "batch=2", "--steps", "3", "--json"],
        ["bao2023.cosine", "--set", "h=2", "d=2", "--steps", "2", "--seed", "1", "-o", "run.npz", "--force"],
        [],
    ],
    "verify": [["garden.loss", "-j", "1", "--no-cache"], ["garden.cited", "--json", "-j", "1"]],
    "audit": [["garden.cited", "-j", "1", "--most", "1"]],
    "reproduce": [["nothing", "-o", "out"]],
}
SLOW = {"verify", "audit", "reproduce"}  # they start processes: a few will do

OPTIONS = (
    "--json", "--fix", "--param", "--within", "--x", "--y", "--axis", "-o", "--out", "--force", "--chunk", "-j",
    "--jobs",
    "--method", "--state", "--set", "--model", "--steps", "--seed", "--data", "--resume", "--time-limit", "--no-cache",
    "--latex", "--markdown", "--clear", "--most", "--no-such-option", "--help", "-h", "--version", "--", "-", "--=",
)  # fmt: skip

NUMBERS = (
    "1e999", "-1e999", "1e9999999999", "1" * 5000, "1" * 200_000, "0." + "0" * 4000 + "1", "1/0", "0/0", "nan",
    "inf", "-inf",
    "NaN", "infinity", "1_000", "٣", "½", "0x10", "1e-9999", "-0", "+1", "--1", "1e", ".", "", " ", "9**9**9",
    "10**10**10",
    "1+1", "2*3", "(1)", "[1]", "1,5", "1;2", "1j", "True", "None", "1e5e5", "1/1/1", "1/3", "-1", "0", "1e308",
    "5e-324",
)  # fmt: skip

WORDS = (
    CODE, f"x={CODE}", f"$({CODE})", "`id`", "'", '"', "\\", "\n", "\t", "\x1b[31m", "ü", "数", "\U0001f600",
    "\udcff", "%s%n",
    "{0}", "{}", "../../etc/passwd", "/", ".", "..", "/dev/null", "/dev/full", "/proc/self/mem", "nothing.zarr",
    "a" * 300,
    "a" * 100_000, "(" * 5000, "[" * 5000, "-" * 100, "garden", "garden.", ".garden", "garden.flow", "garden.nothing",
    "GARDEN", "*", "?", "~", "symssl", "os", "sys", "builtins", "__init__", "a=b", "=", "==", "a=", "=1", "a==1",
    ":", "a=:",
    "x=1:2:3:4", "a=1:0", "a=1:1", "a=0:1:1e9", "a=0:1:1e99", "a=0:1:2.5", "a=0:1:-3", "a=0:1:0", "a=nan:inf",
    "a=0:1e999",
    "gamma=-1:1:100000000", "map.png", "map.nc", "run.npz", "errata.tex", "folder", "folder/", "folder/x.json",
    "file.txt",
    "file.txt/x.png", "x.PNG", "x.json.png", ".png", "\0",
)  # fmt: skip

ENVIRONMENT = {
    "COLUMNS": ("abc", "0", "-5", "1", "99999999999999999999", "3.5", ""),
    "LINES": ("abc", "-1"),
    "NO_COLOR": ("", "1", CODE),
    "FORCE_COLOR": ("1", "abc"),
    "TERM": ("dumb", "no-such-terminal", ""),
    "PYTHONIOENCODING": ("ascii", "latin-1", "utf-16"),
    "LC_ALL": ("C", "no_such_locale", ""),
    "SYMSSL_CACHE": ("/dev/null", "/proc", "relative", "/no/such/place", CODE, ""),
    "HOME": ("", "/no/such/place"),
    "XDG_CACHE_HOME": ("/dev/null", ""),
    "MPLBACKEND": ("no-such-backend", CODE),
    "MPLCONFIGDIR": ("/dev/null",),
    "PYTHONHASHSEED": ("0", "random"),
    "OMP_NUM_THREADS": ("-1", "abc"),
}


def hostile(number, seed):
    """Command line number `number`, a good one with some things wrong on it, or a heap of what may stand on one."""
    chance = random.Random(f"{seed} {number}")
    command = chance.choice([name for name in GOOD if name not in SLOW or chance.random() < 0.05])
    line = list(chance.choice(GOOD[command]))
    if chance.random() < 0.1:
        line = [chance.choice([*OPTIONS, *WORDS, *NUMBERS]) for _ in range(chance.randrange(6))]
    for _ in range(chance.choice([1, 1, 2, 3])):
        line = _mutated(line, chance)
    if command in SLOW and not any(word in ("-j", "--jobs") for word in line):
        line += ["-j", "1"]
    place = ["--derivations", str(TOY)] if any(word.startswith("garden") for word in line) or command in SLOW else []
    if chance.random() < 0.03:
        place = [chance.choice(["--derivations", "--figures"]), chance.choice(WORDS)]
    return [*place, command if chance.random() < 0.98 else chance.choice(WORDS), *line]


def _mutated(line, chance):
    line, kind = list(line), chance.randrange(8)
    if not line or kind == 0:
        line.insert(chance.randint(0, len(line)), chance.choice([*WORDS, *NUMBERS]))
    elif kind == 1:
        line.insert(chance.randint(0, len(line)), chance.choice(OPTIONS))
    elif kind == 2:
        line.pop(chance.randrange(len(line)))
    elif kind == 3:  # twice
        place = chance.randrange(len(line))
        line[place:place] = line[place : place + 2]
    elif kind == 4:
        line[chance.randrange(len(line))] = chance.choice(WORDS)
    elif kind == 5:
        chance.shuffle(line)
    else:  # a number in it, or all after the equals sign
        place = chance.randrange(len(line))
        name, sign, value = line[place].partition("=")
        parts = value.split(":")
        parts[chance.randrange(len(parts))] = chance.choice([*NUMBERS, CODE])
        line[place] = name + sign + ":".join(parts) if sign else chance.choice(NUMBERS)
    return line


def _shown(line):
    return " ".join(repr(word) if len(word) < 80 else f"{word[:40]!r}...({len(word)})" for word in line)


def _told(status, errors, evaluated):
    """What is wrong with how a command line ended, or None."""
    if evaluated:
        return "text was run"
    if "Traceback (most recent call last)" in errors:
        return f"traceback: {' '.join(errors.split())[-300:]}"
    return None if status in STATUSES else f"exit status {status}: {errors[-200:]}"


def _in_process(line):
    from symssl.cli.main import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="surrogateescape", write_through=True) for _ in range(2))
    was_evaluated()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            main(line)
            status = None
        except SystemExit as stop:
            status = stop.code or 0
        except BaseException as error:  # noqa: BLE001 - whatever comes out would be a traceback
            return "traceback", f"{type(error).__name__}: {str(error)[:200]} at {where(error)}"
    err.seek(0)
    return f"exit {status}", _told(status, err.read(), was_evaluated())


def _as_process(line, number, seed):
    """A command line in a process of its own, with one hostile value in its environment."""
    chance = random.Random(f"{seed} {number} environment")
    name = chance.choice(sorted(ENVIRONMENT))
    environment = {**os.environ, name: chance.choice(ENVIRONMENT[name])}
    line = [word.replace("\0", "NUL").encode(errors="surrogateescape")[:100_000] for word in line]
    done = subprocess.run(
        [sys.executable, "-m", "symssl", *line], env=environment, capture_output=True, check=False, timeout=BUDGET
    )
    errors = done.stderr.decode(errors="replace")
    failure = _told(done.returncode, errors, False)
    return f"exit {done.returncode}", failure and f"with {name}={environment[name]!r}: {failure}"


def _work(pipe, numbers, seed):
    limit_memory()
    _prepare()
    for number in numbers:
        line = hostile(number, seed)
        pipe.send(_shown(line))
        if number % OWN_PROCESS == OWN_PROCESS - 1:
            try:
                pipe.send(_as_process(line, number, seed))
            except subprocess.TimeoutExpired:
                pipe.send(("endless", f"no end within {BUDGET:g} s"))
        else:
            pipe.send(_in_process(line))


def _prepare():
    """A folder to work in, with a file, a folder, and an output that is there already."""
    where = Path(tempfile.mkdtemp(prefix="command-lines-")) / "up" / "here"  # ".." is a folder of its own
    where.mkdir(parents=True)
    os.chdir(where)
    os.environ["SYMSSL_CACHE"] = str(where / "cache")
    (where / "folder").mkdir()
    for name in ("file.txt", "run.npz", "map.nc", "errata.tex"):
        (where / name).write_text("a file")


def examine(count=3000, seed=0, only=None):
    """So many hostile command lines; `only` names numbers to repeat."""
    report = Report(f"hostile command lines, each at most {BUDGET:g} s", seed)
    return try_apart(report, _work, range(count) if only is None else only, seed, patience=BUDGET + 10)
