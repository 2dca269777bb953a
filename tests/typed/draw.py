"""Every public name of `symssl.draw`, as a type checker sees it; read by mypy --strict, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from symssl import draw
from symssl.bifurcation import Curve, Diagram, PlanarBasins, RegimeMap


def every(diagram: Diagram, curve: Curve, regimes: RegimeMap, plane: PlanarBasins) -> tuple[Path, ...]:
    """One call of every function."""
    with draw.style():
        fig = draw.figure(6.0, height=3.6)
        assert_type(fig, Figure)
        ax = draw.label(fig.add_subplot(), "$p$", "$s$", "title")
        assert_type(ax, Axes)
        color: str = draw.PALETTE["black"]
        artists: list[Any] = [
            *draw.vector_field([0, 1], [1, 0], ax, color=color),
            *draw.equilibria([0, 1], [True, False], ax, height=0.5),
            *draw.phase_line([0.0], [True], [1, -1], ax, limits=(-1, 1), height=0.0),
            *draw.diagram([([0, 1], [0, 1], [True, True])], ax),
            *draw.regime_map([0, 1], [0, 1], [[0, 0], [1, 1]], ["a", "b"], ax, colors=("sky", "orange")),
            *draw.bifurcation(diagram, ax, "x"),
            *draw.curves([curve], ax),
            *draw.curves(curve, ax),
            *draw.regimes(regimes, ax, str, curves=regimes.boundaries()),
            *draw.basins(plane, ax, ["left", "right"]),
            *draw.error_curves([1, 2], {"error": [0.1, 0.01]}, ax),
        ]
        assert artists
        draw.caption(fig, "text", width=90)
    return draw.save(fig, "figure")
