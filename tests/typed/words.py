"""The public names of `symssl.words` as a type checker sees them; never run."""

from typing import Any, assert_type

import sympy as sp

from symssl import Symmetric, concentrate, expect, norm, normal_form
from symssl.words import Approximation, Poly, Rewriting, read, rewriting, write

A = sp.MatrixSymbol("A", 3, 3)

poly = read(A * A.T)
assert_type(poly, Poly)
assert_type(poly + poly * poly - poly.scale(2), Poly)
assert_type((-poly).T.trace().power(2), Poly)
assert_type(poly.key, str)
assert_type(poly.is_monomial, bool)
assert_type(poly == poly, bool)
system = rewriting((Symmetric(A),), poly)
assert_type(system, Rewriting)
assert_type(system.reduce(poly), Poly)
assert_type(Rewriting([Symmetric(A)]).complete, bool)
out: list[Any] = [write(poly), expect(norm(A)), normal_form(A * A, where=[Symmetric(A)])]
step = concentrate(norm(A), {norm(A): 1}, order="o(1)")
assert_type(step, Approximation)
assert_type(step.order, str)
assert_type(step.replaced, tuple[tuple[Any, Any], ...])
assert_type(step.latex(), str)
expr: Any = step.expr
