"""The figures of a paper: where they are, and drawing them into files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..claims.places import FIGURES, Place, place_of
from ..errors import InputError
from ..support.suggestions import did_you_mean

__all__ = ["NoFigures", "draw_figures", "figures_of"]

Maker = Callable[[Any], object]


class NoFigures(InputError):
    """A paper has no module of figures."""


def figures_of(
    paper: str, where: str | os.PathLike[str] | Place = FIGURES, names: Iterable[str] = ()
) -> dict[str, Maker]:
    """The functions that draw a paper's figures, by name; those of some names only where these are given.

    Parameters
    ----------
    paper : the paper's name.
    where : the name of a package, the path of a folder with a module for each paper, or that of one file.

    Raises
    ------
    NoFigures
        where there is no module for the paper.
    InputError
        where it fails to import, or has no figure of a name.
    """
    place = place_of(where, "figures")
    module = f"{place.package}.{place.path.stem if place.is_file else paper}"
    try:
        makers = import_module(module).FIGURES
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            raise NoFigures(f"{paper} has no figures: there is no module {paper} in {place.shown}") from None
        raise InputError(_failed(paper, place, error)) from error
    except Exception as error:
        raise InputError(_failed(paper, place, error)) from error
    if not isinstance(makers, Mapping) or not all(map(callable, makers.values())):
        raise InputError(f"the figures of {paper}: FIGURES must map names to functions that draw on a figure")
    for name in names:
        if name not in makers:
            raise InputError(
                f"{paper} has no figure {name!r}" + did_you_mean(name, makers, f"; it has {', '.join(makers)}")
            )
    return {name: makers[name] for name in names or makers}


def _failed(paper: str, place: Place, error: Exception) -> str:
    return f"the figures of {paper} in {place.shown} failed to import: {type(error).__name__}: {error}"


def draw_figures(
    makers: Mapping[str, Maker], folder: Path, progress: Callable[[int, int, str], object] | None = None
) -> tuple[Path, ...]:
    """Draw figures as PDF and PNG into a folder, each with its own style; returns the files.

    `progress` is called as ``progress(done, total, text)`` after each figure.
    """
    from .. import draw

    files: list[Path] = []
    for done, (name, make) in enumerate(makers.items(), 1):
        with draw.style():
            fig = draw.figure()
            make(fig)
            files += map(Path, draw.save(fig, folder / name))
            caption = " ".join(fig.get_supxlabel().split())
        if progress is not None:
            progress(done, len(makers), f"figure {name}" + (f": {caption}" if caption else ""))
    return tuple(files)
