"""Where trajectories come to rest."""

import numpy as np
from flint import arb, ctx, fmpq
from sympy import MatrixSymbol, Symbol

from symssl.language import GradientDescent, VectorField
from symssl.statements.meaning.rests import rest_of
from symssl.statements.meaning.scene import Scene

x, y = Symbol("x", real=True), Symbol("y", real=True)
SADDLE = VectorField({x: x - x**3, y: -y})  # to -1 or 1 on the line, and to 0 from x = 0 alone


def test_the_place_of_rest_is_known_in_many_digits():
    scene = Scene({})
    found = rest_of(SADDLE, {x: fmpq(1, 3), y: fmpq(2)}, scene)
    assert abs(arb(found[x]) - 1) < arb(2) ** -100 and abs(arb(found[y])) < arb(2) ** -100
    assert scene.estimates


def test_a_start_at_rest_stays_exactly():
    scene = Scene({})
    assert rest_of(SADDLE, {x: fmpq(0), y: fmpq(0)}, scene) == {x: fmpq(0), y: fmpq(0)} and not scene.estimates


def test_nothing_is_told_between_two_basins_or_without_rest():
    for dynamics, start in (
        (SADDLE, {x: fmpq(0), y: fmpq(1)}),  # rounding decides
        (VectorField({x: 1 + x**2}), {x: fmpq(1)}),
        (VectorField({x: x}), {x: fmpq(1)}),
        (VectorField({x: x**2}), {x: fmpq(1)}),
        (VectorField({x: y, y: -x}), {x: fmpq(1), y: fmpq(0)}),
        (GradientDescent(x**2, x, step=Symbol("eta", positive=True)), {x: fmpq(1)}),
    ):
        assert rest_of(dynamics, start, Scene({})) is None


def test_matrices_come_to_rest_on_a_manifold():
    W = MatrixSymbol("W", 3, 2)
    start = np.array([[fmpq(1, 2), fmpq(0)], [fmpq(1, 3), fmpq(1)], [fmpq(0), fmpq(1, 5)]], dtype=object)
    found = rest_of(VectorField({W: W - W * W.T * W}), {W: start}, Scene({}))[W]
    with ctx.workprec(256):
        gram = found.T @ found
    assert all(abs(arb(gram[i, j]) - int(i == j)) < arb(2) ** -90 for i in range(2) for j in range(2))
