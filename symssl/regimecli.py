"""Commands that draw regimes: `diagram` and `regimes`.  Everything heavy waits until they run."""

import json
import os
from fractions import Fraction
from math import prod

import click

from .errors import InputError

__all__ = ["diagram", "regimes"]

_MOST = 10**9       # cells that are held in memory


def exact(text):
    """A number such as 3, 0.5 or 1/4, read exactly and never evaluated."""
    try:
        if len(text.lower().partition("e")[2]) > 4:
            raise ValueError
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{text!r} is not a number; write 3, 0.5 or 1/4") from None


class _Assignment(click.ParamType):
    """``name=value`` with `parts` numbers, separated by colons."""

    def __init__(self, parts, shape):
        self.parts, self.name = parts, shape

    def convert(self, value, param, ctx):
        if isinstance(value, tuple):
            return value
        name, sign, text = value.partition("=")
        numbers = text.split(":")
        if not (sign and name) or len(numbers) not in self.parts:
            self.fail(f"{value!r} is not of the form {self.name}", param, ctx)
        return name, tuple(map(exact, numbers))


_RANGE = _Assignment((2,), "name=lower:upper")
_AXIS = _Assignment((3,), "name=lower:upper:points")
_VALUE = _Assignment((1,), "name=number")

_model = click.argument("model")
_more = click.argument("more", nargs=-1, type=_VALUE, metavar="[name=number]...")
_fix = click.option("--fix", "fixed", type=_VALUE, multiple=True, metavar="name=number ...",
                    help="Parameters held fixed; more of them may follow.")
_json = click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
_force = click.option("--force", is_flag=True, help="Overwrite the output file.")


def _output(suffixes):
    return click.option("-o", "--out", metavar="FILE", help=f"Where to write ({', '.join(suffixes)}).")


@click.command(epilog="\b\nExamples:\n  symssl diagram PAPER.MODEL --param rho=0.001:0.5 --fix sigma2=1/4 N=1\n"
                      "  symssl diagram PAPER.MODEL --param rho=0.001:0.5 -o diagram.png")
@_model
@_more
@click.option("--param", "span", type=_RANGE, required=True, help="The parameter and its range.")
@_fix
@click.option("--state", help="The state to draw; the first if not given.")
@_output((".png", ".pdf", ".json"))
@_force
@_json
@click.pass_context
def diagram(context, model, more, span, fixed, state, out, force, as_json):
    """All branches of equilibria of a model in one parameter, with their events.

    MODEL is PAPER.NAME, a flow that a derivation exports; `symssl list` shows the papers.
    """
    from .bifurcation import bifurcation_diagram
    kind = _checked(out, (".png", ".pdf", ".json"), force)
    paper, flow, _ = _flow(context, model)
    name, bounds = span
    state = _state(flow, state)
    found = bifurcation_diagram(flow, name, tuple(map(_double, bounds)), _values(flow, (*fixed, *more)))
    if kind == ".json":
        found.save(out)
    elif kind:
        _draw(out, lambda draw, ax: draw.bifurcation(found, draw.label(ax, *_in_notation(paper, name, state)), state))
    if as_json:
        _out({"model": model, "parameter": name, "complete": found.complete, "note": found.note,
              "branches": [_branch_summary(b) for b in found.branches],
              "events": [_event_summary(e) for e in found.events]})
    else:
        _tell(found, name)


def _branch_summary(branch):
    return {"points": len(branch), "status": branch.status, "parameter": branch.lam.tolist(),
            "states": {s: branch.x[:, k].tolist() for k, s in enumerate(branch.states)},
            "stable": branch.stable.tolist(), "residual": float(branch.residual.max())}


def _event_summary(event):
    return {"label": event.label, "name": event.name, "parameter": event.parameter, "state": list(event.state),
            "multiplicity": event.multiplicity, "enclosure": event.enclosure}


def _tell(found, name):
    from .report import table
    rows = [(e.label, e.name, f"{e.parameter:.15g}", ", ".join(f"{v:.15g}" for v in e.state),
             "" if e.multiplicity is None else e.multiplicity, "proved" if e.enclosure else "located") for e in found.events]
    table(("event", "kind", name, "state", "multiplicity", "bounds"), rows)
    click.echo(f"{len(found.branches)} branches; " + ("complete" if found.complete else f"not proved complete: {found.note}"))


@click.command(epilog="\b\nExamples:\n  symssl regimes PAPER.MODEL --x rho=0.005:0.5:1000 --y N=0.5:2:1000 --fix sigma2=1/4\n"
                      "  symssl regimes PAPER.MODEL --x rho=0.005:0.5:400 --y N=0.5:2:400 -o map.png\n"
                      "  symssl regimes PAPER.MODEL --x rho=0.005:0.5:50000 --y N=0.5:2:50000 -o map.zarr --jobs 2")
@_model
@_more
@click.option("--x", "horizontal", type=_AXIS, required=True, help="The first axis.")
@click.option("--y", "vertical", type=_AXIS, help="The second axis.")
@_fix
@_output((".png", ".pdf", ".nc", ".zarr"))
@click.option("--chunk", type=click.IntRange(min=1), metavar="N", help="Cells along each axis in a chunk of a .zarr store.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", show_default=True,
              help="Worker processes that compute the chunks of a .zarr store.")
@_force
@_json
@click.pass_context
def regimes(context, model, more, horizontal, vertical, fixed, out, chunk, jobs, force, as_json):
    """The regime of every cell of a grid of parameters, certain also at the boundaries.

    A .zarr store is computed chunk by chunk and may be larger than memory; after an
    interrupt the same command continues it.
    """
    axes = _axes(filter(None, (horizontal, vertical)))
    kind = _checked(out, (".png", ".pdf", ".nc", ".zarr"), force, begun=f"{out}.progress")
    if kind in (".png", ".pdf") and len(axes) != 2:
        raise click.BadParameter("a picture needs both --x and --y")
    if kind != ".zarr":
        if chunk or jobs > 1:
            raise click.BadParameter("--chunk and --jobs are for .zarr stores; name one with -o")
        if prod(points for *_, points in axes.values()) > _MOST:
            raise click.BadParameter(f"more than {_MOST:.0e} cells are computed chunk by chunk: write them with -o FILE.zarr")
    paper, flow, label = _flow(context, model)
    values = _values(flow, (*fixed, *more))
    if kind == ".zarr":
        found = _stored(flow, axes, values, out, label, chunk, jobs, force)
    else:
        found = _mapped(flow, axes, values, out, kind, label, _in_notation(paper, *axes))
    cells = found.counts(label)
    if as_json:
        _out({"model": model, "axes": {name: list(spec) for name, spec in axes.items()}, "cells": cells,
              "rechecked": found.rechecked, "seconds": round(found.seconds, 4), "method": found.method})
    else:
        from .report import table
        table(("regime", "cells"), list(cells.items()))
        click.echo(f"{found.rechecked} cells rechecked exactly, {found.seconds:.2f} s")


def _axes(ranges):
    """{name: (lower, upper, points)} with a whole number of points."""
    axes = {}
    for name, (low, high, count) in ranges:
        if count.denominator != 1 or count > _MOST:
            raise click.BadParameter(f"the number of points of {name} must be whole and at most {_MOST:.0e}, got {count}")
        if name in axes:
            raise click.BadParameter(f"{name} is given for both axes")
        axes[name] = (_double(low), _double(high), int(count))
    return axes


def _mapped(flow, axes, values, out, kind, label, names):
    """A map in memory, written as a picture or as netCDF if asked for."""
    from .bifurcation import regime_map
    found = regime_map(flow, axes, values)
    if kind == ".nc":
        from .files import write_path
        try:
            write_path(out, lambda path: found.to_xarray(label).to_netcdf(path, engine="netcdf4"))
        except (ImportError, ValueError) as error:      # xarray without the engine
            raise InputError(f"{out} cannot be written ({error}): pip install 'symssl[scale]'") from None
    elif kind:
        _draw(out, lambda draw, ax: draw.regimes(found, draw.label(ax, *names), label, curves=found.boundaries(label)))
    return found


def _stored(flow, axes, values, out, label, chunk, jobs, force):
    """A map in a Zarr store, computed chunk by chunk."""
    from contextlib import ExitStack

    try:
        from zarr import open_group  # noqa: F401
    except ImportError:
        raise InputError("a .zarr store needs zarr: pip install 'symssl[scale]'") from None
    from .bifurcation import regime_map_to_zarr
    from .report import counting
    if chunk:
        chunk = (chunk,) * len(axes)
    with ExitStack() as stack:
        executor = None
        if jobs > 1:
            from concurrent.futures import ProcessPoolExecutor
            executor = stack.enter_context(ProcessPoolExecutor(jobs))
        progress = stack.enter_context(counting("cells"))
        found = regime_map_to_zarr(flow, axes, out, values, chunk=chunk, executor=executor, overwrite=force,
                                   progress=progress)
    found.describe(label)
    return found


# -- shared pieces -------------------------------------------------------------------------


def _flow(context, model):
    """The paper and the flow that MODEL names, and the label of its regimes."""
    from .claims.discovery import DERIVATIONS, discover
    library = discover((context.obj or (None,))[0] or DERIVATIONS)
    paper, dot, name = model.partition(".")
    if not dot:
        names = library.paper(paper).models
        raise InputError(f"{model} names no flow; write {paper}.{next(iter(names), 'NAME')}")
    paper = library.paper(paper)
    return paper, paper.model(name), paper.regimes.get(name, str)


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
    return {flow._parameter(name): value for name, value in values.items()}


def _checked(out, suffixes, force, begun=None):
    """The suffix of the output file, which must be new, or a store that was `begun` and may be continued."""
    if out is None:
        return None
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in suffixes:
        raise click.BadParameter(f"{out}: choose a name that ends in {', '.join(suffixes)}")
    if os.path.exists(out) and not force and not (suffix == ".zarr" and os.path.exists(begun)):
        raise InputError(f"{out} exists: choose another name, or --force")
    return suffix


def _draw(out, paint):
    from . import draw
    from .files import write_whole
    with draw.style():
        fig = draw.figure()
        paint(draw, fig.add_subplot())
        write_whole(out, lambda file: fig.savefig(file, format=os.path.splitext(out)[1][1:].lower()))


def _in_notation(paper, *names):
    """Symbols in the paper's notation, as mathematics."""
    import sympy as sp
    return [f"${paper.notation.get(name, sp.latex(sp.Symbol(name)))}$" for name in names]


def _out(data):
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))
