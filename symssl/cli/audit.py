"""The commands `audit`: the checker under attack."""

from collections import Counter

import click

from .options import (
    echo,
    examples,
    jobs_option,
    json_option,
    library_of,
    limit_option,
    names_argument,
    print_json,
)

MOST = 6  # changes of each end of a claim in an audit; the whole ledger then takes minutes
_FEW = 40  # claims that are listed one by one in the report of an audit


@click.command(epilog=examples("audit", "audit PAPER --all", "audit PAPER.eq7 --json"))
@names_argument
@json_option
@jobs_option
@limit_option("60")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    metavar="N",
    help="Wrong statements, and changed models, for each claim; taken evenly from the kinds.",
)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.pass_context
def audit(context, names, as_json, jobs, time_limit, most, everything):
    """Attack the checker with wrong statements and changed models; exit 0 if none gets through.

    What is counted as equivalent has been proved to say the same.
    """
    from ..claims.auditing.attack import OUTCOMES, audit_all, tally
    from ..present.terminal import audited, progress, table, warn

    library = library_of(context)
    claims = library.select(names)
    outcomes = audit_all(library, claims, jobs=jobs, time_limit=float(time_limit), most=None if everything else most)
    found = dict(progress(outcomes, len(claims), lambda item: f"{item[0]}: {audited(item[1])}"))
    findings = [finding for claim in claims for finding in found[claim.id]]
    if as_json:
        print_json(
            [
                {"claim": f.claim, "mutation": f.mutation, "kind": f.kind, "outcome": f.outcome, "how": f.how}
                for f in findings
            ]
        )
    else:
        if len(claims) <= _FEW:
            table(("claim", *OUTCOMES), [(claim.id, *_counts(found[claim.id])) for claim in claims])
            echo("")
        kinds = tally(findings)
        table(
            ("change", *OUTCOMES),
            [*((kind, *(count[o] for o in OUTCOMES)) for kind, count in kinds.items()), ("all", *_counts(findings))],
        )
        proofs = Counter(f.how for f in findings if f.outcome == "equivalent")
        if proofs:
            echo("")
            table(("equivalent", "because"), [(number, how) for how, number in proofs.most_common()])
    bad = [f for f in findings if f.outcome in ("survived", "timeout")]
    for finding in bad:
        warn(f"{finding.claim}: {finding.mutation}: {finding.outcome} ({finding.how})")
    return int(bool(bad or library.failures))


def _counts(findings):
    from ..claims.auditing.attack import OUTCOMES

    outcomes = [finding.outcome for finding in findings]
    return [outcomes.count(outcome) for outcome in OUTCOMES]
