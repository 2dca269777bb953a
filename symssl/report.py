"""What people read: progress, tables and derivations in a terminal."""

import shutil
import sys
import textwrap

__all__ = ["audited", "decided", "derivation", "entry", "errata", "progress", "table", "warn"]


def warn(text):
    """One line on standard error."""
    print(f"symssl: {text}", file=sys.stderr)


def _width():
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def progress(outcomes, total, describe):
    """Pass the outcomes on while telling how many are done, on standard error.

    A live bar on a terminal, one plain line for each outcome elsewhere.

    >>> list(progress(iter([1, 2]), 2, str))
    [1, 2]
    """
    if sys.stderr.isatty():
        yield from _live(outcomes, total, describe)
        return
    for done, outcome in enumerate(outcomes, 1):
        print(f"[{done}/{total}] {describe(outcome)}", file=sys.stderr, flush=True)
        yield outcome


def _live(outcomes, total, describe):
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)
        for outcome in outcomes:
            bar.update(task, advance=1, description=describe(outcome))
            yield outcome


def table(heading, rows):
    """Print a table, its last column wrapped to the terminal."""
    rows = [[str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(heading, rows)
        return
    widths = [max(len(row[k]) for row in [heading, *rows]) for k in range(len(heading) - 1)]
    for row in [heading, *rows]:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        print("  ".join([*cells, row[-1]]).rstrip())


def _rich_table(heading, rows):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
    colours = {"holds": "green", "corrected": "yellow", "refuted": "red", "gap": "magenta",
               "open": "dim", "stipulated": "cyan", "survived": "red", "timeout": "yellow"}
    grid = Table(*heading, box=None, header_style="bold", padding=(0, 1))
    for row in rows:
        grid.add_row(*(Text(cell, style=colours.get(cell, ""), overflow="fold") for cell in row))
    Console().print(grid)


def _pretty(obj, names=None):
    """A formula over several lines, no wider than the terminal, in the notation given."""
    import sympy as sp
    from .claims.statement import as_statement
    from .pretty import pretty
    states = getattr(obj, "states", getattr(obj, "rhs", None)) if not isinstance(obj, sp.Basic) else None
    if hasattr(states, "items"):
        return "\n".join(_pretty(sp.Eq(sp.Symbol(f"d{name}/dt"), rhs, evaluate=False), names)
                         if isinstance(rhs, sp.Expr) and not getattr(rhs, "is_Matrix", False)
                         else f"d{name}/dt =\n{_pretty(rhs, names)}" for name, rhs in states.items())
    if isinstance(getattr(obj, "certificate", None), str):
        return obj.certificate
    try:
        obj = as_statement(obj)
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        return pretty(obj, unicode=unicode, columns=_width() - 8, names=names)
    except (ValueError, TypeError, AttributeError, NotImplementedError):
        return str(obj)


def _wrap(text, indent=0):
    pad = " " * indent
    return textwrap.fill(text, _width() - 2, initial_indent=pad, subsequent_indent=pad)


def _block(obj, indent, names):
    lines = [line.rstrip() for line in _pretty(obj, names).splitlines()]
    if max(map(len, lines), default=0) + indent > _width():
        lines = [part for line in lines for part in textwrap.wrap(line, _width() - indent - 2) or [""]]
    return textwrap.indent("\n".join(lines), " " * indent)


def entry(claim, paper, verdict):
    """The JSON object of a decided claim."""
    from .typeset import latex
    names = paper.notation
    return {"id": claim.id, "paper": paper.id, "kind": claim.kind, "cite": claim.cite,
            "source": claim.source, "verdict": verdict.verdict, "evidence": verdict.evidence,
            "seconds": round(verdict.seconds, 3), "statement_latex": latex(claim, names=names),
            "correction_latex": "" if verdict.correction is None else latex(verdict.correction, names=names),
            "witness": verdict.witness, "reason": verdict.reason}


def decided(row, found):
    """The JSON object of a decided claim given in words."""
    return {"id": row.id, "paper": row.paper, "kind": row.kind, "cite": row.cite, "source": row.source,
            "verdict": found.verdict, "evidence": found.evidence, "seconds": round(found.seconds, 3),
            "statement_latex": row.latex, "correction_latex": found.correction_latex,
            "witness": found.witness, "reason": found.reason, "cached": found.cached}


def audited(findings):
    """The outcomes of an audit of one claim in a few words.

    >>> audited([])
    'nothing to attack'
    """
    outcomes = [finding.outcome for finding in findings]
    return ", ".join(f"{outcomes.count(o)} {o}" for o in dict.fromkeys(sorted(outcomes))) or "nothing to attack"


def errata(found):
    """Print what does not hold as printed, paper after paper."""
    from .documents import counted
    paper = None
    for erratum in found:
        if erratum.paper != paper:
            paper = erratum.paper
            some = [other for other in found if other.paper == paper]
            print(("\n" if some[0] is not found[0] else "") + _wrap(f"{paper}: {erratum.title} ({counted(some)})"))
        print(f"\n  {erratum.place or 'no place given'}: {erratum.verdict} ({erratum.evidence})  [{erratum.id}]")
        if erratum.note:
            print(_wrap(erratum.note, 4))
        for name, text in [("printed", erratum.printed[0]), *(("correct", words) for words, _ in erratum.corrected),
                           ("see", ", ".join(erratum.companions)), ("witness", erratum.witness)]:
            if text:
                print(_wrap(f"{name + ':':9}{text}", 4))
    if not found:
        print("Nothing fails as printed.")


def derivation(claim, steps, verdict, names=None):
    """Print a claim, its derivation step by step, and the verdict; `names` as in :func:`symssl.latex`."""
    print(f"{claim.id}  ({claim.kind}, {claim.source}{', ' + claim.cite if claim.cite else ''})")
    if claim.note:
        print(_wrap(claim.note, 2))
    print("\nStatement as transcribed:\n")
    print(_block(claim.printed, 4, names))
    if claim.given:
        print("\nGiven:\n")
        for hypothesis in claim.given:
            print(_wrap(str(hypothesis), 4))
    if claim.model is not None:
        print(f"\nModel {claim.model.name}, loss:\n")
        print(_block(claim.model.loss, 4, names))
    for number, step in enumerate(steps, 1):
        detail = {"approximation": f", order {step.order}", "cited": f", {step.cite}"}.get(step.kind, "")
        print("\n" + _wrap(f"{number}. [{step.kind}{detail}] {step.text}"))
        if step.result is not None:
            print("\n" + _block(step.result, 4, names))
    print(f"\nVerdict: {verdict.verdict} ({verdict.evidence})")
    if verdict.correction is not None:
        print("\nCorrection:\n")
        print(_block(verdict.correction, 4, names))
    for name in ("witness", "reason"):
        if getattr(verdict, name):
            print(_wrap(f"{name.capitalize()}: {getattr(verdict, name)}"))
