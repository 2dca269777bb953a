"""Bifurcation diagrams: every branch in a range of the parameter, or a note of what may be missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..errors import InputError, Refusal
from ..exact.roots import real_roots
from ..scalar.flow import Flow
from ..support.arguments import instance_of, one_of
from ..support.budgets import TRIAL_BUDGET, Clock, limited, seconds_of
from .branches import Branch, Diagram, Event
from .continuation import Settings, continue_branch, settings_of, state_scale
from .corrector import correct
from .equilibria import CertifiedEquilibria, find_equilibria
from .exact_critical_points import critical_points, escape_parameters, face_crossings, hopf_points
from .explicit_branches import explicit_branches
from .inputs import box_of, flow_of, functions_of, limits_of, parameter_of, point_of
from .problem import FieldProblem
from .switching import half_branches, switch_directions

__all__ = ["bifurcation_diagram", "branches_through"]

_ON = 1e-6  # scaled distance within which a point counts as lying on a branch
_SAMPLES = 17
_SWITCHED = ("BP", "ZH", "BT")  # labels of events at which other branches may leave
_PARTS = {"BT": ("LP", "BP"), "ZH": ("LP", "BP", "HB"), "HH": ("HB",)}  # what algebra finds at a multiple event


def bifurcation_diagram(
    flow: Flow,
    parameter: sp.Symbol | str,
    bounds: tuple[float, float],
    values: Mapping[Any, Any] | None = None,
    *,
    within: Mapping[Any, Any] | None = None,
    method: Literal["auto", "explicit", "continuation"] = "auto",
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] | None = None,
    settings: Settings | None = None,
    budget: float | None = TRIAL_BUDGET,
) -> Diagram:
    """All branches of equilibria in a range of one parameter, with their events.

    Seeds are the certified equilibria at the lower bound and at one parameter
    between every two critical ones; where these cannot be found exactly, at
    equally spaced parameters.  Branches are switched at branch points.

    Parameters
    ----------
    flow : Flow
    parameter : Symbol or name
    bounds : (lower, upper)
    values : mapping of every other parameter to a number
    within : mapping {state: (lower, upper)} of every state, the box searched for fields that are not rational;
        branches end at its faces
    method : "auto", "explicit" (the field solved for the parameter, for one state) or "continuation"
    functions : mapping {name: callable(states, parameter)}, see `continue_branch`
    settings : `Settings` of the continuation; the closed form takes `points` and `state_bound` of them
    budget : seconds for all exact questions together, such as the critical points and the equilibria at some
        parameters; where they are over, the next method takes over and the note says so; None for no limit

    Returns
    -------
    Diagram, whose `note` says what may be missing where it is not `complete`

    Raises
    ------
    InputError
        For what is malformed, and a field that is not algebraic without a box.
    Refusal
        For a field that vanishes identically, and with method "explicit" where no closed form is known.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> diagram = bifurcation_diagram(Flow({x: m*x - x**3}, (m,)), m, (-1, 1))
    >>> len(diagram.branches), diagram.complete, [(e.label, e.name) for e in diagram.events]
    (2, True, [('BP', 'pitchfork')])
    """
    one_of("method", method, ("auto", "explicit", "continuation"))
    seconds = seconds_of("budget", budget)
    chosen, tests = settings_of(settings), functions_of(functions)
    parameter = parameter_of(flow_of(flow), parameter)
    low, high = limits_of("bounds", bounds)
    problem = FieldProblem(flow, parameter, values)
    box = box_of(flow, within)
    if not any(problem.fixed.rhs.values()):
        raise Refusal("the right-hand side vanishes identically: every point is an equilibrium")
    if method == "explicit" and (box or tests):
        raise InputError("the closed form takes neither a box nor functions: choose method 'continuation'")
    if method != "continuation" and not tests and not box:
        try:
            with limited(seconds, "the closed form of the branches"):
                return explicit_branches(problem, low, high, chosen.points or 200, chosen.state_bound)
        except Refusal:
            if method == "explicit":
                raise
    return _continued(problem, low, high, box, tests, chosen, seconds)


def _continued(problem, low, high, box, functions, settings, seconds):
    """The diagram by continuation from certified equilibria."""

    def vertical(branch):
        return np.ptp(branch.lam) <= 1e-12 * (high - low)

    clock = Clock(seconds)
    critical, notes = _critical(problem, clock.share(0.4))
    continua = [(a, b) for a, b in getattr(critical, "continua", ()) if low <= float((a + b) / 2) <= high]
    followed = continua if len(problem.states) == 1 else []  # as curves, where a branch meets them
    continua = [] if followed else continua
    samples, more = _sample(problem, critical, low, high, box, clock)
    seeds = _seeds(problem, samples, box, clock)
    notes += more
    notes += [f"at {problem.parameter} = {float(at):g}: {here.note}" for at, here in zip(samples, seeds) if here.note]
    size = max((abs(v) for here in seeds for e in here for v in np.atleast_1d(e.point)), default=0.0) or 1.0
    scale = state_scale(np.full(len(problem.states), size), low, high)
    options = {
        "bounds": (low, high),
        "within": box,
        "functions": functions,
        "settings": replace(settings, size=settings.size or size),
    }
    branches = []
    for at, here in zip(map(float, samples), seeds):
        for equilibrium in here:
            state = np.atleast_1d(equilibrium.point)
            if any(_lies_on(problem, branch, state, at, scale) for branch in branches):
                continue
            with np.errstate(all="ignore"):
                slopes = problem.evaluate(np.append(state, at))[1]
            if not np.isfinite(slopes).all():
                notes.append(f"the equilibrium {state.tolist()} at {at:g} lies where the field has no derivative")
                continue
            try:
                seed = continue_branch(problem, problem.parameter, state, at=at, **options)
            except InputError as error:
                notes.append(f"from the equilibrium {state.tolist()} at {at:g}: {error}")
                continue
            notes += _grow(problem, seed, branches, options, continua)
    notes += [f"a branch ended early: {b.message}" for b in branches if b.status in ("step", "points", "fold")]
    notes += [
        f"a curve of equilibria lies at {problem.parameter} = {b.lam[0]:g} alone" for b in branches if vertical(b)
    ]
    levels = [b.lam[0] for b in branches if vertical(b)]
    notes += [
        f"at {problem.parameter} = {float((a + b) / 2):.9g} equilibria form a continuum, which is not followed"
        for a, b in (*continua, *followed)
        if a not in dict(followed) or not any(abs(at - float(a)) <= 1e-9 * (high - low) for at in levels)
    ]
    if critical is not None:
        critical = (*critical, *_hopf(problem, clock.share(0.9)))
        exact = [_certified(problem, b, critical, scale, (low, high)) for b in branches]
        branches, met = [b for b, _ in exact], set().union(*(m for _, m in exact))
        notes += [
            f"the critical point {c.centre} lies on no branch that was followed"
            for c in critical
            if low <= c.centre[problem.parameter.name] <= high and id(c) not in met and _admissible(problem, c, box)
        ]
    return Diagram(tuple(branches), not notes, "; ".join(notes), tuple(map(float, samples)))


def branches_through(
    flow: Flow,
    parameter: sp.Symbol | str,
    event: Event,
    values: Mapping[Any, Any] | None = None,
    *,
    bounds: tuple[float, float],
    within: Mapping[Any, Any] | None = None,
    functions: Mapping[str, Callable[[np.ndarray, float], Any]] | None = None,
    settings: Settings | None = None,
) -> tuple[Branch, ...]:
    """All branches of equilibria that meet at a branch point, whatever the dimension of its kernel.

    Parameters
    ----------
    flow, parameter, values, bounds, within, functions, settings : as for `continue_branch`
    event : Event labelled BP, of a branch in the same parameter

    Returns
    -------
    Branches, each once, through the point from end to end.  Branches that leave them elsewhere are not followed.

    Raises
    ------
    InputError
        For an event that is no branch point of this flow, and what is malformed.
    Refusal
        Where the equilibria near the point fill a surface, as they do where a continuous symmetry is broken.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symssl import continue_branch
    >>> x, y, m = symbols("x y m", real=True)
    >>> flow = Flow({x: m*x - x**3, y: m*y - y**3}, (m,))
    >>> (event,) = continue_branch(flow, m, (0, 0), at=-1, bounds=(-1, 1)).events
    >>> event.kernel, len(branches_through(flow, m, event, bounds=(-1, 1)))
    (2, 5)
    """
    chosen, tests = settings_of(settings), functions_of(functions)
    problem = FieldProblem(flow, parameter_of(flow_of(flow), parameter), values)
    instance_of("event", event, Event, "an Event of a branch")
    low, high = limits_of("bounds", bounds)
    if event.label not in _SWITCHED:
        raise InputError(f"branches leave at an event labelled BP, not at {event.label}")
    z = point_of("the place of the event", (*event.state, event.parameter), (*problem.states, problem.parameter))
    size = chosen.size or float(np.abs(z[:-1]).max()) or 1.0
    options = {"bounds": (low, high), "within": within, "functions": tests, "settings": replace(chosen, size=size)}
    scale = state_scale(np.full(len(problem.states), size), low, high)
    value, slopes = problem.evaluate(z)
    if np.abs(value).max() > 1e-6 * problem.reach(slopes, np.abs(z) + scale):
        raise InputError(f"the event at {event.parameter:g} is no equilibrium of this flow")
    _, starts, note = _leaving(problem, event, options)
    if note:
        raise Refusal(note)
    branches: list[Branch] = []
    for start in starts:
        branches += _switched(problem, start, branches, options)
    return tuple(branches)


def _admissible(problem, c, box):
    """Whether a critical point lies in the box and keeps the signs that are assumed of the states."""
    return all(a <= c.centre[x.name] <= b for x, (a, b) in (box or {}).items()) and all(
        not (
            (x.is_nonnegative and c.bounds[x.name][1] < 0)
            or (x.is_nonpositive and c.bounds[x.name][0] > 0)
            or (x.is_nonzero and c.bounds[x.name][0] == c.bounds[x.name][1] == 0)
        )
        for x in problem.states
    )


def _critical(problem, seconds):
    """The critical points, or None and what is not known without them."""
    try:
        found = critical_points(problem.fixed, problem.parameter, budget=seconds)
        return found, [] if found.proved else [f"critical points are not proved: {'; '.join(found.tried)}"]
    except Refusal as refusal:
        note = (
            f"critical points are not known exactly ({refusal}): seeds were taken at sampled parameters, "
            "and a branch that no sample meets may be missing"
        )
        return None, [note]


def _hopf(problem, seconds):
    """The Hopf points, none where they are not known exactly."""
    try:
        return hopf_points(problem.fixed, problem.parameter, budget=seconds)
    except Refusal:  # Hopf points are then located, without proof that there are no others
        return ()


def _seeds(problem, samples, box, clock):
    """The equilibria at each sample, and what is said where they are not isolated."""
    seeds = []
    for number, at in enumerate(samples):
        seconds = clock.share(0.8 / (len(samples) - number))
        try:
            seeds.append(find_equilibria(problem.fixed, {problem.parameter: at}, within=box, budget=seconds))
        except Refusal as refusal:
            seeds.append(CertifiedEquilibria(problem.fixed, (), False, str(refusal)))
    return seeds


def _sample(problem, critical, low, high, box, clock):
    """A parameter in every interval in which no equilibria meet, leave or cross a face of the box.

    Returns these parameters, and notes of what is not known.
    """
    if critical is None:
        return [Fraction(v) for v in np.linspace(low, high, _SAMPLES)], []
    name, notes = problem.parameter.name, []
    cuts = [c.bounds[name] for c in critical] + [*critical.continua] + _vanishing(problem)
    try:
        cuts += [
            (sp.Rational(r.lower), sp.Rational(r.upper))
            for r in escape_parameters(problem.fixed, problem.parameter, budget=clock.share(0.4))
        ]
    except Refusal as refusal:
        notes.append(str(refusal))
    try:
        cuts += face_crossings(problem.fixed, problem.parameter, box or {}, budget=clock.share(0.4))
    except Refusal as refusal:
        notes.append(f"where branches enter the box is not known: {refusal}")
    inside = sorted({Fraction((lower + upper) / 2) for lower, upper in cuts if low < float((lower + upper) / 2) < high})
    edges = [Fraction(low), *inside, Fraction(high)]
    return [(a + b) / 2 for a, b in pairwise(edges) if b > a], notes


def _vanishing(problem):
    """Bounds of the parameters at which a single state of one sign vanishes at equilibrium."""
    if len(problem.states) > 1 or not (problem.states[0].is_nonnegative or problem.states[0].is_nonpositive):
        return []
    at_zero = sp.numer(sp.cancel(sp.together(problem.fixed.rhs[problem.states[0]]))).subs(problem.states[0], 0)
    roots = real_roots(at_zero, problem.parameter) if at_zero.has(problem.parameter) else ()
    return [(sp.Rational(r.lower), sp.Rational(r.upper)) for r in roots]


def _grow(problem, branch, branches, options, continua=()):
    """Add a branch, and those that leave it at its branch points, but for continua of equilibria at one parameter.

    Returns notes of what cannot be followed.
    """
    queue, notes = [branch], []
    while queue:
        branch = queue.pop(0)
        named = []
        for event in branch.events:
            if event.label not in _SWITCHED:
                named.append(event)
                continue
            if any(abs(event.parameter - float(a)) <= 1e-9 * (1 + abs(event.parameter)) for a, _ in continua):
                named.append(replace(event, name="continuum"))
                continue
            name, starts, note = _leaving(problem, event, options)
            named.append(replace(event, name=name) if event.label == "BP" else event)
            notes += [note] if note and note not in notes else []
            for start in starts:
                queue += _switched(problem, start, [*branches, branch, *queue], options)
        branches.append(replace(branch, events=tuple(named)))
    return notes


def _leaving(problem, event, options):
    """At a branch point: its kind, points of the branches that leave it, and a note of what is not isolated."""
    z = np.append(event.state, event.parameter)
    scale = state_scale(np.full(len(z) - 1, options["settings"].size), *options["bounds"])
    kernel = event.kernel or 1
    directions = switch_directions(problem, z, scale) if kernel == 1 and event.label == "BP" else []
    if directions:
        return _kind(directions), [near for d in directions for near in _beside(problem, z, d, scale, options)], ""
    halves = half_branches(problem, z, scale, kernel)
    name = "degenerate" if kernel == 1 else f"kernel of dimension {kernel}"
    note = f"at {problem.parameter} = {event.parameter:g} equilibria fill a surface through {z[:-1].tolist()}"
    low, high = options["bounds"]
    inside = [point for point, _ in halves.points if low <= point[-1] <= high]
    return name, inside, "" if halves.isolated else note


def _beside(problem, z, direction, scale, options):
    """A point of the branch that leaves a branch point in a direction or its opposite, within the bounds."""
    bounds = options["bounds"]
    tangent = direction / scale
    tangent = tangent / np.linalg.norm(tangent)
    for step in (sign * 10.0**power for power in (-3, -2, -4, -5, -6, -7) for sign in (1, -1)):
        guess = z + step * tangent * scale
        corrected = correct(problem, guess, tangent, tangent @ (guess / scale), scale)
        if corrected is None or not bounds[0] <= corrected[0][-1] <= bounds[1]:
            continue
        if np.linalg.norm((corrected[0] - guess) / scale) <= 0.5 * abs(step):
            return [corrected[0]]
    return []


def _kind(directions):
    """What kind of branch point it is: at a pitchfork one branch is vertical."""
    if not directions:
        return "degenerate"
    vertical = any(abs(d[-1]) < 1e-7 * np.linalg.norm(d) for d in directions)
    return "pitchfork" if vertical else "transcritical"


def _switched(problem, start, known, options):
    """The branch through a point beside a branch point, unless it is known."""
    scale = state_scale(np.full(len(start) - 1, options["settings"].size), *options["bounds"])
    if any(_lies_on(problem, branch, start[:-1], start[-1], scale) for branch in known):
        return []
    try:
        return [continue_branch(problem, problem.parameter, start[:-1], at=start[-1], **options)]
    except InputError:
        return []


def _lies_on(problem, branch, state, at, scale):
    """Whether a branch passes through a point.

    The tangent turns by less than 0.3 between two points, so their chord misses the branch by less
    than a twentieth of its length; a corrector that moves farther has jumped to another branch.
    """
    point = np.append(state, at) / scale
    nodes = np.column_stack([branch.x, branch.lam]) / scale
    chords, lengths = np.diff(nodes, axis=0), np.linalg.norm(np.diff(nodes, axis=0), axis=1)
    along = ((point - nodes[:-1]) * chords).sum(axis=1) / np.maximum(lengths, 1e-150) ** 2
    feet = nodes[:-1] + along[:, None] * chords
    allowed = 0.05 * lengths + _ON
    near = (lengths > 0) & (np.linalg.norm(feet - point, axis=1) <= allowed) & (along >= -0.1) & (along <= 1.1)
    for k in np.flatnonzero(near):
        row = chords[k] / lengths[k]
        corrected = correct(problem, feet[k] * scale, row, row @ point, scale)
        if (
            corrected is not None
            and np.linalg.norm(corrected[0] / scale - feet[k]) <= allowed[k]
            and np.linalg.norm(corrected[0] / scale - point) <= _ON
        ):
            return True
    return False


def _certified(problem, branch, critical, scale, bounds):
    """The branch with exact events: those located get the enclosure of the critical point they are,
    and critical points on the branch that no test function saw are added."""
    events, met = [], set()
    for event in branch.events:
        here = {**dict(zip(branch.states, event.state)), branch.parameter: event.parameter}
        gaps = {
            k: max(abs(c.centre[name] - value) / (1 + abs(value)) for name, value in here.items())
            for k, c in enumerate(critical)
            if c.label in _PARTS.get(event.label, (event.label,))
        }
        fits = [critical[k] for k in sorted(gaps, key=gaps.__getitem__) if gaps[k] <= 1e-6]
        parts = [next(c for c in fits if c.label == label) for label in dict.fromkeys(c.label for c in fits)]
        if not parts:
            events.append(event)
        elif id(parts[0]) not in met:
            met.update(map(id, parts))
            events.append(_as_event(branch, parts[0], event))
    for c in critical:
        if (
            id(c) not in met
            and bounds[0] <= c.centre[branch.parameter] <= bounds[1]
            and _passes(problem, branch, c, scale)
        ):
            met.add(id(c))
            name = _kind(switch_directions(problem, _place(branch, c), scale)) if c.label == "BP" else ""
            events.append(_as_event(branch, c, Event(c.label, 0.0, (), name=name)))
    nodes = np.column_stack([branch.x, branch.lam])
    order = [np.linalg.norm(nodes - np.append(e.state, e.parameter), axis=1).argmin() for e in events]
    events = [e for _, e in sorted(zip(order, events), key=lambda pair: pair[0])]
    return replace(branch, events=tuple(events)), met


def _place(branch, c):
    return np.array([c.centre[name] for name in (*branch.states, branch.parameter)])


def _as_event(branch, c, event):
    """A critical point as the event that was located there: its place, and what else the event says."""
    *state, parameter = _place(branch, c)
    return replace(
        event,
        parameter=float(parameter),
        state=tuple(map(float, state)),
        multiplicity=event.multiplicity if event.label == "HH" else c.multiplicity,
        enclosure={key: tuple(map(str, ends)) for key, ends in c.bounds.items()} if c.proved else None,
        name=c.name or event.name,
    )


def _passes(problem, branch, c, scale):
    """Whether a branch passes through a critical point, where the corrector may be singular."""
    point = _place(branch, c) / scale
    nodes = np.column_stack([branch.x, branch.lam]) / scale
    chords = np.diff(nodes, axis=0)
    lengths = np.maximum(np.linalg.norm(chords, axis=1), 1e-150)
    along = np.clip(((point - nodes[:-1]) * chords).sum(axis=1) / lengths**2, 0, 1)
    away = np.linalg.norm(nodes[:-1] + along[:, None] * chords - point, axis=1)
    k = int(away.argmin())
    if away[k] > 0.05 * lengths[k] + _ON:
        return False
    row = chords[k] / lengths[k]
    corrected = correct(problem, (nodes[k] + along[k] * chords[k]) * scale, row, row @ point, scale)
    return corrected is None or np.linalg.norm(corrected[0] / scale - point) <= 1e-3
