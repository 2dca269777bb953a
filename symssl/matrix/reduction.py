"""Smaller flows from a matrix flow: of a word that closes on itself, of a perturbation, in another time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import MatrixSymbol

from ..errors import InputError, Refusal
from ..language.inputs import as_expression, is_matrix
from ..language.names import check_names
from ..language.relations import Relation, check_relations
from ..support.arguments import described, instance_of, mapping_of
from ..support.budgets import BUDGET, budgeted
from ..words.differentiation import derivative
from ..words.letters import letter, transpose
from ..words.moments import implied_relations
from ..words.polynomials import from_word, trace_of_word
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.substitution import rebuild, substitute
from ..words.vanishing import vanishes
from ..words.writing import write
from .flow import MatrixFlow

__all__ = ["image", "linearize", "retime"]


@budgeted("the flow of the words")
def image(flow: MatrixFlow, words: Mapping[MatrixSymbol, Any], *, budget: float | None = BUDGET) -> MatrixFlow:
    r"""The flow of words in the weights, where it closes on them.

    If :math:`q = W_1^\top W_2` and the rate of q is an expression in q and the data
    alone, that is the flow of q.  The result is checked: with q replaced by its
    word it is the rate that was found.

    Parameters
    ----------
    flow : MatrixFlow
    words : mapping new MatrixSymbol -> word, one product of weights and data
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        A new symbol that is in use or of another shape; a definition that is no single word.
    Refusal
        The rate is not an expression in the new matrices; `.residual` is the part
        that still contains weights.

    >>> from sympy import MatrixSymbol
    >>> from symssl import gradient_flow, inner
    >>> W, A, q = MatrixSymbol("W", 2, 3), MatrixSymbol("A", 3, 3), MatrixSymbol("q", 3, 3)
    >>> image(gradient_flow(inner(W, W*A*A.T)/2, W), {q: W.T*W}).rhs[q]
    -A*A.T*q - q*A*A.T
    """
    instance_of("flow", flow, MatrixFlow)
    table = {letter(q): _word_of(q, word) for q, word in _new_matrices(flow, words).items()}
    where = tuple(r for r in flow.where if not any(m.has(*flow.rhs) for m in r.matrices))
    defined = {q: from_word(word, (q.rows, q.cols)) for q, word in table.items()}
    rhs = {}
    for q in words:
        rate = read(flow.lie(words[q]))
        closed = rebuild(
            rate,
            lambda w, shape: from_word(_contracted(w, table), shape),
            lambda w: trace_of_word(_contracted_trace(w, table)),
        )
        if any(a.base.symbol in flow.rhs for a in closed.letters()):
            raise Refusal(
                f"the rate of {q} = {words[q]} is not an expression in {', '.join(map(str, words))}", write(closed)
            )
        system = rewriting(flow.where + implied_relations(*flow.rhs.values()), rate)
        if not vanishes(system.reduce(substitute(closed, defined) - rate)):
            raise Refusal(f"the rate of {q} was not recovered from its closed form", write(closed))
        rhs[q] = write(closed)
    return MatrixFlow(rhs, where)


def _new_matrices(flow, words):
    words = mapping_of("words", words, "new matrix symbols to words")
    if not words:
        raise InputError("words must define one new matrix at least")
    words = {q: as_expression(word, f"the word of {q}") for q, word in words.items()}
    for q, word in words.items():
        if not isinstance(q, MatrixSymbol) or tuple(q.shape) != tuple(getattr(word, "shape", ())):
            raise InputError(f"{q} cannot stand for {word}: a matrix symbol of the same shape is needed")
        if any(f.has(q) for f in (*flow.rhs, *flow.rhs.values())):
            raise InputError(f"{q} is already in use in this flow")
    check_names(*words, *flow.rhs.values(), *flow.rhs)
    return words


def _word_of(q, word):
    terms = read(word).terms
    ((term, factor),) = terms.items() if len(terms) == 1 else ((None, None),)
    if term is None or factor != 1 or term.mono or term.binders or not term.word:
        raise InputError(f"{q} stands for {word}, which is not a single product of matrices")
    return term.word


def _contracted(word, table):
    """The word with every occurrence of a defining word, or its transpose, replaced by its letter."""
    out, k = [], 0
    while k < len(word):
        for q, part in table.items():
            match = next((a for a, w in ((q, part), (q.T, transpose(part))) if word[k : k + len(w)] == w), None)
            if match is not None:
                out.append(match)
                k += len(part)
                break
        else:
            out.append(word[k])
            k += 1
    return tuple(out)


def _contracted_trace(word, table):
    """The shortest contraction among the rotations of a trace."""
    return min((_contracted(word[k:] + word[:k], table) for k in range(len(word))), key=len)


def linearize(
    flow: MatrixFlow,
    at: Mapping[MatrixSymbol, Any],
    directions: Mapping[MatrixSymbol, MatrixSymbol],
    where: Relation | Iterable[Relation] = (),
) -> MatrixFlow:
    r"""The linear flow of a small perturbation about an equilibrium.

    Parameters
    ----------
    flow : MatrixFlow
    at : mapping weight -> matrix expression, the equilibrium
    directions : mapping weight -> MatrixSymbol, the perturbation of each weight
    where : relations that hold at the equilibrium

    Raises
    ------
    Refusal
        `at` is no equilibrium; `.residual` is the velocity there.

    >>> from sympy import MatrixSymbol, ZeroMatrix
    >>> from symssl import gradient_flow, sq
    >>> W, D, A = MatrixSymbol("W", 2, 3), MatrixSymbol("D", 2, 3), MatrixSymbol("A", 3, 3)
    >>> linearize(gradient_flow(sq(W*A)/2 + sq(W)**2, W), {W: ZeroMatrix(2, 3)}, {W: D}).rhs[D]
    -D*A*A.T
    """
    instance_of("flow", flow, MatrixFlow)
    at, directions = (
        mapping_of("at", at, "weights to matrices"),
        mapping_of("directions", directions, "weights to symbols"),
    )
    for name, table in (("at", at), ("directions", directions)):
        if set(table) != set(flow.rhs):
            raise InputError(f"{name} must give a matrix to each weight ({', '.join(map(str, flow.rhs))}) and no other")
        for W, value in table.items():
            if tuple(getattr(as_expression(value, f"{name} of {W}"), "shape", ())) != tuple(W.shape):
                raise InputError(
                    f"{name} must give {W} a matrix of its shape, {W.shape[0]} x {W.shape[1]}, not {value}"
                )
    for W, D in directions.items():
        instance_of(f"the direction of {W}", D, MatrixSymbol)
    where = check_relations(flow.where + check_relations(where))
    kept = tuple(r for r in where if not any(m.has(*flow.rhs) for m in r.matrices))
    point = {letter(W): read(as_expression(value)) for W, value in at.items()}
    velocity = {letter(W): read(D) for W, D in directions.items()}
    copies = {a: letter(MatrixSymbol(f"{a.text} in words", a.rows, a.cols)) for a in point}
    rhs = {}
    for W, f in flow.rhs.items():
        f = _apart(read(f), copies)
        there = substitute(substitute(f, {copies[a]: value for a, value in point.items()}), point)
        there = rewriting(kept, there).reduce(there)
        if not vanishes(there):
            raise Refusal(f"{W} = {at[W]} is no equilibrium: it moves", write(there))
        moved = _moved(f, point, velocity, copies)
        rhs[directions[W]] = write(rewriting(kept, moved).reduce(moved))
    return MatrixFlow(rhs, kept)


def _apart(poly, copies):
    """The polynomial with the weights in its words, but not those in its scalars, replaced by copies."""

    def copied(a):
        twin = copies.get(a.base)
        return a if twin is None else twin.but(transposed=a.transposed, inverse=a.inverse, rows=a.rows, cols=a.cols)

    return rebuild(poly, lambda w, shape: from_word(tuple(map(copied, w)), shape), trace_of_word, lambda q: q)


def _moved(poly, point, velocity, copies):
    """The derivative at the point: that of the words and that of the scalars, each with the other at
    the point already, so that what vanishes there is not differentiated first."""
    in_words = {copies[a]: value for a, value in velocity.items()}
    back = {copies[a]: value for a, value in point.items()}
    words = substitute(derivative(substitute(poly, point), in_words), back)
    return words + substitute(derivative(substitute(poly, back), velocity), point)


def retime(flow: MatrixFlow, speed: Any) -> MatrixFlow:
    r"""The same trajectories in the time :math:`\theta` with :math:`d\theta = \text{speed}\,dt`.

    Parameters
    ----------
    flow : MatrixFlow
    speed : positive scalar expression in the weights, or a number

    >>> from sympy import MatrixSymbol
    >>> from symssl import gradient_flow, sq
    >>> W = MatrixSymbol("W", 2, 3)
    >>> retime(gradient_flow(sq(W)**2/4, W), sq(W)).rhs[W]
    -W
    """
    instance_of("flow", flow, MatrixFlow)
    given, speed = speed, as_expression(speed, "speed")
    if is_matrix(speed) or speed.is_nonpositive:
        raise InputError(f"speed must be a positive scalar, not {described(given)}")
    clock = read(speed)
    return MatrixFlow({W: write(read(f) * clock.power(-1)) for W, f in flow.rhs.items()}, flow.where)
