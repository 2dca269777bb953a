"""Exact Gaussian moments of word polynomials, and the named step of concentration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from sympy import Basic, Expr, Inverse, Matrix, sqrt

from ..errors import InputError, Refusal
from ..language.inputs import as_expression, is_matrix
from ..language.operators import E
from ..language.random_vectors import GaussianVector
from ..language.relations import Relation
from ..language.scalars import norm, sq
from ..support.arguments import mapping_of, text_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex, as_text
from .covariances import symmetric_blocks
from .letters import Letter
from .polynomials import Poly, close, from_word, identity, monomial, trace_of_word, zero
from .reading import read
from .rewriting import rewriting
from .substitution import rebuild
from .terms import Term, opened
from .writing import write

__all__ = ["Approximation", "concentrate", "evaluate", "expect", "implied_relations"]


_MAX_DEGREE = 12  # 10395 pairings; each further pair of vectors costs ten times more


@budgeted("the expectation")
def expect(expr: Any, *, budget: float | None = BUDGET) -> Any:
    r"""Evaluate every expectation of a polynomial exactly (Isserlis' theorem).

    Polynomials of any even or odd degree in Gaussian vectors with means, cross
    covariances and conditioning, up to degree 12; what is not polynomial stays
    inside `E`.  A symbol given as a covariance is symmetric; say so again, with
    `Symmetric(S)`, where it is used without its vector.

    Parameters
    ----------
    expr : scalar or matrix expression over the nodes
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    SymPy expression

    Raises
    ------
    InputError
        A conditional law with a singular covariance of the vectors given.
    Refusal
        Conditioning on several vectors with matrix covariances.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import E, gaussians, inner
    >>> d, s2 = symbols("d sigma2", positive=True)
    >>> A = MatrixSymbol("A", d, d)
    >>> x, xp = gaussians("x x'", d, cov=[[1 + s2, 1], [1, 1 + s2]])
    >>> expect(E(inner(x, A*xp)))
    Trace(A)
    """
    expr = as_expression(expr, "expr")
    value = evaluate(read(expr))
    return write(rewriting(implied_relations(expr), value).reduce(value))


def evaluate(poly: Poly) -> Poly:
    """`expect` on polynomials of the word algebra."""

    def word(w, shape):
        return Poly({Term((), (), w): 1}, shape)

    done = Poly({}, poly.shape)
    for t, c in poly.terms.items():
        one = Poly({t: c}, poly.shape)
        if any(a.kind in ("base", "exp", "fn", "pot") for a, _ in t.mono):
            one = rebuild(one, word, trace_of_word, evaluate)
        for u, k in one.terms.items():
            done += _evaluate_term(u, k, poly.shape)
    return done


def _evaluate_term(t, c, shape):
    t = opened(t)
    for b in t.binders:
        if b.tag == "E" and _polynomial_in(t, b.label):
            others = tuple(o for o in t.binders if o is not b)
            value = _moment(t, c, shape, b)
            return evaluate(close(value, others))
    return close(Poly({Term((), t.mono, t.word): c}, shape), t.binders)


def _polynomial_in(t, label):
    """Whether a term is polynomial in the vectors that `label` binds, and no other
    expectation is conditioned on them."""
    return all(a.kind == "tr" and e.denominator == 1 and e > 0 for a, e in t.mono if label in a.free) and not any(
        g.label == ("b", label) for b in t.binders for g in b.given
    )


# --- pairings ----------------------------------------------------------------------------


ROW, COLUMN = "row", "column"  # the open ends of a matrix-valued word


@dataclass(frozen=True)
class _Strand:
    """A word between two ends.

    An end is a random vector waiting for its partner (a Letter), an open end of
    the whole product (ROW, COLUMN), or None where a scalar is closed off.
    """

    left: object
    core: Poly
    right: object

    @property
    def T(self):
        return _Strand(self.right, self.core.T, self.left)

    @property
    def waiting(self):
        return isinstance(self.left, Letter) or isinstance(self.right, Letter)


def _moment(t, c, shape, binder):
    """The expectation of an opened term over the vectors of one binder."""
    law, strands, rest = _Law(binder), [], {}
    for a, e in t.mono:
        if binder.label in a.free:
            k = next(k for k, b in enumerate(a.content) if b.rows == 1)
            strands += [_strand(a.content[k:] + a.content[:k], binder.label)] * int(e)
        else:
            rest[a] = e
    if t.word:
        cut = next((k for k, b in enumerate(t.word) if b.rows == 1 and k), None)
        if cut is None or t.word[0].rows == 1:
            strands.append(_strand(t.word, binder.label, ROW, COLUMN))
        else:
            strands += [
                _strand(t.word[:cut], binder.label, ROW, None),
                _strand(t.word[cut:], binder.label, None, COLUMN),
            ]
    ends = sum(isinstance(end, Letter) for s in strands for end in (s.left, s.right))
    if ends > _MAX_DEGREE:
        raise Refusal(
            f"a moment of degree {ends} has {prod(range(1, ends, 2))} pairings; "
            f"at most degree {_MAX_DEGREE} is evaluated"
        )
    out = zero(shape)
    for value, pieces in _pairings(monomial(c, rest), tuple(strands), law):
        for open_end in (ROW, COLUMN):  # a word with a cut ends as two pieces or as one
            for s in pieces:
                if s.left == open_end or (s.right == open_end and ROW not in (s.left, s.right)):
                    value = value * s.core
        if t.word == ():
            value = value * identity(shape[0])
        out += value
    return out


def _strand(word, label, left=None, right=None):
    """Take the random vectors off the ends of a word."""
    rows, cols = word[0].rows, word[-1].cols
    if word[-1].label == ("b", label) and not word[-1].transposed:
        right, cols, word = word[-1], word[-1].rows, word[:-1]
    if word and word[0].label == ("b", label):
        left, rows, word = word[0].T, word[0].cols, word[1:]
    core = from_word(word, (rows, cols)) if word else identity(cols)
    return _Strand(left, core, right)


def _pairings(scalar, strands, law):
    """Yield (scalar, strands with an open end) over all pairings of the random ends."""
    i = next((i for i, s in enumerate(strands) if s.waiting), None)
    if i is None:
        done = []
        for s in strands:
            if s.left is None and s.right is None:
                scalar = scalar * s.core.trace()
            else:
                done.append(s.T if s.left == COLUMN or s.right == ROW else s)
        yield scalar, done
        return
    s, others = strands[i], strands[:i] + strands[i + 1 :]
    if not isinstance(s.right, Letter):
        s = s.T
    mean = law.mean(s.right)
    if mean:
        yield from _pairings(scalar, (_Strand(s.left, s.core * mean, None), *others), law)
    if isinstance(s.left, Letter):  # both ends of one strand: a closed loop
        loop = (s.core * law.cov(s.right, s.left)).trace()
        yield from _pairings(scalar * loop, others, law)
    for j, o in enumerate(others):
        for q in (o, o.T):
            if isinstance(q.left, Letter):
                joined = _Strand(s.left, s.core * law.cov(s.right, q.left) * q.core, q.right)
                yield from _pairings(scalar, (joined, *others[:j], *others[j + 1 :]), law)


class _Law:
    """Mean and covariance of the vectors of a joint law, conditioned on those given."""

    def __init__(self, binder):
        self.joint, self.given = binder.what, binder.given
        self.dim = None

    def _block(self, a, b):
        return self.joint.covariance(a, b)

    def _poly(self, block, n):
        return read(block) if is_matrix(block) else read(block) * identity(n)

    def _gain(self):
        """C_gg^-1 as a table of blocks, with the names of the vectors given."""
        names = [g.symbol.name for g in self.given]
        blocks = [[self._block(a, b) for b in names] for a in names]
        if any(is_matrix(b) for row in blocks for b in row):
            if len(names) > 1:
                raise Refusal("expectations given several vectors are evaluated for scalar covariances only")
            return names, [[Inverse(blocks[0][0])]]
        table = Matrix(blocks)
        if table.det().equals(0):
            raise InputError(f"the covariance of the vectors given ({', '.join(names)}) is singular")
        inverse = table.inv()
        return names, [[inverse[i, j] for j in range(len(names))] for i in range(len(names))]

    def _regression(self, a, n):
        """Pairs (given letter, coefficient matrix) of the conditional mean of a."""
        names, inverse = self._gain()
        for j, g in enumerate(self.given):
            coefficient = zero((n, n))
            for i, name in enumerate(names):
                coefficient += self._poly(self._block(a, name), n) * self._poly(inverse[i][j], n)
            yield g, coefficient

    def mean(self, x):
        own = self.joint.means[self.joint.names.index(x.symbol.name)]
        out = read(own) if own != 0 else zero((x.rows, x.cols))
        if self.given:
            for g, coefficient in self._regression(x.symbol.name, x.rows):
                centre = self.joint.means[self.joint.names.index(g.symbol.name)]
                value = from_word((g,), (g.rows, g.cols))
                out += coefficient * (value - read(centre) if centre != 0 else value)
        return out

    def cov(self, x, y):
        """E[(x - mean)(y - mean)^T]."""
        a, b, n = x.symbol.name, y.symbol.name, x.rows
        out = self._poly(self._block(a, b), n)
        if self.given:
            for g, coefficient in self._regression(a, n):
                out += -(coefficient * self._poly(self._block(g.symbol.name, b), n))
        return out


def implied_relations(*exprs: Basic) -> tuple[Relation, ...]:
    """The relations that the Gaussian vectors of some expressions bring along: covariances are symmetric.

    >>> from sympy import MatrixSymbol
    >>> from symssl import gaussians
    >>> implied_relations(*gaussians("x", 3, cov=[[MatrixSymbol("S", 3, 3)]]))
    (Symmetric(S),)
    """
    vectors = set().union(*(e.atoms(GaussianVector) for e in exprs))
    return symmetric_blocks(x.joint.covariance(x.name, x.name) for x in vectors)


# --- concentration -----------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Approximation(Formula):
    """A named approximation step: `expr` with some quantities replaced, and its order.

    Attributes
    ----------
    expr : SymPy expression after the replacement
    replaced : tuple of (quantity, value)
    order : str, for example "o_P(1) as h -> oo"
    """

    expr: Expr
    replaced: tuple[tuple[Expr, Expr], ...]
    order: str = ""

    def __repr__(self) -> str:
        steps = [f"{quantity} -> {value}" for quantity, value in self.replaced]
        return summary("Approximation", [self.expr, f"error: {self.order}", *steps])

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        error = Tex(rf"{write(self.expr)} \quad {as_text(f'up to {self.order}')}")
        return [Line(None, "", error), *(Line(a, r"\to", b) for a, b in self.replaced)]


def concentrate(expr: Any, values: Mapping[Any, Any] | None = None, *, order: str) -> Approximation:
    """Replace random quantities by the values around which they concentrate.

    This is an approximation, never an equality: the result carries its order.

    Parameters
    ----------
    expr : SymPy expression over the nodes
    values : mapping quantity -> value, optional
        By default every norm of a random vector is replaced by its root mean
        square, computed exactly.
    order : str
        Order of the error, as stated by the source.

    Raises
    ------
    InputError
        A quantity does not occur in `expr`, or no order is given.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import E, gaussians, norm
    >>> d, c = symbols("d c", positive=True)
    >>> P = MatrixSymbol("P", 2, d)
    >>> x, = gaussians("x", d, cov=[[c**2]])
    >>> concentrate(E(1/norm(P*x)), order="o(1)").expr
    1/(c*norm(P))
    """
    order = text_of("order, the size of the error as the source states it,", order)
    expr = write(read(as_expression(expr, "expr")))
    if values is not None:
        values = mapping_of("values", values, "quantities to their values")
    else:
        lengths = {n for n in expr.atoms(norm) if n.atoms(GaussianVector)}
        values = {n: sqrt(expect(E(sq(n.args[0])))) for n in sorted(lengths, key=str)}
    rules = {}
    for quantity, value in values.items():
        key = write(read(quantity))
        if not expr.has(key):
            raise InputError(f"values names {quantity}, which does not occur in {expr}")
        rules[key] = as_expression(value, f"the value of {quantity}")
    return Approximation(write(read(expr.xreplace(rules))), tuple(rules.items()), order)
