"""Relations between matrices, and rewriting of words modulo them.

A relation is an explicit object, used after differentiation.  A set of
relations is turned into a rewriting system on words, completed by the
Knuth-Bendix procedure in the length-then-alphabet order.  Where the completion
ends, two words are equal modulo the relations exactly if their normal forms
are; where it does not, only equality can be concluded, never inequality.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, permutations

from sympy import Identity, MatrixExpr, MatrixSymbol, Transpose

from .errors import InputError, Refusal
from .gate import as_matrix, read
from .nodes import check_names
from .polynomials import from_word, identity, size, trace_of_word
from .transformations import rebuild
from .words import letter, transpose

__all__ = ["Relation", "Symmetric", "Orthonormal", "Normalised", "Commutes", "Diagonal", "Rewriting",
           "rewriting", "check_relations"]


def _square(A, name):
    if A.shape[0] != A.shape[1]:
        raise InputError(f"{name}({A}): the matrix is {A.shape[0]} x {A.shape[1]}, not square")


def _symbol(A, name):
    A = as_matrix(A)
    if not isinstance(A, MatrixSymbol):
        raise InputError(f"{name}({A}): give a matrix symbol, not an expression")
    return A


@dataclass(frozen=True)
class Relation:
    """Base class: a relation between matrices that may be imposed on a flow."""

    probes = ()     # relations of auxiliary matrices that occur in the defect

    def defect(self):
        """The matrix expressions that vanish when the relation holds."""
        raise NotImplementedError

    @property
    def matrices(self):
        return tuple(getattr(self, f) for f in self.__dataclass_fields__)

    def __str__(self):
        return f"{type(self).__name__}({', '.join(map(str, self.matrices))})"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Symmetric(Relation):
    r""":math:`A = A^\top`.

    >>> from sympy import MatrixSymbol
    >>> print(Symmetric(MatrixSymbol("A", 3, 3)))
    Symmetric(A)
    """

    A: MatrixExpr = None        # None: the geometry of symmetric matrices, of whichever weight

    def __post_init__(self):
        if self.A is not None:
            object.__setattr__(self, "A", _symbol(self.A, "Symmetric"))
            _square(self.A, "Symmetric")

    def defect(self):
        return (self.A - self.A.T,)


@dataclass(frozen=True, repr=False)
class Diagonal(Relation):
    """A is diagonal (in the fixed basis): it commutes with every diagonal matrix.

    >>> from sympy import MatrixSymbol
    >>> Diagonal(MatrixSymbol("A", 3, 3))
    Diagonal(A)
    """

    A: MatrixExpr

    def __post_init__(self):
        object.__setattr__(self, "A", _symbol(self.A, "Diagonal"))
        _square(self.A, "Diagonal")

    @property
    def probes(self):
        """An arbitrary other diagonal matrix."""
        return (Diagonal(MatrixSymbol(f"D_{self.A.name}", *self.A.shape)),)

    def defect(self):
        """Who commutes with every diagonal matrix is diagonal."""
        (D,) = (probe.A for probe in self.probes)
        return (self.A*D - D*self.A,)


@dataclass(frozen=True, repr=False)
class Orthonormal(Relation):
    r"""The columns of U are orthonormal: :math:`U^\top U = I`, and :math:`UU^\top = I` if square.

    For orthonormal rows of W give `Orthonormal(W.T)`.

    >>> from sympy import MatrixSymbol
    >>> Orthonormal(MatrixSymbol("U", 3, 2))
    Orthonormal(U)
    """

    U: MatrixExpr

    def __post_init__(self):
        U = as_matrix(self.U)
        _symbol(U.T if isinstance(U, Transpose) else U, "Orthonormal")
        object.__setattr__(self, "U", U)
        n, k = U.shape
        if (n - k).is_negative:
            raise InputError(f"Orthonormal({U}): {k} columns of length {n} cannot be orthonormal; for "
                             f"orthonormal rows give Orthonormal({U.T})")

    def defect(self):
        U, (n, k) = self.U, self.U.shape
        return (U.T*U - Identity(k),) + ((U*U.T - Identity(n),) if n == k else ())


@dataclass(frozen=True, repr=False)
class Normalised(Relation):
    r"""The columns of U are orthonormal in the symmetric form A, definite or not: :math:`U^\top A U = I`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> A, U = MatrixSymbol("A", 3, 3), MatrixSymbol("U", 3, 2)
    >>> bool(matrix_equal(A*U*U.T*A.T*U, A*U, where=Normalised(U, A)))
    True
    """

    U: MatrixExpr
    A: MatrixExpr

    def __post_init__(self):
        U = as_matrix(self.U)
        _symbol(U.T if isinstance(U, Transpose) else U, "Normalised")
        object.__setattr__(self, "U", U)
        object.__setattr__(self, "A", _symbol(self.A, "Normalised"))
        _square(self.A, "Normalised")
        if U.shape[0] != self.A.shape[0] or (U.shape[0] - U.shape[1]).is_negative:
            raise InputError(f"Normalised({U}, {self.A}): shapes {tuple(U.shape)} and {tuple(self.A.shape)} do not fit")

    def defect(self):
        return (self.A - self.A.T, self.U.T*self.A*self.U - Identity(self.U.shape[1]))


@dataclass(frozen=True, repr=False)
class Commutes(Relation):
    """A B = B A, for matrices or words such as `Commutes(Phi*Phi.T, W)`.

    >>> from sympy import MatrixSymbol
    >>> from symssl import matrix_equal
    >>> A, B = MatrixSymbol("A", 3, 3), MatrixSymbol("B", 3, 3)
    >>> bool(matrix_equal(A*B*A, A*A*B, where=Commutes(A, B)))
    True
    """

    A: MatrixExpr
    B: MatrixExpr

    def __post_init__(self):
        for name in "AB":
            object.__setattr__(self, name, as_matrix(getattr(self, name)))
            _square(getattr(self, name), "Commutes")
        if self.A.shape != self.B.shape:
            raise InputError(f"Commutes({self.A}, {self.B}): shapes {tuple(self.A.shape)} "
                             f"and {tuple(self.B.shape)} differ")

    def defect(self):
        return (self.A*self.B - self.B*self.A,)


def check_relations(where):
    """A tuple of relations, malformed input refused."""
    where = (where,) if isinstance(where, Relation) or not isinstance(where, Iterable) else tuple(where)
    for r in where:
        if not isinstance(r, Relation):
            raise InputError(f"{r!r} is not a relation; use Symmetric, Orthonormal, Normalised, Commutes or Diagonal")
        if None in r.matrices:
            raise InputError(f"{type(r).__name__}(): name the matrix")
    try:
        check_names(*(m for r in where for m in r.matrices))
    except InputError as error:
        raise InputError(f"contradictory relations: {error}") from None
    return where


# --- rewriting ---------------------------------------------------------------------------

_MAX_RULES, _MAX_LENGTH, _MAX_CLASS, _MAX_ORDERS = 60, 12, 2000, 24


def _order(word):
    return (len(word), word)


class Rewriting:
    """Normal forms of words modulo relations."""

    def __init__(self, where, alphabet=()):
        self.symmetric = {letter(r.A) for r in where if isinstance(r, (Symmetric, Diagonal, Normalised))}
        equations = []
        for r in where:
            if isinstance(r, (Orthonormal, Normalised)):
                u = letter(r.U.T).T if isinstance(r.U, Transpose) else letter(r.U)
            if isinstance(r, Normalised):
                equations.append(((u.T, letter(r.A), u), ()))
            elif isinstance(r, Orthonormal):
                equations.append(((u.T, u), ()))
                if u.rows == u.cols:
                    equations.append(((u, u.T), ()))
            elif isinstance(r, Commutes):
                a, b = self._single(r.A), self._single(r.B)
                equations.append((a + b, b + a))
        diagonal = sorted({letter(r.A) for r in where if isinstance(r, Diagonal)})
        equations += [((a, b), (b, a)) for a, b in combinations(diagonal, 2) if a.rows == b.rows]
        letters = {a for pair in equations for w in pair for a in w} | set(alphabet)
        inverses = {self.letter(a) for a in letters if a.inverse}
        for a in inverses:
            back = self.letter(a.but(inverse=False))
            equations += [((a, back), ()), ((back, a), ())]
        for a in {self.letter(b.but(inverse=True)) for b in diagonal} & inverses:
            equations += [((a, b), (b, a)) for b in diagonal if b.rows == a.rows]
        equations += [(transpose(u), transpose(v)) for u, v in equations]
        equations = [(self.letters(u), self.letters(v)) for u, v in equations]
        alphabet = sorted({a for pair in equations for w in pair for a in w})
        for order in islice(permutations(alphabet), _MAX_ORDERS):
            # whether the completion ends depends on the order of the alphabet
            self.rank = {a: k for k, a in enumerate(order)}
            self.rules, self.complete = self._complete(equations)
            if self.complete:
                break

    @staticmethod
    def _single(A):
        p = read(A)
        if len(p.terms) != 1 or (t := next(iter(p.terms))).mono or t.binders or not t.word:
            raise Refusal(f"a commuting relation of {A}, which is not a single word")
        return t.word

    def letter(self, a):
        """A symmetric letter is its own transpose."""
        return a.T if a.transposed and a.but(inverse=False).base in self.symmetric else a

    def letters(self, word):
        return tuple(map(self.letter, word)) if self.symmetric else word

    def word(self, word):
        """The normal form of a word."""
        return self._rewrite(self.letters(word), self.rules)

    @staticmethod
    def _rewrite(word, rules):
        changed = bool(rules)
        while changed:
            changed = False
            for left, right in rules.items():
                n = len(left)
                for k in range(len(word) - n + 1):
                    if word[k:k + n] == left:
                        word, changed = word[:k] + right + word[k + n:], True
                        break
                if changed:
                    break
        return word

    def _order(self, word):
        return (len(word), [self.rank[a] for a in word])

    def _complete(self, equations):
        rules, queue = {}, list(equations)
        while queue:
            u, v = (self._rewrite(w, rules) for w in queue.pop(0))
            if u == v:
                continue
            left, right = (u, v) if self._order(u) > self._order(v) else (v, u)
            if len(rules) >= _MAX_RULES or len(left) > _MAX_LENGTH:
                return rules, False
            for old in [w for w in rules if _contains(w, left)]:
                queue.append((old, rules.pop(old)))
            rules[left] = right
            for other in list(rules):
                queue += self._critical(left, rules[left], other, rules[other])
                if other != left:
                    queue += self._critical(other, rules[other], left, right)
        return rules, True

    @staticmethod
    def _critical(u, u2, v, v2):
        """Pairs from an end of u that is a beginning of v."""
        return [(u2 + v[k:], u[:len(u) - k] + v2)
                for k in range(1, min(len(u), len(v)) + 1)
                if u[len(u) - k:] == v[:k] and not (u == v and k == len(u))]

    def cycle(self, word):
        """Least word in the class of a trace under rotation, transposition and rewriting,
        with the dimension of the space it acts on."""
        seen, queue = {}, [(self.word(word), word[0].rows)]
        while queue:
            w, n = queue.pop()
            if w in seen:
                continue
            seen[w] = n
            if len(seen) > _MAX_CLASS:
                raise Refusal("the class of a trace under the relations is too large")
            for turned in (*(w[k:] + w[:k] for k in range(1, len(w))), transpose(w)):
                queue.append((self.word(turned), turned[0].rows if turned else n))
        least = min(seen, key=_order)
        return least, seen[least]

    def _square(self, word):
        """Show tr(A W W A^T), W symmetric, as the squared norm of A W that it is."""
        n = len(word)
        for k in range(n if n % 2 == 0 else 0):
            turned = word[k:] + word[:k]
            if turned[n//2:] == self.letters(transpose(turned[:n//2])):
                return transpose(turned[n//2:]) + turned[n//2:]
        return word

    def reduce(self, poly):
        """Normal form of a polynomial."""
        if not self.rules and not self.symmetric:
            return poly

        def on_word(word, shape):
            word = self.word(word)
            return from_word(word, shape) if word else identity(shape[0])

        def on_trace(word):
            word, n = self.cycle(word)
            return trace_of_word(self._square(word)) if word else size(n)

        return rebuild(poly, on_word, on_trace)


def _contains(word, part):
    n = len(part)
    return any(word[k:k + n] == part for k in range(len(word) - n + 1))


@lru_cache(maxsize=256)
def _rewriting(where, inverses):
    return Rewriting(where, inverses)


def rewriting(where, *polys):
    """The rewriting system of some relations, for the letters of some polynomials."""
    inverses = frozenset(a for p in polys for a in p.letters() if a.inverse)
    return _rewriting(tuple(where), inverses)
