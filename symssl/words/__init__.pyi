from .moments import Approximation as Approximation, concentrate as concentrate, expect as expect
from .normal_forms import normal_form as normal_form
from .polynomials import Poly as Poly
from .reading import read as read
from .rewriting import Rewriting as Rewriting, rewriting as rewriting
from .writing import write as write
