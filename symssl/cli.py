"""The command line.  Only click is imported here; everything else waits for its command."""

import json
import os
import sys
from collections import Counter
from fractions import Fraction

import click

from .errors import InputError, SymsslError
from .regimecli import diagram, models, regimes
from .simulatecli import simulate

__all__ = ["main"]

_INTERRUPTED = 130
MOST = 6        # changes of each end of a claim in an audit; the whole ledger then takes minutes
_FEW = 40       # claims that are listed one by one in the report of an audit


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
_no_cache = click.option("--no-cache", is_flag=True, help="Derive everything anew; keep nothing.")
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


def _catalogue(context, no_cache=False):
    """The claims in words, as far as possible without importing a paper."""
    from .catalogue import Catalogue
    from .claims.cache import Cache
    from .claims.sources import DERIVATIONS
    from .report import warn
    catalogue = Catalogue(context.obj[0] or DERIVATIONS, None if no_cache else Cache())
    for name, reason in catalogue.failures.items():
        warn(f"{name} failed to import: {reason}")
    return catalogue


@cli.command("list", epilog=_examples("list", "list PAPER --json"))
@_names
@_json
@click.pass_context
def list_(context, names, as_json):
    """List claims with their recorded verdicts."""
    from .claims.ledger import read_lock
    from .report import table
    catalogue = _catalogue(context)
    recorded = read_lock(catalogue.folder)
    rows = []
    for row in catalogue.select(names):
        found = recorded.get(row.id, {})
        rows.append({"id": row.id, "paper": row.paper, "kind": row.kind, "source": row.source, "cite": row.cite,
                     "verdict": found.get("verdict", "not recorded"), "evidence": found.get("evidence", "none")})
    if as_json:
        _out(rows)
    else:
        keys = ("id", "kind", "source", "verdict", "evidence", "cite")
        table(keys, [[row[key] for key in keys] for row in rows])
    return int(bool(catalogue.failures))


@cli.command(epilog=_examples("summary", "summary PAPER --json"))
@_names
@_json
@click.pass_context
def summary(context, names, as_json):
    """Count the recorded verdicts by paper, and say how much is decided and how well."""
    from .claims.ledger import read_lock, shares, summarised
    from .report import table
    catalogue = _catalogue(context)
    rows, recorded = catalogue.select(names), read_lock(catalogue.folder)
    counts, (decided, due, exact) = summarised(rows, recorded), shares(rows, recorded)
    if as_json:
        _out({"papers": counts, "due": due, "decided": decided, "exact": exact})
        return int(bool(catalogue.failures))
    columns = list(next(iter(counts.values()), {}))
    table(("paper", *columns), [(name, *(count[c] for c in columns)) for name, count in counts.items()])
    click.echo(f"\n{_share(decided, due)} of the statements that are no citations or experiments are decided,\n"
               f"{_share(exact, decided)} of these by symbolic, certified or instance evidence.")
    return int(bool(catalogue.failures))


def _share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "0 of 0"


@cli.command(epilog=_examples("verify", "verify PAPER -j 2", "verify PAPER.eq7 --json", "verify --record"))
@_names
@_json
@_jobs
@_limit("300")
@_no_cache
@click.option("--record", "rewrite", is_flag=True, help="Write the verdicts into the ledger's lock file.")
@click.pass_context
def verify(context, names, as_json, jobs, time_limit, no_cache, rewrite):
    """Derive and decide claims; exit 0 if all came out as recorded.

    Verdicts are kept on disk.  One that was reached before by the same engine, from the same
    claim and the same derivation, is not derived again.
    """
    from .report import decided as describe, table, warn
    catalogue = _catalogue(context, no_cache)
    rows = catalogue.select(names)
    found = _decided(catalogue, rows, jobs, time_limit)
    if as_json:
        _out([describe(row, found[row.id]) for row in rows])
    else:
        table(("id", "verdict", "evidence", "seconds", "reason"), _summary(found[row.id] for row in rows))
    crashed = [decided for decided in found.values() if decided.error]
    for decided in crashed:
        warn(f"{decided.id} crashed:\n{decided.error}")
    if rewrite and not crashed:
        path = _record(catalogue, rows, found)
        warn(f"recorded {len(rows)} verdicts in {path}")
        return int(bool(catalogue.failures))
    entries = {row.id: (row, found[row.id]) for row in rows}
    return int(_compare(catalogue, entries, whole=not names) or bool(crashed or catalogue.failures))


def _decided(catalogue, rows, jobs, time_limit):
    """id -> `Decided`; progress and what the cache did on standard error."""
    from .catalogue import derive, recall
    from .report import progress, warn
    found, missing = recall(catalogue, rows)
    if missing:
        outcomes = derive(catalogue, missing, jobs=jobs, time_limit=float(time_limit))
        found |= {d.id: d for d in progress(outcomes, len(missing), lambda d: f"{d.id}: {d.verdict} ({d.seconds:.1f} s)")}
    cache = catalogue.cache
    if cache and len(missing) < len(rows):
        warn(f"{len(rows) - len(missing)} of {len(rows)} verdicts were in the cache")
    if cache and cache.damaged:
        warn(f"{len(cache.damaged)} entries of the cache were damaged and have not been used")
    if cache and cache.trouble:
        warn(f"nothing is kept in the cache: {cache.trouble}")
    return found


def _record(catalogue, rows, found):
    """Write the lock file; the claims of a paper that failed to import are still claims."""
    from .claims.ledger import entry, read_lock, record, remarks
    known = {row.id for row in catalogue.rows}
    if catalogue.failures:
        known |= set(read_lock(catalogue.folder))
    return record(catalogue.folder, {row.id: entry(row, found[row.id]) | remarks(row, found[row.id]) for row in rows}, known)


def _summary(verdicts):
    for verdict in verdicts:
        why = "; ".join(filter(None, (verdict.witness, verdict.reason)))
        yield verdict.id, verdict.verdict, verdict.evidence, f"{verdict.seconds:.2f}", why


def _compare(library, found, whole):
    """Say what differs from the recorded ledger, for ``id -> (claim, verdict)``; true if anything does."""
    from .claims.ledger import differences, entry, read_lock
    from .report import warn
    recorded = read_lock(library.folder)
    lines = differences(recorded, {claim_id: entry(*pair) for claim_id, pair in found.items()})
    if whole and not library.failures:
        lines += [f"{claim_id}: recorded, but there is no such claim" for claim_id in sorted(set(recorded) - set(found))]
    for line in lines:
        warn(line)
    return bool(lines)


@cli.command(epilog=_examples("errata", "errata PAPER --latex errata.tex", "errata --markdown errata.md"))
@_names
@_json
@click.option("--latex", "latex_file", metavar="FILE", help="Write a LaTeX document that compiles on its own.")
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write Markdown, formulas between dollar signs.")
@click.pass_context
def errata(context, names, as_json, latex_file, markdown_file):
    """Everything that does not hold as printed: place, printed, corrected, witness.

    Taken from the recorded ledger, nothing is derived.  Where the ledger is stale this is
    said, no file is written, and the exit code is 1.
    """
    from .catalogue import recall
    from .claims.errata import errata as collect
    from .claims.ledger import read_lock
    from .documents import errata_latex, errata_markdown
    from .files import write_text
    from .report import errata as show_errata, warn
    catalogue = _catalogue(context)
    recorded, rows = read_lock(catalogue.folder), catalogue.select(names)
    found, stale = collect(rows, catalogue.rows, recorded, recall(catalogue, rows)[0])
    for line in stale:
        warn(f"the ledger is stale: {line}")
    if as_json:
        _out([erratum.as_json() for erratum in found])
    elif not (latex_file or markdown_file):
        show_errata(found)
    for file, make in ((latex_file, errata_latex), (markdown_file, errata_markdown)):
        if file and not stale:
            warn(f"{len(found)} errata in {write_text(file, make(found))}")
    if stale:
        warn("record it again with `symssl verify --record`" + ("; nothing was written" if latex_file or markdown_file else ""))
    return int(bool(stale or catalogue.failures))


@cli.command(epilog=_examples("cache", "cache --clear"))
@click.option("--clear", is_flag=True, help="Remove everything that is kept.")
@click.option("--info", is_flag=True, help="Say where it is and how much there is; the default.")
@_json
def cache(clear, info, as_json):
    """The verdicts kept on disk: where they are, how many, or away with them."""
    from .claims.cache import Cache
    kept = Cache()
    removed = kept.clear() if clear else None
    found = kept.info() | ({} if removed is None else {"removed": removed})
    if as_json:
        _out(found)
        return
    if removed is not None:
        click.echo(f"{removed} entries removed")
    if info or removed is None:
        click.echo(f"{found['verdicts']} verdicts and {found['catalogues']} catalogues, "
                   f"{found['bytes'] / 1e6:.1f} MB in {found['folder']}")


@cli.command(epilog=_examples("show PAPER.eq7"))
@click.argument("claim_id", metavar="ID")
@click.pass_context
def show(context, claim_id):
    """Explain a claim: its derivation line by line, how each line was checked, and the verdict."""
    from .claims.checking import attempt, judge
    from .claims.ledger import read_lock
    from .claims.lines import assumptions, comparison, explained
    from .report import derivation
    library = _library(context)
    claim, recorded = library.claim(claim_id), read_lock(library.folder)
    related = [("Put right by", other) for other in library.claims if other.corrects == claim_id]
    related += [("Puts right", other) for other in library.claims if other.id == claim.corrects]
    steps, refusal = attempt(claim)
    verdict = judge(claim, steps, refusal)
    derivation(claim, explained(claim, steps), verdict, comparison=comparison(claim, verdict),
               symbols=assumptions(claim), names=library.papers[library.paper_of(claim_id)].notation,
               companions=[(relation, other, recorded.get(other.id, {}).get("verdict", "")) for relation, other in related])


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
                yield name, draw.save(fig, where / name), fig.get_supxlabel()
    def told(item):
        name, _, caption = item
        return f"figure {name}" + (f": {' '.join(caption.split())}" if caption else "")
    return [paths for _, paths, _ in progress(drawn(), len(makers), told)]


@cli.command(epilog=_examples("audit", "audit PAPER --all", "audit PAPER.eq7 --json"))
@_names
@_json
@_jobs
@_limit("60")
@click.option("--most", type=click.IntRange(min=1), default=MOST, show_default=True, metavar="N",
              help="Wrong statements, and changed models, for each claim; taken evenly from the kinds.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.pass_context
def audit(context, names, as_json, jobs, time_limit, most, everything):
    """Attack the checker with wrong statements and changed models; exit 0 if none gets through.

    What is counted as equivalent has been proved to say the same.
    """
    from .claims.auditing import OUTCOMES, audit_all, tally
    from .report import audited, progress, table, warn
    library = _library(context)
    claims = library.select(names)
    outcomes = audit_all(library, claims, jobs=jobs, time_limit=float(time_limit), most=None if everything else most)
    found = dict(progress(outcomes, len(claims), lambda item: f"{item[0]}: {audited(item[1])}"))
    findings = [finding for claim in claims for finding in found[claim.id]]
    if as_json:
        _out([{"claim": f.claim, "mutation": f.mutation, "kind": f.kind, "outcome": f.outcome, "how": f.how}
              for f in findings])
    else:
        if len(claims) <= _FEW:
            table(("claim", *OUTCOMES), [(claim.id, *_counts(found[claim.id])) for claim in claims])
            click.echo()
        kinds = tally(findings)
        table(("change", *OUTCOMES), [*((kind, *(count[o] for o in OUTCOMES)) for kind, count in kinds.items()),
                                      ("all", *_counts(findings))])
        proofs = Counter(f.how for f in findings if f.outcome == "equivalent")
        if proofs:
            click.echo()
            table(("equivalent", "because"), [(number, how) for how, number in proofs.most_common()])
    bad = [f for f in findings if f.outcome in ("survived", "timeout")]
    for finding in bad:
        warn(f"{finding.claim}: {finding.mutation}: {finding.outcome} ({finding.how})")
    return int(bool(bad or library.failures))


def _counts(findings):
    from .claims.auditing import OUTCOMES
    outcomes = [finding.outcome for finding in findings]
    return [outcomes.count(outcome) for outcome in OUTCOMES]


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
    decided = _derive(library, chosen.claims, jobs, time_limit)
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
    table(("id", "verdict", "evidence", "seconds", "reason"), _summary(verdict for _, verdict in decided))
    warn(f"{len(decided)} claims, {len(labels)} equations and {len(makers)} figures in {where}")
    crashed = any(verdict.error for _, verdict in decided)
    return int(_compare(library, {pair[0].id: pair for pair in decided}, whole=False) or crashed)


def _derive(library, claims, jobs, time_limit):
    """``(claim, verdict)`` in library order, with progress on standard error; the cache has no part in it."""
    from .claims.batch import check_all
    from .report import progress
    outcomes = check_all(library, claims, jobs=jobs, time_limit=float(time_limit))
    found = {v.id: v for v in progress(outcomes, len(claims), lambda v: f"{v.id}: {v.verdict} ({v.seconds:.1f} s)")}
    return [(claim, found[claim.id]) for claim in claims]


cli.add_command(models)
cli.add_command(diagram)
cli.add_command(regimes)
cli.add_command(simulate)


def main(argv=None):
    """Run the command line; returns never, exits with 0, 1 or 2 (130 after an interrupt).

    0: as recorded; 1: something differs or the engine refused; 2: bad usage.
    """
    try:
        code = cli.main(argv, prog_name="symssl", standalone_mode=False) or 0
        sys.stdout.flush()      # a full disk behind it is told here, not by the interpreter on its way out
        sys.exit(code)
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
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _drop_output()
        _fail(f"{error.filename or 'the output'}: {error.strerror or error}", 2)


def _drop_output():
    """What is still buffered for standard output goes nowhere, so that it fails no second time."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:         # standard output is no file
        pass


def _fail(message, code):
    click.echo("symssl: " + " ".join(str(message).split()), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
