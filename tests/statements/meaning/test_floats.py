"""Polynomials in floats agree with their exact values."""

import numpy as np
from flint import fmpq
from sympy import MatrixSymbol

from symssl.language import VectorField
from symssl.statements.meaning.floats import Floats
from symssl.statements.meaning.functions import Function
from symssl.statements.meaning.scene import Scene

W = MatrixSymbol("W", 2, 2)


def test_values_and_slopes():
    scene = Scene({})
    velocity = Function.velocity(VectorField({W: W - 3 * W * W.T * W}), scene, scene.bits)
    table = Floats.of(velocity)
    point = np.array([0.5, -1.0, 0.25, 2.0])
    exact = [float(x.p) / float(x.q) for x in velocity([fmpq(int(4 * x), 4) for x in point])]
    assert np.allclose(table(point), exact)
    for place in range(4):
        aside = np.eye(4)[place] * 1e-6
        assert np.allclose(
            table.slopes(point)[:, place], (table(point + aside) - table(point - aside)) / 2e-6, atol=1e-5
        )


def test_what_is_no_polynomial_has_no_table():
    from symssl import norm

    scene = Scene({})
    assert Floats.of(Function.velocity(VectorField({W: W / norm(W)}), scene, scene.bits)) is None
