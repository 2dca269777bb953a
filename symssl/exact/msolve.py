"""The program `msolve` where it is installed: real solutions of polynomial systems, fast, and not proved here.

msolve (Berthomieu, Eder, Safey El Din, ISSAC 2021) computes modulo primes and does not check the reconstruction,
so what it says counts as found, not as proved.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import sympy as sp

from ..errors import NotIsolated, OverBudget, Refusal
from ..support.arguments import sequence_of
from ..support.budgets import remaining, seconds_of
from .points import scalar

__all__ = ["boxes_by_msolve", "has_msolve"]


def has_msolve() -> bool:
    """Whether the program is on the path."""
    return shutil.which("msolve") is not None


def boxes_by_msolve(
    polynomials: Iterable[sp.Expr],
    variables: Sequence[sp.Symbol],
    *,
    nonzero: Iterable[sp.Expr] = (),
    budget: float | None = 20.0,
) -> list[dict[sp.Symbol, tuple[sp.Rational, sp.Rational]]]:
    """Bounds of the real solutions of a system with rational coefficients, each {variable: (lower, upper)}.

    Parameters as for `solve_system`.

    Raises
    ------
    Refusal
        Where the program is not installed or fails.
    NotIsolated
        Where it says that there are infinitely many complex solutions.
    OverBudget
        Where the time is over.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> [{k: float(low) for k, (low, _) in box.items()} for box in boxes_by_msolve([x - y, x*y - 4], (x, y))]
    ... # doctest: +SKIP
    [{x: -2.0, y: -2.0}, {x: 2.0, y: 2.0}]
    """
    program = shutil.which("msolve")
    if program is None:
        raise Refusal("the program msolve is not installed")
    equations = [scalar("a polynomial", p) for p in sequence_of("polynomials", polynomials, "expressions")]
    poles = [scalar("a polynomial", p) for p in sequence_of("nonzero", nonzero, "expressions")]
    unknowns = list(variables)
    if poles:
        inverse = sp.Dummy("w")
        equations, unknowns = [*equations, inverse * reduce(sp.lcm, poles) - 1], [inverse, *unknowns]
    text = _input(equations, unknowns)
    seconds = min((t for t in (seconds_of("budget", budget), remaining()) if t is not None), default=None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "system"
        path.write_text(text)
        answer = _run([program, "-f", str(path)], seconds)
    return [dict(list(zip(unknowns, box))[bool(poles) :]) for box in _boxes(answer)]


def _input(equations, unknowns):
    """The file that msolve reads: unknowns by number, integer coefficients."""
    names = [f"x{k}" for k in range(len(unknowns))]
    lines = []
    for equation in equations:
        _, poly = sp.Poly(equation, *unknowns, domain=sp.QQ).clear_denoms(convert=True)
        terms = [
            "*".join([str(c), *(f"{name}^{e}" for name, e in zip(names, m) if e)]) for m, c in poly.terms() if c != 0
        ]
        lines.append("+".join(terms).replace("+-", "-") or "0")
    return ",".join(names) + "\n0\n" + ",\n".join(lines) + "\n"


def _run(command, seconds):
    """The output of a program, which is killed when the time is over; should nobody be left, by the kernel."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True
    )
    try:
        _limit_cpu(process.pid, seconds)
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise OverBudget(
            f"msolve was stopped after its budget of {seconds:g} s; a larger one is given as budget="
        ) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode:
        raise Refusal(f"msolve failed (exit code {process.returncode})")
    return output


def _limit_cpu(pid, seconds):
    try:
        import resource

        if seconds is not None and hasattr(resource, "prlimit"):
            resource.prlimit(pid, resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 2))
    except (ImportError, OSError):  # it is killed by us in any case
        return


def _boxes(text):
    """The boxes that msolve prints: lists of pairs of numbers n or n / 2^k."""
    tokens = re.findall(r"[\[\],]|-?\d+(?:\s*/\s*2\^\d+)?", text)
    data, rest = _read(tokens, 0)
    if rest != len(tokens) and tokens[rest:]:
        raise Refusal("msolve gave an answer of an unknown form")
    try:
        if data == [-1]:
            return []
        if data[0] != 0:
            raise NotIsolated("the solutions are not isolated")
        _, boxes = data[1]
        return [[(lower, upper) for lower, upper in box] for box in boxes]
    except (TypeError, ValueError, IndexError):
        raise Refusal("msolve gave an answer of an unknown form") from None


def _read(tokens, place) -> tuple[Any, int]:
    """Nested lists of rational numbers."""
    if place >= len(tokens):
        raise Refusal("msolve gave an answer of an unknown form")
    if tokens[place] != "[":
        top, _, power = tokens[place].partition("/")
        return sp.Rational(int(top), 2 ** int(power.partition("^")[2] or 0)), place + 1
    items: list[Any] = []
    place += 1
    while place < len(tokens) and tokens[place] != "]":
        if tokens[place] == ",":
            place += 1
            continue
        item, place = _read(tokens, place)
        items.append(item)
    return items, place + 1
