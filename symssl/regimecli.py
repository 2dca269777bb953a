"""Commands that draw regimes: `diagram` and `regimes`.  Everything heavy waits until they run."""

import json
import os
from fractions import Fraction

import click

from .errors import InputError

__all__ = ["diagram", "regimes"]


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
    flow, _ = _flow(context, model)
    name, bounds = span
    kind = _checked(out, (".png", ".pdf", ".json"), force)
    found = bifurcation_diagram(flow, name, tuple(map(float, bounds)), _values(flow, (*fixed, *more)))
    if kind == ".json":
        found.save(out)
    elif kind:
        names = f"${_tex(context, model, name)}$", f"${state or next(iter(flow.states))}$"
        _draw(out, lambda draw, ax: draw.bifurcation(found, draw.label(ax, *names), state))
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
                      "  symssl regimes PAPER.MODEL --x rho=0.005:0.5:400 --y N=0.5:2:400 -o map.png")
@_model
@_more
@click.option("--x", "horizontal", type=_AXIS, required=True, help="The first axis.")
@click.option("--y", "vertical", type=_AXIS, help="The second axis.")
@_fix
@_output((".png", ".pdf", ".nc", ".zarr"))
@_force
@_json
@click.pass_context
def regimes(context, model, more, horizontal, vertical, fixed, out, force, as_json):
    """The regime of every cell of a grid of parameters, certain also at the boundaries."""
    from .bifurcation import regime_map
    flow, label = _flow(context, model)
    axes = {}
    for name, (low, high, count) in filter(None, (horizontal, vertical)):
        if count.denominator != 1:
            raise click.BadParameter(f"the number of points of {name} must be whole, got {count}")
        if name in axes:
            raise click.BadParameter(f"{name} is given for both axes")
        axes[name] = (float(low), float(high), int(count))
    kind = _checked(out, (".png", ".pdf", ".nc", ".zarr"), force)
    found = regime_map(flow, axes, _values(flow, (*fixed, *more)))
    if kind in (".png", ".pdf"):
        if len(axes) != 2:
            raise click.BadParameter("a picture needs both --x and --y")
        names = [f"${_tex(context, model, name)}$" for name in axes]
        _draw(out, lambda draw, ax: draw.regimes(found, draw.label(ax, *names), label, curves=found.boundaries(label)))
    elif kind:
        dataset = found.to_xarray(label)
        dataset.to_netcdf(out) if kind == ".nc" else dataset.to_zarr(out, mode="w")
    cells = found.counts(label)
    if as_json:
        _out({"model": model, "axes": {name: list(spec) for name, spec in axes.items()}, "cells": cells,
              "rechecked": found.rechecked, "seconds": round(found.seconds, 4), "method": found.method})
    else:
        from .report import table
        table(("regime", "cells"), list(cells.items()))
        click.echo(f"{found.rechecked} cells rechecked exactly, {found.seconds:.2f} s")


# -- shared pieces -------------------------------------------------------------------------


def _flow(context, model):
    """The flow that MODEL names, and the label of its regimes."""
    from .claims.discovery import DERIVATIONS, discover
    library = discover((context.obj or (None,))[0] or DERIVATIONS)
    paper, dot, name = model.partition(".")
    if not dot:
        names = library.paper(paper).models
        raise InputError(f"{model} names no flow; write {paper}.{next(iter(names), 'NAME')}")
    paper = library.paper(paper)
    return paper.model(name), paper.regimes.get(name, str)


def _values(flow, settings):
    values = {}
    for name, (value,) in settings:
        if name in values:
            raise click.BadParameter(f"{name} is given twice")
        values[name] = value
    return {flow._parameter(name): value for name, value in values.items()}


def _checked(out, suffixes, force):
    """The suffix of the output file, which must be new."""
    if out is None:
        return None
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in suffixes:
        raise click.BadParameter(f"{out}: choose a name that ends in {', '.join(suffixes)}")
    if os.path.exists(out) and not force:
        raise InputError(f"{out} exists: choose another name, or --force")
    return suffix


def _draw(out, paint):
    from . import draw
    from .files import write_whole
    with draw.style():
        fig = draw.figure()
        paint(draw, fig.add_subplot())
        write_whole(out, lambda file: fig.savefig(file, format=os.path.splitext(out)[1][1:].lower()))


def _tex(context, model, name):
    """A parameter in the paper's notation."""
    from .claims.discovery import DERIVATIONS, discover
    import sympy as sp
    paper = discover((context.obj or (None,))[0] or DERIVATIONS).paper(model.partition(".")[0])
    return paper.notation.get(name, sp.latex(sp.Symbol(name)))


def _out(data):
    click.echo(json.dumps(data, indent=1, ensure_ascii=False))
