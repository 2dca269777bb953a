from .balls import bounds as bounds
from .conditions import sign_of as sign_of
from .constants import Constants as Constants
from .identity import Comparison as Comparison, compare as compare
from .numbers import (
    as_sympy_number as as_sympy_number,
    exact_number as exact_number,
    is_zero as is_zero,
    without_floats as without_floats,
)
from .points import (
    Undefined as Undefined,
    evaluate as evaluate,
    find_point as find_point,
    holds_at_point as holds_at_point,
)
from .polynomial_systems import (
    AlgebraicNumber as AlgebraicNumber,
    NumberField as NumberField,
    Solution as Solution,
    Solutions as Solutions,
    solve_system as solve_system,
)
from .radicals import Radicals as Radicals
from .roots import RealRoot as RealRoot, real_roots as real_roots
from .series import InverseBranch as InverseBranch, inverse_branch as inverse_branch
from .signs import irreducible_factors as irreducible_factors, sign as sign
