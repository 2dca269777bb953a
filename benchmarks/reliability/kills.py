"""Kills at random moments: of maps with and without workers, of training, of `verify` and `reproduce`.

Every case starts a command as a user does, sends a signal to it or to one of its processes at a random
moment, and runs the same command again.  Nothing that was told to be finished may be computed twice, no
process and no file may be left, and the result must have the bits of a run that nobody disturbed.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .report import Report

PAPER = '''
"""An invented paper: one flow, one learner, some claims that take a moment."""

import time

import numpy as np
from sympy import Identity, symbols

from symssl import Flow
from symssl.claims import Claim, Paper, Step, same_value
from symssl.simulate import CrossCorrelation, Experiment

x, m, k = symbols("x m k", real=True)


def steps(model):
    time.sleep(0.2)
    yield Step("count", len("ab"))


CLAIMS = tuple(Claim(f"small.eq{n}", "result", 2 + n % 2, steps, same_value()) for n in range(6))
EXPERIMENT = Experiment(
    "a small learner on three numbers",
    {"eta": 0.01},
    ("fixed",),
    build=lambda settings, data, seed: CrossCorrelation(np.diag([1.0, 0.5, 0.25]), components=2, scale=1e-2),
    steps=lambda learner, start, settings: 30_000,
    predict=lambda learner, start, settings, run: ({"value": [1.0]}, {"loss": float(run["loss"][-1])}),
)
PAPER = Paper("small", "Small", "N. N., 1900", CLAIMS, lambda: {"flow": Flow({x: m - x**2}, (m,))},
              models={"cubic": Flow({x: m + k * x - x**3}, (m, k))}, experiments={"learner": EXPERIMENT})
'''
FIGURES = '''
"""A curve."""

from symssl import draw


def curve(fig):
    ax = draw.label(fig.add_subplot(), "x", "y")
    return ax.plot([0, 1, 2], [0, 1, 4])


FIGURES = {"curve": curve}
'''
MAP = ("regimes", "small.cubic", "--x", "m=-2:1.937:401", "--y", "k=-1:3.01:401", "--chunk", "40", "-o", "map.zarr")
COMMANDS = {
    "map": MAP,
    "map with workers": (*MAP, "-j", "2"),
    "simulate": ("simulate", "small.learner", "-o", "run.npz"),
    "verify": ("verify", "--json", "-j", "2"),
    "reproduce": ("reproduce", "small", "-o", "out", "-j", "2"),
}
WORKERS = ("map with workers", "verify", "reproduce")
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
PATIENCE = 120.0  # seconds for what takes two or three


class Place:
    """A paper, and a folder in which commands on it run."""

    def __init__(self, where):
        self.where = Path(where)
        for folder, text in (("papers", PAPER), ("figures", FIGURES)):
            (self.where / folder).mkdir()
            (self.where / folder / "small.py").write_text(text)
        self.case = self.where / "case"

    def fresh(self):
        shutil.rmtree(self.case, ignore_errors=True)
        self.case.mkdir()

    def start(self, *command):
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is ignored here, a child ignores too
        root = str(Path(__file__).resolve().parents[2])
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "symssl", "--derivations", str(self.where / "papers"),
                 "--figures", str(self.where / "figures"), *command],
                cwd=self.case, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                env={**os.environ, "SYMSSL_CACHE": str(self.where / "case" / "cache"),
                     "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))},
            )  # fmt: skip
        finally:
            signal.signal(signal.SIGINT, before)

    def run(self, *command):
        """(exit status, output, what it told, seconds)."""
        started = time.monotonic()
        process = self.start(*command)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err, time.monotonic() - started

    def files(self):
        """Every file but the cache, by name, with what must be equal in every run: no seconds."""
        found = {}
        for path in sorted(self.case.rglob("*")):
            name = str(path.relative_to(self.case))
            if path.is_file() and not name.startswith("cache"):
                found[name] = _timeless(path) if name == "map.zarr/zarr.json" else path.read_bytes()
            elif path.is_dir() and not name.startswith("cache"):
                found[name + "/"] = b""
        return found


def _timeless(path):
    data = json.loads(path.read_text())
    for name in ("seconds", "checksum"):
        data["attributes"].pop(name)
    return data


def _rows(out):
    return [{**row, "seconds": 0, "cached": 0} for row in json.loads(out)]


def members(session):
    """The processes of a session that are at work."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _cells(told):
    """How many cells were told to be finished, first and last."""
    numbers = [int(done) for done in re.findall(r"^\[(\d+)/\d+\] cells$", told, re.MULTILINE)]
    return (numbers[0], numbers[-1]) if numbers else (0, 0)


def examine(count, seed):
    """`count` kills; a failure says how to repeat it, as far as time can be repeated."""
    report, rng = Report("kills", seed), random.Random(seed)
    plan = [(name, rng.choice(SIGNALS), rng.choice(("command", "worker")), rng.random())
            for name in rng.sample([*COMMANDS] * (count // len(COMMANDS) + 1), count)]  # fmt: skip
    with tempfile.TemporaryDirectory() as where:
        place, whole = Place(where), {}
        if {"verify", "reproduce"} & {name for name, *_ in plan}:  # they end well where they find what is recorded
            place.fresh()
            place.run("verify", "--record")
        for number, (name, sent, victim, share) in enumerate(plan):
            if name not in whole:
                place.fresh()
                code, out, _err, seconds = place.run(*COMMANDS[name])
                whole[name] = code, out, place.files(), seconds
            victim = victim if name in WORKERS else "command"
            text = f"case {number}: {name}, {sent} to the {victim} at {share:.2f} of its time"
            report.add(*_case(place, name, sent, victim, share * whole[name][3], whole[name], text))
    return report


def _case(place, name, sent, victim, moment, whole, text):
    """Run, disturb, look for what is left, run again, compare."""
    place.fresh()
    process = place.start(*COMMANDS[name])
    hit = _disturb(process, getattr(signal, sent), victim, moment)
    try:
        _out, told = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        for member in members(process.pid):
            member.kill()
        return "endless", f"{text}: no end within {PATIENCE:g} s"
    end = time.monotonic() + 10
    while (orphans := members(process.pid)) and time.monotonic() < end:
        time.sleep(0.05)
    for orphan in orphans:
        orphan.kill()
    if orphans:
        return "orphans", f"{text}: {len(orphans)} processes were left"
    if "Traceback" in told.replace("crashed:\nTraceback", "") and not _of_python(told):
        return "traceback", f"{text}: {told[-300:]!r}"
    left = [path for path in place.case.rglob("*.partial") if "cache" not in path.parts]
    if left:
        return "temporary files", f"{text}: {left[0]} was left at the kill"
    code, out, again, _seconds = place.run(*COMMANDS[name])
    if code == 2 and "--force overwrites it" in again and process.returncode == 0:
        code = 0  # training had ended before: its file is left alone, and compared below
    if code != whole[0]:
        return "not continued", f"{text}: exit status {code}, {again[-300:]!r}"
    if _cells(again)[0] < _cells(told)[1]:
        return "cells lost", f"{text}: {_cells(told)[1]} cells were finished, then {_cells(again)[0]}"
    if name == "verify" and _rows(out) != _rows(whole[1]):
        return "another result", f"{text}: {out[-300:]!r}"
    files, wanted = place.files(), whole[2]
    if files.keys() != wanted.keys():
        return "leftovers", f"{text}: {sorted(files.keys() ^ wanted.keys())[:5]}"
    if changed := [name for name in files if files[name] != wanted[name]]:
        return "another result", f"{text}: {changed[:5]} are others"
    return ("continued" if hit else "ended before"), None


def _of_python(told):
    """Whether a traceback is one of Python's own start: an interrupt came before any of the program ran."""
    frames = re.findall(r'File "([^"]*)"', told)
    return "interrupted" not in told and not any("symssl/" in frame for frame in frames)


def _disturb(process, sent, victim, moment):
    """Send the signal when it is time; whether there was anything left to disturb."""
    end = time.monotonic() + moment
    while time.monotonic() < end:
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    if victim == "worker":
        workers = [one for one in members(process.pid) if one.pid != process.pid and _is_worker(one)]
        if workers:
            workers[-1].send_signal(sent)
            return True
    try:
        if sent == signal.SIGINT:  # the terminal sends it to all of them
            os.killpg(process.pid, sent)
        else:
            process.send_signal(sent)
    except ProcessLookupError:
        return False
    return True


def _is_worker(process):
    import psutil

    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False
