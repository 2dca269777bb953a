"""Laws of Gaussian vectors, checked when they are first read: only here it is known whether a matrix is symmetric."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sympy import Add, Expr, Identity, MatAdd, MatMul, MatrixSymbol

from ..errors import InputError
from ..language.inputs import is_matrix
from ..language.random_vectors import Joint
from ..language.relations import Relation, Symmetric

__all__ = ["check_covariance", "symmetric_blocks"]


@lru_cache(maxsize=256)
def check_covariance(joint: Joint, dim: Expr) -> None:
    """Refuse a joint law whose covariance is not symmetric, block by block.

    Parameters
    ----------
    joint : Joint
    dim : length of its vectors

    Raises
    ------
    InputError
        Names the two blocks that are not each other's transpose.
    """
    from .reading import read  # it calls this function
    from .rewriting import rewriting

    names = joint.names
    blocks = {(a, b): joint.covariance(a, b) for a in names for b in names}
    symmetric = rewriting(symmetric_blocks(blocks[a, a] for a in names))
    for (a, b), c in blocks.items():
        value, mirror = (read(x if is_matrix(x) else x * Identity(dim)) for x in (c, blocks[b, a]))
        if symmetric.reduce(value - mirror.T):
            raise InputError(
                f"cov: Cov({a}, {b}) = {c} is not the transpose of Cov({b}, {a}) = {blocks[b, a]}: not symmetric"
            )


def symmetric_blocks(blocks: Iterable[Expr]) -> tuple[Relation, ...]:
    """The relations that covariance matrices bring along: every symbol of which a covariance is a
    linear combination is symmetric.

    >>> A = MatrixSymbol("A", 3, 3)
    >>> symmetric_blocks([2*A + Identity(3)])
    (Symmetric(A),)
    """
    symmetric = {}
    for block in blocks:
        for a in Add.make_args(block) if not is_matrix(block) else MatAdd.make_args(block):
            matrices = [factor for factor in MatMul.make_args(a) if is_matrix(factor)]
            if len(matrices) == 1 and isinstance(matrices[0], MatrixSymbol):
                symmetric[matrices[0].name] = Symmetric(matrices[0])
    return tuple(symmetric[name] for name in sorted(symmetric))
