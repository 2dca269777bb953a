"""The public names of `symssl.statements` as a type checker sees them; never run."""

from collections.abc import Iterator
from typing import Any, assert_type

import sympy as sp

from symssl import Let, Object, Sentence, Vocabulary, truth
from symssl.language import External, GradientFlow, Rate
from symssl.statements import (
    Entailment,
    Fact,
    Instance,
    Survey,
    Truth,
    assumed,
    at_another_speed,
    ball_kept,
    by_citation,
    chained,
    derive,
    entails,
    falls_in_ball,
    follows,
    generic,
    instances,
    negative_somewhere,
    proved,
    rank_of_minimisers,
    reduced,
    rewritten,
    span_found,
    specialised,
    survey,
    taylor_bound,
)

w, a = sp.Symbol("w", real=True), sp.Symbol("a", positive=True)
names = Vocabulary(Object(w, "a weight"), Let(a, w**2))
sentence = names.sentence(sp.Eq(Rate(w**2, GradientFlow(w**2 / 2, w)), -2 * w**2))
assert_type(sentence, Sentence)
assert_type(sentence.objects, tuple[Object, ...])

# what it means
assert_type(instances(sentence, 5, seed=1), Iterator[Instance])
here = truth(sentence, {w: 3})
assert_type(here, Truth)
assert_type(here.value, bool | None)
assert_type(here.certain, bool)
assert_type(here.reason, str)
assert_type(here.vacuous, bool)
found = survey(sentence, 20, budget=1.0)
assert_type(found, Survey)
assert_type(found.held + found.failed + found.unknown - found.tried, int)
assert_type(found.failing, tuple[Instance, Truth] | None)
assert_type(found.reasons, tuple[str, ...])
assert_type(found.empty, str)

# what is known of it
velocity = derive(Rate(w, GradientFlow(w**2 / 2, w)))
assert_type(velocity, Fact)
assert_type(rewritten(velocity, -w), Fact)
assert_type(specialised(velocity, {w: 2}), Fact)
assert_type(proved(w**2 >= 2 * w - 1), Fact)
assert_type(chained(velocity, velocity), Fact)
assert_type(follows(w > 0, velocity), Fact)
assert_type(assumed(w > 0, "the weight stays positive"), Fact)
assert_type(by_citation(External("Thm. 1", "..."), w > 0, velocity), Fact)
condition: Any = None
assert_type(reduced(condition, condition, [w > 0]), Fact)
assert_type(at_another_speed(condition, condition), Fact)
assert_type(generic(condition, condition, [w > 0], under=[w > 0]), Fact)
assert_type(negative_somewhere(condition, [w > 0], exactly_where=condition), Fact)
assert_type(rank_of_minimisers(condition, 2, [w > 0]), Fact)
assert_type(ball_kept(condition, condition, [w > 0], inside=True), Fact)
assert_type(falls_in_ball(condition, condition, [w > 0]), tuple[Fact, Fact])
assert_type(span_found(condition, condition, [w > 0]), Fact)
assert_type(taylor_bound(condition, w, 2, [w > 0]), Fact)
settled = entails(sentence, [velocity])
assert_type(settled, Entailment)
assert_type(settled.held, bool | None)
correction: Any = settled.correction
