"""Every public name of `symssl.scalar` as a typed program uses it; checked by mypy --strict, never run."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, assert_type

import sympy as sp

from symssl import count_equilibria as count, fold_set as folds
from symssl.scalar import (
    Case,
    Certificate,
    ClosedForm,
    Darboux,
    Equilibria,
    Equilibrium,
    EquilibriumCount,
    Field,
    Flow,
    FoldSet,
    Invariants,
    Scaling,
    SolutionCase,
    count_equilibria,
    fold_set,
)

Stability = Literal["stable", "unstable", "half-stable"]
x, k = sp.Symbol("x"), sp.Symbol("k")


def flows() -> None:
    flow = Flow({x: k * x - x**3}, (k,))
    assert_type(flow, Flow)
    assert_type(flow.rhs, Mapping[Any, Any])
    assert_type(flow.states, Mapping[Any, Any])
    assert_type(flow.parameters, tuple[Any, ...])
    assert_type(flow.fix({"k": 1.5}), Flow)
    assert_type(flow.restrict({x: k}), Flow)
    assert_type(flow.retime(k), Flow)
    assert_type(flow.latex(width=60), str)
    assert_type(flow._repr_latex_(), str)
    flow.lie(x)
    flow.jacobian()
    flow.state("x")
    flow.parameter(k)
    flow.escape_time("x", initial=1)
    assert_type(flow.stability(0), Stability)
    assert_type(flow.invariants(2), Invariants)
    assert_type(flow.nondimensionalize(x**3, states={x: k}, names=["mu"]), Scaling)
    assert_type(flow.closed_form("x", time=None, initial=None), ClosedForm)
    assert_type(flow.equilibria(), Equilibria)
    assert_type(flow.fold_set(parameters=None), FoldSet)
    compiled = flow.to_function({"k": 1})
    compiled(0.0, [1.0], {})
    assert_type(compiled.names, tuple[str, ...])
    assert_type(compiled.size, int)


def mappings() -> None:
    field = Field({x: k})
    assert_type(field, Field)
    assert_type(len(field), int)
    assert_type(hash(field), int)
    assert_type(iter(field), Iterator[Any])
    assert_type(dict(field), dict[Any, Any])


def counts(flow: Flow) -> None:
    found = count_equilibria(flow, "x")
    assert_type(found, EquilibriumCount)
    assert_type(count(flow), EquilibriumCount)
    assert_type(found.flow, Flow)
    assert_type(found.cases, tuple[Case, ...])
    assert_type(found.certificate, tuple[Certificate, ...])
    assert_type(found.discriminants, tuple[Any, ...])
    assert_type(found.at({"k": 1}), Case)
    assert_type(found.verify(), bool)
    assert_type(len(found), int)
    print(found.state, found.latex())
    for case in found:
        assert_type(case.negative, tuple[int, ...] | None)
        assert_type(case.zero, int | None)
        assert_type(case.positive, tuple[int, ...] | None)
        assert_type(case.stability, tuple[Stability, ...] | None)
        assert_type(case.counts, tuple[tuple[int, ...], int, tuple[int, ...]] | None)
        print(case.condition, case.number, case.latex())
    proof = found.certificate[0]
    assert_type(proof.deflation, int)
    assert_type(proof.patterns, tuple[tuple[tuple[int, ...], int, int], ...])
    assert_type(proof.subresultants, tuple[Any, ...])
    assert_type(proof.verify(), bool)
    print(proof.condition, proof.polynomial, proof.discriminant)


def equilibria(flow: Flow) -> None:
    found = flow.equilibria()
    assert_type(found.explicit, tuple[Equilibrium, ...])
    assert_type(found.implicit, tuple[Any, ...])
    assert_type(found.points, tuple[Any, ...])
    assert_type(found.flow, Flow)
    assert_type(found.verify(), bool)
    assert_type(len(found), int)
    for equilibrium in found:
        assert_type(equilibrium.values, Mapping[Any, Any])
        assert_type(equilibrium.multiplicity, int | None)
        assert_type(equilibrium.stability, Stability | None)
        assert_type(flow.stability(equilibrium), Stability)
        print(equilibrium.point, equilibrium.condition, equilibrium.latex(), found.latex())


def fold_sets(flow: Flow) -> None:
    found = fold_set(flow, x, ("k", "m"))
    assert_type(found, FoldSet)
    assert_type(folds(flow), FoldSet)
    assert_type(found.parametrised, Mapping[Any, Any] | None)
    assert_type(found.explicit, tuple[Mapping[Any, Any], ...])
    assert_type(found.nondegenerate, bool | None)
    assert_type(found.transversal, Mapping[Any, int | None])
    assert_type(found.cusps, tuple[Mapping[Any, Any], ...] | None)
    assert_type(found.verify(), bool)
    print(found.flow, found.state, found.implicit, found.domain, found.collision, found.curvature, found.latex())
    assert_type(found.conditions, tuple[Any, ...])


def others(flow: Flow) -> None:
    laws = flow.invariants()
    assert_type(laws.polynomials, tuple[Darboux, ...])
    assert_type(laws.integrals, tuple[Any, ...])
    assert_type((laws.degree, laws.complete, len(laws)), tuple[int, bool, int])
    assert_type(laws[0], Darboux)
    for law in laws:
        assert_type(law.verify(), bool)
        print(law.flow, law.curve, law.cofactor, law.decay, law.latex(), laws.flow, laws.latex())
        flow.restrict(law)
    scaling = flow.nondimensionalize()
    assert_type(scaling.flow, Flow)
    assert_type(scaling.original, Flow)
    assert_type(scaling.groups, Mapping[Any, Any])
    assert_type(scaling.substitution, Mapping[Any, Any])
    assert_type(scaling.time, tuple[Any, Any])
    assert_type(scaling.residuals, tuple[Any, ...])
    assert_type(scaling.verify(), bool)
    form = flow.closed_form()
    assert_type(form.initial, tuple[tuple[Any, Any], ...])
    assert_type(form.companions, tuple[tuple[Any, Any], ...])
    assert_type(form.residuals(), tuple[Any, ...])
    assert_type(form.verify(), bool)
    assert_type(form.cases, tuple[SolutionCase, ...])
    for case in form.cases:
        print(case.given, case.kind, case.solution, case.implicit, case.holds, case.condition, case.latex())
        print(case.begin, case.end, case.companions)
    print(form.piecewise, form.begin, form.end)
    if form.kind == "Riccati":
        print(form.rhs, form.state, form.time, form.solution, form.implicit, form.condition, form.latex())
    print(scaling.latex())
