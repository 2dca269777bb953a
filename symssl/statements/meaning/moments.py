"""Expectations and probabilities over declared Gaussian vectors.

The average of what is a polynomial in the vectors is exact: a cubature of rational nodes and weights (Smolyak's sums of
rules on whole numbers) integrates every polynomial of its degree.  Anything else is averaged over random points,
with an error of six standard deviations, which is an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import comb, sqrt
from random import Random
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat
from sympy import Eq, Ne
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan

from ...language.dynamics import Dynamics
from ...language.operators import Expectation, MatrixExpectation
from ...language.random_vectors import GaussianVector
from ...language.terms import Probability
from .algebra import inverse, product, zeros
from .derivatives import Tracked
from .functions import degree_bound, is_matrix_like
from .scene import Scene, Special, Unknown, evaluator
from .values import as_ball, compare

__all__ = ["GaussianLaw", "cubature", "differentiates_means", "law_of"]

MOST_NODES = 4000
SAMPLES = 2000
DEVIATIONS = 6  # of the mean of a sample, within which the expectation is taken to be


# --- laws ----------------------------------------------------------------------------------


class GaussianLaw:
    """A Gaussian law of vectors: ``mean + factor * z`` with independent z of variances `variances`, all positive.

    The factor is triangular with ones on its diagonal (a decomposition ``L D L^T`` of the covariance), so that rational
    covariances have rational parts; directions without variance are left out.
    """

    def __init__(self, vectors: Sequence[Any], mean: Any, covariance: Any) -> None:
        self.vectors, self.mean = tuple(vectors), mean
        self.factor, self.variances = _decomposed(covariance)

    @property
    def rank(self) -> int:
        """The number of independent directions."""
        return len(self.variances)

    def values(self, z: Sequence[Any]) -> dict[Any, Any]:
        """The vectors at values of the independent variables."""
        flat = self.mean
        for k, value in enumerate(z):
            flat = flat + self.factor[:, k : k + 1] * value
        out, place = {}, 0
        for x, size in self.vectors:
            out[x] = flat[place : place + size]
            place += size
        return out


def _decomposed(covariance: Any) -> tuple[Any, list[Any]]:
    """Columns l and variances d with ``sum d l l^T`` the covariance."""
    rest, columns, variances = covariance.copy(), [], []
    for k in range(rest.shape[0]):
        pivot = rest[k, k]
        sign, certain = compare(pivot, fmpq(0))
        if sign is None or (sign == 0 and not certain):
            raise Unknown("whether a covariance is singular cannot be told")
        if sign < 0:
            raise Unknown("a covariance is not positive semidefinite here")
        if sign == 0:
            if any(compare(entry, fmpq(0))[0] != 0 for entry in rest[:, k]):
                raise Unknown("a covariance is not positive semidefinite here")
            continue
        column = rest[:, k : k + 1] * (1 / pivot)
        rest = rest - product(column, column.T) * pivot
        columns.append(column)
        variances.append(pivot)
    return (np.concatenate(columns, axis=1) if columns else zeros(covariance.shape[0], 0)), variances


def law_of(vectors: Sequence[Any], given: Sequence[Any], scene: Scene) -> GaussianLaw:
    """The joint law of random vectors, conditional on others whose values the scene has."""
    everything = [*vectors, *given]
    sizes = [scene.size(x.shape[0]) for x in everything]
    ends = np.cumsum([0, *sizes])
    mean, covariance = zeros(int(ends[-1]), 1), zeros(int(ends[-1]), int(ends[-1]))
    for i, x in enumerate(everything):
        mean[ends[i] : ends[i + 1]] = _mean(x, sizes[i], scene)
        for j, y in enumerate(everything):
            if x.joint == y.joint:
                covariance[ends[i] : ends[i + 1], ends[j] : ends[j + 1]] = _covariance(x, y, sizes[i], scene)
    cut = int(ends[len(vectors)])
    pairs = list(zip(vectors, sizes))
    if not given:
        return GaussianLaw(pairs, mean, covariance)
    seen = np.concatenate([scene.value(y) for y in given], axis=0)
    across = covariance[:cut, cut:]
    weights = product(across, inverse(covariance[cut:, cut:], "the inverse of the covariance of what is given"))
    return GaussianLaw(
        pairs, mean[:cut] + product(weights, seen - mean[cut:]), covariance[:cut, :cut] - product(weights, across.T)
    )


def _mean(x: Any, size: int, scene: Scene) -> Any:
    mean = x.joint.means[x.joint.names.index(x.name)]
    return scene.value(mean) if is_matrix_like(mean) else zeros(size, 1)


def _covariance(x: Any, y: Any, size: int, scene: Scene) -> Any:
    entry = x.joint.covariance(x.name, y.name)
    value = scene.value(entry)
    if is_matrix_like(entry):
        return value
    out = zeros(size, size)
    for k in range(size):
        out[k, k] = value
    return out


# --- cubature ---------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _inverse_powers(level: int) -> Any:
    """What makes weights at -level, ..., level from moments: the inverse of the matrix of the powers of the nodes."""
    nodes = range(-level, level + 1)
    return fmpq_mat([[fmpq(node) ** k for node in nodes] for k in range(2 * level + 1)]).inv()


def _rule(level: int, variance: Any) -> list[Any]:
    """Weights at -level, ..., level that integrate polynomials of degree 2 level + 1 against a centred normal law."""
    moments, moment = [], fmpq(1)
    for k in range(0, 2 * level + 1, 2):
        moments.append(moment)
        moment = moment * variance * (k + 1)
    inverse = _inverse_powers(level)
    return [
        sum((moments[k] * inverse[x, 2 * k] for k in range(1, level + 1)), moments[0] * inverse[x, 0])
        for x in range(2 * level + 1)
    ]


def cubature(variances: Sequence[Any], degree: int) -> list[tuple[tuple[int, ...], Any]]:
    """Nodes and weights that integrate every polynomial of a degree against independent centred normal variables.

    >>> sum(weight * x**2 * y**4 for (x, y), weight in cubature([fmpq(1), fmpq(2)], 6))
    12
    """
    half = degree // 2
    rules = [[_difference(level, variance) for level in range(half + 1)] for variance in variances]
    total: dict[tuple[int, ...], Any] = {}
    for levels in _levels(len(rules), half):
        nodes: list[tuple[tuple[int, ...], Any]] = [((), fmpq(1))]
        for rule, level in zip(rules, levels):
            nodes = [((*node, x), v * w) for node, w in nodes for x, v in rule[level]]
        for node, weight in nodes:
            total[node] = weight if node not in total else total[node] + weight
    return [(node, weight) for node, weight in total.items() if not (isinstance(weight, fmpq) and weight == 0)]


def _levels(count: int, most: int) -> Iterator[tuple[int, ...]]:
    if count == 0:
        yield ()
        return
    for level in range(most + 1):
        for rest in _levels(count - 1, most - level):
            yield (level, *rest)


def _difference(level: int, variance: Any) -> list[tuple[int, Any]]:
    """A rule less the one before it: what it adds."""
    weights = dict(zip(range(-level, level + 1), _rule(level, variance)))
    if level:
        for x, w in zip(range(1 - level, level), _rule(level - 1, variance)):
            weights[x] = weights[x] - w
    return list(weights.items())


# --- averages ------------------------------------------------------------------------------------


def _free_vectors(term: Any) -> list[Any]:
    """The random vectors that a term leaves to average over, not those of an expectation inside it."""
    found: set[Any] = set()
    waiting = [term]
    while waiting:
        part = waiting.pop()
        if isinstance(part, GaussianVector):
            found.add(part)
        elif isinstance(part, (Expectation, MatrixExpectation)):
            found |= set(part.args[1])
        else:
            waiting.extend(part.args)
    return sorted(found, key=lambda x: (x.name, x.joint.copy))


@evaluator(Expectation, MatrixExpectation)
def _expectation(node: Any, scene: Scene) -> Any:
    term, given = node.args[0], tuple(node.args[1])
    vectors = [x for x in _free_vectors(term) if x not in given]
    if not vectors:
        return scene.value(term)
    law = law_of(vectors, given, scene)
    if Special.POINTS in scene.values:
        return _on_points(term, law, scene)
    degree = degree_bound(term, vectors)
    if degree is not None and _nodes(law.rank, degree) <= MOST_NODES:
        return _integrated(lambda values: scene.within(values).value(term), law, degree)
    return _sampled(term, law, scene)


def _nodes(count: int, degree: int) -> int:
    """An upper bound of the nodes of a cubature."""
    half = degree // 2
    return sum(comb(count, k) * comb(half, k) * 2**k for k in range(min(count, half) + 1))


def _on_points(term: Any, law: GaussianLaw, scene: Scene) -> Any:
    """The mean under a law on a few points, drawn from the declared one: the same points for the same vectors."""
    names, count = ", ".join(f"{x}" for x, _ in law.vectors), scene.values[Special.POINTS]
    drawn = Scene({}, scene.bits, Random(names))
    values = [scene.within(point).value(term) for point in _points(law, drawn, count)]
    return sum(values[1:], values[0]) * fmpq(1, count)


@lru_cache(maxsize=256)
def differentiates_means(condition: Any) -> bool:
    """Whether dynamics occur whose loss is the mean of what is no polynomial: derivatives go through no such mean."""
    means = {mean for dynamics in condition.atoms(Dynamics) for mean in dynamics.atoms(Expectation)}
    return any(degree_bound(mean.args[0], _free_vectors(mean.args[0])) is None for mean in means)


def _integrated(value_at: Any, law: GaussianLaw, degree: int) -> Any:
    total = None
    for node, weight in cubature(law.variances, degree):
        term = value_at(law.values([fmpq(x) for x in node])) * weight
        total = term if total is None else total + term
    return total


def _points(law: GaussianLaw, scene: Scene, count: int) -> Iterator[Mapping[Any, Any]]:
    scales = [sqrt(float(as_ball(v).mid())) for v in law.variances]
    for _ in range(count):
        yield law.values([fmpq(round(scene.random.gauss(0, s) * 2**40), 2**40) for s in scales])


def _sampled(term: Any, law: GaussianLaw, scene: Scene) -> Any:
    """The mean over random points, as a ball of six standard deviations."""
    total: Any = None
    squares: Any = None
    shape: tuple[int, ...] = ()
    count = SAMPLES
    inside = scene.within({})
    inside.bits = 64
    for values in _points(law, scene, count):
        value = inside.within(values).value(term)
        entries = value.ravel() if isinstance(value, np.ndarray) else np.array([value], dtype=object)
        if any(isinstance(x, Tracked) for x in entries):
            raise Unknown("derivatives do not go through an average over random points")
        shape = np.shape(value)
        numbers = np.array([float(arb(x).mid()) for x in entries])
        total = numbers if total is None else total + numbers
        squares = numbers**2 if squares is None else squares + numbers**2
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0) / count)
    scene.estimate(f"an expectation was estimated from {count} random points")
    balls = [arb(float(m), DEVIATIONS * float(s) + 1e-12 * abs(float(m))) for m, s in zip(mean, spread)]
    if not shape:
        return balls[0]
    out = np.empty(shape, dtype=object)
    out.ravel()[:] = balls
    return out


# --- probabilities ----------------------------------------------------------------------------------


@evaluator(Probability)
def _probability(node: Any, scene: Scene) -> Any:
    event = node.args[0]
    vectors = _free_vectors(event)
    if not vectors:
        held = scene.truth(event)
        if held is None:
            raise Unknown(f"whether {event} holds cannot be told")
        return fmpq(int(held))
    law = law_of(vectors, (), scene)
    if isinstance(event, (Eq, Ne)):
        null = _vanishes(event, law, vectors, scene)
        if null is not None:
            return fmpq(int(null == isinstance(event, Eq)))
    ordered = isinstance(event, (StrictGreaterThan, GreaterThan, StrictLessThan, LessThan))
    if ordered and (found := _half_space(event, law, vectors, scene)) is not None:
        return found
    count = SAMPLES
    inside = scene.within({})
    inside.bits = 64
    found = [inside.within(values).truth(event) for values in _points(law, scene, count)]
    if None in found:
        raise Unknown(f"whether {event} holds at a random point cannot be told")
    share = sum(map(bool, found)) / count
    scene.estimate(f"a probability was estimated from {count} random points")
    slack = DEVIATIONS * sqrt(max(share * (1 - share), 1 / count) / count) + DEVIATIONS**2 / count
    low, high = max(0.0, share - slack), min(1.0, share + slack)
    return arb((low + high) / 2, (high - low) / 2)


def _vanishes(event: Any, law: GaussianLaw, vectors: Sequence[Any], scene: Scene) -> bool | None:
    """Whether the two sides are almost surely equal (True) or almost surely not (False); one of them, for polynomials.

    The average of the squared difference is zero only in the first case, and is exact; a polynomial that vanishes on no
    whole neighbourhood vanishes with probability zero.
    """

    def difference(values: Mapping[Any, Any]) -> list[Any]:
        return _entries(scene.within(values), event)

    degrees = [degree_bound(side, vectors) for side in (event.lhs, event.rhs)]
    for values in _points(law, scene, 4):
        found = [compare(x, fmpq(0)) for x in difference(values)]
        if any(sign and certain for sign, certain in found):
            if None in degrees:
                scene.estimate("what is analytic and not zero somewhere is zero with probability zero")
            return False
    if None in degrees:
        return None
    degree = 2 * max(d for d in degrees if d is not None)
    if _nodes(law.rank, degree) > MOST_NODES:
        return None
    square = _integrated(lambda values: sum((x * x for x in difference(values)), fmpq(0)), law, degree)
    sign, certain = compare(square, fmpq(0))
    if sign is None or not certain:
        scene.estimate("an average square that may be zero is taken to be zero")
    return sign in (0, None)


def _entries(scene: Scene, event: Any) -> list[Any]:
    difference = scene.value(event.lhs) - scene.value(event.rhs)
    return list(difference.ravel()) if isinstance(difference, np.ndarray) else [difference]


def _half_space(event: Any, law: GaussianLaw, vectors: Sequence[Any], scene: Scene) -> Any:
    """The probability that a linear function is positive, by the normal distribution; None where it is not linear."""
    degrees = [degree_bound(side, vectors) for side in (event.lhs, event.rhs)]
    if None in degrees or max(d for d in degrees if d is not None) > 1:
        return None
    above, below = event.gts, event.lts

    def difference(values: Any) -> Any:
        there = scene.within(values)
        return there.value(above) - there.value(below)

    mean = _integrated(difference, law, 1)
    square = _integrated(lambda values: difference(values) * difference(values), law, 2)
    variance = square - mean * mean
    sign, certain = compare(variance, fmpq(0))
    if sign != 1:
        side, sure = compare(mean, fmpq(0))
        return fmpq(int(side == 1 or (side == 0 and not _strict(event)))) if certain and sure else None
    return (1 + (as_ball(mean) / (2 * as_ball(variance)).sqrt()).erf()) / 2


def _strict(event: Any) -> bool:
    return isinstance(event, (StrictGreaterThan, StrictLessThan))
