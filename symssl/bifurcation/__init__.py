"""Equilibria, branches and regimes of flows, certified where the field is rational."""

from .basins import Basin, PlanarBasins, Wall, basins, planar_basins
from .branches import Branch, Diagram, Event
from .certified import CertifiedEquilibria, CertifiedEquilibrium, find_equilibria
from .codimension import Curve, fold_curve, hopf_curve
from .continuation import continue_branch
from .critical import critical_points, hopf_points
from .diagram import bifurcation_diagram
from .normalforms import NormalForm, normal_form
from .problem import FieldProblem, ModeProblem
from .regimes import Pattern, RegimeMap, regime_map
from .results import load
from .storage import StoredMap, open_map, regime_map_to_zarr

__all__ = ["Basin", "Branch", "CertifiedEquilibria", "CertifiedEquilibrium", "Curve", "Diagram", "Event",
           "FieldProblem", "ModeProblem", "NormalForm", "Pattern", "PlanarBasins", "RegimeMap", "StoredMap", "Wall", "basins",
           "bifurcation_diagram", "continue_branch", "critical_points", "find_equilibria", "fold_curve", "hopf_curve", "hopf_points",
           "load", "normal_form", "open_map", "planar_basins", "regime_map", "regime_map_to_zarr"]
