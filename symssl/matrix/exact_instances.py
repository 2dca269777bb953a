"""Exact instances: matrices of rationals that satisfy relations.

Cayley transforms for orthonormal matrices, polynomials of one matrix for
commuting ones.  No construction is trusted: an instance is given out only after
its relations have been checked at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from flint import fmpq, fmpq_mat
from sympy import Basic, Identity, Integer, MatrixSymbol, Symbol, Transpose, ZeroMatrix

from ..errors import Refusal
from ..exact.rational_matrices import entries, identity_matrix, random_matrix
from ..language.operators import MatrixTotal, Total
from ..language.random_vectors import GaussianVector
from ..language.relations import Commutes, Diagonal, Normalised, Orthonormal, Relation, Symmetric
from ..language.sample_vectors import Sample
from ..language.scalars import PotentialGradient
from .evaluation import MatrixInstance

__all__ = ["instances", "satisfied", "sizes_of"]


def instances(
    exprs: Iterable[Basic], where: Sequence[Relation] = (), shapes: int = 3, tries: int = 60, shrink: int = 1
) -> Iterator[MatrixInstance]:
    """Yield instances at `shapes` different assignments of the symbolic sizes.

    Every instance satisfies the relations exactly; if none can be built, none
    is yielded.  Matrices that no relation fixes are divided by `shrink`.
    """
    exprs = tuple(exprs)
    relations = [m for x in where for m in x.matrices]
    names = sorted(sizes_of(*exprs, *relations), key=str)
    symbols = {
        s
        for e in (*exprs, *relations)
        for s in e.atoms(MatrixSymbol)
        if not isinstance(s, (GaussianVector, Sample, PotentialGradient))
    }
    given = 0
    seen: set[tuple[int, ...]] = set()
    for seed in range(tries):
        if given == shapes:
            return
        r = Random(seed)
        sizes = dict(zip(names, r.sample(range(2, 4 + len(names)), len(names))))
        if any(getattr(Integer(k), f"is_{p}") is not v for n, k in sizes.items() for p, v in n.assumptions0.items()):
            continue
        key = tuple(sizes.values())
        if key in seen and len(names) and seed < tries // 2:
            continue
        instance = MatrixInstance({n: Integer(k) for n, k in sizes.items()}, seed, shrink=shrink)
        try:
            _build(instance, where, symbols, ("polynomial", "scalar", "frame")[seed % 3])
            good = all(satisfied(instance, x) for x in where)
        except (ZeroDivisionError, ValueError, Refusal):
            continue
        if good:
            seen.add(key)
            given += 1
            yield instance


def sizes_of(*exprs: Basic) -> set[Symbol]:
    """Symbols that occur as dimensions or sample sizes."""
    out: set[Symbol] = set()
    for e in exprs:
        for s in e.atoms(MatrixSymbol, Identity, ZeroMatrix, Total, MatrixTotal):
            dims = (s.args[2],) if isinstance(s, (Total, MatrixTotal)) else s.shape
            if isinstance(s, Sample):
                dims = (*dims, s.size)
            for n in dims:
                out |= n.free_symbols
    return out


# --- construction ------------------------------------------------------------------------


def _build(instance, where, symbols, strategy):
    """Try to choose matrices that satisfy the relations; the caller checks."""
    r = Random(f"{instance.seed}:{strategy}")
    symmetric = {x.A for x in where if isinstance(x, Symmetric)}
    values = instance.matrices
    _build_orthonormal(instance, where, symmetric, r)
    _build_normalised(instance, where, r)
    _build_diagonal(instance, where, r)
    commuting = [x for x in where if isinstance(x, Commutes)]
    if strategy == "frame" and commuting:
        for A in sorted(symbols - set(values), key=str):
            values[A] = _frame(*instance.shape(A), r, instance)
    _build_commuting(instance, commuting, symmetric, r, multiple=strategy == "scalar")
    for A in sorted(symmetric - set(values), key=str):
        n = instance.shape(A)[0]
        M = random_matrix(n, n, r)
        values[A] = M + M.transpose()


def _build_orthonormal(instance, where, symmetric, r):
    for x in where:
        if isinstance(x, Orthonormal):
            U, (n, k) = x.U, instance.shape(x.U)
            Q = _reflection(n, r) if U in symmetric else _cayley(n, k, r)
            U, Q = (U.T, Q.transpose()) if isinstance(U, Transpose) else (U, Q)
            instance.matrices.setdefault(U, Q)


def _build_normalised(instance, where, r):
    """A = P P^T + Q N Q^T with U^T P = I and U^T Q = 0, for any U of full rank and any symmetric N."""
    for x in where:
        if isinstance(x, Normalised):
            symbol = x.U.T if isinstance(x.U, Transpose) else x.U
            n, k = instance.shape(x.U)
            if k > n:
                raise ValueError(f"{k} columns of length {n} cannot be normalised")
            U = instance.matrices.get(symbol)
            U = random_matrix(n, k, r) if U is None else U.transpose() if isinstance(x.U, Transpose) else U
            P, N = U * (U.transpose() * U).inv(), random_matrix(n, n, r)
            Q = identity_matrix(n) - P * U.transpose()
            instance.matrices[symbol] = U.transpose() if isinstance(x.U, Transpose) else U
            instance.matrices[x.A] = P * P.transpose() + Q * (N + N.transpose()) * Q.transpose()


def _build_diagonal(instance, where, r):
    """Entries of any sign, at every other instance positive ones: of them roots and logarithms may be taken."""
    least = 1 if instance.seed % 2 else -9
    for A in sorted({x.A for x in where if isinstance(x, Diagonal)}, key=str):
        n, orthonormal = instance.shape(A)[0], any(x == Orthonormal(A) for x in where)
        instance.matrices[A] = fmpq_mat(
            n,
            n,
            [
                (r.choice((-1, 1)) if orthonormal else fmpq(r.randint(least, 9), r.randint(1, 5))) * (i == j)
                for i in range(n)
                for j in range(n)
            ],
        )


def _build_commuting(instance, commuting, symmetric, r, multiple):
    """A becomes a polynomial of B, or any matrix if B is a `multiple` of I."""
    values = instance.matrices
    roots: dict[int, fmpq_mat] = {}
    degree = Counter(m for x in commuting for m in (x.A, x.B))
    for x in commuting:
        for A, B in sorted(((x.A, x.B), (x.B, x.A)), key=lambda ab: degree[ab[0]]):
            if not isinstance(A, MatrixSymbol) or A in values:
                continue
            if isinstance(B, MatrixSymbol) and B not in values:
                n = instance.shape(B)[0]
                M = roots.setdefault(n, random_matrix(n, n, r))
                M = M + M.transpose() if symmetric & {A, B} else M
                values[B] = identity_matrix(n) * fmpq(r.randint(1, 9)) if multiple else _commuting(M, r, B in symmetric)
            values[A] = _commuting(instance.value(B), r, A in symmetric)
            break


def satisfied(instance: MatrixInstance, relation: Relation) -> bool:
    """Whether a relation holds at an instance, exactly."""
    if isinstance(relation, Diagonal):
        return _is_diagonal(instance.value(relation.A))
    return not any(any(entries(instance.value(d))) for d in relation.defect())


def _is_diagonal(M):
    return all(M[i, j] == 0 for i in range(M.nrows()) for j in range(M.ncols()) if i != j)


def _cayley(n, k, r):
    """n x k with orthonormal columns: (I - S)(I + S)^-1 for skew S, first k columns."""
    if k > n:
        raise ValueError(f"{k} orthonormal columns of length {n}")
    S = random_matrix(n, n, r)
    S = S - S.transpose()
    Q = (identity_matrix(n) - S) * (identity_matrix(n) + S).inv()
    return fmpq_mat(n, k, [Q[i, j] for i in range(n) for j in range(k)])


def _reflection(n, r):
    """Symmetric and orthogonal."""
    v = random_matrix(n, 1, r)
    return identity_matrix(n) - v * v.transpose() * (2 / (v.transpose() * v)[0, 0])


def _commuting(M, r, symmetric):
    """A matrix that commutes with M: any if M is a multiple of I, else a polynomial of M."""
    n = M.nrows()
    if M == identity_matrix(n) * M[0, 0]:
        A = random_matrix(n, n, r)
        return A + A.transpose() if symmetric else A
    out = identity_matrix(M.nrows()) * fmpq(r.randint(-5, 5)) + M * fmpq(r.randint(1, 5))
    return out + M * M * fmpq(r.randint(-3, 3), 2)


def _frame(n, m, r, instance):
    """n x m, diagonal between fixed orthogonal frames of the two spaces."""

    def basis(k):
        return _cayley(k, k, Random(f"{instance.seed}:frame:{k}"))

    D = fmpq_mat(
        n,
        m,
        [
            fmpq(r.randint(1, 9), r.randint(1, 5)) * (-1) ** r.randint(0, 1) * (i == j)
            for i in range(n)
            for j in range(m)
        ],
    )
    return basis(n) * D * basis(m).transpose()
