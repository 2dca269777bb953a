"""Every public name of `symssl.bifurcation`, as a type checker sees it; read by mypy --strict, never run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, assert_type

import numpy as np
import sympy as sp

from symssl import (
    Flow,
    basins,
    bifurcation_diagram,
    continue_branch,
    find_equilibria,
    fold_curve,
    hopf_curve,
    regime_map,
)
from symssl.bifurcation import (
    STATUSES,
    Basin,
    Branch,
    CertifiedEquilibria,
    CertifiedEquilibrium,
    CriticalCoefficients,
    CriticalPoint,
    CriticalPoints,
    Curve,
    Diagram,
    Event,
    FieldProblem,
    ModeProblem,
    Pattern,
    PlanarBasins,
    Problem,
    RegimeConditions,
    RegimeMap,
    Settings,
    StoredMap,
    Wall,
    branches_through,
    critical_coefficients,
    critical_points,
    hopf_points,
    load,
    open_map,
    planar_basins,
    regime_map_to_zarr,
)

x, y, m, k = sp.symbols("x y m k", real=True)
flow = Flow({x: m + k * x - x**3}, (m, k))
planar = Flow({x: x - x**3, y: -y})

equilibria = find_equilibria(flow, values={m: 0, "k": 1}, within={x: (-2, 2)}, seeds=[{x: 1}], digits=16, boxes=100)
assert_type(equilibria, CertifiedEquilibria)
assert_type(equilibria[0], CertifiedEquilibrium)
assert_type(equilibria[:2], tuple[CertifiedEquilibrium, ...])
assert_type(list(equilibria), list[CertifiedEquilibrium])
assert_type(len(equilibria), int)
assert_type(equilibria.points, tuple[CertifiedEquilibrium, ...])
assert_type(equilibria.flow, Flow)
assert_type(equilibria.complete, bool)
assert_type(equilibria.note, str)
stability: tuple[Literal["stable", "unstable", "half-stable", "nonhyperbolic", "undecided"], ...] = equilibria.pattern
one = equilibria[0]
place: Any = one.point
exact: dict[Any, Any] | None = one.exact
bounds: Mapping[Any, tuple[Any, Any]] = one.bounds
assert_type(one.multiplicity, int | None)
assert_type(one.unstable, int | None)
assert_type(one.proof, Literal["exact", "Krawczyk"])
word: str = one.stability

settings = replace(
    Settings(step=0.1, smallest=1e-9, largest=0.2, points=10, samples=2, size=1.0, state_bound=9.0), points=20
)
assert_type(settings, Settings)
numbers: tuple[float, float, float, int | None, int | None, float | None, float] = (
    settings.step,
    settings.smallest,
    settings.largest,
    settings.points,
    settings.samples,
    settings.size,
    settings.state_bound,
)

branch = continue_branch(
    flow,
    m,
    {x: 1, m: 0},
    {k: 1},
    bounds=(-1, 1),
    at=None,
    direction=1,
    within={x: (-3, 3)},
    functions={"half": lambda state, at: at - 0.5},
    method="arclength",
    settings=settings,
)
assert_type(branch, Branch)
assert_type(branch.lam, np.ndarray)
assert_type(branch.x, np.ndarray)
assert_type(branch.stable, np.ndarray)
assert_type(branch.residual, np.ndarray)
assert_type(branch.tangent, np.ndarray)
unstable: np.ndarray[Any, Any] = branch.unstable
assert_type(branch.events, tuple[Event, ...])
assert_type(branch.parameter, str)
assert_type(branch.states, tuple[str, ...])
assert_type(branch.values, dict[str, str])
status: Literal["bound", "state bound", "closed", "points", "step", "fold", "spectrum"] = branch.status
said: str = branch.message + STATUSES[branch.status]
table: Any = branch.to_dataframe(), branch.events_dataframe()
assert_type(branch.to_dict(), dict[str, Any])
assert_type(branch.to_json(), str)
assert_type(branch.save("branch.json"), Path)
assert_type(Branch.load("branch.json"), Branch)
assert_type(Branch.from_dict(branch.to_dict()), Branch)
assert_type(len(branch), int)
something: Any = load("branch.json")

event = branch.events[0]
label: Literal["LP", "BP", "HB", "UZ", "CP", "BT", "GH", "ZH", "HH"] = event.label
assert_type(event.parameter, float)
assert_type(event.state, tuple[float, ...])
assert_type(event.multiplicity, int | None)
assert_type(event.enclosure, dict[str, tuple[str, str]] | None)
assert_type(event.name, str)
assert_type(event.residual, float)
assert_type(event.kernel, int | None)
assert_type(event.converged, bool)

through = branches_through(flow, m, event, {k: 1}, bounds=(-1, 1), within=None, functions=None, settings=settings)
assert_type(through, tuple[Branch, ...])

diagram = bifurcation_diagram(
    flow, m, (-1, 1), {k: 1}, within=None, method="continuation", functions=None, settings=settings
)
assert_type(diagram, Diagram)
assert_type(diagram.branches, tuple[Branch, ...])
assert_type(diagram.events, tuple[Event, ...])
assert_type(diagram.complete, bool)
assert_type(diagram.note, str)
assert_type(diagram.checked, tuple[float, ...])
rows: Any = diagram.events_dataframe(), diagram.to_dataframe()
assert_type(Diagram.load("diagram.json"), Diagram)

curve = fold_curve(flow, (m, k), {x: 1, m: -2, k: 3}, bounds=(-1, 4), method="auto", settings=settings)
assert_type(curve, Curve)
assert_type(hopf_curve(planar, ("m", "k"), (0, 0, 1, 1), {}, bounds=(0, 1), within=None, functions=None), Curve)
assert_type(curve.kind, Literal["fold", "Hopf"])
assert_type(curve.parameters, tuple[str, str])
assert_type(curve.values, np.ndarray)
assert_type(curve.x, np.ndarray)
assert_type(curve.residual, np.ndarray)
assert_type(curve.states, tuple[str, ...])
assert_type(curve.events, tuple[Event, ...])
ended: tuple[str, str] = (curve.status, curve.message)
assert_type(len(curve), int)
cusps: Any = curve.events_dataframe()

points = critical_points(flow, m, digits=9) + hopf_points(flow, "m")
assert_type(points, tuple[CriticalPoint, ...])
assert_type(critical_points(flow, m, budget=None), CriticalPoints)
assert_type(points[0].centre, dict[str, float])
assert_type(points[0].label, Literal["LP", "BP", "HB"])
assert_type(points[0].multiplicity, int | None)
assert_type(points[0].name, str)
enclosure: Mapping[str, tuple[Any, Any]] = points[0].bounds

problem = FieldProblem(flow, m, {k: 1})
followed: Problem = problem
assert_type(continue_branch(problem, m, 1, bounds=(0, 1)), Branch)
z = np.zeros(2)
value, slopes = problem.evaluate(z)
assert_type(value, np.ndarray)
assert_type(problem.curvature(z, z), np.ndarray)
assert_type(problem.eigenvalues(slopes), np.ndarray)
assert_type(problem.solve(slopes, z, z), np.ndarray)
assert_type(problem.determinant_sign(slopes, z), float)
assert_type(problem.reach(slopes, z), float)
problem.accept(z)
symbols: tuple[Any, ...] = (*problem.states, problem.parameter, *problem.parameters)
assert_type(problem.watched, tuple[str, ...])
given: Mapping[str, Any] = problem.values
size: int = problem.size


def structured(coupled: object) -> Problem:
    """A problem of modes."""
    return ModeProblem(coupled, "mu", {"c": 0.3})


form = critical_coefficients(problem, event)
assert_type(form, CriticalCoefficients)
assert_type(form.coefficients, Mapping[str, float])
kind: str = form.kind
assert_type(form.meaning, str)

regimes = regime_map(
    flow,
    {m: (-1, 1, 5)},
    {k: 1},
    label=lambda pattern: pattern.number,
    method="auto",
    within=None,
    executor=None,
    progress=lambda done, total: None,
)
assert_type(regimes, RegimeMap)
assert_type(regimes.axes, Mapping[str, np.ndarray])
assert_type(regimes.values, Mapping[str, str])
assert_type(regimes.patterns, Mapping[int, Pattern])
classes: np.ndarray[Any, Any] = regimes.classes
assert_type(regimes.rechecked, int)
assert_type(regimes.seconds, float)
assert_type(regimes.method, str)
assert_type(regimes.provenance, Mapping[str, str])
assert_type(regimes.conditions, RegimeConditions | None)
assert_type(regimes.counts(), dict[str, int])
assert_type(regimes.labelled(str), tuple[np.ndarray, tuple[str, ...]])
assert_type(regimes.boundaries(points=9), tuple[tuple[np.ndarray, np.ndarray], ...])
frames: Any = regimes.to_dataframe(str), regimes.to_xarray(str)
pattern = Pattern((1,), 0, (1,), ("stable", "unstable"))
assert_type(pattern.number, int)
assert_type(pattern.negative, tuple[int, ...])
assert_type(pattern.zero, int)
assert_type(pattern.positive, tuple[int, ...])
assert_type(pattern.stability, tuple[str, ...])
assert_type(regimes.label(pattern), object)

stored = regime_map_to_zarr(
    flow, {m: (-1, 1, 5)}, "m.zarr", {k: 1}, chunk=(3,), method="sturm", jobs=2, budget=9.0, overwrite=True
)
assert_type(stored, StoredMap)
assert_type(open_map("m.zarr"), StoredMap)
assert_type(stored.load(), RegimeMap)
assert_type(stored.counts(str), dict[str, int])
assert_type(stored.shape, tuple[int, ...])
assert_type(stored.rechecked, int)
assert_type(stored.seconds, float)
assert_type(stored.method, str)
assert_type(stored.path, str)
assert_type(stored.patterns, dict[int, Pattern])
assert_type(stored.attributes, dict[str, Any])
stored.describe(str)
lazy: Any = stored.to_xarray()

intervals = basins(flow, {m: 0, k: 1})
assert_type(intervals, tuple[Basin, ...])
end: CertifiedEquilibrium | Wall | None = intervals[0].lower or intervals[0].upper
limit: CertifiedEquilibrium | Wall | Literal["-oo", "+oo"] = intervals[0].limit
wall = Wall("pole", {x: (sp.Integer(0), sp.Integer(1))})
assert_type(wall.point, float)
assert_type(wall.kind, Literal["pole", "boundary"])
ends: Mapping[Any, tuple[Any, Any]] = wall.bounds
plane = planar_basins(planar, {x: (-2, 2), y: (-1, 1)}, None, n=5, time=9.0, rtol=1e-6, atol=1e-6)
assert_type(plane, PlanarBasins)
assert_type(plane.x, np.ndarray)
assert_type(plane.y, np.ndarray)
codes: np.ndarray[Any, Any] = plane.codes
assert_type(plane.equilibria, CertifiedEquilibria)
assert_type(plane.attractors, tuple[int, ...])
assert_type(plane.separatrices, tuple[np.ndarray, ...])
