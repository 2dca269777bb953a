"""Names and functions in the text of kernels."""

import re

import mpmath
import numpy as np
import pytest
import sympy as sp
from codegen_helpers import x

from symssl.codegen.compile import compile_function


def test_lambert_w_branches_and_domain():
    lower = compile_function(sp.LambertW(x, -1), [x])
    assert lower(-0.2) == pytest.approx(float(mpmath.lambertw(-0.2, -1).real), rel=1e-14)
    assert np.isnan(lower(np.array([-1.0, -0.2]))).tolist() == [True, False]


def test_awkward_names():
    names = ["lambda", "w", "t0", "multiply", "__import__('os')", "N_\\Phi", "π", "_1", "x y"]
    symbols = [sp.Symbol(name) for name in names]
    f = compile_function(sp.Add(*(n * s for n, s in enumerate(symbols, 1))), symbols)
    true = sum(n * (n + 1) for n in range(9))
    assert f(*range(9)) == true and f(*(np.full(2, n) for n in range(9))).tolist() == [true, true]
    precise = compile_function(
        sp.gamma(sp.Symbol("gamma")) + sp.Symbol("mpf") / 3, sp.symbols("gamma mpf"), backend="mpmath"
    )
    assert precise(4, 3) == 7
    assert re.fullmatch(r"[\w\s(),.:=\[\]*+-]*", f.source)
