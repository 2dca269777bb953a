"""Drawing on given axes; nothing is computed here, and only here is matplotlib imported.

Stable is a solid line or a filled marker, unstable a dashed line or an open
marker.  Colours are those of Okabe and Ito, which stay apart for colour-blind
readers.  Every function returns the artists that it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .bifurcation.basins_of_attraction import PlanarBasins
from .bifurcation.branches import Diagram
from .bifurcation.codimension_two import Curve
from .bifurcation.regimes import RegimeMap
from .errors import InputError
from .support.arguments import described, instance_of
from .support.files import write_whole

__all__ = [
    "PALETTE",
    "basins",
    "bifurcation",
    "caption",
    "curves",
    "diagram",
    "equilibria",
    "error_curves",
    "figure",
    "label",
    "phase_line",
    "regime_map",
    "regimes",
    "save",
    "style",
    "vector_field",
]

PALETTE = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}

_OUTSIDE: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1, 1)}  # a legend there covers no data
_SAME = 1e-9  # scaled distance within which an event is a point of its branch
_LINES = ("blue", "vermillion", "green", "purple", "orange", "sky", "black")  # yellow is too faint
_STYLE: Any = {
    "axes.prop_cycle": cycler(color=[PALETTE[name] for name in _LINES]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": 10,
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
    "mathtext.fontset": "stix",
    "pdf.fonttype": 42,
    "svg.hashsalt": "symssl",
}


@contextmanager
def style() -> Iterator[None]:
    """The house style, for the figures made inside the ``with``."""
    with matplotlib.rc_context(_STYLE):
        yield


def figure(width: float = 6.0, height: float = 3.6) -> Figure:
    """A figure that belongs to no window and needs none closed; sizes in inches."""
    return Figure(figsize=(width, height))


def label(ax: Axes, x: str, y: str, title: str | None = None) -> Axes:
    r"""Name both axes; a plot without them is refused.

    >>> with style():
    ...     ax = label(figure().add_subplot(), "$p$", r"$\dot p$")
    >>> ax.get_xlabel()
    '$p$'
    """
    _axes(ax)
    texts: tuple[tuple[str, Any], ...] = (("x", x), ("y", y))
    for name, text in texts:
        if not isinstance(text, str) or not text:
            raise InputError(f"{name} must be the label of an axis, not {described(text)}: both axes need one")
    ax.set(xlabel=x, ylabel=y)
    if title:
        ax.set_title(title)
    return ax


def caption(fig: Figure, text: str, width: int = 95) -> Any:
    """A text below the whole figure, which grows by the lines that it needs; the artist.

    >>> with style():
    ...     fig = figure()
    ...     _ = fig.add_subplot()
    ...     _ = caption(fig, "Simulated and predicted agree within 1 %.")
    >>> fig.get_supxlabel()
    'Simulated and predicted agree within 1 %.'
    """
    instance_of("fig", fig, Figure, "a figure")
    instance_of("text", text, str, "text")
    across, height = fig.get_size_inches()
    lines = fill(" ".join(text.split()), round(width * across / 6))
    fig.set_size_inches(across, height + 0.15 * (lines.count("\n") + 1))
    return fig.supxlabel(lines, x=0.01, ha="left", fontsize=8, linespacing=1.2)


def vector_field(x: Any, velocity: Any, ax: Axes, **options: Any) -> list[Any]:
    """A scalar vector field, velocity over state, with the line where it vanishes."""
    x, velocity = _alike(x, velocity)
    axis = ax.axhline(0, color="0.6", linewidth=0.8, zorder=0)
    return [axis, *ax.plot(x, velocity, **options)]


def equilibria(points: Any, stable: Any, ax: Axes, height: float = 0.0, **options: Any) -> list[Any]:
    """Equilibria on a line: filled where stable, open where unstable."""
    points, stable = _alike(points, stable)
    color = options.pop("color", PALETTE["black"])
    return [
        ax.scatter(
            points[kind],
            np.full(kind.sum(), height),
            s=26,
            zorder=3,
            edgecolors=color,
            facecolors=color if filled else "white",
            **options,
        )
        for filled, kind in ((True, stable.astype(bool)), (False, ~stable.astype(bool)))
    ]


def phase_line(
    points: Sequence[float],
    stable: Sequence[bool],
    directions: Sequence[float],
    ax: Axes,
    *,
    limits: tuple[float, float],
    height: float = 0.0,
    **options: Any,
) -> list[Any]:
    """A phase line: ascending equilibria, and an arrow for the direction between them.

    ``directions`` holds the signs of the velocity from left to right, one more
    than there are points.
    """
    if len(directions) != len(points) + 1:
        raise InputError(f"{len(points)} equilibria separate {len(points) + 1} directions; got {len(directions)}")
    edges = np.concatenate([limits[:1], points, limits[1:]])
    artists: list[Any] = ax.plot(limits, (height, height), color="0.5", linewidth=0.8, zorder=1)
    for middle, sign in zip((edges[:-1] + edges[1:]) / 2, directions):
        artists.append(ax.scatter([middle], [height], marker=">" if sign > 0 else "<", s=16, color="0.3", zorder=2))
    return artists + (equilibria(points, stable, ax, height, **options) if len(points) else [])


def diagram(branches: Iterable[tuple[Any, Any, Any]], ax: Axes, **options: Any) -> list[Any]:
    """Branches ``(parameter, state, stable)``: solid where stable, dashed where not."""
    options = {"color": PALETTE["blue"], **options}
    lines = []
    for branch in branches:
        parameter, state, stable = _alike(*branch)
        stable = stable.astype(bool)
        # the dashed pieces reach to their solid neighbours, so that no gap opens
        unstable = ~stable | np.r_[~stable[1:], False] | np.r_[False, ~stable[:-1]]
        for where, dashes in ((stable, "-"), (unstable, "--")):
            lines += ax.plot(parameter, np.where(where, state, np.nan), dashes, **options)
    return lines


_SHADES = ("sky", "orange", "green", "yellow", "purple", "blue", "vermillion")


def regime_map(
    x: Any, y: Any, codes: Any, names: Sequence[str], ax: Axes, *, colors: Sequence[str] = _SHADES
) -> list[Any]:
    """A map of integer regime codes 0, 1, ... over the axes x and y, with a legend of names."""
    codes = np.asarray(codes)
    if codes.shape != (len(y), len(x)):
        raise InputError(f"the codes have the shape {codes.shape}, the axes {(len(y), len(x))}")
    if codes.min() < 0 or codes.max() >= len(names) or len(names) > len(colors):
        raise InputError(
            f"codes {codes.min()}..{codes.max()} need that many names and colours; got "
            f"{len(names)} names and {len(colors)} colours: give more, or a label that tells fewer apart"
        )
    shades = [_tint(PALETTE.get(color, color)) for color in colors[: len(names)]]
    mesh = ax.pcolormesh(
        x,
        y,
        codes,
        cmap=ListedColormap(shades),
        shading="nearest",
        rasterized=True,
        norm=BoundaryNorm(np.arange(len(names) + 1) - 0.5, len(names)),
    )
    handles = [Patch(facecolor=shade, label=fill(name, 26)) for shade, name in zip(shades, names)]
    return [mesh, ax.legend(handles=handles, **_OUTSIDE)]


def bifurcation(found: Diagram, ax: Axes, state: Any = None, **options: Any) -> list[Any]:
    """A `Diagram` of equilibria: stable solid, unstable dashed, events marked, with a legend.

    `state` names the state on the vertical axis; the first if not given.
    """
    instance_of("found", found, Diagram, "a Diagram, as bifurcation_diagram gives it")
    _axes(ax)
    if not found.branches:
        raise InputError("the diagram has no branch to draw")
    first = found.branches[0]
    name = first.states[0] if state is None else str(state)
    if name not in first.states:
        raise InputError(f"{name} is not a state of the diagram; there are {', '.join(first.states)}")
    k = first.states.index(name)
    traced = [_with_events(b) for b in found.branches]
    artists = diagram([(points[:, 0], points[:, k + 1], stable) for points, stable in traced], ax, **options)
    kinds = {bool(kind) for _, stable in traced for kind in stable}
    dashed: tuple[tuple[bool, Any, str], ...] = ((True, "-", "stable"), (False, "--", "unstable"))
    handles = [
        Line2D([], [], color=artists[0].get_color(), linestyle=dashes, label=text)
        for kind, dashes, text in dashed
        if kind in kinds
    ]
    markers = _marked([(e.label, e.name, e.parameter, e.state[k]) for e in found.events], _EVENTS, ax)
    return [*artists, *markers, ax.legend(handles=handles + markers, **_OUTSIDE)]


def _with_events(branch):
    """(parameter, states) along a branch with its events among them, and where it is stable.

    An event counts as stable where one side of it is, so that solid ends and dashed begins exactly there.
    """
    points, stable = np.column_stack([branch.lam, branch.x]), branch.stable
    scale = np.ptp(points, axis=0)
    scale[scale == 0] = 1
    for event in branch.events:
        place = np.array([event.parameter, *event.state])
        away = np.linalg.norm((points - place) / scale, axis=1)
        k = int(away.argmin())
        if away[k] > _SAME and len(points) > 1:
            k = _nearest_chord(points / scale, place / scale) + 1
            points, stable = np.insert(points, k, place, axis=0), np.insert(stable, k, False)
        stable[k] = any(stable[j] for j in (k - 1, k + 1) if 0 <= j < len(stable))
    return points, stable


def _nearest_chord(points, place):
    """Number of the chord of a polyline that is nearest to a place."""
    chords = np.diff(points, axis=0)
    along = ((place - points[:-1]) * chords).sum(axis=1) / np.maximum((chords**2).sum(axis=1), 1e-300)
    feet = points[:-1] + np.clip(along, 0, 1)[:, None] * chords
    return int(np.linalg.norm(feet - place, axis=1).argmin())


# label of an event -> what it is called, its marker and its colour
_EVENTS = {
    "LP": ("fold", "o", "vermillion"),
    "BP": ("branch point", "s", "green"),
    "HB": ("Hopf", "D", "purple"),
    "UZ": ("user's", "x", "black"),
    "BT": ("Bogdanov-Takens", "s", "black"),
    "ZH": ("zero-Hopf", "^", "purple"),
    "HH": ("double Hopf", "v", "purple"),
}
_CODIMENSION_TWO = {
    "CP": ("cusp", "o", "black"),
    "BT": ("Bogdanov-Takens", "s", "green"),
    "GH": ("generalised Hopf", "D", "purple"),
    "ZH": ("zero-Hopf", "^", "purple"),
    "HH": ("double Hopf", "v", "purple"),
}


def _marked(events, kinds, ax):
    """Markers for events (label, name, x, y), one artist a kind; the name is told where all of a kind share it."""
    markers = []
    for kind, (meaning, marker, color) in kinds.items():
        here = [event for event in events if event[0] == kind]
        if here:
            names = {name for _, name, _, _ in here}
            text = names.pop() if len(names) == 1 and "" not in names else meaning
            markers.append(
                ax.scatter(
                    [x for *_, x, _ in here],
                    [y for *_, y in here],
                    marker=marker,
                    s=30,
                    color=PALETTE[color],
                    zorder=4,
                    label=f"{text} ({kind})",
                )
            )
    return markers


def curves(found: Curve | Sequence[Curve], ax: Axes) -> list[Any]:
    """One `Curve` or several of folds (solid) and Hopf points (dashed) in two parameters, with their events.

    The first curve says which parameter is horizontal; the others may name the two in either order.
    """
    several: list[Any] = list(found) if isinstance(found, (tuple, list)) else [found]
    if not several:
        raise InputError("there is no curve to draw")
    _axes(ax)
    for curve in several:
        instance_of("found", curve, Curve, "a Curve, or several in a list")
    axes = several[0].parameters
    artists: list[Any] = []
    events: list[Any] = []
    for curve in several:
        if set(curve.parameters) != set(axes):
            raise InputError(f"a curve over {', '.join(curve.parameters)} does not fit axes of {', '.join(axes)}")
        turned = slice(None, None, 1 if curve.parameters == axes else -1)
        color, dashes = _CURVES[curve.kind]
        artists += ax.plot(*_alike(*curve.values.T)[turned], dashes, color=PALETTE[color], label=curve.kind)
        # an event of a curve keeps the first parameter after the states
        events += [(e.label, e.name, *(e.state[-1], e.parameter)[turned]) for e in curve.events]
    handles = list({line.get_label(): line for line in artists}.values())
    markers = _marked(events, _CODIMENSION_TWO, ax)
    return [*artists, *markers, ax.legend(handles=handles + markers, **_OUTSIDE)]


_CURVES = {"fold": ("blue", "-"), "Hopf": ("vermillion", "--")}


def regimes(
    found: RegimeMap,
    ax: Axes,
    label: Callable[[Any], object] | None = None,
    *,
    curves: Iterable[tuple[Any, Any]] = (),
    **options: Any,
) -> list[Any]:
    """A `RegimeMap` over two axes, under a label of its patterns, with its boundary curves."""
    instance_of("found", found, RegimeMap, "a RegimeMap, as regime_map gives it")
    _axes(ax)
    if len(found.axes) != 2:
        raise InputError(f"a map over {len(found.axes)} axes cannot be drawn in the plane; fix some of them")
    (_, first), (_, second) = found.axes.items()
    codes, names = found.labelled(label)
    artists = regime_map(first, second, codes.T, names, ax, **options)
    for x, y in curves:
        artists += ax.plot(x, y, color=PALETTE["black"], linewidth=1.2)
    ax.set(xlim=(first[0], first[-1]), ylim=(second[0], second[-1]))
    return artists


def basins(found: PlanarBasins, ax: Axes, names: Sequence[str] | None = None) -> list[Any]:
    """`PlanarBasins`: a colour for each attractor, equilibria and separatrices."""
    instance_of("found", found, PlanarBasins, "PlanarBasins, as planar_basins gives them")
    _axes(ax)
    kinds = [*range(len(found.attractors)), -1, -2]
    kinds = [k for k in kinds if (found.codes == k).any()]
    texts = {-1: "leaves", -2: "undecided"}
    names = [texts.get(k) or (names[k] if names else f"attractor {k + 1}") for k in kinds]
    table = np.zeros(len(found.attractors) + 2, int)
    for place, k in enumerate(kinds):
        table[k] = place
    artists = regime_map(found.x, found.y, table[found.codes], names, ax)
    for curve in found.separatrices:
        artists += ax.plot(*curve.T, color=PALETTE["black"], linewidth=1.2)
    for e in found.equilibria:
        x, y = e.point
        face = "black" if e.stability == "stable" else "white"
        artists.append(ax.scatter(x, y, s=26, zorder=3, edgecolors="black", facecolors=face))
    ax.set(xlim=(found.x[0], found.x[-1]), ylim=(found.y[0], found.y[-1]))
    return artists


def _tint(color, strength=0.55):
    """An opaque light shade, on which black lines stand out."""
    return tuple(1 - strength * (1 - np.array(to_rgb(color))))


def error_curves(x: Any, errors: Mapping[str, Any], ax: Axes) -> list[Any]:
    """Errors by name over x, both logarithmic; each with its own marker."""
    lines: list[Any] = []
    for (name, values), marker in zip(errors.items(), "osD^v<>"):
        x, values = _alike(x, values)
        lines += ax.loglog(x, values, marker=marker, markersize=4, label=name)
    return [*lines, ax.legend()]


def save(fig: Figure, stem: str | PathLike[str]) -> tuple[Path, ...]:
    """Write ``stem.pdf`` and ``stem.png``, each whole or not at all; return the paths.

    Every axis must be labelled, or switched off with ``ax.set_axis_off()`` as in
    an inset.  The files carry no dates, so the same figure gives the same bytes.

    Raises
    ------
    InputError
        If an axis has no label, or the folder cannot be written.
    """
    instance_of("fig", fig, Figure, "a figure")
    for ax in fig.axes:
        if ax.axison and not (ax.get_xlabel() and ax.get_ylabel()):
            raise InputError(f"an axis of {stem} has no label: use draw.label(ax, x, y)")
    stem = Path(stem)
    metadata: dict[str, Any] = {
        "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
        "png": {"Software": None},
    }
    paths = []
    for suffix, fields in metadata.items():
        path = stem.with_name(f"{stem.name}.{suffix}")
        write_whole(path, partial(_saved, fig, suffix, fields))
        paths.append(path)
    return tuple(paths)


def _saved(fig, suffix, fields, file):
    fig.savefig(file, format=suffix, metadata=fields)


def _axes(ax):
    """The axes on which something is drawn."""
    return instance_of("ax", ax, Axes, "the axes of a figure, such as figure().add_subplot()")


def _alike(*arrays):
    """Arrays of one common length, at least one point long."""
    arrays = [np.atleast_1d(np.asarray(a)) for a in arrays]
    if not arrays[0].size:
        raise InputError("there is no point to draw")
    if len({a.shape for a in arrays}) > 1 or arrays[0].ndim != 1:
        raise InputError(f"expected curves of one length; got {[a.shape for a in arrays]}")
    return arrays
