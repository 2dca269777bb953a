"""`derive`: the value of a term by the engine, as a fact; the table of rules by kind of term."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Add, Basic, Eq, Gt, Integer, Lt, MatMul, MatrixSymbol, Transpose, false, oo, true

from ...errors import InputError, Refusal
from ...language.dynamics import Dynamics
from ...language.inputs import is_matrix
from ...language.names import names_in
from ...language.operators import Expectation, MatrixExpectation, Total
from ...language.relations import Relation
from ...language.terms import At, Eigenvalue, FirstTime, Limit
from ...support.arguments import sequence_of
from ..facts import Fact, _as_hypothesis, rebuilt, stated, varied

__all__ = ["Found", "beyond", "derive", "first_rule", "nearby", "needs_rule", "rule_for", "value_of"]

Found = tuple[Any, dict[str, Any]]  # the value, and what `stated` is told besides
_RULES: dict[type, Callable[..., Found]] = {}
_OPAQUE: dict[type, Callable[[Any], bool]] = {}  # which terms of a kind have their parts not derived before they are
_FIRST: dict[type, list[Callable[..., Found | None]]] = {}  # what is tried on a whole term, before its parts


def rule_for(
    *kinds: type, opaque: bool | Callable[[Any], bool] = True
) -> Callable[[Callable[..., Found]], Callable[..., Found]]:
    """Register a rule: ``function(term, given)`` gives (value, options of `stated`, at least ``rule``).

    The parts of an opaque term are handed over as they stand; those of another are derived first.  `opaque` may tell
    the terms of a kind apart.
    """

    def register(function: Callable[..., Found]) -> Callable[..., Found]:
        for kind in kinds:
            if kind in _RULES:
                raise InputError(f"there is a rule for {kind.__name__} already")
            _RULES[kind] = function
            _OPAQUE[kind] = opaque if callable(opaque) else (lambda _: opaque)
        return function

    return register


def first_rule(*kinds: type) -> Callable[[Callable[..., Found | None]], Callable[..., Found | None]]:
    """Register a rule that looks at a whole term before its parts are derived: None where it does not apply."""

    def register(function: Callable[..., Found | None]) -> Callable[..., Found | None]:
        for kind in kinds:
            _FIRST.setdefault(kind, []).append(function)
        return function

    return register


def _as_a_whole(term: Any, given: Sequence[Any]) -> Found | None:
    """The value by a rule for the whole term, where one applies."""
    for kind in type(term).__mro__ if isinstance(term, Basic) and needs_rule(term) else ():
        for rule in _FIRST.get(kind, ()):
            if (found := rule(term, tuple(given))) is not None:
                return found
    return None


def _rule(term: Any) -> tuple[Callable[..., Found] | None, bool]:
    from . import aligning, equilibria, moments, optima, solutions, spectra, velocities  # noqa: F401 - they fill the table

    if _is_a_name(term) or moments.stands_for_itself(term):
        return None, False
    for kind in type(term).__mro__:
        if kind in _RULES:
            return _RULES[kind], _OPAQUE[kind](term)
    return None, False


def _is_a_name(term: Any) -> bool:
    """Whether a term stands for itself: an eigenvalue of a product of matrices that are not known further."""
    if not isinstance(term, Eigenvalue):
        return False
    factors = MatMul.make_args(term.args[0])
    return all(isinstance(f.arg if isinstance(f, Transpose) else f, MatrixSymbol) for f in factors)


def _is_written_out(expr: Any) -> bool:
    """Whether a sum runs over a stated number of eigenvalues, each found by itself."""
    if not isinstance(expr, Total) or not expr.args[2].is_Integer:
        return False
    return any(e.args[1] == expr.args[1] and not _is_a_name(e) for e in expr.args[0].atoms(Eigenvalue))


def needs_rule(expr: Any) -> bool:
    """Whether a term of analysis occurs, which only a rule can give a value."""
    return any(_rule(part)[0] is not None for part in _parts(expr))


def _parts(expr: Any) -> Any:
    stack = [expr]
    while stack:
        part = stack.pop()
        if isinstance(part, Basic):
            yield part
            if not isinstance(part, Dynamics):
                stack.extend(part.args)


def derive(term: Any, given: Sequence[Any] = (), **options: Any) -> Fact:
    """The value of a term by the engine, for all values of its symbols that keep `given`.

    Parameters
    ----------
    term : a rate, gradient, limit, ... of :mod:`symssl.language`, or an expression with such parts, which are derived
        from the inside to the outside.
    given : hypotheses: conditions, and relations between matrices.
    options : what the rule of that kind takes besides.

    Raises
    ------
    Refusal
        where the engine does not find it.

    >>> from sympy import Symbol
    >>> from symssl.language import GradientFlow, Rate
    >>> w = Symbol("w", real=True)
    >>> derive(Rate(w**2, GradientFlow(w**2/2, w))).value
    -2*w**2
    """
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    if not isinstance(term, Basic):
        raise InputError(f"derive takes a term, not {term!r}")
    value, premises = value_of(term, given, **options)
    if isinstance(term, (Expectation, MatrixExpectation)) and value.has(Expectation, MatrixExpectation):
        raise Refusal(f"{value} is no polynomial in Gaussian vectors", value)
    if len(premises) == 1 and premises[0].term == term:
        return premises[0]
    if not premises and _is_a_name(term):
        raise Refusal(f"the spectrum of {term.args[0]} is found at explicit matrices", term)
    if not premises:
        raise InputError(f"derive: there is nothing to derive in {term}; use proved for comparisons")
    return stated(Eq(term, value, evaluate=False), (), "substitution", premises)


def value_of(expr: Any, given: Sequence[Any], **options: Any) -> tuple[Any, list[Fact]]:
    """An expression with every term of analysis replaced by its value, and the facts that say so.

    Where a symbol is bound or moved, hypotheses on the symbol of that name outside say nothing.
    """
    if (whole := _as_a_whole(expr, given)) is not None:
        value, told = whole
        return value, [stated(Eq(expr, value, evaluate=False), given, told.pop("rule"), **told)]
    function, opaque = _rule(expr)
    if function is None:
        if _is_written_out(expr):
            summand, index, number = expr.args
            return value_of(Add(*(summand.xreplace({index: Integer(k)}) for k in range(1, int(number) + 1))), given)
        if not isinstance(expr, Basic) or not expr.args or isinstance(expr, Dynamics) or not needs_rule(expr):
            return expr, []
        return _rebuilt(expr, given)
    inside: list[Fact] = []
    inner = expr
    if not opaque:
        inner, inside = _rebuilt(expr, given)
        function, _ = _rule(inner)
        if function is None:
            return inner, inside
    value, told = function(inner, tuple(given), **options)
    if needs_rule(value) and value.has(Expectation, MatrixExpectation):  # the velocities of an expected loss
        value, moments_ = value_of(value, given)
        inside = [*inside, *moments_]
    if near := nearby(expr):
        told.setdefault("moved", lambda hypothesis: None if hypothesis in near else hypothesis)
    if needs_rule(value):
        raise Refusal(f"the value of {expr} was found in other terms only: {value}", value)
    fact = stated(Eq(expr, value, evaluate=False), given, told.pop("rule"), inside, **told)
    return value, [fact]


def _rebuilt(expr: Any, given: Sequence[Any]) -> tuple[Any, list[Fact]]:
    parts, facts = [], []
    given = [*beyond(expr, given), *nearby(expr)]
    for part in expr.args:
        value, found = value_of(part, given)
        parts.append(value)
        facts += found
    return rebuilt(expr, parts), facts


def beyond(expr: Any, given: Sequence[Any]) -> list[Any]:
    """The hypotheses that speak of no symbol that a node binds or moves."""
    inside = varied(expr)
    return [h for h in given if not inside & set(names_in(*(h.matrices if isinstance(h, Relation) else (h,))))]


def nearby(expr: Any) -> tuple[Any, ...]:
    """What may be taken for granted inside a limit: the side of the end on which the variable is, or that it is far.

    Far means beyond what the trajectories inside start from.
    """
    if not isinstance(expr, Limit):
        return ()
    inside, variable, to, side = expr.args[:4]
    if to is oo:
        starts = [x for time in inside.atoms(FirstTime) for x in dict(time.args[2]).values() if not is_matrix(x)]
        conditions = [Gt(variable, x) for x in starts if not x.has(variable)]
    else:
        conditions = [Lt(variable, to)] if str(side) == "-" else [Gt(variable, to)] if str(side) == "+" else []
    return tuple(c for c in dict.fromkeys(conditions) if c not in (true, false))


@rule_for(At, opaque=False)
def _at(term: Any, given: Sequence[Any]) -> Found:
    """Substitution, once the term itself has a value."""
    return term.args[0].xreplace(dict(term.args[1])).doit(), {"rule": "substitution"}
