"""Whether facts entail a sentence: what is left when every term has the value that the engine found is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sympy import (
    And,
    Basic,
    Contains,
    Dummy,
    Eq,
    Equivalent,
    FiniteSet,
    Ge,
    Gt,
    Implies,
    Lambda,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Not,
    Or,
    Piecewise,
    Symbol,
    Tuple,
    false,
    sign,
    true,
)
from sympy.core.relational import Relational
from sympy.matrices.matrixbase import MatrixBase

from ..errors import InputError, Refusal
from ..exact.statements import as_statement
from ..language.dynamics import Held
from ..language.functions import FunctionSymbol
from ..language.inputs import is_matrix
from ..language.names import free_names, names_in
from ..language.quantifiers import Exists, External, ForAll
from ..language.random_matrices import RandomMatrix
from ..language.random_vectors import GaussianVector
from ..language.relations import Relation
from ..language.sample_vectors import samples
from ..language.sentences import Sentence
from ..language.terms import At, Count, Eigenvalue, Growth, Stability, Zeros
from ..support.arguments import described, instance_of, mapping_of, sequence_of
from ..support.display import summary
from .explicit import explicit_points, fails_at, with_functions, with_samples
from .facts import Fact, Level, decided, is_genuine, opposite, rebuilt, replaced, stated, weakest, with_numbers
from .knowledge import of_all_vectors
from .rules.aligning import is_growth_rate
from .rules.derivation import needs_rule, value_of

__all__ = ["Entailment", "entails"]


@dataclass(frozen=True, repr=False)
class Entailment:
    """What facts say about a sentence.

    Attributes
    ----------
    held : True where they entail it, False where they entail that it fails somewhere, None where neither is known.
    reason : why it fails or is not settled, in words.
    facts : what was used, in order; `level`, `sizes` and `provisos` are theirs.
    clause : the part that fails or is not settled.
    correction : what holds in its place, where that was found.
    """

    held: bool | None
    reason: str = ""
    facts: tuple[Fact, ...] = ()
    clause: Any = None
    correction: Any = None
    entries: bool = field(default=False)

    def __repr__(self) -> str:
        said = {True: "entailed", False: "contradicted", None: "not settled"}[self.held]
        lines = [self.reason] if self.reason else []
        return summary(f"Entailment: {said}", [*lines, *(str(f.proposition) for f in self.facts)])

    @property
    def level(self) -> Level:
        """The weakest level of what was used."""
        levels: list[Level] = [*(f.level for f in self.facts), *(["instance"] if self.entries else [])]  # type: ignore[list-item]
        return weakest(levels)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes at which the engine ran; empty where it ran for all."""
        at = dict.fromkeys(size for f in self.facts for size in f.sizes)
        return tuple(at) or (("the sizes stated",) if self.entries else ())

    @property
    def provisos(self) -> tuple[str, ...]:
        """Assumptions, approximations and citations that it rests on."""
        return tuple(dict.fromkeys(proviso for f in self.facts for proviso in f.provisos))


@dataclass(frozen=True)
class _Ground:
    """What a clause is decided on: the hypotheses around it, and facts."""

    given: tuple[Any, ...]
    facts: tuple[Fact, ...]

    @property
    def usable(self) -> tuple[Fact, ...]:
        """The facts whose own hypotheses follow here."""
        return tuple(f for f in self.facts if all(_granted(h, self.given) for h in f.given))

    def under(self, *conditions: Any) -> _Ground:
        """The same under further hypotheses, with the values of the terms in them."""
        parts = [part for c in conditions for part in (And.make_args(c) if isinstance(c, Basic) else (c,))]
        parts += [equation for part in parts for equation in of_all_vectors(part)]
        return replace(self, given=(*self.given, *(_with_values(_by_facts(part, self), self) for part in parts)))


def _by_facts(condition: Any, ground: _Ground) -> Any:
    """A comparison in which the terms that facts give a value have it."""
    if not isinstance(condition, Relational):
        return condition
    return rebuilt(condition, [replaced(side, ground.usable) for side in condition.args])


@lru_cache(maxsize=4096)
def _granted(hypothesis: Any, given: tuple[Any, ...]) -> bool:
    """Whether a hypothesis of a fact follows from those of the sentence, for all sizes."""
    if hypothesis in given:
        return True
    held, method, _ = (None, "", "") if isinstance(hypothesis, Relation) else decided(hypothesis, given)
    return held is True and method != "entries"


def _with_values(condition: Any, ground: _Ground) -> Any:
    """A hypothesis with the values of its terms, where the engine finds these."""
    if not isinstance(condition, Relational) or not needs_rule(condition):
        return condition
    try:
        return rebuilt(condition, [value_of(side, ground.given)[0] for side in condition.args])
    except Refusal:
        return condition


def entails(sentence: Sentence, facts: Iterable[Fact] = (), *, at: Mapping[Any, Any] | None = None) -> Entailment:
    """Whether facts, and what the engine derives of the terms that they leave, entail a sentence.

    Facts that rest on provisos are used only where the sentence is not settled without them.

    Parameters
    ----------
    sentence : decided clause by clause, under its hypotheses.
    facts : equations replace their terms; other facts are hypotheses.  A fact counts where its own hypotheses follow.
    at : values of objects, exact: the sentence is decided at that instance instead of for all, without the facts.

    Raises
    ------
    InputError
        What is no fact; an instance that does not keep declarations or hypotheses.

    >>> from sympy import Symbol
    >>> from symssl.language import GradientFlow, Object, Rate, Vocabulary
    >>> w = Symbol("w", real=True)
    >>> claim = Eq(Rate(w**2, GradientFlow(w**2/2, w)), -2*w**2, evaluate=False)
    >>> entails(Vocabulary(Object(w, "the weight")).sentence(claim)).held
    True
    """
    instance_of("sentence", sentence, Sentence)
    facts = sequence_of("facts", facts, "facts")
    for fact in facts:
        if not is_genuine(fact):
            raise InputError(f"{described(fact)} is no fact: only rules make facts")
    claim = sentence.expanded
    given = [_expanded(h, sentence) for h in sentence.hypotheses]
    if at:
        values, data = _values(mapping_of("at", at, "objects to values"), sentence)
        given = [h for h in (_at_values(with_samples(h, values, data), values) for h in given) if h is not None]
        claim = with_functions(with_samples(claim, values, data).xreplace(values)).doit()
        claim, facts = with_numbers(claim), ()
    derived = tuple(f for f in facts if not f.provisos)
    found = _entails(claim, _Ground((), derived).under(*given))
    if found.held is not None or len(derived) == len(facts):
        return found
    return _entails(claim, _Ground((), tuple(facts)).under(*given))


def _expanded(hypothesis: Any, sentence: Sentence) -> Any:
    return sentence.expand(Held(hypothesis)).value if isinstance(hypothesis, Relation) else sentence.expand(hypothesis)


def _values(at: Mapping[Any, Any], sentence: Sentence) -> tuple[dict[Any, Any], dict[str, Any]]:
    """Exact values, which keep what the symbols are declared to be; those of families of samples by their name."""
    from sympy import ImmutableMatrix

    known = {entry.name: entry.symbol for entry in sentence.objects}
    free = {name for name, _ in free_names(sentence.expanded, *_parts_of(sentence))}
    bound = {symbol for name, symbol in known.items() if name not in free}
    out, data = {}, {}
    for symbol, value in at.items():
        symbol = known.get(symbol, symbol) if isinstance(symbol, str) else symbol
        value = ImmutableMatrix(value) if isinstance(value, (list, tuple)) else as_statement(value, f"{symbol} at")
        if isinstance(symbol, samples):
            data[symbol.name] = value
            continue
        if isinstance(symbol, (RandomMatrix, GaussianVector)) or symbol in bound:
            continue  # averaged over, or bound
        if isinstance(symbol, str):
            continue  # an index, which is bound in every sentence that it occurs in
        if trouble := _unfit(symbol, value):
            raise InputError(f"the instance does not keep the declarations: {trouble}")
        out[symbol] = value
    return out, data


def _parts_of(sentence: Sentence) -> list[Any]:
    return [part for h in sentence.hypotheses for part in (h.matrices if isinstance(h, Relation) else (h,))]


def _unfit(symbol: Any, value: Any) -> str:
    """Why a value is none of a symbol, in words; empty where it is one."""
    if is_matrix(symbol) or is_matrix(value):
        fits = is_matrix(symbol) and is_matrix(value)
        return "" if fits and _same_shape(symbol, value) else f"{value} has not the shape of {symbol}"
    if isinstance(symbol, FunctionSymbol):
        fits = isinstance(value, Lambda) and len(value.variables) == 1
        return "" if fits else f"{symbol} is a function, and {value} is no Lambda of one variable"
    for name, wanted in symbol.assumptions0.items():
        if wanted is not None and getattr(value, f"is_{name}", None) is not wanted:
            return f"{symbol} is declared {name}, which {value} is not known to be"
    return ""


def _same_shape(symbol: Any, value: Any) -> bool:
    """Whether the shapes agree, or sizes of an explicit matrix stand for symbolic ones."""
    free = isinstance(value, MatrixBase)
    return all(a == b or (free and not a.is_Integer) for a, b in zip(symbol.shape, value.shape))


def _at_values(hypothesis: Any, values: dict[Any, Any]) -> Any:
    """A hypothesis at an instance; None where it holds there."""
    from ..matrix.points import keeps

    if isinstance(hypothesis, Relation):
        named = {m for part in hypothesis.matrices for m in part.atoms(MatrixSymbol)}
        if not named & set(values):
            return hypothesis
        if named <= set(values) and keeps(hypothesis, {m: values[m] for m in named}):
            return None
        raise InputError(f"the instance does not keep the hypothesis {hypothesis}")
    here = with_numbers(hypothesis.xreplace(values))
    if here.free_symbols - {s for s in here.free_symbols if is_matrix(s)} and here != false:
        return here
    held = decided(rebuilt(here, [value_of(side, ())[0] for side in here.args]), ())[0] if needs_rule(here) else None
    if here == true or held is True or decided(here, ())[0] is True:
        return None
    raise InputError(f"the instance does not keep the hypothesis {hypothesis} of the sentence")


def _entails(condition: Any, ground: _Ground) -> Entailment:
    if condition in (true, false):
        return Entailment(condition == true, "" if condition == true else "it is false as it stands", clause=condition)
    for fact in ground.usable:
        if fact.proposition == condition:
            return Entailment(True, facts=(fact,))
    try:
        return _by_kind(condition, ground)
    except Refusal as refusal:
        return Entailment(None, str(refusal), clause=condition)


def _by_kind(condition: Any, ground: _Ground) -> Entailment:
    if isinstance(condition, External):
        return Entailment(None, f"not decided here: {condition.source}", clause=condition)
    if isinstance(condition, And):
        parts = [_entails(part, ground) for part in condition.args]
        return _corrected(condition, parts, _all(parts))
    if isinstance(condition, Or):
        return replace(_any(condition, ground), correction=None)
    if isinstance(condition, Not):
        return replace(_negated(condition, ground), correction=None)
    if isinstance(condition, Implies):
        premise, conclusion = condition.args
        return _inside(_implied(premise, conclusion, ground), lambda mended: Implies(premise, mended))
    if isinstance(condition, Equivalent):
        pairs = [(a, b) for k, a in enumerate(condition.args) for m, b in enumerate(condition.args) if k != m]
        return replace(_all([_implied(a, b, ground) for a, b in pairs]), correction=None)
    if isinstance(condition, ForAll):
        more = _almost_always(condition, ground) if condition.almost else ()
        condition = _apart(condition, ground.given)
        inside = ground.under(*condition.given, *(f.proposition.body for f in more))
        found = _entails(condition.body, inside)
        if condition.almost and found.held is not True:
            return replace(_on_no_null_set(condition, found, inside), correction=None)
        found = replace(found, facts=(*more, *found.facts))
        return _inside(found, lambda body: ForAll(condition.bound, body, condition.given, condition.almost))
    if isinstance(condition, Exists):
        return replace(_exists(_apart(condition, ground.given), ground), correction=None)
    if isinstance(condition, Contains):
        return _member(condition, ground)
    if isinstance(condition, Stability):
        value, used = value_of(condition, ground.given)
        return Entailment(value == true, "" if value == true else "it is of another kind", tuple(used), condition)
    if isinstance(condition, Relational):
        return _related(condition, ground)
    return Entailment(None, f"there is no rule for {type(condition).__name__}", clause=condition)


def _almost_always(condition: Any, ground: _Ground) -> tuple[Fact, ...]:
    """Facts that say something else of almost all values of the same symbols."""
    return tuple(
        f
        for f in ground.usable
        if isinstance(f.proposition, ForAll)
        and f.proposition.almost
        and f.proposition.bound == condition.bound
        and all(h in condition.given for h in f.proposition.given)
    )


def _on_no_null_set(condition: Any, found: Entailment, ground: _Ground) -> Entailment:
    """That a condition fails at one point denies it for almost all, where it fails around that point too.

    It does where it combines equations, and inequalities that are not strict, between continuous functions.
    """
    unsettled = Entailment(None, found.reason, found.facts, condition)
    try:
        body, used = _closed(condition.body, ground)
    except Refusal:
        return unsettled
    for point in explicit_points(condition.bound, condition.given):
        if fails_at(body, point):
            shown = ", ".join(f"{symbol} = {value.tolist()}" for symbol, value in point.items())
            return Entailment(False, f"it fails at {shown} and near it", tuple(used), condition)
    return unsettled


def _closed(body: Any, ground: _Ground) -> tuple[Any, list[Fact]]:
    """A combination of equations with the values of their terms."""
    if isinstance(body, (And, Or)):
        parts = [_closed(part, ground) for part in body.args]
        return body.func(*(part for part, _ in parts), evaluate=False), [f for _, used in parts for f in used]
    if not isinstance(body, (Eq, Le, Ge)):
        raise Refusal(f"{body} may hold on a set without inner points", body)
    left, found = value_of(body.lhs, ground.given)
    right, more = value_of(body.rhs, ground.given)
    here = body.func(left, right, evaluate=False)
    if any(str(e.args[2]) == "rank" for e in here.atoms(Eigenvalue)) or here.has(sign, Piecewise):
        raise Refusal(f"{body} compares functions that may jump", body)
    return here, [*found, *more]


def _all(parts: list[Entailment]) -> Entailment:
    facts = tuple(dict.fromkeys(f for part in parts for f in part.facts))
    for held in (False, None):
        for part in parts:
            if part.held is held:
                return replace(part, facts=facts)
    return Entailment(True, "", facts, entries=any(part.entries for part in parts))


def _inside(found: Entailment, around: Callable[[Any], Any]) -> Entailment:
    """What is corrected inside keeps what stands around it."""
    return found if found.correction is None else replace(found, correction=around(found.correction))


def _corrected(condition: Any, parts: list[Entailment], whole: Entailment) -> Entailment:
    """A conjunction is corrected by one in which the clauses that fail are corrected, where all of these are.

    A single clause that is not settled is the one that fails if the conjunction does.
    """
    failing = [part for part in parts if part.held is not True]
    unsettled = whole.held is None and len(failing) > 1
    if whole.held or unsettled or any(part.correction is None for part in failing):
        return replace(whole, correction=None)
    mended = [clause if part.held else part.correction for part, clause in zip(parts, condition.args)]
    return replace(whole, correction=And(*mended, evaluate=False))


def _any(condition: Any, ground: _Ground) -> Entailment:
    """One part holds; or the last does where the others fail."""
    parts = [_entails(part, ground) for part in condition.args]
    for part in parts:
        if part.held:
            return part
    if (split := _by_sides(condition, ground)) is not None:
        return split
    *others, last = condition.args
    denied = [opposite(part) for part in others]
    if None in denied:
        return Entailment(None, "; ".join(filter(None, (p.reason for p in parts))), clause=condition)
    found = _entails(last, ground.under(*denied))
    return replace(found, clause=condition, reason="no alternative holds") if found.held is False else found


def _by_sides(condition: Any, ground: _Ground) -> Entailment | None:
    """An alternative that holds on either side of an inequation among the hypotheses."""
    for hypothesis in ground.given:
        if isinstance(hypothesis, Ne) and not any(map(is_matrix, hypothesis.args)):
            rest = replace(ground, given=tuple(h for h in ground.given if h != hypothesis))
            sides = [rest.under(relation(*hypothesis.args, evaluate=False)) for relation in (Gt, Lt)]
            found = _all([_any(condition, side) for side in sides])
            if found.held:
                return found
    return None


def _negated(condition: Any, ground: _Ground) -> Entailment:
    denied = condition.args[0]
    if isinstance(denied, Stability):
        found = _entails(denied, ground)
        said = "what is denied holds" if found.held else ""
        return found if found.held is None else replace(found, held=not found.held, reason=said, clause=condition)
    other = opposite(denied)
    if other is None:
        return Entailment(None, f"that {denied} fails was not settled", clause=condition)
    return _entails(other, ground)


def _implied(premise: Any, conclusion: Any, ground: _Ground) -> Entailment:
    if premise == false or conclusion == true:
        return Entailment(True)
    if isinstance(premise, Or):
        return _all([_implied(case, conclusion, ground) for case in premise.args])
    if isinstance(premise, Not) and (inside := opposite(premise.args[0])) is not None:
        premise = inside
    return _entails(conclusion, ground.under(premise))


def _apart(condition: Any, given: tuple[Any, ...]) -> Any:
    """A quantifier with other names for bound symbols of which the hypotheses around it speak."""
    parts = [m for h in given for m in (h.matrices if isinstance(h, Relation) else (h,))]
    taken = names_in(*parts)
    table = {s: _anew(s, {*taken, *names_in(condition)}) for s in condition.bound if s.name in taken}
    if not table:
        return condition
    return condition.func(*(arg.xreplace(table) for arg in condition.args))


def _anew(symbol: Any, taken: set[str]) -> Any:
    if isinstance(symbol, Symbol):
        return Dummy(symbol.name, **symbol._assumptions_orig)
    name = next(name for k in range(1, len(taken) + 2) if (name := f"{symbol.name}_{k}") not in taken)
    return MatrixSymbol(name, *symbol.shape)


def _exists(condition: Any, ground: _Ground) -> Entailment:
    """A witness shows it; that it fails for all values refutes it."""
    if condition.witness and not condition.unique:
        shown = _witnessed(condition, ground)
        if shown.held:
            return shown
        reason = f"the witness does not show it: {shown.reason}"
    else:
        reason = (
            "that it is the only one was not settled"
            if condition.unique
            else "that something exists is shown by a witness; none is given"
        )
    denied = opposite(condition.body)
    if denied is not None:
        never = _entails(denied, ground.under(*condition.given))
        if never.held:
            return replace(never, held=False, reason="it fails for all values", clause=condition)
    return Entailment(None, reason, clause=condition)


def _witnessed(condition: Any, ground: _Ground) -> Entailment:
    values = condition.witness
    for symbol, value in values.items():
        if trouble := _unfit(symbol, value):
            return Entailment(None, trouble, clause=condition)
    parts = []
    for hypothesis in condition.given:
        try:
            here = _at_values(hypothesis, values)
        except InputError as error:
            return Entailment(None, str(error), clause=condition)
        if isinstance(here, Relation):
            if here not in ground.given:
                return Entailment(None, f"that the witness keeps {here} was not settled", clause=condition)
        elif here is not None:
            parts.append(_entails(here, ground))
    return _all([*parts, _entails(condition.body.xreplace(values).doit(), ground)])


def _member(condition: Any, ground: _Ground) -> Entailment:
    element, elements = condition.args
    usable = ground.usable
    used = tuple(f for f in usable if isinstance(f.proposition, Eq) and condition.has(f.term))
    element = replaced(element, usable)
    if isinstance(element, Count) and isinstance(element.args[0], Zeros) and isinstance(elements, FiniteSet):
        return _counted(element, elements, condition, ground)
    if isinstance(elements, Growth) and is_growth_rate(element, elements, ground.given):
        fact = stated(condition, ground.given, "the Jacobian has the eigenvectors of the matrix")
        return Entailment(True, facts=(*used, fact))
    element, found = value_of(element, ground.given)
    elements, more = value_of(replaced(elements, usable), ground.given)
    used = (*used, *found, *more)
    if not isinstance(elements, FiniteSet):
        return Entailment(None, f"membership in {elements} was not settled", used, condition)
    return _drawn(_in_set(element, elements), condition, used, ground)


def _counted(element: Any, elements: Any, condition: Any, ground: _Ground) -> Entailment:
    from .rules.equilibria import counted_by_cases, possible_counts

    if not all(n.is_Integer for n in elements):
        return Entailment(None, f"membership in {elements} was not settled", clause=condition)
    allowed = {int(n) for n in elements}
    if {number for _, number in counted_by_cases(element)} <= allowed:
        return Entailment(True, facts=(_fact_of_count(element, elements, ground),))
    numbers = possible_counts(element, ground.given, allowed)
    strange = sorted(set(numbers) - allowed)
    if not strange:
        return Entailment(True, facts=(_fact_of_count(element, elements, ground),))
    held = False if any(numbers[n] for n in strange) else None
    return Entailment(held, f"there may be {strange}", clause=condition)


def _fact_of_count(element: Any, elements: Any, ground: _Ground) -> Fact:
    return stated(Contains(element, elements, evaluate=False), ground.given, "the proved count")


def _in_set(element: Any, elements: Any) -> Any:
    """The condition that something is one of a finite set."""
    return Or(*(_equal(element, one) for one in elements), evaluate=False)


def _equal(a: Any, b: Any) -> Any:
    left, right = (tuple(x) if isinstance(x, Tuple) else (x,) for x in (a, b))
    if len(left) != len(right):
        return false
    parts = [true if x == y else Eq(x, y, evaluate=False) for x, y in zip(left, right)]
    return And(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def _drawn(here: Any, condition: Any, used: tuple[Fact, ...], ground: _Ground) -> Entailment:
    """What follows of a condition from facts that bring it to another form."""
    found = _entails(_simple(here), ground)
    facts = tuple(dict.fromkeys((*used, *found.facts)))
    if found.held:
        return replace(found, facts=facts, clause=None)
    return replace(found, facts=facts, clause=condition, reason=f"it would read {here}")


def _simple(condition: Any) -> Any:
    """Connectives without parts that are true or false, and without a connective of one part."""
    if not isinstance(condition, (And, Or)):
        return condition
    decisive, neutral = (false, true) if isinstance(condition, And) else (true, false)
    parts = [_simple(part) for part in condition.args]
    if decisive in parts:
        return decisive
    parts = [part for part in parts if part != neutral]
    if len(parts) < 2:
        return parts[0] if parts else neutral
    return condition.func(*parts, evaluate=False)


def _related(condition: Any, ground: _Ground) -> Entailment:
    usable = ground.usable
    used = tuple(f for f in usable if isinstance(f.proposition, Eq) and condition.has(f.term))
    more = tuple(f for f in usable if not isinstance(f.proposition, Eq))
    left, found = value_of(replaced(condition.lhs, usable), ground.given)
    right, other = value_of(replaced(condition.rhs, usable), ground.given)
    used = (*used, *found, *other)
    correction = None
    if isinstance(condition, Eq) and needs_rule(_without_substitution(condition.lhs)):
        correction = Eq(condition.lhs, left.doit() if is_matrix(left) else left, evaluate=False)
    if isinstance(left, FiniteSet) or isinstance(right, FiniteSet):
        found_ = _same_sets(condition, left, right, used, ground)
        return found_ if found_.held else replace(found_, correction=correction)
    here = condition.func(left, right, evaluate=False)
    if here in ground.given:
        return Entailment(True, "", used)
    held, method, why = decided(here, (*ground.given, *(f.proposition for f in more)))
    if held and more and decided(here, ground.given)[0] is not True:
        used = (*used, *more)
    if held is False and not why:
        why = f"it would read {here}"
    if not held and correction is None and isinstance(condition, Eq):
        correction = _with_other_sign(condition, here, ground)
    return Entailment(held, why, used, None if held else condition, None if held else correction, method == "entries")


def _with_other_sign(condition: Any, here: Any, ground: _Ground) -> Any:
    """An equation with the other sign of its right side, where that holds."""
    if here.rhs == 0 or decided(Eq(here.lhs, -here.rhs, evaluate=False), ground.given)[0] is not True:
        return None
    return Eq(condition.lhs, -condition.rhs, evaluate=False)


def _without_substitution(term: Any) -> Any:
    """A term that is taken elsewhere, as it stands: a substitution carried out corrects nothing."""
    return term.args[0] if isinstance(term, At) else term


def _same_sets(condition: Any, left: Any, right: Any, used: tuple[Fact, ...], ground: _Ground) -> Entailment:
    """Two finite sets, element by element."""
    if not (isinstance(left, FiniteSet) and isinstance(right, FiniteSet) and isinstance(condition, (Eq, Ne))):
        return Entailment(None, f"{left} and {right} were not compared", used, condition)
    alike = And(*(_in_set(a, right) for a in left), *(_in_set(b, left) for b in right), evaluate=False)
    here = _simple(alike)
    return _drawn(here if isinstance(condition, Eq) else opposite(here), condition, used, ground)
