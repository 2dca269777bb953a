"""Verdicts on sentences: facts and meaning together, and what forged derivations come to."""

import pytest
from sympy import Dict, Eq, FiniteSet, Gt, Implies, Integer, MatrixSymbol, Symbol, exp, oo, symbols

from symssl import E, InputError, Step, Symmetric, gaussians, inner, norm, samples, sq, total
from symssl.claims import Chapter, Claim, check
from symssl.claims.settling import Contradiction, facts_of
from symssl.language import Along, External, GradientFlow, Let, Limit, Object, Rate, VectorField, Vocabulary
from symssl.statements import assumed, derive, entailment, proved

d, z, n = symbols("d z n", integer=True, positive=True)
i = Symbol("i", integer=True)
X, Y = samples("a", d, n), samples("b", d, n)
Theta, C, S = MatrixSymbol("Theta", z, d), MatrixSymbol("C", d, d), MatrixSymbol("S", d, d)
TILDE = total(X[i] * Y[i].T, i)
x = Symbol("x", real=True)
x0, t = symbols("x_0 t", positive=True)
WORDS = Vocabulary(
    *(Object(size, "a size") for size in (d, z, n)),
    Object(X, "anchors"),
    Object(Y, "partners"),
    Object(Theta, "weights"),
    Object(S, "a matrix"),
    Let(C, (TILDE + TILDE.T) / 2),
    *(Object(s, "a number") for s in (x, x0, t)),
)
LOSS = GradientFlow(total(inner(Theta * X[i], Theta * Y[i]), i), Theta)
OTHER = GradientFlow(2 * total(inner(Theta * X[i], Theta * Y[i]), i), Theta)
DECAY = VectorField({x: -(x**3)})


def equal(a, b):
    return Eq(a, b, evaluate=False)


RATE = WORDS.sentence(equal(Rate(Theta, LOSS), -2 * Theta * C))


def claim(sentence, steps=None, kind="equation", **more):
    chapter = Chapter("demo")
    state = chapter.claim("one", kind, sentence, **more)
    if steps is not None:
        state(steps)
    return chapter.claims[0]


def test_a_true_sentence_holds_with_and_without_a_derivation():
    def steps():
        yield Step("differentiate the loss", derive(Rate(Theta, LOSS)))

    for one in (claim(RATE), claim(RATE, steps)):
        verdict = check(one)
        assert (verdict.verdict, verdict.evidence) == ("holds", "symbolic")
        assert verdict.meaning[0] >= 20 and verdict.meaning[1:] == (0, 0)


def test_a_false_equation_is_corrected_with_a_witness():
    verdict = check(claim(WORDS.sentence(equal(Rate(Theta, LOSS), -Theta * C))))
    assert verdict.verdict == "corrected" and verdict.witness
    assert check(claim(verdict.correction)).verdict == "holds"


def test_a_false_inequality_is_refuted_and_a_false_step_is_a_gap():
    sentence = WORDS.sentence(Gt(x, 0, evaluate=False))
    assert check(claim(sentence)).verdict == "refuted"
    assert check(claim(sentence, argument=True)).verdict == "gap"
    assert check(claim(sentence, witness={x: Integer(-3)})).witness == "x = -3"
    with pytest.raises(InputError, match="holds at the witness"):
        check(claim(sentence, witness={x: Integer(3)}))


def test_a_hypothesis_that_is_missing_makes_it_fail():
    flow = GradientFlow(inner(Theta, Theta * S) / 2, Theta)
    said = equal(Rate(Theta, flow), -Theta * S)
    assert check(claim(WORDS.sentence(said, given=(Symmetric(S),)))).verdict == "holds"
    assert check(claim(WORDS.sentence(said))).verdict == "corrected"


@pytest.mark.parametrize(
    "result", [-2 * Theta * C, Integer(17), Dict({x: 15}), {Theta: -17 * Theta}, equal(x, 1), FiniteSet(1)]
)
def test_a_step_that_types_in_its_result_is_refused(result):
    with pytest.raises(InputError, match="is no fact"):
        check(claim(RATE, lambda: (Step("by hand", result),)))


def test_facts_of_another_model_settle_nothing():
    said = WORDS.sentence(equal(Rate(Theta, LOSS), -4 * Theta * C))
    other = derive(Rate(Theta, OTHER))
    verdict = check(claim(said, lambda: (Step("differentiate another loss", other),)))
    assert verdict.verdict == "corrected"


def test_an_assumption_counts_only_where_the_sentence_makes_it():
    positive, said = Gt(x, 0, evaluate=False), Gt(x + 1, 0, evaluate=False)

    def steps():
        yield Step("assume", assumed(positive, "the state is positive"))

    assert check(claim(WORDS.sentence(said), steps)).verdict == "refuted"
    assert check(claim(WORDS.sentence(said, given=(positive,)), steps)).verdict == "holds"


def test_a_wrong_rule_is_a_contradiction_and_no_verdict(monkeypatch):
    monkeypatch.setattr(entailment, "decided", lambda condition, given: (True, "equal", ""))
    with pytest.raises(Contradiction, match="its meaning is false at"):
        check(claim(WORDS.sentence(equal(Rate(Theta, LOSS), -Theta * C))))


def test_empty_sentences_are_told():
    verdict = check(claim(WORDS.sentence(Implies(Gt(x, x + 1, evaluate=False), Gt(x, 7, evaluate=False)))))
    assert verdict.verdict == "open" and "empty" in verdict.reason


def test_what_is_external_stays_open():
    verdict = check(claim(WORDS.sentence(External("Sec. 6", "Deep networks behave alike."))))
    assert verdict.verdict == "open" and "Sec. 6" in verdict.reason


def test_a_definition_is_stipulated():
    L = Symbol("L", real=True)
    words = Vocabulary(WORDS, Object(L, "the loss"))
    assert check(claim(words.sentence(equal(L, sq(Theta))), kind="definition")).verdict == "stipulated"
    assert check(claim(words.sentence(equal(L**2, -1)), kind="definition")).verdict == "open"
    (g,) = gaussians("g", d)
    words = Vocabulary(words, Object(g, "a normal vector"))
    mean = check(claim(words.sentence(equal(L, E(exp(-norm(Theta * g))))), kind="definition"))
    assert mean.verdict == "stipulated" and mean.witness == "L may be chosen so"  # no instance would be told


def test_a_name_with_a_sign_is_free_where_the_term_may_have_it():
    alpha = Symbol("alpha", positive=True)
    words = Vocabulary(WORDS, Object(alpha, "a size"))
    size = check(claim(words.sentence(equal(alpha, sq(Theta) + x**2)), kind="definition"))
    assert size.verdict == "stipulated" and size.witness == "alpha may be chosen so"
    assert check(claim(words.sentence(equal(alpha, -sq(Theta))), kind="definition")).verdict == "open"


def test_a_limit_that_the_engine_finds():
    said = equal(Limit(Along(x, DECAY, t, {x: x0}), t, oo), 0)
    assert check(claim(WORDS.sentence(said))).verdict in ("holds", "open")
    assert facts_of(claim(WORDS.sentence(said)), [Step("in words")]) == ()


def test_a_sentence_has_no_hypotheses_and_no_decider_beside_it():
    for more in ({"given": (x > 0,)}, {"statement_latex": "x"}, {"sizes": "two"}, {"decide": lambda *a: None}):
        with pytest.raises(InputError, match="is for transcribed statements"):
            Claim("demo.one", "equation", RATE, **more)


def test_facts_at_a_proof_are_kept_with_the_verdict():
    verdict = check(
        claim(
            WORDS.sentence(Gt(exp(-t), 0, evaluate=False)),
            lambda: (Step("sign", proved(Gt(exp(-t), 0, evaluate=False))),),
        )
    )
    assert verdict.verdict == "holds" and verdict.proof.facts[0].rule == "signs"
