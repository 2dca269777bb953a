"""The values of numbers, symbols, functions, matrices, samples, sums and potentials."""

from __future__ import annotations

from random import Random
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from flint import arb, fmpq
from sympy.functions.elementary.complexes import conjugate, im, re
from sympy.matrices.expressions.matexpr import MatrixElement

from ...language.mode_sum import ModeSum
from ...language.operators import MatrixStopGradient, MatrixTotal, StopGradient, Total
from ...language.random_vectors import GaussianVector
from ...language.sample_vectors import Sample
from ...language.scalars import Potential, PotentialGradient, cosine, inner, norm, sq
from ...language.unit_vectors import UnitVector
from .derivatives import GradientTape, Tracked, plain, without
from .scene import NotCarried, Scene, Special, Unknown, evaluator
from .values import FUNCTIONS, apply, as_ball, as_value, compare, is_infinite, power

__all__ = ["array_of", "identity", "inverse", "is_array", "product", "squares", "zeros"]

_QUADRATURE_DIGITS = 60
_LONGEST = 10_000  # terms of a sum that are added one by one


# --- arrays -------------------------------------------------------------------------------


def is_array(value: Any) -> bool:
    """Whether a value of the scene is a matrix."""
    return isinstance(value, np.ndarray)


def zeros(rows: int, columns: int) -> Any:
    """A matrix of zeros, exact.

    >>> zeros(1, 2)
    array([[0, 0]], dtype=object)
    """
    out = np.empty((rows, columns), dtype=object)
    out.fill(fmpq(0))
    return out


def array_of(rows: Any) -> Any:
    """A matrix from rows of exact numbers.

    >>> array_of([[1, 2]]).shape
    (1, 2)
    """
    rows = [[as_value(entry) for entry in row] for row in rows]
    out = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for place in np.ndindex(out.shape):
        out[place] = rows[place[0]][place[1]]
    return out


def identity(n: int) -> Any:
    """The identity, exact."""
    out = zeros(n, n)
    for k in range(n):
        out[k, k] = fmpq(1)
    return out


def _fits(a: Any, b: Any, what: str) -> None:
    if a.shape != b.shape:
        raise Unknown(f"{what}: shapes {a.shape} and {b.shape} do not fit at these sizes")


def product(a: Any, b: Any) -> Any:
    """The product of two matrices."""
    if a.shape[1] != b.shape[0]:
        raise Unknown(f"a product of matrices: shapes {a.shape} and {b.shape} do not fit at these sizes")
    return a @ b if a.shape[1] else zeros(a.shape[0], b.shape[1])


def _paired(a: Any, b: Any) -> Any:
    """The sum of the products of the entries."""
    _fits(a, b, "an inner product")
    total: Any = fmpq(0)
    for x, y in zip(a.flat, b.flat):
        total = total + x * y
    return total


def squares(a: Any) -> Any:
    """The sum of the squares of the entries."""
    return _paired(a, a)


def _square(a: Any, what: str) -> int:
    if a.shape[0] != a.shape[1]:
        raise Unknown(f"{what} of a {a.shape[0]} x {a.shape[1]} matrix, which is not square at these sizes")
    return int(a.shape[0])


def _pivot(rows: Any, k: int) -> int | None:
    """The row from k on with the entry to eliminate by; None where all vanish."""
    best, size = None, None
    for i in range(k, rows.shape[0]):
        entry = plain(rows[i, k])
        if isinstance(entry, fmpq):
            if entry != 0:
                return i
            continue
        if compare(entry, fmpq(0))[0] in (1, -1) and (size is None or float(abs(entry).mid()) > size):
            best, size = i, float(abs(entry).mid())
        elif compare(entry, fmpq(0)) != (0, True) and size is None:
            best, size = -1, None  # an entry that cannot be told from zero
    if best == -1:
        raise Unknown("whether a matrix is regular cannot be told at this precision")
    return best


def inverse(a: Any, what: str = "the inverse") -> Any:
    """The inverse of a square matrix; `Unknown` where it is singular."""
    n = _square(a, what)
    rows = np.concatenate([a, identity(n)], axis=1)
    for k in range(n):
        i = _pivot(rows, k)
        if i is None:
            raise Unknown(f"{what} does not exist: the matrix is singular here")
        if i != k:
            rows[[k, i]] = rows[[i, k]]
        rows[k] = rows[k] * (1 / rows[k, k])
        for j in range(n):
            if j != k:
                rows[j] = rows[j] - rows[k] * rows[j, k]
    return rows[:, n:]


def _determinant(a: Any) -> Any:
    n, rows, out = _square(a, "the determinant"), a.copy(), fmpq(1)
    if any(isinstance(entry, Tracked) for entry in a.flat):
        return _expanded(a)
    for k in range(n):
        i = _pivot(rows, k)
        if i is None:
            return fmpq(0)
        if i != k:
            rows[[k, i]] = rows[[i, k]]
            out = -out
        out = out * rows[k, k]
        for j in range(k + 1, n):
            rows[j] = rows[j] - rows[k] * (rows[j, k] / rows[k, k])
    return out


def _expanded(a: Any) -> Any:
    """A determinant by its first row: it may be differentiated where the matrix is singular."""
    if a.shape[0] == 0:
        return fmpq(1)
    total: Any = fmpq(0)
    for j in range(a.shape[0]):
        minor = _expanded(np.delete(a[1:], j, axis=1))
        total = total + a[0, j] * minor * (-1) ** j
    return total


# --- numbers and symbols ------------------------------------------------------------------


@evaluator(sp.Rational, sp.core.numbers.Infinity, sp.core.numbers.NegativeInfinity)
def _number(node: Any, scene: Scene) -> Any:
    return as_value(node)


@evaluator(sp.NumberSymbol)
def _constant(node: Any, scene: Scene) -> Any:
    known = {sp.pi: arb.pi, sp.E: arb.const_e, sp.EulerGamma: arb.const_euler, sp.Catalan: arb.const_catalan}
    if node is sp.GoldenRatio:
        return (1 + arb(5).sqrt()) / 2
    if node not in known:
        raise Unknown(f"no enclosure of {node} is known")
    return known[node]()


@evaluator(sp.Float)
def _float(node: Any, scene: Scene) -> Any:
    raise Unknown(f"{node} is no exact number: write it as a Rational")


@evaluator(sp.Symbol, sp.MatrixSymbol, GaussianVector)
def _named(node: Any, scene: Scene) -> Any:
    if (value := scene.values.get(node)) is None:
        raise Unknown(f"{node} has no value here")
    return value


@evaluator(Sample)
def _sample(node: Any, scene: Scene) -> Any:
    if (own := scene.values.get(node)) is not None:
        return own
    if (family := scene.values.get(node.name)) is None:
        raise Unknown(f"the samples {node.name} have no values here")
    number = scene.size(node.index)
    if not 1 <= number <= family.shape[1]:
        raise Unknown(f"there is no sample {node.name}[{number}]: there are {family.shape[1]}")
    return family[:, number - 1 : number]


@evaluator(UnitVector)
def _unit_vector(node: Any, scene: Scene) -> Any:
    length, place = scene.size(node.size), scene.size(node.index)
    if not 1 <= place <= length:
        raise Unknown(f"there is no unit vector number {place} of length {length}")
    return identity(length)[:, place - 1 : place]


# --- arithmetic and functions -------------------------------------------------------------


@evaluator(sp.Add)
def _sum(node: Any, scene: Scene) -> Any:
    terms = [scene.value(term) for term in node.args]
    if infinite := {term for term in terms if is_infinite(term)}:
        if len(infinite) > 1:
            raise Unknown(f"{node} is a difference of infinities here")
        return infinite.pop()
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


@evaluator(sp.Mul)
def _factors(node: Any, scene: Scene) -> Any:
    values = [scene.value(factor) for factor in node.args]
    if not any(is_infinite(value) for value in values):
        total = values[0]
        for value in values[1:]:
            total = total * value
        return total
    sign = 1
    for value in values:
        one = compare(value, fmpq(0))[0]
        if not one:
            raise Unknown(f"{node} is an infinity times zero here, or may be")
        sign *= one
    return sp.oo if sign > 0 else -sp.oo


@evaluator(sp.Pow)
def _power(node: Any, scene: Scene) -> Any:
    base, exponent = node.args
    if base is sp.S.Exp1:
        return apply("exp", scene.value(exponent))
    if isinstance(base, norm) and exponent.is_Integer and exponent % 2 == 0:
        return power(squares(scene.value(base.args[0])), fmpq(int(exponent) // 2))
    return power(scene.value(base), scene.value(exponent))


@evaluator(*(getattr(sp, name) for name in FUNCTIONS))
def _function(node: Any, scene: Scene) -> Any:
    values = [scene.value(argument) for argument in node.args]
    name = type(node).__name__
    if name == "log" and len(values) == 2:
        return apply("log", values[0]) / apply("log", values[1])
    if name == "LambertW" and len(values) == 2:
        return _lambert(values[0], scene.size(node.args[1]))
    return apply(name, values[0])


def _lambert(x: Any, branch: int) -> Any:
    if branch == 0:
        return apply("LambertW", x)
    if branch != -1 or isinstance(x, Tracked):
        raise Unknown(f"the branch {branch} of LambertW is not real, or not differentiated here")
    value = arb(x).lambertw(-1)
    if not value.is_finite():
        raise Unknown(f"LambertW({x}, -1) is not real")
    return value


@evaluator(sp.cot, sp.sec, sp.csc, sp.coth, sp.sech, sp.csch)
def _reciprocal(node: Any, scene: Scene) -> Any:
    x = scene.value(node.args[0])
    above, below = {
        "cot": ("cos", "sin"),
        "coth": ("cosh", "sinh"),
        "sec": (None, "cos"),
        "csc": (None, "sin"),
        "sech": (None, "cosh"),
        "csch": (None, "sinh"),
    }[type(node).__name__]
    return (apply(above, x) if above else fmpq(1)) * power(apply(below, x), fmpq(-1))


@evaluator(sp.erfc)
def _erfc(node: Any, scene: Scene) -> Any:
    return 1 - apply("erf", scene.value(node.args[0]))


@evaluator(sp.atan2)
def _angle(node: Any, scene: Scene) -> Any:
    y, x = (scene.value(argument) for argument in node.args)
    if compare(x, fmpq(0)) == (1, True):
        return apply("atan", y * power(x, fmpq(-1)))
    if isinstance(x, Tracked) or isinstance(y, Tracked) or compare(y, fmpq(0))[0] in (0, None):
        raise Unknown("an angle on or beyond the vertical axis is not told here")
    return arb.atan2(arb(y), arb(x))


@evaluator(sp.Abs, sp.sign)
def _modulus(node: Any, scene: Scene) -> Any:
    x = scene.value(node.args[0])
    sign, _ = compare(x, fmpq(0))
    if sign == 0 and isinstance(x, Tracked):
        raise Unknown(f"{node} has no derivative at zero")
    if isinstance(node, sp.sign):
        if sign is None:
            raise Unknown(f"the sign of {node.args[0]} cannot be told here")
        return fmpq(sign)
    if sign is None:
        return abs(x)
    return -x if sign < 0 else x


@evaluator(conjugate, re)
def _itself(node: Any, scene: Scene) -> Any:
    return scene.value(node.args[0])


@evaluator(im)
def _nothing(node: Any, scene: Scene) -> Any:
    return fmpq(0)


@evaluator(sp.Max, sp.Min)
def _extreme(node: Any, scene: Scene) -> Any:
    values = [scene.value(argument) for argument in node.args]
    wanted, best = (1 if isinstance(node, sp.Max) else -1), values[0]
    for value in values[1:]:
        sign, certain = compare(value, best)
        if sign is None or (sign == 0 and (isinstance(value, Tracked) or isinstance(best, Tracked))):
            raise Unknown(f"which argument of {node} is the extreme one cannot be told here")
        if sign == 0 and not certain:
            scene.estimate("two enclosures overlap, and count as equal")
        best = value if sign == wanted else best
    return best


@evaluator(sp.Heaviside)
def _step(node: Any, scene: Scene) -> Any:
    sign, _ = compare(scene.value(node.args[0]), fmpq(0))
    if sign is None:
        raise Unknown(f"the sign of {node.args[0]} cannot be told here")
    return scene.value(node.args[1]) if sign == 0 else fmpq(sign > 0)


@evaluator(sp.Piecewise)
def _pieces(node: Any, scene: Scene) -> Any:
    for value, condition in node.args:
        held = scene.truth(condition)
        if held is None:
            raise Unknown(f"whether {condition} cannot be told here")
        if held:
            return scene.value(value)
    raise Unknown(f"{node} is not defined here")


@evaluator(sp.KroneckerDelta)
def _delta(node: Any, scene: Scene) -> Any:
    sign, _ = compare(*(scene.value(argument) for argument in node.args[:2]))
    if sign is None:
        raise Unknown(f"{node} cannot be told here")
    return fmpq(sign == 0)


@evaluator(sp.floor, sp.ceiling)
def _whole(node: Any, scene: Scene) -> Any:
    x = plain(scene.value(node.args[0]))
    down = isinstance(node, sp.floor)
    if isinstance(x, fmpq):
        return fmpq(x.floor() if down else x.ceil())
    whole = (x.floor() if down else x.ceil()).unique_fmpz()
    if whole is None:
        raise Unknown(f"{node} cannot be told at this precision")
    return fmpq(whole)


@evaluator(sp.factorial, sp.binomial, sp.Mod)
def _counted(node: Any, scene: Scene) -> Any:
    numbers = [scene.size(argument) for argument in node.args]
    if max(numbers) > _LONGEST:
        raise Unknown(f"{node} is too large here")
    return as_value(type(node)(*numbers))


# --- sums ---------------------------------------------------------------------------------


@evaluator(Total, MatrixTotal)
def _total(node: Any, scene: Scene) -> Any:
    body, index, size = node.args
    return _added(body, index, range(1, scene.size(size) + 1), scene)


def _added(body: Any, index: Any, places: range, scene: Scene) -> Any:
    if len(places) > _LONGEST:
        raise Unknown(f"a sum of {len(places)} terms is not added up")
    total = None
    for k in places:
        term = scene.at_place(index, fmpq(k)).value(body)
        total = term if total is None else total + term
    if total is not None:
        return total
    if isinstance(body, (sp.MatrixExpr, sp.MatrixBase)):
        return zeros(*map(scene.size, body.shape))
    return fmpq(0)


def _places(limits: Any, scene: Scene) -> range:
    if len(limits) != 3:
        raise Unknown(f"a sum over {limits} has no ends")
    first, last = (scene.value(end) for end in limits[1:])
    if is_infinite(first) or is_infinite(last):
        raise Unknown("a sum of infinitely many terms is not added up")
    return range(int(first), int(last) + 1)


@evaluator(sp.Sum)
def _sum_node(node: Any, scene: Scene) -> Any:
    inner_limits = node.limits[:-1]
    body = sp.Sum(node.function, *inner_limits) if inner_limits else node.function
    return _added(body, node.limits[-1][0], _places(node.limits[-1], scene), scene)


@evaluator(sp.Product)
def _product_node(node: Any, scene: Scene) -> Any:
    inner_limits = node.limits[:-1]
    body = sp.Product(node.function, *inner_limits) if inner_limits else node.function
    total: Any = fmpq(1)
    for k in _places(node.limits[-1], scene):
        total = total * scene.within({node.limits[-1][0]: fmpq(k)}).value(body)
    return total


@evaluator(ModeSum)
def _modes(node: Any, scene: Scene) -> Any:
    modes = scene.values.get(Special.MODES)
    if modes is None:
        raise Unknown("the modes have no values here")
    total: Any = fmpq(0)
    for mode in modes:
        total = total + scene.within(mode).value(node.args[0])
    return total


@evaluator(sp.Integral)
def _integral(node: Any, scene: Scene) -> Any:
    """By quadrature with twice the digits that are kept; what two orders differ in is taken for the error."""
    inner_limits, (variable, *ends) = node.limits[:-1], node.limits[-1]
    body = sp.Integral(node.function, *inner_limits) if inner_limits else node.function
    if len(ends) != 2:
        raise Unknown(f"{node} has no ends")

    def height(x: Any) -> Any:
        found = scene.within({variable: arb(mpmath.nstr(x, _QUADRATURE_DIGITS))}).value(body)
        if isinstance(found, Tracked):
            raise NotCarried("derivatives do not go through an integral")
        return mpmath.mpf(arb(found).mid().str(_QUADRATURE_DIGITS, radius=False))

    with mpmath.workdps(_QUADRATURE_DIGITS):
        low, high = (_limit(scene.value(end)) for end in ends)
        found, error = mpmath.quad(height, [low, high], error=True)
        radius = max(mpmath.mpf(10) ** (-_QUADRATURE_DIGITS // 2), 10 * error)
    scene.estimate("an integral was found by quadrature")
    return arb(mpmath.nstr(found, _QUADRATURE_DIGITS), mpmath.nstr(radius, 5))


def _limit(value: Any) -> Any:
    if is_infinite(value):
        return mpmath.inf if value is sp.oo else -mpmath.inf
    return mpmath.mpf(as_ball(value).mid().str(_QUADRATURE_DIGITS, radius=False))


# --- matrices -----------------------------------------------------------------------------


@evaluator(sp.MatAdd)
def _matrix_sum(node: Any, scene: Scene) -> Any:
    total = scene.value(node.args[0])
    for term in node.args[1:]:
        value = scene.value(term)
        _fits(total, value, "a sum of matrices")
        total = total + value
    return total


@evaluator(sp.MatMul)
def _matrix_product(node: Any, scene: Scene) -> Any:
    scale, total = None, None
    for factor in node.args:
        value = scene.value(factor)
        if not is_array(value):
            scale = value if scale is None else scale * value
        else:
            total = value if total is None else product(total, value)
    return total if scale is None else total * scale


@evaluator(sp.MatPow)
def _matrix_power(node: Any, scene: Scene) -> Any:
    base, exponent = scene.value(node.args[0]), scene.value(node.args[1])
    if not isinstance(exponent, fmpq) or exponent.q != 1 or abs(exponent) > 64:
        raise Unknown(f"the power {exponent} of a matrix is not told here")
    n = _square(base, "a power")
    base = inverse(base) if exponent < 0 else base
    total = identity(n)
    for _ in range(abs(int(exponent))):
        total = product(total, base)
    return total


@evaluator(sp.Transpose, sp.Adjoint)
def _transpose(node: Any, scene: Scene) -> Any:
    return scene.value(node.args[0]).T


@evaluator(sp.Inverse)
def _inverse(node: Any, scene: Scene) -> Any:
    return inverse(scene.value(node.args[0]), f"the inverse of {node.args[0]}")


@evaluator(sp.HadamardProduct)
def _hadamard(node: Any, scene: Scene) -> Any:
    total = scene.value(node.args[0])
    for factor in node.args[1:]:
        value = scene.value(factor)
        _fits(total, value, "a Hadamard product")
        total = total * value
    return total


@evaluator(sp.HadamardPower)
def _hadamard_power(node: Any, scene: Scene) -> Any:
    base, exponent = (scene.value(argument) for argument in node.args)
    if is_array(exponent) or not is_array(base):
        raise Unknown(f"{node} is not told: give it a matrix and a scalar exponent")
    out = base.copy()
    for place, entry in np.ndenumerate(base):
        out[place] = power(entry, exponent)
    return out


@evaluator(sp.KroneckerProduct)
def _kronecker(node: Any, scene: Scene) -> Any:
    total = scene.value(node.args[0])
    for factor in node.args[1:]:
        total = np.kron(total, scene.value(factor))
    return total


@evaluator(sp.Identity)
def _identity_node(node: Any, scene: Scene) -> Any:
    return identity(scene.size(node.args[0]))


@evaluator(sp.ZeroMatrix, sp.OneMatrix)
def _constant_matrix(node: Any, scene: Scene) -> Any:
    rows, columns = map(scene.size, node.shape)
    return zeros(rows, columns) + (fmpq(1) if isinstance(node, sp.OneMatrix) else fmpq(0))


@evaluator(sp.MatrixBase)
def _explicit(node: Any, scene: Scene) -> Any:
    out = zeros(*node.shape)
    for place in np.ndindex(out.shape):
        out[place] = scene.value(node[place])
    return out


@evaluator(sp.BlockMatrix)
def _blocks(node: Any, scene: Scene) -> Any:
    blocks = node.blocks
    rows = [[scene.value(blocks[i, j]) for j in range(blocks.shape[1])] for i in range(blocks.shape[0])]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


@evaluator(sp.DiagMatrix, sp.matrices.expressions.diagonal.DiagonalMatrix)
def _diagonal(node: Any, scene: Scene) -> Any:
    value = scene.value(node.args[0])
    if isinstance(node, sp.DiagMatrix):
        n = value.size
        entries = list(value.flat)
    else:
        n = _square(value, "the diagonal part")
        entries = [value[k, k] for k in range(n)]
    out = zeros(n, n)
    for k in range(n):
        out[k, k] = entries[k]
    return out


@evaluator(sp.matrices.expressions.diagonal.DiagonalOf)
def _diagonal_of(node: Any, scene: Scene) -> Any:
    value = scene.value(node.args[0])
    out = zeros(min(value.shape), 1)
    for k in range(out.shape[0]):
        out[k, 0] = value[k, k]
    return out


@evaluator(MatrixElement)
def _entry(node: Any, scene: Scene) -> Any:
    matrix, i, j = scene.value(node.args[0]), scene.size(node.args[1]), scene.size(node.args[2])
    if not (0 <= i < matrix.shape[0] and 0 <= j < matrix.shape[1]):
        raise Unknown(f"{node} has no entry ({i}, {j}): it is {matrix.shape[0]} x {matrix.shape[1]} here")
    return matrix[i, j]


@evaluator(sp.MatrixSlice)
def _slice(node: Any, scene: Scene) -> Any:
    matrix = scene.value(node.args[0])
    rows, columns = (slice(*(scene.size(part) for part in ends)) for ends in node.args[1:])
    return matrix[rows, columns]


@evaluator(sp.Trace)
def _trace(node: Any, scene: Scene) -> Any:
    matrix, total = scene.value(node.args[0]), fmpq(0)
    for k in range(_square(matrix, "the trace")):
        total = total + matrix[k, k]
    return total


@evaluator(sp.Determinant)
def _determinant_node(node: Any, scene: Scene) -> Any:
    return _determinant(scene.value(node.args[0]))


# --- scalars made from matrices -----------------------------------------------------------


@evaluator(inner, sp.DotProduct)
def _inner(node: Any, scene: Scene) -> Any:
    return _paired(scene.value(node.args[0]), scene.value(node.args[1]))


@evaluator(sq)
def _sq(node: Any, scene: Scene) -> Any:
    return squares(scene.value(node.args[0]))


@evaluator(norm)
def _norm(node: Any, scene: Scene) -> Any:
    return power(squares(scene.value(node.args[0])), fmpq(1, 2))


@evaluator(cosine)
def _cosine(node: Any, scene: Scene) -> Any:
    a, b = (scene.value(argument) for argument in node.args)
    return _paired(a, b) * power(squares(a) * squares(b), fmpq(-1, 2))


@evaluator(StopGradient, MatrixStopGradient)
def _stopped(node: Any, scene: Scene) -> Any:
    """The value; what is differentiated by in a gradient (`Special.STOPPED`) it does not depend on."""
    value, tags = scene.value(node.args[0]), scene.values.get(Special.STOPPED, frozenset())
    if not tags:
        return value
    if not is_array(value):
        return without(value, tags)
    out = np.empty(value.shape, dtype=object)
    for place, entry in np.ndenumerate(value):
        out[place] = without(entry, tags)
    return out


# --- potentials ---------------------------------------------------------------------------


def _coefficients(name: str, seed: Any, slot: int, shape: tuple[int, ...]) -> Any:
    random = Random(f"{name}/{seed}/{slot}/{shape}")
    out = zeros(*shape)
    for place in np.ndindex(out.shape):
        out[place] = fmpq(random.choice([-3, -2, -1, 1, 2, 3]), random.choice([1, 2, 3]))
    return out


def _polynomial(node: Any, arguments: list[Any], scene: Scene) -> Any:
    """A cubic polynomial in linear and in quadratic forms of the arguments, fixed by the name of the potential.

    It belongs to no smaller family than "a smooth function of these arguments": no symmetry, no homogeneity, all
    second derivatives present.
    """
    name = str(node.args[0])
    seed = scene.values.get(name, 0)
    forms: list[Any] = []
    for number in range(2):
        form: Any = fmpq(number)
        for slot, value in enumerate(arguments):
            form = form + _paired(_coefficients(name, (seed, number), slot, value.shape), value)
        forms.append(form)
    weighted: Any = fmpq(0)
    for slot, value in enumerate(arguments):
        weights = _coefficients(name, (seed, "squares"), slot, value.shape)
        weighted = weighted + _paired(weights * value, value)
    first, second = forms
    return first + weighted + first * second + second * second * second * fmpq(1, 6)


@evaluator(Potential)
def _potential(node: Any, scene: Scene) -> Any:
    return _polynomial(node, [scene.value(argument) for argument in node.args[1:]], scene)


@evaluator(PotentialGradient)
def _potential_gradient(node: Any, scene: Scene) -> Any:
    function, slot = node.args[3], int(node.args[4])
    arguments = [scene.value(argument) for argument in function.args[1:]]
    tape = GradientTape()
    moved = np.empty(arguments[slot].shape, dtype=object)
    for place, entry in np.ndenumerate(arguments[slot]):
        moved[place] = tape.variable(entry)
    weights = tape.weights(_polynomial(function, [*arguments[:slot], moved, *arguments[slot + 1 :]], scene))
    out = np.empty(moved.shape, dtype=object)
    for place, variable in np.ndenumerate(moved):
        out[place] = weights.get(variable.place, fmpq(0))
    return out
