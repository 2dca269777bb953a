"""The fold of the sixth-degree field and its whole diagram, warm and in process."""

import sympy as sp

from symssl.bifurcation import bifurcation_diagram, critical_points, fold_curve

from .regimes import FLOW, VALUES, b, rho, s2
from .timing import line, seconds

FOLD = sp.Rational("0.25108006340350989418805089320303363399729174822870")      # mpmath's findroot, 50 digits


def run():
    values = {**VALUES, b: 1}
    fold, = (c for c in critical_points(FLOW.fix(values), rho, 31) if c.label == "LP" and c.centre["p"] > 0)
    lower, upper = fold.bounds["rho"]
    line("fold of the sixth-degree field: width of the enclosure", f"{float(upper - lower):.1e}", "< 1e-30")

    def diagram(method):
        return bifurcation_diagram(FLOW, rho, (0.001, 0.5), values, method=method)
    found, = (e for e in diagram("auto").events if e.label == "LP" and e.state[0] > 0)
    error = abs(sp.Rational(found.parameter) / FOLD - 1)
    line("    relative error in doubles", f"{float(error):.1e}", "<= 1e-15")
    shortcut, generic = (seconds(lambda: diagram(m), 5) for m in ("explicit", "continuation"))
    line("whole diagram, warm: explicit", f"{shortcut*1e3:.1f} ms", "< one branch of AUTO-07p, warm")
    line("    continuation", f"{generic*1e3:.1f} ms", "reported")
    free = {k: v for k, v in values.items() if k is not s2}
    curve = seconds(lambda: fold_curve(FLOW, (rho, s2), found, {**free, s2: values[s2]}, bounds=(0.05, 1.0)), 3)
    line("fold curve in (rho, s2): continuation", f"{curve*1e3:.1f} ms", "reported")
