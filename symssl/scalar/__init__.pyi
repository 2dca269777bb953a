from .closed_form import ClosedForm as ClosedForm
from .counting import (
    Case as Case,
)
from .counting import (
    Certificate as Certificate,
)
from .counting import (
    EquilibriumCount as EquilibriumCount,
)
from .counting import (
    count_equilibria as count_equilibria,
)
from .equilibria import Equilibria as Equilibria
from .equilibria import Equilibrium as Equilibrium
from .flow import Field as Field
from .flow import Flow as Flow
from .folds import FoldSet as FoldSet
from .folds import fold_set as fold_set
from .invariants import Darboux as Darboux
from .invariants import Invariants as Invariants
from .scaling import Scaling as Scaling
