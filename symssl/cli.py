"""The command line.  Only click is imported here; everything else waits for its command."""

import json
import os
import sys
from fractions import Fraction

import click

from .errors import InputError, SymsslError
from .regimecli import diagram, regimes

__all__ = ["main"]

_INTERRUPTED = 130


class _Rational(click.ParamType):
    """A number such as 3, 0.5 or 1/4, read exactly and never evaluated."""

    name = "number"

    def convert(self, value, param, ctx):
        try:
            if not isinstance(value, Fraction) and len(value.lower().partition("e")[2]) > 4:
                raise ValueError("an exponent of that size is no number to work with")
            return value if isinstance(value, Fraction) else Fraction(value)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is not a number; write 3, 0.5 or 1/4", param, ctx)


class _Seconds(_Rational):
    """A positive number of seconds."""

    def convert(self, value, param, ctx):
        seconds = super().convert(value, param, ctx)
        if seconds <= 0:
            self.fail(f"{value!r} is not positive", param, ctx)
        return seconds


class _Setting(_Rational):
    """``name=number``."""

    name = "name=number"

    def convert(self, value, param, ctx):
        name, sign, number = value.partition("=")
        if not sign or not name:
            self.fail(f"{value!r} is not of the form name=number", param, ctx)
        return name, super().convert(number, param, ctx)


_names = click.argument("names", nargs=-1, metavar="[ID|PAPER]...")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
_jobs = click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
                     help="Worker processes; as many as there are cores if not given.")


def _limit(default):
    return click.option("--time-limit", type=_Seconds(), default=default, show_default=True,
                        help="Seconds for each task; what overruns is killed and reported.")


def _examples(*lines):
    return "\b\nExamples:\n" + "\n".join(f"  symssl {line}" for line in lines)


@click.group(epilog=_examples("list", "verify", "show PAPER.eq7", "reproduce PAPER -o out"),
             context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="symssl", message="%(version)s")
@click.option("--derivations", metavar="PACKAGE", help="Take the papers from this package instead.")
@click.option("--figures", metavar="PACKAGE", help="Take the figures from this package instead.")
@click.pass_context
def cli(context, derivations, figures):
    """From a loss on paper to a regime diagram, with every step decided by the machine.

    PAPER is the name of a derivation, ID that of a claim; `symssl list` shows both.
    """
    context.obj = derivations, figures


def _library(context):
    """The papers; those that fail to import are named and the others go on."""
    from .claims.discovery import DERIVATIONS, discover
    from .report import warn
    library = discover(context.obj[0] or DERIVATIONS)
    for name, reason in library.failures.items():
        warn(f"{name} failed to import: {reason}")
    return library


def _out(data):
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))


@cli.command("list", epilog=_examples("list", "list PAPER --json"))
@_names
@_json
@click.pass_context
def list_(context, names, as_json):
    """List claims with their recorded verdicts."""
    from .claims.ledger import read_lock
    from .report import table
    library = _library(context)
    recorded = read_lock(library.folder)
    rows = []
    for claim in library.select(names):
        found = recorded.get(claim.id, {})
        rows.append({"id": claim.id, "paper": library.paper_of(claim.id), "kind": claim.kind,
                     "source": claim.source, "cite": claim.cite,
                     "verdict": found.get("verdict", "not recorded"), "evidence": found.get("evidence", "none")})
    if as_json:
        _out(rows)
    else:
        keys = ("id", "kind", "source", "verdict", "evidence", "cite")
        table(keys, [[row[key] for key in keys] for row in rows])
    return int(bool(library.failures))


@cli.command(epilog=_examples("verify", "verify PAPER -j 2", "verify PAPER.eq7 --json", "verify --record"))
@_names
@_json
@_jobs
@_limit("300")
@click.option("--record", "rewrite", is_flag=True, help="Write the verdicts into the ledger's lock file.")
@click.pass_context
def verify(context, names, as_json, jobs, time_limit, rewrite):
    """Derive and decide claims; exit 0 if all came out as recorded."""
    from .claims.ledger import entry, record
    from .report import entry as describe, table, warn
    library = _library(context)
    decided = _decide(library, library.select(names), jobs, time_limit)
    if as_json:
        _out([describe(claim, library.papers[library.paper_of(claim.id)], v) for claim, v in decided])
    else:
        table(("id", "verdict", "evidence", "seconds", "reason"), _summary(decided))
    crashed = [v for _, v in decided if v.error]
    for verdict in crashed:
        warn(f"{verdict.id} crashed:\n{verdict.error}")
    if rewrite and not crashed:
        known = {claim.id for claim in library.claims}
        if library.failures:    # the claims of a paper that failed to import are still claims
            from .claims.ledger import read_lock
            known |= set(read_lock(library.folder))
        path = record(library.folder, {c.id: entry(c, v) for c, v in decided}, known)
        warn(f"recorded {len(decided)} verdicts in {path}")
        return int(bool(library.failures))
    return int(_compare(library, decided, whole=not names) or bool(crashed or library.failures))


def _decide(library, claims, jobs, time_limit):
    """``(claim, verdict)`` in library order, with progress on standard error."""
    from .claims.batch import check_all
    from .report import progress
    outcomes = check_all(library, claims, jobs=jobs, time_limit=float(time_limit))
    found = {v.id: v for v in progress(outcomes, len(claims), lambda v: f"{v.id}: {v.verdict} ({v.seconds:.1f} s)")}
    return [(claim, found[claim.id]) for claim in claims]


def _summary(decided):
    for claim, verdict in decided:
        why = "; ".join(filter(None, (verdict.witness, verdict.reason)))
        yield claim.id, verdict.verdict, verdict.evidence, f"{verdict.seconds:.2f}", why


def _compare(library, decided, whole):
    """Say what differs from the recorded ledger; true if anything does."""
    from .claims.ledger import differences, entry, read_lock
    from .report import warn
    recorded = read_lock(library.folder)
    lines = differences(recorded, {claim.id: entry(claim, v) for claim, v in decided})
    if whole and not library.failures:
        lines += [f"{claim_id}: recorded, but there is no such claim"
                  for claim_id in sorted(set(recorded) - {claim.id for claim in library.claims})]
    for line in lines:
        warn(line)
    return bool(lines)


@cli.command(epilog=_examples("show PAPER.eq7"))
@click.argument("claim_id", metavar="ID")
@click.pass_context
def show(context, claim_id):
    """Print the derivation of a claim step by step, and its verdict."""
    from .claims.checking import attempt, judge
    from .report import derivation
    library = _library(context)
    claim = library.claim(claim_id)
    steps, refusal = attempt(claim)
    derivation(claim, steps, judge(claim, steps, refusal), library.papers[library.paper_of(claim_id)].notation)


@cli.command(epilog=_examples("latex PAPER", "latex PAPER.eq7", "latex PAPER --model MODEL --set rho=1/4"))
@click.argument("names", nargs=-1, required=True, metavar="ID|PAPER...")
@click.option("--model", "flow", metavar="NAME", help="A flow of the paper instead of all its equations.")
@click.option("--set", "settings", type=_Setting(), multiple=True, help="Fix a parameter of the flow.")
@click.pass_context
def latex(context, names, flow, settings):
    """Print derived equations, or the statement of a claim, as LaTeX."""
    from .typeset import latex as typeset
    library = _library(context)
    if settings and not flow:
        raise InputError("--set fixes parameters of a flow: name one with --model")
    for name in names:
        if flow:
            click.echo(typeset(_flow(library.paper(name), flow, settings), names=library.papers[name].notation))
        elif name in library.papers:
            paper = library.papers[name]
            for label, equation in paper.equations().items():
                click.echo(typeset(equation, names=paper.notation, label=f"{name}:{label}"))
        else:
            claim = library.claim(name)
            click.echo(typeset(claim, names=library.papers[library.paper_of(name)].notation))


def _flow(paper, name, settings):
    """A flow of the paper with some parameters fixed to exact numbers."""
    from .claims.points import as_rational
    return paper.model(name).fix(**{symbol: as_rational(value) for symbol, value in settings})


@cli.command(epilog=_examples("figure PAPER -o figures", "figure PAPER regimes -o figures"))
@click.argument("paper")
@click.argument("names", nargs=-1)
@click.option("-o", "--out", default=".", show_default=True, metavar="DIR", help="Where to put them.")
@click.pass_context
def figure(context, paper, names, out):
    """Draw figures of a paper as PDF and PNG."""
    from .files import folder
    library = _library(context)
    library.paper(paper)
    makers = _figures(context, paper, names)
    _draw(makers, folder(out))


def _figures(context, paper, names=()):
    """Name -> function that draws on a figure; `InputError` for names that are not there."""
    from difflib import get_close_matches
    from importlib import import_module
    from .claims.discovery import FIGURES
    module = f"{context.obj[1] or FIGURES}.{paper}"
    try:
        makers = import_module(module).FIGURES
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            raise InputError(f"{paper} has no figures: there is no module {module}") from None
        raise
    for name in names:
        if name not in makers:
            near = get_close_matches(name, makers, 3, 0.4) or list(makers)
            raise InputError(f"{paper} has no figure {name!r}; did you mean {' or '.join(near)}?")
    return {name: makers[name] for name in names or makers}


def _draw(makers, where):
    from . import draw
    from .report import progress
    def drawn():
        for name, make in makers.items():
            with draw.style():
                fig = draw.figure()
                make(fig)
                yield name, draw.save(fig, where / name)
    return [paths for _, paths in progress(drawn(), len(makers), lambda item: f"figure {item[0]}")]


@cli.command(epilog=_examples("audit PAPER", "audit PAPER.eq7 --json"))
@_names
@_json
@_jobs
@_limit("60")
@click.pass_context
def audit(context, names, as_json, jobs, time_limit):
    """Attack the checker with wrong statements and changed models; exit 0 if none gets through."""
    from collections import Counter
    from .claims.auditing import OUTCOMES, audit_all, plan
    from .report import progress, table, warn
    library = _library(context)
    claims = library.select(names)
    tasks = plan(library, claims, jobs=jobs)
    findings = list(progress(audit_all(tasks, jobs=jobs, time_limit=float(time_limit)), len(tasks),
                             lambda f: f"{f.claim}: {f.mutation}: {f.outcome}"))
    if as_json:
        _out([{"claim": f.claim, "mutation": f.mutation, "outcome": f.outcome} for f in findings])
    else:
        counts = {claim.id: Counter(f.outcome for f in findings if f.claim == claim.id) for claim in claims}
        table(("claim", *OUTCOMES), [(name, *(count[o] for o in OUTCOMES)) for name, count in counts.items()])
    bad = [f for f in findings if f.outcome in ("survived", "timeout")]
    for finding in bad:
        warn(f"{finding.claim}: {finding.mutation}: {finding.outcome} ({finding.how})")
    return int(bool(bad or library.failures))


@cli.command(epilog=_examples("reproduce PAPER -o out"))
@click.argument("paper")
@click.option("-o", "--out", default="out", show_default=True, metavar="DIR", help="Where to put everything.")
@_jobs
@_limit("300")
@click.pass_context
def reproduce(context, paper, out, jobs, time_limit):
    """Decide every claim of a paper and write its ledger, equations and figures."""
    from .files import folder, write_text
    from .report import entry as describe, table, warn
    from .typeset import document, latex as typeset, ledger
    library = _library(context)
    chosen = library.paper(paper)
    where, equations = folder(out), folder(f"{out}/equations")
    try:
        makers = _figures(context, paper)
    except InputError as missing:       # the rest of the paper goes on
        warn(missing)
        makers = {}
    decided = _decide(library, chosen.claims, jobs, time_limit)
    entries = [describe(claim, chosen, verdict) for claim, verdict in decided]
    write_text(where / "ledger.json", json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    write_text(where / "ledger.tex", ledger(decided, title=chosen.title, names=chosen.notation))
    labels = []
    for label, equation in chosen.equations().items():
        body = typeset(equation, names=chosen.notation, label=f"{paper}:{label}")
        write_text(equations / f"{label}.tex", body + "\n")
        labels.append(label)
    inputs = "\n".join(f"\\input{{equations/{label}}}" for label in labels)
    write_text(where / "equations.tex", document(inputs, chosen.title))
    if makers:
        _draw(makers, folder(f"{out}/figures"))
    table(("id", "verdict", "evidence", "seconds", "reason"), _summary(decided))
    warn(f"{len(decided)} claims, {len(labels)} equations and {len(makers)} figures in {where}")
    crashed = any(verdict.error for _, verdict in decided)
    return int(_compare(library, decided, whole=False) or crashed)


cli.add_command(diagram)
cli.add_command(regimes)


def main(argv=None):
    """Run the command line; returns never, exits with 0, 1 or 2 (130 after an interrupt).

    0: as recorded; 1: something differs or the engine refused; 2: bad usage.
    """
    try:
        sys.exit(cli.main(argv, prog_name="symssl", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(0)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except InputError as error:
        _fail(error, 2)
    except SymsslError as error:
        _fail(error, 1)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:     # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(message, code):
    click.echo("symssl: " + " ".join(str(message).split()), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
