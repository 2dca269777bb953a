"""symssl: from a loss on paper to a regime diagram, every step decided by the machine.

The table below is the public API.  Names are loaded on first use, so that
``import symssl`` and the command line stay fast.
"""

from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec
from pathlib import Path as _Path

__version__ = "0.1.0"

# module -> public names: the table of contents of the package
_API = {
    "errors": ("SymsslError", "InputError", "Refusal", "NotIsolated", "Undecided"),
    # matrix symbolic layer
    "nodes": ("inner", "norm", "sq", "cosine", "sg", "E", "potential",
              "gaussians", "samples", "mean", "total"),
    "relations": ("Symmetric", "Orthonormal", "Normalised", "Commutes", "Diagonal"),
    "equality": ("matrix_equal", "Proof"),
    "normalform": ("normal_form",),
    "moments": ("expect", "concentrate"),
    "gradient": ("gradient_flow", "MatrixFlow"),
    "geometry": ("Stiefel", "Grassmann"),
    "laws": ("Law",),
    "gram": ("gram_matrix", "qr", "qr_squares", "unprojected"),
    "quadratic": ("frame_minimum", "contraction_minimum", "product_minimum"),
    "spectral": ("ModeFlow", "ModeSum"),
    "singular": ("SingularFlow", "singular_flow"),
    "secondvariation": ("second_variation", "hessian", "hessian_modes", "HessianModes"),
    # scalar symbolic layer
    "flow": ("Flow",),
    "scaling": ("Scaling",),
    "realalgebra": ("real_roots",),
    "counting": ("count_equilibria",),
    "folds": ("fold_set",),
    # numerics
    "codegen": ("compile_flow", "compile_function"),
    "simulate": ("descend", "follow", "mode_moments", "expected_cosine_gradient", "sampled_cosine_gradient",
                 "expected_flow", "train", "resume"),
    "coupled": ("CoupledFlow",),
    "kernelssl": ("KernelSSL",),
    "networkkernels": ("ReLUKernel", "arc_cosine"),
    "trajectory": ("power_trajectory", "integrate"),
    "bifurcation": ("find_equilibria", "continue_branch", "bifurcation_diagram", "fold_curve", "hopf_curve",
                    "regime_map", "basins"),
    # deciding
    "claims": ("Claim", "Step", "Model", "Paper", "Verdict", "check", "audit"),
    # presentation
    "typeset": ("latex",),
}
_HOME = {name: module for module, names in _API.items() for name in names}

_NEEDS = {"kernelssl": "sklearn"}       # without the library `from symssl import *` goes without the module's names

__all__ = [*(name for name, module in _HOME.items() if module not in _NEEDS or _find_spec(_NEEDS[module])), "__version__"]

# In a source tree `derivations/` and `figures/` lie beside the package; an
# installed copy has them inside (setup.cfg, package_dir).
if (_root := _Path(__file__).resolve().parent.parent).joinpath("setup.cfg").is_file():
    __path__.append(str(_root))


def __getattr__(name):
    if name in _HOME:
        return getattr(_import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module 'symssl' has no attribute {name!r}")


def __dir__():
    return sorted([*_HOME, "__version__"])
