from .balls import bounds as bounds
from .balls import whole_power as whole_power
from .conditions import sign_of as sign_of
from .identity import Comparison as Comparison
from .identity import compare as compare
from .numbers import (
    as_rational as as_rational,
)
from .numbers import (
    exact_number as exact_number,
)
from .numbers import (
    is_zero as is_zero,
)
from .numbers import (
    without_floats as without_floats,
)
from .points import Undefined as Undefined
from .points import evaluate as evaluate
from .points import find_point as find_point
from .points import truth as truth
from .polynomial_systems import (
    AlgebraicNumber as AlgebraicNumber,
)
from .polynomial_systems import (
    NumberField as NumberField,
)
from .polynomial_systems import (
    Solution as Solution,
)
from .polynomial_systems import (
    solve_system as solve_system,
)
from .radicals import Radicals as Radicals
from .roots import RealRoot as RealRoot
from .roots import real_roots as real_roots
from .series import InverseBranch as InverseBranch
from .series import inverse_branch as inverse_branch
from .signs import irreducible_factors as irreducible_factors
from .signs import sign as sign
