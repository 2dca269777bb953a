r"""Second variation of a loss, and its Hessian along families of critical points.

At a point whose matrices are diagonal in common frames, W = U diag(s) V^T and
so on, the Hessian of a loss in words falls into blocks: the direction
U_a M V_b^T between two frames is mapped to words in M and its transpose with
diagonal factors, hence entry (j, k) of M couples to entry (k, j) at most.  The
eigenvalues of these blocks are functions of the mode values, their
multiplicities functions of the widths of the frames: the Morse index of a
whole family of critical points, for symbolic sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any, Literal

from sympy import Dummy, Expr, Integer, MatrixSymbol, Symbol, Tuple, ZeroMatrix, expand, factor, simplify, sqrt

from ..errors import InputError, Refusal
from ..language.inputs import as_expression, as_scalar
from ..language.mode_sum import ModeSum, sum_over_modes
from ..language.names import check_names
from ..language.relations import Diagonal, Orthonormal
from ..matrix.second_variations import hessian
from ..support.arguments import callable_of, described, instance_of, mapping_of, sequence_of, whole
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex, as_text
from ..words.differentiation import gradient, release
from ..words.letters import letter
from ..words.moments import evaluate
from ..words.polynomials import from_word, identity, monomial, trace_of_word, zero
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import rebuild, substitute
from ..words.writing import write
from .common_frames import mode_scalar, mode_value

__all__ = ["Block", "HessianModes", "ModeEigenvalue", "hessian_modes"]


# --- blocks ------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class ModeEigenvalue(Formula):
    """An eigenvalue of the Hessian as a function of the mode values j (and k), and how often it occurs.

    `each` says for which indices: "j", "j < k" or "j, k"; `count` is the number of these.
    """

    value: Expr
    count: Expr
    block: tuple[MatrixSymbol, MatrixSymbol]
    each: Literal["j", "j < k", "j, k"]

    def __repr__(self) -> str:
        return summary(
            f"ModeEigenvalue {self.value}", [f"{self.count} times: for {self.each}, in the block {self.block}"]
        )

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        times = as_text(" times for ")
        return Tex(rf"{write(self.value)} \quad {as_text('(')}{write(self.count)}{times}{self.each}{as_text(')')}")


@dataclass(frozen=True, repr=False)
class Block(Formula):
    """The directions left M right^T between two frames.

    The Hessian maps M to the matrix of entries `direct` M_jk in this block, of entries
    `exchange` M_kj in the block `partner` (None where there is no exchange), and adds for each
    pair of `coupling` the first, in j, times the sum over k of the second times M_kk.
    """

    left: MatrixSymbol
    right: MatrixSymbol
    direct: Expr
    exchange: Expr
    partner: tuple[MatrixSymbol, MatrixSymbol] | None
    coupling: tuple[tuple[Expr, Expr], ...]

    @property
    def key(self) -> tuple[MatrixSymbol, MatrixSymbol]:
        """The frames, left and right."""
        return self.left, self.right

    @property
    def rows(self) -> Expr:
        """The width of the left frame."""
        return self.left.shape[1]

    @property
    def columns(self) -> Expr:
        """The width of the right frame."""
        return self.right.shape[1]

    def __repr__(self) -> str:
        lines = [f"M_jk -> {self.direct} M_jk"]
        if self.partner is not None:
            lines.append(f"{self.exchange} M_kj in the block {self.partner}")
        lines += [f"{a} times the sum over k of {b} M_kk" for a, b in self.coupling]
        return summary(f"Block of directions {self.left} M {self.right}.T", lines)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return [self._line(write)]

    def _line(self, write):
        parts = [rf"\left({write(self.direct)}\right) M_{{jk}}"]
        if self.exchange != 0:
            parts.append(rf"\left({write(self.exchange)}\right) M_{{kj}}")
        parts += [rf"{write(a)} \sum_k {write(b)} M_{{kk}}" for a, b in self.coupling]
        return Line(Tex(rf"{write(self.left)} M {write(self.right)}^{{\top}}"), r"\mapsto", Tex(" + ".join(parts)))

    def mapped(self, change: Callable[[Any], Any]) -> Block:
        """The block with a function applied to its entries."""
        callable_of("change", change)
        return replace(
            self,
            direct=change(self.direct),
            exchange=change(self.exchange),
            coupling=tuple(tuple(map(change, pair)) for pair in self.coupling),
        )


@dataclass(frozen=True, repr=False)
class HessianModes(Formula):
    """The Hessian at a point diagonal in frames, as blocks; made by :func:`hessian_modes`.

    Attributes
    ----------
    value : the loss there, in sums over modes
    slope : its gradient, as a tuple of (left frame, right frame, entry of mode j);
        a critical point has none that is not zero
    blocks : tuple of Block
    widths : mapping mode symbol -> number of modes, as a tuple of pairs
    """

    value: Expr
    slope: tuple[tuple[MatrixSymbol, MatrixSymbol, Expr], ...]
    blocks: tuple[Block, ...]
    widths: tuple[tuple[Symbol, Expr], ...]

    def __repr__(self) -> str:
        lines = [f"value: {self.value}"]
        lines += [f"slope between {U} and {V}: {entry}" for U, V, entry in self.slope]
        lines += [
            f"block {b.left}, {b.right}: {b.direct}" + (f" +- {b.exchange}" if b.partner else "") for b in self.blocks
        ]
        return summary("HessianModes", lines)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return [b._line(write) for b in self.blocks]

    def block(self, left: MatrixSymbol, right: MatrixSymbol) -> Block:
        """The block of directions between two frames."""
        instance_of("left", left, MatrixSymbol)
        instance_of("right", right, MatrixSymbol)
        for b in self.blocks:
            if b.key == (left, right):
                return b
        known = ", ".join(f"{b.left} and {b.right}" for b in self.blocks)
        raise InputError(f"there is no block between {described(left)} and {described(right)}; there are: {known}")

    def subs(self, rule: Mapping[Symbol, Any]) -> HessianModes:
        """Mode values replaced, index by index: ``{s: 1/sqrt(g)}`` goes to a critical family.

        >>> from sympy import MatrixSymbol, symbols
        >>> from symssl import sq
        >>> W, U = MatrixSymbol("W", 2, 2), MatrixSymbol("U", 2, 2)
        >>> s, c = symbols("s c", positive=True)
        >>> found = hessian_modes(sq(W*W.T)/4 - c*sq(W)/2, W, {W: [(U, s, U)]}, left=(U,), right=(U,))
        >>> [(e.value, e.count) for e in found.subs({s: sqrt(c)}).spectrum()]
        [(2*c, 2), (0, 1), (2*c, 1)]
        """
        rule = {
            instance_of("a key of rule", a, Symbol): as_scalar(b, f"the value of {a}")
            for a, b in mapping_of("rule", rule, "mode symbols to expressions").items()
        }
        table = dict(rule)
        for a, b in rule.items():
            table |= {indexed(a, index): b.xreplace({s: indexed(s, index) for s, _ in self.widths}) for index in "jk"}

        def change(expr):
            sums = {n: self._resummed(n, rule) for n in expr.atoms(ModeSum)}
            return factor(simplify(expr.subs(table).xreplace(sums)))

        return replace(
            self,
            value=change(self.value),
            slope=tuple((a, b, change(e)) for a, b, e in self.slope),
            blocks=tuple(b.mapped(change) for b in self.blocks),
        )

    def _resummed(self, node, rule):
        """A sum over modes after a substitution in its summand."""
        widths = dict(self.widths)
        (count,) = {widths[s] for s in node.args[0].free_symbols if s in widths}
        return sum_over_modes(simplify(node.args[0].subs(rule)), set(widths), count)

    @property
    def swap(self) -> dict[Symbol, Symbol]:
        """The mode symbols of index j to those of index k, and back."""
        pairs = [(indexed(s, "j"), indexed(s, "k")) for s, _ in self.widths]
        return dict(pairs + [(b, a) for a, b in pairs])

    def _swapped(self, expr):
        return expr.xreplace(self.swap)

    def spectrum(self) -> tuple[ModeEigenvalue, ...]:
        """All eigenvalues with their multiplicities, which add up to the number of entries.

        Raises
        ------
        Refusal
            The diagonal entries of a block are coupled to each other through traces.
        """
        eigenvalues: list[ModeEigenvalue] = []
        for b in self.blocks:
            if b.coupling:
                raise Refusal(f"the diagonal directions of {b.left} and {b.right} are coupled", Tuple(*b.coupling[0]))
            if b.partner is None:
                eigenvalues.append(ModeEigenvalue(b.direct, b.rows * b.columns, b.key, "j, k"))
            elif b.partner == b.key:
                equal = self._at_equal_indices(b.direct + b.exchange)
                eigenvalues.append(ModeEigenvalue(equal, b.rows, b.key, "j"))
                eigenvalues += [
                    ModeEigenvalue(value, b.rows * (b.rows - 1) / 2, b.key, "j < k") for value in self._pair(b, b)
                ]
            elif [str(a) for a in b.key] < [str(a) for a in b.partner]:  # each pair once
                other = self.block(*b.partner)
                eigenvalues += [
                    ModeEigenvalue(value, b.rows * b.columns, b.key, "j, k") for value in self._pair(b, other)
                ]
        return tuple(eigenvalues)

    def _at_equal_indices(self, expr):
        return factor(simplify(expr.xreplace({indexed(s, "k"): indexed(s, "j") for s, _ in self.widths})))

    def _pair(self, block, other):
        """Eigenvalues of the entries (j, k) of a block and (k, j) of its partner."""
        a, b = block.direct, other.exchange
        c, d = self._swapped(block.exchange), self._swapped(other.direct)
        trace, determinant = factor(simplify(a + d)), factor(simplify(a * d - b * c))
        if determinant == 0:
            return Integer(0), trace
        root = sqrt(factor(simplify((a - d) ** 2 + 4 * b * c)))
        return tuple(factor(simplify((trace + sign * root) / 2)) for sign in (-1, 1))

    def inertia(self, known: Mapping[Expr, int] | None = None) -> tuple[Expr, Expr, Expr]:
        """Numbers of negative, zero and positive eigenvalues; the first is the Morse index.

        Signs are proved from the assumptions on the mode symbols; `known` maps factors to
        signs as in :func:`symssl.exact.sign`.
        """
        from ..exact.signs import sign

        known = mapping_of("known", known, "factors to signs")
        for expression, its_sign in known.items():
            whole(f"the sign of {expression}", its_sign, -1, 1)
        counts = {-1: Integer(0), 0: Integer(0), 1: Integer(0)}
        for e in self.spectrum():
            of_value = sign(e.value, known)
            if of_value is None:
                raise Refusal(f"the sign of an eigenvalue is not known in {e.block}", e.value)
            counts[of_value] += e.count
        return expand(counts[-1]), expand(counts[0]), expand(counts[1])


def indexed(symbol: Symbol, index: str) -> Symbol:
    """The symbol of one mode: s becomes s_j."""
    return Symbol(f"{symbol.name}_{index}", **symbol.assumptions0)


def hessian_modes(
    loss: Any,
    weight: MatrixSymbol,
    values: Mapping[MatrixSymbol, Sequence[tuple[MatrixSymbol, Symbol, MatrixSymbol]]],
    *,
    left: Sequence[MatrixSymbol],
    right: Sequence[MatrixSymbol],
) -> HessianModes:
    r"""The Hessian of a loss at a point whose matrices are diagonal in common frames.

    Parameters
    ----------
    loss : scalar expression over the nodes
    weight : MatrixSymbol
    values : mapping matrix -> list of (left frame, mode symbol, right frame)
        ``{W: [(U, s, V)], G: [(V, g, V), (N, n, N)]}`` means W = U diag(s) V^T and
        G = V diag(g) V^T + N diag(n) N^T; the weight and every other matrix of the loss.
        A frame that is not named for a matrix is in its kernel.
    left, right : frames that together span the rows, and the columns, of the weight
        Matrix symbols with orthonormal columns, each orthogonal to the others.

    Returns
    -------
    HessianModes

    Raises
    ------
    InputError
        Frames do not fit, or do not span.
    Refusal
        The Hessian is not diagonal in these frames (with what is left).

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import sq
    >>> k, r = symbols("k r", integer=True, positive=True)
    >>> W, V = MatrixSymbol("W", k + r, k), MatrixSymbol("V", k, k)
    >>> U, N = MatrixSymbol("U", k + r, k), MatrixSymbol("N", k + r, r)
    >>> s = symbols("s", positive=True)
    >>> found = hessian_modes(sq(W*W.T)/4, W, {W: [(U, s, V)]}, left=(U, N), right=(V,))
    >>> [(e.value, e.count, e.each) for e in found.spectrum()][-1]
    (s_k**2, k*r, 'j, k')
    """
    return _Frames(loss, instance_of("weight", weight, MatrixSymbol), values, left, right).modes()


class _Frames:
    """The words of a Hessian after every matrix has been written in frames."""

    def __init__(self, loss, weight, values, left, right):
        self.loss, self.weight = as_expression(loss, "loss"), weight
        self.left = tuple(as_expression(U, "a frame") for U in sequence_of("left", left, "frames"))
        self.right = tuple(as_expression(V, "a frame") for V in sequence_of("right", right, "frames"))
        values = mapping_of("values", values, "matrices to lists of (left frame, mode symbol, right frame)")
        for A, parts in values.items():
            instance_of("a key of values", A, MatrixSymbol)
            triples = [sequence_of(f"a part of {A}", part, "three") for part in sequence_of(str(A), parts, "triples")]
            values[A] = [tuple(as_expression(x, f"a part of {A}") for x in triple) for triple in triples]
        if weight not in values:
            raise InputError(f"values must give the value of the weight {weight} in frames")
        self._check(values)
        self.symbols, self.widths, self.table, diagonals = {}, {}, {}, []
        for A, parts in values.items():
            total = ZeroMatrix(*A.shape)
            for U, s, V in parts:
                D = MatrixSymbol(f"diag({s})", U.shape[1], U.shape[1])
                self.symbols[letter(D)] = s
                if self.widths.setdefault(s, U.shape[1]) != U.shape[1]:
                    raise InputError(f"the mode symbol {s} belongs to frames of different widths")
                diagonals.append(D)
                total += U * D * V.T
            self.table[letter(A)] = read(total)
        self.families = [{letter(U) for U in frames} for frames in (self.left, self.right)]
        self.system = rewriting(
            (*map(Orthonormal, dict.fromkeys((*self.left, *self.right))), *map(Diagonal, dict.fromkeys(diagonals)))
        )

    def _check(self, values):
        check_names(
            self.loss,
            self.weight,
            *values,
            *self.left,
            *self.right,
            *(part for parts in values.values() for triple in parts for part in triple),
        )
        for frames, size in ((self.left, self.weight.shape[0]), (self.right, self.weight.shape[1])):
            for U in frames:
                if not isinstance(U, MatrixSymbol) or U.shape[0] != size:
                    raise InputError(f"{U} is no frame of a space of dimension {size}")
            if simplify(sum(U.shape[1] for U in frames) - size) != 0:
                raise InputError(f"{', '.join(map(str, frames))} do not span dimension {size}")
        for A, parts in values.items():
            for part in parts:
                if len(part) != 3 or not isinstance(part[1], Symbol):
                    raise InputError(f"the value of {A} must be a list of (left frame, mode symbol, right frame)")
                U, _, V = part
                if {U, V} - {*self.left, *self.right}:
                    raise InputError(f"a frame of {A} is neither in left nor in right")
                if (U.shape[0], V.shape[0]) != tuple(A.shape) or U.shape[1] != V.shape[1]:
                    raise InputError(f"{U}, {V} are no frames of {A}")

    def framed(self, poly):
        """The polynomial in frames; words in which different frames meet vanish."""

        def on_word(word, shape):
            if self._meet(word):
                return zero(shape)
            return from_word(word, shape) if word else identity(shape[0])

        def on_trace(word):
            return zero(None) if self._meet((*word, word[0])) else trace_of_word(word)

        return rebuild(self.system.reduce(poly), on_word, on_trace)

    def _meet(self, word):
        """Whether a frame meets another one of the same space: U_a^T U_b = 0."""
        return any(
            a.transposed and not b.transposed and a.base != b.base and {a.base, b.base} <= family
            for a, b in pairwise(word)
            for family in self.families
        )

    def modes(self):
        probe = MatrixSymbol(Dummy("direction").name, *self.weight.shape)
        action = evaluate(read(hessian(self.loss, {self.weight: probe})[self.weight]))
        if any(b.tag == "E" for b in action.binders()):
            raise Refusal(
                "the Hessian still contains expectations; use expect() or concentrate() on the loss", write(action)
            )
        value = mode_scalar(self.framed(substitute(evaluate(read(self.loss)), self.table)), self.symbols)
        blocks = tuple(self._block(action, letter(probe), U, V) for U, V in product(self.left, self.right))
        return HessianModes(value, tuple(self._slope()), blocks, tuple(self.widths.items()))

    def _slope(self):
        """The gradient between each two frames, where it is not zero identically."""
        field = substitute(evaluate(release(gradient(read(self.loss), letter(self.weight)))), self.table)
        for U, V in product(self.left, self.right):
            core = self.framed(read(U.T) * field * read(V))
            entry = sum(
                (self._scalar(c, dict(t.mono)) * self._index(t.word, "j") for t, c in core.terms.items()), Integer(0)
            )
            if entry != 0:
                yield U, V, factor(entry)

    def _block(self, action, probe, U, V):
        M = MatrixSymbol("direction_in_frames", U.shape[1], V.shape[1])
        value = substitute(action, self.table | {probe: read(U * M * V.T)})
        direct, exchange, partner, coupling = Integer(0), Integer(0), None, []
        for A, B in product(self.left, self.right):
            core = self.framed(read(A.T) * value * read(B))
            for t, c in core.terms.items():
                kind, *parts = self._term(t, c, letter(M))
                if kind == "direct" and (A, B) == (U, V):
                    direct += parts[0]
                elif kind == "exchange" and partner in (None, (A, B)):
                    exchange, partner = exchange + parts[0], (A, B)
                elif kind == "coupling":
                    coupling.append(tuple(parts))
                else:
                    raise Refusal(f"the Hessian mixes the directions of {U}, {V} and {A}, {B}", write(core))
        exchange = simplify(exchange)
        partner = None if exchange == 0 and partner != (U, V) else partner
        return Block(U, V, factor(direct), factor(exchange), partner, tuple(coupling))

    def _term(self, t, c, M):
        """One term of the action in frames: what it does to an entry of M."""
        factors = dict(t.mono)
        traces = [a for a in factors if a.kind == "tr" and any(x.base == M for x in a.content)]
        if traces:
            (a,) = traces
            del factors[a]
            weight = self._index([x for x in a.content if x.base != M], "k")
            return "coupling", self._scalar(c, factors) * self._index(t.word, "j"), weight
        at = [k for k, x in enumerate(t.word) if x.base == M]
        if len(at) != 1:
            raise Refusal("the Hessian is not linear in words of the direction")
        value = self._scalar(c, factors) * self._index(t.word[: at[0]], "j") * self._index(t.word[at[0] + 1 :], "k")
        return ("exchange" if t.word[at[0]].transposed else "direct"), value

    def _scalar(self, c, factors):
        return mode_scalar(monomial(c, factors), self.symbols)

    def _index(self, word, index):
        value = mode_value(word, self.symbols)
        return value.xreplace({s: indexed(s, index) for s in self.symbols.values()})
