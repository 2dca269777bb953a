"""The commands `latex`, `figure` and `reproduce`: what is written of a paper."""

import click

from ..errors import InputError
from .options import (
    NUMBER,
    echo,
    examples,
    jobs_option,
    library_of,
    limit_option,
    no_cache_option,
    verdict_table,
)
from .watching import watched


@click.command(epilog=examples("latex PAPER", "latex PAPER.eq7", "latex PAPER --model MODEL --set rho=1/4"))
@click.argument("names", nargs=-1, required=True, metavar="ID|PAPER...")
@click.option("--model", "flow", metavar="NAME", help="A flow of the paper instead of all its equations.")
@click.option("--set", "settings", type=NUMBER, multiple=True, help="Fix a parameter of the flow.")
@limit_option("300")
@click.pass_context
def latex(context, names, flow, settings, time_limit):
    """Print derived equations, or the statement of a claim, as LaTeX."""
    from ..claims.discovery import model_of
    from ..present.bundle import equations_apart
    from ..typeset.formulas import latex as typeset

    library = library_of(context)
    if settings and not flow:
        raise InputError("--set fixes parameters of a flow: name one with --model")
    for name in names:
        if flow:
            model = _fixed(model_of(library, name, flow, time_limit=float(time_limit)), settings)
            with watched(time_limit, f"typesetting {name}.{flow}", "--time-limit"):
                text = typeset(model, names=library.papers[name].notation)
            echo(text)
        elif name in library.papers:
            equations = equations_apart(library.package, name, float(time_limit))
            if not equations:
                raise InputError(f"the paper {name} exports no equations; name one of its claims")
            echo("\n".join(equations.values()))
        else:
            claim = library.claim(name)
            with watched(time_limit, f"typesetting {name}", "--time-limit"):
                text = typeset(claim, names=library.papers[library.paper_of(name)].notation)
            echo(text)


def _fixed(flow, settings):
    """A flow with some parameters fixed to exact numbers."""
    from ..exact.numbers import as_sympy_number

    return flow.fix({symbol: as_sympy_number(value) for symbol, (value,) in settings})


@click.command(epilog=examples("figure PAPER -o figures", "figure PAPER regimes -o figures"))
@click.argument("paper")
@click.argument("names", nargs=-1)
@click.option("-o", "--out", default=".", show_default=True, metavar="DIR", help="Where to put them.")
@limit_option("300")
@click.pass_context
def figure(context, paper, names, out, time_limit):
    """Draw figures of a paper as PDF and PNG."""
    from ..present.pictures import draw_apart, figure_names
    from ..present.terminal import telling
    from ..support.files import folder

    library_of(context).paper(paper)
    place, limit = context.obj.figures, float(time_limit)
    names = figure_names(paper, place, names, time_limit=limit)
    with telling() as tell:
        draw_apart(paper, place, names, folder(out), time_limit=limit, progress=tell)


@click.command(epilog=examples("reproduce PAPER -o out"))
@click.argument("paper")
@click.option("-o", "--out", default="out", show_default=True, metavar="DIR", help="Where to put everything.")
@jobs_option
@limit_option("300")
@no_cache_option
@click.pass_context
def reproduce(context, paper, out, jobs, time_limit, no_cache):
    """Decide every claim of a paper and write its ledger, equations and figures.

    `symssl.write_paper` does the same in Python.
    """
    from ..present.bundle import write_paper
    from ..present.terminal import telling, warn

    library = library_of(context)
    library.paper(paper)
    with telling() as tell:
        written = write_paper(
            paper,
            out,
            derivations=context.obj.derivations,
            figures=context.obj.figures,
            jobs=jobs,
            time_limit=float(time_limit),
            cache=not no_cache,
            progress=tell,
        )
    verdict_table(written.decided)
    counts = len(written.decided), len(written.equations), len({path.stem for path in written.figures})
    for line in written.notes:
        warn(line)
    warn("{} claims, {} equations and {} figures in {}".format(*counts, written.folder))
    for line in written.differences:
        warn(line)
    for decided in written.crashed:
        warn(f"{decided.id} crashed:\n{decided.error}")
    return int(not written.as_recorded)
