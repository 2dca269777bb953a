"""symssl: from a loss on paper to a regime diagram, every step decided by the machine.

Language (`symssl.language`): what a loss is written with.
    inner norm sq cosine potential      scalars made from matrices
    sg E mean total                     stop-gradient, expectation, averages and sums over samples
    gaussians samples ModeSum           random vectors, samples, sums over modes
    Symmetric Orthonormal Normalised Commutes Diagonal
                                        relations between matrices
    Sentence Object Let Vocabulary      closed statements in declared names

Words (`symssl.words`): the exact algebra behind it.
    expect concentrate normal_form      Gaussian moments, concentration as a named step, shortest form

Matrix flows (`symssl.matrix`): for symbolic sizes.
    gradient_flow MatrixFlow            from a loss to the flow of its weights
    Stiefel Grassmann Law               constrained weights, exponential laws
    matrix_equal Proof                  is this identity true?
    hessian second_variation            second variations of a loss
    singular_flow SingularFlow          velocities of singular values and vectors
    frame_minimum contraction_minimum product_minimum
                                        quadratic minima with certificates
    gram_matrix qr qr_squares unprojected
                                        Gram determinants and the QR factorisation

Modes (`symssl.modes`): a matrix flow in common frames.
    ModeFlow CoupledFlow hessian_modes HessianModes

Scalar flows (`symssl.scalar`): finitely many real states.
    Flow Scaling count_equilibria fold_set

Exact arithmetic (`symssl.exact`): real_roots

Code (`symssl.codegen`): compile_function compile_flow

Trajectories (`symssl.trajectory`): integrate power_trajectory

Bifurcations (`symssl.bifurcation`): equilibria, branches, regimes, certified.
    find_equilibria continue_branch bifurcation_diagram
    fold_curve hopf_curve regime_map basins

Simulation (`symssl.simulate`): ground truth in NumPy.
    train resume descend follow         training runs and descent
    mode_moments expected_cosine_gradient sampled_cosine_gradient expected_flow
                                        exact expectations at finite size

Kernels (`symssl.kernels`): KernelSSL ReLUKernel arc_cosine

Statements (`symssl.statements`): what a sentence means.
    truth                               whether it holds at concrete values, without any derivation

Claims (`symssl.claims`): what a paper says, and what is true of it.
    Claim Step Model Paper Verdict check audit

Presentation: latex (`symssl.typeset`), write_paper (`symssl.present`), and
    `symssl.draw` for figures.

Failures (`symssl.errors`): InputError and Refusal (Undecided, NotIsolated, OverBudget), both SymsslError.

Everything is loaded on first use.  `help(symssl.Flow)` and the like tell more;
`symssl --help` lists the commands.
"""

import sys as _sys
from importlib.util import find_spec as _find_spec, spec_from_file_location as _spec_from_file_location
from pathlib import Path as _Path

import lazy_loader as _lazy

__version__ = "0.1.0"

__getattr__, _names, __all__ = _lazy.attach_stub(__name__, __file__)  # the table is __init__.pyi

_EXTRA = {"KernelSSL": "sklearn"}  # without the library `from symssl import *` goes without the name
_ROOMS = {path.stem for path in _Path(__file__).parent.iterdir() if path.is_dir() or path.suffix == ".py"}
__all__ = [n for n in __all__ if n not in _ROOMS and _find_spec(_EXTRA.get(n, "symssl"))] + ["__version__"]


def __dir__():
    # `help(symssl)` shows the table above; pydoc would add every page of every name, some 18 000 lines
    frame = _sys._getframe()
    while frame is not None:
        if _Path(frame.f_code.co_filename).name == "pydoc.py":
            return ["__version__"]
        frame = frame.f_back
    return [*_names(), "__version__"]


class _BesideThePackage:
    """In a source tree `derivations/` and `figures/` lie beside the package (setup.cfg, package_dir)."""

    root = _Path(__file__).resolve().parent.parent

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        package, _, folder = name.rpartition(".")
        init = cls.root / folder / "__init__.py"
        if package == __name__ and folder in ("derivations", "figures") and init.is_file():
            return _spec_from_file_location(name, init, submodule_search_locations=[str(init.parent)])
        return None


class _ByPath:
    """Papers that lie anywhere: their package is named after its path (symssl/support/modules.py)."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if not name.startswith("symssl_at_"):
            return None
        from .support.modules import spec_of

        return spec_of(name)


if (_BesideThePackage.root / "setup.cfg").is_file():
    _sys.meta_path.insert(0, _BesideThePackage)
_sys.meta_path.append(_ByPath)
