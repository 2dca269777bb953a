"""The commands `latex`, `figure` and `reproduce`: what is written of a paper."""

import json

import click

from ..errors import InputError
from .options import (
    Setting,
    examples,
    jobs_option,
    library_of,
    limit_option,
)
from .papers import _compare, _derive, _summary


@click.command(epilog=examples("latex PAPER", "latex PAPER.eq7", "latex PAPER --model MODEL --set rho=1/4"))
@click.argument("names", nargs=-1, required=True, metavar="ID|PAPER...")
@click.option("--model", "flow", metavar="NAME", help="A flow of the paper instead of all its equations.")
@click.option("--set", "settings", type=Setting(), multiple=True, help="Fix a parameter of the flow.")
@click.pass_context
def latex(context, names, flow, settings):
    """Print derived equations, or the statement of a claim, as LaTeX."""
    from ..typeset.formulas import latex as typeset

    library = library_of(context)
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
    from ..exact.numbers import as_sympy_number

    return paper.model(name).fix({symbol: as_sympy_number(value) for symbol, value in settings})


@click.command(epilog=examples("figure PAPER -o figures", "figure PAPER regimes -o figures"))
@click.argument("paper")
@click.argument("names", nargs=-1)
@click.option("-o", "--out", default=".", show_default=True, metavar="DIR", help="Where to put them.")
@click.pass_context
def figure(context, paper, names, out):
    """Draw figures of a paper as PDF and PNG."""
    from ..support.files import folder

    library = library_of(context)
    library.paper(paper)
    makers = _figures(context, paper, names)
    _draw(makers, folder(out))


def _figures(context, paper, names=()):
    """Name -> function that draws on a figure; `InputError` for names that are not there."""
    from difflib import get_close_matches
    from importlib import import_module

    from ..claims.discovery import FIGURES

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
    from .. import draw
    from ..present.terminal import progress

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


@click.command(epilog=examples("reproduce PAPER -o out"))
@click.argument("paper")
@click.option("-o", "--out", default="out", show_default=True, metavar="DIR", help="Where to put everything.")
@jobs_option
@limit_option("300")
@click.pass_context
def reproduce(context, paper, out, jobs, time_limit):
    """Decide every claim of a paper and write its ledger, equations and figures."""
    from ..present.documents import document, ledger_table
    from ..present.terminal import entry as describe, table, warn
    from ..support.files import folder, write_text
    from ..typeset.formulas import latex as typeset

    library = library_of(context)
    chosen = library.paper(paper)
    where, equations = folder(out), folder(f"{out}/equations")
    try:
        makers = _figures(context, paper)
    except InputError as missing:  # the rest of the paper goes on
        warn(missing)
        makers = {}
    decided = _derive(library, chosen.claims, jobs, time_limit)
    entries = [describe(claim, chosen, verdict) for claim, verdict in decided]
    write_text(where / "ledger.json", json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    write_text(where / "ledger.tex", ledger_table(decided, title=chosen.title, names=chosen.notation))
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
