"""Differentiation of word polynomials: gradients and derivatives along a flow.

Both are the product rule on terms.  They differ in what happens at a letter:
a gradient turns the trace around the letter into a matrix, a derivative along
a flow replaces the letter by its velocity.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Dummy, MatrixSymbol, log as sympy_log

from ..errors import Refusal
from ..language.random_vectors import GaussianVector
from ..language.scalars import Potential, PotentialGradient
from . import functions
from .letters import Letter, transpose
from .polynomials import Poly, close, from_word, identity, monomial, sum_of, zero
from .terms import Term, opened

__all__ = ["derivative", "gradient", "release"]


def release(poly: Poly) -> Poly:
    """The polynomial with every stop-gradient mark removed."""
    return poly.map_letters(lambda a: a.but(stopped=False) if a.stopped else a)


def gradient(poly: Poly, wrt: Letter) -> Poly:
    """The matrix G with d poly = tr(G^T d wrt), stopped letters held constant.

    >>> from symssl import sq
    >>> from symssl.words.letters import letter
    >>> from symssl.words.reading import read
    >>> W = MatrixSymbol("W", 2, 3)
    >>> gradient(read(sq(W)), letter(W))
    2*|W<2x3>
    """
    return _Gradient(wrt).of(poly)


def derivative(poly: Poly, velocity: Mapping[Letter, Poly]) -> Poly:
    """The time derivative of `poly` when each letter in `velocity` moves at the rate given for it."""
    return _Derivative(velocity).of(poly)


class _ProductRule:
    """Sum over the factors of every term; what a factor gives is left to subclasses."""

    def of(self, poly):
        return sum_of(self._slopes(poly), self.shape(poly))

    def _slopes(self, poly):
        """What each factor of each term gives; summed at once, since a growing sum would be copied each time."""
        for t, c in poly.terms.items():
            self.fixed_laws(t.binders)
            t = opened(t)
            word = Poly({Term((), (), t.word): 1}, poly.shape)
            for k, (a, e) in enumerate(t.mono):
                slope = self.atom(a)
                if slope:
                    rest = dict(t.mono[:k] + t.mono[k + 1 :])
                    rest[a] = e - 1
                    outer = monomial(c * e, rest)
                    outer = outer if t.word is None else outer * word
                    yield close(outer * slope, t.binders)
            moved = self.word(t.word, poly.shape) if t.word else None
            if moved:
                yield close(monomial(c, dict(t.mono)) * moved, t.binders)

    def fixed_laws(self, binders):
        """Expectations commute with differentiation only if their laws stand still."""
        for b in binders:
            if b.tag == "E" and (
                moving := {s.name for s in b.what.atoms(MatrixSymbol)} & {a.symbol.name for a in self.moving}
            ):
                raise Refusal(
                    f"the law of {', '.join(b.what.names)} depends on {', '.join(sorted(moving))}; "
                    "evaluate the expectation first with expect()"
                )

    def atom(self, a):
        """The slope of one atom; None where it is constant."""
        if a.kind == "tr":
            return self.trace(a.content)
        if a.kind == "base":
            return self.of(a.content)
        if a.kind == "exp":
            return functions.exp(a.content) * self.of(a.content)
        if a.kind in ("fn", "pot"):
            head, *args = a.content
            slopes = (
                self.argument(head, args, k) if a.kind == "fn" else self.potential(head, args, k)
                for k in range(len(args))
            )
            slopes = [s for s in slopes if s]
            return sum(slopes[1:], slopes[0]) if slopes else None
        return None

    def argument(self, func, args, k):
        """Chain rule through a scalar function."""
        inside = self.of(args[k])
        return _partial(func, args, k) * inside if inside else None

    def potential(self, name, args, k):
        """Chain rule through an unspecified function of matrices."""
        slope, here = _potential_slope(name, args, k), {}

        def held(a):  # the slope is the one at this point: what moves is the argument
            here[a.but(stopped=True, transposed=False)] = a.stopped
            return a.but(stopped=True)

        through = self.of((slope.map_letters(held).T * args[k]).trace())
        return through.map_letters(lambda a: a.but(stopped=here.get(a.but(transposed=False), a.stopped)))


class _Gradient(_ProductRule):
    def __init__(self, wrt):
        self.wrt = wrt
        self.moving = {wrt}

    def shape(self, poly):
        return (self.wrt.rows, self.wrt.cols)

    def word(self, word, shape):
        return None  # the gradient of a scalar: no open word

    def trace(self, word):
        out = zero(self.shape(None))
        for k, a in enumerate(word):
            if a.base != self.wrt:  # a stopped letter is another letter
                if not a.stopped and isinstance(a.symbol, PotentialGradient) and a.symbol.args[3].has(self.wrt.symbol):
                    raise Refusal(f"the derivative of the unspecified gradient {a.symbol.name} is unknown")
                continue
            rest = word[k + 1 :] + word[:k]
            if a.inverse:  # d A^-1 = -A^-1 dA A^-1
                rest = (a, *rest, a)
            back = rest if a.transposed else transpose(rest)
            part = from_word(back, self.shape(None)) if back else identity(self.wrt.rows)
            out += -part if a.inverse else part
        return out


class _Derivative(_ProductRule):
    def __init__(self, velocity):
        self.velocity = velocity
        self.moving = set(velocity)

    def shape(self, poly):
        return poly.shape

    def move(self, a):
        if isinstance(a.symbol, PotentialGradient):
            raise Refusal(f"the derivative of the unspecified gradient {a.symbol.name} is unknown")
        v = self.velocity.get(a.base)
        if not v:
            return None
        v = v.T if a.transposed else v
        if a.inverse:
            own = from_word((a,), (a.rows, a.cols))
            return -(own * v * own)
        return v

    def potential(self, name, args, k):
        """Chain rule: the slope itself stands still in the first derivative."""
        moved = self.of(args[k])
        return (_potential_slope(name, args, k).T * moved).trace() if moved else None

    def word(self, word, shape):
        out = zero(shape)
        for k, a in enumerate(word):
            v = self.move(a)
            if v is not None:
                left, right = word[:k], word[k + 1 :]
                if left:
                    v = from_word(left, (left[0].rows, left[-1].cols)) * v
                if right:
                    v = v * from_word(right, (right[0].rows, right[-1].cols))
                out += v
        return out

    def trace(self, word):
        n = word[0].rows
        return self.word(word, (n, n)).trace()


def _partial(func, args, k):
    """The k-th partial derivative of a SymPy function, at polynomial arguments."""
    from .reading import read

    if func is sympy_log:
        return args[0].power(-1)
    holes = [Dummy(f"z{j}", real=True) for j in range(len(args))]
    return read(func(*holes).diff(holes[k]), dict(zip(holes, args)))


def _potential_slope(name, args, k):
    from .reading import slope
    from .writing import write_open

    if any(isinstance(a.symbol, GaussianVector) and a.bound for p in args for a in p.letters()):
        raise Refusal(f"the potential {name} inside an expectation has no single gradient")
    written, env = write_open(map(release, args))
    title = f"grad_{name}" + (f"_{k + 1}" if len(args) > 1 else "")
    symbol = PotentialGradient(title, *args[k].shape, Potential(name, *written), k)
    return slope(symbol, env)
