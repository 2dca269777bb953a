"""Rates along flows, steps of descent and gradients, by the matrix and scalar engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sympy import Dummy, Expr, Integer, MatrixSymbol, Symbol, diff

from ...errors import Refusal
from ...language.dynamics import Dynamics, GradientFlow, VectorField
from ...language.inputs import is_matrix
from ...language.operators import Expectation, MatrixExpectation, StopGradient
from ...language.terms import Gradient, Next, Rate
from .derivation import Found, rule_for

__all__ = ["matrix_flow", "scalar_flow"]


def _kind(dynamics: Dynamics) -> str:
    matrices = [isinstance(x, MatrixSymbol) for x in dynamics.states]
    if all(matrices):
        return "matrices"
    if any(matrices):
        raise Refusal("scalar and matrix states in one flow: write the scalars as matrices of one entry")
    return "scalars"


@lru_cache(maxsize=256)
def matrix_flow(dynamics: Any) -> Any:
    """The engine's flow of matrices."""
    from ...matrix.flow import MatrixFlow
    from ...matrix.gradient import gradient_flow

    if isinstance(dynamics, VectorField):
        return MatrixFlow(dynamics.rhs, dynamics.where)
    flow = gradient_flow(dynamics.loss, dynamics.states, **dynamics.options)
    return flow.impose(*dynamics.where) if dynamics.where else flow


@lru_cache(maxsize=256)
def scalar_flow(dynamics: Any) -> Any:
    """The engine's flow of scalars; parameters are all other symbols, in the order of their names."""
    from ...scalar.flow import Flow

    rhs = dynamics.rhs if isinstance(dynamics, VectorField) else _slopes(dynamics)
    free: set[Any] = set().union(*(f.free_symbols for f in rhs.values())) - set(rhs)
    return Flow(rhs, tuple(sorted(free, key=str)))


def _slopes(dynamics: Any) -> dict[Any, Expr]:
    options = dynamics.options
    if "geometry" in options:
        raise Refusal("a geometry is for matrices")
    frozen = {node: Dummy(real=True) for node in dynamics.loss.atoms(StopGradient)}
    back = {name: node.args[0] for node, name in frozen.items()}
    loss = dynamics.loss.xreplace(frozen)
    rhs = {}
    for x in dynamics.states:
        slope = diff(loss, x).xreplace(back)
        rate, extra = options.get("rates", {}).get(x, Integer(1)), options.get("extra", {}).get(x, Integer(0))
        rhs[x] = -rate * slope - dynamics.decay * x + extra
    return rhs


@rule_for(Rate, opaque=False)
def _rate(term: Any, given: Sequence[Any]) -> Found:
    expr, dynamics = term.args
    if _kind(dynamics) == "matrices":
        value = matrix_flow(dynamics).lie(expr)
        if value.has(Expectation, MatrixExpectation):
            from ...words.moments import expect

            return expect(value), {"rule": "the flow, its moments by Isserlis' theorem"}
        return value, {"rule": "the flow"}
    return scalar_flow(dynamics).lie(expr), {"rule": "the flow"}


@rule_for(Next, opaque=False)
def _next(term: Any, given: Sequence[Any]) -> Found:
    expr, dynamics = term.args
    kind = _kind(dynamics)
    flow = (matrix_flow if kind == "matrices" else scalar_flow)(dynamics.flow)
    after = {x: x + dynamics.step * f for x, f in flow.rhs.items()}
    value = expr.xreplace(after)
    return value.doit() if is_matrix(value) else value, {"rule": "one step of descent"}


@rule_for(Gradient, opaque=False)
def _gradient(term: Any, given: Sequence[Any]) -> Found:
    if isinstance(term.by, Symbol):
        return diff(term.term, term.by), {"rule": "the gradient"}
    flow = matrix_flow(GradientFlow(term.term, term.by))
    return (-flow.rhs[term.by]).doit(), {"rule": "the gradient"}
