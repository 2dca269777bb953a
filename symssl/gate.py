"""The gate between SymPy and the word algebra: `read` and `write`.

`read` turns a SymPy scalar or matrix expression over the nodes of
:mod:`symssl.nodes` into a :class:`~symssl.polynomials.Poly`; `write` turns a Poly
back into SymPy.  Nothing else in the package looks into both.
"""

from .reading import as_matrix, read
from .writing import write

__all__ = ["read", "write", "as_matrix"]
