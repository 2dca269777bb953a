"""Exponential laws of a matrix flow, by linear algebra over words.

A law is a combination Q of words (or traces of words) in the weights whose
time derivative is a multiple of itself, Q' = m Q with m constant; then
Q(t) = exp(m t) Q(0).  All of them up to a degree are found: the words are the
unknowns' basis, the condition is linear in Q for given m, and the possible m
are the eigenvalues of the derivative on the largest subspace that it maps to
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Matrix, Poly as SymPyPoly, Symbol, eye, factor_list, zeros

from ..support.arguments import instance_of, whole
from ..support.budgets import BUDGET, budgeted
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex
from ..words.letters import Word, letter
from ..words.polynomials import Poly, from_word, monomial, trace_of_word, zero
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.terms import Term
from ..words.writing import write
from .flow import MatrixFlow

__all__ = ["Law", "laws"]


@dataclass(frozen=True, repr=False)
class Law(Formula):
    r"""An exact law: `quantity`(t) = exp(`multiplier` t) `quantity`(0).

    Attributes
    ----------
    quantity : matrix or scalar expression in the weights
    multiplier : expression in the parameters; zero for a conserved quantity

    >>> from sympy import MatrixSymbol
    >>> from symssl import gradient_flow, sq
    >>> (law,) = gradient_flow(sq(MatrixSymbol("W", 2, 3))/2, MatrixSymbol("W", 2, 3)).laws(1)
    >>> law.quantity, law.multiplier, law.conserved
    (W, -1, False)
    """

    quantity: Expr
    multiplier: Expr

    @property
    def conserved(self) -> bool:
        """Whether the quantity is constant."""
        return self.multiplier == 0

    def __repr__(self) -> str:
        rate = "0, a conserved quantity" if self.conserved else f"({self.multiplier}) * ({self.quantity})"
        return summary("Law", [f"quantity: {self.quantity}", f"its time derivative: {rate}"])

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        quantity = write(self.quantity)
        rate = "0" if self.conserved else rf"{write(self.multiplier)}\left[{quantity}\right]"
        return [Line(Tex(rf"\frac{{d}}{{dt}}\left[{quantity}\right]"), "=", Tex(rate))]


@budgeted("the search for laws")
def laws(flow: MatrixFlow, degree: int = 2, *, budget: float | None = BUDGET) -> tuple[Law, ...]:
    """All laws in words (and traces of words) of the weights up to a degree.

    Parameters
    ----------
    flow : MatrixFlow
    degree : int
        Largest number of weight letters in a word.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    tuple of Law
        Empty if there is none.  Transposes of laws and traces of matrix laws
        are left out.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, potential
    >>> h, d, m, rho = symbols("h d m rho", positive=True)
    >>> W, Phi = MatrixSymbol("W", m, h), MatrixSymbol("Phi", h, d)
    >>> flow = gradient_flow(potential("f", W*Phi), (W, Phi), weight_decay=rho)
    >>> [(law.quantity, law.multiplier) for law in flow.laws()]
    [(-Phi*Phi.T + W.T*W, -2*rho)]
    """
    instance_of("flow", flow, MatrixFlow)
    degree = whole("degree", degree, 1, 12)
    system = rewriting(flow.where)
    letters = [letter(W) for W in flow.rhs]
    letters = list(dict.fromkeys(letters + [a.T for a in letters]))
    by_shape: dict[tuple[Expr, Expr], list[Word]] = {}
    level: list[Word] = [(a,) for a in letters]
    for _ in range(degree):
        for w in level:
            by_shape.setdefault((w[0].rows, w[-1].cols), []).append(w)
        level = [(*w, a) for w in level for a in letters if w[-1].cols == a.rows]
    solutions: list[tuple[Poly, Expr]] = []
    traces: list[tuple[Poly, Expr]] = []
    for shape, words in by_shape.items():
        if shape[::-1] in by_shape and str(shape[::-1]) < str(shape):
            continue  # the transposes of another shape
        basis = _independent(system.reduce(from_word(w, shape)) for w in words)
        for q, m in _solve(flow, basis):
            if not any(m == n and q in (p, -p, p.T, -p.T) for p, n in solutions):
                solutions.append((q, m))
                if shape[0] == shape[1]:
                    traces.append((system.reduce(q.trace()), m))
    closed = [w for shape, words in by_shape.items() if shape[0] == shape[1] for w in words]
    basis = _independent(system.reduce(trace_of_word(w)) for w in closed)
    for q, m in _solve(flow, basis):
        span = [p for p, n in traces if n == m]
        if _rank([*span, q]) > _rank(span):
            traces.append((q, m))
            solutions.append((q, m))
    return tuple(Law(write(q), m) for q, m in solutions)


def _independent(polys):
    """The distinct nonzero one-term polynomials; words are linearly independent."""
    return list(dict.fromkeys(p for p in polys if p.terms))


def _coordinates(poly):
    """Coefficients of a polynomial over its state-dependent parts, parameters in front."""
    out = {}
    for t, c in poly.terms.items():
        state = tuple((a, e) for a, e in t.mono if a.moves)
        front = monomial(c, {a: e for a, e in t.mono if not a.moves})
        key = Term(t.binders, state, t.word)
        out[key] = out.get(key, zero()) + front
    return out


def _table(polys):
    rows = [_coordinates(p) for p in polys]
    keys = sorted(set().union(*rows), key=lambda t: t.key) if rows else []
    return keys, Matrix(len(rows), len(keys), lambda i, j: write(rows[i][keys[j]]) if keys[j] in rows[i] else 0)


def _rank(polys):
    return _table(polys)[1].rank() if polys else 0


def _solve(flow, basis):
    """Combinations of the basis that are mapped to multiples of themselves."""
    if not basis:
        return
    derivatives = [flow._lie(p) for p in basis]
    keys, table = _table(derivatives)
    own = {next(iter(_coordinates(p))): i for i, p in enumerate(basis)}
    n = len(basis)
    inside = zeros(n, n)
    outside = []
    for j, key in enumerate(keys):
        if key in own:
            inside[:, own[key]] = table[:, j]
        else:
            outside.append(table[:, j])
    space = Matrix.hstack(*outside).T.nullspace(simplify=True) if outside else [eye(n)[:, i] for i in range(n)]
    space = _largest_invariant(space, inside)
    if not space:
        return
    V = Matrix.hstack(*space)
    # the derivative on V: inside^T V = V B
    B = (V.T * V).inv() * V.T * inside.T * V
    x = Symbol("x")
    for factor, _ in factor_list((B - x * eye(B.rows)).det(method="berkowitz"), x)[1]:
        factor = SymPyPoly(factor, x)
        if factor.degree() != 1:
            continue  # a multiplier that is not rational in the parameters
        m = (-factor.coeff_monomial(1) / factor.coeff_monomial(x)).factor()
        for v in (B - m * eye(B.rows)).nullspace(simplify=True):
            yield _combination(V * v, basis), m


def _largest_invariant(space, M):
    """Largest subspace of span(space) that c -> M^T c maps into itself."""
    while space:
        V = Matrix.hstack(*space)
        complement = V.T.nullspace(simplify=True)
        if not complement:
            return space
        test = Matrix.hstack(*complement).T * M.T * V
        kernel = test.nullspace(simplify=True)
        if len(kernel) == len(space):
            return space
        space = [V * k for k in kernel]
    return space


def _combination(coefficients, basis):
    """The combination, scaled so that its last coefficient is one."""
    lead = next(c for c in reversed(list(coefficients)) if c != 0)
    out = None
    for c, p in zip(coefficients, basis):
        if c != 0:
            part = read((c / lead).factor()) * p
            out = part if out is None else out + part
    return out
