"""Relations: what each of them means, and what cannot be one."""

import pytest
from sympy import MatrixSymbol, Symbol, symbols

from symssl import Commutes, Diagonal, InputError, Orthonormal, Symmetric
from symssl.language.relations import check_relations

n, k = symbols("n k", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
U, W = MatrixSymbol("U", n, k), MatrixSymbol("W", k, n)


@pytest.mark.parametrize(
    "case",
    [
        lambda: Symmetric(W),
        lambda: Symmetric(A + B),
        lambda: Symmetric("A"),
        lambda: Symmetric(A.T),
        lambda: Symmetric(Symbol("a")),
        lambda: Diagonal(W),
        lambda: Diagonal(A * B),
        lambda: Orthonormal(MatrixSymbol("Q", 2, 3)),
        lambda: Orthonormal(A * B),
        lambda: Orthonormal(MatrixSymbol("Q", 3, 2).T),
        lambda: Orthonormal(3),
        lambda: Commutes(A, W),
        lambda: Commutes(A, 3),
        lambda: Commutes(A, MatrixSymbol("D", k, k)),
        lambda: check_relations((A,)),
        lambda: check_relations(A),
        lambda: check_relations(None),
        lambda: check_relations((Symmetric(),)),
        lambda: check_relations((Symmetric(A), Orthonormal(MatrixSymbol("A", k, n)))),
        lambda: check_relations((Symmetric(MatrixSymbol("A", 2, 2)), Symmetric(MatrixSymbol("A", 3, 3)))),
    ],
)
def test_bad_relations(case):
    with pytest.raises(InputError):
        case()


def test_the_remedy_is_named():
    with pytest.raises(InputError, match="orthonormal rows"):
        Orthonormal(MatrixSymbol("Q", 2, 3))
    with pytest.raises(InputError, match="contradictory"):
        check_relations((Symmetric(MatrixSymbol("A", 2, 2)), Symmetric(MatrixSymbol("A", 3, 3))))
