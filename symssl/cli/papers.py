"""The commands `list`, `summary`, `verify`, `errata`, `cache` and `show`: the claims of papers."""

import click

from ..errors import SymsslError
from .options import (
    echo,
    examples,
    import_limit,
    jobs_option,
    json_option,
    library_of,
    limit_option,
    names_argument,
    no_cache_option,
    print_json,
    verdict_table,
)


def _catalogue(context, no_cache=False):
    """The claims in words, as far as possible without importing a paper."""
    from ..claims.ledger.cache import Cache
    from ..claims.ledger.catalogue import Catalogue
    from ..present.terminal import warn

    limit = import_limit(context)
    catalogue = Catalogue(context.obj.derivations, None if no_cache else Cache(), import_limit=limit)
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
    recorded = read_lock(catalogue.lock)
    rows = []
    for row in catalogue.select(names):
        known = recorded.get(row.id, {})
        rows.append(
            {
                "id": row.id,
                "paper": row.paper,
                "kind": row.kind,
                "source": row.source,
                "cite": row.cite,
                "verdict": known.get("verdict", "not recorded"),
                "evidence": known.get("evidence", "none"),
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
    from ..claims.ledger.lock import asked, read_lock, shares, summarised
    from ..present.terminal import table

    catalogue = _catalogue(context)
    rows, recorded = catalogue.select(names), read_lock(catalogue.lock)
    counts, (decided, due, exact) = summarised(rows, recorded), shares(rows, recorded)
    told = asked(rows, recorded)
    if as_json:
        print_json({"papers": counts, "due": due, "decided": decided, "exact": exact, "meaning": told})
        return int(bool(catalogue.failures))
    columns = list(next(iter(counts.values()), {}))
    table(("paper", *columns), [(name, *(count[c] for c in columns)) for name, count in counts.items()])
    echo(
        f"\n{_share(decided, due)} of the statements that are no citations or experiments are decided,\n"
        f"{_share(exact, decided)} of these by symbolic, certified or instance evidence.\n"
        f"{_share(told['sentences'], told['claims'])} of the claims state a sentence that is read as it is decided;\n"
        f"the meaning of {_share(told['enough'], told['meant'])} of these was told at 20 instances or more, "
        f"{told['instances']} in all."
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
    from ..claims.ledger.verification import as_json as as_plain_data, verify as decide
    from ..present.terminal import telling, warn

    catalogue = _catalogue(context, no_cache)
    with telling() as tell:
        verified = decide(catalogue, catalogue.select(names), jobs=jobs, time_limit=float(time_limit), progress=tell)
    for note in verified.notes:
        warn(note)
    if as_json:
        pairs = zip(verified.rows, verified.decided)
        print_json([as_plain_data(row, decided) | {"cached": decided.cached} for row, decided in pairs])
    else:
        verdict_table(verified.decided)
    for decided in verified.crashed:
        warn(f"{decided.id} crashed:\n{decided.error}")
    if rewrite and not verified.crashed:
        warn(f"recorded {len(verified.rows)} verdicts in {verified.record(catalogue)}")
        return int(bool(catalogue.failures))
    for line in verified.differences:
        warn(line)
    return int(bool(verified.differences or verified.crashed or catalogue.failures))


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
    from ..claims.ledger.lock import changed, read_lock
    from ..present.documents import errata_latex, errata_markdown
    from ..present.terminal import errata as show_errata, warn
    from ..support.files import write_text

    catalogue = _catalogue(context)
    recorded, rows = read_lock(catalogue.lock, checked=False), catalogue.select(names)
    errata, stale = collect(rows, catalogue.rows, recorded, recall(catalogue, rows)[0])
    stale = [*stale, *changed(catalogue.lock, [row.id for row in rows])]
    for line in stale:
        warn(f"the ledger is stale: {line}")
    if as_json:
        print_json([erratum.as_json() for erratum in errata])
    elif not (latex_file or markdown_file):
        show_errata(errata)
    for file, make in ((latex_file, errata_latex), (markdown_file, errata_markdown)):
        if file and not stale:
            warn(f"{len(errata)} errata in {write_text(file, make(errata))}")
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
    info_now = kept.info() | ({} if removed is None else {"removed": removed})
    if as_json:
        print_json(info_now)
        return
    if removed is not None:
        echo(f"{removed} entries removed")
    if info or removed is None:
        echo(
            f"{info_now['verdicts']} verdicts and {info_now['catalogues']} catalogues, "
            f"{info_now['bytes'] / 1e6:.1f} MB in {info_now['folder']}"
        )


@click.command(epilog=examples("show PAPER.eq7"))
@click.argument("claim_id", metavar="ID")
@limit_option("300")
@click.pass_context
def show(context, claim_id, time_limit):
    """Explain a claim: its derivation line by line, how each line was checked, and the verdict."""
    from ..present.terminal import explanation, width
    from ..support.streams import results
    from ..support.workers import WorkerFailure, run_one

    library = library_of(context)
    library.claim(claim_id)

    def late(seconds):
        raise SymsslError(f"the derivation of {claim_id} was stopped after {seconds:.0f} s: see --time-limit")

    task = (str(context.obj.derivations), claim_id, dict(library.failures), results().encoding or "", width())
    try:
        echo(run_one(explanation, task, {}, float(time_limit), late).rstrip("\n"))
    except WorkerFailure as failure:
        reason = str(failure).strip().splitlines()[-1]
        raise SymsslError(f"the derivation of {claim_id} crashed: {reason}") from None
