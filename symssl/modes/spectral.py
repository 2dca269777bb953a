"""Reduction of a matrix flow to its modes in common frames.

Frames such as W = U diag(p) U^T, Phi = U diag(phi) V^T with orthonormal U
and V is substituted; where the flow keeps it with constant frames, what is
left is one equation a mode, coupled to the others through sums over modes.
The couplings stay alive: they are functions of the state, and `lie`
differentiates them.  Treating them as constants is a separate, named step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Dummy, Expr, Integer, MatrixSymbol, Symbol, Tuple, solve

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.mode_sum import ModeSum
from ..matrix.flow import MatrixFlow
from ..support.arguments import instance_of, mapping_of, sequence_of
from ..support.budgets import BUDGET, budgeted
from ..words.polynomials import monomial
from ..words.writing import write
from .common_frames import FramedFlow, mode_scalar, mode_value
from .flow import ModeFlow, replaced, tidy

__all__ = ["off_frame", "spectral"]


@budgeted("the reduction to modes")
def spectral(
    flow: MatrixFlow,
    frames: Mapping[MatrixSymbol, tuple[MatrixSymbol, Symbol, MatrixSymbol]],
    *,
    change: Mapping[Symbol, Any] | None = None,
    couplings: Mapping[Symbol, Any] | None = None,
    parameters: Sequence[Symbol] = (),
    budget: float | None = BUDGET,
) -> ModeFlow:
    r"""Reduce a matrix flow to modes.

    Parameters
    ----------
    flow : MatrixFlow without unevaluated expectations
    frames : mapping weight -> (left frame, mode symbol, right frame)
        `{W: (U, p, U), Phi: (U, phi, V)}` means W = U diag(p) U^T and
        Phi = U diag(phi) V^T; frames are matrix symbols with orthonormal columns.
    change : mapping new symbol -> expression in the mode symbols, optional
        `{s: phi**2}` makes s the state instead of phi.
    couplings : mapping symbol -> scalar expression in the weights, optional
        `{N: norm(Phi)}`; mode sums are written through them where possible.
    parameters : symbols to list first among the parameters.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Returns
    -------
    ModeFlow

    Raises
    ------
    InputError
        Shapes of the frames do not fit.
    Refusal
        The flow does not keep the frames (with the residual), or it still
        contains expectations that are not polynomial.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, norm, sq
    >>> n, g = symbols("n g", positive=True)
    >>> A, U = MatrixSymbol("A", n, n), MatrixSymbol("U", n, n)
    >>> a, N = symbols("a N", positive=True)
    >>> modes = gradient_flow(sq(A)**2/4, A).spectral({A: (U, a, U)}, couplings={N: norm(A)})
    >>> modes.states[a]
    -N**2*a
    >>> modes.lie(N)
    -N**2*sqrt(ModeSum(a**2))
    """
    framed = FramedFlow(flow, frames)
    change = {
        instance_of("a key of change", new, Symbol): as_expression(definition, f"change of {new}")
        for new, definition in mapping_of("change", change, "new symbols to expressions").items()
    }
    couplings = mapping_of("couplings", couplings, "symbols to scalars")
    parameters = sequence_of("parameters", parameters, "symbols")
    states: dict[Symbol, Expr] = {}
    for W, (_, p, _) in framed.frames.items():
        core, stray = framed.split(W)
        if stray:
            raise Refusal(f"the flow of {W} leaves the frames", write(stray))
        states[p] = sum(
            (
                mode_scalar(monomial(c, dict(t.mono)), framed.symbols) * mode_value(t.word or (), framed.symbols)
                for t, c in core.terms.items()
            ),
            Integer(0),
        )
    named = {as_expression(c): framed.coupling(c, d) for c, d in couplings.items()}
    _distinct(states, named, change)
    states, named = _changed(states, named, change)
    solved = _solved(named)
    states = {s: tidy(f.xreplace(solved)) for s, f in states.items()}
    known = set(states) | set(named)
    free = set().union(*(f.free_symbols for f in (*states.values(), *named.values()))) - known
    first = [instance_of("a parameter", q, Symbol) for q in parameters]
    if bad := known.intersection(first):
        raise InputError(f"parameters names {', '.join(map(str, bad))}, which is a state or coupling")
    rest = sorted(free - set(first), key=str)
    return ModeFlow(states, named, tuple(first + rest), framed.count)


def off_frame(
    flow: MatrixFlow, frames: Mapping[MatrixSymbol, tuple[MatrixSymbol, Symbol, MatrixSymbol]]
) -> dict[MatrixSymbol, Any]:
    """What carries each weight out of its frames: zero exactly if constant frames solve the flow.

    Arguments as for :func:`spectral`; returns a mapping weight -> matrix expression.

    >>> from sympy import MatrixSymbol, symbols
    >>> from symssl import gradient_flow, sq
    >>> A, U = MatrixSymbol("A", 2, 2), MatrixSymbol("U", 2, 2)
    >>> off_frame(gradient_flow(sq(A)**2/4, A), {A: (U, symbols("a"), U)})
    {A: 0}
    """
    framed = FramedFlow(flow, frames)
    return {W: write(framed.split(W)[1]) for W in framed.frames}


def _changed(states, couplings, change):
    """Replace states by new ones defined through them, one after the other."""
    rules = {}
    for new, definition in change.items():
        new, definition = as_expression(new), as_expression(definition).subs(rules)
        old = [x for x in states if definition.has(x) and x not in change]
        if not old:
            raise InputError(f"change must define {new} by a state that it replaces; {definition} contains none")
        leaving = old[-1]
        roots = solve(definition - new, leaving)
        if leaving.is_nonnegative:
            roots = [r for r in roots if not r.could_extract_minus_sign()] or roots
        if not roots:
            raise Refusal(f"change: {definition} = {new} cannot be solved for {leaving}")
        rate = sum((definition.diff(x) * states[x] for x in states), Integer(0))
        states = {new if x == leaving else x: rate if x == leaving else f for x, f in states.items()}
        branches = [
            (
                {x: replaced(f, {leaving: r}) for x, f in states.items()},
                {c: replaced(d, {leaving: r}) for c, d in couplings.items()},
            )
            for r in roots
        ]
        if any(b != branches[0] for b in branches):
            raise Refusal(
                f"change: {new} = {definition} does not determine {leaving}; declare {leaving} positive if it is",
                Tuple(*roots),
            )
        rules[leaving] = roots[0]
        states, couplings = branches[0]
    return states, couplings


def _distinct(states, couplings, change):
    """Every name once: states, couplings and new states."""
    named = [*states, *couplings, *map(as_expression, change)]
    for s in named:
        if (
            not s.is_Symbol
            or [t.name for t in named if t.is_Symbol].count(s.name) > 1
            or any(s in f.free_symbols and s not in states for f in states.values())
        ):
            raise InputError(
                f"{s} is no symbol, or it is used twice among states, couplings, new states and parameters"
            )


def _solved(couplings):
    """Mode sums expressed through the couplings that they define, one after the other."""
    rules = {}
    for c, definition in couplings.items():
        definition = definition.xreplace(rules)
        nodes = definition.atoms(ModeSum)
        if len(nodes) != 1:
            continue
        node = nodes.pop()
        hole = Dummy(positive=True) if node.is_nonnegative else Dummy(real=True)
        roots = solve(definition.xreplace({node: hole}) - c, hole)
        if len(roots) == 1:
            rules[node] = roots[0]
    return rules
