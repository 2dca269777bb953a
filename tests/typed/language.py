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
    Along,
    Apply,
    At,
    Count,
    Definition,
    Dynamics,
    Eigenvalue,
    Eigenvector,
    Entry,
    Exists,
    External,
    FirstTime,
    ForAll,
    FunctionSymbol,
    GaussianVector,
    Gradient,
    GradientDescent,
    GradientFlow,
    Growth,
    Let,
    Limit,
    Named,
    Next,
    Object,
    Optimum,
    Order,
    Potential,
    PotentialGradient,
    Probability,
    RandomMatrix,
    Rate,
    Relation,
    Sample,
    Sentence,
    Stability,
    UnitVector,
    VectorField,
    Vocabulary,
    Zeros,
    frame,
    function,
    gaussian_matrix,
    unit,
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

# sentences
p, q, t = sp.Symbol("p", real=True), sp.Symbol("q", real=True), sp.Symbol("t", positive=True)
flow = GradientFlow(sq(A), A, decay=1, rates={A: 2}, where=Symmetric(A))
step = GradientDescent(sq(A), A, step=t)
field = VectorField({p: -p})
assert_type(field.rhs, dict[Any, Any])
assert_type(flow.where, tuple[Relation, ...])
moving: tuple[Dynamics, ...] = (flow, step, field)
assert_type(moving[0].states, tuple[Any, ...])
zeros = Zeros(p**2 - 1, p)
terms: list[Any] = [
    Rate(A, flow),
    Next(A, step),
    Gradient(sq(A), A),
    At(p, {p: 1}),
    Along(p, field, t, {p: q}),
    FirstTime(sp.Gt(p, 1), field, {p: q}),
    Limit(1 / t, t, 0, "+"),
    Count(zeros),
    Eigenvalue(A, -1),
    Optimum(p**2, p, kind="inf"),
    Probability(sp.Gt(p, 0)),
    Order(t**2, t, 0),
    Growth(field, {p: 0}),
]
assert_type(zeros.unknowns, tuple[Any, ...])
conditions: list[Any] = [
    Stability(field, {p: 0}, "stable"),
    ForAll(p, sp.Gt(p, q), almost=True),
    Exists(p, sp.Gt(p, q), witness={p: q + 1}),
    External("Sec. 1", "words"),
]
assert_type(External("Sec. 1", "words").text, str)
names = Vocabulary(Object(p, "a number"), Object(q, "more"), Let(t, p + 1, "a sum"), Named(field, "the flow"))
assert_type(names.dynamics, dict[Any, str])
claim = names.sentence(sp.Gt(p, q), given=sp.Gt(p, 0), almost=p)
assert_type(claim, Sentence)
assert_type(claim.objects, tuple[Object, ...])
assert_type(claim.lets, tuple[Let, ...])
assert_type(claim.dynamics, tuple[Dynamics, ...])
assert_type(claim.definitions(names={"p": "q"}), tuple[Definition, ...])
assert_type(claim.definitions()[0].line, str)
assert_type(claim.text(width=60), str)
assert_type(claim.latex(names={p: "q"}), str)

phi = function("phi")
assert_type(phi, FunctionSymbol)
applied: list[Any] = [phi(A), phi(i, 2), Apply(sp.Lambda(i, i**2), A, order=1)]
assert_type(Entry(A, 1, 2), Entry)
assert_type(Eigenvector(A, number=2).shape, tuple[Any, Any])
for random in (frame("Q", 3, 2), gaussian_matrix("G", 3, 2)):
    assert_type(random, RandomMatrix)
    assert_type(random.law, str)
assert_type(unit(1, 3), UnitVector)
