"""The program `msolve` where it is installed: real solutions of polynomial systems, fast, and not proved here.

msolve (Berthomieu, Eder, Safey El Din, ISSAC 2021) computes modulo primes and does not check the reconstruction,
so what it says counts as found, not as proved.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

import sympy as sp
from flint import fmpz

from ..errors import NotIsolated, OverBudget, Refusal
from ..support.arguments import sequence_of
from ..support.budgets import remaining, seconds_of
from .points import scalar

__all__ = ["boxes_by_msolve", "has_msolve"]

_MOST = 1 << 26  # bytes of an answer, and binary digits of a denominator
_DEEP = 8  # lists within each other in an answer: there are five


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
        boxes = _boxes(_run([program, "-f", str(path)], Path(folder) / "answer", seconds), len(unknowns))
    return [dict(list(zip(unknowns, box))[bool(poles) :]) for box in boxes]


def _input(equations, unknowns):
    """The file that msolve reads: unknowns by number, integer coefficients."""
    names = [f"x{k}" for k in range(len(unknowns))]
    lines = []
    for equation in equations:
        _, poly = sp.Poly(equation, *unknowns, domain=sp.QQ).clear_denoms(convert=True)
        terms = [
            "*".join([str(fmpz(int(c))), *(f"{name}^{e}" for name, e in zip(names, m) if e)])  # of any number of digits
            for m, c in poly.terms()
            if c != 0
        ]
        lines.append("+".join(terms).replace("+-", "-") or "0")
    return ",".join(names) + "\n0\n" + ",\n".join(lines) + "\n"


def _run(command, answer, seconds):
    """What a program prints, into a file so that nobody waits for those that it has started.

    They are killed with it when the time is over; should nobody be left, by the kernel, which also stops whoever
    writes without end.
    """
    try:
        with open(answer, "wb") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                start_new_session=os.name == "posix",  # what wraps the program may have started it as another process
            )
    except OSError as error:
        raise Refusal(f"msolve cannot be started: {error.strerror or error}") from None
    try:
        _limit(process.pid, seconds)
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise OverBudget(
            f"msolve was stopped after its budget of {seconds:g} s; a larger one is given as budget="
        ) from None
    finally:
        _kill(process)
    if process.returncode:
        raise Refusal(f"msolve failed (exit code {process.returncode})")
    with open(answer, "rb") as printed:
        return printed.read(_MOST + 1)


def _kill(process):
    """End a program, and with it the processes of its group."""
    if os.name == "posix":
        with suppress(OSError):  # there is none any more
            os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()
    process.wait()


def _limit(pid, seconds):
    try:
        import resource

        if hasattr(resource, "prlimit"):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (_MOST, _MOST))
            if seconds is not None:
                resource.prlimit(pid, resource.RLIMIT_CPU, (int(seconds) + 2, int(seconds) + 2))
    except (ImportError, OSError, ValueError):  # it is killed by us in any case
        return


def _boxes(printed, number):
    """The boxes that msolve prints: lists of so many pairs of numbers n or n / 2^k."""
    try:
        text = printed.decode("ascii")
        if len(text) > _MOST:
            raise ValueError
        data = _read(re.findall(r"[\[\],]|-?\d+(?:\s*/\s*2\^\d+)?", text))
        if data == [-1]:
            return []
        if data[0] != 0:
            raise NotIsolated("the solutions are not isolated")
        _, boxes = data[1]
        found = [[(lower, upper) for lower, upper in box] for box in boxes]
        if any(len(box) != number or not all(lower <= upper for lower, upper in box) for box in found):
            raise ValueError
    except (TypeError, ValueError, IndexError):
        raise Refusal("msolve gave an answer of an unknown form") from None
    return found


def _read(tokens):
    """Nested lists of rational numbers; ValueError for anything else."""
    stack: list[list[Any]] = [[]]
    for token in tokens:
        if token == "[":
            if len(stack) > _DEEP:
                raise ValueError
            stack.append([])
        elif token == "]":
            inner = stack.pop()
            stack[-1].append(inner)
        elif token != ",":
            stack[-1].append(_number(token))
    ((data,),) = stack
    return data


def _number(token):
    top, _, power = token.partition("/")
    exponent = power.partition("^")[2] or "0"
    if len(exponent) > len(str(_MOST)) or int(exponent) > _MOST:
        raise ValueError
    return sp.Rational(int(fmpz(top.strip())), 2 ** int(exponent))  # of any number of digits: int() has a limit
