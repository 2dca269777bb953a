r"""Facts: what the engine has found out, and what follows from it.

A fact says that a proposition holds for all values of its symbols that keep the hypotheses `given`.  It is made by a
rule and by nothing else: `derive` asks the engine for the value of a term, `proved` decides a comparison, and the
other rules combine facts.  Whoever has a fact knows how it came about (`premises`), at which sizes the engine ran
(`sizes`), and what it rests on besides (`provisos`: an assumption, an approximation, a citation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Literal
from weakref import WeakSet

from sympy import (
    Add,
    Basic,
    Dummy,
    Eq,
    Ge,
    Gt,
    Le,
    Lt,
    MatrixSymbol,
    Symbol,
    cancel,
    default_sort_key,
    exp,
    expand,
    false,
    true,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..errors import InputError, Refusal, Undecided
from ..exact.conditions import sign_of
from ..language.dynamics import Held
from ..language.inputs import is_matrix
from ..language.quantifiers import External
from ..language.relations import Relation
from ..support.arguments import described, instance_of, mapping_of, sequence_of, text_of
from ..support.display import summary
from ..typeset.formulas import Formula, Tex
from .matching import same

__all__ = [
    "LEVELS",
    "Fact",
    "assumed",
    "chained",
    "cited",
    "follows",
    "is_genuine",
    "proved",
    "rewritten",
    "specialised",
    "stated",
    "weakest",
]

Level = Literal["symbolic", "certified", "instance", "numerical"]
LEVELS = ("symbolic", "certified", "instance", "numerical")  # from the strongest to the weakest

_MADE: WeakSet[Fact] = WeakSet()  # the facts that rules have made


@dataclass(frozen=True, repr=False, eq=False)
class Fact(Formula):
    """A proposition that the engine has found to hold; only rules make one.

    Attributes
    ----------
    proposition : an equation ``term = value``, a comparison, or another condition.
    given : the hypotheses under which it holds: conditions and relations between matrices.
    rule : how it was found, in words.
    premises : the facts that it was drawn from.
    level : "symbolic", "certified" (rigorous bounds), "instance" (at stated sizes), "numerical".
    sizes : at which sizes the engine ran, in words; empty where it ran for all.
    provisos : what it rests on that nobody derived: assumptions, approximations, citations, in words.

    >>> Fact(true, (), "because I say so")
    Traceback (most recent call last):
        ...
    symssl.errors.InputError: facts are made by rules (derive, proved, ...), not by hand
    """

    proposition: Any
    given: tuple[Any, ...]
    rule: str
    premises: tuple[Fact, ...]
    level: Level
    sizes: tuple[str, ...]
    provisos: tuple[str, ...]

    def __new__(cls, *args: Any, **options: Any) -> Fact:
        raise InputError("facts are made by rules (derive, proved, ...), not by hand")

    def __reduce__(self) -> Any:
        raise TypeError("a fact stays in the process that found it: send what it says")

    def __repr__(self) -> str:
        lines = [str(self.proposition), *(f"given {hypothesis}" for hypothesis in self.given)]
        lines += [f"at {', '.join(self.sizes)}"] if self.sizes else []
        lines += [f"provided that {proviso}" for proviso in self.provisos]
        return summary(f"Fact ({self.rule}, {self.level})", lines)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        return Tex(write(self.proposition))

    @property
    def term(self) -> Any:
        """The left side of an equation."""
        return self._equation().lhs

    @property
    def value(self) -> Any:
        """The right side of an equation: what the term is."""
        return self._equation().rhs

    def _equation(self) -> Any:
        if not isinstance(self.proposition, Eq):
            raise InputError(f"the fact {self.proposition} is no equation, so no term has a value in it")
        return self.proposition

    @property
    def history(self) -> tuple[Fact, ...]:
        """The facts that it rests on, the first ones first, and itself."""
        seen: dict[int, Fact] = {}
        for premise in self.premises:
            seen.update((id(fact), fact) for fact in premise.history)
        seen[id(self)] = self
        return tuple(seen.values())


def is_genuine(fact: Any) -> bool:
    """Whether a rule made this, and every fact that it rests on."""
    return isinstance(fact, Fact) and fact in _MADE and all(map(is_genuine, fact.premises))


def weakest(levels: Iterable[Level]) -> Level:
    """The weakest of some levels; "symbolic" for none.

    >>> weakest(["symbolic", "instance"])
    'instance'
    """
    return LEVELS[max((LEVELS.index(level) for level in levels), default=0)]  # type: ignore[return-value]


def stated(
    proposition: Any,
    given: Iterable[Any],
    rule: str,
    premises: Sequence[Fact] = (),
    *,
    level: Level = "symbolic",
    sizes: Iterable[str] = (),
    provisos: Iterable[str] = (),
) -> Fact:
    """Make a fact: for rules only.

    Hypotheses, sizes and provisos of the premises are handed on, and the level is at most theirs; whatever ran at
    stated sizes is at most at the level of an instance.
    """
    for premise in premises:
        if not is_genuine(premise):
            raise InputError(f"{described(premise)} is no fact: a rule must have made it")
    hypotheses = dict.fromkeys([h for f in premises for h in f.given] + [_as_hypothesis(h) for h in given])
    at = dict.fromkeys([s for f in premises for s in f.sizes] + list(sizes))
    rests = dict.fromkeys([p for f in premises for p in f.provisos] + list(provisos))
    strength = weakest([level, *(f.level for f in premises), *(["instance"] if at else [])])  # type: ignore[list-item]
    fact = object.__new__(Fact)
    values = (proposition, tuple(hypotheses), rule, tuple(premises), strength, tuple(at), tuple(rests))
    for name, value in zip(Fact.__dataclass_fields__, values):
        object.__setattr__(fact, name, value)
    _MADE.add(fact)
    return fact


def _as_hypothesis(value: Any) -> Any:
    if isinstance(value, Held):
        return value.value
    if isinstance(value, Relation):
        return value
    return instance_of("a hypothesis", value, Boolean, "a condition or a relation between matrices")


def _fact(value: Any, role: str) -> Fact:
    if not is_genuine(value):
        raise InputError(f"{role} must be a fact that a rule has made, not {described(value)}")
    return value


# --- deciding comparisons without terms of analysis ----------------------------------------


def proved(condition: Any, given: Sequence[Any] = (), *facts: Fact) -> Fact:
    """A comparison that follows from hypotheses, decided by the engine: equations by algebra, inequalities by signs.

    Facts that are equations are used as replacements of their terms, others as further hypotheses.

    Raises
    ------
    Refusal
        where the comparison fails, with the point or instance at which it does.
    Undecided
        where neither is settled.

    >>> x = Symbol("x", positive=True)
    >>> proved(Gt(x**2 + 1, x, evaluate=False)).proposition
    x**2 + 1 > x
    """
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
    facts = tuple(_fact(f, "what is used") for f in facts)
    instance_of("condition", condition, Boolean, "a comparison")
    here, more = replaced(condition, facts), tuple(f.proposition for f in facts if not isinstance(f.proposition, Eq))
    hypotheses = (*given, *(h for f in facts for h in f.given), *more)
    held, method, why = decided(here, hypotheses)
    if held is False:
        raise Refusal(f"{condition} fails{why and ': ' + why}", here)
    if held is None:
        raise Undecided(f"{condition} was not settled{why and ': ' + why}", here)
    sizes = ("the sizes stated",) if method == "entries" else ()
    return stated(condition, given, "algebra" if method == "equal" else "signs", facts, sizes=sizes)


def replaced(expr: Any, facts: Iterable[Fact]) -> Any:
    """An expression with every term of an equation among the facts replaced by its value."""
    table = {f.term: f.value for f in facts if isinstance(f.proposition, Eq)}
    for _ in range(len(table) + 1):
        after = expr.xreplace(table)
        if after == expr:
            return expr
        expr = after
    return expr


def decided(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    """Whether a comparison holds under hypotheses: (held, method, why not)."""
    if condition in (true, false):
        return condition == true, "equal", ""
    if condition in given:
        return True, "signs", ""
    if isinstance(condition, Eq):
        left, right = (_with_equations(side, given) for side in condition.args)
        try:
            comparison = same(left, right, tuple(given))
        except (Undecided, Refusal) as refusal:
            return None, "", str(refusal)
        if comparison.equal:
            return True, "entries" if comparison.method == "entries" else "equal", ""
        point = ", ".join(f"{k} = {v}" for k, v in comparison.point.items()) or comparison.instance
        if comparison.method != "field" and any(isinstance(h, Relational) for h in given):
            return None, "", f"both sides differ at {point}, which need not keep the comparisons among the hypotheses"
        return False, "", point
    if isinstance(condition, Relational) and not any(map(is_matrix, condition.args)):
        allowed = {Gt: {1}, Ge: {0, 1}, Lt: {-1}, Le: {-1, 0}}.get(condition.func)
        if allowed is None:  # different from
            allowed = {-1, 1}
        try:
            found = _signs(condition.lhs - condition.rhs, tuple(given))
        except (Undecided, Refusal) as refusal:
            return None, "", str(refusal)
        if found <= allowed:
            return True, "signs", ""
        return (False if not found & allowed else None), "", f"the sign may be {sorted(found)}"
    return None, "", f"there is no rule for {type(condition).__name__}"


def _with_equations(expr: Any, given: Sequence[Any]) -> Any:
    """An expression in which the left sides of hypotheses that are equations stand for the right ones.

    Products of matrices are multiplied out first, so that an inner product that is known is found in them.
    """
    table = {h.lhs: h.rhs for h in given if isinstance(h, Eq) and not h.lhs.is_number}
    nodes = {left: right for left, right in table.items() if left.has(MatrixSymbol) and not is_matrix(left)}
    if not nodes or not expr.has(MatrixSymbol):
        return expr
    from ..words.normal_forms import normal_form

    with suppress(Refusal, InputError):
        return normal_form(expr).xreplace({normal_form(left): right for left, right in nodes.items()})
    return expr


def _signs(margin: Any, given: tuple[Any, ...]) -> set[int]:
    """The signs that a scalar may have: by the engine, or since it exceeds what a hypothesis says is positive."""
    margin, bounds = _without_exponentials(margin, given)
    given, trouble, found = (*given, *bounds), None, {-1, 0, 1}
    try:
        found = sign_of(margin, given)
    except (Undecided, Refusal) as refusal:
        trouble = refusal
    if len(found) == 3:
        for side in (1, -1):
            for strict, excess in _excesses(side * margin, given):
                for known in ((), given):  # a bound on a symbol may hide what its declaration says
                    with suppress(Undecided, Refusal, InputError):
                        if (rest := sign_of(excess, known)) <= {0, 1}:
                            return {side} if strict or rest == {1} else {0, side}
    if trouble is not None:
        raise trouble
    return found


def _excesses(margin: Any, given: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
    """What is left of a margin without those of one or two hypotheses, and whether one of these is strict."""
    scalar = [h for h in given if isinstance(h, (Gt, Ge, Lt, Le)) and not any(map(is_matrix, h.args))]
    for hypotheses in (*combinations(scalar, 1), *combinations(scalar, 2)):
        margins = [h.gts - h.lts for h in hypotheses]
        yield int(any(isinstance(h, (Gt, Lt)) for h in hypotheses)), expand(margin - Add(*margins))


def _without_exponentials(expr: Any, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """An expression with exponentials replaced by a positive symbol, above or below one by the sign of the exponent.

    Exponents that are whole multiples of one of them become powers; whatever holds for all values of the new
    symbols holds for the exponentials.
    """
    exponents = sorted({e.exp for e in expr.atoms(exp)}, key=default_sort_key)
    bounds: list[Any] = []
    table: dict[Any, Any] = {}
    while exponents:
        ratios = [{other: cancel(other / base) for other in exponents} for base in exponents]
        family = max(
            ({o: r for o, r in found.items() if r.is_Integer and r > 0} for found in ratios),
            key=len,
        )
        base = next(o for o, r in family.items() if r == 1)
        name = Dummy("e", positive=True)
        table |= {exp(o): name**r for o, r in family.items()}
        with suppress(Undecided, Refusal, InputError):
            signs = sign_of(base, given)
            bounds += [name > 1] if signs == {1} else [name < 1] if signs == {-1} else []
        exponents = [o for o in exponents if o not in family]
    return expr.xreplace(table), tuple(bounds)


# --- rules that draw facts from facts ------------------------------------------------------


def rewritten(fact: Fact, value: Any, given: Sequence[Any] = ()) -> Fact:
    """The same equation with another form of its value, which is proved to be equal."""
    fact = _fact(fact, "what is rewritten")
    given = tuple(_as_hypothesis(h) for h in given)
    comparison = same(fact.value, value, (*fact.given, *given))
    if not comparison.equal:
        raise Refusal(f"{fact.term} is {fact.value}, which differs from {value}", value)
    sizes = ("the sizes stated",) if comparison.method == "entries" else ()
    return stated(Eq(fact.term, value, evaluate=False), given, "rewriting", (fact,), sizes=sizes)


def specialised(fact: Fact, values: Mapping[Any, Any]) -> Fact:
    """A fact at particular values of its symbols, which keep what the symbols are declared to be.

    The hypotheses are specialised too.

    Raises
    ------
    InputError
        for a value of another shape, or one that contradicts the assumptions on its symbol.
    """
    fact = _fact(fact, "what is specialised")
    table = mapping_of("values", values, "symbols to values")
    for symbol, value in table.items():
        if not isinstance(symbol, (Symbol, MatrixSymbol)) or not isinstance(value, Basic):
            raise InputError(f"specialised: {symbol} must be a symbol and its value a term, not {described(value)}")
        if is_matrix(symbol) != is_matrix(value) or (is_matrix(symbol) and tuple(symbol.shape) != tuple(value.shape)):
            raise InputError(f"specialised: the value of {symbol} has not its shape")
        for name, wanted in getattr(symbol, "assumptions0", {}).items():
            if not is_matrix(symbol) and wanted is not None and getattr(value, f"is_{name}", None) is not wanted:
                raise InputError(f"specialised: {symbol} is declared {name}, which {value} is not known to be")
    hypotheses = [_moved(h, table) for h in fact.given]
    made = stated(
        fact.proposition.xreplace(table), (), f"at {', '.join(f'{k} = {v}' for k, v in table.items())}", (fact,)
    )
    object.__setattr__(made, "given", tuple(h for h in hypotheses if h is not None))
    return made


def _moved(hypothesis: Any, table: Mapping[Any, Any]) -> Any:
    """A hypothesis at other values; None where it has become true."""
    if isinstance(hypothesis, Relation):
        return Held(hypothesis).xreplace(table).value if set(table) & set(hypothesis.matrices) else hypothesis
    after = hypothesis.xreplace(table)
    if after == false:
        raise InputError(f"specialised: the hypothesis {hypothesis} does not hold there")
    return None if after == true else after


_STEPS = {Eq: (True, 0), Lt: (True, -2), Le: (True, -1), Gt: (True, 2), Ge: (True, 1)}


def chained(*facts: Fact) -> Fact:
    """Transitivity: from a = b, b <= c, c < d the comparison a < d."""
    facts = tuple(_fact(f, "a link of the chain") for f in sequence_of("facts", facts, "facts"))
    if len(facts) < 2:
        raise InputError("chained: give two facts at least")
    strength, direction = 0, 0
    for before, after in pairwise(facts):
        if before.proposition.rhs != after.proposition.lhs:
            raise InputError(f"chained: {before.proposition} ends where {after.proposition} does not begin")
    for fact in facts:
        step = _STEPS.get(fact.proposition.func, (False, 0))[1]
        if step * direction < 0:
            raise Refusal(f"{fact.proposition} points the other way: nothing follows from the chain")
        direction = direction or step
        strength = max(strength, abs(step))
    relation = {0: Eq, 1: Ge if direction > 0 else Le, 2: Gt if direction > 0 else Lt}[strength]
    ends = facts[0].proposition.lhs, facts[-1].proposition.rhs
    return stated(relation(*ends, evaluate=False), (), "transitivity", facts)


def follows(condition: Any, *facts: Fact, given: Sequence[Any] = ()) -> Fact:
    """A comparison that follows from facts: equations replace their terms, comparisons are hypotheses."""
    return proved(condition, given, *facts)


# --- what nobody derives -------------------------------------------------------------------


def assumed(proposition: Any, words: str) -> Fact:
    """A proposition taken for granted: it holds under itself, so that it counts only where a sentence says it too."""
    text_of("the words for an assumption", words)
    return stated(proposition, (proposition,), "assumption", provisos=(words,))


def cited(theorem: External, proposition: Any, *hypotheses: Fact) -> Fact:
    """What a theorem of the literature says, its hypotheses checked: facts that prove them."""
    theorem = instance_of("theorem", theorem, External)
    return stated(
        proposition, (), f"citation of {theorem.source}", hypotheses, provisos=(f"{theorem.text} ({theorem.source})",)
    )
