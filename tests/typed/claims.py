"""Every public name of claims, present and support in use; checked by `mypy --strict`, never run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import sympy as sp

import symssl
from symssl import Claim, Model, Paper, Step, Verdict, audit, check, write_paper
from symssl.claims import (
    KINDS,
    LEVELS,
    OUTCOMES,
    SOURCES,
    STEP_KINDS,
    VERDICTS,
    Cache,
    Catalogue,
    Chapter,
    Counterexample,
    Decided,
    Enclosure,
    Erratum,
    Evidence,
    Finding,
    Library,
    NumericalExperiment,
    ProvedIdentity,
    Row,
    SignCondition,
    Stipulation,
    Verification,
    audit_all,
    check_all,
    cited,
    discover,
    enclosed,
    equivalent,
    errata,
    gap,
    identity,
    implied,
    order_of_error,
    refuted_at,
    same_value,
    stipulated,
    valid,
    verify,
)
from symssl.present import WrittenPaper, document, errata_latex, errata_markdown, ledger_table, pretty
from symssl.statements import Entailment
from symssl.support import (
    Outcome,
    Record,
    Task,
    WorkerFailure,
    all_of,
    described,
    did_you_mean,
    flag,
    folder,
    html_table,
    instance_of,
    mapping_of,
    number,
    one_of,
    package_at,
    path_of,
    random_generator,
    reals,
    run_one,
    run_tasks,
    same_content,
    sequence_of,
    spec_of,
    text_of,
    whole,
    write_path,
    write_text,
    write_whole,
)

x = sp.Symbol("x")


def steps(model: Model | None) -> Iterator[Step]:
    yield Step("expand", sp.expand((x + 1) ** 2))
    yield Step("keep", x, kind="approximation", order=x, cite=None, same=False)


def claims() -> None:
    model = Model("square", x**2, (x,), weight_decay=0, where=(), options={})
    claim = Claim("a.b", "equation", x**2, steps, identity(), given=(x > 0,), model=model, source="printed", cite="(1)")
    paper = Paper("a", "Title", "Author", (claim,), lambda: {"one": x}, models={"m": model.flow}, notation={"x": "x"})
    names: list[str] = [model.name, claim.id, claim.kind, claim.cite, claim.note, claim.corrects, claim.sizes]
    assert_type(claim.with_printed(x), Claim)
    assert_type(claim.latex(), str)
    assert_type(claim.model, Model | None)
    assert_type(paper.claims, tuple[Claim, ...])
    paper.model("m")
    print(names, paper.id, paper.title, paper.cite, paper.equations(), paper.models, paper.notation, paper.regimes)
    print(paper.experiments, model.loss, model.weights, model.weight_decay, model.where, model.options, claim.printed)
    for step in claim.steps(model):
        print(step.text, step.result, step.kind, step.order, step.cite, step.same, step.provision)
    verdict = check(claim, model=model, printed=x, time_limit=3.0)
    assert_type(verdict, Verdict)
    assert_type(verdict.steps, tuple[Step, ...])
    assert_type(verdict.proof, Evidence | Entailment | None)
    assert_type(verdict.seconds, float)
    print(verdict.id, verdict.verdict in VERDICTS, verdict.evidence in LEVELS, verdict.reason, verdict.witness)
    print(verdict.correction, verdict.error, KINDS, SOURCES, STEP_KINDS)


def deciders() -> None:
    for decide in (
        cited("a book"),
        enclosed(),
        equivalent(),
        gap(identity(), "a hypothesis"),
        identity("why these sizes suffice"),
        implied(),
        order_of_error(atol=sp.Rational(1, 10)),
        refuted_at({x: 1}, at={x: 2}),
        same_value(),
        stipulated(),
        valid(),
    ):
        evidence = decide(x, x, ())
        assert_type(evidence, Evidence)
        assert_type(evidence.verify(x, ()), str | None)
        print(evidence.printed, evidence.derived, evidence.supports, evidence.level, evidence.witness)
        print(evidence.verdict_on("lemma"))
    same = ProvedIdentity(x, x, reduction="", entrywise=False)
    print(same.reduction, same.entrywise, same.parts)
    sign = SignCondition(x > 0, x, "sides", ())
    assert_type(sign.proved(()), bool)
    print(sign.rule, sign.order, sign.obligations, Enclosure(x > 0, {x: (1, 2)}, True).held)
    point = Counterexample(x, x, {x: 1}, (), None, None, "")
    print(point.point, point.values, point.correction, point.repair, point.instance, point.remark)
    trial = NumericalExperiment(x, x, "seen", True)
    print(trial.summary, trial.agrees, Stipulation(x, x, {}, ()).instance, Stipulation(x, x, {}, ()).relations)


def libraries(out: Path) -> None:
    library = discover("papers", import_limit=30, failures={"draft": "not yet"})
    assert_type(library, Library)
    assert_type(library.claims, tuple[Claim, ...])
    assert_type(library.select(["a"]), tuple[Claim, ...])
    assert_type(library.claim("a.b"), Claim)
    assert_type(library.paper("a"), Paper)
    assert_type(library.lock, Path)
    print(library.package, library.place.shown, library.papers, library.failures, library.paper_of("a.b"))
    for verdict in check_all(library, library.claims, jobs=2, time_limit=60.0):
        assert_type(verdict, Verdict)
    for finding in audit(library.claims):
        assert_type(finding, Finding)
        print(finding.claim, finding.mutation, finding.outcome in OUTCOMES, finding.how, finding.kind)
    for name, findings in audit_all(library, library.claims, jobs=1, time_limit=1.0, most=3):
        assert_type(name, str)
        assert_type(findings, list[Finding])
    cache = Cache(out)
    print(cache.folder, cache.damaged, cache.trouble, cache.entries(), cache.info(), cache.clear())
    cache.write("verdicts", "0f", {})
    assert_type(cache.read("verdicts", "0f"), dict[str, Any] | None)
    catalogue = Catalogue(library.place, cache)
    assert_type(catalogue.select(["a"]), tuple[Row, ...])
    verified = verify(catalogue, catalogue.rows, jobs=1, time_limit=2.0, progress=lambda done, total, text: None)
    assert_type(verified, Verification)
    assert_type(verified.decided, tuple[Decided, ...])
    assert_type(verified.record(catalogue), Path)
    print(verified.rows, verified.differences, verified.notes, verified.crashed, catalogue.lock, catalogue.failures)
    wrong, stale = errata(catalogue.rows, catalogue.rows, {}, {})
    assert_type(wrong, list[Erratum])
    assert_type(stale, list[str])
    print(errata_latex(wrong, "Errata"), errata_markdown(wrong), document("x", "Title", landscape=True))
    print(ledger_table(zip(verified.rows, verified.decided), title="Ledger"), pretty(x, unicode=False, columns=80))
    written = write_paper("a", out, derivations=out, figures=out, jobs=1, time_limit=2.0, cache=False, progress=None)
    assert_type(written, WrittenPaper)
    assert_type(written.files, tuple[Path, ...])
    print(written.paper, written.folder, written.equations, written.figures, written.decided, written.differences)
    print(written.notes, written.crashed, written.as_recorded, symssl.write_paper)


def support(out: Path) -> None:
    assert_type(whole("n", 3, 1, 4), int)
    assert_type(number("t", 3, 1, 4), float)
    assert_type(flag("f", True), bool)
    assert_type(text_of("t", "a"), str)
    assert_type(all_of("t", ["a"], str, "texts"), tuple[str, ...])
    assert_type(instance_of("t", "a", str), str)
    assert_type(described(3), str)
    assert_type(mapping_of("v", {}), dict[Any, Any])
    assert_type(sequence_of("v", [], "numbers"), tuple[Any, ...])
    assert_type(reals("x", [1]), np.ndarray)
    assert_type(random_generator(3), np.random.Generator)
    assert_type(did_you_mean("a", ["b"]), str)
    assert_type(html_table("c", ("a",), [(1,)]), str)
    assert_type(path_of(package_at(out)), Path | None)
    print(one_of("m", "a", ("a",)), spec_of("a"), folder(out), write_text(out, ""), same_content(1, 1), Record)
    print(write_whole(out, lambda file: file.write(b"")), write_path(out, lambda name: None), WorkerFailure)
    for outcome in run_tasks([Task("key", len, ("a",), {}, ())], jobs=1, time_limit=1.0, then=None):
        assert_type(outcome, Outcome)
        print(outcome.key, outcome.value, outcome.error, outcome.late, outcome.seconds)
    run_one(len, ("a",), {}, 1.0, lambda seconds: None)


chapter = Chapter("demo")
assert_type(chapter.claims, tuple[Claim, ...])
assert_type(chapter.paper, str)
