"""Laws of Gaussian vectors, checked where they are first read: the meaning of a matrix expression is known here."""

from functools import lru_cache

from sympy import Add, Identity, MatAdd, MatMul, MatrixSymbol

from ..errors import InputError
from ..language.inputs import is_matrix
from ..language.relations import Symmetric

__all__ = ["check_covariance", "symmetric_blocks"]


@lru_cache(maxsize=256)
def check_covariance(joint, dim):
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
                f"gaussians: Cov({a}, {b}) = {c} is not the transpose of Cov({b}, {a}) = {blocks[b, a]}: not symmetric"
            )


def symmetric_blocks(blocks):
    """Covariance matrices are symmetric: the matrix symbols that for this reason are, because
    a covariance is a combination of single symbols."""
    found = {}
    for block in blocks:
        for a in Add.make_args(block) if not is_matrix(block) else MatAdd.make_args(block):
            a = a.as_coeff_mmul()[1] if isinstance(a, MatMul) else a
            if isinstance(a, MatrixSymbol):
                found[a.name] = Symmetric(a)
    return tuple(found[k] for k in sorted(found))
