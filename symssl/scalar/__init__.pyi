from .closed_form import ClosedForm as ClosedForm
from .counting import (
    Case as Case,
    Certificate as Certificate,
    EquilibriumCount as EquilibriumCount,
    count_equilibria as count_equilibria,
)
from .equilibria import Equilibria as Equilibria, Equilibrium as Equilibrium
from .flow import Field as Field, Flow as Flow
from .folds import FoldSet as FoldSet, fold_set as fold_set
from .invariants import Darboux as Darboux, Invariants as Invariants
from .power_solutions import SolutionCase as SolutionCase
from .scaling import Scaling as Scaling
