from .differentiation import derivative as derivative, gradient as gradient
from .letters import Letter as Letter, letter as letter
from .moments import Approximation as Approximation, concentrate as concentrate, expect as expect
from .normal_forms import normal_form as normal_form
from .polynomials import Poly as Poly
from .reading import read as read
from .rewriting import Rewriting as Rewriting, rewriting as rewriting
from .substitution import substitute as substitute
from .vanishing import vanishes as vanishes
from .writing import write as write
