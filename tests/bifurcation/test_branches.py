"""Branches and diagrams as results: tables, files, continuation of what was saved."""

import json

import numpy as np
import pytest
from bifurcation_helpers import diagram, identical
from problems import BIFURCATIONS, m, u as x

from symssl import Flow
from symssl.bifurcation import (
    Branch,
    Diagram,
    Settings,
    bifurcation_diagram,
    continue_branch,
    load,
)
from symssl.errors import InputError


def test_save_load_and_restart(tmp_path):
    problem = BIFURCATIONS[0]
    found = diagram(problem, method="continuation")
    found.save(tmp_path / "d.json")
    again = load(tmp_path / "d.json")
    for a, b in zip(found.branches, again.branches):
        assert np.array_equal(a.x, b.x) and np.array_equal(a.lam, b.lam) and a.events == b.events
    json.loads((tmp_path / "d.json").read_text())
    short = continue_branch(problem.flow, m, 1, at=1, bounds=(-1, 1), direction=-1, settings=Settings(points=5))
    assert short.status == "points" and "raise" in short.message
    more = continue_branch(problem.flow, m, short, bounds=(-1, 1))
    assert [e.label for e in more.events] == ["LP"] and more.x[-1, 0] == pytest.approx(-1)


def test_load_what_is_no_diagram(tmp_path):
    (tmp_path / "x.json").write_text('{"branches": [1]}')
    with pytest.raises(InputError, match="no saved diagram"):
        load(tmp_path / "x.json")
    with pytest.raises(InputError, match="no saved branch"):
        Branch.from_dict({"lam": [1]})


def test_data_frame_or_a_clear_word_without_pandas():
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 1))
    try:
        import pandas  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="pandas"):
            branch.to_dataframe()
    else:
        assert list(branch.to_dataframe().columns) == ["m", "u", "unstable", "stable", "residual"]


@pytest.mark.parametrize(
    "problem", [p for p in BIFURCATIONS if p.name in ("fold", "hysteresis", "Lorenz")], ids=lambda p: p.name
)
def test_a_loaded_branch_is_continued_as_the_one_saved(problem, tmp_path):
    start = next(
        b for b in bifurcation_diagram(problem.flow, problem.parameter, problem.bounds, method="continuation").branches
    )
    begin, at = start.x[0], start.lam[0]
    short = continue_branch(
        problem.flow,
        problem.parameter,
        begin,
        at=at,
        bounds=problem.bounds,
        settings=Settings(points=6),
        direction=1 if at == problem.bounds[0] else -1,
    )
    assert short.status == "points"
    again = load(short.save(tmp_path / "b.json"))
    on = [continue_branch(problem.flow, problem.parameter, b, bounds=problem.bounds) for b in (short, again)]
    assert identical(*on) and len(on[0]) > 3 and on[0].status == "bound"
    assert np.array_equal(on[1].x[0], short.x[-1]) or on[1].x[0] == pytest.approx(short.x[-1], abs=1e-12)


def test_tables_of_branches_and_diagrams():
    found = bifurcation_diagram(Flow({x: m * x - x**3}, (m,)), m, (-1, 1))
    table = found.to_dataframe()
    assert list(table.columns) == ["branch", "m", "u", "unstable", "stable", "residual"]
    assert table.groupby("branch").size().tolist() == [len(b) for b in found.branches]
    for number, branch in enumerate(found.branches):
        rows = table[table.branch == number]
        assert np.array_equal(rows.u, branch.x[:, 0]) and np.array_equal(rows.stable, branch.stable)
    (pitchfork,) = found.events_dataframe().to_dict("records")
    assert (pitchfork["label"], pitchfork["name"], pitchfork["m"], pitchfork["u"], pitchfork["proved"]) == (
        "BP",
        "pitchfork",
        0,
        0,
        True,
    )
    assert found.branches[0].events_dataframe().label.tolist() == ["BP"]
    assert len(Diagram(()).to_dataframe()) == len(Diagram(()).events_dataframe()) == 0
