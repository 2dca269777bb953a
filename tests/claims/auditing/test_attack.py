"""The audit: wrong statements and changed models must not get through, and what does is named."""

import sympy as sp
from hypothesis import given, strategies as st

from symssl.claims import Claim, Model, Step, audit, audit_all, discover
from symssl.claims.auditing import attack as auditing
from symssl.claims.auditing.attack import Finding, insensitive, sampled, tally
from symssl.claims.deciders import identity, implied, refuted_at, same_value, valid
from symssl.errors import Refusal
from symssl.support.workers import Outcome, run_tasks

x, y, z, w = sp.symbols("x y z w", positive=True)


# --- what gets through is named ----------------------------------------------------------

MODEL = Model("square", y * (w - x) ** 2, (w,))


def slope(model):
    yield Step("differentiate", sp.diff(model.loss, w))


def typed_in(model):
    yield Step("do not look at the model", 2 * y * (w - x))


def outcomes(claim):
    return {f.mutation: f.outcome for f in audit([claim])}


def test_a_sound_claim_rejects_everything():
    assert set(outcomes(Claim("a", "equation", 2 * y * (w - x), slope, identity(), model=MODEL)).values()) == {
        "rejected"
    }


def test_a_claim_that_ignores_its_model_is_caught():
    found = outcomes(Claim("a", "equation", 2 * y * (w - x), typed_in, identity(), model=MODEL))
    assert {o for m, o in found.items() if m.startswith("printed")} == {"rejected"}
    assert found["model: no mutant is rejected"] == "survived"


def test_a_careless_decider_is_caught():
    """A decider that looks at the number of symbols only."""

    def careless(printed, derived, given):
        right = len(printed.free_symbols) == len(derived.free_symbols)
        return identity()(printed if not right else derived, derived, given)

    found = outcomes(Claim("a", "equation", 2 * y * (w - x), slope, careless, model=MODEL))
    assert "survived" not in found.values()  # `check` notices that the evidence is about something else


def test_a_correction_is_attacked_in_place_of_what_is_wrong():
    found = outcomes(Claim("a", "equation", 2 * y * (w + x), slope, identity(), model=MODEL))
    assert set(found.values()) == {"rejected"}
    assert len(found) > 10


def test_equivalent_mutants_are_proved():
    found = audit([Claim("a", "equation", x + y, lambda m: [Step("add", y + x)], identity())])
    swapped = next(f for f in found if "swapped" in f.mutation) if any("swapped" in f.mutation for f in found) else None
    assert swapped is None  # x + y with x and y exchanged is the same tree
    found = audit(
        [Claim("a", "equation", (x - y) ** 2, lambda m: [Step("expand", sp.expand((x - y) ** 2))], identity())]
    )
    assert {f.outcome for f in found if "swapped" in f.mutation} == {"equivalent"}


def test_refuted_claims_deny_their_negation():
    found = outcomes(Claim("a", "remark", x > 1, lambda m: [Step("nothing")], refuted_at({x: sp.Rational(1, 2)})))
    assert found == {"printed 1: negation": "rejected"}


def test_weak_comparisons_survive_and_say_so():
    """valid() of a comparison that is far from sharp lets a slip through: the audit must show it."""
    found = outcomes(Claim("a", "lemma", sp.Gt(x**2 + 1, 0, evaluate=False), lambda m: [Step("nothing")], valid()))
    assert "survived" in found.values()
    sharp = outcomes(
        Claim("a", "lemma", sp.Gt(x**2 + 1, 0, evaluate=False), lambda m: [Step("left side", x**2 + 1)], implied())
    )
    assert "survived" not in sharp.values()


def test_refusals_and_breakdowns_of_mutated_models_are_rejections():
    def fragile(model):
        if model.loss != MODEL.loss:
            raise Refusal("not this one") if model.loss.has(2 * y) else ZeroDivisionError
        yield Step("differentiate", sp.diff(model.loss, w))

    found = outcomes(Claim("a", "equation", 2 * y * (w - x), fragile, identity(), model=MODEL))
    assert set(found.values()) == {"rejected"}


def test_insensitivity():
    rows = [
        Finding("a", "model 1", "equivalent"),
        Finding("b", "model 1", "rejected"),
        Finding("c", "printed 1", "rejected"),
    ]
    assert [f.claim for f in insensitive(rows)] == ["a"]


def test_counts():
    assert outcomes(Claim("a", "result", 2, lambda m: [Step("count", 2)], same_value())) == {
        "printed 1: integer of 2": "rejected",
        "printed 2: integer of 2": "rejected",
    }


# --- in worker processes -----------------------------------------------------------------


def test_workers_find_the_same():
    garden = discover("toy.derivations")
    claims = garden.select(["garden.flow", "garden.slip", "garden.degree", "garden.gap", "garden.cited"])
    pooled = dict(audit_all(garden, claims, jobs=2))
    assert set(pooled) == {claim.id for claim in claims}
    assert {f for findings in pooled.values() for f in findings} == set(audit(claims))
    assert not any(f.outcome == "survived" for findings in pooled.values() for f in findings)
    assert pooled["garden.cited"] == []


def test_a_crash_is_no_rejection():
    attack = auditing._Attack("garden.below", ("toy.derivations", "garden", "garden.below"), (), None)
    tasks = attack._tasks(["no such mutant"])
    (outcome,) = run_tasks(tasks, jobs=1)
    found = auditing._finding(outcome, 1)
    assert found.outcome == "survived"
    assert "crashed" in found.how


# --- samples -----------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["sign", "factor", "dropped term", "covariance (u, v)"]), max_size=30), st.integers(1, 40)
)
def test_samples_take_every_kind_before_any_twice(kinds_made, most):
    labels = [f"model loss {k}: {kind} of x" for k, kind in enumerate(kinds_made, 1)]
    chosen = sampled(labels, most)
    assert len(chosen) == min(most, len(labels))
    assert set(chosen) <= set(labels)
    assert len(set(chosen)) == len(chosen)
    counts = [sum(kind in label for label in chosen) for kind in set(kinds_made)]
    left = [sum(kind in label for label in set(labels) - set(chosen)) for kind in set(kinds_made)]
    for count, rest in zip(counts, left):
        assert not rest or count >= max(counts) - 1
    assert sampled(labels, None) == labels


def test_a_sample_covers_every_claim():
    garden = discover("toy.derivations")
    claims = garden.select(["garden.flow", "garden.slip"])
    found = dict(audit_all(garden, claims, jobs=1, most=2))
    assert {name: len(findings) for name, findings in found.items()} == {"garden.flow": 4, "garden.slip": 4}
    everything = {f for findings in dict(audit_all(garden, claims, jobs=1)).values() for f in findings}
    assert {f for findings in found.values() for f in findings} < everything


def test_no_claim_is_called_insensitive_because_of_its_sample():
    """The first change of the model makes no difference; only all of them together tell."""
    attack = auditing._Attack("a", (), (), 1)
    labels = ["printed 1: sign of x", "model loss 1: sign of x", "model loss 2: factor of x"]
    first = attack.after(Outcome(("a", None), labels), 1)
    assert [task.key[1] for task in first] == labels[:2]
    assert attack.after(Outcome(("a", labels[0]), Finding("a", labels[0], "rejected")), 1) == []
    more = attack.after(Outcome(("a", labels[1]), Finding("a", labels[1], "equivalent")), 1)
    assert [task.key[1] for task in more] == labels[2:]
    assert attack.waiting == 1
    attack.after(Outcome(("a", labels[2]), Finding("a", labels[2], "rejected")), 1)
    assert not attack.waiting
    assert insensitive(attack.findings) == []


def test_a_derivation_that_does_not_come_back_is_named():
    attack = auditing._Attack("a", (), (), 1)
    attack.after(Outcome(("a", None), late=True), 1)
    assert [(f.mutation, f.outcome) for f in attack.findings] == [("derivation", "timeout")]
    assert not attack.waiting


def test_the_tally_counts_kinds():
    rows = [
        Finding("a", "printed 1: swapped symbols x and y of x", "rejected"),
        Finding("b", "printed 9: swapped symbols u and v of u", "equivalent"),
        Finding("b", "model weight decay times 2", "rejected"),
        Finding("b", "model loss 3: covariance (u, v) of Joint(...)", "rejected"),
    ]
    assert tally(rows) == {
        "printed: swapped symbols": {"rejected": 1, "equivalent": 1},
        "model: weight decay": {"rejected": 1},
        "model: covariance": {"rejected": 1},
    }


def test_one_condition_in_two_forms_is_equivalent():
    claim = Claim("a", "lemma", sp.Gt(2 * x * y, 0, evaluate=False), lambda m: [Step("nothing")], valid())
    target = auditing.Target(claim)
    assert target._equality(x > sp.Rational(1, 4), 4 * x > 1)[0] == "equivalent"
    assert target._equality(x > sp.Rational(1, 4), 4 * x > 2)[0] == "survived"
    assert target._equality(x > sp.Rational(1, 4), 4 * x < 1)[0] == "survived"
    assert target._equality(x > sp.Rational(1, 4), 4 * x < 1)[0] == "survived"
    assert target._equality(sp.Lt(1, 4 * x), x > sp.Rational(1, 4))[0] == "equivalent"
    assert target._equality(sp.Gt(x**2 + 1, 0, evaluate=False), sp.Gt(2 * x**2 + 1, 0, evaluate=False))[0] == "survived"


def test_an_inequation_turned_into_an_equation_is_rejected():
    claim = Claim("a", "lemma", sp.Ne(x**2 + 1, 0, evaluate=False), lambda m: [Step("left side", x**2 + 1)], implied())
    found = outcomes(claim)
    assert set(found.values()) == {"rejected"}
    assert any("flipped" in label for label in found)


def test_what_overruns_is_a_timeout():
    garden = discover("toy.derivations")
    ((_, findings),) = audit_all(garden, garden.select(["garden.below"]), jobs=1, time_limit=1e-9)
    assert {f.outcome for f in findings} == {"timeout"}
