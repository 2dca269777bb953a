"""The commands `list`, `summary`, `verify`, `errata`, `cache` and `show`: the claims of papers."""

import click

from .options import (
    examples,
    jobs_option,
    json_option,
    library_of,
    limit_option,
    names_argument,
    no_cache_option,
    print_json,
)


def _catalogue(context, no_cache=False):
    """The claims in words, as far as possible without importing a paper."""
    from ..claims.ledger.cache import Cache
    from ..claims.ledger.catalogue import Catalogue
    from ..claims.ledger.sources import DERIVATIONS
    from ..present.terminal import warn

    catalogue = Catalogue(context.obj[0] or DERIVATIONS, None if no_cache else Cache())
    for name, reason in catalogue.failures.items():
        warn(f"{name} failed to import: {reason}")
    return catalogue


@click.command("list", epilog=examples("list", "list PAPER --json"))
@names_argument
@json_option
@click.pass_context
def list_(context, names, as_json):
    """List claims with their recorded verdicts."""
    from ..claims.ledger.lock import read_lock
    from ..present.terminal import table

    catalogue = _catalogue(context)
    recorded = read_lock(catalogue.folder)
    rows = []
    for row in catalogue.select(names):
        found = recorded.get(row.id, {})
        rows.append(
            {
                "id": row.id,
                "paper": row.paper,
                "kind": row.kind,
                "source": row.source,
                "cite": row.cite,
                "verdict": found.get("verdict", "not recorded"),
                "evidence": found.get("evidence", "none"),
            }
        )
    if as_json:
        print_json(rows)
    else:
        keys = ("id", "kind", "source", "verdict", "evidence", "cite")
        table(keys, [[row[key] for key in keys] for row in rows])
    return int(bool(catalogue.failures))


@click.command(epilog=examples("summary", "summary PAPER --json"))
@names_argument
@json_option
@click.pass_context
def summary(context, names, as_json):
    """Count the recorded verdicts by paper, and say how much is decided and how well."""
    from ..claims.ledger.lock import read_lock, shares, summarised
    from ..present.terminal import table

    catalogue = _catalogue(context)
    rows, recorded = catalogue.select(names), read_lock(catalogue.folder)
    counts, (decided, due, exact) = summarised(rows, recorded), shares(rows, recorded)
    if as_json:
        print_json({"papers": counts, "due": due, "decided": decided, "exact": exact})
        return int(bool(catalogue.failures))
    columns = list(next(iter(counts.values()), {}))
    table(("paper", *columns), [(name, *(count[c] for c in columns)) for name, count in counts.items()])
    click.echo(
        f"\n{_share(decided, due)} of the statements that are no citations or experiments are decided,\n"
        f"{_share(exact, decided)} of these by symbolic, certified or instance evidence."
    )
    return int(bool(catalogue.failures))


def _share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "0 of 0"


@click.command(epilog=examples("verify", "verify PAPER -j 2", "verify PAPER.eq7 --json", "verify --record"))
@names_argument
@json_option
@jobs_option
@limit_option("300")
@no_cache_option
@click.option("--record", "rewrite", is_flag=True, help="Write the verdicts into the ledger's lock file.")
@click.pass_context
def verify(context, names, as_json, jobs, time_limit, no_cache, rewrite):
    """Derive and decide claims; exit 0 if all came out as recorded.

    Verdicts are kept on disk.  One that was reached before by the same engine, from the same
    claim and the same derivation, is not derived again.
    """
    from ..present.terminal import decided as describe, table, warn

    catalogue = _catalogue(context, no_cache)
    rows = catalogue.select(names)
    found = _decided(catalogue, rows, jobs, time_limit)
    if as_json:
        print_json([describe(row, found[row.id]) for row in rows])
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
    from ..claims.ledger.catalogue import derive, recall
    from ..present.terminal import progress, warn

    found, missing = recall(catalogue, rows)
    if missing:
        outcomes = derive(catalogue, missing, jobs=jobs, time_limit=float(time_limit))
        found |= {
            d.id: d for d in progress(outcomes, len(missing), lambda d: f"{d.id}: {d.verdict} ({d.seconds:.1f} s)")
        }
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
    from ..claims.ledger.lock import entry, read_lock, record, remarks

    known = {row.id for row in catalogue.rows}
    if catalogue.failures:
        known |= set(read_lock(catalogue.folder))
    return record(
        catalogue.folder, {row.id: entry(row, found[row.id]) | remarks(row, found[row.id]) for row in rows}, known
    )


def _summary(verdicts):
    for verdict in verdicts:
        why = "; ".join(filter(None, (verdict.witness, verdict.reason)))
        yield verdict.id, verdict.verdict, verdict.evidence, f"{verdict.seconds:.2f}", why


def _compare(library, found, whole):
    """Say what differs from the recorded ledger, for ``id -> (claim, verdict)``; true if anything does."""
    from ..claims.ledger.lock import differences, entry, read_lock
    from ..present.terminal import warn

    recorded = read_lock(library.folder)
    lines = differences(recorded, {claim_id: entry(*pair) for claim_id, pair in found.items()})
    if whole and not library.failures:
        lines += [
            f"{claim_id}: recorded, but there is no such claim" for claim_id in sorted(set(recorded) - set(found))
        ]
    for line in lines:
        warn(line)
    return bool(lines)


@click.command(epilog=examples("errata", "errata PAPER --latex errata.tex", "errata --markdown errata.md"))
@names_argument
@json_option
@click.option("--latex", "latex_file", metavar="FILE", help="Write a LaTeX document that compiles on its own.")
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write Markdown, formulas between dollar signs.")
@click.pass_context
def errata(context, names, as_json, latex_file, markdown_file):
    """Everything that does not hold as printed: place, printed, corrected, witness.

    Taken from the recorded ledger, nothing is derived.  Where the ledger is stale this is
    said, no file is written, and the exit code is 1.
    """
    from ..claims.ledger.catalogue import recall
    from ..claims.ledger.errata import errata as collect
    from ..claims.ledger.lock import read_lock
    from ..present.documents import errata_latex, errata_markdown
    from ..present.terminal import errata as show_errata, warn
    from ..support.files import write_text

    catalogue = _catalogue(context)
    recorded, rows = read_lock(catalogue.folder), catalogue.select(names)
    found, stale = collect(rows, catalogue.rows, recorded, recall(catalogue, rows)[0])
    for line in stale:
        warn(f"the ledger is stale: {line}")
    if as_json:
        print_json([erratum.as_json() for erratum in found])
    elif not (latex_file or markdown_file):
        show_errata(found)
    for file, make in ((latex_file, errata_latex), (markdown_file, errata_markdown)):
        if file and not stale:
            warn(f"{len(found)} errata in {write_text(file, make(found))}")
    if stale:
        warn(
            "record it again with `symssl verify --record`"
            + ("; nothing was written" if latex_file or markdown_file else "")
        )
    return int(bool(stale or catalogue.failures))


@click.command(epilog=examples("cache", "cache --clear"))
@click.option("--clear", is_flag=True, help="Remove everything that is kept.")
@click.option("--info", is_flag=True, help="Say where it is and how much there is; the default.")
@json_option
def cache(clear, info, as_json):
    """The verdicts kept on disk: where they are, how many, or away with them."""
    from ..claims.ledger.cache import Cache

    kept = Cache()
    removed = kept.clear() if clear else None
    found = kept.info() | ({} if removed is None else {"removed": removed})
    if as_json:
        print_json(found)
        return
    if removed is not None:
        click.echo(f"{removed} entries removed")
    if info or removed is None:
        click.echo(
            f"{found['verdicts']} verdicts and {found['catalogues']} catalogues, "
            f"{found['bytes'] / 1e6:.1f} MB in {found['folder']}"
        )


@click.command(epilog=examples("show PAPER.eq7"))
@click.argument("claim_id", metavar="ID")
@click.pass_context
def show(context, claim_id):
    """Explain a claim: its derivation line by line, how each line was checked, and the verdict."""
    from ..claims.checking import attempt, judge
    from ..claims.ledger.lock import read_lock
    from ..claims.lines import assumptions, comparison, explained
    from ..present.terminal import derivation

    library = library_of(context)
    claim, recorded = library.claim(claim_id), read_lock(library.folder)
    related = [("Put right by", other) for other in library.claims if other.corrects == claim_id]
    related += [("Puts right", other) for other in library.claims if other.id == claim.corrects]
    steps, refusal = attempt(claim)
    verdict = judge(claim, steps, refusal)
    derivation(
        claim,
        explained(claim, steps),
        verdict,
        comparison=comparison(claim, verdict),
        symbols=assumptions(claim),
        names=library.papers[library.paper_of(claim_id)].notation,
        companions=[(relation, other, recorded.get(other.id, {}).get("verdict", "")) for relation, other in related],
    )


def _derive(library, claims, jobs, time_limit):
    """``(claim, verdict)`` in library order, with progress on standard error; the cache has no part in it."""
    from ..claims.batch import check_all
    from ..present.terminal import progress

    outcomes = check_all(library, claims, jobs=jobs, time_limit=float(time_limit))
    found = {v.id: v for v in progress(outcomes, len(claims), lambda v: f"{v.id}: {v.verdict} ({v.seconds:.1f} s)")}
    return [(claim, found[claim.id]) for claim in claims]
