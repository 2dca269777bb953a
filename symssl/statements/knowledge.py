"""What is known of norms, eigenvalues and quadratic forms in themselves: it follows from no hypothesis alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import (
    Add,
    Basic,
    Dummy,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Lt,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Mul,
    Ne,
    Trace,
    Transpose,
    ZeroMatrix,
    default_sort_key,
)
from sympy.core.relational import Relational

from ..language.inputs import is_matrix
from ..language.operators import Total
from ..language.quantifiers import ForAll
from ..language.relations import Diagonal, Relation, Symmetric
from ..language.scalars import inner, norm, sq
from ..language.terms import Eigenvalue
from ..language.unit_vectors import UnitVector

__all__ = [
    "completed",
    "is_known_symmetric",
    "known_positive",
    "not_zero",
    "of_all_vectors",
    "order_of_forms",
    "tidied",
]


# --- unit vectors --------------------------------------------------------------------------


def completed(expr: Any) -> Any:
    r"""An expression with sums over all unit vectors taken: :math:`\sum_j |W e_j|^2 = |W|^2`.

    >>> from sympy import symbols
    >>> from symssl import total
    >>> from symssl.language import unit
    >>> n, j = symbols("n j", integer=True, positive=True)
    >>> W = MatrixSymbol("W", 3, n)
    >>> completed(total(sq(W * unit(j, n)), j))
    sq(W)
    """
    sums = {node: _over_units(node) for node in expr.atoms(Total)}
    return expr.xreplace({node: value for node, value in sums.items() if value is not None})


def _over_units(node: Any) -> Any:
    """The value of a sum of <A e_j, B e_j> over all j, with factors that do not depend on j; None of any other."""
    summand, index, size = node.args
    parts = []
    for part in Add.make_args(summand):
        coefficient, rest = part.as_independent(index, as_Add=False)
        pair = (rest.args[0], rest.args[-1]) if isinstance(rest, (inner, sq)) else ()
        before = [_before_unit(matrix, index, size) for matrix in pair]
        if not before or None in before:
            return None
        first, last = before
        parts.append(coefficient * (sq(first) if first == last else inner(first, last)))
    return Add(*parts)


def _before_unit(word: Any, index: Any, size: Any) -> Any:
    """A where the word is A e_j, e_j the j-th of all unit vectors and A without j; else None."""
    factors = MatMul.make_args(word)
    last = factors[-1]
    if not isinstance(last, UnitVector) or last.index != index or last.size != size or len(factors) == 1:
        return None
    before = MatMul(*factors[:-1]) if len(factors) > 2 else factors[0]
    return None if before.has(index) else before


# --- what does not vanish ------------------------------------------------------------------


def not_zero(given: Iterable[Any]) -> set[Any]:
    """Norms and largest singular values that are positive, since a product of matrices does not vanish.

    A trace, an inner product or a norm that is not zero has no factor that is zero.
    """
    matrices: dict[Any, None] = {}
    for hypothesis in given:
        if not isinstance(hypothesis, (Lt, Gt, Ne)) or 0 not in hypothesis.args:
            continue
        other = hypothesis.lhs if hypothesis.rhs == 0 else hypothesis.rhs
        if isinstance(other, Expr) and not isinstance(other, Add):
            matrices.update((factor, None) for node in Mul.make_args(other) for factor in _matrices(node))
    return {node for A in matrices for node in (norm(A), sq(A), Eigenvalue(A, 1, "singular"))}


def _matrices(node: Any) -> list[Any]:
    """The matrix symbols that are factors of the product inside a node."""
    base = node.as_base_exp()[0]
    if not isinstance(base, (Trace, inner, norm, sq)):
        return []
    inside = [factor for word in base.args for factor in MatMul.make_args(word)]
    plain = [factor.arg if isinstance(factor, Transpose) else factor for factor in inside]
    return [factor for factor in plain if isinstance(factor, MatrixSymbol)]


def known_positive(exprs: Sequence[Any], given: Iterable[Any]) -> set[Any]:
    """The nodes of some expressions that `not_zero` knows to be positive."""
    positive = not_zero(given)
    return {
        node for e in exprs if isinstance(e, (Expr, Relational)) for node in e.atoms(norm, sq, Eigenvalue)
    } & positive


def of_all_vectors(condition: Any) -> list[Any]:
    """The equations between matrices that a linear equation says which holds for all vectors.

    >>> from sympy import MatrixSymbol
    >>> from symssl.language import ForAll
    >>> A, x = MatrixSymbol("A", 2, 3), MatrixSymbol("x", 3, 1)
    >>> of_all_vectors(ForAll(x, Eq(A*x, 0*A*x, evaluate=False)))
    [Eq(A, 0)]
    """
    if not isinstance(condition, ForAll) or condition.almost or condition.given or not isinstance(condition.body, Eq):
        return []
    left, right = condition.body.args
    if not is_matrix(left) or not all(isinstance(v, MatrixSymbol) and v.shape[1] == 1 for v in condition.bound):
        return []
    before: dict[Any, list[Any]] = {}
    for word in MatAdd.make_args((left - right).doit()):
        factors = MatMul.make_args(word)
        if factors[-1] not in condition.bound or len(factors) < 2 or any(f.has(*condition.bound) for f in factors[:-1]):
            return []
        before.setdefault(factors[-1], []).append(MatMul(*factors[:-1]).doit())
    sums = [MatAdd(*words).doit() if len(words) > 1 else words[0] for words in before.values()]
    plain = [-A if A.as_coeff_mmul()[0] == -1 else A for A in sums]
    return [Eq(A, ZeroMatrix(*A.shape), evaluate=False) for A in dict.fromkeys(A.doit() for A in plain)]


# --- quadratic forms -------------------------------------------------------------------------


def order_of_forms(exprs: Iterable[Any], given: Sequence[Any]) -> list[Any]:
    r"""Rayleigh's bounds for the quadratic forms in some expressions, where these name the least eigenvalue.

    :math:`v^\top S v \ge \lambda_{\min}(S)\,|v|^2` for a symmetric S, with :math:`|v| = 1` for a unit vector; positive
    where the eigenvalue is and v is not zero.
    """
    exprs = [*exprs, *given]
    forms = {node for e in exprs if isinstance(e, Basic) for node in e.atoms(inner) if _form_of(node) is not None}
    least = {e.args[0]: e for x in exprs if isinstance(x, Basic) for e in x.atoms(Eigenvalue) if _is_least(e)}
    positive, out = not_zero(given), [Ge(least[S], 0, evaluate=False) for S in least if _is_gram(S, given)]
    for node in sorted(forms, key=default_sort_key):
        v, S = _form_of(node)  # type: ignore[misc]
        if S not in least or not is_known_symmetric(S, given):
            continue
        value = least[S]
        out.append(Ge(node, value * (1 if isinstance(v, UnitVector) else norm(v) ** 2), evaluate=False))
        if isinstance(v, UnitVector) or norm(v) in positive:
            said = {Gt(value, 0, evaluate=False): Gt, Ge(value, 0, evaluate=False): Ge}
            out += [relation(node, 0, evaluate=False) for condition, relation in said.items() if condition in given]
    return out


def _is_least(node: Any) -> bool:
    return bool(node.args[1] == 1 and str(node.args[2]) == "eigenvalue")


def _is_gram(S: Any, given: Iterable[Any]) -> bool:
    """Whether a hypothesis says that a matrix is A A^T for some A."""
    words = [h.rhs if h.lhs == S else h.lhs for h in given if isinstance(h, Eq) and S in h.args]
    pairs = [MatMul.make_args(word) for word in words]
    return any(len(pair) == 2 and pair[0] == pair[1].T for pair in pairs)


def _form_of(node: Any) -> tuple[Any, Any] | None:
    """(v, S) where an inner product is <v, S v> for a column v."""
    for v, word in (node.args, node.args[::-1]):
        factors = MatMul.make_args(word)
        if v.shape[1] == 1 and len(factors) == 2 and factors[1] == v:
            return v, factors[0]
    return None


def is_known_symmetric(S: Any, given: Iterable[Any]) -> bool:
    """Whether a hypothesis says that a matrix is symmetric."""
    return any(isinstance(h, (Symmetric, Diagonal)) and tuple(h.matrices) == (S,) for h in given)


# --- words with unit vectors ------------------------------------------------------------------


def tidied(expr: Any, given: Sequence[Any]) -> Any:
    r"""The normal form of an expression under the relations among some hypotheses.

    Unit vectors have length one and are orthogonal to each other, and are eigenvectors of diagonal matrices:
    :math:`D e_k = (e_k^\top D e_k)\,e_k`.  A product that a hypothesis says is zero is left out.
    """
    from ..words.normal_forms import normal_form

    relations = tuple(h for h in given if isinstance(h, Relation))
    numbers = {node: Dummy("l", real=True) for node in expr.atoms(Eigenvalue)}  # numbers of their own
    expr = expr.xreplace(numbers)
    for _ in range(3):
        before = expr
        expr = normal_form(expr, where=relations)
        names = _names_of_diagonals(expr, relations)
        expr = _pulled(expr, names)
        expr = _without_products(expr, given)
        back = {name: inner(u, D * u) for (D, u), name in names.items()}
        expr = normal_form(expr, where=relations)
        expr = expr.xreplace(_lengths(expr)).xreplace(back)
        if expr == before:
            break
    return expr.xreplace({name: node for node, name in numbers.items()})


def _lengths(expr: Any) -> dict[Any, Any]:
    """Norms and inner products of unit vectors."""
    table: dict[Any, Any] = {}
    for node in expr.atoms(norm, sq, inner):
        first, last = node.args[0], node.args[-1]
        if isinstance(first, UnitVector) and isinstance(last, UnitVector):
            if first == last:
                table[node] = Integer(1)
            elif first.index.is_Integer and last.index.is_Integer:
                table[node] = Integer(0)
    return table


def _names_of_diagonals(expr: Any, relations: Iterable[Any]) -> dict[Any, Any]:
    """A number for each diagonal matrix before a unit vector."""
    diagonal = [r.matrices[0] for r in relations if isinstance(r, Diagonal)]
    units = sorted(expr.atoms(UnitVector), key=default_sort_key)
    return {(D, u): Dummy("d", real=True) for D in diagonal for u in units if D.shape[1] == u.shape[0]}


def _pulled(expr: Any, names: Mapping[Any, Any]) -> Any:
    """The expression with D e_k written as a number times e_k, in all words."""

    def word(node: Any) -> Any:
        factors, scalar = _factors(node), Integer(1)
        for (D, u), name in names.items():
            for k in range(len(factors) - 1):
                if factors[k : k + 2] == [D, u]:
                    factors[k : k + 2], scalar = [u], scalar * name
                    return word(scalar * MatMul(*factors)) if len(factors) > 1 else scalar * u
                if factors[k : k + 2] == [u.T, D]:
                    factors[k : k + 2], scalar = [u.T], scalar * name
                    return word(scalar * MatMul(*factors)) if len(factors) > 1 else scalar * u.T
        return node

    return expr.replace(lambda node: isinstance(node, MatMul), word) if names else expr


def _factors(word: Any, symmetric: Iterable[Any] = ()) -> list[Any]:
    """The factors of a word, powers written out, symmetric matrices without transposes."""
    out = []
    for factor in MatMul.make_args(word):
        several = isinstance(factor, MatPow) and factor.exp.is_Integer and factor.exp.is_positive
        out += [factor.base] * int(factor.exp) if several else [factor]
    return [f.arg if isinstance(f, Transpose) and f.arg in symmetric else f for f in out]


def _without_products(expr: Any, given: Iterable[Any]) -> Any:
    """The expression without the words that contain a product which a hypothesis says is zero."""
    symmetric = [h.matrices[0] for h in given if isinstance(h, (Symmetric, Diagonal))]
    equations = [h for h in given if isinstance(h, Eq) and isinstance(h.rhs, ZeroMatrix)]
    zero = [_factors(h.lhs, symmetric) for h in equations]
    zero += [_factors(h.lhs.T.doit(), symmetric) for h in equations]
    if not zero:
        return expr

    def vanishes(node: Any) -> bool:
        factors = _factors(node, symmetric)
        return any(factors[k : k + len(word)] == word for word in zero for k in range(len(factors) - len(word) + 1))

    found = expr.replace(lambda node: isinstance(node, MatMul) and vanishes(node), lambda node: ZeroMatrix(*node.shape))
    nodes = [n for n in found.atoms(inner, norm, sq, Trace) if any(isinstance(a.doit(), ZeroMatrix) for a in n.args)]
    return found.xreplace(dict.fromkeys(nodes, Integer(0))).doit()
