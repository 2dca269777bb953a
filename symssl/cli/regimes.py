"""The commands `models`, `diagram` and `regimes`.  Everything heavy waits until they run."""

import os
from difflib import get_close_matches
from functools import cache
from math import prod

import click

from ..errors import InputError
from ..support.arguments import quoted
from ..support.display import words_of
from .options import (
    NUMBER,
    Assignment,
    Seconds,
    echo,
    json_option,
    library_of,
    model_limit,
    more_numbers,
    print_json,
)
from .watching import watched

__all__ = ["diagram", "models", "regimes"]

_MOST = 10**9  # cells that are held in memory
_MOST_POINTS = 10**7  # along one axis
_LISTED = " (`symssl models` lists all)"


_RANGE = Assignment((2,), "name=lower:upper")
_AXIS = Assignment((3,), "name=lower:upper:points")

_model = click.argument("model")
_fix = click.option(
    "--fix",
    "fixed",
    type=NUMBER,
    multiple=True,
    metavar="name=number ...",
    help="Parameters held fixed; more of them may follow.",
)
_budget = click.option(
    "--budget",
    type=Seconds(),
    default="20",
    show_default=True,
    metavar="SECONDS",
    help="For exact methods; where one is stopped, the next takes over and the result says so.",
)
_force = click.option("--force", is_flag=True, help="Overwrite the output file.")


def _output(suffixes):
    return click.option("-o", "--out", metavar="FILE", help=f"Where to write ({', '.join(suffixes)}).")


def _method(*others):
    return click.option(
        "--method",
        type=click.Choice(["auto", *others]),
        default="auto",
        show_default=True,
        help="How to compute; `auto` takes the first that applies.",
    )


@click.command(epilog="\b\nExamples:\n  symssl models\n  symssl models --json")
@json_option
@click.pass_context
def models(context, as_json):
    """The models that `diagram` and `regimes` take, with their states, parameters and right-hand sides."""
    from ..present.terminal import warn

    library, rows = library_of(context), []
    failures = dict(library.failures)
    for paper in library.papers.values():
        for name in paper.models:
            try:
                rows.append(_described(context, library, paper, name))
            except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001 - the other models are shown
                failures[f"{paper.id}.{name}"] = words_of(error)
    for name, reason in failures.items():
        warn(f"{name} failed: {' '.join(reason.split())}")
    if as_json:
        print_json(rows)
    else:
        echo("\n\n".join(map(_in_words, rows)) or "no paper here exports a model: Paper(..., models={name: flow})")
    return int(bool(failures))


def _described(context, library, paper, name):
    flow = _scalar(context, library, paper, name)
    return {
        "model": f"{paper.id}.{name}",
        "states": [x.name for x in flow.states],
        "parameters": [k.name for k in flow.parameters],
        "rhs": {x.name: str(f) for x, f in flow.states.items()},
        "named_regimes": name in paper.regimes,
    }


def _in_words(row):
    heading = f"{row['model']}: parameters {', '.join(row['parameters']) or 'none'}"
    heading += "; its regimes have names" if row["named_regimes"] else ""
    return "\n".join([heading, *(f"  d{x}/dt = {f}" for x, f in row["rhs"].items())])


@click.command(
    epilog="\b\nExamples:\n  symssl diagram PAPER.MODEL --param rho=0.001:0.5 --fix sigma2=1/4 N=1\n"
    "  symssl diagram PAPER.MODEL --param rho=0.001:0.5 -o diagram.png\n"
    "  symssl diagram PAPER.MODEL --param mu=0.1:4 --within u=0:20 --method continuation"
)
@_model
@more_numbers
@click.option("--param", "span", type=_RANGE, required=True, help="The parameter and its range.")
@_fix
@click.option("--state", help="The state to draw; the first if not given.")
@_method("explicit", "continuation")
@click.option(
    "--within",
    "box",
    type=_RANGE,
    multiple=True,
    help="Limits of a state, for fields that are not rational; one for every state.",
)
@_budget
@_output((".png", ".pdf", ".json"))
@_force
@json_option
@click.pass_context
def diagram(context, model, more, span, fixed, state, method, box, budget, out, force, as_json):
    """All branches of equilibria of a model in one parameter, with their events.

    MODEL is PAPER.NAME, a flow that a derivation exports; `symssl models` shows them all.
    """
    from ..bifurcation.diagram import bifurcation_diagram

    kind = _checked(out, (".png", ".pdf", ".json"), force)
    paper, flow, _ = _flow(context, model)
    name, bounds = span
    state = _state(flow, state)
    try:
        found = bifurcation_diagram(
            flow,
            name,
            tuple(map(_double, bounds)),
            _values(flow, (*fixed, *more)),
            within=_box(flow, box),
            method=method,
            budget=float(budget),
        )
    except InputError as error:  # the remedy, as it is written on a command line
        raise InputError(f"{error}: --within name=lower:upper" if "within=" in str(error) else error) from None
    if kind == ".json":
        found.save(out)
    elif kind:
        _draw(out, lambda draw, ax: draw.bifurcation(found, draw.label(ax, *_in_notation(paper, name, state)), state))
    if as_json:
        print_json(
            {
                "model": model,
                "parameter": name,
                "complete": found.complete,
                "note": found.note,
                "branches": [_branch_summary(b) for b in found.branches],
                "events": [_event_summary(e) for e in found.events],
            }
        )
    else:
        _tell(found, name)


def _branch_summary(branch):
    return {
        "points": len(branch),
        "status": branch.status,
        "parameter": branch.lam.tolist(),
        "states": {s: branch.x[:, k].tolist() for k, s in enumerate(branch.states)},
        "stable": branch.stable.tolist(),
        "residual": float(branch.residual.max()),
    }


def _event_summary(event):
    return {
        "label": event.label,
        "name": event.name,
        "parameter": event.parameter,
        "state": list(event.state),
        "multiplicity": event.multiplicity,
        "enclosure": event.enclosure,
    }


def _tell(found, name):
    from ..present.terminal import table

    rows = [
        (
            e.label,
            e.name,
            f"{e.parameter:.15g}",
            ", ".join(f"{v:.15g}" for v in e.state),
            "" if e.multiplicity is None else e.multiplicity,
            "proved" if e.enclosure else "located",
        )
        for e in found.events
    ]
    table(("event", "kind", name, "state", "multiplicity", "bounds"), rows)
    echo(f"{len(found.branches)} branches; " + ("complete" if found.complete else f"not proved complete: {found.note}"))


@click.command(
    epilog="\b\nExamples:\n  symssl regimes PAPER.MODEL --x rho=0.005:0.5:1000 --y N=0.5:2:1000 --fix sigma2=1/4\n"
    "  symssl regimes PAPER.MODEL --x rho=0.005:0.5:400 --y N=0.5:2:400 -o map.png\n"
    "  symssl regimes PAPER.MODEL --x rho=0.005:0.5:50000 --y N=0.5:2:50000 -o map.zarr --jobs 2"
)
@_model
@more_numbers
@click.option("--x", "horizontal", type=_AXIS, required=True, help="The first axis.")
@click.option("--y", "vertical", type=_AXIS, help="The second axis.")
@click.option("--axis", "further", type=_AXIS, multiple=True, help="A further axis; may be given several times.")
@_fix
@_output((".png", ".pdf", ".nc", ".zarr"))
@click.option(
    "--chunk", type=click.IntRange(min=1), metavar="N", help="Cells along each axis in a chunk of a .zarr store."
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    show_default=True,
    help="Worker processes that compute the chunks of a .zarr store.",
)
@_method("discriminant", "sturm")
@_budget
@_force
@json_option
@click.pass_context
def regimes(
    context, model, more, horizontal, vertical, further, fixed, out, chunk, jobs, method, budget, force, as_json
):
    """The regime of every cell of a grid of parameters, certain also at the boundaries.

    MODEL is PAPER.NAME, a flow that a derivation exports; `symssl models` shows them all.

    A .zarr store is computed chunk by chunk and may be larger than memory; after an
    interrupt the same command continues it.
    """
    axes = _axes(filter(None, (horizontal, vertical, *further)))
    kind = _checked(out, (".png", ".pdf", ".nc", ".zarr"), force)
    if kind in (".png", ".pdf") and len(axes) != 2:
        raise click.BadParameter(
            f"a picture needs both --x and --y, and no third axis; there are {len(axes)}: "
            "hold the others with --fix, or write .nc or .zarr"
        )
    if kind != ".zarr":
        if chunk or jobs > 1:
            raise click.BadParameter("--chunk and --jobs are for .zarr stores; name one with -o")
        if prod(points for *_, points in axes.values()) > _MOST:
            raise click.BadParameter(
                f"more than {_MOST:.0e} cells are computed chunk by chunk: write them with -o FILE.zarr"
            )
    paper, flow, label = _flow(context, model)
    label = _within(label, model_limit(context), f"the function that names the regimes of {model}")
    values = _values(flow, (*fixed, *more))
    if kind == ".zarr":
        found = _stored(flow, axes, values, out, label, chunk, jobs, force, method, float(budget))
    else:
        found = _mapped(flow, axes, values, out, kind, label, _in_notation(paper, *axes), method, float(budget))
    cells = found.counts(label)
    if as_json:
        print_json(
            {
                "model": model,
                "axes": {name: list(spec) for name, spec in axes.items()},
                "cells": cells,
                "rechecked": found.rechecked,
                "seconds": round(found.seconds, 4),
                "method": found.method,
            }
        )
    else:
        from ..present.terminal import table

        table(("regime", "cells"), list(cells.items()))
        echo(f"{found.rechecked} cells rechecked exactly, {found.seconds:.2f} s")


def _within(label, limit, what):
    """A paper's function that names regimes, stopped where it takes too long over one of them; asked once for each."""

    @cache
    def name(pattern):
        with watched(limit, what):
            return label(pattern)

    return label if limit is None else name


def _axes(ranges):
    """{name: (lower, upper, points)} with a whole number of points."""
    axes = {}
    for name, (low, high, count) in ranges:
        if count.denominator != 1 or not 2 <= count <= _MOST_POINTS:
            raise click.BadParameter(
                f"the number of points of {quoted(name)} must be whole, at least 2 and at most {_MOST_POINTS:.0e}"
            )
        if name in axes:
            raise click.BadParameter(f"{name} is given for two axes")
        axes[name] = (_double(low), _double(high), int(count))
    return axes


def _mapped(flow, axes, values, out, kind, label, names, method, budget):
    """A map in memory, written as a picture or as netCDF if asked for."""
    from ..bifurcation.regimes import regime_map

    found = regime_map(flow, axes, values, method=method, budget=budget)
    if kind == ".nc":
        _write_netcdf(found.to_xarray(label), out)
    elif kind:
        _draw(out, lambda draw, ax: draw.regimes(found, draw.label(ax, *names), label, curves=found.boundaries(label)))
    return found


def _write_netcdf(data, out):
    from ..support.files import write_path

    try:
        import netCDF4  # noqa: F401
    except ImportError:
        raise InputError("a .nc file needs netCDF4: pip install 'symssl[scale]'") from None

    def write(path):
        try:
            data.to_netcdf(path, engine="netcdf4")
        except RuntimeError as error:  # all that the library says of a full disk
            raise OSError(f"{error} (is the disk full?)") from error

    write_path(out, write)


def _stored(flow, axes, values, out, label, chunk, jobs, force, method, budget):
    """A map in a Zarr store, computed chunk by chunk."""
    try:
        from zarr import open_group  # noqa: F401
    except ImportError:
        raise InputError("a .zarr store needs zarr: pip install 'symssl[scale]'") from None
    from ..bifurcation.zarr_store import regime_map_to_zarr
    from ..present.terminal import counting

    if chunk:
        chunk = (chunk,) * len(axes)
    with counting("cells") as progress:
        try:
            found = regime_map_to_zarr(
                flow,
                axes,
                out,
                values,
                chunk=chunk,
                method=method,
                jobs=jobs if jobs > 1 else None,
                budget=budget,
                overwrite=force,
                progress=progress,
            )
            found.describe(label)
        except InputError as error:  # the remedy, as it is written on a command line
            raise InputError(str(error).replace("or overwrite", "or --force")) from None
        except OSError as error:
            raise InputError(f"cannot write {out}: {error.strerror or error}") from None
    return found


def _flow(context, model):
    """The paper and the flow that MODEL names, and the label of its regimes."""
    library = library_of(context)
    paper, _, name = model.partition(".")
    known = [f"{paper.id}.{name}" for paper in library.papers.values() for name in paper.models]
    if model not in known:
        raise InputError(_no_such_model(library, model, known))
    paper = library.papers[paper]
    return paper, _scalar(context, library, paper, name), paper.regimes.get(name, str)


def _no_such_model(library, model, known):
    """What is said about a MODEL that is not there: the nearest ones, and where all are listed."""
    paper = model.partition(".")[0]
    if paper in library.failures:
        return f"{paper} failed to import: {library.failures[paper]}"
    near = [k for k in known if k.startswith(f"{model}.")] or get_close_matches(model, known, 2)
    if model in library.papers:
        return f"{model} is a paper: " + (f"write {' or '.join(near)}" if near else "it exports no flow") + _LISTED
    return f"no model called {model!r}" + (f": did you mean {' or '.join(near)}?" if near else "") + _LISTED


def _scalar(context, library, paper, name):
    """The flow of that name, which has finitely many states."""
    from ..claims.discovery import model_of
    from ..scalar.flow import Flow

    flow = model_of(library, paper.id, name, time_limit=model_limit(context))
    if not isinstance(flow, Flow):
        raise InputError(
            f"{paper.id}.{name} is a {type(flow).__name__}: only a Flow of finitely many states has a diagram"
        )
    return flow


def _state(flow, name):
    """The name of a state of the flow; of the first if none is given."""
    return next(iter(flow.states)).name if name is None else flow.state(name).name


def _double(number):
    """The double nearest to an exact number."""
    try:
        return float(number)
    except OverflowError:
        raise click.BadParameter("a bound lies beyond the range of doubles") from None


def _values(flow, settings):
    values = {}
    for name, (value,) in settings:
        if name in values:
            raise click.BadParameter(f"{name} is given twice")
        values[name] = value
    return {flow.parameter(name): value for name, value in values.items()}


def _box(flow, limits):
    """{state: (lower, upper)}, or None where no limit is given."""
    box = {}
    for name, (low, high) in limits:
        state = flow.state(name)
        if state in box:
            raise click.BadParameter(f"the limits of {name} are given twice")
        if not low < high:
            raise click.BadParameter(f"the limits of {name} are reversed or equal: {low}, {high}")
        box[state] = low, high
    return box or None


def _checked(out, suffixes, force):
    """The suffix of the output file, which must be new; a store may be begun or finished, which it knows itself."""
    if out is None:
        return None
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in suffixes:
        raise click.BadParameter(f"{out}: choose a name that ends in {', '.join(suffixes)}")
    if os.path.exists(out) and not force and suffix != ".zarr":
        raise InputError(f"{out} exists: choose another name, or --force")
    return suffix


def _draw(out, paint):
    from .. import draw
    from ..support.files import write_whole

    with draw.style():
        fig = draw.figure()
        paint(draw, fig.add_subplot())
        write_whole(out, lambda file: fig.savefig(file, format=os.path.splitext(out)[1][1:].lower()))


def _in_notation(paper, *names):
    """Symbols in the paper's notation, as mathematics."""
    import sympy as sp

    return [f"${paper.notation.get(name, sp.latex(sp.Symbol(name)))}$" for name in names]
