from .basins_of_attraction import (
    Basin as Basin,
    PlanarBasins as PlanarBasins,
    Wall as Wall,
    basins as basins,
    planar_basins as planar_basins,
)
from .branches import STATUSES as STATUSES, Branch as Branch, Diagram as Diagram, Event as Event
from .codimension_two import Curve as Curve, fold_curve as fold_curve, hopf_curve as hopf_curve
from .continuation import Settings as Settings, continue_branch as continue_branch
from .diagram import bifurcation_diagram as bifurcation_diagram, branches_through as branches_through
from .equilibria import (
    CertifiedEquilibria as CertifiedEquilibria,
    CertifiedEquilibrium as CertifiedEquilibrium,
    find_equilibria as find_equilibria,
)
from .exact_critical_points import (
    CriticalPoint as CriticalPoint,
    CriticalPoints as CriticalPoints,
    critical_points as critical_points,
    hopf_points as hopf_points,
)
from .normal_form_coefficients import (
    CriticalCoefficients as CriticalCoefficients,
    critical_coefficients as critical_coefficients,
)
from .problem import FieldProblem as FieldProblem, ModeProblem as ModeProblem, Problem as Problem
from .regime_conditions import RegimeConditions as RegimeConditions
from .regimes import Pattern as Pattern, RegimeMap as RegimeMap, regime_map as regime_map
from .results import load as load
from .zarr_store import StoredMap as StoredMap, open_map as open_map, regime_map_to_zarr as regime_map_to_zarr
