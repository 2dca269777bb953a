"""Values of matrices, sums and scalars made from them agree with SymPy's explicit matrices."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import fmpq
from hypothesis import given, strategies as st
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf

from symssl import ModeSum, cosine, inner, mean, norm, potential, samples, sg, sq, total
from symssl.language.scalars import PotentialGradient
from symssl.statements.meaning.algebra import array_of, identity, inverse, product, squares, zeros
from symssl.statements.meaning.derivatives import Dual, new_tag, slopes
from symssl.statements.meaning.scene import Scene, Special, Unknown
from symssl.statements.meaning.values import as_value

n, m, N = sp.symbols("n m N", integer=True, positive=True)
A, B, C = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n), sp.MatrixSymbol("C", n, m)
k, i, j = sp.symbols("k i j", integer=True)
x, y = sp.symbols("x y", real=True)
NUMBERS = st.fractions(min_value=-4, max_value=4, max_denominator=3)


def matrices(rows, columns):
    """Matrices of fractions, NumPy's."""
    entries = st.lists(NUMBERS, min_size=rows * columns, max_size=rows * columns)
    return entries.map(lambda numbers: np.array(numbers, dtype=object).reshape(rows, columns))


def scene_of(a, b, c):
    return Scene({n: fmpq(2), m: fmpq(3), A: array_of(a), B: array_of(b), C: array_of(c)})


I2, J2 = np.array([[1, 0], [0, 1]], dtype=object), np.ones((2, 2), dtype=object)
MATRICES = {
    A * B - 2 * B.T * A + sp.Identity(n): lambda a, b, c: a @ b - 2 * b.T @ a + I2,
    (A + 3 * sp.Identity(n)) * C: lambda a, b, c: (a + 3 * I2) @ c,
    C * C.T * A**2: lambda a, b, c: c @ c.T @ a @ a,
    sp.HadamardProduct(A, B.T) - sp.OneMatrix(n, n): lambda a, b, c: a * b.T - J2,
    sp.HadamardPower(A, 3): lambda a, b, c: a * a * a,
    sp.KroneckerProduct(A, C): lambda a, b, c: np.kron(a, c),
    sp.BlockMatrix([[A, C], [C.T, C.T * B * C]]): lambda a, b, c: np.block([[a, c], [c.T, c.T @ b @ c]]),
    DiagonalMatrix(A) + sp.ZeroMatrix(n, n): lambda a, b, c: a * I2,
}
SCALARS = {
    sp.Trace(A * B): lambda a, b, c: (a @ b).trace(),
    sp.Determinant(A * B + A): lambda a, b, c: (
        (a @ b + a)[0, 0] * (a @ b + a)[1, 1] - (a @ b + a)[0, 1] * (a @ b + a)[1, 0]
    ),
    inner(A, B): lambda a, b, c: (a * b).sum(),
    sq(A * C) + norm(C) ** 4: lambda a, b, c: ((a @ c) ** 2).sum() + (c**2).sum() ** 2,
    A[0, 1] * B[1, 0] - C[1, 2]: lambda a, b, c: a[0, 1] * b[1, 0] - c[1, 2],
    sp.Sum(A[0, 0] ** k, (k, 1, 3)): lambda a, b, c: sum(a[0, 0] ** p for p in (1, 2, 3)),
    sp.Product(k + B[0, 0], (k, 0, 2)): lambda a, b, c: b[0, 0] * (b[0, 0] + 1) * (b[0, 0] + 2),
    total(k * sp.Trace(A), (k, n)): lambda a, b, c: 3 * a.trace(),
}


@given(matrices(2, 2), matrices(2, 2), matrices(2, 3))
def test_expressions_of_matrices_are_those_of_numpy(a, b, c):
    scene = scene_of(a, b, c)
    for expr, wanted in MATRICES.items():
        assert np.array_equal(scene.value(expr), array_of(wanted(a, b, c))), expr
    for expr, wanted in SCALARS.items():
        assert scene.value(expr) == as_value(wanted(a, b, c)), expr


def determinant(a):
    return sum(
        sign * a[0, p] * a[1, q] * a[2, r]
        for p, q, r, sign in [(0, 1, 2, 1), (1, 2, 0, 1), (2, 0, 1, 1), (2, 1, 0, -1), (1, 0, 2, -1), (0, 2, 1, -1)]
    )


@given(matrices(3, 3))
def test_inverses_exist_exactly_where_the_determinant_does_not_vanish(a):
    matrix = array_of(a)
    if determinant(a) == 0:
        with pytest.raises(Unknown, match="singular"):
            inverse(matrix)
    else:
        assert np.array_equal(product(inverse(matrix), matrix), identity(3))


@given(matrices(3, 3), matrices(3, 3))
def test_determinants_and_inverses_carry_derivatives(a, b):
    """The determinant is a cubic polynomial along a line, also where it vanishes; d A^-1 = -A^-1 B A^-1."""
    tag, P = new_tag(), sp.MatrixSymbol("P", 3, 3)
    base, direction = array_of(a), array_of(b)
    moving = np.empty((3, 3), dtype=object)
    for place in np.ndindex(3, 3):
        moving[place] = Dual(base[place], direction[place], tag)
    scene = Scene({P: moving})
    coarse, fine = ((determinant(a + h * b) - determinant(a - h * b)) / (2 * h) for h in (1, Fraction(1, 2)))
    assert slopes(scene.value(sp.Determinant(P)), tag) == as_value((4 * fine - coarse) / 3)
    if determinant(a) != 0:
        inverted = inverse(base)
        assert np.array_equal(slopes(scene.value(P.I), tag), product(product(inverted, direction), inverted) * fmpq(-1))


def test_samples_are_columns_and_sums_run_over_them():
    X = samples("u", n, N)
    columns = array_of([[1, 2, 3], [4, 5, 6]])
    scene = Scene({n: fmpq(2), N: fmpq(3), "u": columns})
    assert np.array_equal(scene.value(total(X[i] * X[i].T, i)), product(columns, columns.T))
    assert np.array_equal(scene.value(X[3]), columns[:, 2:])
    assert scene.value(mean(sq(X[i] - X[j]), i, j)) == fmpq(2 * (4 * 1 + 2 * 4), 9)  # six pairs, two coordinates
    with pytest.raises(Unknown, match=r"no sample u\[4\]"):
        scene.value(X[4])


def test_an_index_of_a_sum_is_not_seen_outside():
    assert Scene({k: fmpq(10)}).value(total(k, (k, sp.Integer(3))) + k) == 16


def test_sums_over_modes_take_every_mode():
    scene = Scene({x: fmpq(2), y: fmpq(1), Special.MODES: ({x: fmpq(2)}, {x: fmpq(5)})})
    assert scene.value(x * ModeSum(x**2)) == 2 * (4 + 25)
    with pytest.raises(Unknown, match="modes"):
        Scene({x: fmpq(2)}).value(ModeSum(x))


def test_scalars_that_are_exact_stay_exact():
    scene = Scene({A: array_of([[3, 0], [4, 0]]), B: array_of([[6, 0], [8, 0]]), n: fmpq(2)})
    assert scene.value(cosine(A, -B)) == -1
    assert scene.value(norm(A)) == 5
    assert type(scene.value(norm(A + sp.Identity(n)) ** 2)) is fmpq
    assert type(scene.value(norm(A + sp.Identity(n)))) is not fmpq


def test_pieces_steps_and_extremes():
    pieces = sp.Piecewise((x**2, x > 1), (sp.Abs(x), True))
    assert [Scene({x: fmpq(v)}).value(pieces) for v in (2, 1, -3)] == [4, 1, 3]
    assert Scene({x: fmpq(-2), y: fmpq(1)}).value(sp.Max(x, y, 0) + sp.Min(x, y)) == -1
    assert [Scene({x: fmpq(v)}).value(sp.Heaviside(x)) for v in (-1, 0, 1)] == [0, fmpq(1, 2), 1]
    assert Scene({x: fmpq(-7, 2)}).value(sp.floor(x) + sp.ceiling(x)) == -7
    tag = new_tag()
    assert slopes(Scene({x: Dual(fmpq(-2), fmpq(1), tag)}).value(sp.Abs(x)), tag) == -1
    with pytest.raises(Unknown, match="no derivative at zero"):
        Scene({x: Dual(fmpq(0), fmpq(1), tag)}).value(sp.Abs(x))


def test_infinities_are_added_and_multiplied_where_that_has_a_value():
    scene = Scene({x: sp.oo, y: fmpq(-2)})
    assert scene.value(x + y) is sp.oo
    assert scene.value(x * y) == -sp.oo
    for undefined in (x * y + x, x * (y + 2)):
        with pytest.raises(Unknown):
            scene.value(undefined)


def test_constants_and_special_functions():
    scene = Scene({x: fmpq(1, 2)})
    for expr in (
        sp.pi + sp.E,
        sp.GoldenRatio,
        sp.cot(x),
        sp.sech(x),
        sp.erfc(x),
        sp.atan2(x, 2),
        sp.LambertW(-x / 5, -1),
    ):
        found = scene.value(expr)
        assert abs(float(found.mid()) - float(expr.subs(x, sp.Rational(1, 2)))) < 1e-13
    assert scene.value(sp.binomial(5, 2) + sp.factorial(3)) == 16


def test_shapes_that_do_not_fit_are_told():
    scene = Scene({n: fmpq(2), m: fmpq(3), A: zeros(2, 2), C: zeros(3, 2)})
    with pytest.raises(Unknown, match="do not fit"):
        scene.value(A * C)
    with pytest.raises(Unknown, match="not square"):
        inverse(zeros(2, 3))


def test_a_potential_has_the_gradient_that_difference_quotients_show():
    """A cubic polynomial: its central differences are exact but for the step squared, and extrapolate exactly."""
    f = potential("f", A, C)
    rng = np.random.default_rng(0)
    values = {n: fmpq(2), m: fmpq(3)}
    values |= {s: array_of(rng.integers(-3, 4, shape).tolist()) for s, shape in ((A, (2, 2)), (C, (2, 3)))}
    for slot, symbol in enumerate((A, C)):
        found = Scene(values).value(PotentialGradient("grad_f", *symbol.shape, f, slot))
        for place in np.ndindex(values[symbol].shape):
            quotients = []
            for step in (fmpq(1), fmpq(1, 2)):
                ends = []
                for sign in (1, -1):
                    moved = values[symbol].copy()
                    moved[place] = moved[place] + sign * step
                    ends.append(Scene({**values, symbol: moved}).value(f))
                quotients.append((ends[0] - ends[1]) / (2 * step))
            assert found[place] == (4 * quotients[1] - quotients[0]) / 3


def test_a_potential_belongs_to_no_smaller_family():
    """It is neither even, nor homogeneous, nor invariant under rotations; another number picks another one."""
    f, quarter = potential("f", A), array_of([[0, -1], [1, 0]])
    at = array_of([[1, 2], [3, 5]])
    base, other = (Scene({n: fmpq(2), A: at, "f": seed}).value(f) for seed in (0, 1))
    assert base != other
    others = [Scene({n: fmpq(2), A: moved, "f": 0}).value(f) for moved in (at * fmpq(-1), product(quarter, at))]
    assert len({base, -base, *others}) == 4
    assert Scene({n: fmpq(2), A: at * fmpq(2), "f": 0}).value(f) not in (base, 2 * base, 4 * base, 8 * base)


def test_a_stopped_copy_is_its_value():
    scene = Scene({A: array_of([[1, 2], [3, 4]]), n: fmpq(2)})
    assert np.array_equal(scene.value(sg(A)), scene.value(A))
    assert scene.value(sg(sq(A))) == squares(scene.value(A)) == 30


def test_the_diagonal_of_a_matrix_is_a_column():
    scene = Scene({A: array_of([[1, 2], [3, 4]]), n: fmpq(2)})
    assert np.array_equal(scene.value(DiagonalOf(A)), array_of([[1], [4]]))
    assert np.array_equal(scene.value(sp.DiagMatrix(DiagonalOf(A))), array_of([[1, 0], [0, 4]]))
