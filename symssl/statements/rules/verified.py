"""A solution that is given: its derivative is the velocity there, it begins at the start, and no other one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Any

from sympy import (
    Dummy,
    Eq,
    Expr,
    Function,
    Gt,
    Integer,
    Le,
    Lt,
    MatMul,
    MatrixSymbol,
    Ne,
    Piecewise,
    Pow,
    Symbol,
    Transpose,
    cos,
    cosh,
    diff,
    exp,
    log,
    sin,
    sinh,
    tanh,
)
from sympy.core.relational import Relational

from ...errors import InputError, Refusal, Undecided
from ...language.functions import Entry
from ...language.inputs import is_matrix
from ...language.operators import MatrixTotal
from ...language.quantifiers import ForAll
from ...language.relations import Diagonal, Relation
from ...language.terms import as_point
from ...language.unit_vectors import UnitVector
from ...words.letters import Word, letter
from ...words.polynomials import Poly
from ...words.reading import read
from ...words.rewriting import rewriting
from ..facts import decided
from ..matching import same
from .velocities import _kind, matrix_flow, scalar_flow

__all__ = ["verified"]


def verified(term: Any, form: Any, given: Sequence[Any]) -> Any:
    """The value of a term along dynamics whose solution is given as ``form``, a term in the time for every state.

    The velocities must be polynomials in the states, so that the solution from a start is the only one.  Matrices
    have the form A diag(f_1, ..., f_d) B with constant A and B, which the velocity has too where the relations say so.
    """
    expr, dynamics, time, start = term.args
    form = as_point(form, "the solution that is given")
    if set(form) != set(dynamics.states):
        raise InputError("the solution that is given: give one form for every state")
    if any(value.has(*dynamics.states) for value in form.values()):
        raise Refusal("a solution is given in terms of the time and of the start, not of the states", term)
    if not isinstance(time, Symbol) or not time.is_nonnegative or time.name in {s.name for s in dynamics.free_symbols}:
        raise Refusal("a solution is verified at a time that is a symbol, and not negative", term)
    if _kind(dynamics) == "matrices":
        if len(form) > 1:
            raise Refusal("a solution of several matrices is not verified", term)
        ((state, value),) = form.items()
        _verify_matrix(state, value, matrix_flow(dynamics).rhs[state], time, start[state], given)
    else:
        _verify_scalars(form, scalar_flow(dynamics).rhs, time, start, given)
    return expr.xreplace(dict(form)).doit() if not is_matrix(expr) else expr.xreplace(dict(form))


def _verify_scalars(form: Any, velocity: Any, time: Any, start: Any, given: Sequence[Any]) -> None:
    if not all(f.is_polynomial(*form) for f in velocity.values()):
        raise Refusal("the velocities are no polynomials in the states: there may be other solutions", form)
    for state, value in form.items():
        _smooth(value, time, given)
        _equal(diff(value, time), velocity[state].xreplace(dict(form)), given, f"the derivative of {state}")
        _equal(value.xreplace({time: Integer(0)}), start[state], given, f"{state} at time 0")


def _equal(a: Any, b: Any, given: Sequence[Any], what: str) -> None:
    try:
        comparison = same(a, b, tuple(h for h in given if isinstance(h, Relational)))
    except (Undecided, InputError) as error:
        raise Undecided(f"whether {what} is as it must be was not settled: {error}", a) from None
    if not comparison.equal:
        raise Refusal(f"{what} is {a}, and must be {b}", a)


# --- one matrix, A diag(f) B ---------------------------------------------------------------


def _verify_matrix(state: Any, value: Any, velocity: Any, time: Any, start: Any, given: Sequence[Any]) -> None:
    before, entries, after = _ansatz(value, time)
    size = entries.args[2]
    middle = MatrixSymbol("Phi_", size, size)
    relations = tuple(h for h in given if isinstance(h, Relation))
    system = (*relations, Diagonal(middle))
    place = MatMul(*before, middle, *after) if before or after else middle
    _polynomial(read(velocity), state)
    scalars, conditions = _entries_as_numbers(entries, relations, given)
    scalars[middle] = Dummy("f")
    profile, index = scalars["f"], scalars["index"]
    moved = _scalar_of(velocity.xreplace({state: place}), before, after, middle, system, scalars)
    begun = _scalar_of(start, before, after, middle, system, scalars)
    _smooth(profile, time, conditions)
    if index in profile.free_symbols:
        raise Refusal("the entries depend on their place itself", value)
    _equal(diff(profile, time), moved.xreplace({scalars[middle]: profile}), conditions, f"the derivative of {state}")
    _equal(profile.xreplace({time: Integer(0)}), begun, conditions, f"{state} at time 0")


def _ansatz(value: Any, time: Any) -> tuple[list[Any], Any, list[Any]]:
    """What stands before and after the one sum of the form sum_j f_j e_j e_j^T in a product."""
    factors = list(value.args) if isinstance(value, MatMul) else [value]
    places = [k for k, factor in enumerate(factors) if isinstance(factor, MatrixTotal)]
    if len(places) != 1:
        raise Refusal("a solution of a matrix is verified in the form A diag(f) B: one sum over unit vectors", value)
    (k,) = places
    before, entries, after = factors[:k], factors[k], factors[k + 1 :]
    if any(time in part.free_symbols or not is_matrix(part) for part in (*before, *after)):
        raise Refusal("in the form A diag(f) B the outer factors are constant matrices", value)
    return before, entries, after


def _profile(entries: Any) -> Any:
    """f where a sum is sum_j f e_j e_j^T."""
    body, index, number = entries.args
    factors = list(body.args) if isinstance(body, MatMul) else [body]
    matrices = [a for a in factors if is_matrix(a)]
    rest = [a for a in factors if not is_matrix(a)]
    if len(matrices) == 2 and isinstance(matrices[0], UnitVector) and matrices[1] == Transpose(matrices[0]):
        unit = matrices[0]
        if unit.index == index and unit.shape[0] == number:
            out: Any = Integer(1)
            for factor in rest:
                out = out * factor
            return out
    raise Refusal("the sum in A diag(f) B is over f_j e_j e_j^T", entries)


def _entries_as_numbers(entries: Any, relations: Any, given: Sequence[Any]) -> tuple[dict[Any, Any], list[Any]]:
    """A number for the entry at one place of every diagonal matrix, and what the hypotheses say of it."""
    profile, index = _profile(entries), entries.args[1]
    diagonal = {r.A for r in relations if isinstance(r, Diagonal)}
    hypotheses = [h for h in given if isinstance(h, ForAll)]
    numbers: dict[Any, Any] = {"index": index}
    conditions: list[Any] = [h for h in given if isinstance(h, Relational) and not any(map(is_matrix, h.args))]
    for A in sorted(diagonal, key=str):
        said = [c for h in hypotheses if (c := _at_place(h, A)) is not None]
        positive = any((isinstance(c, Gt) and c.rhs == 0) or (isinstance(c, Lt) and c.lhs == 0) for c in said)
        name = Dummy(A.name, positive=True) if positive else Dummy(A.name, real=True)
        numbers[A] = name
    table = {Entry(A, index, index): numbers[A] for A in diagonal}
    profile = profile.xreplace(table)
    if profile.atoms(Entry) or any(is_matrix(s) for s in profile.free_symbols):
        raise Refusal("the entries of A diag(f) B are functions of diagonal matrices, each at the same place", profile)
    numbers["f"] = profile
    return numbers, conditions


def _at_place(hypothesis: Any, A: Any) -> Any:
    """What is said of every diagonal entry of a matrix, as a comparison of the entry with zero."""
    if len(hypothesis.bound) != 1:
        return None
    (index,) = hypothesis.bound
    size = A.shape[0]
    inside = {Le(1, index), Le(index, size)}
    if not set(hypothesis.given) <= inside or not isinstance(hypothesis.body, Relational):
        return None
    entry = Entry(A, index, index)
    return hypothesis.body if entry in hypothesis.body.args and Integer(0) in hypothesis.body.args else None


def _polynomial(poly: Poly, state: Any) -> None:
    """That a velocity is a polynomial in a state."""
    for term in poly.terms:
        for atom, power in term.mono:
            inside = [a for p in atom.polys for a in p.letters()]
            inside += atom.content if atom.kind == "tr" and (power < 0 or power != int(power)) else []
            if any(a.symbol == state for a in inside) or any(a.symbol == state and a.inverse for a in poly.letters()):
                raise Refusal("the velocity is no polynomial in the state: there may be other solutions", state)
    if any(a.symbol == state and a.inverse for a in poly.letters()):
        raise Refusal("the velocity is no polynomial in the state: there may be other solutions", state)


def _scalar_of(expr: Any, before: Any, after: Any, middle: Any, relations: Any, numbers: Mapping[Any, Any]) -> Expr:
    """p where an expression is A p(Phi, D, ...) B with a polynomial p of diagonal matrices."""
    poly = read(expr)
    system = rewriting(relations, poly)
    left, right = (_word(part, system) for part in (before, after))
    total: Any = Integer(0)
    for term, c in system.reduce(poly).terms.items():
        word = term.word or ()
        if (
            term.binders
            or len(word) < len(left) + len(right)
            or word[: len(left)] != left
            or (right and word[-len(right) :] != right)
        ):
            raise Refusal(f"{expr} leaves the form A diag(f) B", expr)
        value = Integer(c.numerator) / Integer(c.denominator)
        for atom, power in term.mono:
            if atom.kind != "sym":
                raise Refusal(f"{expr} has factors that are no polynomial of diagonal matrices", expr)
            value = value * atom.content ** (Integer(power.numerator) / Integer(power.denominator))
        for a in word[len(left) : len(word) - len(right)]:
            if a.symbol not in numbers:
                raise Refusal(f"{expr} leaves the form A diag(f) B: {a.symbol} is not diagonal", expr)
            value = value * numbers[a.symbol] ** (-1 if a.inverse else 1)
        total = total + value
    return total


def _word(factors: Iterable[Any], system: Any) -> Word:
    word: Word = ()
    for factor in factors:
        base = factor.arg if isinstance(factor, Transpose) else factor
        if not isinstance(base, MatrixSymbol):
            raise Refusal("the outer factors of A diag(f) B are matrices with names", factor)
        a = letter(base)
        word += (a.T if isinstance(factor, Transpose) else a,)
    return system.word(word)


# --- smoothness ----------------------------------------------------------------------------


_SMOOTH = (exp, log, sin, cos, sinh, cosh, tanh)  # and logarithms of what stays positive


def _smooth(value: Any, time: Any, given: Sequence[Any]) -> None:
    """That a form is defined and has a derivative at every time that is not negative."""
    if strange := [node for node in value.atoms(Function, Piecewise) if not isinstance(node, _SMOOTH)]:
        raise Refusal(f"whether {strange[0]} is smooth at all times is not known", value)
    for node in value.atoms(Pow, log) - value.atoms(exp):
        base, exponent = (node.args[0], Integer(-1)) if isinstance(node, log) else node.as_base_exp()
        if exponent.is_Integer and exponent > 0:
            continue
        whole = exponent.is_Integer and not isinstance(node, log)
        wanted = Ne(base, 0, evaluate=False) if whole else Gt(base, 0, evaluate=False)
        if not _in_every_case(wanted, given):
            raise Undecided(f"that {base} stays {'away from zero' if whole else 'positive'} was not settled", base)


def _in_every_case(condition: Any, given: Sequence[Any]) -> bool:
    """Whether a condition holds, whatever the signs of the symbols in exponents are."""
    if _known(condition, given):
        return True
    signs = sorted({s for e in condition.atoms(exp) for s in e.exp.free_symbols if s.is_nonnegative is None}, key=str)
    cases = product(*([(Gt(s, 0), Lt(s, 0), Eq(s, 0)) for s in signs]))
    return bool(signs) and all(_known_in(condition, case, given) for case in cases)


def _known_in(condition: Any, case: Any, given: Sequence[Any]) -> bool:
    zero = {c.lhs: Integer(0) for c in case if isinstance(c, Eq)}
    here = condition.func(condition.lhs.xreplace(zero), condition.rhs, evaluate=False)
    return _known(here, (*given, *(c for c in case if not isinstance(c, Eq))))


def _known(condition: Any, given: Sequence[Any]) -> bool:
    with suppress(Undecided, Refusal, InputError):
        return decided(condition, given)[0] is True
    return False
