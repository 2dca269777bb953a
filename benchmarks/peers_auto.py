"""AUTO-07p on the sixth-degree field: compiled Fortran with analytic derivatives, one process a run."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import sympy as sp

from .sextic import FIELD, RHO, S2, VALUES, first_state, p, rho, s2
from .timing import NotInstalled

_SOURCE = """
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
  implicit none
  integer, intent(in) :: ndim, icp(*), ijac
  double precision, intent(in) :: u(ndim), par(*)
  double precision, intent(out) :: f(ndim)
  double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
  double precision :: p, rho, s2
  p = u(1); rho = par(1); s2 = par(2)
  f(1) = {field}
  if (ijac == 0) return
  dfdu(1, 1) = {slope}
  if (ijac == 1) return
  dfdp(1, 1) = {by_rho}
  dfdp(1, 2) = {by_s2}
end subroutine
subroutine stpnt(ndim, u, par, t)
  implicit none
  integer, intent(in) :: ndim
  double precision, intent(inout) :: u(ndim), par(*)
  double precision, intent(in) :: t
  u(1) = {state}d0; par(1) = {low}d0; par(2) = 0.25d0
end subroutine
subroutine bcnd
end subroutine
subroutine icnd
end subroutine
subroutine fopt
end subroutine
subroutine pvls
end subroutine
"""
# IID=0: no account of every step; with these tolerances the fold is right to the 11 digits that AUTO writes
_CONSTANTS = """
NDIM=1, IPS=1, IRS={start}, ILP=1, ICP={free}, ISW={switch}, ISP=1, JAC=1, IID=0, ITMX=8, ITNW=7, NWTN=3
NTST=5, NCOL=4, IAD=3, MXBF=0, NMX=1000, NPR=0, EPSL=1e-12, EPSU=1e-12, EPSS=1e-12
DS=0.01, DSMIN=1e-8, DSMAX=0.02, IADS=1, RL0={low}, RL1={high}, UZSTOP={stops}
{more}
"""


class Auto:
    """The compiled equations, on which `branch` and `fold_curve` are runs; a run returns its name."""

    name = "AUTO-07p"

    def __init__(self):
        wrapper = shutil.which("auto-07p")
        home = os.environ.get("AUTO_DIR") or (wrapper and Path(wrapper).resolve().parents[1] / "lib" / "auto-07p")
        objects = sorted(map(str, (Path(home) / "lib").glob("*.o"))) if home else ()
        if not (objects and shutil.which("gfortran")):
            raise NotInstalled(self.name)
        self._folder = TemporaryDirectory()  # removed with this object
        self.place, self.own = Path(self._folder.name), {}
        (self.place / "sextic.f90").write_text(_fortran())
        subprocess.run(
            ["gfortran", "-O2", "-fopenmp", "sextic.f90", *objects, "-o", "sextic"],
            cwd=self.place,
            check=True,
            capture_output=True,
        )
        (self.place / "branch").write_text(_constants(0, [1], 1, *RHO))
        # a run follows the curve in one direction: it starts from the fold at the lower end of s2
        (self.place / "first").write_text(
            _constants(0, [1], 1, *RHO, f"PAR={{2: {S2[0]}}}, U={{1: {first_state(S2[0])}}}")
        )
        (self.place / "curve").write_text(_constants(2, [2, 1], 2, *S2))
        self._run("first")
        shutil.copy(self.place / "fort.8", self.place / "fort.3")

    def branch(self):
        return self._run("branch")

    def fold_curve(self):
        return self._run("curve")

    def folds(self, run):
        """Of the last run: its number of points, and (s2, rho) at its folds."""
        table = [text.split() for text in (self.place / "fort.7").read_text().splitlines()]
        points = [cells for cells in table if cells[0] != "0"]
        if run == "branch":  # the third column is the kind of point: 2 is a fold
            return len(points), [(0.25, float(cells[4])) for cells in points if cells[2] == "2"]
        return len(points), [(float(cells[4]), float(cells[-1])) for cells in points]

    def _run(self, name):
        with open(self.place / name) as constants:
            told = subprocess.run(
                [self.place / "sextic"],
                stdin=constants,
                cwd=self.place,
                check=True,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ).stdout
        clock = float(re.search(r"Total Time\s+(\S+)", told)[1])
        self.own[name] = min(clock, self.own.get(name, clock))  # AUTO's own clock, without the start of a process
        return name


def _fortran():
    field = FIELD.subs({k: v for k, v in VALUES.items() if k is not s2})
    parts = {"field": field, "slope": field.diff(p), "by_rho": field.diff(rho), "by_s2": field.diff(s2)}
    code = {name: sp.fcode(part, standard=95, source_format="free") for name, part in parts.items()}
    return _SOURCE.format(**code, state=first_state(), low=RHO[0])


def _constants(start, free, switch, low, high, more=""):
    """`free` lists the parameters to follow, of which the first is to stop at `high`."""
    return _CONSTANTS.format(
        start=start,
        free=free,
        switch=switch,
        low=low - 1e-9,
        high=high + 1e-9,
        stops=f"{{{free[0]}: [{high}]}}",
        more=more,
    )
