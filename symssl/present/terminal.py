"""What people read: progress, tables and derivations in a terminal."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SymsslError
from ..support.display import words_of
from ..support.streams import printed, results

if TYPE_CHECKING:
    from ..claims.auditing.attack import Finding
    from ..claims.checking import Verdict
    from ..claims.claim import Claim
    from ..claims.ledger.errata import Erratum
    from ..claims.lines import CheckedLine

__all__ = [
    "audited",
    "counting",
    "derivation",
    "errata",
    "explanation",
    "progress",
    "table",
    "telling",
    "warn",
    "width",
]

T = TypeVar("T")
_TALL = 36  # lines of a formula that still fits on a screen


def warn(text: object) -> None:
    """One line on standard error."""
    print(f"symssl: {text}", file=sys.stderr)


def _say(text: str) -> None:
    """One or more lines of the result."""
    print(text, file=results())


def width() -> int:
    """Characters in a line of the terminal."""
    given = getattr(results(), "width", None)  # of a terminal that is somewhere else
    return max(40, shutil.get_terminal_size((100, 24)).columns) if given is None else given


def progress(outcomes: Iterable[T], total: int, describe: Callable[[T], str]) -> Iterator[T]:
    """Pass the outcomes on while telling how many are done, on standard error.

    >>> list(progress(iter([1, 2]), 2, str))
    [1, 2]
    """
    with telling() as tell:
        for done, outcome in enumerate(outcomes, 1):
            tell(done, total, describe(outcome))
            yield outcome


@contextmanager
def telling() -> Iterator[Callable[[int, int, str], None]]:
    """A callable ``(done, total, text)`` that tells what was done last, on standard error.

    A live bar on a terminal, one plain line for each call elsewhere.
    """
    if not sys.stderr.isatty():
        yield lambda done, total, text: print(f"[{done}/{total}] {text}", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)


@contextmanager
def counting(unit: str) -> Iterator[Callable[[int, int], None]]:
    """A callable ``(done, total)`` that tells how far a computation is, on standard error.

    A live bar on a terminal, a plain line for every twentieth elsewhere.
    """
    if not sys.stderr.isatty():
        told = -1

        def tell(done: int, total: int) -> None:
            nonlocal told
            if (share := 20 * done // total) > told:
                told = share
                print(f"[{done}/{total}] {unit}", file=sys.stderr, flush=True)

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, its last column wrapped to the terminal."""
    lines = [[str(cell) for cell in row] for row in rows]
    if results().isatty():
        _rich_table(heading, lines)
        return
    widths = [max(len(row[k]) for row in [heading, *lines]) for k in range(len(heading) - 1)]
    for row in [heading, *lines]:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        _say("  ".join([*cells, row[-1]]).rstrip())


def _rich_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {
        "holds": "green",
        "corrected": "yellow",
        "refuted": "red",
        "gap": "magenta",
        "open": "dim",
        "stipulated": "cyan",
        "survived": "red",
        "timeout": "yellow",
    }
    grid = Table(*heading, box=None, header_style="bold", padding=(0, 1))
    for row in rows:
        grid.add_row(*(Text(cell, style=colours.get(cell, ""), overflow="fold") for cell in row))
    Console(file=results()).print(grid)


def _pretty(obj, names=None, moving=False):
    """A formula over several lines, no wider than the terminal, in the notation given.

    Flows and mappings are shown entry by entry, `moving` ones as flows; tuples part by part.
    """
    from collections.abc import Mapping

    import sympy as sp

    flow = getattr(obj, "states", getattr(obj, "rhs", None)) if not isinstance(obj, sp.Basic) else None
    if hasattr(flow, "items"):
        obj, moving = flow, True
    if isinstance(obj, (Mapping, sp.Dict)):
        return "\n\n".join(_entry(key, value, names, moving) for key, value in obj.items())
    if isinstance(obj, (tuple, list, sp.Tuple)) and any(isinstance(part, (Mapping, sp.Dict, sp.Rel)) for part in obj):
        return "\n\n".join(_pretty(part, names) for part in obj)
    if isinstance(getattr(obj, "certificate", None), str):
        return obj.certificate
    return _formula(obj, names)


def _entry(key, value, names, moving):
    import sympy as sp

    name = _formula(key, names)
    name = f"d{name}/dt" if moving else name
    if "\n" not in name and isinstance(value, sp.Expr) and not getattr(value, "is_Matrix", False):
        return _formula(sp.Eq(sp.Symbol(name), value, evaluate=False), names)
    return f"{name} =\n{textwrap.indent(_pretty(value, names), '  ')}"


def _formula(obj, names):
    """Over several lines; a formula of more lines than fit on a screen is written one after the other."""
    from ..exact.statements import as_statement
    from .pretty import pretty

    try:
        unicode = (results().encoding or "").lower().startswith("utf")
        obj = as_statement(obj)
        text = pretty(obj, unicode=unicode, columns=width() - 12, names=names)
        return str(obj) if text.count("\n") >= _TALL else text
    except (ValueError, TypeError, AttributeError, NotImplementedError):
        return str(obj)


def _wrap(text, indent=0):
    pad = " " * indent
    return textwrap.fill(text, width() - 2, initial_indent=pad, subsequent_indent=pad)


def _block(obj, indent, names, moving=False):
    lines = [line.rstrip() for line in _pretty(obj, names, moving).splitlines()]
    if max(map(len, lines), default=0) + indent > width():
        lines = [
            part
            for line in lines
            for part in textwrap.wrap(line, width() - indent - 2, subsequent_indent="  ", break_long_words=False)
            or [""]
        ]
    return textwrap.indent("\n".join(lines), " " * indent)


def audited(findings: Iterable[Finding]) -> str:
    """The outcomes of an audit of one claim in a few words.

    >>> audited([])
    'nothing to attack'
    """
    outcomes = [finding.outcome for finding in findings]
    return ", ".join(f"{outcomes.count(o)} {o}" for o in dict.fromkeys(sorted(outcomes))) or "nothing to attack"


def errata(errata: Sequence[Erratum]) -> None:
    """Print what does not hold as printed, paper after paper."""
    from .documents import counted

    paper = None
    for erratum in errata:
        if erratum.paper != paper:
            paper = erratum.paper
            some = [other for other in errata if other.paper == paper]
            _say(("\n" if some[0] is not errata[0] else "") + _wrap(f"{paper}: {erratum.title} ({counted(some)})"))
        _say(f"\n  {erratum.place or 'no place given'}: {erratum.verdict} ({erratum.evidence})  [{erratum.id}]")
        if erratum.note:
            _say(_wrap(erratum.note, 4))
        for name, text in [
            ("printed", erratum.printed[0]),
            *(("correct", words) for words, _ in erratum.corrected),
            ("see", ", ".join(erratum.companions)),
            ("witness", erratum.witness),
        ]:
            if text:
                _say(_wrap(f"{name + ':':9}{text}", 4))
    if not errata:
        _say("Nothing fails as printed.")


def derivation(
    claim: Claim,
    lines: Sequence[CheckedLine],
    verdict: Verdict,
    *,
    comparison: str = "",
    symbols: Mapping[Any, str] | None = None,
    names: Mapping[str, str] | None = None,
    companions: Sequence[tuple[str, Claim, str]] = (),
) -> None:
    """Print a claim, its derivation line by line with what was checked, and the verdict.

    `lines` and `comparison` come from :mod:`symssl.claims.lines`; `symbols` says in words what is
    assumed of each; `names` is the paper's notation; `companions` are triples of what another claim
    is to this one, the claim, and its recorded verdict.
    """
    _say(f"{claim.id}  ({', '.join(filter(None, (claim.cite, claim.kind, claim.source)))})")
    if claim.note:
        _say(_wrap(claim.note, 2))
    said = {"printed": "Statement as printed", "new": "Statement"}.get(claim.source, "Statement as reconstructed")
    _heading("Statement, formalised" if claim.sentence is not None and claim.source == "printed" else said)
    _statement(claim, names)
    if claim.given or symbols:
        _heading("Hypotheses")
        for hypothesis in claim.given:
            _say(_block(hypothesis, 4, names))
        grouped: dict[str, list[str]] = {}
        for name, words in (symbols or {}).items():
            grouped.setdefault(words, []).append(_formula(name, names))
        for words, members in grouped.items():
            _say(_wrap(f"{', '.join(members)}: {words}", 4))
    if claim.model is not None:
        _heading(f"Model {claim.model.name}, loss")
        _say(_block(claim.model.loss, 4, names))
        if claim.model.weight_decay != 0:
            _say(_wrap(f"with weight decay {claim.model.weight_decay}", 4))
    if lines or claim.sentence is None:
        _heading("Derivation")
    digits = len(str(len(lines)))
    for number, line in enumerate(lines, 1):
        _say(_wrap(f"{number:>{digits}}. {line.step.text}"))
        if line.step.result is not None:
            _say("\n" + _result(claim, line, names) + "\n")
        _say(_wrap(f"[{line.mark}] {line.how}", 4) + "\n")
    if comparison:
        _say(_wrap(f"Comparison: {comparison}"))
    if claim.sizes:
        _say(_wrap(f"At stated sizes: {claim.sizes}"))
    _say(f"Verdict: {verdict.verdict} ({verdict.evidence})")
    for name in ("witness", "reason"):
        if getattr(verdict, name):
            _say(_wrap(f"{name.capitalize()}: {getattr(verdict, name)}"))
    if verdict.correction is not None:
        _heading("Correction")
        if claim.sentence is not None:
            _say(textwrap.indent(verdict.correction.text(names, width() - 6), "    "))
        else:
            _say(_block(verdict.correction, 4, names))
    for relation, other, recorded in companions:
        _heading(f"{relation}: {other.id}" + (f", {recorded}" if recorded else ""))
        _statement(other, names)


def explanation(derivations: str, claim_id: str, failures: Mapping[str, str], encoding: str, width: int) -> str:
    """What `derivation` prints of a claim of a collection; worked out where it is called, in a worker say.

    `failures` are the papers that cannot be imported.

    Raises `SymsslError` where the derivation crashes.
    """
    from ..claims.checking import attempt, judge
    from ..claims.discovery import discover
    from ..claims.ledger.lock import read_lock
    from ..claims.lines import assumptions, comparison, derived_steps, explained

    library = discover(derivations, failures=failures)
    claim, recorded = library.claim(claim_id), read_lock(library.lock)
    related = [("Put right by", other) for other in library.claims if other.corrects == claim_id]
    related += [("Puts right", other) for other in library.claims if other.id == claim.corrects]
    try:
        steps, refusal = attempt(claim)
        verdict = judge(claim, steps, refusal)
        lines = explained(claim, steps or derived_steps(verdict))
        compared, symbols = comparison(claim, verdict), assumptions(claim)
    except SymsslError:
        raise
    except BaseException as error:  # noqa: BLE001 - what a paper's own code does wrong is told in a line
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise SymsslError(
            f"the derivation of {claim_id} crashed: {words_of(error)} ({where.filename}:{where.lineno})"
        ) from None
    page = _Page(encoding, width)
    with printed(page):
        derivation(
            claim,
            lines,
            verdict,
            comparison=compared,
            symbols=symbols,
            names=library.papers[library.paper_of(claim_id)].notation,
            companions=[
                (relation, other, recorded.get(other.id, {}).get("verdict", "")) for relation, other in related
            ],
        )
    return page.getvalue()


class _Page(io.StringIO):
    """Text for a terminal that is somewhere else: its encoding and its width are given."""

    encoding = ""

    def __init__(self, encoding: str, width: int) -> None:
        super().__init__()
        self.encoding, self.width = encoding, width


def _heading(text):
    _say(f"\n{text}:\n")


def _statement(claim, names):
    """A sentence with what its names stand for; a transcribed statement in the paper's words and as it is decided."""
    from ..typeset.text import plain

    if claim.sentence is not None:
        _say(textwrap.indent(claim.sentence.text(names, width() - 6), "    "))
        _say("\nwhere\n")
        _definitions(claim.sentence, names)
        return
    if claim.statement_latex:
        _say(_wrap(plain(claim.statement_latex), 4) + "\n")
        _say("    decided as\n")
    _say(_block(claim.printed, 4, names))


def _result(claim, line, names):
    """What a step comes to: a fact in the words of the sentence, else a formula."""
    from ..statements.facts import Fact

    result = line.step.result
    if not isinstance(result, Fact):
        return _block(result, 8, names, line.mark == "rechecked")
    from ..language.exposition import proposition_text

    return textwrap.indent(proposition_text(claim.sentence, result.proposition, names, width() - 10), " " * 8)


def _definitions(sentence, names):
    """What every name in a sentence stands for, one a line."""
    from ..typeset.text import plain

    rows = [(plain(row.symbol), row.words, plain(row.kind)) for row in sentence.definitions(names)]
    wide = min(24, max((len(symbol) for symbol, *_ in rows), default=0))
    for symbol, *said in rows:
        text = f"{symbol.ljust(wide)}  {'; '.join(filter(None, said))}"
        _say(textwrap.fill(text, width() - 2, initial_indent=" " * 4, subsequent_indent=" " * (wide + 6)))
