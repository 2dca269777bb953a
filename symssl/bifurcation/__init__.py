"""Equilibria, branches and regimes of flows, certified where the field is rational."""

from .branches import Branch, Diagram, Event, load
from .certified import CertifiedEquilibria, CertifiedEquilibrium, find_equilibria
from .continuation import continue_branch
from .critical import critical_points
from .diagram import bifurcation_diagram
from .problem import FieldProblem, ModeProblem
from .regimes import Pattern, RegimeMap, regime_map
from .storage import StoredMap, open_map, regime_map_to_zarr

__all__ = ["Branch", "CertifiedEquilibria", "CertifiedEquilibrium", "Diagram", "Event", "FieldProblem", "ModeProblem",
           "Pattern", "RegimeMap", "StoredMap", "bifurcation_diagram", "continue_branch", "critical_points",
           "find_equilibria", "load", "open_map", "regime_map", "regime_map_to_zarr"]
