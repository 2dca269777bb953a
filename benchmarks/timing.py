"""How times are taken and told."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

HERE = Path(__file__).resolve().parents[1]


class NotInstalled(Exception):
    """A peer is not on this machine."""


def seconds(function, repeat=7):
    """The fastest of several runs, in seconds, after one to warm up."""

    def once():
        start = perf_counter()
        function()
        return perf_counter() - start

    once()
    return min(once() for _ in range(repeat))


def in_turn(*functions, rounds=5):
    """Fastest times of several functions that take turns, so that a busy machine hits all."""
    return np.min([[seconds(f, 1) for f in functions] for _ in range(rounds)], axis=0)


def process(*command, repeat=5):
    """Median wall time of a fresh Python process; its failure ends the benchmarks."""
    times = []
    for _ in range(repeat):
        start = perf_counter()
        done = subprocess.run([sys.executable, *command], check=False, cwd=HERE, capture_output=True, text=True)
        times.append(perf_counter() - start)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return median(times)


def line(what, value, wanted):
    print(f"{what:<58}{value:>12}   wanted {wanted}", flush=True)


def row(what, *cells):
    """A line of a table; the first is its head."""
    print(f"{what:<58}" + "".join(f"{cell:>16}" for cell in cells), flush=True)


def installed(*peers):
    """The peers that can be set up; the others are told in one line each.

    A peer is a pair of its name and a function that sets it up.
    """
    for name, set_up in peers:
        try:
            yield set_up()
        except (ImportError, NotInstalled, subprocess.CalledProcessError):
            row(f"    {name}", "not installed")
