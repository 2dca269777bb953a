"""Claims: deciders and verdicts."""

import math
import pickle
import time
from dataclasses import replace

import pytest
import sympy as sp
from expressions import EXPRESSIONS, GRID, x, y, z
from hypothesis import given, settings, strategies as st

from symssl.claims import (
    Claim,
    Counterexample,
    Identity,
    Model,
    NumericalExperiment,
    Paper,
    SignCondition,
    Step,
    Stipulation,
    check,
    check_all,
    discover,
)
from symssl.claims.checking import derive
from symssl.claims.deciders import (
    cited,
    enclosed,
    equivalent,
    gap,
    identity,
    implied,
    order_of_error,
    refuted_at,
    same_value,
    stipulated,
    valid,
)
from symssl.claims.ledger.lock import differences, entry, read_lock, record
from symssl.errors import InputError, Undecided
from symssl.exact.statements import as_statement
from symssl.language.relations import Commutes, Symmetric
from symssl.support.workers import run_tasks

r = sp.Symbol("r", real=True)
n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


def outcome(*args, **options):
    found = check(claim(*args, **options))
    return found.verdict, found.evidence


# --- malformed input ---------------------------------------------------------------------

STEPS = lambda model: [Step("derive", x)]  # noqa: E731


@pytest.mark.parametrize(
    "build, culprit",
    [
        (lambda: Step(""), "text"),
        (lambda: Step("a", kind="guess"), "guess"),
        (lambda: Step("a", kind="approximation"), "order"),
        (lambda: Step("a", kind="cited"), "cites"),
        (lambda: Claim("", "equation", x, STEPS, identity()), "id"),
        (lambda: Claim("a b", "equation", x, STEPS, identity()), "id"),
        (lambda: Claim("a", "saying", x, STEPS, identity()), "saying"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), source="rumour"), "rumour"),
        (lambda: Claim("a", "equation", x, [Step("b")], identity()), "steps"),
        (lambda: Claim("a", "equation", x, STEPS, "identity"), "decide"),
        (lambda: Claim("a", "equation", 0.5, STEPS, identity()), "exact"),
        (lambda: Claim("a", "equation", x + sp.Float(0.5), STEPS, identity()), "float"),
        (lambda: Claim("a", "equation", sp.nan, STEPS, identity()), "NaN"),
        (lambda: Claim("a", "equation", "x + 1", STEPS, identity()), "SymPy"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=(x < 0,)), "false"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=("x > 0",)), "hypothesis"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=x > 1), "tuple"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), model="cosine"), "Model"),
        (lambda: Model("", x, (x,)), "name"),
        (lambda: Model("m", x, (y,)), "y"),
        (lambda: Model("m", x, ()), "weight"),
        (lambda: Paper("p", "t", "c", (x,)), "Claim"),
        (
            lambda: Paper("p", "t", "c", [Claim("a", "equation", x, STEPS, identity())] * 2),
            r"claims\[0\] and claims\[1\]",
        ),
        (lambda: check("p.a"), "Claim"),
        (lambda: as_statement({"x": 1}), "SymPy"),
    ],
)
def test_malformed_input_names_the_culprit(build, culprit):
    with pytest.raises(InputError, match=culprit):
        build()


@pytest.mark.parametrize(
    "printed, derived, decide, message",
    [
        (x, sp.Symbol("x"), identity(), "two different symbols"),
        (sp.true, x, implied(), "evaluate=False"),
        (sp.Gt(x, y), sp.Gt(x, y), implied(), "difference"),
        (2, [(1, 1), (10, 2)], order_of_error(), "three decades"),
        (2, [(10**k, 0) for k in range(5)], order_of_error(), "rounding"),
        (x > 1, None, refuted_at({x: 0.5}), "exact"),
        (x > y, None, refuted_at({x: 1}), "no value to y"),
        (x > 1, {x: (2, 1)}, enclosed(), "empty"),
    ],
)
def test_malformed_decisions(printed, derived, decide, message):
    with pytest.raises(InputError, match=message):
        check(claim(printed, derived, decide))


def test_a_derivation_without_steps_is_malformed():
    with pytest.raises(InputError, match="no step"):
        check(Claim("a", "equation", x, lambda model: [], identity()))
    with pytest.raises(InputError, match="not a Step"):
        check(Claim("a", "equation", x, lambda model: [x], identity()))


# --- verdicts ----------------------------------------------------------------------------

HALF = sp.Rational(1, 2)
CAYLEY = sp.MatrixSymbol("C", 2, 2)


@pytest.mark.parametrize(
    "printed, derived, decide, options, expected",
    [
        ((x + 1) ** 2, x**2 + 2 * x + 1, identity(), {}, ("holds", "symbolic")),
        ((x + 1) ** 2, x**2 - 2 * x + 1, identity(), {}, ("corrected", "symbolic")),
        ({x: x * y, y: 2}, {x: y * x, y: 3}, identity(), {}, ("corrected", "symbolic")),
        ((x, y), (x, y, z), identity(), {}, ("corrected", "symbolic")),
        (x, y, identity(), {"given": (sp.Eq(x, y),)}, ("holds", "symbolic")),
        (x, x, identity(), {"given": (x < y, y < x)}, ("open", "none")),
        (sp.erf(x) + sp.erf(-x), 0, identity(), {}, ("holds", "symbolic")),
        (3, 3, same_value(), {}, ("holds", "symbolic")),
        (3, 4, same_value(), {}, ("corrected", "symbolic")),
        ({2, 4}, sp.FiniteSet(4, 2), same_value(), {}, ("holds", "symbolic")),
        (sp.Ge(x**2 + 1, 2 * x), None, valid(), {}, ("holds", "symbolic")),
        (sp.Gt(x**2 + 1, 2 * x), None, valid(), {}, ("refuted", "symbolic")),
        (sp.Eq((x + y) ** 2, x**2 + y**2), None, valid(), {}, ("refuted", "symbolic")),
        (sp.Gt(x**2 + x, 0, evaluate=False), x * (1 + x), implied(), {}, ("holds", "symbolic")),
        (sp.Gt(x**2 + x, 0, evaluate=False), x, implied(), {}, ("open", "none")),
        (x > HALF / 2, 4 * x > 1, equivalent(), {}, ("holds", "symbolic")),
        (x > HALF / 2, 1 < 4 * x, equivalent(), {}, ("holds", "symbolic")),
        (x > HALF / 2, x < HALF / 2, equivalent(), {}, ("corrected", "symbolic")),
        (x > HALF, x > HALF / 2, equivalent(), {}, ("corrected", "symbolic")),
        (x >= HALF, x > HALF, equivalent(), {}, ("corrected", "symbolic")),
        (sp.And(x > 1, y < 1), sp.And(2 * y < 2, x > 1), equivalent(), {}, ("holds", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 2}), {}, ("refuted", "symbolic")),
        (x**2 < 3, None, refuted_at({x: sp.sqrt(5)}), {}, ("refuted", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 1}), {}, ("open", "none")),
        (x**2 < 3, None, refuted_at({x: -2}), {}, ("open", "symbolic")),
        (x**2 < 3, None, refuted_at({x: 2}), {"given": (x < 1,)}, ("open", "symbolic")),
        (x**2 < 3, {x: (1, HALF * 3)}, enclosed(), {}, ("holds", "certified")),
        (x**2 < 3, {x: (2, 3)}, enclosed(), {}, ("refuted", "certified")),
        (x**2 < 3, {x: (1, 2)}, enclosed(), {}, ("open", "none")),
        (2, [(HALF**k, 3 * HALF ** (2 * k)) for k in range(0, 14, 2)], order_of_error(), {}, ("open", "numerical")),
        (sp.Eq(x, y + 1), None, stipulated(), {}, ("stipulated", "symbolic")),
        (sp.Eq(x, y + 1), {x: 2, y: 2}, stipulated(), {}, ("open", "symbolic")),
        (sp.Eq(x, y + 1), {x: 3, y: 2}, stipulated(), {}, ("stipulated", "symbolic")),
        (sp.Eq(A, A.T), None, stipulated(Symmetric(A)), {}, ("stipulated", "symbolic")),
        (sp.Eq(A, A.T), None, stipulated(), {}, ("open", "symbolic")),
        (x, y, cited("a book"), {}, ("open", "none")),
        (0, x, gap(identity(), "x = 0"), {}, ("gap", "symbolic")),
        (x, x, gap(identity(), ""), {}, ("holds", "symbolic")),
        (A * B, B * A, identity(), {}, ("corrected", "symbolic")),
        (A * B, B * A, identity(), {"given": (Commutes(A, B),)}, ("holds", "symbolic")),
        (sp.Trace(A * B), sp.Trace(B * A), identity(), {}, ("holds", "symbolic")),
        (
            CAYLEY**2
            - sp.Trace(CAYLEY) * CAYLEY
            + (sp.Trace(CAYLEY) ** 2 - sp.Trace(CAYLEY * CAYLEY)) / 2 * sp.Identity(2),
            sp.ZeroMatrix(2, 2),
            identity(),
            {},
            ("open", "instance"),
        ),
        (
            CAYLEY**2
            - sp.Trace(CAYLEY) * CAYLEY
            + (sp.Trace(CAYLEY) ** 2 - sp.Trace(CAYLEY * CAYLEY)) / 2 * sp.Identity(2),
            sp.ZeroMatrix(2, 2),
            identity("a statement about 2 x 2 matrices"),
            {},
            ("holds", "instance"),
        ),
    ],
)
def test_verdicts(printed, derived, decide, options, expected):
    assert outcome(printed, derived, decide, **options) == expected


def test_a_correction_carries_a_witness_that_is_right():
    found = check(claim(x**2 + y, x**2 - y, identity()))
    assert found.correction == x**2 - y
    a, b = (found.proof.point[s] for s in (x, y))
    assert found.witness.startswith(f"x = {a}, y = {b}")
    assert a**2 + b != a**2 - b


def test_approximations_are_part_of_the_verdict():
    steps = lambda model: [Step("drop the square", x, kind="approximation", order="x^2"), Step("tidy", x)]  # noqa: E731
    found = check(Claim("a", "equation", x, steps, identity()))
    assert found.verdict == "holds" and "approximation 'drop the square' of order x^2" in found.reason


def test_what_is_only_assumed_is_not_derived():
    steps = lambda model: [Step("assume it", x, kind="assumption")]  # noqa: E731
    assert check(Claim("a", "equation", x, steps, identity())).verdict == "open"


def test_a_refusal_leaves_the_claim_open_with_its_reason():
    def steps(model):
        yield Step("first", x)
        raise Undecided("the frame is not invariant", y)

    found = check(Claim("a", "equation", x, steps, identity()))
    assert found.verdict == "open" and "the frame is not invariant; residual: y" in found.reason
    assert [step.text for step in found.steps] == ["first"]


FORGED = [
    lambda p, d, g: Identity(p, p),
    lambda p, d, g: Identity(d, d),
    lambda p, d, g: Counterexample(p, d, {x: 1, y: 0}, (1, 0)),
    lambda p, d, g: Counterexample(p, d, {}, (), correction=x),
    lambda p, d, g: Counterexample(p, d, {x: 1, y: 1}, (2, 0), correction=x),
    lambda p, d, g: Stipulation(sp.Eq(x, y), d, {x: 1, y: 1}),
    lambda p, d, g: NumericalExperiment(p, d, "looks fine", True),
]


@pytest.mark.parametrize("forge", FORGED)
def test_forged_evidence_settles_nothing(forge):
    """`check` believes no decider: the statement x + y against the derived y + x + 0 or x - y."""
    derived = x - y
    found = check(claim(x + y, derived, forge))
    assert found.verdict == "open", found


@pytest.mark.parametrize("order", [(), (0, 0), (1, 0)])
def test_conditions_are_matched_one_to_one(order):
    """Parts left out or used twice prove nothing: x > 1 and y > 1 against x > 1 and z > 1."""
    forged = SignCondition(sp.And(x > 1, y > 1), sp.And(x > 1, z > 1), "conditions", order)
    found = check(claim(forged.printed, forged.derived, lambda p, d, g: forged))
    assert found.verdict == "open"


def test_what_is_not_evidence_is_an_error():
    with pytest.raises(InputError, match="not evidence"):
        check(claim(x, x, lambda p, d, g: "holds"))


def test_given_cannot_be_satisfied_by_no_matrix():
    from symssl.language.relations import Orthonormal

    found = check(claim(A, A, identity(), given=(Commutes(A, B), Symmetric(A), Orthonormal(B))))
    assert found.verdict in ("holds", "open")
    tall = sp.MatrixSymbol("T", 3, 2)
    assert check(claim(tall, tall, identity(), given=(Orthonormal(tall),))).verdict == "holds"


@given(EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=25)
def test_holds_and_corrected_exclude_each_other(left, right):
    found = check(claim(left[0], right[0], identity()))
    agree = all(left[1](v) == right[1](v) for v in GRID)
    assert found.verdict == ("holds" if agree else "corrected")


def test_a_part_that_is_equal_in_another_form_does_not_hide_one_that_differs():
    """Parts are compared to the last: A (A + B) is A^2 + A B, and the second parts differ."""
    printed, derived = sp.Tuple(A * (A + B), A * B), sp.Tuple(A * A + A * B, B * A)
    assert printed[0] != derived[0]
    assert check(claim(printed, derived, identity())).verdict == "corrected"


def test_verdicts_travel_between_processes():
    found = check(claim(x**2 + y, x**2 - y, identity()))
    assert pickle.loads(pickle.dumps(found)).correction == found.correction


# --- time limits, workers ----------------------------------------------------------------


def sleepy(model):
    time.sleep(600)
    yield Step("never", x)


def test_the_time_limit_kills():
    started = time.monotonic()
    found = check(Claim("a", "equation", x, sleepy, identity()), time_limit=1)
    assert (found.verdict, found.reason) == ("open", "time limit")
    assert time.monotonic() - started < 300  # half of what the claim would take


def test_a_time_limit_needs_importable_steps():
    with pytest.raises(InputError, match="importable"):
        check(claim(x, x, identity()), time_limit=1)


def test_workers_are_replaced_after_death_and_delay():
    tasks = [
        ("late", time.sleep, (600,)),
        ("dead", math.factorial, (-1,)),
        ("exit", _exit, ()),
        ("good", math.sqrt, (9,)),
        ("mute", _unpicklable, ()),
    ]
    for limit in (1, 10, 100):  # on a busy machine the quick tasks may need longer
        found = {o.key: o for o in run_tasks(tasks, jobs=1, time_limit=limit)}
        if [key for key, o in found.items() if o.late] == ["late"]:
            break
    assert found["late"].late and not found["good"].late
    assert "ValueError" in str(found["dead"].error)
    assert "exit code 3" in str(found["exit"].error)
    assert "cannot be sent back" in str(found["mute"].error)
    assert found["good"].value == 3


def _exit():
    import os

    os._exit(3)


def _unpicklable():
    return lambda: 0


# --- discovery and ledger ----------------------------------------------------------------


@pytest.fixture(scope="module")
def garden():
    return discover("toy.derivations")


def test_discovery(garden):
    assert list(garden.papers) == ["garden"] and not garden.failures
    assert garden.select(["garden.slip"])[0].cite == "eq. 2"
    assert garden.select() == garden.select(["garden"]) == garden.claims
    with pytest.raises(InputError, match="garden.flow"):
        garden.select(["garden.flwo"])


def _package(folder, name, **modules):
    package = folder / name
    package.mkdir()
    for module, text in {"__init__": "", **modules}.items():
        (package / f"{module}.py").write_text(text)


ONE = (
    "import sympy as sp\nfrom symssl.claims import Claim, Paper, Step\n"
    "from symssl.claims.deciders import same_value\n"
    "def steps(model):\n    yield Step('count', len('ab'))\n"
    "PAPER = Paper('{0}', 'T', 'c', (Claim('{1}', 'result', 2, steps, same_value()),))\n"
)


def test_a_broken_module_is_named_and_the_others_run(tmp_path, monkeypatch):
    _package(
        tmp_path,
        "pkg_broken",
        good=ONE.format("good", "good.a"),
        bad="import nothing_like_this",
        empty="x = 1",
        wrong=ONE.format("other", "other.a"),
    )
    monkeypatch.syspath_prepend(tmp_path)
    library = discover("pkg_broken")
    assert list(library.papers) == ["good"]
    assert "nothing_like_this" in library.failures["bad"] and "PAPER" in library.failures["empty"]
    assert "wrong" in library.failures
    with pytest.raises(InputError, match="bad failed to import"):
        library.select(["bad"])
    verdicts = list(check_all(library, library.claims, jobs=1))
    assert [v.verdict for v in verdicts] == ["holds"]


def test_two_claims_with_one_id(tmp_path, monkeypatch):
    _package(tmp_path, "pkg_twice", one=ONE.format("one", "same"), two=ONE.format("two", "same"))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="pkg_twice.one and in pkg_twice.two"):
        discover("pkg_twice")


def test_no_package():
    with pytest.raises(InputError, match="no_such_package"):
        discover("no_such_package")


def test_the_whole_garden(garden):
    found = {v.id: v for v in check_all(garden, garden.claims, jobs=2, time_limit=60)}
    assert {name.removeprefix("garden."): v.verdict for name, v in found.items()} == {
        "loss": "stipulated",
        "flow": "holds",
        "slip": "corrected",
        "linear": "holds",
        "convex": "holds",
        "pull": "holds",
        "degree": "holds",
        "below": "refuted",
        "range": "holds",
        "gap": "gap",
        "order": "open",
        "cited": "open",
    }
    assert not any(v.error for v in found.values())
    assert "observed order 3.000" in found["garden.order"].witness
    assert "b = 0" in found["garden.gap"].reason


def test_the_lock_is_read_back_and_compared(tmp_path, garden):
    one, two = garden.claims[1:3]
    entries = {c.id: entry(c, check(c)) for c in (one, two)}
    assert read_lock(tmp_path / "lock.json") == {}
    record(tmp_path / "lock.json", entries, {one.id, two.id})
    assert read_lock(tmp_path / "lock.json") == entries
    assert differences(read_lock(tmp_path / "lock.json"), entries) == []
    changed = {**entries, two.id: {**entries[two.id], "verdict": "holds"}}
    assert differences(entries, changed) == [f"{two.id}: verdict is holds, recorded corrected"]
    record(tmp_path / "lock.json", {one.id: entries[one.id]}, {one.id})  # the other claim is gone
    assert set(read_lock(tmp_path / "lock.json")) == {one.id}


def test_recorded_entries_do_not_depend_on_the_process(garden):
    """Witnesses come from fixed seeds, not from hash order."""
    import os
    import subprocess
    import sys

    code = (
        "from symssl.claims import check, discover; from symssl.claims.ledger import entry; import json;"
        "c = discover('toy.derivations').claim('garden.slip'); print(json.dumps(entry(c, check(c))))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**env, "PYTHONHASHSEED": seed},
            text=True,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def test_a_damaged_lock_is_named(tmp_path):
    (tmp_path / "ledger.lock.json").write_text("{")
    with pytest.raises(InputError, match="ledger.lock.json is not a ledger"):
        read_lock(tmp_path / "ledger.lock.json")


def test_derive_returns_the_steps(garden):
    assert [s.text for s in derive(garden.claim("garden.flow"))] == ["differentiate the loss"]


def test_a_statement_that_has_been_evaluated_is_refused():
    with pytest.raises(InputError, match="evaluate=False"):
        Claim("a.b", "equation", sp.Eq(sp.Integer(1), 1), lambda model: [], lambda *a: None)


# --- lines, explicit matrices, experiments -----------------------------------------------


def lines(*results, same):
    def steps(model):
        yield Step("first", results[0])
        yield from (Step("again", result, same=same) for result in results[1:])

    return steps


@given(st.integers(-5, 5))
def test_a_line_that_repeats_the_line_before_is_proved_equal(k):
    expanded = x**2 + 2 * k * x + k**2
    claim = Claim("demo.lines", "equation", expanded, lines((x + k) ** 2, expanded, same=True), identity())
    assert check(claim).verdict == "holds"
    wrong = Claim("demo.lines", "equation", expanded, lines((x + k + 1) ** 2, expanded, same=True), identity())
    found = check(wrong)
    assert found.verdict == "open" and "line 2" in found.reason


def test_a_first_line_repeats_nothing_and_words_cannot():
    with pytest.raises(InputError, match="repeat"):
        Step("only words", same=True)


size = sp.Symbol("size", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", size, size), sp.MatrixSymbol("B", size, size)
SHIFT, UNIT = sp.Matrix([[0, 1], [0, 0]]), sp.eye(2)


@pytest.mark.parametrize(
    "printed, point, given_, verdict",
    [
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: SHIFT.T}, (), "refuted"),
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: UNIT}, (), "open"),
        (sp.Eq(A * B, B * A, evaluate=False), {A: SHIFT, B: SHIFT.T}, (Symmetric(A),), "open"),
        (sp.Gt(sp.Trace(A * A), 0, evaluate=False), {A: SHIFT}, (), "refuted"),
        (sp.Gt(sp.Trace(A * A), 0, evaluate=False), {A: UNIT}, (), "open"),
        (sp.Gt(sp.Trace(A * B), 0, evaluate=False), {A: -UNIT, B: UNIT}, (sp.Gt(sp.Trace(B), 1),), "refuted"),
        (sp.Gt(sp.Trace(A * B), 0, evaluate=False), {A: UNIT, B: -UNIT}, (sp.Gt(sp.Trace(B), 1),), "open"),
    ],
)
def test_explicit_matrices_as_witness(printed, point, given_, verdict):
    claim = Claim(
        "demo.matrices",
        "theorem",
        printed,
        lambda model: iter([Step("nothing to derive")]),
        refuted_at(point),
        given=given_,
    )
    assert check(claim).verdict == verdict


@pytest.mark.parametrize(
    "point, culprit",
    [
        ({A: SHIFT}, "B"),
        ({A: SHIFT, B: sp.eye(3)}, "3 x 3"),
        ({A: SHIFT, B: sp.sqrt(2) * UNIT}, "rational"),
        ({A: SHIFT, B: 1}, "explicit matrix"),
    ],
)
def test_bad_matrix_witness(point, culprit):
    claim = Claim(
        "demo.matrices",
        "theorem",
        sp.Eq(A * B, B * A, evaluate=False),
        lambda model: iter([Step("nothing")]),
        refuted_at(point),
    )
    with pytest.raises(InputError, match=culprit):
        check(claim)


@pytest.mark.parametrize(
    "kind, power, verdict", [("approximation", 2, "holds"), ("approximation", 1, "refuted"), ("theorem", 2, "open")]
)
def test_experiments_decide_numerical_statements_only(kind, power, verdict):
    def steps(model):
        sizes = [sp.Rational(1, 10**k) for k in range(1, 6)]
        yield Step("errors", tuple((h, 3 * h**2) for h in sizes))

    found = check(Claim("demo.order", kind, sp.Integer(power), steps, order_of_error()))
    assert found.verdict == verdict and found.evidence == "numerical"


@pytest.mark.parametrize(
    "more, culprit",
    [
        ({"corrects": "demo.a"}, "another claim"),
        ({"corrects": "demo.b"}, "source='new'"),
        ({"source": "elsewhere"}, "source"),
    ],
)
def test_what_corrects_another_claim_is_new(more, culprit):
    with pytest.raises(InputError, match=culprit):
        Claim("demo.a", "result", x, lambda model: iter(()), identity(), **more)


def test_stated_sizes_make_the_evidence_that_of_an_instance():
    def steps(model):
        yield Step("expand", sp.expand((x + 1) ** 2))

    plain = Claim("demo.sizes", "equation", x**2 + 2 * x + 1, steps, identity())
    assert check(plain).evidence == "symbolic"
    assert check(replace(plain, sizes="two modes: the others are alike")).evidence == "instance"


def test_identity_without_a_derived_result_is_refused():
    claim = Claim("demo.none", "equation", x, lambda model: iter([Step("only words")]), identity())
    with pytest.raises(InputError, match="last step has none"):
        check(claim)
