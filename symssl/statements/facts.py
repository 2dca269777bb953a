r"""Facts: what the engine has found out, and what follows from it.

A fact says that a proposition holds for all values of its symbols that keep the hypotheses `given`.  It is made by a
rule and by nothing else: `derive` asks the engine for the value of a term, `proved` decides a comparison, and the
other rules combine facts.  Whoever has a fact knows how it came about (`premises`), at which sizes the engine ran
(`sizes`), and what it rests on besides (`provisos`: an assumption, an approximation, a citation).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sympy import (
    Add,
    And,
    Basic,
    Dummy,
    Eq,
    Expr,
    Ge,
    Gt,
    Implies,
    Integer,
    Le,
    Lt,
    MatMul,
    MatPow,
    MatrixBase,
    MatrixSymbol,
    Mul,
    Ne,
    Not,
    Or,
    Symbol,
    Trace,
    ZeroMatrix,
    cancel,
    default_sort_key,
    exp,
    expand,
    factor,
    false,
    log,
    oo,
    simplify,
    sqrt,
    true,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from ..errors import InputError, Refusal, Undecided
from ..exact.conditions import sign_of
from ..exact.points import coordinates, find_point
from ..exact.statements import as_statement
from ..language.dynamics import Dynamics, Held
from ..language.inputs import is_matrix
from ..language.names import names_in
from ..language.operators import Expectation, MatrixExpectation
from ..language.quantifiers import Exists, External, ForAll
from ..language.relations import Diagonal, Relation
from ..language.scalars import inner, norm, sq
from ..language.terms import Eigenvalue, Gradient, Stability
from ..language.unit_vectors import UnitVector
from ..support.arguments import described, instance_of, mapping_of, sequence_of, text_of
from ..support.display import summary
from ..typeset.formulas import Formula, Tex
from .knowledge import completed, known_positive, order_of_forms, tidied
from .matching import same

__all__ = [
    "LEVELS",
    "Fact",
    "assumed",
    "by_citation",
    "chained",
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

_MADE: WeakKeyDictionary[Fact, tuple[Any, ...]] = WeakKeyDictionary()  # what rules have made, as they made it
CITATION = "citation"  # a rule that derives nothing
_RULES_LIVE_IN = f"{__package__}."


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
    """Whether a rule made this as it stands, and every fact that it rests on."""
    if type(fact) is not Fact or fact not in _MADE:
        return False
    now = tuple(getattr(fact, name, None) for name in Fact.__dataclass_fields__)
    return all(a is b for a, b in zip(now, _MADE[fact])) and all(map(is_genuine, fact.premises))


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
    moved: Callable[[Any], Any] | None = None,
) -> Fact:
    """Make a fact: for the rules of this room only.

    Hypotheses, sizes and provisos of the premises are handed on, and the level is at most theirs; whatever ran at
    stated sizes is at most at the level of an instance.  With `moved` the hypotheses of the premises are handed on at
    other values; it gives None for one that holds there.
    """
    if not f"{sys._getframe(1).f_globals.get('__name__', '')}.".startswith(_RULES_LIVE_IN):
        raise InputError("facts are made by rules (derive, proved, ...), not by hand")
    if not isinstance(proposition, Boolean) or isinstance(proposition, Symbol):  # SymPy's symbols are Boolean too
        raise InputError(f"a fact says an equation, a comparison or another condition, not {described(proposition)}")
    for premise in premises:
        if not is_genuine(premise):
            raise InputError(f"{described(premise)} is no fact: a rule must have made it")
    before = [h for f in premises for h in f.given]
    before = before if moved is None else [h for h in map(moved, before) if h is not None]
    hypotheses = dict.fromkeys(before + [_as_hypothesis(h) for h in given])
    at = dict.fromkeys([s for f in premises for s in f.sizes] + list(sizes))
    rests = dict.fromkeys([p for f in premises for p in f.provisos] + list(provisos))
    strength = weakest([level, *(f.level for f in premises), *(["instance"] if at else [])])  # type: ignore[list-item]
    fact = object.__new__(Fact)
    values = (proposition, tuple(hypotheses), rule, tuple(premises), strength, tuple(at), tuple(rests))
    for name, value in zip(Fact.__dataclass_fields__, values):
        object.__setattr__(fact, name, value)
    _MADE[fact] = values
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
    """An expression with every term of an equation among the facts replaced by its value.

    Where a symbol is bound or moved, only a fact counts whose hypotheses do not restrict that symbol.  Dynamics, and
    what a gradient is taken of, stay as they are: equal losses may hold other things fixed.
    """
    table: dict[Any, tuple[Any, set[str]]] = {}
    for fact in facts:
        if isinstance(fact.proposition, Eq) and not getattr(fact.term, "is_number", False):
            table.setdefault(fact.term, (fact.value, _restricted(fact)))
    for _ in range(len(table) + 1):
        after = _put(expr, table, frozenset())
        if after == expr:
            return expr
        expr = after
    return expr


def _restricted(fact: Fact) -> set[str]:
    """The names that a fact does not speak about in full: those of its hypotheses, all where something is assumed."""
    parts = [m for h in fact.given for m in (h.matrices if isinstance(h, Relation) else (h,))]
    parts += [fact.proposition] if fact.provisos else []
    return set(names_in(*parts))


def varied(expr: Any) -> frozenset[str]:
    """The names of the symbols that a node binds, or in which it takes a derivative."""
    symbols = [*getattr(expr, "bound_symbols", ()), *getattr(expr, "pivots", ())]
    symbols += [x for arg in getattr(expr, "args", ()) if isinstance(arg, Dynamics) for x in arg.states]
    return frozenset(s.name for s in symbols)


def _put(expr: Any, table: Mapping[Any, tuple[Any, set[str]]], inside: frozenset[str]) -> Any:
    if expr in table and not table[expr][1] & inside:
        return table[expr][0]
    if not isinstance(expr, Basic) or not expr.args or isinstance(expr, (Dynamics, Gradient)):
        return expr
    inside |= varied(expr)
    args = [_put(arg, table, inside) for arg in expr.args]
    return rebuilt(expr, args)


def rebuilt(expr: Any, args: Sequence[Any]) -> Any:
    """An expression with other arguments; comparisons are not decided on the way."""
    if all(a is b for a, b in zip(args, expr.args)):
        return expr
    return expr.func(*args, evaluate=False) if isinstance(expr, Relational) else expr.func(*args)


def decided(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    """Whether a comparison holds under hypotheses: (held, method, why not).

    True where it holds for all values that keep them; False where it fails at some of these, which are known to
    exist; None where neither is known.
    """
    if condition in (true, false):
        return condition == true, "equal", ""
    if condition in given:
        return True, "signs", ""
    if not isinstance(condition, Relational):
        return None, "", f"there is no rule for {type(condition).__name__}"
    if not all(isinstance(side, Expr) or is_matrix(side) for side in condition.args):
        return None, "", f"{condition} does not compare numbers or matrices"
    scalar = not any(map(is_matrix, condition.args))
    if scalar and {oo, -oo} & set(condition.args):
        return _with_infinity(condition, given)
    try:
        if isinstance(condition, Eq) or scalar:
            held, method, why = (_equality if isinstance(condition, Eq) else _comparison)(condition, given)
            related = held is False and condition.has(*_OF_THEIR_OWN)  # as numbers of their own they could be anything
            return (None if related else held), method, why
        if isinstance(condition, Ne) and _equality(Eq(*condition.args, evaluate=False), given)[0] is True:
            return _somewhere(condition, given), "", "both sides are equal"
    except (Refusal, InputError) as refusal:  # what the engine does not take it does not settle
        return None, "", str(refusal)
    return None, "", f"whether {condition} holds was not settled"


_OF_THEIR_OWN = (Eigenvalue, Expectation, MatrixExpectation)


def _with_infinity(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    """A comparison with infinity of what is known to be finite, or infinite too."""
    held = condition.func(*condition.args)
    if held not in (true, false):
        return None, "", f"whether {condition} holds was not settled"
    return (True if held == true else _somewhere(condition, given)), "signs", "" if held == true else "one is infinite"


def _equality(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    left, right = (_in_coordinates(_with_equations(completed(side), given), given) for side in condition.args)
    if (entries := _entry_by_entry(left, right)) is not None:
        found = [_equality(Eq(a, b, evaluate=False), given) for a, b in entries]
        return next((f for held in (False, None) for f in found if f[0] is held), (True, "equal", ""))
    relations = [h for h in given if isinstance(h, Relation)]
    products = any(isinstance(h, Eq) and isinstance(h.rhs, ZeroMatrix) for h in given)
    if (products or condition.atoms(UnitVector)) and _equal_as_words(left, right, given):
        return True, "equal", ""
    comparison = same(left, right, (*_comparisons(given), *relations))
    if comparison.equal:
        return True, "entries" if comparison.method == "entries" else "equal", ""
    point = ", ".join(f"{k} = {v}" for k, v in comparison.point.items()) or comparison.instance
    if comparison.point:
        return (False if _plain(condition, *_conditions(given)) else None), "", point
    met = {name for h in _conditions(given) for name in names_in(h)} & set(names_in(condition))
    return (None if met else _somewhere(condition, given)), "", point or "the two sides differ"


def _equal_as_words(left: Any, right: Any, given: Sequence[Any]) -> bool:
    """Whether both sides agree once unit vectors and products that vanish are taken into account."""
    if not (isinstance(left, Basic) and isinstance(right, Basic)) or not (
        left.has(MatrixSymbol) or right.has(MatrixSymbol)
    ):
        return False
    with suppress(Undecided, Refusal, InputError, NotImplementedError):
        gap = _in_known_values(tidied(left - right, given), given)
        if is_matrix(gap):
            return isinstance(gap.doit(), ZeroMatrix)
        names = {node: Dummy(real=True) for node in gap.atoms(inner, norm, sq, Eigenvalue)}
        return cancel(gap.xreplace(names)) == 0
    return False


def _in_known_values(expr: Any, given: Sequence[Any]) -> Any:
    """A tidied expression with the scalars that hypotheses give a value replaced by it."""
    equations = [h for h in _comparisons(given) if isinstance(h, Eq) and h.lhs.has(MatrixSymbol)]
    names = [h for h in equations if not isinstance(h.lhs, Eigenvalue)]
    return expr.xreplace({tidied(h.lhs, [g for g in given if g is not h]): h.rhs for h in names})


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


def _entry_by_entry(left: Any, right: Any) -> list[tuple[Any, Any]] | None:
    """The entries of two explicit matrices; None for others."""
    if not is_matrix(left) or not is_matrix(right) or left.has(MatrixSymbol) or right.has(MatrixSymbol):
        return None
    left, right = left.doit(), right.doit()
    if not (isinstance(left, MatrixBase) and isinstance(right, MatrixBase)) or left.shape != right.shape:
        return None
    return list(zip(left, right))


def _factors(word: Any) -> list[Any]:
    """The factors of a product of matrices, powers written out."""
    out: list[Any] = []
    for part in MatMul.make_args(word):
        whole = isinstance(part, MatPow) and part.exp.is_Integer and part.exp > 0
        out += [part.base] * int(part.exp) if whole else [part]
    return out


def _in_coordinates(expr: Any, given: Sequence[Any]) -> Any:
    """An expression in which a diagonal matrix beside a unit vector is its entry there: <e, D v> = <e, D e> <e, v>."""
    diagonal = {h.matrices[0] for h in given if isinstance(h, Diagonal)}
    units = expr.atoms(UnitVector) if diagonal else ()
    if not units or not expr.has(*diagonal):
        return expr
    from ..words.normal_forms import normal_form

    def entry(a: Any, b: Any) -> Any:
        for first, other in ((a, b), (b, a)):
            *before, e = _factors(first)
            after = _factors(other)
            if e not in units or not all(D in diagonal for D in before):
                continue
            taken = [(e, D) for D in before]
            while after[:-1] and after[0] in diagonal and after[1:] != [e]:
                taken.append((e, after.pop(0)))
            while len(after) > 2 and after[-1] in units and after[-2] in diagonal:
                taken.append((after[-1], after.pop(-2)))
            return Mul(*(inner(u, D * u) for u, D in taken), inner(e, MatMul(*after).doit())) if taken else inner(a, b)
        return inner(a, b)

    with suppress(Refusal, InputError):
        return normal_form(expr).replace(inner, entry)
    return expr


def _comparison(condition: Any, given: Sequence[Any]) -> tuple[bool | None, str, str]:
    if isinstance(condition, Ne) and any(_multiple(condition, h) for h in given if isinstance(h, Ne)):
        return True, "signs", ""
    parts = Mul.make_args(factor(condition.lhs - condition.rhs)) if isinstance(condition, Ne) else ()
    if len(parts) > 1 and all(decided(Ne(p.as_base_exp()[0], 0, evaluate=False), given)[0] for p in parts):
        return True, "signs", ""
    allowed = {Gt: {1}, Ge: {0, 1}, Lt: {-1}, Le: {-1, 0}, Ne: {-1, 1}}[condition.func]
    if condition.atoms(inner, norm, sq, Trace) or any(isinstance(h, Eq) and is_matrix(h.lhs) for h in given):
        with suppress(Undecided, Refusal, InputError, NotImplementedError):
            if _signs_of_words(condition.lhs - condition.rhs, tuple(given)) <= allowed:
                return True, "signs", ""
    found = _signs(condition.lhs - condition.rhs, tuple(given))
    if found <= allowed:
        return True, "signs", ""
    why = f"the sign may be {sorted(found)}"
    return (_somewhere(condition, given) if not found & allowed else None), "", why


def _signs_of_words(margin: Any, given: tuple[Any, ...]) -> set[int]:
    """The signs of a scalar made of matrices, in normal form and by the bounds of quadratic forms."""
    margin = _in_known_values(tidied(margin, given), given)
    table = {
        h: h.func(*(tidied(side, given) for side in h.args), evaluate=False)
        for h in _comparisons(given)
        if h.has(MatrixSymbol) and not h.has(Eigenvalue)
    }
    given = tuple(table.get(h, h) for h in given)
    given = (*given, *order_of_forms([margin], given))
    positive = known_positive([margin, *given], given)
    lengths = {
        node: sqrt(Dummy("r", positive=True) if node in positive else Dummy("r", nonnegative=True))
        for node in sorted(_lengths_in([margin, *given]), key=default_sort_key)
    }
    return _signs_of_factors(margin.xreplace(lengths), tuple(h.xreplace(lengths) for h in _comparisons(given)))


def _lengths_in(exprs: Iterable[Any]) -> set[Any]:
    return {node for e in exprs if isinstance(e, Basic) for node in e.atoms(norm)}


def _signs_of_factors(margin: Any, given: tuple[Any, ...]) -> set[int]:
    """The signs of a product, factor by factor, where the whole does not tell."""
    signs = {1}
    for one in Mul.make_args(factor(margin)):
        base, power = one.as_base_exp()
        if not power.is_Integer:
            base, power = one, Integer(1)
        if power.is_even:  # where a quotient has a value, what it is divided by is not zero
            own = {1} if power.is_negative or base.is_nonzero else {0, 1}
        else:
            own = _signs(base, tuple(h for h in given if coordinates(h) & coordinates(base)))
        signs = {a * b for a in signs for b in own}
    return signs


def _multiple(one: Any, other: Any) -> bool:
    """Whether two inequations say the same but for a constant factor."""
    if any(map(is_matrix, other.args)):
        return False
    try:
        ratio = cancel((one.lhs - one.rhs) / (other.lhs - other.rhs))
    except NotImplementedError:  # SymPy has no quotients with products of matrices inside
        return one == other
    return bool(ratio.is_Rational and ratio != 0)


def _conditions(given: Iterable[Any]) -> list[Any]:
    return [h for h in given if not isinstance(h, Relation)]


def _comparisons(given: Iterable[Any]) -> list[Any]:
    """The hypotheses that compare scalars: what the engine can use."""
    return [
        h
        for h in given
        if isinstance(h, Relational)
        and all(isinstance(side, Expr) for side in h.args)
        and not any(map(is_matrix, h.args))
    ]


def _plain(*conditions: Any) -> bool:
    """Whether these compare rational and elementary functions of symbols only, so that a point is one of theirs."""
    return all(
        isinstance(c, (Relational, And, Or, Not)) and all(isinstance(s, Symbol) for s in coordinates(c))
        for c in conditions
    )


def _somewhere(condition: Any, given: Sequence[Any]) -> bool | None:
    """False where values exist that keep the hypotheses, for what fails at all of these; None where none is known."""
    conditions = _conditions(given)
    if not conditions:
        return False
    if not _plain(*conditions):
        return None
    with suppress(Undecided, InputError):
        find_point(conditions, conditions)
        return False
    return None


def with_numbers(expr: Any) -> Any:
    """An expression or condition with the inner products and norms of explicit matrices as numbers.

    >>> from sympy import Matrix
    >>> with_numbers(sq(Matrix([1, 2])))
    5
    """

    def product(*sides: Any) -> Any:
        first, last = (side.doit() for side in (sides * 2)[:2])
        both = isinstance(first, MatrixBase) and isinstance(last, MatrixBase)
        return (first.T * last).trace() if both else None

    found = {node: product(*node.args) for node in expr.atoms(inner, norm, sq)}
    return expr.xreplace({n: sqrt(v) if isinstance(n, norm) else v for n, v in found.items() if v is not None})


def opposite(condition: Any) -> Any:
    """What holds where a condition fails, with the negation inside; None where that has no form.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> opposite(Gt(x, y))
    x <= y
    """
    if condition in (true, false):
        return false if condition == true else true
    turned = {Eq: Ne, Ne: Eq, Gt: Le, Le: Gt, Ge: Lt, Lt: Ge}.get(getattr(condition, "func", None))
    if turned is not None:
        return turned(*condition.args, evaluate=False)
    if isinstance(condition, Not):
        return condition.args[0]
    if isinstance(condition, (And, Or)):
        parts = [opposite(part) for part in condition.args]
        return None if None in parts else (Or if isinstance(condition, And) else And)(*parts, evaluate=False)
    if isinstance(condition, Implies):
        premise, conclusion = condition.args
        denied = opposite(conclusion)
        return None if denied is None else And(premise, denied, evaluate=False)
    if isinstance(condition, (ForAll, Exists)):
        denied = opposite(condition.body)
        if denied is None or getattr(condition, "almost", False) or getattr(condition, "unique", False):
            return None
        return (Exists if isinstance(condition, ForAll) else ForAll)(condition.bound, denied, condition.given)
    return Not(condition) if isinstance(condition, Stability) else None


def _signs(margin: Any, given: tuple[Any, ...]) -> set[int]:
    """The signs that a scalar may have: by the engine, or since it exceeds what a hypothesis says is positive."""
    given = tuple(_comparisons(given))
    if (signs := _proportional(margin, given, given)) is not None:
        return signs
    positive = {node: Dummy("p", positive=True) for node in known_positive((margin, *given), given)}
    if positive:
        margin, given = margin.xreplace(positive), tuple(h.xreplace(positive) for h in given)
        given = tuple(h for h in given if h not in (true, false))
    margin, bounds = _without_exponentials(margin, given)
    if (signs := _proportional(margin, bounds, (*given, *bounds))) is not None:
        return signs
    given, trouble, found = (*given, *bounds), None, {-1, 0, 1}
    try:
        found = sign_of(margin, given)
    except (Undecided, Refusal) as refusal:
        trouble = refusal
    if len(found) == 3:
        weak = None
        for side in (1, -1):
            for strict, excess in _excesses(side * margin, given):
                for assumed in ((), given):  # a bound on a symbol may hide what its declaration says
                    with suppress(Undecided, Refusal, InputError):
                        rest = sign_of(excess, assumed)
                        if rest == {1} or (strict and rest <= {0, 1}):
                            return {side}
                        weak = weak or ({0, side} if rest <= {0, 1} else None)
        for strict, ratio in _ratios(margin, given):
            with suppress(Undecided, Refusal, InputError):
                if len(signs := sign_of(ratio)) == 1 and signs <= {-1, 1}:
                    return signs if strict else signs | {0}
        if weak is not None:
            return weak
        if (product := _of_factors(margin, given)) is not None:
            return product
    if trouble is not None:
        raise trouble
    return found


def _ratios(margin: Any, given: tuple[Any, ...]) -> Iterator[tuple[bool, Any]]:
    """A margin over that of a hypothesis, and whether that is strict: what has a sign gives the margin one."""
    for h in given:
        if not isinstance(h, (Gt, Ge, Lt, Le)) or any(map(is_matrix, h.args)):
            continue
        with suppress(NotImplementedError, TypeError):  # SymPy has no quotients with products of matrices inside
            yield isinstance(h, (Gt, Lt)), cancel(margin / (h.gts - h.lts))


def _of_factors(margin: Any, given: tuple[Any, ...]) -> set[int] | None:
    """The signs of a product, by those of its factors; None where one of these is not told."""
    # SymPy factors nothing with sums of matrices inside: TypeError
    with suppress(Undecided, Refusal, InputError, NotImplementedError, TypeError):
        parts = Mul.make_args(factor(margin))
        if len(parts) == 1 and parts[0] == margin:
            return None
        found = {1}
        for part in parts:
            base, exponent = part.as_base_exp()
            if not exponent.is_Integer:
                base, exponent = part, Integer(1)
            signs = {s ** abs(int(exponent)) for s in _signs(base, given)}
            if exponent < 0 and 0 in signs:
                return None
            found = {a * b for a in found for b in signs}
        return found
    return None


def _proportional(margin: Any, hypotheses: Iterable[Any], given: tuple[Any, ...]) -> set[int] | None:
    """The signs of a margin that is that of a hypothesis times a factor of known sign; None where none is."""
    for hypothesis in hypotheses:
        if not isinstance(hypothesis, (Gt, Ge, Lt, Le)):
            continue
        known = hypothesis.gts - hypothesis.lts
        if known == 0 or not known.free_symbols & margin.free_symbols:
            continue
        factor_, bounds = _without_exponentials(margin / known, given)
        # SymPy has no quotients with sums of matrices inside: TypeError
        with suppress(Undecided, Refusal, InputError, NotImplementedError, TypeError):
            factor_ = cancel(factor_)
            if not known.is_number and factor_.free_symbols >= margin.free_symbols:
                continue  # nothing is gained
            signs = sign_of(factor_, (*(h for h in given if h is not hypothesis), *bounds))
            if signs in ({1}, {-1}):
                return signs if isinstance(hypothesis, (Gt, Lt)) else signs | {0}
    return None


def _excesses(margin: Any, given: tuple[Any, ...]) -> Iterator[tuple[int, Any]]:
    """What is left of a margin without those of one or two hypotheses, and whether one of these is strict."""
    scalar = [h for h in given if isinstance(h, (Gt, Ge, Lt, Le, Eq)) and not any(map(is_matrix, h.args))]
    for hypotheses in (*combinations(scalar, 1), *combinations(scalar, 2)):
        strict = int(any(isinstance(h, (Gt, Lt)) for h in hypotheses))
        for margins in product(*map(_margins, hypotheses)):
            yield strict, expand(margin - Add(*margins))


def _margins(hypothesis: Any) -> tuple[Any, ...]:
    """What a hypothesis says is not negative: of an equation the difference of its sides, with either sign."""
    if isinstance(hypothesis, Eq):
        return hypothesis.lhs - hypothesis.rhs, hypothesis.rhs - hypothesis.lhs
    return (hypothesis.gts - hypothesis.lts,)


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
            ({o: r for o, r in found.items() if r.is_Integer and r != 0} for found in ratios),
            key=len,
        )
        base = next(o for o, r in family.items() if r == 1)
        name = Dummy("e", positive=True)
        table |= {exp(o): name**r for o, r in family.items()}
        known = _bounds_of_exponential(name, base, given)
        with suppress(Undecided, Refusal, InputError):
            signs = sign_of(base, given)
            if signs in ({1}, {-1}):
                bounds.append(name > 1 if signs == {1} else name < 1)
            elif signs in ({0, 1}, {-1, 0}) and known:
                bounds.append(name >= 1 if 1 in signs else name <= 1)
            elif signs in ({0, 1}, {-1, 0}):  # at least one, or at most one: in a symbol that is not negative
                more = 1 + Dummy("h", nonnegative=True)
                table |= {exp(o): (more if 1 in signs else 1 / more) ** r for o, r in family.items()}
        bounds += known
        exponents = [o for o in exponents if o not in family]
    return expr.xreplace(table), tuple(bounds)


def _bounds_of_exponential(name: Any, exponent: Any, given: tuple[Any, ...]) -> list[Any]:
    """Bounds on an exponential where hypotheses bound its exponent by a logarithm: from t < log(a)/c, exp(c t) < a."""
    bounds = []
    for hypothesis in given:
        if not isinstance(hypothesis, (Gt, Ge, Lt, Le)) or not hypothesis.has(log):
            continue
        margin = hypothesis.gts - hypothesis.lts
        for symbol in sorted(exponent.free_symbols & margin.free_symbols, key=default_sort_key):
            slope, other = exponent.diff(symbol), margin.diff(symbol)
            if symbol in slope.free_symbols | other.free_symbols or other == 0:
                continue
            with suppress(Undecided, Refusal, InputError):
                times = cancel(slope / other)
                end = simplify(exp(expand(cancel(exponent - times * margin))))
                signs = sign_of(times, given)
                if not end.has(exp, log, symbol) and signs in ({1}, {-1}):
                    above = signs == {1}
                    if isinstance(hypothesis, (Gt, Lt)):
                        bounds.append(Gt(name, end) if above else Lt(name, end))
                    else:
                        bounds.append(Ge(name, end) if above else Le(name, end))
    return [b for b in bounds if b not in (true, false)]


# --- rules that draw facts from facts ------------------------------------------------------


def rewritten(fact: Fact, value: Any, given: Sequence[Any] = ()) -> Fact:
    """The same equation with another form of its value, which is proved to be equal."""
    fact = _fact(fact, "what is rewritten")
    given = tuple(_as_hypothesis(h) for h in sequence_of("given", given, "hypotheses"))
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
        as_statement(value, f"specialised: the value of {symbol}")
        if is_matrix(symbol) != is_matrix(value) or (is_matrix(symbol) and tuple(symbol.shape) != tuple(value.shape)):
            raise InputError(f"specialised: the value of {symbol} has not its shape")
        for name, wanted in getattr(symbol, "assumptions0", {}).items():
            if not is_matrix(symbol) and wanted is not None and getattr(value, f"is_{name}", None) is not wanted:
                raise InputError(f"specialised: {symbol} is declared {name}, which {value} is not known to be")
    where = ", ".join(f"{k} = {v}" for k, v in table.items())
    proposition = fact.proposition.xreplace(table)
    if proposition in (true, false):
        raise InputError(f"specialised: at {where} SymPy decides {fact.proposition}: it says nothing there")
    return stated(proposition, (), f"at {where}", (fact,), moved=lambda h: _moved(h, table))


def _moved(hypothesis: Any, table: Mapping[Any, Any]) -> Any:
    """A hypothesis at other values; None where it has become true."""
    if isinstance(hypothesis, Relation):
        if not names_in(*table).keys() & names_in(*hypothesis.matrices).keys():
            return hypothesis
        if all(isinstance(table.get(A), MatrixBase) and not table[A].free_symbols for A in hypothesis.matrices):
            from ..matrix.points import keeps

            if not keeps(hypothesis, table):
                raise InputError(f"specialised: the hypothesis {hypothesis} does not hold there")
            return None
        return Held(hypothesis).xreplace(table).value
    after = hypothesis.xreplace(table)
    if after == false:
        raise InputError(f"specialised: the hypothesis {hypothesis} does not hold there")
    return None if after == true else after


_STEPS = {Eq: 0, Lt: -2, Le: -1, Gt: 2, Ge: 1}


def chained(*facts: Fact) -> Fact:
    """Transitivity: from a = b, b <= c, c < d the comparison a < d."""
    facts = tuple(_fact(f, "a link of the chain") for f in sequence_of("facts", facts, "facts"))
    if len(facts) < 2:
        raise InputError("chained: give two facts at least")
    if strange := [f.proposition for f in facts if f.proposition.func not in _STEPS]:
        raise InputError(f"chained: {strange[0]} is no link: give equations and the comparisons <, <=, >, >=")
    strength, direction = 0, 0
    for before, after in pairwise(facts):
        if before.proposition.rhs != after.proposition.lhs:
            raise InputError(f"chained: {before.proposition} ends where {after.proposition} does not begin")
    for fact in facts:
        step = _STEPS[fact.proposition.func]
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


def by_citation(theorem: External, proposition: Any, *facts: Fact, given: Sequence[Any] = ()) -> Fact:
    """What a theorem of the literature says.

    Parameters
    ----------
    theorem : source and words of the theorem.
    proposition : what it says here.
    facts : show that its hypotheses are met.
    given : its hypotheses; those that no fact states stay hypotheses of the new fact.
    """
    theorem = instance_of("theorem", theorem, External)
    facts = tuple(_fact(f, "what shows a hypothesis of a theorem") for f in facts)
    known = {f.proposition for f in facts}
    open_ = [h for h in sequence_of("given", given, "hypotheses") if h not in known]
    words = f"{theorem.text} ({theorem.source})" + ("" if facts or given else ", whose hypotheses were not checked")
    return stated(proposition, open_, f"{CITATION} of {theorem.source}", facts, provisos=(words,))


def is_citation(fact: Fact) -> bool:
    """Whether a fact is a citation as it stands."""
    return fact.rule.startswith(f"{CITATION} of ")
