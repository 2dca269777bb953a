"""The figures of a paper: where they are, and drawing them into files."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ..claims.places import FIGURES, Place, place_of
from ..errors import InputError, SymsslError
from ..support.display import words_of
from ..support.modules import imported
from ..support.suggestions import did_you_mean
from ..support.workers import Task, run_tasks

__all__ = ["NoFigures", "draw_apart", "draw_figures", "figure_names", "figures_of"]

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
        makers = imported(module).FIGURES
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
    return f"the figures of {paper} in {place.shown} failed to import: {words_of(error)}"


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


def figure_names(
    paper: str, where: str | os.PathLike[str] | Place = FIGURES, names: Iterable[str] = (), *, time_limit: float
) -> tuple[str, ...]:
    """The names of the figures that `figures_of` gives; their module is imported in a worker process only.

    Raises what `figures_of` raises, and `SymsslError` where the import crashes or takes longer than `time_limit`.
    """
    task = Task("the module of the figures", _names, (paper, place_of(where, "figures"), tuple(names)))
    (named,) = _apart(paper, [task], 1, time_limit)
    found: tuple[str, ...] = named[1]
    return found


def draw_apart(
    paper: str,
    where: str | os.PathLike[str] | Place,
    names: Sequence[str],
    folder: Path,
    *,
    jobs: int | None = None,
    time_limit: float,
    progress: Callable[[int, int, str], object] | None = None,
) -> tuple[Path, ...]:
    """Draw figures of a paper as `draw_figures` does, each as a task of a worker process with a limit of time.

    Raises `SymsslError` where a figure crashes, in whatever way, or overruns.
    """
    place, done = place_of(where, "figures"), dict[str, tuple[Path, ...]]()
    whole = Path(os.path.abspath(folder))  # a worker may be elsewhere after what it has imported
    tasks = [Task(name, _drawn, (paper, place, name, whole), group=(paper,)) for name in names]
    with closing(_apart(paper, tasks, jobs, time_limit)) as drawn:
        for name, (files, text) in drawn:
            done[name] = tuple(folder / file.relative_to(whole) for file in files)
            if progress is not None:
                progress(len(done), len(names), text)
    return tuple(file for name in names for file in done[name])


def _names(paper: str, place: Place, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(figures_of(paper, place, names))


def _drawn(paper: str, place: Place, name: str, folder: Path) -> tuple[tuple[Path, ...], str]:
    """Draw one figure; its files, and what is told of it."""
    told: list[str] = []
    files = draw_figures(figures_of(paper, place, [name]), folder, lambda done, total, text: told.append(text))
    return files, told[0]


def _apart(
    paper: str, tasks: list[Task], jobs: int | None, time_limit: float
) -> Generator[tuple[str, Any], None, None]:
    """(key, value) of tasks in worker processes; the first that fails ends the others."""
    with closing(run_tasks(tasks, jobs=jobs, time_limit=time_limit)) as outcomes:
        for outcome in outcomes:
            what = outcome.key if outcome.key.startswith("the ") else f"the figure {outcome.key}"
            if outcome.late:
                raise SymsslError(f"{what} of {paper} took longer than {time_limit:g} s and was stopped")
            if isinstance(outcome.error, SymsslError):
                raise outcome.error
            if outcome.error is not None:
                reason = getattr(outcome.error, "words", words_of(outcome.error))
                raise SymsslError(f"{what} of {paper} crashed: {reason}") from None
            yield outcome.key, outcome.value
