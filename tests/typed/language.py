"""The public names of `symssl.language` as a type checker sees them; never run."""

from collections.abc import Iterable
from typing import Any, assert_type

import sympy as sp

from symssl import (
    Commutes,
    Diagonal,
    E,
    ModeSum,
    Normalised,
    Orthonormal,
    Symmetric,
    cosine,
    gaussians,
    inner,
    mean,
    norm,
    potential,
    samples,
    sg,
    sq,
    total,
)
from symssl.language import (
    Apply,
    Eigenvector,
    Entry,
    FunctionSymbol,
    GaussianVector,
    Potential,
    PotentialGradient,
    RandomMatrix,
    Relation,
    Sample,
    frame,
    function,
    gaussian_matrix,
)

A, U = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("U", 3, 2)
i = sp.Symbol("i")

vectors = gaussians("x y", 3, mean=[0, 0], cov=[[1, 0], [0, 1]])
assert_type(vectors, tuple[GaussianVector, ...])
x, y = vectors
assert_type(x.copied(2), GaussianVector)
assert_type(x.joint.names, tuple[str, ...])
family = samples("z", 3, 5)
assert_type(family, samples)
assert_type(family[i], Sample)
assert_type(family.name, str)
assert_type(family[1].free_symbols, set[Any])

losses: list[Any] = [
    inner(A, A),
    norm(A),
    sq(A),
    cosine(A, A),
    potential("f", A),
    sg(A),
    E(norm(x), given=(y,)),
    total(sq(family[i]), i),
    mean(sq(family[i]), (i, 5)),
    ModeSum(sp.Symbol("p") ** 2),
]
assert_type(potential("f", A), Potential)
gradient: PotentialGradient = PotentialGradient("g", 3, 3, potential("f", A), 0)

relations: tuple[Relation, ...] = (
    Symmetric(A),
    Diagonal(A),
    Orthonormal(U),
    Normalised(U, A),
    Commutes(A, A),
)
for relation in relations:
    assert_type(relation.latex(names={A: "B"}, label="eq:a"), str)
    assert_type(relation.matrices, tuple[Any, ...])
    assert_type(relation.defect(), tuple[Any, ...])
    found: Iterable[Any] = relation.probes

phi = function("phi")
assert_type(phi, FunctionSymbol)
applied: list[Any] = [phi(A), phi(i, 2), Apply(sp.Lambda(i, i**2), A, order=1)]
assert_type(Entry(A, 1, 2), Entry)
assert_type(Eigenvector(A, number=2).shape, tuple[Any, Any])
for random in (frame("Q", 3, 2), gaussian_matrix("G", 3, 2)):
    assert_type(random, RandomMatrix)
    assert_type(random.law, str)
