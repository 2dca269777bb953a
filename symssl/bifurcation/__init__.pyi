from .basins_of_attraction import (
    Basin as Basin,
)
from .basins_of_attraction import (
    PlanarBasins as PlanarBasins,
)
from .basins_of_attraction import (
    Wall as Wall,
)
from .basins_of_attraction import (
    basins as basins,
)
from .basins_of_attraction import (
    planar_basins as planar_basins,
)
from .branches import Branch as Branch
from .branches import Diagram as Diagram
from .branches import Event as Event
from .codimension_two import Curve as Curve
from .codimension_two import fold_curve as fold_curve
from .codimension_two import hopf_curve as hopf_curve
from .continuation import continue_branch as continue_branch
from .diagram import bifurcation_diagram as bifurcation_diagram
from .equilibria import (
    CertifiedEquilibria as CertifiedEquilibria,
)
from .equilibria import (
    CertifiedEquilibrium as CertifiedEquilibrium,
)
from .equilibria import (
    find_equilibria as find_equilibria,
)
from .exact_critical_points import critical_points as critical_points
from .exact_critical_points import hopf_points as hopf_points
from .normal_form_coefficients import (
    CriticalCoefficients as CriticalCoefficients,
)
from .normal_form_coefficients import (
    critical_coefficients as critical_coefficients,
)
from .problem import FieldProblem as FieldProblem
from .problem import ModeProblem as ModeProblem
from .regimes import Pattern as Pattern
from .regimes import RegimeMap as RegimeMap
from .regimes import regime_map as regime_map
from .results import load as load
from .zarr_store import StoredMap as StoredMap
from .zarr_store import open_map as open_map
from .zarr_store import regime_map_to_zarr as regime_map_to_zarr
