"""Models that several papers share, each written once: a contrastive loss of embeddings, chains of
linear layers, and the trace loss of orthonormal layers."""

from sympy import MatMul, Trace, exp, log

from symssl import Symmetric, sq, total
from symssl.claims import Model

__all__ = ["chain", "infonce", "kernel", "partition", "trace_model"]


def kernel(a, b):
    """Similarity of two embeddings, by their squared distance."""
    return exp(-sq(a - b) / 2)


def partition(z, zp, i, k):
    """Z_i: the sum over all samples less the term of the sample itself, which is exp(0) = 1."""
    return total(kernel(z(i), z(k)), k) - 1 + kernel(z(i), zp(i))


def infonce(z, zp, i, j):
    """InfoNCE over all samples, the logarithm of the quotient split; z and zp map an index to an embedding."""
    return total(sq(z(i) - zp(i)) / 2 + log(partition(z, zp, i, j)), i)


def chain(*layers):
    """The network with these layers, the first one nearest to the data."""
    return MatMul(*reversed(layers)) if len(layers) > 1 else layers[0]


def trace_model(name, network, C, layers, geometry, where=()):
    """Tr(u C u^T) for a linear network u whose layers move under a geometry."""
    return Model(
        name,
        Trace(network * C * network.T),
        tuple(layers),
        where=(Symmetric(C), *where),
        options={"geometry": dict.fromkeys(layers, geometry)},
    )
