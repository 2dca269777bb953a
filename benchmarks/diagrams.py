"""The diagram of the sixth-degree field with its fold, and the curve of folds, warm, beside the peers."""

from fractions import Fraction
from itertools import count

from symssl.bifurcation import bifurcation_diagram, critical_points, fold_curve

from .peers_auto import Auto
from .peers_jaxcont import JaxCont
from .peers_pycont import PyCont
from .sextic import FLOW, FOLD, RHO, S2, VALUES, fold_at, rho, s2
from .timing import in_turn, installed, line, row

_OTHERS = count(1)
METHODS = ("explicit", "continuation")


def diagram(method, values=VALUES):
    return bifurcation_diagram(FLOW, rho, RHO, values, method=method)


def unseen(method):
    """The diagram at a value of s2 that no call has had, so that nothing is found in a cache."""
    return diagram(method, {**VALUES, s2: Fraction(1, 4) + Fraction(next(_OTHERS), 10**5)})


def folds(found):
    """Of our diagram: its number of points, and (s2, rho) at its folds."""
    return sum(map(len, found.branches)), [(0.25, e.parameter) for e in found.events if e.label == "LP"]


def enclosure():
    (fold,) = (c for c in critical_points(FLOW.fix(VALUES), rho, 31) if c.label == "LP" and c.centre["p"] > 0)
    lower, upper = fold.bounds["rho"]
    line("fold of the sixth-degree field: width of the enclosure", f"{float(upper - lower):.1e}", "< 1e-30")
    if not lower <= FOLD <= upper:
        raise AssertionError("the enclosure misses the fold")


def error(points):
    """The largest relative error of rho at folds (s2, rho)."""
    return max((float(abs(Fraction(r) / fold_at(s) - 1)) for s, r in points), default=float("nan"))


def table(title, ours, theirs, others=()):
    """Times of runs that take turns, their ratios to ours, and the errors of what they find.

    `ours` and `theirs` list (name, run, what reads points and folds of a result, or None); `others` lists
    (name, function of no argument that gives seconds), read after the runs.
    """
    runs = [*ours, *theirs]
    times = in_turn(*(run for _, run, _ in runs))
    row(title, "ms", *(f"/ {name.split()[-1]}" for name, *_ in ours[:2]), "points", "error")
    for (name, run, read), time in zip(runs, times):
        points, found = read(run()) if read else ("", ())
        row(
            f"    {name}",
            f"{time * 1e3:.2f}",
            *(f"{time / one:.2f}" for one in times[:2]),
            points,
            f"{error(found):.0e}" if read else "",
        )
    for name, own in others:
        row(f"    {name}", f"{own() * 1e3:.2f}", *(f"{own() / one:.2f}" for one in times[:2]))
    if theirs:
        line("    our first row / the first peer", f"{times[0] / times[len(ours)]:.2f}", "< 1")


def run():
    enclosure()
    peers = {peer.name: peer for peer in installed(("AUTO-07p", Auto), ("JaxCont", JaxCont), ("PyCont-Lite", PyCont))}
    auto, jaxcont = peers.get("AUTO-07p"), peers.get("JaxCont")

    ours = [(f"symssl, {m}", lambda m=m: diagram(m), folds) for m in METHODS]
    ours += [(f"symssl, {m}, s2 not seen before", lambda m=m: unseen(m), None) for m in METHODS]
    theirs = [(f"{peer.name}, one branch", peer.branch, peer.folds) for peer in peers.values()]
    theirs += [("JaxCont, its compiled loop alone, no folds", jaxcont.loop, None)] if jaxcont else []
    own = [("AUTO-07p, by its own clock", lambda: auto.own["branch"])] if auto else []
    table("whole diagram in rho", ours, theirs, own)

    (start,) = (e for e in diagram("continuation").events if e.label == "LP" and e.state[0] > 0)
    ours = [
        (
            f"symssl, {m}",
            lambda m=m: fold_curve(FLOW, (rho, s2), start, VALUES, bounds=S2, method=m),
            lambda curve: (len(curve), [(at, r) for r, at in curve.values.tolist()]),
        )
        for m in METHODS
    ]
    theirs = [(peer.name, peer.fold_curve, peer.folds) for peer in (auto, jaxcont) if peer]
    own = [("AUTO-07p, by its own clock", lambda: auto.own["curve"])] if auto else []
    table("curve of folds in (rho, s2)", ours, theirs, own)
